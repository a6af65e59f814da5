//! A naive Fugue tree: every node a character, nothing indexed, everything walked.

use crate::mutant::Mutant;
use crate::version::{Id, REPLICAS, Version};

/// On which side of its parent a node hangs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Side {
    /// Read before the parent.
    Left,
    /// Read after it.
    Right,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Node {
    id: Id,
    parent: Id,
    side: Side,
    /// By which siblings are ordered.
    key: Id,
    /// Of each replica the counter behind its deletion of this node, or 0.
    deletions: [u8; REPLICAS],
}

impl Node {
    fn is_live(&self) -> bool {
        self.deletions == [0; REPLICAS]
    }

    fn is_dead_within(&self, cut: Version) -> bool {
        self.deletions.iter().zip(cut.0).any(|(&end, known)| end > 0 && end <= known)
    }
}

/// See the module.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Tree {
    /// By identity.
    nodes: Vec<Node>,
}

impl Tree {
    fn find(&self, id: Id) -> Option<usize> {
        self.nodes.binary_search_by_key(&id, |node| node.id).ok()
    }

    /// How many nodes are held.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Hangs a node on another one; whether that is here.
    #[must_use]
    pub fn insert(&mut self, id: Id, parent: Id, side: Side) -> bool {
        let at = self.nodes.partition_point(|node| node.id < id);
        self.nodes.insert(at, Node { id, parent, side, key: id, deletions: [0; REPLICAS] });
        parent == Id::ROOT || self.find(parent).is_some()
    }

    /// Deletes a node; whether it is here.
    #[must_use]
    pub fn delete(&mut self, deletion: Id, node: Id) -> bool {
        let Some(at) = self.find(node) else { return false };
        self.nodes[at].deletions[usize::from(deletion.replica)] = deletion.counter + 1;
        true
    }

    fn children(&self, parent: Id, side: Side) -> Vec<Node> {
        let hangs_there = |node: &&Node| node.parent == parent && node.side == side;
        let mut children: Vec<Node> = self.nodes.iter().filter(hangs_there).copied().collect();
        children.sort_by_key(|node| node.key);
        children
    }

    fn walk(&self, node: Id, order: &mut Vec<Id>) {
        for child in self.children(node, Side::Left) {
            self.walk(child.id, order);
        }
        order.push(node);
        for child in self.children(node, Side::Right) {
            self.walk(child.id, order);
        }
    }

    /// All nodes in reading order, the root first.
    fn order(&self) -> Vec<Id> {
        let mut order = Vec::new();
        self.walk(Id::ROOT, &mut order);
        order
    }

    fn is_shown(&self, id: Id) -> bool {
        self.find(id).is_some_and(|at| self.nodes[at].is_live())
    }

    /// What is shown, in reading order.
    pub fn shown(&self) -> Vec<Id> {
        self.order().into_iter().filter(|&id| self.is_shown(id)).collect()
    }

    /// Where a node is hung that is to stand behind the first `position` that are shown: Fugue's
    /// rule, on this tree.
    pub fn place_at(&self, position: usize) -> (Id, Side) {
        let order = self.order();
        let (left, &id) = (order.iter().enumerate())
            .filter(|&(_, &id)| id == Id::ROOT || self.is_shown(id))
            .nth(position)
            .expect("the position is within what is shown");
        match order.get(left + 1) {
            Some(&next) if !self.children(id, Side::Right).is_empty() => (next, Side::Left),
            _ => (id, Side::Right),
        }
    }

    /// The tree reduced at a cut: dead nodes below which nothing is left go, and those of which a
    /// single child subtree is left are spliced.
    #[must_use]
    pub fn reduced(&self, cut: Version, mutant: Option<Mutant>) -> Self {
        let mut reduced = Self::default();
        self.reduce(Id::ROOT, cut, mutant, &mut reduced.nodes);
        reduced.nodes.sort_by_key(|node| node.id);
        reduced
    }

    /// Appends what is left below a node, with the node itself if it stays; gives the top of that.
    fn reduce(
        &self,
        id: Id,
        cut: Version,
        mutant: Option<Mutant>,
        kept: &mut Vec<Node>,
    ) -> Option<Id> {
        let mut tops = Vec::new();
        for side in [Side::Left, Side::Right] {
            for child in self.children(id, side) {
                if let Some(top) = self.reduce(child.id, cut, mutant, kept) {
                    // It takes the place of the subtree that it is all that is left of.
                    let key = match mutant {
                        Some(Mutant::OwnKey) => top,
                        _ => child.key,
                    };
                    tops.push((top, side, key));
                }
            }
        }
        let node = self.find(id).map(|at| self.nodes[at]);
        if node.is_some_and(|node| node.is_dead_within(cut)) {
            let splices = mutant != Some(Mutant::NoSplice);
            match tops[..] {
                [] => return None,
                [(top, ..)] if splices => return Some(top),
                _ => {}
            }
        }
        for (top, side, key) in tops {
            let top = kept.iter_mut().find(|node| node.id == top).expect("it is kept");
            (top.parent, top.side, top.key) = (id, side, key);
        }
        kept.extend(node);
        Some(id)
    }
}
