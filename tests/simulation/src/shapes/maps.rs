//! Maps, and transactions.

use libsync::{Commit, EditError, MAX_DEPTH};

use super::{concurrent_edits, finish, replica};

/// Many replicas assign to one key, without each other: all of it is a conflict.
pub(super) fn concurrent(n: usize) {
    concurrent_edits(
        n,
        |hub| hub.set("k", 0).expect("a key can be set"),
        |writer, i| writer.set("k", i as i64).expect("a key can be set"),
    );
}

/// Values at the greatest depth that there is, each under another key of the innermost map.
pub(super) fn nesting(n: usize) {
    let mut writer = replica(1);
    let parents = "/m".repeat(MAX_DEPTH - 1);
    for i in 0..n {
        writer.set(format!("{parents}/{i}"), i as i64).expect("the depth is allowed");
    }
    finish(writer);
}

/// One key is assigned anew all the time.
pub(super) fn one_key(n: usize) {
    let mut writer = replica(1);
    (0..n).for_each(|i| writer.set("k", i as i64).expect("a key can be set"));
    finish(writer);
}

/// A map is filled and emptied, fifty keys at a time, key by key.
pub(super) fn emptied(n: usize) {
    let mut writer = replica(1);
    for _ in 0..n / 100 {
        for key in 0..50 {
            writer.set(format!("m.{key}"), key).expect("a key can be set");
        }
        for key in 0..50 {
            assert!(writer.remove(format!("m.{key}")).expect("the map is there"));
        }
    }
    finish(writer);
}

/// All edits are one transaction, with reads in between.
pub(super) fn transaction(n: usize) {
    let mut writer = replica(1);
    let done = writer.transact(Commit::new().message("all"), |replica| {
        for i in 0..n {
            replica.set(format!("m.{}", i % 1_000), i as i64)?;
            assert!(replica.get("m.0")?.is_some());
        }
        Ok::<_, EditError>(())
    });
    done.expect("each edit can be made");
    finish(writer);
}

/// Ten edits at a time are made and undone, in a document that grows by one edit at a time.
pub(super) fn aborted(n: usize) {
    let mut writer = replica(1);
    for i in 0..n / 11 {
        writer.set(format!("m.{i}"), i as i64).expect("a key can be set");
        writer.begin().expect("no transaction is open");
        (0..10).for_each(|j| writer.set(format!("m.{j}"), -1).expect("a key can be set"));
        assert!(writer.abort());
    }
    finish(writer);
}
