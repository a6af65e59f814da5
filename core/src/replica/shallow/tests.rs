//! Shallow snapshots: the same bytes whichever way a replica came to a version, and replicas loaded
//! from them are like any others.

use crate::id::ReplicaId;
use crate::options::{Options, Pruning, SaveOptions};
use crate::replica::Replica;
use crate::replica::rescue::tests::{DOCUMENT, MIX, acknowledge, exchange, go_on};
use crate::simulation::{Mix, Random, edit, for_seeds};

fn shallow(replica: &Replica) -> Vec<u8> {
    replica.save_with(SaveOptions::new().shallow())
}

/// When each replica prunes shows in what is remembered of places that were empty then: so all prune at
/// the same few points.
fn by_hand() -> Options {
    Options { pruning: Pruning::Manual, ..Options::default() }
}

/// Three members that know each other.
fn members() -> Vec<Replica> {
    let mut replicas: Vec<Replica> =
        (1..=3).map(|id| Replica::with_options(DOCUMENT, ReplicaId::new(id), by_hand())).collect();
    replicas[0].join(ReplicaId::new(2)).unwrap();
    replicas[0].join(ReplicaId::new(3)).unwrap();
    exchange(&mut replicas);
    replicas
}

/// Saves some of the replicas, in one form or another, and loads them again.
fn restart(replicas: &mut [Replica], random: &mut Random) {
    for replica in replicas {
        let mut options = SaveOptions::new();
        if random.chance(30) {
            options = options.compressed();
        }
        if random.chance(30) {
            let saved = replica.save_with(options);
            *replica = Replica::load_with_options(&saved, replica.id(), by_hand()).unwrap();
        }
    }
}

#[test]
fn replicas_at_one_version_and_cuts_save_the_same_bytes() {
    for mix in [MIX, Mix { texts: 90, lists: 0, ..MIX }, Mix { texts: 0, lists: 90, ..MIX }] {
        for_seeds(0..300, |seed| {
            let mut random = Random::new(seed);
            let mut replicas = members();
            go_on(&mut replicas, &mut random, &mix, 6);
            restart(&mut replicas, &mut random);
            go_on(&mut replicas, &mut random, &mix, 4);
            exchange(&mut replicas);
            (0..3).for_each(|_| acknowledge(&mut replicas));
            replicas.iter_mut().for_each(|replica| drop(replica.prune()));
            check_same(&replicas);
            // The same cuts, and more changes above them.
            go_on(&mut replicas, &mut random, &Mix { prunes: false, ..mix }, 4);
            exchange(&mut replicas);
            check_same(&replicas);
        });
    }
}

fn check_same(replicas: &[Replica]) {
    let first = &replicas[0];
    for other in &replicas[1..] {
        assert_eq!((&other.version, &other.stable), (&first.version, &first.stable));
        assert_eq!(other.floor, first.floor);
        assert_eq!(shallow(other), shallow(first));
    }
}

#[test]
fn a_replica_without_a_log_is_like_any_other() {
    for_seeds(0..300, |seed| {
        let mut random = Random::new(seed);
        let mut replicas = members();
        go_on(&mut replicas, &mut random, &MIX, 6);
        exchange(&mut replicas);
        let newcomer = ReplicaId::new(4);
        replicas[0].join(newcomer).unwrap();
        let mut options = SaveOptions::new().shallow();
        if random.chance(50) {
            options = options.compressed();
        }
        let saved = replicas[0].save_with(options);
        let mut loaded = Replica::load_with_options(&saved, newcomer, by_hand()).unwrap();
        loaded.check();
        assert_eq!(shallow(&loaded), shallow(&replicas[0]));
        assert_eq!(loaded.save(), shallow(&loaded));
        // Edits that do not know of each other, some of them of what the log would tell of.
        for replica in replicas.iter_mut().chain([&mut loaded]) {
            (0..random.below(5)).for_each(|_| edit(replica, &mut random, &MIX));
        }
        let again = Replica::load(&loaded.save(), newcomer).unwrap();
        assert_eq!(again.save(), loaded.save());
        // The others learn of what is new first, so that they need not be told what is not known.
        exchange(&mut replicas);
        let frame = loaded.export(&replicas[0].version).unwrap();
        replicas[0].apply(&frame).unwrap();
        exchange(&mut replicas);
        replicas.push(loaded);
        exchange(&mut replicas);
        for _ in 0..3 {
            go_on(&mut replicas, &mut random, &MIX, 2);
            restart(&mut replicas, &mut random);
        }
        exchange(&mut replicas);
        (0..3).for_each(|_| acknowledge(&mut replicas));
        for replica in &mut replicas {
            assert_eq!(replica.prune().held_back_by, []);
            replica.check();
            assert!(!replica.is_shallow(), "the floor has reached where the log starts");
        }
        check_same(&replicas);
    });
}
