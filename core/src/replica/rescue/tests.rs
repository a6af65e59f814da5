//! Random edits that are rescued while others edit and prune: nothing that was written is lost, and
//! nothing of others.

use std::collections::BTreeSet;

use crate::id::{DocumentId, OpId, ReplicaId};
use crate::op::{Elements, Op};
use crate::options::SaveOptions;
use crate::replica::Replica;
use crate::report::Acknowledged;
use crate::simulation::{Mix, Random, edit, for_seeds};
use crate::state::sequence::Status;
use crate::value::{Kind, Value};
use crate::version::VersionVector;

use super::{Offer, RescueOutcome, Rescued};

pub(in crate::replica) const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const NOBODY: ReplicaId = ReplicaId::new(u64::MAX);
const LATE: ReplicaId = ReplicaId::new(10);
const NEW: ReplicaId = ReplicaId::new(11);

pub(in crate::replica) const MIX: Mix =
    Mix { peers: 3, steps: 0, texts: 35, lists: 35, batch: 1, prunes: true, kinds: &Kind::ALL };

pub(in crate::replica) fn exchange(replicas: &mut [Replica]) {
    for from in 0..replicas.len() {
        for to in 0..replicas.len() {
            let since = replicas[to].version().clone();
            let frame = replicas[from].export(&since).unwrap();
            replicas[to].apply(&frame).unwrap();
        }
    }
}

pub(in crate::replica) fn acknowledge(replicas: &mut [Replica]) {
    for from in 0..replicas.len() {
        let acknowledgement = replicas[from].acknowledge();
        for to in 0..replicas.len() {
            let taken = replicas[to].apply_acknowledgement(&acknowledgement).unwrap();
            if taken == Acknowledged::Incomplete {
                let whole = replicas[from].acknowledge_whole();
                replicas[to].apply_acknowledgement(&whole).unwrap();
            }
        }
    }
}

/// Some edits, of which all learn, and now and then what follows from that.
pub(in crate::replica) fn go_on(
    replicas: &mut [Replica],
    random: &mut Random,
    mix: &Mix,
    rounds: usize,
) {
    for _ in 0..rounds {
        for _ in 0..random.below(6) {
            let at = random.below(replicas.len());
            edit(&mut replicas[at], random, mix);
        }
        if random.chance(60) {
            exchange(replicas);
        }
        if mix.prunes && random.chance(60) {
            acknowledge(replicas);
            let at = random.below(replicas.len());
            replicas[at].prune();
        }
    }
}

/// What lives and is in force.
fn held(replica: &Replica) -> BTreeSet<OpId> {
    replica.state.held_by_others(NOBODY)
}

/// Asserts that every edit that counts in the old replica counts in the new one, or is offered.
fn check_nothing_is_lost(old: &Replica, Rescued { replica, report }: &Rescued) {
    let (in_old, in_new) = (held(old), held(replica));
    let counts = [report.applied, report.moved, report.offered];
    assert_eq!(counts.iter().sum::<usize>(), report.edits.len());
    let first = report.edits.first().map_or(u64::MAX, |edit| edit.id.counter);
    let mut edits = report.edits.iter();
    for change in old.log.overlapping(old.id, first, u64::MAX) {
        for (id, _, op) in change.numbered().filter(|(_, _, op)| op.container().is_some()) {
            if id.counter < first {
                continue;
            }
            let edit = edits.next().unwrap();
            assert_eq!((edit.id, edit.len), (id, op.len()));
            let counts: Vec<u64> =
                (0..op.len()).filter(|&nth| in_old.contains(&id.plus(nth))).collect();
            match (&edit.outcome, op) {
                (RescueOutcome::Applied { id: None }, Op::Increment { container, .. }) => {
                    let shares = old.state.counter(container).unwrap().shares();
                    assert!(shares[&old.id].removed_end > id.counter, "an increment is lost");
                }
                // A removal that wins, in something that is gone.
                (RescueOutcome::Applied { id: None }, Op::Assign { content: None, .. }) => {}
                (RescueOutcome::Applied { id: None }, _) => {
                    assert!(counts.is_empty(), "{op:?} is lost");
                }
                (
                    RescueOutcome::Applied { id: Some(new) } | RescueOutcome::Moved { id: new },
                    Op::Insert { .. } | Op::Assign { .. },
                ) => {
                    for nth in counts {
                        let now = new.plus(nth);
                        let item = matches!(op, Op::Insert { elements: Elements::Items(_), .. });
                        let is_there = in_new.contains(&now);
                        assert!(is_there, "{id} + {nth} of {op:?} is lost, item: {item}");
                    }
                }
                (RescueOutcome::Offered(offer), op) => check_offer(old, (id, op), offer),
                _ => {}
            }
        }
    }
    assert_eq!(edits.next(), None);
}

