//! Lists, sets and counters in saved documents that are wrong: in form, and with parts that
//! contradict each other.

use libsync::Kind;

use super::saved::{CONTAINERS, Saved, container, entries, nodes, null, one, places, register};
use super::{A, B};
use crate::cbor::{Item, array, ids, raw, text, uint, uints};
use crate::vector::Vector;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = lists();
    vectors.extend(items());
    vectors.extend(moves());
    vectors.extend(sets());
    vectors.extend(counters());
    vectors.extend(nested());
    vectors
}

/// A's operations, all of them pruned: how many there are.
const OPERATIONS: u64 = 9;

/// A document with one container "c", created by A's first operation, and its parts.
fn holding(kind: Kind, parts: impl IntoIterator<Item = Item>) -> Saved {
    let creation = entries([(0, 0, uints(&[kind as u64]))]);
    let root = container(0, 1, [places([text("c"), creation, array([])])]);
    all_pruned()
        .with(2, array([uint(0), text("c"), uint(kind as u64)]))
        .with(CONTAINERS, array([root, container(1, OPERATIONS, parts)]))
}

fn all_pruned() -> Saved {
    use super::saved::{FLOOR, FRONTIER, LAMPORT, STABLE, VERSION};
    register()
        .with(VERSION, uints(&[0, OPERATIONS]))
        .with(FRONTIER, uints(&[0, OPERATIONS - 1]))
        .with(LAMPORT, uint(OPERATIONS))
        .with(STABLE, uints(&[0, OPERATIONS]))
        .with(FLOOR, uints(&[0, OPERATIONS]))
}

/// A place of an item: its counter, its assignments, nothing else that touched it.
fn item(counter: u64, assignments: Item) -> [Item; 3] {
    [uints(&[0, counter]), assignments, array([])]
}

/// The items of these counters, each with what it held at first.
fn untouched(counters: &[u64]) -> Item {
    places(counters.iter().flat_map(|&counter| item(counter, one(counter))))
}

/// Moves of items: the item, and the Lamport times and counters of its moves.
fn moved(of: &[(u64, &[(u64, u64)])]) -> Item {
    array(of.iter().flat_map(|(item, moves)| {
        let moves = moves.iter().flat_map(|&(lamport, counter)| [lamport, 0, counter]);
        [uint(0), uint(*item), uints(&moves.collect::<Vec<u64>>())]
    }))
}

fn list(runs: Item, items: Item, moves: Item) -> Saved {
    holding(Kind::List, [runs, items, moves])
}

fn lists() -> Vec<Vector> {
    let two = || nodes(&[&[0, 1, 2]], &[]);
    let nothing = || array([]);
    vec![
        holding(Kind::List, [two(), untouched(&[1, 2])]).fails(
            "cut-list",
            "A list without its moves.",
            "Unexpected",
        ),
        holding(Kind::List, [text("ab"), two()]).fails(
            "list-as-text",
            "A list with the parts of a text.",
            "Unexpected",
        ),
        list(nodes(&[&[0, 1, 1], &[0, 2, 1]], &[]), untouched(&[1, 2]), nothing()).fails(
            "list-runs-that-touch",
            "Two runs that are one.",
            "NotCanonical",
        ),
        list(nodes(&[&[0, 1, 10]], &[]), untouched(&[1, 2]), nothing()).fails(
            "list-run-beyond",
            "A run that is not in the version.",
            "Inconsistent",
        ),
        list(nodes(&[&[0, 1, 1], &[0, 2, 1, 11]], &[]), untouched(&[1, 2]), nothing()).fails(
            "list-key-beyond",
            "A key that is not in the version.",
            "Inconsistent",
        ),
        list(nodes(&[&[0, 1, 1], &[1, 2, 1]], &[3, 2, 2]), untouched(&[1]), nothing()).fails(
            "list-with-deletions",
            "What was deleted in a list.",
            "Inconsistent",
        ),
    ]
}

