//! Frames of changes that are wrong to a replica that has what came before: items, and what was
//! counted.

use libsync::{Commit, EditError, Kind, Replica};

use super::peers::{edited, everything, replica, settle};
use super::{A, B, frame, making};
use crate::cbor::{Item, array, ids, map, raw, text, uint, uints};
use crate::columns::columns;
use crate::vector::{self, Vector};

const CHANGES: vector::Kind = vector::Kind::Changes;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = items();
    vectors.extend(counters());
    vectors.extend(identities());
    vectors.extend(pruned());
    vectors
}

/// A's list (0, 0) of a map (0, 1) and a text (0, 2), of which the first was moved by (0, 3).
fn known() -> Vec<u8> {
    let mut a = replica(A);
    a.insert_items("list", 0, [Kind::Map, Kind::Text]).expect("the start of a list");
    a.move_item("list", 0, 1).expect("within the list");
    everything(&mut a)
}

/// Operations of A's next change: in that list, and in the map in an item of it.
fn next(item: Option<u64>, ops: Vec<Item>) -> Vec<u8> {
    let head = [uint(0), uint(4), uint(4), array([])];
    let list = [uint(0), text("list"), uint(2)];
    let inner = item.map(|item| [uint(1), uints(&[0, item]), uint(0)]);
    let containers = array(list.into_iter().chain(inner.into_iter().flatten()));
    let change = array(head.into_iter().chain(ops));
    frame(CHANGES, map([(0, ids(&[A])), (2, containers), (4, columns([change]))]))
}

fn items() -> Vec<Vector> {
    let after = |name: &str, about: &str, frame: Vec<u8>| {
        making(name, about, CHANGES, frame).after(CHANGES, known()).fails("InvalidChange")
    };
    let op = |name: &str, about: &str, op: Item| after(name, about, next(None, vec![op]));
    let assign = |item: u64| array([uint(5), uint(1), uints(&[0, item]), uint(1)]);
    let remove = |item: u64| array([uint(6), uint(1), uints(&[0, item]), uint(0), uint(1)]);
    let inside = |item| next(Some(item), vec![array([uint(5), uint(2), text("k"), uint(1)])]);
    let insert =
        |tag: u64, node: u64| array([uint(tag), uint(1), uint(0), uint(node), uints(&[1])]);
    vec![
        op("assign-no-item", "The list's creation is no item.", assign(0)),
        op("assign-move", "A move is no item.", assign(3)),
        op("assign-later-item", "An item yet to come.", assign(4)),
        op("remove-no-item", "Takes something away in no item.", remove(0)),
        op("delete-move", "Deletes a move.", uints(&[4, 1, 0, 3, 2])),
        op("delete-items-beyond", "An item, and a move behind it.", uints(&[4, 1, 0, 2, 4])),
        op("delete-later-item", "Deletes what is yet to come.", uints(&[4, 1, 0, 4, 2])),
        op("move-no-item", "Moves no item.", uints(&[10, 1, 0, 0, 0])),
        op("move-a-move", "Moves a move.", uints(&[10, 1, 0, 3, 0])),
        op("move-below-no-node", "The parent is no node.", uints(&[10, 1, 0, 1, 1, 0, 0])),
        op("move-below-itself", "The parent is the move itself.", uints(&[10, 1, 0, 1, 2, 0, 4])),
        op("items-below-no-node", "The parent is no node.", insert(2, 0)),
        op("items-below-later", "The parent is yet to come.", insert(2, 9)),
        after("in-no-item", "In a container in no item.", inside(0)),
        after("in-a-move", "In a container in a move.", inside(3)),
        after("in-a-later-item", "In a container in an item yet to come.", inside(9)),
        after("own-move-as-item", "Assigns to a move of its own.", {
            next(None, vec![uints(&[10, 1, 0, 1, 0]), assign(4)])
        }),
        after("items-deleted-twice", "Deletes an item twice.", {
            next(None, vec![uints(&[4, 1, 0, 1, 2]), uints(&[4, 1, 0, 1, 4])])
        }),
        after("own-later-item", "Assigns to an item that it inserts later.", {
            let insertion = array([uint(3), uint(1), uints(&[1])]);
            next(None, vec![assign(5), insertion])
        }),
    ]
}

