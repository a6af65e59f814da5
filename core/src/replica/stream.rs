//! Sending changes as they are made, over a connection that keeps the order.

use crate::change::Change;
use crate::codec::stream::{self, Decoder, Edit, Encoder, Entries, Entry};
use crate::error::{ApplyError, ExportError};
use crate::id::ReplicaId;
use crate::op::{Elements, Op};
use crate::report::Applied;
use crate::version::VersionVector;

use super::Replica;
use super::batch::Batch;
use super::direct::Origin;

/// How many operations, of more than one change, are sent in a compact frame: many are shorter in
/// columns.
const MAX_SCATTERED: u64 = 1024;

/// One end of a stream: what is sent to a peer over a connection that loses nothing and keeps the
/// order (a WebSocket, TCP, a pipe).
///
/// [`Replica::send`] gives what the peer does not have yet. Both ends remember what was spelled
/// out before, so that a keystroke takes about ten bytes. For each peer and each connection, one
/// sender here and one [`Receiver`] there; and a pair of them for each direction. Where several
/// peers start from the same version and get the same, one sender is enough for all.
///
/// `docs/wire-format.md` (14) says what the bytes are.
///
/// ```
/// use libsync::{DocumentId, Receiver, Replica, ReplicaId, Sender, Unit};
/// let document = DocumentId::from_bytes([7; 16]);
/// let mut phone = Replica::new(document, ReplicaId::new(1));
/// let mut laptop = Replica::new(document, ReplicaId::new(2));
/// // Once connected, each tells the other what it has: `encode_version`, `decode_version`.
/// let mut to_laptop = Sender::new(laptop.version().clone());
/// let mut from_phone = Receiver::new();
///
/// for (at, letter) in ["A", "h", "o", "y"].into_iter().enumerate() {
///     phone.insert_text("notes", Unit::Scalar, at, letter)?;
///     while let Some(frame) = phone.send(&mut to_laptop)? {
///         assert!(at == 0 || frame.len() < 10);
///         laptop.receive(&mut from_phone, &frame)?;
///     }
/// }
/// assert_eq!(laptop.to_json(), r#"{"notes":"Ahoy"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sender {
    /// What the peer has, or is on its way to it.
    known: VersionVector,
    /// Whether the replicas in it have been made members where they were not.
    is_welcome: bool,
    encoder: Encoder,
}

impl Sender {
    /// A sender to a peer that has this version.
    pub fn new(known: VersionVector) -> Self {
        Self { known, is_welcome: false, encoder: Encoder::default() }
    }

    /// What the peer has, or is on its way to it.
    pub fn known(&self) -> &VersionVector {
        &self.known
    }

    /// Leaves out, from now on, what the peer has by other ways.
    pub fn skip(&mut self, known: &VersionVector) {
        for (replica, count) in known.iter() {
            self.skip_of(replica, count);
        }
    }

    /// Leaves out, from now on, what came from the peer itself. O(replicas whose changes did).
    pub fn skip_received(&mut self, from: &Receiver) {
        from.decoder.counts().for_each(|(replica, count)| self.skip_of(replica, count));
        from.received.iter().for_each(|(replica, count)| self.skip_of(replica, count));
    }

    fn skip_of(&mut self, replica: ReplicaId, count: u64) {
        if self.known.get(replica) < count {
            self.known.set(replica, count);
            self.is_welcome = false;
        }
    }
}

/// The other end of a stream: see [`Sender`]. What it remembers is bounded, whatever is sent: by
/// the bytes that came, and by 65,536 replicas, containers and places each.
#[derive(Clone, Default, Debug)]
pub struct Receiver {
    decoder: Decoder,
    /// What came in frames that are not compact.
    received: VersionVector,
}

impl Receiver {
    /// A receiver that nothing has reached yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Replica {
    /// All changes that are not known to the peer, as one frame to be sent to it; `None` if there
    /// are none. What a sender gave is taken for sent: where it may have been lost, a new sender
    /// and a new receiver have to start from the version that the peer has.
    ///
    /// A frame is compact where few operations of frequent shapes are sent, and else as
    /// [`export`](Self::export) gives it. O(replicas) and what is new.
    ///
    /// # Errors
    /// As [`export`](Self::export); nothing was sent then.
    pub fn send(&mut self, sender: &mut Sender) -> Result<Option<Vec<u8>>, ExportError> {
        if self.in_transaction() {
            return Err(ExportError::InTransaction);
        }
        if !sender.is_welcome {
            self.hear(sender.known.get(self.id));
            self.welcome(&sender.known)?;
            sender.is_welcome = true;
        }
        self.membership.baseline().into_iter().for_each(|departed| sender.known.rebase(departed));
        if sender.known.covers(&self.version) {
            return Ok(None);
        }
        if let Some(frame) = self.send_compact(sender) {
            return Ok(Some(frame));
        }
        let frame = self.export(&sender.known)?;
        sender.encoder.follow(&frame, &self.lineage);
        sender.known = sender.known.join(&self.version);
        Ok(Some(frame))
    }

