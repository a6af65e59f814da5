//! What hosts do by themselves: edit, in transactions or not, send, acknowledge, prune, restart.

use libsync::{Commit, ExportError, Replica};

use crate::edit::Edit;
use crate::expect;
use crate::generate;
use crate::network::Message;
use crate::step::Field;

use super::{Event, SLOWEST_SEND, World};

/// A transaction is open for less than so many milliseconds.
const LONGEST_TRANSACTION: u64 = 600;

impl World {
    pub(super) fn edit(&mut self, planned: usize) {
        let count = self.hosts.len();
        let up = (0..count)
            .map(|i| (planned + i) % count)
            .find(|&i| self.hosts[i].is_up() && !self.hosts[i].has_left);
        let Some(host) = up else { return };
        if self.hosts[host].is_free() && self.random.chance(15) {
            self.begin(host);
            (0..self.random.below(4)).for_each(|_| self.edit_once(host));
        }
        self.edit_once(host);
        let delay = self.random.within(0..SLOWEST_SEND);
        self.queue.after(delay, Event::Send(host));
    }

    pub(super) fn edit_once(&mut self, host: usize) {
        let (random, replica) = (&mut self.random, self.hosts[host].replica_mut());
        let keys = &generate::KEYS[..self.keys];
        let edit = if random.chance(self.plan.texts) {
            generate::text_edit(replica, random, keys)
        } else {
            generate::edit(replica, random, keys)
        };
        self.make(host, &edit);
    }

    pub(super) fn make(&mut self, host: usize, edit: &Edit) {
        let (name, arguments) = edit.described();
        let mut fields = vec![("path", Field::Text(edit.path().to_owned()))];
        fields.extend(arguments);
        // Recorded before it is made, so that one that panics is there.
        self.record(host, name, fields);
        let result = expect::make(edit, self.hosts[host].replica_mut());
        let result = match result {
            Ok(None) => "ok",
            Ok(Some(true)) => "true",
            Ok(Some(false)) => "false",
            Err(_) => "refused",
        };
        if let Some(step) = self.steps.last_mut() {
            step.fields.push(("result", Field::Word(result)));
        }
    }

    pub(super) fn begin(&mut self, host: usize) {
        self.record(host, "begin", Vec::new());
        let before = (self.hosts[host].replica().to_json(), self.hosts[host].replica().save());
        self.hosts[host].before = Some(before);
        self.hosts[host].replica_mut().begin().expect("no transaction is open");
        let open_for = self.random.within(0..LONGEST_TRANSACTION);
        self.queue.after(open_for, Event::Close(host));
    }

    pub(super) fn close(&mut self, host: usize) {
        // It may have crashed since, and it may have begun another transaction.
        if !self.hosts[host].is_up() || self.hosts[host].is_free() {
            return;
        }
        let before = self.hosts[host].before.take();
        let aborts = self.random.chance(30);
        let replica = self.hosts[host].replica_mut();
        let (shown, saved) = before.expect("a transaction has begun");
        assert_eq!(replica.save(), saved, "what is not committed is not saved");
        if aborts {
            assert!(replica.abort(), "a transaction was open");
            assert_eq!(replica.to_json(), shown, "all of the transaction is undone");
            assert_eq!(replica.save(), saved, "all of the transaction is undone");
            self.record(host, "abort", Vec::new());
        } else {
            self.commit(host);
        }
        self.queue.after(0, Event::Send(host));
        for message in std::mem::take(&mut self.hosts[host].waiting) {
            self.arrive(host, message);
        }
    }

    pub(super) fn commit(&mut self, host: usize) {
        let random = &mut self.random;
        let time = random.chance(50).then(|| random.number() as i64 >> 10);
        let message = random.chance(50).then(|| "mended é".to_owned());
        let origin = random.chance(30).then(|| "phone".to_owned());
        let mut commit = Commit::new();
        commit.time = time;
        commit.message.clone_from(&message);
        commit.origin.clone_from(&origin);
        let replica = self.hosts[host].replica_mut();
        let shown = replica.to_json();
        let own = replica.version().get(replica.id());
        let id = replica.commit(commit.clone()).expect("a transaction is open");
        assert_eq!(replica.to_json(), shown, "what was committed stays");
        let edited = id.is_some();
        if let Some(id) = id {
            assert_eq!(id.counter, own, "the first identity that was free");
            let change = replica.change(id).expect("the change is retained");
            assert_eq!(change.commit.message, commit.message);
            assert_eq!(change.commit.origin, commit.origin);
            assert!(time.is_none() || change.commit.time == time);
        }
        let optional = |text: Option<String>| text.map_or(Field::Nothing, Field::Text);
        let fields = vec![
            ("time", time.map_or(Field::Nothing, Field::Number)),
            ("message", optional(message)),
            ("origin", optional(origin)),
            ("edited", Field::Bool(edited)),
        ];
        self.record(host, "commit", fields);
    }

