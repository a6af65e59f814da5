//! A sequence in the form in which it was last needed: packed until something asks for its tree.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use crate::error::EditError;
use crate::event::TextDelta;
use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::{NodeRun, Place};
use crate::value::Unit;
use crate::version::VersionVector;

use super::delta::Turn;
use super::origin::NodeOrigins;
use super::packed::Packed;
use super::payload::{Items, Payload};
use super::span::Status;
use super::spot::{Gap, Spot};
use super::standing::Standing;
use super::{Gathered, Tree};

/// A sequence as the state has it: in at least one of two forms, and if in both, in equal ones.
///
/// What is asked of a packed sequence is answered from its columns if they show it, else from the
/// tree, which is there from then on. An edit leaves the tree alone.
#[derive(Clone, Debug)]
pub(crate) struct Sequence<P> {
    packed: Option<Closed<P>>,
    tree: OnceLock<Box<Tree<P>>>,
}

/// A packed sequence, and the stable cut, which does not show in it.
#[derive(Clone, Debug)]
struct Closed<P> {
    packed: Packed<P>,
    stable: Arc<VersionVector>,
    walks: Walks,
}

/// How often a packed sequence has been walked over for an answer that its tree gives at once. A few
/// walks cost less than the tree, many more.
#[derive(Default, Debug)]
struct Walks(AtomicU32);

impl Walks {
    const MAX: u32 = 16;

    /// Whether another walk is to be taken.
    fn go_on(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) < Self::MAX
    }
}

impl Clone for Walks {
    fn clone(&self) -> Self {
        Self::default()
    }
}

const FORMLESS: &str = "a sequence has one of its forms";

impl<P: Payload> Sequence<P> {
    pub(crate) fn new() -> Self {
        Self { packed: None, tree: OnceLock::from(Box::new(Tree::new())) }
    }

    /// What was saved, at the stable cut.
    pub(crate) fn packed(packed: Packed<P>, stable: &Arc<VersionVector>) -> Self {
        let stable = Arc::clone(stable);
        let closed = Closed { packed, stable, walks: Walks::default() };
        Self { packed: Some(closed), tree: OnceLock::new() }
    }

    /// All that was gathered for it.
    pub(crate) fn gathered(gathered: Gathered<P>) -> Self {
        Self { packed: None, tree: OnceLock::from(Box::new(gathered.into_tree())) }
    }

    fn closed(&self) -> Option<&Packed<P>> {
        self.packed.as_ref().map(|closed| &closed.packed)
    }

    pub(super) fn tree(&self) -> &Tree<P> {
        self.tree.get_or_init(|| self.opened())
    }

    /// The tree of the packed form.
    fn opened(&self) -> Box<Tree<P>> {
        let Closed { packed, stable, .. } = self.packed.as_ref().expect(FORMLESS);
        Box::new(Tree::from_valid(packed, packed.payload().clone(), stable))
    }

    /// The tree, to be edited.
    #[inline]
    fn tree_mut(&mut self) -> &mut Tree<P> {
        if self.packed.is_some() {
            self.unpack();
        }
        self.tree.get_mut().expect(FORMLESS)
    }

    /// Leaves only the tree.
    #[cold]
    fn unpack(&mut self) {
        if let Some(Closed { mut packed, stable, .. }) = self.packed.take()
            && self.tree.get().is_none()
        {
            let payload = packed.take_payload();
            self.tree = OnceLock::from(Box::new(Tree::from_valid(&packed, payload, &stable)));
        }
    }

