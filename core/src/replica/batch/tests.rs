//! Whole histories in one frame, as they are and as they are not, beside the same by the plan.

use crate::change::Change;
use crate::codec;
use crate::codec::frame::Form;
use crate::error::ApplyError;
use crate::id::{DocumentId, IdSpan, OpId, ReplicaId};
use crate::op::{NodeRun, Op};
use crate::options::SaveOptions;
use crate::report::Applied;
use crate::simulation::{Mix, Random, edit, for_seeds};
use crate::value::{Kind, Unit};
use crate::version::VersionVector;

use super::Replica;

const DOCUMENT: DocumentId = DocumentId::from_bytes([1; 16]);
const READER: ReplicaId = ReplicaId::new(1);

/// A replica with all that some have written, of which each knows something of the others.
fn history(random: &mut Random, mix: &Mix) -> Replica {
    let replica = |id| Replica::new(DOCUMENT, ReplicaId::new(id));
    let mut peers: Vec<Replica> = (0..mix.peers).map(|_| replica(random.next())).collect();
    for _ in 0..mix.steps {
        let at = random.below(mix.peers);
        if random.chance(85) {
            edit(&mut peers[at], random, mix);
        } else {
            let known = all_of(&mut peers[random.below(mix.peers)]);
            peers[at].apply(&known).unwrap();
        }
    }
    let mut all = replica(random.next());
    peers.iter_mut().for_each(|peer| drop(all.apply(&all_of(peer)).unwrap()));
    all
}

fn all_of(replica: &mut Replica) -> Vec<u8> {
    replica.export(&VersionVector::new()).unwrap()
}

fn frame_of(changes: &[Change]) -> Vec<u8> {
    let lineage = Replica::new(DOCUMENT, READER).lineage;
    codec::change::encode(Form::Plain, &lineage, changes, None)
}

fn changes_of(frame: &[u8]) -> Vec<Change> {
    codec::change::decode(frame, usize::MAX).unwrap().1.changes
}

fn is_batch(replica: &Replica, frame: &[u8]) -> bool {
    replica.read_changes(frame).is_ok_and(|(_, (batch, _))| batch.is_some())
}

fn by_plan(replica: &mut Replica, frame: &[u8]) -> Result<Applied, ApplyError> {
    let (_, body) = codec::change::decode(frame, usize::MAX)?;
    replica.apply_changes(body.changes, body.cut)
}

fn assert_same(left: &mut Replica, right: &mut Replica) {
    left.check();
    assert_eq!(left.to_json(), right.to_json());
    assert_eq!(left.version(), right.version());
    assert_eq!(left.frontier(), right.frontier());
    assert_eq!(left.lamport, right.lamport);
    assert_eq!(left.membership.all(), right.membership.all());
    assert_eq!(left.missing(), right.missing());
    for path in ["notes", "user.notes", "a.text"] {
        assert_eq!(left.nodes(path), right.nodes(path));
        assert_eq!(left.clock(path), right.clock(path));
    }
    let memory = |replica: &Replica| (replica.memory().nodes, replica.memory().tombstones);
    assert_eq!(memory(left), memory(right));
    // What is forged may come in changes that could be one; the plan makes them one.
    let known = right.clone().apply(&all_of(left)).unwrap();
    assert_eq!((known.changes, known.held), (0, left.inbox.len()));
}

/// How a random program is applied in one, and what comes of it; gives whether it is a batch.
fn run(seed: u64, mix: &Mix) -> bool {
    let random = &mut Random::new(seed);
    let mut all = history(random, mix);
    let frame = all_of(&mut all);
    let (mut whole, mut planned) = (Replica::new(DOCUMENT, READER), Replica::new(DOCUMENT, READER));
    let mut each = planned.clone();
    let is_batch = is_batch(&whole, &frame);
    assert_eq!(whole.apply(&frame), by_plan(&mut planned, &frame));
    assert_same(&mut whole, &mut planned);
    assert_eq!(all_of(&mut whole), frame);
    assert_eq!(whole.to_json(), all.to_json());
    for change in changes_of(&frame) {
        each.apply(&frame_of(&[change])).unwrap();
    }
    assert_same(&mut whole, &mut each);

    for options in [SaveOptions::new(), SaveOptions::new().compressed()] {
        let mut loaded = Replica::load(&whole.save_with(options), READER).unwrap();
        assert_same(&mut loaded, &mut planned);
    }
    let edits = random.next();
    for replica in [&mut whole, &mut planned] {
        let random = &mut Random::new(edits);
        (0..30).for_each(|_| edit(replica, random, mix));
    }
    assert_same(&mut whole, &mut planned);
    is_batch
}

