//! Valid frames of changes: what an author says of a change, and removals that win.

use libsync::{Commit, EditError, Kind, Replica};

use super::peers::{edited, everything, replica, set};
use super::{A, B, C, making};
use crate::vector::{self, Vector};

const CHANGES: vector::Kind = vector::Kind::Changes;

pub fn vectors() -> Vec<Vector> {
    let mut vectors = commits();
    vectors.extend(removals_that_win());
    vectors.extend(unasserted());
    vectors
}

fn committed(replica: &mut Replica, commit: Commit, edit: impl FnOnce(&mut Replica)) {
    let committed = replica.transact(commit, |replica| {
        edit(replica);
        Ok::<_, EditError>(())
    });
    committed.expect("no other transaction is open");
}

fn commits() -> Vec<Vector> {
    let said = |commit: Commit| {
        let mut a = replica(A);
        committed(&mut a, commit, |a| set(a, "k", 1));
        everything(&mut a)
    };
    let whole = Commit::new().at(1_732_194_000_000_000).message("Sign up").origin("phone");
    let mut a = replica(A);
    committed(&mut a, whole.clone(), |a| {
        set(a, "user.name", "Ada");
        drop(a.add("user.roles", "author"));
    });
    let transaction = everything(&mut a);
    // Changes of one commit are merged, those of others are not.
    let mut b = replica(A);
    let first = edited(&mut b, |b| committed(b, whole.clone(), |b| set(b, "a", 1)));
    committed(&mut b, whole, |b| set(b, "b", 2));
    set(&mut b, "c", 3);
    b.set_time(Some(7));
    set(&mut b, "d", 4);
    vec![
        making("commit", "A transaction with all that is said of one.", CHANGES, transaction)
            .shows(r#"{"user":{"name":"Ada","roles":["author"]}}"#),
        making("commit-time", "A time before 1970, alone.", CHANGES, {
            said(Commit::new().at(-1))
        })
        .shows(r#"{"k":1}"#),
        making("commit-message", "A message alone.", CHANGES, said(Commit::new().message("é")))
            .shows(r#"{"k":1}"#),
        making("commit-origin", "An empty origin is one.", CHANGES, {
            said(Commit::new().origin(""))
        })
        .shows(r#"{"k":1}"#),
        making("commits-in-part", "Four changes, of which half the first is known.", CHANGES, {
            everything(&mut b)
        })
        .after(CHANGES, first)
        .shows_and_skips(r#"{"a":1,"b":2,"c":3,"d":4}"#),
    ]
}

fn removals_that_win() -> Vec<Vector> {
    let win = |replica: &mut Replica| {
        assert!(replica.remove_wins("k").expect("a key of the root"), "it is there");
    };
    let mut a = replica(A);
    let made = edited(&mut a, |a| {
        set(a, "k.in", 1);
        set(a, "other", 2);
    });
    let (mut b, mut c) = (replica(B), replica(C));
    b.apply(&made).expect("it applies");
    c.apply(&made).expect("it applies");
    let removed = edited(&mut a, |a| win(a));
    let assigned = edited(&mut b, |b| set(b, "k", "unseen"));
    let inside = edited(&mut c, |c| set(c, "k.more", 3));
    b.apply(&removed).expect("it applies");
    b.apply(&inside).expect("it applies");
    let again = edited(&mut b, |b| set(b, "k", "seen"));
    vec![
        making("removed-for-good", "Assigns the absence of anything.", CHANGES, removed.clone())
            .after(CHANGES, made.clone())
            .conflicts_at("/k")
            .shows(r#"{"other":2}"#),
        making("absence-wins", "Not shown, but a conflict.", CHANGES, assigned.clone())
            .after(CHANGES, made.clone())
            .after(CHANGES, removed.clone())
            .conflicts_at("/k")
            .shows(r#"{"other":2}"#),
        making("absence-hides", "Nor is what is edited in the container.", CHANGES, inside.clone())
            .after(CHANGES, made.clone())
            .after(CHANGES, removed.clone())
            .conflicts_at("/k")
            .shows(r#"{"other":2}"#),
        making("absence-superseded", "Assigned by one who has seen it.", CHANGES, again)
            .after(CHANGES, made)
            .after(CHANGES, removed)
            .after(CHANGES, assigned)
            .after(CHANGES, inside)
            .conflicts_at("/k")
            .shows(r#"{"k":"seen","other":2}"#),
    ]
}

/// Containers that no assignment asserts any more, and that have content.
fn unasserted() -> Vec<Vector> {
    let mut a = replica(A);
    let set_made = edited(&mut a, |a| drop(a.add("k", 1)));
    let mut b = replica(B);
    b.apply(&set_made).expect("it applies");
    let unseen = edited(&mut b, |b| drop(b.add("k", 2)));
    let list_made = edited(&mut a, |a| a.create("k", Kind::List).expect("a key of the root"));
    let mut c = replica(C);
    c.apply(&set_made).expect("it applies");
    c.apply(&list_made).expect("it applies");
    let in_list = edited(&mut c, |c| c.insert_items("k", 0, ["item"]).expect("a list"));
    let removed = edited(&mut a, |a| drop(a.remove("k")));
    vec![
        making("unasserted", "A list and a set live on: the list is shown.", CHANGES, removed)
            .after(CHANGES, set_made)
            .after(CHANGES, unseen)
            .after(CHANGES, list_made)
            .after(CHANGES, in_list)
            .conflicts_at("/k")
            .shows(r#"{"k":["item"]}"#),
    ]
}
