//! The document as it was: at a version, at a time, from one version to another.
//!
//! [`past`]: to read it; [`base`]: what it takes where changes have been pruned; [`changes`]: one by
//! one; [`fork`] and [`revert`]: to go on from there.

mod base;
mod changes;
mod error;
mod fork;
#[cfg(test)]
mod hostile;
mod past;
mod revert;

use std::borrow::Cow;

use crate::event::Event;
use crate::id::OpId;
use crate::path::{Segment, ToPath};
use crate::state::{ContainerIndex, State};
use crate::value::Unit;
use crate::version::{Frontier, VersionVector};

use super::Replica;
pub(super) use base::Base;
pub use error::HistoryError;
pub use past::Past;

impl Replica {
    /// The document as it was at a version, to be read.
    ///
    /// A version is known here if this replica has seen all of it; it has to be causally closed,
    /// which is to say that it has all that its changes were made on (as every version that a
    /// replica ever had, and [`version_of`](Self::version_of) gives), and to cover the prune floor.
    ///
    /// O(n) in the retained changes. For a text alone, [`text_at`](Self::text_at) is quicker.
    ///
    /// # Errors
    /// [`HistoryError`]: the version is not known, not closed, or below the prune floor; or
    /// something is pruned, and this replica does not
    /// [keep](crate::Options::keep_history) what history needs.
    ///
    /// ```
    /// use libsync::{DocumentId, Replica, ReplicaId};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// replica.set("title", "Draft")?;
    /// let draft = replica.version().clone();
    /// replica.set("title", "Final")?;
    /// assert_eq!(replica.at(&draft)?.to_json(), r#"{"title":"Draft"}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn at(&self, version: &VersionVector) -> Result<Past, HistoryError> {
        self.check_version(version)?;
        Ok(Past::new(self, version.clone(), self.state_at(version)?.into_owned()))
    }

    /// The document as it was at a wall-clock time, in microseconds since 1970-01-01T00:00:00Z:
    /// [`at`](Self::at) the [version](Self::version_at_time) of that time.
    ///
    /// # Errors
    /// [`HistoryError::NotKept`].
    pub fn at_time(&self, microseconds: i64) -> Result<Past, HistoryError> {
        self.at(&self.version_at_time(microseconds))
    }

    /// The text at a path, as it was at a version. The path is that of then.
    ///
    /// If none of the containers on the path is in a list, and none was replaced or removed since,
    /// it is told from the text as it is, and nothing is replayed: O(n) in the runs of the text,
    /// tombstones included. What was deleted before this replica was loaded is read from the log.
    /// Otherwise as [`at`](Self::at).
    ///
    /// # Errors
    /// As [`at`](Self::at); [`HistoryError::Read`] if no text was there.
    pub fn text_at(
        &self,
        path: impl ToPath,
        version: &VersionVector,
    ) -> Result<String, HistoryError> {
        self.check_version(version)?;
        let path = path.to_path().map_err(crate::error::ReadError::from)?;
        if let Some(text) = self.text_from_spans(path.segments(), version) {
            return Ok(text);
        }
        let past = Past::new(self, version.clone(), self.state_at(version)?.into_owned());
        Ok(past.text(&path)?)
    }

    /// The text that was at a path if what is there now is the same, and all of it can be had.
    fn text_from_spans(&self, path: &[Segment], version: &VersionVector) -> Option<String> {
        let mut index: ContainerIndex = State::ROOT;
        for segment in path {
            let Segment::Key(key) = segment else { return None };
            index = self.state.child_since(index, key, version)?;
        }
        let (id, text) = self.state.text_of(index)?;
        text.text_at(version, |nodes| self.log.inserted(id, nodes))
    }

    /// What was changed in what is shown from one version to another, which may be before it or
    /// concurrent: of origin [`Checkout`](crate::Origin::Checkout). Lengths in texts are in `unit`.
    ///
    /// Characters are told apart by identity, and so are items of lists; an item that stands
    /// elsewhere among the others is moved. O(n log n) in the document, and O(n) in the retained
    /// changes.
    ///
    /// # Errors
    /// As [`at`](Self::at), for either version.
    ///
    /// ```
    /// use libsync::{Delta, DocumentId, Replica, ReplicaId, TextDelta, Unit};
    /// let mut replica = Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(1));
    /// replica.insert_text("notes", Unit::Scalar, 0, "Ahoy!")?;
    /// let before = replica.version().clone();
    /// replica.insert_text("notes", Unit::Scalar, 4, " there")?;
    /// let event = replica.diff(&before, replica.version(), Unit::Scalar)?;
    /// let delta = vec![TextDelta::Retain(4), TextDelta::Insert(" there".to_owned())];
    /// assert_eq!(event.diffs[0].delta, Delta::Text(delta));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn diff(
        &self,
        from: &VersionVector,
        to: &VersionVector,
        unit: Unit,
    ) -> Result<Event, HistoryError> {
        self.check_version(from)?;
        self.check_version(to)?;
        let (old, new) = (self.state_at(from)?, self.state_at(to)?);
        let diffs = old.diffs_to(&new, unit, |text| {
            self.state.text(text).map(|text| text.between(from, to)).unwrap_or_default()
        });
        Ok(Event { origin: crate::event::Origin::Checkout, diffs })
    }

    /// The version that heads stand for: they, and all that they depend on. What lies below the
    /// prune floor is part of every version that is left.
    ///
    /// # Errors
    /// [`HistoryError::Unknown`], [`HistoryError::BelowPruneFloor`].
    pub fn version_of(&self, heads: &Frontier) -> Result<VersionVector, HistoryError> {
        let mut version = self.log_start().into_owned();
        for &head in heads.heads() {
            if !self.version.contains(head) {
                return Err(HistoryError::Unknown { id: head });
            }
            if head.counter + 1 < self.floor.get(head.replica) {
                return Err(HistoryError::BelowPruneFloor { floor: self.floor.clone() });
            }
            if head.counter + 1 < version.get(head.replica) && self.is_shallow() {
                return Err(HistoryError::Shallow { start: version });
            }
            version.set(head.replica, version.get(head.replica).max(head.counter + 1));
        }
        Ok(self.log.dependencies().closure(version))
    }

    /// Checks that a version is one that history can be had of.
    fn check_version(&self, version: &VersionVector) -> Result<(), HistoryError> {
        let unknown = version.iter().find(|&(replica, count)| count > self.version.get(replica));
        if let Some((replica, count)) = unknown {
            return Err(HistoryError::Unknown { id: OpId::new(replica, count - 1) });
        }
        if !version.covers(&self.floor) {
            return Err(HistoryError::BelowPruneFloor { floor: self.floor.clone() });
        }
        self.check_logged(version)?;
        if self.log.has_one_author() || *version == self.version {
            return Ok(());
        }
        match self.log.dependencies().unmet(version) {
            Some((id, needs)) => Err(HistoryError::NotClosed { id, needs }),
            None => Ok(()),
        }
    }

    /// Checks that what a version lacks is in the log.
    fn check_logged(&self, version: &VersionVector) -> Result<(), HistoryError> {
        let start = self.log_start();
        if self.is_shallow() && !version.covers(&start) {
            return Err(HistoryError::Shallow { start: start.into_owned() });
        }
        Ok(())
    }

    /// The document at a version, which is checked.
    fn state_at(&self, version: &VersionVector) -> Result<Cow<'_, State>, HistoryError> {
        if *version == self.version && !self.in_transaction() {
            return Ok(Cow::Borrowed(&self.state));
        }
        let mut state = match &self.base {
            Some(base) => base.state().clone(),
            None if self.is_shallow() => {
                return Err(HistoryError::Shallow { start: self.log_start().into_owned() });
            }
            None if self.floor.is_empty() => State::new(),
            None => return Err(HistoryError::NotKept { floor: self.floor.clone() }),
        };
        state.gather();
        for change in self.log.between(&self.floor, version) {
            state.apply_change(&change);
        }
        state.settle();
        Ok(Cow::Owned(state))
    }
}
