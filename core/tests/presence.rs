//! Presence: what is heard, missed and forgotten; a simulation against a naive model, and hostile
//! bytes. Every failure of the simulation names its seed.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

mod wire_format;

use libsync::{
    ApplyError, CursorRange, DecodeError, DocumentId, Lean, LineColumn, LineageError, Presence,
    PresenceError, PresenceEvent, PresenceOptions, PresenceState, Replica, ReplicaId, Unit, Value,
};
use wire_format::example;

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);
const A: ReplicaId = ReplicaId::new(0xa);
const B: ReplicaId = ReplicaId::new(0xb);
/// The timeouts of the tests, in microseconds.
const TIMEOUT: i64 = 30_000_000;
const MEMORY: i64 = 600_000_000;

fn presence(replica: ReplicaId, session: u64) -> Presence {
    let replica = Replica::new(DOCUMENT, replica);
    Presence::new(&replica, session, PresenceOptions::default())
}

fn names(presence: &Presence, now: i64) -> Vec<String> {
    presence.peers(now).map(|(_, state)| state.name.clone().unwrap_or_default()).collect()
}

/// A state with all that can be said.
fn everything() -> PresenceState {
    let mut a = Replica::new(DOCUMENT, A);
    a.insert_text("notes", Unit::Scalar, 0, "one\ntwo").unwrap();
    let mut state = PresenceState::named("Ada");
    state.cursor = Some(a.cursor("notes", Unit::Scalar, 5, Lean::Left).unwrap());
    state.selection = Some(a.cursor_range("notes", Unit::Scalar, 1..5).unwrap());
    state.at = Some(a.line_column("notes", Unit::Scalar, 5).unwrap());
    let fields = [
        ("colour", Value::from("#0060df")),
        ("idle", false.into()),
        ("nan", f64::NAN.into()),
        ("since", Value::Timestamp(-1)),
    ];
    state.fields.extend(fields.map(|(key, value)| (key.to_owned(), value)));
    state
}

#[test]
fn all_that_is_said_is_heard() {
    let (mut a, mut b) = (presence(A, 1), presence(B, 1));
    let frame = a.set(everything(), 0).unwrap();
    assert_eq!(b.apply(&frame, 0).unwrap(), Some(PresenceEvent::Joined(A)));
    assert_eq!(b.peer(A, 0), Some(&everything()));
    assert_eq!(b.peer(A, 0), a.own());
    let at = b.peer(A, 0).and_then(|state| state.at).unwrap();
    assert_eq!((at, at.to_string().as_str()), (LineColumn::new(2, 2), "line 2, column 2"));
    // Again, it changes nothing; nor does one's own.
    assert_eq!(b.apply(&frame, 5).unwrap(), None);
    assert_eq!(a.apply(&frame, 5).unwrap(), None);
    assert_eq!(names(&a, 5), [""; 0]);
    let frame = a.set(PresenceState::default(), 5).unwrap();
    assert_eq!(b.apply(&frame, 5).unwrap(), Some(PresenceEvent::Updated(A)));
    assert_eq!(b.peer(A, 5), Some(&PresenceState::default()));
}

#[test]
fn what_is_older_changes_nothing() {
    let (mut a, mut b) = (presence(A, 1), presence(B, 1));
    let first = a.set(PresenceState::named("first"), 0).unwrap();
    let second = a.set(PresenceState::named("second"), 0).unwrap();
    let goodbye = a.clear(0).unwrap();
    assert_eq!(a.clear(0), None);
    assert_eq!((a.own(), a.encode()), (None, None));
    assert_eq!(a.heartbeat(TIMEOUT), None);
    assert_eq!(b.apply(&second, 0).unwrap(), Some(PresenceEvent::Joined(A)));
    assert_eq!(b.apply(&first, 0).unwrap(), None);
    assert_eq!(names(&b, 0), ["second"]);
    assert_eq!(b.apply(&goodbye, 0).unwrap(), Some(PresenceEvent::Left(A)));
    assert_eq!(b.apply(&second, 0).unwrap(), None);
    assert_eq!(names(&b, 0), [""; 0]);
    // Nor is who was never seen, once their goodbye has come.
    let mut late = presence(B, 2);
    assert_eq!(late.apply(&goodbye, 0).unwrap(), None);
    assert_eq!(late.apply(&second, 0).unwrap(), None);
    let again = a.set(PresenceState::named("again"), 0).unwrap();
    assert_eq!(b.apply(&again, 0).unwrap(), Some(PresenceEvent::Joined(A)));
}

