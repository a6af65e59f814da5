//! Who can be evicted, when it takes effect, and what comes of what the evicted one wrote. That all
//! agree whatever the order is for the simulation.

use libsync::{
    ApplyError, DocumentId, EditError, Evicted, ExportError, Replica, ReplicaId, SaveOptions, Unit,
    VersionVector,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const A: ReplicaId = ReplicaId::new(0xa);
const B: ReplicaId = ReplicaId::new(0xb);
const C: ReplicaId = ReplicaId::new(0xc);
const D: ReplicaId = ReplicaId::new(0xd);

/// `from` hands over all that `to` does not have.
fn send(from: &mut Replica, to: &mut Replica) {
    to.apply(&from.export(to.version()).unwrap()).unwrap();
}

fn exchange(a: &mut Replica, b: &mut Replica) {
    send(a, b);
    send(b, a);
}

fn acknowledge(from: &mut Replica, to: &mut Replica) {
    to.apply_acknowledgement(&from.acknowledge()).unwrap();
}

fn type_in(replica: &mut Replica, text: &str) {
    let len = replica.text("text").map_or(0, |text| text.chars().count());
    replica.insert_text("text", Unit::Scalar, len, text).unwrap();
}

fn joined(sponsor: &mut Replica, id: ReplicaId) -> Replica {
    sponsor.join(id).unwrap();
    Replica::load(&sponsor.save(), id).unwrap()
}

/// Three members of a document with a text.
fn three() -> (Replica, Replica, Replica) {
    let mut a = Replica::new(DOCUMENT, A);
    type_in(&mut a, "text");
    a.join(C).unwrap();
    let b = joined(&mut a, B);
    let c = Replica::load(&a.save(), C).unwrap();
    (a, b, c)
}

fn is_member(replica: &Replica, id: ReplicaId) -> bool {
    replica.members().iter().any(|member| member.replica == id)
}

/// The eviction that has taken effect here, which is of so many operations; nothing was refused.
fn effect(replica: &mut Replica, of: ReplicaId, operations: u64) {
    let Evicted { replica: evicted, operations: count, refused, frame, .. } =
        replica.next_evicted().expect("an eviction has taken effect");
    assert_eq!((evicted, count, refused, frame), (of, operations, vec![], None));
    assert!(!is_member(replica, of));
    assert_eq!(replica.next_evicted(), None);
}

#[test]
fn only_other_members_can_be_evicted() {
    let (mut a, mut b, _) = three();
    let refused = |result: Result<(), EditError>| {
        assert!(matches!(result, Err(EditError::NotEvictable { .. })), "{result:?}");
    };
    refused(a.evict(A));
    refused(a.evict(D));
    b.leave().unwrap();
    send(&mut b, &mut a);
    refused(a.evict(B));
    a.begin().unwrap();
    assert_eq!(a.evict(C), Err(EditError::InTransaction));
    a.abort();
    a.evict(C).unwrap();
    // Once more is nothing.
    let version = a.version().clone();
    let _ = a.evict(C);
    assert_eq!(a.version(), &version);
    // Nobody else is there, and so it has taken effect.
    effect(&mut a, C, 0);
    refused(a.evict(C));
}

#[test]
fn an_eviction_takes_effect_once_all_others_agree() {
    let (mut a, mut b, mut c) = three();
    type_in(&mut c, "!");
    send(&mut c, &mut a);
    a.delete_text("text", Unit::Scalar, 0, 2).unwrap();
    a.evict(C).unwrap();
    assert!(a.members().iter().any(|member| member.evicting && member.eviction_awaits == [B]));
    send(&mut a, &mut b);
    acknowledge(&mut b, &mut a);
    effect(&mut a, C, 1);
    assert!(is_member(&b, C), "A has not acknowledged it yet");
    acknowledge(&mut a, &mut b);
    effect(&mut b, C, 1);
    // It is not waited for any more.
    for _ in 0..2 {
        acknowledge(&mut a, &mut b);
        acknowledge(&mut b, &mut a);
    }
    assert_eq!(a.prune().held_back_by, []);
    assert_eq!(&b.prune().floor, b.version());
    // It learns of that with what it is handed, and writes no more.
    type_in(&mut c, "?");
    let departed = a.departed();
    assert_eq!((departed[0].replica, departed[0].evicted, departed[0].operations), (C, true, 1));
    let late = c.export(b.version()).unwrap();
    let error = b.apply(&late).unwrap_err();
    assert!(matches!(error, ApplyError::AuthorEvicted { .. }), "{error}");
}

#[test]
fn what_another_member_had_taken_before_is_taken() {
    let (mut a, mut b, mut c) = three();
    type_in(&mut c, "1");
    let first = c.export(a.version()).unwrap();
    type_in(&mut c, "23");
    let rest = c.export(a.version()).unwrap();
    type_in(&mut c, "45");
    let all = c.export(a.version()).unwrap();
    // A has one operation of C as it evicts it, B three.
    a.apply(&first).unwrap();
    b.apply(&rest).unwrap();
    a.evict(C).unwrap();
    let applied = a.apply(&all).unwrap();
    assert_eq!((applied.changes, applied.held), (0, 1), "what is new of C waits");
    assert_eq!(a.missing(), [], "and nothing else is needed for it");
    assert_eq!(a.text("text").unwrap(), "text1");
    // What is sent again is known, as far as it is held.
    assert_eq!(a.apply(&rest).unwrap().held, 1);
    send(&mut a, &mut b);
    acknowledge(&mut b, &mut a);
    assert_eq!(a.text("text").unwrap(), "text123", "what B had is taken, and no more");
    assert_eq!(a.version(), b.version());
    let Evicted { operations, refused, frame, .. } = a.next_evicted().unwrap();
    assert_eq!((operations, refused.len()), (3, 1));
    assert_eq!((refused[0].replica, refused[0].counter), (C, 3), "cut in two");
    // What was refused is given back, and whoever has not evicted C takes it.
    let mut other = Replica::load(&c.save(), D).unwrap();
    assert_eq!(other.apply(&frame.unwrap()).unwrap().duplicates, 1);
    acknowledge(&mut a, &mut b);
    effect(&mut b, C, 3);
    assert_eq!(a.to_json(), b.to_json());
}

#[test]
fn who_knows_of_its_eviction_writes_no_more() {
    let (mut a, mut b, mut c) = three();
    a.evict(C).unwrap();
    send(&mut a, &mut c);
    assert_eq!(c.set("k", 1), Err(EditError::Evicted));
    assert_eq!(c.insert_text("text", Unit::Scalar, 0, "x"), Err(EditError::Evicted));
    assert_eq!(c.leave(), Err(EditError::Evicted));
    assert_eq!(c.evict(A), Err(EditError::Evicted));
    assert_eq!(c.join(D), Err(EditError::Evicted));
    // Nor does it hand anything to one who would have to be made a member.
    let stranger: VersionVector = [(D, 1)].into_iter().collect();
    let error = c.export(&stranger).unwrap_err();
    assert_eq!(error, ExportError::CannotSponsor { replica: D });
    send(&mut a, &mut b);
    acknowledge(&mut a, &mut c);
    acknowledge(&mut b, &mut c);
    effect(&mut c, C, 0);
    let loaded = Replica::load(&c.save(), C).unwrap();
    assert_eq!(loaded.save(), c.save());
    let mut loaded = loaded;
    assert_eq!(loaded.set("k", 1), Err(EditError::Evicted));
}

#[test]
fn an_eviction_under_way_is_saved() {
    let (mut a, mut b, mut c) = three();
    type_in(&mut c, "1");
    send(&mut c, &mut b);
    type_in(&mut c, "2");
    a.evict(C).unwrap();
    a.apply(&c.export(a.version()).unwrap()).unwrap();
    acknowledge(&mut a, &mut b);
    send(&mut a, &mut b);
    let (mut a, mut b) = (reloaded(&a), reloaded(&b));
    assert_eq!(a.set("k", 1), Ok(()));
    send(&mut a, &mut b);
    acknowledge(&mut a, &mut b);
    assert_eq!(b.next_evicted(), None, "A has less of it than B");
    acknowledge(&mut b, &mut a);
    let Evicted { operations, refused, .. } = a.next_evicted().unwrap();
    assert_eq!((operations, refused.len()), (1, 1));
    acknowledge(&mut a, &mut b);
    effect(&mut b, C, 1);
    let (a, b) = (reloaded(&a), reloaded(&b));
    let counted = |replica: &Replica| {
        let all = replica.departed().into_iter();
        all.map(|one| (one.replica, one.operations, one.evicted)).collect::<Vec<_>>()
    };
    assert_eq!(counted(&a), counted(&b));
    assert_eq!(a.to_json(), b.to_json());
}

/// Saved in either form, and loaded.
fn reloaded(replica: &Replica) -> Replica {
    for options in [SaveOptions::new(), SaveOptions::new().compressed()] {
        let loaded = Replica::load(&replica.save_with(options), replica.id()).unwrap();
        assert_eq!(loaded.save_with(options), replica.save_with(options));
        assert_eq!(loaded.members(), replica.members());
        assert_eq!(loaded.departed(), replica.departed());
        assert_eq!(loaded.save(), replica.save());
    }
    Replica::load(&replica.save(), replica.id()).unwrap()
}

#[test]
fn who_leaves_while_it_is_evicted_has_left() {
    let (mut a, mut b, mut c) = three();
    c.leave().unwrap();
    send(&mut c, &mut b);
    a.evict(C).unwrap();
    let applied = a.apply(&c.export(a.version()).unwrap()).unwrap();
    assert_eq!(applied.held, 1, "the leave comes after what A may take");
    send(&mut a, &mut b);
    // As B had taken it, A does.
    acknowledge(&mut b, &mut a);
    for replica in [&mut a, &mut b] {
        assert_eq!(replica.next_evicted(), None);
        let departed = replica.departed();
        assert_eq!((departed[0].replica, departed[0].evicted), (C, false));
    }
    // Whose departure is which of the two that came first.
    assert_eq!(a.departed(), b.departed());
    assert_eq!(a.save().len(), reloaded(&a).save().len());
}

#[test]
fn a_leave_that_nobody_had_seen_does_not_count() {
    let (mut a, mut b, mut c) = three();
    c.leave().unwrap();
    a.evict(C).unwrap();
    a.apply(&c.export(a.version()).unwrap()).unwrap();
    send(&mut a, &mut b);
    acknowledge(&mut b, &mut a);
    let evicted = a.next_evicted().unwrap();
    assert_eq!((evicted.operations, evicted.refused.len()), (0, 1));
    assert!(a.departed()[0].evicted);
}

#[test]
fn a_newcomer_of_one_who_is_evicted_is_a_member_if_others_know_it() {
    let (mut a, mut b, mut c) = three();
    let mut d = joined(&mut c, D);
    send(&mut c, &mut a);
    a.evict(C).unwrap();
    send(&mut a, &mut b);
    acknowledge(&mut b, &mut a);
    assert_eq!(a.next_evicted(), None, "D has to agree, too");
    type_in(&mut d, "!");
    exchange(&mut a, &mut d);
    acknowledge(&mut d, &mut a);
    effect(&mut a, C, 1);
    assert_eq!(a.text("text").unwrap(), "text!");
}

#[test]
fn a_newcomer_that_only_the_evicted_one_knew_starts_anew() {
    let (mut a, mut b, mut c) = three();
    a.evict(C).unwrap();
    send(&mut a, &mut b);
    let mut d = joined(&mut c, D);
    type_in(&mut d, "!");
    // Before the eviction has taken effect, it waits.
    let applied = a.apply(&d.export(a.version()).unwrap()).unwrap();
    assert_eq!(applied.changes, 0);
    acknowledge(&mut b, &mut a);
    let evicted = a.next_evicted().unwrap();
    assert_eq!((evicted.operations, evicted.refused.len()), (0, 2), "the join, and what D wrote");
    assert_eq!(a.apply(&evicted.frame.unwrap()).unwrap_err(), {
        let id = evicted.refused[0];
        assert_eq!(id.replica, C);
        ApplyError::AuthorEvicted { id }
    });
    let before = a.save();
    let of_d = d.export(c.version()).unwrap();
    let error = a.apply(&of_d).unwrap_err();
    assert!(matches!(error, ApplyError::NamesEvicted { .. }), "{error}");
    assert_eq!(a.save(), before, "nothing has changed");
    assert!(!is_member(&a, D));
}

#[test]
fn a_newcomer_that_is_joined_meanwhile_has_to_agree() {
    let (mut a, mut b, mut c) = three();
    type_in(&mut c, "!");
    send(&mut c, &mut b);
    a.evict(C).unwrap();
    send(&mut a, &mut b);
    let mut d = joined(&mut a, D);
    type_in(&mut d, "?");
    acknowledge(&mut b, &mut a);
    exchange(&mut a, &mut b);
    acknowledge(&mut b, &mut a);
    assert_eq!(a.next_evicted(), None);
    // It knows of the eviction from its start, and takes what B had.
    d.apply(&c.export(d.version()).unwrap()).unwrap();
    assert_eq!(d.text("text").unwrap(), "text?");
    exchange(&mut b, &mut d);
    acknowledge(&mut b, &mut d);
    assert_eq!(d.text("text").unwrap().len(), 6);
    acknowledge(&mut d, &mut a);
    exchange(&mut d, &mut a);
    effect(&mut a, C, 1);
    assert_eq!(a.to_json(), d.to_json());
}

#[test]
fn who_came_with_more_of_the_evicted_one_later_is_no_evidence() {
    let (mut a, mut b, mut c) = three();
    a.evict(C).unwrap();
    send(&mut a, &mut b);
    let of_b = b.acknowledge();
    // D writes offline, and gets of C what nobody else has.
    let mut d = Replica::new(DOCUMENT, D);
    d.set("offline", 1).unwrap();
    type_in(&mut c, "!");
    let first = d.export(&VersionVector::new()).unwrap();
    exchange(&mut c, &mut d);
    b.apply(&first).unwrap();
    acknowledge(&mut d, &mut b);
    b.apply(&c.export(b.version()).unwrap()).unwrap();
    assert_eq!(b.text("text").unwrap(), "text", "A may have agreed already");
    let mut b = reloaded(&b);
    acknowledge(&mut d, &mut b);
    assert_eq!(b.text("text").unwrap(), "text");
    a.apply_acknowledgement(&of_b).unwrap();
    effect(&mut a, C, 0);
}

#[test]
fn two_that_evict_each_other_part_the_document() {
    let (mut a, mut b, _) = three();
    a.evict(B).unwrap();
    b.evict(A).unwrap();
    let (of_a, of_b) = (a.export(b.version()).unwrap(), b.export(a.version()).unwrap());
    // Neither takes the eviction of itself: it comes after what it may take of the other.
    assert_eq!(a.apply(&of_b).unwrap().held, 1);
    assert_eq!(b.apply(&of_a).unwrap().held, 1);
    a.set("k", 1).unwrap();
    b.set("k", 2).unwrap();
    assert_ne!(a.to_json(), b.to_json());
}

#[test]
fn a_change_that_was_made_on_what_is_refused_is_refused() {
    let (mut a, mut b, mut c) = three();
    type_in(&mut c, "!");
    send(&mut c, &mut b);
    type_in(&mut b, "?");
    let of_b = b.export(a.version()).unwrap();
    a.evict(C).unwrap();
    // B has what its own change was made on; so A takes both once it is told.
    assert_eq!(a.apply(&of_b).unwrap().changes, 0);
    send(&mut a, &mut b);
    acknowledge(&mut b, &mut a);
    assert_eq!(a.text("text").unwrap(), "text!?");
    effect(&mut a, C, 1);
}

#[test]
fn members_say_since_when_they_are() {
    let mut a = Replica::new(DOCUMENT, A);
    a.set_time(Some(1000));
    a.set("k", 1).unwrap();
    a.set_time(Some(2000));
    let b = joined(&mut a, B);
    for replica in [&a, &b, &reloaded(&a)] {
        let members = replica.members();
        let since: Vec<_> = members.iter().map(|m| (m.replica, m.since, m.since_time)).collect();
        let id = |counter| Some(libsync::OpId::new(A, counter));
        assert_eq!(since, [(A, id(0), Some(1000)), (B, id(1), Some(2000))]);
        let heads = members[1].since.into_iter().collect();
        assert_eq!(replica.version_of(&heads).unwrap().get(A), 2);
    }
}

#[test]
fn who_has_written_alone_is_made_a_member_with_what_it_is_handed() {
    // Two that wrote offline: neither's first operation depends on the other's.
    let mut a = Replica::new(DOCUMENT, A);
    let mut b = Replica::new(DOCUMENT, B);
    a.set("a", 1).unwrap();
    b.set("b", 1).unwrap();
    exchange(&mut a, &mut b);
    exchange(&mut a, &mut b);
    assert_eq!(a.version(), b.version());
    // Each was handed the other's by one who had made it a member, in case that one is evicted.
    assert_eq!((a.version().get(A), a.version().get(B)), (2, 2));
    // But not who started the document that all know.
    let (mut a, mut b, _) = three();
    type_in(&mut b, "!");
    exchange(&mut a, &mut b);
    assert_eq!(a.version().get(B), 1);
}
