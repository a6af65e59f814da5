use crate::change::Change;
use crate::codec::block;
use crate::codec::change::{Changes, decode, encode};
use crate::codec::frame::{Form, Lineage};
use crate::codec::reader::Reader;
use crate::commit::Commit;
use crate::container::{ContainerId, Key};
use crate::error::DecodeError;
use crate::id::{DocumentId, IdSpan, OpId, ReplicaId};
use crate::op::{Contribution, Elements, NodeRun, Op, Place, Side};
use crate::simulation::Random;
use crate::value::{Content, Kind, Value};

use super::Scratch;

const LINEAGE: Lineage = Lineage { document: DocumentId::from_bytes([7; 16]), epoch: 0 };

fn written(changes: &[Change]) -> Vec<u8> {
    encode(Form::Plain, &LINEAGE, changes, None)
}

fn read(frame: &[u8]) -> Result<Vec<Change>, DecodeError> {
    decode(frame, usize::MAX).map(|(_, Changes { changes, .. })| changes)
}

fn replica(number: u64) -> ReplicaId {
    ReplicaId::new(0x1111_1111_1111_1111 * (number + 1))
}

fn root(key: &str, kind: Kind) -> ContainerId {
    ContainerId::ROOT.child(Key::Name(key.into()), kind)
}

/// A history that nobody could have written, but that a frame can hold.
struct History {
    random: Random,
    ends: [u64; 4],
    lamport: u64,
    /// Who writes it, and leaves nothing out; else it is all four, with gaps.
    author: Option<u64>,
}

