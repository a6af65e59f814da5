//! Entries, written.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::codec::frame::{Frame, Lineage};
use crate::codec::tables::{Names, kind_number};
use crate::codec::writer::Writer;
use crate::container::{ContainerId, Key};
use crate::id::{OpId, ReplicaId};
use crate::op::{Elements, NodeRun, Op, Place, Side};
use crate::value::Kind;

use super::dictionary::{Dictionary, MAX_NUMBERS, NONE, Numbered, Touched};
use super::head::{
    CONTAINER, EXPECTED_PARENT, EXPECTED_PLACE, ONE_CHARACTER, ORIGIN, kind, nodes, origin,
    supersedes,
};
use super::{CHECKSUM, checksum_behind, first_checksum, next_checksum, varint};

/// The most entries in a compact frame: many are shorter in columns.
const MAX_ENTRIES: usize = 64;

/// How many bytes a frame has before its content, unless that is long.
const HEAD: usize = 4;

/// An operation can't be written: the compact form does not know its shape, or the dictionary is
/// full.
pub(crate) struct Unfit;

/// Writes the frames of a stream.
#[derive(Clone, Default, Debug)]
pub(crate) struct Encoder {
    dictionary: Dictionary,
    index: Index,
    checksum: Option<u32>,
    /// The content of the frame in the making.
    content: Vec<u8>,
    entries: usize,
}

/// The numbers in the dictionary.
#[derive(Clone, Default, Debug)]
struct Index {
    authors: BTreeMap<ReplicaId, u32>,
    containers: BTreeMap<ContainerId, u32>,
    /// By the numbers of their containers.
    places: BTreeMap<u32, BTreeMap<Key, u32>>,
}

/// The part of an operation that is sent.
enum Part<'o> {
    Text { container: &'o ContainerId, place: Place, text: &'o str, len: u64 },
    Nodes { container: &'o ContainerId, first: NodeRun, others: &'o [NodeRun] },
    Whole(&'o Op),
}

impl Part<'_> {
    fn len(&self) -> u64 {
        match self {
            Self::Text { len, .. } => *len,
            Self::Nodes { first, others, .. } => {
                first.len() + others.iter().map(NodeRun::len).sum::<u64>()
            }
            Self::Whole(op) => op.len(),
        }
    }

    fn container(&self) -> Option<&ContainerId> {
        match self {
            Self::Text { container, .. } | Self::Nodes { container, .. } => Some(container),
            Self::Whole(op) => op.container(),
        }
    }
}

/// Where an operation stands.
#[derive(Clone, Copy)]
struct Origin<'c> {
    id: OpId,
    lamport: u64,
    dependencies: &'c [OpId],
}

impl Encoder {
    /// Begins a frame.
    pub(crate) fn begin(&mut self) {
        self.dictionary.begin();
        self.content.clear();
        self.entries = 0;
    }

    /// Takes back the frame that was begun.
    pub(crate) fn revert(&mut self) {
        let (lens, before) = (self.dictionary.lens(), self.dictionary.lens_before());
        for number in before.authors..lens.authors {
            self.index.authors.remove(&self.dictionary.known_author(number as u32).id);
        }
        for number in before.containers + 1..=lens.containers {
            if let Some(container) = self.dictionary.container(number as u32) {
                self.index.containers.remove(container);
            }
        }
        for number in before.places..lens.places {
            if let Some(place) = self.dictionary.place(number as u32)
                && let Some(places) = self.index.places.get_mut(&place.container)
            {
                places.remove(&place.key);
            }
        }
        self.dictionary.revert();
    }

    /// Ends the frame that was begun.
    pub(crate) fn finish(&mut self, lineage: &Lineage) -> Vec<u8> {
        let checksum = self.checksum.unwrap_or_else(|| first_checksum(lineage));
        let checksum = next_checksum(checksum, &self.content);
        self.checksum = Some(checksum);
        let mut frame = Writer::onto(Vec::with_capacity(HEAD + self.content.len() + CHECKSUM));
        frame.array(2);
        frame.uint(Frame::Compact as u64);
        frame.bytes_in_two(&self.content, &checksum.to_be_bytes());
        frame.into_bytes()
    }

    /// Follows a frame of another kind that is sent in the stream.
    pub(crate) fn follow(&mut self, frame: &[u8], lineage: &Lineage) {
        let checksum = self.checksum.unwrap_or_else(|| first_checksum(lineage));
        self.checksum = Some(checksum_behind(checksum, frame));
    }

