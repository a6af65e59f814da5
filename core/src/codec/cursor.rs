//! Cursors and ranges: not CBOR, and not in a frame, as they are to take few bytes wherever a host
//! puts them.
//!
//! ```text
//!   head       lean, whether it has an anchor, what is beside it; cursor or range
//!   path       how many steps, then each: kind and key
//!   anchor     node, what is beside it, hint
//!   of a range, head and anchor of its end
//! ```

use crate::MAX_DEPTH;
use crate::container::{ContainerId, Key};
use crate::cursor::{Anchor, Cursor, CursorRange, Lean};
use crate::error::DecodeError;
use crate::id::{OpId, ReplicaId};
use crate::value::Kind;
use crate::varint::{self, Numbers};

use super::tables::{MAX_COUNT, kind_number, kind_of};

type Result<T> = std::result::Result<T, DecodeError>;

/// The first byte.
mod head {
    pub(super) const RIGHT: u8 = 0b1;
    /// It has an anchor; else it is at the end that it leans to.
    pub(super) const ANCHOR: u8 = 0b10;
    /// Beside the anchor is the next identity on the other side; or another one, which follows.
    pub(super) const NEXT_BESIDE: u8 = 0b100;
    pub(super) const OTHER_BESIDE: u8 = 0b1000;
    /// A range; its end has a head without this.
    pub(super) const RANGE: u8 = 0b1_0000;
    pub(super) const ALL: u8 = 0b1_1111;
}

/// In the number in front of a key: its length, and the kind.
const KIND_BITS: u32 = 3;

pub(crate) fn encode(cursor: &Cursor) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.bytes.push(head_of(cursor));
    writer.path(&cursor.container);
    writer.anchor(cursor);
    writer.bytes
}

