//! Saved documents that are wrong: in form, or in that their parts contradict each other.

use super::{A, B, frame, making};
use crate::cbor::{Item, array, ids, map, text, uint, uints};
use crate::vector::{Kind, Vector};

const VERSION: u64 = 4;
const FRONTIER: u64 = 6;
const LAMPORT: u64 = 8;
const MEMBERS: u64 = 10;
const ACKNOWLEDGED: u64 = 12;
const STABLE: u64 = 14;
const FLOOR: u64 = 16;
const PENDING: u64 = 18;
const CONTAINERS: u64 = 20;
const CHANGES: u64 = 22;
const HELD: u64 = 24;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = empty();
    vectors.extend(versions());
    vectors.extend(members());
    vectors.extend(maps());
    vectors.extend(containers());
    vectors.extend(runs());
    vectors.extend(trees());
    vectors.extend(deletions());
    vectors.extend(changes());
    vectors
}

/// A saved document in the making.
struct Saved(Vec<(u64, Item)>);

impl Saved {
    fn with(mut self, field: u64, item: Item) -> Self {
        self.0.retain(|(other, _)| *other != field);
        let place = self.0.partition_point(|(other, _)| *other < field);
        self.0.insert(place, (field, item));
        self
    }

    fn without(mut self, field: u64) -> Self {
        self.0.retain(|(other, _)| *other != field);
        self
    }

    fn bytes(self) -> Vec<u8> {
        frame(Kind::Document, map(self.0))
    }

    fn fails(self, name: &str, about: &str, error: &str) -> Vector {
        making(name, about, Kind::Document, self.bytes()).fails(error)
    }
}

/// A's assignment of 1 to "k", all of it pruned.
fn register() -> Saved {
    let slot = array([uint(0), text("k"), uints(&[0, 0, 0, 1])]);
    Saved(vec![
        (0, ids(&[A])),
        (VERSION, uints(&[0, 1])),
        (FRONTIER, uints(&[0, 0])),
        (LAMPORT, uint(1)),
        (MEMBERS, uints(&[0, 1])),
        (STABLE, uints(&[0, 1])),
        (FLOOR, uints(&[0, 1])),
        (CONTAINERS, array([slot])),
    ])
}

/// A's text "ab" in "t", pruned, and the deletion of "b", which is not.
fn typed() -> Saved {
    sequence("a", &[&[12, 0, 1, 1], &[1, 0, 2, 1]], &[0, 3, 0, 2, 1])
}