    /// Writes what of a change comes from a counter within it on.
    pub(crate) fn change(&mut self, change: &Change, from: u64) -> Result<(), Unfit> {
        if change.commit().is_some() {
            return Err(Unfit);
        }
        let ops = change.ops();
        let (mut at, mut left) = (ops.len(), change.end() - from);
        let mut first = None;
        while left > 0 {
            at = at.checked_sub(1).ok_or(Unfit)?;
            let part = last_of(&ops[at], left, OpId::new(change.id.replica, from + left))?;
            left -= part.len();
            first = Some(part);
        }
        self.entries += ops.len() - at;
        if self.entries > MAX_ENTRIES {
            return Err(Unfit);
        }
        let mut id = OpId::new(change.id.replica, from);
        let mut lamport = change.lamport + (from - change.id.counter);
        let mut dependencies = if id == change.id { &change.dependencies[..] } else { &[] };
        let rest = ops.iter().skip(at + 1).map(whole);
        for part in first.into_iter().map(Ok).chain(rest) {
            let part = part?;
            let len = part.len();
            self.entry(Origin { id, lamport, dependencies }, &part)?;
            (id, lamport, dependencies) = (id.plus(len), lamport + len, &[]);
        }
        Ok(())
    }

    fn entry(&mut self, origin: Origin<'_>, part: &Part<'_>) -> Result<(), Unfit> {
        let start = self.content.len();
        self.content.push(0);
        let mut head = 0;
        if self.origin(origin)? {
            head |= ORIGIN;
        }
        // What follows the head may have made the author the last one, not so its operations.
        let author = self.dictionary.last.author;
        let is_place = matches!(part, Part::Whole(Op::Assign { .. } | Op::Remove { .. }));
        if !is_place && let Some(container) = part.container() {
            head |= self.container(container)?;
        }
        let op = Numbered { author, counter: origin.id.counter };
        let mut touched = None;
        head |= match part {
            Part::Text { place, text, len, .. } => {
                let first = op;
                touched = Some(Touched { first, len: *len, is_deleted: false });
                self.insertion(op, *place, text, *len)?
            }
            Part::Nodes { first, others, .. } => {
                let (head, last) = self.deletion(author, *first, others)?;
                touched = Some(last);
                head
            }
            Part::Whole(op) => self.operation(author, origin.id, op)?,
        };
        self.content[start] = head;
        self.dictionary.follow(op, origin.lamport, part.len(), touched);
        Ok(())
    }

    /// Writes who made an operation, and when, if that is not as expected; gives whether. The
    /// author is the last one from now on.
    fn origin(&mut self, Origin { id, lamport, dependencies }: Origin<'_>) -> Result<bool, Unfit> {
        let last = self.dictionary.author(self.dictionary.last.author);
        if last.is_some_and(|last| {
            last.id == id.replica && last.next == id.counter && last.lamport == lamport
        }) && dependencies.is_empty()
        {
            return Ok(false);
        }
        let start = self.content.len();
        self.content.push(0);
        let mut bits = 0;
        let last_op = self.dictionary.last_op();
        if last.is_none_or(|last| last.id != id.replica) {
            bits |= origin::AUTHOR;
            self.dictionary.last.author = self.replica(id.replica)?;
        }
        let author = self.dictionary.last.author;
        let (next, mut expected) = {
            let known = self.dictionary.known_author(author);
            (known.next, known.lamport)
        };
        if id.counter != next {
            bits |= origin::COUNTER;
            let skipped = id.counter.checked_sub(next).ok_or(Unfit)?;
            varint::write(skipped - 1, &mut self.content);
        }
        match dependencies {
            [] => {}
            [one]
                if let Some(dependency) = self.dictionary.expected_dependency(author, last_op)
                    && self.dictionary.id(dependency) == *one =>
            {
                bits |= origin::EXPECTED_DEPENDENCY;
                expected = self.dictionary.expected_lamport(expected, dependency);
                self.dictionary.follow_head(dependency);
                self.dictionary.follow_dependency(author, dependency);
            }
            several => {
                bits |= origin::ONE_DEPENDENCY;
                if several.len() > 1 {
                    bits |= origin::MORE_DEPENDENCIES;
                    varint::write(several.len() as u64 - 2, &mut self.content);
                }
                let mut last = None;
                for &dependency in several {
                    let number = self.replica(dependency.replica)?;
                    let head = self.dictionary.known_author(number).head;
                    self.difference(dependency.counter, head);
                    let dependency = Numbered { author: number, counter: dependency.counter };
                    expected = self.dictionary.expected_lamport(expected, dependency);
                    self.dictionary.follow_head(dependency);
                    last = Some(dependency);
                }
                if let Some(last) = last {
                    self.dictionary.follow_dependency(author, last);
                }
            }
        }
        if lamport != expected {
            bits |= origin::LAMPORT;
            let later = lamport.checked_sub(expected).ok_or(Unfit)?;
            varint::write(later - 1, &mut self.content);
        }
        self.content[start] = bits;
        Ok(true)
    }

