//! From a sequence's pieces to its columns.

use crate::id::{OpId, ReplicaId};
use crate::op::{NodeRun, Place, Side};

use super::super::order::Weight;
use super::super::payload::Payload;
use super::super::piece::Piece;
use super::super::span::Status;
use super::Packed;
use super::layout::Layout;
use super::removals::{Removal, RemovalWriter};
use super::runs::{Run, RunWriter};
use super::spine::Spines;

/// A run on a spine.
#[derive(Clone, Copy)]
struct Tip {
    /// Its last node; `None` for the root.
    last: Option<OpId>,
    /// What it hangs on, if that is still to come.
    left_of: Option<OpId>,
}

/// Takes the runs of a sequence in reading order, as few and as long as they can be, then its
/// deletions. O(1) each, amortised.
pub(crate) struct Packer<P> {
    numbers: Numbering,
    spines: Spines<Tip>,
    runs: RunWriter,
    removals: RemovalWriter,
    payload: P,
    live: Weight,
    nodes: u64,
}

impl<P: Payload> Packer<P> {
    pub(crate) fn new() -> Self {
        Self::with_payload(0)
    }

    /// With room for what live nodes carry.
    pub(crate) fn with_payload(size: usize) -> Self {
        Self {
            numbers: Numbering::default(),
            spines: Spines::new(Tip { last: None, left_of: None }),
            runs: RunWriter::default(),
            removals: RemovalWriter::default(),
            payload: P::with_capacity(size),
            live: Weight::default(),
            nodes: 0,
        }
    }

    /// Takes what the next live nodes carry.
    pub(crate) fn carry(&mut self, part: P::Part<'_>, weight: Weight) {
        self.payload.push(part);
        self.live += weight;
    }

    /// Takes the next run, with what it carries.
    pub(crate) fn push_piece(&mut self, piece: &Piece<P>) {
        let Piece { id, len, status, ref payload, place, key } = *piece;
        let (part, scalars) = (payload.part(), if status == Status::Live { len as u32 } else { 0 });
        let (utf8, utf16) = (P::size(part) as u32, scalars + P::wide(part));
        self.carry(part, Weight { scalars, utf8, utf16 });
        self.push(id, len, status, place, key);
    }

    /// Takes the next run: nodes, where the first hangs, and its key. If they live, what they carry
    /// is taken, too.
    pub(crate) fn push(&mut self, id: OpId, len: u64, status: Status, place: Place, key: OpId) {
        let number = self.numbers.of(id.replica);
        let other_key = (key != id).then(|| (self.numbers.of(key.replica), key));
        let mut claimed = 0;
        while self.spines.last_open().is_some_and(|top| top.left_of == Some(id)) {
            claimed += 1;
            self.spines.claim(1, |_| ());
        }
        let last = Some(id.plus(len - 1));
        let mut up = 0;
        match place.side {
            Side::Left => self.spines.open(Tip { last, left_of: place.parent }),
            Side::Right => {
                while self.spines.end().is_some_and(|end| end.last != place.parent)
                    && self.spines.rise(1).is_some()
                {
                    up += 1;
                }
                self.spines.hang(Tip { last, left_of: None });
            }
        }
        let side = place.side;
        self.runs.push(&Run { id, number, len, status, side, claimed, up, other_key });
        self.nodes += len;
    }

    /// Takes the next deletion: by author, in the author's order, in as few runs as can be.
    pub(crate) fn delete(&mut self, deletion: OpId, run: NodeRun) {
        let author = self.numbers.of(deletion.replica);
        let number = self.numbers.of(run.nodes.start.replica);
        self.removals.push(&Removal { deletion, run, author, number });
    }

    pub(crate) fn finish(self) -> Packed<P> {
        let (runs, deletions) = (self.runs.runs, self.removals.removals);
        let run_columns = (runs, &self.runs.into_columns());
        let deletion_columns = (deletions, &self.removals.into_columns());
        let columns = Layout::write(&self.numbers.ids, run_columns, deletion_columns);
        Packed {
            columns: columns.into_boxed_slice(),
            payload: self.payload,
            live: self.live,
            nodes: self.nodes,
            runs,
            deletions,
        }
    }
}

/// Replicas by number, in the order of first use.
#[derive(Default)]
struct Numbering {
    ids: Vec<ReplicaId>,
    /// The same by identity.
    sorted: Vec<(ReplicaId, usize)>,
    last: Option<(ReplicaId, usize)>,
}

impl Numbering {
    fn of(&mut self, replica: ReplicaId) -> usize {
        if let Some((_, number)) = self.last.filter(|(last, _)| *last == replica) {
            return number;
        }
        let number = match self.sorted.binary_search_by_key(&replica, |&(id, _)| id) {
            Ok(at) => self.sorted[at].1,
            Err(at) => {
                self.sorted.insert(at, (replica, self.ids.len()));
                self.ids.push(replica);
                self.ids.len() - 1
            }
        };
        self.last = Some((replica, number));
        number
    }
}
