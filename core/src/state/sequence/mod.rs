//! A sequence of elements on a Fugue tree (Weidner & Kleppmann 2023, "The Art of the Fugue").
//!
//! Every element (a character of a text, a place of an item in a list) is a node, and hangs on another one, on its left or its right side. The
//! reading order is in-order: left children, the node, right children, siblings by identity. So
//! it depends on parents, sides and identities alone, never on which tombstones are still there,
//! and that is what pruning stands on.
//!
//! ```text
//!   tree of spans ([`Span`]: parent, side, children)   who hangs on whom; decides the order
//!   reading order ([`order`]: list and treap)          position <-> span, in every unit
//!   [`span::Index`]                                    node -> span
//!   [`stable`]                                         which deletions every member knows
//! ```
//! - [`insert`]: a node's place -> spans; a local position -> a place.
//! - [`delete`]: nodes -> tombstones.
//! - [`stable`]: tombstones that are retired: kept, but no longer named.
//! - [`piece`]: the sequence as a flat list, for pruning.
//! - [`packed`]: the sequence as it is saved, and held while nobody edits it.
//! - [`lazy`]: a sequence in either form; [`open`]: from the one to the other.
//! - [`payload`]: what live nodes carry.
//! - [`undo`]: back to what was before the last insertion or deletion.
//! - [`origin`]: the nodes as the literature has them.
//! - [`prune`]: the list without what nobody can name any more.

mod check;
mod delete;
mod insert;
mod lazy;
mod open;
mod order;
mod origin;
pub(crate) mod packed;
mod payload;
pub(crate) mod piece;
mod prune;
mod span;
mod stable;
mod undo;

pub(crate) use lazy::Sequence;
pub(crate) use payload::{Items, Payload};
pub(crate) use span::Status;

use crate::id::{IdSpan, OpId, ReplicaId};
use crate::op::Side;
use crate::value::Unit;
use order::{NONE, Order, Slot, Weight};
use span::{Index, Span};
use stable::Deletions;

/// The most live characters in one span: bounds the work within one.
const MAX_LIVE_LEN: u32 = 512;

/// The most nodes in a sequence that is loaded: so that lengths fit into 32 bits.
const MAX_NODES: u64 = u32::MAX as u64;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Tree<P> {
    spans: Vec<Span<P>>,
    /// Slots of `spans` and `order` that are not in use.
    free: Vec<Slot>,
    order: Order,
    index: Index,
    deletions: Deletions,
    nodes: u64,
    cursor: Option<Cursor>,
}

/// Where the last local edit was: the next one is most often there.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    slot: Slot,
    unit: Unit,
    /// How much live text is before the slot, in that unit.
    before: usize,
}

impl<P: Payload> Tree<P> {
    const ROOT: Slot = Order::FRONT;

    pub(crate) fn new() -> Self {
        let root = Span {
            id: OpId::new(ReplicaId::new(0), 0),
            len: 0,
            status: Status::Live,
            payload: P::default(),
            parent: NONE,
            side: Side::Right,
            key: OpId::new(ReplicaId::new(0), 0),
            children: [Vec::new(), Vec::new()],
            alive: [0, 0],
        };
        Self {
            spans: vec![root],
            free: Vec::new(),
            order: Order::new(),
            index: Index::default(),
            deletions: Deletions::default(),
            nodes: 0,
            cursor: None,
        }
    }

    fn span(&self, slot: Slot) -> &Span<P> {
        &self.spans[slot as usize]
    }

    fn span_mut(&mut self, slot: Slot) -> &mut Span<P> {
        &mut self.spans[slot as usize]
    }

    /// The span that holds the node, and the node's offset in it.
    fn locate(&self, node: OpId) -> Option<(Slot, u32)> {
        let slot = self.index.at_or_before(node)?;
        let offset = node.counter - self.span(slot).id.counter;
        (offset < self.span(slot).len.into()).then_some((slot, offset as u32))
    }

    /// Whether the node is here, live or as a tombstone.
    pub(crate) fn contains(&self, node: OpId) -> bool {
        self.locate(node).is_some()
    }

    /// How far the deletion of a node has come; `None` if it is not here.
    pub(crate) fn status(&self, node: OpId) -> Option<Status> {
        self.locate(node).map(|(slot, _)| self.span(slot).status)
    }

    /// The nodes that live, in reading order.
    pub(crate) fn live(&self) -> impl Iterator<Item = OpId> {
        self.with_status(|status| status == Status::Live)
    }

    /// The nodes that are not prunable, in reading order.
    pub(crate) fn unprunable(&self) -> impl Iterator<Item = OpId> {
        self.with_status(|status| status < Status::Prunable)
    }

    fn with_status(&self, wanted: impl Fn(Status) -> bool) -> impl Iterator<Item = OpId> {
        let spans = self.slots().map(|slot| self.span(slot));
        spans
            .filter(move |span| wanted(span.status))
            .flat_map(|span| (0..u64::from(span.len)).map(|nth| span.id.plus(nth)))
    }

    /// The live node at an index.
    pub(crate) fn live_at(&self, index: usize) -> Option<OpId> {
        if index >= self.len(Unit::Scalar) {
            return None;
        }
        let (slot, before) = self.order.locate(Unit::Scalar, index + 1);
        Some(self.span(slot).id.plus((index - before) as u64))
    }

