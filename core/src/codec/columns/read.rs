//! Walks the columns of a list, change by change and row by row.

use crate::change::Change;
use crate::codec::op;
use crate::codec::reader::Reader;
use crate::codec::tables::{MAX_COUNT, Tables};
use crate::codec::varint::Column;
use crate::commit::Commit;
use crate::container::{ContainerId, Key};
use crate::error::DecodeError;
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::{NodeRun, Op, Place, Side};
use crate::value::Kind;

use super::expected::Expected;
use super::keys::Keys;
use super::repeated::Repeated;
use super::row::{ChangeHead, OpRef, Row};
use super::{KIND_BITS, LONG, SUPERSEDES_LAST, column, kind, other, said};

type Result<T> = std::result::Result<T, DecodeError>;

/// A list of changes that is walked: a change's head, all of its rows, the next head.
pub(crate) struct Rows<'a, 't> {
    tables: &'t mut Tables,
    offset: usize,
    /// How many changes are to come.
    changes: u64,
    authors: Column<'a>,
    counters: Column<'a>,
    dependencies: Column<'a>,
    lamports: Column<'a>,
    commits: Commits<'a>,
    rows: Column<'a>,
    tags: Column<'a>,
    containers: Repeated<'a>,
    lengths: Column<'a>,
    replicas: Repeated<'a>,
    places: Column<'a>,
    key_numbers: Column<'a>,
    superseded: Column<'a>,
    values: Reader<'a>,
    text: Text<'a>,
    expected: Expected,
    keys: Keys,
    /// The last head, by which the next one is after it.
    before: Option<(u64, OpId)>,
    current: Current,
}

/// The change whose rows are read.
struct Current {
    author: usize,
    replica: ReplicaId,
    /// The counter and the Lamport time of its first operation.
    start: u64,
    lamport: u64,
    /// The counter behind its last row so far.
    end: u64,
    /// How many rows are to come.
    rows: u64,
    container: usize,
    kind: Kind,
    /// The runs of the deletion that the last row was of.
    runs: Vec<NodeRun>,
    left: bool,
}

/// The text that is inserted.
#[derive(Clone, Copy, Default)]
struct Text<'a> {
    rest: &'a str,
    /// Whether each character is a byte.
    is_ascii: bool,
    /// Where in the frame it ends.
    end: usize,
}

impl<'a> Text<'a> {
    /// That many characters.
    #[inline]
    fn take(&mut self, len: u64) -> Result<&'a str> {
        let bytes = usize::try_from(len).ok();
        let end = if self.is_ascii { bytes } else { bytes.and_then(|len| self.end_of(len)) };
        let Some((taken, rest)) = end.and_then(|end| self.rest.split_at_checked(end)) else {
            let offset = self.end;
            return Err(DecodeError::Unexpected { offset, expected: "a longer text" });
        };
        self.rest = rest;
        Ok(taken)
    }

    /// Where the first `len` characters end, if there are as many.
    fn end_of(&self, len: usize) -> Option<usize> {
        if self.rest.as_bytes().get(..len).is_some_and(<[u8]>::is_ascii) {
            return Some(len);
        }
        let mut starts = self.rest.char_indices().map(|(at, _)| at).chain([self.rest.len()]);
        starts.nth(len)
    }
}

/// What is said of commits.
#[derive(Clone, Copy, Default)]
struct Commits<'a> {
    column: Column<'a>,
    /// After how many changes the next one comes.
    next: Option<u64>,
    time: i64,
    origin: Option<&'a str>,
}

