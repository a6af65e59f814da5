//! Texts in saved documents that are wrong: their runs, the tree of these, and the deletions.

use super::saved::{
    FLOOR, FRONTIER, LAMPORT, LOG, Nodes, STABLE, Saved, VERSION, block, nodes, sequence,
};
use super::{A, B};
use crate::cbor::{Item, array, text, uint, uints};
use crate::vector::Vector;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = columns();
    vectors.extend(runs());
    vectors.extend(trees());
    vectors.extend(deletions());
    vectors
}

/// Of the runs of [`typed`](super::saved::typed), some live and some deleted.
const A_LIVE: &[u64] = &[0, 1, 1];
const B_DELETED: &[u64] = &[1, 2, 1];
const DELETION: &[u64] = &[3, 2, 2];

/// A text of those runs, of which the second node is deleted.
fn of(live: &str, runs: &[&[u64]]) -> Saved {
    sequence(live, nodes(runs, DELETION))
}

fn columns() -> Vec<Vector> {
    let with = |change: &dyn Fn(&mut Nodes)| {
        let mut nodes = Nodes::new(&[A_LIVE, B_DELETED], DELETION);
        change(&mut nodes);
        sequence("a", Item::Bytes(nodes.bytes()))
    };
    let bytes = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Nodes::new(&[A_LIVE, B_DELETED], DELETION).bytes();
        change(&mut bytes);
        sequence("a", Item::Bytes(bytes))
    };
    assert!(super::loads(with(&|_| ()).bytes()), "what is made wrong is right otherwise");
    vec![
        bytes(&|bytes| bytes.truncate(bytes.len() - 1)).fails(
            "cut-sequence",
            "A sequence that ends early.",
            "Unexpected",
        ),
        bytes(&|bytes| bytes.push(0)).fails(
            "sequence-and-more",
            "A byte behind a sequence.",
            "Unexpected",
        ),
        bytes(&|bytes| bytes.splice(0..1, [0x81, 0]).for_each(drop)).fails(
            "long-number",
            "A number in more bytes than it needs.",
            "Unexpected",
        ),
        with(&|nodes| nodes.replicas.push(A)).fails(
            "sequence-replica-twice",
            "A replica listed twice.",
            "NotCanonical",
        ),
        with(&|nodes| nodes.replicas.push(B)).fails(
            "sequence-replica-unused",
            "A replica that names nothing.",
            "NotCanonical",
        ),
        with(&|nodes| nodes.replicas = vec![B, A]).with(VERSION, uints(&[0, 4])).fails(
            "sequence-replica-unknown",
            "Nodes of a replica that has none.",
            "Inconsistent",
        ),
        with(&|nodes| {
            nodes.replicas.push(B);
            nodes.deletion_columns[0][0] = 1;
        })
        .fails(
            "sequence-author-unknown",
            "A deletion of one that has none.",
            "Inconsistent",
        ),
        with(&|nodes| nodes.run_columns[0] = vec![0, 1, 0, 1]).fails(
            "repeated-in-two-parts",
            "A replica for a run, and again.",
            "Unexpected",
        ),
        with(&|nodes| nodes.run_columns[0] = vec![0, 3]).fails(
            "repeated-too-often",
            "A replica for more runs than there are.",
            "Unexpected",
        ),
        with(&|nodes| nodes.run_columns[0] = vec![1, 2]).fails(
            "number-of-no-replica",
            "A replica that is not listed.",
            "Unexpected",
        ),
        with(&|nodes| nodes.run_columns[3].push(1)).fails(
            "lengths-and-more",
            "Three lengths of two runs.",
            "Unexpected",
        ),
        with(&|nodes| nodes.run_columns[1].truncate(1)).fails(
            "heads-missing",
            "One head of two runs.",
            "Unexpected",
        ),
        with(&|nodes| nodes.run_columns[4].push(2)).fails(
            "keys-behind-the-last",
            "A key of no run.",
            "Unexpected",
        ),
    ]
}

fn runs() -> Vec<Vector> {
    vec![
        of("a", &[A_LIVE, &[1, 2, 0]]).fails("empty-run", "A run of no nodes.", "Unexpected"),
        of("a", &[A_LIVE, &[3, 2, 1]]).fails("run-status", "Of no status.", "Unexpected"),
        of("a", &[A_LIVE, &[1, 2, 1, 2]]).fails(
            "key-spelled-out",
            "A key that is the run's own identity.",
            "Unexpected",
        ),
        sequence("ab", nodes(&[A_LIVE, &[0, 2, 1]], &[])).fails(
            "runs-that-touch",
            "Two runs that are one.",
            "NotCanonical",
        ),
        of("ab", &[A_LIVE, B_DELETED]).fails(
            "text-too-long",
            "More text than runs.",
            "Inconsistent",
        ),
        of("", &[A_LIVE, B_DELETED]).fails(
            "text-too-short",
            "Less text than runs.",
            "Inconsistent",
        ),
        of("a", &[A_LIVE, &[1, 2, 3]]).fails(
            "run-beyond",
            "A run that is not in the version.",
            "Inconsistent",
        ),
        of("a", &[A_LIVE, &[1, 2, 1 << 53]]).fails(
            "great-run",
            "A run that ends beyond 2^53.",
            "Inconsistent",
        ),
    ]
}

