//! Presence: who is there, and where. It is apart from the document, never saved, and gone soon
//! after its author is.
//!
//! Everybody says of themselves what others are to see ([`PresenceState`]), in frames that may be
//! lost, repeated and overtaken: each has a clock, (session, counter), and an older one never takes
//! the place of a newer. Who is not heard for a while is not there any more; what was heard of them
//! is forgotten, but for the clock: so what was late does not bring them back.
//!
//! - [`state`]: what is said.

mod state;

pub use state::PresenceState;
pub(crate) use state::{PresenceClock, Report};

use std::collections::BTreeMap;

use thiserror::Error;

use crate::codec;
use crate::codec::frame::Lineage;
use crate::error::{DecodeError, LineageError};
use crate::id::ReplicaId;
use crate::replica::Replica;

/// How a [`Presence`] counts time, and what it takes.
///
/// ```
/// let mut options = libsync::PresenceOptions::default();
/// options.timeout_micros = 10_000_000;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct PresenceOptions {
    /// After how many microseconds somebody who is not heard is not there any more; by default 30
    /// seconds. Whoever is there says so three times as often.
    pub timeout_micros: u64,
    /// For how many microseconds more it is remembered who was there, so that a frame which was
    /// on its way all the time does not bring them back; by default 10 minutes.
    pub memory_micros: u64,
    /// How many others may be there at once; by default 1,024. As many who have gone are remembered.
    pub max_peers: usize,
    /// How many bytes a frame may have; by default 16 KiB.
    pub max_bytes: usize,
}

impl Default for PresenceOptions {
    fn default() -> Self {
        Self {
            timeout_micros: 30_000_000,
            memory_micros: 600_000_000,
            max_peers: 1024,
            max_bytes: 16 << 10,
        }
    }
}

/// What a frame has changed in who is there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum PresenceEvent {
    /// Somebody is there who was not: to let them see who else is, send
    /// [`encode`](Presence::encode).
    Joined(ReplicaId),
    /// Somebody says something else than before.
    Updated(ReplicaId),
    /// Somebody said goodbye.
    Left(ReplicaId),
}

/// Why a state was not set, or a frame not taken. Nothing has changed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum PresenceError {
    /// The frame can't be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The frame is of another document or lineage.
    #[error(transparent)]
    Lineage(#[from] LineageError),
    /// Too long a state.
    #[error(
        "the state would make a frame of {len} bytes, and the limit is {limit}: say less, or raise the limit, everywhere"
    )]
    TooLong {
        /// How many bytes the frame would have.
        len: usize,
        /// How many it may have.
        limit: usize,
    },
    /// Too many are there.
    #[error("{limit} others are there already: let those go who are not heard, or raise the limit")]
    TooManyPeers {
        /// How many may be there.
        limit: usize,
    },
}

/// Somebody else, who is there or was.
#[derive(Clone, Debug)]
struct Peer {
    clock: PresenceClock,
    /// `None`: gone.
    state: Option<PresenceState>,
    /// When this was heard, in the time that [`Presence`] counts.
    heard: u64,
}

/// Who is there beside a replica of a document, and what they see of it.
///
/// It is apart from the [`Replica`]: nothing of it is in the document, its history, or what is saved.
/// The host moves the frames, by whatever means reaches those who are to see each other; it may lose
/// some. Times are the host's, in microseconds of any clock that goes on while nobody looks: best
/// one that only goes forwards. If it is set back, time stands still for that moment; if it is set
/// forward, others are missed until they are heard again.
///
/// ```
/// use libsync::{DocumentId, Presence, PresenceEvent, PresenceOptions, PresenceState};
/// use libsync::{Replica, ReplicaId};
/// let document = DocumentId::from_bytes([7; 16]);
/// let laptop = Replica::new(document, ReplicaId::new(1));
/// let phone = Replica::new(document, ReplicaId::new(2));
/// let started_at = 1_732_194_000_000_000; // by the wall clock: later sessions have greater ones
/// let mut at_laptop = Presence::new(&laptop, started_at, PresenceOptions::default());
/// let mut at_phone = Presence::new(&phone, started_at, PresenceOptions::default());
///
/// let mut now = 0;
/// let frame = at_laptop.set(PresenceState::named("Ada"), now)?;
/// assert_eq!(at_phone.apply(&frame, now)?, Some(PresenceEvent::Joined(laptop.id())));
/// assert!(at_phone.peers(now).any(|(_, state)| state.name.as_deref() == Some("Ada")));
///
/// now += 30_000_000; // the laptop is gone without a word
/// assert_eq!(at_phone.expire(now), [laptop.id()]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Presence {
    lineage: Lineage,
    replica: ReplicaId,
    options: PresenceOptions,
    clock: PresenceClock,
    /// What others are to see of this replica; `None`: nothing yet, or goodbye was said.
    own: Option<PresenceState>,
    /// When that was sent last.
    sent: u64,
    peers: BTreeMap<ReplicaId, Peer>,
    /// How long this has been used, and when it was used last by the host's clock.
    time: u64,
    last: Option<i64>,
}

