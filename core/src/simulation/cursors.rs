//! Random programs with cursors, which travel as bytes and are compared with the list of all nodes
//! that a twin has, which never prunes.

use crate::cursor::{Cursor, CursorError, CursorRange, Lean};
use crate::id::OpId;
use crate::options::{Options, Pruning};
use crate::replica::Replica;
use crate::report::Node;
use crate::value::{Content, Kind, Unit, Value};

use super::network::{Network, Peer};
use super::programs::{Mix, TEXTS, edit, for_seeds};
use super::random::Random;

const UNITS: [Unit; 3] = [Unit::Scalar, Unit::Utf8, Unit::Utf16];

/// How much of a unit a text is.
fn measured(text: &str, unit: Unit) -> usize {
    match unit {
        Unit::Scalar => text.chars().count(),
        Unit::Utf8 => text.len(),
        Unit::Utf16 => text.encode_utf16().count(),
    }
}

/// How much a node is, and whether it is this one.
fn width(node: &Node, unit: Unit) -> usize {
    match &node.content {
        Some(Content::Value(Value::String(character))) => measured(character, unit),
        _ => 0,
    }
}

/// Where a cursor is among all nodes: how many of them are before it; `None` if what it leans to is
/// none of them.
fn naive_place(nodes: &[Node], cursor: &Cursor) -> Option<usize> {
    let Some(anchor) = cursor.anchor else {
        return Some(if cursor.lean == Lean::Left { 0 } else { nodes.len() });
    };
    let at = nodes.iter().position(|node| node.id == anchor.node)?;
    Some(if cursor.lean == Lean::Left { at + 1 } else { at })
}

/// A cursor, and the text that it is in.
struct Held {
    path: &'static str,
    bytes: Vec<u8>,
}

fn random_cursor(replica: &Replica, random: &mut Random) -> Option<Held> {
    let path = *random.pick(&TEXTS);
    let text = replica.text(path).ok()?;
    let unit = *random.pick(&UNITS);
    let lean = *random.pick(&[Lean::Left, Lean::Right]);
    let at = random.below(text.chars().count() + 1);
    let before: String = text.chars().take(at).collect();
    let position = measured(&before, unit);
    let cursor = replica.cursor(path, unit, position, lean).unwrap();
    let resolved = replica.resolve(&cursor, unit).unwrap();
    assert_eq!((resolved.position, resolved.exact, resolved.deleted), (position, true, false));
    let bytes = cursor.to_bytes();
    assert_eq!(Cursor::from_bytes(&bytes).unwrap(), cursor, "it is read as it was written");
    Some(Held { path, bytes })
}

/// Compares where a cursor is with where the twin's nodes have it; gives whether it is exact.
fn check(peer: &Peer, held: &Held, unit: Unit) -> bool {
    let Peer { replica, twin, .. } = peer;
    let cursor = Cursor::from_bytes(&held.bytes).unwrap();
    let resolved = replica.resolve(&cursor, unit);
    let nodes = twin.nodes(held.path).unwrap_or_default();
    let Some(place) = naive_place(&nodes, &cursor).filter(|_| twin.text(held.path).is_ok()) else {
        let missing = cursor.anchor.map(|anchor| anchor.node);
        let expected = missing.map_or(CursorError::Gone, |missing| CursorError::Unseen { missing });
        assert_eq!(resolved, Err(expected));
        return true;
    };
    let resolved = resolved.unwrap();
    let text = replica.text(held.path).unwrap();
    assert_eq!(resolved.path.to_string(), format!("/{}", held.path.replace('.', "/")));
    if resolved.exact {
        let before = &nodes[..place];
        let expected: usize = before.iter().map(|node| width(node, unit)).sum();
        assert_eq!(resolved.position, expected, "where the nodes have it");
        let leant_to = cursor.anchor.map(|anchor| anchor.node);
        let deleted = nodes.iter().any(|node| Some(node.id) == leant_to && node.deleted);
        assert_eq!(resolved.deleted, deleted);
    } else {
        let anchor = cursor.anchor.unwrap().node;
        let is_here = |node: &Node| node.id == anchor;
        assert!(!replica.nodes(held.path).unwrap().iter().any(is_here), "what is here is exact");
        assert!(resolved.deleted && resolved.position <= measured(&text, unit));
    }
    let fresh = replica.refresh(&cursor).unwrap();
    let again = replica.resolve(&fresh, unit).unwrap();
    assert_eq!((again.position, again.exact), (resolved.position, true), "it stays at its place");
    assert!(!again.deleted, "and leans to what lives");
    resolved.exact
}

