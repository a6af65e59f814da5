//! Texts in saved documents that are wrong: their runs, the tree of these, and the deletions.

use super::saved::{CHANGES, FLOOR, FRONTIER, LAMPORT, STABLE, VERSION, sequence};
use crate::cbor::{array, text, uint, uints};
use crate::columns::columns;
use crate::vector::Vector;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = runs();
    vectors.extend(trees());
    vectors.extend(deletions());
    vectors
}

fn runs() -> Vec<Vector> {
    let deletion: &[u64] = &[0, 3, 0, 2, 2];
    let of = |live: &str, runs: &[&[u64]]| sequence(live, runs, deletion);
    vec![
        of("a", &[&[12, 0, 1, 1], &[1, 0, 2]]).fails(
            "cut-run",
            "A run without a length.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[1, 0, 2, 0]]).fails(
            "empty-run",
            "A run of no nodes.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[3, 0, 2, 1]]).fails(
            "run-status",
            "Of no status.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[33, 0, 2, 1]]).fails(
            "run-flags",
            "With an unknown flag.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[5, 0, 2, 1, 0, 1]]).fails(
            "next-spelled-out",
            "To the right of the identity before.",
            "NotCanonical",
        ),
        of("a", &[&[12, 0, 1, 1], &[17, 0, 2, 1, 0, 2]]).fails(
            "key-spelled-out",
            "A key that is the run's own identity.",
            "NotCanonical",
        ),
        of("a", &[&[12, 0, 1, 1], &[17, 0, 2, 1]]).fails(
            "key-missing",
            "A flag and no key.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[5, 0, 2, 1]]).fails(
            "parent-missing",
            "No parent.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[1, 0, 2, 1, 0, 1]]).fails(
            "two-places",
            "Next, and a parent.",
            "Unexpected",
        ),
        sequence("ab", &[&[12, 0, 1, 1], &[0, 0, 2, 1]], &[]).fails(
            "runs-that-touch",
            "Two runs that are one.",
            "NotCanonical",
        ),
        of("ab", &[&[12, 0, 1, 1], &[1, 0, 2, 1]]).fails(
            "text-too-long",
            "More text than runs.",
            "Inconsistent",
        ),
        of("", &[&[12, 0, 1, 1], &[1, 0, 2, 1]]).fails(
            "text-too-short",
            "Less text than runs.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[1, 0, 2, 3]]).fails(
            "run-beyond",
            "A run that is not in the version.",
            "Inconsistent",
        ),
        of("a", &[&[12, 0, 1, 1], &[13, 0, 2, 1 << 53]]).fails(
            "great-run",
            "A run that ends beyond 2^53.",
            "Limit",
        ),
    ]
}

fn trees() -> Vec<Vector> {
    const MANY: u64 = 1 << 33;
    let deletion: &[u64] = &[0, 3, 0, 2, 2];
    let of = |live: &str, runs: &[&[u64]]| sequence(live, runs, deletion);
    let kept = sequence("ab", &[&[12, 0, 1, 2], &[2, 0, 3, 1]], &[])
        .with(VERSION, uints(&[0, 5]))
        .with(FRONTIER, uints(&[0, 4]))
        .with(LAMPORT, uint(5))
        .with(CHANGES, {
            let insertion = array([uint(0), uint(1), text("c")]);
            let deletion = uints(&[4, 1, 0, 3, 2]);
            columns([array([uint(0), uint(3), uint(3), array([]), insertion, deletion])])
        });
    let many = sequence("a", &[&[12, 0, 1, 1], &[2, 0, 2, MANY - 2]], &[])
        .with(VERSION, uints(&[0, MANY]))
        .with(FRONTIER, uints(&[0, MANY - 1]))
        .with(STABLE, uints(&[0, MANY]))
        .with(FLOOR, uints(&[0, MANY]))
        .without(CHANGES);
    vec![
        kept.fails(
            "kept-above-the-floor",
            "A node that is kept, and was never pruned.",
            "Inconsistent",
        ),
        many.fails("many-nodes", "More nodes than a text can have.", "Inconsistent"),
        of("a", &[&[1, 0, 2, 1], &[12, 0, 1, 1]]).fails(
            "reading-order",
            "Runs not as they read.",
            "Inconsistent",
        ),
        of("aa", &[&[12, 0, 1, 1], &[12, 0, 1, 1], &[1, 0, 2, 1]]).fails(
            "node-twice",
            "A node twice.",
            "Inconsistent",
        ),
        of("", &[&[5, 0, 2, 1, 0, 0]]).fails("no-parent", "It hangs on no node.", "Inconsistent"),
        of("", &[&[5, 0, 2, 1, 0, 2]]).fails("own-parent", "It hangs on itself.", "Inconsistent"),
        of("a", &[&[8, 0, 1, 1, 0, 2], &[9, 0, 2, 1, 0, 1]]).fails(
            "cycle",
            "Two hang on each other.",
            "Inconsistent",
        ),
        of("ab", &[&[12, 0, 0, 2], &[5, 0, 2, 1, 0, 0]]).fails(
            "middle-parent",
            "It hangs within a run.",
            "Inconsistent",
        ),
        of("a", &[&[28, 0, 1, 1, 0, 0], &[29, 0, 2, 1, 0, 0]]).fails(
            "sibling-keys",
            "Two siblings with one key.",
            "Inconsistent",
        ),
        of("a", &[&[12, 0, 1, 1], &[29, 0, 2, 1, 0, 1]]).fails(
            "key-still-there",
            "The key of a node that is still there.",
            "Inconsistent",
        ),
        of("a", &[&[12, 0, 1, 1], &[29, 0, 2, 1, 0, 4]]).fails(
            "key-beyond",
            "A key that is not in the version.",
            "Inconsistent",
        ),
    ]
}

