//! Makes the vectors: with the library where it writes such frames, else item by item.

mod acknowledgements;
mod changes;
mod commits;
mod counters;
mod documents;
mod edits;
mod invalid_bodies;
mod invalid_changes;
mod invalid_columns;
mod invalid_contents;
mod invalid_documents;
mod invalid_frames;
mod invalid_operations;
mod invalid_references;
mod invalid_texts;
mod invalid_timestamps;
mod kinds;
mod lists;
mod peers;
mod saved;
mod sets;
mod versions;

use crate::cbor::{Item, encoded, seal};
use crate::receive::{Asked, DOCUMENT, prepared, receive};
use crate::vector::{Given, Kind, Outcome, Rewritten, Vector};

/// Replicas that write.
pub const A: u64 = 0x0a0a_0a0a_0a0a_0a0a;
pub const B: u64 = 0x0b0b_0b0b_0b0b_0b0b;
pub const C: u64 = 0x0c0c_0c0c_0c0c_0c0c;
/// One that reads.
const READER: u64 = 0xffff_ffff_ffff_ffff;

/// Vectors whose stories lead to other bytes since documents say more of members, and those are made one
/// who had written alone: what they led to before stays in the files, and what they lead to now has a
/// name of its own.
const TOLD_ANEW: &[&str] = &[
    "changes/conflict",
    "changes/resolved-conflict",
    "changes/after-pruning",
    "changes/late-assignment",
    "changes/late-edit",
    "changes/late-move",
    "changes/counter-removed-at-once",
    "changes/counter-lives-on",
    "changes/counter-nearer",
    "changes/absence-superseded",
    "documents/small",
    "documents/conflicts",
    "documents/survivor",
    "documents/tombstones",
    "documents/stable",
    "documents/pruned",
    "documents/edited-after-pruning",
    "documents/deleted-backwards",
    "documents/pruned-in-part",
    "documents/kept-tombstone",
    "documents/spliced",
    "documents/acknowledged",
    "documents/left",
    "documents/held",
    "documents/empty-kinds",
    "documents/kinds",
    "documents/times",
    "documents/moved-items",
    "documents/nested-items",
    "documents/stable-list",
    "documents/pruned-list",
    "documents/list-after-pruning",
    "documents/spliced-list",
    "documents/discarded",
    "documents/wrapped",
    "documents/absence",
    "documents/removed",
    "documents/removed-and-pruned",
    "versions/three-replicas",
    "acknowledgements/first",
    "acknowledgements/stable",
    "acknowledgements/held",
    "acknowledgements/stale",
    "invalid-changes/below-the-floor",
    "invalid-changes/asks-below-the-floor",
    "invalid-operations/assign-pruned",
    "invalid-operations/move-pruned",
    "invalid-operations/in-pruned",
];

/// The vectors of a file.
pub fn of_file(file: &str) -> Vec<Vector> {
    let mut vectors = told(file);
    for vector in &mut vectors {
        if TOLD_ANEW.contains(&&*format!("{file}/{}", vector.name)) {
            vector.name.push_str("-with-members");
        }
    }
    vectors
}

fn told(file: &str) -> Vec<Vector> {
    match file {
        "changes" => [
            changes::vectors(),
            edits::vectors(),
            lists::vectors(),
            sets::vectors(),
            counters::vectors(),
            commits::vectors(),
        ]
        .concat(),
        "documents" => [documents::vectors(), kinds::vectors()].concat(),
        "versions" => versions::vectors(),
        "acknowledgements" => acknowledgements::vectors(),
        "invalid-frames" => invalid_frames::vectors(),
        "invalid-bodies" => invalid_bodies::vectors(),
        "invalid-changes" => invalid_changes::vectors(),
        "invalid-operations" => [
            invalid_columns::vectors(),
            invalid_timestamps::vectors(),
            invalid_operations::vectors(),
            invalid_references::vectors(),
        ]
        .concat(),
        "invalid-documents" => invalid_documents::vectors(),
        "invalid-texts" => invalid_texts::vectors(),
        "invalid-contents" => invalid_contents::vectors(),
        _ => panic!("nothing makes {file}"),
    }
}

