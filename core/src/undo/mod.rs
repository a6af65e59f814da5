//! What this replica has done, to be taken back: items, in a stack of those that can be undone and
//! one of those that can be redone.
//!
//! - [`item`]: edits that are taken back together; [`step`]: what each of them did.
//! - [`revived`]: what stands for what was taken away, once it is there again; [`successors`].
//!
//! An item holds what the document does not say any more once the edit is made (the text of what is
//! deleted, what was assigned before); where that was, the document says until it is pruned there.
//! How an item is taken back is for [`replica::undo`](crate::replica).

mod error;
mod item;
mod report;
mod revived;
mod step;
mod successors;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::container::ContainerId;
use crate::id::{IdSpan, OpId};
use crate::op::{NodeRun, Op};
use crate::state::State;
use crate::version::{Baseline, VersionVector};

pub use error::UndoError;
pub(crate) use item::{About, Item};
pub use report::{UndoItem, UndoOptions, Undone};
pub(crate) use revived::Revived;
pub(crate) use step::{Before, Step, Taken};

/// What the edits that are being made are for.
#[derive(Clone, Debug)]
enum Purpose {
    Edit,
    /// To take back an item of which this was said.
    Undo(About),
    Redo(About),
}

/// Where a replica is as an edit is made.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'m> {
    /// The first operation of the edit.
    pub(crate) id: OpId,
    pub(crate) version: &'m VersionVector,
    pub(crate) time: Option<i64>,
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct UndoLog {
    options: UndoOptions,
    /// Each stack ascends by operations, as what is undone and redone is done anew.
    done: VecDeque<Item>,
    undone: VecDeque<Item>,
    /// What the open transaction did so far.
    open: Option<Item>,
    purpose: Purpose,
    /// How many groups are open, within each other.
    groups: usize,
    /// Whether the last item takes no more edits.
    is_closed: bool,
    /// Whether the last thing that happened was an undo.
    was_undo: bool,
    /// The wall-clock time of edits, if it is not that of their changes.
    clock: Option<i64>,
    pub(crate) revived: Revived,
}

impl UndoLog {
    pub(crate) fn new(options: UndoOptions) -> Self {
        Self {
            options,
            done: VecDeque::new(),
            undone: VecDeque::new(),
            open: None,
            purpose: Purpose::Edit,
            groups: 0,
            is_closed: true,
            was_undo: false,
            clock: None,
            revived: Revived::default(),
        }
    }

    pub(crate) fn set_options(&mut self, options: UndoOptions) {
        self.options = options;
        self.shorten();
    }

    pub(crate) fn set_clock(&mut self, clock: Option<i64>) {
        self.clock = clock;
    }

    /// The stack of what can be undone, or redone.
    pub(crate) fn stack(&self, redo: bool) -> &VecDeque<Item> {
        if redo { &self.undone } else { &self.done }
    }

    fn stack_mut(&mut self, redo: bool) -> &mut VecDeque<Item> {
        if redo { &mut self.undone } else { &mut self.done }
    }

    /// Notes operations that are about to be applied, in a transaction or outside of one.
    pub(crate) fn note(&mut self, state: &State, at: Moment<'_>, ops: &[Op], in_transaction: bool) {
        if ops.iter().all(|op| op.container().is_none()) {
            return;
        }
        let item = self.item(at, in_transaction);
        let mut id = at.id;
        for op in ops {
            Step::note(&mut item.steps, state, id, op);
            id = id.plus(op.len());
        }
        item.end = id.counter;
    }

    /// Notes that characters were typed.
    pub(crate) fn note_typed(&mut self, at: Moment<'_>, container: &ContainerId, len: u64) {
        let item = self.item(at, false);
        Step::note_insertion(&mut item.steps, container, IdSpan::new(at.id, len));
        item.end = at.id.counter + len;
    }

    /// Notes that characters are deleted one after the other.
    pub(crate) fn note_typed_deletion(
        &mut self,
        at: Moment<'_>,
        container: &ContainerId,
        run: NodeRun,
        characters: String,
    ) {
        let item = self.item(at, false);
        Step::note_typed_deletion(&mut item.steps, container, at.id, (run, characters));
        item.end = at.id.counter + run.len();
    }

    /// The item that an edit is of.
    fn item(&mut self, at: Moment<'_>, in_transaction: bool) -> &mut Item {
        let time = self.clock.or(at.time);
        let last = self.done.back();
        if in_transaction {
            let item = self.open.get_or_insert_with(|| Item::new(at.id, at.version, last));
            item.about.time = time;
            return item;
        }
        let joins = last.is_some_and(|last| self.joins(last, time));
        if !joins {
            let item = Item::new(at.id, at.version, last);
            self.push_edit(item);
        }
        let last = self.done.len() - 1;
        let item = &mut self.done[last];
        item.about.time = time;
        item
    }

    /// Whether an edit at that time is of the last item.
    fn joins(&self, last: &Item, time: Option<i64>) -> bool {
        let soon = || {
            let passed = time?.checked_sub(last.about.time?)?;
            Some((0..=self.options.group_within).contains(&passed))
        };
        !self.is_closed && self.undone.is_empty() && (self.groups > 0 || soon() == Some(true))
    }

    /// Adds an item that takes nothing back, but is done.
    fn push_edit(&mut self, item: Item) {
        self.undone.clear();
        self.done.push_back(item);
        self.is_closed = false;
        self.was_undo = false;
        self.shorten();
    }

    /// Drops the oldest items beyond the most that are kept.
    fn shorten(&mut self) {
        while self.done.len() > self.options.max_items.max(1) {
            self.done.pop_front();
        }
        self.forget();
    }

