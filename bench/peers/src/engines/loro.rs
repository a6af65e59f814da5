//! Loro: a log of positions, replayed where edits are concurrent, beside a lazily opened state.

use std::collections::BTreeMap;

use ::loro::{ExportMode, LoroDoc, LoroMap, LoroText, LoroValue, VersionVector};

use crate::cell::Outcome;
use crate::engine::{Engine, History, Map, State, Text};
use crate::trace::{Edit, Unit};
use crate::workloads::{self, Input, Workload};

pub(crate) struct Loro;

impl Engine for Loro {
    fn name(&self) -> &'static str {
        "loro"
    }

    fn package(&self) -> &'static str {
        "loro"
    }

    fn keeps(&self) -> &'static str {
        "all changes, in blocks that are compressed, until a snapshot without history \
         replaces the document; the text apart, without tombstones as long as nobody edits at \
         the same time"
    }

    fn run(&self, workload: Workload, input: &Input) -> Outcome {
        match workload {
            Workload::Text(work) => workloads::text::<Document>(work, input),
            Workload::History(work) => workloads::history::<Document>(work, input),
            Workload::State(work) => workloads::state::<Document>(work, input),
            Workload::Map(work) => workloads::map::<MapDocument>(work),
        }
    }
}

fn document(replica: u64) -> LoroDoc {
    let document = LoroDoc::new();
    document.set_peer_id(replica).expect("nothing is pending");
    document
}

fn export(document: &LoroDoc, mode: ExportMode<'_>) -> Vec<u8> {
    document.export(mode).expect("all that is asked for is there")
}

struct Document {
    document: LoroDoc,
    text: LoroText,
}

impl Document {
    fn of(document: LoroDoc) -> Self {
        let text = document.get_text("text");
        Self { document, text }
    }

    fn edit_in(&self, edit: &Edit) {
        if edit.deleted > 0 {
            self.text.delete(edit.position, edit.deleted).expect("within the text");
        }
        if !edit.inserted.is_empty() {
            self.text.insert(edit.position, &edit.inserted).expect("within the text");
        }
    }
}

impl Text for Document {
    const UNIT: Unit = Unit::Scalar;
    const HUB_OPERATIONS: usize = 256;

    fn new(replica: u64) -> Self {
        Self::of(document(replica))
    }

    fn edit(&mut self, edit: &Edit) {
        self.edit_in(edit);
        self.document.commit();
    }

    fn edit_all(&mut self, edits: &[Edit]) {
        edits.iter().for_each(|edit| self.edit_in(edit));
        self.document.commit();
    }

    fn edit_and_encode(&mut self, edits: &[Edit]) -> Vec<u8> {
        let before = self.document.oplog_vv();
        edits.iter().for_each(|edit| self.edit_in(edit));
        self.document.commit();
        export(&self.document, ExportMode::updates(&before))
    }

    fn apply(&mut self, update: &[u8], _sender: usize) {
        self.document.import(update).expect("a sound update");
    }

    fn apply_all(&mut self, updates: &[(usize, &[u8])]) {
        let updates: Vec<Vec<u8>> = updates.iter().map(|(_, update)| update.to_vec()).collect();
        self.document.import_batch(&updates).expect("sound updates");
    }

    fn text(&self) -> String {
        self.text.to_string()
    }

    fn save(&mut self) -> Vec<u8> {
        export(&self.document, ExportMode::Snapshot)
    }

    fn load(bytes: &[u8], replica: u64) -> Self {
        let document = document(replica);
        document.import(bytes).expect("a sound document");
        Self::of(document)
    }

    /// Its updates deflate to less than its snapshots.
    fn save_plain(&mut self) -> Vec<u8> {
        self.export()
    }

    /// It compresses blocks of its log by LZ4.
    fn save_compressed(&mut self) -> Vec<u8> {
        self.save()
    }

    fn load_compressed(bytes: &[u8], replica: u64) -> Self {
        Self::load(bytes, replica)
    }

    /// Its fork goes through bytes, and so has another state of its caches.
    fn copy(&self) -> Option<Self> {
        None
    }
}

impl History for Document {
    fn export(&mut self) -> Vec<u8> {
        export(&self.document, ExportMode::updates(&VersionVector::default()))
    }

    fn receive(history: &[u8], replica: u64) -> Self {
        Self::load(history, replica)
    }
}

impl State for Document {
    fn save_state(&mut self) -> Vec<u8> {
        export(&self.document, ExportMode::StateOnly(None))
    }

    /// It is compressed as it is.
    fn save_state_compressed(&mut self) -> Vec<u8> {
        self.save_state()
    }

    fn trimmed(mut self) -> Self {
        Self::load(&self.save_state(), self.document.peer_id())
    }
}

struct MapDocument {
    document: LoroDoc,
    map: LoroMap,
}

impl MapDocument {
    fn of(document: LoroDoc) -> Self {
        let map = document.get_map("map");
        Self { document, map }
    }
}

impl Map for MapDocument {
    fn new(replica: u64) -> Self {
        Self::of(document(replica))
    }

    fn set_and_encode(&mut self, key: &str, value: i64) -> Vec<u8> {
        let before = self.document.oplog_vv();
        self.map.insert(key, value).expect("the map is attached");
        self.document.commit();
        export(&self.document, ExportMode::updates(&before))
    }

    fn apply(&mut self, update: &[u8], _sender: usize) {
        self.document.import(update).expect("a sound update");
    }

    fn entries(&self) -> BTreeMap<String, i64> {
        let mut entries = BTreeMap::new();
        self.map.for_each(|key, value| match value.into_value() {
            Ok(LoroValue::I64(value)) => drop(entries.insert(key.to_owned(), value)),
            other => panic!("`{key}` has {other:?}"),
        });
        entries
    }

    fn save(&mut self) -> Vec<u8> {
        export(&self.document, ExportMode::Snapshot)
    }

    fn load(bytes: &[u8], replica: u64) -> Self {
        let document = document(replica);
        document.import(bytes).expect("a sound document");
        Self::of(document)
    }
}
