//! Saved documents that are wrong: in form, or in that their parts contradict each other.

use super::saved::{
    ACKNOWLEDGED, CHANGES, CONTAINERS, FLOOR, FRONTIER, HELD, LAMPORT, MEMBERS, PENDING, STABLE,
    Saved, VERSION, register, typed,
};
use super::{A, B, frame, making};
use crate::cbor::{Item, array, ids, map, text, uint, uints};
use crate::vector::{Kind, Vector};

pub fn vectors() -> Vec<Vector> {
    let mut vectors = empty();
    vectors.extend(versions());
    vectors.extend(members());
    vectors.extend(maps());
    vectors.extend(containers());
    vectors.extend(changes());
    vectors
}

fn empty() -> Vec<Vector> {
    let named = [
        ("version", VERSION),
        ("frontier", FRONTIER),
        ("members", MEMBERS),
        ("acknowledged", ACKNOWLEDGED),
        ("stable", STABLE),
        ("floor", FLOOR),
        ("pending", PENDING),
        ("containers", CONTAINERS),
        ("changes", CHANGES),
        ("held", HELD),
    ];
    let empty = |(name, field)| {
        let frame = frame(Kind::Document, map([(field, array([]))]));
        let name = format!("empty-{name}");
        making(&name, "A field with nothing in it.", Kind::Document, frame).fails("NotCanonical")
    };
    let mut vectors: Vec<Vector> = named.into_iter().map(empty).collect();
    let lamport = frame(Kind::Document, map([(LAMPORT, uint(0))]));
    let about = "A Lamport time of 0.";
    vectors.push(making("empty-lamport", about, Kind::Document, lamport).fails("NotCanonical"));
    vectors
}

fn versions() -> Vec<Vector> {
    let two = |frontier: &[u64]| {
        register()
            .with(0, ids(&[A, B]))
            .with(VERSION, uints(&[0, 1, 1, 1]))
            .with(FRONTIER, uints(frontier))
            .with(LAMPORT, uint(2))
            .with(MEMBERS, uints(&[0, 1, 1, 1]))
            .with(STABLE, uints(&[0, 1, 1, 1]))
            .with(FLOOR, uints(&[0, 1, 1, 1]))
    };
    vec![
        two(&[1, 0, 0, 0]).fails("head-order", "Heads not in ascending order.", "Inconsistent"),
        two(&[0, 0, 0, 0]).fails("head-twice", "A head twice.", "Inconsistent"),
        register().with(FRONTIER, uints(&[0, 1])).fails(
            "head-beyond",
            "A head that is not in the version.",
            "Inconsistent",
        ),
        register().without(FRONTIER).fails("no-head", "A version without heads.", "Inconsistent"),
        register().with(LAMPORT, uint(2)).fails(
            "time-ahead",
            "A Lamport time greater than the number of operations.",
            "Inconsistent",
        ),
        register().without(LAMPORT).fails(
            "time-behind",
            "A Lamport time not greater than that of an assignment.",
            "Inconsistent",
        ),
        register().with(STABLE, uints(&[0, 2])).fails(
            "stable-beyond-version",
            "What is stable is not in the version.",
            "Inconsistent",
        ),
        register().without(STABLE).fails(
            "floor-beyond-stable",
            "What is pruned is not stable.",
            "Inconsistent",
        ),
    ]
}

fn members() -> Vec<Vector> {
    let acknowledged = |version: &[u64], stable: &[u64]| {
        let field = array([uint(0), uints(version), uints(stable)]);
        register().with(ACKNOWLEDGED, field)
    };
    let two = |members: &[u64]| register().with(0, ids(&[A, B])).with(MEMBERS, uints(members));
    vec![
        register().with(MEMBERS, uints(&[0, 2])).fails(
            "member-state",
            "A member that is neither there nor gone.",
            "Unexpected",
        ),
        register().with(MEMBERS, uints(&[0, 1, 0])).fails(
            "cut-member",
            "Half a member.",
            "Unexpected",
        ),
        two(&[1, 1, 0, 1]).fails("member-order", "Members not by their ids.", "NotCanonical"),
        two(&[0, 1, 0, 1]).fails("member-twice", "A member twice.", "NotCanonical"),
        two(&[1, 1]).fails("author-no-member", "An author who is no member.", "Inconsistent"),
        acknowledged(&[0, 2], &[]).fails(
            "acknowledged-beyond",
            "A member has acknowledged more than is here.",
            "Inconsistent",
        ),
        acknowledged(&[], &[0, 1]).fails(
            "stable-unseen",
            "A member knows to be stable what it has not seen.",
            "Inconsistent",
        ),
        register().with(ACKNOWLEDGED, array([uint(0), uints(&[0, 1])])).fails(
            "cut-acknowledged",
            "Two thirds of an acknowledgement.",
            "Unexpected",
        ),
        two(&[0, 1]).with(ACKNOWLEDGED, array([uint(1), uints(&[0, 1]), uints(&[])])).fails(
            "acknowledged-by-stranger",
            "By one that is no member.",
            "Inconsistent",
        ),
    ]
}

