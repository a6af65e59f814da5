//! A host: a replica, what of it is on the disk, and a twin that gets the same changes and never
//! prunes.

use libsync::{DocumentId, ExportError, Replica, ReplicaId, VersionVector};

use crate::network::Message;

/// What survives a crash.
#[derive(Clone, Debug)]
struct Disk {
    replica: Vec<u8>,
    twin: Vec<u8>,
    /// As [`Host::sent`]: what was saved may not have been sent yet.
    sent: Vec<u8>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) id: ReplicaId,
    /// `None` while it is down.
    replica: Option<Replica>,
    twin: Replica,
    disk: Disk,
    /// The version up to which it has sent everything to everyone, as a frame.
    pub(crate) sent: Vec<u8>,
    /// What arrived while a transaction was open.
    pub(crate) waiting: Vec<Message>,
    /// Whether it has left: it does not write any more.
    pub(crate) has_left: bool,
    /// What the replica showed, and saved, before the transaction that is open.
    pub(crate) before: Option<(String, Vec<u8>)>,
    /// What the replica exported for the twin, since which version, and is not recorded yet.
    pub(crate) exported: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Host {
    /// A host whose replica is the one given.
    pub(crate) fn new(replica: Replica) -> Self {
        let twin = replica.clone();
        let sent = Replica::new(replica.document(), replica.id()).encode_version();
        let disk = Disk { replica: replica.save(), twin: twin.save(), sent: sent.clone() };
        Self {
            id: replica.id(),
            replica: Some(replica),
            twin,
            disk,
            sent,
            waiting: Vec::new(),
            has_left: false,
            before: None,
            exported: Vec::new(),
        }
    }

    /// A host that is handed what this one has on its disk.
    pub(crate) fn newcomer(&self, id: ReplicaId) -> Self {
        let load = |bytes: &[u8]| Replica::load(bytes, id).expect("what was saved loads");
        let mut host = Self::new(load(&self.disk.replica));
        host.twin = load(&self.disk.twin);
        // What is there by now is others' to send.
        host.sent = host.replica().encode_version();
        host.store();
        host
    }

    /// Whether it runs.
    pub(crate) fn is_up(&self) -> bool {
        self.replica.is_some()
    }

    /// Whether it runs, and has no transaction open.
    pub(crate) fn is_free(&self) -> bool {
        self.is_up() && !self.replica().in_transaction()
    }

    /// The replica of a host that runs.
    pub(crate) fn replica(&self) -> &Replica {
        self.replica.as_ref().expect("the host runs")
    }

    /// The replica of a host that runs.
    pub(crate) fn replica_mut(&mut self) -> &mut Replica {
        self.replica.as_mut().expect("the host runs")
    }

    /// Applies a frame to the twin, as it was applied to the replica.
    pub(crate) fn follow(&mut self, frame: &[u8]) {
        self.twin.apply(frame).expect("a twin takes what its replica takes");
    }

    /// Gives the twin what the replica has, and the twin not yet.
    pub(crate) fn catch_up(&mut self) {
        let mut replica = self.replica().clone();
        let since = self.twin.version().clone();
        let mut own = replica.export(&since);
        if replica.version() != self.replica().version() {
            // It makes a member of one who has only written: that is to be the host's own doing.
            own = self.replica_mut().export(&since);
            let since = self.replica().encode_version_of(&since);
            self.exported.extend(own.iter().map(|frame| (since.clone(), frame.clone())));
        }
        match own {
            Ok(own) => self.follow(&own),
            // Who has left makes nobody a member, and has written nothing since.
            Err(ExportError::CannotSponsor { .. }) if self.has_left => {}
            Err(error) => panic!("the twin has all that is pruned: {error}"),
        }
    }

    /// Saves to the disk. To be done before anything is sent.
    pub(crate) fn store(&mut self) {
        if !self.replica().in_transaction() {
            self.catch_up();
        }
        let (replica, twin) = (self.replica().save(), self.twin.save());
        self.disk = Disk { replica, twin, sent: self.sent.clone() };
    }

    /// Loses all that is not on the disk.
    pub(crate) fn crash(&mut self) {
        self.replica = None;
        self.waiting.clear();
        self.before = None;
    }

    /// Goes on from what is on the disk.
    pub(crate) fn restart(&mut self) {
        let load = |bytes: &[u8]| Replica::load(bytes, self.id).expect("what was saved loads");
        let (replica, twin) = (load(&self.disk.replica), load(&self.disk.twin));
        assert_eq!(replica.save(), self.disk.replica, "what was loaded is saved as it was");
        self.sent.clone_from(&self.disk.sent);
        self.replica = Some(replica);
        self.twin = twin;
    }

    /// Asserts that the twin shows the same. No transaction is open.
    pub(crate) fn check_twin(&mut self) {
        self.catch_up();
        assert_eq!(self.replica().version(), self.twin.version(), "the twin has seen the same");
        assert_eq!(self.replica().to_json(), self.twin.to_json(), "the twin shows something else");
    }
}

/// Hosts that each start with an empty document of their own.
pub(crate) fn strangers(document: DocumentId, ids: &[ReplicaId]) -> Vec<Host> {
    ids.iter().map(|&id| Host::new(Replica::new(document, id))).collect()
}

/// Hosts of which the first makes all others members, and hands them its document. Gives its changes
/// as a frame, too.
pub(crate) fn members(document: DocumentId, ids: &[ReplicaId]) -> (Vec<Host>, Vec<u8>) {
    let mut sponsor = Replica::new(document, ids[0]);
    for &id in &ids[1..] {
        sponsor.join(id).expect("a replica of its own document may make members");
    }
    let first = sponsor.save();
    let frame = sponsor.export(&VersionVector::new()).expect("nothing is pruned");
    let load = |&id: &ReplicaId| Replica::load(&first, id).expect("what was saved loads");
    (ids.iter().map(|id| Host::new(load(id))).collect(), frame)
}
