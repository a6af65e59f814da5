//! What has touched a place or a container, with all that is in it.

use crate::container::{ContainerId, Key};
use crate::version::{Baseline, VersionVector};

use super::slots::{ContainerIndex, Slots};
use super::{Clock, State};

impl State {
    /// All that has touched a place, and what is in it.
    pub(crate) fn clock_at(&self, container: &ContainerId, key: &Key) -> VersionVector {
        let index = self.find(container);
        index.map_or(Clock::default(), |index| self.slot_clock(index, key)).version()
    }

    /// All that has touched a container, and what is in it.
    pub(crate) fn clock_of(&self, container: &ContainerId) -> VersionVector {
        let mut clock = Clock::default();
        if let Some(index) = self.find(container) {
            self.join_clocks(index, &mut clock);
        }
        clock.version()
    }

    /// Forgets, of what has touched something, replicas that have departed. O(n) in the places.
    pub(crate) fn forget_departed(&mut self, departed: &Baseline) {
        for container in self.containers.iter_mut().flatten() {
            container.clock.forget(departed);
            if let Some(slots) = container.body.slots_mut() {
                slots.forget_departed(departed);
            }
        }
    }

    pub(super) fn slot_clock(&self, index: ContainerIndex, key: &Key) -> Clock {
        let Some(slot) = self.slot_at(index, key) else { return Clock::default() };
        let mut clock = slot.clock();
        slot.children().iter().for_each(|&(_, child)| self.join_clocks(child, &mut clock));
        clock
    }

    /// Recursion is bounded by [`MAX_DEPTH`](crate::MAX_DEPTH).
    pub(super) fn join_clocks(&self, index: ContainerIndex, clock: &mut Clock) {
        let container = self.container(index);
        clock.join(&container.clock);
        let slots = container.body.slots().into_iter().flat_map(Slots::iter);
        for &(_, child) in slots.flat_map(|(_, slot)| slot.children()) {
            self.join_clocks(child, clock);
        }
    }
}
