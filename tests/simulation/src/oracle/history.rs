//! The set of all operations ever seen.

use std::collections::BTreeMap;

use libsync::{OpId, ReplicaId, VersionVector};

use super::frame;
use super::operation::Operation;

/// See the module.
#[derive(Clone, Default, Debug)]
pub struct History(pub(super) BTreeMap<OpId, Operation>);

impl History {
    /// Learns the operations in a frame of changes.
    ///
    /// # Errors
    /// What is wrong with the frame: it can't be read, or tells another operation than is known
    /// under one identity.
    pub fn learn(&mut self, frame: &[u8]) -> Result<(), String> {
        for (id, operation) in frame::operations(frame)? {
            match self.0.get(&id) {
                Some(known) if *known != operation => {
                    return Err(format!("{id} was {known:?}, and now is {operation:?}"));
                }
                Some(_) => {}
                None => drop(self.0.insert(id, operation)),
            }
        }
        Ok(())
    }

    /// Those operations that are in a version.
    ///
    /// # Errors
    /// The number of operations that the version has, and this history has not.
    pub fn within(&self, version: &VersionVector) -> Result<Self, String> {
        let known = self.0.iter().filter(|(id, _)| version.contains(**id));
        let known = Self(known.map(|(id, operation)| (*id, operation.clone())).collect());
        let unknown = version.operations() - known.0.len() as u64;
        if unknown > 0 {
            return Err(format!(
                "{unknown} operations of {version:?} are in no frame that was sent"
            ));
        }
        Ok(known)
    }

    /// How many operations of a replica are known, up to the first that is not.
    pub fn count(&self, replica: ReplicaId) -> u64 {
        let all = OpId::new(replica, 0)..=OpId::new(replica, u64::MAX);
        let known = self.0.range(all).zip(0..);
        known.take_while(|((id, _), nth)| id.counter == *nth).count() as u64
    }
}
