//! The test vectors of the format, in `tests/vectors`: frames as bytes, and what comes of them.
//!
//! They are frozen: whoever reads format version 1 reads these for ever. New ones are added to
//! [`made`], and to the files by
//! `cargo test -p libsync --test vectors -- --ignored write_vectors`, which leaves those that are
//! in the files as they are.

mod cbor;
mod made;
mod manual;
mod receive;
mod vector;

use std::collections::BTreeSet;

use receive::{Asked, misfit, prepared, receive};
use vector::{FILES, Outcome, Rewritten};

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

/// Whatever is read is what would be written: no frame has two forms. Not for the few frames that
/// can't be asked for again in their whole.
#[test]
fn a_frame_that_is_read_is_the_one_that_would_be_written() {
    /// A stable cut that is not covered is kept, and shown to nobody.
    const KEPT_TO_ITSELF: &str = "stable-cut";
    let vectors = FILES.into_iter().flat_map(vector::read);
    let rewritten = vectors.filter(|vector| {
        let valid = matches!(vector.outcome, Outcome::Shows(_));
        valid && vector.rewritten == Rewritten::Same && !vector.name.contains(KEPT_TO_ITSELF)
    });
    let mut read = 0;
    for vector in rewritten {
        let replica = prepared(&vector);
        let frame = &vector.given.frame;
        for at in 0..frame.len() - 5 {
            for flip in 1..=255 {
                let mut given = vector.given.clone();
                given.frame[at] ^= flip;
                given.frame = cbor::sealed_again(&given.frame);
                let received = receive(&replica, &given, &Asked::default());
                if let Some(rewritten) = received.rewritten
                    && matches!(vector.given.kind, vector::Kind::Changes | vector::Kind::Document)
                {
                    let name = &vector.name;
                    assert_eq!(rewritten, given.frame, "{name}: byte {at} changed by {flip:#x}");
                    read += 1;
                }
            }
        }
    }
    assert!(read > 1000, "{read} changed frames were read");
}

#[test]
fn what_is_made_is_in_the_files() {
    for file in FILES {
        let vectors = vector::read(file);
        for made in made::of_file(file) {
            let written = vectors.iter().find(|vector| vector.name == made.name);
            assert_eq!(
                written,
                Some(&made),
                "{file}/{}: write_vectors adds what is new",
                made.name
            );
        }
    }
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
