//! What a host may set.

use crate::codec::frame::Form;
use crate::error::{DecodeError, EditError};
use crate::value::Value;

/// How many keys deep a document may be nested.
pub const MAX_DEPTH: usize = 128;

/// The limits of a replica.
///
/// ```
/// let mut options = libsync::Options::default();
/// options.max_inbox_changes = 1_000;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Options {
    /// How many changes may wait for what they depend on; by default 100,000.
    pub max_inbox_changes: usize,
    /// How many bytes of memory these may take; by default 64 MiB.
    pub max_inbox_bytes: usize,
    /// How many bytes a frame may have that is applied or loaded, and its body if that is
    /// compressed; by default 1 GiB.
    pub max_frame_bytes: usize,
    /// How many keys deep this replica may write; by default, and at the most, [`MAX_DEPTH`]. What
    /// others write up to that is always taken.
    pub max_depth: usize,
    /// How many bytes a key may have that this replica writes; by default 64 KiB.
    pub max_key_bytes: usize,
    /// How many events may wait for a subscriber to take them; by default 10,000. Beyond that they
    /// are dropped, and it has to start anew: [`EventError::Lagged`](crate::EventError::Lagged).
    pub max_pending_events: usize,
    /// How many bytes of memory these may take, besides the one that is taken next; by default
    /// 64 MiB.
    pub max_pending_bytes: usize,
    /// How many bytes a string or byte value may have that this replica writes; by default 64 MiB.
    pub max_value_bytes: usize,
    /// Whether what [history](crate::Replica::at) needs of pruned changes is kept: the document as
    /// it was at the prune floor. It takes about as much memory again as the document does, but for
    /// the log. By default it is not, and history begins anew when the replica prunes.
    pub keep_history: bool,
    /// When what all members know to be known to all is removed; by default by itself.
    pub pruning: Pruning,
}

/// When a replica removes what no operation still to come can name.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum Pruning {
    /// By itself, as it applies acknowledgements: a bounded part in each call, whatever there is to
    /// remove, and the rest in the calls that follow.
    #[default]
    Automatic,
    /// When the host calls [`prune`](crate::Replica::prune) or
    /// [`prune_if`](crate::Replica::prune_if).
    Manual,
}

/// When [`Replica::prune_if`](crate::Replica::prune_if) prunes, and how much in one call.
///
/// ```
/// use libsync::{DocumentId, PrunePolicy, Replica, ReplicaId, Unit};
/// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
/// replica.insert_text("notes", Unit::Scalar, 0, "Ahoy")?;
/// replica.delete_text("notes", Unit::Scalar, 0, 4)?;
/// let policy = PrunePolicy::new().least_operations(1_000);
/// assert!(replica.prune_if(policy).is_none());
/// assert_eq!(replica.prune_if(policy.least_operations(5)).unwrap().nodes, 4);
/// # Ok::<(), libsync::EditError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct PrunePolicy {
    /// How many of the nodes of texts and lists have to be tombstones, as a share: from 0 to 1.
    pub least_tombstones: f64,
    /// How many operations have to lie within the prune cut that are not pruned yet.
    pub least_operations: u64,
    /// How many spans are touched at the most, about: what is left is for the next call. The default,
    /// 4096, takes some milliseconds.
    pub most_work: u64,
}

impl Default for PrunePolicy {
    fn default() -> Self {
        Self { least_tombstones: 0.0, least_operations: 1, most_work: Self::WORK }
    }
}

impl PrunePolicy {
    /// What is done of itself in one call.
    pub(crate) const WORK: u64 = 4096;

    /// Prunes a bounded part whenever there is anything to prune.
    pub fn new() -> Self {
        Self::default()
    }

    /// See [`least_tombstones`](Self::least_tombstones).
    #[must_use]
    pub const fn least_tombstones(self, least_tombstones: f64) -> Self {
        Self { least_tombstones, ..self }
    }

    /// See [`least_operations`](Self::least_operations).
    #[must_use]
    pub const fn least_operations(self, least_operations: u64) -> Self {
        Self { least_operations, ..self }
    }

