//! What a step touches, noted for those who watch the document: as little as tells, once the step is
//! done, what it changed. [`deltas`](super::deltas) makes that of it.
//!
//! - Of a text, the nodes that came, and those that went and had lived.
//! - Of a place, what it showed before it was touched first; what it shows follows from its
//!   assignments and from whether the containers in it have content, so all changes of either are
//!   preceded by a note.
//! - Of an item that is moved, where it stood; whether it is there at all is a matter of its place.
//! - Of a counter, what it had come to.
//!
//! Nothing is noted, and nothing costs anything, while nobody watches.

use std::collections::BTreeMap;

use crate::container::Key;
use crate::id::{IdSpan, OpId};
use crate::path::Path;
use crate::value::Content;

use super::sequence::delta::{Fate, Turn};
use super::slots::{ContainerIndex, Slot};
use super::{Body, State};

/// For how many turns the room is kept from step to step.
const MOST_KEPT: usize = 64;

/// What a place shows.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Face {
    pub(super) shown: Option<Content>,
    /// Whether there is more than that, or more than one thing that is hidden.
    pub(super) in_conflict: bool,
}

/// What a step has touched of a container.
#[derive(Default, Debug)]
pub(super) struct Touched {
    /// What came and went in a text.
    pub(super) turns: Vec<Turn>,
    /// What the places that were touched showed before.
    pub(super) faces: BTreeMap<Key, Face>,
    /// The nodes where items stood that were moved.
    pub(super) stood: BTreeMap<OpId, OpId>,
    /// What a counter had come to.
    pub(super) count: Option<i64>,
    /// Whether a text was blank before, and came as a whole.
    pub(super) is_filled: bool,
}

/// What a step has touched.
#[derive(Default, Debug)]
pub(crate) struct Notes {
    /// The text that was touched last, and what came and went there: in most steps that is all.
    text: ContainerIndex,
    turns: Vec<Turn>,
    pub(super) touched: BTreeMap<ContainerIndex, Touched>,
    /// Where the text is that alone was touched by the last step. That it goes from there, or is
    /// forgotten, takes a step that touches more.
    pub(super) known: Option<(ContainerIndex, Path)>,
}

/// The notes of the step that is going on, if anybody watches. A copy of a state is not watched.
#[derive(Default, Debug)]
pub(super) struct Watch(Option<Box<Notes>>);

impl Clone for Watch {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl Notes {
    pub(crate) fn is_empty(&self) -> bool {
        self.turns.is_empty() && self.touched.is_empty()
    }

    /// The text that alone was touched, and what came and went there.
    pub(super) fn only_text(&self) -> Option<(ContainerIndex, &[Turn])> {
        (self.touched.is_empty() && !self.turns.is_empty()).then_some((self.text, &self.turns))
    }

    /// Puts what came and went in the last text beside everything else.
    pub(super) fn gather(&mut self) {
        if !self.turns.is_empty() {
            let turns = std::mem::take(&mut self.turns);
            self.of(self.text).turns.extend(turns);
        }
    }

    /// Forgets what was noted.
    pub(crate) fn clear(&mut self) {
        self.turns.clear();
        self.turns.shrink_to(MOST_KEPT);
        if !self.touched.is_empty() {
            self.touched.clear();
        }
    }

    /// Adds what was noted later: what was there before is known from the first note of it.
    fn add(&mut self, mut later: Self) {
        self.gather();
        later.gather();
        for (index, later) in later.touched {
            let touched = self.of(index);
            touched.turns.extend(later.turns);
            for (key, face) in later.faces {
                touched.faces.entry(key).or_insert(face);
            }
            for (item, node) in later.stood {
                touched.stood.entry(item).or_insert(node);
            }
            touched.count = touched.count.or(later.count);
            touched.is_filled |= later.is_filled;
        }
    }

    fn of(&mut self, index: ContainerIndex) -> &mut Touched {
        self.touched.entry(index).or_default()
    }

    fn note_turn(&mut self, index: ContainerIndex, nodes: IdSpan, fate: Fate) {
        if self.text != index {
            self.gather();
            self.text = index;
        }
        match self.turns.last_mut() {
            Some(last)
                if last.fate == fate && nodes.start == last.nodes.start.plus(last.nodes.len) =>
            {
                last.nodes.len += nodes.len;
            }
            // As by backspace.
            Some(last) if last.fate == fate && nodes.start.plus(nodes.len) == last.nodes.start => {
                last.nodes = IdSpan::new(nodes.start, nodes.len + last.nodes.len);
            }
            _ => self.turns.push(Turn { nodes, fate }),
        }
    }

    /// What a place showed before the step, if it was touched.
    pub(super) fn face(&self, index: ContainerIndex, key: &Key) -> Option<&Face> {
        self.touched.get(&index)?.faces.get(key)
    }
}

impl State {
    /// Starts to note what is touched, or stops.
    pub(crate) fn watch(&mut self, is_watched: bool) {
        self.watch = Watch(is_watched.then(Box::default));
    }

