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

const DISORDERED: Flaw = Flaw::Inconsistent("siblings are not in the order of their keys");

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
    /// The number of the key's replica, and its counter.
    number: u32,
    counter: u64,
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
        let mut spines = Spines::new(Tip { number: 0, counter: 0, continues: false });
        let mut last = End::NONE;
        let mut in_two_parts = 0_u64;
        let mut keys = Vec::new();
        let mut left = layout.runs;
        while left > 0 {
            let turn = runs.turn().filter(|turn| turn.runs <= left).ok_or(Flaw::Malformed)?;
            left -= turn.runs;
            self.name(turn.number)?;
            let operations = self.operations[turn.number];
            let pruned = if in_text { self.floor[turn.number] } else { operations };
            for _ in 0..turn.runs {
                let run = runs.next_of(turn).ok_or(Flaw::Malformed)?;
                if run.end() > if run.status == Status::Prunable { pruned } else { operations } {
                    return Err(Flaw::Inconsistent(
                        "a node is not within the version, or not pruned",
                    ));
                }
                let nodes = self.space.range(turn.number, run.id.counter, run.end());
                if !self.marks.enter(nodes, run.status) {
                    return Err(Flaw::Inconsistent("two runs hold the same node"));
                }
                counts.nodes = counts.nodes.saturating_add(run.len);
                let live = if run.status == Status::Live { run.len } else { 0 };
                counts.live = counts.live.saturating_add(live);
                let (number, counter) = (turn.number as u32, run.id.counter);
                let mut tip = Tip { number, counter, continues: false };
                if let Some((number, key)) = run.other_key {
                    self.key(number, key, in_text)?;
                    keys.push((number, key.counter));
                    (tip.number, tip.counter) = (number as u32, key.counter);
                }
                if run.claimed > 0 {
                    let (mut previous, mut ascend) = (None, true);
                    let claim = spines.claim(run.claimed, |top| {
                        let last = previous.replace(top);
                        ascend &= last.is_none_or(|last| self.ascends(last, top));
                    });
                    claim.ok_or(Flaw::Malformed)?;
                    if !ascend {
                        return Err(DISORDERED);
                    }
                }
                if run.side == Side::Left {
                    spines.open(tip);
                } else {
                    if run.up > 0 {
                        let sibling = spines.rise(run.up).ok_or(Flaw::Malformed)?;
                        if !self.ascends(sibling, tip) {
                            return Err(DISORDERED);
                        }
                        in_two_parts -= u64::from(sibling.continues);
                    } else if run.claimed == 0 && last.is_continued(&run) {
                        tip.continues = true;
                        in_two_parts += 1;
                    }
                    spines.hang(tip);
                }
                last = End { number: turn.number, end: run.end(), status: run.status };
            }
        }
        if counts.nodes > MAX_NODES {
            return Err(TOO_MANY);
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

    /// Whether siblings are in the order of their keys.
    #[inline]
    fn ascends(&self, first: Tip, second: Tip) -> bool {
        if first.number == second.number {
            return first.counter < second.counter;
        }
        self.replicas[first.number as usize] < self.replicas[second.number as usize]
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
