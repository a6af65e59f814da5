//! A year of a document that 20 clients overwrite, day by day.
//!
//! Every day some of the clients go and as many come. Most say that they leave; one in twenty is
//! never heard of again, and evicted after thirty days at the latest. A hub is always there; it is the hub's
//! document that is measured. Without evictions those who are lost hold back pruning for good.

use ::libsync::{DocumentId, Replica, ReplicaId, Unit};
use ::yrs::{Doc, GetString, ReadTxn, StateVector, Text as _, Transact};

use crate::engines;
use crate::measure::HeapMeter;
use crate::random::Random;

use super::line::Lines;

pub(crate) const DAYS: usize = 365;
const CLIENTS: usize = 20;
/// How many go each day, and come.
const TURNOVER: usize = 5;
/// One in so many of those who go is lost.
const LOST: usize = 20;
/// After so many days one who is lost is evicted; and with it, as an eviction waits for all others,
/// those of whom nothing was heard for so many.
const PATIENCE: usize = 30;
const SILENCE: usize = 2;
/// How many edits each makes a day, before it meets the hub.
const EDITS: usize = 2;
/// How many characters an edit replaces, of so many.
const REPLACED: usize = 25;
const LENGTH: usize = 1_000;

const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"libsync-bench-02");
const TEXT: &str = "text";
const DAY: i64 = 86_400_000_000;

/// Where an edit is and what it puts there.
struct Edit {
    position: usize,
    inserted: String,
}

impl Edit {
    fn new(random: &mut Random, length: usize) -> Self {
        let position = random.below(length.saturating_sub(REPLACED) + 1);
        Self { position, inserted: (0..REPLACED).map(|_| random.typed()).collect() }
    }
}

/// The hub, those who are there, and those who were lost, each with the day.
struct Team {
    hub: Replica,
    clients: Vec<Replica>,
    lost: Vec<(usize, ReplicaId)>,
    next: u64,
    random: Random,
}

impl Team {
    fn new() -> Self {
        let mut hub = Replica::new(DOCUMENT, ReplicaId::new(1));
        let mut random = Random::new(365);
        let text: String = (0..LENGTH).map(|_| random.typed()).collect();
        hub.insert_text(TEXT, Unit::Scalar, 0, &text).expect("an empty document");
        let mut team = Self { hub, clients: Vec::new(), lost: Vec::new(), next: 2, random };
        team.fill();
        team
    }

    /// New clients for those who have gone.
    fn fill(&mut self) {
        while self.clients.len() < CLIENTS {
            let id = ReplicaId::new(self.next);
            self.next += 1;
            self.hub.join(id).expect("the hub never leaves");
            self.clients.push(Replica::load(&self.hub.save(), id).expect("a sound document"));
        }
    }

    /// Gives the bytes of the hub's acknowledgement.
    fn day(&mut self, day: usize, evicts: bool) -> usize {
        self.hub.set_time(Some(day as i64 * DAY));
        for _ in 0..TURNOVER {
            let gone = self.random.below(self.clients.len());
            let gone = self.clients.swap_remove(gone);
            if self.random.once_in(LOST) {
                self.lost.push((day, gone.id()));
            } else {
                self.leave(gone);
            }
        }
        if evicts {
            self.evict(day);
        }
        self.fill();
        for client in &mut self.clients {
            for _ in 0..EDITS {
                replace(client, &mut self.random);
            }
        }
        self.meet();
        self.acknowledge()
    }

    fn evict(&mut self, day: usize) {
        let is_due = self.lost.first().is_some_and(|&(since, _)| since + PATIENCE <= day);
        if is_due || self.hub.members().iter().any(|member| member.evicting) {
            let silent = self.lost.partition_point(|&(since, _)| since + SILENCE <= day);
            for (_, member) in self.lost.drain(..silent) {
                self.hub.evict(member).expect("it is a member");
            }
        }
    }

    fn leave(&mut self, mut member: Replica) {
        let last = self.hub.export(member.version()).expect("nothing newer is pruned");
        member.apply(&last).expect("a sound frame");
        member.leave().expect("it is a member");
        let left = member.export(self.hub.version()).expect("nothing newer is pruned");
        self.hub.apply(&left).expect("a sound frame");
    }

