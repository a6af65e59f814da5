//! One replica of a program, and its transaction if one is open.

use libsync::{ApplyError, Commit, EditError, ExportError, Replica, ReplicaId, VersionVector};

use super::edit::Edit;

pub(super) struct Peer {
    pub(super) replica: Replica,
    /// What all others have been sent, or sent by others.
    pub(super) sent: VersionVector,
    pub(super) has_left: bool,
    transaction: Option<Before>,
}

/// What a transaction that is open was begun on.
struct Before {
    saved: Vec<u8>,
    json: String,
}

impl Peer {
    pub(super) fn loaded(saved: &[u8], id: ReplicaId) -> Self {
        let replica = Replica::load(saved, id).expect("what is saved can be loaded");
        let sent = replica.version().clone();
        Self { replica, sent, has_left: false, transaction: None }
    }

    pub(super) fn edit(&mut self, edit: &Edit) {
        let before = self.replica.clone();
        if let Err(error) = edit.make(&mut self.replica) {
            assert!(self.has_left || error != EditError::Left, "{error}");
            assert_eq!(self.replica.to_json(), before.to_json(), "a failed edit: {error}");
            assert_eq!(self.replica.save(), before.save(), "a failed edit: {error}");
        } else if self.has_left {
            assert_eq!(self.replica.save(), before.save(), "who has left edits nothing: {edit:?}");
        }
    }

    /// Whether a transaction is open.
    pub(super) fn is_open(&self) -> bool {
        assert_eq!(self.replica.in_transaction(), self.transaction.is_some());
        self.transaction.is_some()
    }

    pub(super) fn begin(&mut self) {
        if self.is_open() {
            assert_eq!(self.replica.begin(), Err(EditError::InTransaction));
            return;
        }
        let before = Before { saved: self.replica.save(), json: self.replica.to_json() };
        match self.replica.begin() {
            Ok(()) => self.transaction = Some(before),
            Err(error) => assert!(self.has_left && error == EditError::Left, "{error}"),
        }
    }

    pub(super) fn commit(&mut self, commit: Commit) {
        let version = self.replica.version().clone();
        let (json, saved) = (self.replica.to_json(), self.replica.save());
        let committed = self.replica.commit(commit.clone());
        let Some(before) = self.transaction.take() else {
            assert_eq!(committed, Err(EditError::NoTransaction));
            return;
        };
        assert_eq!(saved, before.saved, "what is saved is without the transaction");
        assert_eq!(self.replica.to_json(), json, "a commit changes nothing that is shown");
        match committed.expect("an open transaction can be committed") {
            Some(first) => {
                assert_eq!(first.counter, version.get(self.replica.id()));
                let change = self.replica.change(first).expect("a new change is retained");
                assert_eq!(change.id.replica, first.replica);
                assert!(
                    (change.id.counter..change.id.counter + change.len).contains(&first.counter)
                );
                assert_eq!(change.commit.message, commit.message);
            }
            None => assert_eq!(self.replica.version(), &version, "nothing was edited"),
        }
    }

    pub(super) fn abort(&mut self) {
        let before = self.transaction.take();
        assert_eq!(self.replica.abort(), before.is_some(), "whether one was open");
        if let Some(Before { saved, json }) = before {
            assert_eq!(self.replica.to_json(), json, "an aborted transaction leaves nothing");
            assert_eq!(self.replica.save(), saved, "an aborted transaction leaves nothing");
        }
    }

    /// Edits within one call, all or none of which are made.
    pub(super) fn transact(&mut self, edits: &[Edit], fails: bool) {
        if self.is_open() {
            return;
        }
        let before = self.replica.clone();
        let made = self.replica.transact(Commit::new().message("transact"), |replica| {
            edits.iter().try_for_each(|edit| edit.make(replica))?;
            if fails { Err(EditError::NoTransaction) } else { Ok(()) }
        });
        assert!(!self.replica.in_transaction());
        if let Err(error) = made {
            let nothing = "a failed transaction leaves nothing";
            assert_eq!(self.replica.to_json(), before.to_json(), "{nothing}: {error}");
            assert_eq!(self.replica.save(), before.save(), "{nothing}: {error}");
        }
    }

    /// Asserts that an open transaction keeps others out.
    pub(super) fn check_open(&mut self, frame: &[u8]) {
        assert_eq!(self.replica.apply(frame), Err(ApplyError::InTransaction));
        let exported = self.replica.export(&VersionVector::new());
        assert_eq!(exported, Err(ExportError::InTransaction));
        assert_eq!(self.replica.leave(), Err(EditError::InTransaction));
    }

    pub(super) fn prune(&mut self) {
        let before = self.replica.to_json();
        let report = self.replica.prune();
        let after = self.replica.to_json();
        assert_eq!(after, before, "pruning changes nothing that is shown: {report:?}");
        if let Some(before) = &self.transaction {
            assert_eq!(self.replica.save(), before.saved, "nothing is pruned in a transaction");
        }
    }

    /// Saves and loads; a transaction that is open is lost.
    pub(super) fn restart(&mut self) {
        let saved = self.replica.save();
        let before = self.transaction.take();
        let json = before.map_or_else(|| self.replica.to_json(), |before| before.json);
        let loaded = Replica::load(&saved, self.replica.id()).expect("what is saved can be loaded");
        assert_eq!(loaded.save(), saved, "what is loaded is saved as it was");
        assert_eq!(loaded.to_json(), json, "what is loaded shows the same");
        self.replica = loaded;
    }

    pub(super) fn leave(&mut self) {
        if self.is_open() {
            return;
        }
        match self.replica.leave() {
            Ok(()) => self.has_left = true,
            Err(error) => assert!(self.has_left && error == EditError::Left, "{error}"),
        }
    }
}
