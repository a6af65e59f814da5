//! The state without what depends on when it was pruned: of what has touched something, what is within
//! the floor.
//!
//! A container that is gone, and comes again, has lost its clock if the state was pruned in between,
//! and else has it still. Nothing asks for what lies within the floor but who compares clocks.

use crate::container::Key;
use crate::version::VersionVector;

use super::slots::{Slot, Slots};
use super::{Clock, State};

impl State {
    /// Prunes all that the floor allows, and forgets what within it has touched what.
    pub(crate) fn make_canonical(&mut self, floor: &VersionVector, stable: &VersionVector) {
        self.prune(floor, stable);
        for container in self.containers.iter_mut().flatten() {
            container.clock = container.clock.all_beyond(floor);
            if let Some(slots) = container.body.slots_mut() {
                slots.forget_touches(floor);
            }
        }
    }
}

impl Slots {
    /// Forgets what within the floor has touched places; an item that holds nothing is known by it.
    fn forget_touches(&mut self, floor: &VersionVector) {
        self.for_each_mut(|key, slot| {
            if !(matches!(key, Key::Item(_)) && slot.entries().is_empty()) {
                slot.forget_touches(floor);
            }
        });
    }
}

impl Slot {
    fn forget_touches(&mut self, floor: &VersionVector) {
        let beyond = self.clock().all_beyond(floor);
        let in_force: VersionVector = self.clock_of_entries().version();
        let is_in_force = beyond.beyond(&in_force).is_none();
        self.set_clock(if is_in_force { Clock::default() } else { beyond });
    }
}
