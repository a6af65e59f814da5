//! Entries, read: who made them, when, and (in [`super::read_edit`]) what they do.

use crate::codec::frame::Lineage;
use crate::codec::tables::MAX_COUNT;
use crate::container::ContainerId;
use crate::error::DecodeError;
use crate::id::{OpId, ReplicaId};
use crate::op::{NodeRun, Op, Place};

use super::dictionary::{Dictionary, Numbered, Touched};
use super::entries::{Entries, check_count, later, no_bits};
use super::head::{CONTAINER, ORIGIN, kind, origin};
use super::read_edit::increment;
use super::{checksum_behind, first_checksum, next_checksum, unframe};

pub(super) type Result<T> = std::result::Result<T, DecodeError>;

/// Reads the frames of a stream.
#[derive(Clone, Default, Debug)]
pub(crate) struct Decoder {
    pub(super) dictionary: Dictionary,
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
        let form = bits & origin::DEPENDENCIES;
        let dependencies = match form {
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
            origin::MORE_DEPENDENCIES => entries.number()?.saturating_add(2),
            origin::NEXT_DEPENDENCIES | origin::NEAR_DEPENDENCIES => {
                self.repeated(offset, number, form == origin::NEXT_DEPENDENCIES, entries)?;
                0
            }
            _ => return Err(DecodeError::NotCanonical { offset, what: "an origin" }),
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
        // Of the replicas of a list, the same was seen before.
        if form < origin::NEXT_DEPENDENCIES {
            let ascending = self.dependencies.is_sorted_by(|a, b| a.replica < b.replica);
            if !ascending || self.dependencies.iter().any(|head| head.replica == author.id) {
                let what = "the dependencies of a change";
                return Err(DecodeError::NotCanonical { offset, what });
            }
            if dependencies > 1 {
                self.dictionary.lists.set(number, &self.dependencies);
            }
        }
        if bits & origin::LAMPORT != 0 {
            lamport = later(offset, lamport, entries.number()?)?;
        }
        Ok((OpId::new(author.id, counter), lamport))
    }

    /// Dependencies on the replicas that the author depended on before: each on the next operation,
    /// or on one that is not far from there.
    fn repeated(
        &mut self,
        offset: usize,
        author: u32,
        on_next: bool,
        entries: &mut Entries<'_>,
    ) -> Result<()> {
        let lists = &mut self.dictionary.lists;
        if lists.of(author).is_empty() {
            let expected = "an author that depended on several operations before";
            return Err(DecodeError::Unexpected { offset, expected });
        }
        if on_next {
            lists.advance(author);
            self.dependencies.extend_from_slice(lists.of(author));
            let greatest = self.dependencies.iter().map(|head| head.counter).max();
            return check_count(offset, greatest.unwrap_or(0));
        }
        for before in lists.of(author) {
            let counter = entries.near(before.counter)?;
            self.dependencies.push(OpId::new(before.replica, counter));
        }
        lists.set(author, &self.dependencies);
        Ok(())
    }
}
