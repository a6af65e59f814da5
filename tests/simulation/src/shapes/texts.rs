//! Texts.

use libsync::{Receiver, Replica, Sender, Unit, VersionVector};

use crate::random::Random;

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

/// Who types as people do: words, now and then with backspace, and somewhere else after a while.
struct Typist {
    random: Random,
    cursor: usize,
    len: usize,
}

impl Typist {
    const fn new() -> Self {
        Self { random: Random::new(1), cursor: 0, len: 0 }
    }

    /// One keystroke.
    fn press(&mut self, replica: &mut Replica) {
        if self.random.chance(1) {
            self.cursor = self.random.below(self.len + 1);
        }
        if self.cursor > 0 && self.random.chance(15) {
            self.cursor -= 1;
            self.len -= 1;
            let deleted = replica.delete_text(PATH, Unit::Scalar, self.cursor, 1);
            deleted.expect("the text is that long");
        } else {
            let letter = *self.random.pick(&["a", "b", " ", "é"]);
            insert(replica, self.cursor, letter);
            self.cursor += 1;
            self.len += 1;
        }
    }
}

/// One replica types.
pub(super) fn typed(n: usize) {
    let (mut writer, mut typist) = (replica(1), Typist::new());
    (0..n).for_each(|_| typist.press(&mut writer));
    finish(writer);
}

/// One replica types, and another one receives each keystroke in a stream.
pub(super) fn streamed(n: usize) {
    let (mut writer, mut typist) = (replica(1), Typist::new());
    let mut reader = replica(2);
    let (mut sender, mut receiver) = (Sender::new(VersionVector::new()), Receiver::new());
    for _ in 0..n {
        typist.press(&mut writer);
        let frame = writer.send(&mut sender).expect("nothing is pruned");
        let frame = frame.expect("there is something new");
        reader.receive(&mut receiver, &frame).expect("what a replica sends can be received");
    }
    assert_eq!(reader.to_json(), writer.to_json());
    finish(reader);
}

/// Single characters come and go at random places.
pub(super) fn random_edits(n: usize) {
    let (mut writer, mut random, mut len) = (replica(1), Random::new(1), 0);
    for _ in 0..n {
        if len > 0 && random.chance(30) {
            let deleted = writer.delete_text(PATH, Unit::Scalar, random.below(len), 1);
            deleted.expect("the text is that long");
            len -= 1;
        } else {
            insert(&mut writer, random.below(len + 1), "x");
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
