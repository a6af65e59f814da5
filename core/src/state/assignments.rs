//! The assignments that are in force in one place: at most one of each author, the greatest last.
//!
//! A handful are a sorted list; where very many replicas assign to one place without seeing each
//! other, they are found by author, so that each costs O(log n).

use std::collections::BTreeMap;

use crate::id::{OpId, ReplicaId};
use crate::value::Content;

/// From how many on they are found by author.
const MANY: usize = 32;

/// An assignment that is in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub(crate) id: OpId,
    pub(crate) lamport: u64,
    /// The wall-clock time that its author gave.
    pub(crate) time: Option<i64>,
    /// `None`: the absence of anything, which hides all other assignments.
    pub(crate) content: Option<Content>,
}

impl Entry {
    /// What orders it among the others.
    pub(crate) fn rank(&self) -> (u64, OpId) {
        (self.lamport, self.id)
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) enum Assignments {
    /// Ascending by rank.
    Few(Vec<Entry>),
    Many(Box<Many>),
}

#[derive(Clone, Default, Debug)]
pub(crate) struct Many {
    by_rank: BTreeMap<(u64, OpId), Entry>,
    /// The rank of each author's.
    ranks: BTreeMap<ReplicaId, (u64, OpId)>,
    /// How many are of the absence of anything.
    absences: usize,
}

impl Default for Assignments {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl FromIterator<Entry> for Assignments {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let mut assignments = Self::default();
        entries.into_iter().for_each(|entry| assignments.insert(entry));
        assignments
    }
}

impl Assignments {
    /// Ascending by rank.
    pub(crate) fn iter(&self) -> Box<dyn DoubleEndedIterator<Item = &Entry> + '_> {
        match self {
            Self::Few(entries) => Box::new(entries.iter()),
            Self::Many(many) => Box::new(many.by_rank.values()),
        }
    }

    /// The greatest.
    pub(crate) fn last(&self) -> Option<&Entry> {
        match self {
            Self::Few(entries) => entries.last(),
            Self::Many(many) => many.by_rank.last_key_value().map(|(_, entry)| entry),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Few(entries) => entries.is_empty(),
            Self::Many(many) => many.by_rank.is_empty(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Few(entries) => entries.len(),
            Self::Many(many) => many.by_rank.len(),
        }
    }

    /// Whether the absence of anything is assigned.
    pub(crate) fn is_hidden(&self) -> bool {
        match self {
            Self::Few(entries) => entries.iter().any(|entry| entry.content.is_none()),
            Self::Many(many) => many.absences > 0,
        }
    }

    /// Whether the only ones are of that author, if there are any.
    pub(crate) fn are_of(&self, author: ReplicaId) -> bool {
        match self {
            Self::Few(entries) => entries.iter().all(|entry| entry.id.replica == author),
            Self::Many(many) => many.ranks.keys().all(|&other| other == author),
        }
    }

    /// Adds one, of an author that has none.
    pub(crate) fn insert(&mut self, entry: Entry) {
        match self {
            Self::Few(entries) if entries.len() < MANY => {
                let place = entries.partition_point(|other| other.rank() < entry.rank());
                entries.insert(place, entry);
            }
            Self::Few(entries) => {
                let mut many = Many::default();
                std::mem::take(entries).into_iter().for_each(|entry| many.insert(entry));
                many.insert(entry);
                *self = Self::Many(Box::new(many));
            }
            Self::Many(many) => many.insert(entry),
        }
    }

    /// Takes one away; gives whether it was there.
    pub(crate) fn remove(&mut self, id: OpId) -> bool {
        match self {
            Self::Few(entries) => {
                let before = entries.len();
                entries.retain(|entry| entry.id != id);
                entries.len() < before
            }
            Self::Many(many) => many.remove(id),
        }
    }

    /// The one of an author.
    pub(crate) fn of(&self, author: ReplicaId) -> Option<OpId> {
        match self {
            Self::Few(entries) => {
                entries.iter().map(|entry| entry.id).find(|id| id.replica == author)
            }
            Self::Many(many) => many.ranks.get(&author).map(|&(_, id)| id),
        }
    }

    /// Sets the time of one, if it is there.
    pub(crate) fn set_time(&mut self, id: OpId, time: Option<i64>) {
        let found = match self {
            Self::Few(entries) => entries.iter_mut().find(|entry| entry.id == id),
            Self::Many(many) => match many.ranks.get(&id.replica) {
                Some(rank) if rank.1 == id => many.by_rank.get_mut(rank),
                _ => None,
            },
        };
        if let Some(entry) = found {
            entry.time = time;
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let held = match self {
            Self::Few(entries) => entries.capacity() * size_of::<Entry>(),
            Self::Many(many) => {
                size_of::<Many>()
                    + many.by_rank.len() * size_of::<((u64, OpId), Entry)>()
                    + many.ranks.len() * size_of::<(ReplicaId, (u64, OpId))>()
            }
        };
        let contents = self.iter().filter_map(|entry| entry.content.as_ref());
        held + contents.map(Content::heap_bytes).sum::<usize>()
    }
}

impl Many {
    fn insert(&mut self, entry: Entry) {
        self.absences += usize::from(entry.content.is_none());
        self.ranks.insert(entry.id.replica, entry.rank());
        self.by_rank.insert(entry.rank(), entry);
    }

    fn remove(&mut self, id: OpId) -> bool {
        let Some(&rank) = self.ranks.get(&id.replica).filter(|rank| rank.1 == id) else {
            return false;
        };
        self.ranks.remove(&id.replica);
        let removed = self.by_rank.remove(&rank);
        self.absences -= usize::from(removed.is_some_and(|entry| entry.content.is_none()));
        true
    }
}
