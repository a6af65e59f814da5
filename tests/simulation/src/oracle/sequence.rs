//! The tree of a text or a list.

use std::collections::{BTreeMap, BTreeSet};

use libsync::OpId;

use super::operation::{Place, Side};

/// Of each node (`None`: the root) the children on each side, by identity.
#[derive(Default)]
pub(super) struct Tree(BTreeMap<Place, BTreeSet<OpId>>);

impl Tree {
    pub(super) fn insert(&mut self, node: OpId, place: Place) {
        self.0.entry(place).or_default().insert(node);
    }

    /// All nodes in order: for each its left children with all below them, itself, its right children
    /// with all below them.
    pub(super) fn in_order(&self) -> Vec<OpId> {
        let mut read = Vec::new();
        // A stack of its own: a text that was typed is as deep as it is long.
        let mut stack = vec![Step::Below((None, Side::Right))];
        while let Some(step) = stack.pop() {
            match step {
                Step::Itself(node) => read.push(node),
                Step::Below(place) => {
                    for &child in self.0.get(&place).into_iter().flatten().rev() {
                        stack.push(Step::Below((Some(child), Side::Right)));
                        stack.push(Step::Itself(child));
                        stack.push(Step::Below((Some(child), Side::Left)));
                    }
                }
            }
        }
        read
    }
}

enum Step {
    Itself(OpId),
    /// All children of a node on one side, with all below them.
    Below(Place),
}