/// The same with other runs and deletions.
fn sequence(live: &str, runs: &[&[u64]], deletions: &[u64]) -> Saved {
    let root = array([uint(0), text("t"), array([uint(0), uint(0), uint(0), uints(&[1])])]);
    let runs = array(runs.iter().map(|run| uints(run)));
    let sequence = array([uint(1), text(live), runs, uints(deletions)]);
    let deletion = array([uint(0), uint(3), uint(3), array([]), uints(&[4, 1, 0, 2, 1])]);
    Saved(vec![
        (0, ids(&[A])),
        (2, array([uint(0), text("t"), uint(1)])),
        (VERSION, uints(&[0, 4])),
        (FRONTIER, uints(&[0, 3])),
        (LAMPORT, uint(4)),
        (MEMBERS, uints(&[0, 1])),
        (STABLE, uints(&[0, 3])),
        (FLOOR, uints(&[0, 3])),
        (CONTAINERS, array([root, sequence])),
        (CHANGES, array([deletion])),
    ])
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

fn runs() -> Vec<Vector> {
    let deletion: &[u64] = &[0, 3, 0, 2, 1];
    let of = |live: &str, runs: &[&[u64]]| sequence(live, runs, deletion);
    vec![
        of("a", &[&[12, 0, 1, 1], &[1, 0, 2]]).fails(
            "cut-run",
            "A run without a length.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[1, 0, 2, 0]]).fails(
            "empty-run",
            "A run of no nodes.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[3, 0, 2, 1]]).fails(
            "run-status",
            "Of no status.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[33, 0, 2, 1]]).fails(
            "run-flags",
            "With an unknown flag.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[5, 0, 2, 1, 0, 1]]).fails(
            "next-spelled-out",
            "To the right of the identity before.",
            "NotCanonical",
        ),
        of("a", &[&[12, 0, 1, 1], &[17, 0, 2, 1, 0, 2]]).fails(
            "key-spelled-out",
            "A key that is the run's own identity.",
            "NotCanonical",
        ),
        of("a", &[&[12, 0, 1, 1], &[17, 0, 2, 1]]).fails(
            "key-missing",
            "A flag and no key.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[5, 0, 2, 1]]).fails(
            "parent-missing",
            "No parent.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[1, 0, 2, 1, 0, 1]]).fails(
            "two-places",
            "Next, and a parent.",
            "Unexpected",
        ),
        sequence("ab", &[&[12, 0, 1, 1], &[0, 0, 2, 1]], &[]).fails(
            "runs-that-touch",
            "Two runs that are one.",
            "NotCanonical",
        ),
        of("ab", &[&[12, 0, 1, 1], &[1, 0, 2, 1]]).fails(
            "text-too-long",
            "More text than runs.",
            "Inconsistent",
        ),
        of("", &[&[12, 0, 1, 1], &[1, 0, 2, 1]]).fails(
            "text-too-short",
            "Less text than runs.",
            "Unexpected",
        ),
        of("a", &[&[12, 0, 1, 1], &[1, 0, 2, 3]]).fails(
            "run-beyond",
            "A run that is not in the version.",
            "Inconsistent",
        ),
        of("a", &[&[12, 0, 1, 1], &[13, 0, 2, 1 << 53]]).fails(
            "great-run",
            "A run that ends beyond 2^53.",
            "Limit",
        ),
    ]
}

fn trees() -> Vec<Vector> {
    let deletion: &[u64] = &[0, 3, 0, 2, 1];
    let of = |live: &str, runs: &[&[u64]]| sequence(live, runs, deletion);
    vec![
        of("a", &[&[1, 0, 2, 1], &[12, 0, 1, 1]]).fails(
            "reading-order",
            "Runs not as they read.",
            "Inconsistent",
        ),
        of("aa", &[&[12, 0, 1, 1], &[12, 0, 1, 1], &[1, 0, 2, 1]]).fails(
            "node-twice",
            "A node twice.",
            "Inconsistent",
        ),
        of("", &[&[5, 0, 2, 1, 0, 0]]).fails("no-parent", "It hangs on no node.", "Inconsistent"),
        of("", &[&[5, 0, 2, 1, 0, 2]]).fails("own-parent", "It hangs on itself.", "Inconsistent"),
        of("a", &[&[8, 0, 1, 1, 0, 2], &[9, 0, 2, 1, 0, 1]]).fails(
            "cycle",
            "Two hang on each other.",
            "Inconsistent",
        ),
        of("ab", &[&[12, 0, 0, 2], &[5, 0, 2, 1, 0, 0]]).fails(
            "middle-parent",
            "It hangs within a run.",
            "Inconsistent",
        ),
        of("a", &[&[12, 0, 1, 1], &[29, 0, 2, 1, 0, 1]]).fails(
            "sibling-keys",
            "Two siblings with one key.",
            "Inconsistent",
        ),
        of("a", &[&[12, 0, 1, 1], &[29, 0, 2, 1, 0, 4]]).fails(
            "key-beyond",
            "A key that is not in the version.",
            "Inconsistent",
        ),
    ]
}

fn deletions() -> Vec<Vector> {
    let of = |deletions: &[u64]| sequence("a", &[&[12, 0, 1, 1], &[1, 0, 2, 1]], deletions);
    // A pruned "abc"; the deletions of "b" and "c" are not.
    let three = |deletions: &[u64]| {
        let change = array([uint(0), uint(4), uint(4), array([]), uints(&[4, 1, 0, 2, 2])]);
        sequence("a", &[&[12, 0, 1, 1], &[1, 0, 2, 2]], deletions)
            .with(VERSION, uints(&[0, 6]))
            .with(FRONTIER, uints(&[0, 5]))
            .with(LAMPORT, uint(6))
            .with(STABLE, uints(&[0, 4]))
            .with(FLOOR, uints(&[0, 4]))
            .with(CHANGES, array([change]))
    };
    vec![
        of(&[0, 3, 0, 2]).fails("cut-deletion", "Four fifths of a deletion.", "Unexpected"),
        of(&[0, 3, 0, 2, 0]).fails("empty-deletion", "A deletion of no nodes.", "Unexpected"),
        of(&[0, 3, 0, 1, 1]).fails(
            "deleted-and-live",
            "A deletion of a live node.",
            "Inconsistent",
        ),
        of(&[0, 3, 0, 4, 1]).fails(
            "deletion-of-nothing",
            "A deletion of no node here.",
            "Inconsistent",
        ),
        of(&[0, 4, 0, 2, 1]).fails(
            "deletion-beyond",
            "A deletion that is not in the version.",
            "Inconsistent",
        ),
        of(&[0, 2, 0, 2, 1]).fails(
            "deletion-pruned",
            "A deletion below the floor.",
            "Inconsistent",
        ),
        of(&[]).fails("deleted-by-none", "A deleted node without a deletion.", "Inconsistent"),
        of(&[0, 3, 0, 2, 1, 0, 3, 0, 2, 1]).fails(
            "deletion-twice",
            "A deletion twice.",
            "NotCanonical",
        ),
        three(&[0, 5, 0, 3, 1, 0, 4, 0, 2, 1]).fails(
            "deletion-order",
            "Deletions not in order.",
            "NotCanonical",
        ),
        three(&[0, 4, 0, 2, 1, 0, 5, 0, 3, 1]).fails(
            "deletions-that-touch",
            "Two that are one.",
            "NotCanonical",
        ),
        three(&[0, 4, 0, 2, 2, 0, 5, 0, 3, 1]).fails(
            "deletions-that-overlap",
            "Two deletions of one identity.",
            "NotCanonical",
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