    pub(super) fn jump(&mut self, host: usize) {
        if !self.hosts[host].is_up() {
            return;
        }
        let time = self.random.chance(80).then(|| self.random.number() as i64 >> 8);
        self.hosts[host].replica_mut().set_time(time);
        let time = time.map_or(Field::Nothing, Field::Number);
        self.record(host, "set_time", vec![("time", time)]);
    }

    pub(super) fn store(&mut self, host: usize) {
        self.hosts[host].store();
        self.record(host, "save", Vec::new());
    }

    pub(super) fn restart(&mut self, host: usize) {
        self.record(host, "restart", Vec::new());
        self.hosts[host].restart();
    }

    /// Exports what a version does not have, saves, and gives the frame.
    pub(super) fn export(&mut self, host: usize, since: &[u8]) -> Option<Vec<u8>> {
        // Which may make members: so before, not after what is sent is exported.
        self.hosts[host].catch_up();
        let result = self.hosts[host].replica_mut().export_since(since);
        let since = ("since", Field::Bytes(since.to_vec()));
        match result {
            Ok(frame) => {
                let frame_field = ("frame", Field::Bytes(frame.clone()));
                self.record(host, "export", vec![since, frame_field]);
                self.store(host);
                self.learn(&frame);
                Some(frame)
            }
            // An old version, which took long on its way: its replica has acknowledged more since.
            // And who has left makes nobody a member.
            Err(ExportError::BelowPruneFloor { .. } | ExportError::CannotSponsor { .. })
                if self.plan.pruning.is_some() =>
            {
                self.record(host, "export", vec![since, ("frame", Field::Nothing)]);
                None
            }
            Err(error) => panic!("host {host} can't export: {error}"),
        }
    }

    pub(super) fn send(&mut self, host: usize) {
        if !self.hosts[host].is_free() {
            return;
        }
        let now = self.hosts[host].replica().encode_version();
        let since = self.hosts[host].sent.clone();
        if now == since {
            return;
        }
        if let Some(frame) = self.export(host, &since) {
            self.hosts[host].sent = self.hosts[host].replica().encode_version();
            for to in (0..self.hosts.len()).filter(|&to| to != host) {
                if self.streams.connect(host, to) {
                    self.stream(host, to);
                } else {
                    self.transmit(host, to, &Message::Changes(frame.clone()));
                }
            }
        }
    }

    pub(super) fn compare(&mut self, host: usize, to: usize) {
        if !self.hosts[host].is_up() || host == to {
            return;
        }
        let replica = self.hosts[host].replica();
        let (frame, version) = (replica.encode_version(), replica.version().clone());
        self.transmit(host, to, &Message::Version { from: host, frame, version });
    }

    pub(super) fn acknowledge(&mut self, host: usize) {
        if !self.hosts[host].is_up() || self.hosts[host].has_left {
            return;
        }
        let frame = self.hosts[host].replica_mut().acknowledge();
        self.record(host, "acknowledge", vec![("frame", Field::Bytes(frame.clone()))]);
        self.store(host);
        self.transmit_to_all(host, &Message::Acknowledgement(frame));
    }

    pub(super) fn prune(&mut self, host: usize) {
        if !self.hosts[host].is_up() {
            return;
        }
        let is_free = self.hosts[host].is_free();
        self.record(host, "prune", Vec::new());
        let replica = self.hosts[host].replica_mut();
        let held = |replica: &Replica| (replica.memory().nodes, replica.memory().changes);
        let before = held(replica);
        replica.prune();
        assert!(
            is_free || held(replica) == before,
            "nothing is reclaimed while a transaction is open"
        );
    }
}
