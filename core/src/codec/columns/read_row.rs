//! Reads what a row has in the columns behind its tag.

use crate::codec::op;
use crate::codec::reader::Reader;
use crate::codec::tables::{MAX_COUNT, Tables};
use crate::codec::varint::Column;
use crate::container::Key;
use crate::error::DecodeError;
use crate::id::{IdSpan, OpId};
use crate::op::{NodeRun, Op, Place, Side};
use crate::value::Kind;

use super::expected::Expected;
use super::read::{Current, Result, Rows};
use super::row::{OpRef, names_twice};
use super::{LONG, SUPERSEDES_LAST, kind, other};

impl<'a> Rows<'a, '_> {
    #[inline]
    pub(super) fn len(&mut self, more: u64) -> Result<u64> {
        let longer = if more == LONG { self.lengths.uint()? } else { 0 };
        Ok(longer.saturating_add(more + 1))
    }

    /// The container that a row is on, of one of these kinds.
    #[inline]
    fn container_of(&mut self, offset: usize, kinds: &[Kind]) -> Result<usize> {
        let at = self.containers.offset();
        let (number, is_new) = self.containers.next()?;
        if is_new {
            self.current.container = self.tables.container_numbered(at, number)?;
            self.current.kind = self.container(self.current.container).kind();
        }
        if !kinds.contains(&self.current.kind) {
            return Reader::inconsistent(offset, "an operation is on a container of another kind");
        }
        if is_new && matches!(self.current.kind, Kind::Map | Kind::List) {
            op::check_depth(at, self.container(self.current.container))?;
        }
        Ok(self.current.container)
    }

    /// Between which identities of a replica something is inserted or deleted.
    #[inline]
    fn place(&mut self) -> Result<(usize, OpId)> {
        let offset = self.replicas.offset();
        let (number, _) = self.replicas.next()?;
        let (number, replica) = match number.checked_sub(1) {
            None => (self.current.author, self.current.replica),
            Some(number) if number == self.current.author as u64 => {
                return Err(DecodeError::NotCanonical { offset, what: "the author's number" });
            }
            Some(number) => self.tables.replica_numbered(offset, number)?,
        };
        let counter = self.places.near(self.expected.cursor(number))?;
        self.expected.set_cursor(number, counter);
        Ok((number, OpId::new(replica, counter)))
    }

    #[inline]
    pub(super) fn insertion(
        &mut self,
        offset: usize,
        row_kind: Option<u8>,
        len: u64,
    ) -> Result<(usize, OpRef<'a>)> {
        let container = self.container_of(offset, &[Kind::Text, Kind::List])?;
        let kind = self.current.kind;
        let Current { author, replica, end: counter, .. } = self.current;
        let before = |id: OpId| id.counter.checked_sub(1).map(|last| OpId::new(id.replica, last));
        let none = DecodeError::Unexpected { offset, expected: "a node to insert next to" };
        let place = match row_kind {
            None => Place { parent: None, side: Side::Right },
            Some(kind::INSERT_NEXT) => {
                let parent = before(OpId::new(replica, counter)).ok_or(none)?;
                Place { parent: Some(parent), side: Side::Right }
            }
            Some(kind::INSERT_RIGHT) => {
                let (_, right_of) = self.place()?;
                if right_of == OpId::new(replica, counter) {
                    let what = "an insertion's place";
                    return Err(DecodeError::NotCanonical { offset, what });
                }
                Place { parent: Some(before(right_of).ok_or(none)?), side: Side::Right }
            }
            Some(_) => Place { parent: Some(self.place()?.1), side: Side::Left },
        };
        self.expected.set_cursor(author, counter.saturating_add(len).min(MAX_COUNT));
        let op = if kind == Kind::List {
            let items = (0..len).map(|_| Tables::content(&mut self.values));
            OpRef::InsertItems { place, items: items.collect::<Result<_>>()? }
        } else {
            OpRef::InsertText { place, text: self.text.take(len)?, len }
        };
        Ok((container, op))
    }

    #[inline]
    pub(super) fn deletion(
        &mut self,
        offset: usize,
        row_kind: u8,
        number: u64,
    ) -> Result<(usize, OpRef<'a>)> {
        let backwards = matches!(row_kind, kind::DELETE_BACKWARDS | kind::MORE_BACKWARDS);
        let more = row_kind >= kind::MORE;
        let len = self.len(number)?;
        let before = self.current.container;
        let container = self.container_of(offset, &[Kind::Text, Kind::List])?;
        if more && (self.current.runs.is_empty() || container != before) {
            let expected = "a run of the same deletion behind another";
            return Err(DecodeError::Unexpected { offset, expected });
        }
        if backwards && len == 1 {
            let what = "the direction of a single node";
            return Err(DecodeError::NotCanonical { offset, what });
        }
        let (replica, from) = self.place()?;
        let forwards = len > 1 && !backwards;
        let start = if forwards { Some(from.counter) } else { from.counter.checked_sub(len) };
        let Some(start) = start else {
            let expected = "a run of nodes that starts at 0 or later";
            return Err(DecodeError::Unexpected { offset, expected });
        };
        let end = start.saturating_add(len);
        if end > MAX_COUNT {
            return Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT });
        }
        self.expected.set_cursor(replica, if forwards { end } else { start });
        let nodes = IdSpan::new(OpId::new(from.replica, start), len);
        let run = NodeRun { nodes, backwards };
        if self.current.runs.last().is_some_and(|last| last.joined(&run).is_some()) {
            return Err(DecodeError::NotCanonical { offset, what: "a run in two parts" });
        }
        self.current.runs.push(run);
        Ok((container, OpRef::Delete { run, more }))
    }

    /// Ends the deletion that the last row was of, if it was of one: no node is in it twice.
    pub(super) fn check_runs(&mut self) -> Result<()> {
        if self.current.runs.len() > 1 && names_twice(&mut self.current.runs) {
            let offset = self.tags.offset();
            return Err(DecodeError::NotCanonical { offset, what: "a node named twice" });
        }
        self.current.runs.clear();
        Ok(())
    }

    pub(super) fn other(
        &mut self,
        offset: usize,
        number: u8,
        id: OpId,
    ) -> Result<(usize, OpRef<'a>)> {
        let (container, op) = match number {
            other::ASSIGN => {
                let container = self.container_of(offset, op::WITH_KEYS)?;
                let (key, supersedes) = self.key(container, Some(id))?;
                let content = op::read_assigned(self.current.kind, &mut self.values)?;
                let id = self.container(container).clone();
                (container, Op::Assign { container: id, key, content, supersedes })
            }
            other::REMOVE => {
                let container = self.container_of(offset, op::WITH_KEYS)?;
                op::refuse_grow_only(offset, self.current.kind)?;
                let (key, supersedes) = self.key(container, None)?;
                if supersedes.is_empty() {
                    let expected = "a removal of something";
                    return Err(DecodeError::Unexpected { offset, expected });
                }
                let id = self.container(container).clone();
                (container, Op::Remove { container: id, key, supersedes })
            }
            other::JOIN => (0, Op::Join(self.tables.replica(&mut self.values)?)),
            other::LEAVE => (0, Op::Leave),
            other::EVICT => (0, Op::Evict(self.tables.replica(&mut self.values)?)),
            other::REDACT => (0, Op::Redact),
            other::MOVE => {
                let container = self.container_of(offset, &[Kind::List])?;
                let item = self.tables.op(&mut self.values)?;
                let place = self.tables.place(&mut self.values)?;
                let id = self.container(container).clone();
                (container, Op::Move { container: id, item, place })
            }
            other::INCREMENT => {
                let container = self.container_of(offset, op::COUNTERS)?;
                let delta = op::read_delta(self.current.kind, &mut self.values)?;
                let id = self.container(container).clone();
                (container, Op::Increment { container: id, delta })
            }
            other::RESET => {
                let container = self.container_of(offset, op::COUNTERS)?;
                op::refuse_grow_only(offset, self.current.kind)?;
                let observed = op::read_contributions(self.tables, &mut self.values)?;
                let id = self.container(container).clone();
                (container, Op::Reset { container: id, observed })
            }
            _ => {
                let expected = "an operation of this format";
                return Err(DecodeError::Unexpected { offset, expected });
            }
        };
        Ok((container, OpRef::Other(Box::new(op))))
    }

    /// A key, and what an operation supersedes there; `assigned` is its own assignment, if it is one.
    fn key(&mut self, container: usize, assigned: Option<OpId>) -> Result<(Key, Vec<OpId>)> {
        let offset = self.key_numbers.offset();
        let mut number = self.key_numbers.uint()?;
        if number == 0 {
            let key = self.tables.key(self.current.kind, &mut self.values)?;
            number = self.keys.add(container, key);
        }
        let Some((key, last)) = self.keys.get(container, number) else {
            let expected = "the number of a key named before";
            return Err(DecodeError::Unexpected { offset, expected });
        };
        let key = key.clone();
        let last = std::mem::replace(last, assigned);
        let offset = self.superseded.offset();
        let Some(count) = self.superseded.uint()?.checked_sub(SUPERSEDES_LAST + 1) else {
            return Ok((key, last.into_iter().collect()));
        };
        self.expected.set_named(self.current.author, self.current.end);
        let mut supersedes: Vec<OpId> = Vec::new();
        for _ in 0..count {
            let (_, id) = named(&mut self.superseded, self.tables, &mut self.expected)?;
            if supersedes.last().is_some_and(|before| *before >= id) {
                let what = "the order of identities";
                return Err(DecodeError::NotCanonical { offset, what });
            }
            supersedes.push(id);
        }
        if supersedes == last.as_slice() {
            return Err(DecodeError::NotCanonical { offset, what: "the last assignment" });
        }
        Ok((key, supersedes))
    }
}

/// An operation that a column names, and the number of its replica.
pub(super) fn named(
    column: &mut Column<'_>,
    tables: &mut Tables,
    expected: &mut Expected,
) -> Result<(usize, OpId)> {
    let offset = column.offset();
    let (number, replica) = tables.replica_numbered(offset, column.uint()?)?;
    let end = column.near(expected.named(number))?;
    let Some(counter) = end.checked_sub(1) else {
        return Err(DecodeError::Unexpected { offset, expected: "an operation" });
    };
    expected.set_named(number, end);
    Ok((number, OpId::new(replica, counter)))
}
