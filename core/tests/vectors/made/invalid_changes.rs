//! Frames of changes that are wrong: in form, or to a replica that has what came before.

use libsync::Unit;

use super::peers::{edited, everything, insert, replica, settle, since};
use super::{A, B, C, Making, frame, making};
use crate::cbor::{Item, array, ids, map, text, uint, uints};
use crate::columns::columns;
use crate::vector::{Kind, Vector};

pub fn vectors() -> Vec<Vector> {
    let mut vectors = lists();
    vectors.extend(changes());
    vectors.extend(insertions());
    vectors.extend(deletions());
    vectors.extend(assignments());
    vectors.extend(others());
    vectors.extend(identities());
    vectors.extend(times());
    vectors.extend(references());
    vectors.extend(pruned());
    vectors
}

/// The number of the text in [`body`].
const TEXT: u64 = 1;

/// The replicas that a body can list.
const REPLICAS: [u64; 3] = [A, B, C];

/// A body of changes by the first `replicas` of three; the text is listed in it or not.
fn body(replicas: usize, texts: usize, changes: impl IntoIterator<Item = Item>) -> Vec<u8> {
    let mut fields = vec![(0, ids(&REPLICAS[..replicas]))];
    if texts > 0 {
        fields.push((2, array([uint(0), text("text"), uint(1)])));
    }
    fields.push((4, columns(changes)));
    frame(Kind::Changes, map(fields))
}

/// A change by the replica of that number.
fn change(author: u64, counter: u64, lamport: u64, dependencies: &[u64], ops: Vec<Item>) -> Item {
    let head = [uint(author), uint(counter), uint(lamport), uints(dependencies)];
    array(head.into_iter().chain(ops))
}

fn assign(container: u64, value: u64) -> Item {
    array([uint(5), uint(container), text("k"), uint(value)])
}

fn leave() -> Item {
    uints(&[8])
}

/// Operations of A's first change.
fn first(replicas: usize, texts: usize, ops: Vec<Item>) -> Vec<u8> {
    body(replicas, texts, [change(0, 0, 0, &[], ops)])
}

fn given(name: &str, about: &str, frame: Vec<u8>) -> Making {
    making(name, about, Kind::Changes, frame)
}

fn fails(name: &str, about: &str, frame: Vec<u8>, error: &str) -> Vector {
    given(name, about, frame).fails(error)
}

fn lists() -> Vec<Vector> {
    let at = |author, lamport| change(author, 0, lamport, &[], vec![assign(0, 1)]);
    let by_replica = {
        // The second replica has the smaller id.
        let fields = [(0, ids(&[B, A])), (4, columns([at(0, 0), at(1, 0)]))];
        frame(Kind::Changes, map(fields))
    };
    let empty = |field| frame(Kind::Changes, map([(field, array([]))]));
    let cut = |name: &str, about: &str, versions: &[(u64, u64)]| {
        let versions = versions.iter().map(|&(field, count)| (field, uints(&[0, count])));
        let fields = map([(0, ids(&[A]))].into_iter().chain(versions));
        fails(name, about, frame(Kind::Changes, fields), "Inconsistent")
    };
    vec![
        fails("no-changes", "An empty list of changes.", empty(4), "Unexpected"),
        fails("no-stable-cut", "An empty stable cut.", empty(6), "NotCanonical"),
        fails("no-version-of-cut", "The empty version.", empty(8), "NotCanonical"),
        cut("cut-without-version", "A stable cut without a version.", &[(6, 1)]),
        cut("version-without-cut", "A version without a stable cut.", &[(8, 1)]),
        cut("cut-beyond-version", "A stable cut beyond its version.", &[(6, 2), (8, 1)]),
        fails("change-order", "At one time, the smaller id second.", by_replica, "NotCanonical"),
        fails("change-twice", "A change twice.", body(1, 0, [at(0, 0), at(0, 0)]), "NotCanonical"),
    ]
}

