//! Writes what the input says as the body of a frame, in the one form that each has: but for what
//! it means.

use std::collections::BTreeMap;

use libsync::{Kind, OpId, Replica, ReplicaId};

use crate::cbor::Item;

use super::WRITERS;
use super::input::{Change, Content, Elements, Frame, Id, Key, Operation};
use super::names::{Container, Names};

const KEYS: [&str; 7] = ["text", "map", "list", "key", "v1", "count", "new"];
const WORDS: [&str; 4] = ["a", "xy", "é𝄞", "0123456789"];
const FLOATS: [u16; 4] = [0x3c00, 0x8000, 0x7c00, 0x7e00];
/// Bytes above make what is surely refused.
const MOSTLY: u8 = 250;
/// Operations are of containers of these kinds.
const SEQUENCES: &[Kind] = &[Kind::Text, Kind::List];
const COUNTERS: &[Kind] = &[Kind::Counter, Kind::GrowOnlyCounter];
const SHRINKING: &[Kind] = &[Kind::Map, Kind::List, Kind::Set];
const WITH_KEYS: &[Kind] = &[Kind::Map, Kind::List, Kind::Set, Kind::GrowOnlySet];

/// See the module.
pub(super) struct Forger<'c> {
    containers: &'c [Container],
    names: Names<'c>,
    /// The identities of the nodes that are in a container.
    nodes: BTreeMap<usize, Vec<OpId>>,
    /// How many operations of each writer there are, those of the frame included.
    counts: [u64; WRITERS.len()],
    known: Vec<(ReplicaId, u64)>,
    lamport: u64,
}

impl<'c> Forger<'c> {
    pub(super) fn new(
        replica: &Replica,
        containers: &'c [Container],
        nodes: BTreeMap<usize, Vec<OpId>>,
    ) -> Self {
        let version = replica.version();
        Self {
            containers,
            names: Names::new(containers),
            nodes,
            counts: WRITERS.map(|writer| version.get(writer)),
            known: version.iter().collect(),
            lamport: 0,
        }
    }

    pub(super) fn body(mut self, frame: &Frame) -> Item {
        let changes = [&frame.first].into_iter().chain(&frame.more);
        let changes: Vec<Item> = changes.map(|change| self.change(change)).collect();
        let cut = frame.stable.map(|counts| [self.version(counts), self.version([0, 0])]);
        let mut fields = self.names.fields();
        fields.extend([Item::Unsigned(4), Item::Array(changes)]);
        if let Some([stable, version]) = cut.filter(|[stable, _]| !stable.is_empty()) {
            fields.extend([Item::Unsigned(6), Item::Array(stable)]);
            fields.extend([Item::Unsigned(8), Item::Array(version)]);
        }
        Item::Map(fields)
    }

    /// A version that is known: most of it, or as much of each replica as the input says.
    fn version(&mut self, counts: [u8; 2]) -> Vec<Item> {
        let mut version = Vec::new();
        for (at, (replica, count)) in self.known.clone().into_iter().enumerate() {
            let count = count.saturating_sub(u64::from(counts[at % 2] % 16));
            if count > 0 {
                version.extend([self.names.replica(replica), Item::Unsigned(count)]);
            }
        }
        version
    }

    fn change(&mut self, change: &Change) -> Item {
        let author = usize::from(change.author) % WRITERS.len();
        let next = self.counts[author];
        let first = match change.skew {
            0..250 => next,
            250..253 => next.saturating_sub(u64::from(change.skew - 249)),
            253.. => next + u64::from(change.skew - 252),
        };
        let earlier = u64::from(change.earlier.saturating_sub(240));
        let all: u64 = self.counts.iter().sum();
        let lamport = all.saturating_sub(earlier).max(self.lamport);
        let mut id = OpId::new(WRITERS[author], first);
        let mut items = self.names.op(id).to_vec();
        items.push(Item::Unsigned(lamport - self.lamport));
        items.push(self.dependencies(author, change.dependencies));
        items.extend(change.commit.and_then(commit));
        for operation in [&change.first].into_iter().chain(&change.more) {
            let (item, len) = self.operation(id, operation);
            items.push(item);
            id.counter += len;
        }
        self.lamport = lamport;
        self.counts[author] = self.counts[author].max(id.counter);
        Item::Array(items)
    }

    /// The last operations of the writers whose bits are set; of the other bits, those before.
    fn dependencies(&mut self, author: usize, bits: u8) -> Item {
        let mut dependencies = Vec::new();
        for (at, &writer) in WRITERS.iter().enumerate() {
            let back = 1 + u64::from(bits >> (4 + at) & 1);
            if at != author && bits >> at & 1 == 1 && self.counts[at] >= back {
                dependencies.extend(self.names.op(OpId::new(writer, self.counts[at] - back)));
            }
        }
        Item::Array(dependencies)
    }

