//! A run: hosts that edit, send, receive, crash and prune at their times, watched by the oracle.

mod act;
mod judge;
mod members;
mod stream;
mod transmit;

use libsync::{DocumentId, ReplicaId};

use crate::host::{self, Host};
use crate::network::{Message, Network};
use crate::oracle::History;
use crate::plan::{Crash, Plan};
use crate::queue::Queue;
use crate::random::Random;
use crate::step::{Field, Step};

use self::stream::Streams;

/// The document of all runs.
pub(crate) const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"the simulation's");
/// An edit is sent within so many milliseconds.
const SLOWEST_SEND: u64 = 300;
/// Of a hundred events, after how many one replica is judged.
const JUDGED: u8 = 4;

/// What happens at a time.
#[derive(Clone, Debug)]
enum Event {
    Edit(usize),
    /// Ends the transaction that is open.
    Close(usize),
    /// Sends what is new to all others.
    Send(usize),
    /// Compares versions with another.
    Compare(usize),
    Acknowledge(usize),
    Prune(usize),
    Crash(Crash),
    Restart(usize),
    Groups(Vec<usize>),
    Jump(usize),
    /// Makes another host a member, and hands it what is here.
    Sponsor(usize),
    Leave(usize),
    Arrive(usize, Message),
}

/// See the module.
pub(crate) struct World {
    plan: Plan,
    random: Random,
    queue: Queue<Event>,
    network: Network,
    hosts: Vec<Host>,
    streams: Streams,
    /// How many keys are used: the fewer, the more edits meet.
    keys: usize,
    /// All operations that were ever sent.
    history: History,
    /// What was done so far.
    pub(crate) steps: Vec<Step>,
    /// How often a replica was compared with the oracle.
    pub(crate) judged: usize,
}

impl World {
    /// A world before anything happens.
    pub(crate) fn new(plan: Plan, mut random: Random) -> Self {
        let ids: Vec<ReplicaId> =
            (0..plan.hosts).map(|_| ReplicaId::new(random.number())).collect();
        let network = Network { weather: plan.weather, groups: vec![0; plan.hosts] };
        let mut world = Self {
            keys: *random.pick(&[2, 3, 6]),
            streams: Streams::new(plan.hosts, plan.streams, &mut random),
            random,
            queue: Queue::new(),
            network,
            hosts: Vec::new(),
            history: History::default(),
            steps: Vec::new(),
            judged: 0,
            plan,
        };
        world.populate(&ids);
        world.schedule();
        world
    }

    fn populate(&mut self, ids: &[ReplicaId]) {
        if self.plan.pruning.is_none() {
            self.hosts = host::strangers(DOCUMENT, ids);
            for (number, id) in ids.iter().enumerate() {
                self.record(number, "new", vec![("id", Field::Identity(id.get()))]);
            }
            return;
        }
        let (hosts, frame) = host::members(DOCUMENT, ids);
        self.hosts = hosts;
        self.learn(&frame);
        self.record(0, "new", vec![("id", Field::Identity(ids[0].get()))]);
        for id in &ids[1..] {
            self.record(0, "join", vec![("member", Field::Identity(id.get()))]);
        }
        self.record(0, "save", Vec::new());
        for (number, id) in ids.iter().enumerate().skip(1) {
            let fields = vec![("id", Field::Identity(id.get())), ("from", Field::Number(0))];
            self.record(number, "load", fields);
            self.record(number, "save", Vec::new());
        }
    }

    fn schedule(&mut self) {
        let Plan { hosts, edits, partitions, crashes, jumps, newcomers, leaves, .. } =
            self.plan.clone();
        newcomers.into_iter().for_each(|(at, host)| self.queue.after(at, Event::Sponsor(host)));
        leaves.into_iter().for_each(|(at, host)| self.queue.after(at, Event::Leave(host)));
        edits.into_iter().for_each(|(at, host)| self.queue.after(at, Event::Edit(host)));
        jumps.into_iter().for_each(|(at, host)| self.queue.after(at, Event::Jump(host)));
        crashes.into_iter().for_each(|crash| self.queue.after(crash.at, Event::Crash(crash)));
        for partition in partitions {
            self.queue.after(partition.from, Event::Groups(partition.groups));
            self.queue.after(partition.until, Event::Groups(vec![0; hosts]));
        }
        for host in 0..hosts {
            self.schedule_host(host);
        }
    }

