//! Frames that are wrong whatever is in them: the frame itself, its kind, items of CBOR.

use super::peers::{edited, everything, replica};
use super::{A, frame, framed, making};
use crate::cbor::{Item, array, encoded, ids, map, raw, seal, text, uint};
use crate::columns::columns;
use crate::receive::DOCUMENT;
use crate::vector::{Kind, Vector};

pub fn vectors() -> Vec<Vector> {
    let mut vectors = frames();
    vectors.extend(kinds());
    vectors.extend(items());
    vectors
}

fn valid() -> Vec<u8> {
    let mut a = replica(A);
    a.set("k", 1).expect("a key of the root");
    everything(&mut a)
}

fn fails(name: &str, about: &str, frame: Vec<u8>, error: &str) -> Vector {
    making(name, about, Kind::Changes, frame).fails(error)
}

/// A frame of six items, or of others, that is sealed.
fn sealed(head: u8, items: &[Item]) -> Vec<u8> {
    let mut bytes = vec![head];
    bytes.extend(encoded(items));
    seal(bytes)
}

fn frames() -> Vec<Vector> {
    let frame = valid();
    let len = frame.len();
    let damaged = |at: usize| {
        let mut damaged = frame.clone();
        damaged[at] ^= 0x10;
        damaged
    };
    let longer = |more: &[u8]| [&*frame, more].concat();
    let document = |bytes: &[u8]| Item::Bytes(bytes.to_vec());
    let id = document(DOCUMENT.as_bytes());
    let wide_kind = [raw(&[0x18, 0x01]), uint(1), id.clone(), uint(0), map([])];
    let short_id = [uint(1), uint(1), document(&[0; 15]), uint(0), map([])];
    let five = [uint(1), uint(1), id.clone(), uint(0)];
    let other = edited(
        &mut libsync::Replica::new(
            libsync::DocumentId::from_bytes([0xee; 16]),
            libsync::ReplicaId::new(A),
        ),
        |other| other.set("k", 1).expect("a key of the root"),
    );
    vec![
        fails("no-bytes", "Nothing.", Vec::new(), "Truncated"),
        fails("cut-short", "Not even a checksum fits in.", frame[..4].to_vec(), "Truncated"),
        fails("last-byte-missing", "Cut by one byte.", frame[..len - 1].to_vec(), "Checksum"),
        fails("half", "Cut in the middle.", frame[..len / 2].to_vec(), "Checksum"),
        fails("flipped-bit", "A bit of the body is flipped.", damaged(len - 10), "Checksum"),
        fails("flipped-document", "A bit of the document id is flipped.", damaged(5), "Checksum"),
        fails(
            "flipped-checksum",
            "A bit of the checksum is flipped.",
            damaged(len - 1),
            "Checksum",
        ),
        fails("byte-behind", "A byte follows the frame.", longer(&[0]), "Checksum"),
        fails("frame-behind", "A frame follows the frame.", longer(&frame), "Checksum"),
        fails(
            "sealed-byte-behind",
            "The frame ends before the last checksum, which is right.",
            seal(frame.clone()),
            "TrailingBytes",
        ),
        fails("not-an-array", "A map instead of a frame.", seal(vec![0xa0]), "Unexpected"),
        fails("five-items", "An array of five items.", sealed(0x85, &five), "Unexpected"),
        fails(
            "wide-head",
            "The kind is not in its shortest form.",
            sealed(0x86, &wide_kind),
            "NotCanonical",
        ),
        fails(
            "short-document",
            "A document id of 15 bytes.",
            sealed(0x86, &short_id),
            "Unexpected",
        ),
        fails("format-0", "Of no format.", framed(1, 0, 0, map([])), "UnsupportedVersion"),
        fails("format-2", "Of a later format.", framed(1, 2, 0, map([])), "UnsupportedVersion"),
        fails("other-document", "Of another document.", other, "OtherDocument"),
        fails(
            "other-epoch",
            "Of another epoch of the document.",
            framed(1, 1, 1, map([])),
            "OtherEpoch",
        ),
    ]
}

fn kinds() -> Vec<Vector> {
    let all = [Kind::Changes, Kind::Document, Kind::Version, Kind::Acknowledgement];
    let mut a = replica(A);
    let frames = [everything(&mut a), a.save(), a.encode_version(), a.acknowledge()];
    let mut vectors = Vec::new();
    for taken_as in all {
        for (kind, bytes) in all.into_iter().zip(&frames) {
            if kind != taken_as {
                let name = format!("{}-as-{}", kind.name(), taken_as.name());
                let about = "A frame of another kind than the call takes.";
                vectors.push(making(&name, about, taken_as, bytes.clone()).fails("WrongFrame"));
            }
        }
        let (name, about) =
            (format!("kind-9-as-{}", taken_as.name()), "Of no kind of this format.");
        vectors.push(making(&name, about, taken_as, framed(9, 1, 0, map([]))).fails("WrongFrame"));
    }
    vectors
}

