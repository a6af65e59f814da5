//! Undo and redo, kind by kind: alone, and with what others do in the meantime. Random programs are
//! for the simulation.

use libsync::{
    Commit, Content, DocumentId, EditError, Kind, Replica, ReplicaId, UndoError, UndoOptions, Unit,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const A: ReplicaId = ReplicaId::new(0xa);
const B: ReplicaId = ReplicaId::new(0xb);

fn exchange(a: &mut Replica, b: &mut Replica) {
    b.apply(&a.export(b.version()).unwrap()).unwrap();
    a.apply(&b.export(a.version()).unwrap()).unwrap();
    assert_eq!(a.to_json(), b.to_json());
}

fn settle(a: &mut Replica, b: &mut Replica) {
    for _ in 0..2 {
        b.apply_acknowledgement(&a.acknowledge()).unwrap();
        a.apply_acknowledgement(&b.acknowledge()).unwrap();
    }
}

/// A replica that notes its edits, and another one.
fn pair() -> (Replica, Replica) {
    let mut a = Replica::new(DOCUMENT, A);
    a.join(B).unwrap();
    a.enable_undo(UndoOptions::default()).unwrap();
    let b = Replica::load(&a.save(), B).unwrap();
    (a, b)
}

/// Makes an edit, and checks that undoing it and redoing it lead there and back, twice.
fn there_and_back(
    prepare: impl FnOnce(&mut Replica) -> Result<(), EditError>,
    edit: impl FnOnce(&mut Replica) -> Result<(), EditError>,
) {
    let (mut a, mut b) = pair();
    prepare(&mut a).unwrap();
    exchange(&mut a, &mut b);
    let before = a.to_json();
    edit(&mut a).unwrap();
    let after = a.to_json();
    assert_ne!(before, after);
    for _ in 0..2 {
        let undone = a.undo().unwrap();
        assert!(undone.change.is_some() && undone.taken_back > 0);
        assert_eq!(undone.passed_over, 0);
        assert_eq!(a.to_json(), before);
        exchange(&mut a, &mut b);
        a.redo().unwrap();
        assert_eq!(a.to_json(), after);
        exchange(&mut a, &mut b);
    }
}

#[test]
fn each_edit_is_undone_and_redone() {
    let text = |replica: &mut Replica| replica.insert_text("t", Unit::Scalar, 0, "héllo 𝄞");
    there_and_back(|_| Ok(()), text);
    there_and_back(text, |replica| replica.delete_text("t", Unit::Scalar, 1, 4));
    there_and_back(text, |replica| replica.remove("t").map(drop));
    there_and_back(text, |replica| replica.set("t", 1));

    there_and_back(|_| Ok(()), |replica| replica.set("a.b.c", 1));
    there_and_back(|replica| replica.set("k", 1), |replica| replica.set("k", "two"));
    there_and_back(|replica| replica.set("k", 1), |replica| replica.remove("k").map(drop));
    there_and_back(|replica| replica.set("a.b", 1), |replica| replica.remove_wins("a").map(drop));
    there_and_back(|replica| replica.set("k", 1), |replica| replica.create("k", Kind::Map));

    let count = |replica: &mut Replica| replica.increment("c", 5);
    there_and_back(|_| Ok(()), count);
    there_and_back(count, |replica| replica.increment("c", -7));
    there_and_back(count, |replica| replica.remove("c").map(drop));

    let add = |replica: &mut Replica| replica.add("s", "x").map(drop);
    there_and_back(|_| Ok(()), add);
    there_and_back(add, |replica| replica.discard("s", &"x".into()).map(drop));

    let list = |replica: &mut Replica| replica.insert_items("l", 0, ["x", "y", "z"]);
    there_and_back(|_| Ok(()), list);
    there_and_back(list, |replica| replica.delete_items("l", 0, 2));
    there_and_back(list, |replica| replica.move_item("l", 0, 2));
    there_and_back(list, |replica| replica.set("l.1", 1));
}

#[test]
fn a_container_comes_back_with_all_that_was_in_it() {
    let prepare = |replica: &mut Replica| {
        replica.set("page.title", "Sea")?;
        replica.insert_text("page.body", Unit::Scalar, 0, "waves")?;
        replica.insert_items("page.list", 0, [Kind::Map, Kind::Text])?;
        replica.set("page.list.0.done", true)?;
        replica.insert_text("page.list.1", Unit::Scalar, 0, "foam")?;
        replica.increment("page.likes", 3)?;
        replica.add("page.tags", "salt").map(drop)
    };
    there_and_back(prepare, |replica| replica.remove("page").map(drop));
    there_and_back(prepare, |replica| replica.set("page", 1));
    there_and_back(prepare, |replica| replica.delete_items("page.list", 0, 2));
}

#[test]
fn what_is_undone_in_turn_leads_back_to_nothing() {
    let (mut a, _) = pair();
    a.insert_text("t", Unit::Scalar, 0, "abc").unwrap();
    a.delete_text("t", Unit::Scalar, 1, 1).unwrap();
    a.undo().unwrap();
    assert_eq!(a.text("t").unwrap(), "abc");
    a.undo().unwrap();
    assert_eq!(a.to_json(), "{}");
    assert_eq!(a.undo(), Err(UndoError::Nothing));
    a.redo().unwrap();
    a.redo().unwrap();
    assert_eq!(a.text("t").unwrap(), "ac");
    a.undo().unwrap();
    assert_eq!(a.text("t").unwrap(), "abc");
    assert!(a.can_redo());
    a.insert_text("t", Unit::Scalar, 3, "d").unwrap();
    assert_eq!(a.redo(), Err(UndoError::Nothing), "an edit ends what can be redone");
}

#[test]
fn what_others_did_in_the_meantime_stays() {
    let (mut a, mut b) = pair();
    a.insert_text("t", Unit::Scalar, 0, "Hello world").unwrap();
    exchange(&mut a, &mut b);
    // Others type within what is deleted, and within what was typed.
    a.delete_text("t", Unit::Scalar, 2, 7).unwrap();
    b.insert_text("t", Unit::Scalar, 5, ",").unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(a.text("t").unwrap(), "He,ld");
    a.undo().unwrap();
    assert_eq!(a.text("t").unwrap(), "Hello, world");
    a.undo().unwrap();
    assert_eq!(a.text("t").unwrap(), ",");
    a.redo().unwrap();
    assert_eq!(a.text("t").unwrap(), "Hello, world");
    exchange(&mut a, &mut b);
}

#[test]
fn what_others_deleted_too_stays_deleted() {
    let (mut a, mut b) = pair();
    a.insert_text("t", Unit::Scalar, 0, "abcdef").unwrap();
    a.insert_items("l", 0, ["x", "y"]).unwrap();
    a.set("k", 1).unwrap();
    exchange(&mut a, &mut b);
    a.begin_undo_group().unwrap();
    a.delete_text("t", Unit::Scalar, 1, 3).unwrap();
    a.delete_items("l", 0, 2).unwrap();
    a.set("k", 2).unwrap();
    a.end_undo_group().unwrap();
    b.delete_text("t", Unit::Scalar, 2, 3).unwrap();
    b.delete_items("l", 1, 1).unwrap();
    b.remove("k").unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(a.to_json(), r#"{"k":2,"l":[],"t":"af"}"#);
    let undone = a.undo().unwrap();
    assert_eq!(a.to_json(), r#"{"l":["x"],"t":"abf"}"#);
    assert_eq!((undone.taken_back, undone.passed_over), (3, 3));
    exchange(&mut a, &mut b);
}

#[test]
fn undo_survives_what_others_delete() {
    let (mut a, mut b) = pair();
    a.insert_text("t", Unit::Scalar, 0, "abcdef").unwrap();
    a.set("m.k", 1).unwrap();
    a.increment("c", 5).unwrap();
    a.insert_items("l", 0, ["x"]).unwrap();
    a.move_item("l", 0, 0).unwrap();
    exchange(&mut a, &mut b);
    b.delete_text("t", Unit::Scalar, 0, 4).unwrap();
    for path in ["m", "c", "l"] {
        assert!(b.remove(path).unwrap());
    }
    exchange(&mut a, &mut b);
    let undone = a.undo().unwrap();
    assert_eq!((undone.change, undone.taken_back), (None, 0), "the list is gone");
    assert!(undone.passed_over > 0);
    while a.can_undo() {
        a.undo().unwrap();
        exchange(&mut a, &mut b);
    }
    assert_eq!(a.to_json(), "{}");
}

#[test]
fn what_others_assigned_stays() {
    let (mut a, mut b) = pair();
    a.set("k", 1).unwrap();
    a.set("k", 2).unwrap();
    exchange(&mut a, &mut b);
    // Having seen it.
    b.set("k", 3).unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(a.undo().unwrap().passed_over, 1);
    assert_eq!(a.get("k").unwrap(), Some(Content::from(3)));
    // At the same time.
    a.set("k", 4).unwrap();
    b.set("k", 5).unwrap();
    exchange(&mut a, &mut b);
    a.undo().unwrap();
    assert_eq!(a.get("k").unwrap(), Some(Content::from(5)));
    assert_eq!(a.conflicts("k").unwrap().len(), 1);
    // In between: what was seen of others comes back as theirs.
    a.set("k", 6).unwrap();
    a.undo().unwrap();
    a.undo().unwrap();
    assert_eq!(a.get("k").unwrap(), Some(Content::from(5)));
}

#[test]
fn what_others_put_into_a_new_container_stays() {
    let (mut a, mut b) = pair();
    a.create("m", Kind::Map).unwrap();
    a.insert_items("l", 0, [Kind::Map]).unwrap();
    a.set("v", 1).unwrap();
    a.create("v", Kind::Map).unwrap();
    exchange(&mut a, &mut b);
    for path in ["m.x", "l.0.x", "v.x"] {
        b.set(path, 1).unwrap();
    }
    exchange(&mut a, &mut b);
    (0..4).for_each(|_| drop(a.undo().unwrap()));
    assert_eq!(a.to_json(), r#"{"l":[{"x":1}],"m":{"x":1},"v":{"x":1}}"#);
    exchange(&mut a, &mut b);
}

#[test]
fn counters_are_counted_back_and_keep_what_others_added() {
    let (mut a, mut b) = pair();
    a.increment("c", 5).unwrap();
    exchange(&mut a, &mut b);
    b.increment("c", 2).unwrap();
    exchange(&mut a, &mut b);
    a.remove("c").unwrap();
    b.increment("c", 10).unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(a.count("c").unwrap(), 10);
    a.undo().unwrap();
    assert_eq!(a.count("c").unwrap(), 17);
    a.undo().unwrap();
    assert_eq!(a.count("c").unwrap(), 12);
    a.redo().unwrap();
    a.redo().unwrap();
    assert_eq!(a.count("c").unwrap(), 10);
    // Both take away the same: what is undone is what the other did not take.
    a.increment("d", 3).unwrap();
    exchange(&mut a, &mut b);
    a.remove("d").unwrap();
    b.remove("d").unwrap();
    exchange(&mut a, &mut b);
    a.undo().unwrap();
    assert_eq!(a.get("d").unwrap(), None);
}

#[test]
fn what_only_grows_is_passed_over() {
    let (mut a, _) = pair();
    a.create("c", Kind::GrowOnlyCounter).unwrap();
    a.create("s", Kind::GrowOnlySet).unwrap();
    a.increment("c", 5).unwrap();
    a.add("s", 1).unwrap();
    for _ in 0..4 {
        a.undo().unwrap();
    }
    assert_eq!(a.to_json(), r#"{"c":5,"s":[1]}"#);
}

#[test]
fn items_are_grouped_by_time() {
    let (mut a, _) = pair();
    for (time, text) in [(0, "a"), (400_000, "b"), (900_001, "c"), (900_002, "d")] {
        a.set_undo_time(Some(time)).unwrap();
        let end = a.text_len("t", Unit::Scalar).unwrap_or(0);
        a.insert_text("t", Unit::Scalar, end, text).unwrap();
    }
    let times: Vec<_> = a.undo_items().map(|item| item.time).collect();
    assert_eq!(times, [Some(900_002), Some(400_000)]);
    a.undo().unwrap();
    assert_eq!(a.text("t").unwrap(), "ab");
    // What follows an undo is an item of its own; and a clock that goes back groups nothing.
    a.insert_text("t", Unit::Scalar, 2, "e").unwrap();
    a.set_undo_time(Some(0)).unwrap();
    a.insert_text("t", Unit::Scalar, 3, "f").unwrap();
    assert_eq!(a.undo_items().count(), 3);
    // Without a time, each edit is one.
    a.set_undo_time(None).unwrap();
    a.insert_text("t", Unit::Scalar, 0, "g").unwrap();
    a.insert_text("t", Unit::Scalar, 0, "h").unwrap();
    assert_eq!(a.undo_items().count(), 5);
    // By the time of the changes, where there is no other.
    a.set_time(Some(5_000_000));
    a.insert_text("t", Unit::Scalar, 0, "i").unwrap();
    a.insert_text("t", Unit::Scalar, 0, "j").unwrap();
    assert_eq!(a.undo_items().count(), 6);
}

#[test]
fn items_are_grouped_by_hand_and_a_transaction_is_one() {
    let (mut a, _) = pair();
    a.set_time(Some(0));
    a.set("k", 1).unwrap();
    let commit = Commit::new().message("Two more");
    a.transact(commit, |a| {
        a.set("k", 2)?;
        a.set("l", 2)
    })
    .unwrap();
    a.set("k", 3).unwrap();
    let messages: Vec<_> = a.undo_items().map(|item| item.message).collect();
    assert_eq!(messages, [None, Some("Two more".to_owned()), None]);
    a.begin_undo_group().unwrap();
    a.set("k", 4).unwrap();
    a.begin_undo_group().unwrap();
    a.transact(Commit::new(), |a| a.set("k", 5)).unwrap();
    assert_eq!(a.undo(), Err(UndoError::InGroup));
    assert!(!a.can_undo());
    a.end_undo_group().unwrap();
    a.set_time(Some(99_000_000));
    a.set("k", 6).unwrap();
    a.end_undo_group().unwrap();
    assert_eq!(a.end_undo_group(), Err(UndoError::NoGroup));
    for expected in ["3", "2", "1"] {
        a.undo().unwrap();
        assert!(a.to_json().contains(&format!(r#""k":{expected}"#)), "{}", a.to_json());
    }
    assert_eq!(a.to_json(), r#"{"k":1}"#);
}

#[test]
fn an_aborted_transaction_and_a_failed_edit_leave_no_item() {
    let (mut a, _) = pair();
    a.begin().unwrap();
    a.set("k", 1).unwrap();
    assert_eq!(a.undo(), Err(UndoError::InTransaction));
    assert_eq!(a.enable_undo(UndoOptions::default()), Err(UndoError::InTransaction));
    a.abort();
    a.delete_text("t", Unit::Scalar, 0, 1).unwrap_err();
    a.join(ReplicaId::new(7)).unwrap();
    assert_eq!(a.undo_items().count(), 0);
    assert_eq!(a.undo(), Err(UndoError::Nothing));
    let mut without = Replica::new(DOCUMENT, A);
    assert_eq!(without.undo(), Err(UndoError::Disabled));
    assert_eq!(without.set_undo_metadata(Vec::new()), Err(UndoError::Disabled));
}

#[test]
fn an_undo_that_fails_changes_nothing() {
    let (mut a, _) = pair();
    a.set("k", 1).unwrap();
    a.leave().unwrap();
    let before = (a.save(), a.undo_items().collect::<Vec<_>>());
    assert_eq!(a.undo(), Err(UndoError::Edit(EditError::Left)));
    assert_eq!((a.save(), a.undo_items().collect::<Vec<_>>()), before);
}

#[test]
fn what_the_host_attaches_comes_back() {
    let (mut a, _) = pair();
    assert_eq!(a.set_undo_metadata(vec![1]), Ok(false));
    a.set("k", 1).unwrap();
    assert_eq!(a.set_undo_metadata(vec![1]), Ok(true));
    a.set("k", 2).unwrap();
    a.set_undo_metadata(vec![2]).unwrap();
    assert_eq!(a.undo().unwrap().item.metadata, [2]);
    // That of the item that redoes it, from now on.
    a.set_undo_metadata(vec![3]).unwrap();
    assert_eq!(a.undo_items().next().unwrap().metadata, [1]);
    assert_eq!(a.redo_items().next().unwrap().metadata, [3]);
    assert_eq!(a.redo().unwrap().item.metadata, [3]);
    assert_eq!(a.undo_items().next().unwrap().metadata, [3]);
}

#[test]
fn pruning_waits_for_what_can_be_undone() {
    let (mut a, mut b) = pair();
    a.insert_items("l", 0, [Kind::Map]).unwrap();
    a.set("l.0.x", 1).unwrap();
    a.insert_text("t", Unit::Scalar, 0, "abcdef").unwrap();
    exchange(&mut a, &mut b);
    a.clear_undo().unwrap();
    a.delete_text("t", Unit::Scalar, 1, 3).unwrap();
    a.delete_items("l", 0, 1).unwrap();
    exchange(&mut a, &mut b);
    settle(&mut a, &mut b);
    let (here, there) = (a.prune(), b.prune());
    assert_eq!((here.held_back_by_undo, there.held_back_by_undo), (5, 0));
    assert_eq!((here.nodes, there.nodes), (0, 4));
    assert!(here.held_back_by.is_empty());
    a.undo().unwrap();
    a.undo().unwrap();
    assert_eq!(a.to_json(), r#"{"l":[{"x":1}],"t":"abcdef"}"#);
    exchange(&mut a, &mut b);
    // And what comes again can be edited, and go again.
    b.set("l.0.y", 2).unwrap();
    exchange(&mut a, &mut b);
    a.redo().unwrap();
    a.redo().unwrap();
    assert_eq!(a.to_json(), r#"{"l":[{"y":2}],"t":"aef"}"#);
    a.clear_undo().unwrap();
    exchange(&mut a, &mut b);
    settle(&mut a, &mut b);
    assert_eq!(a.prune().held_back_by_undo, 0);
    b.prune();
    assert_eq!((a.memory().tombstones, b.memory().tombstones), (0, 0));
}

#[test]
fn items_beyond_the_depth_expire() {
    let options = |depth| {
        let mut options = UndoOptions::default();
        options.depth = depth;
        options
    };
    let mut a = Replica::new(DOCUMENT, A);
    a.enable_undo(options(10)).unwrap();
    for word in ["first", "second", "third"] {
        a.insert_text("t", Unit::Scalar, 0, word).unwrap();
        a.delete_text("t", Unit::Scalar, 0, 2).unwrap();
    }
    let expired = |a: &Replica| a.undo_items().map(|item| item.is_expired).collect::<Vec<_>>();
    assert_eq!(expired(&a), [false; 6], "nothing expires while nothing is pruned");
    let report = a.prune();
    assert!(report.held_back_by_undo > 0 && report.nodes > 0);
    // Nine operations come after the second word, fifteen after what was deleted of the first.
    assert_eq!(expired(&a), [false, false, false, false, true, true]);
    (0..4).for_each(|_| drop(a.undo().unwrap()));
    assert_eq!(a.text("t").unwrap(), "rst");
    assert!(!a.can_undo());
    let item = a.undo_items().next().unwrap().id;
    assert_eq!(a.undo(), Err(UndoError::Expired { item }));
    // What comes last does not expire, however long it is.
    a.insert_text("u", Unit::Scalar, 0, &"x".repeat(100)).unwrap();
    a.enable_undo(options(0)).unwrap();
    a.prune();
    assert!(!expired(&a)[0]);
    a.undo().unwrap();
    assert_eq!(a.get("u").unwrap(), None);
}

#[test]
fn no_more_items_are_kept_than_asked_for() {
    let (mut a, _) = pair();
    let mut options = UndoOptions::default();
    options.max_items = 3;
    a.enable_undo(options).unwrap();
    (0..10).for_each(|i| a.set("k", i).unwrap());
    assert_eq!(a.undo_items().count(), 3);
    while a.can_undo() {
        a.undo().unwrap();
    }
    assert_eq!(a.get("k").unwrap(), Some(Content::from(6)));
}

#[test]
fn events_say_that_they_come_of_an_undo() {
    let (mut a, _) = pair();
    let text = a.subscribe("t", Unit::Scalar).unwrap();
    a.insert_text("t", Unit::Scalar, 0, "ab").unwrap();
    a.insert_text("t", Unit::Scalar, 1, "--").unwrap();
    a.undo().unwrap();
    a.redo().unwrap();
    a.insert_text("t", Unit::Scalar, 4, "c").unwrap();
    let mut origins = Vec::new();
    let mut deltas = Vec::new();
    while let Some(event) = a.next_event(text).unwrap() {
        origins.push(event.origin);
        deltas.extend(event.diffs.into_iter().map(|diff| diff.delta));
    }
    use libsync::{Delta, Origin, TextDelta::*};
    assert_eq!(origins, [Origin::Local, Origin::Local, Origin::Undo, Origin::Undo, Origin::Local]);
    assert_eq!(deltas[3], Delta::Text(vec![Retain(1), Delete(2)]));
    assert_eq!(deltas[4], Delta::Text(vec![Retain(1), Insert("--".to_owned())]));
}

#[test]
fn what_is_noted_is_not_saved() {
    let (mut a, _) = pair();
    a.set("k", 1).unwrap();
    let mut loaded = Replica::load(&a.save(), A).unwrap();
    assert_eq!(loaded.undo(), Err(UndoError::Disabled));
    loaded.enable_undo(UndoOptions::default()).unwrap();
    assert_eq!(loaded.undo(), Err(UndoError::Nothing));
}

#[test]
fn undoing_and_redoing_over_and_over_does_not_hold_ever_more() {
    let (mut a, _) = pair();
    a.insert_text("t", Unit::Scalar, 0, "abc").unwrap();
    a.delete_text("t", Unit::Scalar, 1, 1).unwrap();
    let cycle = |a: &mut Replica| {
        for _ in 0..200 {
            (0..2).for_each(|_| drop(a.undo().unwrap()));
            (0..2).for_each(|_| drop(a.redo().unwrap()));
        }
        a.memory().undo_bytes
    };
    let (once, twice) = (cycle(&mut a), cycle(&mut a));
    assert!(twice <= once + 1_000, "{once} bytes, then {twice}");
    assert_eq!(a.text("t").unwrap(), "ac");
}
