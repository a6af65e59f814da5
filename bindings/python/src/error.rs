//! The core's errors as the exceptions of `libsync.errors`.

use libsync::{
    AcknowledgeError, ApplyError, DecodeError, EditError, ExportError, Found, LineageError,
    LoadError, OpId, Path, PathError, ReadError, RescueError, ReseedError, UnknownDepartures,
};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use crate::content::kind;
use crate::guard::Panicked;
use crate::output;
use crate::version::VersionVector;

/// An error that has an exception.
pub trait Raise: std::fmt::Display + Sized {
    /// The exception, with what the error knows as its attributes.
    fn exception(self, py: Python<'_>) -> Exception<'_>;

    /// The same, to be raised.
    fn raise(self, py: Python<'_>) -> PyErr {
        self.exception(py).into_err()
    }
}

/// An exception in the making: errors on the way are kept, and raised instead of it.
pub struct Exception<'py>(PyResult<Bound<'py, PyAny>>);

impl<'py> Exception<'py> {
    /// An instance of the class of this name in `libsync.errors`.
    pub fn new(py: Python<'py>, class: &str, message: impl std::fmt::Display) -> Self {
        Self(
            py.import("libsync.errors")
                .and_then(|module| module.getattr(class))
                .and_then(|class| class.call1((message.to_string(),))),
        )
    }

    /// Sets an attribute.
    pub fn with(self, name: &str, value: impl IntoPyObjectExt<'py>) -> Self {
        Self(self.0.and_then(|exception| exception.setattr(name, value).map(|()| exception)))
    }

    /// Sets an attribute to an object, unless making it failed.
    fn with_object(self, name: &str, object: PyResult<Bound<'py, PyAny>>) -> Self {
        Self(self.0.and_then(|exception| exception.setattr(name, object?).map(|()| exception)))
    }

    /// Sets the attribute `change` to an `OpId`.
    fn with_change(self, py: Python<'py>, id: OpId) -> Self {
        self.with_object("change", output::op_id(py, id))
    }

    /// Sets the attribute `path` to a JSON Pointer.
    fn with_path(self, path: &Path) -> Self {
        self.with("path", path.to_string())
    }

    /// The exception as pyo3 raises it.
    pub fn into_err(self) -> PyErr {
        self.0.map_or_else(|error| error, PyErr::from_value)
    }
}

impl Raise for Panicked {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        Exception::new(py, "InternalError", self)
    }
}

impl Raise for DecodeError {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        let (reason, offset) = match self {
            Self::Truncated { offset } => ("truncated", Some(offset)),
            Self::TrailingBytes { offset } => ("trailing_bytes", Some(offset)),
            Self::Checksum => ("checksum", None),
            Self::NotCanonical { offset, .. } => ("not_canonical", Some(offset)),
            Self::Unexpected { offset, .. } => ("unexpected", Some(offset)),
            Self::WrongFrame { .. } => ("wrong_frame", None),
            Self::UnsupportedVersion { .. } => ("unsupported_version", None),
            Self::UnknownField { offset, .. } => ("unknown_field", Some(offset)),
            Self::Limit { offset, .. } => ("limit", Some(offset)),
            Self::Inconsistent { offset, .. } => ("inconsistent", Some(offset)),
            _ => ("other", None),
        };
        Exception::new(py, "DecodeError", self).with("reason", reason).with("offset", offset)
    }
}

impl Raise for LineageError {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        let message = self.to_string();
        match self {
            Self::OtherDocument { ours, theirs } => {
                Exception::new(py, "OtherDocumentError", message)
                    .with("ours", output::document(py, ours))
                    .with("theirs", output::document(py, theirs))
            }
            Self::OtherEpoch { ours, theirs } => Exception::new(py, "OtherEpochError", message)
                .with("ours", ours)
                .with("theirs", theirs),
            _ => Exception::new(py, "LineageError", message),
        }
    }
}

impl Raise for LoadError {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        match self {
            Self::Decode(error) => error.exception(py),
            other => Exception::new(py, "LibsyncError", other),
        }
    }
}

impl Raise for UnknownDepartures {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        Exception::new(py, "UnknownDeparturesError", self)
            .with("left_out", self.left_out)
            .with("known", self.known)
    }
}

impl Raise for ApplyError {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        let message = self.to_string();
        match self {
            Self::Decode(error) => error.exception(py),
            Self::Lineage(error) => error.exception(py),
            Self::Departures(error) => error.exception(py),
            Self::InTransaction => Exception::new(py, "InTransactionError", message),
            Self::ReplicaIdReused { id } => {
                Exception::new(py, "ReplicaIdReusedError", message).with_change(py, id)
            }
            Self::BelowPruneFloor { id, floor } => {
                Exception::new(py, "BelowPruneFloorError", message)
                    .with_change(py, id)
                    .with("floor", VersionVector::from(floor))
            }
            Self::InvalidChange { id, reason } => Exception::new(py, "InvalidChangeError", message)
                .with_change(py, id)
                .with("reason", reason),
            Self::AuthorLeft { id } => {
                Exception::new(py, "AuthorLeftError", message).with_change(py, id)
            }
            Self::AuthorEvicted { id } => {
                Exception::new(py, "AuthorEvictedError", message).with_change(py, id)
            }
            Self::NamesEvicted { id, named } => Exception::new(py, "NamesEvictedError", message)
                .with_change(py, id)
                .with_object("named", output::op_id(py, named)),
            Self::StreamBroken => Exception::new(py, "StreamBrokenError", message),
            Self::InboxFull { changes, bytes, max_changes, max_bytes } => {
                Exception::new(py, "InboxFullError", message)
                    .with("changes", changes)
                    .with("bytes", bytes)
                    .with("max_changes", max_changes)
                    .with("max_bytes", max_bytes)
            }
            _ => Exception::new(py, "LibsyncError", message),
        }
    }
}

