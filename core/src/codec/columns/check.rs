//! Whether a list of changes of one author is valid, found out without making anything of it: a saved
//! log is checked like this when it is loaded.
//!
//! It takes the steps of [`Rows`](super::Rows), and accepts nothing that those refuse. It says not
//! why it refuses a list: that is for [`Rows`](super::Rows).

use crate::codec::block::Extent;
use crate::codec::op;
use crate::codec::reader::Reader;
use crate::codec::tables::{MAX_COUNT, Tables};
use crate::codec::varint::Column;
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::NodeRun;
use crate::value::Kind;
use crate::varint::{Numbers, unfold};

use super::commits::Commits;
use super::expected::Expected;
use super::keys::hash;
use super::read::Parts;
use super::row::names_twice;
use super::{KIND_BITS, LONG, SUPERSEDES_LAST, column, kind, other};

/// What is needed for one list after the other, and grows only once.
#[derive(Default)]
pub(in crate::codec) struct Scratch {
    expected: Expected,
    /// By container, of each key in it: the counter of the author's assignment there, if that was the
    /// last thing listed.
    assigned: Vec<Vec<Option<u64>>>,
    /// Of all keys that were spelled out.
    hashes: Vec<u64>,
    runs: Vec<NodeRun>,
}

/// Checks the columns of a list; gives what it is of. `None` if it is not valid, or not of one author
/// and in a row, or if that is not plain to see: where two keys have one hash.
pub(in crate::codec) fn check(
    scratch: &mut Scratch,
    tables: &mut Tables,
    reader: &mut Reader<'_>,
) -> Option<Extent> {
    let parts = Parts::read(reader).ok()?;
    scratch.expected.reset(tables.replica_count());
    // One list with many containers leaves nothing for each of the next ones to clear.
    scratch.assigned.truncate(tables.container_count());
    scratch.assigned.iter_mut().for_each(Vec::clear);
    scratch.hashes.clear();
    scratch.runs.clear();
    let column = |column: u64| Quick::new(&parts, column);
    let commits = Some(parts.numbers[column::COMMITS as usize]);
    let commits = commits.filter(Column::is_present).map(Commits::new).transpose().ok()?;
    let mut walk = Walk {
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
        values: parts.values,
        characters: parts.text.rest().chars().count() as u64,
        author: 0,
        replica: ReplicaId::new(0),
        end: 0,
        lamport_end: 0,
        to_come: 0,
        container: 0,
        kind: Kind::Map,
        place_of: 0,
        place_replica: ReplicaId::new(0),
        tables,
        scratch,
    };
    let (author, start, lamport) = walk.change()?;
    let first_end = walk.end;
    for _ in 1..parts.changes {
        let before = (walk.replica, walk.end, walk.lamport_end);
        let (author, start, lamport) = walk.change()?;
        if (author, start) != (before.0, before.1) || lamport < before.2 {
            return None;
        }
    }
    let Walk { end, lamport_end, .. } = walk;
    let count = usize::try_from(parts.changes).ok()?;
    let extent = Extent { author, start, end, first_end, lamport, lamport_end, count };
    walk.is_at_end().then_some(extent)
}

/// A column of numbers. One that is absent is all zeros.
struct Quick<'a> {
    numbers: Numbers<'a>,
    present: bool,
}

impl<'a> Quick<'a> {
    fn new(parts: &Parts<'a>, column: u64) -> Self {
        let column = &parts.numbers[column as usize];
        Self { numbers: Numbers::new(column.rest()), present: column.is_present() }
    }

    #[inline(always)]
    fn byte(&mut self) -> Option<u8> {
        self.numbers.next_byte().or((!self.present).then_some(0))
    }

    #[inline(always)]
    fn next(&mut self) -> Option<u64> {
        if self.numbers.is_empty() { (!self.present).then_some(0) } else { self.numbers.next() }
    }

    /// A count, by what it is more or less than the one that is expected.
    #[inline(always)]
    fn near(&mut self, expected: u64) -> Option<u64> {
        let count = (expected as i64).checked_add(unfold(self.next()?))? as u64;
        (count <= MAX_COUNT).then_some(count)
    }
}

