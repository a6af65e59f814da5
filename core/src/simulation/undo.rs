//! Undo and redo among random edits: alone, what is undone is as it was, and what is redone as it
//! had become; among others, nothing of theirs is lost, and all converge.

use crate::replica::Replica;
use crate::undo::{UndoError, UndoOptions, Undone};
use crate::value::{Kind, Unit};

use super::network::Network;
use super::programs::{Mix, edit, for_seeds};

/// All kinds of which something can be taken away.
const KINDS: [Kind; 5] = [Kind::Map, Kind::Text, Kind::List, Kind::Counter, Kind::Set];

fn enable(replica: &mut Replica) {
    replica.enable_undo(UndoOptions::default()).unwrap();
}

/// Takes something back, and checks that nothing of others has gone by it.
fn take_back(replica: &mut Replica, redo: bool) -> Option<Undone> {
    let before = replica.to_json();
    let others = replica.state().held_by_others(replica.id());
    let result = if redo { replica.redo() } else { replica.undo() };
    replica.check();
    match result {
        Ok(undone) => {
            let left = replica.state().held_by_others(replica.id());
            assert!(others.is_subset(&left), "something of others has gone");
            Some(undone)
        }
        Err(UndoError::Nothing | UndoError::Expired { .. }) => {
            assert_eq!(replica.to_json(), before);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// One edits and the others follow; all that was edited is undone, redone and undone again, in
/// part.
fn edit_alone(seed: u64, mix: &Mix) {
    let mut network = Network::new(seed, mix.peers);
    // Something of others to begin with.
    for _ in 0..20 {
        let at = network.random.below(mix.peers);
        let Network { peers, random, .. } = &mut network;
        edit(&mut peers[at].replica, random, mix);
        network.broadcast(at);
    }
    network.deliver_all();
    enable(&mut network.peers[0].replica);
    // What was shown before each item, and at last.
    let mut shown: Vec<String> = Vec::new();
    let mut at = 0;
    for _ in 0..mix.steps {
        let Network { peers, random, .. } = &mut network;
        let replica = &mut peers[0].replica;
        match random.below(12) {
            0..8 => {
                let before = replica.to_json();
                let items = replica.undo_items().count();
                edit(replica, random, mix);
                if replica.undo_items().count() > items {
                    shown.truncate(at);
                    shown.push(before);
                    at += 1;
                }
            }
            8 => {
                for _ in 0..random.below(6) {
                    if shown.len() == at {
                        shown.push(replica.to_json());
                    }
                    let undone = take_back(replica, false);
                    assert_eq!(undone.is_some(), at > 0);
                    if undone.is_some() {
                        at -= 1;
                        assert_eq!(replica.to_json(), shown[at], "undone is not as before");
                    }
                }
            }
            9 => {
                for _ in 0..random.below(6) {
                    let redone = take_back(replica, true);
                    assert_eq!(redone.is_some(), at + 1 < shown.len());
                    if redone.is_some() {
                        at += 1;
                        assert_eq!(replica.to_json(), shown[at], "redone is not as after");
                    }
                }
            }
            10 => (0..mix.peers).for_each(|at| network.acknowledge(at)),
            _ => {
                let at = random.below(mix.peers);
                drop(peers[at].replica.prune());
            }
        }
        network.broadcast(0);
        network.deliver_all();
        network.check();
    }
    let replica = &mut network.peers[0].replica;
    while take_back(replica, false).is_some() {
        at -= 1;
        assert_eq!(replica.to_json(), shown[at], "undone is not as before");
    }
    assert_eq!(at, 0);
    network.broadcast(0);
    network.deliver_all();
    network.check_converged();
}

#[test]
fn what_is_undone_is_as_before_and_what_is_redone_as_after() {
    for_seeds(0..300, |seed| {
        let (texts, lists) = [(35, 35), (90, 0), (0, 90), (0, 0)][(seed % 4) as usize];
        let mix = Mix { peers: 2, steps: 80, texts, lists, batch: 1, prunes: true, kinds: &KINDS };
        edit_alone(seed, &mix);
    });
}

/// All edit, undo and redo.
fn edit_together(seed: u64, mix: &Mix) {
    let mut network = Network::new(seed, mix.peers);
    network.peers.iter_mut().for_each(|peer| enable(&mut peer.replica));
    let batch = 1 + network.random.below(mix.batch);
    for step in 0..mix.steps {
        let at = network.random.below(mix.peers);
        match network.random.below(22) {
            0..8 => {
                let Network { peers, random, .. } = &mut network;
                edit(&mut peers[at].replica, random, mix);
                network.broadcast(at);
            }
            8..12 => {
                let redo = network.random.chance(40);
                for _ in 0..network.random.below(4) {
                    take_back(&mut network.peers[at].replica, redo);
                    network.broadcast(at);
                }
            }
            12..15 => network.acknowledge(at),
            15 => drop(network.peers[at].replica.prune()),
            16 if step % 5 == 0 => {
                network.restart(at);
                enable(&mut network.peers[at].replica);
            }
            17 => {
                let options = UndoOptions { depth: 40, max_items: 9, ..UndoOptions::default() };
                network.peers[at].replica.enable_undo(options).unwrap();
            }
            _ => (0..network.random.below(batch)).for_each(|_| network.deliver()),
        }
        if step % 16 == 0 {
            network.check();
        }
    }
    network.deliver_all();
    network.check_converged();
}

#[test]
fn undoing_among_others_takes_nothing_of_theirs_and_converges() {
    for_seeds(0..400, |seed| {
        let (texts, lists) = [(35, 35), (90, 0), (0, 90), (10, 0)][(seed % 4) as usize];
        let peers = 2 + (seed % 3) as usize;
        let mix =
            Mix { peers, steps: 200, texts, lists, batch: 20, prunes: true, kinds: &Kind::ALL };
        edit_together(seed, &mix);
    });
}

/// The first edits one text in any way, the others only insert into it; then what the first did is
/// undone and redone.
fn type_among_others(seed: u64) {
    let mut network = Network::new(seed, 3);
    enable(&mut network.peers[0].replica);
    for _ in 0..80 {
        let at = network.random.below(3);
        let Network { peers, random, .. } = &mut network;
        let replica = &mut peers[at].replica;
        let len = replica.text_len("text", Unit::Scalar).unwrap_or(0);
        let place = random.below(len + 1);
        match (random.below(8), at) {
            (0..3, 1..) => replica.insert_text("text", Unit::Scalar, place, "OTHER").unwrap(),
            (0..2, 0) => replica.insert_text("text", Unit::Scalar, place, "own").unwrap(),
            (2..4, 0) if len > 0 => {
                let count = 1 + random.below((len - place).clamp(1, 6));
                let start = place.min(len - count);
                replica.delete_text("text", Unit::Scalar, start, count).unwrap();
            }
            (4, 0) => drop(take_back(replica, random.chance(50))),
            (5, _) => (0..3).for_each(|at| network.acknowledge(at)),
            (6, _) => drop(replica.prune()),
            _ => (0..3).for_each(|_| network.deliver()),
        }
        network.broadcast(at);
    }
    network.deliver_all();
    let replica = &mut network.peers[0].replica;
    while take_back(replica, true).is_some() {}
    let before = replica.to_json();
    while take_back(replica, false).is_some() {}
    let text = replica.text("text").unwrap_or_default();
    assert!(text.chars().all(char::is_uppercase), "{text}");
    assert_eq!(text.len() % 5, 0, "all that others have typed is there: {text}");
    while take_back(replica, true).is_some() {}
    assert_eq!(replica.to_json(), before, "redone is not as after");
    network.broadcast(0);
    network.deliver_all();
    network.check_converged();
}

#[test]
fn what_others_type_stays_where_it_is() {
    for_seeds(0..300, type_among_others);
}
