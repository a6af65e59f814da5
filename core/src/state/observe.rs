//! What a deletion has to name: all that its author sees in a place, and nothing else.
//!
//! Deleting a container is deleting, one by one, what is observed in it; what others add at the
//! same time is not named, and survives. Nothing grow-only is named either: where it would be lost to
//! the eye the deletion is refused; where it is not seen anyway (a conflict that lost, and what
//! is shown is replaced), it stays.

use crate::container::{ContainerId, Key};
use crate::id::OpId;
use crate::op::Op;
use crate::value::Content;

use super::slots::{ContainerIndex, Slot};
use super::{Body, List, State};

/// Something grow-only would lose content.
pub(crate) struct GrowOnly;

/// What grow-only content forbids to clear a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forbids {
    /// What is visible: the place is to show something else, or nothing whatever is in it.
    Visible,
    /// Any, as what is not visible would become so.
    Any,
}

impl State {
    /// The operations that empty the containers in a place.
    ///
    /// # Errors
    /// [`GrowOnly`], if one of them may not be emptied.
    pub(crate) fn observed_content(
        &self,
        index: Option<ContainerIndex>,
        key: &Key,
        forbids: Forbids,
    ) -> Result<Vec<Op>, GrowOnly> {
        let mut ops = Vec::new();
        if let Some(slot) = index.and_then(|index| self.slot_at(index, key)) {
            self.clear_children(slot, Some(forbids), &mut ops)?;
        }
        Ok(ops)
    }

    /// The assignments in a place.
    pub(crate) fn observed_assignments(
        &self,
        index: Option<ContainerIndex>,
        key: &Key,
    ) -> Vec<OpId> {
        let slot = index.and_then(|index| self.slot_at(index, key));
        slot.map(Slot::assignments).unwrap_or_default()
    }

    /// The operations that delete items of a list, with all that is in them.
    ///
    /// # Errors
    /// [`GrowOnly`], if something in them may not be emptied.
    pub(crate) fn observed_items(
        &self,
        id: &ContainerId,
        items: &[OpId],
    ) -> Result<Vec<Op>, GrowOnly> {
        let mut ops = Vec::new();
        if let Some(list) = self.list(id) {
            self.clear_items(id, list, items, Some(Forbids::Any), &mut ops)?;
        }
        Ok(ops)
    }

    /// Empties the containers in a place; `None`: nothing forbids it.
    fn clear_children(
        &self,
        slot: &Slot,
        forbids: Option<Forbids>,
        ops: &mut Vec<Op>,
    ) -> Result<(), GrowOnly> {
        if slot.children().is_empty() {
            return Ok(());
        }
        let shown = self.shown_in(slot);
        slot.children().iter().try_for_each(|&(kind, child)| {
            let is_shown = shown == Some(Content::Container(kind));
            let forbids = forbids.filter(|&forbids| is_shown || forbids == Forbids::Any);
            self.clear(child, forbids, ops)
        })
    }

    /// Recursion is bounded by [`MAX_DEPTH`](crate::MAX_DEPTH).
    fn clear(
        &self,
        index: ContainerIndex,
        forbids: Option<Forbids>,
        ops: &mut Vec<Op>,
    ) -> Result<(), GrowOnly> {
        let id = &self.container(index).id;
        let body = self.body(index);
        if id.kind().is_grow_only() {
            return if forbids.is_some() && body.has_content() { Err(GrowOnly) } else { Ok(()) };
        }
        match body {
            Body::Text(sequence) => {
                let nodes = sequence.live_nodes();
                if !nodes.is_empty() {
                    ops.push(Op::Delete { container: id.clone(), nodes });
                }
            }
            Body::Counter(counter) => {
                let observed = counter.observed();
                if !observed.is_empty() {
                    ops.push(Op::Reset { container: id.clone(), observed });
                }
            }
            Body::Map(slots) | Body::Set(slots) => {
                for (key, slot) in slots.iter() {
                    self.clear_children(slot, forbids, ops)?;
                    let supersedes = slot.assignments();
                    if !supersedes.is_empty() {
                        let container = id.clone();
                        ops.push(Op::Remove { container, key: key.clone(), supersedes });
                    }
                }
            }
            Body::List(list) => {
                let items: Vec<OpId> = list.items().collect();
                self.clear_items(id, list, &items, forbids, ops)?;
            }
        }
        Ok(())
    }

    fn clear_items(
        &self,
        id: &ContainerId,
        list: &List,
        items: &[OpId],
        forbids: Option<Forbids>,
        ops: &mut Vec<Op>,
    ) -> Result<(), GrowOnly> {
        let mut untouched = Vec::new();
        for &item in items {
            let Some(slot) = list.slot(item) else { continue };
            self.clear_children(slot, forbids, ops)?;
            let mut supersedes = slot.assignments();
            if let Ok(first) = supersedes.binary_search(&item) {
                supersedes.remove(first);
                untouched.push(item);
            }
            if !supersedes.is_empty() {
                let (container, key) = (id.clone(), Key::Item(item));
                ops.push(Op::Remove { container, key, supersedes });
            }
        }
        if !untouched.is_empty() {
            let nodes = List::as_runs(untouched);
            ops.push(Op::Delete { container: id.clone(), nodes });
        }
        Ok(())
    }
}
