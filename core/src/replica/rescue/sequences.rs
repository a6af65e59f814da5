//! Edits of texts and lists, made anew.

use crate::container::{ContainerId, Key};
use crate::error::EditError;
use crate::id::{IdSpan, OpId};
use crate::op::{Elements, NodeRun, Op, Place};
use crate::state::List;
use crate::state::sequence::Status;
use crate::value::{Content, Unit};

use super::places;
use super::report::{Offer, RescueOutcome};
use super::translate::{NOTHING_LEFT, Translation};

impl Translation<'_> {
    /// Where what was inserted by `id` belongs.
    fn find_place(
        &self,
        was: &ContainerId,
        at: &ContainerId,
        id: OpId,
        place: Place,
    ) -> places::Found {
        let (old, new) = (&self.old.state, &self.new.state);
        if let (None, None) = (old.list(was), new.list(at)) {
            return places::find((old.text(was), new.text(at)), &self.identities, (id, place));
        }
        let nodes = (old.list(was).map(List::nodes), new.list(at).map(List::nodes));
        places::find(nodes, &self.identities, (id, place))
    }

    pub(super) fn insert(
        &mut self,
        id: OpId,
        was: &ContainerId,
        at: ContainerId,
        place: Place,
        elements: &Elements,
    ) -> Result<RescueOutcome, EditError> {
        let found = self.find_place(was, &at, id, place);
        let elements = elements.clone();
        self.insert_at(id, found, |place| Op::Insert { container: at, place, elements })
    }

    /// Makes an operation anew that inserts nodes.
    fn insert_at(
        &mut self,
        old: OpId,
        places::Found { place, is_moved }: places::Found,
        op: impl FnOnce(Place) -> Op,
    ) -> Result<RescueOutcome, EditError> {
        let op = op(place);
        let len = op.len();
        let id = self.record(op)?;
        self.identities.put(IdSpan::new(old, len), id);
        Ok(match is_moved {
            true => RescueOutcome::Moved { id },
            false => RescueOutcome::Applied { id: Some(id) },
        })
    }

    pub(super) fn move_item(
        &mut self,
        id: OpId,
        was: &ContainerId,
        at: ContainerId,
        old_item: OpId,
        place: Place,
    ) -> Result<RescueOutcome, EditError> {
        let Some(item) = self.identities.get(old_item) else { return Ok(NOTHING_LEFT) };
        let is_shown = self.new.state.shown(&at, &Key::Item(item)).is_some();
        if !is_shown && !self.is_taken_here(&at, item) {
            let offer = self.offer_move(was, id, old_item);
            return Ok(offer.map_or(NOTHING_LEFT, RescueOutcome::Offered));
        }
        let found = self.find_place(was, &at, id, place);
        self.insert_at(id, found, |place| Op::Move { container: at, item, place })
    }

    /// Deletes those of the characters that live, or takes away what the items held at first.
    pub(super) fn delete(
        &mut self,
        at: ContainerId,
        runs: &[NodeRun],
    ) -> Result<RescueOutcome, EditError> {
        if self.new.state.list(&at).is_some() {
            return self.delete_items(at, runs);
        }
        let Some(text) = self.new.state.text_mut(&at) else { return Ok(NOTHING_LEFT) };
        let mut nodes = Vec::new();
        for run in runs {
            let parts = self.identities.parts(run.nodes).into_iter().filter_map(|(_, new)| new);
            let mut live: Vec<IdSpan> = Vec::new();
            for part in parts {
                live.extend(text.living(part));
            }
            if run.backwards {
                live.reverse();
            }
            for part in live {
                let backwards = run.backwards && part.len > 1;
                NodeRun::push(&mut nodes, NodeRun { nodes: part, backwards });
            }
        }
        if nodes.is_empty() {
            return Ok(NOTHING_LEFT);
        }
        let id = self.record(Op::Delete { container: at, nodes })?;
        Ok(RescueOutcome::Applied { id: Some(id) })
    }

    fn delete_items(
        &mut self,
        at: ContainerId,
        runs: &[NodeRun],
    ) -> Result<RescueOutcome, EditError> {
        let mut items = Vec::new();
        for run in runs {
            let old = (0..run.len()).map(|nth| run.node(nth));
            items.extend(old.filter_map(|old| self.identities.get(old)).filter(|&item| {
                let slot = self.new.state.slot(&at, &Key::Item(item));
                slot.is_some_and(|slot| slot.assignments().contains(&item))
            }));
        }
        if items.is_empty() {
            return Ok(NOTHING_LEFT);
        }
        let nodes = List::as_runs(items.iter().copied());
        let id = self.record(Op::Delete { container: at.clone(), nodes })?;
        items.into_iter().for_each(|item| self.note_taken(&at, &Key::Item(item)));
        Ok(RescueOutcome::Applied { id: Some(id) })
    }

    /// What is left of characters or items in the old replica.
    pub(super) fn offer_elements(
        &self,
        container: &ContainerId,
        id: OpId,
        elements: &Elements,
    ) -> Option<Offer> {
        let state = &self.old.state;
        match elements {
            Elements::Text(_) => {
                let sequence = state.text(container)?;
                let (mut text, mut position, mut done) = (String::new(), None, 0);
                while done < elements.len() {
                    let node = id.plus(done);
                    let (run, status) = sequence.run_from(node)?;
                    let len = run.len.min(elements.len() - done);
                    if status == Status::Live {
                        let spot = || sequence.spot(Unit::Scalar, node).map(|spot| spot.before);
                        position = position.or_else(spot);
                        text.push_str(&sequence.content_of(IdSpan::new(node, len)));
                    }
                    done += len;
                }
                position.map(|position| Offer::Text { position, text })
            }
            Elements::Items(_) => {
                let list = state.list(container)?;
                let mut index = None;
                let mut items = Vec::new();
                for nth in 0..elements.len() {
                    let item = id.plus(nth);
                    let Some(content) = state.shown(container, &Key::Item(item)) else { continue };
                    index = index.or_else(|| list.index_of(item));
                    items.push(content);
                }
                index.map(|index| Offer::Items { index, items })
            }
        }
    }

    /// An item that was moved, if it is there in the old replica, where it was moved to.
    pub(super) fn offer_move(
        &self,
        container: &ContainerId,
        id: OpId,
        item: OpId,
    ) -> Option<Offer> {
        let list = self.old.state.list(container).filter(|list| list.node_of(item) == id)?;
        let content: Content = self.old.state.shown(container, &Key::Item(item))?;
        Some(Offer::Move { item: content, index: list.index_of(item)? })
    }
}
