//! Texts.

use libsync::{Replica, Unit, VersionVector};

use super::{concurrent_edits, finish, replica, send};

const PATH: &str = "/text";

fn insert(replica: &mut Replica, position: usize, text: &str) {
    replica.insert_text(PATH, Unit::Scalar, position, text).expect("the position is in the text");
}

/// Many replicas insert at one place, without each other.
pub(super) fn concurrent(n: usize) {
    concurrent_edits(
        n,
        |hub| insert(hub, 0, "[]"),
        |writer, i| insert(writer, 1, ["a", "b", "c"][i % 3]),
    );
}

/// One replica types from the end to the start.
pub(super) fn backwards(n: usize) {
    let mut writer = replica(1);
    (0..n).for_each(|_| insert(&mut writer, 0, "x"));
    finish(writer);
}

/// Two replicas type one character each in turn, each having seen the other's.
pub(super) fn alternating(n: usize) {
    let (mut a, mut b) = (replica(1), replica(2));
    for i in 0..n {
        insert(&mut a, i, "a");
        send(&mut a, &mut b);
        std::mem::swap(&mut a, &mut b);
    }
    finish(a);
}

/// A text is written and emptied, a hundred characters at a time.
pub(super) fn emptied(n: usize) {
    let mut writer = replica(1);
    for _ in 0..n / 200 {
        insert(&mut writer, 0, &"0123456789".repeat(10));
        writer.delete_text(PATH, Unit::Scalar, 0, 100).expect("the text is that long");
    }
    finish(writer);
}

/// Single characters are inserted in the middle of what is there, each at another place, and every
/// other one is deleted again.
pub(super) fn scattered(n: usize) {
    let mut writer = replica(1);
    insert(&mut writer, 0, "0123456789");
    let mut len = 10;
    for i in 0..n {
        // A step that has no factor in common with most lengths.
        let place = (i * 7_919) % len;
        if i % 3 == 2 {
            writer.delete_text(PATH, Unit::Utf16, place, 1).expect("the text is that long");
            len -= 1;
        } else {
            insert(&mut writer, place, "x");
            len += 1;
        }
    }
    finish(writer);
}

/// Frames of one edit each arrive in the reverse order: all but the last one to arrive have to wait.
pub(super) fn reversed_delivery(n: usize) {
    let mut writer = replica(1);
    let mut frames = Vec::new();
    for i in 0..n {
        let before = writer.version().clone();
        insert(&mut writer, i / 2, "x");
        frames.push(writer.export(&before).expect("nothing is pruned"));
    }
    let mut reader = replica(2);
    for frame in frames.iter().rev() {
        reader.apply(frame).expect("what a replica exports can be applied");
    }
    assert_eq!(reader.missing(), []);
    assert_eq!(
        reader.export(&VersionVector::new()),
        writer.export(&VersionVector::new()),
        "what arrived is what was sent"
    );
    finish(reader);
}
