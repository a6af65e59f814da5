//! The one object that a host holds.
//!
//! A local edit ([`edit`], to a place that [`walk`] finds, or the short way by [`typing`]), or all of a [`transaction`], becomes a
//! change; so does JSON, by [`import`] and [`patch`], which [`bring`] it about; a foreign change arrives as bytes ([`exchange`]) and
//! waits in the inbox for what it depends on ([`plan`]), unless all come at once ([`batch`]). Once done, either is told to subscribers ([`events`]). From the log on both go one way. [`members`] is who takes part, [`prune`] what follows from what they acknowledge; [`persist`] is saving and
//! loading, [`shallow`] without a log; [`rescue`] is going on where another replica can't, [`reseed`] starting over; [`undo`] takes back what was edited here; [`history`] is the document as it was.

mod batch;
mod bring;
mod cursor;
mod direct;
mod edit;
mod events;
mod exchange;
mod fold;
mod history;
mod holdback;
mod import;
mod lines;
mod members;
mod patch;
mod persist;
mod plan;
mod prune;
mod read;
mod redact;
mod rescue;
mod reseed;
mod shallow;
mod stream;
#[cfg(test)]
mod tests;
mod transaction;
mod typing;
mod undo;
mod walk;

use std::collections::VecDeque;

use crate::change::Change;
use crate::codec::frame::Lineage;
use crate::container::ContainerId;
use crate::departed::Evicted;
use crate::event;
use crate::id::{DocumentId, OpId, ReplicaId};
use crate::inbox::Inbox;
use crate::log::Log;
use crate::membership::{Acknowledgement, Membership};
use crate::op::{Elements, Op};
use crate::options::Options;
use crate::state::{ContainerIndex, Stamp, State};
use crate::undo::UndoLog;
use crate::version::{Frontier, VersionVector};
use events::Subscriptions;
use fold::Announced;
use history::Base;
pub use history::{HistoryError, Past};
use prune::Reclaimed;
pub use rescue::{
    Offer, RescueError, RescueOptions, RescueOutcome, RescueReport, Rescued, RescuedEdit,
    UnknownChanges,
};
pub use reseed::ReseedError;
pub use stream::{Receiver, Sender};
use transaction::Transaction;

/// One replica of a document.
///
/// It is `Send` and does nothing by itself: no I/O, no clock, no thread. Every call leaves it
/// whole, an error included; see [`ApplyError`](crate::ApplyError) and
/// [`EditError`](crate::EditError). A copy has no [subscriptions](Self::subscribe).
///
/// ```
/// use libsync::{DocumentId, Replica, ReplicaId, Unit};
/// let document = DocumentId::from_bytes([7; 16]);
/// let mut phone = Replica::new(document, ReplicaId::new(1));
/// let mut laptop = Replica::new(document, ReplicaId::new(2));
/// // At the same time, each without the other:
/// phone.set("user.profile.bio", "Likes the sea")?;
/// laptop.set("user.profile.avatar", "whale.png")?;
/// laptop.insert_text("notes", Unit::Scalar, 0, "Ahoy!")?;
/// // Later they exchange what the other does not have:
/// let sent = phone.export(laptop.version())?;
/// laptop.apply(&sent)?;
/// phone.apply(&laptop.export(phone.version())?)?;
/// assert_eq!(phone.to_json(), laptop.to_json());
/// assert_eq!(
///     phone.to_json(),
///     r#"{"notes":"Ahoy!","user":{"profile":{"avatar":"whale.png","bio":"Likes the sea"}}}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Replica {
    lineage: Lineage,
    id: ReplicaId,
    options: Options,
    version: VersionVector,
    frontier: Frontier,
    /// The Lamport time of the next change: greater than that of any operation known.
    lamport: u64,
    state: State,
    log: Log,
    inbox: Inbox,
    membership: Membership,
    /// What all members have seen, as far as is known here.
    stable: VersionVector,
    /// What is pruned: in the log, everything within it; in the state, what it allows.
    pub(crate) floor: VersionVector,
    /// What was known here when the floor came to be what it is: what comes later names nothing
    /// that is removed by then.
    pruned: VersionVector,
    /// From where on changes are in the log, if the document was loaded without those before, and
    /// the floor has not reached that since; see [`shallow`].
    log_start: Option<VersionVector>,
    /// How many operations this replica has written, by what others say.
    told: u64,
    /// The document at the floor, if it is kept.
    base: Option<Box<Base>>,
    /// Stable cuts of others, each to be taken over once all that its sender had has arrived: only
    /// then is every operation still to come made by someone who had seen the cut.
    pending: Vec<Acknowledgement>,
    /// What was told of this replica's acknowledgements, if anything was since it was loaded.
    announced: Option<Announced>,
    /// The text that was last edited here, by the path as it was written; until anything but a
    /// text changes, it is what the path leads to.
    entered: Option<EnteredText>,
    transaction: Option<Transaction>,
    /// The wall-clock time of the changes to come that have none of their own.
    time: Option<i64>,
    /// What is noted of edits, if they are to be undone.
    undo: Option<Box<UndoLog>>,
    subscriptions: Subscriptions,
    /// The redactions that are not within the floor, ascending.
    redactions: Vec<OpId>,
    /// The evictions that have taken effect, and were not asked for yet.
    evicted: VecDeque<Evicted>,
    /// What edits made here are for, in their events.
    acting: event::Origin,
    /// What was removed since it was last reported.
    reclaimed: Reclaimed,
}

