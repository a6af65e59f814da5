//! A list: items, and the places where they stand (Kleppmann 2020, "Moving Elements in List
//! CRDTs").
//!
//! An item is known by the operation that inserted it, and is a [slot](super::slots::Slot): what
//! it holds can be assigned, removed and conflict as under the key of a map. Where it stands is a
//! node of a [sequence](super::sequence): the one that came with it, or, once it was moved, the
//! one of the move with the greatest (Lamport time, replica). Its other nodes are tombstones. So
//! an item is in one place, once, and moving it leaves alone what it holds.
//!
//! A deletion takes away what the item held at first; so what others put into it at the same time
//! brings it back. Whether an item is *shown* is for the state, which sees into its containers.
//!
//! ```text
//!   node of a tombstone      stable, prunable
//!   ---------------------    -----------------------------------------------------------
//!   left by a move           once a greater move of the item lies within the cut
//!   of an item not shown     once all that ever touched the item lies within the cut
//! ```
//! Both follow from what lies within the cut alone, as [pruning](super::sequence) asks for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::container::Key;
use crate::error::EditError;
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::{NodeRun, Place};
use crate::value::Unit;
use crate::version::VersionVector;

use super::sequence::{Gap, Items, Sequence, Spot, Status};
use super::slots::{Slot, Slots};

/// A move: its rank among those of its item.
pub(crate) type Rank = (u64, OpId);

/// The moves that do not lie within a cut yet, by author, in the author's order, each with its
/// item and its Lamport time.
type Moves = BTreeMap<ReplicaId, VecDeque<(u64, OpId, u64)>>;

/// Items that are not shown, by an operation for which the cut has to be waited for.
type Waiting = BTreeSet<(OpId, OpId)>;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct List {
    nodes: Sequence<Items>,
    pub(super) slots: Slots,
    /// The moves of each item that have a node, ascending; of an item that was never moved, none.
    moves: BTreeMap<OpId, Vec<Rank>>,
    /// Which item each of them moved.
    moved: BTreeMap<OpId, OpId>,
    /// Moves beyond the stable cut, and between it and the prune cut.
    unstable_moves: Moves,
    stable_moves: Moves,
    /// Items not shown that are not stable, and those that are and not prunable.
    dying: Waiting,
    dead: Waiting,
}

impl Default for List {
    fn default() -> Self {
        Self {
            nodes: Sequence::new(),
            slots: Slots::default(),
            moves: BTreeMap::new(),
            moved: BTreeMap::new(),
            unstable_moves: Moves::new(),
            stable_moves: Moves::new(),
            dying: Waiting::new(),
            dead: Waiting::new(),
        }
    }
}

impl List {
    pub(crate) fn nodes(&self) -> &Sequence<Items> {
        &self.nodes
    }

