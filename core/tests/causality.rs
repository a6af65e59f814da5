//! Changes arrive late, repeatedly and in any order; and some should not arrive at all.

use libsync::{
    ApplyError, DocumentId, EditError, LineageError, OpId, Options, Replica, ReplicaId, Unit,
    VersionVector,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const A: ReplicaId = ReplicaId::new(0xa);
const B: ReplicaId = ReplicaId::new(0xb);

/// A frame for each of `texts`, typed one after the other.
fn typed(replica: &mut Replica, texts: &[&str]) -> Vec<Vec<u8>> {
    texts
        .iter()
        .map(|text| {
            let before = replica.version().clone();
            let end = replica.text_len("text", Unit::Scalar).unwrap_or(0);
            replica.insert_text("text", Unit::Scalar, end, text).unwrap();
            replica.export(&before).unwrap()
        })
        .collect()
}

#[test]
fn a_change_waits_for_what_it_depends_on() {
    let mut a = Replica::new(DOCUMENT, A);
    let frames = typed(&mut a, &["one ", "two ", "three"]);
    let mut b = Replica::new(DOCUMENT, B);

    let applied = b.apply(&frames[2]).unwrap();
    assert_eq!((applied.changes, applied.held), (0, 1));
    // The first frame creates the text and writes 4 characters, the second one another 4.
    assert_eq!(b.missing(), [OpId::new(A, 8)]);
    assert_eq!(b.to_json(), "{}");

    b.apply(&frames[1]).unwrap();
    assert_eq!(b.missing(), [OpId::new(A, 4)]);

    let applied = b.apply(&frames[0]).unwrap();
    assert_eq!((applied.changes, applied.held), (3, 0));
    assert_eq!(b.missing(), []);
    assert_eq!(b.to_json(), a.to_json());
    assert_eq!(b.version(), a.version());
    assert_eq!(b.frontier(), a.frontier());
}

#[test]
fn a_change_waits_for_those_of_others_that_its_author_had_seen() {
    let mut a = Replica::new(DOCUMENT, A);
    let from_a = typed(&mut a, &["a"]);
    let mut b = Replica::new(DOCUMENT, B);
    b.apply(&from_a[0]).unwrap();
    let from_b = typed(&mut b, &["b"]);

    let mut c = Replica::new(DOCUMENT, ReplicaId::new(0xc));
    assert_eq!(c.apply(&from_b[0]).unwrap().held, 1);
    assert_eq!(c.missing(), [OpId::new(A, 1)]);
    assert_eq!(c.apply(&from_a[0]).unwrap().changes, 2);
    assert_eq!(c.to_json(), r#"{"text":"ab"}"#);
}

#[test]
fn what_is_known_or_held_is_a_duplicate() {
    let mut a = Replica::new(DOCUMENT, A);
    let frames = typed(&mut a, &["x", "y"]);
    let mut b = Replica::new(DOCUMENT, B);
    b.apply(&frames[1]).unwrap();
    assert_eq!(b.apply(&frames[1]).unwrap().duplicates, 1);
    b.apply(&frames[0]).unwrap();
    let applied = b.apply(&a.export(&VersionVector::new()).unwrap()).unwrap();
    // The two follow each other, and travel as one now.
    assert_eq!((applied.changes, applied.duplicates), (0, 1));
    assert_eq!(b.to_json(), r#"{"text":"xy"}"#);
}

#[test]
fn changes_are_cut_where_what_is_known_ends() {
    let mut a = Replica::new(DOCUMENT, A);
    let frames = typed(&mut a, &["one ", "two ", "three"]);
    let all = a.export(&VersionVector::new()).unwrap();
    let last_two = {
        let mut half = Replica::new(DOCUMENT, B);
        half.apply(&frames[0]).unwrap();
        a.export(half.version()).unwrap()
    };
    // Whatever comes first, in whatever pieces.
    let orders: [&[&Vec<u8>]; 5] = [
        &[&frames[0], &all],
        &[&frames[0], &frames[1], &last_two],
        &[&frames[2], &last_two, &frames[0]],
        &[&last_two, &frames[2], &frames[1], &all],
        &[&frames[1], &last_two, &frames[0], &all],
    ];
    for order in orders {
        let mut b = Replica::new(DOCUMENT, B);
        for frame in order {
            b.apply(frame).unwrap();
        }
        assert_eq!(b.missing(), []);
        assert_eq!(b.to_json(), a.to_json());
        assert_eq!(b.export(&VersionVector::new()), Ok(all.clone()));
        assert_eq!(b.save(), a.save());
    }
}

#[test]
fn a_full_inbox_refuses_more_and_keeps_what_it_has() {
    let mut a = Replica::new(DOCUMENT, A);
    let frames = typed(&mut a, &["1", "2", "3", "4"]);
    let mut options = Options::default();
    options.max_inbox_changes = 2;
    let mut b = Replica::with_options(DOCUMENT, B, options);
    b.apply(&frames[2]).unwrap();
    b.apply(&frames[3]).unwrap();
    // A frame that makes no room is refused as a whole.
    let mut other = Replica::new(DOCUMENT, ReplicaId::new(0xc));
    let more = typed(&mut other, &["a", "b"]);
    let error = b.apply(&more[1]).unwrap_err();
    assert!(matches!(error, ApplyError::InboxFull { changes: 3, max_changes: 2, .. }), "{error}");
    assert_eq!(b.missing(), [OpId::new(A, 2)]);
    // One that is not held back does not mind.
    b.apply(&more[0]).unwrap();
    b.apply(&frames[0]).unwrap();
    let applied = b.apply(&frames[1]).unwrap();
    assert_eq!((applied.changes, applied.held), (3, 0));

    let mut options = Options::default();
    options.max_inbox_bytes = 10;
    let mut b = Replica::with_options(DOCUMENT, B, options);
    let error = b.apply(&frames[1]).unwrap_err();
    assert!(matches!(error, ApplyError::InboxFull { max_bytes: 10, .. }), "{error}");
}

#[test]
fn two_histories_under_one_replica_id_are_refused() {
    let mut a = Replica::new(DOCUMENT, A);
    let mut impostor = Replica::new(DOCUMENT, A);
    let genuine = typed(&mut a, &["genuine", "!"]);
    let forged = typed(&mut impostor, &["forged"]);
    let mut b = Replica::new(DOCUMENT, B);
    b.apply(&genuine[0]).unwrap();
    let error = b.apply(&forged[0]).unwrap_err();
    assert_eq!(error, ApplyError::ReplicaIdReused { id: OpId::new(A, 0) });
    assert_eq!(b.to_json(), r#"{"text":"genuine"}"#);
    // Also once it shows that a held one overlaps with the genuine ones.
    let mut c = Replica::new(DOCUMENT, ReplicaId::new(0xc));
    c.apply(&genuine[1]).unwrap();
    c.apply(&typed(&mut impostor, &["."])[0]).unwrap();
    let applied = c.apply(&genuine[0]).unwrap();
    assert_eq!((applied.changes, applied.held), (2, 0));
    assert_eq!(applied.refused, [OpId::new(A, 7)]);
    assert_eq!(c.to_json(), r#"{"text":"genuine!"}"#);
}

#[test]
fn a_replica_that_was_restored_from_a_backup_forks_nothing() {
    let mut a = Replica::new(DOCUMENT, A);
    let first = typed(&mut a, &["1"]);
    let backup = a.save();
    let frames = typed(&mut a, &["2", "3"]);
    // Its later changes arrive before it writes: at once ...
    let mut restored = Replica::load(&backup, A).unwrap();
    restored.apply(&frames[0]).unwrap();
    restored.apply(&frames[1]).unwrap();
    assert_eq!(restored.to_json(), a.to_json());
    // ... or with a gap, over which it must not write.
    let mut restored = Replica::load(&backup, A).unwrap();
    restored.apply(&frames[1]).unwrap();
    let error = restored.set("x", 1).unwrap_err();
    assert_eq!(error, EditError::WrittenElsewhere { id: OpId::new(A, 3) });
    restored.apply(&frames[0]).unwrap();
    restored.set("x", 1).unwrap();
    // If it wrote before, whoever has both histories refuses the second.
    let mut restored = Replica::load(&backup, A).unwrap();
    let forked = typed(&mut restored, &["other"]);
    let mut b = Replica::new(DOCUMENT, B);
    b.apply(&first[0]).unwrap();
    b.apply(&frames[0]).unwrap();
    let error = b.apply(&forked[0]).unwrap_err();
    assert_eq!(error, ApplyError::ReplicaIdReused { id: OpId::new(A, 2) });
}

#[test]
fn another_document_is_refused() {
    let mut other = Replica::new(DocumentId::from_bytes([1; 16]), A);
    let frame = typed(&mut other, &["x"]).remove(0);
    let mut b = Replica::new(DOCUMENT, B);
    let expected = LineageError::OtherDocument { ours: DOCUMENT, theirs: other.document() };
    assert_eq!(b.apply(&frame).unwrap_err(), ApplyError::Lineage(expected.clone()));
    let error = b.export_since(&other.encode_version()).unwrap_err();
    assert_eq!(error, libsync::ExportError::Lineage(expected.clone()));
    let error = b.apply_acknowledgement(&other.acknowledge()).unwrap_err();
    assert_eq!(error, libsync::AcknowledgeError::Lineage(expected));
}

#[test]
fn held_changes_survive_a_restart() {
    let mut a = Replica::new(DOCUMENT, A);
    let frames = typed(&mut a, &["1", "2", "3"]);
    let mut b = Replica::new(DOCUMENT, B);
    b.apply(&frames[2]).unwrap();
    let mut b = Replica::load(&b.save(), B).unwrap();
    assert_eq!(b.missing().len(), 1);
    b.apply(&frames[0]).unwrap();
    b.apply(&frames[1]).unwrap();
    assert_eq!(b.to_json(), r#"{"text":"123"}"#);
}

#[test]
fn a_long_chain_arrives_backwards() {
    let mut a = Replica::new(DOCUMENT, A);
    let words: Vec<String> = (0..20_000).map(|i| i.to_string()).collect();
    let frames = typed(&mut a, &words.iter().map(String::as_str).collect::<Vec<_>>());
    let mut b = Replica::new(DOCUMENT, B);
    for frame in frames.iter().skip(1).rev() {
        assert_eq!(b.apply(frame).unwrap().changes, 0);
    }
    assert_eq!(b.apply(&frames[0]).unwrap().changes, 20_000);
    assert_eq!(b.to_json(), a.to_json());
}
