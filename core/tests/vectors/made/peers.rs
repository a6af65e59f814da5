//! Replicas that exchange what they have, and prune when they are told to.

use libsync::{Replica, ReplicaId, Unit, Value, VersionVector};

use crate::receive::{DOCUMENT, by_hand};

pub fn replica(id: u64) -> Replica {
    Replica::with_options(DOCUMENT, ReplicaId::new(id), by_hand())
}

/// A replica with all that `other` has.
pub fn joined(other: &mut Replica, id: u64) -> Replica {
    other.join(ReplicaId::new(id)).expect("who has not left makes others members");
    Replica::load_with_options(&other.save(), ReplicaId::new(id), by_hand()).expect("a save loads")
}

/// All changes of `replica`.
pub fn everything(replica: &mut Replica) -> Vec<u8> {
    since(replica, &VersionVector::new())
}

/// The changes of `replica` that are not in the version.
pub fn since(replica: &mut Replica, version: &VersionVector) -> Vec<u8> {
    replica.export(version).expect("nothing of it is pruned")
}

/// The changes that `edit` makes.
pub fn edited(replica: &mut Replica, edit: impl FnOnce(&mut Replica)) -> Vec<u8> {
    let before = replica.version().clone();
    edit(replica);
    since(replica, &before)
}

/// Each gets all that the others have.
pub fn exchange(replicas: &mut [&mut Replica]) {
    for from in 0..replicas.len() {
        let changes = everything(replicas[from]);
        for (to, replica) in replicas.iter_mut().enumerate() {
            if to != from {
                replica.apply(&changes).expect("they are of one document");
            }
        }
    }
}

/// Each acknowledges what it has, to all others.
pub fn acknowledge(replicas: &mut [&mut Replica]) {
    for from in 0..replicas.len() {
        let acknowledgement = replicas[from].acknowledge();
        for (to, replica) in replicas.iter_mut().enumerate() {
            if to != from {
                replica.apply_acknowledgement(&acknowledgement).expect("of the same document");
            }
        }
    }
}

/// All that is known to all is known to be.
pub fn settle(replicas: &mut [&mut Replica]) {
    exchange(replicas);
    acknowledge(replicas);
    acknowledge(replicas);
}

/// Inserts into the text "text".
pub fn insert(replica: &mut Replica, position: usize, text: &str) {
    replica.insert_text("text", Unit::Scalar, position, text).expect("within the text");
}

/// Deletes from the text "text".
pub fn delete(replica: &mut Replica, position: usize, len: usize) {
    replica.delete_text("text", Unit::Scalar, position, len).expect("within the text");
}

pub fn set(replica: &mut Replica, path: &str, value: impl Into<Value>) {
    replica.set(path, value).expect("the path leads through maps");
}