    /// How many items are shown.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len(Unit::Scalar)
    }

    /// The shown items, in order.
    pub(crate) fn items(&self) -> impl Iterator<Item = OpId> {
        self.nodes.live().map(|node| self.item_of(node))
    }

    /// The item that is shown at an index.
    pub(crate) fn item_at(&self, index: usize) -> Option<OpId> {
        self.nodes.live_at(index).map(|node| self.item_of(node))
    }

    /// The items on both sides of an index within the list.
    pub(crate) fn gap(&self, index: usize) -> Gap {
        let Gap { left, right } = self.nodes.gap(Unit::Scalar, index).unwrap_or_default();
        let item = |node: Option<OpId>| node.map(|node| self.item_of(node));
        Gap { left: item(left), right: item(right) }
    }

    /// Where an item stands, wherever it has been moved to; `None` if nothing is known of it.
    pub(crate) fn spot(&self, item: OpId) -> Option<Spot> {
        self.nodes.spot(Unit::Scalar, self.node_of(item))
    }

    /// The item whose node this is.
    pub(crate) fn item_of(&self, node: OpId) -> OpId {
        self.moved.get(&node).copied().unwrap_or(node)
    }

    /// The node where an item stands.
    pub(crate) fn node_of(&self, item: OpId) -> OpId {
        self.moves.get(&item).and_then(|moves| moves.last()).map_or(item, |&(_, node)| node)
    }

    /// Whether an item is here that an edit made here may name: it is not gone for good.
    pub(crate) fn can_be_named(&self, item: OpId) -> bool {
        let status = self.nodes.status(self.node_of(item));
        status.is_some_and(|status| status < Status::Stable)
    }

    /// The index of an item that is shown.
    pub(crate) fn index_of(&self, item: OpId) -> Option<usize> {
        self.nodes.standing(self.node_of(item)).map(|standing| standing.before.scalars as usize)
    }

    /// Whether the item is known.
    pub(crate) fn contains(&self, item: OpId) -> bool {
        self.slots.get(&Key::Item(item)).is_some()
    }

    /// The place for an item that is to stand at `index`.
    ///
    /// # Errors
    /// [`EditError::OutOfBounds`].
    pub(crate) fn place_at(&mut self, index: usize) -> Result<Place, EditError> {
        self.nodes.place_at(Unit::Scalar, index)
    }

    /// The place for an item that is to stand behind the last one.
    pub(crate) fn place_behind(&self) -> Place {
        self.nodes.place_at_end()
    }

    /// Inserts nodes for items, which the state then puts into their slots.
    pub(crate) fn insert(&mut self, id: OpId, place: Place, items: u32) {
        self.nodes.insert(id, place, Items(items));
    }

    /// Takes out what [`insert`](Self::insert) put in last.
    pub(crate) fn undo_insert(&mut self, id: OpId, items: u32) {
        self.nodes.undo_insert(IdSpan::new(id, items.into()));
        for nth in 0..u64::from(items) {
            self.slots.remove(&Key::Item(id.plus(nth)));
        }
    }

    /// Moves an item; it is at its new place if no greater move is known. It is left to retire what it
    /// has left once the cut reaches it.
    pub(crate) fn move_item(&mut self, id: OpId, lamport: u64, item: OpId, place: Place) {
        let stood = self.node_of(item);
        let shown = self.nodes.status(stood) == Some(Status::Live);
        self.nodes.insert(id, place, Items(1));
        let moves = self.moves.entry(item).or_default();
        let rank = moves.partition_point(|&other| other < (lamport, id));
        moves.insert(rank, (lamport, id));
        self.moved.insert(id, item);
        let queue = self.unstable_moves.entry(id.replica).or_default();
        queue.push_back((id.counter, item, lamport));
        let stands = self.node_of(item);
        if stands == stood {
            self.nodes.set_live(id, false);
        } else {
            self.nodes.set_live(stood, false);
            self.nodes.set_live(stands, shown);
        }
    }

    /// Takes back a move, the last of its author, and the greatest of its item.
    pub(crate) fn undo_move(&mut self, id: OpId, item: OpId) {
        let shown = self.nodes.status(id) == Some(Status::Live);
        self.nodes.undo_insert(IdSpan::new(id, 1));
        self.moved.remove(&id);
        if let Some(moves) = self.moves.get_mut(&item) {
            moves.pop_if(|&mut (_, node)| node == id);
            if moves.is_empty() {
                self.moves.remove(&item);
            }
        }
        if let Some(queue) = self.unstable_moves.get_mut(&id.replica) {
            queue.pop_back();
            if queue.is_empty() {
                self.unstable_moves.remove(&id.replica);
            }
        }
        self.nodes.set_live(self.node_of(item), shown);
    }

    /// Whether the node where an item stands lives.
    pub(crate) fn lives(&self, item: OpId) -> bool {
        self.nodes.status(self.node_of(item)) == Some(Status::Live)
    }

    /// Follows whether an item is shown. One that is not waits for the cut to reach it, and is
    /// looked at then.
    pub(crate) fn set_shown(&mut self, item: OpId, shown: bool) {
        self.nodes.set_live(self.node_of(item), shown);
        if shown {
            self.dying.remove(&(item, item));
        } else {
            self.dying.insert((item, item));
        }
    }

    /// Lets an item that is not shown wait for the cut to reach an operation that touched it.
    pub(crate) fn wait(&mut self, op: OpId, item: OpId) {
        self.dying.insert((op, item));
    }

    /// Follows the stable cut in what moves of an author left; gives the items that waited for it to
    /// reach an operation of the author. Those that are gone for good are to be handed to
    /// [`retire`](Self::retire), others to [`wait`](Self::wait) again.
    pub(crate) fn advance_stable(&mut self, author: ReplicaId, cut: &VersionVector) -> Vec<OpId> {
        let end = cut.get(author);
        for (counter, item, lamport) in take_moves(&mut self.unstable_moves, author, end) {
            self.leave_behind(item, (lamport, OpId::new(author, counter)), Status::Stable);
            let queue = self.stable_moves.entry(author).or_default();
            queue.push_back((counter, item, lamport));
        }
        take_waiting(&mut self.dying, author, end)
    }

    /// The operations that the list waits for to be stable, the first of each author among them;
    /// and the first of one.
    pub(crate) fn unstable_heads(&self) -> Vec<OpId> {
        let dying = self.dying.iter().map(|&(op, _)| op);
        heads(&self.unstable_moves).chain(dying).collect()
    }

    #[cfg(test)]
    pub(super) fn stable_heads(&self) -> Vec<OpId> {
        heads(&self.stable_moves).chain(self.dead.iter().map(|&(op, _)| op)).collect()
    }

    pub(crate) fn unstable_head(&self, author: ReplicaId) -> Option<OpId> {
        head(&self.unstable_moves, &self.dying, author)
    }

    /// The first operation of an author that it waits for to be within the prune cut.
    pub(crate) fn stable_head(&self, author: ReplicaId) -> Option<OpId> {
        head(&self.stable_moves, &self.dead, author)
    }

    /// Marks the nodes of an item that a move has left as not named any more.
    fn leave_behind(&mut self, item: OpId, by: Rank, status: Status) {
        let moves = self.moves.get(&item).map_or(&[][..], Vec::as_slice);
        let lesser = &moves[..moves.partition_point(|&other| other < by)];
        // Those that an earlier one has left are so marked already.
        let nodes: Vec<OpId> = lesser
            .iter()
            .rev()
            .map(|&(_, node)| node)
            .chain([item])
            .take_while(|&node| self.nodes.status(node).is_some_and(|known| known < status))
            .collect();
        for node in nodes {
            self.nodes.raise_status(IdSpan::new(node, 1), status);
        }
    }

    /// Marks an item that is not shown, and that only what lies within the stable cut has touched.
    /// `op` is one of these operations.
    pub(crate) fn retire(&mut self, op: OpId, item: OpId) {
        self.nodes.raise_status(IdSpan::new(self.node_of(item), 1), Status::Stable);
        self.dead.insert((op, item));
    }

    /// The items that are gone for good and that waited for the prune cut to reach an operation of
    /// an author.
    pub(crate) fn take_dead(&mut self, author: ReplicaId, end: u64) -> Vec<OpId> {
        take_waiting(&mut self.dead, author, end)
    }

    /// Lets an item that is gone for good wait for the prune cut to reach an operation.
    pub(crate) fn wait_dead(&mut self, op: OpId, item: OpId) {
        self.dead.insert((op, item));
    }

    /// Forgets an item that only what lies within the prune cut has touched.
    pub(crate) fn bury(&mut self, item: OpId) {
        self.nodes.raise_status(IdSpan::new(self.node_of(item), 1), Status::Prunable);
        self.slots.remove(&Key::Item(item));
        for (_, node) in self.moves.remove(&item).unwrap_or_default() {
            self.nodes.raise_status(IdSpan::new(node, 1), Status::Prunable);
            self.moved.remove(&node);
        }
        self.nodes.raise_status(IdSpan::new(item, 1), Status::Prunable);
    }

    /// Removes the nodes that nobody can name any more, those that moves of an author before a counter
    /// have left among them; gives how many that took.
    pub(crate) fn prune(&mut self, author: ReplicaId, end: u64) -> u64 {
        for (counter, item, lamport) in take_moves(&mut self.stable_moves, author, end) {
            self.leave_behind(item, (lamport, OpId::new(author, counter)), Status::Prunable);
            self.forget_moves(item);
        }
        self.nodes.reduce()
    }

    /// See [`Sequence::compact`].
    pub(crate) fn compact(&mut self) -> (u64, u64) {
        self.nodes.compact()
    }

    /// Forgets moves of an item whose nodes are gone or prunable.
    fn forget_moves(&mut self, item: OpId) {
        let Some(moves) = self.moves.get_mut(&item) else { return };
        let Some(&(_, last)) = moves.last() else { return };
        let (nodes, moved) = (&self.nodes, &mut self.moved);
        moves.retain(|&(_, node)| {
            let status = nodes.status(node);
            let keep = node == last || status.is_some_and(|status| status < Status::Prunable);
            if !keep {
                moved.remove(&node);
            }
            keep
        });
    }

    /// How many nodes items have left within a cut, by a move or for good; of items that are not
    /// shown, as far as it is known for which operations they wait.
    pub(super) fn left_within(&self, cut: &VersionVector) -> u64 {
        let waiting = self.dying.iter().chain(&self.dead);
        let gone = waiting.filter(|&&(op, _)| cut.contains(op)).count();
        let queued = self.unstable_moves.iter().chain(&self.stable_moves);
        let moved = queued.map(|(&author, queue)| {
            queue.iter().take_while(|&&(counter, ..)| counter < cut.get(author)).count()
        });
        (gone + moved.sum::<usize>()) as u64
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.nodes.is_blank() && self.slots.is_blank()
    }

    /// The shown items in a range, as the nodes that they were inserted as, and in order.
    ///
    /// # Errors
    /// [`EditError::OutOfBounds`].
    pub(crate) fn items_in(&mut self, index: usize, len: usize) -> Result<Vec<OpId>, EditError> {
        let runs = self.nodes.nodes_in(Unit::Scalar, index, len)?;
        let nodes = runs.iter().flat_map(|run| (0..run.len()).map(|nth| run.node(nth)));
        Ok(nodes.map(|node| self.item_of(node)).collect())
    }

    /// Items as the runs of a deletion.
    pub(crate) fn as_runs(items: impl IntoIterator<Item = OpId>) -> Vec<NodeRun> {
        let mut runs = Vec::new();
        for item in items {
            NodeRun::push(&mut runs, NodeRun::forwards(IdSpan::new(item, 1)));
        }
        runs
    }

    /// The moves of each item, as they are saved.
    pub(crate) fn moves(&self) -> &BTreeMap<OpId, Vec<Rank>> {
        &self.moves
    }

    /// Rebuilds a list whose items are in their slots, and not yet known to be shown or not: that
    /// follows by [`set_shown`](Self::set_shown).
    ///
    /// # Errors
    /// What is wrong, if the parts do not fit each other.
    pub(crate) fn restore(
        &mut self,
        nodes: Sequence<Items>,
        moves: BTreeMap<OpId, Vec<Rank>>,
        floor: &VersionVector,
    ) -> Result<(), &'static str> {
        self.nodes = nodes;
        for (&item, moves) in &moves {
            if moves.is_empty() || !moves.is_sorted_by(|a, b| a < b) {
                return Err("the moves of an item are not in order");
            }
            for &(lamport, node) in moves {
                if self.moved.insert(node, item).is_some() || node == item {
                    return Err("a move is of two items");
                }
                if self.nodes.status(node).is_none() || !self.contains(item) {
                    return Err("a move has no node, or no item");
                }
                if !floor.contains(node) {
                    let queue = self.unstable_moves.entry(node.replica).or_default();
                    queue.push_back((node.counter, item, lamport));
                }
            }
        }
        self.moves = moves;
        for queue in self.unstable_moves.values_mut() {
            queue.make_contiguous().sort_unstable();
        }
        self.check_nodes()
    }

    /// Every item stands somewhere, and every node that is not prunable is of an item.
    fn check_nodes(&self) -> Result<(), &'static str> {
        for (key, _) in self.slots.iter() {
            let Key::Item(item) = *key else { return Err("a list has keys") };
            if self.moved.contains_key(&item) {
                return Err("a move is an item");
            }
            let status = self.nodes.status(self.node_of(item));
            if status.is_none_or(|status| status == Status::Prunable) {
                return Err("an item has no node");
            }
        }
        let known = |node: OpId| self.contains(self.item_of(node));
        if self.nodes.unprunable().all(known) { Ok(()) } else { Err("a node is of no item") }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let moves: usize = self.moves.values().map(Vec::capacity).sum();
        let queued = self.unstable_moves.values().chain(self.stable_moves.values());
        self.nodes.memory_bytes()
            + self.slots.memory_bytes()
            + self.moved.len() * 2 * size_of::<OpId>()
            + self.moves.len() * size_of::<(OpId, Vec<Rank>)>()
            + moves * size_of::<Rank>()
            + queued.map(VecDeque::capacity).sum::<usize>() * size_of::<(u64, OpId, u64)>()
            + (self.dying.len() + self.dead.len()) * size_of::<(OpId, OpId)>()
    }

    /// The slot of an item.
    pub(crate) fn slot(&self, item: OpId) -> Option<&Slot> {
        self.slots.get(&Key::Item(item))
    }
}

