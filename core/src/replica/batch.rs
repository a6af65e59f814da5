//! The short way in for many changes at once, where nothing waits, and texts are blank that they
//! edit. What comes of a frame's rows are texts and blocks of the log; no change is made of them.
//! Nothing is touched before all rows were read, and found to be what the [plan](super::plan) would
//! take, with the same effect. Lists, members, and whatever is wrong are for the plan.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::codec::{ChangeHead, OpRef, Row, Rows};
use crate::container::ContainerId;
use crate::error::DecodeError;
use crate::event::Origin;
use crate::id::{OpId, ReplicaId};
use crate::log::Sealing;
use crate::membership::{Mark, Standing, Written};
use crate::op::{NodeRun, Op};
use crate::report::Applied;
use crate::state::{Clock, Gathered, MAX_NODES, Stamp};
use crate::value::Kind;
use crate::version::Frontier;

use super::Replica;
use super::exchange::MIN_GATHERED;

/// What a frame makes of texts that are blank, and of the log.
pub(super) struct Batch {
    texts: Vec<Text>,
    /// The operations on what is no text.
    others: Vec<(Stamp, Op)>,
    authors: Vec<Author>,
    frontier: Frontier,
    /// How many operations are known with those of the changes so far.
    operations: u64,
    changes: usize,
}

/// A text that was blank.
struct Text {
    container: ContainerId,
    gathered: Gathered<String>,
    /// What has touched it, but for the last operation.
    clock: Clock,
    last: Option<OpId>,
}

impl Text {
    #[inline]
    fn touch(&mut self, op: OpId) {
        match &mut self.last {
            Some(last) if last.replica == op.replica => *last = op,
            last => last.replace(op).into_iter().for_each(|before| self.clock.record(before)),
        }
    }
}

struct Author {
    replica: ReplicaId,
    /// The counter and the Lamport time behind the last operation; the latter is 0 where that is not
    /// known.
    end: u64,
    lamport_end: u64,
    /// What it has written first, if that is here.
    first: Option<Written>,
    /// The counter and the Lamport time that each change starts with.
    starts: Vec<(u64, u64)>,
    sealing: Sealing,
}

/// A batch in the making.
struct Reading<'r> {
    replica: &'r Replica,
    batch: Batch,
    /// The texts by the numbers of their containers in the frame.
    texts: Vec<Option<usize>>,
    /// The authors by replica; the first few of them are looked at one by one.
    authors: BTreeMap<ReplicaId, usize>,
    /// What the change deletes so far, by text; and whether any of it was deleted before.
    deleted: Vec<(usize, NodeRun)>,
    deletes_again: bool,
}

impl Replica {
    /// What is to be done for a frame of changes, if it can be done this way.
    ///
    /// # Errors
    /// [`DecodeError`], of rows that can't be read.
    pub(super) fn read_batch(&self, rows: &mut Rows<'_, '_>) -> Result<Option<Batch>, DecodeError> {
        if rows.len_hint() < MIN_GATHERED || self.inbox.len() > 0 {
            return Ok(None);
        }
        let mut reading = Reading::new(self);
        while let Some(head) = rows.next_change()? {
            let Some(author) = reading.start(&head) else { return Ok(None) };
            let mut end = head.id.counter;
            while let Some(row) = rows.next_row()? {
                end = row.id.counter + row.op.len();
                if reading.take(author, &head, row, rows).is_none() {
                    return Ok(None);
                }
            }
            if reading.end(author, &head, end).is_none() {
                return Ok(None);
            }
        }
        Ok(Some(reading.batch))
    }

    /// Makes a batch part of the document.
    pub(super) fn execute_batch(&mut self, batch: Batch) -> Applied {
        for (stamp, op) in &batch.others {
            self.apply_op(*stamp, op);
        }
        for Text { container, gathered, mut clock, last } in batch.texts {
            last.into_iter().for_each(|last| clock.record(last));
            self.state.put_gathered(&container, gathered, &clock);
        }
        for Author { replica, end, lamport_end, first, sealing, .. } in batch.authors {
            self.membership.has_written(replica, first);
            self.version.set(replica, end);
            self.lamport = self.lamport.max(lamport_end);
            self.log.extend(replica, sealing);
        }
        self.frontier = batch.frontier;
        self.emit(Origin::Remote);
        self.follow_version();
        Applied { changes: batch.changes, ..Applied::default() }
    }
}

