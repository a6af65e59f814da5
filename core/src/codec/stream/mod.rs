//! Streams: what is sent as it is made, over a connection that keeps the order.
//!
//! Both ends keep a [`dictionary`] of what was spelled out before and of what is expected next, so
//! that a frame says what differs from that alone. A compact frame is `[5, bytes]`: the content,
//! and a checksum of the contents of all frames of the stream so far.
//!
//! - [`head`]: the bits at the front of each entry.
//! - [`mod@write`]: entries, each an operation (or a [`part`] of one) that is a change of its own;
//!   with [`write_edit`], what it does, and [`write_names`], what it names.
//! - [`mod@read`], [`read_edit`], [`read_names`]: back, from the bytes of [`entries`].
//! - [`lists`]: what changes depend on, where it is much.
//! - `varint`: numbers.

mod dictionary;
mod entries;
mod head;
mod lists;
mod part;
mod read;
mod read_edit;
mod read_names;
mod varint;
mod write;
mod write_edit;
mod write_names;

pub(crate) use entries::Entries;
pub(crate) use read::{Decoder, Edit, Entry};
pub(crate) use write::Encoder;

use crate::error::DecodeError;

use super::frame::{Frame, Lineage};

/// How many bytes of a frame's content are its checksum.
const CHECKSUM: usize = 4;

/// The checksum of a stream of which nothing was sent yet.
fn first_checksum(lineage: &Lineage) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(lineage.document.as_bytes());
    hasher.update(&lineage.epoch.to_be_bytes());
    hasher.finalize()
}

/// The checksum behind more bytes.
fn next_checksum(checksum: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(checksum);
    hasher.update(bytes);
    hasher.finalize()
}

/// The checksum behind a frame of another kind, of which its own checksum stands for the whole.
fn checksum_behind(checksum: u32, frame: &[u8]) -> u32 {
    next_checksum(checksum, &frame[frame.len().saturating_sub(CHECKSUM)..])
}

/// The content of a frame that [is compact](is_compact), and its checksum.
fn unframe(bytes: &[u8]) -> Result<(Content<'_>, u32), DecodeError> {
    let content = match *bytes {
        // Most are short.
        [_, _, len @ 0x40..0x58, ref content @ ..] if content.len() == usize::from(len - 0x40) => {
            content
        }
        [_, _, 0x58, len @ 24..=u8::MAX, ref content @ ..] if content.len() == usize::from(len) => {
            content
        }
        _ => {
            let mut reader = super::reader::Reader::new(bytes);
            reader.array_of(2, "a compact frame: an array of 2 items")?;
            reader.uint()?;
            let content = reader.bytes()?;
            reader.end()?;
            content
        }
    };
    let start = bytes.len() - content.len();
    let Some((content, checksum)) = content.split_last_chunk::<CHECKSUM>() else {
        return Err(DecodeError::Truncated { offset: bytes.len() });
    };
    let end = start + content.len();
    Ok((Content { bytes: &bytes[..end], start }, u32::from_be_bytes(*checksum)))
}

/// Whether bytes are a compact frame, if they are a frame.
pub(crate) fn is_compact(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x82, Frame::Compact as u8])
}

/// A frame up to the end of its content.
#[derive(Clone, Copy)]
struct Content<'a> {
    bytes: &'a [u8],
    /// Where the content starts.
    start: usize,
}
