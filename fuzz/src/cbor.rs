//! CBOR as a tree of items, to be changed and written again. Reads more than the format allows,
//! but no tags and nothing of indefinite length.

/// How deep items are read.
const MAX_DEPTH: usize = 32;

/// An item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    /// An integer: 0 or above.
    Unsigned(u64),
    /// An integer below 0: -1 less this.
    Negative(u64),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A text string, not checked.
    Text(Vec<u8>),
    /// An array.
    Array(Vec<Item>),
    /// A map: each key, and its value behind it.
    Map(Vec<Item>),
    /// A simple value or a float, as it is written.
    Simple(Vec<u8>),
}

impl Item {
    /// The item at the start of `bytes`, and how many bytes it takes; `None` if none is there.
    pub fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut rest = bytes;
        let item = Self::take(&mut rest, 0)?;
        Some((item, bytes.len() - rest.len()))
    }

    fn take(rest: &mut &[u8], depth: usize) -> Option<Self> {
        let start = *rest;
        let (&first, tail) = rest.split_first()?;
        let extra = match first & 0x1f {
            0..=23 => 0,
            info @ 24..=27 => 1 << (info - 24),
            _ => return None,
        };
        let (number, tail) = tail.split_at_checked(extra)?;
        *rest = tail;
        let argument = match extra {
            0 => u64::from(first & 0x1f),
            _ => number.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
        };
        let items = |rest: &mut &[u8], factor: u64| -> Option<Vec<Self>> {
            if depth == MAX_DEPTH || argument > rest.len() as u64 {
                return None;
            }
            (0..argument * factor).map(|_| Self::take(rest, depth + 1)).collect()
        };
        Some(match first >> 5 {
            0 => Self::Unsigned(argument),
            1 => Self::Negative(argument),
            2 => Self::Bytes(taken(rest, argument)?),
            3 => Self::Text(taken(rest, argument)?),
            4 => Self::Array(items(rest, 1)?),
            5 => Self::Map(items(rest, 2)?),
            7 => Self::Simple(start[..1 + extra].to_vec()),
            _ => return None,
        })
    }

    /// Writes the item, each head in its shortest form.
    pub fn write(&self, output: &mut Vec<u8>) {
        match self {
            Self::Unsigned(number) => head(0, *number, output),
            Self::Negative(number) => head(1, *number, output),
            Self::Bytes(bytes) => string(2, bytes, output),
            Self::Text(bytes) => string(3, bytes, output),
            Self::Array(items) => {
                head(4, items.len() as u64, output);
                items.iter().for_each(|item| item.write(output));
            }
            Self::Map(items) => {
                head(5, items.len() as u64 / 2, output);
                items.iter().for_each(|item| item.write(output));
            }
            Self::Simple(bytes) => output.extend(bytes),
        }
    }

    /// How many items the item is, with those in it.
    pub fn count(&self) -> usize {
        match self {
            Self::Array(items) | Self::Map(items) => {
                1 + items.iter().map(Self::count).sum::<usize>()
            }
            _ => 1,
        }
    }

    /// The item number `index` of those that the item is, itself first; the last one if there are
    /// fewer.
    pub fn at(&mut self, index: usize) -> &mut Self {
        let within = match self {
            Self::Array(items) | Self::Map(items) if index > 0 => {
                let mut index = index - 1;
                items
                    .iter()
                    .position(|item| {
                        let count = item.count();
                        let found = index < count;
                        if !found {
                            index -= count;
                        }
                        found
                    })
                    .map(|child| (child, index))
            }
            _ => None,
        };
        match (self, within) {
            (Self::Array(items) | Self::Map(items), Some((child, index))) => items[child].at(index),
            (this, _) => this,
        }
    }
}

fn taken(rest: &mut &[u8], len: u64) -> Option<Vec<u8>> {
    let (taken, tail) = rest.split_at_checked(usize::try_from(len).ok()?)?;
    *rest = tail;
    Some(taken.to_vec())
}

fn head(major: u8, argument: u64, output: &mut Vec<u8>) {
    let bytes = argument.to_be_bytes();
    let (info, len) = match argument {
        0..24 => (argument as u8, 0),
        24..0x100 => (24, 1),
        0x100..0x1_0000 => (25, 2),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 8),
    };
    output.push(major << 5 | info);
    output.extend(&bytes[8 - len..]);
}

fn string(major: u8, bytes: &[u8], output: &mut Vec<u8>) {
    head(major, bytes.len() as u64, output);
    output.extend(bytes);
}