#[test]
fn who_is_not_heard_goes_and_what_was_late_brings_nobody_back() {
    let (mut a, mut b) = (presence(A, 1), presence(B, 1));
    let frame = a.set(PresenceState::named("a"), 0).unwrap();
    b.apply(&frame, 0).unwrap();
    assert_eq!(b.expire(TIMEOUT - 1), []);
    assert_eq!(names(&b, TIMEOUT - 1), ["a"]);
    assert_eq!(names(&b, TIMEOUT), [""; 0], "whether it was asked to expire or not");
    assert_eq!(b.peer(A, TIMEOUT), None);
    assert_eq!(b.expire(TIMEOUT), [A]);
    assert_eq!(b.expire(TIMEOUT), []);
    assert_eq!(b.apply(&frame, TIMEOUT).unwrap(), None, "a ghost");
    assert_eq!(b.apply(&frame, TIMEOUT + MEMORY - 1).unwrap(), None, "a ghost");
    let newer = a.heartbeat(TIMEOUT).unwrap();
    assert_eq!(b.apply(&newer, TIMEOUT).unwrap(), Some(PresenceEvent::Joined(A)));
}

#[test]
fn heartbeats_are_sent_three_times_in_a_timeout_and_keep_who_is_there() {
    let (mut a, mut b) = (presence(A, 1), presence(B, 1));
    assert_eq!((a.heartbeat(0), a.next_heartbeat(0)), (None, None));
    let frame = a.set(PresenceState::named("a"), 0).unwrap();
    b.apply(&frame, 0).unwrap();
    let mut sent = 0;
    for now in (0..10 * TIMEOUT).step_by(1_000_000) {
        let due = a.next_heartbeat(now);
        if let Some(frame) = a.heartbeat(now) {
            assert_eq!(due, Some(0));
            sent += 1;
            assert_eq!(b.apply(&frame, now).unwrap(), None, "nothing else is said");
        }
        assert_eq!(b.expire(now), []);
    }
    assert_eq!(sent, 29);
}

#[test]
fn after_a_crash_a_later_session_takes_the_place_of_the_ghost() {
    let (mut a, mut b) = (presence(A, 1), presence(B, 1));
    for _ in 0..9 {
        let frame = a.set(PresenceState::named("before"), 0).unwrap();
        b.apply(&frame, 0).unwrap();
    }
    let old = a.encode().unwrap();
    let mut a = presence(A, 2);
    let frame = a.set(PresenceState::named("after"), 5).unwrap();
    assert_eq!(b.apply(&frame, 5).unwrap(), Some(PresenceEvent::Updated(A)));
    assert_eq!(b.apply(&old, 6).unwrap(), None);
    assert_eq!(names(&b, 6), ["after"]);
}

#[test]
fn who_hears_of_a_later_session_of_its_own_speaks_above_it() {
    let (mut a, mut b) = (presence(A, 100), presence(B, 1));
    let ghost = a.set(PresenceState::named("before"), 0).unwrap();
    b.apply(&ghost, 0).unwrap();
    // The host's clock was set back before it started anew.
    let mut a = presence(A, 50);
    let unheard = a.set(PresenceState::named("after"), 0).unwrap();
    assert_eq!(b.apply(&unheard, 0).unwrap(), None);
    assert_eq!(a.apply(&ghost, 0).unwrap(), None);
    let heard = a.heartbeat(TIMEOUT / 3).unwrap();
    assert_eq!(b.apply(&heard, TIMEOUT / 3).unwrap(), Some(PresenceEvent::Updated(A)));
    assert_eq!(names(&b, TIMEOUT / 3), ["after"]);
}