    /// Forgets what no item asks for.
    fn forget(&mut self) {
        let first = [&self.done, &self.undone].into_iter().filter_map(VecDeque::front);
        let first = first.map(|item| item.start.counter).min().unwrap_or(u64::MAX);
        self.revived.forget_before(first);
    }

    /// Makes what the transaction did an item.
    pub(crate) fn commit(&mut self, time: Option<i64>, message: Option<&String>) {
        let item = self.open.take().filter(|item| !item.steps.is_empty());
        let purpose = std::mem::replace(&mut self.purpose, Purpose::Edit);
        let Some(mut item) = item else { return };
        self.was_undo = matches!(purpose, Purpose::Undo(_));
        match purpose {
            Purpose::Undo(about) | Purpose::Redo(about) => {
                item.about = about;
                self.stack_mut(self.was_undo).push_back(item);
                self.is_closed = true;
                self.forget();
                return;
            }
            Purpose::Edit => {}
        }
        item.about.time = self.clock.or(time);
        item.about.message = message.cloned();
        let joins = self.groups > 0 && !self.is_closed && self.undone.is_empty();
        match self.done.back_mut().filter(|_| joins) {
            Some(last) => last.append(item),
            None => self.push_edit(item),
        }
        self.is_closed = self.groups == 0;
    }

    /// Takes out what the open transaction did so far, to be [given back](Self::give_back).
    pub(crate) fn set_aside(&mut self) -> Option<Item> {
        self.open.take()
    }

    /// Puts what was set aside before what the transaction did since, if that is kept.
    pub(crate) fn give_back(&mut self, aside: Option<Item>, is_kept: bool) {
        let since = self.open.take().filter(|_| is_kept);
        self.open = match (aside, since) {
            (Some(mut before), Some(since)) => {
                before.append(since);
                Some(before)
            }
            (before, since) => before.or(since),
        };
    }

    /// Forgets what the transaction did.
    pub(crate) fn abort(&mut self) {
        self.open = None;
        self.purpose = Purpose::Edit;
    }

    pub(crate) fn begin_group(&mut self) {
        if self.groups == 0 {
            self.is_closed = true;
        }
        self.groups += 1;
    }

    /// Ends the innermost group; gives whether one was open.
    pub(crate) fn end_group(&mut self) -> bool {
        let Some(left) = self.groups.checked_sub(1) else { return false };
        self.groups = left;
        if left == 0 {
            self.is_closed = true;
        }
        true
    }

    pub(crate) fn in_group(&self) -> bool {
        self.groups > 0
    }

    /// Takes the last item out, for the transaction that is open from now on to take it back.
    pub(crate) fn take(&mut self, redo: bool) -> Option<Item> {
        let item = self.stack_mut(redo).pop_back()?;
        let about = item.about.clone();
        self.purpose = if redo { Purpose::Redo(about) } else { Purpose::Undo(about) };
        Some(item)
    }

    /// Puts an item back that could not be taken back by operations from `first` on.
    pub(crate) fn put_back(&mut self, redo: bool, item: Item, first: OpId) {
        self.revived.forget_from(first.counter);
        self.stack_mut(redo).push_back(item);
    }

    /// The item of the last edit, or the one that takes back the last undo or redo.
    pub(crate) fn latest_mut(&mut self) -> Option<&mut Item> {
        self.stack_mut(self.was_undo).back_mut()
    }

    pub(crate) fn clear(&mut self) {
        self.done.clear();
        self.undone.clear();
        self.is_closed = true;
        self.revived = Revived::default();
    }

    /// What must not be pruned beyond, given what is known and what is pruned: the versions before
    /// the oldest items that are within the depth.
    pub(crate) fn pins(
        &self,
        version: &VersionVector,
        floor: &VersionVector,
    ) -> impl Iterator<Item = VersionVector> {
        let operations = version.operations();
        let pinned = [&self.done, &self.undone].into_iter().filter_map(move |stack| {
            let deep = |item: &Item| item.depth(operations) > self.options.depth;
            let first = stack.partition_point(|item| deep(item) || item.is_expired(floor));
            stack.get(first).map(Item::version_before)
        });
        pinned.collect::<Vec<_>>().into_iter()
    }

    /// Drops what is of no use in items that have expired.
    pub(crate) fn expire(&mut self, floor: &VersionVector) {
        for stack in [&mut self.done, &mut self.undone] {
            let expired = stack.iter_mut().take_while(|item| item.is_expired(floor));
            expired.for_each(|item| item.steps = Vec::new());
        }
    }

    /// Lets the versions of the items share a baseline; those that are one stay one.
    pub(crate) fn rebase(&mut self, baseline: &Arc<Baseline>) {
        let mut last: Option<(Arc<VersionVector>, Arc<VersionVector>)> = None;
        for item in self.done.iter_mut().chain(&mut self.undone).chain(&mut self.open) {
            let rebased = match &last {
                Some((seen, rebased)) if Arc::ptr_eq(seen, &item.seen) => rebased.clone(),
                _ => {
                    let mut seen = VersionVector::clone(&item.seen);
                    seen.rebase(baseline);
                    Arc::new(seen)
                }
            };
            let seen = std::mem::replace(&mut item.seen, rebased.clone());
            last = Some((seen, rebased));
        }
    }

    /// Drops items that have expired, with what is said of them.
    pub(crate) fn drop_expired(&mut self, floor: &VersionVector) {
        for stack in [&mut self.done, &mut self.undone] {
            stack.retain(|item| !item.is_expired(floor));
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let items = self.done.iter().chain(&self.undone).chain(&self.open);
        items.map(Item::memory_bytes).sum::<usize>()
            + (self.done.capacity() + self.undone.capacity()) * size_of::<Item>()
            + self.revived.memory_bytes()
    }
}
