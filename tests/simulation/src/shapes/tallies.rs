//! Sets and counters.

use libsync::{Replica, Value};

use super::{concurrent_edits, finish, replica, send};

/// Runs `edit` on two replicas in turn, which exchange all after every tenth.
fn hammer(n: usize, edit: impl Fn(&mut Replica, usize)) {
    let (mut a, mut b) = (replica(1), replica(2));
    for i in 0..n {
        edit(if i % 2 == 0 { &mut a } else { &mut b }, i);
        if i % 10 == 9 {
            send(&mut a, &mut b);
            send(&mut b, &mut a);
        }
    }
    send(&mut a, &mut b);
    finish(b);
}

/// Two replicas add and discard the same few elements.
pub(super) fn set(n: usize) {
    hammer(n, |replica, i| {
        let element = Value::Int((i / 4 % 8) as i64);
        if i % 4 < 2 {
            replica.add("set", element).expect("a set can be created");
        } else if replica.get("set").expect("the root is a map").is_some() {
            replica.discard("set", &element).expect("the set is there");
        }
    });
}

/// A set of ever more elements, each of them added twice.
pub(super) fn grown(n: usize) {
    let mut writer = replica(1);
    for i in 0..n {
        writer.add("set", format!("element {}", i / 2)).expect("a set can be created");
    }
    finish(writer);
}

/// Two replicas count up and down, and now and then remove the counter.
pub(super) fn counter(n: usize) {
    hammer(n, |replica, i| {
        if i % 100 == 99 {
            replica.remove("counter").expect("the root is a map");
        } else {
            let delta = if i % 3 == 0 { -1 } else { 2 };
            replica.increment("counter", delta).expect("a counter can be created");
        }
    });
}

/// Many replicas count at one counter, without each other.
pub(super) fn shared(n: usize) {
    concurrent_edits(
        n,
        |hub| hub.increment("counter", 1).expect("a counter can be created"),
        |writer, i| writer.increment("counter", i as i64 + 1).expect("the counter is there"),
    );
}
