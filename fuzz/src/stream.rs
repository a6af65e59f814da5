//! The target for streams: frames that follow each other are refused, and then nothing has changed
//! at the receiving end; or taken, and then the replica is as good as any other.
//!
//! An input is a [session]. Each frame is tried as it is, and with the checksum that it has at this
//! place of the stream.

use crc32fast::Hasher;
use libsync::{ApplyError, Receiver, Replica, Sender};

use crate::bases;
use crate::cbor::Item;
use crate::decoders;
use crate::session::{self, DOCUMENT, Kind};

/// The kind of a compact frame. The number is of the format.
const COMPACT: u64 = 5;
const CHECKSUM_LEN: usize = 4;

/// The content of a compact frame, and its checksum.
pub(crate) fn content(frame: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (Item::Array(items), _) = Item::read(frame)? else { return None };
    let [Item::Unsigned(COMPACT), Item::Bytes(bytes)] = items.as_slice() else { return None };
    let (content, checksum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM_LEN)?)?;
    Some((content.to_vec(), checksum.to_vec()))
}

/// A compact frame.
pub(crate) fn compact(content: &[u8], checksum: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    let items = vec![Item::Unsigned(COMPACT), Item::Bytes([content, checksum].concat())];
    Item::Array(items).write(&mut frame);
    frame
}

/// Hands a replica that the first byte picks the stream of the others.
///
/// # Panics
/// If something is wrong.
pub fn receive(input: &[u8]) {
    let Some((&pick, bytes)) = input.split_first() else { return };
    let base = bases::replica(pick);
    let mut stream = Stream::new(base.clone());
    for frame in session::frames(bytes) {
        stream.receive(frame);
        let sealed = stream.sealed(frame);
        if sealed != frame {
            stream.receive(&sealed);
        }
    }
    if stream.replica.save() != base.save() {
        assert_eq!(stream.replica.save(), stream.spared.save(), "what is refused leaves nothing");
        send_on(&mut stream.replica, base);
        decoders::Receiver::of(stream.replica).check();
    }
}

/// The receiving end of a stream.
struct Stream {
    replica: Replica,
    receiver: Receiver,
    /// The same, of the frames alone that were taken.
    spared: Replica,
    spared_receiver: Receiver,
    /// Of all that was taken so far.
    checksum: Hasher,
}

impl Stream {
    fn new(replica: Replica) -> Self {
        let mut checksum = Hasher::new();
        checksum.update(&DOCUMENT);
        checksum.update(&0_u64.to_be_bytes());
        Self {
            spared: replica.clone(),
            replica,
            receiver: Receiver::new(),
            spared_receiver: Receiver::new(),
            checksum,
        }
    }

    fn receive(&mut self, frame: &[u8]) {
        let version = self.replica.version().clone();
        let received = self.replica.receive(&mut self.receiver, frame);
        let Ok(applied) = received else {
            assert_eq!(self.replica.version(), &version, "what is refused changes nothing");
            return;
        };
        let spared = self.spared.receive(&mut self.spared_receiver, frame);
        assert_eq!(spared.as_ref(), Ok(&applied), "what was refused before makes no difference");
        match content(frame) {
            Some((content, _)) => self.checksum.update(&content),
            None => self.checksum.update(&frame[frame.len() - CHECKSUM_LEN..]),
        }
    }

    /// The frame with the checksum that it has to have here.
    fn sealed(&self, frame: &[u8]) -> Vec<u8> {
        let Some((content, _)) = content(frame) else {
            return session::sealed(frame, Kind::Changes);
        };
        let mut checksum = self.checksum.clone();
        checksum.update(&content);
        compact(&content, &checksum.finalize().to_be_bytes())
    }
}

/// Streams all that is new to a replica that does not have it, which shows the same then.
fn send_on(replica: &mut Replica, mut to: Replica) {
    let (mut sender, mut receiver) = (Sender::new(to.version().clone()), Receiver::new());
    while let Some(frame) = replica.send(&mut sender).expect("what is new is not pruned") {
        match to.receive(&mut receiver, &frame) {
            Ok(_) => {}
            // The bound of Lamport times is how many operations are applied: a matter of what
            // arrived first.
            Err(ApplyError::InvalidChange { reason, .. })
                if reason.starts_with("its Lamport time is greater") =>
            {
                return;
            }
            Err(error) => panic!("what is sent can be received: {error}"),
        }
    }
    assert_eq!(to.version(), replica.version());
    assert_eq!(to.to_json(), replica.to_json(), "a stream shows the same");
}