/// Reads the columns of a list, to be walked.
pub(crate) fn read<'a, 't>(
    tables: &'t mut Tables,
    reader: &mut Reader<'a>,
) -> Result<Rows<'a, 't>> {
    let offset = reader.offset();
    let mut changes = 1;
    let mut numbers: [Column<'a>; column::VALUES as usize] = Default::default();
    let mut values = Reader::default();
    let mut text = Text::default();
    reader.fields(|field, reader| {
        let offset = reader.offset();
        let blank = DecodeError::NotCanonical { offset, what: "a column that says nothing" };
        match field {
            column::CHANGES => match reader.uint()? {
                0 => return Err(blank),
                more => changes = more.saturating_add(1),
            },
            column::AUTHORS..column::VALUES => {
                let bytes = reader.bytes()?;
                let start = reader.offset() - bytes.len();
                numbers[field as usize] = Column::new(bytes, start)?;
            }
            column::VALUES => {
                values = reader.items()?;
                if values.is_at_end() {
                    return Err(blank);
                }
            }
            column::TEXT => {
                let rest = reader.text()?;
                if rest.is_empty() {
                    return Err(blank);
                }
                text = Text { rest, is_ascii: rest.is_ascii(), end: reader.offset() };
            }
            _ => {
                return Err(DecodeError::Unexpected {
                    offset,
                    expected: "a column of this format",
                });
            }
        }
        Ok(true)
    })?;
    let column = |column: u64| numbers[column as usize];
    let mut commits = Commits { column: column(column::COMMITS), ..Commits::default() };
    commits.find_next()?;
    Ok(Rows {
        tables,
        offset,
        changes,
        authors: column(column::AUTHORS),
        counters: column(column::COUNTERS),
        dependencies: column(column::DEPENDENCIES),
        lamports: column(column::LAMPORTS),
        commits,
        rows: column(column::ROWS),
        tags: column(column::TAGS),
        containers: Repeated::new(column(column::CONTAINERS)),
        lengths: column(column::LENGTHS),
        replicas: Repeated::new(column(column::REPLICAS)),
        places: column(column::PLACES),
        key_numbers: column(column::KEYS),
        superseded: column(column::SUPERSEDED),
        values,
        text,
        expected: Expected::default(),
        keys: Keys::default(),
        before: None,
        current: Current {
            author: 0,
            replica: ReplicaId::new(0),
            start: 0,
            lamport: 0,
            end: 0,
            rows: 0,
            container: 0,
            kind: Kind::Map,
            runs: Vec::new(),
            left: false,
        },
    })
}

impl<'a> Rows<'a, '_> {
    /// The container of a row.
    pub(crate) fn container(&self, number: usize) -> &ContainerId {
        self.tables.container_at(number)
    }

    /// All changes, none of whose rows was read.
    pub(crate) fn changes(&mut self) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        while let Some(head) = self.next_change()? {
            let mut ops: Vec<Op> = Vec::new();
            while let Some(Row { container, op, .. }) = self.next_row()? {
                match (&op, ops.last_mut()) {
                    (OpRef::Delete { run, more: true }, Some(Op::Delete { nodes, .. })) => {
                        nodes.push(*run);
                    }
                    _ => ops.push(op.into_op(self.container(container))),
                }
            }
            ops.shrink_to_fit();
            let ChangeHead { id, lamport, dependencies, commit } = head;
            let change = Change::new(id, lamport, dependencies, ops);
            changes.push(change.with_commit(commit.unwrap_or_default()));
        }
        Ok(changes)
    }

    /// Starts the next change, once all rows of the one before were read; `None` behind the last,
    /// if nothing is left.
    pub(crate) fn next_change(&mut self) -> Result<Option<ChangeHead>> {
        let Some(left) = self.changes.checked_sub(1) else {
            return self.end().map(|()| None);
        };
        self.changes = left;
        let offset = self.authors.offset();
        let (author, replica) = self.tables.replica_numbered(offset, self.authors.uint()?)?;
        let counter = self.counters.near(self.expected.named(author))?;
        let id = OpId::new(replica, counter);
        let mut expected = self.expected.lamport(author, counter);
        let mut dependencies: Vec<OpId> = Vec::new();
        for _ in 0..self.dependencies.uint()? {
            let offset = self.dependencies.offset();
            let (number, head) = named(&mut self.dependencies, self.tables, &mut self.expected)?;
            let ascends = dependencies.last().is_none_or(|last| last.replica < head.replica);
            if !ascends || head.replica == replica {
                let what = "the dependencies of a change";
                return Err(DecodeError::NotCanonical { offset, what });
            }
            expected = expected.max(self.expected.lamport(number, head.counter + 1));
            dependencies.push(head);
        }
        let offset = self.lamports.offset();
        let lamport = self.lamports.near(expected)?;
        if self.before.is_some_and(|before| before >= (lamport, id)) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of changes" });
        }
        self.before = Some((lamport, id));
        let commit = self.commits.read()?;
        let rows = self.rows.uint()?.saturating_add(1);
        self.current = Current {
            author,
            replica,
            start: counter,
            lamport,
            end: counter,
            rows,
            container: self.current.container,
            kind: self.current.kind,
            runs: std::mem::take(&mut self.current.runs),
            left: false,
        };
        self.current.runs.clear();
        Ok(Some(ChangeHead { id, lamport, dependencies, commit }))
    }

    /// The next row of the change; `None` behind its last.
    #[inline]
    pub(crate) fn next_row(&mut self) -> Result<Option<Row<'a>>> {
        let Some(left) = self.current.rows.checked_sub(1) else {
            let Current { author, start, lamport, end, .. } = self.current;
            self.check_runs()?;
            self.expected.end_change(author, end, lamport + (end - start));
            return Ok(None);
        };
        self.current.rows = left;
        let offset = self.tags.offset();
        let tag = self.tags.byte()?;
        let id = OpId::new(self.current.replica, self.current.end);
        let (row_kind, number) = (tag & ((1 << KIND_BITS) - 1), tag >> KIND_BITS);
        if row_kind < kind::MORE && !self.current.runs.is_empty() {
            self.check_runs()?;
        }
        let (container, op) = match (row_kind, number) {
            (kind::INSERT_NEXT | kind::INSERT_RIGHT | kind::INSERT_LEFT, _) => {
                let len = self.len(u64::from(number))?;
                self.insertion(offset, Some(row_kind), len)?
            }
            (kind::OTHER, other::INSERT_AT_ROOT) => {
                let len = self.lengths.uint()?.saturating_add(1);
                self.insertion(offset, None, len)?
            }
            (kind::OTHER, _) => self.other(offset, number, id)?,
            _ => self.deletion(offset, row_kind, u64::from(number))?,
        };
        if self.current.left {
            return Reader::inconsistent(offset, "something comes after its author has left");
        }
        self.current.left = matches!(&op, OpRef::Other(op) if **op == Op::Leave);
        self.current.end = id.counter.saturating_add(op.len());
        if self.current.end > MAX_COUNT {
            return Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT });
        }
        Ok(Some(Row { id, container, op }))
    }

    #[inline]
    fn len(&mut self, more: u64) -> Result<u64> {
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

    fn insertion(
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

    fn deletion(&mut self, offset: usize, row_kind: u8, number: u64) -> Result<(usize, OpRef<'a>)> {
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
    fn check_runs(&mut self) -> Result<()> {
        if self.current.runs.len() > 1 {
            self.current.runs.sort_unstable_by_key(|run| run.nodes);
            let mut pairs = self.current.runs.windows(2);
            if pairs.any(|pair| pair[0].nodes.overlaps(&pair[1].nodes)) {
                let offset = self.tags.offset();
                return Err(DecodeError::NotCanonical { offset, what: "a node named twice" });
            }
        }
        self.current.runs.clear();
        Ok(())
    }

    fn other(&mut self, offset: usize, number: u8, id: OpId) -> Result<(usize, OpRef<'a>)> {
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

    /// Asserts that nothing is left in any column.
    fn end(&self) -> Result<()> {
        let columns = [
            &self.authors,
            &self.counters,
            &self.dependencies,
            &self.lamports,
            &self.commits.column,
            &self.rows,
            &self.tags,
            &self.lengths,
            &self.places,
            &self.key_numbers,
            &self.superseded,
        ];
        columns.into_iter().try_for_each(Column::end)?;
        self.containers.end()?;
        self.replicas.end()?;
        if self.commits.next.is_some() {
            let offset = self.commits.column.offset();
            return Err(DecodeError::Unexpected { offset, expected: "a commit of a change" });
        }
        if !self.values.is_at_end() {
            let offset = self.values.offset();
            let expected = "values that end with the last change";
            return Err(DecodeError::Unexpected { offset, expected });
        }
        if !self.text.rest.is_empty() {
            let offset = self.text.end - self.text.rest.len();
            let expected = "a text that ends with the last change";
            return Err(DecodeError::Unexpected { offset, expected });
        }
        self.keys.end(self.offset)
    }
}

/// An operation that a column names, and the number of its replica.
fn named(
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

impl<'a> Commits<'a> {
    /// Reads after how many changes the next commit comes, if there is one.
    fn find_next(&mut self) -> Result<()> {
        self.next = if self.column.is_at_end() { None } else { Some(self.column.uint()?) };
        Ok(())
    }

    /// What is said of the next change.
    fn read(&mut self) -> Result<Option<Commit>> {
        match &mut self.next {
            None => Ok(None),
            Some(0) => self.read_commit().map(Some),
            Some(after) => {
                *after -= 1;
                Ok(None)
            }
        }
    }

    fn read_commit(&mut self) -> Result<Commit> {
        let offset = self.column.offset();
        let said = self.column.uint()?;
        let misfit = DecodeError::Unexpected { offset, expected: "what is said of a change" };
        let says = |part| said & part != 0;
        let twice = says(said::ORIGIN) && says(said::SAME_ORIGIN);
        if twice || said >= 2 * said::SAME_ORIGIN {
            return Err(misfit);
        }
        let mut commit = Commit::new();
        if says(said::TIME) {
            self.time = self.time.wrapping_add(self.column.signed()?);
            commit.time = Some(self.time);
        }
        if says(said::MESSAGE) {
            commit.message = Some(self.text()?.to_owned());
        }
        if says(said::ORIGIN) {
            let origin = self.text()?;
            if self.origin == Some(origin) {
                return Err(DecodeError::NotCanonical { offset, what: "the same origin" });
            }
            self.origin = Some(origin);
        }
        if says(said::ORIGIN) || says(said::SAME_ORIGIN) {
            commit.origin = Some(self.origin.ok_or(misfit)?.to_owned());
        }
        if commit.is_empty() {
            return Err(DecodeError::NotCanonical { offset, what: "an empty commit" });
        }
        self.find_next()?;
        Ok(commit)
    }

    fn text(&mut self) -> Result<&'a str> {
        let len = self.column.uint()?;
        let offset = self.column.offset();
        let bytes = self.column.take(len)?;
        std::str::from_utf8(bytes).map_err(|error| DecodeError::Unexpected {
            offset: offset + error.valid_up_to(),
            expected: "UTF-8",
        })
    }
}
