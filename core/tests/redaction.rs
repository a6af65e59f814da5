//! What is redacted is nowhere any more: not in what is shown, saved or exported, nor in memory.

use libsync::{
    Commit, DocumentId, EditError, ExportOptions, Options, Pruning, Replica, ReplicaId,
    SaveOptions, UndoOptions, Unit,
};

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const A: ReplicaId = ReplicaId::new(0xa);
const B: ReplicaId = ReplicaId::new(0xb);
const SECRET: &str = "swordfish";

fn exchange(a: &mut Replica, b: &mut Replica) {
    b.apply(&a.export(b.version()).unwrap()).unwrap();
    a.apply(&b.export(a.version()).unwrap()).unwrap();
}

/// Each acknowledges what it has, twice.
fn acknowledge(a: &mut Replica, b: &mut Replica) {
    for _ in 0..2 {
        b.apply_acknowledgement(&a.acknowledge_whole()).unwrap();
        a.apply_acknowledgement(&b.acknowledge_whole()).unwrap();
    }
}

/// Whether the secret is in any part of a replica: as text, or as bytes.
fn holds(replica: &Replica) -> bool {
    let parts = format!("{replica:?}");
    let bytes: Vec<String> = SECRET.bytes().map(|byte| byte.to_string()).collect();
    let saved = [SaveOptions::new(), SaveOptions::new().shallow()];
    parts.contains(SECRET)
        || parts.contains(&bytes.join(", "))
        || saved.into_iter().any(|options| has(&replica.save_with(options)))
}

fn has(bytes: &[u8]) -> bool {
    bytes.windows(SECRET.len()).any(|bytes| bytes == SECRET.as_bytes())
}

fn pair(options: Options) -> (Replica, Replica) {
    let mut a = Replica::with_options(DOCUMENT, A, options);
    a.join(B).unwrap();
    a.set("kept", "herring").unwrap();
    let b = Replica::load_with_options(&a.save(), B, options).unwrap();
    (a, b)
}

/// The secret, wherever it can be: in a text and between others, typed, undone and done again; as a
/// key, a value, an item, an element; overwritten; and as what commits said.
fn spread(replica: &mut Replica) {
    replica.enable_undo(UndoOptions::default()).unwrap();
    let edit = |replica: &mut Replica| {
        replica.insert_text("text", Unit::Scalar, 0, "<>")?;
        replica.insert_text("text", Unit::Scalar, 1, SECRET)?;
        replica.set(format!("map.{SECRET}.deep").as_str(), SECRET)?;
        replica.set("overwritten", SECRET)?;
        replica.insert_items("list", 0, ["first", SECRET, "last"])?;
        replica.add("set", SECRET).map(drop)
    };
    replica.transact(Commit::new().message(SECRET).origin(SECRET), edit).unwrap();
    replica.undo().unwrap();
    replica.redo().unwrap();
}

fn take_away(replica: &mut Replica) -> Result<(), EditError> {
    replica.delete_text("text", Unit::Scalar, 1, SECRET.len())?;
    replica.remove(format!("map.{SECRET}").as_str())?;
    replica.set("overwritten", "sardine")?;
    replica.delete_items("list", 1, 1)?;
    replica.discard("set", &SECRET.into()).map(drop)
}

#[test]
fn what_is_redacted_is_gone_everywhere() {
    for (keep_history, automatic) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut options = Options::default();
        options.keep_history = keep_history;
        options.pruning = if automatic { Pruning::Automatic } else { Pruning::Manual };
        let (mut a, mut b) = pair(options);
        spread(&mut a);
        b.enable_undo(UndoOptions::default()).unwrap();
        exchange(&mut a, &mut b);
        // Some is pruned before, and so is in what is kept of history.
        acknowledge(&mut a, &mut b);
        a.prune();
        take_away(&mut b).unwrap();
        b.undo().unwrap();
        b.redo().unwrap();
        b.redact().unwrap();
        exchange(&mut a, &mut b);
        for replica in [&mut a, &mut b] {
            assert!(holds(replica));
            assert!(!replica.to_json().contains(SECRET));
            let pending = replica.prune().redactions_pending;
            assert_eq!((pending.len(), pending[0].id.replica), (1, B));
            assert_eq!(pending[0].held_back_by.len(), 1);
        }
        // What goes on meanwhile is not lost.
        a.insert_text("text", Unit::Scalar, 1, "fresh").unwrap();
        exchange(&mut a, &mut b);
        acknowledge(&mut a, &mut b);
        a.insert_text("text", Unit::Scalar, 6, "er").unwrap();
        for replica in [&mut a, &mut b] {
            assert!(automatic || holds(replica), "nothing goes before it is asked for");
            let report = replica.prune();
            assert_eq!(report.redactions_pending, []);
            assert!(!holds(replica), "keep_history: {keep_history}, automatic: {automatic}");
            let compressed = replica.save_with(SaveOptions::new().compressed());
            let loaded = Replica::load(&compressed, replica.id()).unwrap();
            assert!(!holds(&loaded));
            let since = replica.prune().floor;
            for options in [ExportOptions::new(), ExportOptions::new().compressed()] {
                let frame = replica.export_with(&since, options).unwrap();
                assert!(!has(&frame));
            }
            assert_eq!(replica.undo_items().filter(|item| item.is_expired).count(), 0);
        }
        exchange(&mut a, &mut b);
        assert_eq!(a.to_json(), b.to_json());
        let json = r#"{"kept":"herring","list":["first","last"],"map":{},"overwritten":"sardine","set":[],"text":"<fresher>"}"#;
        assert_eq!(a.to_json(), json);
    }
}

#[test]
fn a_redaction_under_way_is_saved() {
    let (mut a, mut b) = pair(Options::default());
    a.set("secret", SECRET).unwrap();
    assert!(a.redact_path("secret").unwrap());
    assert!(!a.redact_path("secret").unwrap(), "nothing is there any more");
    exchange(&mut a, &mut b);
    for options in [SaveOptions::new(), SaveOptions::new().compressed()] {
        let mut loaded = Replica::load(&b.save_with(options), B).unwrap();
        assert_eq!(loaded.save(), b.save());
        assert_eq!(loaded.prune().redactions_pending.len(), 1);
        acknowledge(&mut a, &mut loaded);
        assert_eq!(loaded.prune().redactions_pending, []);
        assert!(!holds(&loaded));
    }
}

#[test]
fn a_redaction_that_is_aborted_is_none() {
    let (mut a, _) = pair(Options::default());
    a.begin().unwrap();
    a.insert_text("text", Unit::Scalar, 0, SECRET).unwrap();
    a.redact_text("text", Unit::Scalar, 0, SECRET.len()).unwrap();
    a.abort();
    assert_eq!(a.prune().redactions_pending, []);
    assert!(a.redact_text("text", Unit::Scalar, 0, 1).is_err());
    assert_eq!(a.prune().redactions_pending, [], "what fails leaves nothing");
}
