//! Telling subscribers what each step has changed.
//!
//! Nothing is called back: events wait until the host takes them, and how many may wait is bounded. So
//! a host may do whatever it likes with one, and a view that is not looked at costs nothing but that.

use std::collections::VecDeque;

use crate::event::{Delta, Diff, Event, EventError, Origin, Subscription};
use crate::options::Options;
use crate::path::{Path, Segment, ToPath};
use crate::state::{Notes, Wanted};
use crate::value::Unit;

use super::Replica;

/// Who is told, and what waits for them. A copy of a replica tells nobody.
#[derive(Default, Debug)]
pub(super) struct Subscriptions {
    all: Vec<Subscriber>,
    /// How many there have ever been, in this replica and in those that it is a copy of.
    made: u64,
}

impl Clone for Subscriptions {
    fn clone(&self) -> Self {
        Self { all: Vec::new(), made: self.made }
    }
}

#[derive(Debug)]
struct Subscriber {
    id: Subscription,
    path: Path,
    unit: Unit,
    pending: VecDeque<Event>,
    /// How many bytes those but the first take.
    bytes: usize,
    has_lagged: bool,
    /// A path that it is to know all of: that of the text that has changed last. Most often the next
    /// is a copy. At first, its own.
    last: Path,
}

/// How much of a container is for a subscriber.
enum Reach<'s> {
    All,
    /// What is under that key, if it is a map: the subscriber's path leads on there.
    Key(&'s Segment),
    Nothing,
}

impl Subscriber {
    fn reach(&self, path: &Path) -> Reach<'_> {
        if path.is_copy_of(&self.last) {
            return Reach::All;
        }
        let mut segments = path.segments().iter();
        for wanted in self.path.segments() {
            match segments.next() {
                None => return Reach::Key(wanted),
                // What an index leads to changes; so who is interested in an item gets the list.
                Some(Segment::Index(_)) => return Reach::All,
                Some(segment) if segment == wanted => {}
                Some(_) => return Reach::Nothing,
            }
        }
        Reach::All
    }

    fn wants(&self, path: &Path) -> bool {
        !self.has_lagged && !matches!(self.reach(path), Reach::Nothing)
    }

    /// What is left of a container's diff for this subscriber.
    fn restrict(&self, mut diff: Diff) -> Option<Diff> {
        match (self.reach(&diff.path), &mut diff.delta) {
            (Reach::All, _) | (Reach::Key(_), Delta::List(_)) => Some(diff),
            (Reach::Key(Segment::Key(wanted)), Delta::Map(keys)) => {
                keys.retain(|delta| delta.key == *wanted);
                Some(diff).filter(|diff| !diff.delta.is_empty())
            }
            (Reach::Key(_) | Reach::Nothing, _) => None,
        }
    }

    /// What is left of diffs for this subscriber.
    fn restrict_all(&mut self, diffs: Vec<Diff>) -> Vec<Diff> {
        if self.path == Path::root() {
            return diffs;
        }
        if let [Diff { path, delta: Delta::Text(_) }] = &diffs[..]
            && matches!(self.reach(path), Reach::All)
        {
            if !path.is_copy_of(&self.last) {
                self.last = path.clone();
            }
            return diffs;
        }
        diffs.into_iter().filter_map(|diff| self.restrict(diff)).collect()
    }

    fn tell(&mut self, origin: Origin, diffs: Vec<Diff>, options: &Options) {
        let diffs = self.restrict_all(diffs);
        if diffs.is_empty() || self.has_lagged {
            return;
        }
        let event = Event { origin, diffs };
        if !self.pending.is_empty() {
            self.bytes += event.memory_bytes();
        }
        self.pending.push_back(event);
        if self.pending.len() > options.max_pending_events.max(1)
            || self.bytes > options.max_pending_bytes
        {
            self.drop_pending();
            self.has_lagged = true;
        }
    }

    fn pop(&mut self) -> Option<Event> {
        let first = self.pending.pop_front();
        self.bytes -= self.pending.front().map_or(0, Event::memory_bytes);
        first
    }

    fn drop_pending(&mut self) {
        self.pending = VecDeque::new();
        self.bytes = 0;
    }
}