fn trees() -> Vec<Vector> {
    const MANY: u64 = 1 << 33;
    const LEFT: u64 = 4;
    const CLAIM: u64 = 8;
    const RISE: u64 = 32;
    let kept = sequence("ab", nodes(&[&[0, 1, 2], &[2, 3, 1]], &[]))
        .with(VERSION, uints(&[0, 5]))
        .with(FRONTIER, uints(&[0, 4]))
        .with(LAMPORT, uint(5))
        .with(LOG, {
            let insertion = array([uint(0), uint(1), text("c")]);
            let deletion = uints(&[4, 1, 0, 3, 2]);
            let change = array([uint(0), uint(3), uint(3), array([]), insertion, deletion]);
            array([block(true, [change])])
        });
    let many = sequence("a", nodes(&[A_LIVE, &[2, 2, MANY - 2]], &[]))
        .with(VERSION, uints(&[0, MANY]))
        .with(FRONTIER, uints(&[0, MANY - 1]))
        .with(STABLE, uints(&[0, MANY]))
        .with(FLOOR, uints(&[0, MANY]))
        .without(LOG);
    vec![
        kept.fails(
            "kept-above-the-floor",
            "A node that is kept, and was never pruned.",
            "Inconsistent",
        ),
        many.fails("many-nodes", "More nodes than a text can have.", "Inconsistent"),
        of("aa", &[A_LIVE, &[RISE, 1, 1], B_DELETED]).fails(
            "node-twice",
            "A node twice.",
            "Inconsistent",
        ),
        of("a", &[A_LIVE, &[1 + CLAIM, 2, 1]]).fails(
            "claim-of-nothing",
            "A run claims a tree, and none is open.",
            "Unexpected",
        ),
        of("a", &[&[LEFT, 1, 1], &[1 + 2 * CLAIM, 2, 1]]).fails(
            "claim-of-two",
            "A run claims two trees, and one is open.",
            "Unexpected",
        ),
        of("a", &[A_LIVE, &[1 + 2 * RISE, 2, 1]]).fails(
            "rise-beyond-the-root",
            "A run hangs above the root.",
            "Unexpected",
        ),
        of("a", &[A_LIVE, &[1 + LEFT + RISE, 2, 1]]).fails(
            "left-and-rising",
            "A left child that rises.",
            "Unexpected",
        ),
        of("a", &[A_LIVE, &[1 + LEFT, 2, 1]]).fails(
            "left-of-nothing",
            "A tree that stays open.",
            "Unexpected",
        ),
        of("a", &[B_DELETED, &[RISE, 1, 1]]).fails(
            "sibling-order",
            "Siblings not by their keys.",
            "Inconsistent",
        ),
        of("a", &[&[0, 1, 1, 0], &[1 + RISE, 2, 1, 0]]).fails(
            "sibling-keys",
            "Two siblings with one key.",
            "Inconsistent",
        ),
        of("a", &[A_LIVE, &[1, 2, 1, 1]]).fails(
            "key-still-there",
            "The key of a node that is still there.",
            "Inconsistent",
        ),
        of("a", &[A_LIVE, &[1, 2, 1, 4]]).fails(
            "key-beyond",
            "A key that is not in the version.",
            "Inconsistent",
        ),
    ]
}

fn deletions() -> Vec<Vector> {
    let of = |deletions: &[u64]| sequence("a", nodes(&[A_LIVE, B_DELETED], deletions));
    // A pruned "abc"; the deletions of "b" and "c" are not.
    let three = |deletions: &[u64]| {
        let change = array([uint(0), uint(4), uint(4), array([]), uints(&[4, 1, 0, 2, 4])]);
        sequence("a", nodes(&[A_LIVE, &[1, 2, 2]], deletions))
            .with(VERSION, uints(&[0, 6]))
            .with(FRONTIER, uints(&[0, 5]))
            .with(LAMPORT, uint(6))
            .with(STABLE, uints(&[0, 4]))
            .with(FLOOR, uints(&[0, 4]))
            .with(LOG, array([block(true, [change])]))
    };
    assert!(super::loads(three(&[4, 2, 4]).bytes()), "what is made wrong is right otherwise");
    vec![
        of(&[3, 2, 0]).fails("empty-deletion", "A deletion of no nodes.", "Unexpected"),
        of(&[3, 1, 2]).fails("deleted-and-live", "A deletion of a live node.", "Inconsistent"),
        of(&[3, 0, 2]).fails("deletion-of-nothing", "A deletion of no node here.", "Inconsistent"),
        of(&[4, 2, 2]).fails(
            "deletion-beyond",
            "A deletion that is not in the version.",
            "Inconsistent",
        ),
        of(&[2, 2, 2]).fails("deletion-pruned", "A deletion below the floor.", "Inconsistent"),
        of(&[]).fails("deleted-by-none", "A deleted node without a deletion.", "Inconsistent"),
        of(&[3, 2, 3]).fails("deletion-backwards", "A single node, backwards.", "Unexpected"),
        three(&[4, 2, 2, 5, 3, 2]).fails(
            "deletions-that-touch",
            "Two that are one.",
            "NotCanonical",
        ),
        three(&[4, 3, 2, 5, 2, 2]).fails(
            "deletions-backwards-that-touch",
            "Two that are one, backwards.",
            "NotCanonical",
        ),
    ]
}
