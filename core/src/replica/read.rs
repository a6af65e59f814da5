//! Reading the document.

use crate::container::{ContainerId, Key};
use crate::error::ReadError;
use crate::id::{OpId, ReplicaId};
use crate::path::{Path, ToPath};
use crate::report::{ChangeInfo, Conflict, MemoryUse, Node};
use crate::state::Concurrent;
use crate::value::{Content, Kind, Unit, Value};
use crate::version::VersionVector;

use super::Replica;
use super::edit::{COUNTERS, SETS};
use super::walk::At;

impl Replica {
    /// What is shown at a path; `None` where nothing is. The root is a map.
    ///
    /// Of concurrent assignments the one with the greatest (Lamport time, replica) is shown;
    /// [`conflicts`](Self::conflicts) lists all.
    ///
    /// # Errors
    /// [`ReadError::Path`]; [`ReadError::WrongKind`] if the path leads through something else
    /// than maps and lists; [`ReadError::NotAnIndex`].
    pub fn get(&self, path: impl ToPath) -> Result<Option<Content>, ReadError> {
        let path = path.to_path()?;
        if path == Path::root() {
            return Ok(Some(Content::Container(Kind::Map)));
        }
        let at = self.place(&path)?;
        Ok(at.and_then(|At { container, key }| self.state.shown(&container, &key)))
    }

    /// The keys of the map at a path under which something is, in the order of their bytes.
    ///
    /// # Errors
    /// [`ReadError`], if no map is there.
    pub fn keys(&self, path: impl ToPath) -> Result<Vec<String>, ReadError> {
        let map = self.find(&path.to_path()?, &[Kind::Map])?;
        let names = self.state.shown_keys(&map).filter_map(|key| match key {
            Key::Name(name) => Some(name.to_string()),
            _ => None,
        });
        Ok(names.collect())
    }

    /// How many keys, items or elements the map, list or set at a path has. O(1) in their number.
    ///
    /// # Errors
    /// [`ReadError`], if none of these is there.
    pub fn len(&self, path: impl ToPath) -> Result<usize, ReadError> {
        const KINDS: &[Kind] = &[Kind::Map, Kind::List, Kind::Set, Kind::GrowOnlySet];
        let container = self.find(&path.to_path()?, KINDS)?;
        Ok(self.state.shown_count(&container))
    }

    /// What the items of the list at a path hold, in order. O(n log n) in their number.
    ///
    /// # Errors
    /// [`ReadError`], if no list is there.
    pub fn items(&self, path: impl ToPath) -> Result<Vec<Content>, ReadError> {
        let id = self.find(&path.to_path()?, &[Kind::List])?;
        let items = self.state.list(&id).into_iter().flat_map(|list| list.items());
        Ok(items.filter_map(|item| self.state.shown(&id, &Key::Item(item))).collect())
    }

    /// The elements of the set at a path, in the order that [`Value`] has.
    ///
    /// # Errors
    /// [`ReadError`], if no set is there.
    pub fn elements(&self, path: impl ToPath) -> Result<Vec<Value>, ReadError> {
        let set = self.find(&path.to_path()?, SETS)?;
        let elements = self.state.shown_keys(&set).filter_map(|key| match key {
            Key::Element(value) => Some(value.clone()),
            _ => None,
        });
        Ok(elements.collect())
    }

    /// Whether a value is in the set at a path. O(log n) in the size of the set.
    ///
    /// # Errors
    /// [`ReadError`], if no set is there.
    pub fn contains(&self, path: impl ToPath, value: &Value) -> Result<bool, ReadError> {
        let set = self.find(&path.to_path()?, SETS)?;
        Ok(self.state.shown(&set, &Key::Element(value.clone().canonical())).is_some())
    }

    /// What the counter at a path has come to. Where replicas that did not see each other have
    /// exceeded 64 bits together, the nearest number within. O(n) in the replicas that counted.
    ///
    /// # Errors
    /// [`ReadError`], if no counter is there.
    pub fn count(&self, path: impl ToPath) -> Result<i64, ReadError> {
        let id = self.find(&path.to_path()?, COUNTERS)?;
        Ok(self.state.counter(&id).map_or(0, |counter| counter.value()))
    }

    /// The text at a path. O(n) in its length.
    ///
    /// # Errors
    /// [`ReadError`], if no text is there.
    pub fn text(&self, path: impl ToPath) -> Result<String, ReadError> {
        let id = self.find(&path.to_path()?, &[Kind::Text])?;
        Ok(self.state.text(&id).map(|text| text.text().into_owned()).unwrap_or_default())
    }