impl History {
    fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), ends: [0; 4], lamport: 0, author: None }
    }

    fn below(&mut self, below: u64) -> u64 {
        self.random.below(below as usize) as u64
    }

    fn op_of(&mut self, number: usize) -> OpId {
        OpId::new(replica(number as u64), self.below(self.ends[number].max(1)))
    }

    fn any_op(&mut self) -> OpId {
        let number = self.random.below(4);
        self.op_of(number)
    }

    /// Identities that ascend.
    fn ops(&mut self, most: u64) -> Vec<OpId> {
        let len = self.below(most + 1);
        let mut ops: Vec<OpId> = (0..len).map(|_| self.any_op()).collect();
        ops.sort_unstable();
        ops.dedup();
        ops
    }

    fn place(&mut self, id: OpId) -> Place {
        let parent = match self.random.below(8) {
            0 => None,
            1..=3 => id.counter.checked_sub(1).map(|last| OpId::new(id.replica, last)),
            4..=5 => Some(OpId::new(id.replica, self.below(id.counter.max(1)))),
            _ => Some(self.any_op()),
        };
        let side = if self.random.below(3) == 0 { Side::Left } else { Side::Right };
        Place { parent, side: if parent.is_none() { Side::Right } else { side } }
    }

    fn value(&mut self) -> Value {
        match self.random.below(5) {
            0 => Value::Null,
            1 => Value::Int(self.random.below(1000) as i64 - 500),
            2 => Value::Float(0.1),
            3 => Value::Timestamp(-5),
            _ => Value::String("ünï".into()),
        }
    }

    fn content(&mut self) -> Content {
        match self.random.below(4) {
            0 => Content::Container(Kind::ALL[self.random.below(7)]),
            _ => Content::Value(self.value()),
        }
    }

    fn deletion(&mut self) -> Vec<NodeRun> {
        let mut runs: Vec<NodeRun> = Vec::new();
        for nth in 0..1 + self.below(3) {
            let start = OpId::new(replica(self.below(4)), 10 * nth + self.below(4));
            let len = 1 + self.below(4);
            let backwards = len > 1 && self.random.below(2) == 0;
            let run = NodeRun { nodes: IdSpan::new(start, len), backwards };
            if runs.iter().all(|other| !other.nodes.overlaps(&run.nodes)) {
                NodeRun::push(&mut runs, run);
            }
        }
        runs
    }

    fn op(&mut self, id: OpId) -> Op {
        let name = |random: &mut Random| Key::Name(["a", "b", "é"][random.below(3)].into());
        match self.random.below(18) {
            0..=4 => {
                let container = root(["t", "u"][self.random.below(2)], Kind::Text);
                let len = [1, 1, 2, 30, 31, 32, 33, 300][self.random.below(8)];
                let letters = ["x", "y", "𝄞"][self.random.below(3)];
                let elements = Elements::Text(letters.repeat(len));
                Op::Insert { container, place: self.place(id), elements }
            }
            5..=7 => Op::Delete { container: root("t", Kind::Text), nodes: self.deletion() },
            8 => {
                let items = (0..1 + self.random.below(3)).map(|_| self.content()).collect();
                let (container, elements) = (root("l", Kind::List), Elements::Items(items));
                Op::Insert { container, place: self.place(id), elements }
            }
            9 => {
                let (container, item) = (root("l", Kind::List), self.any_op());
                Op::Move { container, item, place: self.place(id) }
            }
            10 => {
                let inner = root("l", Kind::List).child(Key::Item(self.any_op()), Kind::Map);
                let (key, content) = (name(&mut self.random), Some(self.content()));
                Op::Assign { container: inner, key, content, supersedes: self.ops(2) }
            }
            11 => {
                let (key, supersedes) = (Key::Element(self.value()), self.ops(2));
                let content = Some(Content::Value(Value::Null));
                Op::Assign { container: root("s", Kind::Set), key, content, supersedes }
            }
            12 => {
                let mut supersedes = self.ops(2);
                supersedes.extend(supersedes.is_empty().then_some(id));
                let key = name(&mut self.random);
                Op::Remove { container: ContainerId::ROOT, key, supersedes }
            }
            13 => Op::Increment { container: root("n", Kind::Counter), delta: -3 },
            14 => {
                let share = |last| Contribution { last, sum: i64::MIN };
                let observed = vec![share(self.op_of(1)), share(self.op_of(3))];
                Op::Reset { container: root("n", Kind::Counter), observed }
            }
            15 => Op::Evict(replica(self.below(4))),
            16 => Op::Redact,
            _ => Op::Join(replica(self.below(4))),
        }
    }

    fn change(&mut self) -> Change {
        let author = self.author.unwrap_or_else(|| self.below(4));
        let has_gap = self.author.is_none() && self.random.below(8) == 0;
        let skipped = if has_gap { self.below(300) } else { 0 };
        let id = OpId::new(replica(author), self.ends[author as usize] + skipped);
        let mut dependencies: Vec<OpId> = self.ops(3);
        dependencies.retain(|head| head.replica != id.replica);
        dependencies.dedup_by_key(|head| head.replica);
        let mut next = id;
        let mut ops = Vec::new();
        for _ in 0..1 + self.random.below(5) {
            let op = self.op(next);
            next = next.plus(op.len());
            ops.push(op);
        }
        if self.random.below(10) == 0 {
            ops.push(Op::Leave);
            next = next.plus(1);
        }
        self.lamport += self.below(100);
        let change = Change::new(id, self.lamport, dependencies, ops);
        self.lamport += if self.author.is_some() { change.len() } else { 1 };
        self.ends[author as usize] = next.counter;
        change.with_commit(match self.random.below(6) {
            0 => Commit::new().at(self.below(1 << 40) as i64 - (1 << 39)),
            1 => Commit::new().at(i64::MAX).message("").origin("phone"),
            2 => Commit::new().message("Grüße").origin(["phone", "pad"][self.lamport as usize % 2]),
            _ => Commit::new(),
        })
    }

    fn changes(&mut self, len: usize) -> Vec<Change> {
        (0..len).map(|_| self.change()).collect()
    }
}

#[test]
fn changes_are_read_as_they_are_written() {
    for seed in 0..400 {
        let changes = History::new(seed).changes(1 + seed as usize % 40);
        assert_eq!(read(&written(&changes)).as_ref(), Ok(&changes), "seed {seed}");
    }
}

fn sealed(mut frame: Vec<u8>) -> Vec<u8> {
    let end = frame.len() - 4;
    let checksum = crc32fast::hash(&frame[..end - 1]);
    frame[end..].copy_from_slice(&checksum.to_be_bytes());
    frame
}

/// Whatever is read is what would be written: no list has two forms.
#[test]
fn a_changed_frame_is_refused_or_another_list() {
    let mut read_again = 0;
    for seed in 1000..1010 {
        let frame = written(&History::new(seed).changes(6));
        // Behind the document's identity.
        for at in 20..frame.len() - 5 {
            for bit in 0..8 {
                let mut changed = frame.clone();
                changed[at] ^= 1 << bit;
                let changed = sealed(changed);
                let Ok((lineage, body)) = decode(&changed, usize::MAX) else { continue };
                let again = encode(Form::Plain, &lineage, &body.changes, body.cut.as_ref());
                assert_eq!(again, changed, "seed {seed}: bit {bit} of byte {at}");
                read_again += 1;
            }
        }
    }
    assert!(read_again > 1000, "{read_again} changed frames were read");
}

