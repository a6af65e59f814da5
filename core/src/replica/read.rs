//! Reading the document.

use crate::container::ContainerId;
use crate::error::{Found, ReadError};
use crate::path::{Path, ToPath};
use crate::report::{Conflict, MemoryUse};
use crate::value::{Content, Kind, Unit};

use super::Replica;

impl Replica {
    /// What is shown at a path; `None` where nothing is. The root is a map.
    ///
    /// Of concurrent assignments the one with the greatest (Lamport time, replica) is shown;
    /// [`conflicts`](Self::conflicts) lists all.
    ///
    /// # Errors
    /// [`ReadError::Path`]; [`ReadError::WrongKind`] if the path leads through something else
    /// than maps.
    pub fn get(&self, path: impl ToPath) -> Result<Option<Content>, ReadError> {
        let path = path.to_path()?;
        let Some((_, key)) = path.split_last() else {
            return Ok(Some(Content::Container(Kind::Map)));
        };
        match self.find_parent(&path) {
            Ok(map) => Ok(self.state.shown(&map, key)),
            Err(ReadError::NotFound { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The keys of the map at a path under which something is, in the order of their bytes.
    ///
    /// # Errors
    /// [`ReadError`], if no map is there.
    pub fn keys(&self, path: impl ToPath) -> Result<Vec<String>, ReadError> {
        Ok(self.state.keys(&self.find(&path.to_path()?, Kind::Map)?))
    }

    /// The text at a path. O(n) in its length.
    ///
    /// # Errors
    /// [`ReadError`], if no text is there.
    pub fn text(&self, path: impl ToPath) -> Result<String, ReadError> {
        let id = self.find(&path.to_path()?, Kind::Text)?;
        Ok(self.state.text(&id).map(|text| text.text()).unwrap_or_default())
    }

    /// How long the text at a path is. O(1) in its length.
    ///
    /// # Errors
    /// [`ReadError`], if no text is there.
    pub fn text_len(&self, path: impl ToPath, unit: Unit) -> Result<usize, ReadError> {
        let id = self.find(&path.to_path()?, Kind::Text)?;
        Ok(self.state.text(&id).map_or(0, |text| text.len(unit)))
    }

    /// All that was assigned at a path and not seen by a later assignment, the shown one first.
    /// One or none: there is no conflict.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn conflicts(&self, path: impl ToPath) -> Result<Vec<Conflict>, ReadError> {
        let path = path.to_path()?;
        let Some((_, key)) = path.split_last() else { return Ok(Vec::new()) };
        let map = match self.find_parent(&path) {
            Ok(map) => map,
            Err(ReadError::NotFound { .. }) => return Ok(Vec::new()),
            Err(other) => return Err(other),
        };
        let all = self.state.concurrent(&map, key).into_iter();
        Ok(all.map(|(content, id)| Conflict { content, id }).collect())
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
            changes: self.log.len(),
            ..MemoryUse::default()
        };
        for sequence in self.state.sequences() {
            memory.nodes += sequence.node_count();
            memory.tombstones += sequence.node_count() - sequence.len(Unit::Scalar) as u64;
            memory.spans += sequence.span_count();
        }
        memory
    }

    /// The map that holds the last key of a path that is not the root.
    fn find_parent(&self, path: &Path) -> Result<ContainerId, ReadError> {
        self.walk(path, path.keys().len() - 1)
    }

    /// The container of that kind that is shown at a path.
    pub(super) fn find(&self, path: &Path, kind: Kind) -> Result<ContainerId, ReadError> {
        let Some((_, key)) = path.split_last() else {
            let found = Found::Container(Kind::Map);
            let wrong = ReadError::WrongKind { path: path.clone(), expected: kind, found };
            return if kind == Kind::Map { Ok(ContainerId::ROOT) } else { Err(wrong) };
        };
        let parent = self.find_parent(path)?;
        self.step(&parent, path, path.keys().len(), kind).map(|()| parent.child(key, kind))
    }

    /// The map at the first `keys` keys of a path.
    fn walk(&self, path: &Path, keys: usize) -> Result<ContainerId, ReadError> {
        let mut at = ContainerId::ROOT;
        for (i, key) in path.keys()[..keys].iter().enumerate() {
            self.step(&at, path, i + 1, Kind::Map)?;
            at = at.child(key, Kind::Map);
        }
        Ok(at)
    }

    /// Checks that what is shown at the first `keys` keys of a path, within `map`, is a container
    /// of that kind.
    fn step(
        &self,
        map: &ContainerId,
        path: &Path,
        keys: usize,
        expected: Kind,
    ) -> Result<(), ReadError> {
        let upto = || Path::from_keys(&path.keys()[..keys]);
        match self.state.shown(map, &path.keys()[keys - 1]) {
            Some(Content::Container(kind)) if kind == expected => Ok(()),
            None => Err(ReadError::NotFound { path: upto() }),
            Some(content) => {
                let found = match content {
                    Content::Value(_) => Found::Value,
                    Content::Container(kind) => Found::Container(kind),
                };
                Err(ReadError::WrongKind { path: upto(), expected, found })
            }
        }
    }
}
