//! The target for frames of presence, one behind the other, and time that passes in between.

use libsync::{Presence, PresenceEvent, PresenceOptions, PresenceState, ReplicaId};

use crate::bases::{self, READER};
use crate::session::{self, Kind};

/// How many may be there, so that more come than may.
const MAX_PEERS: usize = 3;

/// Hears frames, each as it is and with its checksum put right; the first byte says how much time
/// passes before each, a third of a timeout in 8 steps.
///
/// # Panics
/// If something is wrong.
pub fn hear(input: &[u8]) {
    let Some((&step, bytes)) = input.split_first() else { return };
    let mut options = PresenceOptions::default();
    options.max_peers = MAX_PEERS;
    let step = i64::from(step) * (options.timeout_micros / 24) as i64;
    let mut presence = Presence::new(&bases::empty(READER), 1, options);
    let state = PresenceState::named("reader");
    presence.set(state, 0).expect("the state is short");
    let mut now = 0_i64;
    let mut there: Vec<ReplicaId> = Vec::new();
    for frame in session::frames(bytes) {
        now += step;
        let gone = presence.expire(now);
        assert!(gone.iter().all(|id| there.contains(id)), "who goes was there");
        there.retain(|id| !gone.contains(id));
        hear_one(&mut presence, frame, now, &mut there);
        hear_one(&mut presence, &session::sealed(frame, Kind::Presence), now, &mut there);
        there.sort_unstable();
        assert!(presence.peers(now).map(|(id, _)| id).eq(there.iter().copied()));
        assert!(there.len() <= MAX_PEERS);
        presence.heartbeat(now);
    }
}

fn hear_one(presence: &mut Presence, frame: &[u8], now: i64, there: &mut Vec<ReplicaId>) {
    match presence.apply(frame, now) {
        Ok(Some(PresenceEvent::Joined(id))) => {
            assert!(!there.contains(&id) && id != READER);
            there.push(id);
        }
        Ok(Some(PresenceEvent::Left(id))) => {
            assert!(there.contains(&id));
            there.retain(|&other| other != id);
        }
        Ok(Some(PresenceEvent::Updated(id))) => assert!(there.contains(&id)),
        Ok(_) | Err(_) => {}
    }
    assert_eq!(presence.apply(frame, now).ok().flatten(), None, "nothing is heard twice");
}
