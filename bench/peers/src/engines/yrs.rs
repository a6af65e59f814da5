//! Yrs: a linked list of items, and what was deleted is forgotten at once.

use std::collections::BTreeMap;

use ::yrs::updates::decoder::Decode;
use ::yrs::{
    Doc, GetString, Map as _, MapRef, Out, ReadTxn, StateVector, Text as _, TextRef, Transact,
    TransactionMut, Update,
};

use crate::cell::Outcome;
use crate::compression::{deflate, inflate};
use crate::engine::{Engine, History, Map, State, Text};
use crate::trace::{Edit, Unit};
use crate::workloads::{self, Input, Workload};

pub(crate) struct Yrs;

impl Engine for Yrs {
    fn name(&self) -> &'static str {
        "yrs"
    }

    fn package(&self) -> &'static str {
        "yrs"
    }

    fn keeps(&self) -> &'static str {
        "where every character came from, for good, and the text; deleted text is dropped at once, \
         so there is no history to go back in"
    }

    fn saves_history(&self) -> bool {
        false
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

fn apply(document: &Doc, update: &[u8]) {
    let update = Update::decode_v1(update).expect("a sound update");
    document.transact_mut().apply_update(update).expect("a sound update");
}

fn whole(document: &Doc) -> Vec<u8> {
    document.transact().encode_state_as_update_v1(&StateVector::default())
}

struct Document {
    document: Doc,
    text: TextRef,
}

impl Document {
    fn edit_in(&self, transaction: &mut TransactionMut<'_>, edit: &Edit) {
        let length = |length: usize| u32::try_from(length).expect("a text of less than 4 GB");
        let position = length(edit.position);
        if edit.deleted > 0 {
            self.text.remove_range(transaction, position, length(edit.deleted));
        }
        if !edit.inserted.is_empty() {
            self.text.insert(transaction, position, &edit.inserted);
        }
    }
}

impl Text for Document {
    const UNIT: Unit = Unit::Utf8;
    /// What is measured takes no longer with more of them, but each writer looks for its place from
    /// the start of the text.
    const HUB_OPERATIONS: usize = 20_000;

    fn new(replica: u64) -> Self {
        let document = Doc::with_client_id(replica);
        let text = document.get_or_insert_text("text");
        Self { document, text }
    }

    fn edit(&mut self, edit: &Edit) {
        self.edit_in(&mut self.document.transact_mut(), edit);
    }

    fn edit_and_encode(&mut self, edits: &[Edit]) -> Vec<u8> {
        let mut transaction = self.document.transact_mut();
        edits.iter().for_each(|edit| self.edit_in(&mut transaction, edit));
        transaction.encode_update_v1()
    }

    fn apply(&mut self, update: &[u8], _sender: usize) {
        apply(&self.document, update);
    }

    fn text(&self) -> String {
        self.text.get_string(&self.document.transact())
    }

    fn save(&mut self) -> Vec<u8> {
        whole(&self.document)
    }

    fn load(bytes: &[u8], replica: u64) -> Self {
        let document = Self::new(replica);
        apply(&document.document, bytes);
        document
    }

    /// The second encoding, which is the smaller one.
    fn save_plain(&mut self) -> Vec<u8> {
        self.document.transact().encode_state_as_update_v2(&StateVector::default())
    }

    fn save_compressed(&mut self) -> Vec<u8> {
        deflate(&self.save_plain())
    }

    fn load_compressed(bytes: &[u8], replica: u64) -> Self {
        let document = Self::new(replica);
        let update = Update::decode_v2(&inflate(bytes)).expect("a sound document");
        document.document.transact_mut().apply_update(update).expect("a sound document");
        document
    }

    fn copy(&self) -> Option<Self> {
        None
    }
}

impl History for Document {
    fn export(&mut self) -> Vec<u8> {
        whole(&self.document)
    }

    fn receive(history: &[u8], replica: u64) -> Self {
        Self::load(history, replica)
    }

    fn export_compressed(&mut self) -> Vec<u8> {
        self.save_compressed()
    }

    fn receive_compressed(history: &[u8], replica: u64) -> Self {
        Self::load_compressed(history, replica)
    }
}

impl State for Document {
    /// Deleted text is gone already.
    fn save_state(&mut self) -> Vec<u8> {
        self.save()
    }

    fn save_state_compressed(&mut self) -> Vec<u8> {
        self.save_compressed()
    }

    /// Loaded anew: what was dropped while it was edited left its items in pieces.
    fn trimmed(mut self) -> Self {
        Self::load(&self.save(), self.document.client_id().get())
    }
}

struct MapDocument {
    document: Doc,
    map: MapRef,
}

impl Map for MapDocument {
    fn new(replica: u64) -> Self {
        let document = Doc::with_client_id(replica);
        let map = document.get_or_insert_map("map");
        Self { document, map }
    }

    fn set_and_encode(&mut self, key: &str, value: i64) -> Vec<u8> {
        let mut transaction = self.document.transact_mut();
        self.map.insert(&mut transaction, key, value);
        transaction.encode_update_v1()
    }

    fn apply(&mut self, update: &[u8], _sender: usize) {
        apply(&self.document, update);
    }

    fn entries(&self) -> BTreeMap<String, i64> {
        let transaction = self.document.transact();
        let number = |value: Out| value.cast().expect("all values are whole numbers");
        let entries =
            self.map.iter(&transaction).map(|(key, value)| (key.to_owned(), number(value)));
        entries.collect()
    }

    fn save(&mut self) -> Vec<u8> {
        whole(&self.document)
    }

    fn load(bytes: &[u8], replica: u64) -> Self {
        let document = Self::new(replica);
        apply(&document.document, bytes);
        document
    }
}
