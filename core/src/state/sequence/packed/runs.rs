//! The columns of the runs.

use crate::id::{OpId, ReplicaId};
use crate::op::Side;
use crate::varint::{self, Numbers};

use super::super::span::Status;
use super::layout::{Layout, RUN_COLUMNS, Repeated, RepeatedWriter};

/// A run of nodes, and where it hangs: see [`spine`](super::spine).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::state::sequence) struct Run {
    pub(in crate::state::sequence) id: OpId,
    /// The number of its replica.
    pub(in crate::state::sequence) number: usize,
    pub(in crate::state::sequence) len: u64,
    pub(in crate::state::sequence) status: Status,
    pub(in crate::state::sequence) side: Side,
    /// How many open trees are its left children.
    pub(in crate::state::sequence) claimed: u64,
    /// On the right side: how many steps above the end of the spine.
    pub(in crate::state::sequence) up: u64,
    /// The key, and the number of its replica, if it is not the first node.
    pub(super) other_key: Option<(usize, OpId)>,
}

impl Run {
    pub(in crate::state::sequence) fn key(&self) -> OpId {
        self.other_key.map_or(self.id, |(_, key)| key)
    }

    #[inline]
    pub(super) fn end(&self) -> u64 {
        self.id.counter + self.len
    }
}

/// In a head: the status, then whether it is on the left, how many trees it claims, and how far up
/// it hangs.
mod head {
    pub(super) const STATUS: u64 = 0b11;
    pub(super) const LEFT: u64 = 0b100;
    pub(super) const CLAIMED_SHIFT: u32 = 3;
    /// As many, and as many more as the next number says.
    pub(super) const CLAIMED_MORE: u64 = 0b11;
    pub(super) const UP_SHIFT: u32 = 5;
}

/// The statuses that are told apart, by number.
const STATUSES: [Status; 3] = [Status::Live, Status::Deleted, Status::Prunable];

/// Writes runs.
#[derive(Default)]
pub(super) struct RunWriter {
    replicas: RepeatedWriter,
    heads: Vec<u8>,
    firsts: Vec<u8>,
    lens: Vec<u8>,
    keys: Vec<u8>,
    /// Behind the last run of each replica.
    ends: Vec<u64>,
    /// The runs since the last one that had another key.
    unkeyed: u64,
    pub(super) runs: u64,
}

impl RunWriter {
    pub(super) fn push(&mut self, run: &Run) {
        self.replicas.push(run.number as u64);
        let status = match run.status {
            Status::Live => 0,
            Status::Deleted | Status::Stable => 1,
            Status::Prunable => 2,
        };
        let side = if run.side == Side::Left { head::LEFT } else { 0 };
        let claimed = run.claimed.min(head::CLAIMED_MORE);
        let place = claimed << head::CLAIMED_SHIFT | run.up << head::UP_SHIFT;
        varint::write(status | side | place, &mut self.heads);
        if claimed == head::CLAIMED_MORE {
            varint::write(run.claimed - head::CLAIMED_MORE, &mut self.heads);
        }
        if run.number >= self.ends.len() {
            self.ends.resize(run.number + 1, 0);
        }
        let end = std::mem::replace(&mut self.ends[run.number], run.end());
        varint::write_signed(run.id.counter.wrapping_sub(end) as i64, &mut self.firsts);
        varint::write(run.len, &mut self.lens);
        match run.other_key {
            None => self.unkeyed += 1,
            Some((number, key)) => {
                varint::write(std::mem::take(&mut self.unkeyed), &mut self.keys);
                varint::write(number as u64, &mut self.keys);
                let from = run.id.counter;
                varint::write_signed(key.counter.wrapping_sub(from) as i64, &mut self.keys);
            }
        }
        self.runs += 1;
    }

    pub(super) fn into_columns(self) -> [Vec<u8>; RUN_COLUMNS] {
        [self.replicas.into_bytes(), self.heads, self.firsts, self.lens, self.keys]
    }
}