#[test]
fn a_clock_that_is_set_back_lets_nobody_go_and_keeps_nobody_for_long() {
    let (mut a, mut b) = (presence(A, 1), presence(B, 1));
    let now = 1_000 * TIMEOUT;
    let frame = a.set(PresenceState::named("a"), now).unwrap();
    b.apply(&frame, now).unwrap();
    assert_eq!(b.expire(0), []);
    assert_eq!(names(&b, 0), ["a"]);
    assert_eq!(b.expire(TIMEOUT - 1), []);
    assert_eq!(b.expire(TIMEOUT), [A]);
    for now in [i64::MIN, i64::MAX, i64::MIN, 0] {
        b.expire(now);
        a.heartbeat(now);
        names(&b, now);
    }
}

#[test]
fn limits_hold() {
    let mut options = PresenceOptions::default();
    options.max_peers = 2;
    options.max_bytes = 150;
    let mut b = Presence::new(&Replica::new(DOCUMENT, B), 1, options);
    let frame = |id, session| {
        let mut other = presence(ReplicaId::new(id), session);
        other.set(PresenceState::named(id.to_string()), 0).unwrap()
    };
    for id in 20..22 {
        b.apply(&frame(id, 1), 0).unwrap();
    }
    let limit = 2;
    assert_eq!(b.apply(&frame(22, 1), 0), Err(PresenceError::TooManyPeers { limit }));
    assert_eq!(b.apply(&frame(21, 2), 0), Ok(None), "who is there may say more");
    assert_eq!(b.expire(TIMEOUT).len(), 2);
    assert_eq!(
        b.apply(&frame(22, 1), TIMEOUT),
        Ok(Some(PresenceEvent::Joined(ReplicaId::new(22))))
    );

    let long = PresenceState::named("x".repeat(150));
    let before = b.clone();
    assert!(matches!(b.set(long.clone(), 0), Err(PresenceError::TooLong { limit: 150, .. })));
    assert_eq!(b.own(), before.own());
    let frame = presence(A, 1).set(long, 0).unwrap();
    let refused = b.apply(&frame, 0);
    assert!(matches!(refused, Err(PresenceError::Decode(DecodeError::Limit { limit: 150, .. }))));
}

#[test]
fn frames_are_not_mixed_up() {
    let frame = presence(A, 1).set(everything(), 0).unwrap();
    let mut replica = Replica::new(DOCUMENT, B);
    let wrong = DecodeError::WrongFrame { expected: 1, found: 6 };
    assert_eq!(replica.apply(&frame).unwrap_err(), ApplyError::Decode(wrong));
    let mut b = presence(B, 1);
    let wrong = DecodeError::WrongFrame { expected: 6, found: 3 };
    assert_eq!(b.apply(&replica.encode_version(), 0), Err(wrong.into()));
    let other = DocumentId::from_bytes([8; 16]);
    let mut elsewhere = Presence::new(&Replica::new(other, B), 1, PresenceOptions::default());
    let expected = LineageError::OtherDocument { ours: other, theirs: DOCUMENT };
    assert_eq!(elsewhere.apply(&frame, 0), Err(expected.into()));
}

fn sealed(mut frame: Vec<u8>) -> Vec<u8> {
    let covered = frame.len() - 5;
    let checksum = crc32fast::hash(&frame[..covered]);
    frame[covered + 1..].copy_from_slice(&checksum.to_be_bytes());
    frame
}

#[test]
fn hostile_bytes_are_refused_or_heard_whole() {
    let mut a = presence(A, 1_732_194_000_000_000);
    let frames = [a.set(everything(), 0).unwrap(), a.clear(0).unwrap()];
    let mut heard = 0;
    for frame in frames {
        for len in 0..frame.len() {
            assert!(presence(B, 1).apply(&frame[..len], 0).is_err(), "cut short at {len}");
        }
        for bit in 0..8 * frame.len() {
            let mut flipped = frame.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(presence(B, 1).apply(&flipped, 0).is_err(), "the checksum shows");
            let mut b = presence(B, 1);
            if b.apply(&sealed(flipped), 0).is_ok() {
                heard += 1;
                b.peers(0).for_each(|(_, state)| assert!(state.fields.len() <= 4));
            }
        }
    }
    assert!(heard > 100, "some are sound, and say something else: {heard}");
}

