//! The test vectors of the format, in `tests/vectors`: frames as bytes, and what comes of them.
//!
//! They are frozen: whoever reads format version 1 reads these for ever. New ones are added to
//! [`made`], and to the files by
//! `cargo test -p libsync --test vectors -- --ignored write_vectors`, which leaves those that are
//! in the files as they are.

mod cbor;
mod columns;
mod made;
mod manual;
mod receive;
mod vector;

use std::collections::BTreeSet;

use receive::{Asked, misfit, prepared, receive};
use vector::{FILES, Kind, Rewritten};

#[test]
fn every_vector_holds() {
    let mut misfits = Vec::new();
    for file in FILES {
        let vectors = vector::read(file);
        assert!(!vectors.is_empty(), "{file} has vectors");
        let names: BTreeSet<&str> = vectors.iter().map(|vector| &*vector.name).collect();
        assert_eq!(names.len(), vectors.len(), "{file}: every name is there once");
        for vector in &vectors {
            misfits.extend(misfit(vector).map(|what| format!("{file}/{}: {what}", vector.name)));
        }
    }
    assert!(misfits.is_empty(), "{} vectors fail:\n{}", misfits.len(), misfits.join("\n"));
}

/// Whatever is read is what would be written: no frame has two forms.
#[test]
fn a_frame_that_is_read_is_the_one_that_would_be_written() {
    /// A stable cut that is not covered is kept, and no call shows it.
    const KEPT_TO_ITSELF: &str = "stable-cut";
    let vectors = FILES.into_iter().flat_map(vector::read).filter(|vector| {
        matches!(vector.given.kind, Kind::Changes | Kind::Document)
            && vector.rewritten == Rewritten::Same
            && vector.name != KEPT_TO_ITSELF
    });
    let mut read = 0;
    for vector in vectors {
        let replica = prepared(&vector);
        let frame = &vector.given.frame;
        for (at, &byte) in frame[..frame.len() - 5].iter().enumerate() {
            let bits = (0..8).map(|bit| byte ^ 1 << bit);
            for changed in bits.chain([byte.wrapping_add(1), byte.wrapping_sub(1)]) {
                let mut given = vector.given.clone();
                given.frame[at] = changed;
                given.frame = cbor::sealed_again(&given.frame);
                let Some(rewritten) = receive(&replica, &given, &Asked::default()).rewritten else {
                    continue;
                };
                if !cbor::has_optional_field(&given.frame) {
                    let name = &vector.name;
                    assert_eq!(rewritten, given.frame, "{name}: {byte:#x} at {at} is {changed:#x}");
                    read += 1;
                }
            }
        }
    }
    assert!(read > 1000, "{read} changed frames were read");
}

#[test]
fn what_is_made_is_in_the_files() {
    let mut misfits = Vec::new();
    for file in FILES {
        let vectors = vector::read(file);
        for made in made::of_file(file) {
            let written = vectors.iter().find(|vector| vector.name == made.name);
            if written != Some(&made) {
                misfits.push(format!("{file}/{}", made.name));
            }
        }
    }
    assert!(misfits.is_empty(), "write_vectors adds what is new of: {}", misfits.join(", "));
}

/// Adds what is in [`made`] and not in the files; changes nothing that is.
#[test]
#[ignore = "writes to tests/vectors"]
fn write_vectors() {
    for file in FILES {
        let mut vectors = vector::read(file);
        for made in made::of_file(file) {
            if !vectors.iter().any(|vector| vector.name == made.name) {
                vectors.push(made);
            }
        }
        vector::write(file, &vectors);
    }
}
