//! Identities of operations, and versions: how many operations of each replica.

/// So many replicas there can be in a world.
pub const REPLICAS: usize = 4;

/// The operation of that number, from 0, of a replica.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// Whose it is.
    pub replica: u8,
    /// How many that replica wrote before.
    pub counter: u8,
}

impl Id {
    /// What stands for the root of the tree, which nobody wrote.
    pub const ROOT: Self = Self { replica: u8::MAX, counter: 0 };
}

impl std::fmt::Debug for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::ROOT => write!(f, "root"),
            Self { replica, counter } => write!(f, "{}{counter}", letter(replica)),
        }
    }
}

/// How a replica is called in what is printed.
pub(crate) fn letter(replica: u8) -> char {
    char::from(b'A' + replica)
}

/// How many operations of each replica.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Version(pub [u8; REPLICAS]);

impl Version {
    /// How many of a replica.
    pub fn get(self, replica: u8) -> u8 {
        self.0[usize::from(replica)]
    }

    /// Whether an operation is within.
    pub fn contains(self, id: Id) -> bool {
        id.counter < self.get(id.replica)
    }

    /// Whether all of another one is within.
    pub fn covers(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(&own, other)| own >= other)
    }

    /// What is within either.
    pub fn join(self, other: Self) -> Self {
        self.zip(other, u8::max)
    }

    /// What is within both.
    pub fn meet(self, other: Self) -> Self {
        self.zip(other, u8::min)
    }

    fn zip(mut self, other: Self, of: impl Fn(u8, u8) -> u8) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own = of(*own, other));
        self
    }
}

impl std::fmt::Debug for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entries = (0..).zip(self.0).filter(|&(_, count)| count > 0);
        let entries: Vec<String> =
            entries.map(|(replica, count)| format!("{}:{count}", letter(replica))).collect();
        write!(f, "{{{}}}", entries.join(" "))
    }
}
