//! What stands for what was taken away, once it was put back: a deleted character comes back as
//! another node, a replaced value as another assignment. Runs of identities, each followed by
//! another run.

use std::collections::BTreeMap;

use crate::id::{IdSpan, OpId};

/// Disjoint runs: by the first identity, how many there are, and the first one on the other side.
type Runs = BTreeMap<OpId, (u64, OpId)>;

/// See the module. Nothing has two successors, and nothing succeeds two others.
#[derive(Clone, Default, Debug)]
pub(crate) struct Successors {
    later: Runs,
    earlier: Runs,
}

/// Where an identity leads to, and how many next to it lead to what is next to that; itself
/// counts. If nowhere, how many next to it lead nowhere either.
type Leads = (Option<OpId>, u64);

/// Those from an identity on.
fn from(runs: &Runs, at: OpId) -> Leads {
    if let Some((start, &(len, other))) = runs.range(..=at).next_back()
        && start.replica == at.replica
        && at.counter - start.counter < len
    {
        let offset = at.counter - start.counter;
        return (Some(other.plus(offset)), len - offset);
    }
    let next = runs.range(at..).next().filter(|(start, _)| start.replica == at.replica);
    (None, next.map_or(u64::MAX, |(start, _)| start.counter - at.counter))
}

/// Those up to an identity.
fn upto(runs: &Runs, at: OpId) -> Leads {
    let before = runs.range(..=at).next_back().filter(|(start, _)| start.replica == at.replica);
    match before {
        Some((start, &(len, other))) if at.counter - start.counter < len => {
            let offset = at.counter - start.counter;
            (Some(other.plus(offset)), offset + 1)
        }
        Some((start, &(len, _))) => (None, at.counter + 1 - (start.counter + len)),
        None => (None, at.counter + 1),
    }
}

impl Successors {
    /// Lets a run of new ones follow old ones, of which none has been followed so far.
    pub(crate) fn put(&mut self, old: IdSpan, new: OpId) {
        self.later.insert(old.start, (old.len, new));
        self.earlier.insert(new, (old.len, old.start));
    }

    /// What stands for the first of a run, and for how many of the run the same holds.
    pub(crate) fn latest(&self, of: IdSpan) -> (OpId, u64) {
        let (mut at, mut len) = (of.start, of.len);
        loop {
            let (next, same) = from(&self.later, at);
            len = len.min(same);
            let Some(next) = next else { return (at, len) };
            at = next;
        }
    }

    /// What stands for one.
    pub(crate) fn latest_of(&self, one: OpId) -> OpId {
        self.latest(IdSpan::new(one, 1)).0
    }

    /// What stands for the last of so many, and for how many of them the same holds.
    pub(crate) fn latest_upto(&self, last: OpId, len: u64) -> (OpId, u64) {
        let (mut at, mut len) = (last, len);
        loop {
            let (next, same) = upto(&self.later, at);
            len = len.min(same);
            let Some(next) = next else { return (at, len) };
            at = next;
        }
    }

    /// What the last of so many came in the place of, and for how many of them the same holds.
    pub(crate) fn previous_upto(&self, last: OpId, len: u64) -> (Option<OpId>, u64) {
        let (previous, same) = upto(&self.earlier, last);
        (previous, len.min(same))
    }

    /// What came in the place of the last of so many, and for how many of them the same holds.
    pub(crate) fn next_upto(&self, last: OpId, len: u64) -> (Option<OpId>, u64) {
        let (next, same) = upto(&self.later, last);
        (next, len.min(same))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.later.is_empty()
    }

    /// How many runs there are.
    pub(crate) fn len(&self) -> usize {
        self.later.len()
    }

    /// Forgets what the new ones before a counter came in the place of: nobody asks for it any more.
    pub(crate) fn forget_before(&mut self, counter: u64) {
        self.retain(|new| new.end() > counter);
    }

    /// Forgets what the new ones from a counter on came in the place of: they are not there.
    pub(crate) fn forget_from(&mut self, counter: u64) {
        self.retain(|new| new.start.counter < counter);
    }

    fn retain(&mut self, keep: impl Fn(IdSpan) -> bool) {
        let later = &mut self.later;
        self.earlier.retain(|&new, (len, old)| {
            let keep = keep(IdSpan::new(new, *len));
            if !keep {
                later.remove(old);
            }
            keep
        });
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        2 * self.later.len() * size_of::<(OpId, (u64, OpId))>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ReplicaId;

    fn id(counter: u64) -> OpId {
        OpId::new(ReplicaId::new(1), counter)
    }

    #[test]
    fn runs_are_followed_as_far_as_they_are_the_same() {
        let mut successors = Successors::default();
        successors.put(IdSpan::new(id(10), 5), id(100));
        successors.put(IdSpan::new(id(102), 2), id(200));
        assert_eq!(successors.latest(IdSpan::new(id(8), 9)), (id(8), 2));
        assert_eq!(successors.latest(IdSpan::new(id(10), 5)), (id(100), 2));
        assert_eq!(successors.latest(IdSpan::new(id(12), 3)), (id(200), 2));
        assert_eq!(successors.latest(IdSpan::new(id(14), 3)), (id(104), 1));
        assert_eq!(successors.latest_upto(id(14), 5), (id(104), 1));
        assert_eq!(successors.latest_upto(id(13), 4), (id(201), 2));
        assert_eq!(successors.latest_upto(id(20), 9), (id(20), 6));
        assert_eq!(successors.previous_upto(id(201), 9), (Some(id(103)), 2));
        assert_eq!(successors.previous_upto(id(99), 4), (None, 4));
        assert_eq!(successors.previous_upto(id(106), 9), (None, 2));
    }

    #[test]
    fn what_is_forgotten_stands_for_itself() {
        let mut successors = Successors::default();
        successors.put(IdSpan::new(id(1), 1), id(10));
        successors.put(IdSpan::new(id(10), 1), id(20));
        successors.forget_before(15);
        assert_eq!(successors.latest_of(id(1)), id(1));
        assert_eq!(successors.latest_of(id(10)), id(20));
        successors.forget_before(21);
        assert!(successors.is_empty());
    }
}
