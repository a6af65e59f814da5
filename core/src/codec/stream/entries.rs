//! The bytes of entries, read one part after the other.

use crate::codec::reader::Reader;
use crate::codec::tables::MAX_COUNT;
use crate::error::DecodeError;

use super::read::Result;
use super::{Content, varint};

/// What is left of a frame's content.
pub(crate) struct Entries<'a> {
    pub(super) content: Content<'a>,
    pub(super) at: usize,
}

impl<'a> Entries<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.at == self.content.bytes.len()
    }

    pub(super) fn truncated(&self) -> DecodeError {
        DecodeError::Truncated { offset: self.content.bytes.len() }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        &self.content.bytes[self.at..]
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        let byte = *self.rest().first().ok_or_else(|| self.truncated())?;
        self.at += 1;
        Ok(byte)
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<u64> {
        // Most numbers are small.
        if let Some(&byte @ ..0x80) = self.content.bytes.get(self.at) {
            self.at += 1;
            return Ok(byte.into());
        }
        self.long_number()
    }

    fn long_number(&mut self) -> Result<u64> {
        let (number, len) = varint::read(self.rest(), self.at)?;
        self.at += len;
        Ok(number)
    }

    /// A counter, by how far it is from another one.
    #[inline]
    pub(super) fn near(&mut self, base: u64) -> Result<u64> {
        let offset = self.at;
        near(offset, base, self.number()?)
    }

    pub(super) fn take(&mut self, len: u64) -> Result<&'a [u8]> {
        let len = usize::try_from(len).ok().filter(|&len| len <= self.rest().len());
        let taken = &self.rest()[..len.ok_or_else(|| self.truncated())?];
        self.at += taken.len();
        Ok(taken)
    }

    pub(super) fn take_array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let array = *self.rest().first_chunk().ok_or_else(|| self.truncated())?;
        self.at += N;
        Ok(array)
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        let len = self.number()?;
        let offset = self.at;
        utf8(self.take(len)?, offset)
    }

    /// One character, of which the first byte says how long it is.
    pub(super) fn character(&mut self) -> Result<&'a str> {
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
    pub(super) fn reader(&self) -> Reader<'a> {
        Reader::at(self.content.bytes, self.at)
    }
}

pub(super) fn utf8(bytes: &[u8], offset: usize) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| DecodeError::Unexpected {
        offset: offset + error.valid_up_to(),
        expected: "UTF-8",
    })
}

pub(super) fn check_count(offset: usize, count: u64) -> Result<()> {
    if count > MAX_COUNT {
        return Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT });
    }
    Ok(())
}

/// What is `skipped` + 1 behind what is expected.
pub(super) fn later(offset: usize, expected: u64, skipped: u64) -> Result<u64> {
    check_count(offset, skipped)?;
    check_count(offset, expected + skipped + 1)?;
    Ok(expected + skipped + 1)
}

/// The counter that a difference leads to.
#[inline]
pub(super) fn near(offset: usize, base: u64, difference: u64) -> Result<u64> {
    let counter = base.checked_add_signed(varint::unfold(difference));
    let (what, limit) = ("operations", MAX_COUNT);
    counter.filter(|&counter| counter <= MAX_COUNT).ok_or(DecodeError::Limit {
        offset,
        what,
        limit,
    })
}

/// Refuses bits that mean nothing here.
pub(super) fn no_bits(offset: usize, bits: u8) -> Result<()> {
    if bits == 0 {
        return Ok(());
    }
    Err(DecodeError::NotCanonical { offset, what: "an entry's head" })
}
