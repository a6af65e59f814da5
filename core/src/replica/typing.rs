//! Typing: an edit of the text that was edited last, which goes on where the author's last change
//! ends. That is what an editor does at nearly every keystroke, so it takes a short way to the same
//! end: the state and the last change of the log are extended in place.

use crate::change::Change;
use crate::codec::MAX_COUNT;
use crate::commit::Commit;
use crate::container::ContainerId;
use crate::error::EditError;
use crate::id::OpId;
use crate::path::ToPath;
use crate::state::ContainerIndex;
use crate::state::sequence::MAX_NODES;
use crate::value::Unit;

use super::Replica;

/// The text that was edited last, and what the next operation on it is.
struct Next {
    text: ContainerIndex,
    id: OpId,
}

impl Replica {
    /// Inserts characters the short way; gives whether it could.
    ///
    /// # Errors
    /// As [`insert_text`](Self::insert_text).
    pub(super) fn type_text(
        &mut self,
        path: &impl ToPath,
        unit: Unit,
        position: usize,
        text: &str,
    ) -> Result<bool, EditError> {
        let Some(Next { text: index, id }) = self.next_typed(path, text.len()) else {
            return Ok(false);
        };
        if self.type_on(index, unit, position, id, text) {
            self.note_typed(id, text.len() as u64);
            self.follow_typed(id, text.len() as u64);
            return Ok(true);
        }
        let Some(sequence) = self.state.text_at(index) else { return Ok(false) };
        if sequence.node_count() + text.len() as u64 > MAX_NODES {
            return Ok(false);
        }
        let place = sequence.place_at(unit, position)?;
        let len = text.chars().count() as u64;
        let extended = self.last_typed(id).is_some_and(|(last, container)| {
            len > 0 && last.type_text(container, place, text, len)
        });
        if !extended {
            return Ok(false);
        }
        self.note_typed(id, len);
        self.state.insert_text(index, id, place, text, len);
        self.follow_typed(id, len);
        Ok(true)
    }

    /// Goes on with the run of ASCII that was typed last; gives whether it could.
    fn type_on(
        &mut self,
        index: ContainerIndex,
        unit: Unit,
        position: usize,
        id: OpId,
        text: &str,
    ) -> bool {
        let Self { state, log, lamport, time, entered, .. } = self;
        let last = log.last_mut(id.replica).filter(|last| follows(last, id, *lamport, *time));
        let Some((last, entered)) = last.zip(entered.as_ref()) else { return false };
        let has_room = last.goes_on_with(&entered.container, text);
        has_room && state.type_text(index, unit, position, id, text) && last.push_text(text)
    }

    /// Deletes characters the short way; gives whether it could.
    ///
    /// # Errors
    /// As [`delete_text`](Self::delete_text).
    pub(super) fn type_deletion(
        &mut self,
        path: &impl ToPath,
        unit: Unit,
        position: usize,
        len: usize,
    ) -> Result<bool, EditError> {
        let Some(Next { text: index, id }) = self.next_typed(path, len) else { return Ok(false) };
        let sequence = self.state.text_at(index);
        let run = match sequence.map(|sequence| sequence.run_in(unit, position, len)) {
            Some(run) => run?,
            None => None,
        };
        let Some(run) = run else { return Ok(false) };
        let extended =
            self.last_typed(id).is_some_and(|(last, container)| last.type_deletion(container, run));
        if !extended {
            return Ok(false);
        }
        self.note_typed_deletion(index, id, run);
        self.state.delete_text(index, id, run);
        self.follow_typed(id, run.len());
        Ok(true)
    }

    /// What an edit of up to `len` operations goes on with, if nothing has happened since the last
    /// one that it would have to take note of.
    fn next_typed(&self, path: &impl ToPath, len: usize) -> Option<Next> {
        let entered = self.entered.as_ref().filter(|_| self.is_entered(path))?;
        let alone = self.transaction.is_none() && self.inbox.len() == 0;
        let id = OpId::new(self.id, self.version.get(self.id));
        let goes_on = matches!(self.frontier.heads(), &[head] if head.plus(1) == id);
        let has_room = self.lamport.saturating_add(len as u64) <= MAX_COUNT;
        (alone && goes_on && has_room).then_some(Next { text: entered.index, id })
    }

    /// The author's last change, if an operation `id` made now can be part of it.
    fn last_typed(&mut self, id: OpId) -> Option<(&mut Change, &ContainerId)> {
        let container = &self.entered.as_ref()?.container;
        let last = self.log.last_mut(id.replica)?;
        follows(last, id, self.lamport, self.time).then_some((last, container))
    }

    /// Follows operations that the state and the log have.
    fn follow_typed(&mut self, id: OpId, len: u64) {
        self.frontier.advance(&[], id.plus(len - 1));
        self.version.set(id.replica, id.counter + len);
        self.lamport += len;
        self.emit(self.acting);
        self.follow_version();
    }
}

/// Whether an operation `id` made now can be part of a change.
fn follows(last: &Change, id: OpId, lamport: u64, time: Option<i64>) -> bool {
    last.end() == id.counter
        && last.lamport + last.len() == lamport
        && says_only(last.commit(), time)
}

/// Whether a commit says no more than that time.
fn says_only(commit: Option<&Commit>, time: Option<i64>) -> bool {
    match commit {
        None => time.is_none(),
        Some(Commit { time: said, message: None, origin: None }) => *said == time,
        Some(_) => false,
    }
}