    /// The first of these nodes that is not here.
    pub(crate) fn first_absent(&self, nodes: IdSpan) -> Option<OpId> {
        let mut counter = nodes.start.counter;
        while counter < nodes.end() {
            let node = OpId::new(nodes.start.replica, counter);
            let Some((slot, _)) = self.locate(node) else { return Some(node) };
            counter = self.span(slot).nodes().end();
        }
        None
    }

    /// How much lives.
    pub(crate) fn len(&self, unit: Unit) -> usize {
        self.order.total().in_unit(unit)
    }

    /// Whether nothing lives.
    pub(crate) fn is_empty(&self) -> bool {
        self.order.total() == Weight::default()
    }

    /// Whether not even a tombstone is here.
    pub(crate) fn is_blank(&self) -> bool {
        self.nodes == 0 && self.deletions.is_empty()
    }

    /// All nodes, tombstones included.
    pub(crate) fn node_count(&self) -> u64 {
        self.nodes
    }

    pub(crate) fn span_count(&self) -> u64 {
        self.index.len() as u64
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        /// A B-tree's entry, with the usual slack of its leaves.
        const INDEX_ENTRY: usize = (size_of::<u64>() + size_of::<Slot>()) * 3 / 2;
        self.spans.capacity() * size_of::<Span<P>>()
            + self.spans.iter().map(|span| span.heap_bytes()).sum::<usize>()
            + self.order.capacity() * Order::BYTES_PER_SLOT
            + self.index.len() * INDEX_ENTRY
            + self.deletions.memory_bytes()
    }

    /// The spans in reading order, without the root.
    fn slots(&self) -> impl Iterator<Item = Slot> {
        let next = |slot| Some(self.order.next(slot)).filter(|&next| next != NONE);
        std::iter::successors(next(Self::ROOT), move |&slot| next(slot))
    }

    /// The span that holds the `position`-th unit (from 1 on, to the total), and how much lies
    /// before it. Remembers the span.
    fn seek(&mut self, unit: Unit, position: usize) -> (Slot, usize) {
        if let Some(Cursor { slot, before, .. }) = self.cursor.filter(|at| at.unit == unit) {
            let width = self.order.weight(slot).in_unit(unit);
            if before < position && position <= before + width {
                return (slot, before);
            }
        }
        let (slot, before) = self.order.find(unit, position);
        self.cursor = Some(Cursor { slot, unit, before });
        (slot, before)
    }

    /// Takes a slot for a span and enters it everywhere but in the tree: behind `after`.
    fn enter(&mut self, span: Span<P>, after: Slot) -> Slot {
        let slot = self.free.pop().unwrap_or(self.spans.len() as Slot);
        self.index.insert(span.id, slot);
        self.order.insert_after(after, slot, span.weight());
        if slot as usize == self.spans.len() {
            self.spans.push(span);
        } else {
            *self.span_mut(slot) = span;
        }
        slot
    }

    /// Parts a span before its node number `at`, which is neither 0 nor its length; gives the
    /// second part, which is then the only right child of the first.
    fn split(&mut self, slot: Slot, at: u32) -> Slot {
        let span = self.span_mut(slot);
        let id = span.id.plus(at.into());
        let payload = span.payload.split_off(at);
        let tail = Span {
            id,
            len: span.len - at,
            status: span.status,
            payload,
            parent: slot,
            side: Side::Right,
            key: id,
            children: [Vec::new(), std::mem::take(&mut span.children[1])],
            alive: [0, span.alive[1]],
        };
        span.len = at;
        span.alive[1] = tail.subtree_alive().into();
        let head_weight = span.weight();
        self.order.set_weight(slot, head_weight);
        let tail = self.enter(tail, slot);
        self.span_mut(slot).children[1] = vec![tail];
        self.adopt_right(tail);
        tail
    }

    /// Merges into a span its only right child, where the two are one run of one status; gives
    /// whether it did.
    fn merge_right(&mut self, slot: Slot) -> bool {
        let span = self.span(slot);
        let &[next] = span.children[1].as_slice() else { return false };
        let tail = self.span(next);
        let one_run = slot != Self::ROOT
            && tail.id == span.id.plus(span.len.into())
            && tail.key == tail.id
            && tail.children[0].is_empty()
            && tail.status == span.status
            && span.len.checked_add(tail.len).is_some()
            && (span.status > Status::Live || span.len + tail.len <= MAX_LIVE_LEN);
        if !one_run {
            return false;
        }
        self.order.remove(next);
        self.cursor = self.cursor.filter(|cursor| cursor.slot != next);
        self.index.remove(self.span(next).id);
        self.free.push(next);
        let tail = self.span_mut(next);
        let (len, alive) = (tail.len, tail.alive[1]);
        let payload = std::mem::take(&mut tail.payload);
        let children = std::mem::take(&mut tail.children[1]);
        let span = self.span_mut(slot);
        span.len += len;
        span.payload.push(payload.part());
        span.children[1] = children;
        span.alive[1] = alive;
        let weight = span.weight();
        self.order.set_weight(slot, weight);
        self.adopt_right(slot);
        true
    }

    /// Tells the right children of a span that they are.
    fn adopt_right(&mut self, slot: Slot) {
        for i in 0..self.span(slot).children[1].len() {
            let child = self.span(slot).children[1][i];
            self.span_mut(child).parent = slot;
        }
    }
}

impl Tree<String> {
    pub(crate) fn text(&self) -> String {
        let mut text = String::with_capacity(self.len(Unit::Utf8));
        for slot in self.slots() {
            text.push_str(&self.span(slot).payload);
        }
        text
    }
}