    /// An operation, and how many identities it takes.
    fn operation(&mut self, id: OpId, operation: &Operation) -> (Item, u64) {
        let mut items = Vec::new();
        let mut len = 1;
        match *operation {
            Operation::InsertNext { container, ref elements } => {
                let which = self.pick(SEQUENCES, container);
                let follows = self.follows_node(which, id) || elements.word > MOSTLY;
                let tag = if follows { 0 } else { 3 };
                let container = self.start(tag, SEQUENCES, container, &mut items);
                len = self.insert(id, container, elements, &mut items);
            }
            Operation::InsertBeside { container, parent, left, ref elements } => {
                let which = self.pick(SEQUENCES, container);
                let parent = self.id(which, parent);
                let is_next = !left && next(parent) == id;
                let tag = if is_next { 0 } else { 1 + u64::from(left) };
                let container = self.start(tag, SEQUENCES, container, &mut items);
                if !is_next {
                    items.extend(self.names.op(parent));
                }
                len = self.insert(id, container, elements, &mut items);
            }
            Operation::InsertAtRoot { container, ref elements } => {
                let container = self.start(3, SEQUENCES, container, &mut items);
                len = self.insert(id, container, elements, &mut items);
            }
            Operation::Delete { container, first, more } => {
                let container = self.start(4, SEQUENCES, container, &mut items);
                let runs = [first].into_iter().chain(more);
                len = runs.map(|run| self.delete(container, run, &mut items)).sum();
            }
            Operation::Assign { container, ref key, ref content, ref supersedes } => {
                let container = self.start(5, WITH_KEYS, container, &mut items);
                items.push(self.key(container, key));
                items.push(match self.containers[container].kind {
                    Kind::Map => assigned(content),
                    Kind::List => initial(content),
                    _ => null(),
                });
                self.identities(container, supersedes.iter().copied(), &mut items);
            }
            Operation::Remove { container, ref key, first, ref more } => {
                let kinds = if key.name > MOSTLY { WITH_KEYS } else { SHRINKING };
                let container = self.start(6, kinds, container, &mut items);
                items.push(self.key(container, key));
                let supersedes = [first].into_iter().chain(more.iter().copied());
                self.identities(container, supersedes, &mut items);
            }
            Operation::Join { replica } => {
                let replica = WRITERS[usize::from(replica) % WRITERS.len()];
                items = vec![Item::Unsigned(7), self.names.replica(replica)];
            }
            Operation::Leave { surely: 0..8 } => items = vec![Item::Unsigned(8)],
            Operation::Leave { surely } => {
                let replica = self.names.replica(WRITERS[usize::from(surely) % WRITERS.len()]);
                items = vec![Item::Unsigned(7), replica];
            }
            Operation::Move { container, item, place } => {
                let container = self.start(10, &[Kind::List], container, &mut items);
                let item = self.id(container, item);
                items.extend(self.names.op(item));
                items.push(Item::Unsigned(place.map_or(0, |(left, _)| 1 + u64::from(left))));
                if let Some((_, parent)) = place {
                    let parent = self.id(container, parent);
                    items.extend(self.names.op(parent));
                }
                self.nodes.entry(container).or_default().push(id);
            }
            Operation::Increment { container, delta } => {
                let kinds = if delta > 0 { COUNTERS } else { &[Kind::Counter] };
                self.start(11, kinds, container, &mut items);
                items.push(int(delta.into()));
            }
            Operation::IncrementMuch { container, delta } => {
                self.start(11, COUNTERS, container, &mut items);
                items.push(int(delta));
            }
            Operation::Reset { container, first, more } => {
                let kinds = if first.1 == i8::MAX { COUNTERS } else { &[Kind::Counter] };
                let container = self.start(12, kinds, container, &mut items);
                let mut shares: BTreeMap<ReplicaId, (u64, i8)> = BTreeMap::new();
                for (id, sum) in [first].into_iter().chain(more) {
                    let id = self.id(container, id);
                    shares.insert(id.replica, (id.counter, sum));
                }
                for (replica, (counter, sum)) in shares {
                    items.extend(self.names.op(OpId::new(replica, counter)));
                    items.push(int(sum.into()));
                }
            }
        }
        (Item::Array(items), len)
    }

    /// The container that a number picks among those of these kinds.
    fn pick(&self, kinds: &[Kind], which: u8) -> usize {
        let fitting: Vec<usize> = (0..self.containers.len())
            .filter(|&container| kinds.contains(&self.containers[container].kind))
            .collect();
        fitting.get(usize::from(which) % fitting.len().max(1)).copied().unwrap_or(0)
    }

    /// The tag and the container at the start of an operation.
    fn start(&mut self, tag: u64, kinds: &[Kind], which: u8, items: &mut Vec<Item>) -> usize {
        let container = self.pick(kinds, which);
        items.extend([Item::Unsigned(tag), self.names.container(container)]);
        container
    }

