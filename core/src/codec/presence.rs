//! What somebody says of themselves to those who are there: a frame of its own.

use std::collections::BTreeMap;

use crate::cursor::{Cursor, CursorRange, LineColumn};
use crate::error::DecodeError;
use crate::id::ReplicaId;
use crate::presence::{PresenceClock, PresenceState, Report};
use crate::value::Value;

use super::frame::{self, Frame, Lineage};
use super::reader::Reader;
use super::tables::{Names, Tables};
use super::writer::Writer;

/// The fields of the body; without a state, it is a goodbye.
mod field {
    pub(super) const AUTHOR: u64 = 4;
    pub(super) const CLOCK: u64 = 6;
    pub(super) const STATE: u64 = 8;
}

/// The fields of a state.
mod said {
    pub(super) const NAME: u64 = 0;
    pub(super) const CURSOR: u64 = 2;
    pub(super) const SELECTION: u64 = 4;
    pub(super) const AT: u64 = 6;
    pub(super) const FIELDS: u64 = 8;
}

pub(crate) fn encode(lineage: &Lineage, author: ReplicaId, report: &Report) -> Vec<u8> {
    let mut names = Names::default();
    let mut rest = Writer::default();
    rest.uint(field::AUTHOR);
    names.replica(author, &mut rest);
    rest.uint(field::CLOCK);
    rest.array(2);
    rest.uint(report.clock.session);
    rest.uint(report.clock.counter);
    if let Some(state) = &report.state {
        rest.uint(field::STATE);
        write_state(state, &mut rest);
    }
    let mut body = Writer::default();
    body.map(names.fields() + 2 + usize::from(report.state.is_some()));
    names.write(&mut body);
    body.items(&rest);
    frame::write(Frame::Presence, lineage, &[&body])
}

fn write_state(state: &PresenceState, writer: &mut Writer) {
    let PresenceState { name, cursor, selection, at, fields } = state;
    let present = [name.is_some(), cursor.is_some(), selection.is_some(), at.is_some()];
    let present = present.into_iter().chain([!fields.is_empty()]);
    writer.map(present.filter(|&is_there| is_there).count());
    if let Some(name) = name {
        writer.uint(said::NAME);
        writer.text(name);
    }
    if let Some(cursor) = cursor {
        writer.uint(said::CURSOR);
        writer.bytes(&cursor.to_bytes());
    }
    if let Some(selection) = selection {
        writer.uint(said::SELECTION);
        writer.bytes(&selection.to_bytes());
    }
    if let Some(at) = at {
        writer.uint(said::AT);
        writer.array(2);
        writer.uint(at.line);
        writer.uint(at.column);
    }
    if !fields.is_empty() {
        writer.uint(said::FIELDS);
        writer.array(2 * fields.len());
        for (key, value) in fields {
            writer.text(key);
            writer.value(value);
        }
    }
}

pub(crate) fn decode(bytes: &[u8]) -> Result<(Lineage, (ReplicaId, Report)), DecodeError> {
    frame::read(Frame::Presence, bytes, |reader| {
        let offset = reader.offset();
        let mut tables = Tables::default();
        let (mut author, mut clock, mut state) = (None, None, None);
        reader.fields(|field, reader| {
            match field {
                field::AUTHOR => author = Some(tables.replica(reader)?),
                field::CLOCK => clock = Some(read_clock(reader)?),
                field::STATE => state = Some(read_state(reader)?),
                _ => return tables.read_field(field, reader),
            }
            Ok(true)
        })?;
        tables.end(offset)?;
        let (Some(author), Some(clock)) = (author, clock) else {
            return Err(DecodeError::Unexpected { offset, expected: "a presence" });
        };
        Ok((author, Report { clock, state }))
    })
}

fn read_clock(reader: &mut Reader<'_>) -> Result<PresenceClock, DecodeError> {
    reader.array_of(2, "an array of a session and a counter")?;
    Ok(PresenceClock { session: reader.uint()?, counter: reader.uint()? })
}

fn read_state(reader: &mut Reader<'_>) -> Result<PresenceState, DecodeError> {
    let mut state = PresenceState::default();
    reader.fields(|field, reader| {
        match field {
            said::NAME => state.name = Some(reader.text()?.to_owned()),
            said::CURSOR => state.cursor = Some(within(reader, Cursor::from_bytes)?),
            said::SELECTION => state.selection = Some(within(reader, CursorRange::from_bytes)?),
            said::AT => {
                reader.array_of(2, "an array of a line and a column")?;
                state.at = Some(LineColumn::new(reader.uint()?, reader.uint()?));
            }
            said::FIELDS => state.fields = read_fields(reader)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(state)
}

/// What a byte string holds. An error in it is told by where the string is.
fn within<T>(
    reader: &mut Reader<'_>,
    read: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let offset = reader.offset();
    let expected = "the bytes of a cursor or a range";
    read(reader.bytes()?).map_err(|error| match error {
        DecodeError::UnsupportedVersion { .. } => error,
        _ => DecodeError::Unexpected { offset, expected },
    })
}

fn read_fields(reader: &mut Reader<'_>) -> Result<BTreeMap<String, Value>, DecodeError> {
    let offset = reader.offset();
    let len = reader.array()?;
    if len == 0 || len % 2 != 0 {
        let expected = "fields of 2 items, one at least";
        return Err(DecodeError::Unexpected { offset, expected });
    }
    let mut fields = BTreeMap::new();
    for _ in 0..len / 2 {
        let offset = reader.offset();
        let key = reader.text()?;
        if fields.last_key_value().is_some_and(|(last, _): (&String, _)| last.as_str() >= key) {
            return Err(DecodeError::NotCanonical { offset, what: "the order of fields" });
        }
        fields.insert(key.to_owned(), reader.value()?);
    }
    Ok(fields)
}
