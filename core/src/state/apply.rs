//! Operations, applied to the containers that they are on.

use crate::change::Change;
use crate::container::Key;
use crate::id::OpId;
use crate::op::{Elements, NodeRun, Op, Place};
use crate::value::Content;

use super::assignments::Entry;
use super::journal::{Copied, Undo};
use super::slots::{ContainerIndex, Slot};
use super::{Body, Clock, Container, Counter, State};

/// What an operation has beside what it does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) id: OpId,
    pub(crate) lamport: u64,
    /// The wall-clock time of its change.
    pub(crate) time: Option<i64>,
}

impl State {
    /// Applies the operations of a change, which is [valid](super::validate).
    pub(crate) fn apply_change(&mut self, change: &Change) {
        let time = change.time();
        for (id, lamport, op) in change.numbered() {
            self.apply(Stamp { id, lamport, time }, op);
        }
    }

    /// Applies one operation, which is [valid](super::validate). Membership is not for the state.
    pub(crate) fn apply(&mut self, stamp: Stamp, op: &Op) {
        let Some(container) = op.container() else { return };
        let index = self.find_or_create(container);
        self.remember(index);
        self.touch(index, stamp.id.plus(op.len() - 1));
        let had_content = self.body(index).has_content();
        match op {
            Op::Insert { place, elements: Elements::Text(text), .. } => {
                self.insert_characters(index, stamp.id, *place, text, op.len());
            }
            Op::Insert { place, elements: Elements::Items(items), .. } => {
                if let Body::List(list) = self.body_mut(index) {
                    list.insert(stamp.id, *place, items.len() as u32);
                }
                self.note(|| Undo::Inserted { index, id: stamp.id, len: op.len() });
                self.fill(index, stamp, items);
            }
            Op::Delete { nodes, .. } => {
                let mut id = stamp.id;
                for &run in nodes {
                    self.delete(index, id, run);
                    id = id.plus(run.len());
                }
            }
            Op::Move { item, place, .. } => {
                self.note_move(index, *item);
                if let Body::List(list) = self.body_mut(index) {
                    list.move_item(stamp.id, stamp.lamport, *item, *place);
                }
                self.retiring.wait(stamp.id, index);
                self.edit_slot(index, &Key::Item(*item), |slot| slot.touch(stamp.id));
                self.note(|| Undo::Moved { index, id: stamp.id, item: *item });
            }
            Op::Assign { key, content, supersedes, .. } => {
                let Stamp { id, lamport, time } = stamp;
                let entry = Entry { id, lamport, time, content: content.clone() };
                self.edit_slot(index, key, |slot| slot.assign(entry, supersedes));
                self.follow_emptied(index, key, id);
                if let Some(Content::Container(kind)) = *content {
                    self.find_or_create(&container.child(key.clone(), kind));
                }
            }
            Op::Remove { key, supersedes, .. } => {
                self.edit_slot(index, key, |slot| slot.remove(stamp.id, supersedes));
                self.follow_emptied(index, key, stamp.id);
            }
            Op::Increment { delta, .. } => {
                self.edit_counter(index, |counter| counter.increment(stamp.id, *delta));
            }
            Op::Reset { observed, .. } => {
                self.edit_counter(index, |counter| counter.reset(observed));
            }
            Op::Join(_) | Op::Leave | Op::Evict(_) | Op::Redact => {}
        }
        self.follow_content(index, had_content);
    }

    /// Lets containers in a place that it does not assert any more, after an operation, wait to be
    /// forgotten; and the place itself, of a map or a set, if nothing is in force there.
    fn follow_emptied(&mut self, index: ContainerIndex, key: &Key, op: OpId) {
        let Self { containers, expiring, .. } = self;
        let Some(Container { body, .. }) = &mut containers[index] else { return };
        let is_list = matches!(body, Body::List(_));
        let Some(slots) = body.slots_mut() else { return };
        let Some(slot) = slots.get(key) else { return };
        for &(_, child) in slot.children().iter().filter(|&&(kind, _)| !slot.asserts(kind)) {
            expiring.wait(op, child);
        }
        if slot.entries().is_empty() && !is_list {
            slots.wait(op, key.clone());
            expiring.wait(op, index);
        }
    }

