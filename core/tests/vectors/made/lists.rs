//! Valid frames of changes: lists, their items, and what is in these.

use libsync::{Kind, Replica, Unit, Value};

use super::peers::{edited, everything, exchange, replica, set, settle, since};
use super::{A, B, C, frame, making};
use crate::cbor::{array, ids, map, text, uint, uints};
use crate::columns::columns;
use crate::vector::{self, Vector};

const CHANGES: vector::Kind = vector::Kind::Changes;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = insertions();
    vectors.extend(items());
    vectors.extend(nested());
    vectors.extend(moves());
    vectors.extend(together());
    vectors.extend(with_others());
    vectors.extend(late());
    vectors
}

/// Inserts into the list "list".
fn insert<C: Into<libsync::Content>>(
    replica: &mut Replica,
    index: usize,
    contents: impl IntoIterator<Item = C>,
) {
    replica.insert_items("list", index, contents).expect("within the list");
}

fn delete(replica: &mut Replica, index: usize, len: usize) {
    replica.delete_items("list", index, len).expect("within the list");
}

fn shift(replica: &mut Replica, from: usize, to: usize) {
    replica.move_item("list", from, to).expect("within the list");
}

/// A's list "abc", as the change that makes it.
fn abc() -> (Replica, Vec<u8>) {
    let mut a = replica(A);
    let made = edited(&mut a, |a| insert(a, 0, ["a", "b", "c"]));
    (a, made)
}

/// B, who has seen A's list.
fn seen_by(id: u64, made: &[u8]) -> Replica {
    let mut other = replica(id);
    other.apply(made).expect("it applies");
    other
}

