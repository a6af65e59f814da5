//! The target for compressed bodies: they are taken and refused as they are without compression.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::cbor::Item;
use crate::decoders::Receiver;
use crate::session::{self, Kind};

/// How many times its compressed length a body may have. The number is of the format.
const MAX_RATIO: usize = 256;
/// The item of a frame that is its body.
const BODY: usize = 4;

/// The bytes behind the first are tried as a compressed body, and as a [session], each frame of which
/// is handed over with its body compressed, too.
///
/// # Panics
/// If something is wrong.
pub fn run(input: &[u8]) {
    let Some((&pick, bytes)) = input.split_first() else { return };
    for kind in [Kind::Changes, Kind::Document] {
        let frame = session::frame(kind, Item::Bytes(bytes.to_vec()));
        Receiver::new(pick).receive(kind, &frame);
    }
    let (mut plain, mut compressed) = (Receiver::new(pick), Receiver::new(pick));
    for frame in session::frames(bytes) {
        let kind = session::kind(frame);
        let Some(kind) = kind.filter(|kind| matches!(kind, Kind::Changes | Kind::Document)) else {
            continue;
        };
        let frame = session::sealed(frame, kind);
        let Some(small) = body(&frame) else { continue };
        let small = session::frame(kind, Item::Bytes(small));
        let taken = plain.receive(kind, &frame);
        assert_eq!(compressed.receive(kind, &small), taken, "compression makes a difference");
        assert_eq!(compressed.replica().save(), plain.replica().save());
    }
}

/// The body of a frame, compressed; `None` if it has none that may be.
pub fn body(frame: &[u8]) -> Option<Vec<u8>> {
    let (item, _) = Item::read(frame)?;
    let mut rewritten = Vec::new();
    item.write(&mut rewritten);
    // Heads that are not in their shortest form would get it on the way.
    if rewritten != frame {
        return None;
    }
    let Item::Array(items) = item else { return None };
    let body = items.get(BODY).filter(|body| matches!(body, Item::Map(_)))?;
    let mut written = Vec::new();
    body.write(&mut written);
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&written).ok()?;
    let compressed = encoder.finish().ok()?;
    (written.len() <= MAX_RATIO * compressed.len()).then_some(compressed)
}
