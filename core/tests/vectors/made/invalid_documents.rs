//! Saved documents that are wrong: in form, or in that their parts contradict each other.

use super::saved::{
    ACKNOWLEDGED, CONTAINERS, FLOOR, FRONTIER, HELD, HISTORY, LAMPORT, LOG, LOG_START, MEMBERS,
    PENDING, STABLE, Saved, VERSION, block, container, entries, nodes, one, places, register,
    typed,
};
use super::{A, B, frame, making};
use crate::cbor::{Item, array, ids, map, text, uint, uints};
use crate::columns::columns;
use crate::vector::{Kind, Vector};

pub fn vectors() -> Vec<Vector> {
    let mut vectors = empty();
    vectors.extend(versions());
    vectors.extend(members());
    vectors.extend(pending());
    vectors.extend(log_starts());
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
        ("log", LOG),
        ("held", HELD),
        ("log-start", LOG_START),
    ];
    let empty = |(name, field)| {
        let frame = frame(Kind::Document, map([(field, array([]))]));
        let name = format!("empty-{name}");
        // Columns are a map.
        let error = if field == HELD { "Unexpected" } else { "NotCanonical" };
        making(&name, "A field with nothing in it.", Kind::Document, frame).fails(error)
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

/// Stable cuts of others, with the versions that they were taken at.
fn pending() -> Vec<Vector> {
    let of = |versions: &[&[u64]]| {
        register().with(PENDING, array(versions.iter().map(|version| uints(version))))
    };
    let two: &[u64] = &[0, 2];
    vec![
        of(&[two]).fails("cut-pending", "A version without a cut.", "Unexpected"),
        of(&[two; 6]).fails("many-pending", "Three cuts.", "Unexpected"),
        of(&[two, &[0, 3]]).fails(
            "pending-beyond",
            "A stable cut beyond its version.",
            "Inconsistent",
        ),
    ]
}

/// Where the log starts.
fn log_starts() -> Vec<Vector> {
    let of = |start: &[u64]| register().with(LOG_START, uints(start));
    vec![
        of(&[0, 1]).fails("log-start-floor", "It starts at the floor.", "Inconsistent"),
        of(&[0, 2]).fails("log-start-beyond", "It starts beyond the version.", "Inconsistent"),
    ]
}

fn maps() -> Vec<Vector> {
    /// A's three assignments, pruned, as `slots` has them.
    fn slots(slots: Vec<Item>) -> Saved {
        let root = container(0, 3, [places(slots)]);
        register()
            .with(VERSION, uints(&[0, 3]))
            .with(FRONTIER, uints(&[0, 2]))
            .with(LAMPORT, uint(3))
            .with(STABLE, uints(&[0, 3]))
            .with(FLOOR, uints(&[0, 3]))
            .with(CONTAINERS, array([root]))
    }
    let nothing = || array([]);
    let (a, b) = (text("a"), text("b"));
    let at = |counter, lamport| (counter, lamport, uint(1));
    vec![
        slots(vec![a.clone(), nothing(), nothing()]).fails(
            "empty-key",
            "A key with no assignment and no clock.",
            "NotCanonical",
        ),
        slots(vec![b.clone(), one(0), nothing(), a.clone(), one(1), nothing()]).fails(
            "key-order",
            "Keys not in order.",
            "NotCanonical",
        ),
        slots(vec![a.clone(), one(0), nothing(), a.clone(), one(1), nothing()]).fails(
            "key-twice",
            "A key twice.",
            "NotCanonical",
        ),
        slots(vec![a.clone(), entries([at(1, 1), at(0, 0)]), nothing()]).fails(
            "assignment-order",
            "Assignments not by Lamport time and id.",
            "NotCanonical",
        ),
        slots(vec![a.clone(), entries([at(1, 1), at(1, 1)]), nothing()]).fails(
            "assignment-twice",
            "An assignment twice.",
            "NotCanonical",
        ),
        slots(vec![a.clone(), entries([at(1, 1), at(1, 2)]), nothing()]).fails(
            "assignment-at-two-times",
            "An assignment twice, at two Lamport times.",
            "Inconsistent",
        ),
        slots(vec![a.clone(), entries([at(0, 0), at(1, 1)]), nothing()]).fails(
            "assignments-of-one",
            "Two assignments of one author.",
            "Inconsistent",
        ),
        slots(vec![a.clone(), one(0), nothing(), b.clone(), entries([at(3, 1)]), nothing()]).fails(
            "assignment-beyond",
            "An assignment that is not in the version.",
            "Inconsistent",
        ),
        slots(vec![a.clone(), one(0), uints(&[0, 1])]).fails(
            "clock-spelled-out",
            "A clock of just what is in force.",
            "NotCanonical",
        ),
        slots(vec![a.clone(), one(0), uints(&[0, 4])]).fails(
            "key-clock-beyond",
            "A key was touched by what is not in the version.",
            "Inconsistent",
        ),
        slots(vec![a.clone(), one(0), uints(&[0, 1, 0, 2])]).fails(
            "key-clock-twice",
            "A clock that names a replica twice.",
            "NotCanonical",
        ),
        slots(vec![a, one(0), nothing()])
            .with(CONTAINERS, array([container(0, 4, [places([b, one(0), nothing()])])]))
            .fails(
                "clock-beyond",
                "A container was touched by what is not in the version.",
                "Inconsistent",
            ),
    ]
}

fn containers() -> Vec<Vector> {
    let slot = || places([text("k"), one(0), array([])]);
    let root = || container(0, 1, [slot()]);
    let child = |number| container(number, 1, [slot()]);
    let blank =
        |number, parts: Vec<Item>| array([uint(number), array([])].into_iter().chain(parts));
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
        register().with(CONTAINERS, array([blank(0, vec![places([])])])).fails(
            "blank-map",
            "A map with no key and no clock.",
            "NotCanonical",
        ),
        register().with(CONTAINERS, array([container(0, 1, [])])).fails(
            "cut-map",
            "A map without its keys.",
            "Unexpected",
        ),
        typed().with(CONTAINERS, array([blank(1, vec![text(""), nodes(&[], &[])])])).fails(
            "blank-text",
            "A text with no run and no clock.",
            "NotCanonical",
        ),
        typed().with(CONTAINERS, array([container(1, 4, [text("")])])).fails(
            "cut-text",
            "A text without its nodes.",
            "Unexpected",
        ),
    ]
}

