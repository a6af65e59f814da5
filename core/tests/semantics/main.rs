//! What concurrent edits lead to: each row of the tables in `docs/semantics.md`.

mod clocks;
mod counters;
mod lists;
mod maps;
mod refusals;
mod registers;
mod removals;
mod sets;
mod texts;
mod transactions;

use libsync::{Content, DocumentId, Replica, ReplicaId};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);

/// A starts with `before`; then A and B edit without each other; then they exchange. Gives both.
fn concurrently(
    before: impl Fn(&mut Replica),
    a_does: impl Fn(&mut Replica),
    b_does: impl Fn(&mut Replica),
) -> (Replica, Replica) {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.join(ReplicaId::new(2)).unwrap();
    before(&mut a);
    let mut b = Replica::load(&a.save(), ReplicaId::new(2)).unwrap();
    a_does(&mut a);
    b_does(&mut b);
    exchange(&mut a, &mut b);
    (a, b)
}

fn json(
    before: impl Fn(&mut Replica),
    a_does: impl Fn(&mut Replica),
    b_does: impl Fn(&mut Replica),
) -> String {
    concurrently(before, a_does, b_does).0.to_json()
}

fn contents(replica: &Replica, path: &str) -> Vec<Content> {
    replica.conflicts(path).unwrap().into_iter().map(|conflict| conflict.content).collect()
}

fn nothing(_: &mut Replica) {}

/// Brings both to the same.
fn exchange(a: &mut Replica, b: &mut Replica) {
    let from_a = a.export(b.version()).unwrap();
    a.apply(&b.export(a.version()).unwrap()).unwrap();
    b.apply(&from_a).unwrap();
    assert_eq!(a.to_json(), b.to_json(), "both see the same");
}