impl Presence {
    /// Nobody is there yet, as far as is known. `session` is greater than that of any earlier
    /// presence under the same replica id: the wall-clock time at the start, or a number that the
    /// host keeps and counts up. So after a crash others take what is new for new.
    pub fn new(replica: &Replica, session: u64, options: PresenceOptions) -> Self {
        Self {
            lineage: replica.lineage(),
            replica: replica.id(),
            options,
            clock: PresenceClock { session, counter: 0 },
            own: None,
            sent: 0,
            peers: BTreeMap::new(),
            time: 0,
            last: None,
        }
    }

    /// Says what others are to see of this replica; gives the frame for them.
    ///
    /// # Errors
    /// [`PresenceError::TooLong`].
    pub fn set(&mut self, state: PresenceState, now: i64) -> Result<Vec<u8>, PresenceError> {
        let report = Report { clock: self.next_clock(), state: Some(state.canonical()) };
        let frame = codec::presence::encode(&self.lineage, self.replica, &report);
        let (len, limit) = (frame.len(), self.options.max_bytes);
        if len > limit {
            return Err(PresenceError::TooLong { len, limit });
        }
        self.advance(now);
        (self.clock, self.own, self.sent) = (report.clock, report.state, self.time);
        Ok(frame)
    }

    /// Says goodbye; gives the frame for others, or nothing if there was nothing to be seen.
    pub fn clear(&mut self, now: i64) -> Option<Vec<u8>> {
        self.advance(now);
        self.own.take()?;
        self.clock = self.next_clock();
        Some(self.frame(None))
    }

    /// Says again that this replica is there, if it is time to: gives the frame for others. To be
    /// called a few times a second, or when [`next_heartbeat`](Self::next_heartbeat) says.
    pub fn heartbeat(&mut self, now: i64) -> Option<Vec<u8>> {
        self.advance(now);
        if self.own.is_none() || self.time - self.sent < self.interval() {
            return None;
        }
        self.clock = self.next_clock();
        self.sent = self.time;
        self.encode()
    }

    /// In how many microseconds the next heartbeat is due; `None` if there is nothing to be seen.
    pub fn next_heartbeat(&mut self, now: i64) -> Option<u64> {
        self.advance(now);
        self.own.as_ref()?;
        Some(self.interval().saturating_sub(self.time - self.sent))
    }

    /// The last frame of this replica once more, for somebody who has [joined](PresenceEvent); `None`
    /// if there is nothing to be seen. Who has it passes over it.
    pub fn encode(&self) -> Option<Vec<u8>> {
        self.own.as_ref().map(|state| self.frame(Some(state)))
    }

    /// What others are told of this replica.
    pub fn own(&self) -> Option<&PresenceState> {
        self.own.as_ref()
    }

    /// Takes a frame of somebody else; gives what it has changed. One that is older than what is
    /// known changes nothing, nor does one's own.
    ///
    /// Of bytes that were meant for a [`Replica`], or the other way round,
    /// [`DecodeError::WrongFrame`] tells.
    ///
    /// # Errors
    /// [`PresenceError`]: it is damaged, of another document, too long, or there are too many.
    pub fn apply(
        &mut self,
        bytes: &[u8],
        now: i64,
    ) -> Result<Option<PresenceEvent>, PresenceError> {
        let limit = self.options.max_bytes;
        if bytes.len() > limit {
            let (what, limit) = ("bytes in a frame of presence", limit as u64);
            return Err(DecodeError::Limit { offset: self.options.max_bytes, what, limit }.into());
        }
        let (lineage, (author, report)) = codec::presence::decode(bytes)?;
        self.lineage.check(&lineage)?;
        self.advance(now);
        if author == self.replica {
            self.follow_own(report.clock);
            return Ok(None);
        }
        self.hear(author, report)
    }