/// Reads runs.
pub(super) struct Runs<'a> {
    ids: Vec<ReplicaId>,
    replicas: Repeated<'a>,
    heads: Numbers<'a>,
    firsts: Numbers<'a>,
    lens: Numbers<'a>,
    keys: Numbers<'a>,
    /// Behind the last run of each replica, but for the one whose runs are read.
    ends: Vec<u64>,
    turn: Turn,
    /// Behind its last run.
    end: u64,
    /// Whether there are more keys, and how many runs have their first node as key before that.
    is_keyed: bool,
    unkeyed: u64,
}

/// So many runs of one replica.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    pub(super) replica: ReplicaId,
    pub(super) number: usize,
    pub(super) runs: u64,
}

impl<'a> Runs<'a> {
    pub(super) fn new(layout: &Layout<'a>) -> Self {
        let [replicas, heads, firsts, lens, mut keys] = layout.run_columns.clone();
        let unkeyed = keys.next();
        Self {
            ids: layout.replicas.clone(),
            replicas: Repeated::new(replicas),
            heads,
            firsts,
            lens,
            keys,
            ends: vec![0; layout.replicas.len()],
            turn: Turn { replica: ReplicaId::new(0), number: 0, runs: 0 },
            end: 0,
            is_keyed: unkeyed.is_some(),
            unkeyed: unkeyed.unwrap_or(u64::MAX),
        }
    }

    /// Goes on to the replica of the runs that follow, once those of the one before were read.
    pub(super) fn turn(&mut self) -> Option<Turn> {
        if let Some(end) = self.ends.get_mut(self.turn.number) {
            *end = self.end;
        }
        let (number, runs) = self.replicas.next()?;
        self.end = *self.ends.get(number)?;
        self.turn = Turn { replica: *self.ids.get(number)?, number, runs };
        Some(self.turn)
    }

    /// The next run; `None` if there is none, or something that is none.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Run> {
        if self.turn.runs == 0 {
            self.turn()?;
        }
        self.turn.runs -= 1;
        self.next_of(self.turn)
    }

    /// The next run of the replica whose turn it is.
    #[inline(always)]
    pub(super) fn next_of(&mut self, turn: Turn) -> Option<Run> {
        let head = self.heads.next()?;
        let status = *STATUSES.get((head & head::STATUS) as usize)?;
        let mut claimed = head >> head::CLAIMED_SHIFT & head::CLAIMED_MORE;
        if claimed == head::CLAIMED_MORE {
            claimed = self.heads.next()?.checked_add(claimed)?;
        }
        let up = head >> head::UP_SHIFT;
        let side = if head & head::LEFT == 0 { Side::Right } else { Side::Left };
        if side == Side::Left && up > 0 {
            return None;
        }
        let counter = self.end.checked_add_signed(self.firsts.next_signed()?)?;
        let len = self.lens.next().filter(|&len| len > 0)?;
        self.end = counter.checked_add(len)?;
        let id = OpId::new(turn.replica, counter);
        let other_key = if self.unkeyed == 0 { Some(self.next_key(id)?) } else { None };
        self.unkeyed = self.unkeyed.wrapping_sub(u64::from(other_key.is_none()));
        Some(Run { id, number: turn.number, len, status, side, claimed, up, other_key })
    }

    #[cold]
    fn next_key(&mut self, id: OpId) -> Option<(usize, OpId)> {
        let number = usize::try_from(self.keys.next()?).ok()?;
        let replica = *self.ids.get(number)?;
        let counter = id.counter.checked_add_signed(self.keys.next_signed()?)?;
        self.is_keyed = !self.keys.is_empty();
        self.unkeyed = if self.is_keyed { self.keys.next()? } else { u64::MAX };
        let key = OpId::new(replica, counter);
        (key != id).then_some((number, key))
    }

    /// Whether nothing is left of the columns.
    pub(super) fn is_empty(&self) -> bool {
        let columns = [&self.heads, &self.firsts, &self.lens, &self.keys];
        self.replicas.is_empty() && columns.iter().all(|column| column.is_empty()) && !self.is_keyed
    }
}
