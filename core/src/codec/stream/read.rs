//! Entries, read.

use crate::MAX_DEPTH;
use crate::codec::frame::Lineage;
use crate::codec::op::{check_depth, read_assigned};
use crate::codec::reader::Reader;
use crate::codec::tables::{MAX_COUNT, kind_of};
use crate::container::{ContainerId, Key};
use crate::error::DecodeError;
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::{NodeRun, Op, Place, Side};
use crate::value::Kind;

use super::dictionary::{Author, Dictionary, MAX_NUMBERS, Numbered, Touched};
use super::head::{
    CONTAINER, EXPECTED_PARENT, EXPECTED_PLACE, ONE_CHARACTER, ORIGIN, kind, nodes, origin,
    supersedes,
};
use super::{Content, checksum_behind, first_checksum, next_checksum, unframe, varint};

type Result<T> = std::result::Result<T, DecodeError>;

/// Reads the frames of a stream.
#[derive(Clone, Default, Debug)]
pub(crate) struct Decoder {
    dictionary: Dictionary,
    checksum: Option<u32>,
    /// The checksum behind the frame that is being read.
    next_checksum: u32,
    /// What the last entry depends on.
    dependencies: Vec<OpId>,
}

/// An operation that is a change of its own. What it depends on is in the decoder.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) id: OpId,
    pub(crate) lamport: u64,
    pub(crate) edit: Edit<'a>,
}

/// What an entry does: as an operation, or, what is frequent, as less than one.
#[derive(Debug)]
pub(crate) enum Edit<'a> {
    /// Inserts into the text with that number.
    Text {
        container: u32,
        place: Place,
        text: &'a str,
        len: u64,
    },
    /// Deletes a run of nodes in the text with that number.
    Nodes {
        container: u32,
        run: NodeRun,
    },
    Other(Op),
}

/// What is left of a frame's content.
pub(crate) struct Entries<'a> {
    content: Content<'a>,
    at: usize,
}