const MIX: Mix =
    Mix { peers: 3, steps: 150, texts: 80, lists: 0, batch: 1, prunes: false, kinds: &Kind::ALL };

#[test]
fn a_batch_brings_what_its_changes_bring() {
    let taken = std::cell::Cell::new(0);
    for_seeds(0..60, |seed| {
        let mix = Mix { peers: 1 + seed as usize % 5, ..MIX };
        taken.set(taken.get() + usize::from(run(seed, &mix)));
    });
    assert!(taken.get() >= 55, "{} histories are batches", taken.get());
    taken.set(0);
    for_seeds(0..10, |seed| {
        taken.set(taken.get() + usize::from(run(seed, &Mix { lists: 15, ..MIX })));
    });
    assert!(taken.get() <= 2, "{} histories with lists are batches", taken.get());
}

#[test]
fn what_is_known_in_part_is_for_the_plan() {
    for_seeds(0..40, |seed| {
        let random = &mut Random::new(seed);
        let frame = all_of(&mut history(random, &MIX));
        let mut changes = changes_of(&frame);
        let mut reader = Replica::new(DOCUMENT, READER);
        reader.insert_text("mine", Unit::Scalar, 0, "of the reader").unwrap();
        let known = random.below(changes.len());
        if random.chance(50) {
            reader.apply(&frame_of(&changes[..known])).unwrap();
        } else {
            let later = changes.split_off(known);
            reader.apply(&frame_of(&later)).unwrap();
        }
        let mut planned = reader.clone();
        let frame = frame_of(&changes);
        assert_eq!(reader.apply(&frame), by_plan(&mut planned, &frame));
        assert_same(&mut reader, &mut planned);
    });
}

/// Makes something of a list of changes what it may not be, or may.
fn change_one(changes: &mut Vec<Change>, random: &mut Random) {
    let ids: Vec<OpId> = changes.iter().map(|change| change.id).collect();
    let any = |random: &mut Random| {
        let id = *random.pick(&ids);
        OpId::new(id.replica, (id.counter + random.below(6) as u64).saturating_sub(2))
    };
    let at = random.below(changes.len());
    match random.below(7) {
        0 => drop(changes.remove(at)),
        1 => changes[at].lamport += random.below(3) as u64,
        2 => changes[at].lamport -= changes[at].lamport.min(random.below(3) as u64),
        3 => changes[at].dependencies.clear(),
        4 => {
            let head = any(random);
            let change = &mut changes[at];
            change.dependencies.retain(|other| other.replica != head.replica);
            change.dependencies.push(head);
            change.dependencies.retain(|head| head.replica != change.id.replica);
            change.dependencies.sort_unstable();
        }
        5 => changes[at].id = any(random),
        _ => {
            let change = &changes[at];
            let mut ops = change.ops().to_vec();
            let nth = random.below(ops.len());
            match &mut ops[nth] {
                Op::Insert { place, .. } => place.parent = Some(any(random)),
                Op::Delete { nodes, .. } => {
                    let run = IdSpan::new(any(random), 1 + random.below(4) as u64);
                    *nodes = vec![NodeRun::forwards(run)];
                }
                Op::Assign { supersedes, .. } => *supersedes = vec![any(random)],
                _ => {}
            }
            let changed = Change::new(change.id, change.lamport, change.dependencies.clone(), ops);
            changes[at] = changed.with_commit(change.commit().cloned().unwrap_or_default());
        }
    }
    changes.sort_by_key(|change| (change.lamport, change.id));
    changes.dedup_by_key(|change| (change.lamport, change.id));
}

#[test]
fn a_forged_batch_fares_as_with_the_plan() {
    let (taken, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    for_seeds(0..30, |seed| {
        let random = &mut Random::new(seed);
        let sound = changes_of(&all_of(&mut history(random, &Mix { steps: 60, ..MIX })));
        for _ in 0..40 {
            let mut changes = sound.clone();
            (0..=random.below(2)).for_each(|_| change_one(&mut changes, random));
            let frame = frame_of(&changes);
            let mut whole = Replica::new(DOCUMENT, READER);
            let mut planned = whole.clone();
            taken.set(taken.get() + usize::from(is_batch(&whole, &frame)));
            let applied = whole.apply(&frame);
            refused.set(refused.get() + usize::from(applied.is_err()));
            assert_eq!(applied, by_plan(&mut planned, &frame));
            assert_same(&mut whole, &mut planned);
        }
    });
    let (taken, refused) = (taken.get(), refused.get());
    assert!(taken > 50 && refused > 200, "{taken} were batches, {refused} were refused");
}