/// A column of runs of numbers.
struct Repeated<'a> {
    column: Quick<'a>,
    number: u64,
    /// How often the number is there yet.
    left: u64,
    started: bool,
    says_something: bool,
}

impl<'a> Repeated<'a> {
    fn new(column: Quick<'a>) -> Self {
        Self { column, number: 0, left: 0, started: false, says_something: false }
    }

    fn start_run(&mut self) -> Option<u64> {
        let run = self.column.next()?;
        self.left = match run % 2 {
            0 if !self.column.present => u64::MAX,
            0 => 1,
            _ => self.column.next()?.saturating_add(2),
        };
        let number = run / 2;
        self.says_something |= number > 0;
        let goes_on = self.started && number == self.number;
        (self.number, self.started) = (number, true);
        (!goes_on).then_some(number)
    }

    fn is_at_end(&self) -> bool {
        let runs_end = self.left == 0 && self.says_something;
        !self.column.present || self.column.numbers.is_empty() && runs_end
    }
}

/// A list that is walked.
struct Walk<'a, 's> {
    tables: &'s mut Tables,
    scratch: &'s mut Scratch,
    authors: Quick<'a>,
    counters: Quick<'a>,
    dependencies: Quick<'a>,
    lamports: Quick<'a>,
    /// `None` if there are none.
    commits: Option<Commits<'a>>,
    rows: Quick<'a>,
    tags: Quick<'a>,
    containers: Repeated<'a>,
    lengths: Quick<'a>,
    replicas: Repeated<'a>,
    places: Quick<'a>,
    key_numbers: Quick<'a>,
    superseded: Quick<'a>,
    values: Reader<'a>,
    /// How many of the text are left.
    characters: u64,
    author: usize,
    replica: ReplicaId,
    /// The counter behind the last row, and the Lamport time behind the last change.
    end: u64,
    lamport_end: u64,
    /// How many rows of the change come behind this one.
    to_come: u64,
    container: usize,
    kind: Kind,
    /// Of whom the last place was.
    place_of: usize,
    place_replica: ReplicaId,
}

impl Walk<'_, '_> {
    /// Checks a change; gives its author, its counter and its Lamport time.
    #[inline]
    fn change(&mut self) -> Option<(ReplicaId, u64, u64)> {
        let (author, replica) = self.tables.plain_replica(self.authors.next()?)?;
        let start = self.counters.near(self.scratch.expected.named(author))?;
        (self.author, self.replica, self.end) = (author, replica, start);
        let mut expected = self.scratch.expected.lamport(author, start);
        let mut last = None;
        for _ in 0..self.dependencies.next()? {
            let (number, head) =
                named(&mut self.dependencies, self.tables, &mut self.scratch.expected)?;
            let ascends = last.replace(head.replica).is_none_or(|last| last < head.replica);
            if !ascends || number == author {
                return None;
            }
            expected = expected.max(self.scratch.expected.lamport(number, head.counter + 1));
        }
        let lamport = self.lamports.near(expected)?;
        if let Some(commits) = &mut self.commits {
            commits.read().ok()?;
        }
        self.to_come = self.rows.next()?;
        self.row()?;
        while self.to_come > 0 {
            self.to_come -= 1;
            self.row()?;
        }
        self.end_deletion()?;
        self.lamport_end = lamport + (self.end - start);
        self.scratch.expected.end_change(author, self.end, self.lamport_end);
        Some((replica, start, lamport))
    }

