//! Virtual time: events in the order of their times, and of those of one time, in the order in which
//! they were scheduled.

use std::collections::BTreeMap;

/// A queue of events to come.
#[derive(Debug)]
pub(crate) struct Queue<E> {
    now: u64,
    scheduled: u64,
    events: BTreeMap<(u64, u64), E>,
}

impl<E> Queue<E> {
    /// At the time 0, with nothing to come.
    pub(crate) fn new() -> Self {
        Self { now: 0, scheduled: 0, events: BTreeMap::new() }
    }

    /// The virtual time, in milliseconds.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// Schedules an event for so many milliseconds from now.
    pub(crate) fn after(&mut self, delay: u64, event: E) {
        self.events.insert((self.now + delay, self.scheduled), event);
        self.scheduled += 1;
    }

    /// The next event; it is its time then.
    pub(crate) fn next(&mut self) -> Option<E> {
        let ((at, _), event) = self.events.pop_first()?;
        self.now = at;
        Some(event)
    }
}
