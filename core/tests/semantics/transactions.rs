//! Transactions, and what is said of changes.

use libsync::{
    AcknowledgeError, ApplyError, Commit, Content, EditError, ExportError, Kind, OpId, Replica,
    ReplicaId, Unit, VersionVector,
};

use super::{DOCUMENT, concurrently, exchange};

/// Something of every kind.
fn everything() -> Replica {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.join(ReplicaId::new(2)).unwrap();
    a.set("user.name", "Ada").unwrap();
    a.insert_text("notes", Unit::Scalar, 0, "hello world").unwrap();
    a.insert_items("list", 0, ["a", "b", "c"]).unwrap();
    a.insert_items("list", 3, [Kind::Map]).unwrap();
    a.set("list.3.x", 1).unwrap();
    a.increment("n", 5).unwrap();
    a.add("set", 1).unwrap();
    a
}

/// Edits of every kind.
fn edit_everything(a: &mut Replica) -> Result<(), EditError> {
    a.set("user.age", 36)?;
    a.remove("user.name")?;
    a.remove_wins("user")?;
    a.insert_text("notes", Unit::Scalar, 5, ",")?;
    a.delete_text("notes", Unit::Scalar, 2, 6)?;
    a.insert_text("notes", Unit::Scalar, 0, "new ")?;
    a.insert_items("list", 1, ["x", "y"])?;
    a.move_item("list", 0, 3)?;
    a.move_item("list", 5, 0)?;
    a.set("list.0.x", 2)?;
    a.delete_items("list", 0, 3)?;
    a.set("list.0", "set")?;
    a.increment("n", 3)?;
    a.remove("n")?;
    a.increment("fresh.n", 1)?;
    a.add("set", 2)?;
    a.discard("set", &1.into())?;
    a.create("deep.er.list", Kind::List)?;
    a.set("/deep/er/list/-/k", 1)?;
    a.remove("set")?;
    Ok(())
}

#[test]
fn an_abort_undoes_everything() {
    let mut a = everything();
    let (saved, json, version) = (a.save(), a.to_json(), a.version().clone());
    a.begin().unwrap();
    edit_everything(&mut a).unwrap();
    assert_ne!(a.to_json(), json);
    assert_eq!(a.version(), &version, "nothing is known of it yet");
    assert_eq!(a.save(), saved, "nothing of it is saved");
    assert!(a.abort());
    assert!(!a.abort());
    assert_eq!(a.to_json(), json);
    assert_eq!(a.save(), saved);
    edit_everything(&mut a).unwrap();
    let mut b = everything();
    b.transact(Commit::new(), edit_everything).unwrap();
    assert_eq!(a.to_json(), b.to_json());
}

#[test]
fn a_transaction_is_one_change() {
    let mut a = everything();
    let commit = Commit::new().at(1_000).message("all").origin("test");
    a.begin().unwrap();
    edit_everything(&mut a).unwrap();
    let first = a.commit(commit.clone()).unwrap().unwrap();
    let change = a.change(first).unwrap();
    assert_eq!((change.id, &change.commit), (first, &commit));
    let last = a.version().get(a.id()) - 1;
    assert_eq!(a.change(OpId::new(a.id(), last)).unwrap(), change);
    let mut b = Replica::new(DOCUMENT, ReplicaId::new(2));
    b.apply(&a.export(&VersionVector::new()).unwrap()).unwrap();
    assert_eq!(b.to_json(), a.to_json());
    assert_eq!(b.change(first).unwrap(), change);
    let loaded = Replica::load(&a.save(), a.id()).unwrap();
    assert_eq!(loaded.change(first).unwrap(), change);
}

#[test]
fn an_error_aborts_and_comes_back() {
    let mut a = everything();
    let json = a.to_json();
    let result: Result<(), EditError> = a.transact(Commit::new(), |a| {
        a.set("k", 1)?;
        a.delete_items("list", 0, 99)
    });
    assert!(matches!(result, Err(EditError::IndexOutOfBounds { .. })), "{result:?}");
    assert!(!a.in_transaction());
    assert_eq!(a.to_json(), json);
    // A caught error leaves what was done before it.
    a.transact(Commit::new(), |a| {
        a.set("k", 1)?;
        assert!(a.delete_items("list", 0, 99).is_err());
        Ok::<_, EditError>(())
    })
    .unwrap();
    assert_eq!(a.get("k").unwrap(), Some(Content::from(1)));
}

