//! Who holds pruning back, since when, and whether evicting frees what was said that it would.

use libsync::{DocumentId, PruneReport, Relief, Replica, ReplicaId, Unit};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const DAY: i64 = 86_400_000_000;

fn id(number: u64) -> ReplicaId {
    ReplicaId::new(number)
}

/// So many members, named from 1 on, that have seen all.
fn members(count: u64) -> Vec<Replica> {
    let mut first = Replica::new(DOCUMENT, id(1));
    (2..=count).for_each(|member| first.join(id(member)).unwrap());
    let saved = first.save();
    let others = (2..=count).map(|member| Replica::load(&saved, id(member)).unwrap());
    std::iter::once(first.clone()).chain(others).collect()
}

/// Those that are there exchange all that they have, and acknowledge it twice.
fn settle(members: &mut [Replica], there: &[usize]) {
    for _ in 0..2 {
        for &from in there {
            for &to in there.iter().filter(|&&to| to != from) {
                let known = members[to].version().clone();
                let sent = members[from].export(&known).unwrap();
                members[to].apply(&sent).unwrap();
            }
        }
    }
    for _ in 0..2 {
        for &from in there {
            let acknowledged = members[from].acknowledge_whole();
            for &to in there.iter().filter(|&&to| to != from) {
                members[to].apply_acknowledgement(&acknowledged).unwrap();
            }
        }
    }
}

fn who(report: &PruneReport) -> Vec<u64> {
    report.held_back_by.iter().map(|holdback| holdback.member.get()).collect()
}

fn steps(reliefs: &[Relief]) -> Vec<(Vec<u64>, u64)> {
    let members = |relief: &Relief| relief.members.iter().map(|member| member.get()).collect();
    reliefs.iter().map(|relief| (members(relief), relief.operations)).collect()
}

#[test]
fn a_lag_is_told_in_operations_and_in_time() {
    let mut all = members(3);
    settle(&mut all, &[0, 1, 2]);
    let report = all[0].pruning();
    assert_eq!((who(&report), report.reliefs.len()), (vec![], 0));
    for day in 0..4 {
        all[0].set_time(Some(day * DAY));
        all[0].insert_text("text", Unit::Scalar, 0, "x").unwrap();
    }
    // The second has seen them, the third has not.
    let seen = all[1].version().clone();
    let sent = all[0].export(&seen).unwrap();
    all[1].apply(&sent).unwrap();
    let [first, second, third] = &mut all[..] else { panic!("three members") };
    first.apply_acknowledgement(&second.acknowledge_whole()).unwrap();
    first.set_time(Some(10 * DAY));
    let report = first.pruning();
    // Only who has not seen all holds back.
    assert_eq!(who(&report), [3]);
    let holdback = &report.held_back_by[0];
    assert_eq!((holdback.unacknowledged, holdback.unstable), (5, 5));
    assert_eq!((holdback.since, holdback.lag), (Some(0), Some(10 * DAY)));
    let lags: Vec<_> =
        first.members().iter().map(|member| (member.unacknowledged, member.lag)).collect();
    assert_eq!(lags, [(0, None), (0, None), (5, Some(10 * DAY))]);

    // Once it has seen all, both are waited for until they know that it has.
    third.apply(&sent).unwrap();
    first.apply_acknowledgement(&third.acknowledge_whole()).unwrap();
    let report = first.pruning();
    assert_eq!(who(&report), [3, 2]);
    for holdback in &report.held_back_by {
        assert_eq!((holdback.unacknowledged, holdback.unstable), (0, 5));
        assert_eq!((holdback.since, holdback.lag), (Some(0), Some(10 * DAY)));
    }
    // Nobody is evicted for that.
    assert_eq!(report.reliefs, []);
}

#[test]
fn without_times_there_is_no_lag_in_time() {
    let mut all = members(2);
    all[0].insert_text("text", Unit::Scalar, 0, "x").unwrap();
    let report = all[0].pruning();
    assert_eq!(report.held_back_by[0].unacknowledged, 3);
    assert_eq!((report.held_back_by[0].since, report.held_back_by[0].lag), (None, None));
    // A time that was set says how late it is, not since when.
    all[0].set_time(Some(DAY));
    assert_eq!(all[0].pruning().held_back_by[0].lag, None);
    all[0].insert_text("text", Unit::Scalar, 0, "y").unwrap();
    all[0].set_time(Some(0));
    // A clock that went back makes no lag negative.
    assert_eq!(all[0].pruning().held_back_by[0].lag, Some(0));
}