    /// How long the text at a path is. O(1) in its length.
    ///
    /// # Errors
    /// [`ReadError`], if no text is there.
    pub fn text_len(&self, path: impl ToPath, unit: Unit) -> Result<usize, ReadError> {
        let id = self.find(&path.to_path()?, &[Kind::Text])?;
        Ok(self.state.text(&id).map_or(0, |text| text.len(unit)))
    }

    /// All that was assigned at a path and not seen by a later assignment, the shown one first.
    /// One or none: there is no conflict, unless the one was removed by a
    /// [removal that wins](Self::remove_wins).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn conflicts(&self, path: impl ToPath) -> Result<Vec<Conflict>, ReadError> {
        let Some(At { container, key }) = self.place(&path.to_path()?)? else {
            return Ok(Vec::new());
        };
        let all = self.state.concurrent(&container, &key).into_iter();
        let conflict = |concurrent: Concurrent| Conflict {
            content: concurrent.content,
            id: concurrent.assigned.map(|(id, _)| id),
            time: concurrent.assigned.and_then(|(_, time)| time),
        };
        Ok(all.map(conflict).collect())
    }

    /// The operations known that have touched what is at a path, or anything in it: how many of
    /// each replica, up to the last such. Clocks of one place in two replicas
    /// [compare](VersionVector::compare) as what has happened there does; once a removal of the
    /// place has been pruned, what was before is not counted any more; nor are replicas that have
    /// departed, once all that they did has been pruned everywhere. O(n) in the containers within.
    ///
    /// # Errors
    /// As [`get`](Self::get); [`ReadError::NotFound`] where nothing is.
    pub fn clock(&self, path: impl ToPath) -> Result<VersionVector, ReadError> {
        let path = path.to_path()?;
        if path == Path::root() {
            return Ok(self.without_departed(&self.state.clock_of(&ContainerId::ROOT)));
        }
        match self.place(&path)? {
            Some(At { container, key }) if self.state.shown(&container, &key).is_some() => {
                Ok(self.without_departed(&self.state.clock_at(&container, &key)))
            }
            _ => Err(ReadError::NotFound { path }),
        }
    }

    fn without_departed(&self, clock: &VersionVector) -> VersionVector {
        let counted = |&(replica, _): &(ReplicaId, u64)| !self.membership.is_folded(replica);
        clock.iter().filter(counted).collect()
    }

    /// The nodes of the text or list at a path, tombstones included, in reading order; see
    /// [`Node`]. O(n) in their number.
    ///
    /// # Errors
    /// [`ReadError`], if neither is there.
    pub fn nodes(&self, path: impl ToPath) -> Result<Vec<Node>, ReadError> {
        let id = self.find(&path.to_path()?, &[Kind::Text, Kind::List])?;
        if let Some(list) = self.state.list(&id) {
            let nodes = list.nodes().origins().into_iter();
            return Ok(nodes
                .map(|node| {
                    let key = Key::Item(list.item_of(node.id));
                    node.with(|| self.state.shown(&id, &key))
                })
                .collect());
        }
        let Some(text) = self.state.text(&id) else { return Ok(Vec::new()) };
        let content = text.text();
        let mut characters = content.chars();
        let mut next = || characters.next().map(|next| Content::from(next.to_string()));
        Ok(text.origins().into_iter().map(|node| node.with(&mut next)).collect())
    }

    /// The retained change that an operation is of; `None` if it is not known, or pruned.
    pub fn change(&self, id: OpId) -> Option<ChangeInfo> {
        let end = id.counter.checked_add(1)?;
        let change = self.log.overlapping(id.replica, id.counter, end).next()?;
        Some(ChangeInfo::of(&change))
    }

    /// The whole document as canonical JSON: keys sorted by their bytes, no spaces, shortest
    /// numbers. Replicas that have applied the same changes give the same string.
    pub fn to_json(&self) -> String {
        self.state.to_json()
    }

    /// What this replica holds in memory. O(spans and keys).
    pub fn memory(&self) -> MemoryUse {
        let mut memory = MemoryUse {
            state_bytes: self.state.memory_bytes(),
            log_bytes: self.log.memory_bytes(),
            inbox_bytes: self.inbox.memory_bytes(),
            history_bytes: self.base.as_ref().map_or(0, |base| base.state().memory_bytes()),
            undo_bytes: self.undo.as_ref().map_or(0, |undo| undo.memory_bytes()),
            changes: self.log.len(),
            ..MemoryUse::default()
        };
        for sequence in self.state.sequence_sizes() {
            memory.nodes += sequence.nodes;
            memory.tombstones += sequence.nodes - sequence.live;
            memory.spans += sequence.spans;
        }
        memory
    }
}
