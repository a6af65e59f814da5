//! Where the columns of a packed sequence are.

use crate::id::ReplicaId;
use crate::varint::{self, Numbers};

/// The columns, not yet read.
pub(super) struct Layout<'a> {
    pub(super) replicas: Vec<ReplicaId>,
    pub(super) runs: u64,
    pub(super) run_columns: [Numbers<'a>; RUN_COLUMNS],
    pub(super) deletions: u64,
    pub(super) deletion_columns: [Numbers<'a>; DELETION_COLUMNS],
}

/// Replica, head, first node, length, key.
pub(super) const RUN_COLUMNS: usize = 5;

/// Author, operation, replica, first node, length.
pub(super) const DELETION_COLUMNS: usize = 5;

impl<'a> Layout<'a> {
    /// `None` if the bytes are not just the parts that they say; what is in the columns is not
    /// looked at.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        const ID_BYTES: u64 = 8;
        let mut numbers = Numbers::new(bytes);
        let replicas = numbers.next()?;
        let (ids, _) = numbers.take(replicas.checked_mul(ID_BYTES)?)?.as_chunks();
        let replicas = ids.iter().map(|id| ReplicaId::new(u64::from_be_bytes(*id))).collect();
        let (runs, run_columns) = take_columns(&mut numbers)?;
        let (deletions, deletion_columns) = take_columns(&mut numbers)?;
        let layout = Self { replicas, runs, run_columns, deletions, deletion_columns };
        numbers.is_empty().then_some(layout)
    }

    /// Writes the parts.
    pub(super) fn write(
        replicas: &[ReplicaId],
        (runs, run_columns): (u64, &[Vec<u8>; RUN_COLUMNS]),
        (deletions, deletion_columns): (u64, &[Vec<u8>; DELETION_COLUMNS]),
    ) -> Vec<u8> {
        /// The most that counts and lengths usually take.
        const HEADS: usize = 64;
        let columns = run_columns.iter().chain(deletion_columns).map(Vec::len).sum::<usize>();
        let mut bytes = Vec::with_capacity(HEADS + 8 * replicas.len() + columns);
        varint::write(replicas.len() as u64, &mut bytes);
        replicas.iter().for_each(|id| bytes.extend_from_slice(&id.get().to_be_bytes()));
        write_columns(runs, run_columns, &mut bytes);
        write_columns(deletions, deletion_columns, &mut bytes);
        bytes
    }
}

/// Of nothing there are no columns.
fn write_columns(rows: u64, columns: &[Vec<u8>], bytes: &mut Vec<u8>) {
    varint::write(rows, bytes);
    if rows > 0 {
        columns.iter().for_each(|column| varint::write_bytes(column, bytes));
    }
}

fn take_columns<'a, const N: usize>(numbers: &mut Numbers<'a>) -> Option<(u64, [Numbers<'a>; N])> {
    let rows = numbers.next()?;
    let mut columns = [(); N].map(|()| Numbers::default());
    if rows > 0 {
        for column in &mut columns {
            *column = Numbers::new(numbers.take_bytes()?);
        }
    }
    Some((rows, columns))
}

/// A column of replicas, by their number: each with how many rows it is of.
#[derive(Default)]
pub(super) struct RepeatedWriter {
    bytes: Vec<u8>,
    last: Option<u64>,
    rows: u64,
}

impl RepeatedWriter {
    pub(super) fn push(&mut self, number: u64) {
        if self.last != Some(number) {
            self.flush();
            self.last = Some(number);
        }
        self.rows += 1;
    }

    fn flush(&mut self) {
        if let Some(number) = self.last {
            varint::write(number, &mut self.bytes);
            varint::write(self.rows, &mut self.bytes);
        }
        self.rows = 0;
    }

    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.flush();
        self.bytes
    }
}

/// Reads what [`RepeatedWriter`] writes, and nothing else.
#[derive(Default)]
pub(super) struct Repeated<'a> {
    numbers: Numbers<'a>,
    last: Option<usize>,
}

impl<'a> Repeated<'a> {
    pub(super) fn new(numbers: Numbers<'a>) -> Self {
        Self { numbers, last: None }
    }

    /// The next replica, and for how many rows it is.
    pub(super) fn next(&mut self) -> Option<(usize, u64)> {
        let number = usize::try_from(self.numbers.next()?).ok()?;
        let rows = self.numbers.next().filter(|&rows| rows > 0)?;
        (self.last.replace(number) != Some(number)).then_some((number, rows))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
}
