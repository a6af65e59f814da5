//! Editing: a call plans operations against the document as it stands, and commits them as one
//! change, or adds them to the open transaction; or fails, and nothing has happened.

use crate::container::{ContainerId, Key};
use crate::error::EditError;
use crate::id::OpId;
use crate::op::{Elements, Op, Place};
use crate::options::MAX_DEPTH;
use crate::path::{Path, ToPath};
use crate::state::Forbids;
use crate::state::sequence::Sequence;
use crate::value::{Content, Kind, Unit, Value};

use super::walk::{Entered, Target, wrong_kind};
use super::{EnteredText, Replica};

impl Replica {
    /// Assigns a value to a key of a map, or to an item of a list (`-`: a new item behind the
    /// last). Missing maps on the way are created. What this replica sees there is replaced; what
    /// others assign at the same time becomes a [conflict](Self::conflicts).
    ///
    /// # Errors
    /// [`EditError`]: the root, a path that is too deep or leads through something else than
    /// maps and lists, an index beyond the end, something grow-only there, a key or a value that
    /// is too long, or this replica has left.
    pub fn set(&mut self, path: impl ToPath, value: impl Into<Value>) -> Result<(), EditError> {
        let value = value.into().canonical();
        self.options.check_value(&value)?;
        self.assign(&path.to_path()?, Content::Value(value))
    }