    /// Everybody sends the hub what is new, and gets what is.
    fn meet(&mut self) {
        for client in &mut self.clients {
            let sent = client.export(self.hub.version()).expect("nothing newer is pruned");
            self.hub.apply(&sent).expect("a sound frame");
        }
        for client in &mut self.clients {
            let sent = self.hub.export(client.version()).expect("nothing newer is pruned");
            client.apply(&sent).expect("a sound frame");
        }
    }

    /// Everybody sends the hub what it has seen, and gets what the others have: all of it, as those
    /// who came today make nothing of what has changed. Gives the bytes of the hub's own.
    fn acknowledge(&mut self) -> usize {
        let clients = self.clients.iter_mut();
        let mut all: Vec<Vec<u8>> = clients.map(Replica::acknowledge_whole).collect();
        for acknowledged in &all {
            self.hub.apply_acknowledgement(acknowledged).expect("a sound frame");
        }
        let own = self.hub.acknowledge_whole();
        let bytes = own.len();
        all.push(own);
        for client in &mut self.clients {
            for acknowledged in &all {
                client.apply_acknowledgement(acknowledged).expect("a sound frame");
            }
        }
        bytes
    }
}

fn replace(replica: &mut Replica, random: &mut Random) {
    let length = replica.text_len(TEXT, Unit::Scalar).expect("there is a text");
    let Edit { position, inserted } = Edit::new(random, length);
    let deleted = REPLACED.min(length - position);
    replica.delete_text(TEXT, Unit::Scalar, position, deleted).expect("within the text");
    replica.insert_text(TEXT, Unit::Scalar, position, &inserted).expect("within the text");
}

/// The year in libsync. Gives whether everybody had the same in the end.
pub(crate) fn libsync(evicts: bool, heap: HeapMeter) -> bool {
    let engine = if evicts { "libsync" } else { UNEVICTED };
    let lines = Lines { workload: "year", engine, version: engines::version("libsync") };
    let mut team = Team::new();
    for day in 1..=DAYS {
        let acknowledged = team.day(day, evicts);
        let memory = team.hub.memory();
        let taken = taken(&mut team.hub, heap);
        lines.put_of_day(day, "heap", taken as f64, "B");
        lines.put_of_day(day, "saved", team.hub.save().len() as f64, "B");
        lines.put_of_day(
            day,
            "replicas that ever wrote",
            team.hub.version().iter().len() as f64,
            "",
        );
        lines.put_of_day(day, "acknowledged", acknowledged as f64, "B");
        lines.put_of_day(day, "spans", memory.spans as f64, "");
    }
    team.meet();
    team.clients.iter().all(|client| client.to_json() == team.hub.to_json())
}

/// The document's share of the heap. A copy goes on in its place.
fn taken(replica: &mut Replica, heap: HeapMeter) -> usize {
    let copy = replica.clone();
    let before = heap();
    drop(std::mem::replace(replica, copy));
    before.saturating_sub(heap())
}

/// The same edits in Yrs, in the document of the hub alone, as one client that makes all of them:
/// both is in its favour.
pub(crate) fn yrs(heap: HeapMeter) -> bool {
    let lines = Lines { workload: "year", engine: "yrs", version: engines::version("yrs") };
    let mut random = Random::new(365);
    let before = heap();
    let document = Doc::with_client_id(1);
    let text = document.get_or_insert_text(TEXT);
    let first: String = (0..LENGTH).map(|_| random.typed()).collect();
    text.insert(&mut document.transact_mut(), 0, &first);
    for day in 1..=DAYS {
        for _ in 0..CLIENTS * EDITS {
            let Edit { position, inserted } = Edit::new(&mut random, LENGTH);
            let mut transaction = document.transact_mut();
            text.remove_range(&mut transaction, position as u32, REPLACED as u32);
            text.insert(&mut transaction, position as u32, &inserted);
        }
        lines.put_of_day(day, "heap", heap().saturating_sub(before) as f64, "B");
        let saved = document.transact().encode_state_as_update_v1(&StateVector::default());
        lines.put_of_day(day, "saved", saved.len() as f64, "B");
    }
    text.get_string(&document.transact()).len() == LENGTH
}

/// What the year without evictions is called.
pub(crate) const UNEVICTED: &str = "libsync, nobody evicted";
