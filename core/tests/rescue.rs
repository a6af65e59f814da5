//! Restored backups, documents seeded anew, shallow snapshots, and how their edits are rescued. That
//! nothing is lost in random programs is for the tests within the core.

use libsync::{
    AcknowledgeError, ApplyError, Commit, Content, DocumentId, EditError, ExportError,
    HistoryError, Kind, LineageError, Offer, Replica, ReplicaId, RescueError, RescueOptions,
    RescueOutcome, ReseedError, SaveOptions, Sender, Unit, Value, VersionVector,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const A: ReplicaId = ReplicaId::new(0xa);
const B: ReplicaId = ReplicaId::new(0xb);
const NEW: ReplicaId = ReplicaId::new(0xc);

fn exchange(a: &mut Replica, b: &mut Replica) {
    b.apply(&a.export(b.version()).unwrap()).unwrap();
    a.apply(&b.export(a.version()).unwrap()).unwrap();
}

fn acknowledge(a: &mut Replica, b: &mut Replica) {
    for _ in 0..2 {
        b.apply_acknowledgement(&a.acknowledge()).unwrap();
        a.apply_acknowledgement(&b.acknowledge()).unwrap();
    }
}

/// Two members with `text` typed by the first.
fn pair(text: &str) -> (Replica, Replica) {
    let mut a = Replica::new(DOCUMENT, A);
    a.join(B).unwrap();
    a.insert_text("text", Unit::Scalar, 0, text).unwrap();
    let b = Replica::load(&a.save(), B).unwrap();
    (a, b)
}

fn snapshot_for(a: &mut Replica, id: ReplicaId) -> Vec<u8> {
    a.join(id).unwrap();
    a.save()
}

fn is_refused(replica: &mut Replica, last: u64) -> bool {
    let expected = EditError::WrittenElsewhere { id: libsync::OpId::new(replica.id(), last) };
    let version = replica.version().clone();
    let edits = [
        replica.insert_text("text", Unit::Scalar, 0, "x").unwrap_err(),
        replica.set("k", 1).unwrap_err(),
        replica.transact(Commit::new(), |replica| replica.set("k", 1)).unwrap_err(),
        replica.leave().unwrap_err(),
    ];
    edits.iter().all(|error| *error == expected) && *replica.version() == version
}

/// A backup of B, taken before it wrote "2" and "3"; A, which knows these; and B itself.
fn backup() -> (Replica, Replica, Replica) {
    let (mut a, mut b) = pair("0");
    b.insert_text("text", Unit::Scalar, 1, "1").unwrap();
    exchange(&mut a, &mut b);
    let saved = b.save();
    b.insert_text("text", Unit::Scalar, 2, "2").unwrap();
    b.insert_text("text", Unit::Scalar, 3, "3").unwrap();
    exchange(&mut a, &mut b);
    let mut restored = Replica::load(&saved, B).unwrap();
    // As an editor would have it, with a text at hand to type on.
    assert_eq!(restored.text("text").unwrap(), "01");
    restored.set_time(None);
    (a, b, restored)
}

#[test]
fn a_backup_learns_from_an_acknowledgement_that_it_wrote_more() {
    let (mut a, _, mut restored) = backup();
    restored.apply_acknowledgement(&a.acknowledge()).unwrap();
    assert!(is_refused(&mut restored, 2));
    // One of its own that comes back tells the same.
    let (_, mut b, mut restored) = backup();
    restored.apply_acknowledgement(&b.acknowledge()).unwrap();
    assert!(is_refused(&mut restored, 2));
}

#[test]
fn a_backup_learns_from_a_version_that_it_wrote_more() {
    let (a, _, mut restored) = backup();
    restored.export_since(&a.encode_version()).unwrap();
    assert!(is_refused(&mut restored, 2));
    let (a, _, mut restored) = backup();
    restored.export(a.version()).unwrap();
    assert!(is_refused(&mut restored, 2));
    let (a, _, mut restored) = backup();
    restored.send(&mut Sender::new(a.version().clone())).unwrap();
    assert!(is_refused(&mut restored, 2));
}

#[test]
fn a_backup_learns_from_a_cut_in_a_frame_that_it_wrote_more() {
    let (mut a, mut b, mut restored) = backup();
    acknowledge(&mut a, &mut b);
    a.set("other", 1).unwrap();
    // Of the frame only what A wrote last arrives: the cut alone tells of "2" and "3".
    let mut since = a.version().clone();
    since.set(A, since.get(A) - 1);
    since.set(NEW, 1);
    let frame = a.export(&since).unwrap();
    restored.apply(&frame).unwrap();
    assert!(is_refused(&mut restored, 2));
}

#[test]
fn a_backup_writes_again_once_what_it_wrote_has_arrived() {
    let (mut a, _, mut restored) = backup();
    restored.apply_acknowledgement(&a.acknowledge()).unwrap();
    assert!(is_refused(&mut restored, 2));
    restored.apply(&a.export(restored.version()).unwrap()).unwrap();
    restored.insert_text("text", Unit::Scalar, 4, "4").unwrap();
    exchange(&mut a, &mut restored);
    assert_eq!(a.text("text").unwrap(), "01234");
    // And in the other order: what has arrived already is no news.
    let (mut a, _, mut restored) = backup();
    let acknowledgement = a.acknowledge();
    restored.apply(&a.export(restored.version()).unwrap()).unwrap();
    restored.apply_acknowledgement(&acknowledgement).unwrap();
    restored.insert_text("text", Unit::Scalar, 4, "4").unwrap();
}

#[test]
fn what_is_typed_goes_no_short_way_past_the_check() {
    let (mut a, _, mut restored) = backup();
    // It types, and so has the text at hand, before it hears that there is more.
    restored.insert_text("text", Unit::Scalar, 2, "x").unwrap();
    restored.apply_acknowledgement(&a.acknowledge()).unwrap();
    let error = restored.insert_text("text", Unit::Scalar, 3, "y").unwrap_err();
    assert_eq!(error, EditError::WrittenElsewhere { id: libsync::OpId::new(B, 2) });
    // It forked: "x" is rescued, "2" and "3" are not touched.
    let snapshot = snapshot_for(&mut a, NEW);
    let mut rescued = restored.rescue(&snapshot, NEW).unwrap();
    assert_eq!((rescued.report.edits.len(), rescued.report.applied), (1, 1));
    exchange(&mut a, &mut rescued.replica);
    let text = a.text("text").unwrap();
    assert!(text == "01x23" || text == "0123x", "{text}");
    assert_eq!(rescued.replica.to_json(), a.to_json());
}

#[test]
fn a_fork_that_the_log_does_not_show_has_to_be_named() {
    let (mut a, mut b, mut restored) = backup();
    restored.insert_text("text", Unit::Scalar, 2, "x").unwrap();
    acknowledge(&mut a, &mut b);
    a.prune();
    let snapshot = snapshot_for(&mut a, NEW);
    let error = restored.rescue(&snapshot, NEW).unwrap_err();
    assert_eq!(error, RescueError::Undecided { known: 3, here: 2 });
    let options = RescueOptions::new().written_since(1);
    let rescued = restored.rescue_with(&snapshot, NEW, options).unwrap();
    assert_eq!(rescued.report.edits.len(), 1);
    assert!(rescued.replica.text("text").unwrap().contains('x'));
}

#[test]
fn a_late_replica_goes_on_under_a_new_id() {
    let (mut a, mut b) = pair("bread milk");
    exchange(&mut a, &mut b);
    // Nobody knows of the copy.
    let mut late = Replica::load(&a.save(), ReplicaId::new(0xf)).unwrap();
    let said = Commit::new().at(7).message("Add tea").origin("phone");
    late.transact(said.clone(), |late| {
        late.insert_text("text", Unit::Scalar, 10, " tea")?;
        late.delete_text("text", Unit::Scalar, 0, 6)?;
        late.increment("count", 3)?;
        late.set("title", "Shopping")
    })
    .unwrap();
    a.set("title", "List").unwrap();
    a.delete_text("text", Unit::Scalar, 5, 5).unwrap();
    exchange(&mut a, &mut b);
    acknowledge(&mut a, &mut b);
    a.prune();
    let frame = late.export(&VersionVector::new()).unwrap();
    let error = a.apply(&frame).unwrap_err();
    assert!(matches!(error, ApplyError::BelowPruneFloor { .. }), "{error}");
    assert!(error.to_string().contains("rescue"), "{error}");
    let error = a.export(late.version()).unwrap_err();
    assert!(error.to_string().contains("rescue"), "{error}");

    let rescued = late.rescue(&snapshot_for(&mut a, NEW), NEW).unwrap();
    let (mut new, report) = (rescued.replica, rescued.report);
    assert_eq!(new.to_json(), r#"{"count":3,"text":" tea","title":"Shopping"}"#);
    assert_eq!((report.applied, report.moved, report.offered), (4, 1, 0));
    // What was assigned meanwhile is a conflict, and what was said goes with the change.
    assert_eq!(new.conflicts("title").unwrap().len(), 2);
    let change = new.changes().find(|change| change.id.replica == NEW).unwrap();
    assert_eq!(change.commit, said);
    exchange(&mut a, &mut new);
    exchange(&mut a, &mut b);
    assert_eq!(b.to_json(), new.to_json());
    assert_eq!(new.id(), NEW);
}

#[test]
fn what_was_put_into_something_deleted_is_offered() {
    let mut a = Replica::new(DOCUMENT, A);
    a.insert_items("list", 0, [Content::from("x"), Kind::Map.into(), Kind::Text.into()]).unwrap();
    a.set("user.name", "Ada").unwrap();
    a.increment("user.visits", 1).unwrap();
    a.add("user.tags", "new").unwrap();
    let mut late = Replica::load(&a.save(), B).unwrap();
    late.set("list.1.done", true).unwrap();
    late.insert_text("list.2", Unit::Scalar, 0, "hello wrold").unwrap();
    late.delete_text("list.2", Unit::Scalar, 7, 4).unwrap();
    late.insert_text("list.2", Unit::Scalar, 7, "orld").unwrap();
    late.move_item("list", 0, 2).unwrap();
    late.set("user.name", "Ben").unwrap();
    late.set("user.age", 40).unwrap();
    late.increment("user.visits", 2).unwrap();
    late.add("user.tags", 7).unwrap();
    late.set("kept", 1).unwrap();
    a.remove("list").unwrap();
    a.remove("user").unwrap();
    a.prune();
    let rescued = late.rescue(&snapshot_for(&mut a, NEW), NEW).unwrap();
    assert_eq!(rescued.replica.to_json(), r#"{"kept":1}"#);
    let offers: Vec<(String, Offer)> = rescued
        .report
        .edits
        .iter()
        .filter_map(|edit| match &edit.outcome {
            RescueOutcome::Offered(offer) => Some((edit.path.to_string(), offer.clone())),
            _ => None,
        })
        .collect();
    let typed = |position, text: &str| Offer::Text { position, text: text.to_owned() };
    let value = |value: Value| Offer::Value(Content::Value(value));
    let expected = [
        ("/list/0/done", value(true.into())),
        ("/list/1", typed(0, "hello w")),
        ("/list/1", typed(7, "orld")),
        ("/list", Offer::Move { item: "x".into(), index: 2 }),
        ("/user/name", value("Ben".into())),
        ("/user/age", value(40.into())),
        ("/user/visits", Offer::Count(2)),
        ("/user/tags", Offer::Element(7.into())),
    ];
    let expected: Vec<(String, Offer)> =
        expected.into_iter().map(|(path, offer)| (path.to_owned(), offer)).collect();
    assert_eq!(offers, expected);
    assert_eq!(rescued.report.offered, offers.len());
}

#[test]
fn an_insertion_comes_beside_the_nearest_that_is_left() {
    let (mut a, _) = pair("one two three four");
    let mut late = Replica::load(&a.save(), ReplicaId::new(0xf)).unwrap();
    // Nearer to what follows, nearer to what is before, and at the start.
    late.insert_text("text", Unit::Scalar, 12, "3").unwrap();
    late.insert_text("text", Unit::Scalar, 4, "2").unwrap();
    late.insert_text("text", Unit::Scalar, 0, "0").unwrap();
    let mut alone = a.reseed(B).unwrap();
    alone.delete_text("text", Unit::Scalar, 3, 11).unwrap();
    alone.prune();
    alone.insert_text("text", Unit::Scalar, 3, "-").unwrap();
    assert_eq!(alone.text("text").unwrap(), "one-four");
    let rescued = late.rescue(&snapshot_for(&mut alone, NEW), NEW).unwrap();
    assert_eq!(rescued.replica.text("text").unwrap(), "0one2-3four");
    // Nothing of the kind where what is there was pruned: the whole text was replaced.
    a.leave().unwrap();
}

#[test]
fn rescues_that_can_not_be_made_say_why() {
    let (mut a, _) = pair("x");
    let mut late = Replica::load(&a.save(), ReplicaId::new(0xf)).unwrap();
    late.set("k", 1).unwrap();
    let before = a.save();
    let error = late.rescue(&before, NEW).unwrap_err();
    assert_eq!(error, RescueError::NotAMember { id: NEW });
    let snapshot = snapshot_for(&mut a, NEW);
    for id in [A, late.id()] {
        let error = late.rescue(&snapshot, id).unwrap_err();
        assert_eq!(error, RescueError::ReplicaIdReused { id });
    }
    assert!(matches!(late.rescue(&snapshot[1..], NEW), Err(RescueError::Load(_))));
    let mut other = Replica::new(DocumentId::from_bytes([1; 16]), A);
    let error = late.rescue(&snapshot_for(&mut other, NEW), NEW).unwrap_err();
    assert!(matches!(error, RescueError::Lineage(LineageError::OtherDocument { .. })), "{error}");
    let newer = late.reseed(B).unwrap();
    let error = newer.rescue(&snapshot, NEW).unwrap_err();
    let expected = LineageError::OtherEpoch { ours: 1, theirs: 0 };
    assert_eq!(error, RescueError::Lineage(expected));
    late.begin().unwrap();
    assert_eq!(late.rescue(&snapshot, NEW).unwrap_err(), RescueError::InTransaction);
    late.abort();
    // One that has pruned what the snapshot lacks.
    let mut alone = Replica::new(DOCUMENT, B);
    alone.set("k", 1).unwrap();
    alone.prune();
    let error = alone.rescue(&snapshot, NEW).unwrap_err();
    assert_eq!(error, RescueError::SnapshotBehind { since: alone.version().clone() });
}

#[test]
fn what_others_wrote_and_the_snapshot_lacks_is_named() {
    let (mut a, mut b) = pair("x");
    let mut late = Replica::load(&a.save(), ReplicaId::new(0xf)).unwrap();
    b.insert_text("text", Unit::Scalar, 1, "y").unwrap();
    late.apply(&b.export(late.version()).unwrap()).unwrap();
    late.insert_text("text", Unit::Scalar, 2, "z").unwrap();
    late.join(ReplicaId::new(0x10)).unwrap();
    let rescued = late.rescue(&snapshot_for(&mut a, NEW), NEW).unwrap();
    let [unknown] = rescued.report.unknown[..] else { panic!("{:?}", rescued.report) };
    assert_eq!((unknown.replica, unknown.from, unknown.to), (B, 0, 1));
    assert_eq!(rescued.report.sponsored, [ReplicaId::new(0x10)]);
    // What it was typed behind is not there: it comes behind what is.
    assert_eq!(rescued.replica.text("text").unwrap(), "xz");
    assert!(matches!(rescued.report.edits[0].outcome, RescueOutcome::Moved { .. }));
}

#[test]
fn a_document_is_seeded_anew_and_epochs_do_not_mix() {
    let (mut a, mut b) = pair("hello");
    b.insert_text("text", Unit::Scalar, 5, "!").unwrap();
    let mut new = a.reseed(NEW).unwrap();
    assert_eq!((new.document(), new.epoch(), new.id()), (DOCUMENT, 1, NEW));
    assert_eq!((new.to_json(), new.version()), (a.to_json(), a.version()));
    let members: Vec<ReplicaId> = new.members().iter().map(|member| member.replica).collect();
    assert_eq!(members, [NEW]);
    assert_eq!(new.memory().changes, 0);
    // It loads, in both forms, and is edited and pruned by its only member.
    new.insert_text("text", Unit::Scalar, 0, "> ").unwrap();
    new.delete_text("text", Unit::Scalar, 6, 1).unwrap();
    assert_eq!(new.prune().nodes, 1);
    let mut new = Replica::load(&new.save(), NEW).unwrap();

    // Nothing crosses, in either direction, and each says what to do.
    let behind = LineageError::OtherEpoch { ours: 0, theirs: 1 };
    let ahead = LineageError::OtherEpoch { ours: 1, theirs: 0 };
    assert!(behind.to_string().contains("load a snapshot of the later epoch"), "{behind}");
    assert!(ahead.to_string().contains("their sender has to load"), "{ahead}");
    let frame = new.export(&new.version().clone()).unwrap();
    assert_eq!(b.apply(&frame).unwrap_err(), ApplyError::Lineage(behind.clone()));
    let frame = b.export(&VersionVector::new()).unwrap();
    assert_eq!(new.apply(&frame).unwrap_err(), ApplyError::Lineage(ahead.clone()));
    let error = b.apply_acknowledgement(&new.acknowledge()).unwrap_err();
    assert_eq!(error, AcknowledgeError::Lineage(behind.clone()));
    let error = new.apply_acknowledgement(&b.acknowledge()).unwrap_err();
    assert_eq!(error, AcknowledgeError::Lineage(ahead.clone()));
    let error = b.export_since(&new.encode_version()).unwrap_err();
    assert_eq!(error, ExportError::Lineage(behind));
    let error = new.export_since(&b.encode_version()).unwrap_err();
    assert_eq!(error, ExportError::Lineage(ahead));

    // What B had not sent is rescued.
    let id = ReplicaId::new(0xd);
    let rescued = b.rescue(&snapshot_for(&mut new, id), id).unwrap();
    let mut rescued = rescued.replica;
    assert_eq!((rescued.epoch(), rescued.to_json()), (1, r#"{"text":"> hell!"}"#.to_owned()));
    exchange(&mut new, &mut rescued);
    assert_eq!(new.to_json(), rescued.to_json());

    a.begin().unwrap();
    assert_eq!(a.reseed(NEW).unwrap_err(), ReseedError::InTransaction);
    a.abort();
    assert_eq!(a.reseed(A).unwrap_err(), ReseedError::ReplicaIdReused { id: A });
    let again = rescued.reseed(ReplicaId::new(0xe)).unwrap();
    assert_eq!(again.epoch(), 2);
}

#[test]
fn what_was_sent_before_a_document_was_seeded_anew_is_there_once() {
    let (mut a, mut b) = pair("hello");
    b.increment("n", 5).unwrap();
    b.insert_text("text", Unit::Scalar, 5, "!").unwrap();
    exchange(&mut a, &mut b);
    b.increment("n", 2).unwrap();
    b.insert_text("text", Unit::Scalar, 6, "?").unwrap();
    let mut new = a.reseed(NEW).unwrap();
    let id = ReplicaId::new(0xd);
    let rescued = b.rescue(&snapshot_for(&mut new, id), id).unwrap();
    assert_eq!(rescued.report.edits.len(), 2);
    assert_eq!(rescued.replica.to_json(), r#"{"n":7,"text":"hello!?"}"#);
}

#[test]
fn what_an_evicted_replica_had_not_sent_is_rescued() {
    let (mut a, mut b) = pair("hello");
    b.insert_text("text", Unit::Scalar, 5, "!").unwrap();
    exchange(&mut a, &mut b);
    b.insert_text("text", Unit::Scalar, 6, "?").unwrap();
    a.evict(B).unwrap();
    a.delete_text("text", Unit::Scalar, 0, 6).unwrap();
    a.prune();
    let error = a.apply(&b.export(a.version()).unwrap()).unwrap_err();
    assert!(matches!(error, ApplyError::AuthorEvicted { .. }), "{error}");
    assert!(error.to_string().contains("rescue"), "{error}");
    let rescued = b.rescue(&snapshot_for(&mut a, NEW), NEW).unwrap();
    assert_eq!(rescued.replica.to_json(), r#"{"text":"?"}"#);
    let mut rescued = rescued.replica;
    exchange(&mut a, &mut rescued);
    assert_eq!(a.to_json(), rescued.to_json());
}

#[test]
fn a_shallow_snapshot_has_the_state_and_no_log() {
    let (mut a, mut b) = pair("hello world");
    a.delete_text("text", Unit::Scalar, 0, 6).unwrap();
    exchange(&mut a, &mut b);
    b.insert_text("text", Unit::Scalar, 5, "!").unwrap();
    exchange(&mut a, &mut b);
    let start = a.version().clone();
    for options in [SaveOptions::new().shallow(), SaveOptions::new().shallow().compressed()] {
        let saved = a.save_with(options);
        assert!(saved.len() < a.save_with(SaveOptions::new()).len());
        let mut c = Replica::load(&saved, A).unwrap();
        assert_eq!((c.to_json(), c.version()), (a.to_json(), a.version()));
        assert_eq!((c.memory().changes, c.memory().tombstones), (0, a.memory().tombstones));
        let nothing = VersionVector::new();
        let error = c.export(&nothing).unwrap_err();
        assert_eq!(error, ExportError::Shallow { start: start.clone() });
        let error = c.send(&mut Sender::new(nothing.clone())).unwrap_err();
        assert_eq!(error, ExportError::Shallow { start: start.clone() });
        let shallow = HistoryError::Shallow { start: start.clone() };
        assert_eq!(c.at(&nothing).unwrap_err(), shallow);
        assert_eq!(c.changes_since(&nothing).map(drop).unwrap_err(), shallow);
        assert_eq!(c.version_of(&Default::default()).unwrap(), start);
        // It goes on, and takes what names what it has as a tombstone alone.
        c.insert_text("text", Unit::Scalar, 6, "?").unwrap();
        assert_eq!(c.at(&start).unwrap_err(), shallow);
        let mut late = b.clone();
        late.insert_text("text", Unit::Scalar, 0, "my ").unwrap();
        exchange(&mut c, &mut late);
        assert_eq!(c.to_json(), r#"{"text":"my world!?"}"#);
        assert_eq!(late.to_json(), c.to_json());
        let again = Replica::load(&c.save(), A).unwrap();
        assert_eq!(again.save(), c.save());
        let compressed = c.save_with(SaveOptions::new().compressed());
        assert_eq!(Replica::load(&compressed, A).unwrap().save(), c.save());
        let fork = c.fork_at(&c.version().clone(), NEW).unwrap();
        assert_eq!(fork.to_json(), c.to_json());
    }
    // With nothing above the floor there is nothing to leave out.
    let mut alone = Replica::new(DOCUMENT, A);
    alone.set("k", 1).unwrap();
    alone.prune();
    let mut loaded = Replica::load(&alone.save_with(SaveOptions::new().shallow()), A).unwrap();
    let error = loaded.export(&VersionVector::new()).unwrap_err();
    assert_eq!(error, ExportError::BelowPruneFloor { floor: alone.version().clone() });
}
