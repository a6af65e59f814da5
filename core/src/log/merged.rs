//! The retained changes of all authors in one order, decoded as they are asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::change::Change;
use crate::id::OpId;
use crate::version::VersionVector;

use super::Log;

/// The next change of an author, and those behind it.
struct Queue<'l> {
    next: Cow<'l, Change>,
    rest: Box<dyn Iterator<Item = Cow<'l, Change>> + 'l>,
}

/// See [`Log::between`].
struct Merged<'l> {
    /// The authors by the time and the identity of their next change.
    queues: BTreeMap<(u64, OpId), Queue<'l>>,
}

impl<'l> Merged<'l> {
    fn enter(&mut self, mut rest: Box<dyn Iterator<Item = Cow<'l, Change>> + 'l>) {
        if let Some(next) = rest.next() {
            self.queues.insert((next.lamport, next.id), Queue { next, rest });
        }
    }
}

impl<'l> Iterator for Merged<'l> {
    type Item = Cow<'l, Change>;

    fn next(&mut self) -> Option<Self::Item> {
        let (_, Queue { next, rest }) = self.queues.pop_first()?;
        self.enter(rest);
        Some(next)
    }
}

impl Log {
    /// The retained changes that are in `to` and not in `from`, each after those that it depends
    /// on, by (Lamport time, identity); of one that is so in part, that part. O(log n) each in the
    /// number of authors; one block of each author is held decoded at a time.
    pub(crate) fn between(
        &self,
        from: &VersionVector,
        to: &VersionVector,
    ) -> impl Iterator<Item = Cow<'_, Change>> {
        let mut merged = Merged { queues: BTreeMap::new() };
        for (&replica, own) in &self.authors {
            let (start, end) = (from.get(replica), to.get(replica));
            if start >= end {
                continue;
            }
            merged.enter(Box::new(own.overlapping(start, end).map(move |change| {
                match (change.id.counter >= start, change.end() <= end) {
                    (true, true) => change,
                    (true, false) => Cow::Owned(change.upto(end)),
                    (false, true) => Cow::Owned(change.from(start)),
                    (false, false) => Cow::Owned(change.from(start).upto(end)),
                }
            })));
        }
        merged
    }

    /// All retained changes, whole, in the same order.
    pub(crate) fn changes(&self) -> impl Iterator<Item = Cow<'_, Change>> {
        let mut merged = Merged { queues: BTreeMap::new() };
        for own in self.authors.values() {
            merged.enter(Box::new(own.overlapping(0, u64::MAX)));
        }
        merged
    }
}
