//! The document as it was, to be read.

use crate::error::ReadError;
use crate::path::ToPath;
use crate::replica::Replica;
use crate::report::Conflict;
use crate::state::State;
use crate::value::{Content, Unit, Value};
use crate::version::VersionVector;

/// The document as it was at a version, as [`Replica::at`] gives it: a copy, to be read.
#[derive(Clone, Debug)]
pub struct Past {
    /// Of which nothing is used but what is read, as nobody else can reach it.
    replica: Replica,
}

impl Past {
    pub(super) fn new(of: &Replica, version: VersionVector, state: State) -> Self {
        let mut replica = Replica::with_options(of.document(), of.id(), of.options);
        (replica.version, replica.state) = (version, state);
        Self { replica }
    }

    /// What holds it, for tests to compare views with.
    #[cfg(test)]
    pub(crate) fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The version that it is at.
    pub fn version(&self) -> &VersionVector {
        self.replica.version()
    }

    /// The whole document as canonical JSON; see [`Replica::to_json`].
    pub fn to_json(&self) -> String {
        self.replica.to_json()
    }

    /// What was shown at a path; see [`Replica::get`].
    ///
    /// # Errors
    /// As there.
    pub fn get(&self, path: impl ToPath) -> Result<Option<Content>, ReadError> {
        self.replica.get(path)
    }

    /// The keys of the map at a path; see [`Replica::keys`].
    ///
    /// # Errors
    /// As there.
    pub fn keys(&self, path: impl ToPath) -> Result<Vec<String>, ReadError> {
        self.replica.keys(path)
    }

    /// How many keys, items or elements were there; see [`Replica::len`].
    ///
    /// # Errors
    /// As there.
    pub fn len(&self, path: impl ToPath) -> Result<usize, ReadError> {
        self.replica.len(path)
    }

    /// What the items of a list held; see [`Replica::items`].
    ///
    /// # Errors
    /// As there.
    pub fn items(&self, path: impl ToPath) -> Result<Vec<Content>, ReadError> {
        self.replica.items(path)
    }

    /// The elements of a set; see [`Replica::elements`].
    ///
    /// # Errors
    /// As there.
    pub fn elements(&self, path: impl ToPath) -> Result<Vec<Value>, ReadError> {
        self.replica.elements(path)
    }

    /// Whether a value was in a set; see [`Replica::contains`].
    ///
    /// # Errors
    /// As there.
    pub fn contains(&self, path: impl ToPath, value: &Value) -> Result<bool, ReadError> {
        self.replica.contains(path, value)
    }

    /// What a counter had come to; see [`Replica::count`].
    ///
    /// # Errors
    /// As there.
    pub fn count(&self, path: impl ToPath) -> Result<i64, ReadError> {
        self.replica.count(path)
    }

    /// The text at a path; see [`Replica::text`].
    ///
    /// # Errors
    /// As there.
    pub fn text(&self, path: impl ToPath) -> Result<String, ReadError> {
        self.replica.text(path)
    }

    /// How long the text at a path was; see [`Replica::text_len`].
    ///
    /// # Errors
    /// As there.
    pub fn text_len(&self, path: impl ToPath, unit: Unit) -> Result<usize, ReadError> {
        self.replica.text_len(path, unit)
    }

    /// All that was assigned at a path and not replaced; see [`Replica::conflicts`].
    ///
    /// # Errors
    /// As there.
    pub fn conflicts(&self, path: impl ToPath) -> Result<Vec<Conflict>, ReadError> {
        self.replica.conflicts(path)
    }
}
