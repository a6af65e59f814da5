//! What an entry does, read.

use crate::codec::op::read_assigned;
use crate::codec::reader::Reader;
use crate::container::{ContainerId, Key};
use crate::error::DecodeError;
use crate::id::{IdSpan, OpId};
use crate::op::{NodeRun, Op, Place, Side};
use crate::value::Kind;

use super::dictionary::{Numbered, Touched};
use super::entries::{Entries, check_count, no_bits};
use super::head::{
    CONTAINER, EXPECTED_PARENT, EXPECTED_PLACE, ONE_CHARACTER, ORIGIN, kind, nodes, supersedes,
};
use super::read::{Decoder, Edit, Result};
use super::varint;

const WITH_KEYS: &[Kind] = &[Kind::Map, Kind::List, Kind::Set, Kind::GrowOnlySet];

impl Decoder {
    pub(super) fn insertion<'a>(
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

    pub(super) fn deletion<'a>(
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

    pub(super) fn run(
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

    pub(super) fn assignment(
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

    pub(super) fn superseded(&mut self, author: u32, entries: &mut Entries<'_>) -> Result<OpId> {
        let op = self.op(author, |author| author.head, entries)?;
        Ok(self.dictionary.id(op))
    }

    /// The place of an assignment or a removal: its container, its key, its number if it has one,
    /// and the assignment that is expected to be there.
    pub(super) fn place(
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
}

pub(super) fn increment(
    offset: usize,
    container: ContainerId,
    entries: &mut Entries<'_>,
) -> Result<Op> {
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
