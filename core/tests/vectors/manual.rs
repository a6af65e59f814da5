//! The examples in `docs/wire-format.md` are vectors, byte for byte.

use crate::vector::{self, FILES, from_hex};

/// An example is a code block of the language `hex`, after a comment that names its vector. Each
/// of its lines has bytes, and says after `#` what they are.
fn examples(document: &str) -> Vec<(String, Vec<u8>)> {
    let comments = document.split("<!-- vector: ").skip(1);
    let examples = comments.map(|rest| {
        let (name, rest) = rest.split_once(" -->").expect("a comment ends");
        let block = rest.trim_start().strip_prefix("```hex\n").expect("a block of bytes");
        let (block, _) = block.split_once("```").expect("a block ends");
        let hex: String = block.lines().filter_map(|line| line.split('#').next()).collect();
        (name.to_owned(), from_hex(&hex.replace(' ', "")))
    });
    examples.collect()
}

#[test]
fn the_examples_of_the_format_are_vectors() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/wire-format.md");
    let document = std::fs::read_to_string(path).expect("the format is described");
    let examples = examples(&document);
    for (name, bytes) in &examples {
        let (file, name) = name.split_once('/').expect("a file and a vector in it");
        assert!(FILES.contains(&file), "{file} is a file of vectors");
        let vectors = vector::read(file);
        let vector = vectors.iter().find(|vector| vector.name == name);
        assert_eq!(vector.map(|vector| &vector.given.frame), Some(bytes), "{file}/{name}");
    }
    let kinds = ["changes/", "documents/", "versions/", "acknowledgements/"];
    for kind in kinds {
        assert!(examples.iter().any(|(name, _)| name.starts_with(kind)), "an example of {kind}");
    }
}