fn items() -> Vec<Vector> {
    let two = || nodes(&[&[0, 1, 2]], &[]);
    let items = |items: Item| list(two(), items, array([]));
    let of = |of: Vec<[Item; 3]>| items(places(of.into_iter().flatten()));
    let none = || array([]);
    vec![
        of(vec![item(2, one(2)), item(1, one(1))]).fails(
            "item-order",
            "Items not in order.",
            "NotCanonical",
        ),
        of(vec![item(1, one(1)), item(1, one(2))]).fails(
            "item-twice",
            "An item twice.",
            "NotCanonical",
        ),
        of(vec![item(1, one(1)), item(2, none())]).fails(
            "empty-item",
            "An item with no assignment and no clock.",
            "NotCanonical",
        ),
        of(vec![item(1, one(1)), item(2, entries([(2, 2, none())]))]).fails(
            "item-of-nothing",
            "An absence in an item.",
            "Inconsistent",
        ),
        of(vec![item(1, one(1)), item(2, entries([(9, 8, uint(1))]))]).fails(
            "item-assigned-beyond",
            "An assignment that is not in the version.",
            "Inconsistent",
        ),
        items(untouched(&[1])).fails("node-of-no-item", "A node of no item.", "Inconsistent"),
        items(untouched(&[1, 2, 3])).fails("item-without-node", "No node.", "Inconsistent"),
        list(nodes(&[&[0, 1, 1], &[2, 2, 1]], &[]), untouched(&[1, 2]), none()).fails(
            "item-of-pruned-node",
            "An item whose node nobody can name.",
            "Inconsistent",
        ),
        list(nodes(&[&[0, 1, 1], &[1, 2, 1]], &[]), untouched(&[1, 2]), none()).fails(
            "shown-and-deleted",
            "An item with a value, whose node is deleted.",
            "Inconsistent",
        ),
        of(vec![item(1, one(1)), [uints(&[0, 2]), none(), uints(&[0, 4])]]).fails(
            "live-and-empty",
            "An item without a value, whose node is not deleted.",
            "Inconsistent",
        ),
    ]
}

fn moves() -> Vec<Vector> {
    // Two items, of which (0, 3) moved the first behind the second.
    let of = |moves: Item| list(nodes(&[&[1, 1, 1], &[0, 2, 2]], &[]), untouched(&[1, 2]), moves);
    let twice = |moves: Item| {
        list(
            nodes(&[&[1, 1, 1], &[0, 2, 1], &[1, 3, 1], &[0, 4, 1]], &[]),
            untouched(&[1, 2]),
            moves,
        )
    };
    assert!(
        super::loads(of(moved(&[(1, &[(3, 3)])])).bytes()),
        "what is made wrong is right otherwise"
    );
    vec![
        of(array([uint(0), uint(1)])).fails("cut-moved", "An item without moves.", "Unexpected"),
        of(moved(&[(1, &[])])).fails("never-moved", "An item of no moves.", "Unexpected"),
        of(array([uint(0), uint(1), uints(&[3, 0])])).fails(
            "cut-move",
            "Two thirds of a move.",
            "Unexpected",
        ),
        twice(moved(&[(2, &[(4, 4)]), (1, &[(3, 3)])])).fails(
            "moved-order",
            "Moved items not in order.",
            "NotCanonical",
        ),
        twice(moved(&[(1, &[(3, 3)]), (1, &[(4, 4)])])).fails(
            "moved-twice",
            "A moved item twice.",
            "NotCanonical",
        ),
        twice(moved(&[(1, &[(4, 4), (3, 3)])])).fails(
            "move-order",
            "Moves not by Lamport time and id.",
            "Inconsistent",
        ),
        of(moved(&[(1, &[(3, 3)]), (2, &[(3, 3)])])).fails(
            "move-of-two",
            "A move of two items.",
            "Inconsistent",
        ),
        of(moved(&[(1, &[(1, 1)])])).fails("move-is-item", "An item moves itself.", "Inconsistent"),
        of(moved(&[(1, &[(2, 2)])])).fails("item-is-move", "A move is an item.", "Inconsistent"),
        of(moved(&[(1, &[(3, 3), (4, 4)])])).fails(
            "move-without-node",
            "A move whose node is not there.",
            "Inconsistent",
        ),
        of(moved(&[(5, &[(3, 3)])])).fails("moved-no-item", "A move of no item.", "Inconsistent"),
        of(moved(&[(1, &[(3, 9)])])).fails(
            "move-beyond",
            "A move that is not in the version.",
            "Inconsistent",
        ),
        of(moved(&[(1, &[(9, 3)])])).fails(
            "move-time",
            "A move not before the Lamport time.",
            "Inconsistent",
        ),
        list(nodes(&[&[0, 1, 3]], &[]), untouched(&[1, 2]), moved(&[(1, &[(3, 3)])])).fails(
            "left-and-live",
            "A node that its item has left, and that is not deleted.",
            "Inconsistent",
        ),
    ]
}

