//! JSON: the [canonical] form of the document, and what comes as JSON from outside.
//!
//! - [`read`]: text to a [`tree`], within bounds; [`classes`]: which parts of trees are equal.
//! - [`matching`]: what two sequences have in common; [`align`], with [`similar`]: which item of a
//!   list became which; [`steps`]: what makes the one list of the other; [`text`]: what was edited
//!   in a text.
//! - [`patch`] and [`merge`]: JSON Patch and JSON Merge Patch, of values alone.
//!   [`event`]: what has changed in the document, as a JSON Patch.
//!
//! Nothing here knows the document: `replica::import` and `replica::patch` do to it what is planned
//! here.

pub(crate) mod align;
mod canonical;
pub(crate) mod classes;
mod error;
pub(crate) mod event;
mod matching;
pub(crate) mod merge;
mod options;
pub(crate) mod patch;
mod read;
mod similar;
pub(crate) mod steps;
pub(crate) mod text;
pub(crate) mod tree;

pub(crate) use canonical::{write_string, write_value};
pub use error::{ImportError, JsonError, MergePatchError, OperationError, PatchError};
pub use merge::merge_patch;
pub use options::{ImportOptions, ImportReport};
pub use patch::json_patch;
pub(crate) use read::read;
pub(crate) use tree::{Shape, Tree};
