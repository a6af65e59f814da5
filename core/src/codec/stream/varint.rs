//! Numbers as columns have them, one by one: LEB128, and zigzag for those with a sign.

use crate::error::DecodeError;
pub(super) use crate::varint::{fold, unfold, write, write_signed};

/// Reads the number at the start of the bytes, and how many of them it takes.
pub(super) fn read(bytes: &[u8], offset: usize) -> Result<(u64, usize), DecodeError> {
    let mut value = 0;
    for (nth, &byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * nth);
        if byte > 0x7f {
            continue;
        }
        if nth == 9 && byte > 1 {
            return Err(DecodeError::Limit { offset, what: "(a number)", limit: u64::MAX });
        }
        if nth > 0 && byte == 0 {
            return Err(DecodeError::NotCanonical { offset, what: "a number" });
        }
        return Ok((value, nth + 1));
    }
    if bytes.len() >= 10 {
        return Err(DecodeError::Limit { offset, what: "(a number)", limit: u64::MAX });
    }
    Err(DecodeError::Truncated { offset: offset + bytes.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_written() {
        for shift in 0..64 {
            for value in [1_u64 << shift, (1 << shift) - 1, u64::MAX >> shift] {
                let mut bytes = Vec::new();
                write(value, &mut bytes);
                assert_eq!(read(&bytes, 0), Ok((value, bytes.len())));
                for len in 0..bytes.len() {
                    assert_eq!(
                        read(&bytes[..len], 7),
                        Err(DecodeError::Truncated { offset: 7 + len })
                    );
                }
                assert_eq!(fold(unfold(value)), value);
                let mut signed = Vec::new();
                write_signed(unfold(value), &mut signed);
                assert_eq!(signed, bytes);
            }
        }
    }

    #[test]
    fn a_number_has_one_form() {
        assert!(matches!(read(&[0x80, 0], 0), Err(DecodeError::NotCanonical { .. })));
        assert!(matches!(read(&[0xff; 12], 0), Err(DecodeError::Limit { .. })));
        let mut great = [0xff; 10];
        great[9] = 2;
        assert!(matches!(read(&great, 0), Err(DecodeError::Limit { .. })));
    }
}
