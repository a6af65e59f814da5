//! Back to what was before a transaction: each operation notes how to undo it, and an abort does
//! so, the last one first.
//!
//! Nothing is noted, and nothing costs anything, while no transaction is open.

use std::collections::BTreeSet;

use crate::container::{ContainerId, Key};
use crate::id::{IdSpan, OpId};
use crate::op::NodeRun;

use super::assignments::Assignments;
use super::slots::ContainerIndex;
use super::watch::Notes;
use super::{Body, Clock, Counter, State};

/// What the operations of an open transaction did.
#[derive(Clone, Default, Debug)]
pub(super) struct Journal {
    undos: Vec<Undo>,
    /// Of what a copy is kept: that of before the first change of it is enough.
    copied: BTreeSet<(ContainerIndex, Copied)>,
}

/// A point in an open transaction, and what was kept for what came before it.
#[derive(Default, Debug)]
pub(crate) struct Mark {
    undos: usize,
    copied: BTreeSet<(ContainerIndex, Copied)>,
    notes: Option<Box<Notes>>,
}

/// What is copied of a container before it is changed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Copied {
    Clock,
    Counter,
    Slot(Key),
}

/// How to undo a step. Everything after it is undone before.
#[derive(Clone, Debug)]
pub(super) enum Undo {
    /// A container was created.
    Created { index: ContainerIndex },
    /// An operation was on a container.
    Touched { index: ContainerIndex, clock: Clock },
    /// Characters or items were inserted.
    Inserted { index: ContainerIndex, id: OpId, len: u64 },
    /// Characters were deleted.
    Deleted { index: ContainerIndex, id: OpId, run: NodeRun },
    /// An item was moved.
    Moved { index: ContainerIndex, id: OpId, item: OpId },
    /// The assignments of a place changed.
    Edited { index: ContainerIndex, key: Key, assigned: (Assignments, Clock) },
    /// A counter changed.
    Counted { index: ContainerIndex, counter: Counter },
}

impl State {
    /// Starts to note what operations do.
    pub(crate) fn begin(&mut self) {
        self.journal = Some(Journal::default());
    }

    /// Keeps what was done since [`begin`](Self::begin).
    pub(crate) fn keep(&mut self) {
        self.journal = None;
    }

    /// Undoes what was done since [`begin`](Self::begin).
    pub(crate) fn roll_back(&mut self) {
        let undos = self.journal.take().map(|journal| journal.undos);
        for undo in undos.into_iter().flatten().rev() {
            self.undo(undo);
        }
        self.forget_notes();
        self.shrink_to_fit();
    }

    /// Where the open transaction stands: [`roll_back_to`](Self::roll_back_to) leads back here.
    pub(crate) fn mark(&mut self) -> Mark {
        let Some(journal) = &mut self.journal else { return Mark::default() };
        // What is changed from now on is copied anew, as it is now.
        let (undos, copied) = (journal.undos.len(), std::mem::take(&mut journal.copied));
        Mark { undos, copied, notes: self.set_notes_aside() }
    }

    /// Keeps what was done since a mark as a part of the transaction.
    pub(crate) fn keep_since(&mut self, mut mark: Mark) {
        if let Some(journal) = &mut self.journal {
            journal.copied.append(&mut mark.copied);
        }
        self.add_to_notes(mark.notes);
    }

    /// Undoes what was done since a mark, and nothing before it.
    pub(crate) fn roll_back_to(&mut self, mark: Mark) {
        // Undoing is not noted.
        let Some(Journal { mut undos, .. }) = self.journal.take() else { return };
        for undo in undos.drain(mark.undos.min(undos.len())..).rev() {
            self.undo(undo);
        }
        self.journal = Some(Journal { undos, copied: mark.copied });
        self.forget_notes();
        self.add_to_notes(mark.notes);
    }

    /// Notes how to undo a step, if a transaction is open.
    pub(super) fn note(&mut self, undo: impl FnOnce() -> Undo) {
        if let Some(journal) = &mut self.journal {
            journal.undos.push(undo());
        }
    }

    /// Whether a copy of something is to be kept: a transaction is open and has none yet.
    pub(super) fn has_to_copy(
        &mut self,
        index: ContainerIndex,
        what: impl FnOnce() -> Copied,
    ) -> bool {
        match &mut self.journal {
            Some(journal) => journal.copied.insert((index, what())),
            None => false,
        }
    }

    fn undo(&mut self, undo: Undo) {
        let index = match &undo {
            Undo::Created { index } => return self.undo_created(*index),
            Undo::Touched { index, .. }
            | Undo::Inserted { index, .. }
            | Undo::Deleted { index, .. }
            | Undo::Moved { index, .. }
            | Undo::Edited { index, .. }
            | Undo::Counted { index, .. } => *index,
        };
        let had_content = self.body(index).has_content();
        match (undo, &mut self.container_mut(index).body) {
            (Undo::Touched { clock, .. }, _) => self.container_mut(index).clock = clock,
            (Undo::Inserted { id, len, .. }, Body::Text(sequence)) => {
                sequence.undo_insert(IdSpan::new(id, len));
            }
            (Undo::Inserted { id, len, .. }, Body::List(list)) => {
                list.slots.shown -= len as usize;
                list.undo_insert(id, len as u32);
            }
            (Undo::Deleted { id, run, .. }, Body::Text(sequence)) => {
                sequence.undo_delete(id, run);
            }
            (Undo::Moved { id, item, .. }, Body::List(list)) => list.undo_move(id, item),
            (Undo::Edited { key, assigned, .. }, _) => {
                self.edit_slot(index, &key, |slot| slot.restore(assigned));
            }
            (Undo::Counted { counter, .. }, Body::Counter(present)) => *present = counter,
            _ => debug_assert!(false, "what is noted fits its container"),
        }
        self.follow_content(index, had_content);
    }

    fn undo_created(&mut self, index: ContainerIndex) {
        self.last = (ContainerId::ROOT, Self::ROOT);
        let container = self.container(index);
        let (id, parent) = (container.id.clone(), container.parent);
        if let Some((_, key, kind)) = id.step() {
            self.remove_child(parent, key, kind);
        }
        self.containers[index] = None;
        self.free.push(index);
    }
}
