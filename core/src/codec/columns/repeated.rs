//! A column of numbers that often repeat: runs of one number.
//!
//! A run is twice its number, and 1 more if it is longer than one; then its length less 2 follows.

use crate::codec::varint::{self, Column};
use crate::error::DecodeError;

/// A column in the making.
#[derive(Default)]
pub(super) struct RepeatedWriter {
    bytes: Vec<u8>,
    number: u64,
    len: u64,
}

impl RepeatedWriter {
    pub(super) fn push(&mut self, number: u64) {
        if number != self.number {
            self.end_run();
            (self.number, self.len) = (number, 0);
        }
        self.len += 1;
    }

    fn end_run(&mut self) {
        if self.len > 0 {
            varint::write(2 * self.number + u64::from(self.len > 1), &mut self.bytes);
        }
        if self.len > 1 {
            varint::write(self.len - 2, &mut self.bytes);
        }
    }

    /// Ends the column, and gives it; empty if it is all zeros.
    pub(super) fn end(&mut self) -> &[u8] {
        if self.number > 0 || !self.bytes.is_empty() {
            self.end_run();
            self.len = 0;
        }
        &self.bytes
    }

    /// Forgets everything, but keeps the room that it took.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        (self.number, self.len) = (0, 0);
    }
}

/// A column that is read.
#[derive(Clone, Copy, Default)]
pub(super) struct Repeated<'a> {
    column: Column<'a>,
    number: u64,
    /// How often the number is there yet.
    left: u64,
    started: bool,
    all_zeros: bool,
}

impl<'a> Repeated<'a> {
    pub(super) fn new(column: Column<'a>) -> Self {
        Self { column, all_zeros: column.is_present(), ..Self::default() }
    }

    pub(super) fn offset(&self) -> usize {
        self.column.offset()
    }

    /// The next number, and whether it starts a run.
    #[inline]
    pub(super) fn next(&mut self) -> Result<(u64, bool), DecodeError> {
        let starts = self.left == 0;
        if starts {
            self.start_run()?;
        }
        self.left -= 1;
        Ok((self.number, starts))
    }

    fn start_run(&mut self) -> Result<(), DecodeError> {
        let offset = self.column.offset();
        let run = self.column.uint()?;
        let number = run / 2;
        self.left = match run % 2 {
            // An absent column is one run.
            0 if !self.column.is_present() => u64::MAX,
            0 => 1,
            _ => self.column.uint()?.saturating_add(2),
        };
        if self.started && number == self.number {
            return Err(DecodeError::NotCanonical { offset, what: "a run in two parts" });
        }
        self.all_zeros &= number == 0;
        (self.number, self.started) = (number, true);
        Ok(())
    }

    /// Asserts that nothing is left, and that there is something to say.
    pub(super) fn end(&self) -> Result<(), DecodeError> {
        self.column.end()?;
        let offset = self.column.offset();
        if !self.column.is_present() {
            return Ok(());
        }
        if self.left > 0 {
            let expected = "a run that ends with the last change";
            return Err(DecodeError::Unexpected { offset, expected });
        }
        if self.all_zeros {
            return Err(DecodeError::NotCanonical { offset, what: "a column that says nothing" });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], len: usize) -> Result<Vec<u64>, DecodeError> {
        let column = if bytes.is_empty() { Column::default() } else { Column::new(bytes, 0)? };
        let mut repeated = Repeated::new(column);
        let numbers: Vec<u64> = (0..len)
            .map(|_| repeated.next().map(|(number, _)| number))
            .collect::<Result<_, _>>()?;
        repeated.end().map(|()| numbers)
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (numbers, len) in [
            (&[][..], 0),
            (&[0, 0, 0], 0),
            (&[3], 1),
            (&[3, 3], 2),
            (&[0, 1], 2),
            (&[1, 2, 1, 2], 4),
            (&[0, 0, 0, 200, 0], 5),
        ] {
            let mut writer = RepeatedWriter::default();
            numbers.iter().for_each(|&number| writer.push(number));
            let bytes = writer.end().to_vec();
            assert_eq!(bytes.len(), len, "{numbers:?}");
            assert_eq!(read(&bytes, numbers.len()), Ok(numbers.to_vec()));
        }
    }

    #[test]
    fn a_column_has_one_form() {
        let refused = |bytes: &[u8], len| read(bytes, len).expect_err("it is refused");
        assert!(matches!(refused(&[2, 2], 2), DecodeError::NotCanonical { .. }), "two parts");
        assert!(matches!(refused(&[1, 1], 3), DecodeError::NotCanonical { .. }), "all zeros");
        assert!(matches!(refused(&[3, 1], 2), DecodeError::Unexpected { .. }), "too long a run");
        assert!(matches!(refused(&[2, 4], 1), DecodeError::Unexpected { .. }), "too long");
        assert!(matches!(refused(&[2], 2), DecodeError::Unexpected { .. }), "too short");
    }
}
