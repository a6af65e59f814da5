//! Changes arrive late, repeatedly and in any order; and some should not arrive at all.

use libsync::{
    ApplyError, DocumentId, LineageError, OpId, Options, Replica, ReplicaId, Unit, VersionVector,
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
    assert_eq!((applied.changes, applied.duplicates), (0, 2));
    assert_eq!(b.to_json(), r#"{"text":"xy"}"#);
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
