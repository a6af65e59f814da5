//! The target for honest replicas: a program, read from the input, lets several edit, exchange,
//! acknowledge, prune and restart. In the end, all have everything, and show the same.

mod edit;
mod network;
mod peer;
mod value;

use arbitrary::{Arbitrary, Unstructured};
use libsync::Commit;

use self::edit::Edit;
use self::network::Network;

/// How many steps of a program are taken.
const MAX_STEPS: usize = 400;

/// What happens next; `peer` is the number of a replica, taken modulo how many there are.
#[derive(Arbitrary, Debug)]
enum Step {
    /// One edit.
    Edit { peer: u8, edit: Edit },
    /// The same, and what is new is sent at once.
    EditAndSend { peer: u8, edit: Edit },
    /// Sends what is new, and some of it twice.
    Send { peer: u8, again: bool },
    /// Delivers one of the frames on their way.
    Deliver { which: u16 },
    /// Delivers many, in the order of a seed.
    DeliverMany { count: u8, seed: u16 },
    /// Sends an acknowledgement.
    Acknowledge { peer: u8 },
    /// Prunes.
    Prune { peer: u8 },
    /// Saves, and goes on with what was loaded.
    Restart { peer: u8 },
    /// Opens a transaction.
    Begin { peer: u8 },
    /// Commits the one that is open.
    Commit { peer: u8, seconds: Option<i16>, message: bool },
    /// Aborts the one that is open.
    Abort { peer: u8 },
    /// Edits in a transaction of their own.
    Transact { peer: u8, edits: [Edit; 2], fails: bool },
    /// Another replica joins, with what `sponsor` has.
    Join { sponsor: u8 },
    /// Now and then, ends the membership.
    Leave { peer: u8, surely: u8 },
}

/// Runs the program that the bytes are, and delivers everything in the end.
///
/// # Panics
/// If something is wrong.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let peers = 2 + usize::from(input.arbitrary::<bool>().unwrap_or_default());
    let mut network = Network::new(peers);
    for _ in 0..MAX_STEPS {
        if input.is_empty() {
            break;
        }
        let Ok(step) = input.arbitrary() else { break };
        take(&mut network, &step);
    }
    network.finish();
}

fn take(network: &mut Network, step: &Step) {
    match *step {
        Step::Edit { peer, ref edit } => network.peer(peer).edit(edit),
        Step::EditAndSend { peer, ref edit } => {
            network.peer(peer).edit(edit);
            network.send(peer, false);
        }
        Step::Send { peer, again } => network.send(peer, again),
        Step::Deliver { which } => network.deliver(which.into()),
        Step::DeliverMany { count, seed } => network.deliver_many(count.into(), seed.into()),
        Step::Acknowledge { peer } => network.acknowledge(peer),
        Step::Prune { peer } => network.prune(peer),
        Step::Restart { peer } => network.peer(peer).restart(),
        Step::Begin { peer } => network.peer(peer).begin(),
        Step::Commit { peer, seconds, message } => {
            let message = message.then(|| "message".to_owned());
            let time = seconds.map(|seconds| i64::from(seconds) * 1_000_000);
            network.peer(peer).commit(commit(time, message));
        }
        Step::Abort { peer } => network.peer(peer).abort(),
        Step::Transact { peer, ref edits, fails } => network.peer(peer).transact(edits, fails),
        Step::Join { sponsor } => network.join(sponsor),
        Step::Leave { peer, surely: 0..16 } => network.peer(peer).leave(),
        Step::Leave { .. } => {}
    }
}

fn commit(time: Option<i64>, message: Option<String>) -> Commit {
    let mut commit = Commit::new();
    commit.time = time;
    commit.message = message;
    commit
}