fn changes() -> Vec<Vector> {
    const GREAT: u64 = (1 << 53) + 1;
    let with = |counter, lamport, dependencies: &[u64]| {
        let replicas = 1 + dependencies.iter().step_by(2).filter(|&&number| number > 0).count();
        body(replicas, 0, [change(0, counter, lamport, dependencies, vec![assign(0, 1)])])
    };
    let reversed = {
        let op = assign(0, 1);
        let list = columns([change(0, 0, 0, &[1, 0, 2, 0], vec![op])]);
        frame(Kind::Changes, map([(0, ids(&[A, C, B])), (4, list)]))
    };
    let half = 1 << 53;
    let long = first(3, 1, vec![uints(&[4, TEXT, 0, 0, half, 1, 0, half, 2, 0, 2])]);
    vec![
        fails("dependency-order", "Dependencies not by replica.", reversed, "NotCanonical"),
        fails("dependency-twice", "Two of one replica.", with(0, 0, &[1, 0, 1, 1]), "NotCanonical"),
        fails("own-dependency", "A dependency on its author.", with(1, 0, &[0, 0]), "NotCanonical"),
        fails("great-counter", "A counter beyond 2^53.", with(GREAT, 0, &[]), "Limit"),
        fails("last-counter", "It ends beyond 2^53.", with(1 << 53, 0, &[]), "Limit"),
        fails("great-time", "A Lamport time beyond 2^53.", with(0, GREAT, &[]), "Limit"),
        fails("many-deletions", "It deletes more than 2^53 nodes.", long, "Limit"),
    ]
}

fn insertions() -> Vec<Vector> {
    let insert = |tag: u64, parent: &[u64], content: &str| {
        let head = [uint(tag), uint(TEXT)];
        let parent = parent.iter().copied().map(uint);
        array(head.into_iter().chain(parent).chain([text(content)]))
    };
    let alone = |op: Item| first(1, 1, vec![op]);
    let then = |op: Item| first(1, 1, vec![insert(3, &[], "ab"), op]);
    let in_map = array([uint(3), uint(0), text("x")]);
    vec![
        fails(
            "next-of-none",
            "Behind what came before all.",
            alone(insert(0, &[], "x")),
            "Unexpected",
        ),
        fails(
            "next-spelled-out",
            "To the right of the identity before.",
            then(insert(1, &[0, 1], "x")),
            "NotCanonical",
        ),
        fails(
            "next-and-parent",
            "Two ways at once to say where.",
            then(insert(0, &[0, 1], "x")),
            "Unexpected",
        ),
        fails(
            "root-and-parent",
            "At the root, and below a node.",
            then(insert(3, &[0, 1], "x")),
            "Unexpected",
        ),
        fails("insert-in-map", "Inserts into a map.", first(1, 0, vec![in_map]), "Inconsistent"),
    ]
}

fn deletions() -> Vec<Vector> {
    let delete = |runs: &[u64]| {
        let insertion = array([uint(3), uint(TEXT), text("abcdef")]);
        let deletion =
            array([uint(4), uint(TEXT)].into_iter().chain(runs.iter().copied().map(uint)));
        first(1, 1, vec![insertion, deletion])
    };
    let in_map = first(1, 0, vec![uints(&[4, 0, 0, 0, 2])]);
    let touching =
        |name: &str, about: &str, runs: &[u64]| fails(name, about, delete(runs), "NotCanonical");
    vec![
        fails("great-run", "A run that ends beyond 2^53.", delete(&[0, 1 << 53, 2]), "Limit"),
        touching("one-backwards", "A single node, backwards.", &[0, 0, 3]),
        touching("runs-that-touch", "Two runs that are one.", &[0, 0, 4, 0, 2, 4]),
        touching("nodes-that-touch", "Two nodes that are a run.", &[0, 0, 2, 0, 1, 2]),
        touching("backwards-that-touch", "Two runs that are one, backwards.", &[0, 2, 5, 0, 0, 5]),
        touching("nodes-backwards", "Two nodes that are a run backwards.", &[0, 1, 2, 0, 0, 2]),
        touching("runs-that-overlap", "A node named twice.", &[0, 0, 4, 0, 1, 4]),
        fails("delete-in-map", "Deletes from a map.", in_map, "Inconsistent"),
    ]
}

