//! Members, acknowledgements, and what pruning reclaims and refuses. That it changes nothing that
//! is shown is for the simulation.

use libsync::{
    Acknowledged, ApplyError, DocumentId, EditError, ExportError, Replica, ReplicaId, Unit,
    VersionVector,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const A: ReplicaId = ReplicaId::new(0xa);
const B: ReplicaId = ReplicaId::new(0xb);
const C: ReplicaId = ReplicaId::new(0xc);

fn exchange(a: &mut Replica, b: &mut Replica) {
    b.apply(&a.export(b.version()).unwrap()).unwrap();
    a.apply(&b.export(a.version()).unwrap()).unwrap();
}

fn acknowledge(a: &mut Replica, b: &mut Replica) {
    for _ in 0..2 {
        b.apply_acknowledgement(&a.acknowledge()).unwrap();
        a.apply_acknowledgement(&b.acknowledge()).unwrap();
    }
}

/// Two members with `text` typed by the first.
fn pair(text: &str) -> (Replica, Replica) {
    let mut a = Replica::new(DOCUMENT, A);
    a.join(B).unwrap();
    a.insert_text("text", Unit::Scalar, 0, text).unwrap();
    let b = Replica::load(&a.save(), B).unwrap();
    (a, b)
}

#[test]
fn a_replica_alone_prunes_all_that_it_deleted() {
    let mut a = Replica::new(DOCUMENT, A);
    a.insert_text("text", Unit::Scalar, 0, "hello world").unwrap();
    a.delete_text("text", Unit::Scalar, 0, 6).unwrap();
    let before = a.memory();
    assert_eq!((before.nodes, before.tombstones, before.changes), (11, 6, 1));
    let report = a.prune();
    assert_eq!((report.nodes, report.changes, report.held_back_by.len()), (6, 1, 0));
    assert_eq!(&report.floor, a.version());
    let after = a.memory();
    assert_eq!((after.nodes, after.tombstones, after.changes), (5, 0, 0));
    assert!(report.bytes > 0);
    assert_eq!(a.text("text").unwrap(), "world");
    // Nothing more to do.
    let again = a.prune();
    assert_eq!((again.nodes, again.spans, again.changes, again.bytes), (0, 0, 0, 0));
}

#[test]
fn a_member_that_is_behind_holds_pruning_back_and_is_named() {
    let (mut a, mut b) = pair("hello world");
    a.delete_text("text", Unit::Scalar, 0, 6).unwrap();
    let report = a.prune();
    assert_eq!((report.nodes, report.changes), (0, 0));
    let held_back: Vec<_> =
        report.held_back_by.iter().map(|by| (by.member, by.unacknowledged)).collect();
    // One membership, one text, 11 characters, 6 of them deleted.
    assert_eq!(held_back, [(B, 19)]);

    exchange(&mut a, &mut b);
    acknowledge(&mut a, &mut b);
    let report = a.prune();
    assert_eq!((report.nodes, report.changes, report.held_back_by.len()), (6, 1, 0));
    assert_eq!(b.prune().nodes, 6);
    assert_eq!(a.to_json(), b.to_json());
    // And both go on.
    a.insert_text("text", Unit::Scalar, 0, "my ").unwrap();
    b.insert_text("text", Unit::Scalar, 5, "!").unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(a.to_json(), r#"{"text":"my world!"}"#);
    assert_eq!(a.to_json(), b.to_json());
}

#[test]
fn an_acknowledgement_counts_once_all_of_it_has_arrived() {
    let (mut a, mut b) = pair("x");
    b.insert_text("text", Unit::Scalar, 1, "y").unwrap();
    let acknowledgement = b.acknowledge();
    assert_eq!(a.apply_acknowledgement(&acknowledgement), Ok(Acknowledged::Held));
    assert_eq!(a.members()[1].acknowledged, None);
    exchange(&mut a, &mut b);
    assert_eq!(a.members()[1].acknowledged.as_ref(), Some(b.version()));
    assert_eq!(a.apply_acknowledgement(&acknowledgement), Ok(Acknowledged::Stale));
    assert_eq!(a.apply_acknowledgement(&b.acknowledge()), Ok(Acknowledged::Stale));
}

#[test]
fn who_is_behind_the_floor_gets_a_snapshot() {
    let (mut a, mut b) = pair("hello");
    a.delete_text("text", Unit::Scalar, 0, 5).unwrap();
    exchange(&mut a, &mut b);
    acknowledge(&mut a, &mut b);
    let floor = a.prune().floor;
    let error = a.export(&VersionVector::new()).unwrap_err();
    assert_eq!(error, ExportError::BelowPruneFloor { floor });
    a.join(C).unwrap();
    let mut c = Replica::load(&a.save(), C).unwrap();
    c.insert_text("text", Unit::Scalar, 0, "hi").unwrap();
    exchange(&mut a, &mut c);
    exchange(&mut a, &mut b);
    assert_eq!(b.to_json(), r#"{"text":"hi"}"#);
    assert_eq!(b.members().len(), 3);
}

#[test]
fn an_edit_that_names_what_is_pruned_comes_back_as_an_error() {
    // B wrote, and so is a member; it leaves, and a copy of it that does not know goes on.
    let (mut a, mut b) = pair("hello");
    b.insert_text("text", Unit::Scalar, 5, "!").unwrap();
    exchange(&mut a, &mut b);
    let mut late = Replica::load(&b.save(), C).unwrap();
    b.leave().unwrap();
    exchange(&mut a, &mut b);
    a.delete_text("text", Unit::Scalar, 0, 6).unwrap();
    assert_eq!(a.prune().nodes, 6);
    let before = a.save();
    late.insert_text("text", Unit::Scalar, 3, "?").unwrap();
    let frame = late.export(a.version()).unwrap();
    let error = a.apply(&frame).unwrap_err();
    assert!(matches!(error, ApplyError::BelowPruneFloor { .. }), "{error}");
    assert_eq!(a.save(), before, "nothing has changed");
}

#[test]
fn who_has_left_is_not_waited_for_and_writes_no_more() {
    let (mut a, mut b) = pair("hello");
    b.leave().unwrap();
    assert_eq!(b.set("x", 1), Err(EditError::Left));
    assert_eq!(b.leave(), Err(EditError::Left));
    exchange(&mut a, &mut b);
    a.delete_text("text", Unit::Scalar, 0, 5).unwrap();
    assert_eq!(a.prune().nodes, 5);
    assert_eq!(a.members().len(), 1);
}

#[test]
fn what_was_written_offline_before_the_first_exchange_is_accepted() {
    let mut b = Replica::new(DOCUMENT, B);
    b.insert_text("text", Unit::Scalar, 0, "mine").unwrap();
    let (mut a, _) = pair("ours");
    let mut a = {
        a.delete_text("text", Unit::Scalar, 0, 2).unwrap();
        a
    };
    a.apply(&b.export(&VersionVector::new()).unwrap()).unwrap();
    assert_eq!(a.members().len(), 2);
    assert_eq!(a.text("text").unwrap().len(), 6);
    exchange(&mut a, &mut b);
    assert_eq!(a.to_json(), b.to_json());
}

#[test]
fn containers_of_which_nothing_is_left_are_forgotten() {
    let mut a = Replica::new(DOCUMENT, A);
    a.prune();
    let empty = a.memory().state_bytes;
    for i in 0..100 {
        let path = format!("sessions.{i}.notes");
        a.insert_text(&path, Unit::Scalar, 0, "note").unwrap();
        a.remove(format!("sessions.{i}")).unwrap();
    }
    a.remove("sessions").unwrap();
    assert_eq!(a.to_json(), "{}");
    a.prune();
    let left = a.save().len();
    assert!(left < 150, "an empty document saves to {left} bytes");
    let bytes = a.memory().state_bytes;
    assert!(bytes < empty + 20_000, "{bytes} bytes are held for an empty document");
}

#[test]
fn a_reader_that_is_made_a_member_names_nothing_that_others_prune() {
    let mut a = Replica::new(DOCUMENT, A);
    a.join(B).unwrap();
    a.insert_text("text", Unit::Scalar, 0, "abc").unwrap();
    a.delete_text("text", Unit::Scalar, 1, 1).unwrap();
    let mut b = Replica::new(DOCUMENT, B);
    b.apply(&a.export(b.version()).unwrap()).unwrap();
    let mut c = Replica::new(DOCUMENT, C);
    c.apply(&a.export(c.version()).unwrap()).unwrap();
    acknowledge(&mut a, &mut b);
    // C has read along so far. B prunes without having heard that it is a member now.
    a.join(C).unwrap();
    c.apply(&a.export(c.version()).unwrap()).unwrap();
    assert_eq!(b.prune().nodes, 1);
    c.insert_text("text", Unit::Scalar, 1, "X").unwrap();
    exchange(&mut a, &mut c);
    exchange(&mut a, &mut b);
    assert_eq!(b.to_json(), r#"{"text":"aXc"}"#);
}

#[test]
fn who_exports_to_an_author_waits_for_it_from_then_on() {
    let mut phone = Replica::new(DOCUMENT, A);
    let mut laptop = Replica::new(DOCUMENT, B);
    laptop.set("k", 1).unwrap();
    phone.insert_text("text", Unit::Scalar, 0, "abc").unwrap();
    phone.delete_text("text", Unit::Scalar, 1, 1).unwrap();
    laptop.apply(&phone.export(laptop.version()).unwrap()).unwrap();
    laptop.insert_text("text", Unit::Scalar, 1, "X").unwrap();
    let report = phone.prune();
    assert_eq!((report.nodes, report.held_back_by[0].member), (0, B));
    exchange(&mut phone, &mut laptop);
    assert_eq!(phone.to_json(), laptop.to_json());
    assert_eq!(phone.text("text").unwrap(), "aXc");
}

#[test]
fn a_cut_is_not_taken_over_before_what_its_sender_had() {
    let (ia, ib) = (ReplicaId::new(1), ReplicaId::new(2));
    let mut a = Replica::new(DOCUMENT, ia);
    a.join(ib).unwrap();
    a.insert_items("l", 0, ["x"]).unwrap();
    let mut b = Replica::load(&a.save(), ib).unwrap();
    b.set("k", 0).unwrap();
    exchange(&mut a, &mut b);
    // B sets the item, A deletes it.
    let sent = b.version().clone();
    b.set("/l/0", 1).unwrap();
    let late = b.export(&sent).unwrap();
    a.delete_items("l", 0, 1).unwrap();
    let acknowledged = a.acknowledge();
    // B gets the deletion and its acknowledgement: the deletion is stable for B.
    let mut known = sent.clone();
    known.set(ib, b.version().get(ib));
    b.apply(&a.export(b.version()).unwrap()).unwrap();
    b.apply_acknowledgement(&acknowledged).unwrap();
    b.acknowledge();
    b.set("k", 1).unwrap();
    // What B sends next has the cut, and overtakes what B sent before.
    a.apply(&b.export(&known).unwrap()).unwrap();
    a.apply(&late).unwrap();
    assert_eq!(a.to_json(), r#"{"k":1,"l":[1]}"#);
    assert_eq!(a.to_json(), b.to_json());
}
