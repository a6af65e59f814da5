//! Writes what the input says as the body of a frame, in the one form that each has: but for what
//! it means.

use std::collections::BTreeMap;

use libsync::{Kind, OpId, Replica, ReplicaId};

use crate::cbor::Item;

use super::WRITERS;
use super::columns::{Columns, Numbered, Tag};
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
    columns: Columns,
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
            columns: Columns::default(),
            nodes,
            counts: WRITERS.map(|writer| version.get(writer)),
            known: version.iter().collect(),
            lamport: 0,
        }
    }

    pub(super) fn body(mut self, frame: &Frame) -> Item {
        let changes = [&frame.first].into_iter().chain(&frame.more);
        changes.for_each(|change| self.change(change));
        let cut = frame.stable.map(|counts| [self.version(counts), self.version([0, 0])]);
        let mut fields = self.names.fields();
        fields.extend([Item::Unsigned(4), self.columns.into_item()]);
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
                version.extend([self.names.replica(replica), count].map(Item::Unsigned));
            }
        }
        version
    }

    fn change(&mut self, change: &Change) {
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
        let first = OpId::new(WRITERS[author], first);
        let named = self.numbered(first);
        let dependencies = self.dependencies(author, change.dependencies);
        self.columns.change(named, lamport, &dependencies, change.commit);
        let mut next = first;
        for operation in [&change.first].into_iter().chain(&change.more) {
            next.counter += self.operation(next, operation);
        }
        self.columns.end_change(next);
        self.lamport = lamport;
        self.counts[author] = self.counts[author].max(next.counter);
    }

    /// An identity, with the number of its replica.
    fn numbered(&mut self, id: OpId) -> Numbered {
        (self.names.replica(id.replica), id)
    }

    /// The last operations of the writers whose bits are set; of the other bits, those before.
    fn dependencies(&mut self, author: usize, bits: u8) -> Vec<Numbered> {
        let mut dependencies = Vec::new();
        for (at, &writer) in WRITERS.iter().enumerate() {
            let back = 1 + u64::from(bits >> (4 + at) & 1);
            if at != author && bits >> at & 1 == 1 && self.counts[at] >= back {
                dependencies.push(self.numbered(OpId::new(writer, self.counts[at] - back)));
            }
        }
        dependencies
    }

    /// Writes an operation; gives how many identities it takes.
    fn operation(&mut self, id: OpId, operation: &Operation) -> u64 {
        match *operation {
            Operation::InsertNext { container, ref elements } => {
                let container = self.pick(SEQUENCES, container);
                let follows = self.follows_node(container, id) || elements.word > MOSTLY;
                let place = if follows { Place::Next } else { Place::Root };
                return self.insert(id, container, place, elements);
            }
            Operation::InsertBeside { container, parent, left, ref elements } => {
                let container = self.pick(SEQUENCES, container);
                let parent = self.id(container, parent);
                let place = match () {
                    () if !left && next(parent) == id => Place::Next,
                    () if left => Place::Left(parent),
                    () => Place::Right(parent),
                };
                return self.insert(id, container, place, elements);
            }
            Operation::InsertAtRoot { container, ref elements } => {
                let container = self.pick(SEQUENCES, container);
                return self.insert(id, container, Place::Root, elements);
            }
            Operation::Delete { container, first, more } => {
                let container = self.pick(SEQUENCES, container);
                let first = self.delete(id, container, first, false);
                let more = more.map(|run| self.delete(id, container, run, true));
                return first + more.unwrap_or(0);
            }
            Operation::Assign { container, ref key, ref content, ref supersedes } => {
                let container = self.start(Tag::Assign, WITH_KEYS, container);
                self.key(id, container, key, supersedes.iter().copied(), true);
                let content = match self.containers[container].kind {
                    Kind::Map => assigned(content),
                    Kind::List => initial(content),
                    _ => null(),
                };
                self.columns.value(&content);
            }
            Operation::Remove { container, ref key, first, ref more } => {
                let kinds = if key.name > MOSTLY { WITH_KEYS } else { SHRINKING };
                let container = self.start(Tag::Remove, kinds, container);
                let supersedes = [first].into_iter().chain(more.iter().copied());
                self.key(id, container, key, supersedes, false);
            }
            Operation::Join { replica } => self.join(replica),
            Operation::Leave { surely: 0..8 } => self.columns.tag(Tag::Leave),
            Operation::Leave { surely } => self.join(surely),
            Operation::Move { container, item, place } => {
                let container = self.start(Tag::Move, &[Kind::List], container);
                let item = self.id(container, item);
                let mut values = self.names.op(item).to_vec();
                values.push(Item::Unsigned(place.map_or(0, |(left, _)| 1 + u64::from(left))));
                if let Some((_, parent)) = place {
                    let parent = self.id(container, parent);
                    values.extend(self.names.op(parent));
                }
                values.iter().for_each(|value| self.columns.value(value));
                self.nodes.entry(container).or_default().push(id);
            }
            Operation::Increment { container, delta } => {
                let kinds = if delta > 0 { COUNTERS } else { &[Kind::Counter] };
                self.start(Tag::Add, kinds, container);
                self.columns.value(&int(delta.into()));
            }
            Operation::IncrementMuch { container, delta } => {
                self.start(Tag::Add, COUNTERS, container);
                self.columns.value(&int(delta));
            }
            Operation::Reset { container, first, more } => {
                let kinds = if first.1 == i8::MAX { COUNTERS } else { &[Kind::Counter] };
                let container = self.start(Tag::Reset, kinds, container);
                let mut shares: BTreeMap<ReplicaId, (u64, i8)> = BTreeMap::new();
                for (id, sum) in [first].into_iter().chain(more) {
                    let id = self.id(container, id);
                    shares.insert(id.replica, (id.counter, sum));
                }
                let mut items = Vec::new();
                for (replica, (counter, sum)) in shares {
                    items.extend(self.names.op(OpId::new(replica, counter)));
                    items.push(int(sum.into()));
                }
                self.columns.value(&Item::Array(items));
            }
        }
        1
    }

    fn join(&mut self, replica: u8) {
        self.columns.tag(Tag::Join);
        let replica = self.names.replica(WRITERS[usize::from(replica) % WRITERS.len()]);
        self.columns.value(&Item::Unsigned(replica));
    }

    /// The container that a number picks among those of these kinds.
    fn pick(&self, kinds: &[Kind], which: u8) -> usize {
        let fitting: Vec<usize> = (0..self.containers.len())
            .filter(|&container| kinds.contains(&self.containers[container].kind))
            .collect();
        fitting.get(usize::from(which) % fitting.len().max(1)).copied().unwrap_or(0)
    }

    /// The tag and the container of an operation on one of these kinds.
    fn start(&mut self, tag: Tag, kinds: &[Kind], which: u8) -> usize {
        let container = self.pick(kinds, which);
        self.start_on(tag, container);
        container
    }

    fn start_on(&mut self, tag: Tag, container: usize) {
        self.columns.tag(tag);
        let number = self.names.container(container);
        self.columns.container(number);
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

    /// Writes an insertion; gives how many elements it has.
    fn insert(&mut self, id: OpId, container: usize, place: Place, elements: &Elements) -> u64 {
        let is_text = self.containers[container].kind == Kind::Text;
        let word = WORDS[usize::from(elements.word) % WORDS.len()];
        let contents = &elements.contents[..1 + usize::from(elements.both)];
        let len = if is_text { word.chars().count() } else { contents.len() } as u64;
        let tag = match place {
            Place::Next => Tag::InsertNext(len),
            Place::Right(_) => Tag::InsertRight(len),
            Place::Left(_) => Tag::InsertLeft(len),
            Place::Root => Tag::InsertAtRoot(len),
        };
        self.start_on(tag, container);
        let at = match place {
            Place::Right(parent) => Some(next(parent)),
            Place::Left(parent) => Some(parent),
            Place::Next | Place::Root => None,
        };
        if let Some(at) = at {
            let numbered = self.numbered(at);
            self.columns.place(id.replica, numbered, at.counter);
        }
        if is_text {
            self.columns.text(word);
        } else {
            contents.iter().for_each(|content| self.columns.value(&initial(content)));
        }
        self.columns.set_cursor(OpId::new(id.replica, id.counter + len));
        let inserted = (0..len).map(|at| OpId::new(id.replica, id.counter + at));
        self.nodes.entry(container).or_default().extend(inserted);
        len
    }

    /// Writes a run that is deleted; gives how many identities it is.
    fn delete(&mut self, id: OpId, container: usize, run: (Id, u8), follows: bool) -> u64 {
        let (len, backwards) = match run.1 % 16 {
            0..4 => (1, false),
            number => (u64::from(number / 2), number % 2 == 1),
        };
        let first = self.id(container, run.0);
        self.start_on(Tag::Delete(len, backwards, follows), container);
        let behind = OpId::new(first.replica, first.counter + len);
        // One node is met as backspace meets it.
        let (at, cursor) = if backwards || len == 1 { (behind, first) } else { (first, behind) };
        let numbered = self.numbered(at);
        self.columns.place(id.replica, numbered, cursor.counter);
        len
    }

    /// A key, and what is superseded there: ascending, and none twice.
    fn key(
        &mut self,
        id: OpId,
        container: usize,
        key: &Key,
        superseded: impl Iterator<Item = Id>,
        assigns: bool,
    ) {
        let mut superseded: Vec<OpId> = superseded.map(|id| self.id(container, id)).collect();
        superseded.sort_unstable();
        superseded.dedup();
        let superseded: Vec<Numbered> =
            superseded.into_iter().map(|id| self.numbered(id)).collect();
        let item = match self.containers[container].kind {
            Kind::List => Some(self.id(container, key.item)),
            _ => None,
        };
        let known_by = match (self.containers[container].kind, item) {
            (_, Some(item)) => {
                Item::Array([item.replica.get(), item.counter].map(Item::Unsigned).to_vec())
            }
            (Kind::Map, _) => Item::Text(KEYS[usize::from(key.name) % KEYS.len()].into()),
            _ => value(&key.element),
        };
        let number = self.names.container(container);
        if self.columns.key(id, number, known_by.clone(), &superseded, assigns) {
            let spelled = item.map(|item| Item::Array(self.names.op(item).to_vec()));
            self.columns.value(&spelled.unwrap_or(known_by));
        }
    }
}

/// Where an insertion's first element hangs.
#[derive(Clone, Copy)]
enum Place {
    /// To the right of the identity before its own.
    Next,
    Right(OpId),
    Left(OpId),
    Root,
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
