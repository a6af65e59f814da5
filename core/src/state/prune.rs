//! What becomes of what is deleted: retired once all members know of it, removed once all know that
//! all do, and containers of which nothing is left are forgotten.
//!
//! Either takes what waits for operations within a cut ([`due`](super::due)), and nothing else.

use std::sync::Arc;

use crate::container::{ContainerId, Key};
use crate::id::{OpId, ReplicaId};
use crate::version::VersionVector;

#[cfg(test)]
use super::due::Due;
#[cfg(test)]
use super::slots::Slot;
use super::slots::{ContainerIndex, Emptied, Slots};
use super::{Body, Container, State};

/// What was removed from the state.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Removed {
    pub(crate) nodes: u64,
    pub(crate) spans: u64,
    pub(crate) bytes: u64,
}

impl State {
    /// Retires what is deleted within the stable cut; gives how much work that was, in spans touched.
    pub(crate) fn set_stable(&mut self, cut: &VersionVector) -> u64 {
        self.follow_packed(cut);
        self.retire(cut)
    }

    /// Retires what is deleted within a cut, but for what is packed.
    pub(crate) fn retire(&mut self, cut: &VersionVector) -> u64 {
        let mut work = 0;
        for (index, author) in self.retiring.take(cut) {
            work += 1 + self.retire_in(index, author, cut);
        }
        work
    }

    /// Retires what operations of an author within the stable cut have deleted in a container.
    fn retire_in(&mut self, index: ContainerIndex, author: ReplicaId, cut: &VersionVector) -> u64 {
        let Some(Some(container)) = self.containers.get_mut(index) else { return 0 };
        match &mut container.body {
            Body::Text(sequence) => {
                let (work, [unstable, stable]) = sequence.retire(author, cut.get(author));
                self.retiring.wait_for_all(unstable, index);
                self.expiring.wait_for_all(stable, index);
                work
            }
            Body::List(list) => {
                let due = list.advance_stable(author, cut);
                let work = due.len() as u64;
                due.into_iter().for_each(|item| self.retire_item(index, item, cut));
                if let Body::List(list) = self.body(index) {
                    let (unstable, stable) = (list.unstable_head(author), list.stable_head(author));
                    self.retiring.wait_for_all(unstable, index);
                    self.expiring.wait_for_all(stable, index);
                }
                work
            }
            _ => 0,
        }
    }

    /// Retires an item if it is gone for good.
    fn retire_item(&mut self, index: ContainerIndex, item: OpId, cut: &VersionVector) {
        let key = Key::Item(item);
        if self.slot_at(index, &key).is_none() || self.is_shown(index, &key) {
            return;
        }
        let clock = self.slot_clock(index, &key);
        let Body::List(list) = self.body_mut(index) else { return };
        match clock.beyond(cut) {
            Some(op) => {
                list.wait(op, item);
                self.retiring.wait(op, index);
            }
            None => {
                // Where all that touched it have departed, its insertion is as good.
                let op = clock.last().next().unwrap_or(item);
                list.retire(op, item);
                self.expiring.wait(op, index);
            }
        }
    }

    /// Lets the texts that are packed follow the stable cut, and those that are not any more wait for
    /// their deletions by themselves. O(n) in the packed texts with deletions.
    fn follow_packed(&mut self, stable: &VersionVector) {
        let stable = Arc::new(stable.clone());
        let mut packed = std::mem::take(&mut self.packed);
        packed.retain(|&index| {
            let Some(Some(container)) = self.containers.get_mut(index) else { return false };
            let Body::Text(text) = &mut container.body else { return false };
            if text.is_packed() {
                text.set_stable(&stable);
                return true;
            }
            self.retiring.wait_for_all(text.unstable_heads(), index);
            self.expiring.wait_for_all(text.stable_heads(), index);
            false
        });
        self.packed = packed;
    }

    /// Follows a text that is packed from now on.
    pub(super) fn follow_packing(&mut self, index: ContainerIndex) {
        if let Body::Text(text) = self.body(index)
            && text.has_packed_deletions()
        {
            self.packed.insert(index);
            self.unread.push(index);
        }
    }

    /// Before a cut is followed: lets texts that were packed, and have been opened, wait for their
    /// deletions, and reads for which those wait that are packed.
    pub(crate) fn follow_texts(&mut self, stable: &VersionVector) {
        self.follow_packed(stable);
        for index in std::mem::take(&mut self.unread) {
            if let Some(Some(container)) = self.containers.get(index)
                && let Body::Text(text) = &container.body
            {
                self.expiring.wait_for_all(text.stable_heads(), index);
            }
        }
    }

    /// Removes what nobody can name any more, where it is, and forgets containers of which nothing
    /// is left; gives how much work that was, in spans touched. The stable cut covers the cut.
    pub(crate) fn expire(&mut self, cut: &VersionVector) -> u64 {
        self.last = (ContainerId::ROOT, Self::ROOT);
        let mut work = 0;
        for (index, author) in self.expiring.take(cut) {
            work += 1 + self.expire_in(index, author, cut);
        }
        work
    }

