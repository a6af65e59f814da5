//! **libsync**: a CRDT core for state that is edited offline and in many places at once.
//!
//! Every host holds a [`Replica`] of a document, edits it without asking anyone, and exchanges
//! changes with others as bytes, by whatever means it has. Replicas that have applied the same
//! changes are equal, whatever the order, delay or duplication in which these arrived. What was
//! deleted, and is known to be by all members, is [pruned](Replica::prune).
//!
//! The core does no I/O, reads no clock, starts no thread and draws no random numbers: the host
//! supplies identities, and moves the bytes.
//!
//! `docs/semantics.md` says what concurrent edits lead to, `docs/wire-format.md` what the bytes
//! are, `ARCHITECTURE.md` how the parts fit together.

#![forbid(unsafe_code)]

mod agreement;
mod ascending;
mod change;
mod codec;
mod commit;
mod container;
mod cursor;
mod departed;
mod error;
mod event;
mod id;
mod inbox;
mod json;
mod log;
mod membership;
mod op;
mod options;
mod path;
mod presence;
mod redaction;
mod relief;
mod replica;
mod report;
mod stability;
mod state;
mod undo;
mod value;
mod varint;
mod version;

#[cfg(test)]
mod simulation;

pub use commit::Commit;
pub use cursor::{Cursor, CursorError, CursorRange, Lean, LineColumn, Resolved, ResolvedRange};
pub use departed::{Departed, Evicted};
pub use error::{
    AcknowledgeError, ApplyError, DecodeError, EditError, ExportError, Found, LineageError,
    LoadError, ReadError,
};
pub use event::{
    Delta, Diff, Event, EventError, KeyDelta, ListDelta, Origin, Subscription, TextDelta,
};
pub use id::{DocumentId, OpId, ReplicaId};
pub use json::{
    ImportError, ImportOptions, ImportReport, JsonError, MergePatchError, OperationError,
    PatchError, json_patch, merge_patch,
};
pub use membership::UnknownDepartures;
pub use options::{ExportOptions, MAX_DEPTH, Options, PrunePolicy, Pruning, SaveOptions};
pub use path::{Path, PathError, Segment, ToPath};
pub use presence::{Presence, PresenceError, PresenceEvent, PresenceOptions, PresenceState};
pub use redaction::PendingRedaction;
pub use replica::{
    HistoryError, Offer, Past, Receiver, Replica, RescueError, RescueOptions, RescueOutcome,
    RescueReport, Rescued, RescuedEdit, ReseedError, Sender, UnknownChanges,
};
pub use report::{
    Acknowledged, Applied, ChangeInfo, Conflict, Holdback, Member, MemoryUse, Node, PruneReport,
    Relief,
};
pub use undo::{UndoError, UndoItem, UndoOptions, Undone};
pub use value::{Content, Kind, Unit, Value};
pub use version::{Causality, Frontier, VersionVector};
