//! Editing: a call plans operations against the document as it stands, and commits them as one
//! change; or fails, and nothing has happened.

use crate::change::Change;
use crate::codec::MAX_COUNT;
use crate::container::ContainerId;
use crate::error::{EditError, Found, ReadError};
use crate::id::OpId;
use crate::op::Op;
use crate::options::MAX_DEPTH;
use crate::path::{Path, ToPath};
use crate::state::sequence::Sequence;
use crate::value::{Content, Kind, Unit, Value};

use super::Replica;

impl Replica {
    /// Assigns a value to a key. Missing maps on the way are created. What this replica sees
    /// there is replaced; what others assign at the same time becomes a
    /// [conflict](Self::conflicts).
    ///
    /// # Errors
    /// [`EditError`]: the root, a path that is too deep or leads through something else than
    /// maps, or this replica has left.
    pub fn set(&mut self, path: impl ToPath, value: impl Into<Value>) -> Result<(), EditError> {
        self.assign(&path.to_path()?, Content::Value(value.into().canonical()))
    }

    /// Creates an empty map or text. Nothing happens if one of that kind is shown there already;
    /// anything else there is replaced. Replicas that create the same one at the same time share
    /// it.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn create(&mut self, path: impl ToPath, kind: Kind) -> Result<(), EditError> {
        let path = path.to_path()?;
        match self.find(&path, kind) {
            Ok(_) if path == Path::root() => Ok(()),
            Ok(_) => {
                let (map, key, mut ops) = self.reach(&path)?;
                ops.extend(self.enter(&map, key, kind, &path)?);
                self.record(ops)
            }
            Err(_) => self.assign(&path, Content::Container(kind)),
        }
    }

    /// Removes what this replica sees at a path, a container with all that is in it
    /// (observed-remove: what others add there at the same time survives). Gives whether anything
    /// was there.
    ///
    /// # Errors
    /// [`EditError`]: the root, a path that leads through something else than maps, or this
    /// replica has left.
    pub fn remove(&mut self, path: impl ToPath) -> Result<bool, EditError> {
        let path = path.to_path()?;
        if self.get(&path)?.is_none() {
            return Ok(false);
        }
        let (map, key, mut ops) = self.reach(&path)?;
        ops.extend(self.state.observed_content(&map, key));
        let supersedes = self.state.observed_assignments(&map, key);
        if !supersedes.is_empty() {
            ops.push(Op::Remove { container: map, key: key.to_owned(), supersedes });
        }
        self.record(ops)?;
        Ok(true)
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
        let (container, mut ops) = self.enter_text(&path)?;
        let place = match self.state.text_mut(&container) {
            Some(sequence) => sequence.place_at(unit, position)?,
            None => Sequence::new().place_at(unit, position)?,
        };
        if !text.is_empty() {
            ops.push(Op::Insert { container: container.clone(), place, text: text.to_owned() });
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
        if !self.is_entered(&path) {
            self.find(&path.to_path()?, Kind::Text)?;
        }
        let (container, mut ops) = self.enter_text(&path)?;
        let nodes = match self.state.text_mut(&container) {
            Some(sequence) => sequence.nodes_in(unit, position, len)?,
            None => Sequence::new().nodes_in(unit, position, len)?,
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
    fn enter_text(&self, path: &impl ToPath) -> Result<(ContainerId, Vec<Op>), EditError> {
        if let Some((_, container)) = self.entered.as_ref().filter(|_| self.is_entered(path)) {
            return Ok((container.clone(), Vec::new()));
        }
        let path = path.to_path()?;
        let (map, key, mut ops) = self.reach(&path)?;
        ops.extend(self.enter(&map, key, Kind::Text, &path)?);
        Ok((map.child(key, Kind::Text), ops))
    }

    fn is_entered(&self, path: &impl ToPath) -> bool {
        let entered = self.entered.as_ref().map(|(written, _)| written.as_str());
        entered.is_some() && entered == path.written()
    }

    /// Remembers what a path leads to.
    fn remember(&mut self, path: &impl ToPath, container: ContainerId) {
        if !self.is_entered(path) {
            self.entered = path.written().map(|written| (written.to_owned(), container));
        }
    }

    fn assign(&mut self, path: &Path, content: Content) -> Result<(), EditError> {
        let (map, key, mut ops) = self.reach(path)?;
        ops.extend(self.state.observed_content(&map, key));
        ops.push(self.assertion(&map, key, content));
        self.record(ops)
    }

    /// An assignment in the place of those that are seen.
    fn assertion(&self, map: &ContainerId, key: &str, content: Content) -> Op {
        let supersedes = self.state.observed_assignments(map, key);
        Op::Assign { container: map.clone(), key: key.to_owned(), content, supersedes }
    }

    /// The map and the key that a path names, and the operations that create the missing maps on
    /// the way.
    fn reach<'p>(&self, path: &'p Path) -> Result<(ContainerId, &'p str, Vec<Op>), EditError> {
        let (parents, key) = path.split_last().ok_or(EditError::Root)?;
        if path.keys().len() > MAX_DEPTH {
            return Err(EditError::TooDeep { limit: MAX_DEPTH });
        }
        let mut ops = Vec::new();
        let mut map = ContainerId::ROOT;
        for (i, key) in parents.iter().enumerate() {
            ops.extend(self.enter(&map, key, Kind::Map, &Path::from_keys(&parents[..=i]))?);
            map = map.child(key, Kind::Map);
        }
        Ok((map, key, ops))
    }

    /// What makes a container of that kind be at `path` (a key of a map), if nothing does yet:
    /// because there is none, or because it was deleted and lives on through what the deletion
    /// had not seen. Who edits it then wants it there.
    fn enter(
        &self,
        map: &ContainerId,
        key: &str,
        kind: Kind,
        path: &Path,
    ) -> Result<Option<Op>, EditError> {
        let content = Content::Container(kind);
        match self.state.shown(map, key) {
            Some(shown) if shown == content && self.state.is_assigned(map, key) => Ok(None),
            Some(shown) if shown != content => Err(wrong_kind(path, kind, &shown).into()),
            _ => Ok(Some(self.assertion(map, key, content))),
        }
    }

    /// Makes the operations one change, and commits it. None: nothing happens.
    pub(super) fn record(&mut self, ops: Vec<Op>) -> Result<(), EditError> {
        if self.membership.has_left(self.id) {
            return Err(EditError::Left);
        }
        if let Some(id) = self.inbox.first_of(self.id) {
            return Err(EditError::WrittenElsewhere { id });
        }
        if ops.is_empty() {
            return Ok(());
        }
        let id = OpId::new(self.id, self.version.get(self.id));
        let change = Change::new(id, self.lamport, self.frontier.others(self.id), ops);
        if change.end() > MAX_COUNT || change.lamport + change.len() > MAX_COUNT {
            return Err(EditError::TooManyOperations { limit: MAX_COUNT });
        }
        let end = change.end();
        self.commit(change);
        self.follow_edit(id, end);
        Ok(())
    }
}

fn wrong_kind(path: &Path, expected: Kind, content: &Content) -> ReadError {
    let found = match content {
        Content::Value(_) => Found::Value,
        Content::Container(kind) => Found::Container(*kind),
    };
    ReadError::WrongKind { path: path.clone(), expected, found }
}
