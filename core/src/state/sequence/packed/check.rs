//! Whether columns are what a sequence gives.

use crate::id::{OpId, ReplicaId};
use crate::op::Side;
use crate::version::VersionVector;

use super::super::MAX_NODES;
use super::super::span::Status;
use super::Flaw;
use super::layout::Layout;
use super::marks::{Marks, Misfit, Space};
use super::removals::{Removal, Removals};
use super::runs::{Run, Runs};
use super::spine::Spines;

/// How many nodes may have a mark each for a byte of the columns.
const NODES_PER_BYTE: u64 = 16;

pub(super) const TOO_MANY: Flaw = Flaw::Inconsistent("a sequence has more nodes than can be held");

/// What the identities in a sequence have to lie within.
#[derive(Clone, Copy)]
pub(crate) struct Bounds<'a> {
    pub(crate) version: &'a VersionVector,
    pub(crate) floor: &'a VersionVector,
}

/// What columns have.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) live: u64,
    pub(super) nodes: u64,
    pub(super) runs: u64,
    pub(super) deletions: u64,
}

/// Checks the columns of a text of that many characters.
///
/// O(n) where its nodes are a good part of all operations, else O(n log n) in the runs.
pub(super) fn check_text(
    columns: &[u8],
    characters: u64,
    bounds: &Bounds<'_>,
) -> Result<Counts, Flaw> {
    let layout = Layout::of(columns).ok_or(Flaw::Malformed)?;
    let mut check = Check::new(&layout, bounds, columns.len() as u64 + characters)?;
    let mut counts = check.runs(&layout, true)?;
    if counts.live != characters {
        return Err(Flaw::Inconsistent("a text is not as long as its runs"));
    }
    check.removals(&layout)?;
    check.end()?;
    if !check.marks.are_named() {
        return Err(Flaw::Inconsistent("a deleted node is named by no deletion"));
    }
    counts.deletions = layout.deletions;
    Ok(counts)
}

/// Checks the columns of a list's nodes.
pub(super) fn check_items(columns: &[u8], bounds: &Bounds<'_>) -> Result<Counts, Flaw> {
    let layout = Layout::of(columns).ok_or(Flaw::Malformed)?;
    let mut check = Check::new(&layout, bounds, columns.len() as u64)?;
    let counts = check.runs(&layout, false)?;
    if layout.deletions > 0 {
        return Err(Flaw::Inconsistent("a list has deletions"));
    }
    check.end()?;
    Ok(counts)
}

/// A check under way.
struct Check<'a> {
    replicas: &'a [ReplicaId],
    /// Of each replica, how many operations there are, and how many lie within the floor.
    operations: Vec<u64>,
    floor: Vec<u64>,
    /// How many replicas have been named: they are listed in the order of first use.
    used: usize,
    space: Space,
    marks: Marks,
}

/// A run on a spine.
#[derive(Clone, Copy)]
struct Tip {
    key: OpId,
    /// Whether it is one run with what it hangs on, unless something else hangs there.
    continues: bool,
}

