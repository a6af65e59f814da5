//! The target for changes that are well-formed, and of which nothing else is sure: whoever is let
//! in may write them. What they name mostly is there, so that many are taken.

mod columns;
mod encode;
mod input;
mod names;

use arbitrary::{Arbitrary, Unstructured};
use libsync::{Kind, OpId, Replica, ReplicaId};

use crate::bases::{AUTHORS, READER};
use crate::decoders::Receiver;
use crate::session::{self, Kind as FrameKind};

use self::encode::Forger;
use self::input::Frame;
use self::names::{Container, Key};

/// How many frames a replica is handed.
const MAX_FRAMES: usize = 4;
/// How many items of the list may be containers, each of some kinds.
const MAX_ITEMS: usize = 4;
/// Who writes: one of them the receiver itself, one that nobody knows.
const WRITERS: [ReplicaId; 4] =
    [AUTHORS[0], AUTHORS[1], ReplicaId::new(0x0c0c_0c0c_0c0c_0c0c), READER];
/// Where there are nodes to name.
const SEQUENCES: [(usize, &str); 3] = [(1, "text"), (3, "/map/text"), (4, "list")];

/// Hands a replica that the first byte picks the frames that the others say.
///
/// # Panics
/// If something is wrong.
pub fn run(input: &[u8]) {
    let Some((&pick, input)) = input.split_first() else { return };
    let mut receiver = Receiver::new(pick);
    let mut input = Unstructured::new(input);
    for _ in 0..MAX_FRAMES {
        if input.is_empty() {
            return;
        }
        let Ok(frame) = Frame::arbitrary(&mut input) else { return };
        let encoded = encoded(receiver.replica(), &frame);
        receiver.receive(FrameKind::Changes, &encoded);
    }
}

fn encoded(replica: &Replica, frame: &Frame) -> Vec<u8> {
    let nodes = SEQUENCES.map(|(container, path)| {
        let nodes = replica.nodes(path).unwrap_or_default();
        (container, nodes.into_iter().map(|node| node.id).collect())
    });
    let containers = containers(&nodes);
    let body = Forger::new(replica, &containers, nodes.into_iter().collect()).body(frame);
    session::frame(FrameKind::Changes, body)
}

/// The containers that there are to pick: the root, those of the bases, and some in items.
fn containers(nodes: &[(usize, Vec<OpId>)]) -> Vec<Container> {
    let named = [
        (0, "", Kind::Map),
        (0, "text", Kind::Text),
        (0, "map", Kind::Map),
        (2, "text", Kind::Text),
        (0, "list", Kind::List),
        (0, "count", Kind::Counter),
        (0, "grow", Kind::GrowOnlyCounter),
        (0, "set", Kind::Set),
        (0, "all", Kind::GrowOnlySet),
        (0, "key", Kind::Map),
        (0, "key", Kind::Text),
        (2, "v1", Kind::Counter),
        (9, "deep", Kind::GrowOnlySet),
        (9, "deep", Kind::List),
    ];
    let mut containers: Vec<Container> = named
        .into_iter()
        .map(|(parent, name, kind)| Container { parent, key: Key::Name(name), kind })
        .collect();
    let items = nodes.iter().filter(|(container, _)| *container == 4).flat_map(|(_, ids)| ids);
    for &item in items.take(MAX_ITEMS) {
        let kinds = [Kind::Map, Kind::Text, Kind::List, Kind::Counter, Kind::GrowOnlySet];
        containers.extend(kinds.map(|kind| Container { parent: 4, key: Key::Item(item), kind }));
    }
    containers
}
