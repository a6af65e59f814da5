//! Judgement: of one replica at any time, and of all once everything is delivered.

use libsync::{Conflict, Content, Kind, Replica};

use crate::generate;
use crate::host::Host;
use crate::network::Weather;
use crate::oracle::Document;
use crate::step::Field;

use super::{Event, World};

/// After so many acknowledgements of everybody all know what all know: each 16th is a whole one, for
/// those who missed what the ones in between build on.
const ROUNDS: usize = 16 + 3;

impl World {
    /// Compares a replica with the oracle of exactly the changes that it has, and with its twin.
    pub(super) fn judge(&mut self, host: usize) {
        if !self.hosts[host].is_free() {
            return;
        }
        self.hosts[host].check_twin();
        let mut replica = self.hosts[host].replica().clone();
        let mut sent = replica.version().clone();
        sent.set(replica.id(), self.history.count(replica.id()));
        let unsent = replica.export(&sent).expect("what was not sent is not pruned");
        let mut history = self.history.clone();
        history.learn(&unsent).expect("the oracle reads every frame");
        let known = history.within(replica.version()).expect("the oracle has seen everything");
        let document = Document::of(&known).expect("the operations agree");
        assert_eq!(replica.to_json(), document.to_json(), "host {host} differs from the oracle");
        self.judged += 1;
    }

    /// Repairs everything, delivers everything, and judges all.
    pub(crate) fn settle(&mut self) {
        self.network.weather = Weather::default();
        self.network.groups = vec![0; self.hosts.len()];
        for host in 0..self.hosts.len() {
            if !self.hosts[host].is_up() {
                self.restart(host);
            }
            self.close(host);
        }
        self.deliver();
        for _ in 0..self.hosts.len() + 2 {
            for (host, to) in self.pairs() {
                self.compare(host, to);
            }
            self.deliver();
            let staying = self.staying();
            let version = self.hosts[staying[0]].replica().version();
            let is_there = |host: &Host| {
                let replica = host.replica();
                match host.has_left {
                    // Its leave is the last that it wrote.
                    true => version.get(host.id) == replica.version().get(host.id),
                    false => replica.version() == version,
                }
            };
            if self.hosts.iter().all(is_there) {
                return self.check_converged();
            }
        }
        let versions: Vec<_> = self.hosts.iter().map(|host| host.replica().version()).collect();
        panic!("the hosts do not come to have the same: {versions:?}");
    }

    pub(super) fn pairs(&self) -> Vec<(usize, usize)> {
        let count = self.hosts.len();
        (0..count).flat_map(|host| (0..count).map(move |to| (host, to))).collect()
    }

    /// Lets arrive all that is on its way.
    pub(super) fn deliver(&mut self) {
        while let Some(event) = self.queue.next() {
            self.happen(event);
        }
    }

    pub(super) fn check_converged(&mut self) {
        let staying = self.staying();
        let first = staying[0];
        let json = self.hosts[first].replica().to_json();
        for host in staying {
            self.judge(host);
            let replica = self.hosts[host].replica();
            assert_eq!(replica.to_json(), json, "host {host} differs from host {first}");
            assert_eq!(replica.missing(), [], "host {host} waits for something");
            assert_eq!(replica.frontier(), self.hosts[first].replica().frontier());
            for (here, there) in
                conflicts(replica).iter().zip(conflicts(self.hosts[first].replica()))
            {
                assert_eq!(
                    *here, there,
                    "the conflicts of host {host} differ from those of host {first}"
                );
            }
            let saved = replica.save();
            let loaded = Replica::load(&saved, replica.id()).expect("what was saved loads");
            assert_eq!(loaded.save(), saved, "what was loaded is saved as it was");
            assert_eq!(loaded.to_json(), json, "what was loaded shows the same");
            self.record(host, "json", vec![("json", Field::Text(json.clone()))]);
        }
    }

    /// With everything acknowledged by all, everything that can go, goes; and all goes on.
    pub(crate) fn settle_pruning(&mut self) {
        for _ in 0..ROUNDS {
            // Who exports may have made a member of one who had only written.
            (0..self.hosts.len()).for_each(|host| self.send(host));
            self.deliver();
            (0..self.hosts.len()).for_each(|host| self.acknowledge(host));
            self.deliver();
        }
        for host in self.staying() {
            self.record(host, "prune", Vec::new());
            let replica = self.hosts[host].replica_mut();
            let report = replica.prune();
            assert_eq!(report.held_back_by, [], "nobody holds host {host} back");
            assert_eq!(&report.floor, replica.version(), "everything is pruned");
            let memory = replica.memory();
            assert_eq!(memory.changes, 0, "the log is empty");
            let live = memory.nodes - memory.tombstones;
            assert!(memory.nodes <= 2 * live, "host {host} keeps {memory:?}");
        }
        self.check_converged();
        for i in 0..2 * self.hosts.len() {
            self.queue.after(i as u64, Event::Edit(i % self.hosts.len()));
        }
        self.deliver();
        self.settle();
    }
}

/// All that is assigned anywhere in what is shown, with authors and times.
fn conflicts(replica: &Replica) -> Vec<(String, Vec<Conflict>)> {
    let mut all = Vec::new();
    let mut left = vec![(String::new(), Kind::Map)];
    while let Some((container, kind)) = left.pop() {
        for (key, content) in generate::contents_of(replica, &container, kind) {
            let path = format!("{container}/{key}");
            let here = replica.conflicts(path.as_str()).expect("something is there");
            all.push((path.clone(), here));
            if let Content::Container(kind) = content {
                left.push((path, kind));
            }
        }
    }
    all
}
