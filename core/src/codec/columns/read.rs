//! Walks the columns of a list, change by change and row by row.

use crate::change::Change;
use crate::codec::reader::Reader;
use crate::codec::tables::{MAX_COUNT, Tables};
use crate::codec::varint::Column;
use crate::container::ContainerId;
use crate::error::DecodeError;
use crate::id::{OpId, ReplicaId};
use crate::op::{NodeRun, Op};
use crate::value::Kind;

use super::commits::Commits;
use super::expected::Expected;
use super::keys::Keys;
use super::read_row::named;
use super::repeated::Repeated;
use super::row::{ChangeHead, OpRef, Row};
use super::{KIND_BITS, column, kind, other};

pub(super) type Result<T> = std::result::Result<T, DecodeError>;

/// A list of changes that is walked: a change's head, all of its rows, the next head.
pub(crate) struct Rows<'a, 't> {
    pub(super) tables: &'t mut Tables,
    pub(super) offset: usize,
    /// How many changes are to come.
    pub(super) changes: u64,
    pub(super) authors: Column<'a>,
    pub(super) counters: Column<'a>,
    pub(super) dependencies: Column<'a>,
    pub(super) lamports: Column<'a>,
    pub(super) commits: Commits<'a>,
    pub(super) rows: Column<'a>,
    pub(super) tags: Column<'a>,
    pub(super) containers: Repeated<'a>,
    pub(super) lengths: Column<'a>,
    pub(super) replicas: Repeated<'a>,
    pub(super) places: Column<'a>,
    pub(super) key_numbers: Column<'a>,
    pub(super) superseded: Column<'a>,
    pub(super) values: Reader<'a>,
    pub(super) text: Text<'a>,
    pub(super) expected: Expected,
    pub(super) keys: Keys,
    /// The last head, by which the next one is after it.
    pub(super) before: Option<(u64, OpId)>,
    pub(super) current: Current,
}

/// The change whose rows are read.
pub(super) struct Current {
    pub(super) author: usize,
    pub(super) replica: ReplicaId,
    /// The counter and the Lamport time of its first operation.
    pub(super) start: u64,
    pub(super) lamport: u64,
    /// The counter behind its last row so far.
    pub(super) end: u64,
    /// How many rows are to come.
    pub(super) rows: u64,
    pub(super) container: usize,
    pub(super) kind: Kind,
    /// The runs of the deletion that the last row was of.
    pub(super) runs: Vec<NodeRun>,
    pub(super) left: bool,
}

/// The text that is inserted.
#[derive(Clone, Copy, Default)]
pub(super) struct Text<'a> {
    rest: &'a str,
    /// Whether each character is a byte.
    is_ascii: bool,
    /// Where in the frame it ends.
    end: usize,
}

impl<'a> Text<'a> {
    /// All that was not taken.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// That many characters.
    #[inline]
    pub(super) fn take(&mut self, len: u64) -> Result<&'a str> {
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

/// The columns of a list, not yet walked.
pub(super) struct Parts<'a> {
    /// How many changes there are.
    pub(super) changes: u64,
    pub(super) numbers: [Column<'a>; column::VALUES as usize],
    pub(super) values: Reader<'a>,
    pub(super) text: Text<'a>,
}

impl<'a> Parts<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self> {
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
        Ok(Self { changes, numbers, values, text })
    }
}

/// Reads the columns of a list, to be walked.
pub(crate) fn read<'a, 't>(
    tables: &'t mut Tables,
    reader: &mut Reader<'a>,
) -> Result<Rows<'a, 't>> {
    let offset = reader.offset();
    let Parts { changes, numbers, values, text } = Parts::read(reader)?;
    let column = |column: u64| numbers[column as usize];
    Ok(Rows {
        tables,
        offset,
        changes,
        authors: column(column::AUTHORS),
        counters: column(column::COUNTERS),
        dependencies: column(column::DEPENDENCIES),
        lamports: column(column::LAMPORTS),
        commits: Commits::new(column(column::COMMITS))?,
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
    /// How many rows there are, as far as that can be told.
    pub(crate) fn len_hint(&self) -> usize {
        self.tags.len()
    }

    /// How many bytes of text the rows that are left insert.
    pub(crate) fn text_len(&self) -> usize {
        self.text.rest.len()
    }

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

    /// The next row of the change; `None` behind its last. Inlined always: a row that is looked at
    /// right here need not be put together first.
    #[inline(always)]
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

    /// Asserts that nothing is left in any column.
    fn end(&self) -> Result<()> {
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
        columns.into_iter().try_for_each(Column::end)?;
        self.commits.end()?;
        self.containers.end()?;
        self.replicas.end()?;
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