fn changes() -> Vec<Vector> {
    let assign = || array([uint(5), uint(0), text("k"), uint(1)]);
    let change = |counter, lamport, dependencies: &[u64]| {
        array([uint(0), uint(counter), uint(lamport), uints(dependencies), assign()])
    };
    let log = |changes: [Item; 1]| array([block(false, changes)]);
    let stateless = || register().without(CONTAINERS).without(STABLE).without(FLOOR);
    let history = |document: Saved| document.with(HISTORY, columns([change(0, 0, &[])]));
    assert!(super::loads(history(stateless()).bytes()), "what is made wrong is right otherwise");
    let held = |changes: Vec<Item>| register().with(HELD, columns(changes));
    let below = register().with(LOG, log([change(0, 0, &[])]));
    let late = typed().with(LAMPORT, uint(3));
    vec![
        typed().without(LOG).fails(
            "log-missing",
            "Changes above the floor are missing.",
            "Inconsistent",
        ),
        typed().with(LOG, log([change(4, 4, &[])])).fails(
            "log-gap",
            "Changes above the floor are missing.",
            "Inconsistent",
        ),
        register().with(LOG, log([change(1, 1, &[])])).fails(
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
        history(register()).fails(
            "history-and-state",
            "A history, and what it leads to.",
            "Inconsistent",
        ),
        history(stateless().with(STABLE, uints(&[0, 1])).with(FLOOR, uints(&[0, 1]))).fails(
            "history-and-floor",
            "A history of a document that is pruned.",
            "Inconsistent",
        ),
        history(stateless().with(FRONTIER, uints(&[0, 1])).with(VERSION, uints(&[0, 2]))).fails(
            "history-too-short",
            "A history that does not lead to the version.",
            "Inconsistent",
        ),
        stateless().with(HISTORY, columns([change(0, 0, &[]), change(0, 0, &[])])).fails(
            "history-twice",
            "A change twice.",
            "NotCanonical",
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
