//! Saved documents that are valid.

use libsync::{Replica, ReplicaId, SaveOptions, Unit};

use super::peers::{
    acknowledge, delete, edited, everything, exchange, insert, joined, replica, settle, since,
};
use super::saved::{container, one, places};
use super::{A, B, C, framed, making};
use crate::cbor::{array, ids, map, text, uint, uints};
use crate::vector::{Kind, Vector};

const DOCUMENT: Kind = Kind::Document;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = contents();
    vectors.extend(tombstones());
    vectors.extend(members());
    vectors.extend(waiting());
    vectors.extend(later());
    vectors.extend(shallow());
    vectors
}

fn contents() -> Vec<Vector> {
    let mut a = replica(A);
    a.insert_text("notes", Unit::Scalar, 0, "a𝄞").expect("the start of a text");
    let small = a.save();
    a.set("user.profile.bio", "sea").expect("through maps");
    a.set("user.profile.age", 40).expect("through maps");
    let mut b = replica(B);
    b.set("user.profile.bio", "land").expect("through maps");
    b.set("notes", 7).expect("a key of the root");
    exchange(&mut [&mut a, &mut b]);
    let conflicts = a.save();
    // A's removal leaves what B typed without having seen it.
    let mut c = replica(C);
    c.apply(&everything(&mut a)).expect("it applies");
    c.insert_text("user.about", Unit::Scalar, 0, "unseen").expect("the start of a text");
    a.remove("user").expect("through maps");
    exchange(&mut [&mut a, &mut c]);
    vec![
        making("empty", "A document in which nothing has happened.", DOCUMENT, {
            replica(A).save()
        })
        .shows("{}"),
        making("small", "A text of two characters, and the change that made it.", DOCUMENT, small)
            .shows(r#"{"notes":"a𝄞"}"#),
        making("conflicts", "Maps, values and two conflicts.", DOCUMENT, conflicts)
            .conflicts_at("/notes")
            .conflicts_at("/user/profile/bio")
            .shows(r#"{"notes":7,"user":{"profile":{"age":40,"bio":"sea"}}}"#),
        making("survivor", "A text that outlives the map around it.", DOCUMENT, a.save())
            .conflicts_at("/user")
            .shows(r#"{"notes":7,"user":{"about":"unseen"}}"#),
    ]
}

fn tombstones() -> Vec<Vector> {
    let mut a = replica(A);
    insert(&mut a, 0, "abcdef");
    let mut b = joined(&mut a, B);
    delete(&mut a, 1, 3);
    insert(&mut b, 3, "BB");
    exchange(&mut [&mut a, &mut b]);
    delete(&mut b, 0, 2);
    let unstable = b.save();
    settle(&mut [&mut a, &mut b]);
    let stable = a.save();
    a.prune();
    let pruned = a.save();
    insert(&mut a, 0, "A");
    delete(&mut a, 2, 1);
    let after = a.save();
    vec![
        making("tombstones", "Deleted runs, and who deleted them.", DOCUMENT, unstable)
            .shows(r#"{"text":"Bef"}"#),
        making("stable", "Everything is stable, nothing is pruned.", DOCUMENT, stable)
            .shows(r#"{"text":"Bef"}"#),
        making("pruned", "No tombstone and no change is left.", DOCUMENT, pruned)
            .shows(r#"{"text":"Bef"}"#),
        making("edited-after-pruning", "Changes above the floor.", DOCUMENT, after)
            .shows(r#"{"text":"ABf"}"#),
        making("deleted-backwards", "A run of deletions, the last node first.", DOCUMENT, {
            let mut a = replica(A);
            insert(&mut a, 0, "abcd");
            [3, 2, 1].iter().for_each(|&at| delete(&mut a, at, 1));
            a.save()
        })
        .shows(r#"{"text":"a"}"#),
        making("pruned-in-part", "Some deletions are pruned, some are not.", DOCUMENT, in_part())
            .shows(r#"{"text":"ax"}"#),
        making("kept-tombstone", "A tombstone that keeps two subtrees apart.", DOCUMENT, {
            kept(&["x", "y"])
        })
        .shows(r#"{"text":"axyc"}"#),
        making("spliced", "A node in the place of the one that it hung on.", DOCUMENT, spliced())
            .shows(r#"{"text":"abc"}"#),
    ]
}

/// Two members; the one has deleted what the other has not seen all of.
fn in_part() -> Vec<u8> {
    let mut a = replica(A);
    insert(&mut a, 0, "abcdefx");
    let mut b = joined(&mut a, B);
    delete(&mut a, 1, 2);
    exchange(&mut [&mut a, &mut b]);
    acknowledge(&mut [&mut a, &mut b]);
    acknowledge(&mut [&mut a, &mut b]);
    delete(&mut a, 1, 3);
    a.prune();
    a.save()
}

/// "abc" by A, of which "b" is deleted while each of two others inserts to the left of it.
fn kept(inserted: &[&str; 2]) -> Vec<u8> {
    let mut a = replica(A);
    insert(&mut a, 0, "abc");
    let mut b = joined(&mut a, B);
    let mut c = joined(&mut a, C);
    b.apply(&since(&mut a, b.version())).expect("it applies");
    insert(&mut b, 1, inserted[0]);
    insert(&mut c, 1, inserted[1]);
    delete(&mut a, 1, 1);
    settle(&mut [&mut a, &mut b, &mut c]);
    a.prune();
    a.save()
}

/// Three runs at the start of a text, of which the middle one is deleted but for what C hung on
/// it: that keeps its place between the others by its key.
fn spliced() -> Vec<u8> {
    let (mut a, mut b, mut c) = (replica(A), replica(B), replica(C));
    insert(&mut b, 0, "-");
    c.apply(&everything(&mut b)).expect("it applies");
    insert(&mut c, 1, "b");
    insert(&mut a, 0, "a");
    let mut d = replica(0x0d0d_0d0d_0d0d_0d0d);
    insert(&mut d, 0, "c");
    exchange(&mut [&mut a, &mut b, &mut c, &mut d]);
    delete(&mut a, 1, 1);
    settle(&mut [&mut a, &mut b, &mut c, &mut d]);
    a.prune();
    a.save()
}

fn members() -> Vec<Vector> {
    let mut a = replica(A);
    insert(&mut a, 0, "ab");
    let mut b = joined(&mut a, B);
    delete(&mut b, 0, 1);
    exchange(&mut [&mut a, &mut b]);
    acknowledge(&mut [&mut a, &mut b]);
    let acknowledged = a.save();
    b.leave().expect("it has not left");
    exchange(&mut [&mut a, &mut b]);
    vec![
        making("acknowledged", "What a member has acknowledged.", DOCUMENT, acknowledged)
            .shows(r#"{"text":"b"}"#),
        making("left", "One that was a member, and left.", DOCUMENT, a.save())
            .shows(r#"{"text":"b"}"#),
    ]
}

fn waiting() -> Vec<Vector> {
    let mut a = replica(A);
    edited(&mut a, |a| insert(a, 0, "a"));
    let second = edited(&mut a, |a| insert(a, 1, "b"));
    let mut b = replica(B);
    b.set("k", 1).expect("a key of the root");
    b.apply(&second).expect("it is held");

    // A newcomer that got the last changes first, and with them the stable cut.
    let mut c = replica(C);
    insert(&mut c, 0, "c");
    let first = c.version().clone();
    let mut d = joined(&mut c, B);
    settle(&mut [&mut c, &mut d]);
    let mut newcomer = replica(A);
    newcomer.apply(&since(&mut c, &first)).expect("it is held");
    let one = newcomer.save();
    for letter in ["d", "e"] {
        let known = c.version().clone();
        insert(&mut c, 0, letter);
        settle(&mut [&mut c, &mut d]);
        newcomer.apply(&since(&mut c, &first.join(&known))).expect("it is held");
    }
    vec![
        making("held", "A change that waits for another.", DOCUMENT, b.save()).shows(r#"{"k":1}"#),
        making("pending-cut", "A stable cut beyond the version.", DOCUMENT, one).shows("{}"),
        making("pending-cuts", "The first of three, and the others as one.", DOCUMENT, {
            newcomer.save()
        })
        .shows("{}"),
    ]
}

/// The state alone.
fn shallow() -> Vec<Vector> {
    let options = SaveOptions::new().shallow();
    let mut a = replica(A);
    insert(&mut a, 0, "abcdef");
    let mut b = joined(&mut a, B);
    delete(&mut a, 1, 2);
    settle(&mut [&mut a, &mut b]);
    a.prune();
    delete(&mut a, 2, 1);
    insert(&mut b, 1, "x");
    a.apply(&since(&mut b, a.version())).expect("it applies");
    let small = a.save_with(options);
    let mut loaded = Replica::load(&small, ReplicaId::new(A)).expect("what was saved");
    insert(&mut loaded, 0, "y");
    vec![
        making("shallow", "The state without changes, and where these start.", DOCUMENT, small)
            .shows(r#"{"text":"axdf"}"#),
        making("edited-shallow", "Changes since it was loaded.", DOCUMENT, loaded.save())
            .shows(r#"{"text":"yaxdf"}"#),
    ]
}

fn later() -> Vec<Vector> {
    let root = container(0, 1, [places([text("k"), one(0), array([])])]);
    let fields = map([
        (0, ids(&[A])),
        (4, uints(&[0, 1])),
        (5, text("of a later format")),
        (6, uints(&[0, 0])),
        (8, uint(1)),
        (10, uints(&[0, 1])),
        (14, uints(&[0, 1])),
        (16, uints(&[0, 1])),
        (20, array([root])),
    ]);
    vec![
        making("later-epoch", "Of epoch 7, with an optional field of a later format.", DOCUMENT, {
            framed(2, 1, 7, fields)
        })
        .shows_and_skips(r#"{"k":1}"#),
    ]
}
