//! Whether changes fit the document, checked before any of them touches it: so a frame is
//! applied whole or not at all.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::container::{ContainerId, Key};
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::{NodeRun, Op, Place};
use crate::value::Kind;
use crate::version::Known;

use super::sequence::MAX_NODES;
use super::slots::ContainerIndex;
use super::{Body, State};

/// Why a change does not fit.
pub(crate) enum Misfit {
    /// It names a node that is not here.
    Absent(OpId),
    /// Something else.
    Invalid(&'static str),
}

/// The nodes that the changes checked so far insert, once they are applied.
#[derive(Default)]
pub(crate) struct Inserted {
    /// By container and author.
    places: Vec<Nodes>,
    numbers: BTreeMap<(ContainerId, ReplicaId), usize>,
    /// The place that was last recorded: most often the next one is the same.
    last: usize,
}

/// What one author inserts into one container.
struct Nodes {
    container: ContainerId,
    author: ReplicaId,
    all: Runs,
    /// Those of moves, which are no items.
    moves: Runs,
}

/// Disjoint runs of counters, ascending: from each to the one behind its last.
#[derive(Default)]
struct Runs(Vec<(u64, u64)>);

impl Runs {
    /// Adds a run behind all others: an author's changes are checked in their order.
    fn push(&mut self, first: u64, end: u64) {
        match self.0.last_mut() {
            Some((_, last)) if *last == first => *last = end,
            _ => self.0.push((first, end)),
        }
    }

    /// The end of the run that a counter is in.
    fn end_of(&self, counter: u64) -> Option<u64> {
        let before = self.0.partition_point(|&(first, _)| first <= counter).checked_sub(1)?;
        Some(self.0[before].1).filter(|&end| counter < end)
    }
}

impl Nodes {
    fn is_of(&self, container: &ContainerId, author: ReplicaId) -> bool {
        self.author == author && self.container == *container
    }
}

impl Inserted {
    /// Records what a change that fits inserts.
    pub(crate) fn record(&mut self, change: &Change) {
        for (id, _, op) in change.numbered() {
            match op {
                Op::Insert { container, .. } => {
                    self.of_mut(container, id.replica).all.push(id.counter, id.counter + op.len());
                }
                Op::Move { container, .. } => {
                    let nodes = self.of_mut(container, id.replica);
                    nodes.all.push(id.counter, id.counter + 1);
                    nodes.moves.push(id.counter, id.counter + 1);
                }
                _ => {}
            }
        }
    }

    fn of_mut(&mut self, container: &ContainerId, author: ReplicaId) -> &mut Nodes {
        if !self.places.get(self.last).is_some_and(|last| last.is_of(container, author)) {
            let next = self.places.len();
            self.last = *self.numbers.entry((container.clone(), author)).or_insert(next);
            if self.last == next {
                let (all, moves) = (Runs::default(), Runs::default());
                self.places.push(Nodes { container: container.clone(), author, all, moves });
            }
        }
        &mut self.places[self.last]
    }

    fn of(&self, container: &ContainerId, author: ReplicaId) -> Option<&Nodes> {
        let last = self.places.get(self.last)?;
        if last.is_of(container, author) {
            return Some(last);
        }
        self.places.get(*self.numbers.get(&(container.clone(), author))?)
    }

    /// The end of the run of inserted nodes that the node is in.
    fn run_end(&self, container: &ContainerId, node: OpId) -> Option<u64> {
        self.of(container, node.replica)?.all.end_of(node.counter)
    }

