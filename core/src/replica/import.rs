//! JSON in: what is there becomes a value, by the edits that are needed and no others, so that a host
//! which knows only the new state merges as one that edits.

use crate::error::{EditError, ReadError};
use crate::json::merge::merged;
use crate::json::{ImportError, ImportOptions, ImportReport, Shape, Tree, read};
use crate::path::{Path, ToPath};
use crate::state::State;
use crate::value::{Content, Kind, Value};

use super::Replica;
use super::bring::Import;
use super::walk::At;

impl Replica {
    /// Makes what is at a path a JSON value, by as few edits as can be: who knows only what the
    /// document should be, and not what was done, still merges with what others do at the same time.
    /// What is equal is not touched; so importing [`to_json`](Self::to_json) changes nothing. Where
    /// nothing is, the value is created, with missing maps on the way.
    ///
    /// | JSON | onto | edits |
    /// |---|---|---|
    /// | object | map | key by key; keys that are not in the object are removed |
    /// | array | list | items inserted, deleted, moved; those that are alike are edited within |
    /// | array of values | set | elements added, discarded |
    /// | string | text | characters inserted, deleted |
    /// | integer | counter | the difference added |
    /// | a value | register | assigned |
    ///
    /// Anything else replaces what is there, or is created: a value as a register (strings as the
    /// [options](ImportOptions) say), an array as a list, an object as a map. What canonical JSON
    /// writes for values that JSON lacks (as `{"$bytes":"00ff"}`) is that value, unless a map is there.
    /// An integer is one of 64 bits; one beyond that is a float where that has the same digits, and an
    /// error where digits would be lost.
    ///
    /// It is one change, or in an open transaction a part of that. O(n log n) in what is there and
    /// what it becomes, for each level of lists in lists.
    ///
    /// # Errors
    /// [`ImportError`]: the text is no JSON, has a key twice in an object, or is nested too deep; or
    /// as for the edits, see [`set`](Self::set). Nothing has changed then, an open transaction is as it
    /// was before.
    ///
    /// ```
    /// use libsync::{DocumentId, ImportOptions, Kind, Replica, ReplicaId, Unit};
    /// let document = DocumentId::from_bytes([7; 16]);
    /// let mut phone = Replica::new(document, ReplicaId::new(1));
    /// phone.insert_text("notes", Unit::Scalar, 0, "Buy milk")?;
    /// phone.import_json("todos", r#"["Sweep","Cook"]"#, ImportOptions::new())?;
    /// let mut laptop = Replica::new(document, ReplicaId::new(2));
    /// laptop.apply(&phone.export(laptop.version())?)?;
    ///
    /// // A program that only knows files, beside one that edits:
    /// let file = r#"{"notes":"Buy oat milk","todos":["Cook","Sweep"]}"#;
    /// laptop.import_json("", file, ImportOptions::new())?;
    /// phone.insert_text("notes", Unit::Scalar, 8, " and bread")?;
    /// phone.insert_items("todos", 2, ["Read"])?;
    ///
    /// phone.apply(&laptop.export(phone.version())?)?;
    /// let both = r#"{"notes":"Buy oat milk and bread","todos":["Cook","Sweep","Read"]}"#;
    /// assert_eq!(phone.to_json(), both);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn import_json(
        &mut self,
        path: impl ToPath,
        json: &str,
        options: ImportOptions<'_>,
    ) -> Result<ImportReport, ImportError> {
        let (path, target) = (path.to_path()?, read(json)?);
        self.import(options, |import| Ok(import.bring(&path, &target)?))
    }

    /// Applies a JSON Merge Patch (RFC 7396) to what is at a path: members of objects are set, those
    /// that are null removed, anything else is replaced; each as by [`import_json`](Self::import_json),
    /// with the edits that are needed.
    ///
    /// # Errors
    /// As [`import_json`](Self::import_json).
    ///
    /// ```
    /// use libsync::{DocumentId, ImportOptions, Replica, ReplicaId};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// replica.set("user.name", "Ann")?;
    /// replica.set("user.age", 41)?;
    /// let patch = r#"{"user":{"age":null,"city":"Bonn"}}"#;
    /// replica.apply_merge_patch("", patch, ImportOptions::new())?;
    /// assert_eq!(replica.to_json(), r#"{"user":{"city":"Bonn","name":"Ann"}}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply_merge_patch(
        &mut self,
        path: impl ToPath,
        patch: &str,
        options: ImportOptions<'_>,
    ) -> Result<ImportReport, ImportError> {
        let (path, patch) = (path.to_path()?, read(patch)?);
        self.import(options, |import| Ok(import.merge(&path, &patch)?))
    }

    /// What is at a path as canonical JSON; see [`to_json`](Self::to_json).
    ///
    /// # Errors
    /// As [`get`](Self::get); [`ReadError::NotFound`] where nothing is.
    pub fn json_at(&self, path: impl ToPath) -> Result<String, ReadError> {
        let path = path.to_path()?;
        let tree = self.tree_at(&path)?.ok_or(ReadError::NotFound { path })?;
        Ok(tree.to_json())
    }

    /// Makes the edits of an import, or none of them; gives what they were.
    pub(super) fn import<E: From<EditError>>(
        &mut self,
        options: ImportOptions<'_>,
        edit: impl FnOnce(&mut Import<'_, '_>) -> Result<(), E>,
    ) -> Result<ImportReport, E> {
        self.atomically(|replica| {
            let mut import = Import { replica, options, report: ImportReport::default() };
            edit(&mut import)?;
            Ok(import.report)
        })
    }

    /// What is shown at a path, with all that is in it.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub(super) fn tree_at(&self, path: &Path) -> Result<Option<Tree>, ReadError> {
        if *path == Path::root() {
            return Ok(Some(self.state.tree(State::ROOT)));
        }
        let Some(At { container, key }) = self.place(path)? else { return Ok(None) };
        Ok(self.state.shown(&container, &key).map(|content| match content {
            Content::Value(value) => value.into(),
            Content::Container(kind) => {
                let index = self.state.child(self.state.index_of(&container), &key, kind);
                self.state.tree_of(index, kind)
            }
        }))
    }
}

impl Import<'_, '_> {
    /// Merges a patch with what is at a path. Recursion is bounded by the depth of the patch.
    fn merge(&mut self, path: &Path, patch: &Tree) -> Result<(), EditError> {
        let Shape::Map(changes) = &patch.shape else { return self.bring(path, patch) };
        let shown = self.replica.get(path)?;
        if shown != Some(Content::Container(Kind::Map)) {
            // A value that JSON lacks is an object in JSON, with which the patch is merged.
            let former = match shown {
                Some(Content::Value(value)) => read(&value.to_json()).ok(),
                _ => None,
            };
            return self.bring(path, &merged(former, patch));
        }
        for (key, change) in changes {
            let path = path.child(key.as_str());
            if !matches!(change.shape, Shape::Value(Value::Null)) {
                self.merge(&path, change)?;
            } else if self.replica.remove(&path)? {
                self.report.removed += 1;
            }
        }
        Ok(())
    }
}
