//! What becomes of what is deleted: retired once all members know of it, removed once all know that
//! all do, and containers of which nothing is left are forgotten.

use crate::container::{ContainerId, Key};
use crate::id::OpId;
use crate::version::VersionVector;

use super::slots::{ContainerIndex, Slots};
use super::{Body, State};

impl State {
    /// Retires what is deleted within the stable cut.
    pub(crate) fn set_stable(&mut self, cut: &VersionVector) {
        for index in 0..self.containers.len() {
            let Some(container) = &mut self.containers[index] else { continue };
            match &mut container.body {
                Body::Text(sequence) => sequence.set_stable(cut),
                Body::List(list) => {
                    let due = list.advance_stable(cut);
                    due.into_iter().for_each(|item| self.retire(index, item, cut));
                }
                _ => {}
            }
        }
    }

    /// Retires an item if it is gone for good.
    fn retire(&mut self, index: ContainerIndex, item: OpId, cut: &VersionVector) {
        let key = Key::Item(item);
        if self.slot_at(index, &key).is_none() || self.is_shown(index, &key) {
            return;
        }
        let clock = self.slot_clock(index, &key);
        let Body::List(list) = self.body_mut(index) else { return };
        match clock.beyond(cut) {
            Some(op) => list.wait(op, item),
            // Where all that touched it have departed, its insertion is as good.
            None => list.retire(clock.last().next().unwrap_or(item), item),
        }
    }

    /// Removes what nobody can name any more, and forgets containers of which nothing is left.
    pub(crate) fn prune(&mut self, cut: &VersionVector, stable: &VersionVector) {
        self.last = (ContainerId::ROOT, Self::ROOT);
        for index in 0..self.containers.len() {
            let Some(container) = &mut self.containers[index] else { continue };
            match &mut container.body {
                Body::Text(sequence) => sequence.prune(cut, stable),
                Body::Map(slots) | Body::Set(slots) => slots.prune(cut),
                Body::List(list) => {
                    let due = list.take_dead(cut);
                    due.into_iter().for_each(|item| self.bury(index, item, cut));
                    if let Body::List(list) = self.body_mut(index) {
                        list.prune(cut, stable);
                    }
                }
                Body::Counter(_) => {}
            }
        }
        let mut ids: Vec<_> =
            self.containers.iter().flatten().map(|container| container.id.clone()).collect();
        ids.sort_unstable();
        for id in ids.into_iter().rev() {
            self.forget_if_blank(&id);
        }
        self.shrink_to_fit();
    }

    /// Gives back the memory of containers that are forgotten.
    pub(super) fn shrink_to_fit(&mut self) {
        while self.containers.last().is_some_and(Option::is_none) {
            self.containers.pop();
        }
        self.containers.shrink_to_fit();
        self.free.retain(|&index| index < self.containers.len());
        self.free.shrink_to_fit();
    }

    /// Forgets an item that is gone for good, with its containers, if nobody can name it.
    fn bury(&mut self, index: ContainerIndex, item: OpId, cut: &VersionVector) {
        let key = Key::Item(item);
        let Some(slot) = self.slot_at(index, &key) else { return };
        if self.is_shown(index, &key) {
            return;
        }
        let children = slot.children().to_vec();
        let beyond = self.slot_clock(index, &key).beyond(cut);
        let Body::List(list) = self.body_mut(index) else { return };
        match beyond {
            Some(op) => list.wait_dead(op, item),
            None => {
                list.bury(item);
                for (_, child) in children {
                    self.inherit_clock(index, child);
                    self.forget(child);
                }
            }
        }
    }

    /// Lets a container remember what has touched another one in it, which is to be forgotten.
    fn inherit_clock(&mut self, parent: ContainerIndex, child: ContainerIndex) {
        let mut clock = std::mem::take(&mut self.container_mut(parent).clock);
        self.join_clocks(child, &mut clock);
        self.container_mut(parent).clock = clock;
    }

    /// Forgets a container and all in it. Recursion is bounded by [`MAX_DEPTH`](crate::MAX_DEPTH).
    fn forget(&mut self, index: ContainerIndex) {
        let Some(container) = self.containers[index].take() else { return };
        self.free.push(index);
        let slots = container.body.slots().into_iter().flat_map(Slots::iter);
        for &(_, child) in slots.flat_map(|(_, slot)| slot.children()) {
            self.forget(child);
        }
    }

    fn forget_if_blank(&mut self, id: &ContainerId) {
        let Some(((parent, key, kind), index)) = id.step().zip(self.find(id)) else { return };
        let asserted = self.slot(parent, key).is_some_and(|slot| slot.asserts(kind));
        let blank = self.body(index).is_blank();
        let Some(parent) = self.find(parent).filter(|_| blank && !asserted) else { return };
        self.inherit_clock(parent, index);
        self.remove_child(parent, key, kind);
        self.containers[index] = None;
        self.free.push(index);
    }
}