/// A block is checked in a shorter way than it is read: with what comes of that, or with an error of
/// the longer way.
#[test]
fn a_block_is_checked_as_it_is_read() {
    let mut scratch = Scratch::default();
    let (mut refused, mut accepted) = (0, 0);
    for seed in 3000..3300 {
        println!("seed {seed}");
        let mut history = History::new(seed);
        history.author = Some(0);
        let changes = history.changes(1 + seed as usize % 20);
        let sealed = block::seal(&changes);
        let extent = block::walked(Reader::new(&sealed)).expect("what is sealed can be read");
        assert_eq!(extent.count, changes.len());
        let found = block::plain(Reader::new(&sealed), &mut scratch);
        assert_eq!(found, Some(extent));
        for _ in 0..300 {
            let mut changed = sealed.to_vec();
            for _ in 0..1 + history.below(2) {
                let at = history.random.below(changed.len());
                changed[at] = match history.below(3) {
                    0 => changed[at] ^ 1 << history.below(8),
                    1 => changed[at].wrapping_add(1),
                    _ => changed[history.random.below(changed.len())],
                };
            }
            let found = block::plain(Reader::new(&changed), &mut scratch);
            assert_eq!(found, block::walked(Reader::new(&changed)).ok());
            *if found.is_some() { &mut accepted } else { &mut refused } += 1;
        }
    }
    assert!(refused > 10_000 && accepted > 10_000, "{refused} refused, {accepted} accepted");
}

#[test]
fn a_frame_that_is_cut_short_is_refused() {
    for seed in 2000..2010 {
        let frame = written(&History::new(seed).changes(4));
        for len in 0..frame.len() {
            assert!(read(&frame[..len]).is_err(), "seed {seed}: {len} bytes");
        }
        for len in 0..frame.len() - 5 {
            let mut cut = frame[..len].to_vec();
            cut.extend([0x44, 0, 0, 0, 0]);
            assert!(read(&sealed(cut)).is_err(), "seed {seed}: {len} bytes, sealed");
        }
    }
}

#[test]
fn one_typed_character_is_a_short_frame() {
    let id = OpId::new(replica(0), 250_000);
    let place = Place { parent: Some(OpId::new(id.replica, 249_999)), side: Side::Right };
    let elements = Elements::Text("x".into());
    let op = Op::Insert { container: root("text", Kind::Text), place, elements };
    let frame = written(&[Change::new(id, 250_000, Vec::new(), vec![op])]);
    assert!(frame.len() <= 59, "{} bytes", frame.len());
}

#[test]
fn a_column_that_says_nothing_is_not_there() {
    let change = |counter, ops| Change::new(OpId::new(replica(0), counter), counter, vec![], ops);
    let assign = |key: &str| Op::Assign {
        container: ContainerId::ROOT,
        key: Key::Name(key.into()),
        content: Some(Content::Value(Value::Null)),
        supersedes: Vec::new(),
    };
    let frame = written(&[change(0, vec![assign("a")]), change(1, vec![assign("b")])]);
    // How many changes, their tags and values.
    let columns = [&[0xa3, 0x00, 0x01, 0x07, 0x42, 0x0b, 0x0b, 0x0e, 0x46][..], b"aa\xf6ab\xf6"];
    assert!(frame.windows(15).any(|at| at == columns.concat()), "{frame:02x?}");
}

/// Assignments of four replicas, which exchange what they have now and then.
#[test]
fn a_hundred_thousand_assignments_take_little() {
    let mut random = Random::new(1);
    let mut ends = [0; 4];
    let mut last: Vec<Option<OpId>> = vec![None; 1000];
    let mut changes = Vec::new();
    for nth in 0..5000 {
        let author = nth % 4;
        let id = OpId::new(replica(author as u64), ends[author]);
        let ops: Vec<Op> = (0..20)
            .map(|op| {
                let key = random.below(1000);
                let supersedes = last[key].replace(id.plus(op)).into_iter().collect();
                let content = Some(Content::Value(Value::Int(random.below(10_000) as i64)));
                let (container, key) = (ContainerId::ROOT, Key::Name(format!("k{key}").into()));
                Op::Assign { container, key, content, supersedes }
            })
            .collect();
        let before = (author + 3) % 4;
        let head = OpId::new(replica(before as u64), ends[before].max(1) - 1);
        let dependencies = if nth > 0 { vec![head] } else { vec![] };
        changes.push(Change::new(id, 20 * nth as u64, dependencies, ops));
        ends[author] += 20;
    }
    let frame = written(&changes);
    assert!(frame.len() < 800_000, "{} bytes", frame.len());
    assert_eq!(read(&frame).as_ref(), Ok(&changes));
}