    /// What a host does again and again.
    fn schedule_host(&mut self, host: usize) {
        self.again(self.plan.compare_every, Event::Compare(host));
        if let Some(pruning) = self.plan.pruning {
            self.again(pruning.acknowledge_every, Event::Acknowledge(host));
            self.again(pruning.prune_every, Event::Prune(host));
        }
    }

    /// Schedules what happens every so often, until the plan ends.
    fn again(&mut self, every: u64, event: Event) {
        let delay = self.random.within(every / 2..every + 1);
        if self.queue.now() + delay <= self.plan.end() {
            self.queue.after(delay, event);
        }
    }

    fn record(&mut self, host: usize, name: &'static str, more: Vec<(&'static str, Field)>) {
        let at = ("replica", Field::Number(host as i64));
        for (since, frame) in std::mem::take(&mut self.hosts[host].exported) {
            let fields =
                vec![at.clone(), ("since", Field::Bytes(since)), ("frame", Field::Bytes(frame))];
            self.steps.push(Step { at: self.queue.now(), name: "export", fields });
        }
        let mut fields = vec![at];
        fields.extend(more);
        self.steps.push(Step { at: self.queue.now(), name, fields });
    }

    /// Records what a host in another language has not to do.
    fn note(&mut self, host: usize, what: &'static str) {
        self.record(host, "note", vec![("what", Field::Word(what))]);
    }

    fn learn(&mut self, frame: &[u8]) {
        self.history.learn(frame).expect("the oracle reads every frame");
    }

    /// Lets happen all that is planned, and then judges a replica now and then.
    pub(crate) fn run(&mut self) {
        while let Some(event) = self.queue.next() {
            self.happen(event);
            if self.random.chance(JUDGED) {
                let host = self.random.below(self.hosts.len());
                self.judge(host);
            }
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Edit(host) => self.edit(host),
            Event::Close(host) => self.close(host),
            Event::Send(host) => self.send(host),
            Event::Compare(host) => {
                self.again(self.plan.compare_every, Event::Compare(host));
                let to = self.random.below(self.hosts.len());
                self.compare(host, to);
            }
            Event::Acknowledge(host) => {
                if let Some(pruning) = self.plan.pruning {
                    self.again(pruning.acknowledge_every, Event::Acknowledge(host));
                }
                self.acknowledge(host);
            }
            Event::Prune(host) => {
                if let Some(pruning) = self.plan.pruning {
                    self.again(pruning.prune_every, Event::Prune(host));
                }
                self.prune(host);
            }
            Event::Crash(crash) => {
                if self.hosts[crash.host].is_up() {
                    self.hosts[crash.host].crash();
                    self.streams.forget(crash.host);
                    self.note(crash.host, "crash");
                    self.queue.after(crash.down_for, Event::Restart(crash.host));
                }
            }
            Event::Restart(host) => self.restart(host),
            Event::Groups(groups) => {
                for (host, &group) in groups.iter().enumerate() {
                    let what = ["in-group-0", "in-group-1", "in-group-2"][group.min(2)];
                    self.note(host, what);
                }
                // Newcomers are with the first.
                let newcomers = self.hosts.len().saturating_sub(groups.len());
                self.network.groups = groups;
                self.network.groups.extend((0..newcomers).map(|_| 0));
            }
            Event::Jump(host) => self.jump(host),
            Event::Sponsor(host) => self.sponsor(host),
            Event::Leave(host) => self.leave(host),
            Event::Arrive(host, message) => self.arrive(host, message),
        }
    }
}
