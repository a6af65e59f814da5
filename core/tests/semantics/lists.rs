//! Lists: items, moves, and what is in items.

use libsync::{Content, EditError, Kind, Path, ReadError, Replica, ReplicaId, Unit, Value};

use super::{DOCUMENT, concurrently, contents, exchange, json, nothing};

fn abc(a: &mut Replica) {
    a.insert_items("l", 0, ["a", "b", "c"]).unwrap();
}

#[test]
fn both_insert_at_one_place() {
    let merged = json(
        abc,
        |a| {
            a.insert_items("l", 1, [1, 2]).unwrap();
            a.insert_items("l", 3, [3]).unwrap();
        },
        |b| b.insert_items("l", 1, [7, 8]).unwrap(),
    );
    assert_eq!(merged, r#"{"l":["a",1,2,3,7,8,"b","c"]}"#);
    let created = json(
        nothing,
        |a| a.insert_items("l", 0, [1]).unwrap(),
        |b| b.insert_items("l", 0, [2]).unwrap(),
    );
    assert_eq!(created, r#"{"l":[1,2]}"#);
}

#[test]
fn both_delete() {
    let merged =
        json(abc, |a| a.delete_items("l", 0, 2).unwrap(), |b| b.delete_items("l", 1, 2).unwrap());
    assert_eq!(merged, r#"{"l":[]}"#);
}

#[test]
fn delete_and_set_of_one_item() {
    let (a, b) =
        concurrently(abc, |a| a.delete_items("l", 1, 1).unwrap(), |b| b.set("l.1", "new").unwrap());
    assert_eq!(a.to_json(), r#"{"l":["a","new","c"]}"#);
    assert_eq!(a.len("l").unwrap(), 3);
    assert_eq!(contents(&b, "l.1"), [Content::from("new")]);
}

#[test]
fn both_set_one_item() {
    let (a, _) = concurrently(abc, |a| a.set("l.1", 1).unwrap(), |b| b.set("/l/1", 2).unwrap());
    assert_eq!(a.to_json(), r#"{"l":["a",2,"c"]}"#);
    assert_eq!(contents(&a, "l.1"), [Content::from(2), Content::from(1)]);
}

#[test]
fn delete_and_edit_within_an_item() {
    let seen = |a: &mut Replica| {
        a.insert_items("l", 0, [Kind::Map, Kind::Text]).unwrap();
        a.set("l.0.old", 1).unwrap();
        a.insert_text("l.1", Unit::Scalar, 0, "old").unwrap();
    };
    let delete = |a: &mut Replica| a.delete_items("l", 0, 2).unwrap();
    let (mut a, _) = concurrently(seen, delete, |b| {
        b.set("l.0.new", 2).unwrap();
        b.insert_text("l.1", Unit::Scalar, 3, " new").unwrap();
    });
    assert_eq!(a.to_json(), r#"{"l":[{"new":2}," new"]}"#);
    // Who empties what lives on still wants it there.
    a.remove("l.0.new").unwrap();
    assert_eq!(a.to_json(), r#"{"l":[{}," new"]}"#);
    assert_eq!(json(seen, delete, nothing), r#"{"l":[]}"#);
}

#[test]
fn delete_and_move_of_one_item() {
    let merged =
        json(abc, |a| a.delete_items("l", 0, 1).unwrap(), |b| b.move_item("l", 0, 2).unwrap());
    assert_eq!(merged, r#"{"l":["b","c"]}"#);
}

#[test]
fn both_move_one_item() {
    let (a, b) =
        concurrently(abc, |a| a.move_item("l", 0, 1).unwrap(), |b| b.move_item("l", 0, 2).unwrap());
    // In one place, once: of equal Lamport times, that of the greater replica.
    assert_eq!(a.to_json(), r#"{"l":["b","c","a"]}"#);
    assert_eq!(b.len("l").unwrap(), 3);
}

#[test]
fn move_and_edit_of_one_item() {
    let set = json(abc, |a| a.move_item("l", 0, 2).unwrap(), |b| b.set("l.0", "A").unwrap());
    assert_eq!(set, r#"{"l":["b","c","A"]}"#);
    let seen = |a: &mut Replica| a.insert_items("l", 0, [Kind::Map, Kind::List]).unwrap();
    let within = json(seen, |a| a.move_item("l", 0, 1).unwrap(), |b| b.set("l.0.x", 1).unwrap());
    assert_eq!(within, r#"{"l":[[],{"x":1}]}"#);
}

#[test]
fn moves_of_different_items() {
    let merged =
        json(abc, |a| a.move_item("l", 0, 2).unwrap(), |b| b.move_item("l", 2, 0).unwrap());
    assert_eq!(merged, r#"{"l":["c","b","a"]}"#);
}

#[test]
fn replace_the_list_and_edit_it() {
    let (a, _) =
        concurrently(abc, |a| a.set("l", 1).unwrap(), |b| b.insert_items("l", 1, [2]).unwrap());
    assert_eq!(a.to_json(), r#"{"l":1}"#);
    assert_eq!(contents(&a, "l"), [Content::from(1), Content::Container(Kind::List)]);
}

#[test]
fn a_moved_item_that_is_pruned_and_set_again() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.join(ReplicaId::new(2)).unwrap();
    abc(&mut a);
    a.move_item("l", 0, 2).unwrap();
    a.move_item("l", 2, 1).unwrap();
    a.delete_items("l", 0, 1).unwrap();
    let mut b = Replica::load(&a.save(), ReplicaId::new(2)).unwrap();
    exchange(&mut a, &mut b);
    for _ in 0..3 {
        b.apply_acknowledgement(&a.acknowledge()).unwrap();
        a.apply_acknowledgement(&b.acknowledge()).unwrap();
    }
    assert!(a.prune().nodes > 0);
    assert_eq!(a.memory().nodes, 2);
    assert_eq!(a.nodes("l").unwrap().len(), 2);
    b.set("l.0", "A").unwrap();
    b.move_item("l", 0, 1).unwrap();
    exchange(&mut a, &mut b);
    assert_eq!(a.to_json(), r#"{"l":["c","A"]}"#);
    assert_eq!(Replica::load(&a.save(), a.id()).unwrap().save(), a.save());
}

#[test]
fn paths_lead_through_items() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.create("todos", Kind::List).unwrap();
    a.set("/todos/-/title", "Read").unwrap();
    a.set("/todos/-", "Sweep").unwrap();
    a.insert_items("/todos/0/tags", 0, ["books"]).unwrap();
    a.add("todos.0.who", "Ada").unwrap();
    a.set("todos.0.tags.0", "novels").unwrap();
    let json = r#"{"todos":[{"tags":["novels"],"title":"Read","who":["Ada"]},"Sweep"]}"#;
    assert_eq!(a.to_json(), json);
    let title = Path::from_keys(["todos"]).child(0).child("title");
    assert_eq!(a.get(&title).unwrap(), Some(Content::from("Read")));
    assert_eq!(a.get("todos.7").unwrap(), None);
    assert!(matches!(a.get("todos.x"), Err(ReadError::NotAnIndex { .. })));
    assert!(matches!(a.get("todos.01"), Err(ReadError::NotAnIndex { .. })));
    assert!(matches!(a.get(Path::root().child(0)), Err(ReadError::WrongKind { .. })));
    let error = a.set("todos.2", 1).unwrap_err();
    assert!(matches!(error, EditError::IndexOutOfBounds { index: 2, len: 2, .. }), "{error}");
    // A key of a map may be a number.
    a.set("numbers.0", Value::Null).unwrap();
    assert_eq!(a.keys("numbers").unwrap(), ["0"]);
}

#[test]
fn nodes_are_as_the_literature_has_them() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.insert_items("l", 0, ["x", "y"]).unwrap();
    a.insert_items("l", 1, ["between"]).unwrap();
    a.move_item("l", 0, 2).unwrap();
    let nodes = a.nodes("l").unwrap();
    let [x, between, y, moved] = &nodes[..] else { panic!("four nodes: {nodes:?}") };
    assert!(x.deleted && x.content.is_none() && x.origin_left.is_none());
    assert_eq!(between.content, Some(Content::from("between")));
    assert_eq!((between.origin_left, between.origin_right), (Some(x.id), Some(y.id)));
    assert_eq!((y.origin_left, y.origin_right), (Some(x.id), None));
    assert_eq!((moved.origin_left, moved.content.clone()), (Some(y.id), Some("x".into())));
}
