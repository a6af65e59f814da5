//! Adversarial shapes: histories that are ordinary for a malicious or an unlucky host, and that
//! cost a careless core quadratic time. Each is made with `n` edits, delivered to a second replica,
//! shown, saved and loaded.
//!
//! `tests/growth.rs` counts the instructions for *n* and for 4*n*; and of what everybody does all
//! the time, for many more.

mod lists;
mod maps;
mod tallies;
mod texts;

use libsync::{DocumentId, Replica, ReplicaId, VersionVector};

const DOCUMENT: DocumentId = DocumentId::from_bytes([0x5a; 16]);

/// One shape, by name.
#[derive(Clone, Copy)]
pub struct Shape {
    /// How the command line names it.
    pub name: &'static str,
    /// Makes it with so many edits; panics if replicas differ.
    pub make: fn(usize),
    /// The edits of the smaller of two runs that are compared.
    pub small: usize,
    /// The edits of the full size, which is run natively.
    pub full: usize,
}

/// All shapes.
pub const SHAPES: &[Shape] = &[
    Shape { name: "concurrent-characters", make: texts::concurrent, small: 400, full: 100_000 },
    Shape { name: "concurrent-items", make: lists::concurrent, small: 400, full: 100_000 },
    Shape { name: "concurrent-keys", make: maps::concurrent, small: 1_000, full: 100_000 },
    Shape { name: "backwards", make: texts::backwards, small: 400, full: 100_000 },
    Shape { name: "alternating", make: texts::alternating, small: 400, full: 100_000 },
    Shape { name: "text-emptied", make: texts::emptied, small: 2_000, full: 1_000_000 },
    Shape { name: "text-scattered", make: texts::scattered, small: 400, full: 100_000 },
    Shape { name: "typed", make: texts::typed, small: 400, full: 1_000_000 },
    Shape { name: "streamed", make: texts::streamed, small: 400, full: 1_000_000 },
    Shape { name: "random-edits", make: texts::random_edits, small: 400, full: 1_000_000 },
    Shape { name: "nesting", make: maps::nesting, small: 100, full: 50_000 },
    Shape { name: "nested-lists", make: lists::nesting, small: 100, full: 50_000 },
    Shape { name: "one-key", make: maps::one_key, small: 400, full: 1_000_000 },
    Shape { name: "map-emptied", make: maps::emptied, small: 400, full: 200_000 },
    Shape { name: "list-emptied", make: lists::emptied, small: 400, full: 200_000 },
    Shape { name: "list-prepended", make: lists::prepended, small: 400, full: 100_000 },
    Shape { name: "one-item-set", make: lists::one_item_set, small: 400, full: 200_000 },
    Shape { name: "one-item-moved", make: lists::one_item_moved, small: 400, full: 100_000 },
    Shape { name: "many-items-moved", make: lists::many_items_moved, small: 400, full: 100_000 },
    Shape { name: "set-hammered", make: tallies::set, small: 400, full: 100_000 },
    Shape { name: "set-grown", make: tallies::grown, small: 400, full: 100_000 },
    Shape { name: "counter-hammered", make: tallies::counter, small: 400, full: 200_000 },
    Shape { name: "counter-shared", make: tallies::shared, small: 400, full: 100_000 },
    Shape { name: "transaction", make: maps::transaction, small: 400, full: 100_000 },
    Shape { name: "transactions-aborted", make: maps::aborted, small: 400, full: 50_000 },
    Shape { name: "reversed-delivery", make: texts::reversed_delivery, small: 400, full: 20_000 },
];

fn replica(number: u64) -> Replica {
    Replica::new(DOCUMENT, ReplicaId::new(number))
}

/// Hands all that `from` has, and `to` does not have, to `to`.
fn send(from: &mut Replica, to: &mut Replica) {
    let frame = from.export(to.version()).expect("nothing is pruned");
    to.apply(&frame).expect("what a replica exports can be applied");
}

/// Everything that is done with a document as a whole: delivers it to a fresh replica, shows, saves
/// and loads it.
fn finish(mut replica: Replica) {
    let mut copy = self::replica(u64::MAX);
    let all = replica.export(&VersionVector::new()).expect("nothing is pruned");
    copy.apply(&all).expect("what a replica exports can be applied");
    let json = replica.to_json();
    assert_eq!(copy.to_json(), json, "a copy differs");
    let saved = replica.save();
    let loaded = Replica::load(&saved, replica.id()).expect("what was saved can be loaded");
    assert_eq!(loaded.to_json(), json, "what was saved differs");
}

/// `n` edits by up to a thousand replicas, ten each or more, none of which sees another; `edit` makes
/// one of them.
fn concurrent_edits(n: usize, prepare: impl Fn(&mut Replica), edit: impl Fn(&mut Replica, usize)) {
    let mut hub = replica(0);
    prepare(&mut hub);
    let start = hub.export(&VersionVector::new()).expect("nothing is pruned");
    let known = hub.version().clone();
    let each = (n / 1_000).max(10);
    for number in 1..=(n / each) as u64 {
        let mut writer = replica(number);
        writer.apply(&start).expect("what a replica exports can be applied");
        (0..each).for_each(|i| edit(&mut writer, i));
        let frame = writer.export(&known).expect("nothing is pruned");
        hub.apply(&frame).expect("what a replica exports can be applied");
    }
    finish(hub);
}