fn assignments() -> Vec<Vector> {
    let superseding = |tag: u64, supersedes: &[u64]| {
        let value = if tag == 5 { vec![uint(1)] } else { vec![] };
        let head = [uint(tag), uint(0), text("k")];
        let seen = supersedes.iter().copied().map(uint);
        let last = array(head.into_iter().chain(value).chain(seen));
        first(1, 0, vec![assign(0, 1), assign(0, 2), last])
    };
    let content = |content: Item| first(1, 0, vec![array([uint(5), uint(0), text("k"), content])]);
    let in_text = array([uint(5), uint(TEXT), text("k"), uint(1)]);
    let removal_in_text = array([uint(6), uint(TEXT), text("k"), uint(0), uint(0)]);
    let key = array([uint(5), uint(0), uint(1), uint(1)]);
    vec![
        fails(
            "superseded-order",
            "Not in ascending order.",
            superseding(5, &[0, 1, 0, 0]),
            "NotCanonical",
        ),
        fails(
            "superseded-twice",
            "An assignment twice.",
            superseding(5, &[0, 0, 0, 0]),
            "NotCanonical",
        ),
        fails(
            "removed-order",
            "Not in ascending order.",
            superseding(6, &[0, 1, 0, 0]),
            "NotCanonical",
        ),
        fails(
            "removed-twice",
            "An assignment twice.",
            superseding(6, &[0, 0, 0, 0]),
            "NotCanonical",
        ),
        fails("nothing-removed", "Takes nothing away.", superseding(6, &[]), "Unexpected"),
        fails("unknown-container", "A kind of a later format.", content(uints(&[7])), "Unexpected"),
        fails("container-of-two", "Two kinds at once.", content(uints(&[1, 1])), "Unexpected"),
        fails("assign-in-text", "Assigns in a text.", first(1, 1, vec![in_text]), "Inconsistent"),
        fails(
            "remove-in-text",
            "Removes in a text.",
            first(1, 1, vec![removal_in_text]),
            "Inconsistent",
        ),
        fails("key-is-a-number", "A key that is no text.", first(1, 0, vec![key]), "Unexpected"),
    ]
}

fn others() -> Vec<Vector> {
    vec![
        fails("join-two", "Two replicas.", first(2, 0, vec![uints(&[7, 0, 1])]), "Unexpected"),
        fails("evict-two", "Two replicas.", first(2, 0, vec![uints(&[13, 0, 1])]), "Unexpected"),
        fails("evict-itself", "Its author.", first(1, 0, vec![uints(&[13, 0])]), "InvalidChange"),
        fails("evict-nobody", "No member.", first(2, 0, vec![uints(&[13, 1])]), "InvalidChange"),
        fails(
            "after-leaving",
            "Goes on in the change that leaves.",
            first(1, 0, vec![leave(), assign(0, 1)]),
            "Inconsistent",
        ),
    ]
}

/// A's text "ab", and what came of it.
fn known() -> Vec<u8> {
    let mut a = replica(A);
    insert(&mut a, 0, "ab");
    everything(&mut a)
}

fn identities() -> Vec<Vector> {
    let after = |name: &str, about: &str, bytes: Vec<u8>| {
        given(name, about, bytes).after(Kind::Changes, known()).fails("ReplicaIdReused")
    };
    let by_a = |counter, lamport, dependencies: &[u64], op: Item| {
        let replicas = if dependencies.is_empty() { 1 } else { 2 };
        body(replicas, 1, [change(0, counter, lamport, dependencies, vec![op])])
    };
    let typed = |tag: u64, letters: &str| array([uint(tag), uint(TEXT), text(letters)]);
    let create = || array([uint(5), uint(0), text("text"), uints(&[1])]);
    let other_time = body(1, 1, [change(0, 1, 2, &[], vec![typed(3, "abc")])]);
    let other_base = frame(
        Kind::Changes,
        map([(0, ids(&[A, B])), (4, columns([change(0, 0, 0, &[1, 0], vec![create()])]))]),
    );
    let assignment =
        |counter, lamport| body(1, 0, [change(0, counter, lamport, &[], vec![assign(0, 1)])]);
    let left = first(1, 0, vec![leave()]);
    let both =
        body(1, 0, [change(0, 0, 0, &[], vec![leave()]), change(0, 1, 1, &[], vec![assign(0, 1)])]);
    let held = |value| body(1, 0, [change(0, 9, 0, &[], vec![assign(0, value)])]);
    vec![
        after("reused-identity", "Another first change of A.", assignment(0, 0)),
        after("reused-within", "Another operation in the place of a letter.", assignment(1, 1)),
        after(
            "other-letter",
            "Another letter, and one that would be new.",
            by_a(2, 2, &[], typed(0, "xy")),
        ),
        after("other-place", "The same letter in another place.", by_a(2, 2, &[], typed(3, "b"))),
        after("other-time", "Known operations at another time.", other_time),
        after("other-dependencies", "A known change on something else.", other_base),
        given("reused-held-identity", "Another change than the one that is held.", held(2))
            .after(Kind::Changes, held(1))
            .fails("ReplicaIdReused"),
        given("author-left", "By a replica that has left.", assignment(1, 1))
            .after(Kind::Changes, left)
            .fails("AuthorLeft"),
        fails("author-leaves", "By a replica that leaves in the same frame.", both, "AuthorLeft"),
    ]
}

