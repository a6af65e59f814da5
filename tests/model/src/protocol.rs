//! The protocol as a model for stateright: what can happen next, and what has to hold always.

use stateright::{Model, Property};

use crate::mutant::Mutant;
use crate::scenario::{Scenario, is_in};
use crate::tree::Side;
use crate::version::{Id, Version, letter};
use crate::world::{Kind, Replica, World, all};

/// Something that happens. A replica is named by its number, as everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A replica inserts a character behind so many.
    Insert(u8, usize),
    /// A replica deletes the character behind so many.
    Delete(u8, usize),
    /// A replica gets the next operation of another one.
    Receive(u8, u8),
    /// A replica acknowledges.
    Acknowledge(u8),
    /// A replica gets the acknowledgement of another one that is of that number, from 1.
    See(u8, u8, u8),
    /// A replica prunes.
    Prune(u8),
    /// A replica makes another one a member.
    Join(u8, u8),
    /// A replica hands what it has to a newcomer.
    HandOver(u8, u8),
    /// A replica leaves.
    Leave(u8),
    /// A replica evicts another one.
    Evict(u8, u8),
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Insert(me, at) => write!(f, "{} inserts at {at}", letter(me)),
            Self::Delete(me, at) => write!(f, "{} deletes at {at}", letter(me)),
            Self::Receive(me, from) => {
                write!(f, "{} gets an operation of {}", letter(me), letter(from))
            }
            Self::Acknowledge(me) => write!(f, "{} acknowledges", letter(me)),
            Self::See(me, from, number) => {
                write!(f, "{} gets acknowledgement {number} of {}", letter(me), letter(from))
            }
            Self::Prune(me) => write!(f, "{} prunes", letter(me)),
            Self::Join(me, other) => write!(f, "{} joins {}", letter(me), letter(other)),
            Self::HandOver(me, other) => {
                write!(f, "{} hands its state to {}", letter(me), letter(other))
            }
            Self::Leave(me) => write!(f, "{} leaves", letter(me)),
            Self::Evict(me, other) => write!(f, "{} evicts {}", letter(me), letter(other)),
        }
    }
}

impl Scenario {
    /// How many characters a replica has inserted since the beginning, and how many it has deleted.
    fn edits_made(&self, world: &World, of: u8) -> (u8, u8) {
        let count = |counts: fn(&Kind) -> bool| {
            world.of(of).iter().filter(|operation| counts(&operation.kind)).count() as u8
        };
        let (mut inserted, mut deleted) = (u8::from(is_in(self.wrote, of)), 0);
        if of == 0 {
            (inserted, deleted) = (self.typed, self.deleted.count_ones() as u8);
        }
        let insertions = count(|kind| matches!(kind, Kind::Insert(..)));
        (insertions - inserted, count(|kind| matches!(kind, Kind::Delete(_))) - deleted)
    }

    /// Whether there are no edits left to make.
    fn is_over(&self, world: &World) -> bool {
        let made = all().map(|of| self.edits_made(world, of));
        made.map(|(insertions, deletions)| insertions + deletions).sum::<u8>() >= self.edits
    }

    fn genesis(&self) -> World {
        let mut world = World::default();
        (1..self.founders).for_each(|founder| world.write(0, Kind::Join(founder), None));
        let mut typed = Vec::new();
        for at in 0..self.typed {
            let (parent, side) = world.replica(0).tree.place_at(at.into());
            typed.push(Id { replica: 0, counter: world.replica(0).version.get(0) });
            world.write(0, Kind::Insert(parent, side), None);
        }
        for (_, node) in (0..).zip(typed).filter(|&(at, _)| is_in(self.deleted, at)) {
            world.write(0, Kind::Delete(node), None);
        }
        let first = Replica { started: true, ..world.replicas[0].clone() };
        world.replicas[..self.founders.into()].fill(first);
        for me in all().filter(|&me| is_in(self.wrote, me)) {
            world.write(me, Kind::Insert(Id::ROOT, Side::Right), None);
        }
        world
    }

