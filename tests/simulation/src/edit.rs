//! Edits as data: what a host asks a replica to do.

use libsync::{Content, EditError, Kind, Replica, Unit, Value};

use crate::step::{Field, kind_name, unit_name};

/// One edit; paths are JSON Pointers.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "named as the arguments of the calls of the same names")]
pub enum Edit {
    Set { path: String, value: Value },
    Create { path: String, kind: Kind },
    Remove { path: String },
    RemoveWins { path: String },
    InsertText { path: String, unit: Unit, position: usize, text: String },
    DeleteText { path: String, unit: Unit, position: usize, len: usize },
    InsertItems { path: String, index: usize, contents: Vec<Content> },
    DeleteItems { path: String, index: usize, len: usize },
    MoveItem { path: String, from: usize, to: usize },
    Increment { path: String, delta: i64 },
    Add { path: String, value: Value },
    Discard { path: String, value: Value },
}

impl Edit {
    /// Where.
    pub fn path(&self) -> &str {
        match self {
            Self::Set { path, .. }
            | Self::Create { path, .. }
            | Self::Remove { path }
            | Self::RemoveWins { path }
            | Self::InsertText { path, .. }
            | Self::DeleteText { path, .. }
            | Self::InsertItems { path, .. }
            | Self::DeleteItems { path, .. }
            | Self::MoveItem { path, .. }
            | Self::Increment { path, .. }
            | Self::Add { path, .. }
            | Self::Discard { path, .. } => path,
        }
    }

    /// Makes it; gives what the call says, of those that say anything.
    ///
    /// # Errors
    /// That of the call.
    pub fn make(&self, replica: &mut Replica) -> Result<Option<bool>, EditError> {
        let path = self.path();
        match self {
            Self::Set { value, .. } => replica.set(path, value.clone()).map(|()| None),
            Self::Create { kind, .. } => replica.create(path, *kind).map(|()| None),
            Self::Remove { .. } => replica.remove(path).map(Some),
            Self::RemoveWins { .. } => replica.remove_wins(path).map(Some),
            Self::InsertText { unit, position, text, .. } => {
                replica.insert_text(path, *unit, *position, text).map(|()| None)
            }
            Self::DeleteText { unit, position, len, .. } => {
                replica.delete_text(path, *unit, *position, *len).map(|()| None)
            }
            Self::InsertItems { index, contents, .. } => {
                replica.insert_items(path, *index, contents.clone()).map(|()| None)
            }
            Self::DeleteItems { index, len, .. } => {
                replica.delete_items(path, *index, *len).map(|()| None)
            }
            Self::MoveItem { from, to, .. } => replica.move_item(path, *from, *to).map(|()| None),
            Self::Increment { delta, .. } => replica.increment(path, *delta).map(|()| None),
            Self::Add { value, .. } => replica.add(path, value.clone()).map(Some),
            Self::Discard { value, .. } => replica.discard(path, value).map(Some),
        }
    }

    /// The name of the step that records it, and its arguments behind the path.
    pub(crate) fn described(&self) -> (&'static str, Vec<(&'static str, Field)>) {
        let number = |number: usize| Field::Number(number as i64);
        match self {
            Self::Set { value, .. } => ("set", vec![("value", Field::Value(value.clone()))]),
            Self::Create { kind, .. } => ("create", vec![("kind", Field::Word(kind_name(*kind)))]),
            Self::Remove { .. } => ("remove", Vec::new()),
            Self::RemoveWins { .. } => ("remove_wins", Vec::new()),
            Self::InsertText { unit, position, text, .. } => (
                "insert_text",
                vec![
                    ("unit", Field::Word(unit_name(*unit))),
                    ("position", number(*position)),
                    ("text", Field::Text(text.clone())),
                ],
            ),
            Self::DeleteText { unit, position, len, .. } => (
                "delete_text",
                vec![
                    ("unit", Field::Word(unit_name(*unit))),
                    ("position", number(*position)),
                    ("len", number(*len)),
                ],
            ),
            Self::InsertItems { index, contents, .. } => (
                "insert_items",
                vec![("index", number(*index)), ("contents", Field::Contents(contents.clone()))],
            ),
            Self::DeleteItems { index, len, .. } => {
                ("delete_items", vec![("index", number(*index)), ("len", number(*len))])
            }
            Self::MoveItem { from, to, .. } => {
                ("move_item", vec![("from", number(*from)), ("to", number(*to))])
            }
            Self::Increment { delta, .. } => ("increment", vec![("delta", Field::Number(*delta))]),
            Self::Add { value, .. } => ("add", vec![("value", Field::Value(value.clone()))]),
            Self::Discard { value, .. } => {
                ("discard", vec![("value", Field::Value(value.clone()))])
            }
        }
    }
}