    /// The packed form, which is made if it is not there.
    pub(crate) fn to_packed(&self) -> Cow<'_, Packed<P>> {
        match self.closed() {
            Some(packed) => Cow::Borrowed(packed),
            None => Cow::Owned(self.tree().pack()),
        }
    }

    /// Whether the node is here, live or as a tombstone.
    pub(crate) fn contains(&self, node: OpId) -> bool {
        self.tree().contains(node)
    }

    /// How far the deletion of a node has come; `None` if it is not here.
    pub(crate) fn status(&self, node: OpId) -> Option<Status> {
        self.tree().status(node)
    }

    /// The nodes that live, in reading order.
    pub(crate) fn live(&self) -> impl Iterator<Item = OpId> {
        self.tree().live()
    }

    /// The nodes that are not prunable, in reading order.
    pub(crate) fn unprunable(&self) -> impl Iterator<Item = OpId> {
        self.tree().unprunable()
    }

    /// The live node at an index.
    pub(crate) fn live_at(&self, index: usize) -> Option<OpId> {
        self.tree().live_at(index)
    }

    /// The first of these nodes that is not here.
    pub(crate) fn first_absent(&self, nodes: IdSpan) -> Option<OpId> {
        self.tree().first_absent(nodes)
    }

    /// How much lives.
    pub(crate) fn len(&self, unit: Unit) -> usize {
        self.closed().map_or_else(|| self.tree().len(unit), |packed| packed.live().in_unit(unit))
    }

    /// Whether nothing lives.
    pub(crate) fn is_empty(&self) -> bool {
        self.closed().map_or_else(|| self.tree().is_empty(), |packed| packed.live_count() == 0)
    }

    /// Whether not even a tombstone is here.
    pub(crate) fn is_blank(&self) -> bool {
        self.closed().map_or_else(|| self.tree().is_blank(), Packed::is_blank)
    }

    /// All nodes, tombstones included.
    pub(crate) fn node_count(&self) -> u64 {
        self.closed().map_or_else(|| self.tree().node_count(), Packed::node_count)
    }

    /// In how many runs they are held.
    pub(crate) fn span_count(&self) -> u64 {
        self.closed().map_or_else(|| self.tree().span_count(), Packed::run_count)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let tree = self.tree.get().map(|tree| size_of::<Tree<P>>() + tree.memory_bytes());
        tree.unwrap_or(0) + self.closed().map_or(0, Packed::memory_bytes)
    }

    /// See [`Tree::place_at`].
    pub(crate) fn place_at(&mut self, unit: Unit, position: usize) -> Result<Place, EditError> {
        self.tree_mut().place_at(unit, position)
    }

    /// See [`Tree::type_at`]; never in a packed sequence, which nobody has edited.
    pub(crate) fn type_at(
        &mut self,
        unit: Unit,
        position: usize,
        id: OpId,
        part: P::Part<'_>,
    ) -> bool {
        self.packed.is_none() && self.tree_mut().type_at(unit, position, id, part)
    }

    /// See [`Tree::place_at_end`].
    pub(crate) fn place_at_end(&self) -> Place {
        self.tree().place_at_end()
    }

    /// See [`Tree::standing`].
    pub(crate) fn standing(&self, node: OpId) -> Option<Standing> {
        self.tree().standing(node)
    }

    /// See [`Tree::living`]. They are to be edited.
    pub(crate) fn living(&mut self, nodes: IdSpan) -> impl Iterator<Item = IdSpan> {
        self.tree_mut().living(nodes)
    }

    /// See [`Tree::insert`].
    pub(crate) fn insert(&mut self, id: OpId, place: Place, part: P::Part<'_>) {
        self.tree_mut().insert(id, place, part);
    }

    /// See [`Tree::nodes_in`].
    pub(crate) fn nodes_in(
        &mut self,
        unit: Unit,
        start: usize,
        len: usize,
    ) -> Result<Vec<NodeRun>, EditError> {
        self.tree_mut().nodes_in(unit, start, len)
    }

    /// See [`Tree::run_in`].
    pub(crate) fn run_in(
        &mut self,
        unit: Unit,
        start: usize,
        len: usize,
    ) -> Result<Option<NodeRun>, EditError> {
        self.tree_mut().run_in(unit, start, len)
    }

    /// The nodes of all live characters.
    pub(crate) fn live_nodes(&self) -> Vec<NodeRun> {
        self.tree().live_nodes()
    }

    /// See [`Tree::run_from`].
    pub(crate) fn run_from(&self, node: OpId) -> Option<(IdSpan, Status)> {
        self.tree().run_from(node)
    }

    /// See [`Tree::run_upto`].
    pub(crate) fn run_upto(&self, node: OpId) -> Option<(IdSpan, Status)> {
        self.tree().run_upto(node)
    }

    /// See [`Tree::runs_before`].
    pub(crate) fn runs_before(&self, node: OpId) -> impl Iterator<Item = (IdSpan, Status)> {
        self.tree().runs_before(node)
    }

    /// See [`Tree::runs_after`].
    pub(crate) fn runs_after(&self, node: OpId) -> impl Iterator<Item = (IdSpan, Status)> {
        self.tree().runs_after(node)
    }

    /// See [`Tree::last_nameable`].
    pub(crate) fn last_nameable(&self, nodes: IdSpan) -> Option<OpId> {
        self.tree().last_nameable(nodes)
    }

    /// See [`Tree::first_nameable`].
    pub(crate) fn first_nameable(&self, nodes: IdSpan) -> Option<OpId> {
        self.tree().first_nameable(nodes)
    }

    /// See [`Tree::place_before`].
    pub(crate) fn place_before(&self, node: OpId) -> Option<Place> {
        self.tree().place_before(node)
    }

    /// See [`Tree::place_after`].
    pub(crate) fn place_after(&self, node: Option<OpId>) -> Option<Place> {
        self.tree().place_after(node)
    }

    /// See [`Tree::deleted_since`].
    pub(crate) fn deleted_since<'t>(
        &'t self,
        me: ReplicaId,
        seen: &'t VersionVector,
    ) -> impl Iterator<Item = IdSpan> + 't {
        self.tree().deleted_since(me, seen)
    }

    /// See [`Tree::delete`].
    pub(crate) fn delete(&mut self, deletion: OpId, run: NodeRun) -> bool {
        self.tree_mut().delete(deletion, run)
    }

    /// See [`Tree::raise_status`].
    pub(crate) fn raise_status(&mut self, nodes: IdSpan, status: Status) -> u64 {
        self.tree_mut().raise_status(nodes, status)
    }

    /// See [`Tree::undo_insert`].
    pub(crate) fn undo_insert(&mut self, nodes: IdSpan) {
        self.tree_mut().undo_insert(nodes);
    }

    /// See [`Tree::undo_delete`].
    pub(crate) fn undo_delete(&mut self, deletion: OpId, run: NodeRun) {
        self.tree_mut().undo_delete(deletion, run);
    }

    /// The columns, if a walk over them is to answer.
    fn walked(&self) -> Option<&Packed<P>> {
        let closed = self.packed.as_ref().filter(|_| self.tree.get().is_none())?;
        closed.walks.go_on().then_some(&closed.packed)
    }

    /// See [`Tree::gap`]; O(n) in a packed sequence, the first few times.
    pub(crate) fn gap(&self, unit: Unit, position: usize) -> Option<Gap> {
        match self.walked() {
            Some(packed) => packed.gap(unit, position),
            None => self.tree().gap(unit, position),
        }
    }

    /// See [`Tree::spot`]; O(n) in a packed sequence, the first few times.
    pub(crate) fn spot(&self, unit: Unit, node: OpId) -> Option<Spot> {
        match self.walked() {
            Some(packed) => packed.spot(unit, node),
            None => self.tree().spot(unit, node),
        }
    }

    /// See [`Tree::kin`]; O(n) in a packed sequence, the first few times.
    pub(crate) fn kin(&self, unit: Unit, node: OpId) -> [Option<Spot>; 2] {
        match self.walked() {
            Some(packed) => packed.kin(unit, node),
            None => self.tree().kin(unit, node),
        }
    }

    /// All nodes in reading order. O(n).
    pub(crate) fn origins(&self) -> Vec<NodeOrigins> {
        self.tree().origins()
    }

    /// Whether the sequence is held as columns, whatever else.
    pub(crate) fn is_packed(&self) -> bool {
        self.packed.is_some()
    }

    /// Whether a packed sequence has deletions that are not within the prune cut.
    pub(crate) fn has_packed_deletions(&self) -> bool {
        self.closed().is_some_and(Packed::has_deletions)
    }

    /// Whether one of these is by an author, before a counter. O(n) in them.
    pub(crate) fn has_packed_deletion(&self, author: ReplicaId, end: u64) -> bool {
        let is_due = |by: OpId| by.replica == author && by.counter < end;
        self.closed().is_some_and(|packed| packed.deletions().any(|(by, _)| is_due(by)))
    }

    /// The first deletion of each author that is not stable; none of a packed sequence.
    pub(crate) fn unstable_heads(&self) -> Vec<OpId> {
        let tree = self.tree.get().filter(|_| !self.is_packed());
        tree.map_or(Vec::new(), |tree| tree.unstable_heads().collect())
    }

    /// The first deletion of each author that is not within the prune cut: in a packed sequence of
    /// all, in a tree of those that are stable. O(n) in the deletions of a packed sequence.
    pub(crate) fn stable_heads(&self) -> Vec<OpId> {
        if let Some(packed) = self.closed() {
            let mut heads: Vec<OpId> = packed.deletions().map(|(deletion, _)| deletion).collect();
            heads.dedup_by_key(|head| head.replica);
            return heads;
        }
        self.tree.get().map_or(Vec::new(), |tree| tree.stable_heads().collect())
    }

    /// Retires what is deleted within the stable cut. A cut only grows.
    pub(crate) fn set_stable(&mut self, cut: &Arc<VersionVector>) {
        if let Some(closed) = &mut self.packed {
            closed.stable = Arc::clone(cut);
        }
        if let Some(tree) = self.tree.get_mut() {
            tree.set_stable(cut);
        }
    }

    /// See [`Tree::retire`]. Gives also the first deletions of the author that are left to retire, and
    /// to remove. A packed sequence follows the cut [otherwise](Self::set_stable).
    pub(crate) fn retire(&mut self, author: ReplicaId, end: u64) -> (u64, [Option<OpId>; 2]) {
        match self.tree.get_mut().filter(|_| self.packed.is_none()) {
            Some(tree) => {
                let touched = tree.retire(author, end);
                (touched, [tree.unstable_head(author), tree.stable_head(author)])
            }
            None => (0, [None; 2]),
        }
    }

    /// See [`Tree::remove_deleted`]. Gives also the first deletion of the author that is left.
    pub(crate) fn remove_deleted(&mut self, author: ReplicaId, end: u64) -> (u64, Option<OpId>) {
        let tree = self.tree_mut();
        let touched = tree.remove_deleted(author, end);
        (touched, tree.stable_head(author))
    }

    /// See [`Tree::reduce`].
    pub(crate) fn reduce(&mut self) -> u64 {
        self.tree_mut().reduce()
    }

    /// Gives back memory, if much of it is of what is removed; gives how many spans that took, and how
    /// many bytes it gave back.
    pub(crate) fn compact(&mut self) -> (u64, u64) {
        match self.tree.get_mut().filter(|_| self.packed.is_none()) {
            Some(tree) => tree.compact(),
            None => (0, 0),
        }
    }

    /// How many nodes operations within a version delete, of those not within the prune cut; a node
    /// that several delete counts for each. It opens nothing.
    pub(crate) fn deletions_within(&self, version: &VersionVector) -> u64 {
        if let Some(tree) = self.tree.get() {
            return tree.deletions_within(version);
        }
        let deletions = self.closed().into_iter().flat_map(Packed::deletions);
        let within = |(by, run): (OpId, NodeRun)| {
            run.len().min(version.get(by.replica).saturating_sub(by.counter))
        };
        deletions.map(within).sum()
    }

    /// Asserts the invariants of the forms that are here.
    #[cfg(test)]
    pub(crate) fn check(&self) {
        self.tree.get().inspect(|tree| tree.check());
        if let Some((tree, packed)) = self.tree.get().zip(self.closed()) {
            assert_eq!(tree.pack(), *packed, "both forms are equal");
        }
    }
}

