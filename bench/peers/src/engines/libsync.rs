//! libsync, by its public interface alone.

use std::collections::BTreeMap;

use ::libsync::{Content, DocumentId, Replica, ReplicaId, Unit as Counted, Value, VersionVector};

use crate::cell::Outcome;
use crate::compression::{deflate, inflate};
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

struct Document {
    replica: Replica,
}

impl Document {
    fn of(replica: Replica) -> Self {
        Self { replica }
    }

    /// What was done since `version`, encoded.
    fn since(&mut self, version: &VersionVector) -> Vec<u8> {
        self.replica.export(version).expect("nothing was pruned")
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
        let before = self.replica.version().clone();
        edits.iter().for_each(|edit| self.edit(edit));
        self.since(&before)
    }

    fn apply(&mut self, update: &[u8], _sender: usize) {
        self.replica.apply(update).expect("a sound update");
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
        deflate(&self.save_plain())
    }

    fn load_compressed(bytes: &[u8], replica: u64) -> Self {
        <Self as Text>::load(&inflate(bytes), replica)
    }

    fn copy(&self) -> Option<Self> {
        Some(Self { replica: self.replica.clone() })
    }
}

impl History for Document {
    fn export(&mut self) -> Vec<u8> {
        self.since(&VersionVector::new())
    }

    fn receive(history: &[u8], replica: u64) -> Self {
        let mut document: Self = Text::new(replica);
        document.replica.apply(history).expect("a sound update");
        document
    }
}

impl State for Document {
    /// Another member receives everything, and the two acknowledge to each other: what each has
    /// seen, then that it knows that the other has too.
    fn settle(&mut self) {
        let mut other = Replica::new(DOCUMENT, OTHER_MEMBER);
        self.replica.join(OTHER_MEMBER).expect("the replica has not left");
        other.apply(&self.since(&VersionVector::new())).expect("a sound update");
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
        let before = self.replica.version().clone();
        self.replica.set(key, value).expect("a key of the root");
        self.since(&before)
    }

    fn apply(&mut self, update: &[u8], sender: usize) {
        Text::apply(self, update, sender);
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
