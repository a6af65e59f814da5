//! Lists.

use libsync::{Kind, MAX_DEPTH, Replica};

use super::{concurrent_edits, finish, replica};

const PATH: &str = "/list";

fn insert(replica: &mut Replica, index: usize, item: i64) {
    replica.insert_items(PATH, index, [item]).expect("the index is in the list");
}

/// Many replicas insert at one place, without each other.
pub(super) fn concurrent(n: usize) {
    concurrent_edits(
        n,
        |hub| hub.insert_items(PATH, 0, [-1, -2]).expect("a list can be created"),
        |writer, i| insert(writer, 1, i as i64),
    );
}

/// Items are inserted at the start, one by one.
pub(super) fn prepended(n: usize) {
    let mut writer = replica(1);
    (0..n).for_each(|i| insert(&mut writer, 0, i as i64));
    finish(writer);
}

/// A list is filled and emptied, fifty items at a time.
pub(super) fn emptied(n: usize) {
    let mut writer = replica(1);
    for _ in 0..n / 100 {
        writer.insert_items(PATH, 0, 0..50).expect("a list can be created");
        writer.delete_items(PATH, 0, 50).expect("the list is that long");
    }
    finish(writer);
}

/// Lists in lists, to the greatest depth that there is; items are appended to the innermost.
pub(super) fn nesting(n: usize) {
    let mut writer = replica(1);
    let mut path = PATH.to_owned();
    writer.create(path.as_str(), Kind::List).expect("a list can be created");
    for _ in 0..MAX_DEPTH - 2 {
        writer.insert_items(path.as_str(), 0, [Kind::List]).expect("the list is there");
        path.push_str("/0");
    }
    for i in 0..n {
        writer.insert_items(path.as_str(), i, [i as i64]).expect("the list is there");
    }
    finish(writer);
}

/// One item of a list is assigned anew all the time.
pub(super) fn one_item_set(n: usize) {
    let mut writer = replica(1);
    writer.insert_items(PATH, 0, 0..100).expect("a list can be created");
    (0..n).for_each(|i| writer.set("/list/50", i as i64).expect("the item is there"));
    finish(writer);
}

/// One item goes to and fro.
pub(super) fn one_item_moved(n: usize) {
    let mut writer = replica(1);
    writer.insert_items(PATH, 0, 0..100).expect("a list can be created");
    for i in 0..n {
        let (from, to) = if i % 2 == 0 { (10, 90) } else { (90, 10) };
        writer.move_item(PATH, from, to).expect("the list is that long");
    }
    finish(writer);
}

/// Items from all over a list are moved to its front.
pub(super) fn many_items_moved(n: usize) {
    let mut writer = replica(1);
    let len = n as i64 / 2;
    writer.insert_items(PATH, 0, 0..len).expect("a list can be created");
    for i in 0..n / 2 {
        writer.move_item(PATH, (i * 7_919) % (n / 2), 0).expect("the list is that long");
    }
    finish(writer);
}