    /// Creates an empty container. Nothing happens if one of that kind is shown there already;
    /// anything else there is replaced. Replicas that create the same one at the same time share
    /// it.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn create(&mut self, path: impl ToPath, kind: Kind) -> Result<(), EditError> {
        let path = path.to_path()?;
        match self.find(&path, &[kind]) {
            Ok(_) if path == Path::root() => Ok(()),
            Ok(_) => {
                let entered = self.enter(&path, &[kind])?;
                self.record(entered.ops)
            }
            Err(_) => self.assign(&path, Content::Container(kind)),
        }
    }

    fn assign(&mut self, path: &Path, content: Content) -> Result<(), EditError> {
        let (_, last) = path.split_last().ok_or(EditError::Root)?;
        let mut at = self.enter_parent(path)?;
        match self.target(&at, last, path, path.segments().len() - 1)? {
            Target::Key(key) => {
                let ops = self.assertion(&at, &key, Some(content), path)?;
                at.ops.extend(ops);
            }
            Target::End => {
                self.append(&mut at, content);
            }
        }
        self.record(at.ops)
    }

    /// Removes what this replica sees at a path, a container with all that is in it, an item of a
    /// list with its place (observed-remove: what others add there at the same time survives).
    /// Gives whether anything was there.
    ///
    /// # Errors
    /// [`EditError`]: the root, a path that leads through something else than maps and lists,
    /// something grow-only there, or this replica has left.
    pub fn remove(&mut self, path: impl ToPath) -> Result<bool, EditError> {
        let path = path.to_path()?;
        let Some((at, key)) = self.enter_present(&path)? else { return Ok(false) };
        let Entered { container, index, mut ops, .. } = at;
        match key {
            Key::Item(item) => ops.extend(self.observed_items(&container, &[item], &path)?),
            key => {
                ops.extend(self.observed_content(index, &key, Forbids::Any, &path)?);
                let supersedes = self.state.observed_assignments(index, &key);
                if !supersedes.is_empty() {
                    ops.push(Op::Remove { container, key, supersedes });
                }
            }
        }
        self.record(ops)?;
        Ok(true)
    }

    /// Removes what is at a key of a map, and wins: what others assign to the key at the same
    /// time, or edit in what is there, is not shown ([`conflicts`](Self::conflicts) lists
    /// assignments). Whoever assigns to the key later, having seen the removal, makes it show
    /// again. Gives whether anything was there; if not, nothing happens.
    ///
    /// # Errors
    /// As [`remove`](Self::remove); [`ReadError::WrongKind`](crate::ReadError::WrongKind) in a
    /// list.
    pub fn remove_wins(&mut self, path: impl ToPath) -> Result<bool, EditError> {
        let path = path.to_path()?;
        let Some((mut at, key)) = self.enter_present(&path)? else { return Ok(false) };
        if at.container.kind() != Kind::Map {
            let found = Content::Container(at.container.kind());
            let around = path.upto(path.segments().len() - 1);
            return Err(wrong_kind(around, Kind::Map, &found).into());
        }
        let ops = self.assertion(&at, &key, None, &path)?;
        at.ops.extend(ops);
        self.record(at.ops)?;
        Ok(true)
    }

    /// The place that a path leads to, if anything is shown there.
    fn enter_present(&self, path: &Path) -> Result<Option<(Entered, Key)>, EditError> {
        if *path == Path::root() {
            return Err(EditError::Root);
        }
        let Some(at) = self.place(path)? else { return Ok(None) };
        if self.state.shown(&at.container, &at.key).is_none() {
            return Ok(None);
        }
        Ok(Some((self.enter_parent(path)?, at.key)))
    }

    /// Inserts into the text at a path, before the position. If nothing is there, the text is
    /// created.
    ///
    /// # Errors
    /// [`EditError`]: nothing of the kind can be there, a position out of bounds or within a
    /// character, or this replica has left.
    pub fn insert_text(
        &mut self,
        path: impl ToPath,
        unit: Unit,
        position: usize,
        text: &str,
    ) -> Result<(), EditError> {
        if self.type_text(&path, unit, position, text)? {
            return Ok(());
        }
        let Entered { container, mut ops, is_new, .. } = self.enter_text(&path)?;
        if is_new && position > 0 {
            return Err(EditError::OutOfBounds { start: position, end: position, len: 0, unit });
        }
        let place = match self.state.text_mut(&container) {
            Some(sequence) => sequence.place_at(unit, position)?,
            None => Sequence::<String>::new().place_at(unit, position)?,
        };
        if !text.is_empty() {
            let elements = Elements::Text(text.to_owned());
            ops.push(Op::Insert { container: container.clone(), place, elements });
        }
        self.record(ops)?;
        self.remember(&path, container);
        Ok(())
    }

    /// Deletes `len` units from the position on in the text at a path.
    ///
    /// # Errors
    /// [`EditError`]: no text is there, a range out of bounds or that parts a character, or this
    /// replica has left.
    pub fn delete_text(
        &mut self,
        path: impl ToPath,
        unit: Unit,
        position: usize,
        len: usize,
    ) -> Result<(), EditError> {
        if self.type_deletion(&path, unit, position, len)? {
            return Ok(());
        }
        if !self.is_entered(&path) {
            self.find(&path.to_path()?, &[Kind::Text])?;
        }
        let Entered { container, mut ops, .. } = self.enter_text(&path)?;
        let nodes = match self.state.text_mut(&container) {
            Some(sequence) => sequence.nodes_in(unit, position, len)?,
            None => Sequence::<String>::new().nodes_in(unit, position, len)?,
        };
        if nodes.is_empty() {
            return self.record(Vec::new());
        }
        ops.push(Op::Delete { container: container.clone(), nodes });
        self.record(ops)?;
        self.remember(&path, container);
        Ok(())
    }

    /// The text that a path leads to, and the operations that make it be there.
    fn enter_text(&self, path: &impl ToPath) -> Result<Entered, EditError> {
        if let Some(entered) = self.entered.as_ref().filter(|_| self.is_entered(path)) {
            let (container, index) = (entered.container.clone(), Some(entered.index));
            return Ok(Entered { container, index, ops: Vec::new(), is_new: false });
        }
        self.enter(&path.to_path()?, &[Kind::Text])
    }

    pub(super) fn is_entered(&self, path: &impl ToPath) -> bool {
        let entered = self.entered.as_ref();
        entered.is_some_and(|entered| path.written() == Some(entered.written.as_str()))
    }

    /// Remembers what a path leads to, unless what leads there may change.
    fn remember(&mut self, path: &impl ToPath, container: ContainerId) {
        if self.is_entered(path) || container.in_list() {
            return;
        }
        self.entered = path
            .written()
            .zip(self.state.index_of(&container))
            .map(|(written, index)| EnteredText { written: written.to_owned(), container, index });
    }

    /// Inserts items into the list at a path, before the index. If nothing is there, the list is
    /// created. What is inserted are values, or [kinds](Kind) of empty containers.
    ///
    /// # Errors
    /// [`EditError`]: nothing of the kind can be there, an index beyond the end, a value that is
    /// too long, or this replica has left.
    ///
    /// ```
    /// use libsync::{Content, DocumentId, Kind, Replica, ReplicaId};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// replica.insert_items("todos", 0, ["Sweep", "Cook"])?;
    /// replica.insert_items("todos", 2, [Kind::Map])?;
    /// replica.set("todos.2.title", "Read")?;
    /// replica.move_item("todos", 2, 0)?;
    /// assert_eq!(replica.to_json(), r#"{"todos":[{"title":"Read"},"Sweep","Cook"]}"#);
    /// # Ok::<(), libsync::EditError>(())
    /// ```
    pub fn insert_items<C: Into<Content>>(
        &mut self,
        path: impl ToPath,
        index: usize,
        contents: impl IntoIterator<Item = C>,
    ) -> Result<(), EditError> {
        let path = path.to_path()?;
        let contents = contents.into_iter().map(|content| content.into().canonical());
        let contents: Vec<Content> = contents.collect();
        for content in &contents {
            if let Content::Value(value) = content {
                self.options.check_value(value)?;
            }
        }
        let Entered { container, mut ops, is_new, .. } = self.enter(&path, &[Kind::List])?;
        self.check_depth_below(&container)?;
        if is_new && index > 0 {
            return Err(EditError::IndexOutOfBounds { path, index, len: 0 });
        }
        let place = self.list_place(&container, &path, index)?;
        if !contents.is_empty() {
            let elements = Elements::Items(contents);
            ops.push(Op::Insert { container, place, elements });
        }
        self.record(ops)
    }

    /// Deletes `len` items from the index on in the list at a path, with all that is in them.
    ///
    /// # Errors
    /// [`EditError`]: no list is there, a range beyond the end, something grow-only in an item, or
    /// this replica has left.
    pub fn delete_items(
        &mut self,
        path: impl ToPath,
        index: usize,
        len: usize,
    ) -> Result<(), EditError> {
        let path = path.to_path()?;
        self.find(&path, &[Kind::List])?;
        let Entered { container, mut ops, .. } = self.enter(&path, &[Kind::List])?;
        let items = self.items_in(&container, &path, index, len)?;
        if items.is_empty() {
            return self.record(Vec::new());
        }
        ops.extend(self.observed_items(&container, &items, &path)?);
        self.record(ops)
    }

    /// Moves the item at the index `from` so that it has the index `to` afterwards, with all that
    /// is in it. Of moves of one item at the same time, the one with the greatest (Lamport time,
    /// replica) counts; what others edit in the item at the same time stays in it.
    ///
    /// # Errors
    /// [`EditError`]: no list is there, an index beyond the end, or this replica has left.
    pub fn move_item(
        &mut self,
        path: impl ToPath,
        from: usize,
        to: usize,
    ) -> Result<(), EditError> {
        let path = path.to_path()?;
        self.find(&path, &[Kind::List])?;
        let Entered { container, mut ops, .. } = self.enter(&path, &[Kind::List])?;
        let list = self.state.list(&container);
        let len = list.map_or(0, |list| list.len());
        let item = list.and_then(|list| list.item_at(from)).filter(|_| to < len);
        let Some(item) = item else {
            let index = if from < len { to } else { from };
            return Err(EditError::IndexOutOfBounds { path, index, len });
        };
        if from == to {
            return self.record(Vec::new());
        }
        let place = self.list_place(&container, &path, if to > from { to + 1 } else { to })?;
        ops.push(Op::Move { container, item, place });
        self.record(ops)
    }

    fn items_in(
        &mut self,
        list: &ContainerId,
        path: &Path,
        index: usize,
        len: usize,
    ) -> Result<Vec<OpId>, EditError> {
        let Some(list) = self.state.list_mut(list) else {
            let end = index.saturating_add(len);
            let error = EditError::IndexOutOfBounds { path: path.clone(), index: end, len: 0 };
            return if end == 0 { Ok(Vec::new()) } else { Err(error) };
        };
        list.items_in(index, len).map_err(|error| of_list(error, path))
    }

    fn list_place(
        &mut self,
        list: &ContainerId,
        path: &Path,
        index: usize,
    ) -> Result<Place, EditError> {
        let place = match self.state.list_mut(list) {
            Some(list) => list.place_at(index),
            None => Sequence::<String>::new().place_at(Unit::Scalar, index),
        };
        place.map_err(|error| of_list(error, path))
    }

    fn observed_items(
        &self,
        list: &ContainerId,
        items: &[OpId],
        path: &Path,
    ) -> Result<Vec<Op>, EditError> {
        let observed = self.state.observed_items(list, items);
        observed.map_err(|_| EditError::GrowOnly { path: path.clone() })
    }

    /// Adds to the counter at a path, or, with a negative number, subtracts. If nothing is there,
    /// a counter is created; a grow-only one has to be [created](Self::create).
    ///
    /// # Errors
    /// [`EditError`]: nothing of the kind can be there, less than 0 for a grow-only counter, a sum
    /// beyond 64 bits, or this replica has left.
    pub fn increment(&mut self, path: impl ToPath, delta: i64) -> Result<(), EditError> {
        let path = path.to_path()?;
        let Entered { container, mut ops, is_new, .. } = self.enter(&path, COUNTERS)?;
        if delta < 0 && container.kind().is_grow_only() {
            return Err(EditError::GrowOnly { path });
        }
        let counter = self.state.counter(&container).filter(|_| !is_new);
        if counter.is_some_and(|counter| !counter.has_room(self.id, delta)) {
            return Err(EditError::Overflow { path });
        }
        if delta != 0 {
            ops.push(Op::Increment { container, delta });
        }
        self.record(ops)
    }

    /// Adds a value to the set at a path; gives whether it was not there. If nothing is there, a
    /// set is created; a grow-only one has to be [created](Self::create).
    ///
    /// Of adding a value and discarding it at the same time, adding wins: also where it was there
    /// already, so that adding it again is a change.
    ///
    /// # Errors
    /// [`EditError`]: nothing of the kind can be there, a value that is too long, or this replica
    /// has left.
    pub fn add(&mut self, path: impl ToPath, value: impl Into<Value>) -> Result<bool, EditError> {
        let (path, value) = (path.to_path()?, value.into().canonical());
        self.options.check_value(&value)?;
        let mut at = self.enter(&path, SETS)?;
        let key = Key::Element(value);
        let is_new = at.is_new || self.state.shown_at(at.index, &key).is_none();
        let ops = self.assertion(&at, &key, Some(Content::Value(Value::Null)), &path)?;
        at.ops.extend(ops);
        self.record(at.ops)?;
        Ok(is_new)
    }

    /// Takes a value out of the set at a path; gives whether it was there.
    ///
    /// # Errors
    /// [`EditError`]: no set is there, it is grow-only, or this replica has left.
    pub fn discard(&mut self, path: impl ToPath, value: &Value) -> Result<bool, EditError> {
        let path = path.to_path()?;
        let set = self.find(&path, SETS)?;
        if set.kind().is_grow_only() {
            return Err(EditError::GrowOnly { path });
        }
        let Entered { container, index, mut ops, .. } = self.enter(&path, SETS)?;
        let key = Key::Element(value.clone().canonical());
        let supersedes = self.state.observed_assignments(index, &key);
        if supersedes.is_empty() {
            return self.record(Vec::new()).map(|()| false);
        }
        ops.push(Op::Remove { container, key, supersedes });
        self.record(ops)?;
        Ok(true)
    }

    /// What is in a list must not be deeper than paths go.
    fn check_depth_below(&self, container: &ContainerId) -> Result<(), EditError> {
        let limit = self.options.max_depth.min(MAX_DEPTH);
        if container.depth() >= limit { Err(EditError::TooDeep { limit }) } else { Ok(()) }
    }
}

pub(super) const COUNTERS: &[Kind] = &[Kind::Counter, Kind::GrowOnlyCounter];
pub(super) const SETS: &[Kind] = &[Kind::Set, Kind::GrowOnlySet];

/// An error of a list's sequence, said of the list.
fn of_list(error: EditError, path: &Path) -> EditError {
    match error {
        EditError::OutOfBounds { end, len, .. } => {
            EditError::IndexOutOfBounds { path: path.clone(), index: end, len }
        }
        other => other,
    }
}
