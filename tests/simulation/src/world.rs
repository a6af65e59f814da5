//! A run: hosts that edit, send, receive, crash and prune at their times, watched by the oracle.

use libsync::{
    AcknowledgeError, ApplyError, Commit, Conflict, Content, DocumentId, ExportError, Kind,
    Replica, ReplicaId,
};

use crate::edit::Edit;
use crate::expect;
use crate::generate;
use crate::host::{self, Host};
use crate::network::{Message, Network};
use crate::oracle::{Document, History};
use crate::plan::{Crash, Plan};
use crate::queue::Queue;
use crate::random::Random;
use crate::step::{Field, Step};

/// The document of all runs.
pub(crate) const DOCUMENT: DocumentId = DocumentId::from_bytes(*b"the simulation's");
/// A transaction is open for less than so many milliseconds.
const LONGEST_TRANSACTION: u64 = 600;
/// An edit is sent within so many milliseconds.
const SLOWEST_SEND: u64 = 300;
/// Of a hundred events, after how many one replica is judged.
const JUDGED: u8 = 4;

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
    Arrive(usize, Message),
}

/// See the module.
pub(crate) struct World {
    plan: Plan,
    random: Random,
    queue: Queue<Event>,
    network: Network,
    hosts: Vec<Host>,
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
        let Plan { hosts, edits, partitions, crashes, jumps, pruning, compare_every, .. } =
            self.plan.clone();
        edits.into_iter().for_each(|(at, host)| self.queue.after(at, Event::Edit(host)));
        jumps.into_iter().for_each(|(at, host)| self.queue.after(at, Event::Jump(host)));
        crashes.into_iter().for_each(|crash| self.queue.after(crash.at, Event::Crash(crash)));
        for partition in partitions {
            self.queue.after(partition.from, Event::Groups(partition.groups));
            self.queue.after(partition.until, Event::Groups(vec![0; hosts]));
        }
        for host in 0..hosts {
            self.again(compare_every, Event::Compare(host));
            if let Some(pruning) = pruning {
                self.again(pruning.acknowledge_every, Event::Acknowledge(host));
                self.again(pruning.prune_every, Event::Prune(host));
            }
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
        let mut fields = vec![("replica", Field::Number(host as i64))];
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
                self.network.groups = groups;
            }
            Event::Jump(host) => self.jump(host),
            Event::Arrive(host, message) => self.arrive(host, message),
        }
    }

    // What hosts do ------------------------------------------------------------------------------

    fn edit(&mut self, planned: usize) {
        let count = self.hosts.len();
        let up = (0..count).map(|i| (planned + i) % count).find(|&i| self.hosts[i].is_up());
        let Some(host) = up else { return };
        if self.hosts[host].is_free() && self.random.chance(15) {
            self.begin(host);
            (0..self.random.below(4)).for_each(|_| self.edit_once(host));
        }
        self.edit_once(host);
        let delay = self.random.within(0..SLOWEST_SEND);
        self.queue.after(delay, Event::Send(host));
    }

    fn edit_once(&mut self, host: usize) {
        let (random, replica) = (&mut self.random, self.hosts[host].replica_mut());
        let keys = &generate::KEYS[..self.keys];
        let edit = if random.chance(self.plan.texts) {
            generate::text_edit(replica, random, keys)
        } else {
            generate::edit(replica, random, keys)
        };
        self.make(host, &edit);
    }

    fn make(&mut self, host: usize, edit: &Edit) {
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

    fn begin(&mut self, host: usize) {
        self.record(host, "begin", Vec::new());
        let before = (self.hosts[host].replica().to_json(), self.hosts[host].replica().save());
        self.hosts[host].before = Some(before);
        self.hosts[host].replica_mut().begin().expect("no transaction is open");
        let open_for = self.random.within(0..LONGEST_TRANSACTION);
        self.queue.after(open_for, Event::Close(host));
    }

    fn close(&mut self, host: usize) {
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

    fn commit(&mut self, host: usize) {
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

    fn jump(&mut self, host: usize) {
        if !self.hosts[host].is_up() {
            return;
        }
        let time = self.random.chance(80).then(|| self.random.number() as i64 >> 8);
        self.hosts[host].replica_mut().set_time(time);
        let time = time.map_or(Field::Nothing, Field::Number);
        self.record(host, "set_time", vec![("time", time)]);
    }

    fn store(&mut self, host: usize) {
        self.hosts[host].store();
        self.record(host, "save", Vec::new());
    }

    fn restart(&mut self, host: usize) {
        self.record(host, "restart", Vec::new());
        self.hosts[host].restart();
    }

    /// Exports what a version does not have, saves, and gives the frame.
    fn export(&mut self, host: usize, since: &[u8]) -> Option<Vec<u8>> {
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
            Err(ExportError::BelowPruneFloor { .. }) if self.plan.pruning.is_some() => {
                self.record(host, "export", vec![since, ("frame", Field::Nothing)]);
                None
            }
            Err(error) => panic!("host {host} can't export: {error}"),
        }
    }

    fn send(&mut self, host: usize) {
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
            self.transmit_to_all(host, &Message::Changes(frame));
        }
    }

    fn compare(&mut self, host: usize, to: usize) {
        if !self.hosts[host].is_up() || host == to {
            return;
        }
        let replica = self.hosts[host].replica();
        let (frame, version) = (replica.encode_version(), replica.version().clone());
        self.transmit(host, to, &Message::Version { from: host, frame, version });
    }

    fn acknowledge(&mut self, host: usize) {
        if !self.hosts[host].is_up() {
            return;
        }
        let frame = self.hosts[host].replica_mut().acknowledge();
        self.record(host, "acknowledge", vec![("frame", Field::Bytes(frame.clone()))]);
        self.store(host);
        self.transmit_to_all(host, &Message::Acknowledgement(frame));
    }

    fn prune(&mut self, host: usize) {
        if !self.hosts[host].is_up() {
            return;
        }
        let host_is_free = self.hosts[host].is_free();
        self.record(host, "prune", Vec::new());
        let report = self.hosts[host].replica_mut().prune();
        assert!(
            host_is_free || (report.nodes, report.changes) == (0, 0),
            "nothing is reclaimed while a transaction is open"
        );
    }

    // The network --------------------------------------------------------------------------------

    fn transmit_to_all(&mut self, from: usize, message: &Message) {
        for to in (0..self.hosts.len()).filter(|&to| to != from) {
            self.transmit(from, to, message);
        }
    }

    fn transmit(&mut self, from: usize, to: usize, message: &Message) {
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

    fn arrive(&mut self, host: usize, message: Message) {
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
                    self.transmit(host, *from, &Message::Changes(frame));
                }
            }
        }
    }

    /// Nothing can be taken while a transaction is open: it has to wait.
    fn arrive_early(&mut self, host: usize, message: Message) {
        let replica = self.hosts[host].replica_mut();
        match &message {
            Message::Changes(frame) => {
                assert_eq!(replica.apply(frame), Err(ApplyError::InTransaction));
            }
            Message::Acknowledgement(frame) => {
                let taken = replica.apply_acknowledgement(frame);
                assert_eq!(taken, Err(AcknowledgeError::InTransaction));
            }
            Message::Version { frame, .. } => {
                assert_eq!(replica.export_since(frame), Err(ExportError::InTransaction));
            }
        }
        self.hosts[host].waiting.push(message);
    }

    fn apply(&mut self, host: usize, frame: &[u8]) {
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
        if self.plan.forwards {
            self.queue.after(SLOWEST_SEND, Event::Send(host));
        } else if all_sent {
            // What came from others is not this host's to send.
            self.hosts[host].sent = self.hosts[host].replica().encode_version();
        }
    }

    // Judgement ----------------------------------------------------------------------------------

    /// Compares a replica with the oracle of exactly the changes that it has, and with its twin.
    fn judge(&mut self, host: usize) {
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
        self.network.weather = crate::network::Weather::default();
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
            let version = self.hosts[0].replica().version();
            if self.hosts.iter().all(|host| host.replica().version() == version) {
                return self.check_converged();
            }
        }
        let versions: Vec<_> = self.hosts.iter().map(|host| host.replica().version()).collect();
        panic!("the hosts do not come to have the same: {versions:?}");
    }

    fn pairs(&self) -> Vec<(usize, usize)> {
        let count = self.hosts.len();
        (0..count).flat_map(|host| (0..count).map(move |to| (host, to))).collect()
    }

    /// Lets arrive all that is on its way.
    fn deliver(&mut self) {
        while let Some(event) = self.queue.next() {
            self.happen(event);
        }
    }

    fn check_converged(&mut self) {
        let json = self.hosts[0].replica().to_json();
        for host in 0..self.hosts.len() {
            self.judge(host);
            let replica = self.hosts[host].replica();
            assert_eq!(replica.to_json(), json, "host {host} differs from host 0");
            assert_eq!(replica.missing(), [], "host {host} waits for something");
            assert_eq!(replica.frontier(), self.hosts[0].replica().frontier());
            for (here, there) in conflicts(replica).iter().zip(conflicts(self.hosts[0].replica())) {
                assert_eq!(
                    *here, there,
                    "the conflicts of host {host} differ from those of host 0"
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
        for _ in 0..3 {
            (0..self.hosts.len()).for_each(|host| self.acknowledge(host));
            self.deliver();
        }
        for host in 0..self.hosts.len() {
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
