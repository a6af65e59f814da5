//! What an operation does, written.

use crate::codec::tables::Names;
use crate::codec::writer::Writer;
use crate::container::{ContainerId, Key};
use crate::id::OpId;
use crate::op::{NodeRun, Op, Place, Side};

use super::dictionary::{NONE, Numbered, Touched};
use super::head::{EXPECTED_PARENT, EXPECTED_PLACE, ONE_CHARACTER, kind, nodes, supersedes};
use super::varint;
use super::write::{Encoder, Unfit};

impl Encoder {
    /// Writes an insertion into a text, but for its container; gives the head.
    pub(super) fn insertion(
        &mut self,
        id: Numbered,
        place: Place,
        text: &str,
        len: u64,
    ) -> Result<u8, Unfit> {
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
    pub(super) fn deletion(
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
    pub(super) fn operation(&mut self, author: u32, id: OpId, op: &Op) -> Result<u8, Unfit> {
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
    pub(super) fn place(&mut self, container: &ContainerId, key: &Key) -> Result<(u8, u32), Unfit> {
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

    /// Writes which assignments are superseded; gives bits of the head.
    pub(super) fn superseded(
        &mut self,
        author: u32,
        place: u32,
        ids: &[OpId],
    ) -> Result<u8, Unfit> {
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
}
