use super::*;
use crate::container::{ContainerId, Key};
use crate::op::{Elements, Op, Place, Side};
use crate::simulation::Random;
use crate::value::Kind;

const A: ReplicaId = ReplicaId::new(1);
const B: ReplicaId = ReplicaId::new(2);

fn text() -> ContainerId {
    ContainerId::ROOT.child(Key::Name("text".into()), Kind::Text)
}

/// Two authors who type, mostly without each other; and all their changes.
fn typed(seed: u64, len: usize) -> (Log, Vec<Change>) {
    let mut random = Random::new(seed);
    let (mut log, mut all) = (Log::default(), Vec::new());
    let (mut ends, mut lamport) = ([0_u64; 2], 0);
    for _ in 0..len {
        let nth = random.below(2);
        let id = OpId::new([A, B][nth], ends[nth]);
        let letters = "ab".repeat(1 + random.below(3));
        let other = OpId::new([B, A][nth], ends[1 - nth].max(1) - 1);
        let parent = random.chance(50).then_some(other).filter(|_| ends[1 - nth] > 0);
        let place = Place { parent, side: Side::Right };
        let op = Op::Insert { container: text(), place, elements: Elements::Text(letters) };
        let dependencies = parent.into_iter().collect();
        let change = Change::new(id, lamport, dependencies, vec![op]);
        (ends[nth], lamport) = (change.end(), lamport + change.len());
        all.push(change.clone());
        log.put(change);
    }
    (log, all)
}

fn of(log: &Log, author: ReplicaId, from: u64, to: u64) -> Vec<Change> {
    log.overlapping(author, from, to).map(Cow::into_owned).collect()
}

#[test]
fn what_is_sealed_is_what_was_put() {
    for seed in 0..20 {
        let (log, all) = typed(seed, 6 * BLOCK_CHANGES);
        let since: Vec<Change> =
            log.since(&VersionVector::new()).into_iter().map(Cow::into_owned).collect();
        assert_eq!(since, all, "seed {seed}");
        assert!(log.authors[&A].blocks.len() > 1, "seed {seed}: some are sealed");
        for change in &all {
            let Change { id, lamport, .. } = *change;
            let last = id.plus(change.len() - 1);
            let whole = std::slice::from_ref(change);
            assert_eq!(of(&log, id.replica, id.counter, id.counter + 1), whole);
            assert_eq!(of(&log, id.replica, last.counter, change.end()), whole);
            assert_eq!(log.lamport_of(id), Some(lamport), "seed {seed}: {id}");
            assert_eq!(log.lamport_of(last), Some(lamport + change.len() - 1), "seed {seed}: {id}");
        }
        assert_eq!(log.lamport_of(OpId::new(A, u64::MAX)), None);
    }
}

#[test]
fn what_is_pruned_is_gone_and_nothing_else() {
    for seed in 0..20 {
        let (log, all) = typed(seed, 6 * BLOCK_CHANGES);
        for cut in [[0, 1], [5, 40], [60, 90], [100, 1000], [1000, 1000]] {
            let cut: VersionVector = [(A, cut[0]), (B, cut[1])].into_iter().collect();
            let mut pruned = log.clone();
            let gone = pruned.prune(&cut);
            let left = all.iter().filter(|change| change.end() > cut.get(change.id.replica));
            let kept: Vec<Change> =
                pruned.since(&VersionVector::new()).into_iter().map(Cow::into_owned).collect();
            assert_eq!(kept.iter().collect::<Vec<_>>(), left.collect::<Vec<_>>(), "seed {seed}");
            assert_eq!((gone, pruned.len()), ((all.len() - kept.len()) as u64, kept.len() as u64));
        }
    }
}

#[test]
fn blocks_make_the_same_log() {
    for seed in 0..20 {
        let (log, all) = typed(seed, 6 * BLOCK_CHANGES);
        let blocks: Vec<Vec<u8>> = log.blocks().map(Cow::into_owned).collect();
        let again = Log::from_blocks(blocks.iter().map(Vec::as_slice)).expect("it is a log");
        assert_eq!(again.blocks().collect::<Vec<_>>(), log.blocks().collect::<Vec<_>>());
        assert_eq!(again.len(), all.len() as u64);
        let whole = VersionVector::new();
        assert_eq!(again.since(&whole), log.since(&whole), "seed {seed}");

        let refused = |blocks: &[&[u8]]| Log::from_blocks(blocks.iter().copied()).is_err();
        let slices: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
        let reversed: Vec<&[u8]> = slices.iter().rev().copied().collect();
        assert!(refused(&reversed), "seed {seed}: in another order");
        assert!(refused(&[slices[0], slices[0]]), "seed {seed}: one twice");
        assert!(again.authors[&A].blocks.len() > 1, "seed {seed}: A has three blocks");
        assert!(refused(&[slices[0], slices[2]]), "seed {seed}: one left out");
        for len in 0..blocks[0].len() {
            assert!(refused(&[&blocks[0][..len]]), "seed {seed}: {len} bytes");
        }
        assert!(refused(&[&block::seal(&all)]), "seed {seed}: of two authors");
    }
}
