//! Many operations at once: what is inserted into blank texts, and deleted again, is gathered, and
//! each text made in one go.

use crate::container::ContainerId;
use crate::id::OpId;
use crate::op::{NodeRun, Place};

use super::sequence::{Gathered, Sequence};
use super::slots::ContainerIndex;
use super::{Body, Clock, State};

impl State {
    /// Gathers operations on blank texts from now on, until [`settle`](Self::settle). No
    /// transaction is open meanwhile, and nothing is asked about texts.
    pub(crate) fn gather(&mut self) {
        self.gathering = Some(Default::default());
    }

    /// Makes the texts of what was gathered.
    pub(crate) fn settle(&mut self) {
        for (index, gathered) in self.gathering.take().into_iter().flatten() {
            self.fill_text(index, gathered);
        }
    }

    /// Fills a blank text.
    fn fill_text(&mut self, index: ContainerIndex, gathered: Gathered<String>) {
        let sequence = Sequence::gathered(gathered);
        self.retiring.wait_for_all(sequence.unstable_heads(), index);
        *self.body_mut(index) = Body::Text(sequence);
        self.note_filling(index);
        self.follow_content(index, false);
    }

    /// Whether nothing is in a text, as far as is known.
    pub(crate) fn is_blank(&self, text: &ContainerId) -> bool {
        self.text(text).is_none_or(Sequence::is_blank)
    }

    /// Makes a blank text of what was gathered for it elsewhere, by the operations up to those in a
    /// clock. No transaction is open.
    pub(crate) fn put_gathered(
        &mut self,
        text: &ContainerId,
        gathered: Gathered<String>,
        clock: &Clock,
    ) {
        let index = self.find_or_create(text);
        self.remember(index);
        self.container_mut(index).clock.join(clock);
        self.fill_text(index, gathered);
    }

    /// Gathers an insertion, if that is due; gives whether it did.
    pub(super) fn gathers_insertion(
        &mut self,
        index: ContainerIndex,
        id: OpId,
        place: Place,
        text: &str,
        len: u64,
    ) -> bool {
        let Some(gathered) = self.gathered(index) else { return false };
        gathered.insert(id, place, text, len as u32)
    }

    /// Gathers a deletion, if that is due; gives whether it did.
    pub(super) fn gathers_deletion(
        &mut self,
        index: ContainerIndex,
        id: OpId,
        run: NodeRun,
    ) -> bool {
        let Some(gathered) = self.gathered(index) else { return false };
        gathered.delete(id, run).is_some()
    }

    fn gathered(&mut self, index: ContainerIndex) -> Option<&mut Gathered<String>> {
        let body = &self.containers[index].as_ref()?.body;
        let gathering = self.gathering.as_mut()?;
        let is_blank = matches!(body, Body::Text(sequence) if sequence.is_blank());
        is_blank.then(|| gathering.entry(index).or_default())
    }
}