fn times() -> Vec<Vector> {
    let one = |author, counter, lamport, dependencies: &[u64]| {
        let replicas = if author == 0 && !dependencies.is_empty() { 2 } else { 1 };
        body(replicas, 0, [change(author, counter, lamport, dependencies, vec![assign(0, 1)])])
    };
    let on_a = |lamport| {
        let list = columns([change(0, 0, lamport, &[1, 2], vec![assign(0, 1)])]);
        frame(Kind::Changes, map([(0, ids(&[B, A])), (4, list)]))
    };
    vec![
        fails("time-ahead", "A first change at time 1.", one(0, 0, 1, &[]), "InvalidChange"),
        given("time-far-ahead", "A later time than all known changes allow.", one(0, 3, 4, &[]))
            .after(Kind::Changes, known())
            .fails("InvalidChange"),
        given("time-of-its-past", "Not later than its author's change before.", one(0, 3, 2, &[]))
            .after(Kind::Changes, known())
            .fails("InvalidChange"),
        given("time-of-dependency", "Not later than what it depends on.", on_a(2))
            .after(Kind::Changes, known())
            .fails("InvalidChange"),
    ]
}

fn references() -> Vec<Vector> {
    let after = |name: &str, about: &str, op: Item| {
        let bytes = body(1, 1, [change(0, 3, 3, &[], vec![op])]);
        given(name, about, bytes).after(Kind::Changes, known()).fails("InvalidChange")
    };
    let insertion =
        |tag: u64, counter: u64| array([uint(tag), uint(TEXT), uint(0), uint(counter), text("x")]);
    let unseen = body(
        1,
        0,
        [change(
            0,
            3,
            3,
            &[],
            vec![array([uint(5), uint(0), text("k"), uint(1), uint(0), uint(4)])],
        )],
    );
    let elsewhere = {
        let op = array([uint(2), uint(TEXT), uint(0), uint(1), text("x")]);
        let containers = array([uint(0), text("other"), uint(1)]);
        let fields =
            [(0, ids(&[A])), (2, containers), (4, columns([change(0, 3, 3, &[], vec![op])]))];
        frame(Kind::Changes, map(fields))
    };
    let next_of_assignment = {
        let insertion = array([uint(0), uint(TEXT), text("x")]);
        first(1, 1, vec![assign(0, 1), insertion])
    };
    vec![
        after("right-of-no-node", "The parent is an assignment.", insertion(1, 0)),
        after("left-of-later-node", "The parent is yet to come.", insertion(2, 9)),
        after("left-of-itself", "The parent is the node itself.", insertion(2, 3)),
        given("node-of-another-text", "The parent is in another text.", elsewhere)
            .after(Kind::Changes, known())
            .fails("InvalidChange"),
        fails(
            "next-of-assignment",
            "The identity before is no node.",
            next_of_assignment,
            "InvalidChange",
        ),
        after("delete-no-node", "Deletes an assignment.", uints(&[4, TEXT, 0, 0, 2])),
        given("deleted-twice", "Deletes a node twice.", {
            let deletions = vec![uints(&[4, TEXT, 0, 2, 2]), uints(&[4, TEXT, 0, 1, 4])];
            body(1, 1, [change(0, 3, 3, &[], deletions)])
        })
        .after(Kind::Changes, known())
        .fails("InvalidChange"),
        after("delete-later-node", "Deletes beyond what is there.", uints(&[4, TEXT, 0, 2, 4])),
        given("supersedes-unseen", "Supersedes what is yet to come.", unseen)
            .after(Kind::Changes, known())
            .fails("InvalidChange"),
    ]
}

/// A change by one that has not seen what all members agreed to prune.
fn pruned() -> Vec<Vector> {
    let mut a = replica(A);
    insert(&mut a, 0, "abc");
    let mut away = replica(B);
    away.apply(&everything(&mut a)).expect("it applies");
    let late = edited(&mut away, |away| insert(away, 1, "late"));
    a.delete_text("text", Unit::Scalar, 1, 1).expect("within the text");
    settle(&mut [&mut a]);
    a.prune();
    let floor = a.save();
    let mut alone = replica(C);
    alone.set("k", 1).expect("a key of the root");
    let nothing_known = replica(C).encode_version();
    let fine = since(&mut alone, &libsync::VersionVector::new());
    assert!(a.clone().apply(&fine).is_ok(), "who names nothing that is pruned is welcome");
    vec![
        given("below-the-floor", "It hangs on a node that is pruned.", late)
            .received_by(A)
            .after(Kind::Document, floor.clone())
            .fails("BelowPruneFloor"),
        making("asks-below-the-floor", "Asks for what is pruned.", Kind::Version, nothing_known)
            .received_by(A)
            .after(Kind::Document, floor)
            .fails("BelowPruneFloor"),
    ]
}