    /// Takes out the notes, to be given back once they have been read and cleared.
    pub(crate) fn take_notes(&mut self) -> Option<Box<Notes>> {
        self.watch.0.take()
    }

    pub(crate) fn give_back(&mut self, notes: Box<Notes>) {
        self.watch.0 = Some(notes);
    }

    /// Begins new notes, and gives those so far, to be [added to](Self::add_to_notes).
    pub(super) fn set_notes_aside(&mut self) -> Option<Box<Notes>> {
        self.watch.0.as_mut().map(std::mem::take)
    }

    /// Puts the notes behind those that were set aside.
    pub(super) fn add_to_notes(&mut self, aside: Option<Box<Notes>>) {
        if let Some((notes, mut before)) = self.watch.0.as_mut().zip(aside) {
            before.add(std::mem::take(notes));
            *notes = before;
        }
    }

    /// Forgets what was noted: it has been undone.
    pub(super) fn forget_notes(&mut self) {
        if let Some(notes) = &mut self.watch.0 {
            notes.clear();
        }
    }

    /// Notes that characters have come into a text.
    #[inline]
    pub(super) fn note_insertion(&mut self, index: ContainerIndex, id: OpId, len: u64) {
        if let Some(notes) = &mut self.watch.0 {
            notes.note_turn(index, IdSpan::new(id, len), Fate::Came);
        }
    }

    /// Notes that characters are about to go from a text, if they live.
    #[inline]
    pub(super) fn note_deletion(&mut self, index: ContainerIndex, nodes: IdSpan) {
        if let Some(notes) = &mut self.watch.0
            && let Some(container) = &mut self.containers[index]
            && let Body::Text(sequence) = &mut container.body
        {
            sequence.living(nodes).for_each(|nodes| notes.note_turn(index, nodes, Fate::Went));
        }
    }

    /// Notes that a text that was blank has been filled.
    pub(super) fn note_filling(&mut self, index: ContainerIndex) {
        if let Some(notes) = &mut self.watch.0 {
            notes.of(index).is_filled = true;
        }
    }

    /// Notes what a place shows, before that may change. If `had` says of a container in it that it
    /// had content or not, it has changed in that already.
    #[inline]
    pub(super) fn note_place(
        &mut self,
        index: ContainerIndex,
        key: &Key,
        had: Option<(ContainerIndex, bool)>,
    ) {
        if self.watch.0.as_ref().is_some_and(|notes| notes.face(index, key).is_none()) {
            let face = self.face(self.slot_at(index, key), had);
            if let Some(notes) = &mut self.watch.0 {
                notes.of(index).faces.insert(key.clone(), face);
            }
        }
    }

    /// Notes that items have come, which nobody has known before.
    pub(super) fn note_items(&mut self, index: ContainerIndex, id: OpId, items: usize) {
        if let Some(notes) = &mut self.watch.0 {
            let faces = &mut notes.of(index).faces;
            let items = (0..items as u64).map(|nth| Key::Item(id.plus(nth)));
            faces.extend(items.map(|item| (item, Face::default())));
        }
    }

    /// Notes where an item stands that is about to be moved.
    pub(super) fn note_move(&mut self, index: ContainerIndex, item: OpId) {
        if let Some(notes) = &mut self.watch.0
            && let Some(container) = &self.containers[index]
            && let Body::List(list) = &container.body
        {
            notes.of(index).stood.entry(item).or_insert_with(|| list.node_of(item));
        }
    }

    /// Notes what a counter has come to, before it changes.
    pub(super) fn note_count(&mut self, index: ContainerIndex) {
        if let Some(notes) = &mut self.watch.0
            && let Some(container) = &self.containers[index]
            && let Body::Counter(counter) = &container.body
        {
            notes.of(index).count.get_or_insert_with(|| counter.value());
        }
    }

    /// What a place shows, if the container that `had` names had content or not, as it says.
    pub(super) fn face(&self, slot: Option<&Slot>, had: Option<(ContainerIndex, bool)>) -> Face {
        let Some(slot) = slot else { return Face::default() };
        let has_content = |child: ContainerIndex| match had {
            Some((other, had)) if other == child => had,
            _ => self.body(child).has_content(),
        };
        let unasserted = slot.children().iter().filter(|&&(kind, _)| !slot.asserts(kind));
        let mut survivors = unasserted
            .filter(|&&(_, child)| has_content(child))
            .map(|&(kind, _)| Content::Container(kind));
        let mut assigned = slot.entries().iter().rev().filter_map(|entry| entry.content.as_ref());
        let greatest = assigned.next();
        let is_register = matches!(greatest, Some(Content::Value(_)));
        // One container counts once.
        let is_contested = assigned.any(|other| is_register || Some(other) != greatest);
        let survivor = survivors.next();
        let others = [is_contested, survivors.next().is_some(), slot.is_hidden()];
        let contents = [greatest.is_some(), survivor.is_some()].into_iter().chain(others);
        let in_conflict = contents.filter(|&is_there| is_there).count() > 1;
        let shown = greatest.cloned().or(survivor).filter(|_| !slot.is_hidden());
        Face { shown, in_conflict }
    }
}
