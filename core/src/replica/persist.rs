//! Saving and loading.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::Change;
use crate::codec;
use crate::codec::document::{ContentView, Document, DocumentView};
use crate::codec::frame::Form;
use crate::error::{ApplyError, DecodeError, LoadError};
use crate::id::{OpId, ReplicaId};
use crate::inbox::{Awaited, Inbox, awaited};
use crate::log::{Block, Log};
use crate::membership::{Acknowledgement, Frozen, Mark, Membership, Record, Standing};
use crate::options::{Options, SaveOptions};
use crate::report::Applied;
use crate::state::State;
use crate::state::assignments::Entry;
use crate::state::snapshot::{BodySnapshot, ContainerSnapshot, SlotSnapshot};
use crate::version::{Frontier, VersionVector};

use super::Replica;

impl Replica {
    /// The whole document as a frame: the state, the retained changes, what is held in the inbox,
    /// and what is known of the members. Who this replica writes as is not in it, nor is what an
    /// open transaction did.
    ///
    /// O(n) in the bytes saved; what has not been edited since it was loaded or pruned is copied.
    pub fn save(&self) -> Vec<u8> {
        self.save_with(SaveOptions::new())
    }

    /// [`save`](Self::save), in the form that the options say. [`load`](Self::load) takes every
    /// form.
    pub fn save_with(&self, options: SaveOptions) -> Vec<u8> {
        if self.in_transaction() {
            let mut settled = self.clone();
            settled.abort();
            return settled.save_with(options);
        }
        if options.is_shallow() {
            return self.save_shallow(options.form());
        }
        let changes = || self.log.since(&VersionVector::new());
        let content = match options.form() {
            // With all changes there, the state follows from them.
            Form::Compressed if self.log_start().is_empty() => ContentView::History(changes()),
            _ => ContentView::State {
                containers: self.state.views(),
                log: self.log.blocks().collect(),
            },
        };
        let log_start = self.is_shallow().then(|| self.log_start());
        let mut held: Vec<&Change> = self.inbox.changes().collect();
        held.sort_unstable_by_key(|change| (change.lamport, change.id));
        let document = DocumentView {
            version: &self.version,
            frontier: self.frontier.heads(),
            lamport: self.lamport,
            members: self.membership.all(),
            baseline: self.membership.baseline(),
            evicted: self.membership.evicted(),
            acknowledged: self.membership.acknowledged(),
            stable: &self.stable,
            floor: &self.floor,
            pending: &self.pending,
            log_start: log_start.as_deref(),
            content,
            held,
            frozen: self.membership.frozen().collect(),
            redactions: &self.redactions,
        };
        codec::document::encode(options.form(), &self.lineage, &document)
    }

    /// The state alone, in the form that follows from the version and the cuts.
    fn save_shallow(&self, form: Form) -> Vec<u8> {
        let mut state = self.state.clone();
        state.make_canonical(&self.floor, &self.stable);
        let document = DocumentView {
            version: &self.version,
            frontier: self.frontier.heads(),
            lamport: self.lamport,
            baseline: self.membership.baseline(),
            evicted: self.membership.evicted(),
            members: self.membership.all(),
            acknowledged: &BTreeMap::new(),
            stable: &self.stable,
            floor: &self.floor,
            pending: &[],
            log_start: Some(&self.version).filter(|&version| *version != self.floor),
            content: ContentView::State { containers: state.views(), log: Vec::new() },
            held: Vec::new(),
            frozen: self.membership.frozen().collect(),
            redactions: &self.redactions,
        };
        codec::document::encode(form, &self.lineage, &document)
    }

    /// Loads a saved document, with the default limits, to be edited as `replica`.
    ///
    /// Go on under the id under which it was saved only if nothing was written or acknowledged
    /// under it since. An older state, such as a backup, needs a new id, and so does a copy; and a
    /// replica of a new id must be made a member, by a member, before it edits what it was handed:
    /// see [`join`](Self::join).
    ///
    /// # Errors
    /// [`LoadError`] for bytes that [`save`](Self::save) does not give (but for fields of a later
    /// format that may be skipped).
    pub fn load(bytes: &[u8], replica: ReplicaId) -> Result<Self, LoadError> {
        Self::load_with_options(bytes, replica, Options::default())
    }