    /// Writes an insertion into a text, but for its container; gives the head.
    fn insertion(&mut self, id: Numbered, place: Place, text: &str, len: u64) -> Result<u8, Unfit> {
        let touched = self.dictionary.known_author(id.author).touched;
        let mut head = match place {
            Place { parent: None, .. } => kind::INSERT_AT_ROOT,
            Place { parent: Some(parent), side } => {
                let is = |expected: Numbered| self.dictionary.id(expected) == parent;
                let previous = id.counter.checked_sub(1);
                let previous = previous.map(|counter| Numbered { author: id.author, counter });
                match side {
                    Side::Right if previous.is_some_and(is) => kind::INSERT_NEXT,
                    Side::Right if touched.before().is_some_and(is) => {
                        kind::INSERT_RIGHT | EXPECTED_PARENT
                    }
                    Side::Left if is(touched.first) => kind::INSERT_LEFT | EXPECTED_PARENT,
                    Side::Right => {
                        self.node(id.author, parent)?;
                        kind::INSERT_RIGHT
                    }
                    Side::Left => {
                        self.node(id.author, parent)?;
                        kind::INSERT_LEFT
                    }
                }
            }
        };
        if len == 1 {
            head |= ONE_CHARACTER;
        } else {
            varint::write(text.len() as u64, &mut self.content);
        }
        self.content.extend_from_slice(text.as_bytes());
        Ok(head)
    }

    /// Writes a deletion in a text, but for its container; gives the head, and what it touched.
    fn deletion(
        &mut self,
        author: u32,
        first: NodeRun,
        others: &[NodeRun],
    ) -> Result<(u8, Touched), Unfit> {
        let touched = self.dictionary.known_author(author).touched;
        if first.len() == 1 && others.is_empty() {
            let node = first.nodes.start;
            let is = |expected: &Numbered| self.dictionary.id(*expected) == node;
            let (form, node) = if let Some(before) = touched.before().filter(is) {
                (nodes::BEFORE, before)
            } else if is(&touched.behind()) {
                (nodes::BEHIND, touched.behind())
            } else {
                (nodes::ONE, self.node(author, node)?)
            };
            let touched = Touched { first: node, len: 1, is_deleted: true };
            return Ok((kind::DELETE | form, touched));
        }
        let mut head = kind::DELETE | nodes::RUNS;
        if others.is_empty() {
            head |= nodes::ONE_RUN;
        } else {
            varint::write(others.len() as u64 - 1, &mut self.content);
        }
        let mut touched = touched;
        for run in std::iter::once(&first).chain(others) {
            let first = self.node(author, run.nodes.start)?;
            varint::write(2 * (run.len() - 1) + u64::from(run.backwards), &mut self.content);
            touched = Touched { first, len: run.len(), is_deleted: true };
        }
        Ok((head, touched))
    }

    /// Writes any other operation, but for the container of a counter; gives the head.
    fn operation(&mut self, author: u32, id: OpId, op: &Op) -> Result<u8, Unfit> {
        let counter = id.counter;
        match op {
            Op::Assign { container, key, content, supersedes } => {
                let (head, place) = self.place(container, key)?;
                let head = head | self.superseded(author, place, supersedes)?;
                let mut writer = Writer::onto(std::mem::take(&mut self.content));
                Names::content(content.as_ref(), &mut writer);
                self.content = writer.into_bytes();
                self.dictionary.follow_place(place, Some(Numbered { author, counter }));
                Ok(kind::ASSIGN | head)
            }
            Op::Remove { container, key, supersedes } => {
                let (head, place) = self.place(container, key)?;
                let head = head | self.superseded(author, place, supersedes)?;
                self.dictionary.follow_place(place, None);
                Ok(kind::REMOVE | head)
            }
            Op::Increment { delta, .. } => {
                varint::write_signed(*delta, &mut self.content);
                Ok(kind::INCREMENT)
            }
            _ => Err(Unfit),
        }
    }

