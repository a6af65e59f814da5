//! Numbers in columns: LEB128, 7 bits a byte from the least on, in the shortest form.

use crate::error::DecodeError;

use super::tables::MAX_COUNT;
pub(super) use crate::varint::{write, write_signed};

type Result<T> = std::result::Result<T, DecodeError>;

/// Writes what a count is more or less than the one that is expected.
pub(super) fn write_near(expected: u64, count: u64, bytes: &mut Vec<u8>) {
    write_signed(count as i64 - expected as i64, bytes);
}

/// A column of numbers that is read. One that is absent is all zeros.
#[derive(Clone, Copy, Default)]
pub(super) struct Column<'a> {
    rest: &'a [u8],
    present: bool,
    /// Where in the frame the column ends.
    end: usize,
}

impl<'a> Column<'a> {
    /// A column that starts at an offset in its frame. It says something.
    pub(super) fn new(bytes: &'a [u8], offset: usize) -> Result<Self> {
        if bytes.iter().all(|&byte| byte == 0) {
            return Err(DecodeError::NotCanonical { offset, what: "a column that says nothing" });
        }
        Ok(Self { rest: bytes, present: true, end: offset + bytes.len() })
    }

    pub(super) fn is_present(&self) -> bool {
        self.present
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Where in the frame the next number starts.
    pub(super) fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    /// A column of single bytes.
    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8> {
        match self.rest {
            [byte, rest @ ..] => {
                self.rest = rest;
                Ok(*byte)
            }
            [] if self.present => Err(self.too_short()),
            [] => Ok(0),
        }
    }

    #[inline]
    pub(super) fn uint(&mut self) -> Result<u64> {
        match self.rest {
            [byte @ 0..0x80, rest @ ..] => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_uint(),
        }
    }

    fn long_uint(&mut self) -> Result<u64> {
        let offset = self.offset();
        let mut number = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(DecodeError::Unexpected { offset, expected: "a number of 64 bits" });
            }
            number |= bits << shift;
            if byte < 0x80 {
                if byte == 0 && shift > 0 {
                    return Err(DecodeError::NotCanonical { offset, what: "a number" });
                }
                return Ok(number);
            }
            if shift == 63 {
                return Err(DecodeError::Unexpected { offset, expected: "a number of 64 bits" });
            }
            shift += 7;
        }
    }

    #[inline]
    pub(super) fn signed(&mut self) -> Result<i64> {
        let number = self.uint()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A count, by what it is more or less than the one that is expected.
    #[inline]
    pub(super) fn near(&mut self, expected: u64) -> Result<u64> {
        let offset = self.offset();
        let count = (expected as i64).checked_add(self.signed()?);
        match count.map(u64::try_from) {
            Some(Ok(count @ 0..=MAX_COUNT)) => Ok(count),
            Some(Err(_)) => {
                Err(DecodeError::Unexpected { offset, expected: "a count that is not below 0" })
            }
            _ => Err(DecodeError::Limit { offset, what: "operations", limit: MAX_COUNT }),
        }
    }

    /// That many bytes.
    pub(super) fn take(&mut self, len: u64) -> Result<&'a [u8]> {
        match usize::try_from(len).ok().and_then(|len| self.rest.split_at_checked(len)) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.too_short()),
        }
    }

    fn too_short(&self) -> DecodeError {
        DecodeError::Unexpected { offset: self.end, expected: "a longer column" }
    }

    /// How many bytes are left.
    pub(super) fn len(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Asserts that nothing is left.
    pub(super) fn end(&self) -> Result<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        let expected = "a column that ends with the last change";
        Err(DecodeError::Unexpected { offset: self.offset(), expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(numbers: &[u64]) -> Vec<u8> {
        let mut bytes = Vec::new();
        numbers.iter().for_each(|&number| write(number, &mut bytes));
        bytes
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let numbers = [1, 0, 127, 128, 16383, 16384, u64::MAX - 1, u64::MAX];
        let bytes = written(&numbers);
        let mut column = Column::new(&bytes, 0).expect("it is not all zeros");
        for number in numbers {
            assert_eq!(column.uint(), Ok(number));
        }
        assert_eq!(column.end(), Ok(()));
        for number in [0, 1, -1, i64::MAX, i64::MIN] {
            let mut bytes = vec![1];
            write_signed(number, &mut bytes);
            let mut column = Column::new(&bytes, 0).expect("it is not all zeros");
            assert_eq!((column.byte(), column.signed()), (Ok(1), Ok(number)));
        }
    }

    #[test]
    fn a_number_has_one_form() {
        for long in [&[0x80, 0x00][..], &[0x81, 0x80, 0x00]] {
            let error = Column::new(long, 7).and_then(|mut column| column.uint());
            assert_eq!(error, Err(DecodeError::NotCanonical { offset: 7, what: "a number" }));
        }
        let mut beyond = vec![0xff; 9];
        for last in [&[0x02][..], &[0x80, 0x00], &[0x81, 0x01]] {
            beyond.truncate(9);
            beyond.extend(last);
            let number = Column::new(&beyond, 0).and_then(|mut column| column.uint());
            assert!(matches!(number, Err(DecodeError::Unexpected { offset: 0, .. })), "{last:x?}");
        }
    }

    #[test]
    fn an_absent_column_is_all_zeros_and_a_present_one_is_not() {
        assert_eq!(Column::default().uint(), Ok(0));
        for blank in [&[][..], &[0], &[0, 0]] {
            assert!(matches!(Column::new(blank, 3), Err(DecodeError::NotCanonical { .. })));
        }
        let mut column = Column::new(&[1], 3).expect("it is not all zeros");
        assert_eq!(column.uint(), Ok(1));
        assert!(matches!(column.uint(), Err(DecodeError::Unexpected { offset: 4, .. })));
    }

    #[test]
    fn counts_stay_within_the_limit() {
        let near = |expected, number| {
            let mut bytes = Vec::new();
            write_signed(number, &mut bytes);
            bytes.push(1);
            Column::new(&bytes, 0).and_then(|mut column| column.near(expected))
        };
        assert_eq!(near(5, -5), Ok(0));
        assert_eq!(near(0, MAX_COUNT as i64), Ok(MAX_COUNT));
        assert!(matches!(near(5, -6), Err(DecodeError::Unexpected { .. })));
        assert!(matches!(near(1, MAX_COUNT as i64), Err(DecodeError::Limit { .. })));
        assert!(matches!(near(MAX_COUNT, i64::MAX), Err(DecodeError::Limit { .. })));
    }
}