fn maps() -> Vec<Vector> {
    /// A's three assignments, pruned, as `slots` has them.
    fn slots(slots: Vec<Item>) -> Saved {
        let root = array([uint(0)].into_iter().chain(slots));
        register()
            .with(VERSION, uints(&[0, 3]))
            .with(FRONTIER, uints(&[0, 2]))
            .with(LAMPORT, uint(3))
            .with(STABLE, uints(&[0, 3]))
            .with(FLOOR, uints(&[0, 3]))
            .with(CONTAINERS, array([root]))
    }
    let one = |counter| uints(&[0, counter, counter, 1]);
    let (a, b) = (text("a"), text("b"));
    vec![
        slots(vec![a.clone()]).fails("key-without-value", "A key and nothing.", "Unexpected"),
        slots(vec![a.clone(), array([])]).fails(
            "empty-key",
            "A key with no assignment.",
            "Unexpected",
        ),
        slots(vec![a.clone(), uints(&[0, 0, 0])]).fails(
            "cut-assignment",
            "No content.",
            "Unexpected",
        ),
        slots(vec![b.clone(), one(0), a.clone(), one(1)]).fails(
            "key-order",
            "Keys not in order.",
            "NotCanonical",
        ),
        slots(vec![a.clone(), one(0), a.clone(), one(1)]).fails(
            "key-twice",
            "A key twice.",
            "NotCanonical",
        ),
        slots(vec![a.clone(), uints(&[0, 1, 1, 1, 0, 0, 0, 1])]).fails(
            "assignment-order",
            "Assignments not by Lamport time and id.",
            "NotCanonical",
        ),
        slots(vec![a.clone(), uints(&[0, 1, 1, 1, 0, 1, 1, 1])]).fails(
            "assignment-twice",
            "An assignment twice.",
            "NotCanonical",
        ),
        slots(vec![a, one(0), b, uints(&[0, 3, 1, 1])]).fails(
            "assignment-beyond",
            "An assignment that is not in the version.",
            "Inconsistent",
        ),
    ]
}

fn containers() -> Vec<Vector> {
    let one = || uints(&[0, 0, 0, 1]);
    let root = || array([uint(0), text("k"), one()]);
    let child = |number| array([uint(number), text("k"), one()]);
    let listed = |containers: [&str; 2], items: Vec<Item>| {
        let table = containers.iter().flat_map(|key| [uint(0), text(key), uint(0)]);
        register().with(2, array(table)).with(CONTAINERS, array(items))
    };
    vec![
        listed(["a", "b"], vec![child(1), child(2), root()]).fails(
            "container-depth-order",
            "The root behind its maps.",
            "NotCanonical",
        ),
        listed(["b", "a"], vec![child(1), child(2)]).fails(
            "container-key-order",
            "Maps not by their keys.",
            "NotCanonical",
        ),
        register().with(CONTAINERS, array([root(), root()])).fails(
            "container-twice",
            "The root twice.",
            "NotCanonical",
        ),
        register().with(CONTAINERS, array([uints(&[0])])).fails(
            "blank-map",
            "A map with no key.",
            "NotCanonical",
        ),
        typed().with(CONTAINERS, array([array([uint(1), text(""), array([]), array([])])])).fails(
            "blank-text",
            "A text with no run.",
            "NotCanonical",
        ),
        typed().with(CONTAINERS, array([array([uint(1), text(""), array([])])])).fails(
            "cut-text",
            "A text without its deletions.",
            "Unexpected",
        ),
    ]
}

fn changes() -> Vec<Vector> {
    let assign = || array([uint(5), uint(0), text("k"), uint(1)]);
    let change = |counter, lamport, dependencies: &[u64]| {
        array([uint(0), uint(counter), uint(lamport), uints(dependencies), assign()])
    };
    let held = |changes: Vec<Item>| register().with(HELD, array(changes));
    let below = register().with(CHANGES, array([change(0, 0, &[])]));
    let late = typed().with(LAMPORT, uint(3));
    vec![
        typed().without(CHANGES).fails(
            "log-missing",
            "Changes above the floor are missing.",
            "Inconsistent",
        ),
        typed().with(CHANGES, array([change(4, 4, &[])])).fails(
            "log-gap",
            "Changes above the floor are missing.",
            "Inconsistent",
        ),
        register().with(CHANGES, array([change(1, 1, &[])])).fails(
            "log-beyond",
            "A change that is not in the version.",
            "Inconsistent",
        ),
        below.fails("log-below", "A change below the floor.", "Inconsistent"),
        late.fails(
            "time-of-log",
            "A Lamport time not greater than that of a change.",
            "Inconsistent",
        ),
        held(vec![change(1, 1, &[])]).fails(
            "held-for-nothing",
            "It waits for nothing.",
            "Inconsistent",
        ),
        held(vec![change(3, 1, &[]), change(3, 1, &[])]).fails(
            "held-twice",
            "Two held changes of one identity.",
            "Inconsistent",
        ),
        held(vec![change(3, 2, &[]), change(2, 0, &[])]).fails(
            "held-order",
            "Held changes not in order.",
            "NotCanonical",
        ),
    ]
}