/// Compares what is in a range with what the twin's nodes have there.
fn check_range(peer: &Peer, path: &str, range: &CursorRange) {
    let nodes = peer.twin.nodes(path).unwrap_or_default();
    let places = [range.start(), range.end()].map(|cursor| naive_place(&nodes, cursor));
    let [Some(start), Some(end)] = places else { return };
    let Ok(found) = peer.replica.resolve_range(range, Unit::Utf8) else { return };
    let text = peer.replica.text(path).unwrap();
    let shown = &text[found.start..found.end];
    if found.exact {
        let within = nodes.get(start..end).unwrap_or_default().iter();
        let expected: String = within
            .filter_map(|node| match &node.content {
                Some(Content::Value(Value::String(character))) => Some(character.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(shown, expected);
    }
}

fn random_range(replica: &Replica, random: &mut Random) -> Option<(&'static str, CursorRange)> {
    let path = *random.pick(&TEXTS);
    let len = replica.text_len(path, Unit::Scalar).ok()?;
    let start = random.below(len + 1);
    let end = start + random.below(len - start + 1);
    let range = replica.cursor_range(path, Unit::Scalar, start..end).unwrap();
    let found = replica.resolve_range(&range, Unit::Scalar).unwrap();
    assert_eq!((found.start, found.end, found.exact), (start, end, true));
    assert_eq!(CursorRange::from_bytes(&range.to_bytes()).unwrap(), range);
    Some((path, range))
}

fn run(seed: u64, prunes: bool) -> (usize, usize) {
    let kinds = &Kind::ALL;
    let mix = Mix { peers: 3, steps: 150, texts: 100, lists: 0, batch: 20, prunes, kinds };
    let pruning = if prunes { Pruning::Automatic } else { Pruning::Manual };
    let options = Options { pruning, ..Options::default() };
    let mut network = Network::with_options(seed, mix.peers, options);
    let (mut cursors, mut ranges) = (Vec::new(), Vec::new());
    let (mut exact, mut all) = (0, 0);
    for _ in 0..mix.steps {
        let at = network.random.below(mix.peers);
        let Network { peers, random, .. } = &mut network;
        match random.below(20) {
            0..7 => {
                edit(&mut peers[at].replica, random, &mix);
                network.broadcast(at);
            }
            7..10 => {
                cursors.extend(random_cursor(&peers[at].replica, random));
                ranges.extend(random_range(&peers[at].replica, random));
            }
            10..13 => network.acknowledge(at),
            13 if prunes => drop(network.peers[at].replica.prune()),
            14 => network.restart(at),
            _ => (0..network.random.below(mix.batch)).for_each(|_| network.deliver()),
        }
        let Network { peers, random, .. } = &mut network;
        if !cursors.is_empty() {
            let (held, unit) = (random.pick(&cursors), *random.pick(&UNITS));
            exact += usize::from(check(&peers[at], held, unit));
            all += 1;
            ranges.last().inspect(|(path, range)| check_range(&peers[at], path, range));
        }
    }
    network.deliver_all();
    for peer in &network.peers {
        peer.replica.check();
        for held in &cursors {
            UNITS.iter().for_each(|&unit| assert!(check(peer, held, unit) || prunes));
        }
        ranges.iter().for_each(|(path, range)| check_range(peer, path, range));
    }
    (exact, all)
}

#[test]
fn cursors_stay_where_the_list_of_nodes_has_them() {
    for_seeds(0..150, |seed| {
        let (exact, all) = run(seed, false);
        assert_eq!(exact, all, "nothing was pruned");
    });
}

#[test]
fn cursors_stay_across_prunes() {
    let inexact = std::cell::Cell::new(0);
    for_seeds(0..300, |seed| {
        let (exact, all) = run(seed, true);
        inexact.set(inexact.get() + all - exact);
    });
    assert!(inexact.get() > 100, "some name what was pruned: {inexact:?}");
}

/// Where the item with a value is, in a naive list.
fn index_of(items: &[Content], value: i64) -> Option<usize> {
    items.iter().position(|item| *item == Content::from(value))
}

#[test]
fn cursors_follow_the_items_of_lists() {
    for_seeds(0..200, |seed| {
        let mut network = Network::new(seed, 3);
        let mut next_value = 0;
        // Of each cursor, the value of the item that it leans to.
        let mut cursors: Vec<(i64, Cursor)> = Vec::new();
        for _ in 0..120 {
            let at = network.random.below(3);
            let Network { peers, random, .. } = &mut network;
            let replica = &mut peers[at].replica;
            let len = replica.len("list").unwrap_or(0);
            match random.below(16) {
                0..3 => {
                    replica.insert_items("list", random.below(len + 1), [next_value]).unwrap();
                    next_value += 1;
                    network.broadcast(at);
                }
                3 | 4 if len > 0 => {
                    replica.move_item("list", random.below(len), random.below(len)).unwrap();
                    network.broadcast(at);
                }
                5 if len > 0 => {
                    replica.delete_items("list", random.below(len), 1).unwrap();
                    network.broadcast(at);
                }
                6..9 if len > 0 => {
                    let index = random.below(len);
                    let items = replica.items("list").unwrap();
                    let Content::Value(Value::Int(value)) = items[index] else { panic!("a value") };
                    let right = replica.cursor("list", Unit::Scalar, index, Lean::Right).unwrap();
                    let left = replica.cursor("list", Unit::Utf8, index + 1, Lean::Left).unwrap();
                    cursors.extend([(value, right), (value, left)]);
                }
                9 | 10 => network.acknowledge(at),
                11 => drop(replica.prune()),
                12 => network.restart(at),
                _ => (0..network.random.below(10)).for_each(|_| network.deliver()),
            }
            for (value, cursor) in &cursors {
                check_item(&network.peers[at].replica, *value, cursor);
            }
        }
        network.deliver_all();
        network.check();
        for (value, cursor) in &cursors {
            network.peers.iter().for_each(|peer| check_item(&peer.replica, *value, cursor));
        }
    });
}

fn check_item(replica: &Replica, value: i64, cursor: &Cursor) {
    let cursor = &Cursor::from_bytes(&cursor.to_bytes()).unwrap();
    let item: OpId = cursor.anchor.unwrap().node;
    let items = replica.items("list").unwrap_or_default();
    match replica.resolve(cursor, Unit::Utf16) {
        Err(CursorError::Unseen { missing }) => {
            assert!(missing == item && !replica.version().contains(item));
        }
        Err(error) => panic!("{error}"),
        Ok(found) => {
            assert!(replica.version().contains(item) && found.position <= items.len());
            assert_eq!(found.deleted, index_of(&items, value).is_none());
            if let Some(index) = index_of(&items, value) {
                assert!(found.exact);
                let behind = usize::from(cursor.lean() == Lean::Left);
                assert_eq!(found.position, index + behind, "beside its item");
            }
        }
    }
}
