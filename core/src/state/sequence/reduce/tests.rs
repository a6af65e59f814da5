//! Reducing a tree where it is, compared with making it anew, at every step.

use std::collections::BTreeSet;

use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::{NodeRun, Place, Side};
use crate::simulation::{Random, for_seeds};
use crate::value::Unit;
use crate::version::VersionVector;

use super::super::Tree;
use super::super::span::Status;

const TEXTS: [&str; 5] = ["a", "b", "cde", "é𝄞", "the quick brown fox jumps over the lazy dog "];

/// A tree that several replicas edit, and its cuts.
struct Edited {
    tree: Tree<String>,
    version: VersionVector,
    stable: VersionVector,
    floor: VersionVector,
    /// What may be named: it was not stable when the floor was last raised.
    nodes: Vec<OpId>,
    /// Who has deleted what: nobody deletes a node twice.
    deleted: BTreeSet<(ReplicaId, OpId)>,
}

impl Edited {
    fn new() -> Self {
        let none = VersionVector::new();
        let (version, stable, floor) = (none.clone(), none.clone(), none);
        Self {
            tree: Tree::new(),
            version,
            stable,
            floor,
            nodes: Vec::new(),
            deleted: BTreeSet::new(),
        }
    }

    fn edit(&mut self, random: &mut Random) {
        let replica = ReplicaId::new(1 + random.below(3) as u64);
        let id = OpId::new(replica, self.version.get(replica));
        let len = match random.below(5) {
            0..3 => self.insert(random, id),
            _ if self.nodes.is_empty() => return,
            _ => self.delete(random, id),
        };
        self.version.set(replica, id.counter + len);
    }

    fn insert(&mut self, random: &mut Random, id: OpId) -> u64 {
        let text = TEXTS[random.below(TEXTS.len())].repeat(1 + random.below(20) / 19 * 30);
        let anywhere = random.below(3) == 0;
        let place = match self.nodes.len() {
            0 => Place { parent: None, side: Side::Right },
            some if anywhere => {
                let side = if random.chance(50) { Side::Left } else { Side::Right };
                Place { parent: Some(self.nodes[random.below(some)]), side }
            }
            _ => {
                let at = random.below(self.tree.len(Unit::Scalar) + 1);
                self.tree.place_at(Unit::Scalar, at).unwrap()
            }
        };
        self.tree.insert(id, place, &text);
        let len = text.chars().count() as u64;
        self.nodes.extend((0..len).map(|nth| id.plus(nth)));
        len
    }

    fn delete(&mut self, random: &mut Random, id: OpId) -> u64 {
        let start = self.nodes[random.below(self.nodes.len())];
        let most = 1 + random.below(60) as u64;
        let mut len = 0;
        while len < most
            && self.tree.status(start.plus(len)).is_some_and(|status| status < Status::Stable)
            && self.deleted.insert((id.replica, start.plus(len)))
        {
            len += 1;
        }
        if len == 0 {
            return 0;
        }
        let backwards = len > 1 && random.chance(50);
        self.tree.delete(id, NodeRun { nodes: IdSpan::new(start, len), backwards });
        len
    }

    /// Raises the cuts, and reduces in steps of any size, in any order of authors.
    fn prune(&mut self, random: &mut Random) {
        let floor = std::mem::replace(&mut self.stable, self.version.clone());
        self.tree.set_stable(&self.stable);
        let mut steps: Vec<(ReplicaId, u64)> = Vec::new();
        for (replica, end) in floor.iter() {
            let from = self.floor.get(replica);
            let between = (0..random.below(3)).map(|_| from + random.next() % (end - from + 1));
            steps.extend(between.map(|end| (replica, end)));
        }
        steps.sort_unstable_by_key(|_| random.next());
        for (replica, end) in steps {
            let end = end.max(self.floor.get(replica));
            self.floor.set(replica, end);
            self.tree.remove_deleted(replica, end);
            self.compare();
        }
        for (replica, end) in floor.iter() {
            self.tree.remove_deleted(replica, end);
        }
        self.floor = floor;
        self.compare();
        let tree = &self.tree;
        self.nodes.retain(|&node| tree.status(node).is_some_and(|status| status < Status::Stable));
    }

    /// Compares the tree with one that is made anew.
    fn compare(&self) {
        self.tree.check();
        let mut anew = self.tree.clone();
        anew.prune(&self.floor, &self.stable);
        anew.check();
        assert_eq!(self.tree.pack(), anew.pack(), "the tree is not the reduced one");
        assert_eq!(self.tree.text(), anew.text());
    }
}

#[test]
fn a_tree_is_reduced_where_it_is_as_if_it_was_made_anew() {
    for_seeds(0..300, |seed| {
        let mut random = Random::new(seed);
        let mut edited = Edited::new();
        for _ in 0..random.below(250) {
            match random.below(12) {
                0 => edited.prune(&mut random),
                _ => edited.edit(&mut random),
            }
        }
        (0..2).for_each(|_| edited.prune(&mut random));
        let live = edited.tree.len(Unit::Scalar) as u64;
        assert!(edited.tree.node_count() <= (2 * live).saturating_sub(1));
    });
}