impl Decoder {
    /// Begins a frame; `None` if it does not continue the stream.
    pub(crate) fn begin<'a>(
        &mut self,
        bytes: &'a [u8],
        lineage: &Lineage,
    ) -> Result<Option<Entries<'a>>> {
        let (content, checksum) = unframe(bytes)?;
        let before = self.checksum.unwrap_or_else(|| first_checksum(lineage));
        if next_checksum(before, &content.bytes[content.start..]) != checksum {
            return Ok(None);
        }
        if content.bytes.len() == content.start {
            let what = "a frame without entries";
            return Err(DecodeError::NotCanonical { offset: content.start, what });
        }
        self.next_checksum = checksum;
        self.dictionary.begin();
        Ok(Some(Entries { content, at: content.start }))
    }

    /// Takes back what the frame changed here.
    pub(crate) fn revert(&mut self) {
        self.dictionary.revert();
    }

    /// Keeps what the frame changed; the containers that it spelled out are replaced by equal
    /// ones.
    pub(crate) fn keep(&mut self, shared: impl Fn(&ContainerId) -> ContainerId) {
        self.checksum = Some(self.next_checksum);
        for container in self.dictionary.new_containers_mut() {
            *container = shared(container);
        }
    }

    /// Follows a frame of another kind that came in the stream.
    pub(crate) fn follow(&mut self, frame: &[u8], lineage: &Lineage) {
        let checksum = self.checksum.unwrap_or_else(|| first_checksum(lineage));
        self.checksum = Some(checksum_behind(checksum, frame));
    }

    /// What the last entry depends on.
    pub(crate) fn dependencies(&self) -> &[OpId] {
        &self.dependencies
    }

    pub(crate) fn container(&self, number: u32) -> &ContainerId {
        self.dictionary.container(number).unwrap_or(&ContainerId::ROOT)
    }

    /// How many operations of each replica were in compact frames, up to the last one.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (ReplicaId, u64)> {
        self.dictionary.counts()
    }

    /// Reads the next entry.
    pub(crate) fn next<'a>(&mut self, entries: &mut Entries<'a>) -> Result<Entry<'a>> {
        let offset = entries.at;
        let head = entries.byte()?;
        self.dependencies.clear();
        let (id, lamport) = self.origin(offset, head & ORIGIN != 0, entries)?;
        let op = Numbered { author: self.dictionary.last.author, counter: id.counter };
        let kind = head & kind::MASK;
        let is_place = matches!(kind, kind::ASSIGN | kind::REMOVE);
        if !is_place && head & CONTAINER != 0 {
            self.container_of_head(entries)?;
        }
        let container = self.dictionary.last.container;
        let (edit, len, touched) = match kind {
            kind::DELETE => self.deletion(offset, head, op.author, entries)?,
            kind::ASSIGN | kind::REMOVE => {
                (Edit::Other(self.assignment(offset, head, op, entries)?), 1, None)
            }
            kind::INCREMENT => {
                no_bits(offset, head & !(kind::MASK | ORIGIN | CONTAINER))?;
                let container = self.container(container).clone();
                (Edit::Other(increment(offset, container, entries)?), 1, None)
            }
            _ => {
                let (place, text, len) = self.insertion(offset, head, op, entries)?;
                let touched = Touched { first: op, len, is_deleted: false };
                (Edit::Text { container, place, text, len }, len, Some(touched))
            }
        };
        if id.counter + len > MAX_COUNT || lamport > MAX_COUNT {
            return Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT });
        }
        self.dictionary.follow(op, lamport, len, touched);
        Ok(Entry { id, lamport, edit })
    }

    /// Who made an operation, and when. The author is the last one from now on.
    fn origin(
        &mut self,
        offset: usize,
        is_told: bool,
        entries: &mut Entries<'_>,
    ) -> Result<(OpId, u64)> {
        if !is_told {
            let last = self.dictionary.author(self.dictionary.last.author);
            let expected = "an author, in the first entry of a stream";
            let last = last.ok_or(DecodeError::Unexpected { offset, expected })?;
            return Ok((OpId::new(last.id, last.next), last.lamport));
        }
        let bits = entries.byte()?;
        if bits == 0 || bits & !origin::ALL != 0 {
            return Err(DecodeError::NotCanonical { offset, what: "an origin" });
        }
        let last_op = self.dictionary.last_op();
        if bits & origin::AUTHOR != 0 {
            self.dictionary.last.author = self.replica(entries)?;
        }
        let number = self.dictionary.last.author;
        let expected = "an author, in the first entry of a stream";
        let author =
            *self.dictionary.author(number).ok_or(DecodeError::Unexpected { offset, expected })?;
        let mut counter = author.next;
        if bits & origin::COUNTER != 0 {
            counter = later(offset, counter, entries.number()?)?;
        }
        let mut lamport = author.lamport;
        let dependencies = match bits & origin::DEPENDENCIES {
            origin::NO_DEPENDENCY => 0,
            origin::EXPECTED_DEPENDENCY => {
                let expected = "an author whose dependency is expected";
                let dependency = self.dictionary.expected_dependency(number, last_op);
                let dependency = dependency.ok_or(DecodeError::Unexpected { offset, expected })?;
                check_count(offset, dependency.counter)?;
                self.dependencies.push(self.dictionary.id(dependency));
                lamport = self.dictionary.expected_lamport(lamport, dependency);
                self.dictionary.follow_head(dependency);
                self.dictionary.follow_dependency(number, dependency);
                0
            }
            origin::ONE_DEPENDENCY => 1,
            _ => entries.number()?.saturating_add(2),
        };
        let mut last = None;
        for _ in 0..dependencies {
            let other = self.replica(entries)?;
            let head = self.dictionary.known_author(other).head;
            let dependency = Numbered { author: other, counter: entries.near(head)? };
            self.dependencies.push(self.dictionary.id(dependency));
            lamport = self.dictionary.expected_lamport(lamport, dependency);
            self.dictionary.follow_head(dependency);
            last = Some(dependency);
        }
        if let Some(last) = last {
            self.dictionary.follow_dependency(number, last);
        }
        let ascending = self.dependencies.is_sorted_by(|a, b| a.replica < b.replica);
        if !ascending || self.dependencies.iter().any(|head| head.replica == author.id) {
            let what = "the dependencies of a change";
            return Err(DecodeError::NotCanonical { offset, what });
        }
        if bits & origin::LAMPORT != 0 {
            lamport = later(offset, lamport, entries.number()?)?;
        }
        Ok((OpId::new(author.id, counter), lamport))
    }

    fn insertion<'a>(
        &mut self,
        offset: usize,
        head: u8,
        op: Numbered,
        entries: &mut Entries<'a>,
    ) -> Result<(Place, &'a str, u64)> {
        self.expect_container(offset, &[Kind::Text])?;
        let is_expected = head & EXPECTED_PARENT != 0;
        let touched = self.dictionary.known_author(op.author).touched;
        let absent = || {
            let expected = "an insertion at a node that is there";
            DecodeError::Unexpected { offset, expected }
        };
        let kind = head & kind::MASK;
        let has_parent = matches!(kind, kind::INSERT_RIGHT | kind::INSERT_LEFT);
        let used = if has_parent { EXPECTED_PARENT } else { 0 };
        no_bits(offset, head & !(kind::MASK | ORIGIN | CONTAINER | ONE_CHARACTER | used))?;
        let parent = match kind {
            kind::INSERT_AT_ROOT => None,
            kind::INSERT_NEXT => {
                let counter = op.counter.checked_sub(1).ok_or_else(absent)?;
                Some(Numbered { author: op.author, counter })
            }
            kind::INSERT_RIGHT if is_expected => Some(touched.before().ok_or_else(absent)?),
            kind::INSERT_LEFT if is_expected => Some(touched.first),
            _ => Some(self.node(op.author, entries)?),
        };
        let side = if kind == kind::INSERT_LEFT { Side::Left } else { Side::Right };
        let parent = parent.map(|parent| self.dictionary.id(parent));
        let (text, len) = if head & ONE_CHARACTER != 0 {
            (entries.character()?, 1)
        } else {
            let text = entries.text()?;
            let len = text.chars().count() as u64;
            if len < 2 {
                return Err(DecodeError::NotCanonical { offset, what: "an insertion's length" });
            }
            (text, len)
        };
        Ok((Place { parent, side }, text, len))
    }

    fn deletion<'a>(
        &mut self,
        offset: usize,
        head: u8,
        author: u32,
        entries: &mut Entries<'a>,
    ) -> Result<(Edit<'a>, u64, Option<Touched>)> {
        self.expect_container(offset, &[Kind::Text])?;
        let container = self.dictionary.last.container;
        let touched = self.dictionary.known_author(author).touched;
        let form = head & nodes::MASK;
        let used = if form == nodes::RUNS { nodes::ONE_RUN } else { 0 };
        no_bits(offset, head & !(kind::MASK | ORIGIN | CONTAINER | nodes::MASK | used))?;
        let node = match form {
            nodes::BEFORE => {
                let expected = "a node before the one touched last";
                Some(touched.before().ok_or(DecodeError::Unexpected { offset, expected })?)
            }
            nodes::BEHIND => Some(touched.behind()),
            nodes::ONE => Some(self.node(author, entries)?),
            _ => None,
        };
        if let Some(node) = node {
            check_count(offset, node.counter + 1)?;
            let run = NodeRun::forwards(IdSpan::new(self.dictionary.id(node), 1));
            let touched = Touched { first: node, len: 1, is_deleted: true };
            return Ok((Edit::Nodes { container, run }, 1, Some(touched)));
        }
        if head & nodes::ONE_RUN != 0 {
            let (run, touched) = self.run(offset, author, entries)?;
            if run.len() == 1 {
                return Err(DecodeError::NotCanonical { offset, what: "a run of a single node" });
            }
            return Ok((Edit::Nodes { container, run }, run.len(), Some(touched)));
        }
        let mut touched = touched;
        let (mut runs, mut len) = (Vec::<NodeRun>::new(), 0);
        for _ in 0..entries.number()?.saturating_add(2) {
            let (run, last) = self.run(offset, author, entries)?;
            touched = last;
            len += run.len();
            check_count(offset, len)?;
            if runs.last().is_some_and(|last| last.joined(&run).is_some()) {
                return Err(DecodeError::NotCanonical { offset, what: "a run in two parts" });
            }
            runs.push(run);
        }
        let mut spans: Vec<IdSpan> = runs.iter().map(|run| run.nodes).collect();
        spans.sort_unstable();
        if spans.windows(2).any(|pair| pair[0].overlaps(&pair[1])) {
            return Err(DecodeError::NotCanonical { offset, what: "a node named twice" });
        }
        let container = self.container(container).clone();
        Ok((Edit::Other(Op::Delete { container, nodes: runs }), len, Some(touched)))
    }

    fn run(
        &mut self,
        offset: usize,
        author: u32,
        entries: &mut Entries<'_>,
    ) -> Result<(NodeRun, Touched)> {
        let first = self.node(author, entries)?;
        let number = entries.number()?;
        let (len, backwards) = (number / 2 + 1, number % 2 == 1);
        check_count(offset, len)?;
        check_count(offset, first.counter + len)?;
        if backwards && len == 1 {
            let what = "the direction of a single node";
            return Err(DecodeError::NotCanonical { offset, what });
        }
        let nodes = IdSpan::new(self.dictionary.id(first), len);
        Ok((NodeRun { nodes, backwards }, Touched { first, len, is_deleted: true }))
    }

    fn assignment(
        &mut self,
        offset: usize,
        head: u8,
        op: Numbered,
        entries: &mut Entries<'_>,
    ) -> Result<Op> {
        let is_removal = head & kind::MASK == kind::REMOVE;
        let place = self.place(offset, head, entries)?;
        let (container, key, number, expected) = place;
        if is_removal && container.kind().is_grow_only() {
            return Reader::inconsistent(offset, "something is taken away that only grows");
        }
        let superseded = match head & supersedes::MASK {
            supersedes::NOTHING if is_removal => {
                let expected = "a removal that takes something away";
                return Err(DecodeError::Unexpected { offset, expected });
            }
            supersedes::NOTHING => Vec::new(),
            supersedes::EXPECTED => {
                let what = "a place that was assigned to in the stream";
                let expected =
                    expected.ok_or(DecodeError::Unexpected { offset, expected: what })?;
                vec![self.dictionary.id(expected)]
            }
            supersedes::ONE => vec![self.superseded(op.author, entries)?],
            _ => {
                let len = entries.number()?.saturating_add(2);
                let ids = (0..len).map(|_| self.superseded(op.author, entries));
                ids.collect::<Result<Vec<OpId>>>()?
            }
        };
        if !superseded.is_sorted_by(|a, b| a < b) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of identities" });
        }
        let supersedes = superseded;
        if is_removal {
            self.dictionary.follow_place(number, None);
            return Ok(Op::Remove { container, key, supersedes });
        }
        let mut reader = entries.reader();
        let content = read_assigned(container.kind(), &mut reader)?;
        entries.at = reader.offset();
        self.dictionary.follow_place(number, Some(op));
        Ok(Op::Assign { container, key, content, supersedes })
    }

    fn superseded(&mut self, author: u32, entries: &mut Entries<'_>) -> Result<OpId> {
        let op = self.op(author, |author| author.head, entries)?;
        Ok(self.dictionary.id(op))
    }

    /// The place of an assignment or a removal: its container, its key, its number if it has one,
    /// and the assignment that is expected to be there.
    fn place(
        &mut self,
        offset: usize,
        head: u8,
        entries: &mut Entries<'_>,
    ) -> Result<(ContainerId, Key, u32, Option<Numbered>)> {
        let listed = if head & EXPECTED_PLACE != 0 {
            let expected = "a place that is expected";
            let number = self.dictionary.expected_place();
            number.ok_or(DecodeError::Unexpected { offset, expected })?
        } else {
            let number = entries.number()?;
            if number > self.dictionary.lens().places as u64 {
                let expected = "the number of a place";
                return Err(DecodeError::Unexpected { offset, expected });
            }
            number as u32
        };
        if let Some(place) = self.dictionary.place(listed) {
            no_bits(offset, head & CONTAINER)?;
            let (container, key, expected) =
                (place.container, place.key.clone(), place.expected.assigned);
            self.dictionary.last.container = container;
            return Ok((self.container(container).clone(), key, listed, expected));
        }
        if head & CONTAINER != 0 {
            self.container_of_head(entries)?;
        }
        self.expect_container(offset, WITH_KEYS)?;
        let number = self.dictionary.last.container;
        let container = self.container(number).clone();
        let key = self.key(container.kind(), entries)?;
        let place = self.dictionary.add_place(number, key.clone());
        Ok((container, key, place, None))
    }

    /// A key of a container of that kind, which has keys.
    fn key(&mut self, kind: Kind, entries: &mut Entries<'_>) -> Result<Key> {
        match kind {
            Kind::Map => entries.text().map(|name| Key::Name(name.into())),
            Kind::List => {
                let author = self.replica(entries)?;
                let head = self.dictionary.known_author(author).head;
                let item = Numbered { author, counter: entries.near(head)? };
                Ok(Key::Item(self.dictionary.id(item)))
            }
            _ => {
                let mut reader = entries.reader();
                let element = reader.value()?;
                entries.at = reader.offset();
                Ok(Key::Element(element))
            }
        }
    }

    /// Checks that the last container is of one of these kinds, and not too deep for what is in
    /// it.
    fn expect_container(&self, offset: usize, kinds: &[Kind]) -> Result<()> {
        let container = self.container(self.dictionary.last.container);
        if !kinds.contains(&container.kind()) {
            return Reader::inconsistent(offset, "an operation is on a container of another kind");
        }
        match container.kind() {
            Kind::Map | Kind::List => check_depth(offset, container),
            _ => Ok(()),
        }
    }

    /// Reads which container an operation is on, and what it is if it is new. It is the last one
    /// from now on.
    fn container_of_head(&mut self, entries: &mut Entries<'_>) -> Result<()> {
        let offset = entries.at;
        let number = entries.number()?;
        let listed = self.dictionary.lens().containers as u64;
        let mut expected = "the number of a container other than the last one";
        if number <= listed {
            if number == u64::from(self.dictionary.last.container) {
                return Err(DecodeError::Unexpected { offset, expected });
            }
            self.dictionary.last.container = number as u32;
            return Ok(());
        }
        expected = "a container that was spelled out before";
        let unlisted = DecodeError::Unexpected { offset, expected };
        let parent = entries.number()?;
        let parent = u32::try_from(parent).ok().filter(|&parent| u64::from(parent) <= listed);
        let parent = parent.ok_or(unlisted)?;
        let mut at = self.container(parent).clone();
        for _ in listed..number {
            if at.depth() >= MAX_DEPTH {
                let (what, limit) = ("keys deep", MAX_DEPTH as u64);
                return Err(DecodeError::Limit { offset, what, limit });
            }
            if !matches!(at.kind(), Kind::Map | Kind::List) {
                let what = "a container has a parent that is neither a map nor a list";
                return Reader::inconsistent(offset, what);
            }
            let key = self.key(at.kind(), entries)?;
            let kind = kind_of(entries.byte()?.into(), offset)?;
            at = at.child(key, kind);
            let (what, limit) = ("containers in a stream", MAX_NUMBERS as u64);
            let number = self.dictionary.add_container(at.clone());
            self.dictionary.last.container =
                number.ok_or(DecodeError::Limit { offset, what, limit })?;
        }
        Ok(())
    }

    /// A node, by how far it is from the last one of its author that was named.
    fn node(&mut self, author: u32, entries: &mut Entries<'_>) -> Result<Numbered> {
        let node = self.op(author, |author| author.node, entries)?;
        self.dictionary.follow_node(node);
        Ok(node)
    }

    /// An operation, by how far it is from another one of its author.
    fn op(
        &mut self,
        author: u32,
        base: impl Fn(&Author) -> u64,
        entries: &mut Entries<'_>,
    ) -> Result<Numbered> {
        let offset = entries.at;
        let number = entries.number()?;
        let author = if number % 2 == 0 {
            author
        } else {
            let other = self.replica(entries)?;
            if other == author {
                return Err(DecodeError::NotCanonical { offset, what: "an operation's author" });
            }
            other
        };
        let base = base(self.dictionary.known_author(author));
        Ok(Numbered { author, counter: near(offset, base, number / 2)? })
    }

    /// The number of a replica, and what it is if it is new.
    fn replica(&mut self, entries: &mut Entries<'_>) -> Result<u32> {
        let offset = entries.at;
        let number = entries.number()?;
        let listed = self.dictionary.lens().authors as u64;
        if number < listed {
            return Ok(number as u32);
        }
        if number > listed {
            let expected = "the number of a replica";
            return Err(DecodeError::Unexpected { offset, expected });
        }
        let id = ReplicaId::new(u64::from_be_bytes(entries.take_array()?));
        let (what, limit) = ("replicas in a stream", MAX_NUMBERS as u64);
        self.dictionary.add_author(id).ok_or(DecodeError::Limit { offset, what, limit })
    }
}

