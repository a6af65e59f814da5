//! Documents whose retained changes do not fit their state: bytes that somebody made by hand, as the
//! two are checked apart when they are loaded. History says whatever it says, and does not panic.

use std::cell::Cell;

use crate::change::Change;
use crate::commit::Commit;
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::log::Log;
use crate::op::{NodeRun, Op};
use crate::replica::Replica;
use crate::simulation::{Mix, Network, Random, TEXTS, edit, for_seeds};
use crate::value::{Kind, Unit};
use crate::version::VersionVector;

fn forged_id(random: &mut Random) -> OpId {
    OpId::new(ReplicaId::new(random.below(4) as u64), random.below(60) as u64)
}

fn forge(op: &mut Op, random: &mut Random) {
    match op {
        Op::Insert { place, .. } | Op::Move { place, .. } if random.chance(50) => {
            place.parent = random.chance(90).then(|| forged_id(random));
        }
        Op::Move { item, .. } => *item = forged_id(random),
        Op::Delete { nodes, .. } => {
            for run in nodes {
                let nodes = IdSpan::new(forged_id(random), run.len());
                *run = NodeRun { nodes, backwards: run.backwards };
            }
        }
        Op::Assign { supersedes, .. } | Op::Remove { supersedes, .. } => {
            supersedes.iter_mut().for_each(|id| *id = forged_id(random));
            supersedes.sort_unstable();
            supersedes.dedup();
        }
        _ => {}
    }
}

fn forged(change: &Change, random: &mut Random) -> Change {
    let mut ops = change.ops().to_vec();
    for op in &mut ops {
        if random.chance(40) {
            forge(op, random);
        }
    }
    let Change { id, lamport, ref dependencies, .. } = *change;
    let forged = Change::new(id, lamport, dependencies.clone(), ops);
    forged.with_commit(change.commit().cloned().unwrap_or_default())
}

fn look_back(replica: &mut Replica, random: &mut Random) {
    let heads: Vec<(ReplicaId, u64)> = replica.version().iter().collect();
    for _ in 0..6 {
        let mut some = |heads: &[(ReplicaId, u64)]| -> VersionVector {
            let part = |&(replica, count): &_| (replica, random.below(count as usize + 1) as u64);
            heads.iter().map(part).collect()
        };
        let (a, b) = (some(&heads), some(&heads));
        let _ = replica.at(&a).map(|past| past.to_json());
        TEXTS.iter().for_each(|path| drop(replica.text_at(*path, &a)));
        let _ = replica.diff(&a, &b, Unit::Utf16);
        let _ = replica.version_at_time(random.below(100) as i64);
        let _ = replica.changes_since(&b).map(Iterator::count);
        let mut other = replica.clone();
        let _ = other.fork_at(&a, ReplicaId::new(77)).map(|fork| fork.to_json());
        let _ = other.revert_to(&b, Commit::new());
        other.check();
    }
}

#[test]
fn a_log_that_does_not_fit_its_state_makes_no_panic() {
    let loads = Cell::new(0);
    for_seeds(0..150, |seed| {
        let mut network = Network::new(seed, 3);
        let kinds = &Kind::ALL;
        let mix = Mix { peers: 3, steps: 0, texts: 40, lists: 30, batch: 1, prunes: false, kinds };
        for _ in 0..40 {
            let at = network.random.below(3);
            let Network { peers, random, .. } = &mut network;
            edit(&mut peers[at].replica, random, &mix);
            network.broadcast(at);
            network.deliver();
        }
        let mut random = Random::new(seed);
        let Some(peer) = network.peers.first() else { return };
        let mut replica = peer.replica.clone();
        let mut log = Log::default();
        for change in replica.log.since(&VersionVector::new()) {
            log.put(forged(&change, &mut random));
        }
        replica.log = log;
        if let Ok(mut loaded) = Replica::load(&replica.save(), ReplicaId::new(1)) {
            look_back(&mut loaded, &mut random);
            loads.set(loads.get() + 1);
        }
    });
    assert!(loads.get() > 50, "most are loaded: {}", loads.get());
}
