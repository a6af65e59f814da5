//! A map that four replicas write to in turns.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::cell::Measured;
use crate::engine::Map;
use crate::measure::median;
use crate::random::Random;

use super::READER;

const SETS: usize = 100_000;
const KEYS: usize = 1_000;
const WRITERS: usize = 4;

/// The program: who sets which key to which value.
fn program() -> Vec<(usize, String, i64)> {
    let mut random = Random::new(4);
    let set = |i| (random.below(WRITERS), format!("key{}", random.below(KEYS)), i);
    (0..SETS as i64).map(set).collect()
}

/// What the map has at the end of the program.
fn expected(program: &[(usize, String, i64)]) -> BTreeMap<String, i64> {
    program.iter().map(|(_, key, value)| (key.clone(), *value)).collect()
}

/// Runs the program: each set is made by its writer, encoded, and applied by all others before the
/// next one. Gives the bytes of all updates.
fn run<D: Map>(writers: &mut [D], program: &[(usize, String, i64)]) -> usize {
    let mut sent = 0;
    for (writer, key, value) in program {
        let update = writers[*writer].set_and_encode(key, *value);
        sent += update.len();
        for (other, replica) in writers.iter_mut().enumerate() {
            if other != *writer {
                replica.apply(&update, *writer);
            }
        }
    }
    sent
}

fn new_writers<D: Map>() -> Vec<D> {
    (1..).map(D::new).take(WRITERS).collect()
}

/// What a writer has after the program.
fn written<D: Map>(program: &[(usize, String, i64)]) -> D {
    let mut writers = new_writers();
    run(&mut writers, program);
    writers.swap_remove(0)
}

/// All sets, one at a time, until all four have all of them.
pub(super) fn sets<D: Map>() -> Measured {
    let program = program();
    let expected = expected(&program);
    let mut sent = 0;
    let (time, ok) = median(
        new_writers::<D>,
        |mut writers| {
            sent = run(&mut writers, &program);
            writers
        },
        |writers| writers.iter().all(|writer| writer.entries() == expected),
    );
    let bytes = Some(sent as f64 / SETS as f64);
    Measured { time: Some(time), bytes, operations: SETS, ok, ..Measured::default() }
}

/// Loading the map until all of it is read.
pub(super) fn load<D: Map>() -> Measured {
    let program = program();
    let expected = expected(&program);
    let saved = written::<D>(&program).save();
    let (time, ok) = median(
        || (),
        |()| {
            let map = D::load(&saved, READER);
            let entries = map.entries();
            (map, entries)
        },
        |(_, entries)| entries == expected,
    );
    let bytes = Some(saved.len() as f64);
    Measured { time: Some(time), bytes, operations: 1, ok, ..Measured::default() }
}

/// Saving the map once more, after one set.
pub(super) fn save_again<D: Map>() -> Measured {
    let program = program();
    let mut expected = expected(&program);
    let map = RefCell::new(written::<D>(&program));
    map.borrow_mut().save();
    let (mut value, mut saved) = (SETS as i64, Vec::new());
    let (time, mut ok) = median(
        || {
            value += 1;
            drop(map.borrow_mut().set_and_encode("key0", value));
        },
        |()| map.borrow_mut().save(),
        |bytes| {
            saved = bytes;
            true
        },
    );
    expected.insert("key0".to_owned(), value);
    ok &= D::load(&saved, READER).entries() == expected;
    let bytes = Some(saved.len() as f64);
    Measured { time: Some(time), bytes, operations: 1, ok, ..Measured::default() }
}
