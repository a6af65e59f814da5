//! Positions as lines and columns, for people.

use crate::cursor::{CursorError, LineColumn};
use crate::path::ToPath;
use crate::value::{Kind, Unit};

use super::Replica;

/// How much a character takes.
fn width(character: char, unit: Unit) -> usize {
    match unit {
        Unit::Scalar => 1,
        Unit::Utf8 => character.len_utf8(),
        Unit::Utf16 => character.len_utf16(),
    }
}

impl Replica {
    /// The line and the column of a position in the text at a path. Both start at 1; the column is
    /// counted in the unit, too. A line ends with a line feed (U+000A), whatever is before that.
    ///
    /// O(n) in what is before the position.
    ///
    /// ```
    /// use libsync::{DocumentId, LineColumn, Replica, ReplicaId, Unit};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// replica.insert_text("notes", Unit::Scalar, 0, "milk\neggs")?;
    /// let at = replica.line_column("notes", Unit::Scalar, 7)?;
    /// assert_eq!(at.to_string(), "line 2, column 3");
    /// assert_eq!(replica.position("notes", Unit::Scalar, at)?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CursorError::Read`], if no text is there; [`CursorError::OutOfBounds`],
    /// [`CursorError::SplitsCharacter`].
    pub fn line_column(
        &self,
        path: impl ToPath,
        unit: Unit,
        position: usize,
    ) -> Result<LineColumn, CursorError> {
        let id = self.find(&path.to_path()?, &[Kind::Text])?;
        let text = self.state.text(&id);
        let len = text.map_or(0, |text| text.len(unit));
        if position > len {
            return Err(CursorError::OutOfBounds { position, len, unit });
        }
        let mut at = LineColumn::new(1, 1);
        let mut left = position;
        for character in text.into_iter().flat_map(|text| text.pieces()).flat_map(str::chars) {
            if left == 0 {
                break;
            }
            let width = width(character, unit);
            left =
                left.checked_sub(width).ok_or(CursorError::SplitsCharacter { position, unit })?;
            at = match character {
                '\n' => LineColumn::new(at.line + 1, 1),
                _ => LineColumn::new(at.line, at.column + width as u64),
            };
        }
        Ok(at)
    }

    /// The position of a line and a column in the text at a path, as
    /// [`line_column`](Self::line_column) counts. What is beyond the end of a line is its end, and
    /// what is beyond the last line the end of the text; 0 is taken for 1; and what is within a
    /// character is in front of it. So what somebody else said of an older text leads somewhere
    /// near.
    ///
    /// O(n) in what is before the position.
    ///
    /// # Errors
    /// [`CursorError::Read`], if no text is there.
    pub fn position(
        &self,
        path: impl ToPath,
        unit: Unit,
        at: LineColumn,
    ) -> Result<usize, CursorError> {
        let id = self.find(&path.to_path()?, &[Kind::Text])?;
        let text = self.state.text(&id).into_iter();
        let (mut lines, mut columns) = (at.line.saturating_sub(1), at.column.saturating_sub(1));
        let mut position = 0;
        for character in text.flat_map(|text| text.pieces()).flat_map(str::chars) {
            let width = width(character, unit);
            if lines > 0 {
                lines -= u64::from(character == '\n');
            } else if character == '\n' || columns < width as u64 {
                break;
            } else {
                columns -= width as u64;
            }
            position += width;
        }
        Ok(position)
    }
}