#[test]
fn reliefs_are_cumulative_and_tell_those_together_who_are_behind_in_the_same() {
    let mut all = members(5);
    settle(&mut all, &[0, 1, 2, 3, 4]);
    let floor = all[0].prune().floor;
    assert_eq!(floor.operations(), 4);
    // The third and the fourth go first, then the fifth.
    all[0].insert_text("text", Unit::Scalar, 0, "0123456789").unwrap();
    settle(&mut all, &[0, 1, 4]);
    all[0].delete_text("text", Unit::Scalar, 0, 5).unwrap();
    settle(&mut all, &[0, 1]);
    let report = all[0].pruning();
    assert_eq!(who(&report), [4, 3, 5]);
    assert_eq!(steps(&report.reliefs), [(vec![4, 3], 11), (vec![4, 3, 5], 16)]);
    // The fifth has not heard that the ten characters are stable, and never will.
    let waits = report.reliefs.iter().map(|relief| relief.waits_for.as_slice());
    assert_eq!(waits.collect::<Vec<_>>(), [&[id(5)][..], &[]]);
    let nodes: Vec<u64> = report.reliefs.iter().map(|relief| relief.nodes).collect();
    assert_eq!(nodes, [0, 5]);
    assert!(report.reliefs.is_sorted_by_key(|relief| relief.bytes));
    // It is a question, and changes nothing.
    assert_eq!(all[0].pruning(), report);
    assert_eq!(all[0].prune().floor, floor);
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % bound as u64) as usize
    }
}

fn edit(replica: &mut Replica, random: &mut Random) {
    let len = replica.text("text").map_or(0, |text| text.len());
    if len > 200 || (len > 20 && random.below(3) == 0) {
        let deleted = 1 + random.below(20);
        replica.delete_text("text", Unit::Scalar, random.below(len - deleted), deleted).unwrap();
    } else {
        let at = random.below(len + 1);
        replica.insert_text("text", Unit::Scalar, at, "some more words ").unwrap();
    }
}

/// Members go silent at random times, others are made members and never heard of. Then those leave
/// that are said to hold back: that frees about as much as was said.
#[test]
fn what_is_freed_is_what_was_said() {
    for seed in 0..24 {
        println!("seed {seed}");
        let mut random = Random(seed);
        let mut all = members(6);
        let mut there: Vec<usize> = (0..6).collect();
        for round in 0..60 {
            for &who in &there {
                (0..3).for_each(|_| edit(&mut all[who], &mut random));
            }
            settle(&mut all, &there);
            // Who goes silent is missed by the last round.
            match random.below(24) {
                _ if round == 59 => {}
                0 | 1 if there.len() > 2 => drop(there.remove(1 + random.below(there.len() - 1))),
                2 => {
                    let new = id(all.len() as u64 + 1);
                    all[0].join(new).unwrap();
                    all.push(Replica::load(&all[0].save(), new).unwrap());
                }
                _ => {}
            }
        }
        let floor = all[0].prune().floor;
        let reliefs = all[0].pruning().reliefs;
        assert_eq!(reliefs.is_empty(), there.len() == all.len());
        for relief in &reliefs {
            let (mut all, mut there) = (all.clone(), there.clone());
            let (before, known) = (all[0].memory(), all[0].version().clone());
            for &member in &relief.members {
                let gone = member.get() as usize - 1;
                assert!(!there.contains(&gone), "who is there holds nothing back for long");
                all[gone].leave().unwrap();
                let known = all[0].version().clone();
                let sent = all[gone].export(&known).unwrap();
                all[0].apply(&sent).unwrap();
            }
            // Those who come back are told what was heard of others meanwhile.
            for back in relief.waits_for.iter().map(|member| member.get() as usize - 1) {
                let known = all[back].version().clone();
                let sent = all[0].export(&known).unwrap();
                all[back].apply(&sent).unwrap();
                let missed: Vec<_> = all.iter_mut().map(Replica::acknowledge_whole).collect();
                for one in missed {
                    all[back].apply_acknowledgement(&one).unwrap();
                }
                there.push(back);
            }
            settle(&mut all, &there);
            let reached = all[0].prune().floor.ahead_of(&floor);
            let after = all[0].memory();
            let nodes = before.nodes - after.nodes;
            let changes = before.changes.saturating_sub(after.changes);
            let bytes = before.total_bytes().saturating_sub(after.total_bytes()) as u64;
            if !relief.waits_for.is_empty() {
                // Whoever has come back knows of more than was hoped for.
                assert!(relief.operations <= reached);
                assert!(relief.nodes <= 2 * nodes && relief.changes <= changes + 40);
                continue;
            }
            // What was written since, by those who left above all, the estimate knows nothing of.
            let since = all[0].version().ahead_of(&known);
            eprintln!(
                "DBG {} {reached} {since} {relief:?} {:?} {:?}",
                relief.operations,
                all[0].version(),
                all[0].pruning().held_back_by
            );
            assert!((relief.operations..=relief.operations + since).contains(&reached));
            let near = |said: u64, freed: u64, slack: u64| {
                assert!(said <= 2 * freed + slack && freed <= 2 * said + slack, "{said}, {freed}");
            };
            near(relief.nodes, nodes, 40);
            near(relief.changes, changes, 40);
            near(relief.bytes, bytes, 4_000);
        }
    }
}
