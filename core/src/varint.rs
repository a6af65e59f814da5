//! Whole numbers in as few bytes as they need (LEB128: 7 bits in a byte, the lowest first), signed
//! ones folded (zigzag: 0, -1, 1, -2 ...). Each has one form, the shortest.

use std::slice;

/// Appends a number.
#[inline]
pub(crate) fn write(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Appends a signed number.
#[inline]
pub(crate) fn write_signed(number: i64, bytes: &mut Vec<u8>) {
    write(fold(number), bytes);
}

/// A signed number as the one that is written.
#[inline]
pub(crate) fn fold(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// The signed number that is written as this one.
#[inline]
pub(crate) fn unfold(folded: u64) -> i64 {
    (folded >> 1) as i64 ^ -((folded & 1) as i64)
}

/// Appends bytes behind their length.
pub(crate) fn write_bytes(content: &[u8], bytes: &mut Vec<u8>) {
    write(content.len() as u64, bytes);
    bytes.extend_from_slice(content);
}

/// The low 7 bits of each byte next to each other.
#[inline]
fn fold_bytes(word: u64) -> u64 {
    let pairs = word & 0x007f_007f_007f_007f | (word & 0x7f00_7f00_7f00_7f00) >> 1;
    let fours = pairs & 0x0000_3fff_0000_3fff | (pairs & 0x3fff_0000_3fff_0000) >> 2;
    fours & 0x0fff_ffff | (fours & 0x0fff_ffff_0000_0000) >> 4
}

/// Reads numbers from bytes, one behind the other. `None` is for bytes that end too early, or
/// for a number in another form than the shortest.
/// Held as an iterator, which has one end to move.
#[derive(Clone, Default, Debug)]
pub(crate) struct Numbers<'a>(slice::Iter<'a, u8>);

impl<'a> Numbers<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    /// Whether all are read.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.as_slice().is_empty()
    }

    #[inline(always)]
    pub(crate) fn next(&mut self) -> Option<u64> {
        match *self.0.next()? {
            first @ ..0x80 => Some(first.into()),
            first => match self.0.as_slice().first() {
                Some(&second @ 1..0x80) => {
                    self.0.next();
                    Some(u64::from(first & 0x7f) | u64::from(second) << 7)
                }
                _ => self.next_long(first),
            },
        }
    }

    /// The next byte as it is.
    #[inline(always)]
    pub(crate) fn next_byte(&mut self) -> Option<u8> {
        self.0.next().copied()
    }

    /// The number that starts with this byte.
    fn next_long(&mut self, first: u8) -> Option<u64> {
        const LAST_OF: u64 = 0x8080_8080_8080_8080;
        // Of most numbers all other bytes are in a word: the first without its top bit is the last.
        if let Some(&word) = self.0.as_slice().first_chunk::<8>()
            && let word = u64::from_le_bytes(word)
            && let ends = !word & LAST_OF
            && ends.trailing_zeros() < 56
        {
            let len = ends.trailing_zeros() / 8 + 1;
            let number = word & (ends ^ (ends - 1));
            let is_shortest = number >> (8 * (len - 1)) != 0;
            self.0.nth(len as usize - 1);
            let rest = fold_bytes(number & !LAST_OF);
            return is_shortest.then_some(rest << 7 | u64::from(first & 0x7f));
        }
        self.next_bytewise(first)
    }

    #[cold]
    fn next_bytewise(&mut self, first: u8) -> Option<u64> {
        let mut number = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = *self.0.next()?;
            let bits = u64::from(byte & 0x7f);
            number |= bits << shift;
            if byte < 0x80 {
                let fits = shift < 63 || bits == 1;
                return Some(number).filter(|_| byte != 0 && fits);
            }
        }
        None
    }

    #[inline(always)]
    pub(crate) fn next_signed(&mut self) -> Option<i64> {
        self.next().map(unfold)
    }

    /// How many bytes are left.
    pub(crate) fn len(&self) -> usize {
        self.0.as_slice().len()
    }

    /// So many bytes as they are.
    pub(crate) fn take(&mut self, len: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.as_slice().split_at_checked(usize::try_from(len).ok()?)?;
        self.0 = rest.iter();
        Some(taken)
    }

    /// Bytes behind their length.
    pub(crate) fn take_bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.next()?;
        self.take(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_form() {
        for number in (0..64).flat_map(|bit| [(1 << bit) - 1, 1_u64 << bit]).chain([u64::MAX]) {
            let mut bytes = Vec::new();
            write(number, &mut bytes);
            write_signed(number as i64, &mut bytes);
            let mut numbers = Numbers::new(&bytes);
            assert_eq!(numbers.next(), Some(number));
            assert_eq!(numbers.next_signed(), Some(number as i64));
            assert!(numbers.is_empty());
        }
        let too_long = [&[0x80, 0][..], &[0xff, 0x80, 0], &[0x80; 9], &[0xff; 10], &[0x80; 11]];
        assert!(too_long.iter().all(|bytes| Numbers::new(bytes).next().is_none()));
        let beyond = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2];
        assert_eq!(Numbers::new(&beyond).next(), None, "65 bits");
    }
}
