//! A sequence of elements on a Fugue tree (Weidner & Kleppmann 2023, "The Art of the Fugue").
//!
//! Every element (a character of a text, a place of an item in a list) is a node, and hangs on another one, on its left or its right side. The
//! reading order is in-order: left children, the node, right children, siblings by identity. So
//! it depends on parents, sides and identities alone, never on which tombstones are still there,
//! and that is what pruning stands on.
//!
//! ```text
//!   spans in an arena ([`Span`]: parent, side; [`families`]: children)   who hangs on whom
//!   reading order ([`order`]: a B-tree of spans)           position <-> span, in every unit
//!   [`index`]                                              node -> span
//!   [`stock`]                                              what the nodes carry
//!   [`stable`]                                             which deletions every member knows
//! ```
//! - [`insert`]: a node's place -> spans; a local position -> a place.
//! - [`delete`]: nodes -> tombstones; [`gather`]: many of both at once.
//! - [`standing`]: nodes -> where they stand; [`delta`]: what has become of a text's.
//! - [`ranks`]: how `gather` finds its way.
//! - [`stable`]: tombstones that are retired: kept, but no longer named.
//! - [`piece`]: the sequence as a flat list, for pruning.
//! - [`packed`]: the sequence as it is saved, and held while nobody edits it.
//! - [`lazy`]: a sequence in either form; [`open`]: from the one to the other.
//! - [`past`]: what was shown at a version.
//! - [`payload`]: what nodes carry.
//! - [`spot`]: a position -> the nodes beside it, and back, for cursors.
//! - [`text`]: the live characters of a text.
//! - [`undo`]: back to what was before the last insertion or deletion.
//! - [`beside`]: where something belongs that was deleted, and is to be inserted again.
//! - [`origin`]: the nodes as the literature has them.
//! - [`reduce`]: removal of what nobody can name any more, where it is; [`prune`]: the tree made anew
//!   without it; [`compact`]: the memory of what was removed.

mod beside;
mod check;
mod compact;
mod delete;
pub(crate) mod delta;
mod families;
mod gather;
mod index;
mod insert;
mod lazy;
mod open;
mod order;
mod origin;
pub(crate) mod packed;
mod past;
mod payload;
pub(crate) mod piece;
mod prune;
mod ranks;
mod reduce;
mod span;
mod spot;
mod stable;
mod standing;
mod stock;
mod text;
mod undo;

pub(crate) use gather::Gathered;
pub(crate) use lazy::Sequence;
pub(crate) use past::Presence;
pub(crate) use payload::{Items, Payload};
pub(crate) use span::Status;
pub(crate) use spot::{Gap, Spot};
pub(crate) use standing::Standing;

use std::collections::BTreeMap;

use crate::id::{IdSpan, OpId};
use crate::op::Place;
use crate::value::Unit;
use families::Families;
use index::Index;
use order::{NONE, Order, Slot, Weight};
use span::Span;
use stable::Deletions;
use standing::Mark;
use stock::Stock;

/// The most nodes in a sequence: so that lengths, in whichever unit, fit into 32 bits, those of what
/// one more frame inserts included.
pub(crate) const MAX_NODES: u64 = (1 << 29) - 1;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Tree<P> {
    spans: Vec<Span>,
    /// Slots of `spans` and `order` that are not in use.
    free: Vec<Slot>,
    families: Families,
    /// The keys of the spans that have one.
    keys: BTreeMap<Slot, OpId>,
    order: Order,
    index: Index,
    stock: Stock<P>,
    deletions: Deletions,
    nodes: u64,
    cursor: Option<Cursor>,
    planned: Option<Planned>,
    mark: Mark,
    /// Spans of which the reduced tree may have less, or nothing; empty but while it is brought to that.
    reducible: Vec<Slot>,
    /// Whether nodes have been removed of which deletions may still be recorded.
    has_removed: bool,
    /// The span that was inserted into or found last, or the root: what comes next most often
    /// names it.
    recent: Slot,
}

/// Where the last local edit was: the next one is most often there.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    slot: Slot,
    unit: Unit,
    /// How much live text is before the slot, in that unit.
    before: usize,
}

/// The place that was found for a position: what is inserted there next is at the position.
#[derive(Clone, Copy, Debug)]
struct Planned {
    place: Place,
    unit: Unit,
    position: usize,
}

impl<P: Payload> Tree<P> {
    const ROOT: Slot = Order::FRONT;

