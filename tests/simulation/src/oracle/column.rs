//! Columns of numbers, as they are written in LEB128.

/// What is left of a column. One that is absent is all zeros.
pub(super) struct Column<'f>(Option<&'f [u8]>);

impl<'f> Column<'f> {
    /// One that is absent, or has these bytes.
    pub(super) fn new(bytes: Option<&'f [u8]>) -> Result<Self, String> {
        if bytes.is_some_and(|bytes| bytes.iter().all(|&byte| byte == 0)) {
            return Err("a column that is there says something".to_owned());
        }
        Ok(Self(bytes))
    }

    /// Whether nothing is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_none_or(<[u8]>::is_empty)
    }

    /// Whether the column is there at all.
    pub(super) fn is_there(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn byte(&mut self) -> Result<u8, String> {
        let Some(bytes) = &mut self.0 else { return Ok(0) };
        let (&byte, rest) = bytes.split_first().ok_or("a column is too short")?;
        *bytes = rest;
        Ok(byte)
    }

    pub(super) fn number(&mut self) -> Result<u64, String> {
        let mut number = 0_u128;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            number |= u128::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                if shift > 0 && byte == 0 {
                    return Err("a number has a byte too much".to_owned());
                }
                return u64::try_from(number).map_err(|_| format!("{number} has over 64 bits"));
            }
        }
        Err("a number is too long".to_owned())
    }

    /// From -2⁶³ to 2⁶³ - 1.
    pub(super) fn signed(&mut self) -> Result<i64, String> {
        let number = self.number()?;
        let half = (number / 2) as i64;
        Ok(if number % 2 == 0 { half } else { -1 - half })
    }

    /// A count that is written as its difference to another.
    pub(super) fn difference(&mut self, to: u64) -> Result<u64, String> {
        let difference = self.signed()?;
        let count = to.checked_add_signed(difference).filter(|&count| count <= 1 << 53);
        count.ok_or_else(|| format!("{difference} from {to} is no count"))
    }

    /// Its length, and UTF-8.
    pub(super) fn text(&mut self) -> Result<String, String> {
        let len = self.number()?;
        let bytes: Vec<u8> = (0..len).map(|_| self.byte()).collect::<Result<_, _>>()?;
        String::from_utf8(bytes).map_err(|error| error.to_string())
    }
}

/// A column in which the same number several times is written once.
pub(super) struct Runs<'f> {
    column: Column<'f>,
    number: u64,
    /// How many more there are of the number.
    left: u64,
    has_begun: bool,
}

impl<'f> Runs<'f> {
    pub(super) fn new(column: Column<'f>) -> Self {
        Self { column, number: 0, left: 0, has_begun: false }
    }

    pub(super) fn next(&mut self) -> Result<u64, String> {
        if !self.column.is_there() {
            return Ok(0);
        }
        if self.left == 0 {
            let head = self.column.number()?;
            if self.has_begun && head / 2 == self.number {
                return Err(format!("two runs of {} are one", self.number));
            }
            self.has_begun = true;
            self.number = head / 2;
            self.left = if head % 2 == 0 { 1 } else { self.column.number()?.saturating_add(2) };
        }
        self.left -= 1;
        Ok(self.number)
    }

    /// Whether nothing is left.
    pub(super) fn is_at_end(&self) -> bool {
        self.column.is_at_end() && self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_documented() {
        let bytes = [0, 0x7f, 0x80, 1, 1, 2, 0x80, 0];
        let mut column = Column::new(Some(&bytes)).unwrap();
        assert_eq!([(); 3].map(|()| column.number().unwrap()), [0, 127, 128]);
        assert_eq!([(); 2].map(|()| column.signed().unwrap()), [-1, 1]);
        assert!(column.number().is_err(), "a byte too much");
        assert!(column.is_at_end() && column.byte().is_err());
        assert!(Column::new(Some(&[0, 0])).is_err());
        assert_eq!(Column::new(None).unwrap().number(), Ok(0));
    }

    #[test]
    fn runs_are_as_documented() {
        let bytes = [3, 0, 0, 3, 1];
        let mut runs = Runs::new(Column::new(Some(&bytes)).unwrap());
        assert_eq!([(); 6].map(|()| runs.next().unwrap()), [1, 1, 0, 1, 1, 1]);
        assert!(runs.is_at_end());
    }
}
