//! Frames that the library would not write, item by item.

/// A CBOR item. All but [`Raw`](Item::Raw) have their deterministic encoding.
#[derive(Clone)]
pub enum Item {
    Uint(u64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Item>),
    /// In the order in which they are given.
    Map(Vec<(u64, Item)>),
    /// Bytes as they are.
    Raw(Vec<u8>),
}

impl Item {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Uint(number) => head(0, *number, bytes),
            Self::Bytes(content) => {
                head(2, content.len() as u64, bytes);
                bytes.extend_from_slice(content);
            }
            Self::Text(content) => {
                head(3, content.len() as u64, bytes);
                bytes.extend_from_slice(content.as_bytes());
            }
            Self::Array(items) => {
                head(4, items.len() as u64, bytes);
                items.iter().for_each(|item| item.write(bytes));
            }
            Self::Map(fields) => {
                head(5, fields.len() as u64, bytes);
                for (field, item) in fields {
                    head(0, *field, bytes);
                    item.write(bytes);
                }
            }
            Self::Raw(content) => bytes.extend_from_slice(content),
        }
    }
}

/// The first bytes of an item, in their shortest form.
fn head(major: u8, argument: u64, bytes: &mut Vec<u8>) {
    let big_endian = argument.to_be_bytes();
    let (additional, rest) = match argument {
        0..=23 => (argument as u8, &[][..]),
        24..=0xff => (24, &big_endian[7..]),
        0x100..=0xffff => (25, &big_endian[6..]),
        0x1_0000..=0xffff_ffff => (26, &big_endian[4..]),
        _ => (27, &big_endian[..]),
    };
    bytes.push(major << 5 | additional);
    bytes.extend_from_slice(rest);
}

pub fn uint(number: u64) -> Item {
    Item::Uint(number)
}

pub fn text(content: &str) -> Item {
    Item::Text(content.to_owned())
}

/// Replica ids, as a body lists them.
pub fn ids(ids: &[u64]) -> Item {
    Item::Bytes(ids.iter().flat_map(|id| id.to_be_bytes()).collect())
}

pub fn array(items: impl IntoIterator<Item = Item>) -> Item {
    Item::Array(items.into_iter().collect())
}

/// An array of unsigned integers.
pub fn uints(numbers: &[u64]) -> Item {
    array(numbers.iter().copied().map(uint))
}

pub fn map(fields: impl IntoIterator<Item = (u64, Item)>) -> Item {
    Item::Map(fields.into_iter().collect())
}

pub fn raw(bytes: &[u8]) -> Item {
    Item::Raw(bytes.to_vec())
}

/// The items one after the other.
pub fn encoded(items: &[Item]) -> Vec<u8> {
    let mut bytes = Vec::new();
    items.iter().for_each(|item| item.write(&mut bytes));
    bytes
}

/// Appends the checksum of what is there.
pub fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = crc32fast::hash(&bytes);
    Item::Bytes(checksum.to_be_bytes().to_vec()).write(&mut bytes);
    bytes
}

/// The frame with a checksum that fits what was done to it.
pub fn sealed_again(frame: &[u8]) -> Vec<u8> {
    seal(frame[..frame.len() - 5].to_vec())
}

/// Whether the body of a frame has a field that may be skipped.
pub fn has_optional_field(frame: &[u8]) -> bool {
    // The frame's head, the kind, the format, the document of 16 bytes and its head.
    let mut at = 3 + 17;
    skip(frame, &mut at);
    let (_, fields) = read_head(frame, &mut at);
    (0..fields).any(|_| {
        let (_, field) = read_head(frame, &mut at);
        skip(frame, &mut at);
        field % 2 == 1
    })
}

fn skip(bytes: &[u8], at: &mut usize) {
    let (major, argument) = read_head(bytes, at);
    match major {
        2 | 3 => *at += argument as usize,
        4 => (0..argument).for_each(|_| skip(bytes, at)),
        5 => (0..2 * argument).for_each(|_| skip(bytes, at)),
        6 => skip(bytes, at),
        _ => {}
    }
}

/// The major type and the argument of an item that is well-formed.
fn read_head(bytes: &[u8], at: &mut usize) -> (u8, u64) {
    let first = bytes[*at];
    let more = match first & 31 {
        additional @ 24..=27 => 1 << (additional - 24),
        _ => 0,
    };
    let rest = &bytes[*at + 1..*at + 1 + more];
    *at += 1 + more;
    let argument = rest.iter().fold(0, |argument, &byte| argument << 8 | u64::from(byte));
    (first >> 5, if more == 0 { u64::from(first & 31) } else { argument })
}