/// A body of one change, which assigns `value` to a key of the root.
fn assigning(value: Item) -> Item {
    let assignment = array([uint(5), uint(0), text("k"), value]);
    let change = array([uint(0), uint(0), uint(0), array([]), assignment]);
    map([(0, ids(&[A])), (4, columns([change]))])
}

fn items() -> Vec<Vector> {
    let value = |name: &str, about: &str, value: &[u8], error: &str| {
        fails(name, about, frame(Kind::Changes, assigning(raw(value))), error)
    };
    let body = |name: &str, about: &str, body: &[u8], error: &str| {
        fails(name, about, frame(Kind::Changes, raw(body)), error)
    };
    vec![
        value("wide-integer", "1 in two bytes.", &[0x18, 0x01], "NotCanonical"),
        value(
            "wide-integer-8",
            "256 in nine bytes.",
            &[0x1b, 0, 0, 0, 0, 0, 0, 1, 0],
            "NotCanonical",
        ),
        value("wide-negative", "-1 in two bytes.", &[0x38, 0x00], "NotCanonical"),
        value(
            "wide-text",
            "A text with a head that is too long.",
            &[0x78, 0x01, 0x61],
            "NotCanonical",
        ),
        value("wide-constant", "True in two bytes.", &[0xf8, 0x15], "NotCanonical"),
        value("wide-float-32", "1.5 in 32 bits.", &[0xfa, 0x3f, 0xc0, 0, 0], "NotCanonical"),
        value(
            "wide-float-64",
            "1.5 in 64 bits.",
            &[0xfb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0],
            "NotCanonical",
        ),
        value(
            "wide-infinity",
            "The infinity in 32 bits.",
            &[0xfa, 0x7f, 0x80, 0, 0],
            "NotCanonical",
        ),
        value("wide-nan", "NaN in 64 bits.", &[0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], "NotCanonical"),
        value("other-nan", "A NaN with a payload.", &[0xf9, 0x7e, 0x01], "NotCanonical"),
        value("negative-nan", "A NaN with a sign.", &[0xf9, 0xfe, 0x00], "NotCanonical"),
        value("signalling-nan", "A NaN that signals.", &[0xf9, 0x7d, 0x00], "NotCanonical"),
        value("great-integer", "2^63.", &[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0], "Limit"),
        value("small-integer", "-2^63 - 1.", &[0x3b, 0x80, 0, 0, 0, 0, 0, 0, 0], "Limit"),
        value("undefined", "CBOR's undefined.", &[0xf7], "Unexpected"),
        value("simple-value", "A simple value without a meaning.", &[0xe0], "Unexpected"),
        value("tagged", "A value with a tag.", &[0xc0, 0x61, 0x61], "Unexpected"),
        value("map-value", "A map for a value.", &[0xa0], "Unexpected"),
        value("no-utf-8", "A surrogate in a text.", &[0x63, 0xed, 0xa0, 0x80], "Unexpected"),
        value("cut-utf-8", "A character that is cut short.", &[0x62, 0xf0, 0x9f], "Unexpected"),
        value(
            "long-text",
            "A text longer than the frame.",
            &[0x7a, 0xff, 0xff, 0xff, 0xff],
            "Truncated",
        ),
        value("reserved-head", "A head that CBOR reserves.", &[0x1c], "Unexpected"),
        value(
            "text-in-parts",
            "A text of indefinite length.",
            &[0x7f, 0x61, 0x61, 0xff],
            "Unexpected",
        ),
        value("break", "A break outside of anything.", &[0xff], "Unexpected"),
        body("body-in-parts", "A map of indefinite length.", &[0xbf, 0xff], "Unexpected"),
        body("body-array", "An array for a body.", &[0x80], "Unexpected"),
        body(
            "long-map",
            "A map with more fields than bytes.",
            &[0xba, 0xff, 0xff, 0xff, 0xff],
            "Truncated",
        ),
        body(
            "long-list",
            "A list with more items than bytes.",
            &[0xa1, 0x04, 0xba, 0xff, 0xff, 0xff, 0xff],
            "Truncated",
        ),
    ]
}