    #[inline(always)]
    fn row(&mut self) -> Option<()> {
        let tag = self.tags.byte()?;
        let (row_kind, number) = (tag & ((1 << KIND_BITS) - 1), tag >> KIND_BITS);
        if row_kind < kind::MORE && !self.scratch.runs.is_empty() {
            self.end_deletion()?;
        }
        let len = match (row_kind, number) {
            (kind::INSERT_NEXT | kind::INSERT_RIGHT | kind::INSERT_LEFT, _) => {
                let len = self.len(number)?;
                self.container()?;
                let is_next_to_something = match row_kind {
                    kind::INSERT_NEXT => self.end > 0,
                    kind::INSERT_RIGHT => {
                        let counter = self.place()?;
                        counter > 0 && (self.place_of, counter) != (self.author, self.end)
                    }
                    _ => self.place().is_some(),
                };
                self.insertion(is_next_to_something.then_some(len)?)?
            }
            (kind::OTHER, other::INSERT_AT_ROOT) => {
                let len = self.lengths.next()?.saturating_add(1);
                self.container()?;
                self.insertion(len)?
            }
            (kind::OTHER, _) => self.other(number)?,
            _ => self.deletion(row_kind, number)?,
        };
        self.end = self.end.saturating_add(len);
        (self.end <= MAX_COUNT).then_some(())
    }

    #[inline(always)]
    fn len(&mut self, more: u8) -> Option<u64> {
        let more = u64::from(more);
        let longer = if more == LONG { self.lengths.next()? } else { 0 };
        Some(longer.saturating_add(more + 1))
    }

    /// The container that a row is on.
    #[inline(always)]
    fn container(&mut self) -> Option<()> {
        if self.containers.left == 0 {
            let number = self.containers.start_run()?;
            self.container = self.tables.container_numbered(0, number).ok()?;
            let container = self.tables.container_at(self.container);
            self.kind = container.kind();
            if matches!(self.kind, Kind::Map | Kind::List) {
                op::check_depth(0, container).ok()?;
            }
        }
        self.containers.left -= 1;
        Some(())
    }

    /// Between which identities of a replica something is inserted or deleted: the counter.
    #[inline(always)]
    fn place(&mut self) -> Option<u64> {
        if self.replicas.left == 0 {
            let number = self.replicas.start_run()?;
            let of = match number.checked_sub(1) {
                None => (self.author, self.replica),
                Some(number) if number == self.author as u64 => return None,
                Some(number) => self.tables.plain_replica(number)?,
            };
            (self.place_of, self.place_replica) = of;
        }
        self.replicas.left -= 1;
        let cursor = self.scratch.expected.cursor_mut(self.place_of)?;
        *cursor = self.places.near(*cursor)?;
        Some(*cursor)
    }

    #[inline(always)]
    fn insertion(&mut self, len: u64) -> Option<u64> {
        let cursor = self.scratch.expected.cursor_mut(self.author)?;
        *cursor = self.end.saturating_add(len).min(MAX_COUNT);
        match self.kind {
            Kind::Text => self.characters = self.characters.checked_sub(len)?,
            Kind::List => (0..len).try_for_each(|_| self.values.check_content())?,
            _ => return None,
        }
        Some(len)
    }

    #[inline(always)]
    fn deletion(&mut self, row_kind: u8, number: u8) -> Option<u64> {
        let backwards = matches!(row_kind, kind::DELETE_BACKWARDS | kind::MORE_BACKWARDS);
        let len = self.len(number)?;
        let before = self.container;
        self.container()?;
        if !matches!(self.kind, Kind::Text | Kind::List) || backwards && len == 1 {
            return None;
        }
        let from = self.place()?;
        let forwards = len > 1 && !backwards;
        let start = if forwards { from } else { from.checked_sub(len)? };
        let end = start.saturating_add(len);
        if end > MAX_COUNT {
            return None;
        }
        *self.scratch.expected.cursor_mut(self.place_of)? = if forwards { end } else { start };
        let nodes = IdSpan::new(OpId::new(self.place_replica, start), len);
        let run = NodeRun { nodes, backwards };
        if row_kind >= kind::MORE {
            let last = self.scratch.runs.last()?;
            if self.container != before || last.joined(&run).is_some() {
                return None;
            }
        }
        self.scratch.runs.push(run);
        Some(len)
    }

    /// Ends the deletion that the last row was of, if it was of one.
    #[inline(always)]
    fn end_deletion(&mut self) -> Option<()> {
        let runs = &mut self.scratch.runs;
        let fits = runs.len() < 2 || !names_twice(runs);
        runs.clear();
        fits.then_some(())
    }

