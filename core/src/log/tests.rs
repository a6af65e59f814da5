use super::*;
use crate::codec::ChangeHead;
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
fn operations_are_before_a_time_if_each_is() {
    for (seed, authors) in [(1, 2), (2, 9), (3, 40)] {
        let mut random = Random::new(seed);
        let mut log = Log::default();
        let mut ends = vec![0_u64; authors];
        for _ in 0..authors * 3 * BLOCK_CHANGES {
            let nth = random.below(authors);
            let id = OpId::new(ReplicaId::new(nth as u64), ends[nth]);
            let place = Place { parent: None, side: Side::Right };
            let elements = Elements::Text("ab".repeat(1 + random.below(2)));
            let op = Op::Insert { container: text(), place, elements };
            let lamport = 20 * id.counter / 2 + random.below(5) as u64;
            let change = Change::new(id, lamport, Vec::new(), vec![op]);
            ends[nth] = change.end();
            log.put(change);
        }
        // Of some authors nothing is retained, of some not all.
        let cut =
            |nth: usize| if nth.is_multiple_of(3) { ends[nth] } else { ends[nth] / nth as u64 };
        log.prune(&(0..authors).map(|nth| (ReplicaId::new(nth as u64), cut(nth))).collect());
        for _ in 0..2_000 {
            let mut heads = Vec::new();
            for (nth, end) in ends.iter().enumerate() {
                if random.chance(50) {
                    let back = random.below(*end as usize) as u64;
                    let back = if random.chance(50) { back.min(9) } else { back };
                    heads.push(OpId::new(ReplicaId::new(nth as u64), end - 1 - back));
                }
            }
            heads.truncate([1, 3, authors][random.below(3)]);
            let lamport = 10 * ends[1] - random.below(30) as u64;
            let each = heads.iter().all(|&op| log.lamport_of(op).is_none_or(|at| at < lamport));
            assert_eq!(log.are_before(&heads, lamport), each, "seed {seed}: {heads:?}");
        }
    }
}

#[test]
fn what_is_pruned_is_gone_and_nothing_else() {
    for seed in 0..20 {
        let (log, all) = typed(seed, 6 * BLOCK_CHANGES);
        for cut in [[0, 1], [5, 40], [60, 90], [100, 1000], [1000, 1000]] {
            let cut: VersionVector = [(A, cut[0]), (B, cut[1])].into_iter().collect();
            let mut pruned = log.clone();
            let (gone, _) = pruned.prune(&cut);
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
        let of_author = |own: &Author| -> Vec<Block> {
            own.blocks.iter().cloned().chain(Block::seal(own.open.iter())).collect()
        };
        let again = Log::from_blocks(log.authors.values().flat_map(of_author).collect());
        assert_eq!(again.blocks().collect::<Vec<_>>(), log.blocks().collect::<Vec<_>>());
        assert_eq!(again.len(), all.len() as u64);
        let whole = VersionVector::new();
        assert_eq!(again.since(&whole), log.since(&whole), "seed {seed}");
        assert!(again.authors[&A].blocks.len() > 1, "seed {seed}: A has several blocks");
    }
}

#[test]
fn what_changes_depend_on_is_known_however_they_come() {
    for seed in 0..20 {
        let (log, all) = typed(seed, 6 * BLOCK_CHANGES);
        let (first, rest) = all.split_at(all.len() / 2);
        let mut other = Log::default();
        first.iter().for_each(|change| other.put(change.clone()));
        // Asked for once, it has to follow.
        let version = |known: &[Change]| -> VersionVector {
            known.iter().map(|change| (change.id.replica, change.end())).collect()
        };
        assert_eq!(other.dependencies().unmet(&version(first)), None, "seed {seed}");
        for author in [A, B] {
            let mut sealing = Sealing::default();
            for change in rest.iter().filter(|change| change.id.replica == author) {
                let Change { id, lamport, ref dependencies, .. } = *change;
                let (dependencies, commit) = (dependencies.clone(), None);
                sealing.change(&ChangeHead { id, lamport, dependencies, commit });
                for op in change.ops() {
                    if let Op::Insert { container, place, elements: Elements::Text(text) } = op {
                        sealing.insert(container, *place, text, op.len());
                    }
                }
            }
            other.extend(author, sealing);
        }
        for known in 0..=all.len() {
            let version = version(&all[..known]);
            let head: VersionVector = version.iter().take(1).collect();
            let closure = |log: &Log| log.dependencies().closure(head.clone());
            assert_eq!(closure(&other), closure(&log), "seed {seed}: {head:?}");
        }
    }
}