/// Takes out the moves of an author before a counter.
fn take_moves(moves: &mut Moves, author: ReplicaId, end: u64) -> Vec<(u64, OpId, u64)> {
    let Some(queue) = moves.get_mut(&author) else { return Vec::new() };
    let within = queue.partition_point(|&(counter, ..)| counter < end);
    let taken = queue.drain(..within).collect();
    if queue.is_empty() {
        moves.remove(&author);
    }
    taken
}

/// The first move of each author.
fn heads(moves: &Moves) -> impl Iterator<Item = OpId> {
    let first = |(&author, queue): (&ReplicaId, &VecDeque<(u64, OpId, u64)>)| {
        queue.front().map(|&(counter, ..)| OpId::new(author, counter))
    };
    moves.iter().filter_map(first)
}

/// The entries of those that wait for operations of an author from a counter on.
fn waiting_for(author: ReplicaId, counter: u64) -> (OpId, OpId) {
    (OpId::new(author, counter), OpId::new(ReplicaId::new(0), 0))
}

/// The first operation of an author that is a move, or that an item waits for.
fn head(moves: &Moves, waiting: &Waiting, author: ReplicaId) -> Option<OpId> {
    let moved = moves.get(&author).and_then(VecDeque::front);
    let moved = moved.map(|&(counter, ..)| OpId::new(author, counter));
    let waited = waiting.range(waiting_for(author, 0)..).next().map(|&(op, _)| op);
    waited.filter(|op| op.replica == author).into_iter().chain(moved).min()
}

/// Takes out the items that wait for operations of an author before a counter.
fn take_waiting(waiting: &mut Waiting, author: ReplicaId, end: u64) -> Vec<OpId> {
    let due = waiting.range(waiting_for(author, 0)..waiting_for(author, end));
    let due: Vec<_> = due.copied().collect();
    due.iter().for_each(|entry| _ = waiting.remove(entry));
    due.into_iter().map(|(_, item)| item).collect()
}