impl<'a> Check<'a> {
    fn new(layout: &'a Layout<'_>, bounds: &Bounds<'_>, bytes: u64) -> Result<Self, Flaw> {
        let replicas = &layout.replicas;
        let mut sorted = replicas.clone();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Flaw::NotCanonical("a replica listed twice"));
        }
        let of = |version: &VersionVector| -> Vec<u64> {
            replicas.iter().map(|&replica| version.get(replica)).collect()
        };
        let operations = of(bounds.version);
        let all = operations.iter().fold(0_u64, |sum, &count| sum.saturating_add(count));
        let space = if all <= NODES_PER_BYTE.saturating_mul(bytes) {
            Space::dense(&operations)
        } else {
            Space::sparse(ends(layout).ok_or(Flaw::Malformed)?)
        };
        let marks = Marks::new(space.len());
        let within = of(bounds.floor).into_iter().zip(&operations);
        let floor = within.map(|(floor, &operations)| floor.min(operations)).collect();
        Ok(Self { replicas, operations, floor, used: 0, space, marks })
    }

    #[inline(always)]
    fn name(&mut self, number: usize) -> Result<(), Flaw> {
        if number < self.used { Ok(()) } else { self.name_next(number) }
    }

    fn name_next(&mut self, number: usize) -> Result<(), Flaw> {
        if number > self.used {
            return Err(Flaw::NotCanonical("the order of replicas"));
        }
        self.used += 1;
        Ok(())
    }

    /// Checks the runs; in a text what is prunable, or was, lies within the floor.
    fn runs(&mut self, layout: &Layout<'_>, in_text: bool) -> Result<Counts, Flaw> {
        let mut counts = Counts { runs: layout.runs, ..Counts::default() };
        let mut runs = Runs::new(layout);
        let root = Tip { key: OpId::new(ReplicaId::new(0), 0), continues: false };
        let mut spines = Spines::new(root);
        let mut last = End::NONE;
        let mut in_two_parts = 0_u64;
        let mut keys = Vec::new();
        for _ in 0..layout.runs {
            let run = runs.next().ok_or(Flaw::Malformed)?;
            self.run(&run, in_text)?;
            let mut key = run.id;
            if let Some((number, other)) = run.other_key {
                self.key(number, other, in_text)?;
                keys.push((number, other.counter));
                key = other;
            }
            counts.nodes += run.len;
            if counts.nodes > MAX_NODES {
                return Err(TOO_MANY);
            }
            counts.live += if run.status == Status::Live { run.len } else { 0 };
            let mut ordered = true;
            if run.claimed > 0 {
                let mut previous = None;
                let ascends = |top: Tip| {
                    let last = previous.replace(top.key);
                    ordered &= last.is_none_or(|previous| previous < top.key);
                };
                spines.claim(run.claimed, ascends).ok_or(Flaw::Malformed)?;
            }
            if run.side == Side::Left {
                spines.open(Tip { key, continues: false });
            } else if run.up > 0 {
                if let Some(sibling) = spines.rise(run.up).ok_or(Flaw::Malformed)? {
                    ordered &= sibling.key < key;
                    in_two_parts -= u64::from(sibling.continues);
                }
                spines.hang(Tip { key, continues: false });
            } else {
                let continues = run.claimed == 0 && last.is_continued(&run);
                in_two_parts += u64::from(continues);
                spines.hang(Tip { key, continues });
            }
            if !ordered {
                return Err(Flaw::Inconsistent("siblings are not in the order of their keys"));
            }
            last = End { number: run.number, end: run.end(), status: run.status };
        }
        if in_two_parts > 0 {
            return Err(Flaw::NotCanonical("a run in two parts"));
        }
        let is_there = |&(number, counter): &(usize, u64)| {
            self.marks.has_any(self.space.range(number, counter, counter + 1))
        };
        if keys.iter().any(is_there) {
            return Err(Flaw::Inconsistent("a run has the place of a node that is still there"));
        }
        if !spines.is_closed() || layout.runs > 0 && !runs.is_empty() {
            return Err(Flaw::Malformed);
        }
        Ok(counts)
    }

    /// Checks and marks the nodes of a run.
    #[inline(always)]
    fn run(&mut self, run: &Run, in_text: bool) -> Result<(), Flaw> {
        self.name(run.number)?;
        let is_prunable = in_text && run.status == Status::Prunable;
        let within = if is_prunable { &self.floor } else { &self.operations };
        if run.end() > within[run.number] {
            return Err(Flaw::Inconsistent("a node is not within the version, or not pruned"));
        }
        let nodes = self.space.range(run.number, run.id.counter, run.end());
        if !self.marks.enter(nodes, run.status) {
            return Err(Flaw::Inconsistent("two runs hold the same node"));
        }
        Ok(())
    }

    fn key(&mut self, number: usize, key: OpId, in_text: bool) -> Result<(), Flaw> {
        self.name(number)?;
        let bound = if in_text { self.floor[number] } else { self.operations[number] };
        if key.counter >= bound {
            return Err(Flaw::Inconsistent("a key is not within the version, or not pruned"));
        }
        Ok(())
    }

    fn removals(&mut self, layout: &Layout<'_>) -> Result<(), Flaw> {
        let mut removals = Removals::new(layout);
        let mut last: Option<Removal> = None;
        for _ in 0..layout.deletions {
            let removal = removals.next().ok_or(Flaw::Malformed)?;
            if let Some(last) = last.filter(|last| last.author != removal.author) {
                if last.deletion.replica >= removal.deletion.replica {
                    return Err(Flaw::NotCanonical("the order of deletions"));
                }
            } else if let Some(last) = last {
                let next = last.deletion.counter + last.run.len();
                if next == removal.deletion.counter && last.run.joined(&removal.run).is_some() {
                    return Err(Flaw::NotCanonical("a deletion in two parts"));
                }
            }
            self.removal(&removal)?;
            last = Some(removal);
        }
        if layout.deletions > 0 && !removals.is_empty() {
            return Err(Flaw::Malformed);
        }
        Ok(())
    }

    /// Checks that what is deleted is there, and deleted.
    #[inline(always)]
    fn removal(&mut self, removal: &Removal) -> Result<(), Flaw> {
        let Removal { deletion, run, author, number } = *removal;
        self.name(author)?;
        self.name(number)?;
        let end = deletion.counter + run.len();
        if deletion.counter < self.floor[author] || end > self.operations[author] {
            return Err(Flaw::Inconsistent("a deletion is not within the version, or pruned"));
        }
        if run.nodes.end() > self.operations[number] {
            return Err(Flaw::Inconsistent("a deletion names a node that is not there"));
        }
        let nodes = self.space.range(number, run.nodes.start.counter, run.nodes.end());
        self.marks.name(nodes).map_err(|misfit| match misfit {
            Misfit::Absent => Flaw::Inconsistent("a deletion names a node that is not there"),
            Misfit::Live => Flaw::Inconsistent("a deletion names a live node"),
        })
    }

    /// Every replica is listed for something.
    fn end(&self) -> Result<(), Flaw> {
        if self.used < self.replicas.len() {
            return Err(Flaw::NotCanonical("a replica that is not used"));
        }
        Ok(())
    }
}