pub(crate) fn encode_range(range: &CursorRange) -> Vec<u8> {
    let CursorRange { start, end } = range;
    let mut writer = Writer::default();
    writer.bytes.push(head_of(start) | head::RANGE);
    writer.path(&start.container);
    writer.anchor(start);
    writer.bytes.push(head_of(end));
    writer.anchor(end);
    writer.bytes
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Cursor> {
    let mut reader = Reader::new(bytes);
    let head = reader.head()?;
    let container = reader.path()?;
    let cursor = reader.cursor(head, container)?;
    reader.end()?;
    check_form(bytes, &encode(&cursor))?;
    Ok(cursor)
}

pub(crate) fn decode_range(bytes: &[u8]) -> Result<CursorRange> {
    let mut reader = Reader::new(bytes);
    let head = reader.head()?;
    let container = reader.path()?;
    let start = reader.cursor(head & !head::RANGE, container.clone())?;
    let end = reader.head()?;
    let end = reader.cursor(end, container)?;
    reader.end()?;
    let range = CursorRange { start, end };
    check_form(bytes, &encode_range(&range))?;
    Ok(range)
}

/// There is one form of each: that which would be written.
fn check_form(bytes: &[u8], written: &[u8]) -> Result<()> {
    match bytes.iter().zip(written).position(|(a, b)| a != b) {
        None if bytes.len() == written.len() => Ok(()),
        at => {
            let offset = at.unwrap_or(bytes.len().min(written.len()));
            Err(DecodeError::NotCanonical { offset, what: "a cursor" })
        }
    }
}

fn head_of(cursor: &Cursor) -> u8 {
    let lean = if cursor.lean == Lean::Right { head::RIGHT } else { 0 };
    let Some(anchor) = cursor.anchor else { return lean };
    let beside = match anchor.beside {
        None => 0,
        beside if beside == next_beside(anchor.node, cursor.lean) => head::NEXT_BESIDE,
        Some(_) => head::OTHER_BESIDE,
    };
    lean | head::ANCHOR | beside
}

/// The identity that is on the other side of a cursor if its author typed both in a row.
fn next_beside(node: OpId, lean: Lean) -> Option<OpId> {
    let counter = match lean {
        Lean::Left => node.counter + 1,
        Lean::Right => node.counter.checked_sub(1)?,
    };
    Some(OpId::new(node.replica, counter))
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    /// The replicas that were spelled out so far.
    replicas: Vec<ReplicaId>,
}

impl Writer {
    fn path(&mut self, container: &ContainerId) {
        varint::write(container.depth() as u64, &mut self.bytes);
        for (key, kind) in container.steps() {
            let kind = kind_number(kind);
            match key {
                Key::Name(name) => {
                    varint::write((name.len() as u64) << KIND_BITS | kind, &mut self.bytes);
                    self.bytes.extend_from_slice(name.as_bytes());
                }
                Key::Item(item) => {
                    varint::write(kind, &mut self.bytes);
                    self.op(*item);
                }
                // Nothing is in an element of a set.
                Key::Element(_) => {}
            }
        }
    }

    fn anchor(&mut self, cursor: &Cursor) {
        let Some(anchor) = cursor.anchor else { return };
        self.op(anchor.node);
        if head_of(cursor) & head::OTHER_BESIDE != 0 {
            anchor.beside.into_iter().for_each(|beside| self.op(beside));
        }
        varint::write(anchor.hint, &mut self.bytes);
    }

    /// Twice the counter, and 1 more if the replica is spelled out behind it; else its number is.
    fn op(&mut self, id: OpId) {
        match self.replicas.iter().position(|&replica| replica == id.replica) {
            Some(number) => {
                varint::write(id.counter << 1, &mut self.bytes);
                varint::write(number as u64, &mut self.bytes);
            }
            None => {
                varint::write(id.counter << 1 | 1, &mut self.bytes);
                self.bytes.extend_from_slice(&id.replica.get().to_be_bytes());
                self.replicas.push(id.replica);
            }
        }
    }
}

struct Reader<'a> {
    numbers: Numbers<'a>,
    len: usize,
    replicas: Vec<ReplicaId>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { numbers: Numbers::new(bytes), len: bytes.len(), replicas: Vec::new() }
    }

    fn offset(&self) -> usize {
        self.len - self.numbers.len()
    }

    fn unexpected(offset: usize, expected: &'static str) -> DecodeError {
        DecodeError::Unexpected { offset, expected }
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8]> {
        self.numbers.take(len).ok_or(DecodeError::Truncated { offset: self.len })
    }

    fn number(&mut self) -> Result<u64> {
        let offset = self.offset();
        self.numbers.next().ok_or(Self::unexpected(offset, "a number, in its shortest form"))
    }

    fn count(&mut self) -> Result<u64> {
        let offset = self.offset();
        match self.number()? {
            count @ ..=MAX_COUNT => Ok(count),
            _ => Err(DecodeError::Limit { offset, what: "(a counter)", limit: MAX_COUNT }),
        }
    }

    fn head(&mut self) -> Result<u8> {
        let offset = self.offset();
        let head = self.take(1)?[0];
        if head > head::ALL {
            let found = 1 + u64::from(head >> head::ALL.count_ones());
            return Err(DecodeError::UnsupportedVersion { found, supported: 1 });
        }
        let both = head::NEXT_BESIDE | head::OTHER_BESIDE;
        let beside = head & both;
        if beside == both || (beside != 0 && head & head::ANCHOR == 0) {
            return Err(Self::unexpected(offset, "the head of a cursor"));
        }
        Ok(head)
    }

    fn path(&mut self) -> Result<ContainerId> {
        let offset = self.offset();
        let steps = self.number()?;
        if steps > MAX_DEPTH as u64 {
            return Err(DecodeError::Limit { offset, what: "keys deep", limit: MAX_DEPTH as u64 });
        }
        let mut container = ContainerId::ROOT;
        for _ in 0..steps {
            let offset = self.offset();
            let number = self.number()?;
            let kind = kind_of(number & ((1 << KIND_BITS) - 1), offset)?;
            let key = match container.kind() {
                Kind::Map => self.name(number >> KIND_BITS)?,
                Kind::List => Key::Item(self.op()?),
                _ => return Err(Self::unexpected(offset, "no step below what has no paths")),
            };
            container = container.child(key, kind);
        }
        if !matches!(container.kind(), Kind::Text | Kind::List) {
            return Err(Self::unexpected(offset, "the path of a text or a list"));
        }
        Ok(container)
    }

    fn name(&mut self, len: u64) -> Result<Key> {
        let offset = self.offset();
        let name = std::str::from_utf8(self.take(len)?);
        let name = name.map_err(|error| Self::unexpected(offset + error.valid_up_to(), "UTF-8"))?;
        Ok(Key::Name(name.into()))
    }

    fn cursor(&mut self, head: u8, container: ContainerId) -> Result<Cursor> {
        let lean = if head & head::RIGHT == 0 { Lean::Left } else { Lean::Right };
        let anchor = if head & head::ANCHOR == 0 { None } else { Some(self.anchor(head, lean)?) };
        Ok(Cursor { container, lean, anchor })
    }

    fn anchor(&mut self, head: u8, lean: Lean) -> Result<Anchor> {
        let node = self.op()?;
        let beside = match head & (head::NEXT_BESIDE | head::OTHER_BESIDE) {
            head::NEXT_BESIDE => next_beside(node, lean),
            head::OTHER_BESIDE => Some(self.op()?),
            _ => None,
        };
        Ok(Anchor { node, beside, hint: self.count()? })
    }

    fn op(&mut self) -> Result<OpId> {
        let offset = self.offset();
        let number = self.number()?;
        let (counter, is_new) = (number >> 1, number & 1 == 1);
        if counter > MAX_COUNT {
            return Err(DecodeError::Limit { offset, what: "(a counter)", limit: MAX_COUNT });
        }
        if is_new {
            let id = self.take(8)?.iter().fold(0, |id, &byte| id << 8 | u64::from(byte));
            self.replicas.push(ReplicaId::new(id));
            return Ok(OpId::new(ReplicaId::new(id), counter));
        }
        let offset = self.offset();
        let number = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        let replica = self.replicas.get(number).copied();
        let replica = replica.ok_or(Self::unexpected(offset, "the number of a replica"))?;
        Ok(OpId::new(replica, counter))
    }

    fn end(&self) -> Result<()> {
        if self.numbers.is_empty() {
            return Ok(());
        }
        Err(DecodeError::TrailingBytes { offset: self.offset() })
    }
}