    pub(crate) fn new() -> Self {
        let root = Span::new(0, 0, 0);
        Self {
            spans: vec![root],
            free: Vec::new(),
            families: Families::default(),
            keys: BTreeMap::new(),
            order: Order::of_slots(&[Self::ROOT], |_| Weight::default()),
            index: Index::default(),
            stock: Stock::default(),
            deletions: Deletions::default(),
            nodes: 0,
            cursor: None,
            planned: None,
            mark: Mark::NOWHERE,
            reducible: Vec::new(),
            has_removed: false,
            recent: Self::ROOT,
        }
    }

    fn span(&self, slot: Slot) -> &Span {
        &self.spans[slot as usize]
    }

    fn span_mut(&mut self, slot: Slot) -> &mut Span {
        &mut self.spans[slot as usize]
    }

    /// The first node of a span that is not the root.
    fn id(&self, slot: Slot) -> OpId {
        let span = self.span(slot);
        OpId::new(self.index.replica(span.author), span.first())
    }

    /// The last node of a span that is not the root.
    fn last(&self, slot: Slot) -> OpId {
        self.id(slot).plus(u64::from(self.span(slot).len) - 1)
    }

    fn nodes(&self, slot: Slot) -> IdSpan {
        IdSpan::new(self.id(slot), self.span(slot).len.into())
    }

    /// What orders a span among its siblings: the first node's identity, or that of the node whose
    /// place it took when that was spliced out.
    fn key(&self, slot: Slot) -> OpId {
        let key = self.keys.get(&slot).filter(|_| self.span(slot).has_key);
        key.copied().unwrap_or_else(|| self.id(slot))
    }