    fn edits(&self, world: &World, actions: &mut Vec<Action>) {
        if self.is_over(world) {
            return;
        }
        for me in all() {
            let replica = world.replica(me);
            if !(replica.started || is_in(self.offline, me)) || !world.may_write(me) {
                continue;
            }
            let shown = replica.tree.shown().len();
            let (insertions, deletions) = self.edits_made(world, me);
            if insertions < self.insertions[usize::from(me)] {
                actions.extend((0..=shown).map(|position| Action::Insert(me, position)));
            }
            if deletions < self.deletions[usize::from(me)] {
                actions.extend((0..shown).map(|position| Action::Delete(me, position)));
            }
        }
    }

    fn arrivals(&self, world: &World, me: u8, actions: &mut Vec<Action>) {
        for from in all() {
            let is_cut_off = is_in(self.cut_off, me);
            if world.takes_next(me, from, self.mutant) && (!is_cut_off || is_in(self.cut_off, from))
            {
                actions.push(Action::Receive(me, from));
            }
            if from == me || is_cut_off || !world.replica(me).started {
                continue;
            }
            let Replica { taken, held, version, .. } = world.replica(me);
            let at = usize::from(from);
            let seen = taken[at].max(held[at][1]);
            for number in seen + 1..=world.acknowledgements[at].len() as u8 {
                let of = world.acknowledgements[at][usize::from(number) - 1];
                let early = self.mutant == Some(Mutant::EarlyAcknowledgement);
                if self.holds || early || version.covers(of.version) {
                    actions.push(Action::See(me, from, number));
                }
            }
        }
    }

    fn membership(&self, world: &World, me: u8, actions: &mut Vec<Action>) {
        let version = world.replica(me).version;
        let started = world.replica(me).started;
        if is_in(self.leavers, me)
            && world.may_write(me)
            && world.is_member(me, me)
            && (started || self.mutant == Some(Mutant::LeavesUnseen))
        {
            actions.push(Action::Leave(me));
        }
        if !started || !world.may_write(me) {
            return;
        }
        for other in all().filter(|&other| other != me) {
            let is_new = is_in(self.newcomers, other) && !world.replica(other).started;
            if is_in(self.sponsors, me) && is_in(self.newcomers, other) {
                if !world.is_joined(version, other) {
                    actions.push(Action::Join(me, other));
                }
                if is_new && self.hands_over(world, me, other) {
                    actions.push(Action::HandOver(me, other));
                }
            }
            let knows = version.get(other) > 0 || world.is_joined(version, other);
            let once = world.of(me).iter().all(|written| written.kind != Kind::Evict(other));
            if is_in(self.authorities, me)
                && is_in(self.targets, other)
                && knows
                && once
                && world.is_member(me, other)
            {
                actions.push(Action::Evict(me, other));
            }
        }
    }

    fn hands_over(&self, world: &World, me: u8, newcomer: u8) -> bool {
        let Replica { version, floor, .. } = *world.replica(me);
        let own = world.replica(newcomer).version;
        let welcome = match self.mutant {
            Some(Mutant::LateJoin) => true,
            Some(Mutant::WritingIsJoining) => world.is_member(me, newcomer),
            _ => world.is_member(me, newcomer) && world.is_joined(version, newcomer),
        };
        // Who has written is brought up to date by the log, of which what is below the floor is gone.
        welcome
            && !world.is_target(me, newcomer)
            && (own == Version::default() || own.covers(floor))
    }

    fn hand_over(&self, world: &mut World, me: u8, newcomer: u8) {
        let from = world.replica(me).clone();
        let to = world.replica_mut(newcomer);
        to.started = true;
        let cut = if self.mutant == Some(Mutant::NewcomerWithoutCut) {
            Version::default()
        } else {
            from.stable
        };
        if to.version == Version::default() {
            *to = Replica { stable: cut, held: Default::default(), ..from };
            to.taken[usize::from(newcomer)] = 0;
            return;
        }
        // As a frame of changes, which go in one after the other.
        to.stable = to.stable.join(cut);
        let bounds = from.version;
        while let Some(author) = all().find(|&author| {
            let replica = world.replica(newcomer);
            let next = replica.version.get(author);
            next < bounds.get(author)
                && replica.version.covers(world.of(author)[usize::from(next)].past)
        }) {
            world.apply(newcomer, author, self.mutant);
        }
    }

