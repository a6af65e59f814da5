//! What can be wrong with JSON that comes from outside, and with patches.

use thiserror::Error;

use crate::error::{EditError, ReadError};
use crate::path::{Path, PathError};

/// Why text is not taken as JSON.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum JsonError {
    /// It is not JSON (RFC 8259).
    #[error("byte {at} of the JSON: expected {expected}")]
    Syntax {
        /// Where, in bytes.
        at: usize,
        /// What would be right there.
        expected: &'static str,
    },
    /// An object has a key twice: readers would not agree on what it says.
    #[error("the object at byte {at} of the JSON has the key `{key}` twice: name each once")]
    DuplicateKey {
        /// Where the object starts, in bytes.
        at: usize,
        /// The key.
        key: String,
    },
    /// Nested deeper than a document can be.
    #[error("byte {at} of the JSON: nested deeper than {limit} keys")]
    TooDeep {
        /// Where, in bytes.
        at: usize,
        /// The depth that is allowed, see [`MAX_DEPTH`](crate::MAX_DEPTH).
        limit: usize,
    },
    /// A number beyond those that a document has.
    #[error(
        "the number at byte {at} of the JSON is neither an integer of 64 bits nor a float: write it as a string, or with fewer digits and an exponent"
    )]
    Number {
        /// Where, in bytes.
        at: usize,
    },
}

/// Why JSON was not imported, or a merge patch not applied. The replica is unchanged.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The text is no JSON that can be taken.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// An edit that is needed for it can't be made.
    #[error(transparent)]
    Edit(#[from] EditError),
}

impl From<PathError> for ImportError {
    fn from(error: PathError) -> Self {
        Self::Edit(error.into())
    }
}

impl From<ReadError> for ImportError {
    fn from(error: ReadError) -> Self {
        Self::Edit(error.into())
    }
}

/// Why a JSON Patch was not applied. The replica is unchanged: none of its operations was.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum PatchError {
    /// The text is no JSON that can be taken.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// It is JSON, but no list.
    #[error("a JSON Patch is an array of operations")]
    NotAnArray,
    /// An operation can't be carried out.
    #[error("operation {index} of the patch: {error}")]
    Operation {
        /// Which one, counted from 0.
        index: usize,
        /// Why not.
        #[source]
        error: OperationError,
    },
    /// No edit can be made at all, or the path that the patch is for can't be read.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Why an operation of a JSON Patch can't be carried out.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum OperationError {
    /// It is not an object.
    #[error("it is not an object")]
    NotAnObject,
    /// It lacks a member.
    #[error("it has no `{member}`")]
    Missing {
        /// The member.
        member: &'static str,
    },
    /// What has to be a string is something else.
    #[error("its `{member}` is not a string")]
    NotAString {
        /// The member.
        member: &'static str,
    },
    /// No operation of RFC 6902.
    #[error("there is no operation `{op}`: it is one of add, remove, replace, move, copy, test")]
    Unknown {
        /// What it says it is.
        op: String,
    },
    /// What has to be a JSON Pointer (RFC 6901) is none.
    #[error(
        "its `{member}` is no JSON Pointer: that is empty or starts with `/`, and has `~` only as `~0` or `~1`"
    )]
    Pointer {
        /// The member.
        member: &'static str,
    },
    /// Nothing is where it needs something to be.
    #[error("there is nothing at `{path}`")]
    NotFound {
        /// Where.
        path: Path,
    },
    /// Something would become a part of itself.
    #[error("`{path}` is within what is moved there")]
    IntoItself {
        /// Where it would be moved.
        path: Path,
    },
    /// An object or an array is to be an element of a set.
    #[error("`{path}` is in a set, which has values alone")]
    NotAnElement {
        /// Where.
        path: Path,
    },
    /// A test has failed.
    #[error("what is at `{path}` is not what the test expects")]
    TestFailed {
        /// Where.
        path: Path,
    },
    /// The edit can't be made.
    #[error(transparent)]
    Edit(#[from] EditError),
}

impl From<ReadError> for OperationError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotFound { path } => Self::NotFound { path },
            other => Self::Edit(other.into()),
        }
    }
}

/// Why there is no merge patch from one value to another.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum MergePatchError {
    /// One of the texts is no JSON that can be taken.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A member of an object is to become null, which in a merge patch means that it is removed.
    #[error("a merge patch can't say that `{path}` becomes null: use a JSON Patch")]
    Null {
        /// Which member.
        path: Path,
    },
}