    /// Loads a saved document, to be edited as `replica`. What it holds in its inbox already is
    /// kept, whatever the limits.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_with_options(
        bytes: &[u8],
        replica: ReplicaId,
        options: Options,
    ) -> Result<Self, LoadError> {
        options.check_frame(bytes)?;
        let (lineage, mut document) = codec::document::decode(bytes, options.max_frame_bytes)?;
        check(&document).map_err(inconsistent)?;
        let mut inbox = Inbox::default();
        for change in std::mem::take(&mut document.held) {
            let is_evicting = |member: ReplicaId| {
                document.members.get(&member).map(|record| record.standing)
                    == Some(Standing::Evicting)
            };
            let permission =
                || is_evicting(change.id.replica).then(|| Awaited::permission(change.id));
            let waits_for = awaited(&change, &document.version, 0)
                .or_else(permission)
                .ok_or_else(|| inconsistent("a held change waits for nothing"))?;
            if inbox.get(change.id).is_some() {
                return Err(inconsistent("two held changes have the same identity").into());
            }
            inbox.hold(waits_for, change);
        }
        let mut loaded = Self::with_options(lineage.document, replica, options);
        loaded.lineage = lineage;
        if document.history.is_empty() {
            loaded.restore(document)?;
        } else {
            loaded.replay(document)?;
        }
        loaded.inbox = inbox;
        Ok(loaded)
    }

    /// Takes over all of a document but what it holds.
    fn restore(&mut self, document: Document) -> Result<(), DecodeError> {
        let (stable, floor) = (&document.stable, &document.floor);
        let state = State::from_snapshot(document.containers, stable, floor);
        self.state = state.map_err(inconsistent)?;
        self.log = Log::from_blocks(document.log);
        self.version = document.version;
        self.frontier = document.frontier.into_iter().collect();
        self.lamport = document.lamport;
        let members = membership(document.members, document.acknowledged, document.frozen);
        self.membership = members.with_baseline(document.baseline, document.evicted);
        self.redactions = document.redactions;
        self.stable = document.stable;
        self.floor = document.floor;
        if !self.floor.is_empty() {
            self.pruned = self.version.clone();
        }
        self.log_start = Some(document.log_start).filter(|start| !start.is_empty());
        self.renew_base();
        self.pending = document.pending;
        Ok(())
    }

    /// Applies the whole history of a document, and takes over what does not follow from it.
    fn replay(&mut self, document: Document) -> Result<(), DecodeError> {
        let has_state = !document.containers.is_empty() || !document.log.is_empty();
        let has_cuts = !document.floor.is_empty() || !document.log_start.is_empty();
        if has_state || has_cuts || document.baseline.is_some() {
            return Err(inconsistent("a document has a history, and a state or a floor"));
        }
        self.membership = Membership::replaying();
        let fits = match self.apply_changes(document.history, None) {
            Ok(Applied { held, duplicates, .. }) => (held, duplicates) == (0, 0),
            Err(ApplyError::Decode(error)) => return Err(error),
            Err(_) => false,
        };
        let same = self.version == document.version
            && self.frontier.heads() == document.frontier
            && self.lamport == document.lamport
            && self.redactions == document.redactions
            && are_of_one_history(self.membership.all(), &document.members);
        if !fits || !same {
            return Err(inconsistent("the changes do not lead to what the document says"));
        }
        self.membership = membership(document.members, document.acknowledged, document.frozen);
        self.state.set_stable(&document.stable);
        self.stable = document.stable;
        self.pending = document.pending;
        Ok(())
    }
}

/// The members as they were saved.
fn membership(
    members: BTreeMap<ReplicaId, Record>,
    acknowledged: BTreeMap<ReplicaId, Acknowledgement>,
    mut frozen: BTreeMap<ReplicaId, Frozen>,
) -> Membership {
    for (&member, record) in &members {
        if record.standing == Standing::Evicting {
            frozen.entry(member).or_insert_with(|| Frozen::saved(BTreeSet::new()));
        }
    }
    Membership::new(members, acknowledged, frozen)
}

/// Whether members are those that a history leads to. Which evictions have taken effect does not follow
/// from it, and earlier writers said no more of members than whether they had left.
fn are_of_one_history(
    known: &BTreeMap<ReplicaId, Record>,
    saved: &BTreeMap<ReplicaId, Record>,
) -> bool {
    let says_more =
        |record: &Record| *record != Record { standing: record.standing, ..Record::new() };
    let is_plain = !saved.values().any(says_more);
    known.len() == saved.len()
        && known.iter().zip(saved).all(|((member, known), (saved_member, saved))| {
            let standing = match saved.standing {
                Standing::Evicted => Standing::Evicting,
                standing => standing,
            };
            member == saved_member
                && known.standing == standing
                && (is_plain || *known == Record { standing, ..saved.clone() })
        })
}

/// An error of the document as a whole.
fn inconsistent(what: &'static str) -> DecodeError {
    DecodeError::Inconsistent { offset: 0, what }
}