/// A vector in the making.
struct Making {
    vector: Vector,
    asked: Asked,
}

/// A frame, what it is about, and of which kind it is.
fn making(name: &str, about: &str, kind: Kind, frame: Vec<u8>) -> Making {
    Making {
        vector: Vector {
            name: name.to_owned(),
            about: about.to_owned(),
            replica: READER,
            before: Vec::new(),
            given: Given { kind, frame },
            outcome: Outcome::Fails(String::new()),
            rewritten: Rewritten::Never,
        },
        asked: Asked::default(),
    }
}

impl Making {
    fn received_by(mut self, replica: u64) -> Self {
        self.vector.replica = replica;
        self
    }

    fn after(mut self, kind: Kind, frame: Vec<u8>) -> Self {
        self.vector.before.push(Given { kind, frame });
        self
    }

    fn conflicts_at(mut self, path: &str) -> Self {
        self.asked.conflicts_at.push(path.to_owned());
        self
    }

    fn answered_by(mut self, answer: Vec<u8>) -> Self {
        self.asked.answer = answer;
        self
    }

    /// The frame is valid, and written again as it is if there is a call that does.
    fn valid(self) -> Vector {
        let Self { mut vector, asked } = self;
        let received = receive(&prepared(&vector), &vector.given, &asked);
        let name = &vector.name;
        assert!(matches!(received.outcome, Outcome::Shows(_)), "{name}: {:?}", received.outcome);
        vector.outcome = received.outcome;
        vector.rewritten = match received.rewritten {
            None => Rewritten::Never,
            Some(rewritten) => {
                assert_eq!(rewritten, vector.given.frame, "{name} is written again as it is");
                Rewritten::Same
            }
        };
        vector
    }

    /// The frame is valid, and the document is this one then.
    fn shows(self, json: &str) -> Vector {
        let vector = self.valid();
        assert_eq!(shown(&vector), json, "{}", vector.name);
        vector
    }

    /// The same; but what is written again is different, as what was skipped is not in it.
    fn shows_and_skips(self, json: &str) -> Vector {
        let Self { mut vector, asked } = self;
        let received = receive(&prepared(&vector), &vector.given, &asked);
        let name = &vector.name;
        assert!(matches!(received.outcome, Outcome::Shows(_)), "{name}: {:?}", received.outcome);
        let rewritten = received.rewritten.expect("it is written again");
        assert!(rewritten.len() < vector.given.frame.len(), "{name} skips something");
        vector.rewritten = Rewritten::As(rewritten);
        vector.outcome = received.outcome;
        assert_eq!(shown(&vector), json, "{}", vector.name);
        vector
    }

    /// The frame is refused with this error, and nothing changes.
    fn fails(self, error: &str) -> Vector {
        Vector { outcome: Outcome::Fails(error.to_owned()), ..self.vector }
    }
}

/// Whether a document loads.
fn loads(document: Vec<u8>) -> bool {
    libsync::Replica::load(&document, libsync::ReplicaId::new(READER)).is_ok()
}

fn shown(vector: &Vector) -> &str {
    match &vector.outcome {
        Outcome::Shows(shows) => shows["json"].as_str().expect("it shows a document"),
        Outcome::Fails(error) => panic!("{} fails: {error}", vector.name),
    }
}

/// A frame of this format around a body.
fn frame(kind: Kind, body: Item) -> Vec<u8> {
    framed(kind as u64 + 1, 1, 0, body)
}

fn framed(kind: u64, format: u64, epoch: u64, body: Item) -> Vec<u8> {
    let document = Item::Bytes(DOCUMENT.as_bytes().to_vec());
    let items = [Item::Uint(kind), Item::Uint(format), document, Item::Uint(epoch), body];
    let mut bytes = vec![0x86];
    bytes.extend(encoded(&items));
    seal(bytes)
}