fn counters() -> Vec<Vector> {
    let mut a = replica(A);
    a.increment("n", 5).expect("there is room");
    let made = everything(&mut a);
    let itself = {
        let change = array([uint(0), uint(2), uint(2), array([]), uints(&[12, 1, 0, 2, 5])]);
        let containers = array([uint(0), text("n"), uint(3)]);
        frame(CHANGES, map([(0, ids(&[A])), (2, containers), (4, columns([change]))]))
    };
    vec![
        making("reset-itself", "Takes away what it does itself.", CHANGES, itself)
            .after(CHANGES, made)
            .fails("InvalidChange"),
    ]
}

fn identities() -> Vec<Vector> {
    let committed = |commit: Commit| {
        let mut a = replica(A);
        let done = a.transact(commit, |a| a.set("k", 1));
        let done: Result<(), EditError> = done;
        done.expect("a key of the root");
        everything(&mut a)
    };
    let of_items = |items: [i64; 2]| {
        let mut a = replica(A);
        a.insert_items("list", 0, items).expect("the start of a list");
        everything(&mut a)
    };
    let reused = |name: &str, about: &str, known: Vec<u8>, again: Vec<u8>| {
        making(name, about, CHANGES, again).after(CHANGES, known).fails("ReplicaIdReused")
    };
    vec![
        reused(
            "other-commit",
            "The same operations at another time.",
            committed(Commit::new().at(1)),
            committed(Commit::new().at(2)),
        ),
        reused(
            "no-commit",
            "The same operations, and nothing said.",
            committed(Commit::new().message("Go")),
            committed(Commit::new()),
        ),
        reused("other-item", "Another second item.", of_items([1, 2]), of_items([1, 3])),
        reused("other-type", "1.0 for 1.", of_items([1, 2]), {
            let ops = [
                array([uint(5), uint(0), text("list"), uints(&[2])]),
                array([uint(3), uint(1), array([raw(&[0xf9, 0x3c, 0x00]), uint(2)])]),
            ];
            let change = array([uint(0), uint(0), uint(0), array([])].into_iter().chain(ops));
            let list = array([uint(0), text("list"), uint(2)]);
            frame(CHANGES, map([(0, ids(&[A])), (2, list), (4, columns([change]))]))
        }),
    ]
}

/// Changes by one that has not seen that an item is gone, where that is pruned.
fn pruned() -> Vec<Vector> {
    let mut a = replica(A);
    a.insert_items("list", 0, [Kind::Map, Kind::Text]).expect("the start of a list");
    let made = everything(&mut a);
    let late = |edit: &dyn Fn(&mut Replica)| {
        let mut away = replica(B);
        away.apply(&made).expect("it applies");
        edited(&mut away, edit)
    };
    let assigned = late(&|away| away.set("list.0", 1).expect("an item"));
    let moved = late(&|away| away.move_item("list", 0, 1).expect("within the list"));
    let inside = late(&|away| away.set("list.0.k", 1).expect("a map in an item"));
    a.delete_items("list", 0, 1).expect("within the list");
    settle(&mut [&mut a]);
    a.prune();
    let floor = a.save();
    let fails = |name: &str, about: &str, frame: Vec<u8>| {
        making(name, about, CHANGES, frame)
            .received_by(A)
            .after(vector::Kind::Document, floor.clone())
            .fails("BelowPruneFloor")
    };
    vec![
        fails("assign-pruned", "Assigns to it.", assigned),
        fails("move-pruned", "Moves it.", moved),
        fails("in-pruned", "Edits in it.", inside),
    ]
}