    pub(super) fn insert_characters(
        &mut self,
        index: ContainerIndex,
        id: OpId,
        place: Place,
        text: &str,
        len: u64,
    ) {
        if self.gathers_insertion(index, id, place, text, len) {
            return;
        }
        if let Body::Text(sequence) = self.body_mut(index) {
            sequence.insert(id, place, text);
        }
        self.note_insertion(index, id, len);
        self.note(|| Undo::Inserted { index, id, len });
    }

    /// Records an operation on a container.
    pub(super) fn touch(&mut self, index: ContainerIndex, op: OpId) {
        if self.has_to_copy(index, || Copied::Clock) {
            let clock = self.container(index).clock.clone();
            self.note(|| Undo::Touched { index, clock });
        }
        self.container_mut(index).clock.record(op);
    }

    /// Gives new items what they hold at first.
    fn fill(&mut self, index: ContainerIndex, stamp: Stamp, items: &[Content]) {
        let list = self.container(index).id.clone();
        self.note_items(index, stamp.id, items.len());
        let Some(slots) = self.body_mut(index).slots_mut() else { return };
        for (nth, content) in items.iter().enumerate() {
            let (id, lamport) = (stamp.id.plus(nth as u64), stamp.lamport + nth as u64);
            let entry = Entry { id, lamport, time: stamp.time, content: Some(content.clone()) };
            slots.insert(Key::Item(id), Slot::new(vec![entry], Clock::default()));
        }
        slots.shown += items.len();
        for (nth, content) in items.iter().enumerate() {
            if let Content::Container(kind) = *content {
                self.find_or_create(&list.child(Key::Item(stamp.id.plus(nth as u64)), kind));
            }
        }
    }

    /// Gives the assignments of a change, which are the last ones made, the time that it carries.
    pub(crate) fn set_times(&mut self, change: &Change) {
        let time = change.time();
        for (id, _, op) in change.numbered() {
            let keys: Vec<Key> = match op {
                Op::Assign { key, .. } => vec![key.clone()],
                Op::Insert { elements: Elements::Items(items), .. } => {
                    (0..items.len() as u64).map(|nth| Key::Item(id.plus(nth))).collect()
                }
                _ => continue,
            };
            let Some(index) = op.container().and_then(|container| self.find(container)) else {
                continue;
            };
            let Some(slots) = self.body_mut(index).slots_mut() else { continue };
            for (nth, key) in keys.iter().enumerate() {
                if let Some(slot) = slots.get_mut(key) {
                    slot.set_time(id.plus(nth as u64), time);
                }
            }
        }
    }

    /// Deletes characters; or takes away what items held at first.
    pub(super) fn delete(&mut self, index: ContainerIndex, id: OpId, run: NodeRun) {
        if self.gathers_deletion(index, id, run) {
            return;
        }
        self.note_deletion(index, run.nodes);
        if let Body::Text(sequence) = self.body_mut(index) {
            if sequence.delete(id, run) {
                self.retiring.wait(id, index);
            }
            self.note(|| Undo::Deleted { index, id, run });
            return;
        }
        for nth in 0..run.len() {
            let item = run.node(nth);
            self.edit_slot(index, &Key::Item(item), |slot| slot.remove(id.plus(nth), &[item]));
            self.follow_emptied(index, &Key::Item(item), id.plus(nth));
        }
    }

    fn edit_counter(&mut self, index: ContainerIndex, edit: impl FnOnce(&mut Counter)) {
        if self.has_to_copy(index, || Copied::Counter)
            && let Body::Counter(counter) = self.body(index)
        {
            let counter = counter.clone();
            self.note(|| Undo::Counted { index, counter });
        }
        self.note_count(index);
        if let Body::Counter(counter) = self.body_mut(index) {
            edit(counter);
        }
    }
}
