//! The target for what saved documents have in byte strings: sequences, places, blocks of changes.
//! One of those in a sound document is replaced.

use crate::bases;
use crate::cbor::Item;
use crate::decoders::Receiver;
use crate::session::{self, Kind};

/// The item of a frame that is its body, and the fields of that which have byte strings.
const BODY: usize = 4;
const CONTAINERS: u64 = 20;
const RETAINED: u64 = 22;

/// The first byte picks the document, the second the byte string, for which the others stand.
///
/// # Panics
/// If something is wrong.
pub fn run(input: &[u8]) {
    let [pick, which, bytes @ ..] = input else { return };
    let mut document = document(*pick);
    let mut strings = strings_in(&mut document);
    let count = strings.len();
    if count == 0 {
        return;
    }
    *strings[usize::from(*which) % count] = bytes.to_vec();
    let mut written = Vec::new();
    document.write(&mut written);
    let frame = session::sealed(&written, Kind::Document);
    Receiver::new(*pick).receive(Kind::Document, &frame);
}

/// The byte strings that there are to be replaced in the document that a byte picks.
pub fn strings(pick: u8) -> Vec<Vec<u8>> {
    strings_in(&mut document(pick)).into_iter().map(|string| string.clone()).collect()
}

fn document(pick: u8) -> Item {
    let saved = bases::replica(pick).save();
    let (document, _) = Item::read(&saved).expect("a saved document is CBOR");
    document
}

fn strings_in(document: &mut Item) -> Vec<&mut Vec<u8>> {
    let Item::Array(items) = document else { return Vec::new() };
    let Some(Item::Map(fields)) = items.get_mut(BODY) else { return Vec::new() };
    let mut strings = Vec::new();
    for field in fields.chunks_mut(2) {
        if let [Item::Unsigned(CONTAINERS | RETAINED), item] = field {
            collect(item, &mut strings);
        }
    }
    strings
}

fn collect<'i>(item: &'i mut Item, strings: &mut Vec<&'i mut Vec<u8>>) {
    match item {
        Item::Bytes(bytes) => strings.push(bytes),
        Item::Array(items) | Item::Map(items) => {
            items.iter_mut().for_each(|item| collect(item, strings));
        }
        _ => {}
    }
}
