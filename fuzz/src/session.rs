//! The input of a decoder's target: a byte that picks the replica, and then frames, one behind the
//! other. What is no item of CBOR is, up to the end, taken for one frame.

use crate::cbor::Item;

/// The document of all frames, the test vectors' too.
pub const DOCUMENT: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// The kinds of frames. The numbers are of the format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Kind {
    Changes = 1,
    Document = 2,
    Version = 3,
    Acknowledgement = 4,
    Presence = 6,
}

/// The version of the format, and the epoch, that all frames have.
const FORMAT: u64 = 1;
const EPOCH: u64 = 0;
/// Where a frame says its kind.
const KIND_AT: usize = 1;
/// Where a frame has the head of the document's identity, and the identity behind it.
const DOCUMENT_AT: usize = 3;
/// The checksum: a head and 4 bytes.
const CHECKSUM_LEN: usize = 5;

/// The frames of an input, without the byte that picks the replica.
pub fn frames(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let len = Item::read(bytes).map_or(bytes.len(), |(_, len)| len);
        let (frame, rest) = bytes.split_at(len);
        frames.push(frame);
        bytes = rest;
    }
    frames
}

/// The kind that a frame says.
pub fn kind(frame: &[u8]) -> Option<Kind> {
    [Kind::Changes, Kind::Document, Kind::Version, Kind::Acknowledgement, Kind::Presence]
        .into_iter()
        .find(|&kind| frame.get(KIND_AT) == Some(&(kind as u8)))
}

/// A frame around a body.
pub fn frame(kind: Kind, body: Item) -> Vec<u8> {
    let mut frame = Vec::new();
    let items = [kind as u64, FORMAT].map(Item::Unsigned).into_iter();
    let items = items.chain([Item::Bytes(DOCUMENT.to_vec()), Item::Unsigned(EPOCH), body]);
    Item::Array(items.chain([Item::Bytes(vec![0; CHECKSUM_LEN - 1])]).collect()).write(&mut frame);
    sealed(&frame, kind)
}

/// The frame with what stands in front of everything put right: the kind, the document, and the
/// checksum. Too short a frame stays as it is.
pub fn sealed(frame: &[u8], kind: Kind) -> Vec<u8> {
    let mut frame = frame.to_vec();
    let Some(covered) = frame.len().checked_sub(CHECKSUM_LEN) else { return frame };
    if covered > DOCUMENT_AT + DOCUMENT.len() {
        frame[KIND_AT] = kind as u8;
        frame[DOCUMENT_AT] = 0x50;
        frame[DOCUMENT_AT + 1..][..DOCUMENT.len()].copy_from_slice(&DOCUMENT);
    }
    let checksum = crc32fast::hash(&frame[..covered]);
    frame[covered] = 0x44;
    frame[covered + 1..].copy_from_slice(&checksum.to_be_bytes());
    frame
}
