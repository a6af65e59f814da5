//! Frames of changes that are wrong in form: operations on lists, sets and counters.

use libsync::Kind;

use super::{A, B, C, frame, making};
use crate::cbor::{Item, array, ids, map, raw, text, uint, uints};
use crate::columns::columns;
use crate::vector::{self, Vector};

const CHANGES: vector::Kind = vector::Kind::Changes;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = insertions();
    vectors.extend(moves());
    vectors.extend(assignments());
    vectors.extend(sets());
    vectors.extend(counters());
    vectors.extend(tables());
    vectors
}

fn null() -> Item {
    raw(&[0xf6])
}

fn int(negative: u8) -> Item {
    raw(&[0x20 | negative])
}

/// Operations of A's first change, with a table of containers.
fn first(replicas: &[u64], containers: Item, ops: impl IntoIterator<Item = Item>) -> Vec<u8> {
    let head = [uint(0), uint(0), uint(0), array([])];
    let change = array(head.into_iter().chain(ops));
    frame(CHANGES, map([(0, ids(replicas)), (2, containers), (4, columns([change]))]))
}

/// The same with one container, under a key of the root.
fn on(kind: Kind, ops: impl IntoIterator<Item = Item>) -> Vec<u8> {
    first(&[A, B, C], array([uint(0), text("c"), uint(kind as u64)]), ops)
}

fn fails(name: &str, about: &str, frame: Vec<u8>, error: &str) -> Vector {
    making(name, about, CHANGES, frame).fails(error)
}

fn insertions() -> Vec<Vector> {
    let insert = |kind, content: Item| on(kind, [array([uint(3), uint(1), content])]);
    let spelled_out = {
        let one = || array([text("a")]);
        let next = array([uint(1), uint(1), uint(0), uint(0), one()]);
        on(Kind::List, [array([uint(3), uint(1), one()]), next])
    };
    let deep = {
        let list = (0..127).flat_map(|parent| [uint(parent), text("k"), uint(0)]);
        let list = array(list.chain([uint(127), text("k"), uint(2)]));
        first(&[A], list, [array([uint(3), uint(128), uints(&[1])])])
    };
    vec![
        fails("text-in-list", "A text into a list.", insert(Kind::List, text("a")), "Truncated"),
        fails("items-in-text", "Items into a text.", insert(Kind::Text, uints(&[1])), "Unexpected"),
        fails("items-in-set", "Items into a set.", insert(Kind::Set, uints(&[1])), "Inconsistent"),
        fails(
            "items-in-counter",
            "Items into a counter.",
            insert(Kind::Counter, uints(&[1])),
            "Inconsistent",
        ),
        fails(
            "item-of-nothing",
            "An absence for an item.",
            insert(Kind::List, array([array([])])),
            "Unexpected",
        ),
        fails(
            "item-of-unknown-kind",
            "A container of a later format.",
            insert(Kind::List, array([uints(&[7])])),
            "Unexpected",
        ),
        fails(
            "item-next-spelled-out",
            "To the right of the identity before.",
            spelled_out,
            "NotCanonical",
        ),
        fails("item-too-deep", "An item in a list 128 keys deep.", deep, "Limit"),
    ]
}

fn moves() -> Vec<Vector> {
    let moved = |kind, items: &[u64]| {
        let op = [10, 1].iter().chain(items).copied().map(uint);
        on(kind, [array(op)])
    };
    let list = |name: &str, about: &str, items: &[u64], error: &str| {
        fails(name, about, moved(Kind::List, items), error)
    };
    vec![
        list("move-nowhere", "No place.", &[0, 1], "Truncated"),
        list("move-unknown-place", "A place of a later format.", &[0, 1, 3], "Unexpected"),
        list(
            "move-root-and-parent",
            "To the root, and below a node.",
            &[0, 1, 0, 0, 1],
            "Unexpected",
        ),
        list("move-without-parent", "To the right of what?", &[0, 1, 1], "Truncated"),
        list("move-cut-parent", "Half a parent.", &[0, 1, 2, 0], "Truncated"),
        list("move-long", "An item too many.", &[0, 1, 2, 0, 2, 0], "Unexpected"),
        fails("move-in-text", "In a text.", moved(Kind::Text, &[0, 1, 0]), "Inconsistent"),
        fails(
            "move-in-map",
            "In the root.",
            first(&[A], array([uint(0), text("c"), uint(0)]), [uints(&[10, 0, 0, 1, 0])]),
            "Inconsistent",
        ),
    ]
}