impl Sequence<String> {
    /// See [`Tree::content_of`].
    pub(crate) fn content_of(&self, nodes: IdSpan) -> String {
        self.tree().content_of(nodes)
    }

    /// See [`Tree::delta`].
    pub(crate) fn delta(&mut self, turns: &[Turn], unit: Unit) -> Vec<TextDelta> {
        self.tree_mut().delta(turns, unit)
    }

    /// All that lives, as a delta from nothing.
    pub(crate) fn whole_delta(&self) -> Vec<TextDelta> {
        let text = self.text();
        if text.is_empty() { Vec::new() } else { vec![TextDelta::Insert(text.into_owned())] }
    }

    /// The live characters.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self.closed() {
            Some(packed) => packed.text().into(),
            None => self.tree().text().into(),
        }
    }

    /// The live characters in pieces, none of them copied.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &str> {
        let packed = self.closed().map(Packed::text);
        let tree = if packed.is_none() { Some(self.tree()) } else { None };
        packed.into_iter().chain(tree.into_iter().flat_map(Tree::pieces))
    }

    /// Removes what nobody can name any more, and packs what is left. The stable cut covers the
    /// prune cut.
    ///
    /// O(n log n) in the runs held; O(1) for one that is packed and has no deletion within the cut.
    pub(crate) fn prune(&mut self, cut: &VersionVector, stable: &Arc<VersionVector>) {
        if let Some(closed) = &mut self.packed
            && !closed.packed.deletions().any(|(deletion, _)| cut.contains(deletion))
        {
            closed.stable = Arc::clone(stable);
            self.tree = OnceLock::new();
            return;
        }
        self.tree_mut().prune(cut, stable);
        *self = Self::packed(self.tree().pack(), stable);
    }
}

impl Sequence<Items> {
    /// Lets a node live, or not; one that is prunable stays as it is.
    pub(crate) fn set_live(&mut self, node: OpId, live: bool) {
        let is_so = if live { Status::Live } else { Status::Deleted };
        if self.status(node).is_some_and(|known| known != is_so) {
            self.tree_mut().set_live(node, live);
        }
    }
}