/// Asserts that an offer has all of an operation that counts in the old replica.
fn check_offer(old: &Replica, (id, op): (OpId, &Op), offer: &Offer) {
    match (op, offer) {
        (
            Op::Insert { container, elements: Elements::Text(typed), .. },
            Offer::Text { text, .. },
        ) => {
            let sequence = old.state.text(container).unwrap();
            let live = |nth: usize| sequence.status(id.plus(nth as u64)) == Some(Status::Live);
            let characters = typed.chars().enumerate().filter(|&(nth, _)| live(nth));
            assert_eq!(*text, characters.map(|(_, character)| character).collect::<String>());
        }
        (Op::Insert { .. }, Offer::Items { items, .. }) => assert!(!items.is_empty()),
        (Op::Assign { content, .. }, Offer::Value(value)) => {
            assert_eq!(content.as_ref(), Some(value));
        }
        (Op::Increment { delta, .. }, Offer::Count(count)) => assert_eq!(delta, count),
        (Op::Assign { .. }, Offer::Element(_)) | (Op::Move { .. }, Offer::Move { .. }) => {}
        (op, offer) => panic!("{offer:?} is offered for {op:?}"),
    }
}

/// Asserts that of what the snapshot held only that is gone which the old replica took away itself.
fn check_others_lose_nothing(old: &Replica, before: &BTreeSet<OpId>, new: &Replica) {
    let (in_old, in_new) = (held(old), held(new));
    for id in before.difference(&in_new) {
        assert!(old.version.contains(*id) && !in_old.contains(id), "{id} of another one is lost");
    }
}

fn rescue_late(seed: u64, mix: &Mix) {
    let mut random = Random::new(seed);
    let mut others: Vec<Replica> =
        (1..=2).map(|id| Replica::new(DOCUMENT, ReplicaId::new(id))).collect();
    others[0].join(ReplicaId::new(2)).unwrap();
    exchange(&mut others);
    go_on(&mut others, &mut random, mix, 6);
    exchange(&mut others);
    // Nobody knows that it has this copy, so nobody waits for it.
    let mut late = Replica::load(&others[0].save(), LATE).unwrap();
    for _ in 0..1 + random.below(4) {
        for _ in 0..random.below(8) {
            edit(&mut late, &mut random, mix);
        }
        // What others do reaches it as long as that can be.
        if random.chance(30)
            && let Ok(frame) = others[1].clone().export(&without(late.version(), LATE))
        {
            let _ = late.apply(&frame);
        }
        let rounds = random.below(4);
        go_on(&mut others, &mut random, mix, rounds);
    }
    exchange(&mut others);
    if random.chance(80) {
        (0..3).for_each(|_| acknowledge(&mut others));
        others.iter_mut().for_each(|other| drop(other.prune()));
    }
    others[0].join(NEW).unwrap();
    let before = held(&others[0]);
    let late_before = (late.save(), late.to_json());
    let mut options = SaveOptions::new();
    if random.chance(20) {
        options = options.shallow();
    }
    if random.chance(20) {
        options = options.compressed();
    }
    let rescued = late.rescue(&others[0].save_with(options), NEW).unwrap();
    rescued.replica.check();
    assert_eq!((late.save(), late.to_json()), late_before, "the old replica is as it was");
    check_nothing_is_lost(&late, &rescued);
    check_others_lose_nothing(&late, &before, &rescued.replica);
    others.push(rescued.replica);
    exchange(&mut others);
    check_converged(&others);
    go_on(&mut others, &mut random, mix, 4);
    exchange(&mut others);
    (0..3).for_each(|_| acknowledge(&mut others));
    others.iter_mut().for_each(|other| {
        assert_eq!(other.prune().held_back_by, []);
    });
    check_converged(&others);
}

