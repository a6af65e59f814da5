//! JSON Patch (RFC 6902) in, and out.

use crate::error::{EditError, ReadError};
use crate::event::Event;
use crate::json::event::{Now, event_patch};
use crate::json::patch::Operation;
use crate::json::{ImportOptions, ImportReport, OperationError, PatchError, Shape, Tree, read};
use crate::path::{Path, Segment, ToPath};
use crate::value::{Content, Kind, Value};

use super::Replica;
use super::bring::Import;
use super::walk::wrong_kind;

impl Replica {
    /// Applies a JSON Patch (RFC 6902) to what is at a path, as if that were the whole document: all
    /// of its operations, or, if one can't be carried out, none.
    ///
    /// What an operation adds or replaces becomes the value as by [`import_json`](Self::import_json),
    /// with the edits that are needed: a string onto a text edits its characters, an integer onto a
    /// counter adds the difference. A move within a list is one, and the item stays the same; any other
    /// is a removal and a copy. Copies are of the same kinds. Sets are addressed as the arrays that
    /// they are in canonical JSON; but a value that is added goes to its own place.
    ///
    /// It is one change, or in an open transaction a part of that.
    ///
    /// # Errors
    /// [`PatchError`]: the text is no patch, or an operation, which it names, can't be carried out.
    /// Nothing has changed then, an open transaction is as it was before.
    ///
    /// ```
    /// use libsync::{DocumentId, ImportOptions, Replica, ReplicaId};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// replica.insert_items("todos", 0, ["Sweep", "Cook"])?;
    /// let patch = r#"[
    ///     {"op":"test","path":"/todos/0","value":"Sweep"},
    ///     {"op":"move","from":"/todos/0","path":"/todos/1"},
    ///     {"op":"add","path":"/todos/-","value":{"title":"Read"}}
    /// ]"#;
    /// replica.apply_json_patch("", patch, ImportOptions::new())?;
    /// assert_eq!(replica.to_json(), r#"{"todos":["Cook","Sweep",{"title":"Read"}]}"#);
    /// let error = replica.apply_json_patch("", patch, ImportOptions::new()).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "operation 0 of the patch: what is at `/todos/0` is not what the test expects"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply_json_patch(
        &mut self,
        path: impl ToPath,
        patch: &str,
        options: ImportOptions<'_>,
    ) -> Result<ImportReport, PatchError> {
        let path = path.to_path().map_err(EditError::from)?;
        let patch = read(patch)?;
        let Shape::List(operations) = &patch.shape else { return Err(PatchError::NotAnArray) };
        self.import(options, |import| {
            for (index, operation) in operations.iter().enumerate() {
                let applied = Operation::read(operation)
                    .and_then(|operation| import.carry_out(&path, operation));
                applied.map_err(|error| PatchError::Operation { index, error })?;
            }
            Ok(())
        })
    }

    /// An [event](Self::next_event) as a JSON Patch (RFC 6902), which makes the document's JSON after
    /// the event of that before.
    ///
    /// JSON Patch can't say what was edited within a string, nor add to a set without an index; so
    /// texts and sets are read as they stand: take each event before the next edit, and before the
    /// next frame is applied. A text that has changed is replaced as a whole.
    ///
    /// # Errors
    /// [`ReadError`]: a text or a set that the event names is not there any more.
    ///
    /// ```
    /// use libsync::{DocumentId, Replica, ReplicaId, Unit};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// let all = replica.subscribe("", Unit::Scalar)?;
    /// replica.insert_items("todos", 0, ["Sweep", "Cook"])?;
    /// let event = replica.next_event(all)?.expect("an edit");
    /// assert_eq!(
    ///     replica.event_to_json_patch(&event)?,
    ///     concat!(
    ///         r#"[{"op":"add","path":"/todos","value":[]},"#,
    ///         r#"{"op":"add","path":"/todos/0","value":"Sweep"},"#,
    ///         r#"{"op":"add","path":"/todos/1","value":"Cook"}]"#
    ///     )
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn event_to_json_patch(&self, event: &Event) -> Result<String, ReadError> {
        event_patch(event, self)
    }
}

impl Now for Replica {
    type Error = ReadError;

    fn text(&self, path: &Path) -> Result<String, ReadError> {
        Self::text(self, path)
    }

    fn elements(&self, path: &Path) -> Result<Vec<Value>, ReadError> {
        Self::elements(self, path)
    }
}

impl Import<'_, '_> {
    fn carry_out(&mut self, root: &Path, operation: Operation<'_>) -> Result<(), OperationError> {
        let at = |pointer: &Path| {
            let segments = root.segments().iter().chain(pointer.segments());
            Path::from_segments(segments.cloned())
        };
        match operation {
            Operation::Add { path, value } => self.add_at(root, &at(&path), value),
            Operation::Remove { path } => self.remove_at(&at(&path)),
            Operation::Replace { path, value } => self.replace_at(&at(&path), value),
            Operation::Move { from, path } => self.move_to(root, &at(&from), &at(&path)),
            Operation::Copy { from, path } => {
                let value = self.tree_at(&at(&from))?;
                self.add_at(root, &at(&path), &value)
            }
            Operation::Test { path, value } => {
                let path = at(&path);
                let passes = self.tree_at(&path)?.passes_for(value);
                if passes { Ok(()) } else { Err(OperationError::TestFailed { path }) }
            }
        }
    }

