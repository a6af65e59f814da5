//! What one call of undo takes back.

use std::sync::Arc;

use crate::id::OpId;
use crate::version::VersionVector;

use super::step::Step;

/// Edits that are taken back together.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// What of others was known before the first of them; most often that of the item before.
    pub(crate) seen: Arc<VersionVector>,
    /// How many operations of all replicas were known before them.
    before: u64,
    /// Their first operation, and the counter behind the last one.
    pub(crate) start: OpId,
    pub(crate) end: u64,
    pub(crate) steps: Vec<Step>,
    pub(crate) about: About,
}

/// What is said of an item.
#[derive(Clone, Default, Debug)]
pub(crate) struct About {
    /// The wall-clock time of the last of its edits.
    pub(crate) time: Option<i64>,
    /// What its first edit of which something was said did.
    pub(crate) message: Option<String>,
    /// The host's own.
    pub(crate) metadata: Vec<u8>,
}

impl Item {
    /// An item without edits so far, the first of which is to be `start`.
    pub(crate) fn new(start: OpId, version: &VersionVector, last: Option<&Self>) -> Self {
        let mut seen = version.clone();
        seen.set(start.replica, 0);
        let seen = match last.filter(|last| *last.seen == seen) {
            Some(last) => last.seen.clone(),
            None => Arc::new(seen),
        };
        let before = seen.operations() + start.counter;
        let (end, about) = (start.counter, About::default());
        Self { seen, before, start, end, steps: Vec::new(), about }
    }

    /// Adds what came right after it, nothing else of this replica in between.
    pub(crate) fn append(&mut self, next: Self) {
        self.steps.extend(next.steps);
        self.end = next.end;
        self.about.time = next.about.time;
        self.about.message = self.about.message.take().or(next.about.message);
    }

    /// Whether an operation of this replica is one of its own.
    pub(crate) fn contains(&self, op: OpId) -> bool {
        op.replica == self.start.replica && (self.start.counter..self.end).contains(&op.counter)
    }

    /// How many operations known by now came after it.
    pub(crate) fn depth(&self, operations: u64) -> u64 {
        operations.saturating_sub(self.before + (self.end - self.start.counter))
    }

    /// Whether something is pruned of what had not happened before it.
    pub(crate) fn is_expired(&self, floor: &VersionVector) -> bool {
        !self.version_before().covers(floor)
    }

    /// The version before it.
    pub(crate) fn version_before(&self) -> VersionVector {
        let mut version = VersionVector::clone(&self.seen);
        version.set(self.start.replica, self.start.counter);
        version
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let steps: usize = self.steps.iter().map(Step::memory_bytes).sum();
        let said = self.about.message.as_ref().map_or(0, String::len);
        steps + said + self.about.metadata.len()
    }
}
