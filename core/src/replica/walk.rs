//! Where a path leads.

use crate::container::{ContainerId, Key};
use crate::error::{EditError, Found, ReadError};
use crate::id::OpId;
use crate::op::{Elements, Op, Place, Side};
use crate::options::MAX_DEPTH;
use crate::path::{Path, Segment};
use crate::state::{ContainerIndex, Forbids, State};
use crate::value::{Content, Kind};

use super::Replica;

/// The kinds of containers that a path leads through.
const WITH_PATHS: &[Kind] = &[Kind::Map, Kind::List];

/// A place in a container.
pub(super) struct At {
    pub(super) container: ContainerId,
    pub(super) key: Key,
}

/// A container that is to be written into.
pub(super) struct Entered {
    pub(super) container: ContainerId,
    /// Where the state has it, if it knows of it.
    pub(super) index: Option<ContainerIndex>,
    /// What makes it be there.
    pub(super) ops: Vec<Op>,
    /// Whether nothing was there: what the state may still know of it is emptied by these.
    pub(super) is_new: bool,
}

/// Where something is to be written.
pub(super) enum Target {
    /// Into a place.
    Key(Key),
    /// Into a new item, behind the last one of a list.
    End,
}

impl Replica {
    /// The place that a path leads to; `None` if nothing is there, or for the root.
    ///
    /// # Errors
    /// [`ReadError`], if the path leads through something that has no paths in it.
    pub(super) fn place(&self, path: &Path) -> Result<Option<At>, ReadError> {
        match self.walk(path) {
            Ok(at) => Ok(at),
            Err(ReadError::NotFound { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The same; where nothing is on the way, an error says where.
    fn walk(&self, path: &Path) -> Result<Option<At>, ReadError> {
        let mut container = ContainerId::ROOT;
        let mut index = Some(State::ROOT);
        for (i, segment) in path.segments().iter().enumerate() {
            let upto = || path.upto(i + 1);
            let key = self.key((&container, index), segment, path, i)?;
            let key = key.ok_or_else(|| ReadError::NotFound { path: upto() })?;
            if i + 1 == path.segments().len() {
                return Ok(Some(At { container, key }));
            }
            let kind = match self.state.shown_at(index, &key) {
                Some(Content::Container(kind)) if WITH_PATHS.contains(&kind) => kind,
                Some(content) => return Err(wrong_kind(upto(), Kind::Map, &content)),
                None => return Err(ReadError::NotFound { path: upto() }),
            };
            index = self.state.child(index, &key, kind);
            container = container.child(key, kind);
        }
        Ok(None)
    }

    /// The key of a path's segment number `i` in the container that the ones before lead to;
    /// `None` if it is an index beyond the end of a list.
    fn key(
        &self,
        (container, index): (&ContainerId, Option<ContainerIndex>),
        segment: &Segment,
        path: &Path,
        i: usize,
    ) -> Result<Option<Key>, ReadError> {
        match (container.kind(), segment) {
            (Kind::List, _) => {
                let list = self.state.list_at(index);
                let len = list.map_or(0, |list| list.len());
                let index = segment.index(len);
                let index =
                    index.ok_or_else(|| ReadError::NotAnIndex { path: path.upto(i + 1) })?;
                Ok(list.and_then(|list| list.item_at(index)).map(Key::Item))
            }
            (_, Segment::Key(key)) => Ok(Some(Key::Name(key.as_str().into()))),
            (kind, Segment::Index(_)) => {
                Err(wrong_kind(path.upto(i), Kind::List, &Content::Container(kind)))
            }
        }
    }

    /// The container of one of these kinds that is shown at a path.
    pub(super) fn find(&self, path: &Path, kinds: &[Kind]) -> Result<ContainerId, ReadError> {
        if *path == Path::root() {
            let root = Content::Container(Kind::Map);
            let is_root = kinds.contains(&Kind::Map);
            return if is_root {
                Ok(ContainerId::ROOT)
            } else {
                Err(wrong_kind(Path::root(), kinds[0], &root))
            };
        }
        let absent = || ReadError::NotFound { path: path.clone() };
        let At { container, key } = self.walk(path)?.ok_or_else(absent)?;
        match self.state.shown(&container, &key) {
            Some(Content::Container(kind)) if kinds.contains(&kind) => {
                Ok(container.child(key, kind))
            }
            Some(content) => Err(wrong_kind(path.clone(), kinds[0], &content)),
            None => Err(absent()),
        }
    }

    /// The container in which the last step of a path is, and what creates it and the missing
    /// ones on the way.
    pub(super) fn enter_parent(&self, path: &Path) -> Result<Entered, EditError> {
        let (parents, _) = path.split_last().ok_or(EditError::Root)?;
        self.enter_first(path, parents.len(), WITH_PATHS)
    }

    /// The container of one of these kinds at a path, the first of them if none is there; and
    /// what creates it and the missing ones on the way.
    pub(super) fn enter(&self, path: &Path, kinds: &[Kind]) -> Result<Entered, EditError> {
        if *path == Path::root() && !kinds.contains(&Kind::Map) {
            return Err(EditError::Root);
        }
        self.enter_first(path, path.segments().len(), kinds)
    }

    /// The same for the first `len` steps of a path.
    fn enter_first(&self, path: &Path, len: usize, kinds: &[Kind]) -> Result<Entered, EditError> {
        let limit = self.options.max_depth.min(MAX_DEPTH);
        if path.segments().len() > limit {
            return Err(EditError::TooDeep { limit });
        }
        let (container, index) = (ContainerId::ROOT, Some(State::ROOT));
        let mut at = Entered { container, index, ops: Vec::new(), is_new: false };
        for (i, segment) in path.segments()[..len].iter().enumerate() {
            let kinds = if i + 1 == len { kinds } else { WITH_PATHS };
            match self.target(&at, segment, path, i)? {
                Target::Key(key) => self.enter_place(&mut at, key, kinds, path, i)?,
                Target::End => {
                    let item = self.append(&mut at, Content::Container(kinds[0]));
                    at.container = at.container.child(Key::Item(item), kinds[0]);
                    at.index = None;
                    at.is_new = true;
                }
            }
        }
        Ok(at)
    }

    /// Where a path's segment number `i` leads to in the container that the ones before lead to.
    pub(super) fn target(
        &self,
        at: &Entered,
        segment: &Segment,
        path: &Path,
        i: usize,
    ) -> Result<Target, EditError> {
        let container = &at.container;
        if container.kind() == Kind::List && *segment == Segment::from("-") {
            return Ok(Target::End);
        }
        let key = self.key((container, at.index), segment, path, i)?;
        match key.filter(|_| !at.is_new || container.kind() != Kind::List) {
            Some(key) => {
                if let Key::Name(name) = &key {
                    self.options.check_key(name)?;
                }
                Ok(Target::Key(key))
            }
            None => {
                let list = self.state.list_at(at.index).filter(|_| !at.is_new);
                let len = list.map_or(0, |list| list.len());
                let index = segment.index(len).unwrap_or(len);
                Err(EditError::IndexOutOfBounds { path: path.upto(i), index, len })
            }
        }
    }

    /// Plans a new item behind the last one; gives its identity.
    pub(super) fn append(&self, at: &mut Entered, content: Content) -> OpId {
        let id = self.next_id(&at.ops);
        let place = match self.state.list_at(at.index) {
            Some(list) => list.place_behind(),
            None => Place { parent: None, side: Side::Right },
        };
        let elements = Elements::Items(vec![content]);
        at.ops.push(Op::Insert { container: at.container.clone(), place, elements });
        id
    }

    /// Goes on into a container of one of these kinds in a place, and plans what makes it be
    /// there, if nothing does yet: because there is none, or because it was deleted and lives on
    /// through what the deletion had not seen. Who edits it then wants it there.
    fn enter_place(
        &self,
        at: &mut Entered,
        key: Key,
        kinds: &[Kind],
        path: &Path,
        i: usize,
    ) -> Result<(), EditError> {
        let shown = self.state.shown_at(at.index, &key).filter(|_| !at.is_new);
        let kind = match &shown {
            Some(Content::Container(kind)) if kinds.contains(kind) => *kind,
            Some(content) => return Err(wrong_kind(path.upto(i + 1), kinds[0], content).into()),
            None => kinds[0],
        };
        if shown.is_none() || !self.state.is_assigned(at.index, &key) {
            let content = Some(Content::Container(kind));
            let ops = self.assertion(at, &key, content, &path.upto(i + 1))?;
            at.ops.extend(ops);
        }
        at.is_new |= shown.is_none();
        at.index = self.state.child(at.index, &key, kind);
        at.container = at.container.child(key, kind);
        Ok(())
    }

    /// An assignment in the place of those that are seen. What is in the place is emptied first,
    /// unless it is a container that goes on.
    pub(super) fn assertion(
        &self,
        at: &Entered,
        key: &Key,
        content: Option<Content>,
        path: &Path,
    ) -> Result<Vec<Op>, EditError> {
        let (container, key) = (at.container.clone(), key.clone());
        if at.is_new {
            return Ok(vec![Op::Assign { container, key, content, supersedes: Vec::new() }]);
        }
        let goes_on = matches!(content, Some(Content::Container(_)))
            && self.state.shown_at(at.index, &key) == content;
        let mut ops = Vec::new();
        if !goes_on {
            ops = self.observed_content(at.index, &key, Forbids::Visible, path)?;
        }
        let supersedes = self.state.observed_assignments(at.index, &key);
        ops.push(Op::Assign { container, key, content, supersedes });
        Ok(ops)
    }

    /// What empties the containers in a place.
    pub(super) fn observed_content(
        &self,
        index: Option<ContainerIndex>,
        key: &Key,
        forbids: Forbids,
        path: &Path,
    ) -> Result<Vec<Op>, EditError> {
        let observed = self.state.observed_content(index, key, forbids);
        observed.map_err(|_| EditError::GrowOnly { path: path.clone() })
    }
}

pub(super) fn wrong_kind(path: Path, expected: Kind, content: &Content) -> ReadError {
    let found = match content {
        Content::Value(_) => Found::Value,
        Content::Container(kind) => Found::Container(*kind),
    };
    ReadError::WrongKind { path, expected, found }
}