    /// Those who are there, by replica, and what they say.
    pub fn peers(&self, now: i64) -> impl Iterator<Item = (ReplicaId, &PresenceState)> {
        let time = self.time_at(now);
        let timeout = self.options.timeout_micros;
        self.peers.iter().filter_map(move |(&replica, peer)| {
            let state = peer.state.as_ref().filter(|_| time - peer.heard < timeout);
            Some((replica, state?))
        })
    }

    /// What somebody who is there says; `None` if they are not.
    pub fn peer(&self, replica: ReplicaId, now: i64) -> Option<&PresenceState> {
        let time = self.time_at(now);
        let peer = self.peers.get(&replica)?;
        peer.state.as_ref().filter(|_| time - peer.heard < self.options.timeout_micros)
    }

    /// Lets those go who were not heard for too long; gives who they are. To be called a few times a
    /// second.
    pub fn expire(&mut self, now: i64) -> Vec<ReplicaId> {
        self.advance(now);
        let time = self.time;
        let mut gone = Vec::new();
        for (&replica, peer) in &mut self.peers {
            if peer.state.is_some() && time - peer.heard >= self.options.timeout_micros {
                peer.state = None;
                gone.push(replica);
            }
        }
        let memory = self.memory();
        self.peers.retain(|_, peer| peer.state.is_some() || time - peer.heard < memory);
        self.forget_beyond_limit();
        gone
    }

    /// Takes what somebody else says of themselves.
    fn hear(
        &mut self,
        author: ReplicaId,
        report: Report,
    ) -> Result<Option<PresenceEvent>, PresenceError> {
        let memory = self.memory();
        let known = self.peers.get(&author).filter(|peer| self.time - peer.heard < memory);
        let (is_old, before) = match known {
            Some(Peer { clock, state, .. }) => {
                (!report.supersedes(*clock, state.is_some()), state.as_ref())
            }
            None => (false, None),
        };
        if is_old {
            return Ok(None);
        }
        let event = match (before, &report.state) {
            (None, Some(_)) => {
                let limit = self.options.max_peers;
                if self.peers.values().filter(|peer| peer.state.is_some()).count() >= limit {
                    return Err(PresenceError::TooManyPeers { limit });
                }
                Some(PresenceEvent::Joined(author))
            }
            (Some(before), Some(state)) if before == state => None,
            (Some(_), Some(_)) => Some(PresenceEvent::Updated(author)),
            (Some(_), None) => Some(PresenceEvent::Left(author)),
            (None, None) => None,
        };
        let Report { clock, state } = report;
        self.peers.insert(author, Peer { clock, state, heard: self.time });
        self.forget_beyond_limit();
        Ok(event)
    }

    /// Follows that others have heard of this replica what it has not said: it was here before, in
    /// a session that was given a greater number. From now on it speaks above that.
    fn follow_own(&mut self, heard: PresenceClock) {
        if heard > self.clock {
            let next = heard.session.checked_add(1);
            self.clock = next.map_or(heard, |session| PresenceClock { session, counter: 0 });
        }
    }

    /// Forgets those who went longest ago, if there are more than are to be remembered.
    fn forget_beyond_limit(&mut self) {
        let gone = self.peers.iter().filter(|(_, peer)| peer.state.is_none());
        let mut gone: Vec<(u64, ReplicaId)> =
            gone.map(|(&replica, peer)| (peer.heard, replica)).collect();
        let Some(excess) = gone.len().checked_sub(self.options.max_peers) else { return };
        gone.sort_unstable();
        for (_, replica) in &gone[..excess] {
            self.peers.remove(replica);
        }
    }

    fn frame(&self, state: Option<&PresenceState>) -> Vec<u8> {
        let report = Report { clock: self.clock, state: state.cloned() };
        codec::presence::encode(&self.lineage, self.replica, &report)
    }

    fn next_clock(&self) -> PresenceClock {
        PresenceClock { counter: self.clock.counter.saturating_add(1), ..self.clock }
    }

    /// How often it is said that this replica is there: so that two frames in a row may be lost.
    fn interval(&self) -> u64 {
        self.options.timeout_micros / 3
    }

    /// How long the clock of somebody is remembered who is not heard.
    fn memory(&self) -> u64 {
        self.options.timeout_micros.saturating_add(self.options.memory_micros)
    }

    /// The time that is counted here, when the host's clock shows `now`. It never goes backwards.
    fn time_at(&self, now: i64) -> u64 {
        let passed = self.last.map_or(0, |last| now.saturating_sub(last).max(0));
        self.time.saturating_add(passed.unsigned_abs())
    }

    fn advance(&mut self, now: i64) {
        self.time = self.time_at(now);
        self.last = Some(now);
    }
}
