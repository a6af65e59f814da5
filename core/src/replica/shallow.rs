//! Documents whose log does not reach down to the floor, as they were loaded from a shallow snapshot.
//!
//! All that the state holds is there, tombstones included; so whatever others send applies. What is
//! asked for of before is refused: it is for another replica to say.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::version::VersionVector;

use super::Replica;

impl Replica {
    /// Whether changes above the floor are missing in the log.
    pub(super) fn is_shallow(&self) -> bool {
        self.log_start.as_ref().is_some_and(|start| !self.floor.covers(start))
    }

    /// From where on all changes are in the log: the floor, or above it.
    pub(super) fn log_start(&self) -> Cow<'_, VersionVector> {
        match &self.log_start {
            Some(start) if self.is_shallow() => Cow::Owned(start.join(&self.floor)),
            _ => Cow::Borrowed(&self.floor),
        }
    }
}