    fn has_item(&self, container: &ContainerId, item: OpId) -> bool {
        self.of(container, item.replica).is_some_and(|nodes| {
            nodes.all.end_of(item.counter).is_some() && nodes.moves.end_of(item.counter).is_none()
        })
    }
}

impl State {
    /// Checks a change against the state and what is inserted before it is applied.
    pub(crate) fn check_change(
        &self,
        change: &Change,
        known: &impl Known,
        inserted: &Inserted,
    ) -> Result<(), Misfit> {
        let mut own_inserted = Inserted::default();
        if change.ops().len() > 1 {
            own_inserted.record(change);
        }
        let own = &own_inserted;
        let mut check = Check { state: self, index: None, author: change.id, inserted, own };
        check_deletions(change)?;
        let mut last_container = None;
        for (id, _, op) in change.numbered() {
            if let Some(container) = op.container()
                && last_container != Some(container)
            {
                check.index = self.find(container);
                if container.in_list() {
                    check.items_above(container, id)?;
                }
                last_container = Some(container);
            }
            if !self.has_room(check.index, op) {
                return Err(Misfit::Invalid("a sequence has more nodes than can be held"));
            }
            match op {
                Op::Insert { container, place, .. } => check.place(container, *place, id)?,
                Op::Delete { container, nodes } => {
                    for &run in nodes {
                        check.deleted(container, run, id)?;
                    }
                }
                Op::Move { container, item, place } => {
                    check.item(container, *item, id)?;
                    check.place(container, *place, id)?;
                }
                Op::Assign { container, key, supersedes, .. }
                | Op::Remove { container, key, supersedes } => {
                    if let Key::Item(item) = key {
                        check.item(container, *item, id)?;
                    }
                    check.seen(supersedes.iter().copied(), known, id)?;
                }
                Op::Reset { observed, .. } => {
                    check.seen(observed.iter().map(|share| share.last), known, id)?;
                }
                Op::Increment { .. } | Op::Join(_) | Op::Leave | Op::Evict(_) | Op::Redact => {}
            }
        }
        Ok(())
    }
}

/// An author sees what it has deleted as deleted, and so deletes nothing twice in a change.
fn check_deletions(change: &Change) -> Result<(), Misfit> {
    let deletions = change.ops().iter().filter_map(|op| match op {
        Op::Delete { container, nodes } => Some((container, nodes)),
        _ => None,
    });
    let mut runs: Vec<(&ContainerId, IdSpan)> = deletions
        .flat_map(|(container, nodes)| nodes.iter().map(move |run| (container, run.nodes)))
        .collect();
    runs.sort_unstable();
    let twice =
        |pair: &[(&ContainerId, IdSpan)]| pair[0].0 == pair[1].0 && pair[0].1.overlaps(&pair[1].1);
    if runs.windows(2).any(twice) {
        return Err(Misfit::Invalid("it deletes something twice"));
    }
    Ok(())
}

/// The check of one change.
struct Check<'c> {
    state: &'c State,
    /// Where the container of the operation is, if it is known.
    index: Option<ContainerIndex>,
    /// The first operation of the change.
    author: OpId,
    inserted: &'c Inserted,
    /// What the change itself inserts: named by its later operations alone.
    own: &'c Inserted,
}