fn without(version: &VersionVector, replica: ReplicaId) -> VersionVector {
    let mut version = version.clone();
    version.set(replica, 0);
    version
}

fn check_converged(replicas: &[Replica]) {
    for replica in replicas {
        replica.check();
        assert_eq!(replica.to_json(), replicas[0].to_json());
        assert_eq!(replica.version(), replicas[0].version());
    }
}

#[test]
fn what_is_rescued_is_there_or_offered_and_others_lose_nothing() {
    for_seeds(0..600, |seed| rescue_late(seed, &MIX));
}

#[test]
fn texts_are_rescued_while_they_are_pruned() {
    for_seeds(0..600, |seed| rescue_late(seed, &Mix { texts: 100, lists: 0, ..MIX }));
}

#[test]
fn lists_are_rescued_while_they_are_pruned() {
    for_seeds(0..600, |seed| rescue_late(seed, &Mix { texts: 5, lists: 90, ..MIX }));
}

/// Where nothing is stable, what is rescued stands where it would have if it had been merged: what
/// hangs on one node is in the order of ids, and the new id is the next to the old one.
#[test]
fn rescuing_one_that_is_merely_behind_gives_the_texts_that_merging_gives() {
    let mix = Mix { texts: 100, lists: 0, prunes: false, ..MIX };
    for_seeds(0..400, |seed| {
        let mut random = Random::new(seed);
        let mut others: Vec<Replica> =
            [1, 20].map(|id| Replica::new(DOCUMENT, ReplicaId::new(id))).into();
        go_on(&mut others, &mut random, &mix, 4);
        exchange(&mut others);
        let mut late = Replica::load(&others[0].save(), LATE).unwrap();
        for _ in 0..1 + random.below(10) {
            edit(&mut late, &mut random, &mix);
            go_on(&mut others, &mut random, &mix, 1);
            if random.chance(30) {
                exchange(&mut others);
                let frame = others[1].clone().export(&without(late.version(), LATE)).unwrap();
                late.apply(&frame).unwrap();
            }
        }
        exchange(&mut others);
        let mut merged = others[0].clone();
        merged.apply(&late.export(merged.version()).unwrap()).unwrap();
        others[0].join(NEW).unwrap();
        let rescued = late.rescue(&others[0].save(), NEW).unwrap();
        assert_eq!(rescued.replica.to_json(), merged.to_json());
        assert_eq!((rescued.report.moved, rescued.report.offered), (0, 0));
    });
}

/// A replica that was restored from a backup: what it wrote since is rescued, and what it had
/// written before is there once.
#[test]
fn what_was_written_after_a_backup_was_restored_is_told_apart_by_the_log() {
    for_seeds(0..300, |seed| {
        let mut random = Random::new(seed);
        let mut others: Vec<Replica> =
            [1, 2].map(|id| Replica::new(DOCUMENT, ReplicaId::new(id))).into();
        others[0].join(LATE).unwrap();
        let mut late = Replica::load(&others[0].save(), LATE).unwrap();
        late.add("made", Value::Int(-1)).unwrap();
        others.push(late);
        go_on(&mut others, &mut random, &Mix { prunes: false, ..MIX }, 4);
        let backup = others[2].save();
        let written = others[2].version().get(LATE);
        others[2].add("made", Value::Int(0)).unwrap();
        go_on(&mut others, &mut random, &Mix { prunes: false, ..MIX }, 3);
        exchange(&mut others);

        let mut restored = Replica::load(&backup, LATE).unwrap();
        restored.add("made", Value::Int(1)).unwrap();
        for _ in 0..random.below(12) {
            edit(&mut restored, &mut random, &MIX);
        }
        others[0].join(NEW).unwrap();
        let before = held(&others[0]);
        let rescued = restored.rescue(&others[0].save(), NEW).unwrap();
        rescued.replica.check();
        assert_eq!(rescued.report.edits[0].id, OpId::new(LATE, written), "{:?}", rescued.report);
        check_nothing_is_lost(&restored, &rescued);
        check_others_lose_nothing(&restored, &before, &rescued.replica);
        others.push(rescued.replica);
        exchange(&mut others);
        check_converged(&others);
    });
}