/// Checks that the parts of a document agree, as far as the parts themselves do not see to it.
fn check(document: &Document) -> Result<(), &'static str> {
    let Document { version, frontier, lamport, stable, floor, log_start, .. } = document;
    let heads: Frontier = frontier.iter().copied().collect();
    let is_last = |head: &OpId| head.counter + 1 == version.get(head.replica);
    let one_at_least = frontier.is_empty() == version.is_empty();
    if heads.heads() != frontier || !frontier.iter().all(is_last) || !one_at_least {
        return Err("the heads are not those of the version");
    }
    if *lamport > version.operations() {
        return Err("the Lamport time is greater than the version allows");
    }
    if let Some(departed) = &document.baseline
        && !departed.order().iter().all(|&(replica, count)| floor.get(replica) == count)
    {
        return Err("a departed replica is not within the floor");
    }
    if !version.covers(stable) || !stable.covers(floor) {
        return Err("the cuts do not lie within each other");
    }
    let is_start = version.covers(log_start) && log_start.covers(floor) && log_start != floor;
    if !log_start.is_empty() && !is_start {
        return Err("the log does not start between the floor and the version");
    }
    let acknowledged = |(member, acknowledgement): (_, &Acknowledgement)| {
        document.members.get(member).is_some_and(Record::is_member)
            && version.covers(&acknowledgement.version)
            && acknowledgement.version.covers(&acknowledgement.stable)
    };
    if !document.acknowledged.iter().all(acknowledged) {
        return Err("an acknowledgement is not of a member, or of more than is here");
    }
    // Those of a version that are not its own have departed.
    if !version.own().all(|(author, _)| document.members.contains_key(&author)) {
        return Err("an author was never a member");
    }
    document.members.values().try_for_each(|record| check_record(record, document))?;
    let is_evicting = |member: &ReplicaId| {
        document.members.get(member).map(|record| record.standing) == Some(Standing::Evicting)
    };
    let is_pending = |&redaction: &OpId| version.contains(redaction) && !floor.contains(redaction);
    if !document.redactions.iter().all(is_pending) || !document.redactions.is_sorted() {
        return Err("redactions are not between the floor and the version, or not in order");
    }
    if !document.frozen.keys().all(is_evicting) {
        return Err("strangers to an eviction that is not under way");
    }
    if document.history.is_empty() {
        check_log(document)?;
    }
    document.containers.iter().try_for_each(|container| check_container(container, document))
}

fn check_record(record: &Record, document: &Document) -> Result<(), &'static str> {
    let is_known =
        |mark: &Mark| document.version.contains(mark.op) && mark.lamport < document.lamport;
    if !record.since.iter().chain(&record.departure).all(is_known) {
        return Err("a member is one since, or departed by, what is not here");
    }
    let evicts = matches!(record.standing, Standing::Evicting | Standing::Evicted);
    if evicts && record.departure.is_none() {
        return Err("a member is evicted by nothing");
    }
    if record.standing == Standing::Member && record.departure.is_some() {
        return Err("a member has departed");
    }
    Ok(())
}

/// The changes of each author, which follow each other, must go from the floor, or where the log
/// starts, at the latest up to the version.
fn check_log(document: &Document) -> Result<(), &'static str> {
    let mut ends: BTreeMap<ReplicaId, u64> = BTreeMap::new();
    let start = if document.log_start.is_empty() { &document.floor } else { &document.log_start };
    for Block { extent, .. } in &document.log {
        let start = start.get(extent.author);
        let is_first = !ends.contains_key(&extent.author);
        if is_first && extent.start > start {
            return Err("changes of the log are missing");
        }
        if is_first && extent.first_end <= start {
            return Err("a change of the log lies within the floor, or before its start");
        }
        if extent.lamport_end > document.lamport {
            return Err("a change is later than the Lamport time");
        }
        ends.insert(extent.author, extent.end);
    }
    for (replica, count) in document.version.iter() {
        let end = ends.get(&replica).copied().unwrap_or(start.get(replica));
        if end != count {
            return Err("the log does not end with the version");
        }
    }
    if ends.keys().any(|&author| document.version.get(author) == 0) {
        return Err("the log does not end with the version");
    }
    Ok(())
}

/// Whatever has an identity must lie within the version.
fn check_container(container: &ContainerSnapshot, document: &Document) -> Result<(), &'static str> {
    let known = |id: OpId| document.version.contains(id);
    let fits = container.clock.beyond(&document.version).is_none()
        && match &container.body {
            BodySnapshot::Slots(slots) => slots.iter().all(|slot| check_slot(slot, document)),
            // Checked as they were read.
            BodySnapshot::Text(_) => true,
            BodySnapshot::List { items, moves, .. } => {
                items.iter().all(|item| check_slot(item, document))
                    && moves
                        .values()
                        .flatten()
                        .all(|&(lamport, id)| known(id) && lamport < document.lamport)
            }
            BodySnapshot::Counter(shares) => shares.iter().all(|(&replica, share)| {
                share.end.max(share.removed_end) <= document.version.get(replica)
            }),
        };
    if fits { Ok(()) } else { Err("an identity is not within the version, or pruned") }
}

fn check_slot(slot: &SlotSnapshot, document: &Document) -> bool {
    let known =
        |entry: &Entry| document.version.contains(entry.id) && entry.lamport < document.lamport;
    slot.entries.iter().all(known) && slot.clock.beyond(&document.version).is_none()
}
