//! diamond-types: a log of positions, replayed where edits are concurrent, beside a rope.

use ::diamond_types::AgentId;
use ::diamond_types::list::ListCRDT;
use ::diamond_types::list::encoding::{ENCODE_FULL, ENCODE_PATCH, EncodeOptions};

use crate::cell::Outcome;
use crate::engine::{Engine, History, Text};
use crate::trace::{Edit, Unit};
use crate::workloads::{self, Input, Workload};

pub(crate) struct DiamondTypes;

impl Engine for DiamondTypes {
    fn name(&self) -> &'static str {
        "diamond-types"
    }

    fn package(&self) -> &'static str {
        "diamond-types"
    }

    fn keeps(&self) -> &'static str {
        "all that was ever typed, as positions in a log, for good; the text in a rope, and \
         nothing of where characters came from: that is worked out from the log where edits \
         are concurrent"
    }

    fn run(&self, workload: Workload, input: &Input) -> Outcome {
        match workload {
            Workload::Text(work) => workloads::text::<Document>(work, input),
            Workload::History(work) => workloads::history::<Document>(work, input),
            Workload::State(_) => Outcome::Unavailable("it never drops history"),
            Workload::Map(_) => Outcome::Unavailable("it has texts only"),
        }
    }
}

struct Document {
    list: ListCRDT,
    agent: AgentId,
}

impl Document {
    fn of(mut list: ListCRDT, replica: u64) -> Self {
        let agent = list.get_or_create_agent_id(&replica.to_string());
        Self { list, agent }
    }
}

impl Text for Document {
    const UNIT: Unit = Unit::Scalar;
    const HUB_OPERATIONS: usize = 256;

    fn new(replica: u64) -> Self {
        Self::of(ListCRDT::new(), replica)
    }

    fn edit(&mut self, edit: &Edit) {
        if edit.deleted > 0 {
            let range = edit.position..edit.position + edit.deleted;
            self.list.delete_without_content(self.agent, range);
        }
        if !edit.inserted.is_empty() {
            self.list.insert(self.agent, edit.position, &edit.inserted);
        }
    }

    fn edit_and_encode(&mut self, edits: &[Edit]) -> Vec<u8> {
        let before = self.list.branch.local_version();
        edits.iter().for_each(|edit| self.edit(edit));
        self.list.oplog.encode_from(ENCODE_PATCH, &before)
    }

    fn apply(&mut self, update: &[u8], _sender: usize) {
        self.list.merge_data_and_ff(update).expect("a sound update");
    }

    fn apply_all(&mut self, updates: &[(usize, &[u8])]) {
        for (_, update) in updates {
            self.list.oplog.decode_and_add(update).expect("a sound update");
        }
        self.list.branch.merge(&self.list.oplog, self.list.oplog.local_version_ref());
    }

    fn text(&self) -> String {
        self.list.branch.content().to_string()
    }

    fn save(&mut self) -> Vec<u8> {
        self.list.oplog.encode(ENCODE_FULL)
    }

    fn load(bytes: &[u8], replica: u64) -> Self {
        Self::of(ListCRDT::load_from(bytes).expect("a sound document"), replica)
    }

    /// Without LZ4.
    fn save_plain(&mut self) -> Vec<u8> {
        self.list.oplog.encode(EncodeOptions { compress_content: false, ..ENCODE_FULL })
    }

    /// It compresses the text by LZ4 as it is.
    fn save_compressed(&mut self) -> Vec<u8> {
        self.save()
    }

    fn load_compressed(bytes: &[u8], replica: u64) -> Self {
        Self::load(bytes, replica)
    }

    fn copy(&self) -> Option<Self> {
        Some(Self { list: self.list.clone(), agent: self.agent })
    }
}

impl History for Document {
    fn export(&mut self) -> Vec<u8> {
        self.list.oplog.encode(ENCODE_FULL)
    }

    fn receive(history: &[u8], replica: u64) -> Self {
        Self::load(history, replica)
    }
}
