//! Causality of single places.

use libsync::{Causality, ReadError, Replica, ReplicaId, Unit, VersionVector};

use super::{DOCUMENT, concurrently, exchange};

fn version(counts: &[(u64, u64)]) -> VersionVector {
    counts.iter().map(|&(replica, count)| (ReplicaId::new(replica), count)).collect()
}

fn stands(a: &Replica, b: &Replica, path: &str) -> Causality {
    a.clock(path).unwrap().compare(&b.clock(path).unwrap())
}

#[test]
fn places_compare_as_what_happened_there() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.set("x", 1).unwrap();
    a.set("y.z", 1).unwrap();
    let mut b = Replica::load(&a.save(), ReplicaId::new(2)).unwrap();
    assert_eq!(stands(&a, &b, "x"), Causality::Equal);
    b.set("x", 2).unwrap();
    assert_eq!(stands(&a, &b, "x"), Causality::Before);
    assert_eq!(stands(&b, &a, "x"), Causality::After);
    assert_eq!(stands(&a, &b, "y"), Causality::Equal);
    a.set("x", 3).unwrap();
    assert_eq!(stands(&a, &b, "x"), Causality::Concurrent);
    b.insert_text("y.t", Unit::Scalar, 0, "abc").unwrap();
    assert_eq!(stands(&a, &b, "y"), Causality::Before);
    assert_eq!(stands(&a, &b, "y.z"), Causality::Equal);
    exchange(&mut a, &mut b);
    for path in ["", "x", "y", "y.z", "y.t"] {
        assert_eq!(stands(&a, &b, path), Causality::Equal, "{path}");
    }
    assert_eq!(a.clock("x").unwrap(), version(&[(1, 4), (2, 1)]));
}

#[test]
fn a_clock_does_not_depend_on_the_order_of_arrival() {
    let seen = |a: &mut Replica| a.set("k", 1).unwrap();
    let (a, b) =
        concurrently(seen, |a| assert!(a.remove("k").unwrap()), |b| b.set("k", 2).unwrap());
    // B had its own assignment before the removal, A after.
    assert_eq!(a.clock("k").unwrap(), version(&[(1, 3), (2, 1)]));
    assert_eq!(stands(&a, &b, "k"), Causality::Equal);
    let loaded = Replica::load(&a.save(), ReplicaId::new(3)).unwrap();
    assert_eq!(stands(&loaded, &b, "k"), Causality::Equal);
}

#[test]
fn an_item_keeps_its_clock_where_it_is_moved() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.insert_items("l", 0, ["a", "b"]).unwrap();
    assert_eq!(a.clock("l.0").unwrap(), version(&[(1, 2)]));
    a.move_item("l", 0, 1).unwrap();
    assert_eq!(a.clock("l.1").unwrap(), version(&[(1, 4)]));
    assert_eq!(a.clock("l.0").unwrap(), version(&[(1, 3)]));
}

#[test]
fn what_is_not_there_has_no_clock() {
    let a = Replica::new(DOCUMENT, ReplicaId::new(1));
    assert!(matches!(a.clock("k"), Err(ReadError::NotFound { .. })));
    assert!(a.clock("").unwrap().is_empty());
}

#[test]
fn pruning_within_a_place_leaves_its_clock() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.join(ReplicaId::new(2)).unwrap();
    a.set("user.name", 1).unwrap();
    let mut b = Replica::load(&a.save(), ReplicaId::new(2)).unwrap();
    b.set("user.sub.x", 1).unwrap();
    exchange(&mut a, &mut b);
    a.remove("user.sub").unwrap();
    exchange(&mut a, &mut b);
    for _ in 0..2 {
        b.apply_acknowledgement(&a.acknowledge()).unwrap();
        a.apply_acknowledgement(&b.acknowledge()).unwrap();
    }
    assert!(a.prune().changes > 0);
    assert_eq!(stands(&a, &b, "user"), Causality::Equal);
}