fn assignments() -> Vec<Vector> {
    let assign =
        |kind, key: Item, content: Item| on(kind, [array([uint(5), uint(1), key, content])]);
    vec![
        fails(
            "item-by-name",
            "A text for a key of a list.",
            assign(Kind::List, text("0"), uint(1)),
            "Unexpected",
        ),
        fails(
            "item-by-number",
            "A number for a key of a list.",
            assign(Kind::List, uint(0), uint(1)),
            "Unexpected",
        ),
        fails(
            "item-of-three",
            "A key of a list of three items.",
            assign(Kind::List, uints(&[0, 0, 1]), uint(1)),
            "Unexpected",
        ),
        fails(
            "key-by-identity",
            "An identity for a key of a map.",
            assign(Kind::Map, uints(&[0, 0]), uint(1)),
            "Unexpected",
        ),
        fails(
            "item-assigned-nothing",
            "An absence in an item.",
            assign(Kind::List, uints(&[0, 0]), array([])),
            "Inconsistent",
        ),
        fails(
            "assign-in-counter",
            "A key of a counter.",
            assign(Kind::Counter, text("k"), uint(1)),
            "Inconsistent",
        ),
        fails(
            "remove-in-counter",
            "A key of a counter.",
            on(Kind::Counter, [array([uint(6), uint(1), text("k"), uint(0), uint(0)])]),
            "Inconsistent",
        ),
    ]
}

fn sets() -> Vec<Vector> {
    let add = |kind, element: Item, content: Item| {
        on(kind, [array([uint(5), uint(1), element, content])])
    };
    let set = |name: &str, about: &str, content: Item| {
        fails(name, about, add(Kind::Set, uint(1), content), "Inconsistent")
    };
    vec![
        set("element-assigned", "An element is assigned a value.", uint(1)),
        set("element-container", "An element is assigned a container.", uints(&[0])),
        set("element-absent", "An element is assigned its absence.", array([])),
        fails(
            "element-of-container",
            "A container for an element.",
            add(Kind::Set, uints(&[3]), null()),
            "Unexpected",
        ),
        fails(
            "delete-in-set",
            "Deletes nodes of a set.",
            on(Kind::Set, [uints(&[4, 1, 0, 0, 2])]),
            "Inconsistent",
        ),
        fails(
            "discarded-of-grow-only",
            "Discards what only grows.",
            on(Kind::GrowOnlySet, [array([uint(6), uint(1), uint(1), uint(0), uint(0)])]),
            "Inconsistent",
        ),
    ]
}

