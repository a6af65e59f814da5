//! What an author says of a change.

/// What goes with a change beside its operations: for people and for history, never for
/// convergence.
///
/// ```
/// use libsync::{Commit, DocumentId, EditError, Replica, ReplicaId};
/// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
/// let commit = Commit::new().at(1_732_194_000_000_000).message("Sign up");
/// replica.transact(commit, |replica| {
///     replica.set("user.name", "Ada")?;
///     replica.add("user.roles", "author")?;
///     Ok::<_, EditError>(())
/// })?;
/// assert_eq!(replica.to_json(), r#"{"user":{"name":"Ada","roles":["author"]}}"#);
/// # Ok::<(), EditError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default, Hash, Debug)]
#[non_exhaustive]
pub struct Commit {
    /// The wall-clock time, in microseconds since 1970-01-01T00:00:00Z, as the host's clock has it.
    pub time: Option<i64>,
    /// What was done, for people.
    pub message: Option<String>,
    /// What made it: a device, a program, a part of one.
    pub origin: Option<String>,
}

impl Commit {
    /// Nothing said.
    pub const fn new() -> Self {
        Self { time: None, message: None, origin: None }
    }

    /// With this wall-clock time, in microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn at(mut self, microseconds: i64) -> Self {
        self.time = Some(microseconds);
        self
    }

    /// With this message.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// With this origin.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::new()
    }

    /// How many bytes it takes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.message.as_ref().map_or(0, String::capacity)
            + self.origin.as_ref().map_or(0, String::capacity)
    }
}