    #[inline]
    fn other(&mut self, number: u8) -> Option<u64> {
        match number {
            other::ASSIGN => {
                self.container()?;
                op::WITH_KEYS.contains(&self.kind).then_some(())?;
                self.key(Some(self.end))?;
                self.values.check_assigned(self.kind)?;
            }
            other::REMOVE => {
                self.container()?;
                op::WITH_KEYS.contains(&self.kind).then_some(())?;
                op::refuse_grow_only(0, self.kind).ok()?;
                self.key(None)?.then_some(())?;
            }
            other::MOVE => {
                self.container()?;
                (self.kind == Kind::List).then_some(())?;
                self.tables.op(&mut self.values).ok()?;
                self.tables.place(&mut self.values).ok()?;
            }
            other::INCREMENT => {
                self.container()?;
                op::COUNTERS.contains(&self.kind).then_some(())?;
                op::read_delta(self.kind, &mut self.values).ok()?;
            }
            other::RESET => {
                self.container()?;
                op::COUNTERS.contains(&self.kind).then_some(())?;
                op::refuse_grow_only(0, self.kind).ok()?;
                op::read_contributions(self.tables, &mut self.values).ok()?;
            }
            other::JOIN | other::EVICT => drop(self.tables.replica(&mut self.values).ok()?),
            other::REDACT => {}
            // The last thing that its author does.
            other::LEAVE if self.to_come == 0 => {}
            _ => return None,
        }
        Some(1)
    }

    /// A key, and what is superseded there: whether that is anything. `assigned` is the operation, if
    /// it is an assignment.
    #[inline]
    fn key(&mut self, assigned: Option<u64>) -> Option<bool> {
        let Scratch { expected, assigned: known, hashes, .. } = &mut *self.scratch;
        if self.container >= known.len() {
            known.resize_with(self.container + 1, Vec::new);
        }
        let keys = &mut known[self.container];
        let nth = match self.key_numbers.next()? {
            0 => {
                let key = self.values.rest();
                if self.kind == Kind::List {
                    self.tables.key(Kind::List, &mut self.values).ok()?;
                } else {
                    self.values.check_key(self.kind)?;
                }
                let len = key.len() - self.values.rest().len();
                hashes.push(hash(self.container, &key[..len]));
                keys.push(None);
                keys.len() - 1
            }
            number => usize::try_from(number - 1).ok()?,
        };
        let last = std::mem::replace(keys.get_mut(nth)?, assigned);
        let last = last.map(|counter| OpId::new(self.replica, counter));
        let Some(count) = self.superseded.next()?.checked_sub(SUPERSEDES_LAST + 1) else {
            return Some(last.is_some());
        };
        expected.set_named(self.author, self.end);
        let mut before = None;
        for _ in 0..count {
            let (_, id) = named(&mut self.superseded, self.tables, expected)?;
            if before.replace(id).is_some_and(|before| before >= id) {
                return None;
            }
        }
        let is_last = count < 2 && before == last;
        (!is_last).then_some(count > 0)
    }

    /// Whether nothing is left, and no key was spelled out twice, as far as hashes say.
    fn is_at_end(&mut self) -> bool {
        let columns = [
            &self.authors,
            &self.counters,
            &self.dependencies,
            &self.lamports,
            &self.rows,
            &self.tags,
            &self.lengths,
            &self.places,
            &self.key_numbers,
            &self.superseded,
        ];
        let hashes = &mut self.scratch.hashes;
        hashes.sort_unstable();
        columns.iter().all(|column| column.numbers.is_empty())
            && self.commits.is_none_or(|commits| commits.end().is_ok())
            && self.containers.is_at_end()
            && self.replicas.is_at_end()
            && self.values.is_at_end()
            && self.characters == 0
            && hashes.windows(2).all(|pair| pair[0] != pair[1])
    }
}

/// An operation that a column names, and the number of its replica.
#[inline(always)]
fn named(
    column: &mut Quick<'_>,
    tables: &mut Tables,
    expected: &mut Expected,
) -> Option<(usize, OpId)> {
    let (number, replica) = tables.plain_replica(column.next()?)?;
    let end = column.near(expected.named(number))?;
    expected.set_named(number, end);
    Some((number, OpId::new(replica, end.checked_sub(1)?)))
}