/// Where a run ends.
struct End {
    /// The number of the replica.
    number: usize,
    end: u64,
    status: Status,
}

impl End {
    /// Of no run: none starts there.
    const NONE: Self = Self { number: usize::MAX, end: 0, status: Status::Live };

    /// Whether `next`, which follows as the right child, may be one run with this one, if nothing else
    /// hangs on its end.
    #[inline(always)]
    fn is_continued(&self, next: &Run) -> bool {
        (next.number, next.id.counter) == (self.number, self.end)
            && next.other_key.is_none()
            && next.status == self.status
    }
}

/// Where anything that the columns name begins and ends.
fn ends(layout: &Layout<'_>) -> Option<Vec<(usize, u64)>> {
    let mut ends = Vec::new();
    let mut runs = Runs::new(layout);
    for _ in 0..layout.runs {
        let run = runs.next()?;
        ends.extend([(run.number, run.id.counter), (run.number, run.end())]);
        if let Some((number, key)) = run.other_key {
            ends.extend([(number, key.counter), (number, key.counter.checked_add(1)?)]);
        }
    }
    let mut removals = Removals::new(layout);
    for _ in 0..layout.deletions {
        let Removal { run, number, .. } = removals.next()?;
        ends.extend([(number, run.nodes.start.counter), (number, run.nodes.end())]);
    }
    Some(ends)
}