    /// See [`most_work`](Self::most_work).
    #[must_use]
    pub const fn most_work(self, most_work: u64) -> Self {
        Self { most_work, ..self }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_inbox_changes: 100_000,
            max_inbox_bytes: 64 << 20,
            max_frame_bytes: 1 << 30,
            max_depth: MAX_DEPTH,
            max_key_bytes: 64 << 10,
            max_pending_events: 10_000,
            max_pending_bytes: 64 << 20,
            max_value_bytes: 64 << 20,
            keep_history: false,
            pruning: Pruning::Automatic,
        }
    }
}

impl Options {
    /// Checks how many bytes a frame has.
    pub(crate) fn check_frame(&self, bytes: &[u8]) -> Result<(), DecodeError> {
        if bytes.len() > self.max_frame_bytes {
            let (what, limit) = ("bytes in a frame", self.max_frame_bytes as u64);
            return Err(DecodeError::Limit { offset: self.max_frame_bytes, what, limit });
        }
        Ok(())
    }

    /// Checks what this replica is about to write into a register or a set.
    pub(crate) fn check_value(&self, value: &Value) -> Result<(), EditError> {
        let len = match value {
            Value::String(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            _ => return Ok(()),
        };
        check_len("value", len, self.max_value_bytes)
    }

    /// Checks a key under which this replica is about to write.
    pub(crate) fn check_key(&self, key: &str) -> Result<(), EditError> {
        check_len("key", key.len(), self.max_key_bytes)
    }
}

/// How a document is [saved](crate::Replica::save_with).
///
/// ```
/// use libsync::{DocumentId, Replica, ReplicaId, SaveOptions, Unit};
/// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
/// replica.insert_text("notes", Unit::Scalar, 0, &"Ahoy! ".repeat(20))?;
/// let saved = replica.save_with(SaveOptions::new().compressed());
/// assert!(saved.len() < replica.save().len());
/// let loaded = Replica::load(&saved, ReplicaId::new(1))?;
/// assert_eq!(loaded.to_json(), replica.to_json());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct SaveOptions {
    form: Form,
    shallow: bool,
}

impl SaveOptions {
    /// As [`Replica::save`](crate::Replica::save) does it: quick, and quick to load.
    pub const fn new() -> Self {
        Self { form: Form::Plain, shallow: false }
    }

    /// The state alone: no changes, nothing that waits, and nothing that others have acknowledged. A
    /// replica that is loaded from it takes whatever others send, and can send what it is sent; what
    /// was before it can't tell, neither others ([`ExportError::Shallow`](crate::ExportError::Shallow))
    /// nor as history ([`HistoryError::Shallow`](crate::HistoryError::Shallow)).
    ///
    /// Replicas at the same version and cuts save the same bytes. So what lies within the floor is
    /// left out of [clocks](crate::Replica::clock), as it may have been forgotten by some.
    #[must_use]
    pub const fn shallow(mut self) -> Self {
        self.shallow = true;
        self
    }

    /// In as few bytes as can be, which takes longer, to save and to load: compressed (DEFLATE);
    /// and while nothing has been pruned, without the state, as that follows from the changes.
    #[must_use]
    pub const fn compressed(mut self) -> Self {
        self.form = Form::Compressed;
        self
    }

    pub(crate) const fn form(self) -> Form {
        self.form
    }

    pub(crate) const fn is_shallow(self) -> bool {
        self.shallow
    }
}

/// How changes are [exported](crate::Replica::export_with).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ExportOptions {
    form: Form,
}

impl ExportOptions {
    /// As [`Replica::export`](crate::Replica::export) does it.
    pub const fn new() -> Self {
        Self { form: Form::Plain }
    }

    /// Compressed (DEFLATE): for a long history over a thin line. A few changes do not get
    /// shorter by it.
    #[must_use]
    pub const fn compressed(self) -> Self {
        Self { form: Form::Compressed }
    }

    pub(crate) const fn form(self) -> Form {
        self.form
    }
}

fn check_len(what: &'static str, len: usize, limit: usize) -> Result<(), EditError> {
    if len > limit { Err(EditError::TooLong { what, len, limit }) } else { Ok(()) }
}