const WITH_KEYS: &[Kind] = &[Kind::Map, Kind::List, Kind::Set, Kind::GrowOnlySet];

fn increment(offset: usize, container: ContainerId, entries: &mut Entries<'_>) -> Result<Op> {
    if !matches!(container.kind(), Kind::Counter | Kind::GrowOnlyCounter) {
        return Reader::inconsistent(offset, "an operation is on a container of another kind");
    }
    let delta = varint::unfold(entries.number()?);
    if delta == 0 {
        return Err(DecodeError::NotCanonical { offset, what: "an increment by 0" });
    }
    if delta < 0 && container.kind().is_grow_only() {
        return Reader::inconsistent(offset, "something is taken away that only grows");
    }
    Ok(Op::Increment { container, delta })
}

impl<'a> Entries<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.at == self.content.bytes.len()
    }

    fn truncated(&self) -> DecodeError {
        DecodeError::Truncated { offset: self.content.bytes.len() }
    }

    fn rest(&self) -> &'a [u8] {
        &self.content.bytes[self.at..]
    }

    fn byte(&mut self) -> Result<u8> {
        let byte = *self.rest().first().ok_or_else(|| self.truncated())?;
        self.at += 1;
        Ok(byte)
    }

    fn number(&mut self) -> Result<u64> {
        let (number, len) = varint::read(self.rest(), self.at)?;
        self.at += len;
        Ok(number)
    }

    /// A counter, by how far it is from another one.
    fn near(&mut self, base: u64) -> Result<u64> {
        let offset = self.at;
        near(offset, base, self.number()?)
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8]> {
        let len = usize::try_from(len).ok().filter(|&len| len <= self.rest().len());
        let taken = &self.rest()[..len.ok_or_else(|| self.truncated())?];
        self.at += taken.len();
        Ok(taken)
    }

    fn take_array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let array = *self.rest().first_chunk().ok_or_else(|| self.truncated())?;
        self.at += N;
        Ok(array)
    }

    fn text(&mut self) -> Result<&'a str> {
        let len = self.number()?;
        let offset = self.at;
        utf8(self.take(len)?, offset)
    }

    /// One character, of which the first byte says how long it is.
    fn character(&mut self) -> Result<&'a str> {
        let offset = self.at;
        let len = match self.rest().first() {
            Some(0xf0..) => 4,
            Some(0xe0..) => 3,
            Some(0xc0..) => 2,
            _ => 1,
        };
        utf8(self.take(len)?, offset)
    }

    /// Reads CBOR from here on.
    fn reader(&self) -> Reader<'a> {
        Reader::at(self.content.bytes, self.at)
    }
}

fn utf8(bytes: &[u8], offset: usize) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| DecodeError::Unexpected {
        offset: offset + error.valid_up_to(),
        expected: "UTF-8",
    })
}

fn check_count(offset: usize, count: u64) -> Result<()> {
    if count > MAX_COUNT {
        return Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT });
    }
    Ok(())
}

/// What is `skipped` + 1 behind what is expected.
fn later(offset: usize, expected: u64, skipped: u64) -> Result<u64> {
    check_count(offset, skipped)?;
    check_count(offset, expected + skipped + 1)?;
    Ok(expected + skipped + 1)
}

/// The counter that a difference leads to.
fn near(offset: usize, base: u64, difference: u64) -> Result<u64> {
    let counter = base.checked_add_signed(varint::unfold(difference));
    let (what, limit) = ("operations", MAX_COUNT);
    counter.filter(|&counter| counter <= MAX_COUNT).ok_or(DecodeError::Limit {
        offset,
        what,
        limit,
    })
}

/// Refuses bits that mean nothing here.
fn no_bits(offset: usize, bits: u8) -> Result<()> {
    if bits == 0 {
        return Ok(());
    }
    Err(DecodeError::NotCanonical { offset, what: "an entry's head" })
}