    /// Writes which place an operation is on; gives bits of the head, and its number.
    fn place(&mut self, container: &ContainerId, key: &Key) -> Result<(u8, u32), Unfit> {
        let listed = self.listed_container(container);
        if let Some(listed) = listed {
            let is = |number: &u32| {
                let place = self.dictionary.place(*number);
                place.is_some_and(|place| place.container == listed && place.key == *key)
            };
            let expected = self.dictionary.expected_place().filter(is);
            let number = expected.or_else(|| {
                let places = self.index.places.get(&listed)?;
                places.get(key).copied()
            });
            if let Some(number) = number {
                self.dictionary.last.container = listed;
                if expected.is_some() {
                    return Ok((EXPECTED_PLACE, number));
                }
                varint::write(number.into(), &mut self.content);
                return Ok((0, number));
            }
        }
        varint::write(self.dictionary.lens().places as u64, &mut self.content);
        let head = self.container(container)?;
        let container = self.dictionary.last.container;
        self.key(key)?;
        let number = self.dictionary.add_place(container, key.clone());
        if number != NONE {
            self.index.places.entry(container).or_default().insert(key.clone(), number);
        }
        Ok((head, number))
    }

    fn key(&mut self, key: &Key) -> Result<(), Unfit> {
        match key {
            Key::Name(name) => {
                varint::write(name.len() as u64, &mut self.content);
                self.content.extend_from_slice(name.as_bytes());
            }
            Key::Item(item) => {
                let author = self.replica(item.replica)?;
                let head = self.dictionary.known_author(author).head;
                self.difference(item.counter, head);
            }
            Key::Element(value) => {
                let mut writer = Writer::onto(std::mem::take(&mut self.content));
                writer.value(value);
                self.content = writer.into_bytes();
            }
        }
        Ok(())
    }

    /// Writes which assignments are superseded; gives bits of the head.
    fn superseded(&mut self, author: u32, place: u32, ids: &[OpId]) -> Result<u8, Unfit> {
        let expected = self.dictionary.place(place).and_then(|place| place.expected.assigned);
        match ids {
            [] => return Ok(supersedes::NOTHING),
            [one] if expected.is_some_and(|op| self.dictionary.id(op) == *one) => {
                return Ok(supersedes::EXPECTED);
            }
            [_] => {}
            several => varint::write(several.len() as u64 - 2, &mut self.content),
        }
        for &id in ids {
            let base = |encoder: &Self, number| encoder.dictionary.known_author(number).head;
            self.op(author, id, base)?;
        }
        Ok(if ids.len() == 1 { supersedes::ONE } else { supersedes::MORE })
    }

    /// Writes a node, by how far it is from the last one of its author that was named.
    fn node(&mut self, author: u32, node: OpId) -> Result<Numbered, Unfit> {
        let base = |encoder: &Self, number| encoder.dictionary.known_author(number).node;
        let number = self.op(author, node, base)?;
        let node = Numbered { author: number, counter: node.counter };
        self.dictionary.follow_node(node);
        Ok(node)
    }

    /// Writes an operation, by how far it is from another one of its author; gives that author.
    fn op(
        &mut self,
        author: u32,
        op: OpId,
        base: impl Fn(&Self, u32) -> u64,
    ) -> Result<u32, Unfit> {
        let is_own = self.dictionary.known_author(author).id == op.replica;
        // Who is named for the first time has nothing to be far from.
        let listed = if is_own { Some(author) } else { self.listed_author(op.replica) };
        let base = listed.map_or(0, |listed| base(self, listed));
        let difference = varint::fold((op.counter as i64).wrapping_sub(base as i64));
        varint::write(2 * difference + u64::from(!is_own), &mut self.content);
        if is_own { Ok(author) } else { self.replica(op.replica) }
    }

    fn difference(&mut self, counter: u64, base: u64) {
        let difference = (counter as i64).wrapping_sub(base as i64);
        varint::write_signed(difference, &mut self.content);
    }

