//! Automerge: columns of operations.

use std::sync::OnceLock;

use ::automerge::transaction::Transactable;
use ::automerge::{ActorId, Automerge as Columns, Change, ObjId, ObjType, ROOT, ReadDoc};

use crate::cell::Outcome;
use crate::engine::{Engine, History, Text};
use crate::trace::{Edit, Unit};
use crate::workloads::{self, Input, TextWork, Workload};

pub(crate) struct Automerge;

impl Engine for Automerge {
    fn name(&self) -> &'static str {
        "automerge"
    }

    fn package(&self) -> &'static str {
        "automerge"
    }

    fn keeps(&self) -> &'static str {
        "all operations, in columns, for good"
    }

    /// A received change costs it a pass over the whole document, so receiving many one at a time
    /// is quadratic: measured as 1.3 ms a change after 20,000 edits of a text, and 0.4 ms after
    /// 3,000 sets of a map.
    fn run(&self, workload: Workload, input: &Input) -> Outcome {
        match workload {
            Workload::Text(TextWork::Remote) => {
                Outcome::Unavailable("each received change takes a pass over the whole document")
            }
            Workload::Text(work) => workloads::text::<Document>(work, input),
            Workload::History(work) => workloads::history::<Document>(work, input),
            Workload::State(_) => Outcome::Unavailable("it never drops history"),
            Workload::Map(_) => {
                Outcome::Unavailable("each received change takes a pass over the whole document")
            }
        }
    }
}

fn actor(replica: u64) -> ActorId {
    ActorId::from(&replica.to_be_bytes()[6..])
}

/// The change that was made last, as it is sent.
fn last_change(columns: &Columns) -> Vec<u8> {
    let change = columns.get_last_local_change().expect("a change was made");
    change.raw_bytes().to_vec()
}

fn apply(columns: &mut Columns, update: &[u8]) {
    let change = Change::from_bytes(update.to_vec()).expect("a sound update");
    columns.apply_changes([change]).expect("a sound update");
}

struct Document {
    columns: Columns,
    text: ObjId,
}

impl Document {
    /// The document that all replicas start from: it has an empty text, which has to be one and
    /// the same object in all of them.
    fn origin() -> &'static [u8] {
        static ORIGIN: OnceLock<Vec<u8>> = OnceLock::new();
        ORIGIN.get_or_init(|| {
            let mut columns = Columns::new().with_actor(ActorId::from(&[0]));
            let mut transaction = columns.transaction();
            transaction.put_object(ROOT, "text", ObjType::Text).expect("the root is a map");
            transaction.commit();
            columns.save()
        })
    }

    fn of(columns: Columns, replica: u64) -> Self {
        let (_, text) = columns.get(ROOT, "text").expect("a map").expect("there is a text");
        Self { columns: columns.with_actor(actor(replica)), text }
    }

    fn edit_in_one(&mut self, edits: &[Edit]) {
        let mut transaction = self.columns.transaction();
        for edit in edits {
            let deleted = isize::try_from(edit.deleted).expect("a text of less than 8 EB");
            transaction
                .splice_text(&self.text, edit.position, deleted, &edit.inserted)
                .expect("within the text");
        }
        transaction.commit();
    }
}

impl Text for Document {
    const UNIT: Unit = Unit::Scalar;
    const HUB_OPERATIONS: usize = 1_000;

    fn new(replica: u64) -> Self {
        Self::load(Self::origin(), replica)
    }

    fn edit(&mut self, edit: &Edit) {
        self.edit_in_one(std::slice::from_ref(edit));
    }

    fn edit_all(&mut self, edits: &[Edit]) {
        self.edit_in_one(edits);
    }

    fn edit_and_encode(&mut self, edits: &[Edit]) -> Vec<u8> {
        self.edit_in_one(edits);
        last_change(&self.columns)
    }

    fn apply(&mut self, update: &[u8], _sender: usize) {
        apply(&mut self.columns, update);
    }

    fn apply_all(&mut self, updates: &[(usize, &[u8])]) {
        let changes = updates.iter().map(|(_, update)| Change::from_bytes(update.to_vec()));
        let changes: Vec<Change> = changes.collect::<Result<_, _>>().expect("sound updates");
        self.columns.apply_changes(changes).expect("sound updates");
    }

    fn text(&self) -> String {
        self.columns.text(&self.text).expect("there is a text")
    }

    fn save(&mut self) -> Vec<u8> {
        self.columns.save()
    }

    fn load(bytes: &[u8], replica: u64) -> Self {
        Self::of(Columns::load(bytes).expect("a sound document"), replica)
    }

    /// Without Deflate.
    fn save_plain(&mut self) -> Vec<u8> {
        self.columns.save_nocompress()
    }

    /// It compresses its columns by Deflate as it is.
    fn save_compressed(&mut self) -> Vec<u8> {
        self.save()
    }

    fn load_compressed(bytes: &[u8], replica: u64) -> Self {
        Self::load(bytes, replica)
    }

    fn copy(&self) -> Option<Self> {
        Some(Self { columns: self.columns.clone(), text: self.text.clone() })
    }
}

impl History for Document {
    fn export(&mut self) -> Vec<u8> {
        self.columns.save()
    }

    /// Into nothing, where it is quickest: not on top of the origin.
    fn receive(history: &[u8], replica: u64) -> Self {
        let mut columns = Columns::new();
        columns.load_incremental(history).expect("a sound history");
        Self::of(columns, replica)
    }
}