impl Batch {
    /// The counter behind the last operation of each author.
    pub(super) fn ends(&self) -> impl Iterator<Item = (ReplicaId, u64)> {
        self.authors.iter().map(|author| (author.replica, author.end))
    }
}

impl Author {
    /// The Lamport time of an operation of one of the changes.
    fn lamport_of(&self, counter: u64) -> Option<u64> {
        let at = match self.starts.last() {
            // Most often it is one of the last.
            Some(&(start, _)) if start <= counter => self.starts.len(),
            _ => self.starts.partition_point(|&(start, _)| start <= counter),
        };
        let (start, lamport) = *self.starts.get(at.checked_sub(1)?)?;
        Some(lamport + (counter - start))
    }
}

impl<'r> Reading<'r> {
    fn new(replica: &'r Replica) -> Self {
        let batch = Batch {
            texts: Vec::new(),
            others: Vec::new(),
            authors: Vec::new(),
            frontier: replica.frontier.clone(),
            operations: replica.version.operations(),
            changes: 0,
        };
        let (texts, authors) = Default::default();
        Self { replica, batch, texts, authors, deleted: Vec::new(), deletes_again: false }
    }

    /// Starts a change of an author, if all that comes before it is there and its Lamport time fits
    /// that.
    fn start(&mut self, head: &ChangeHead) -> Option<usize> {
        let ChangeHead { id, lamport, ref dependencies, .. } = *head;
        let number = self.author(id.replica)?;
        let author = &self.batch.authors[number];
        let follows = id.counter == author.end
            && lamport >= author.lamport_end
            && lamport <= self.batch.operations
            && dependencies.iter().all(|&head| self.comes_before(head, lamport));
        if !follows {
            return None;
        }
        let author = &mut self.batch.authors[number];
        if id.counter == 0 {
            let time = head.commit.as_ref().and_then(|commit| commit.time);
            let mark = Mark { lamport, op: id, time };
            author.first = Some(Written { mark, root: dependencies.is_empty() });
        }
        author.starts.push((id.counter, lamport));
        author.sealing.change(head);
        self.deleted.clear();
        self.deletes_again = false;
        Some(number)
    }

    /// The number of an author, of whom any change may be taken.
    fn author(&mut self, replica: ReplicaId) -> Option<usize> {
        if let Some(number) = self.number_of(replica) {
            return Some(number);
        }
        let standing = self.replica.membership.standing(replica);
        if !matches!(standing, None | Some(Standing::Member)) {
            return None;
        }
        let end = self.replica.version.get(replica);
        let last = self.replica.log.last(replica);
        let lamport_end = last.map_or(0, |last| last.lamport + last.len());
        let (first, starts, sealing) = Default::default();
        self.batch.authors.push(Author { replica, end, lamport_end, first, starts, sealing });
        let number = self.batch.authors.len() - 1;
        self.authors.insert(replica, number);
        Some(number)
    }

    /// Whether an operation is known, and of an earlier Lamport time, as far as that is known.
    fn comes_before(&self, op: OpId, lamport: u64) -> bool {
        let author = self.number_of(op.replica).map(|number| &self.batch.authors[number]);
        let end = author.map_or_else(|| self.replica.version.get(op.replica), |author| author.end);
        let known = author.and_then(|author| author.lamport_of(op.counter));
        let known = known.or_else(|| self.replica.log.lamport_of(op));
        op.counter < end && known.is_none_or(|known| known < lamport)
    }

    fn number_of(&self, replica: ReplicaId) -> Option<usize> {
        const FEW: usize = 8;
        let few = &self.batch.authors[..self.batch.authors.len().min(FEW)];
        let known = few.iter().position(|author| author.replica == replica);
        known.or_else(|| self.authors.get(&replica).copied())
    }

    /// How many operations of a replica there are before those of the change.
    fn end_of(&self, replica: ReplicaId) -> u64 {
        let author = self.number_of(replica).map(|number| &self.batch.authors[number]);
        author.map_or_else(|| self.replica.version.get(replica), |author| author.end)
    }