    fn id(&self, container: usize, id: Id) -> OpId {
        match (id, self.nodes.get(&container)) {
            (Id::Node(which) | Id::Any { author: 8.., counter: which }, Some(nodes))
                if !nodes.is_empty() =>
            {
                nodes[usize::from(which) % nodes.len()]
            }
            (Id::Node(which), _) => self.any(which, which / 4),
            (Id::Any { author, counter }, _) => self.any(author, counter),
        }
    }

    fn follows_node(&self, container: usize, id: OpId) -> bool {
        let nodes = self.nodes.get(&container);
        nodes.is_some_and(|nodes| nodes.iter().any(|&node| next(node) == id))
    }

    fn any(&self, author: u8, counter: u8) -> OpId {
        let author = usize::from(author) % WRITERS.len();
        let counter = u64::from(counter) % (self.counts[author] + 1);
        OpId::new(WRITERS[author], counter)
    }

    /// Writes the elements; gives how many they are.
    fn insert(
        &mut self,
        id: OpId,
        container: usize,
        elements: &Elements,
        items: &mut Vec<Item>,
    ) -> u64 {
        let len = if self.containers[container].kind == Kind::Text {
            let word = WORDS[usize::from(elements.word) % WORDS.len()];
            items.push(Item::Text(word.into()));
            word.chars().count()
        } else {
            let contents = &elements.contents[..1 + usize::from(elements.both)];
            items.push(Item::Array(contents.iter().map(initial).collect()));
            contents.len()
        } as u64;
        let inserted = (0..len).map(|at| OpId::new(id.replica, id.counter + at));
        self.nodes.entry(container).or_default().extend(inserted);
        len
    }

    /// Writes a run; gives how many identities it is.
    fn delete(&mut self, container: usize, run: (Id, u8), items: &mut Vec<Item>) -> u64 {
        let (id, number) = run;
        let number = match number % 16 {
            0..4 => 2,
            number => u64::from(number),
        };
        let id = self.id(container, id);
        items.extend(self.names.op(id));
        items.push(Item::Unsigned(number));
        number / 2
    }

    fn key(&mut self, container: usize, key: &Key) -> Item {
        match self.containers[container].kind {
            Kind::Map => Item::Text(KEYS[usize::from(key.name) % KEYS.len()].into()),
            Kind::List => {
                let item = self.id(container, key.item);
                Item::Array(self.names.op(item).to_vec())
            }
            _ => value(&key.element),
        }
    }

    /// Ascending, and none twice.
    fn identities(
        &mut self,
        container: usize,
        ids: impl Iterator<Item = Id>,
        items: &mut Vec<Item>,
    ) {
        let mut ids: Vec<OpId> = ids.map(|id| self.id(container, id)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().for_each(|id| items.extend(self.names.op(id)));
    }
}

fn commit((time, message): (Option<i64>, bool)) -> Option<Item> {
    if time.is_none() && !message {
        return None;
    }
    let message = if message { Item::Text(b"message".to_vec()) } else { null() };
    let time = time.map_or_else(null, int);
    Some(Item::Array(vec![Item::Unsigned(9), time, message, null()]))
}

fn int(number: i64) -> Item {
    match u64::try_from(number) {
        Ok(number) => Item::Unsigned(number),
        Err(_) => Item::Negative(!number as u64),
    }
}

fn null() -> Item {
    Item::Simple(vec![0xf6])
}

const fn next(id: OpId) -> OpId {
    OpId::new(id.replica, id.counter + 1)
}

/// What may be assigned: also the absence of anything.
fn assigned(content: &Content) -> Item {
    match content {
        Content::Nothing => Item::Array(Vec::new()),
        other => initial(other),
    }
}

/// What an item may hold.
fn initial(content: &Content) -> Item {
    match *content {
        Content::Container(kind) => {
            let kind = Kind::ALL[usize::from(kind) % Kind::ALL.len()];
            Item::Array(vec![Item::Unsigned(kind as u64)])
        }
        ref other => value(other),
    }
}

fn value(content: &Content) -> Item {
    match *content {
        Content::Nothing | Content::Container(_) | Content::Null => null(),
        Content::Bool(value) => Item::Simple(vec![0xf4 + u8::from(value)]),
        Content::Int(value) => int(value.into()),
        Content::Float(which) => {
            let [high, low] = FLOATS[usize::from(which) % FLOATS.len()].to_be_bytes();
            Item::Simple(vec![0xf9, high, low])
        }
        Content::Text(word) => Item::Text(WORDS[usize::from(word) % WORDS.len()].into()),
        Content::Timestamp(value) => Item::Array(vec![Item::Unsigned(0), int(value.into())]),
    }
}