    /// The same in a container, of what operations of an author have deleted.
    fn expire_in(&mut self, index: ContainerIndex, author: ReplicaId, cut: &VersionVector) -> u64 {
        let Some(Some(container)) = self.containers.get_mut(index) else { return 0 };
        let end = cut.get(author);
        let mut work = 0;
        match &mut container.body {
            Body::Text(text) if text.is_packed() && !text.has_packed_deletion(author, end) => {}
            Body::Text(text) => {
                let (nodes, spans) = (text.node_count(), text.span_count());
                let (touched, left) = text.remove_deleted(author, end);
                let (compacted, bytes) = text.compact();
                work += touched + compacted;
                self.removed.nodes += nodes - text.node_count();
                self.removed.spans += spans.saturating_sub(text.span_count());
                self.removed.bytes += bytes;
                self.expiring.wait_for_all(left, index);
            }
            Body::List(list) => {
                let (nodes, spans) = (list.nodes().node_count(), list.nodes().span_count());
                let due = list.take_dead(author, end);
                work += due.len() as u64;
                due.into_iter().for_each(|item| self.bury(index, item, cut));
                if let Body::List(list) = self.body_mut(index) {
                    work += list.prune(author, end);
                    let (compacted, bytes) = list.compact();
                    let (left, kept) = (list.stable_head(author), list.nodes());
                    let (kept_nodes, kept_spans) = (kept.node_count(), kept.span_count());
                    work += compacted;
                    self.removed.nodes += nodes - kept_nodes;
                    self.removed.spans += spans.saturating_sub(kept_spans);
                    self.removed.bytes += bytes;
                    self.expiring.wait_for_all(left, index);
                }
            }
            Body::Map(slots) | Body::Set(slots) => {
                let Emptied { waits, children, places } = slots.forget_emptied(author, cut);
                work += places;
                self.expiring.wait_for_all(waits, index);
                children.into_iter().for_each(|child| self.forget_blank(child));
            }
            Body::Counter(_) => {}
        }
        self.forget_blank(index);
        work
    }

    /// Removes what nobody can name any more, and forgets containers of which nothing is left; makes
    /// the texts anew, and packs them. O(n log n).
    pub(crate) fn prune(&mut self, cut: &VersionVector, stable: &VersionVector) {
        self.last = (ContainerId::ROOT, Self::ROOT);
        self.follow_texts(stable);
        let stable = Arc::new(stable.clone());
        let due = self.expiring.take(cut);
        for index in 0..self.containers.len() {
            let Some(container) = &mut self.containers[index] else { continue };
            if let Body::Text(text) = &mut container.body {
                text.prune(cut, &stable);
                self.follow_packing(index);
            }
        }
        for (index, author) in due {
            match self.containers.get(index) {
                Some(Some(Container { body: Body::Text(_), .. })) => self.forget_blank(index),
                _ => _ = self.expire_in(index, author, cut),
            }
        }
        self.expire(cut);
        let mut ids: Vec<(ContainerId, ContainerIndex)> = (0..self.containers.len())
            .filter_map(|index| Some((self.containers[index].as_ref()?.id.clone(), index)))
            .collect();
        ids.sort_unstable();
        for (id, index) in ids.into_iter().rev() {
            // It may have been forgotten with what was in it.
            if matches!(&self.containers[index], Some(container) if container.id == id) {
                self.forget_blank(index);
            }
        }
        self.removed = Removed::default();
        self.shrink_to_fit();
    }

    /// What was removed since this was last asked.
    pub(crate) fn take_removed(&mut self) -> Removed {
        std::mem::take(&mut self.removed)
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
            Some(op) => {
                list.wait_dead(op, item);
                self.expiring.wait(op, index);
            }
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

    /// Forgets a container if nothing is left of it, and what it is in if nothing is left of that then.
    fn forget_blank(&mut self, mut index: ContainerIndex) {
        while let Some(Some(container)) = self.containers.get(index) {
            let (id, parent) = (container.id.clone(), container.parent);
            let Some((_, key, kind)) = id.step() else { return };
            let is_asserted = self.slot_at(parent, key).is_some_and(|slot| slot.asserts(kind));
            if is_asserted || !container.body.is_blank() {
                return;
            }
            self.inherit_clock(parent, index);
            self.remove_child(parent, key, kind);
            self.containers[index] = None;
            self.free.push(index);
            index = parent;
        }
    }

    /// Asserts that whatever waits for a cut is known to.
    #[cfg(test)]
    pub(super) fn check_due(&self) {
        for (index, container) in self.containers.iter().enumerate() {
            let Some(Container { body, .. }) = container else { continue };
            let (retiring, expiring) = match body {
                Body::Text(_) if self.packed.contains(&index) => continue,
                Body::Text(text) => (text.unstable_heads(), text.stable_heads()),
                Body::List(list) => (list.unstable_heads(), list.stable_heads()),
                Body::Map(slots) | Body::Set(slots) => {
                    let empty = |slot: &Slot| slot.entries().is_empty() && !slot.is_clockless();
                    let empty = slots.iter().filter(|(_, slot)| empty(slot));
                    empty.for_each(|(key, _)| assert!(slots.waits(key), "{key:?} waits"));
                    (Vec::new(), slots.heads())
                }
                Body::Counter(_) => continue,
            };
            let is_known = |due: &Due, op: &OpId| due.has_from(*op, index);
            assert!(
                retiring.iter().all(|op| is_known(&self.retiring, op)),
                "it waits to be retired"
            );
            assert!(
                expiring.iter().all(|op| is_known(&self.expiring, op)),
                "it waits to be removed"
            );
        }
    }
}
