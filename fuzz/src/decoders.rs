//! The targets for foreign bytes: frames are refused, and then nothing has changed; or taken, and
//! then the replica is as good as any other.
//!
//! An input is a [session]. Its frames go where they say that they belong, so that
//! one can stand on those before it; the last one goes to the decoder that the target is for. Each
//! is tried as it is, and with its checksum put right.

use libsync::{ApplyError, ExportError, Replica, Unit, VersionVector};

use crate::bases::{self, READER};
use crate::cbor::Item;
use crate::session::{self, Kind};

/// Ends with a frame of changes.
///
/// # Panics
/// If something is wrong.
pub fn apply(input: &[u8]) {
    run(input, Kind::Changes);
}

/// Ends with a saved document.
///
/// # Panics
/// If something is wrong.
pub fn load(input: &[u8]) {
    run(input, Kind::Document);
}

/// Ends with an acknowledgement.
///
/// # Panics
/// If something is wrong.
pub fn acknowledgement(input: &[u8]) {
    run(input, Kind::Acknowledgement);
}

/// Ends with the version of another replica.
///
/// # Panics
/// If something is wrong.
pub fn version(input: &[u8]) {
    run(input, Kind::Version);
}

fn run(input: &[u8], target: Kind) {
    let Some((&pick, bytes)) = input.split_first() else { return };
    let mut receiver = Receiver::new(pick);
    let frames = session::frames(bytes);
    for (at, frame) in frames.iter().enumerate() {
        let said = session::kind(frame).unwrap_or(target);
        let kind = if at + 1 == frames.len() { target } else { said };
        receiver.receive(kind, frame);
        let sealed = session::sealed(frame, kind);
        if sealed != *frame {
            receiver.receive(kind, &sealed);
        }
    }
}

/// A replica that foreign frames are handed to.
pub(crate) struct Receiver {
    replica: Replica,
    /// Whether the document came from the input, and so may never have been a replica's.
    is_forged: bool,
}

impl Receiver {
    /// The replica of [`bases`] that a byte picks.
    pub(crate) fn new(pick: u8) -> Self {
        Self { replica: bases::replica(pick), is_forged: false }
    }

    /// A replica that was one before.
    pub(crate) const fn of(replica: Replica) -> Self {
        Self { replica, is_forged: false }
    }

    pub(crate) const fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Hands the replica a frame, and asserts that it is refused or taken whole; gives which.
    pub(crate) fn receive(&mut self, kind: Kind, frame: &[u8]) -> bool {
        let before = self.replica.clone();
        let is_taken = match kind {
            Kind::Changes => self.apply(frame),
            Kind::Document => self.load(frame),
            Kind::Acknowledgement => self.replica.apply_acknowledgement(frame).is_ok(),
            Kind::Version => self.answer(frame),
            // Not for a replica, which refuses it.
            Kind::Presence => self.apply(frame),
        };
        if is_taken {
            self.check();
        } else {
            assert_eq!(self.replica.save(), before.save(), "what is refused changes nothing");
        }
        is_taken
    }

    fn apply(&mut self, frame: &[u8]) -> bool {
        let Ok(applied) = self.replica.apply(frame) else { return false };
        let after = self.replica.save();
        match self.replica.apply(frame) {
            Ok(again) if applied.refused.is_empty() => {
                assert_eq!(again.changes, 0, "nothing is applied twice");
                assert_eq!(self.replica.save(), after, "nothing is applied twice");
            }
            Ok(_) => {}
            // Of two changes that wait, and contradict each other, the later one may be held back
            // only the second time.
            Err(error) => assert!(applied.held > 0 || !applied.refused.is_empty(), "{error}"),
        }
        true
    }

    fn load(&mut self, frame: &[u8]) -> bool {
        let Ok(replica) = Replica::load(frame, READER) else { return false };
        self.replica = replica;
        self.is_forged = true;
        if is_as_saved(frame) {
            assert_eq!(self.replica.save(), frame, "there is one frame for each document");
        }
        true
    }

    /// A peer of that version gets changes that it can apply, if it has what it says.
    fn answer(&mut self, frame: &[u8]) -> bool {
        match self.replica.export_since(frame) {
            Ok(answer) => {
                let mut peer = bases::empty(READER);
                let taken = peer.apply(&answer);
                assert!(taken.is_ok() || self.is_forged, "{taken:?}");
                true
            }
            Err(_) => false,
        }
    }

    /// Asserts that the replica is sound: it is saved and loaded as it is, tells others all that
    /// it shows, and can be edited.
    pub(crate) fn check(&self) {
        let json = self.replica.to_json();
        self.check_saved();
        self.check_exported(&json);
        let mut edited = Self { replica: self.replica.clone(), is_forged: true };
        edited.exercise();
        edited.check_saved();
    }