/// A text, by the path as it was written.
#[derive(Clone, Debug)]
struct EnteredText {
    written: String,
    container: ContainerId,
    index: ContainerIndex,
}

impl Replica {
    /// A replica of a document that is empty so far, with the default limits.
    pub fn new(document: DocumentId, replica: ReplicaId) -> Self {
        Self::with_options(document, replica, Options::default())
    }

    /// A replica of a document that is empty so far.
    pub fn with_options(document: DocumentId, replica: ReplicaId, options: Options) -> Self {
        Self {
            lineage: Lineage { document, epoch: 0 },
            id: replica,
            options,
            version: VersionVector::new(),
            frontier: Frontier::default(),
            lamport: 0,
            state: State::new(),
            log: Log::default(),
            inbox: Inbox::default(),
            membership: Membership::default(),
            stable: VersionVector::new(),
            floor: VersionVector::new(),
            pruned: VersionVector::new(),
            log_start: None,
            told: 0,
            base: None,
            pending: Vec::new(),
            announced: None,
            entered: None,
            transaction: None,
            time: None,
            undo: None,
            subscriptions: Subscriptions::default(),
            redactions: Vec::new(),
            evicted: VecDeque::new(),
            acting: event::Origin::Local,
            reclaimed: Reclaimed::default(),
        }
    }

    /// The document that this is a replica of.
    pub fn document(&self) -> DocumentId {
        self.lineage.document
    }

    /// Which document, and which seeding of it, its frames are of.
    pub(crate) fn lineage(&self) -> Lineage {
        self.lineage
    }

    /// Who this replica writes as.
    pub fn id(&self) -> ReplicaId {
        self.id
    }

    /// What has been applied here.
    pub fn version(&self) -> &VersionVector {
        &self.version
    }

    /// The heads of what has been applied here.
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Makes a change, local or foreign, part of the document. It is valid, and all that it
    /// depends on is there.
    fn integrate(&mut self, change: Change) {
        let time = change.time();
        for (id, lamport, op) in change.numbered() {
            self.apply_op(Stamp { id, lamport, time }, op);
        }
        self.enter_log(change);
    }

    fn apply_op(&mut self, stamp: Stamp, op: &Op) {
        self.state.apply(stamp, op);
        let is_text =
            matches!(op, Op::Insert { elements: Elements::Text(_), .. } | Op::Delete { .. });
        if !is_text || op.container().is_some_and(ContainerId::in_list) {
            self.entered = None;
        }
    }

    /// Follows a change whose operations the state has.
    fn enter_log(&mut self, mut change: Change) {
        for container in change.containers_mut() {
            *container = self.state.shared_id(container);
        }
        let len = change.len();
        self.membership.apply(&change);
        if change.ops().iter().any(|op| matches!(op, Op::Redact)) {
            let ops = change.numbered().filter(|(_, _, op)| matches!(op, Op::Redact));
            self.redactions.extend(ops.map(|(id, ..)| id));
            self.redactions.sort_unstable();
        }
        self.frontier.advance(&change.dependencies, change.id.plus(len - 1));
        self.version.set(change.id.replica, change.id.counter + len);
        self.lamport = self.lamport.max(change.lamport + len);
        self.log.push(change);
    }

    /// Asserts the invariants of everything held.
    #[cfg(test)]
    pub(crate) fn check(&self) {
        self.state.check();
    }

    /// Makes it one that takes all changes that are handed to it, whoever is evicted.
    #[cfg(test)]
    pub(crate) fn take_all(&mut self) {
        self.membership = Membership::replaying();
    }

    /// Takes all that another one has and has not pruned.
    #[cfg(test)]
    pub(crate) fn take_over(&mut self, other: &Self) {
        let changes = other.log.since(&self.version).into_iter().map(|change| change.into_owned());
        let applied = self.apply_changes(changes.collect(), None).unwrap();
        assert_eq!((&self.version, applied.held), (&other.version, 0));
    }

    /// All changes that are retained.
    #[cfg(test)]
    pub(crate) fn all_changes(&self) -> Vec<Change> {
        let changes = self.log.since(&VersionVector::new()).into_iter();
        changes.map(|change| change.into_owned()).collect()
    }

    /// Whether a replica is a member, as far as is known here.
    #[cfg(test)]
    pub(crate) fn is_waited_for(&self, replica: ReplicaId) -> bool {
        self.membership.is_member(replica)
    }

    #[cfg(test)]
    pub(crate) fn options(&self) -> Options {
        self.options
    }

    #[cfg(test)]
    pub(crate) fn state(&self) -> &State {
        &self.state
    }
}