    /// What the nodes of a span carry, or carried.
    fn content(&self, slot: Slot) -> P::Part<'_> {
        self.stock.of(self.span(slot))
    }

    /// What the nodes of a span carry, if they live; else nothing.
    fn live_content(&self, slot: Slot) -> P::Part<'_> {
        let live = self.span(slot).status == Status::Live;
        if live { self.content(slot) } else { self.stock.nothing() }
    }

    /// The span that holds the node, and the node's offset in it.
    fn locate(&self, node: OpId) -> Option<(Slot, u32)> {
        let slot = self.index.at_or_before(self.index.author(node.replica)?, node.counter)?;
        let offset = node.counter - self.span(slot).first();
        (offset < self.span(slot).len.into()).then_some((slot, offset as u32))
    }

    /// Whether the node is here, live or as a tombstone.
    pub(crate) fn contains(&self, node: OpId) -> bool {
        self.locate_recent(node).is_some()
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
        let slots = self.slots().filter(move |&slot| wanted(self.span(slot).status));
        slots.flat_map(|slot| {
            let nodes = self.nodes(slot);
            (0..nodes.len).map(move |nth| nodes.start.plus(nth))
        })
    }

    /// The live node at an index.
    pub(crate) fn live_at(&self, index: usize) -> Option<OpId> {
        if index >= self.len(Unit::Scalar) {
            return None;
        }
        let (slot, before) = self.find(Unit::Scalar, index + 1);
        Some(self.id(slot).plus((index - before) as u64))
    }

    /// The first of these nodes that is not here.
    pub(crate) fn first_absent(&self, nodes: IdSpan) -> Option<OpId> {
        let mut counter = nodes.start.counter;
        while counter < nodes.end() {
            let node = OpId::new(nodes.start.replica, counter);
            let Some((slot, _)) = self.locate_recent(node) else { return Some(node) };
            counter = self.span(slot).end();
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
        self.spans.capacity() * size_of::<Span>()
            + self.families.memory_bytes()
            + self.keys.len() * size_of::<(Slot, OpId)>()
            + self.order.memory_bytes()
            + self.index.memory_bytes()
            + self.stock.memory_bytes()
            + self.deletions.memory_bytes()
    }

    /// The spans in reading order, without the root.
    fn slots(&self) -> impl Iterator<Item = Slot> {
        self.order.iter().skip(1)
    }

    /// The span that holds the `position`-th unit (from 1 on, to the total), and how much lies
    /// before it.
    fn find(&self, unit: Unit, position: usize) -> (Slot, usize) {
        self.order.locate(unit, position, |slot| self.span(slot).weight())
    }

    /// The same; remembers the span.
    fn seek(&mut self, unit: Unit, position: usize) -> (Slot, usize) {
        if let Some(Cursor { slot, before, .. }) = self.cursor.filter(|at| at.unit == unit) {
            let width = self.span(slot).weight().in_unit(unit);
            if before < position && position <= before + width {
                self.recent = slot;
                return (slot, before);
            }
        }
        self.order.settle();
        let (slot, before) = self.find(unit, position);
        self.recent = slot;
        self.cursor = Some(Cursor { slot, unit, before });
        (slot, before)
    }

    /// Takes a slot for a span and enters it everywhere but in the tree: behind `after`.
    fn enter(&mut self, span: Span, after: Slot) -> Slot {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.spans[slot as usize] = span;
                slot
            }
            None => {
                if self.spans.len() == self.spans.capacity() {
                    // By a quarter: spans are most of what a sequence takes.
                    self.spans.reserve_exact((self.spans.len() / 4).max(8));
                }
                self.spans.push(span);
                self.spans.len() as Slot - 1
            }
        };
        self.index.insert(span.author, span.first(), slot);
        let spans = &self.spans;
        self.order.insert_after(after, slot, |slot| spans[slot as usize].weight());
        slot
    }

    /// Takes out a span, on which nothing hangs and which hangs on nothing any more.
    fn vacate(&mut self, slot: Slot) {
        let span = *self.span(slot);
        self.order.remove(slot, span.weight());
        self.index.remove(span.author, span.first());
        if span.has_key {
            self.keys.remove(&slot);
        }
        self.cursor = self.cursor.filter(|cursor| cursor.slot != slot);
        self.mark.leave(slot);
        if self.recent == slot {
            self.recent = Self::ROOT;
        }
        self.span_mut(slot).len = 0;
        self.free.push(slot);
    }

    /// Drops what the nodes of a span carried.
    fn drop_content(&mut self, slot: Slot) {
        let span = &mut self.spans[slot as usize];
        (span.start, span.size) = (0, 0);
    }

    /// Changes a span so that it may weigh something else.
    fn edit(&mut self, slot: Slot, edit: impl FnOnce(&mut Span)) {
        let span = &mut self.spans[slot as usize];
        let before = span.weight();
        edit(span);
        self.order.reweigh(slot, before, self.spans[slot as usize].weight());
    }

    /// How much the first `nodes` of a span with content carry, and how many of them take two
    /// units of UTF-16.
    fn measure(&self, slot: Slot, nodes: u32) -> (u32, u32) {
        let span = self.span(slot);
        if span.is_even() {
            return (nodes, 0);
        }
        let (head, _) = P::split(self.content(slot), nodes);
        (P::size(head) as u32, P::wide(head))
    }

    /// Parts a span before its node number `at`, which is neither 0 nor its length; gives the
    /// second part, which is then the only right child of the first.
    fn split(&mut self, slot: Slot, at: u32) -> Slot {
        let (size, wide) = if self.span(slot).size > 0 { self.measure(slot, at) } else { (0, 0) };
        let span = *self.span(slot);
        let mut tail = Span::new(span.author, span.first() + u64::from(at), span.len - at);
        tail.status = span.status;
        tail.is_loaded = span.is_loaded;
        if span.size > 0 {
            (tail.start, tail.size) = (span.start + size, span.size - size);
        }
        let live = span.status == Status::Live;
        tail.wide = if live { span.wide - wide as u16 } else { 0 };
        tail.parent = slot;
        tail.children[1] = span.children[1];
        tail.alive[1] = span.alive[1];
        self.edit(slot, |head| {
            (head.len, head.size) = (at, if span.size > 0 { size } else { 0 });
            head.wide = if live { wide as u16 } else { 0 };
        });
        let alive = tail.subtree_alive();
        let tail = self.enter(tail, slot);
        let head = self.span_mut(slot);
        (head.children[1], head.alive[1]) = (tail, alive);
        self.adopt_right(tail);
        tail
    }

    /// Merges into a span its only right child, where the two are one run of one status; gives
    /// whether it did.
    fn merge_right(&mut self, slot: Slot) -> bool {
        let &[next] = self.children(slot, 1) else { return false };
        let (span, tail) = (self.span(slot), *self.span(next));
        let one_run = slot != Self::ROOT
            && tail.author == span.author
            && tail.first() == span.end()
            && !tail.has_key
            && tail.children[0] == NONE
            && tail.status == span.status
            && span.content_joins(&tail)
            && span.len.checked_add(tail.len).is_some();
        if !one_run {
            return false;
        }
        self.mark.merge(next, slot, self.spans[slot as usize].weight());
        self.vacate(next);
        self.edit(slot, |span| {
            span.len += tail.len;
            span.size += tail.size;
            span.wide += tail.wide;
            span.children[1] = tail.children[1];
            span.alive[1] = tail.alive[1];
        });
        self.adopt_right(slot);
        true
    }

    /// Tells the right children of a span that they are.
    fn adopt_right(&mut self, slot: Slot) {
        for at in 0..self.children(slot, 1).len() {
            let child = self.children(slot, 1)[at];
            self.span_mut(child).parent = slot;
        }
    }
}
