//! Packed sequences, made of random trees: from one form to the other and back, and damaged.

use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::{NodeRun, Place, Side};
use crate::simulation::Random;
use crate::value::Unit;
use crate::version::VersionVector;

use super::super::Tree;
use super::super::span::Status;
use super::{Bounds, Packed};

/// A tree in which several replicas have inserted and deleted anywhere, and its cuts.
struct Made {
    tree: Tree<String>,
    /// Those that can be named.
    nodes: Vec<OpId>,
    version: VersionVector,
    stable: VersionVector,
    floor: VersionVector,
}

fn made(random: &mut Random, edits: usize) -> Made {
    const TEXTS: [&str; 4] = ["a", "bcd", "é𝄞", "the quick brown fox jumps over the lazy dog "];
    let mut made = Made {
        tree: Tree::new(),
        nodes: Vec::new(),
        version: VersionVector::new(),
        stable: VersionVector::new(),
        floor: VersionVector::new(),
    };
    for _ in 0..edits {
        let replica = ReplicaId::new(1 + random.below(3) as u64);
        let id = OpId::new(replica, made.version.get(replica));
        let len = if made.nodes.is_empty() || random.below(3) > 0 {
            let text = TEXTS[random.below(TEXTS.len())].repeat(1 + random.below(20) / 19 * 30);
            let place = if made.nodes.is_empty() || random.below(10) == 0 {
                Place { parent: None, side: Side::Right }
            } else if random.below(3) > 0 {
                let at = random.below(made.tree.len(Unit::Scalar) + 1);
                made.tree.place_at(Unit::Scalar, at).unwrap()
            } else {
                let side = if random.below(2) == 0 { Side::Left } else { Side::Right };
                Place { parent: Some(made.nodes[random.below(made.nodes.len())]), side }
            };
            made.tree.insert(id, place, &text);
            let len = text.chars().count() as u64;
            made.nodes.extend((0..len).map(|nth| id.plus(nth)));
            len
        } else {
            let start = made.nodes[random.below(made.nodes.len())];
            let mut len = 1;
            while len < 12 && made.tree.contains(start.plus(len)) {
                len += 1;
            }
            let backwards = len > 1 && random.below(2) == 0;
            made.tree.delete(id, NodeRun { nodes: IdSpan::new(start, len), backwards });
            len
        };
        made.version.set(replica, id.counter + len);
        if random.below(40) == 0 {
            made.floor = made.stable.clone();
            made.stable = made.version.clone();
            made.tree.set_stable(&made.stable);
            made.tree.prune(&made.floor, &made.stable);
            made.nodes.retain(|&node| {
                made.tree.status(node).is_some_and(|status| status < Status::Prunable)
            });
        }
    }
    made
}

impl Made {
    fn bounds(&self) -> Bounds<'_> {
        Bounds { version: &self.version, floor: &self.floor }
    }
}

/// Runs a test with some seeds, and says which of them failed.
fn with_seeds(seeds: std::ops::Range<u64>, test: impl Fn(&mut Random)) {
    for seed in seeds {
        println!("seed {seed}");
        test(&mut Random::new(seed));
    }
}

#[test]
fn a_tree_is_the_same_packed_and_opened_again() {
    with_seeds(0..60, |random| {
        let edits = random.below(200);
        let made = made(random, edits);
        made.tree.check();
        let packed = made.tree.pack();
        let text = made.tree.text();
        assert_eq!(packed.text(), text);
        assert_eq!(packed.node_count(), made.tree.node_count());
        for unit in [Unit::Scalar, Unit::Utf8, Unit::Utf16] {
            assert_eq!(packed.live().in_unit(unit), made.tree.len(unit));
        }
        let read = Packed::of_text(packed.columns(), &text, &made.bounds(), 0).unwrap();
        assert_eq!(read, packed);
        let opened = Tree::from_valid(&read, read.payload().clone(), &made.stable);
        opened.check();
        assert_eq!(opened.pack(), packed);
        assert_eq!(opened.text(), text);
        assert!(opened.deletions().eq(made.tree.deletions()));
        assert!(opened.live().eq(made.tree.live()));
        let status = |tree: &Tree<String>| -> Vec<_> {
            made.nodes.iter().map(|&node| tree.status(node)).collect()
        };
        assert_eq!(status(&opened), status(&made.tree), "what is stable is, too");
    });
}

/// With marks for stretches of nodes, as for documents whose history is long and text short.
#[test]
fn sparse_nodes_are_checked_as_dense_ones() {
    with_seeds(0..40, |random| {
        let made = made(random, 40);
        let packed = made.tree.pack();
        let add = |(replica, count)| (replica, count + (1 << 40));
        let version: VersionVector = made.version.iter().map(add).collect();
        let sparse = Bounds { version: &version, floor: &made.floor };
        let dense = made.bounds();
        assert_eq!(Packed::of_text(packed.columns(), packed.text(), &sparse, 0).unwrap(), packed);
        for _ in 0..2_000 {
            let columns = damaged(packed.columns(), random);
            let dense = Packed::of_text(&columns, packed.text(), &dense, 0);
            let sparse = Packed::of_text(&columns, packed.text(), &sparse, 0);
            let beyond = |error: &crate::DecodeError| error.to_string().contains("within");
            if !dense.as_ref().is_err_and(beyond) {
                assert_eq!(sparse.is_ok(), dense.is_ok(), "{sparse:?} {dense:?}");
            }
        }
    });
}

/// Columns in which one thing or another is different.
fn damaged(columns: &[u8], random: &mut Random) -> Vec<u8> {
    let mut damaged = columns.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(damaged.len());
        match random.below(4) {
            0 => damaged[at] ^= 1 << random.below(8),
            1 => damaged[at] = damaged[at].wrapping_add(1),
            2 => damaged[at] = damaged[at].wrapping_sub(1),
            _ => damaged.swap(at, random.below(columns.len())),
        }
    }
    damaged
}

/// Whatever is accepted is a tree, and written again as it was.
#[test]
fn no_sequence_has_two_forms() {
    let mut accepted = 0;
    for seed in 0..60 {
        println!("seed {seed}");
        let random = &mut Random::new(seed);
        let made = made(random, 30);
        let packed = made.tree.pack();
        for _ in 0..2_000 {
            let columns = damaged(packed.columns(), random);
            let Ok(read) = Packed::of_text(&columns, packed.text(), &made.bounds(), 0) else {
                continue;
            };
            let opened = Tree::from_valid(&read, read.payload().clone(), &made.stable);
            opened.check();
            assert_eq!(opened.pack().columns(), columns);
            accepted += usize::from(columns != packed.columns());
        }
    }
    assert!(accepted > 1_000, "{accepted} others were accepted");
}

#[test]
fn columns_that_end_early_or_late_are_refused() {
    let made = made(&mut Random::new(7), 60);
    let packed = made.tree.pack();
    let columns = packed.columns();
    for len in 0..columns.len() {
        assert!(Packed::of_text(&columns[..len], packed.text(), &made.bounds(), 0).is_err());
    }
    let more = [columns, &[0]].concat();
    assert!(Packed::of_text(&more, packed.text(), &made.bounds(), 0).is_err());
    let text = packed.text().to_owned() + "x";
    assert!(Packed::of_text(columns, &text, &made.bounds(), 0).is_err());
}
