//! What a host may say of how JSON is taken in, and what it is told.

use std::fmt;

use crate::path::Path;

/// What becomes of strings that are new.
///
/// JSON has one type for what is replaced as a whole and what is edited by characters. Where a
/// string is shown already it stays what it is, a register or a [text](crate::Kind::Text). A new one
/// becomes a register, unless these options make it a text.
///
/// ```
/// use libsync::{Content, DocumentId, ImportOptions, Kind, Replica, ReplicaId};
/// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
/// let json = r#"{"id":"a7","body":"Ahoy, and welcome aboard!"}"#;
/// replica.import_json("", json, ImportOptions::new().texts_from(20))?;
/// assert_eq!(replica.get("body")?, Some(Content::Container(Kind::Text)));
/// assert_eq!(replica.get("id")?, Some(Content::from("a7")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Default, Debug)]
#[non_exhaustive]
pub struct ImportOptions<'o> {
    texts: Texts<'o>,
}

#[derive(Clone, Copy, Default)]
enum Texts<'o> {
    #[default]
    None,
    From(usize),
    Where(&'o dyn Fn(&Path, &str) -> bool),
}

impl fmt::Debug for Texts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::From(len) => write!(f, "From({len})"),
            Self::Where(_) => f.write_str("Where(..)"),
        }
    }
}

impl<'o> ImportOptions<'o> {
    /// New strings become registers.
    pub const fn new() -> Self {
        Self { texts: Texts::None }
    }

    /// New strings of so many bytes or more become texts.
    #[must_use]
    pub const fn texts_from(self, len: usize) -> Self {
        Self { texts: Texts::From(len) }
    }

    /// New strings become texts where this holds of the place and the string.
    #[must_use]
    pub const fn texts_where(self, is_text: &'o dyn Fn(&Path, &str) -> bool) -> Self {
        Self { texts: Texts::Where(is_text) }
    }

    /// Whether a new string becomes a text.
    pub(crate) fn is_text(&self, path: &Path, string: &str) -> bool {
        match self.texts {
            Texts::None => false,
            Texts::From(len) => string.len() >= len,
            Texts::Where(is_text) => is_text(path, string),
        }
    }
}

/// What an import, or a patch, has changed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ImportReport {
    /// Keys and items to which a value was assigned, or in which a container was created, new items
    /// not counted.
    pub assigned: usize,
    /// Keys that were removed.
    pub removed: usize,
    /// Characters inserted into texts.
    pub inserted_characters: usize,
    /// Characters deleted from texts.
    pub deleted_characters: usize,
    /// Items inserted into lists.
    pub inserted_items: usize,
    /// Items deleted from lists.
    pub deleted_items: usize,
    /// Items moved within their list.
    pub moved_items: usize,
    /// Counters that were added to.
    pub counted: usize,
    /// Elements added to sets.
    pub added: usize,
    /// Elements taken out of sets.
    pub discarded: usize,
}

impl ImportReport {
    /// Whether nothing has changed: no change was made.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
