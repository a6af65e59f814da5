//! cola: tells where edits go, and leaves the text to its host, here in a rope.

use ::cola::{Deletion, EncodedReplica, Insertion, Replica};
use jumprope::JumpRope;
use serde::{Deserialize, Serialize};

use crate::cell::Outcome;
use crate::compression::{deflate, inflate};
use crate::engine::{Engine, Text};
use crate::trace::{Edit, Unit};
use crate::workloads::{self, Input, Workload};

/// Who made the empty text that all replicas are forked from.
const ORIGIN: u64 = 1;

pub(crate) struct Cola;

impl Engine for Cola {
    fn name(&self) -> &'static str {
        "cola"
    }

    fn package(&self) -> &'static str {
        "cola"
    }

    fn keeps(&self) -> &'static str {
        "where every character came from, for good, but no text and no log; the text is in a rope \
         (jumprope), which is measured with it"
    }

    fn saves_history(&self) -> bool {
        false
    }

    fn run(&self, workload: Workload, input: &Input) -> Outcome {
        match workload {
            Workload::Text(work) => workloads::text::<Document>(work, input),
            Workload::History(_) => Outcome::Unavailable("it keeps no log that could be sent"),
            Workload::State(_) => Outcome::Unavailable("it never drops tombstones"),
            Workload::Map(_) => Outcome::Unavailable("it has texts only"),
        }
    }
}

struct Document {
    replica: Replica,
    rope: JumpRope,
}

/// An edit as a host would send it: cola's own encoding, and the text that it leaves out.
#[derive(Serialize, Deserialize)]
enum Message<'a> {
    Deletion(Deletion),
    Insertion(Insertion, #[serde(borrow)] &'a str),
}

/// A document as a host would save it.
#[derive(Serialize, Deserialize)]
struct Saved<'a> {
    replica: &'a [u8],
    text: &'a str,
}

impl Document {
    fn delete(&mut self, edit: &Edit) -> Option<Deletion> {
        (edit.deleted > 0).then(|| {
            let range = edit.position..edit.position + edit.deleted;
            self.rope.remove(range.clone());
            self.replica.deleted(range)
        })
    }

    fn insert(&mut self, edit: &Edit) -> Option<Insertion> {
        (!edit.inserted.is_empty()).then(|| {
            self.rope.insert(edit.position, &edit.inserted);
            self.replica.inserted(edit.position, edit.inserted.chars().count())
        })
    }
}

impl Text for Document {
    const UNIT: Unit = Unit::Scalar;

    fn new(replica: u64) -> Self {
        let origin = Replica::new(ORIGIN, 0);
        let replica = if replica == ORIGIN { origin } else { origin.fork(replica) };
        Self { replica, rope: JumpRope::new() }
    }

    fn edit(&mut self, edit: &Edit) {
        self.delete(edit);
        self.insert(edit);
    }

    fn edit_and_encode(&mut self, edits: &[Edit]) -> Vec<u8> {
        let mut update = Vec::new();
        for edit in edits {
            let deletion = self.delete(edit).map(Message::Deletion);
            let insertion = self.insert(edit).map(|made| Message::Insertion(made, &edit.inserted));
            for message in deletion.iter().chain(&insertion) {
                update = postcard::to_extend(message, update).expect("memory is there");
            }
        }
        update
    }

    fn apply(&mut self, mut update: &[u8], _sender: usize) {
        while !update.is_empty() {
            let (message, rest) = postcard::take_from_bytes(update).expect("a sound update");
            match message {
                Message::Deletion(deletion) => {
                    for range in self.replica.integrate_deletion(&deletion).into_iter().rev() {
                        self.rope.remove(range);
                    }
                }
                Message::Insertion(insertion, text) => {
                    let position = self.replica.integrate_insertion(&insertion);
                    self.rope.insert(position.expect("updates arrive in order"), text);
                }
            }
            update = rest;
        }
    }

    fn text(&self) -> String {
        self.rope.to_string()
    }

    fn save(&mut self) -> Vec<u8> {
        let (replica, text) = (self.replica.encode(), self.rope.to_string());
        let saved = Saved { replica: replica.as_bytes(), text: &text };
        postcard::to_allocvec(&saved).expect("memory is there")
    }

    fn load(bytes: &[u8], replica: u64) -> Self {
        let saved: Saved<'_> = postcard::from_bytes(bytes).expect("a sound document");
        let decoded = Replica::decode(replica, &EncodedReplica::from_bytes(saved.replica));
        Self { replica: decoded.expect("a sound document"), rope: JumpRope::from(saved.text) }
    }

    fn save_compressed(&mut self) -> Vec<u8> {
        deflate(&self.save_plain())
    }

    fn load_compressed(bytes: &[u8], replica: u64) -> Self {
        Self::load(&inflate(bytes), replica)
    }

    fn copy(&self) -> Option<Self> {
        Some(Self { replica: self.replica.clone(), rope: self.rope.clone() })
    }
}
