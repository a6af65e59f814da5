//! Undo and redo of what was edited here: what is noted of edits, and what a host asks for. How an
//! item is taken back is in [`take_back`].

mod places;
mod take_back;
mod texts;

use crate::commit::Commit;
use crate::event;
use crate::id::OpId;
use crate::op::{NodeRun, Op};
use crate::state::ContainerIndex;
use crate::undo::{Item, Moment, UndoError, UndoItem, UndoLog, UndoOptions, Undone};
use crate::version::VersionVector;

use super::Replica;
use take_back::TakeBack;

impl Replica {
    /// Notes edits from now on, so that they can be undone; or changes the options. What is noted
    /// is not saved with the document.
    ///
    /// # Errors
    /// [`UndoError::InTransaction`].
    ///
    /// ```
    /// use libsync::{DocumentId, Replica, ReplicaId, Unit, UndoOptions};
    /// let document = DocumentId::from_bytes([7; 16]);
    /// let mut ada = Replica::new(document, ReplicaId::new(1));
    /// let mut ben = Replica::new(document, ReplicaId::new(2));
    /// ada.enable_undo(UndoOptions::default())?;
    /// ada.insert_text("notes", Unit::Scalar, 0, "Hello world")?;
    /// ada.delete_text("notes", Unit::Scalar, 0, 6)?;
    /// ben.apply(&ada.export(ben.version())?)?;
    /// ben.insert_text("notes", Unit::Scalar, 5, "!")?;
    /// ada.apply(&ben.export(ada.version())?)?;
    /// ada.undo()?;
    /// assert_eq!(ada.text("notes")?, "Hello world!");
    /// ada.redo()?;
    /// assert_eq!(ada.text("notes")?, "world!");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn enable_undo(&mut self, options: UndoOptions) -> Result<(), UndoError> {
        self.refuse_undo_in_transaction()?;
        match &mut self.undo {
            Some(undo) => undo.set_options(options),
            None => self.undo = Some(Box::new(UndoLog::new(options))),
        }
        Ok(())
    }

    /// Forgets what was noted, and notes nothing any more.
    ///
    /// # Errors
    /// [`UndoError::InTransaction`].
    pub fn disable_undo(&mut self) -> Result<(), UndoError> {
        self.refuse_undo_in_transaction()?;
        self.undo = None;
        Ok(())
    }

    /// Forgets what was noted so far: nothing can be undone or redone then.
    ///
    /// # Errors
    /// [`UndoError::Disabled`], [`UndoError::InTransaction`].
    pub fn clear_undo(&mut self) -> Result<(), UndoError> {
        self.refuse_undo_in_transaction()?;
        self.noted()?.clear();
        Ok(())
    }

    /// Takes back the last item of edits made here, as one new change: what was inserted is
    /// deleted, what was deleted is there again, where it was; what was replaced is shown again,
    /// counters are counted back, items move back. What others did in the meantime stays; what of
    /// the item they have deleted or replaced is passed over. [`redo`](Self::redo) takes back the
    /// undoing.
    ///
    /// O(log n) for each run of characters, each item and each assignment that is taken back, and
    /// what is between a place and the next one to its left where something lives; where others
    /// have touched the same place since, the length of what they have done since.
    ///
    /// # Errors
    /// [`UndoError`]; the replica is unchanged then.
    pub fn undo(&mut self) -> Result<Undone, UndoError> {
        self.take_back_last(false)
    }

    /// Takes back the last undoing, if nothing was edited here since; in all as
    /// [`undo`](Self::undo).
    ///
    /// # Errors
    /// [`UndoError`]; the replica is unchanged then.
    pub fn redo(&mut self) -> Result<Undone, UndoError> {
        self.take_back_last(true)
    }

    fn take_back_last(&mut self, redo: bool) -> Result<Undone, UndoError> {
        self.refuse_undo_in_transaction()?;
        let undo = self.undo.as_ref().ok_or(UndoError::Disabled)?;
        if undo.in_group() {
            return Err(UndoError::InGroup);
        }
        let last = undo.stack(redo).back().ok_or(UndoError::Nothing)?;
        if last.is_expired(&self.floor) {
            return Err(UndoError::Expired { item: last.start });
        }
        self.acting = event::Origin::Undo;
        let undone = self.take_back_item(redo);
        self.acting = event::Origin::Local;
        undone
    }

    fn take_back_item(&mut self, redo: bool) -> Result<Undone, UndoError> {
        self.begin()?;
        let item = self.undo.as_mut().and_then(|undo| undo.take(redo)).ok_or(UndoError::Nothing)?;
        let revived = std::mem::take(&mut self.noted()?.revived);
        let mut take_back = TakeBack::new(self, &item, revived);
        let result = take_back.run();
        let TakeBack { revived, taken_back, passed_over, .. } = take_back;
        self.noted()?.revived = revived;
        let change = match result {
            Ok(()) => self.commit(Commit::new())?,
            Err(error) => {
                self.abort();
                let first = self.next_id(&[]);
                self.noted()?.put_back(redo, item, first);
                return Err(error.into());
            }
        };
        let item = described(&item, &self.floor);
        Ok(Undone { item, change, taken_back, passed_over })
    }

    /// Whether [`undo`](Self::undo) would find an item that has not expired.
    pub fn can_undo(&self) -> bool {
        self.has_item(false)
    }

    /// Whether [`redo`](Self::redo) would find an item that has not expired.
    pub fn can_redo(&self) -> bool {
        self.has_item(true)
    }

    fn has_item(&self, redo: bool) -> bool {
        let undo = self.undo.as_ref().filter(|undo| !undo.in_group() && !self.in_transaction());
        let last = undo.and_then(|undo| undo.stack(redo).back());
        last.is_some_and(|last| !last.is_expired(&self.floor))
    }

    /// What can be undone, the last first: for a menu. None if undo is not enabled.
    pub fn undo_items(&self) -> impl Iterator<Item = UndoItem> {
        self.items_of(false)
    }

    /// What can be redone, the last undone first.
    pub fn redo_items(&self) -> impl Iterator<Item = UndoItem> {
        self.items_of(true)
    }

    fn items_of(&self, redo: bool) -> impl Iterator<Item = UndoItem> {
        let items = self.undo.iter().flat_map(move |undo| undo.stack(redo).iter().rev());
        items.map(|item| described(item, &self.floor))
    }

    /// Makes all edits until the [end](Self::end_undo_group) of the group one item, transactions
    /// and those within included. Groups may lie within each other; the outermost counts.
    ///
    /// # Errors
    /// [`UndoError::Disabled`].
    pub fn begin_undo_group(&mut self) -> Result<(), UndoError> {
        self.noted()?.begin_group();
        Ok(())
    }

    /// Ends a group of edits.
    ///
    /// # Errors
    /// [`UndoError::Disabled`], [`UndoError::NoGroup`].
    pub fn end_undo_group(&mut self) -> Result<(), UndoError> {
        if self.noted()?.end_group() { Ok(()) } else { Err(UndoError::NoGroup) }
    }

    /// Attaches something of the host's own to the last item, such as the selection before the
    /// edit: it comes back as the item is undone. After an undo or a redo, that is the item which
    /// takes it back, and which has what the one had that was taken back, unless something else
    /// is attached. Gives whether there is an item.
    ///
    /// # Errors
    /// [`UndoError::Disabled`].
    pub fn set_undo_metadata(&mut self, metadata: Vec<u8>) -> Result<bool, UndoError> {
        let item = self.noted()?.latest_mut();
        Ok(item.map(|item| item.about.metadata = metadata).is_some())
    }

    /// Sets the time, in microseconds, by which edits to come are made items: for hosts whose
    /// changes carry no time, or one of coarse steps. `None`, the default: the time of the change
    /// ([`set_time`](Self::set_time)).
    ///
    /// # Errors
    /// [`UndoError::Disabled`].
    pub fn set_undo_time(&mut self, microseconds: Option<i64>) -> Result<(), UndoError> {
        self.noted()?.set_clock(microseconds);
        Ok(())
    }

    fn noted(&mut self) -> Result<&mut UndoLog, UndoError> {
        self.undo.as_deref_mut().ok_or(UndoError::Disabled)
    }

    fn refuse_undo_in_transaction(&self) -> Result<(), UndoError> {
        if self.in_transaction() { Err(UndoError::InTransaction) } else { Ok(()) }
    }

    /// Notes operations that are about to be applied.
    pub(super) fn note_edit(&mut self, ops: &[Op]) {
        if self.undo.is_none() {
            return;
        }
        let (id, in_transaction) = (self.next_id(&[]), self.in_transaction());
        let Self { undo, state, version, time, .. } = self;
        if let Some(undo) = undo {
            undo.note(state, Moment { id, version, time: *time }, ops, in_transaction);
        }
    }

    /// Notes that characters are typed into the text that was entered.
    #[inline]
    pub(super) fn note_typed(&mut self, id: OpId, len: u64) {
        let Self { undo: Some(undo), entered: Some(entered), version, time, .. } = self else {
            return;
        };
        undo.note_typed(Moment { id, version, time: *time }, &entered.container, len);
    }

    /// Notes that characters of the text that was entered are about to be deleted.
    #[inline]
    pub(super) fn note_typed_deletion(&mut self, index: ContainerIndex, id: OpId, run: NodeRun) {
        let Self { undo: Some(undo), entered: Some(entered), state, version, time, .. } = self
        else {
            return;
        };
        if let Some(text) = state.text_at(index) {
            let (at, characters) =
                (Moment { id, version, time: *time }, text.content_of(run.nodes));
            undo.note_typed_deletion(at, &entered.container, run, characters);
        }
    }

    /// As much of a cut as can be pruned without undo losing what it needs.
    pub(super) fn short_of_undo(&self, cut: &VersionVector) -> VersionVector {
        let pins = self.undo.iter().flat_map(|undo| undo.pins(&self.version, &self.floor));
        pins.fold(cut.clone(), |cut, pin| cut.meet(&pin))
    }

    /// Follows the floor.
    pub(super) fn expire_undo(&mut self) {
        if let Some(undo) = &mut self.undo {
            undo.expire(&self.floor);
        }
    }
}

/// An item as a host sees it.
fn described(item: &Item, floor: &VersionVector) -> UndoItem {
    let about = item.about.clone();
    UndoItem {
        id: item.start,
        time: about.time,
        message: about.message,
        metadata: about.metadata,
        is_expired: item.is_expired(floor),
    }
}