    /// Takes a row of a change, if it fits what is there.
    #[inline]
    fn take(
        &mut self,
        author: usize,
        head: &ChangeHead,
        row: Row<'_>,
        rows: &Rows<'_, '_>,
    ) -> Option<()> {
        let Row { id, container, op } = row;
        if let OpRef::Other(op) = op {
            return self.take_other(author, head, id, *op);
        }
        let number = self.text(container, rows)?;
        let text = &mut self.batch.texts[number];
        let sealing = &mut self.batch.authors[author].sealing;
        match op {
            OpRef::InsertText { place, text: inserted, len } if len <= MAX_NODES => {
                sealing.insert(&text.container, place, inserted, len);
                let is_there = text.gathered.insert(id, place, inserted, len as u32);
                text.touch(id.plus(len - 1));
                is_there.then_some(())
            }
            OpRef::Delete { run, more } => {
                sealing.delete(&text.container, run, more);
                self.deletes_again |= text.gathered.delete(id, run)?;
                text.touch(id.plus(run.len() - 1));
                self.deleted.push((number, run));
                Some(())
            }
            _ => None,
        }
    }

    /// Takes an operation on a map, a set or a counter that is in no list.
    fn take_other(&mut self, author: usize, head: &ChangeHead, id: OpId, op: Op) -> Option<()> {
        let is_seen = |op: OpId| match op.replica == id.replica {
            true => op.counter < id.counter,
            false => op.counter < self.end_of(op.replica),
        };
        let fits = match &op {
            Op::Assign { supersedes, .. } | Op::Remove { supersedes, .. } => {
                supersedes.iter().all(|&op| is_seen(op))
            }
            Op::Reset { observed, .. } => observed.iter().all(|share| is_seen(share.last)),
            Op::Increment { .. } => true,
            _ => false,
        };
        let is_plain = op.container().is_some_and(|at| at.kind() != Kind::List && !at.in_list());
        if !fits || !is_plain {
            return None;
        }
        self.batch.authors[author].sealing.other(&op);
        let lamport = head.lamport + (id.counter - head.id.counter);
        let time = head.commit.as_ref().and_then(|commit| commit.time);
        self.batch.others.push((Stamp { id, lamport, time }, op));
        Some(())
    }

    /// The text of a row, if it is in no list and nothing is in it.
    #[inline]
    fn text(&mut self, container: usize, rows: &Rows<'_, '_>) -> Option<usize> {
        match self.texts.get(container) {
            Some(&Some(number)) => Some(number),
            _ => self.new_text(container, rows),
        }
    }

    fn new_text(&mut self, number: usize, rows: &Rows<'_, '_>) -> Option<usize> {
        let container = rows.container(number);
        let is_plain = container.kind() == Kind::Text && !container.in_list();
        if !is_plain || !self.replica.state.is_blank(container) {
            return None;
        }
        if number >= self.texts.len() {
            self.texts.resize(number + 1, None);
        }
        self.texts[number] = Some(self.batch.texts.len());
        let size = if self.batch.texts.is_empty() { rows.text_len() } else { 0 };
        let (gathered, container) = (Gathered::with_capacity(size), container.clone());
        let (clock, last) = Default::default();
        self.batch.texts.push(Text { container, gathered, clock, last });
        self.texts[number]
    }

    /// Ends a change before a counter, if nothing is deleted twice in it.
    fn end(&mut self, author: usize, head: &ChangeHead, end: u64) -> Option<()> {
        if self.deletes_again && self.deletes_twice() {
            return None;
        }
        let len = end - head.id.counter;
        let author = &mut self.batch.authors[author];
        (author.end, author.lamport_end) = (end, head.lamport + len);
        self.batch.frontier.advance(&head.dependencies, head.id.plus(len - 1));
        self.batch.operations += len;
        self.batch.changes += 1;
        Some(())
    }

    fn deletes_twice(&mut self) -> bool {
        self.deleted.sort_unstable_by_key(|&(text, run)| (text, run.nodes));
        let twice = |pair: &[(usize, NodeRun)]| {
            pair[0].0 == pair[1].0 && pair[0].1.nodes.overlaps(&pair[1].1.nodes)
        };
        self.deleted.windows(2).any(twice)
    }
}
