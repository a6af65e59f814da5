//! What subscribers are told, kind by kind.

use libsync::{
    Commit, Content, Delta, Diff, DocumentId, EditError, Event, EventError, KeyDelta, Kind,
    ListDelta, Options, Origin, Path, Replica, ReplicaId, Subscription, TextDelta, Unit, Value,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const A: ReplicaId = ReplicaId::new(0xa);
const B: ReplicaId = ReplicaId::new(0xb);

fn watched(path: &str) -> (Replica, Subscription) {
    let mut replica = Replica::new(DOCUMENT, A);
    let subscription = replica.subscribe(path, Unit::Scalar).unwrap();
    (replica, subscription)
}

/// The diffs of the one event that waits, with their paths as text.
fn told(replica: &mut Replica, subscription: Subscription, origin: Origin) -> Vec<(String, Delta)> {
    let event = replica.next_event(subscription).unwrap().expect("an event");
    assert_eq!(event.origin, origin);
    assert_eq!(replica.next_event(subscription), Ok(None), "one event a step");
    event.diffs.into_iter().map(|Diff { path, delta, .. }| (path.to_string(), delta)).collect()
}

fn local(replica: &mut Replica, subscription: Subscription) -> Vec<(String, Delta)> {
    told(replica, subscription, Origin::Local)
}

fn sync(from: &mut Replica, to: &mut Replica) {
    let frame = from.export(to.version()).unwrap();
    to.apply(&frame).unwrap();
}

fn map(path: &str, keys: &[(&str, Option<Content>, Option<Content>)]) -> (String, Delta) {
    let (text, mut deltas) = (path.to_owned(), Vec::new());
    for (key, old, new) in keys {
        deltas.push(key_delta(key, (old.clone(), false), (new.clone(), false)));
    }
    (text, Delta::Map(deltas))
}

/// Made by a replica, as no one else can make one.
fn key_delta(key: &str, was: (Option<Content>, bool), is: (Option<Content>, bool)) -> KeyDelta {
    let (mut replica, all) = watched("");
    replica.set("any", 1).unwrap();
    let Some((_, Delta::Map(mut keys))) = local(&mut replica, all).pop() else { panic!("a map") };
    let mut delta = keys.remove(0);
    delta.key = key.to_owned();
    (delta.old, delta.was_in_conflict) = was;
    (delta.new, delta.in_conflict) = is;
    delta
}

fn text(path: &str, parts: &[TextDelta]) -> (String, Delta) {
    (path.to_owned(), Delta::Text(parts.to_vec()))
}

fn list(path: &str, parts: &[ListDelta]) -> (String, Delta) {
    (path.to_owned(), Delta::List(parts.to_vec()))
}

fn value(value: impl Into<Value>) -> Option<Content> {
    Some(Content::Value(value.into()))
}

fn inserted(text: &str) -> TextDelta {
    TextDelta::Insert(text.to_owned())
}

#[test]
fn a_text_tells_of_each_edit() {
    let (mut replica, all) = watched("");
    replica.insert_text("t", Unit::Scalar, 0, "abc").unwrap();
    let created = map("", &[("t", None, Some(Kind::Text.into()))]);
    assert_eq!(local(&mut replica, all), [created, text("/t", &[inserted("abc")])]);
    for (at, typed) in [(1, "x"), (2, "y"), (5, "z")] {
        replica.insert_text("t", Unit::Scalar, at, typed).unwrap();
        let parts = [TextDelta::Retain(at), inserted(typed)];
        assert_eq!(local(&mut replica, all), [text("/t", &parts)]);
    }
    for at in [5, 1, 1, 0] {
        replica.delete_text("t", Unit::Scalar, at, 1).unwrap();
        let retained = (at > 0).then_some(TextDelta::Retain(at));
        let parts: Vec<_> = retained.into_iter().chain([TextDelta::Delete(1)]).collect();
        assert_eq!(local(&mut replica, all), [text("/t", &parts)]);
    }
    assert_eq!(replica.text("t").unwrap(), "bc");
}

#[test]
fn a_transaction_is_one_event_of_merged_parts() {
    let (mut replica, all) = watched("");
    replica.insert_text("t", Unit::Scalar, 0, "abcdef").unwrap();
    local(&mut replica, all);
    replica.begin().unwrap();
    // `cd` becomes `X`, typed and retyped; what came and went again says nothing.
    replica.delete_text("t", Unit::Scalar, 3, 1).unwrap();
    replica.delete_text("t", Unit::Scalar, 2, 1).unwrap();
    for (at, letter) in ["X", "Y", "Z"].into_iter().enumerate() {
        replica.insert_text("t", Unit::Scalar, 2 + at, letter).unwrap();
    }
    replica.delete_text("t", Unit::Scalar, 4, 1).unwrap();
    replica.set("n", 1).unwrap();
    replica.set("n", 2).unwrap();
    replica.set("gone", 1).unwrap();
    replica.remove("gone").unwrap();
    assert_eq!(replica.next_event(all), Ok(None), "nothing is told before it is committed");
    replica.commit(Commit::new()).unwrap();
    let parts = [TextDelta::Retain(2), inserted("XY"), TextDelta::Delete(2)];
    let expected = [map("", &[("n", None, value(2))]), text("/t", &parts)];
    assert_eq!(local(&mut replica, all), expected);
}

#[test]
fn an_aborted_transaction_and_an_edit_that_fails_tell_nothing() {
    let (mut replica, all) = watched("");
    replica.begin().unwrap();
    replica.insert_text("t", Unit::Scalar, 0, "abc").unwrap();
    replica.set("n", 1).unwrap();
    replica.abort();
    assert!(replica.delete_text("t", Unit::Scalar, 0, 1).is_err());
    assert_eq!(replica.next_event(all), Ok(None));
    replica.insert_text("t", Unit::Scalar, 0, "x").unwrap();
    let created = map("", &[("t", None, Some(Kind::Text.into()))]);
    assert_eq!(local(&mut replica, all), [created, text("/t", &[inserted("x")])]);
}

#[test]
fn lengths_are_in_the_unit_asked_for() {
    let mut replica = Replica::new(DOCUMENT, A);
    replica.insert_text("t", Unit::Scalar, 0, "é𝄞z").unwrap();
    for (unit, before, gone) in [(Unit::Scalar, 1, 1), (Unit::Utf8, 2, 4), (Unit::Utf16, 1, 2)] {
        let of_unit = replica.subscribe("t", unit).unwrap();
        replica.delete_text("t", Unit::Scalar, 1, 1).unwrap();
        let parts = [TextDelta::Retain(before), TextDelta::Delete(gone)];
        assert_eq!(local(&mut replica, of_unit), [text("/t", &parts)]);
        replica.insert_text("t", Unit::Scalar, 1, "𝄞").unwrap();
        let parts = [TextDelta::Retain(before), inserted("𝄞")];
        assert_eq!(local(&mut replica, of_unit), [text("/t", &parts)]);
        replica.unsubscribe(of_unit);
    }
}

#[test]
fn a_frame_is_one_event_whatever_is_in_it() {
    let mut author = Replica::new(DOCUMENT, B);
    for nth in 0..200 {
        author.insert_text("t", Unit::Scalar, 0, "ab").unwrap();
        author.delete_text("t", Unit::Scalar, 1, 1).unwrap();
        author.increment("c", nth).unwrap();
    }
    let (mut replica, all) = watched("");
    sync(&mut author, &mut replica);
    let (first, second) = (Some(Kind::Counter.into()), Some(Kind::Text.into()));
    let count = Delta::Counter { by: 19_900, count: 19_900 };
    let expected = [
        map("", &[("c", None, first), ("t", None, second)]),
        ("/c".to_owned(), count),
        text("/t", &[inserted(&"a".repeat(200))]),
    ];
    assert_eq!(told(&mut replica, all, Origin::Remote), expected);
    sync(&mut author, &mut replica);
    assert_eq!(replica.next_event(all), Ok(None), "what is known already is no news");
}

#[test]
fn what_had_waited_comes_with_what_it_waited_for() {
    let mut author = Replica::new(DOCUMENT, B);
    let mut frames = Vec::new();
    for letter in ["a", "b", "c"] {
        let before = author.version().clone();
        author.insert_text("t", Unit::Scalar, 0, letter).unwrap();
        frames.push(author.export(&before).unwrap());
    }
    let (mut replica, all) = watched("t");
    for frame in &frames[1..] {
        replica.apply(frame).unwrap();
        assert_eq!(replica.next_event(all), Ok(None));
    }
    replica.apply(&frames[0]).unwrap();
    let created = map("", &[("t", None, Some(Kind::Text.into()))]);
    let expected = [created, text("/t", &[inserted("cba")])];
    assert_eq!(told(&mut replica, all, Origin::Remote), expected);
}

#[test]
fn a_list_tells_where_items_stand_and_what_they_hold() {
    let (mut replica, all) = watched("l");
    replica.insert_items("l", 0, ["a", "b", "c", "d"]).unwrap();
    local(&mut replica, all);
    replica.move_item("l", 3, 1).unwrap();
    let moved = [
        ListDelta::Retain(1),
        ListDelta::Move { from: 3 },
        ListDelta::Retain(2),
        ListDelta::Delete(1),
    ];
    assert_eq!(local(&mut replica, all), [list("/l", &moved)]);
    replica.set("l.1", "D").unwrap();
    let (old, new) = (Content::from("d"), Content::from("D"));
    let set = ListDelta::Set { old, new, in_conflict: false };
    assert_eq!(local(&mut replica, all), [list("/l", &[ListDelta::Retain(1), set])]);
    replica.delete_items("l", 0, 2).unwrap();
    assert_eq!(local(&mut replica, all), [list("/l", &[ListDelta::Delete(2)])]);

    replica.begin().unwrap();
    replica.move_item("l", 0, 1).unwrap();
    replica.insert_items("l", 2, ["e", "f"]).unwrap();
    replica.set("l.1", "B").unwrap();
    replica.commit(Commit::new()).unwrap();
    let places = [
        ListDelta::Delete(1),
        ListDelta::Retain(1),
        ListDelta::Move { from: 0 },
        ListDelta::Insert(vec!["e".into(), "f".into()]),
    ];
    let (old, new) = (Content::from("b"), Content::from("B"));
    let set = ListDelta::Set { old, new, in_conflict: false };
    let expected = [list("/l", &places), list("/l", &[ListDelta::Retain(1), set])];
    assert_eq!(local(&mut replica, all), expected);
    assert_eq!(replica.to_json(), r#"{"l":["c","B","e","f"]}"#);
}

#[test]
fn conflicts_appear_and_are_resolved() {
    let (mut a, all) = watched("");
    let mut b = Replica::new(DOCUMENT, B);
    a.set("k", 1).unwrap();
    a.insert_items("l", 0, ["x"]).unwrap();
    sync(&mut a, &mut b);
    while a.next_event(all).unwrap().is_some() {}
    for (replica, number) in [(&mut a, 2), (&mut b, 3)] {
        replica.set("k", number).unwrap();
        replica.set("l.0", number).unwrap();
    }
    while a.next_event(all).unwrap().is_some() {}
    sync(&mut b, &mut a);
    let appeared = key_delta("k", (value(2), false), (value(3), true));
    let set = ListDelta::Set { old: 2.into(), new: 3.into(), in_conflict: true };
    let expected = [("".to_owned(), Delta::Map(vec![appeared])), list("/l", &[set])];
    assert_eq!(told(&mut a, all, Origin::Remote), expected);

    a.set("k", 3).unwrap();
    let resolved = key_delta("k", (value(3), true), (value(3), false));
    assert_eq!(local(&mut a, all), [("".to_owned(), Delta::Map(vec![resolved]))]);
    a.set("l.0", 3).unwrap();
    let set = ListDelta::Set { old: 3.into(), new: 3.into(), in_conflict: false };
    assert_eq!(local(&mut a, all), [list("/l", &[set])]);
}

#[test]
fn sets_and_counters_tell_what_they_gained_and_lost() {
    let (mut replica, all) = watched("");
    replica.add("s", 2).unwrap();
    replica.add("s", 1).unwrap();
    replica.increment("c", 5).unwrap();
    while replica.next_event(all).unwrap().is_some() {}
    replica.begin().unwrap();
    replica.discard("s", &2.into()).unwrap();
    replica.add("s", "x").unwrap();
    replica.add("s", 1).unwrap();
    replica.increment("c", -7).unwrap();
    replica.commit(Commit::new()).unwrap();
    let expected = [
        ("/c".to_owned(), Delta::Counter { by: -7, count: -2 }),
        ("/s".to_owned(), Delta::Set { added: vec!["x".into()], removed: vec![2.into()] }),
    ];
    assert_eq!(local(&mut replica, all), expected);
    replica.increment("c", 3).unwrap();
    replica.begin().unwrap();
    replica.increment("c", 3).unwrap();
    replica.increment("c", -3).unwrap();
    replica.commit(Commit::new()).unwrap();
    let expected = [("/c".to_owned(), Delta::Counter { by: 3, count: 1 })];
    assert_eq!(local(&mut replica, all), expected);
}

#[test]
fn what_was_not_shown_before_comes_whole() {
    let (mut a, all) = watched("");
    let mut b = Replica::new(DOCUMENT, B);
    a.insert_items("m.l", 0, [Kind::Map]).unwrap();
    a.insert_text("m.l.0.t", Unit::Scalar, 0, "deep").unwrap();
    sync(&mut a, &mut b);
    while a.next_event(all).unwrap().is_some() {}

    // It goes, with all that is in it, and what another typed meanwhile brings it back.
    a.remove("m").unwrap();
    let gone = map("", &[("m", Some(Kind::Map.into()), None)]);
    assert_eq!(local(&mut a, all), [gone]);
    b.insert_text("m.l.0.t", Unit::Scalar, 4, "er").unwrap();
    sync(&mut b, &mut a);
    let expected = [
        map("", &[("m", None, Some(Kind::Map.into()))]),
        map("/m", &[("l", None, Some(Kind::List.into()))]),
        list("/m/l", &[ListDelta::Insert(vec![Kind::Map.into()])]),
        map("/m/l/0", &[("t", None, Some(Kind::Text.into()))]),
        text("/m/l/0/t", &[inserted("er")]),
    ];
    assert_eq!(told(&mut a, all, Origin::Remote), expected);
}

#[test]
fn a_removal_that_wins_hides_what_others_assign() {
    let (mut a, all) = watched("k");
    let mut b = Replica::new(DOCUMENT, B);
    a.set("k", 1).unwrap();
    sync(&mut a, &mut b);
    a.remove_wins("k").unwrap();
    b.set("k", 2).unwrap();
    while a.next_event(all).unwrap().is_some() {}
    sync(&mut b, &mut a);
    let hidden = key_delta("k", (None, false), (None, true));
    let expected = [("".to_owned(), Delta::Map(vec![hidden]))];
    assert_eq!(told(&mut a, all, Origin::Remote), expected);
}

#[test]
fn a_subscription_is_to_what_is_at_a_path_and_above_it() {
    let (mut replica, profile) = watched("user.profile");
    let item = replica.subscribe("user.items.0.name", Unit::Scalar).unwrap();
    replica.set("user.profile.name", "Ada").unwrap();
    let name = map("/user/profile", &[("name", None, value("Ada"))]);
    let created = map("", &[("user", None, Some(Kind::Map.into()))]);
    let within = map("/user", &[("profile", None, Some(Kind::Map.into()))]);
    assert_eq!(local(&mut replica, profile), [created.clone(), within, name]);
    assert_eq!(local(&mut replica, item), [created]);

    replica.set("user.age", 36).unwrap();
    replica.set("other", 1).unwrap();
    assert_eq!(replica.next_event(profile), Ok(None));
    assert_eq!(replica.next_event(item), Ok(None));

    // Of a list all items are told, as what an index leads to changes.
    replica.insert_items("user.items", 0, [Kind::Map, Kind::Map]).unwrap();
    replica.set("user.items.1.name", "x").unwrap();
    assert_eq!(replica.next_event(profile), Ok(None));
    replica.next_event(item).unwrap().expect("the list");
    let second = map("/user/items/1", &[("name", None, value("x"))]);
    assert_eq!(local(&mut replica, item), [second]);

    replica.remove("user").unwrap();
    let gone = map("", &[("user", Some(Kind::Map.into()), None)]);
    assert_eq!(local(&mut replica, profile), std::slice::from_ref(&gone));
    assert_eq!(local(&mut replica, item), [gone]);
}

#[test]
fn who_takes_no_events_lags_until_it_starts_anew() {
    let mut options = Options::default();
    (options.max_pending_events, options.max_pending_bytes) = (3, 10_000);
    let mut replica = Replica::with_options(DOCUMENT, A, options);
    let all = replica.subscribe("", Unit::Scalar).unwrap();
    for number in 0..3 {
        replica.set("n", number).unwrap();
    }
    assert!(replica.next_event(all).unwrap().is_some());
    for number in 0..2 {
        replica.set("n", number).unwrap();
    }
    for number in 0..2 {
        assert_eq!(replica.next_event(all), Err(EventError::Lagged));
        replica.set("n", number).unwrap();
    }
    let Event { origin, diffs, .. } = replica.restart(all).unwrap();
    assert_eq!(origin, Origin::Checkout);
    let told_of: Vec<_> =
        diffs.into_iter().map(|diff| (diff.path.to_string(), diff.delta)).collect();
    assert_eq!(told_of, [map("", &[("n", None, value(1))])]);
    replica.set("n", 2).unwrap();
    assert_eq!(local(&mut replica, all), [map("", &[("n", value(1), value(2))])]);

    // However large one event is, it can be taken; two are too much.
    replica.set("long", "x".repeat(20_000)).unwrap();
    local(&mut replica, all);
    replica.set("n", 3).unwrap();
    replica.set("long", "y".repeat(20_000)).unwrap();
    assert_eq!(replica.next_event(all), Err(EventError::Lagged));
}

#[test]
fn what_can_be_undone_is_not_shown_to_who_starts() {
    let (mut replica, all) = watched("");
    replica.begin().unwrap();
    replica.set("n", 1).unwrap();
    assert_eq!(replica.subscribe("", Unit::Scalar), Err(EventError::InTransaction));
    assert_eq!(replica.restart(all), Err(EventError::InTransaction));
    replica.abort();
    assert_eq!(replica.restart(all).unwrap().diffs, []);
    assert!(matches!(replica.subscribe("a..b", Unit::Scalar), Err(EventError::Path(_))));
}

#[test]
fn a_subscription_ends_and_does_not_come_along_with_a_copy() {
    let (mut replica, first) = watched("");
    let second = replica.subscribe("", Unit::Utf8).unwrap();
    let mut copy = replica.clone();
    copy.set("n", 1).unwrap();
    assert_eq!(copy.next_event(first), Err(EventError::NoSubscription));
    let of_copy = copy.subscribe("", Unit::Scalar).unwrap();
    assert!(of_copy != first && of_copy != second);
    assert!(replica.unsubscribe(first) && !replica.unsubscribe(first));
    replica.set("n", 2).unwrap();
    assert_eq!(replica.next_event(first), Err(EventError::NoSubscription));
    assert_eq!(local(&mut replica, second), [map("", &[("n", None, value(2))])]);
    assert!(replica.unsubscribe(second));
    assert_eq!(replica.restart(second), Err(EventError::NoSubscription));
}

#[test]
fn pruning_tells_nothing_and_events_go_on_behind_it() -> Result<(), EditError> {
    let (mut replica, all) = watched("");
    replica.insert_text("t", Unit::Scalar, 0, "abcdef")?;
    replica.insert_items("l", 0, [Kind::Text, Kind::Text])?;
    replica.insert_text("l.1", Unit::Scalar, 0, "xy")?;
    replica.delete_items("l", 0, 1)?;
    replica.delete_text("t", Unit::Scalar, 1, 4)?;
    while replica.next_event(all).unwrap().is_some() {}
    assert!(replica.prune().nodes > 0);
    assert_eq!(replica.next_event(all), Ok(None));
    replica.insert_text("t", Unit::Scalar, 1, "-")?;
    let parts = [TextDelta::Retain(1), inserted("-")];
    assert_eq!(local(&mut replica, all), [text("/t", &parts)]);
    replica.insert_text("l.0", Unit::Scalar, 2, "z")?;
    let parts = [TextDelta::Retain(2), inserted("z")];
    assert_eq!(local(&mut replica, all), [text("/l/0", &parts)]);
    Ok(())
}

#[test]
fn a_loaded_document_is_told_of_from_where_it_stands() {
    let mut author = Replica::new(DOCUMENT, B);
    author.insert_text("t", Unit::Scalar, 0, "abc").unwrap();
    author.delete_text("t", Unit::Scalar, 1, 1).unwrap();
    let mut replica = Replica::load(&author.save(), A).unwrap();
    let notes = replica.subscribe(Path::from_keys(["t"]), Unit::Scalar).unwrap();
    replica.delete_text("t", Unit::Scalar, 1, 1).unwrap();
    let parts = [TextDelta::Retain(1), TextDelta::Delete(1)];
    assert_eq!(local(&mut replica, notes), [text("/t", &parts)]);
}