#[test]
fn a_panic_aborts() {
    let mut a = everything();
    let json = a.to_json();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        a.transact(Commit::new(), |a| -> Result<(), EditError> {
            a.set("k", 1)?;
            panic!("of the host's");
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(a.to_json(), json);
    assert!(!a.in_transaction());
}

#[test]
fn nothing_is_exchanged_meanwhile() {
    let (mut a, mut b) =
        concurrently(|a| a.set("k", 1).unwrap(), |_| {}, |b| b.set("k", 2).unwrap());
    let frame = b.export(&VersionVector::new()).unwrap();
    let acknowledgement = b.acknowledge();
    a.begin().unwrap();
    a.set("k", 3).unwrap();
    assert_eq!(a.begin().unwrap_err(), EditError::InTransaction);
    assert_eq!(a.join(ReplicaId::new(3)).unwrap_err(), EditError::InTransaction);
    assert_eq!(a.leave().unwrap_err(), EditError::InTransaction);
    assert_eq!(a.apply(&frame).unwrap_err(), ApplyError::InTransaction);
    assert_eq!(a.export(&VersionVector::new()).unwrap_err(), ExportError::InTransaction);
    let error = a.apply_acknowledgement(&acknowledgement).unwrap_err();
    assert_eq!(error, AcknowledgeError::InTransaction);
    assert_eq!(a.prune().changes, 0);
    a.commit(Commit::new()).unwrap();
    assert_eq!(a.commit(Commit::new()).unwrap_err(), EditError::NoTransaction);
    exchange(&mut a, &mut b);
    assert_eq!(b.to_json(), r#"{"k":3}"#);
    a.begin().unwrap();
    assert_eq!(a.commit(Commit::new()).unwrap(), None, "nothing was done");
}

#[test]
fn conflicts_tell_author_and_time() {
    let (a, b) = concurrently(
        |_| {},
        |a| {
            a.set_time(Some(1_000));
            a.set("k", 1).unwrap();
        },
        |b| {
            b.begin().unwrap();
            b.set("k", 2).unwrap();
            b.set_time(Some(-7));
            b.commit(Commit::new()).unwrap();
        },
    );
    for replica in [a, b] {
        let conflicts = replica.conflicts("k").unwrap();
        let told: Vec<_> = conflicts
            .iter()
            .map(|conflict| (conflict.id.unwrap().replica.get(), conflict.time))
            .collect();
        assert_eq!(told, [(2, Some(-7)), (1, Some(1_000))]);
    }
}

#[test]
fn an_abort_leaves_no_memory_behind() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.insert_text("t", Unit::Scalar, 0, &"x".repeat(500)).unwrap();
    a.insert_items("l", 0, 0..100).unwrap();
    let before = a.memory();
    for at in 1..100 {
        a.begin().unwrap();
        a.insert_text("t", Unit::Scalar, at, "y").unwrap();
        a.set(format!("k{at}.x"), 1).unwrap();
        a.delete_items("l", 0, 100).unwrap();
        a.abort();
    }
    let after = a.memory();
    assert_eq!((after.spans, after.nodes), (before.spans, before.nodes));
    assert!(after.state_bytes < before.state_bytes + 10_000, "{before:?} {after:?}");
}

#[test]
fn a_long_transaction_does_not_copy_what_others_did() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    a.create("n", Kind::Counter).unwrap();
    let saved = a.save();
    for id in 2..500 {
        let mut other = Replica::load(&saved, ReplicaId::new(id)).unwrap();
        other.increment("n", 1).unwrap();
        a.apply(&other.export(a.version()).unwrap()).unwrap();
    }
    let json = a.to_json();
    a.begin().unwrap();
    (0..20_000).for_each(|_| a.increment("n", 1).unwrap());
    assert_eq!(a.count("n").unwrap(), 20_498);
    a.abort();
    assert_eq!(a.to_json(), json);
}