#[test]
fn a_state_takes_some_bytes() {
    let mut state = everything();
    state.fields.clear();
    let mut a = presence(A, 1_732_194_000_000_000);
    let frame = a.set(state.clone(), 0).unwrap();
    let [cursor, selection] = [
        state.cursor.as_ref().unwrap().to_bytes().len(),
        state.selection.as_ref().map(CursorRange::to_bytes).unwrap().len(),
    ];
    assert_eq!((frame.len(), cursor, selection), (106, 18, 22));
    assert_eq!(a.clear(0).unwrap().len(), 51);
}

#[test]
fn the_example_of_the_format_is_what_is_written() {
    let document = DocumentId::from_bytes([7; 16]);
    let replica = Replica::new(document, ReplicaId::new(1));
    let mut ada = Presence::new(&replica, 5, PresenceOptions::default());
    let mut state = PresenceState::named("Ada");
    state.at = Some(LineColumn::new(10, 5));
    let frames = [(); 3].map(|()| ada.set(state.clone(), 0).unwrap());
    assert_eq!(frames[2], example("<!-- presence -->"));
}

// The simulation ---------------------------------------------------------------------------------

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % bound as u64) as usize
    }
}

/// A frame, and what it says: of whom, when by (session, how many before), and the name.
#[derive(Clone)]
struct Sent {
    bytes: Vec<u8>,
    author: usize,
    clock: (u64, u64),
    name: Option<String>,
}

/// What a host should know of others: all that it has heard, in the order of arrival.
#[derive(Default)]
struct Model {
    heard: Vec<(i64, Sent)>,
}

impl Model {
    /// What counts for an author: of all heard, the latest by its clock that was not passed over.
    fn last(&self, author: usize) -> Option<&(i64, Sent)> {
        self.heard.iter().rev().find(|(_, sent)| sent.author == author)
    }

    fn hear(&mut self, now: i64, sent: &Sent) {
        let is_new = self
            .last(sent.author)
            .is_none_or(|(at, last)| sent.clock > last.clock || now - at >= TIMEOUT + MEMORY);
        if is_new {
            self.heard.push((now, sent.clone()));
        }
    }

    fn present(&self, now: i64, hosts: usize) -> BTreeMap<usize, String> {
        let shown = |author: usize| {
            let (at, sent) = self.last(author).filter(|(at, _)| now - at < TIMEOUT)?;
            debug_assert!(*at <= now);
            Some((author, sent.name.clone()?))
        };
        (0..hosts).filter_map(shown).collect()
    }
}

struct Host {
    presence: Presence,
    session: u64,
    sent: u64,
    model: Model,
    /// Who is there by the events alone.
    by_events: BTreeMap<usize, ()>,
    is_up: bool,
}

const HOSTS: usize = 4;

fn id(host: usize) -> ReplicaId {
    ReplicaId::new(100 + host as u64)
}

fn host_of(id: ReplicaId) -> usize {
    (id.get() - 100) as usize
}

struct World {
    random: Random,
    now: i64,
    hosts: Vec<Host>,
    in_flight: Vec<(i64, usize, Sent)>,
    /// How long a frame may be on its way, at most, if it is not one of the few that take ages.
    ages: i64,
}

impl World {
    fn new(seed: u64) -> Self {
        let host = |host| Host {
            presence: presence(id(host), 1),
            session: 1,
            sent: 0,
            model: Model::default(),
            by_events: BTreeMap::new(),
            is_up: true,
        };
        let ages = if seed.is_multiple_of(2) { TIMEOUT * 3 } else { (TIMEOUT + MEMORY) * 2 };
        let hosts = (0..HOSTS).map(host).collect();
        Self { random: Random(seed), now: 0, hosts, in_flight: Vec::new(), ages }
    }

