//! What a world comes to if nobody does anything any more, and everything arrives.

use crate::scenario::Scenario;
use crate::world::{Kind, World, all};

/// In so many rounds all is known to all: what was written, that it was, and that this is known; and
/// as much again after an eviction.
const ROUNDS: usize = 8;

impl Scenario {
    /// Whether all who stay come to have the same, evictions take effect, and all that is deleted goes,
    /// but for what the bound allows.
    pub(crate) fn settles(&self, world: &World) -> bool {
        let written = || world.operations.iter().flatten().map(|operation| operation.kind);
        let stays = |me: u8| {
            world.replica(me).started
                && world.may_write(me)
                && written().all(|kind| kind != Kind::Evict(me))
        };
        let staying: Vec<u8> = all().filter(|&me| stays(me)).collect();
        let mut world = world.clone();
        for _ in 0..ROUNDS {
            self.round(&mut world, &staying);
        }
        staying.iter().for_each(|&me| world.prune(me, self.mutant));
        let Some(first) = staying.first().map(|&first| world.replica(first)) else { return true };
        // A newcomer that got from a replica that is evicted what nobody else has, has to go as well.
        let is_stranded = |me: u8| {
            let mut evicted =
                all().filter(|&other| written().any(|kind| kind == Kind::Evict(other)));
            let count = |me: u8, of: u8| world.replica(me).version.get(of);
            me >= self.founders && evicted.any(|other| count(me, other) > first.version.get(other))
        };
        // That something is named which is gone is another property, and fails on the way there.
        if world.named_what_is_gone || staying.iter().any(|&me| is_stranded(me)) {
            return true;
        }
        let agrees = |&me: &u8| world.replica(me).version == first.version;
        // Who is a member and was never handed anything is waited for.
        let all_are_here = all().all(|other| {
            !world.is_member(staying[0], other)
                || world.is_target(staying[0], other)
                || staying.contains(&other)
        });
        let is_settled = |&me: &u8| {
            let replica = world.replica(me);
            let live = replica.tree.shown().len();
            all().all(|other| !world.is_target(me, other))
                && replica.floor == replica.version
                && replica.folded == first.folded
                && replica.tree.len() <= (2 * live).saturating_sub(1)
        };
        staying.iter().all(agrees) && (!all_are_here || staying.iter().all(is_settled))
    }

    /// Everything that there is arrives everywhere, and all acknowledge.
    fn round(&self, world: &mut World, staying: &[u8]) {
        for &me in staying {
            for from in all() {
                let last = world.acknowledgements[usize::from(from)].len() as u8;
                if from != me && last > world.replica(me).taken[usize::from(from)] {
                    world.see(me, from, last, self.mutant);
                }
            }
            while let Some(from) = all().find(|&from| world.takes_next(me, from, self.mutant)) {
                world.apply(me, from, self.mutant);
            }
            world.acknowledge(me, self.mutant);
        }
    }
}
