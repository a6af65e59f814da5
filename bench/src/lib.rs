//! The editing trace, replicas that replay it, and what all benchmarks share.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use criterion::Criterion;
use flate2::read::GzDecoder;
use libsync::{DocumentId, Receiver, Replica, ReplicaId, Sender, Unit, VersionVector};
use serde::Deserialize;

/// The document of all benchmarks.
pub const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"libsync-bench-01");
/// The replica that types.
pub const AUTHOR: ReplicaId = ReplicaId::new(1);
/// The replica that receives.
pub const READER: ReplicaId = ReplicaId::new(2);
/// Where the text is.
pub const TEXT: &str = "text";

/// How long each benchmark is run: what takes a second takes ten.
pub fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
}

/// Random numbers, the same in every run: SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(u64);

impl Random {
    /// Those of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which is greater than 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % bound as u64) as usize
    }
}

/// A recorded history of one text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The text after the last edit.
    pub end_content: String,
    txns: Vec<Transaction>,
}

#[derive(Deserialize)]
struct Transaction {
    patches: Vec<Edit>,
}

/// At a position, in Unicode scalar values, so many are deleted; then a string is inserted.
#[derive(Deserialize)]
pub struct Edit(pub usize, pub usize, pub String);

impl Trace {
    /// Reads the trace that `make bench` fetched.
    ///
    /// # Panics
    /// If it is not there or not readable.
    pub fn load() -> Self {
        let path = PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../target/traces/automerge-paper.json.gz"
        ));
        let file = File::open(&path)
            .unwrap_or_else(|error| panic!("{}: {error}; run `make bench`", path.display()));
        serde_json::from_reader(GzDecoder::new(file))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The edits, in order.
    pub fn edits(&self) -> impl Iterator<Item = &Edit> {
        self.txns.iter().flat_map(|transaction| &transaction.patches)
    }

    /// Replays the trace on a new replica.
    pub fn typed(&self) -> Replica {
        let mut author = Replica::new(DOCUMENT, AUTHOR);
        for edit in self.edits() {
            edit.make(&mut author);
        }
        author
    }

    /// Replays the trace on a new replica that exports every edit as it is made.
    pub fn typed_with_frames(&self) -> (Replica, Vec<Vec<u8>>) {
        let mut author = Replica::new(DOCUMENT, AUTHOR);
        let mut frames = Vec::new();
        for edit in self.edits() {
            let before = author.version().clone();
            edit.make(&mut author);
            frames.push(export(&mut author, &before));
        }
        (author, frames)
    }

    /// Replays the trace on a new replica that sends every edit as it is made, over one stream.
    ///
    /// # Panics
    /// If an edit changes nothing.
    pub fn typed_with_stream(&self) -> (Replica, Vec<Vec<u8>>) {
        let mut author = Replica::new(DOCUMENT, AUTHOR);
        let mut sender = Sender::new(VersionVector::new());
        let mut frames = Vec::new();
        for edit in self.edits() {
            edit.make(&mut author);
            let frame = author.send(&mut sender).expect("nothing was pruned");
            frames.push(frame.expect("every edit of the trace changes something"));
        }
        (author, frames)
    }
}

impl Edit {
    /// Makes the edit.
    ///
    /// # Panics
    /// If it does not fit the text.
    pub fn make(&self, replica: &mut Replica) {
        let Self(position, deleted, inserted) = self;
        if *deleted > 0 {
            replica
                .delete_text(TEXT, Unit::Scalar, *position, *deleted)
                .expect("the trace deletes what is there");
        }
        if !inserted.is_empty() {
            replica
                .insert_text(TEXT, Unit::Scalar, *position, inserted)
                .expect("the trace inserts within the text");
        }
    }
}

/// What `replica` has and `since` has not, as one frame.
///
/// # Panics
/// If it was pruned.
pub fn export(replica: &mut Replica, since: &VersionVector) -> Vec<u8> {
    replica.export(since).expect("nothing since then was pruned")
}

/// An empty replica that receives.
pub fn reader() -> Replica {
    Replica::new(DOCUMENT, READER)
}

/// Hands `frames` to `replica`, one by one.
///
/// # Panics
/// If one is refused.
pub fn deliver(replica: &mut Replica, frames: &[Vec<u8>]) {
    for frame in frames {
        replica.apply(frame).expect("the frame is sound");
    }
}

/// Hands `frames`, which are a stream, to `replica`.
///
/// # Panics
/// If one is refused.
pub fn stream(replica: &mut Replica, frames: &[Vec<u8>]) {
    let mut receiver = Receiver::new();
    for frame in frames {
        replica.receive(&mut receiver, frame).expect("the frame is sound");
    }
}

/// Lets both replicas acknowledge all they have to each other until all of it is stable.
///
/// Twice: the first round tells what each has seen, the second that it knows the other has too.
///
/// # Panics
/// If an acknowledgement is refused.
pub fn settle(left: &mut Replica, right: &mut Replica) {
    for _ in 0..2 {
        let (from_left, from_right) = (left.acknowledge(), right.acknowledge());
        left.apply_acknowledgement(&from_right).expect("a sound acknowledgement");
        right.apply_acknowledgement(&from_left).expect("a sound acknowledgement");
    }
}