    fn act(&self, world: &mut World, action: Action) -> bool {
        let mutant = self.mutant;
        match action {
            Action::Insert(me, position) => {
                let replica = world.replica(me);
                let cut = match mutant {
                    Some(Mutant::NoRetire) => Version::default(),
                    _ => replica.stable,
                };
                let (parent, side) = replica.tree.reduced(cut, mutant).place_at(position);
                world.write(me, Kind::Insert(parent, side), mutant);
            }
            Action::Delete(me, position) => {
                let node = world.replica(me).tree.shown()[position];
                world.write(me, Kind::Delete(node), mutant);
            }
            Action::Receive(me, from) => world.apply(me, from, mutant),
            Action::Acknowledge(me) => return world.acknowledge(me, mutant),
            Action::See(me, from, number) => world.see(me, from, number, mutant),
            Action::Prune(me) => {
                // One that removes nothing is an acknowledgement that nobody gets.
                let held =
                    |world: &World| (world.replica(me).tree.len(), world.replica(me).folded.len());
                let before = held(world);
                world.prune(me, mutant);
                return held(world) != before;
            }
            Action::Join(me, other) => world.write(me, Kind::Join(other), mutant),
            Action::HandOver(me, other) => self.hand_over(world, me, other),
            Action::Leave(me) => world.write(me, Kind::Leave, mutant),
            Action::Evict(me, other) => world.write(me, Kind::Evict(other), mutant),
        }
        true
    }
}

impl Model for Scenario {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![self.genesis()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        if world.named_what_is_gone {
            return;
        }
        self.edits(world, actions);
        for me in all() {
            self.arrivals(world, me, actions);
            self.membership(world, me, actions);
            let replica = world.replica(me);
            let published = world.acknowledgements[usize::from(me)].len() as u8;
            // Who has left says nothing more of what it has seen.
            let speaks = self.mutant == Some(Mutant::LeaversAcknowledge)
                || !world.has_left(replica.version, me);
            if replica.started && speaks && published < self.acknowledgements[usize::from(me)] {
                actions.push(Action::Acknowledge(me));
            }
            if replica.started && is_in(self.prunes, me) {
                actions.push(Action::Prune(me));
            }
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        self.act(&mut next, action).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no operation names what was removed", |_, world: &World| {
                !world.named_what_is_gone
            }),
            Property::always(
                "a replica shows what one shows that never prunes",
                |_, world: &World| {
                    world.named_what_is_gone
                        || world.replicas.iter().all(|replica| {
                            replica.floor == Version::default()
                                || replica.tree.shown() == world.shown_unpruned(replica.version)
                        })
                },
            ),
            Property::always(
                "an eviction takes effect with one count",
                |scenario: &Self, world: &World| {
                    all().all(|target| scenario.has_one_count(world, target))
                },
            ),
            Property::always("what is folded is a part of one sequence", |_, world: &World| {
                let folded = || world.replicas.iter().map(|replica| &replica.folded);
                folded().all(|one| {
                    folded().all(|other| one.starts_with(other) || other.starts_with(one))
                })
            }),
            Property::always(
                "once all is known to all, everything is settled",
                |scenario: &Self, world: &World| {
                    world.named_what_is_gone || !scenario.is_over(world) || scenario.settles(world)
                },
            ),
        ]
    }
}

impl Scenario {
    /// Whether all for whom a replica is evicted have the same of it, and no other founder has more
    /// that has not left, and is not to be evicted itself.
    fn has_one_count(&self, world: &World, target: u8) -> bool {
        let evicted = world.replicas.iter().map(|replica| replica.evicted[usize::from(target)]);
        let mut settled = evicted.filter(|&count| count > 0);
        let Some(count) = settled.next() else { return true };
        let stays = |founder: &u8| {
            let mut written = world.operations.iter().flatten();
            written.all(|operation| operation.kind != Kind::Evict(*founder))
                && world.of(*founder).last().is_none_or(|last| last.kind != Kind::Leave)
        };
        let mut staying = (0..self.founders).filter(stays);
        settled.all(|other| other == count)
            && staying.all(|founder| world.replica(founder).version.get(target) < count)
    }
}
