//! JSON in and out: imports, JSON Patch, JSON Merge Patch.

mod corpus;
mod events;
mod imports;
mod merges;
mod oracle;
mod patches;
mod programs;

use libsync::{DocumentId, ImportOptions, ImportReport, Replica, ReplicaId};

const PLAIN: ImportOptions<'static> = ImportOptions::new();

fn replica(id: u64) -> Replica {
    Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(id))
}

/// A replica of the document that this JSON makes.
fn imported(json: &str) -> Replica {
    let mut replica = replica(1);
    replica.import_json("", json, PLAIN).unwrap();
    assert_eq!(replica.to_json(), json);
    replica
}

/// Another replica of the same document.
fn twin(of: &mut Replica, id: u64) -> Replica {
    let mut twin = replica(id);
    twin.apply(&of.export(twin.version()).unwrap()).unwrap();
    twin
}

/// Both get what the other has, and agree; gives their JSON.
fn exchanged(a: &mut Replica, b: &mut Replica) -> String {
    let (to_a, to_b) = (b.export(a.version()).unwrap(), a.export(b.version()).unwrap());
    a.apply(&to_a).unwrap();
    b.apply(&to_b).unwrap();
    assert_eq!(a.to_json(), b.to_json());
    a.to_json()
}

fn report(fill: impl FnOnce(&mut ImportReport)) -> ImportReport {
    let mut report = ImportReport::default();
    fill(&mut report);
    report
}