impl Replica {
    /// Subscribes to what changes at a path and in what is there, positions in texts counted in
    /// that unit. An event comes for every edit, every transaction that is committed, and every
    /// frame that is applied, if it changes anything there: see [`next_event`](Self::next_event).
    ///
    /// Containers that the path leads through are part of it: a map with what is under the one key,
    /// a list with all items, as their indices change. [`restart`](Self::restart) gives what a view
    /// starts with.
    ///
    /// # Errors
    /// [`EventError::Path`]; [`EventError::InTransaction`].
    ///
    /// ```
    /// use libsync::{Delta, DocumentId, Origin, Path, Replica, ReplicaId, TextDelta, Unit};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// replica.insert_text("notes", Unit::Scalar, 0, "Ahoy!")?;
    /// let notes = replica.subscribe("notes", Unit::Utf16)?;
    /// replica.delete_text("notes", Unit::Scalar, 4, 1)?;
    /// replica.set("title", "not subscribed to")?;
    ///
    /// let event = replica.next_event(notes)?.expect("an edit of the text");
    /// assert_eq!(event.origin, Origin::Local);
    /// assert_eq!(event.diffs[0].path, Path::from_keys(["notes"]));
    /// let parts = vec![TextDelta::Retain(4), TextDelta::Delete(1)];
    /// assert_eq!(event.diffs[0].delta, Delta::Text(parts));
    /// assert_eq!(replica.next_event(notes)?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn subscribe(&mut self, path: impl ToPath, unit: Unit) -> Result<Subscription, EventError> {
        let path = path.to_path()?;
        if self.in_transaction() {
            return Err(EventError::InTransaction);
        }
        let Subscriptions { all, made } = &mut self.subscriptions;
        if all.is_empty() {
            self.state.watch(true);
        }
        let id = Subscription(*made);
        *made += 1;
        let pending = VecDeque::new();
        let last = path.clone();
        all.push(Subscriber { id, path, unit, pending, bytes: 0, has_lagged: false, last });
        Ok(id)
    }

    /// Ends a subscription; gives whether it was there.
    pub fn unsubscribe(&mut self, subscription: Subscription) -> bool {
        let all = &mut self.subscriptions.all;
        let before = all.len();
        all.retain(|subscriber| subscriber.id != subscription);
        let was_there = all.len() < before;
        if was_there && all.is_empty() {
            self.state.watch(false);
        }
        was_there
    }

    /// The next event of a subscription; `None` if none waits. Who has taken all of them, and
    /// applied them to what [`restart`](Self::restart) gave, has what is shown, but for what an open
    /// transaction did.
    ///
    /// # Errors
    /// [`EventError::NoSubscription`]; [`EventError::Lagged`], until [`restart`](Self::restart) is
    /// called, if more waited than the [options](Options) allow.
    pub fn next_event(&mut self, subscription: Subscription) -> Result<Option<Event>, EventError> {
        let subscriber = self.subscriptions.find(subscription)?;
        if subscriber.has_lagged {
            return Err(EventError::Lagged);
        }
        Ok(subscriber.pop())
    }

    /// All that is shown there, as one event for a view that shows nothing yet, of origin
    /// [`Checkout`](Origin::Checkout). The events to come go on from there; those that wait are
    /// dropped. O(n) in what is shown.
    ///
    /// # Errors
    /// [`EventError::NoSubscription`]; [`EventError::InTransaction`].
    pub fn restart(&mut self, subscription: Subscription) -> Result<Event, EventError> {
        if self.in_transaction() {
            return Err(EventError::InTransaction);
        }
        let subscriber = self.subscriptions.find(subscription)?;
        subscriber.drop_pending();
        subscriber.has_lagged = false;
        let is_wanted = |path: &Path| subscriber.wants(path);
        let diffs = self.state.whole(&Wanted { unit: subscriber.unit, is_wanted: &is_wanted });
        Ok(Event { origin: Origin::Checkout, diffs: subscriber.restrict_all(diffs) })
    }

    /// Ends a step: what it changed is told to the subscribers.
    #[inline]
    pub(super) fn emit(&mut self, origin: Origin) {
        if !self.subscriptions.all.is_empty() {
            self.emit_changes(origin);
        }
    }

    fn emit_changes(&mut self, origin: Origin) {
        let Some(mut notes) = self.state.take_notes() else { return };
        if !notes.is_empty() {
            for first in 0..self.subscriptions.all.len() {
                self.emit_in_unit_of(first, origin, &mut notes);
            }
            notes.clear();
        }
        self.state.give_back(notes);
    }

    /// Tells those whose unit is that of a subscriber, if it is the first one of them.
    fn emit_in_unit_of(&mut self, first: usize, origin: Origin, notes: &mut Notes) {
        let (before, all) = self.subscriptions.all.split_at_mut(first);
        let Some((first, others)) = all.split_first_mut() else { return };
        let unit = first.unit;
        if before.iter().any(|earlier| earlier.unit == unit) {
            return;
        }
        let is_wanted = |path: &Path| {
            let mut others = others.iter().filter(|other| other.unit == unit);
            first.wants(path) || others.any(|other| other.wants(path))
        };
        let diffs = self.state.changes(notes, &Wanted { unit, is_wanted: &is_wanted });
        if diffs.is_empty() {
            return;
        }
        for other in others.iter_mut().filter(|other| other.unit == unit) {
            other.tell(origin, diffs.clone(), &self.options);
        }
        first.tell(origin, diffs, &self.options);
    }
}

impl Subscriptions {
    fn find(&mut self, id: Subscription) -> Result<&mut Subscriber, EventError> {
        let found = self.all.iter_mut().find(|subscriber| subscriber.id == id);
        found.ok_or(EventError::NoSubscription)
    }
}

impl Event {
    /// How many bytes of memory it takes.
    fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.diffs.iter().map(Diff::memory_bytes).sum::<usize>()
    }
}