fn counters() -> Vec<Vector> {
    let add = |kind, delta: Item| on(kind, [array([uint(11), uint(1), delta])]);
    let reset = |kind, observed: &[u64]| {
        let op = [12, 1].iter().chain(observed).copied().map(uint);
        on(kind, [array(op)])
    };
    let wrong = |name: &str, about: &str, observed: &[u64], error: &str| {
        fails(name, about, reset(Kind::Counter, observed), error)
    };
    let great = || raw(&[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    vec![
        fails("increment-by-0", "Adds nothing.", add(Kind::Counter, uint(0)), "NotCanonical"),
        fails(
            "increment-by-float",
            "Adds 1.0.",
            add(Kind::Counter, raw(&[0xf9, 0x3c, 0x00])),
            "Unexpected",
        ),
        fails("increment-by-2-63", "Adds 2^63.", add(Kind::Counter, great()), "Limit"),
        fails("increment-by-what", "No number.", on(Kind::Counter, [uints(&[11, 1])]), "Truncated"),
        fails("increment-set", "Adds to a set.", add(Kind::Set, uint(1)), "Inconsistent"),
        fails(
            "decrement-grow-only",
            "Subtracts from what only grows.",
            add(Kind::GrowOnlyCounter, int(0)),
            "Inconsistent",
        ),
        fails(
            "reset-grow-only",
            "Resets what only grows.",
            reset(Kind::GrowOnlyCounter, &[0, 0, 1]),
            "Inconsistent",
        ),
        fails("reset-set", "Resets a set.", reset(Kind::Set, &[0, 0, 1]), "Inconsistent"),
        wrong("reset-nothing", "Takes nothing away.", &[], "Unexpected"),
        wrong("cut-reset", "Without a sum.", &[0, 0], "Unexpected"),
        wrong(
            "reset-twice",
            "Two contributions of one replica.",
            &[0, 0, 1, 0, 1, 2],
            "NotCanonical",
        ),
        fails(
            "reset-order",
            "Contributions not by replica.",
            {
                let reset = uints(&[12, 1, 1, 0, 1, 2, 0, 1]);
                first(&[A, C, B], array([uint(0), text("c"), uint(3)]), [reset])
            },
            "NotCanonical",
        ),
        fails(
            "reset-great-sum",
            "A sum of 2^63.",
            on(Kind::Counter, [array([uint(12), uint(1), uint(0), uint(0), great()])]),
            "Limit",
        ),
    ]
}

fn tables() -> Vec<Vector> {
    /// Adds to the last of some containers.
    fn listed(replicas: &[u64], containers: Vec<Item>) -> Vec<u8> {
        let number = containers.len() as u64 / 3;
        first(replicas, array(containers), [array([uint(11), uint(number), uint(1)])])
    }
    let in_list = |key: Item| vec![uint(0), text("l"), uint(2), uint(1), key, uint(3)];
    let below =
        |kind: Kind, key: Item| vec![uint(0), text("c"), uint(kind as u64), uint(1), key, uint(3)];
    let two = |replicas: &[u64]| {
        let first = [uint(0), text("l"), uint(2), uint(1), uints(&[1, 0]), uint(0)];
        let second = [uint(2), text("m"), uint(2), uint(3), uints(&[2, 0]), uint(3)];
        listed(replicas, first.into_iter().chain(second).collect())
    };
    let both_used = {
        let lists = [uint(0), text("l"), uint(2), uint(1), uints(&[2, 0]), uint(3)];
        let reset = uints(&[12, 2, 1, 0, 1]);
        first(&[A, B, C], array(lists), [reset])
    };
    let swapped = {
        let first = [uint(0), text("l"), uint(2), uint(1), uints(&[2, 0]), uint(0)];
        let second = [uint(2), text("m"), uint(2), uint(3), uints(&[1, 0]), uint(3)];
        listed(&[A, B, C], first.into_iter().chain(second).collect())
    };
    assert_eq!(two(&[A, B, C]).len(), swapped.len(), "they differ in the numbers alone");
    vec![
        fails(
            "listed-by-name",
            "A text for an item of a list.",
            listed(&[A], in_list(text("0"))),
            "Unexpected",
        ),
        fails(
            "listed-by-identity",
            "An identity for a key of a map.",
            listed(&[A], below(Kind::Map, uints(&[0, 0]))),
            "Unexpected",
        ),
        fails(
            "listed-item-of-three",
            "An item of three.",
            listed(&[A], in_list(uints(&[0, 0, 0]))),
            "Unexpected",
        ),
        fails(
            "listed-item-of-nobody",
            "The number of no listed replica.",
            listed(&[A], in_list(uints(&[1, 0]))),
            "Unexpected",
        ),
        fails(
            "set-parent",
            "A set for a parent.",
            listed(&[A], below(Kind::Set, text("k"))),
            "Inconsistent",
        ),
        fails(
            "counter-parent",
            "A counter for a parent.",
            listed(&[A], below(Kind::Counter, text("k"))),
            "Inconsistent",
        ),
        fails(
            "listed-item-too-early",
            "Its replica is named before by something else.",
            both_used,
            "NotCanonical",
        ),
        fails(
            "listed-items-order",
            "The replicas of items not from the outside in.",
            swapped,
            "NotCanonical",
        ),
    ]
}