    /// A compact frame of what is not known to the peer, if that is of frequent shapes, and the
    /// peer has to learn of no cut with it.
    fn send_compact(&self, sender: &mut Sender) -> Option<Vec<u8>> {
        let Sender { known, encoder, .. } = sender;
        let (first, others) = {
            let mut lacking = self.version.beyond(known);
            (lacking.next()?, lacking.next().is_some())
        };
        let start = self.log_start();
        // Who has all of a replica's operations has those that are in the floor or the cut.
        let is_plain = |&(replica, _): &(ReplicaId, u64)| {
            let known = known.get(replica);
            start.get(replica) <= known && self.stable.get(replica) <= known
        };
        if !is_plain(&first) || (others && !self.version.beyond(known).all(|a| is_plain(&a))) {
            return None;
        }
        encoder.begin();
        let from = known.get(first.0);
        let last = self.log.last(first.0).filter(|last| !others && last.id.counter <= from);
        let written = match last {
            Some(last) => encoder.change(last, from),
            None if self.version.ahead_of(known) > MAX_SCATTERED => return None,
            None => {
                let changes = self.log.since(known);
                changes.iter().try_for_each(|change| encoder.change(change, change.id.counter))
            }
        };
        if written.is_err() {
            encoder.revert();
            return None;
        }
        if others {
            *known = known.join(&self.version);
        } else {
            known.set(first.0, first.1);
        }
        Some(encoder.finish(&self.lineage))
    }

    /// Applies a frame that came in a stream, with the same effect as [`apply`](Self::apply).
    ///
    /// # Errors
    /// [`ApplyError::StreamBroken`] if the frame does not follow the one before it;
    /// [`ApplyError`] otherwise as [`apply`](Self::apply). Replica and receiver are unchanged then.
    pub fn receive(
        &mut self,
        receiver: &mut Receiver,
        bytes: &[u8],
    ) -> Result<Applied, ApplyError> {
        if self.in_transaction() {
            return Err(ApplyError::InTransaction);
        }
        self.options.check_frame(bytes)?;
        if !stream::is_compact(bytes) {
            return self.receive_changes(receiver, bytes);
        }
        let decoder = &mut receiver.decoder;
        let entries = decoder.begin(bytes, &self.lineage)?.ok_or(ApplyError::StreamBroken)?;
        let applied = self.receive_entries(decoder, entries);
        match applied {
            Ok(_) => decoder.keep(|container| self.state.shared_id(container)),
            Err(_) => decoder.revert(),
        }
        applied
    }

    fn receive_changes(
        &mut self,
        receiver: &mut Receiver,
        bytes: &[u8],
    ) -> Result<Applied, ApplyError> {
        let (lineage, (batch, body)) = self.read_changes(bytes)?;
        self.lineage.check(&lineage)?;
        let mut received = receiver.received.clone();
        let ends = body.changes.iter().map(|change| (change.id.replica, change.end()));
        for (author, end) in ends.chain(batch.iter().flat_map(Batch::ends)) {
            received.set(author, received.get(author).max(end));
        }
        let applied = self.apply_body(batch, body)?;
        receiver.received = received;
        receiver.decoder.follow(bytes, &self.lineage);
        Ok(applied)
    }

    fn receive_entries(
        &mut self,
        decoder: &mut Decoder,
        mut entries: Entries<'_>,
    ) -> Result<Applied, ApplyError> {
        let entry = decoder.next(&mut entries)?;
        if entries.is_empty() && self.apply_entry(decoder, &entry) {
            return Ok(Applied { changes: 1, ..Applied::default() });
        }
        let mut change = change_of(decoder, entry);
        if entries.is_empty() {
            match self.apply_directly(change) {
                Ok(applied) => return Ok(applied),
                Err(unapplied) => change = unapplied,
            }
        }
        let mut changes = vec![change];
        while !entries.is_empty() {
            let entry = decoder.next(&mut entries)?;
            changes.push(change_of(decoder, entry));
        }
        self.apply_changes(changes, None)
    }

    /// Applies an edit of a text without making an operation of it first, if it is plain to see
    /// that it fits; gives whether it did.
    fn apply_entry(&mut self, decoder: &Decoder, entry: &Entry<'_>) -> bool {
        let Entry { id, lamport, ref edit } = *entry;
        let origin = Origin { id, lamport, dependencies: decoder.dependencies() };
        match *edit {
            Edit::Text { container, place, text, len } => {
                self.insert_directly(origin, decoder.container(container), place, (text, len))
            }
            Edit::Nodes { container, run } => {
                self.delete_directly(origin, decoder.container(container), run)
            }
            Edit::Other(_) => false,
        }
    }
}

/// An entry as a change of its own.
fn change_of(decoder: &Decoder, entry: Entry<'_>) -> Change {
    let container = |number| decoder.container(number).clone();
    let op = match entry.edit {
        Edit::Text { container: number, place, text, .. } => {
            let elements = Elements::Text(text.to_owned());
            Op::Insert { container: container(number), place, elements }
        }
        Edit::Nodes { container: number, run } => {
            Op::Delete { container: container(number), nodes: vec![run] }
        }
        Edit::Other(op) => op,
    };
    Change::new(entry.id, entry.lamport, decoder.dependencies().to_vec(), vec![op])
}