    /// `root` is what the patch takes for the whole document.
    fn add_at(&mut self, root: &Path, path: &Path, value: &Tree) -> Result<(), OperationError> {
        let Some((parent, last)) = parent(path).filter(|_| path != root) else {
            return Ok(self.bring(path, value)?);
        };
        let shown = self.replica.get(&parent)?;
        match shown.ok_or(OperationError::NotFound { path: parent.clone() })? {
            Content::Container(Kind::Map) => Ok(self.bring(path, value)?),
            Content::Container(Kind::List) => {
                let index = self.index(&parent, last, self.replica.len(&parent)?)?;
                Ok(self.insert(&parent, index, std::slice::from_ref(value))?)
            }
            Content::Container(Kind::Set | Kind::GrowOnlySet) => {
                self.index(&parent, last, self.replica.len(&parent)?)?;
                Ok(self.add(&parent, element(path, value)?)?)
            }
            content => Err(wrong_kind(parent, Kind::Map, &content).into()),
        }
    }

    fn remove_at(&mut self, path: &Path) -> Result<(), OperationError> {
        if let Some((set, element)) = self.element_at(path)? {
            return Ok(self.discard(&set, &element)?);
        }
        let is_item = match parent(path) {
            Some((parent, _)) => self.is_list(&parent)?,
            None => false,
        };
        if !self.replica.remove(path)? {
            return Err(OperationError::NotFound { path: path.clone() });
        }
        let count = if is_item { &mut self.report.deleted_items } else { &mut self.report.removed };
        *count += 1;
        Ok(())
    }

    fn replace_at(&mut self, path: &Path, value: &Tree) -> Result<(), OperationError> {
        if let Some((set, former)) = self.element_at(path)? {
            let element = element(path, value)?;
            self.discard(&set, &former)?;
            return Ok(self.add(&set, element)?);
        }
        match self.replica.get(path)? {
            Some(_) => Ok(self.bring(path, value)?),
            None => Err(OperationError::NotFound { path: path.clone() }),
        }
    }

    fn move_to(&mut self, root: &Path, from: &Path, path: &Path) -> Result<(), OperationError> {
        if from == path {
            return self.tree_at(from).map(drop);
        }
        if path.segments().starts_with(from.segments()) {
            return Err(OperationError::IntoItself { path: path.clone() });
        }
        if let (Some((list, item)), Some((other, place))) = (parent(from), parent(path))
            && list == other
            && path != root
            && self.is_list(&list)?
        {
            if self.replica.get(from)?.is_none() {
                return Err(OperationError::NotFound { path: from.clone() });
            }
            // The indices are those without the item.
            let end = self.replica.len(&list)?.saturating_sub(1);
            let (from, to) = (self.index(&list, item, end)?, self.index(&list, place, end)?);
            self.replica.move_item(&list, from, to)?;
            self.report.moved_items += usize::from(from != to);
            return Ok(());
        }
        let value = self.tree_at(from)?;
        self.remove_at(from)?;
        self.add_at(root, path, &value)
    }

    /// The index that a segment is in a list or a set; at most `end`, which is what `-` means.
    fn index(&self, parent: &Path, segment: &Segment, end: usize) -> Result<usize, OperationError> {
        let not_an_index = || ReadError::NotAnIndex { path: parent.child(segment.clone()) };
        let index = segment.index(end).ok_or_else(not_an_index)?;
        if index > end {
            let (path, len) = (parent.clone(), self.replica.len(parent)?);
            return Err(EditError::IndexOutOfBounds { path, index, len }.into());
        }
        Ok(index)
    }

    /// What is shown at a path, the elements of sets having indices.
    fn tree_at(&self, path: &Path) -> Result<Tree, OperationError> {
        if let Some((_, element)) = self.element_at(path)? {
            return Ok(element.into());
        }
        let tree = self.replica.tree_at(path)?;
        tree.ok_or_else(|| OperationError::NotFound { path: path.clone() })
    }

    /// The set that a path leads into, and the element there; `None` if it leads into none.
    fn element_at(&self, path: &Path) -> Result<Option<(Path, Value)>, OperationError> {
        let Some((set, segment)) = parent(path) else { return Ok(None) };
        let Some(Content::Container(Kind::Set | Kind::GrowOnlySet)) = self.replica.get(&set)?
        else {
            return Ok(None);
        };
        let mut elements = self.replica.elements(&set)?;
        let index = self.index(&set, segment, elements.len())?;
        if index == elements.len() {
            return Err(OperationError::NotFound { path: path.clone() });
        }
        Ok(Some((set, elements.swap_remove(index))))
    }
}

fn parent(path: &Path) -> Option<(Path, &Segment)> {
    let (parents, last) = path.split_last()?;
    Some((path.upto(parents.len()), last))
}

/// The value that is to be an element of a set.
fn element(path: &Path, value: &Tree) -> Result<Value, OperationError> {
    value.value().ok_or_else(|| OperationError::NotAnElement { path: path.clone() })
}
