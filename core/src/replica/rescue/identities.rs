//! Which identity stands for which, once edits are made anew.

use std::collections::BTreeMap;

use crate::container::{ContainerId, Key};
use crate::id::{IdSpan, OpId};

/// The operations of one replica from one on, and those that were made in their place. What others
/// have done, and the replica before, bears its identity still.
#[derive(Debug)]
pub(super) struct Identities {
    /// The first that is made anew.
    first: OpId,
    /// By counter: how many from there on are made anew in a row, and as which.
    anew: BTreeMap<u64, (u64, OpId)>,
}

impl Identities {
    pub(super) fn new(first: OpId) -> Self {
        Self { first, anew: BTreeMap::new() }
    }

    /// The first operation that is made anew.
    pub(super) fn first(&self) -> OpId {
        self.first
    }

    /// Whether an operation is among those to be made anew.
    pub(super) fn is_unsent(&self, id: OpId) -> bool {
        id.replica == self.first.replica && id.counter >= self.first.counter
    }

    /// Notes what stands for some operations.
    pub(super) fn put(&mut self, old: IdSpan, new: OpId) {
        self.anew.insert(old.start.counter, (old.len, new));
    }

    /// What stands for an operation; `None` if nothing does.
    pub(super) fn get(&self, id: OpId) -> Option<OpId> {
        if !self.is_unsent(id) {
            return Some(id);
        }
        let (&from, &(len, new)) = self.anew.range(..=id.counter).next_back()?;
        let offset = id.counter - from;
        (offset < len).then(|| new.plus(offset))
    }

    /// Some operations in parts, ascending, each with what stands for it.
    pub(super) fn parts(&self, ids: IdSpan) -> Vec<(IdSpan, Option<IdSpan>)> {
        let mut parts = Vec::new();
        let mut rest = Some(ids);
        while let Some(left) = rest {
            let part_len = self.part_len(left);
            let (part, behind) = match part_len < left.len {
                true => {
                    let (part, behind) = left.split_at(part_len);
                    (part, Some(behind))
                }
                false => (left, None),
            };
            let new = self.get(part.start).map(|start| IdSpan::new(start, part.len));
            parts.push((part, new));
            rest = behind;
        }
        parts
    }

    /// For how many of some operations the answer is one.
    fn part_len(&self, ids: IdSpan) -> u64 {
        let start = ids.start;
        if start.replica != self.first.replica {
            return ids.len;
        }
        if start.counter < self.first.counter {
            return ids.len.min(self.first.counter - start.counter);
        }
        let before = self.anew.range(..=start.counter).next_back();
        let within = before.map(|(&from, &(len, _))| from + len).filter(|&end| end > start.counter);
        let next = || self.anew.range(start.counter + 1..).next().map(|(&from, _)| from);
        let end = within.or_else(next).unwrap_or(u64::MAX);
        ids.len.min(end - start.counter)
    }

    /// What stands for a key.
    pub(super) fn key(&self, key: &Key) -> Option<Key> {
        match key {
            Key::Item(item) => self.get(*item).map(Key::Item),
            other => Some(other.clone()),
        }
    }

    /// What stands for a container.
    pub(super) fn container(&self, id: &ContainerId) -> Option<ContainerId> {
        if !id.in_list() {
            return Some(id.clone());
        }
        let mut steps = id.steps().into_iter();
        steps.try_fold(ContainerId::ROOT, |at, (key, kind)| Some(at.child(self.key(key)?, kind)))
    }
}
