//! Identities: of a document, of a replica, of one operation.

use std::fmt;

/// The identity of a document: 128 random bits that the host draws once, when the document is born.
///
/// Every frame carries it, so that bytes of another document are refused instead of merged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId([u8; 16]);

impl DocumentId {
    /// The identity with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, as they travel.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentId({self})")
    }
}

/// The identity of a replica: 64 bits, unique among all replicas of a document that ever wrote.
///
/// Draw it from the operating system's randomness. Two replicas that write under one identity
/// fork the history; this is detected where their changes meet, and refused, unless one of them
/// has been pruned by then.
///
/// ```
/// use libsync::ReplicaId;
/// let edge = ReplicaId::from_name("edge_001");
/// assert_eq!(edge, ReplicaId::from_name("edge_001"));
/// assert_ne!(edge, ReplicaId::from_name("edge_002"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaId(u64);

impl ReplicaId {
    /// The identity with this number.
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// An identity made from a name by hashing it (FNV-1a, 64 bits), the same on every platform.
    ///
    /// For hosts whose replicas have unique names already. Two names collide with a probability
    /// of about n²/2⁶⁵ among n names.
    pub const fn from_name(name: &str) -> Self {
        let bytes = name.as_bytes();
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut i = 0;
        while i < bytes.len() {
            hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            i += 1;
        }
        Self(hash)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The identity of one operation: the replica that wrote it, and how many it had written before.
///
/// Counters are contiguous per replica, from 0. An insertion or deletion of n characters takes n
/// of them, every other operation one. Ordered by replica, then counter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId {
    /// Who wrote it.
    pub replica: ReplicaId,
    /// The number of operations that the same replica had written before.
    pub counter: u64,
}

impl OpId {
    /// The identity of `replica`'s operation number `counter`.
    pub const fn new(replica: ReplicaId, counter: u64) -> Self {
        Self { replica, counter }
    }

    /// The identity `n` operations later by the same replica.
    pub(crate) const fn plus(self, n: u64) -> Self {
        Self { replica: self.replica, counter: self.counter + n }
    }
}

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.counter, self.replica)
    }
}

impl fmt::Debug for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A run of operation identities of one replica: `len` of them, from `start` on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct IdSpan {
    /// The first identity.
    pub(crate) start: OpId,
    /// How many, at least 1.
    pub(crate) len: u64,
}

impl IdSpan {
    /// The `len` identities from `start` on.
    pub(crate) const fn new(start: OpId, len: u64) -> Self {
        Self { start, len }
    }

    /// Parts it behind the first `len`, which are fewer than all and more than none.
    pub(crate) const fn split_at(self, len: u64) -> (Self, Self) {
        (Self::new(self.start, len), Self::new(self.start.plus(len), self.len - len))
    }

    /// Whether they have an identity in common.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.start.replica == other.start.replica
            && self.start.counter < other.end()
            && other.start.counter < self.end()
    }

    /// The counter behind the last one.
    pub(crate) const fn end(&self) -> u64 {
        self.start.counter + self.len
    }
}