fn insertions() -> Vec<Vector> {
    let (mut a, made) = abc();
    let middle = edited(&mut a, |a| insert(a, 1, [1, 2]));
    let mut b = seen_by(B, &made);
    let behind = edited(&mut b, |b| insert(b, 3, ["d"]));
    let mut values = replica(A);
    let all = [
        Value::Null,
        true.into(),
        (-1).into(),
        0.5.into(),
        "s".into(),
        [0xff_u8].as_slice().into(),
        Value::Timestamp(1_732_194_000_000_000),
    ];
    insert(&mut values, 0, all);
    let mut kinds = replica(A);
    insert(&mut kinds, 0, Kind::ALL);
    let mut long = replica(A);
    let first = edited(&mut long, |a| insert(a, 0, 0..300));
    let appended = edited(&mut long, |a| (300..303).for_each(|at| set(a, "list.-", at)));
    let numbers: Vec<String> = (0..303).map(|number| number.to_string()).collect();
    let typed = {
        let mut a = replica(A);
        let first = edited(&mut a, |a| insert(a, 0, ["a"]));
        (1..4).for_each(|at| insert(&mut a, at, [at as i64]));
        (first, everything(&mut a))
    };
    vec![
        making("list", "Creates a list with three items.", CHANGES, made.clone())
            .shows(r#"{"list":["a","b","c"]}"#),
        making("list-inserted-left", "Items left of a node.", CHANGES, middle)
            .after(CHANGES, made.clone())
            .shows(r#"{"list":["a",1,2,"b","c"]}"#),
        making("list-inserted-right", "An item right of another's.", CHANGES, behind)
            .after(CHANGES, made)
            .shows(r#"{"list":["a","b","c","d"]}"#),
        making("list-of-values", "An item of each type.", CHANGES, everything(&mut values)).shows(
            concat!(
                r#"{"list":[null,true,-1,0.5,"s",{"$bytes":"ff"},"#,
                r#"{"$timestamp":1732194000000000}]}"#
            ),
        ),
        making("list-of-containers", "An item of each kind.", CHANGES, everything(&mut kinds))
            .shows(r#"{"list":[{},"",[],0,0,[],[]]}"#),
        making("long-list", "Three items behind 300, inserted one by one.", CHANGES, appended)
            .after(CHANGES, first)
            .shows(&format!(r#"{{"list":[{}]}}"#, numbers.join(","))),
        making("list-known-in-part", "An insertion of which the start is known.", CHANGES, typed.1)
            .after(CHANGES, typed.0)
            .shows_and_skips(r#"{"list":["a",1,2,3]}"#),
    ]
}

/// What is done to items as such.
fn items() -> Vec<Vector> {
    let (mut a, made) = abc();
    let assigned = edited(&mut a, |a| set(a, "list.1", "B"));
    let removed = edited(&mut a, |a| delete(a, 0, 2));
    let (mut c, _) = abc();
    let created = edited(&mut c, |c| c.create("list.0", Kind::Text).expect("an item"));
    let (mut d, _) = abc();
    let backwards = edited(&mut d, |d| {
        delete(d, 2, 1);
        delete(d, 1, 1);
    });
    vec![
        making("item-assigned", "Puts another value into an item.", CHANGES, assigned.clone())
            .after(CHANGES, made.clone())
            .shows(r#"{"list":["a","B","c"]}"#),
        making(
            "items-removed",
            "Deletes an item as it was inserted, and removes what was put into another.",
            CHANGES,
            removed,
        )
        .after(CHANGES, made.clone())
        .after(CHANGES, assigned)
        .shows(r#"{"list":["c"]}"#),
        making("item-created", "Puts a container into an item.", CHANGES, created)
            .after(CHANGES, made.clone())
            .shows(r#"{"list":["","b","c"]}"#),
        making("items-deleted-backwards", "The last item first.", CHANGES, backwards)
            .after(CHANGES, made)
            .shows(r#"{"list":["a"]}"#),
    ]
}

/// What is in the containers in items.
fn nested() -> Vec<Vector> {
    let mut a = replica(A);
    let made = edited(&mut a, |a| insert(a, 0, [Kind::Map, Kind::List, Kind::Text]));
    let filled = edited(&mut a, |a| {
        set(a, "list.0.k", 1);
        a.insert_items("list.1", 0, [Kind::Map]).expect("the start of a list");
        set(a, "list.1.0.in", 2);
        a.insert_text("list.2", Unit::Scalar, 0, "t").expect("the start of a text");
        set(a, "list.0.below.k", 3);
    });
    let mut b = seen_by(B, &made);
    let first = edited(&mut b, |b| set(b, "k", 0));
    let alone = edited(&mut b, |b| set(b, "list.0.k", "by B"));
    let deleted = edited(&mut a, |a| delete(a, 0, 1));
    let mut deep = replica(A);
    insert(&mut deep, 0, [Kind::List]);
    (1..63).for_each(|depth| {
        let path = format!("list{}", ".0".repeat(depth));
        deep.insert_items(&*path, 0, [Kind::List]).expect("the start of a list");
    });
    let shown_deep = format!("{{\"list\":{}{}}}", "[".repeat(64), "]".repeat(64));
    vec![
        making("nested-in-items", "Edits in the containers in items.", CHANGES, filled.clone())
            .after(CHANGES, made.clone())
            .shows(r#"{"list":[{"below":{"k":3},"k":1},[{"in":2}],"t"]}"#),
        making(
            "item-of-another",
            "A container in the item of a replica that nothing else names.",
            CHANGES,
            alone,
        )
        .after(CHANGES, made.clone())
        .after(CHANGES, first)
        .shows(r#"{"k":0,"list":[{"k":"by B"},[],""]}"#),
        making("item-emptied", "Deletes an item with maps in it.", CHANGES, deleted)
            .after(CHANGES, made)
            .after(CHANGES, filled)
            .shows(r#"{"list":[[{"in":2}],"t"]}"#),
        making("nested-lists", "64 lists, each in the one before.", CHANGES, everything(&mut deep))
            .shows(&shown_deep),
    ]
}

fn moves() -> Vec<Vector> {
    let (mut a, made) = abc();
    let front = edited(&mut a, |a| shift(a, 2, 0));
    let back = edited(&mut a, |a| shift(a, 0, 2));
    let at_root = {
        let op = uints(&[10, 1, 0, 3, 0]);
        let change = array([uint(0), uint(4), uint(4), array([]), op]);
        let list = array([uint(0), text("list"), uint(2)]);
        frame(CHANGES, map([(0, ids(&[A])), (2, list), (4, columns([change]))]))
    };
    let (mut c, _) = abc();
    let emptied = edited(&mut c, |c| {
        shift(c, 0, 1);
        delete(c, 0, 2);
    });
    vec![
        making("moved-left", "Moves an item to the left of a node.", CHANGES, front.clone())
            .after(CHANGES, made.clone())
            .shows(r#"{"list":["c","a","b"]}"#),
        making("moved-right", "Moves it again, to the right of a node.", CHANGES, back)
            .after(CHANGES, made.clone())
            .after(CHANGES, front)
            .shows(r#"{"list":["a","b","c"]}"#),
        making("moved-to-the-root", "Behind all that hangs on the root.", CHANGES, at_root)
            .after(CHANGES, made.clone())
            .shows(r#"{"list":["a","b","c"]}"#),
        making("moved-and-deleted", "Deletes an item that was moved.", CHANGES, emptied)
            .after(CHANGES, made)
            .shows(r#"{"list":["c"]}"#),
    ]
}

/// Edits of one list by two replicas without each other: A's come first.
fn together() -> Vec<Vector> {
    let at_once = |a_does: &dyn Fn(&mut Replica), b_does: &dyn Fn(&mut Replica)| {
        let (mut a, made) = abc();
        let mut b = seen_by(B, &made);
        (made, edited(&mut a, a_does), edited(&mut b, b_does))
    };
    let shown = |name, about, edits: &(Vec<u8>, Vec<u8>, Vec<u8>), path: &str, json: &str| {
        making(name, about, CHANGES, edits.2.clone())
            .after(CHANGES, edits.0.clone())
            .after(CHANGES, edits.1.clone())
            .conflicts_at(path)
            .shows(json)
    };
    let both_insert = at_once(&|a| insert(a, 1, [1, 2]), &|b| insert(b, 1, [7, 8]));
    let both_move = at_once(&|a| shift(a, 0, 2), &|b| shift(b, 0, 1));
    let moved_later = at_once(
        &|a| {
            set(a, "k", 1);
            shift(a, 0, 2);
        },
        &|b| shift(b, 0, 1),
    );
    let move_and_set = at_once(&|a| shift(a, 0, 2), &|b| set(b, "list.0", "new"));
    let delete_and_set = at_once(&|a| delete(a, 0, 2), &|b| set(b, "list.0", "new"));
    let delete_and_move = at_once(&|a| delete(a, 0, 1), &|b| shift(b, 0, 2));
    let both_set = at_once(&|a| set(a, "list.0", 1), &|b| set(b, "list.0", 2));
    vec![
        shown(
            "lists-at-once",
            "Items inserted at one place do not interleave.",
            &both_insert,
            "/list/1",
            r#"{"list":["a",1,2,7,8,"b","c"]}"#,
        ),
        shown(
            "both-move",
            "At one time the greater identity decides where the item is.",
            &both_move,
            "/list/1",
            r#"{"list":["b","a","c"]}"#,
        ),
        shown(
            "moved-later",
            "The later move decides where the item is.",
            &moved_later,
            "/list/2",
            r#"{"k":1,"list":["b","c","a"]}"#,
        ),
        shown(
            "move-and-set",
            "An item is moved, and is assigned something.",
            &move_and_set,
            "/list/2",
            r#"{"list":["b","c","new"]}"#,
        ),
        shown(
            "delete-and-set",
            "A deleted item is brought back by what is put into it.",
            &delete_and_set,
            "/list/0",
            r#"{"list":["new","c"]}"#,
        ),
        shown(
            "delete-and-move",
            "A deleted item is not brought back by a move.",
            &delete_and_move,
            "/list/0",
            r#"{"list":["b","c"]}"#,
        ),
        shown(
            "item-conflict",
            "Two values in one item.",
            &both_set,
            "/list/0",
            r#"{"list":[2,"b","c"]}"#,
        ),
    ]
}

/// Several replicas and lists in one frame.
fn with_others() -> Vec<Vector> {
    let (mut a, mut b, mut c) = (replica(A), replica(B), replica(C));
    insert(&mut a, 0, [Kind::Map]);
    exchange(&mut [&mut a, &mut b, &mut c]);
    let before = everything(&mut a);
    let known = a.version().clone();
    set(&mut b, "list.0.k", 1);
    c.insert_items("list.0.in", 0, [Kind::Counter]).expect("the start of a list");
    c.increment("list.0.in.0", 5).expect("there is room");
    delete(&mut a, 0, 1);
    exchange(&mut [&mut a, &mut b, &mut c]);
    let (mut d, made) = abc();
    let deleted = edited(&mut d, |d| delete(d, 0, 2));
    vec![
        making(
            "item-survives",
            "A deleted item with what two others put into it.",
            CHANGES,
            since(&mut a, &known),
        )
        .after(CHANGES, before)
        .shows(r#"{"list":[{"in":[5],"k":1}]}"#),
        making("items-deleted-again", "A deletion of what its author has deleted.", CHANGES, {
            let change = array([uint(0), uint(6), uint(6), array([]), uints(&[4, 1, 0, 1, 4])]);
            let list = array([uint(0), text("list"), uint(2)]);
            frame(CHANGES, map([(0, ids(&[A])), (2, list), (4, columns([change]))]))
        })
        .after(CHANGES, made)
        .after(CHANGES, deleted)
        .shows(r#"{"list":["c"]}"#),
        making("held-item", "Waits for the item that it is in.", CHANGES, {
            let op = array([uint(5), uint(2), text("k"), uint(1)]);
            let change = array([uint(0), uint(0), uint(0), array([]), op]);
            let list = [uint(0), text("list"), uint(2), uint(1), uints(&[1, 1]), uint(0)];
            frame(CHANGES, map([(0, ids(&[B, A])), (2, array(list)), (4, columns([change]))]))
        })
        .shows("{}"),
    ]
}

/// Edits by one that has not seen that an item is gone, as all members know, and that is not pruned.
fn late() -> Vec<Vector> {
    let mut a = replica(A);
    insert(&mut a, 0, [Kind::Map, Kind::Text]);
    let made = everything(&mut a);
    delete(&mut a, 0, 1);
    settle(&mut [&mut a]);
    let edited_late = |name, about, edit: &dyn Fn(&mut Replica), json: &str| {
        let mut away = seen_by(B, &made);
        making(name, about, CHANGES, edited(&mut away, edit))
            .received_by(A)
            .after(vector::Kind::Document, a.save())
            .shows(json)
    };
    vec![
        edited_late(
            "late-assignment",
            "An item that is stable is brought back by what is put into it.",
            &|away| set(away, "list.0", 1),
            r#"{"list":[1,""]}"#,
        ),
        edited_late(
            "late-edit",
            "The same, by what is put into its map.",
            &|away| set(away, "list.0.k", 1),
            r#"{"list":[{"k":1},""]}"#,
        ),
        edited_late(
            "late-move",
            "It is not brought back by a move.",
            &|away| shift(away, 0, 1),
            r#"{"list":[""]}"#,
        ),
    ]
}
