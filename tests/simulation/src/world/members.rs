//! Hosts that come and go.

use libsync::ReplicaId;

use crate::step::Field;

use super::World;

impl World {
    /// A member makes a new host a member, and hands it what it has.
    pub(super) fn sponsor(&mut self, planned: usize) {
        let host = planned % self.hosts.len();
        if !self.hosts[host].is_free() || self.hosts[host].has_left {
            return;
        }
        let id = ReplicaId::new(self.random.number());
        self.record(host, "join", vec![("member", Field::Identity(id.get()))]);
        self.hosts[host].replica_mut().join(id).expect("a member may make members");
        // So that all that the newcomer gets is on the disk here, and known to the oracle.
        self.send(host);
        self.store(host);
        let newcomer = self.hosts[host].newcomer(id);
        let number = self.hosts.len();
        let fields = vec![("id", Field::Identity(id.get())), ("from", Field::Number(host as i64))];
        self.hosts.push(newcomer);
        self.network.groups.push(self.network.groups[host]);
        self.record(number, "load", fields);
        self.record(number, "save", Vec::new());
        self.schedule_host(number);
    }

    /// A host leaves, unless one would be alone: it goes on reading, and sends what others lack.
    pub(super) fn leave(&mut self, planned: usize) {
        let host = planned % self.hosts.len();
        let staying = self.hosts.iter().filter(|host| !host.has_left).count();
        if !self.hosts[host].is_free() || self.hosts[host].has_left || staying < 3 {
            return;
        }
        self.record(host, "leave", Vec::new());
        self.hosts[host].replica_mut().leave().expect("a member may leave");
        self.hosts[host].has_left = true;
        self.store(host);
        self.send(host);
    }

    /// The hosts that have not left.
    pub(super) fn staying(&self) -> Vec<usize> {
        (0..self.hosts.len()).filter(|&host| !self.hosts[host].has_left).collect()
    }
}
