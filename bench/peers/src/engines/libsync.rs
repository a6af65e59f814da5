//! libsync, by its public interface alone.

use std::collections::BTreeMap;

use ::libsync::{
    Content, DocumentId, ExportOptions, Receiver, Replica, ReplicaId, SaveOptions, Sender,
    Unit as Counted, Value, VersionVector,
};

use crate::cell::Outcome;
use crate::engine::{Engine, History, Map, State, Text};
use crate::trace::{Edit, Unit};
use crate::workloads::{self, Input, Workload};

const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"libsync-bench-01");
const TEXT: &str = "text";
/// Who acknowledges what the measured replica has, so that it may prune.
const OTHER_MEMBER: ReplicaId = ReplicaId::new(1 << 20);

pub(crate) struct Libsync;

impl Engine for Libsync {
    fn name(&self) -> &'static str {
        "libsync"
    }

    fn package(&self) -> &'static str {
        "libsync"
    }

    fn keeps(&self) -> &'static str {
        "all changes, in columns, until all members have them and they are pruned; the text \
         in a tree of runs"
    }

    fn run(&self, workload: Workload, input: &Input) -> Outcome {
        match workload {
            Workload::Text(work) => workloads::text::<Document>(work, input),
            Workload::History(work) => workloads::history::<Document>(work, input),
            Workload::State(work) => workloads::state::<Document>(work, input),
            Workload::Map(work) => workloads::map::<Document>(work),
        }
    }
}

#[derive(Clone)]
struct Document {
    replica: Replica,
    /// The stream of what it writes itself: all others receive the same one.
    sender: Sender,
    /// The streams of the others, by who sends.
    receivers: Vec<Receiver>,
    /// Whether anything was received since it sent last.
    has_received: bool,
}

impl Document {
    fn of(replica: Replica) -> Self {
        let sender = Sender::new(replica.version().clone());
        Self { replica, sender, receivers: Vec::new(), has_received: false }
    }

    /// What was written here since the last call, encoded; to be called before `write`, because what
    /// is there before it and was not sent came from others.
    fn send(&mut self, write: impl FnOnce(&mut Self)) -> Vec<u8> {
        if std::mem::take(&mut self.has_received) {
            self.sender.skip(self.replica.version());
        }
        write(self);
        let frame = self.replica.send(&mut self.sender).expect("nothing was pruned");
        frame.expect("something was written")
    }

    fn receive(&mut self, frame: &[u8], sender: usize) {
        if self.receivers.len() <= sender {
            self.receivers.resize_with(sender + 1, Receiver::new);
        }
        self.replica.receive(&mut self.receivers[sender], frame).expect("a sound frame");
        self.has_received = true;
    }

    /// All changes.
    fn history(&mut self) -> Vec<u8> {
        self.replica.export(&VersionVector::new()).expect("nothing was pruned")
    }
}

impl Text for Document {
    const UNIT: Unit = Unit::Scalar;

    fn new(replica: u64) -> Self {
        Self::of(Replica::new(DOCUMENT, ReplicaId::new(replica)))
    }

    fn edit(&mut self, edit: &Edit) {
        if edit.deleted > 0 {
            self.replica
                .delete_text(TEXT, Counted::Scalar, edit.position, edit.deleted)
                .expect("within the text");
        }
        if !edit.inserted.is_empty() {
            self.replica
                .insert_text(TEXT, Counted::Scalar, edit.position, &edit.inserted)
                .expect("within the text");
        }
    }

    fn edit_and_encode(&mut self, edits: &[Edit]) -> Vec<u8> {
        self.send(|document| edits.iter().for_each(|edit| document.edit(edit)))
    }

    fn apply(&mut self, update: &[u8], sender: usize) {
        self.receive(update, sender);
    }

    fn text(&self) -> String {
        self.replica.text(TEXT).expect("there is a text")
    }

    fn save(&mut self) -> Vec<u8> {
        self.replica.save()
    }

    fn load(bytes: &[u8], replica: u64) -> Self {
        Self::of(Replica::load(bytes, ReplicaId::new(replica)).expect("a sound document"))
    }

    fn save_compressed(&mut self) -> Vec<u8> {
        self.replica.save_with(SaveOptions::new().compressed())
    }

    fn load_compressed(bytes: &[u8], replica: u64) -> Self {
        Text::load(bytes, replica)
    }

    fn copy(&self) -> Option<Self> {
        Some(self.clone())
    }
}

impl History for Document {
    fn export(&mut self) -> Vec<u8> {
        self.history()
    }

    fn receive(history: &[u8], replica: u64) -> Self {
        let mut document: Self = Text::new(replica);
        document.replica.apply(history).expect("a sound update");
        document
    }

    fn export_compressed(&mut self) -> Vec<u8> {
        let options = ExportOptions::new().compressed();
        self.replica.export_with(&VersionVector::new(), options).expect("nothing was pruned")
    }
}

impl State for Document {
    /// Another member receives everything, and the two acknowledge to each other: what each has
    /// seen, then that it knows that the other has too.
    fn settle(&mut self) {
        let mut other = Replica::new(DOCUMENT, OTHER_MEMBER);
        self.replica.join(OTHER_MEMBER).expect("the replica has not left");
        other.apply(&self.history()).expect("a sound update");
        for _ in 0..2 {
            let (to_other, to_this) = (self.replica.acknowledge(), other.acknowledge());
            other.apply_acknowledgement(&to_other).expect("a sound acknowledgement");
            self.replica.apply_acknowledgement(&to_this).expect("a sound acknowledgement");
        }
    }

    fn save_state(&mut self) -> Vec<u8> {
        self.replica.prune();
        self.replica.save()
    }

    fn save_state_compressed(&mut self) -> Vec<u8> {
        self.replica.prune();
        self.replica.save_with(SaveOptions::new().compressed())
    }

    fn trimmed(mut self) -> Self {
        self.replica.prune();
        self
    }
}

impl Map for Document {
    fn new(replica: u64) -> Self {
        Text::new(replica)
    }

    fn set_and_encode(&mut self, key: &str, value: i64) -> Vec<u8> {
        self.send(|document| document.replica.set(key, value).expect("a key of the root"))
    }

    fn apply(&mut self, update: &[u8], sender: usize) {
        self.receive(update, sender);
    }

    fn entries(&self) -> BTreeMap<String, i64> {
        let keys = self.replica.keys("").expect("the root is a map").into_iter();
        let entries = keys.map(|key| match self.replica.get(key.as_str()) {
            Ok(Some(Content::Value(Value::Int(value)))) => (key, value),
            other => panic!("`{key}` has {other:?}"),
        });
        entries.collect()
    }

    fn save(&mut self) -> Vec<u8> {
        self.replica.save()
    }

    fn load(bytes: &[u8], replica: u64) -> Self {
        Text::load(bytes, replica)
    }
}