    fn listed_author(&self, replica: ReplicaId) -> Option<u32> {
        let last = self.dictionary.last.author;
        if self.dictionary.author(last).is_some_and(|author| author.id == replica) {
            return Some(last);
        }
        self.index.authors.get(&replica).copied()
    }

    /// Writes the number of a replica, and what it is if it had none.
    fn replica(&mut self, replica: ReplicaId) -> Result<u32, Unfit> {
        if let Some(number) = self.listed_author(replica) {
            varint::write(number.into(), &mut self.content);
            return Ok(number);
        }
        let number = self.dictionary.add_author(replica).ok_or(Unfit)?;
        self.index.authors.insert(replica, number);
        varint::write(number.into(), &mut self.content);
        self.content.extend_from_slice(&replica.get().to_be_bytes());
        Ok(number)
    }

    fn listed_container(&self, container: &ContainerId) -> Option<u32> {
        let last = self.dictionary.last.container;
        if self.dictionary.container(last) == Some(container) {
            return Some(last);
        }
        match container.step() {
            None => Some(0),
            Some(_) => self.index.containers.get(container).copied(),
        }
    }

    /// Writes the number of a container, unless it is the last one's, and what it is if it had
    /// none; gives bits of the head.
    fn container(&mut self, container: &ContainerId) -> Result<u8, Unfit> {
        if let Some(number) = self.listed_container(container) {
            if number == self.dictionary.last.container {
                return Ok(0);
            }
            varint::write(number.into(), &mut self.content);
            self.dictionary.last.container = number;
            return Ok(CONTAINER);
        }
        let mut new = Vec::new();
        let mut at = container;
        let parent = loop {
            if let Some(number) = self.listed_container(at) {
                break number;
            }
            new.push(at);
            at = at.step().ok_or(Unfit)?.0;
        };
        let listed = self.dictionary.lens().containers;
        if listed + new.len() > MAX_NUMBERS {
            return Err(Unfit);
        }
        varint::write((listed + new.len()) as u64, &mut self.content);
        varint::write(parent.into(), &mut self.content);
        for id in new.into_iter().rev() {
            let Some((_, key, kind)) = id.step() else { continue };
            self.key(key)?;
            self.content.push(kind_number(kind) as u8);
            let number = self.dictionary.add_container(id.clone()).ok_or(Unfit)?;
            self.index.containers.insert(id.clone(), number);
            self.dictionary.last.container = number;
        }
        Ok(CONTAINER)
    }
}

/// The last `left` identities of an operation, which end before the counter `end` of its author;
/// all of them if it has no more.
fn last_of(op: &Op, left: u64, end: OpId) -> Result<Part<'_>, Unfit> {
    match op {
        Op::Insert { container, elements: Elements::Text(text), .. } => {
            // Counted from the end, as what is there may be long, and what is new is not.
            let last = text.char_indices().rev().take(left as usize);
            let (len, from) = last.fold((0, 0), |(len, _), (byte, _)| (len + 1, byte));
            if from == 0 {
                return whole(op);
            }
            let parent = end.counter.checked_sub(len + 1).ok_or(Unfit)?;
            let parent = Some(OpId::new(end.replica, parent));
            let place = Place { parent, side: Side::Right };
            Ok(Part::Text { container, place, text: &text[from..], len })
        }
        Op::Delete { container, nodes } if container.kind() == Kind::Text => {
            let mut left = left;
            let mut at = nodes.len();
            while let Some(run) = at.checked_sub(1).map(|last| nodes[last]) {
                at -= 1;
                if run.len() >= left {
                    let first =
                        if run.len() > left { run.split_at(run.len() - left).1 } else { run };
                    return Ok(Part::Nodes { container, first, others: &nodes[at + 1..] });
                }
                left -= run.len();
            }
            whole(op)
        }
        _ => whole(op),
    }
}

/// An operation of a shape that has an entry.
fn whole(op: &Op) -> Result<Part<'_>, Unfit> {
    match op {
        Op::Insert { container, place, elements: Elements::Text(text) } => {
            let len = text.chars().count() as u64;
            Ok(Part::Text { container, place: *place, text, len })
        }
        Op::Delete { container, nodes } if container.kind() == Kind::Text => {
            let (first, others) = nodes.split_first().ok_or(Unfit)?;
            Ok(Part::Nodes { container, first: *first, others })
        }
        Op::Assign { .. } | Op::Remove { .. } | Op::Increment { .. } => Ok(Part::Whole(op)),
        _ => Err(Unfit),
    }
}