impl Check<'_> {
    /// Whether an operation is one of the change's, or of a later one of its author.
    fn is_own(&self, op: OpId) -> bool {
        op.replica == self.author.replica && op.counter >= self.author.counter
    }

    /// What `id` supersedes has to be known.
    fn seen(
        &self,
        ops: impl IntoIterator<Item = OpId>,
        known: &impl Known,
        id: OpId,
    ) -> Result<(), Misfit> {
        let seen = |op: OpId| {
            op.counter < known.count(op.replica) || (self.is_own(op) && op.counter < id.counter)
        };
        if ops.into_iter().all(seen) {
            return Ok(());
        }
        Err(Misfit::Invalid("it takes away what its author can't have seen"))
    }

    fn place(&self, container: &ContainerId, place: Place, id: OpId) -> Result<(), Misfit> {
        let Some(parent) = place.parent else { return Ok(()) };
        if self.is_own(parent) && parent.counter >= id.counter {
            return Err(Misfit::Invalid("an insertion hangs on what comes later"));
        }
        self.nodes(container, IdSpan::new(parent, 1))
    }

    fn deleted(&self, container: &ContainerId, run: NodeRun, id: OpId) -> Result<(), Misfit> {
        let nodes = run.nodes;
        if self.is_own(nodes.start.plus(nodes.len - 1)) && nodes.end() > id.counter {
            return Err(Misfit::Invalid("a deletion names what comes later"));
        }
        match container.kind() {
            Kind::List => {
                (0..nodes.len).try_for_each(|nth| self.item(container, nodes.start.plus(nth), id))
            }
            _ => self.nodes(container, nodes),
        }
    }

    /// The items that a container is in have to be there.
    fn items_above(&self, container: &ContainerId, id: OpId) -> Result<(), Misfit> {
        let mut way = vec![container];
        while let Some((parent, ..)) = way.last().and_then(|at| at.step()) {
            way.push(parent);
        }
        let mut index = Some(State::ROOT);
        for at in way.into_iter().rev() {
            let Some((parent, key, kind)) = at.step() else { continue };
            if let Key::Item(item) = *key {
                let is_there = index.is_some_and(|index| self.state.slot_at(index, key).is_some());
                self.item_there(parent, item, id, is_there)?;
            }
            index = self.state.child(index, key, kind);
        }
        Ok(())
    }

    fn item(&self, container: &ContainerId, item: OpId, id: OpId) -> Result<(), Misfit> {
        let is_there = self.state.list_at(self.index).is_some_and(|list| list.contains(item));
        self.item_there(container, item, id, is_there)
    }

    /// The same, given whether it is there before anything of the frame is applied.
    fn item_there(
        &self,
        container: &ContainerId,
        item: OpId,
        id: OpId,
        is_there: bool,
    ) -> Result<(), Misfit> {
        if self.is_own(item) && item.counter >= id.counter {
            return Err(Misfit::Invalid("an operation names an item that comes later"));
        }
        let is_there = is_there
            || self.inserted.has_item(container, item)
            || self.own.has_item(container, item);
        if is_there { Ok(()) } else { Err(Misfit::Absent(item)) }
    }

    fn nodes(&self, container: &ContainerId, nodes: IdSpan) -> Result<(), Misfit> {
        let mut rest = nodes;
        loop {
            let Some(absent) = self.state.first_absent(self.index, rest) else { return Ok(()) };
            let run_end = self.inserted.run_end(container, absent);
            let end = run_end.or_else(|| self.own.run_end(container, absent));
            let end = end.ok_or(Misfit::Absent(absent))?;
            if end >= nodes.end() {
                return Ok(());
            }
            rest = IdSpan::new(OpId::new(absent.replica, end), nodes.end() - end);
        }
    }
}

impl State {
    /// Whether a sequence can hold what an operation made here inserts.
    pub(crate) fn can_hold(&self, op: &Op) -> bool {
        let inserts = matches!(op, Op::Insert { .. } | Op::Move { .. });
        !inserts || self.has_room(op.container().and_then(|id| self.find(id)), op)
    }

    /// Whether a sequence can hold what an operation on it inserts.
    fn has_room(&self, index: Option<ContainerIndex>, op: &Op) -> bool {
        let more = match op {
            Op::Insert { .. } | Op::Move { .. } => op.len(),
            _ => return true,
        };
        let held = match index.map(|index| self.body(index)) {
            Some(Body::Text(sequence)) => sequence.node_count(),
            Some(Body::List(list)) => list.nodes().node_count(),
            _ => 0,
        };
        held + more <= MAX_NODES
    }

    /// The first of these nodes that is not in a sequence, if that is known.
    fn first_absent(&self, index: Option<ContainerIndex>, nodes: IdSpan) -> Option<OpId> {
        match index.map(|index| self.body(index)) {
            Some(Body::List(list)) => list.nodes().first_absent(nodes),
            Some(Body::Text(sequence)) => sequence.first_absent(nodes),
            _ => Some(nodes.start),
        }
    }
}
