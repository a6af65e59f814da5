//! What an edit did, and what is needed to take it back that the document does not hold any more
//! once it is made.

use crate::container::{ContainerId, Key};
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::{NodeRun, Op};
use crate::state::State;
use crate::value::Content;

/// One thing that an edit did.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Inserted characters or items.
    Inserted { container: ContainerId, nodes: IdSpan },
    /// Deleted characters, by as many operations from that one on. The text is in the order in which
    /// they were.
    Deleted { container: ContainerId, op: OpId, run: NodeRun, text: String },
    /// Assigned to a place, by that operation, where what is told was shown.
    Assigned { container: ContainerId, key: Key, op: OpId, before: Option<Before> },
    /// Took away what was shown in a place, by that operation.
    Removed { container: ContainerId, key: Key, op: OpId, before: Before },
    /// Moved an item, from a node to another one.
    Moved { container: ContainerId, item: OpId, from: OpId, to: OpId },
    /// Added to a counter.
    Added { container: ContainerId, op: OpId, delta: i64 },
    /// Took away from a counter.
    Reset { container: ContainerId, taken: Box<[Taken]> },
}

/// The assignment that was shown in a place.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    pub(crate) id: OpId,
    /// `None`: a removal that wins.
    pub(crate) content: Option<Content>,
}

/// What a reset took away of what a replica has contributed to a counter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) replica: ReplicaId,
    /// The counter behind the last increment that had been taken away before, and what those up to
    /// it sum to.
    pub(crate) before: (u64, i64),
    /// The same once it was reset.
    pub(crate) after: (u64, i64),
}

impl Step {
    /// Notes what an operation that is about to be applied will do.
    pub(super) fn note(steps: &mut Vec<Self>, state: &State, id: OpId, op: &Op) {
        let Some(container) = op.container() else { return };
        let container = state.shared_id(container);
        match op {
            Op::Insert { .. } => Self::note_insertion(steps, &container, IdSpan::new(id, op.len())),
            Op::Delete { nodes, .. } => {
                let mut id = id;
                for &run in nodes {
                    Self::note_deletion(steps, state, &container, id, run);
                    id = id.plus(run.len());
                }
            }
            Op::Move { item, .. } => {
                if let Some(from) = state.list(&container).map(|list| list.node_of(*item)) {
                    steps.push(Self::Moved { container, item: *item, from, to: id });
                }
            }
            Op::Assign { key, .. } => {
                let before = Before::of(state, &container, key);
                steps.push(Self::Assigned { container, key: key.clone(), op: id, before });
            }
            Op::Remove { key, .. } => {
                if let Some(before) = Before::of(state, &container, key) {
                    let key = key.clone();
                    steps.push(Self::Removed { container, key, op: id, before });
                }
            }
            Op::Increment { delta, .. } => {
                steps.push(Self::Added { container, op: id, delta: *delta });
            }
            Op::Reset { observed, .. } => {
                let shares = state.counter(&container).map(|counter| counter.shares());
                let taken = observed.iter().map(|share| {
                    let replica = share.last.replica;
                    let known = shares.and_then(|shares| shares.get(&replica));
                    let before =
                        known.map_or((0, 0), |known| (known.removed_end, known.removed_sum));
                    Taken { replica, before, after: (share.last.counter + 1, share.sum) }
                });
                let taken = taken.collect();
                steps.push(Self::Reset { container, taken });
            }
            Op::Join(_) | Op::Leave | Op::Evict(_) | Op::Redact => {}
        }
    }

    /// Notes an insertion: with the last step, if it goes on with that.
    pub(super) fn note_insertion(steps: &mut Vec<Self>, at: &ContainerId, inserted: IdSpan) {
        if let Some(Self::Inserted { container, nodes }) = steps.last_mut()
            && nodes.end() == inserted.start.counter
            && container == at
        {
            nodes.len += inserted.len;
            return;
        }
        steps.push(Self::Inserted { container: at.clone(), nodes: inserted });
    }

    /// Notes the deletion of characters, or of what items held at first.
    fn note_deletion(
        steps: &mut Vec<Self>,
        state: &State,
        at: &ContainerId,
        op: OpId,
        run: NodeRun,
    ) {
        if let Some(text) = state.text(at) {
            let text = text.content_of(run.nodes);
            let text = if run.backwards { text.chars().rev().collect() } else { text };
            steps.push(Self::Deleted { container: at.clone(), op, run, text });
            return;
        }
        for nth in 0..run.len() {
            let item = run.node(nth);
            let key = Key::Item(item);
            let entries = state.slot(at, &key).into_iter().flat_map(|slot| slot.entries().iter());
            let held = entries.into_iter().find(|entry| entry.id == item);
            if let Some(content) = held.map(|entry| entry.content.clone()) {
                let before = Before { id: item, content };
                let (container, op) = (at.clone(), op.plus(nth));
                steps.push(Self::Removed { container, key, op, before });
            }
        }
    }

    /// Notes the deletion of characters one after the other: with the last step, if it goes on
    /// with that.
    pub(super) fn note_typed_deletion(
        steps: &mut Vec<Self>,
        at: &ContainerId,
        op: OpId,
        (deleted, characters): (NodeRun, String),
    ) {
        if let Some(Self::Deleted { container, run, text, .. }) = steps.last_mut()
            && container == at
            && let Some(joined) = run.joined(&deleted)
        {
            *run = joined;
            text.push_str(&characters);
            return;
        }
        let (container, run, text) = (at.clone(), deleted, characters);
        steps.push(Self::Deleted { container, op, run, text });
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let beside = match self {
            Self::Deleted { text, .. } => text.capacity(),
            Self::Assigned { key, before, .. } => {
                key.heap_bytes() + before.as_ref().map_or(0, Before::heap_bytes)
            }
            Self::Removed { key, before, .. } => key.heap_bytes() + before.heap_bytes(),
            Self::Reset { taken, .. } => taken.len() * size_of::<Taken>(),
            Self::Inserted { .. } | Self::Moved { .. } | Self::Added { .. } => 0,
        };
        size_of::<Self>() + beside
    }
}

impl Before {
    fn of(state: &State, container: &ContainerId, key: &Key) -> Option<Self> {
        let entry = state.slot(container, key)?.deciding()?;
        Some(Self { id: entry.id, content: entry.content.clone() })
    }

    fn heap_bytes(&self) -> usize {
        self.content.as_ref().map_or(0, Content::heap_bytes)
    }
}
