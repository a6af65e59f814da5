//! What has become of nodes of a text, as the parts of a delta: those that came and those that went
//! are sorted by where they stand, and what stays between them is counted.

use crate::event::{TextDelta, TextParts};
use crate::id::{IdSpan, OpId};
use crate::value::Unit;

use super::Tree;
use super::standing::{Standing, Stretch};

/// What has happened to nodes in a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// They were inserted.
    Came,
    /// They lived, and were deleted.
    Went,
}

/// Nodes that came or went.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    pub(crate) nodes: IdSpan,
    pub(crate) fate: Fate,
}

impl Tree<String> {
    /// What has changed, where no node came twice or went twice. Nodes that came and went say
    /// nothing. O(k log n) for k runs.
    pub(crate) fn delta(&mut self, turns: &[Turn], unit: Unit) -> Vec<TextDelta> {
        if let &[Turn { nodes, fate }] = turns
            && let Some((slot, offset)) = self.locate_marked(nodes.start)
            && u64::from(self.span(slot).len - offset) >= nodes.len
        {
            return self.single(Stretch { slot, offset, len: nodes.len as u32 }, fate, unit);
        }
        let mut came: Vec<IdSpan> = of_fate(turns, Fate::Came).collect();
        came.sort_unstable();
        let went = of_fate(turns, Fate::Went).flat_map(|nodes| without(nodes, &came));
        let nodes = came.iter().map(|&nodes| (nodes, true)).chain(went.map(|nodes| (nodes, false)));
        let mut changed: Vec<(Standing, Stretch)> = Vec::new();
        for (nodes, is_there) in nodes {
            for (first, stretch) in self.stretches(nodes) {
                if self.lives(stretch) == is_there
                    && let Some(standing) = self.standing(first)
                {
                    changed.push((standing, stretch));
                }
            }
        }
        changed.sort_unstable_by_key(|(standing, _)| standing.number);
        let mut parts = TextParts::default();
        let mut passed = 0;
        for (Standing { before, .. }, stretch) in changed {
            let before = before.in_unit(unit);
            parts.retain(before - passed);
            let width = self.weight_of(stretch).in_unit(unit);
            if self.lives(stretch) {
                parts.insert(self.part(stretch));
                passed = before + width;
            } else {
                parts.delete(width);
                passed = before;
            }
        }
        parts.finish()
    }

    /// The same, of one run in one span: what typing does.
    fn single(&mut self, stretch: Stretch, fate: Fate, unit: Unit) -> Vec<TextDelta> {
        let mut before = self.before(stretch.slot).in_unit(unit);
        if fate == Fate::Came && stretch.offset > 0 {
            let head = Stretch { offset: 0, len: stretch.offset, ..stretch };
            before += self.weight_of(head).in_unit(unit);
        }
        let part = match fate {
            Fate::Came => TextDelta::Insert(self.part(stretch).to_owned()),
            Fate::Went if unit == Unit::Scalar => TextDelta::Delete(stretch.len as usize),
            Fate::Went => TextDelta::Delete(self.weight_of(stretch).in_unit(unit)),
        };
        if before > 0 { vec![TextDelta::Retain(before), part] } else { vec![part] }
    }
}

fn of_fate(turns: &[Turn], fate: Fate) -> impl Iterator<Item = IdSpan> {
    turns.iter().filter(move |turn| turn.fate == fate).map(|turn| turn.nodes)
}

/// What is left of nodes without those of some disjoint runs, ascending.
fn without(nodes: IdSpan, runs: &[IdSpan]) -> Vec<IdSpan> {
    let first = runs.partition_point(|run| {
        (run.start.replica, run.end()) <= (nodes.start.replica, nodes.start.counter)
    });
    let mut left = Vec::new();
    let mut counter = nodes.start.counter;
    let mut keep = |from: u64, to: u64| {
        if from < to {
            let start = OpId::new(nodes.start.replica, from);
            left.push(IdSpan::new(start, to - from));
        }
    };
    for run in runs[first..].iter().take_while(|run| run.overlaps(&nodes)) {
        keep(counter, run.start.counter);
        counter = run.end();
    }
    keep(counter, nodes.end());
    left
}