    /// Sends a frame to all others: some of it is lost, repeated, or takes ages.
    fn send(&mut self, author: usize, bytes: Vec<u8>, name: Option<String>) {
        let host = &self.hosts[author];
        let sent = Sent { bytes, author, clock: (host.session, host.sent), name };
        for to in (0..HOSTS).filter(|&to| to != author) {
            for _ in 0..[0, 1, 1, 1, 2][self.random.below(5)] {
                let delay = match self.random.below(10) {
                    0 => self.random.below(self.ages as usize),
                    _ => self.random.below(2_000_000),
                };
                self.in_flight.push((self.now + delay as i64, to, sent.clone()));
            }
        }
    }

    fn deliver(&mut self) {
        let (mut due, rest): (Vec<_>, Vec<_>) =
            self.in_flight.drain(..).partition(|&(at, ..)| at <= self.now);
        self.in_flight = rest;
        while !due.is_empty() {
            let (_, to, sent) = due.swap_remove(self.random.below(due.len()));
            let host = &mut self.hosts[to];
            if !host.is_up {
                continue;
            }
            host.model.hear(self.now, &sent);
            match host.presence.apply(&sent.bytes, self.now).unwrap() {
                Some(PresenceEvent::Joined(id)) => {
                    assert_eq!(host.by_events.insert(host_of(id), ()), None);
                }
                Some(PresenceEvent::Left(id)) => {
                    assert_eq!(host.by_events.remove(&host_of(id)), Some(()));
                }
                Some(PresenceEvent::Updated(id)) => {
                    assert!(host.by_events.contains_key(&host_of(id)));
                }
                _ => {}
            }
        }
    }

    fn step(&mut self) {
        self.now += 1 + self.random.below(2_000_000) as i64;
        self.deliver();
        let at = self.random.below(HOSTS);
        let host = &mut self.hosts[at];
        match self.random.below(40) {
            // It starts anew, under the same id.
            0..3 if !host.is_up => {
                host.session += 1;
                host.sent = 0;
                host.presence = presence(id(at), host.session);
                host.model = Model::default();
                host.by_events.clear();
                host.is_up = true;
            }
            _ if !host.is_up => {}
            0 => host.is_up = false,
            1 | 2 => {
                if let Some(frame) = host.presence.clear(self.now) {
                    host.sent += 1;
                    self.send(at, frame, None);
                }
            }
            3..8 => {
                let name = self.random.below(1000).to_string();
                let state = PresenceState::named(name.clone());
                let frame = host.presence.set(state, self.now).unwrap();
                host.sent += 1;
                self.send(at, frame, Some(name));
            }
            _ => {}
        }
        for at in 0..HOSTS {
            let host = &mut self.hosts[at];
            if !host.is_up {
                continue;
            }
            if let Some(frame) = host.presence.heartbeat(self.now) {
                host.sent += 1;
                let name = host.presence.own().and_then(|own| own.name.clone());
                self.send(at, frame, name);
            }
            for gone in self.hosts[at].presence.expire(self.now) {
                assert_eq!(self.hosts[at].by_events.remove(&host_of(gone)), Some(()));
            }
            self.check(at);
        }
    }

    fn check(&self, at: usize) {
        let Host { presence, model, by_events, .. } = &self.hosts[at];
        let peers = presence.peers(self.now);
        let shown: BTreeMap<usize, String> = peers
            .map(|(id, state)| (host_of(id), state.name.clone().unwrap_or_default()))
            .collect();
        assert_eq!(shown, model.present(self.now, HOSTS));
        assert!(shown.keys().eq(by_events.keys()), "events tell all");
    }
}

#[test]
fn hosts_see_who_is_there_whatever_is_lost_late_or_crashed() {
    for seed in 0..150 {
        let run = || {
            let mut world = World::new(seed);
            (0..600).for_each(|_| world.step());
            // All are silent from now on: once the last frame is old enough, nobody is seen.
            world.in_flight.clear();
            world.now += TIMEOUT;
            for host in &mut world.hosts {
                host.presence.expire(world.now);
                assert_eq!(host.presence.peers(world.now).count(), 0, "a ghost");
            }
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
            eprintln!("the failing seed is {seed}");
            resume_unwind(panic);
        }
    }
}
