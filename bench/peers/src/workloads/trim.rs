//! A million characters in, all but a thousand out, then what can be dropped is.

use ropey::Rope;

use crate::cell::Measured;
use crate::engine::{State, Text};
use crate::measure::{HeapMeter, heap_of};
use crate::random::Random;
use crate::trace::Edit;

use super::AUTHOR;

const CHARACTERS: usize = 1_000_000;
const KEPT: usize = 1_000;
/// Characters that are inserted at once, at a random place.
const PIECE: usize = 50;
/// Characters that are deleted at once, at a random place.
const CUT: usize = 50;

/// The edits, and the text that they lead to.
fn program() -> (Vec<Edit>, String) {
    let mut random = Random::new(1_000);
    let mut rope = Rope::new();
    let mut edits = Vec::new();
    for _ in 0..CHARACTERS / PIECE {
        let position = random.below(rope.len_chars() + 1);
        let inserted: String = (0..PIECE).map(|_| random.typed()).collect();
        rope.insert(position, &inserted);
        edits.push(Edit { position, deleted: 0, inserted });
    }
    while rope.len_chars() > KEPT {
        let deleted = CUT.min(rope.len_chars() - KEPT);
        let position = random.below(rope.len_chars() - deleted + 1);
        rope.remove(position..position + deleted);
        edits.push(Edit { position, deleted, inserted: String::new() });
    }
    (edits, rope.to_string())
}

/// The heap and the bytes that are left.
pub(super) fn trim<D: State>(meter: HeapMeter) -> Measured {
    let (edits, expected) = program();
    let (mut document, heap) = heap_of(meter, || {
        let mut document = D::new(AUTHOR);
        edits.iter().for_each(|edit| document.edit(edit));
        document.settle();
        document.trimmed()
    });
    let ok = document.text() == expected;
    let bytes = Some(document.save_state_compressed().len() as f64);
    Measured { bytes, heap: Some(heap), operations: edits.len(), ok, ..Measured::default() }
}

/// The same with all that the engine keeps.
pub(super) fn untrimmed<D: Text>(meter: HeapMeter) -> Measured {
    let (edits, expected) = program();
    let (mut document, heap) = heap_of(meter, || {
        let mut document = D::new(AUTHOR);
        edits.iter().for_each(|edit| document.edit(edit));
        document
    });
    let ok = document.text() == expected;
    let bytes = Some(document.save_compressed().len() as f64);
    Measured { bytes, heap: Some(heap), operations: edits.len(), ok, ..Measured::default() }
}
