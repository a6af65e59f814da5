//! What is said of changes: of those alone of which something is.

use crate::codec::varint::{self, Column};
use crate::commit::Commit;
use crate::error::DecodeError;

use super::said;

type Result<T> = std::result::Result<T, DecodeError>;

/// A column in the making.
#[derive(Default)]
pub(super) struct CommitsWriter {
    bytes: Vec<u8>,
    /// How many changes there were since the last one.
    skipped: u64,
    time: i64,
    origin: Option<String>,
}

impl CommitsWriter {
    /// What is said of the next change.
    pub(super) fn push(&mut self, commit: Option<&Commit>) {
        let Some(Commit { time, message, origin }) = commit else {
            self.skipped += 1;
            return;
        };
        varint::write(self.skipped, &mut self.bytes);
        self.skipped = 0;
        let same_origin = origin.is_some() && *origin == self.origin;
        let parts = [
            (said::TIME, time.is_some()),
            (said::MESSAGE, message.is_some()),
            (said::ORIGIN, origin.is_some() && !same_origin),
            (said::SAME_ORIGIN, same_origin),
        ];
        let said = parts.iter().filter(|(_, is_there)| *is_there).map(|(part, _)| part).sum();
        varint::write(said, &mut self.bytes);
        if let Some(time) = *time {
            varint::write_signed(time.wrapping_sub(self.time), &mut self.bytes);
            self.time = time;
        }
        if let Some(message) = message {
            self.text(message);
        }
        if let Some(origin) = origin.as_ref().filter(|_| !same_origin) {
            self.text(origin);
            self.origin = Some(origin.clone());
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn text(&mut self, text: &str) {
        varint::write(text.len() as u64, &mut self.bytes);
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

/// A column that is read.
#[derive(Clone, Copy, Default)]
pub(super) struct Commits<'a> {
    column: Column<'a>,
    /// After how many changes the next one comes.
    next: Option<u64>,
    time: i64,
    origin: Option<&'a str>,
}

impl<'a> Commits<'a> {
    pub(super) fn new(column: Column<'a>) -> Result<Self> {
        let mut commits = Self { column, ..Self::default() };
        commits.find_next()?;
        Ok(commits)
    }

    /// Reads after how many changes the next commit comes, if there is one.
    fn find_next(&mut self) -> Result<()> {
        self.next = if self.column.is_at_end() { None } else { Some(self.column.uint()?) };
        Ok(())
    }

    /// What is said of the next change.
    pub(super) fn read(&mut self) -> Result<Option<Commit>> {
        match &mut self.next {
            None => Ok(None),
            Some(0) => self.read_commit().map(Some),
            Some(after) => {
                *after -= 1;
                Ok(None)
            }
        }
    }

    fn read_commit(&mut self) -> Result<Commit> {
        let offset = self.column.offset();
        let said = self.column.uint()?;
        let misfit = DecodeError::Unexpected { offset, expected: "what is said of a change" };
        let says = |part| said & part != 0;
        let twice = says(said::ORIGIN) && says(said::SAME_ORIGIN);
        if twice || said >= 2 * said::SAME_ORIGIN {
            return Err(misfit);
        }
        let mut commit = Commit::new();
        if says(said::TIME) {
            self.time = self.time.wrapping_add(self.column.signed()?);
            commit.time = Some(self.time);
        }
        if says(said::MESSAGE) {
            commit.message = Some(self.text()?.to_owned());
        }
        if says(said::ORIGIN) {
            let origin = self.text()?;
            if self.origin == Some(origin) {
                return Err(DecodeError::NotCanonical { offset, what: "the same origin" });
            }
            self.origin = Some(origin);
        }
        if says(said::ORIGIN) || says(said::SAME_ORIGIN) {
            commit.origin = Some(self.origin.ok_or(misfit)?.to_owned());
        }
        if commit.is_empty() {
            return Err(DecodeError::NotCanonical { offset, what: "an empty commit" });
        }
        self.find_next()?;
        Ok(commit)
    }

    fn text(&mut self) -> Result<&'a str> {
        let len = self.column.uint()?;
        let offset = self.column.offset();
        let bytes = self.column.take(len)?;
        std::str::from_utf8(bytes).map_err(|error| DecodeError::Unexpected {
            offset: offset + error.valid_up_to(),
            expected: "UTF-8",
        })
    }

    /// Asserts that nothing is left.
    pub(super) fn end(&self) -> Result<()> {
        self.column.end()?;
        if self.next.is_some() {
            let offset = self.column.offset();
            return Err(DecodeError::Unexpected { offset, expected: "a commit of a change" });
        }
        Ok(())
    }
}