fn deletions() -> Vec<Vector> {
    let of = |deletions: &[u64]| sequence("a", &[&[12, 0, 1, 1], &[1, 0, 2, 1]], deletions);
    // A pruned "abc"; the deletions of "b" and "c" are not.
    let three = |deletions: &[u64]| {
        let change = array([uint(0), uint(4), uint(4), array([]), uints(&[4, 1, 0, 2, 4])]);
        sequence("a", &[&[12, 0, 1, 1], &[1, 0, 2, 2]], deletions)
            .with(VERSION, uints(&[0, 6]))
            .with(FRONTIER, uints(&[0, 5]))
            .with(LAMPORT, uint(6))
            .with(STABLE, uints(&[0, 4]))
            .with(FLOOR, uints(&[0, 4]))
            .with(CHANGES, columns([change]))
    };
    vec![
        of(&[0, 3, 0, 2]).fails("cut-deletion", "Four fifths of a deletion.", "Unexpected"),
        of(&[0, 3, 0, 2, 0]).fails("empty-deletion", "A deletion of no nodes.", "Unexpected"),
        of(&[0, 3, 0, 1, 2]).fails(
            "deleted-and-live",
            "A deletion of a live node.",
            "Inconsistent",
        ),
        of(&[0, 3, 0, 4, 2]).fails(
            "deletion-of-nothing",
            "A deletion of no node here.",
            "Inconsistent",
        ),
        of(&[0, 4, 0, 2, 2]).fails(
            "deletion-beyond",
            "A deletion that is not in the version.",
            "Inconsistent",
        ),
        of(&[0, 2, 0, 2, 2]).fails(
            "deletion-pruned",
            "A deletion below the floor.",
            "Inconsistent",
        ),
        of(&[]).fails("deleted-by-none", "A deleted node without a deletion.", "Inconsistent"),
        of(&[0, 3, 0, 2, 3]).fails(
            "deletion-backwards",
            "A single node, backwards.",
            "NotCanonical",
        ),
        of(&[0, 3, 0, 2, 2, 0, 3, 0, 2, 2]).fails(
            "deletion-twice",
            "A deletion twice.",
            "NotCanonical",
        ),
        three(&[0, 5, 0, 3, 2, 0, 4, 0, 2, 2]).fails(
            "deletion-order",
            "Deletions not in order.",
            "NotCanonical",
        ),
        three(&[0, 4, 0, 2, 2, 0, 5, 0, 3, 2]).fails(
            "deletions-that-touch",
            "Two that are one.",
            "NotCanonical",
        ),
        three(&[0, 4, 0, 3, 2, 0, 5, 0, 2, 2]).fails(
            "deletions-backwards-that-touch",
            "Two that are one, backwards.",
            "NotCanonical",
        ),
        three(&[0, 4, 0, 2, 4, 0, 5, 0, 3, 2]).fails(
            "deletions-that-overlap",
            "Two deletions of one identity.",
            "NotCanonical",
        ),
    ]
}