    /// What is exported can be applied by a fresh replica, which shows the same then.
    fn check_exported(&self, json: &str) {
        let frame = match self.replica.clone().export(&VersionVector::new()) {
            Ok(frame) => frame,
            Err(error) => {
                assert!(matches!(error, ExportError::BelowPruneFloor { .. }), "{error}");
                return;
            }
        };
        let mut fresh = bases::empty(READER);
        let applied = fresh.apply(&frame);
        // The bound of Lamport times is how many operations are applied: of a forged change, that
        // is a matter of what arrived first.
        let by_arrival = matches!(&applied, Err(ApplyError::InvalidChange { reason, .. })
            if reason.starts_with("its Lamport time is greater"));
        if !self.is_forged && !by_arrival {
            let applied = applied.expect("what is exported can be applied");
            assert_eq!(applied.refused, [], "what was taken once is taken again");
            assert_eq!(applied.held, 0, "nothing that is applied waits elsewhere");
            assert_eq!(fresh.to_json(), json, "a fresh replica shows the same");
            assert_eq!(fresh.version(), self.replica.version());
        }
    }

    fn check_saved(&self) {
        let saved = self.replica.save();
        let loaded = Replica::load(&saved, READER).expect("what is saved can be loaded");
        assert_eq!(loaded.save(), saved, "what is loaded is saved as it was");
        assert_eq!(loaded.to_json(), self.replica.to_json());
    }

    /// Uses the replica in every way. What is there may be of any kind, so that edits may fail.
    fn exercise(&mut self) {
        let replica = &mut self.replica;
        read(replica);
        edit(replica);
        let json = replica.to_json();
        replica.begin().expect("no transaction is open");
        edit(replica);
        replica.abort();
        assert_eq!(replica.to_json(), json, "an aborted transaction leaves nothing");
        replica.acknowledge();
        let report = replica.prune();
        assert_eq!(replica.to_json(), json, "pruning changes nothing that is shown: {report:?}");
    }
}

fn read(replica: &Replica) {
    replica.missing();
    replica.members();
    replica.memory();
    for path in ["text", "list", "/list/0", "map", "map.v1", "key", "set", "count"] {
        let _ = replica.get(path);
        let _ = replica.conflicts(path);
        let _ = replica.keys(path);
        let _ = replica.items(path);
        let _ = replica.elements(path);
        let _ = replica.count(path);
        let _ = replica.clock(path);
        for node in replica.nodes(path).unwrap_or_default() {
            replica.change(node.id);
        }
    }
}

fn edit(replica: &mut Replica) {
    for path in ["text", "fresh", "/list/1"] {
        let len = replica.text_len(path, Unit::Scalar).unwrap_or(0);
        for at in [0, len / 2, len] {
            let _ = replica.insert_text(path, Unit::Scalar, at, "new");
        }
        let _ = replica.delete_text(path, Unit::Scalar, len / 3, len / 3 + 1);
    }
    for path in ["list", "/list/0", "fresh"] {
        let len = replica.len(path).unwrap_or(0);
        let _ = replica.insert_items(path, len / 2, [1, 2]);
        let _ = replica.move_item(path, 0, len);
        let _ = replica.move_item(path, len, len / 3);
        let _ = replica.delete_items(path, len / 2, 2);
    }
    for path in ["set", "all", "count", "grow"] {
        let _ = replica.add(path, "text");
        let _ = replica.discard(path, &"text".into());
        let _ = replica.increment(path, 2);
        let _ = replica.increment(path, -1);
    }
    for path in ["map.v1", "/list/-", "/list/0/key", "key.a"] {
        let _ = replica.set(path, 7);
    }
    for path in ["map.v1", "key"] {
        let _ = replica.remove_wins(path);
    }
    for path in ["map", "count", "set", "/list/0", "list"] {
        let _ = replica.remove(path);
    }
}

/// Whether the frame's document is saved in the same form: not if it is compressed, if its state was
/// left out, or if it has fields that readers skip.
fn is_as_saved(frame: &[u8]) -> bool {
    const HISTORY: u64 = 26;
    let Some((Item::Array(items), _)) = Item::read(frame) else { return false };
    let Some(Item::Map(fields)) = items.get(4) else { return false };
    let is_saved = |field: &Item| matches!(field, Item::Unsigned(n) if n % 2 == 0 && *n != HISTORY);
    fields.chunks(2).all(|field| is_saved(&field[0]))
}
