//! What is sent from host to host, and what each does with what arrives.

use libsync::{AcknowledgeError, ApplyError, ExportError};

use crate::network::Message;
use crate::step::Field;

use super::{Event, SLOWEST_SEND, World};

impl World {
    pub(super) fn transmit_to_all(&mut self, from: usize, message: &Message) {
        for to in (0..self.hosts.len()).filter(|&to| to != from) {
            self.transmit(from, to, message);
        }
    }

    pub(super) fn transmit(&mut self, from: usize, to: usize, message: &Message) {
        if !self.network.connects(from, to) {
            return self.note(to, "lost-by-partition");
        }
        let latencies = self.network.latencies(&mut self.random);
        if latencies.is_empty() {
            self.note(to, "lost");
        }
        for latency in latencies {
            self.queue.after(latency, Event::Arrive(to, message.clone()));
        }
    }

    pub(super) fn arrive(&mut self, host: usize, message: Message) {
        if !self.hosts[host].is_up() {
            return self.note(host, "lost-as-it-is-down");
        }
        if !self.hosts[host].is_free() {
            return self.arrive_early(host, message);
        }
        match &message {
            Message::Changes(frame) => self.apply(host, frame),
            Message::Acknowledgement(frame) => {
                let taken = self.hosts[host].replica_mut().apply_acknowledgement(frame);
                taken.expect("an acknowledgement can be taken");
                let frame = ("frame", Field::Bytes(frame.clone()));
                self.record(host, "apply_acknowledgement", vec![frame]);
            }
            Message::Version { from, frame, version } => {
                if !version.covers(self.hosts[host].replica().version())
                    && let Some(frame) = self.export(host, frame)
                {
                    if self.streams.connect(host, *from) {
                        self.open_stream(host, *from, version.clone());
                    } else {
                        self.transmit(host, *from, &Message::Changes(frame));
                    }
                }
            }
            Message::Stream { from, connection, number, frame } => {
                self.receive(host, *from, (*connection, *number), frame);
            }
        }
    }

    /// Nothing can be taken while a transaction is open: it has to wait.
    pub(super) fn arrive_early(&mut self, host: usize, message: Message) {
        let replica = self.hosts[host].replica_mut();
        match &message {
            Message::Changes(frame) => {
                assert_eq!(replica.apply(frame), Err(ApplyError::InTransaction));
            }
            Message::Acknowledgement(frame) => {
                let taken = replica.apply_acknowledgement(frame);
                assert_eq!(taken, Err(AcknowledgeError::InTransaction));
            }
            Message::Stream { frame, .. } => Self::refuse_early(replica, frame),
            Message::Version { frame, .. } => {
                assert_eq!(replica.export_since(frame), Err(ExportError::InTransaction));
            }
        }
        self.hosts[host].waiting.push(message);
    }

    pub(super) fn apply(&mut self, host: usize, frame: &[u8]) {
        self.record(host, "apply", vec![("frame", Field::Bytes(frame.to_vec()))]);
        let all_sent = self.hosts[host].replica().encode_version() == self.hosts[host].sent;
        let applied = self.hosts[host].replica_mut().apply(frame);
        let applied = applied.expect("a frame of another host can be applied");
        assert_eq!(applied.refused, [], "what waited can be applied");
        if let Some(step) = self.steps.last_mut() {
            step.fields.push(("changes", Field::Number(applied.changes as i64)));
            step.fields.push(("duplicates", Field::Number(applied.duplicates as i64)));
            step.fields.push(("held", Field::Number(applied.held as i64)));
        }
        self.hosts[host].follow(frame);
        self.pass_on(host, all_sent);
    }

    /// What came from others is sent on, or not; `all_sent` is whether nothing else was to be sent.
    pub(super) fn pass_on(&mut self, host: usize, all_sent: bool) {
        if self.plan.forwards {
            self.queue.after(SLOWEST_SEND, Event::Send(host));
        } else if all_sent {
            // What came from others is not this host's to send.
            self.hosts[host].sent = self.hosts[host].replica().encode_version();
        }
    }
}
