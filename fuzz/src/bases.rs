//! The replicas that foreign bytes are handed to.

use libsync::{Commit, DocumentId, EditError, Kind, Replica, ReplicaId, Unit, Value};

use crate::session::DOCUMENT;

/// Who receives.
pub const READER: ReplicaId = ReplicaId::new(0xffff_ffff_ffff_ffff);
/// Who has written what is there: the authors of the test vectors.
pub const AUTHORS: [ReplicaId; 2] =
    [ReplicaId::new(0x0a0a_0a0a_0a0a_0a0a), ReplicaId::new(0x0b0b_0b0b_0b0b_0b0b)];
/// How many replicas there are to pick.
pub const COUNT: u8 = 3;

thread_local! {
    static BASES: [Replica; COUNT as usize] = [
        empty(READER),
        received(&unpruned()),
        received(&pruned()),
    ];
}

/// The replica that a byte picks: an empty one, one with something of everything, or one of which
/// a part is pruned besides.
pub fn replica(pick: u8) -> Replica {
    BASES.with(|bases| bases[usize::from(pick % COUNT)].clone())
}

/// A replica in which nothing has happened.
pub fn empty(id: ReplicaId) -> Replica {
    Replica::new(DocumentId::from_bytes(DOCUMENT), id)
}

/// The two authors of [`replica`] 1, who know the same; the first one has a change in its inbox.
pub fn unpruned() -> [Replica; 2] {
    let [mut a, mut b] = edited();
    hold(&mut a, &mut b);
    [a, b]
}

/// The same for [`replica`] 2.
pub fn pruned() -> [Replica; 2] {
    let [mut a, mut b] = edited();
    for _ in 0..2 {
        acknowledge(&mut a, &mut b);
        acknowledge(&mut b, &mut a);
    }
    a.delete_text("text", Unit::Scalar, 0, 2).expect("the text is long enough");
    b.move_item("list", 0, 1).expect("the list is long enough");
    b.delete_items("list", 2, 1).expect("the list is long enough");
    exchange(&mut a, &mut b);
    a.prune();
    b.prune();
    acknowledge(&mut b, &mut a);
    a.acknowledge();
    b.insert_text("text", Unit::Scalar, 1, "++").expect("the text is long enough");
    exchange(&mut a, &mut b);
    hold(&mut a, &mut b);
    [a, b]
}

fn received(authors: &[Replica; 2]) -> Replica {
    Replica::load(&authors[0].save(), READER).expect("what is saved can be loaded")
}

/// The same with conflicts and deletions, by both authors.
fn edited() -> [Replica; 2] {
    let mut a = empty(AUTHORS[0]);
    a.join(AUTHORS[1]).expect("a member may join others");
    first_edits(&mut a).expect("the edits fit an empty document");
    let mut b = Replica::load(&a.save(), AUTHORS[1]).expect("what is saved can be loaded");
    concurrent_edits(&mut a, &mut b).expect("the edits fit what is there");
    exchange(&mut a, &mut b);
    later_edits(&mut a, &mut b).expect("the edits fit what is there");
    exchange(&mut a, &mut b);
    [a, b]
}

/// Something of every kind and every value, in an empty document.
pub(crate) fn first_edits(a: &mut Replica) -> Result<(), EditError> {
    a.insert_text("text", Unit::Scalar, 0, "Hello wörld 𝄞")?;
    a.insert_text("map.text", Unit::Scalar, 0, "x")?;
    let values = [
        Value::Null,
        Value::Bool(true),
        Value::Int(-5_000_000_000),
        Value::Float(0.1),
        Value::from("text"),
        Value::from(vec![1, 2, 255]),
        Value::Timestamp(1_732_194_000_000_000),
    ];
    for (at, value) in values.iter().enumerate() {
        a.set(format!("map.v{at}"), value.clone())?;
        a.add("set", value.clone())?;
    }
    a.insert_items("list", 0, [1, 2, 3, 4, 5])?;
    a.insert_items("list", 1, [Kind::Map, Kind::Text, Kind::List])?;
    a.set("/list/1/key", "value")?;
    a.insert_text("/list/2", Unit::Scalar, 0, "item")?;
    a.insert_items("/list/3", 0, [true])?;
    a.increment("count", 5)?;
    a.create("grow", Kind::GrowOnlyCounter)?;
    a.increment("grow", 3)?;
    a.create("all", Kind::GrowOnlySet)?;
    a.add("all", "for ever")?;
    Ok(())
}

fn concurrent_edits(a: &mut Replica, b: &mut Replica) -> Result<(), EditError> {
    b.insert_text("text", Unit::Scalar, 3, "xyz")?;
    a.delete_text("text", Unit::Scalar, 2, 4)?;
    a.set("key", 1)?;
    b.create("key", Kind::Map)?;
    a.move_item("list", 0, 4)?;
    b.move_item("list", 0, 2)?;
    a.delete_items("list", 1, 2)?;
    b.set("/list/0/key", "other")?;
    b.insert_text("/list/1", Unit::Scalar, 4, "s")?;
    a.increment("count", -2)?;
    b.remove("count")?;
    a.add("set", "text")?;
    b.discard("set", &"text".into())?;
    a.remove_wins("map.v1")?;
    b.set("map.v1", false)?;
    Ok(())
}

fn later_edits(a: &mut Replica, b: &mut Replica) -> Result<(), EditError> {
    a.insert_text("text", Unit::Scalar, 5, ",")?;
    b.remove("map.v0")?;
    let commit = Commit::new().at(1_732_194_000_000_000).message("two edits").origin("b");
    b.transact(commit, |b| {
        b.increment("count", 7)?;
        b.insert_items("list", 0, ["first"])
    })
}

/// Lets `a` receive a change of `b`, and not the one before it.
fn hold(a: &mut Replica, b: &mut Replica) {
    b.set("held", 1).expect("a key can be set");
    let known = b.version().clone();
    b.set("held", 2).expect("a key can be set");
    let frame = b.export(&known).expect("it is not pruned");
    a.apply(&frame).expect("a change may wait");
}

fn exchange(a: &mut Replica, b: &mut Replica) {
    let frame = a.export(b.version()).expect("it is not pruned");
    b.apply(&frame).expect("a peer's frame is sound");
    let frame = b.export(a.version()).expect("it is not pruned");
    a.apply(&frame).expect("a peer's frame is sound");
}

fn acknowledge(from: &mut Replica, to: &mut Replica) {
    to.apply_acknowledgement(&from.acknowledge()).expect("a peer's acknowledgement is sound");
}