impl Raise for ExportError {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        let message = self.to_string();
        match self {
            Self::Decode(error) => error.exception(py),
            Self::Lineage(error) => error.exception(py),
            Self::Departures(error) => error.exception(py),
            Self::InTransaction => Exception::new(py, "InTransactionError", message),
            Self::CannotSponsor { replica } => {
                Exception::new(py, "CannotSponsorError", message).with("replica", replica.get())
            }
            Self::BelowPruneFloor { floor } => Exception::new(py, "BelowPruneFloorError", message)
                .with("floor", VersionVector::from(floor)),
            Self::Shallow { start } => Exception::new(py, "ShallowError", message)
                .with("start", VersionVector::from(start)),
            _ => Exception::new(py, "LibsyncError", message),
        }
    }
}

impl Raise for PathError {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        let at = match self {
            Self::BadEscape { at, .. } | Self::EmptyKey { at } => Some(at),
            _ => None,
        };
        Exception::new(py, "PathError", self).with("at", at)
    }
}

impl Raise for ReadError {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        let message = self.to_string();
        match self {
            Self::Path(error) => error.exception(py),
            Self::NotFound { path } => {
                Exception::new(py, "NotFoundError", message).with_path(&path)
            }
            Self::WrongKind { path, expected, found } => {
                let found = match found {
                    Found::Container(found) => kind(py, found),
                    _ => output::VALUE.into_bound_py_any(py),
                };
                Exception::new(py, "WrongKindError", message)
                    .with_path(&path)
                    .with_object("expected", kind(py, expected))
                    .with_object("found", found)
            }
            Self::NotAnIndex { path } => {
                Exception::new(py, "NotAnIndexError", message).with_path(&path)
            }
            _ => Exception::new(py, "LibsyncError", message),
        }
    }
}

impl Raise for EditError {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        let message = self.to_string();
        match self {
            Self::Read(error) => error.exception(py),
            Self::Root => Exception::new(py, "RootError", message),
            Self::OutOfBounds { start, end, len, .. } => {
                Exception::new(py, "OutOfBoundsError", message)
                    .with("start", start)
                    .with("end", end)
                    .with("length", len)
            }
            Self::IndexOutOfBounds { path, index, len } => {
                Exception::new(py, "IndexOutOfBoundsError", message)
                    .with_path(&path)
                    .with("index", index)
                    .with("length", len)
            }
            Self::GrowOnly { path } => {
                Exception::new(py, "GrowOnlyError", message).with_path(&path)
            }
            Self::Overflow { path } => {
                Exception::new(py, "CounterOverflowError", message).with_path(&path)
            }
            Self::TooLong { what, len, limit } => Exception::new(py, "TooLongError", message)
                .with("what", what)
                .with("length", len)
                .with("limit", limit),
            Self::TooDeep { limit } => {
                Exception::new(py, "TooDeepError", message).with("limit", limit)
            }
            Self::InTransaction => Exception::new(py, "InTransactionError", message),
            Self::NoTransaction => Exception::new(py, "NoTransactionError", message),
            Self::Left => Exception::new(py, "LeftError", message),
            Self::Evicted => Exception::new(py, "EvictedError", message),
            Self::NotEvictable { replica, reason } => {
                Exception::new(py, "NotEvictableError", message)
                    .with("replica", replica.get())
                    .with("reason", reason)
            }
            Self::WrittenElsewhere { id } => {
                Exception::new(py, "WrittenElsewhereError", message).with_change(py, id)
            }
            Self::TooManyOperations { limit } => {
                Exception::new(py, "TooManyOperationsError", message).with("limit", limit)
            }
            _ => Exception::new(py, "LibsyncError", message),
        }
    }
}

impl Raise for AcknowledgeError {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        let message = self.to_string();
        match self {
            Self::Decode(error) => error.exception(py),
            Self::Lineage(error) => error.exception(py),
            Self::Departures(error) => error.exception(py),
            Self::InTransaction => Exception::new(py, "InTransactionError", message),
            Self::TooManyHeld { member, limit } => Exception::new(py, "TooManyHeldError", message)
                .with("member", member.get())
                .with("limit", limit),
            _ => Exception::new(py, "LibsyncError", message),
        }
    }
}

impl Raise for RescueError {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        let message = self.to_string();
        match self {
            Self::Load(error) => error.exception(py),
            Self::Lineage(error) => error.exception(py),
            Self::InTransaction => Exception::new(py, "InTransactionError", message),
            Self::ReplicaIdReused { id } => {
                Exception::new(py, "ReplicaIdReusedError", message).with("replica", id.get())
            }
            Self::NotAMember { id } => {
                Exception::new(py, "NotAMemberError", message).with("replica", id.get())
            }
            Self::SnapshotBehind { since } => Exception::new(py, "SnapshotBehindError", message)
                .with("since", VersionVector::from(since)),
            Self::Undecided { known, here } => Exception::new(py, "UndecidedError", message)
                .with("known", known)
                .with("here", here),
            Self::Edit(error) => error.exception(py),
            _ => Exception::new(py, "LibsyncError", message),
        }
    }
}

impl Raise for ReseedError {
    fn exception(self, py: Python<'_>) -> Exception<'_> {
        let message = self.to_string();
        match self {
            Self::InTransaction => Exception::new(py, "InTransactionError", message),
            Self::ReplicaIdReused { id } => {
                Exception::new(py, "ReplicaIdReusedError", message).with("replica", id.get())
            }
            Self::LastEpoch => Exception::new(py, "LastEpochError", message),
            _ => Exception::new(py, "LibsyncError", message),
        }
    }
}
