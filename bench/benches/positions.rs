//! Positions in each unit, in a text whose characters take one to four bytes.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use libsync::{Replica, Unit};
use libsync_bench::{AUTHOR, DOCUMENT, Random, TEXT};

/// Of 1, 2, 3 and 4 bytes; the last one of two UTF-16 code units.
const LETTERS: [char; 8] = ['a', 'e', ' ', 'ä', 'ж', '語', '→', '😀'];
/// How long the text is, in Unicode scalar values.
const LENGTH: usize = 100_000;
/// How many characters are inserted each time.
const PIECE: usize = 8;
/// How many edits are measured at once.
const EDITS: usize = 10_000;

/// How much of a unit a character takes.
type Length = fn(char) -> usize;

/// Each unit, its name, and how much of it a character takes.
const UNITS: [(Unit, &str, Length); 3] = [
    (Unit::Scalar, "scalar values", |_| 1),
    (Unit::Utf8, "UTF-8", char::len_utf8),
    (Unit::Utf16, "UTF-16", char::len_utf16),
];

fn positions(criterion: &mut Criterion) {
    let mut random = Random::new(3);
    let mut letters = Vec::new();
    let mut document = Replica::new(DOCUMENT, AUTHOR);
    while letters.len() < LENGTH {
        let place = random.below(letters.len() + 1);
        let piece: Vec<char> = (0..PIECE).map(|_| LETTERS[random.below(LETTERS.len())]).collect();
        let text: String = piece.iter().collect();
        document.insert_text(TEXT, Unit::Scalar, place, &text).expect("within the text");
        letters.splice(place..place, piece);
    }
    let expected: String = letters.iter().collect();
    assert_eq!(document.text(TEXT), Ok(expected));
    let places: Vec<usize> = (0..EDITS).map(|_| random.below(LENGTH)).collect();

    let mut group = criterion.benchmark_group("positions");
    group.throughput(Throughput::Elements(EDITS as u64));
    for (unit, name, length) in UNITS {
        let places = measured(&letters, &places, length);
        // What is replaced keeps its length in every unit, so that all places stay.
        group.bench_function(format!("replace a character, {name}"), |bencher| {
            bencher.iter_batched(
                || document.clone(),
                |mut replica| {
                    for &(place, length, letter) in &places {
                        replica.delete_text(TEXT, unit, place, length).expect("a character");
                        let mut utf8 = [0; 4];
                        let letter = &*letter.encode_utf8(&mut utf8);
                        replica.insert_text(TEXT, unit, place, letter).expect("a boundary");
                    }
                    replica
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// Where in the text these characters are, and how long each is, in a unit; and which it is.
fn measured(letters: &[char], places: &[usize], length: Length) -> Vec<(usize, usize, char)> {
    let mut starts = Vec::with_capacity(letters.len());
    let mut start = 0;
    for &letter in letters {
        starts.push(start);
        start += length(letter);
    }
    places.iter().map(|&i| (starts[i], length(letters[i]), letters[i])).collect()
}

criterion_group! {
    name = benches;
    config = libsync_bench::criterion();
    targets = positions
}
criterion_main!(benches);
