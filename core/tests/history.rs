//! History: versions that are refused, times, changes, forks and what is kept after pruning.

use libsync::{
    Commit, Delta, DocumentId, EditError, Frontier, HistoryError, ListDelta, OpId, Options, Origin,
    Pruning, Replica, ReplicaId, TextDelta, Unit, VersionVector,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const A: ReplicaId = ReplicaId::new(1);
const B: ReplicaId = ReplicaId::new(2);

/// A has made B a member and written `a`; B has seen that and written `b`; A has seen that.
fn pair(options: Options) -> (Replica, Replica) {
    let mut a = Replica::with_options(DOCUMENT, A, options);
    a.join(B).unwrap();
    let mut b = Replica::load_with_options(&a.save(), B, options).unwrap();
    a.set("a", 1).unwrap();
    exchange(&mut a, &mut b);
    b.set("b", 2).unwrap();
    exchange(&mut a, &mut b);
    (a, b)
}

fn exchange(a: &mut Replica, b: &mut Replica) {
    let to_b = a.export(b.version()).unwrap();
    a.apply(&b.export(a.version()).unwrap()).unwrap();
    b.apply(&to_b).unwrap();
}

/// Both know that all is stable.
fn settle(a: &mut Replica, b: &mut Replica) {
    for _ in 0..2 {
        let (from_a, from_b) = (a.acknowledge(), b.acknowledge());
        a.apply_acknowledgement(&from_b).unwrap();
        b.apply_acknowledgement(&from_a).unwrap();
    }
}

fn version(counts: &[(ReplicaId, u64)]) -> VersionVector {
    counts.iter().copied().collect()
}

#[test]
fn a_version_that_nobody_had_is_refused() {
    let (a, _) = pair(Options::default());
    let unknown = version(&[(A, 3)]);
    let refused = HistoryError::Unknown { id: OpId::new(A, 2) };
    assert_eq!(a.at(&unknown).map(drop), Err(refused.clone()));
    assert_eq!(a.text_at("t", &unknown), Err(refused.clone()));
    assert_eq!(a.diff(&unknown, a.version(), Unit::Scalar), Err(refused));
    let open = version(&[(A, 1), (B, 1)]);
    let refused = HistoryError::NotClosed { id: OpId::new(B, 0), needs: OpId::new(A, 1) };
    assert_eq!(a.at(&open).map(drop), Err(refused));
    let huge = version(&[(A, u64::MAX), (ReplicaId::new(u64::MAX), u64::MAX)]);
    assert!(matches!(a.at(&huge), Err(HistoryError::Unknown { .. })));
    assert!(a.changes_since(&huge).unwrap().count() <= 1);
}

#[test]
fn heads_stand_for_all_that_they_depend_on() {
    let (a, _) = pair(Options::default());
    let heads: Frontier = [OpId::new(B, 0)].into_iter().collect();
    assert_eq!(a.version_of(&heads), Ok(version(&[(A, 2), (B, 1)])));
    assert_eq!(a.version_of(a.frontier()), Ok(a.version().clone()));
    assert_eq!(a.version_of(&Frontier::default()), Ok(VersionVector::new()));
    let unknown: Frontier = [OpId::new(B, 1)].into_iter().collect();
    assert_eq!(a.version_of(&unknown), Err(HistoryError::Unknown { id: OpId::new(B, 1) }));
}

#[test]
fn a_time_takes_what_its_changes_depend_on() {
    let (mut a, mut b) = (Replica::new(DOCUMENT, A), Replica::new(DOCUMENT, B));
    a.set("untimed", 0).unwrap();
    // A's clock is fast.
    a.set_time(Some(900));
    a.set("fast", 1).unwrap();
    exchange(&mut a, &mut b);
    b.set_time(Some(100));
    b.set("b", 1).unwrap();
    b.set_time(None);
    b.set("after b", 1).unwrap();
    b.set_time(Some(200));
    b.set("b", 2).unwrap();
    exchange(&mut a, &mut b);
    for replica in [&a, &b] {
        let json = |time| replica.at_time(time).unwrap().to_json();
        assert_eq!(json(99), r#"{"untimed":0}"#, "before all that have a time");
        let at_100 = r#"{"after b":1,"b":1,"fast":1,"untimed":0}"#;
        assert_eq!(json(100), at_100, "with what it was made on, and what has no time after it");
        assert_eq!(json(199), at_100);
        assert_eq!(json(200), replica.to_json());
        assert_eq!(&replica.version_at_time(i64::MAX), replica.version());
    }
}

#[test]
fn changes_come_after_what_they_depend_on() {
    let (mut a, mut b) = pair(Options::default());
    for round in 0..200 {
        a.set("a", round).unwrap();
        b.set("b", round).unwrap();
        if round % 3 == 0 {
            exchange(&mut a, &mut b);
        }
    }
    exchange(&mut a, &mut b);
    let mut seen = VersionVector::new();
    for change in a.changes() {
        assert_eq!(change.id.counter, seen.get(change.id.replica), "in the author's order");
        assert!(change.dependencies.iter().all(|&head| seen.contains(head)));
        seen.set(change.id.replica, change.id.counter + change.len);
    }
    assert_eq!(&seen, a.version());
    let since = version(&[(A, 5), (B, 7)]);
    let rest: u64 = a.changes_since(&since).unwrap().map(|change| change.len).sum();
    assert_eq!(rest, a.version().ahead_of(&since));
}

#[test]
fn a_diff_says_what_was_inserted_deleted_and_moved() {
    let mut a = Replica::new(DOCUMENT, A);
    a.insert_text("t", Unit::Scalar, 0, "a😀b").unwrap();
    a.insert_items("l", 0, ["1", "2", "3", "4"]).unwrap();
    let before = a.version().clone();
    a.delete_text("t", Unit::Scalar, 1, 1).unwrap();
    a.insert_text("t", Unit::Scalar, 1, "語").unwrap();
    a.move_item("l", 3, 0).unwrap();
    a.set("l.2", "two").unwrap();
    let event = a.diff(&before, a.version(), Unit::Utf16).unwrap();
    assert_eq!(event.origin, Origin::Checkout);
    let places = vec![ListDelta::Move { from: 3 }, ListDelta::Retain(3), ListDelta::Delete(1)];
    assert_eq!(event.diffs[0].delta, Delta::List(places));
    let set = ListDelta::Set { old: "2".into(), new: "two".into(), in_conflict: false };
    assert_eq!(event.diffs[1].delta, Delta::List(vec![ListDelta::Retain(2), set]));
    let text = vec![TextDelta::Retain(1), TextDelta::Insert("語".to_owned()), TextDelta::Delete(2)];
    assert_eq!(event.diffs[2].delta, Delta::Text(text));
}

#[test]
fn a_text_that_was_replaced_or_moved_is_found_where_it_was() {
    let mut a = Replica::new(DOCUMENT, A);
    a.insert_text("x.t", Unit::Scalar, 0, "ab").unwrap();
    a.insert_items("l", 0, [libsync::Kind::Text]).unwrap();
    a.insert_text("l.0", Unit::Scalar, 0, "cd").unwrap();
    let before = a.version().clone();
    a.insert_items("l", 0, ["first"]).unwrap();
    a.delete_text("x.t", Unit::Scalar, 0, 1).unwrap();
    let between = a.version().clone();
    a.set("x", 1).unwrap();
    assert_eq!(a.text_at("x.t", &before).unwrap(), "ab");
    assert_eq!(a.text_at("x.t", &between).unwrap(), "b");
    assert_eq!(a.text_at("l.0", &before).unwrap(), "cd");
    assert_eq!(a.text_at("l.1", &between).unwrap(), "cd");
    assert!(matches!(a.text_at("x.t", a.version()), Err(HistoryError::Read(_))));
    let loaded = Replica::load(&a.save(), A).unwrap();
    assert_eq!(loaded.text_at("x.t", &before).unwrap(), "ab");
}

#[test]
fn a_revert_is_one_change_that_others_merge() {
    let (mut a, mut b) = pair(Options::default());
    a.insert_text("t", Unit::Scalar, 0, "one two").unwrap();
    exchange(&mut a, &mut b);
    let before = a.version().clone();
    a.delete_text("t", Unit::Scalar, 0, 4).unwrap();
    a.set("a", 9).unwrap();
    b.insert_text("t", Unit::Scalar, 7, " three").unwrap();
    let first = a.revert_to(&before, Commit::new().message("back")).unwrap().unwrap();
    let change = a.change(first).unwrap();
    assert_eq!(change.commit.message.as_deref(), Some("back"));
    assert_eq!(first.counter + change.len, a.version().get(A), "one change");
    exchange(&mut a, &mut b);
    assert_eq!(a.to_json(), r#"{"a":1,"b":2,"t":"one two three"}"#);
    assert_eq!(a.to_json(), b.to_json());
    let now = a.version().clone();
    assert_eq!(a.revert_to(&now, Commit::new()), Ok(None));
    a.begin().unwrap();
    let refused = HistoryError::Edit(EditError::InTransaction);
    assert_eq!(a.revert_to(&before, Commit::new()), Err(refused));
}

#[test]
fn what_only_grows_is_not_reverted() {
    let mut a = Replica::new(DOCUMENT, A);
    a.create("g", libsync::Kind::GrowOnlyCounter).unwrap();
    let before = a.version().clone();
    a.increment("g", 2).unwrap();
    a.set("x", 1).unwrap();
    let saved = a.save();
    let refused = a.revert_to(&before, Commit::new());
    assert!(matches!(refused, Err(HistoryError::Edit(EditError::GrowOnly { .. }))));
    assert_eq!(a.save(), saved);
}

#[test]
fn a_counter_comes_back_from_one_end_of_its_range_to_the_other() {
    let mut a = Replica::new(DOCUMENT, A);
    a.increment("c", i64::MAX).unwrap();
    let before = a.version().clone();
    a.increment("c", -i64::MAX).unwrap();
    a.increment("c", i64::MIN).unwrap();
    a.revert_to(&before, Commit::new()).unwrap();
    assert_eq!(a.count("c"), Ok(i64::MAX));
}

#[test]
fn history_reaches_down_to_the_prune_floor() {
    let keep = |keep_history| {
        let mut options = Options::default();
        options.keep_history = keep_history;
        options
    };
    for kept in [true, false] {
        let (mut a, mut b) = pair(keep(kept));
        let below = a.version().clone();
        a.set("a", 3).unwrap();
        exchange(&mut a, &mut b);
        settle(&mut a, &mut b);
        a.prune();
        let floor = a.version().clone();
        a.set("a", 4).unwrap();
        let later = a.version().clone();
        a.set("a", 5).unwrap();
        let refused = HistoryError::BelowPruneFloor { floor: floor.clone() };
        assert_eq!(a.at(&below).map(drop), Err(refused.clone()));
        assert_eq!(a.changes_since(&below).map(drop), Err(refused));
        assert_eq!(a.version_of(a.frontier()).as_ref(), Ok(a.version()));
        let json = |version| a.at(version).map(|past| past.to_json());
        if kept {
            assert_eq!(json(&floor).unwrap(), r#"{"a":3,"b":2}"#);
            assert_eq!(json(&later).unwrap(), r#"{"a":4,"b":2}"#);
            assert!(a.memory().history_bytes > 0);
        } else {
            assert_eq!(json(&floor), Err(HistoryError::NotKept { floor: floor.clone() }));
            assert_eq!(a.memory().history_bytes, 0);
        }
        assert_eq!(json(a.version()).unwrap(), r#"{"a":5,"b":2}"#);
    }
}

#[test]
fn a_fork_below_what_others_may_prune_is_refused() {
    let mut options = Options::default();
    options.pruning = Pruning::Manual;
    let (mut a, mut b) = pair(options);
    let before = a.version().clone();
    a.set("a", 3).unwrap();
    exchange(&mut a, &mut b);
    settle(&mut a, &mut b);
    let since = a.version().clone();
    let c = ReplicaId::new(3);
    assert_eq!(a.fork_at(&before, c).map(drop), Err(HistoryError::BelowStableCut { since }));
    let now = a.version().clone();
    let reused = |id| Err(HistoryError::ReplicaIdReused { id });
    assert_eq!(a.fork_at(&now, A).map(drop), reused(A));
    assert_eq!(a.fork_at(&now, B).map(drop), reused(B));
    a.set("a", 4).unwrap();
    let mut fork = a.fork_at(&now, c).unwrap();
    assert_eq!(fork.to_json(), r#"{"a":3,"b":2}"#);
    fork.set("c", 1).unwrap();
    let loaded = Replica::load(&fork.save(), c).unwrap();
    assert_eq!(loaded.to_json(), fork.to_json(), "a fork can be saved");
    exchange(&mut a, &mut fork);
    assert_eq!(a.to_json(), r#"{"a":4,"b":2,"c":1}"#);
    assert_eq!(fork.to_json(), a.to_json());
}