fn sets() -> Vec<Vector> {
    let set = |of: Vec<Item>| holding(Kind::Set, [places(of)]);
    let added = |counter| entries([(counter, counter, null())]);
    let place = |element: Item, counter| [element, added(counter), array([])];
    let two = |first: Item, second: Item| {
        set(place(first, 1).into_iter().chain(place(second, 2)).collect())
    };
    let of = |content: Item| set(vec![uint(1), entries([(1, 1, content)]), array([])]);
    vec![
        two(uint(2), uint(1)).fails("element-order", "Elements not in order.", "NotCanonical"),
        two(text("a"), uint(1)).fails("element-type-order", "A text first.", "NotCanonical"),
        two(raw(&[0xf9, 0x7e, 0x00]), raw(&[0xf9, 0x3c, 0x00])).fails(
            "element-nan-order",
            "NaN before a float.",
            "NotCanonical",
        ),
        two(text("a"), text("a")).fails("element-twice", "An element twice.", "NotCanonical"),
        of(uint(1)).fails("element-assigned", "An element is assigned 1.", "Inconsistent"),
        of(array([])).fails("element-absent", "An element is absent.", "Inconsistent"),
        of(uints(&[0])).fails("element-container", "An element is a map.", "Inconsistent"),
        holding(Kind::Set, []).fails("cut-set", "A set without its elements.", "Unexpected"),
    ]
}

fn counters() -> Vec<Vector> {
    let of = |kind, contributions: &[u64]| holding(kind, [uints(contributions)]);
    let counter = |contributions: &[u64]| of(Kind::Counter, contributions);
    vec![
        holding(Kind::Counter, []).fails(
            "cut-counter",
            "A counter without its contributions.",
            "Unexpected",
        ),
        counter(&[0, 2, 5, 0]).fails("cut-contribution", "Four fifths of one.", "Unexpected"),
        counter(&[0, 0, 0, 0, 0]).fails("no-contribution", "Of no increment.", "Inconsistent"),
        counter(&[0, 0, 3, 2, 3]).fails(
            "sum-of-no-increment",
            "A sum, and no increment.",
            "Inconsistent",
        ),
        of(Kind::GrowOnlyCounter, &[0, 2, 5, 0, 3]).fails(
            "removed-sum-of-none",
            "A sum that is taken away, and no increment.",
            "Inconsistent",
        ),
        counter(&[0, 10, 5, 0, 0]).fails(
            "contribution-beyond",
            "An increment that is not in the version.",
            "Inconsistent",
        ),
        counter(&[0, 2, 5, 10, 5]).fails(
            "removed-beyond",
            "What is taken away is not in the version.",
            "Inconsistent",
        ),
        counter(&[0, 2, 5, 0, 0, 0, 3, 6, 0, 0]).fails(
            "contribution-twice",
            "Two of one replica.",
            "NotCanonical",
        ),
        counter(&[1, 2, 5, 0, 0, 0, 2, 5, 0, 0]).with(0, ids(&[A, B])).fails(
            "contribution-order",
            "Not by the replicas\' ids.",
            "NotCanonical",
        ),
        of(Kind::GrowOnlyCounter, &[0, 2, 5, 2, 5]).fails(
            "grow-only-removed",
            "Something was taken away of what only grows.",
            "Inconsistent",
        ),
    ]
}

/// Containers in containers.
fn nested() -> Vec<Vector> {
    let runs = || nodes(&[&[0, 1, 1]], &[]);
    let map_in_list = |item: u64| {
        let creation = entries([(0, 0, uints(&[2]))]);
        let root = container(0, 1, [places([text("c"), creation, array([])])]);
        let first = places([uints(&[0, 1]), entries([(1, 1, uints(&[0]))]), array([])]);
        let list = container(1, 2, [runs(), first, array([])]);
        let inner = container(2, 9, [places([text("k"), one(3), array([])])]);
        all_pruned()
            .with(2, array([uint(0), text("c"), uint(2), uint(1), uints(&[0, item]), uint(0)]))
            .with(CONTAINERS, array([root, list, inner]))
    };
    assert!(super::loads(map_in_list(1).bytes()), "what is made wrong is right otherwise");
    let deep = |kind: u64, parts: Vec<Item>| {
        let table = (0..128).flat_map(|parent| {
            [uint(parent), text("k"), uint(if parent < 127 { 0 } else { kind })]
        });
        all_pruned()
            .with(2, array(table))
            .with(CONTAINERS, array([container(128, 1, parts)]))
            .with(0, ids(&[A]))
    };
    let one_slot = || places([text("k"), one(0), array([])]);
    vec![
        map_in_list(2).fails("in-no-item", "A container in no item.", "Inconsistent"),
        deep(0, vec![one_slot()]).fails("map-too-deep", "A map 128 keys deep.", "Limit"),
        deep(2, vec![runs(), places([]), array([])]).fails(
            "list-too-deep",
            "A list 128 keys deep.",
            "Limit",
        ),
    ]
}
