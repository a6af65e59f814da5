//! Changes that no honest replica writes, and what becomes of who reads them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::change::Change;
use crate::codec;
use crate::codec::document::{ContentView, DocumentView};
use crate::codec::frame::Form;
use crate::container::{ContainerId, Key};
use crate::error::{ApplyError, EditError, LoadError};
use crate::id::{DocumentId, IdSpan, OpId, ReplicaId};
use crate::membership::Record;
use crate::op::{NodeRun, Op, Place, Side};
use crate::options::Options;
use crate::state::Clock;
use crate::state::sequence::packed::Packer;
use crate::state::sequence::piece::Piece;
use crate::state::sequence::{Items, Status};
use crate::state::slots::Slots;
use crate::state::snapshot::{BodyView, ContainerView};
use crate::value::{Content, Kind, Unit, Value};
use crate::version::VersionVector;

use super::Replica;

const DOCUMENT: DocumentId = DocumentId::from_bytes([9; 16]);

fn id(replica: u64, counter: u64) -> OpId {
    OpId::new(ReplicaId::new(replica), counter)
}

fn name(key: &str) -> Key {
    Key::Name(key.into())
}

fn assign(container: ContainerId, key: &str) -> Op {
    let content = Some(Content::Value(Value::Null));
    Op::Assign { container, key: name(key), content, supersedes: Vec::new() }
}

fn frame(of: &Replica, changes: &[Change]) -> Vec<u8> {
    codec::change::encode(Form::Plain, &of.lineage, changes, None)
}

/// A replica 1 that has written one operation.
fn replica() -> Replica {
    let mut replica = Replica::new(DOCUMENT, ReplicaId::new(1));
    replica.set("a", 1).unwrap();
    replica
}

#[test]
fn an_edit_wakes_what_waited_for_it() {
    let mut replica = replica();
    let ops = vec![assign(ContainerId::ROOT, "x")];
    let change = Change::new(id(9, 0), 2, vec![id(1, 1)], ops);
    let bytes = frame(&replica, &[change]);
    assert_eq!(replica.apply(&bytes).unwrap().held, 1);
    replica.set("b", 2).unwrap();
    assert_eq!(replica.missing(), []);
    assert_eq!(replica.to_json(), r#"{"a":1,"b":2,"x":null}"#);
    assert!(Replica::load(&replica.save(), replica.id()).is_ok());
}

#[test]
fn a_replica_does_not_write_over_what_it_wrote_elsewhere() {
    let mut replica = replica();
    let change = Change::new(id(1, 2), 2, vec![], vec![assign(ContainerId::ROOT, "x")]);
    let bytes = frame(&replica, &[change]);
    assert_eq!(replica.apply(&bytes).unwrap().held, 1);
    let error = replica.set("b", 2).unwrap_err();
    assert_eq!(error, EditError::WrittenElsewhere { id: id(1, 2) });
}

#[test]
fn a_change_from_before_or_beyond_its_past_is_refused() {
    let mut replica = replica();
    let change = |counter: u64, lamport: u64| {
        let key = counter.to_string();
        Change::new(id(2, counter), lamport, vec![], vec![assign(ContainerId::ROOT, &key)])
    };
    let first = frame(&replica, &[change(0, 1)]);
    replica.apply(&first).unwrap();
    let before = replica.save();
    for lamport in [0, 1, 3] {
        let bytes = frame(&replica, &[change(1, lamport)]);
        let error = replica.apply(&bytes).unwrap_err();
        assert!(matches!(error, ApplyError::InvalidChange { .. }), "{lamport}: {error}");
    }
    assert_eq!(replica.save(), before);
    let next = frame(&replica, &[change(1, 2)]);
    replica.apply(&next).unwrap();
    assert!(Replica::load(&replica.save(), replica.id()).is_ok());
}

#[test]
fn the_inbox_counts_long_paths() {
    let options = Options { max_inbox_bytes: 10_000, ..Options::default() };
    let mut replica = Replica::with_options(DOCUMENT, ReplicaId::new(1), options);
    let container = ContainerId::ROOT.child(name(&"k".repeat(20_000)), Kind::Map);
    let change = Change::new(id(2, 1), 1, vec![], vec![assign(container, "x")]);
    let bytes = frame(&replica, &[change]);
    let error = replica.apply(&bytes).unwrap_err();
    assert!(matches!(error, ApplyError::InboxFull { .. }), "{error}");
}

#[test]
fn many_dependencies_are_looked_at_once_each() {
    let dependencies: Vec<OpId> = (100..20_100).map(|author| id(author, 0)).collect();
    let mut replica = replica();
    let waiting =
        Change::new(id(2, 0), 1, dependencies.clone(), vec![assign(ContainerId::ROOT, "x")]);
    let bytes = frame(&replica, &[waiting]);
    replica.apply(&bytes).unwrap();
    let member = |&author: &OpId| Change::new(author, 0, vec![], vec![Op::Join(ReplicaId::new(1))]);
    let awaited: Vec<Change> = dependencies.iter().map(member).collect();
    let bytes = frame(&replica, &awaited);
    assert_eq!(replica.apply(&bytes).unwrap().changes, 20_001);
}

#[test]
fn who_deletes_a_node_twice_is_read_and_saved() {
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(2));
    a.insert_text("text", Unit::Scalar, 0, "abc").unwrap();
    let container = ContainerId::ROOT.child(name("text"), Kind::Text);
    let delete = |counter, lamport| {
        let nodes = vec![NodeRun::forwards(IdSpan::new(id(2, 2), 1))];
        let op = Op::Delete { container: container.clone(), nodes };
        Change::new(id(2, counter), lamport, vec![], vec![op])
    };
    let mut replica = Replica::new(DOCUMENT, ReplicaId::new(1));
    replica.apply(&a.export(&VersionVector::new()).unwrap()).unwrap();
    let bytes = frame(&replica, &[delete(4, 4), delete(5, 5)]);
    replica.apply(&bytes).unwrap();
    assert_eq!(replica.to_json(), r#"{"text":"ac"}"#);
    let loaded = Replica::load(&replica.save(), replica.id()).unwrap();
    assert_eq!(loaded.save(), replica.save());
    let mut other = Replica::new(DOCUMENT, ReplicaId::new(3));
    other.apply(&replica.export(&VersionVector::new()).unwrap()).unwrap();
    assert_eq!(other.to_json(), replica.to_json());
}

#[test]
fn a_held_change_that_is_refused_is_not_in_the_way_of_the_right_one() {
    let mut replica = replica();
    let write = |counter, lamport, key| {
        Change::new(id(2, counter), lamport, vec![], vec![assign(ContainerId::ROOT, key)])
    };
    // Its Lamport time is greater than its past will allow.
    let bogus = frame(&replica, &[write(1, 9, "bogus")]);
    assert_eq!(replica.apply(&bogus).unwrap().held, 1);
    let right = frame(&replica, &[write(0, 1, "first"), write(1, 2, "second")]);
    let applied = replica.apply(&right).unwrap();
    assert_eq!((applied.changes, applied.held), (2, 0));
    assert_eq!(applied.refused, [id(2, 1)]);
    assert_eq!(replica.to_json(), r#"{"a":1,"first":null,"second":null}"#);
}

#[test]
fn a_change_waits_for_what_it_names_beside_its_dependencies() {
    let mut other = Replica::new(DOCUMENT, ReplicaId::new(2));
    other.set("k", 1).unwrap();
    other.insert_items("l", 0, ["item"]).unwrap();
    let named = other.export(&VersionVector::new()).unwrap();
    // It names the assignment and the item of replica 2, and depends on nothing.
    let supersedes = vec![id(2, 0)];
    let remove = Op::Remove { container: ContainerId::ROOT, key: name("k"), supersedes };
    let list = ContainerId::ROOT.child(name("l"), Kind::List);
    let delete =
        Op::Delete { container: list, nodes: vec![NodeRun::forwards(IdSpan::new(id(2, 2), 1))] };
    let change = Change::new(id(3, 0), 0, vec![], vec![remove, delete]);
    let mut replica = replica();
    let bytes = frame(&replica, &[change]);
    assert_eq!(replica.apply(&bytes).unwrap().held, 1);
    assert_eq!(replica.missing(), [id(2, 0), id(2, 2)]);
    let mut replica = Replica::load(&replica.save(), replica.id()).unwrap();
    assert_eq!(replica.apply(&named).unwrap().held, 0);
    assert_eq!(replica.to_json(), r#"{"a":1,"l":[]}"#);
    // The other order comes to the same.
    let mut second = self::replica();
    second.apply(&named).unwrap();
    second.apply(&bytes).unwrap();
    assert_eq!(second.to_json(), replica.to_json());
}

#[test]
fn a_change_that_deletes_twice_is_refused() {
    let mut replica = replica();
    replica.insert_text("t", Unit::Scalar, 0, "abc").unwrap();
    let container = ContainerId::ROOT.child(name("t"), Kind::Text);
    let delete = |first| {
        let nodes = vec![NodeRun::forwards(IdSpan::new(id(1, first), 2))];
        Op::Delete { container: container.clone(), nodes }
    };
    let change = Change::new(id(2, 0), 5, vec![id(1, 4)], vec![delete(2), delete(3)]);
    let bytes = frame(&replica, &[change]);
    let error = replica.apply(&bytes).unwrap_err();
    assert!(matches!(error, ApplyError::InvalidChange { .. }), "{error}");
}

#[test]
fn an_author_has_one_assignment_in_a_place() {
    let mut replica = replica();
    for (counter, lamport) in [(0, 1), (1, 2)] {
        let change =
            Change::new(id(2, counter), lamport, vec![], vec![assign(ContainerId::ROOT, "x")]);
        let bytes = frame(&replica, &[change]);
        replica.apply(&bytes).unwrap();
    }
    assert_eq!(replica.conflicts("x").unwrap().len(), 1);
}

#[test]
fn what_was_accepted_can_be_exported() {
    let assign = |key, supersedes| {
        let (container, content) = (ContainerId::ROOT, Some(Content::Value(Value::Null)));
        vec![Op::Assign { container, key: name(key), content, supersedes }]
    };
    let mut a = Replica::new(DOCUMENT, ReplicaId::new(1));
    let first = frame(&a, &[Change::new(id(2, 0), 0, vec![], assign("x", vec![]))]);
    a.apply(&first).unwrap();
    a.set("k", 1).unwrap();
    // It names what depends on the first, and claims to follow that at once.
    let second = frame(&a, &[Change::new(id(2, 1), 1, vec![], assign("k", vec![id(1, 0)]))]);
    a.apply(&second).unwrap();
    for a in [&mut Replica::load(&a.save(), a.id()).unwrap(), &mut a] {
        let mut fresh = Replica::new(DOCUMENT, ReplicaId::new(3));
        let applied = fresh.apply(&a.export(&VersionVector::new()).unwrap()).unwrap();
        assert_eq!((applied.held, fresh.to_json()), (0, a.to_json()));
    }
}

#[test]
fn a_run_of_items_is_no_longer_than_there_are_items() {
    let items = 1 << 28;
    let version: VersionVector = [(ReplicaId::new(1), items)].into_iter().collect();
    let mut nodes = Packer::<Items>::new();
    let place = Place { parent: None, side: Side::Right };
    let (payload, key) = (Items(items as u32), id(1, 0));
    nodes.push_piece(&Piece { id: key, len: items, status: Status::Live, payload, place, key });
    let (nodes, items) = (Cow::Owned(nodes.finish()), &Slots::default());
    let body = BodyView::List { nodes, items, moves: &BTreeMap::new() };
    let error = load(version, ContainerId::ROOT.child(name("l"), Kind::List), body).unwrap_err();
    assert!(error.to_string().contains("of no item"), "{error}");
}

#[test]
fn a_saved_container_in_an_item_that_is_nowhere_is_refused() {
    let version: VersionVector = [(ReplicaId::new(1), 5)].into_iter().collect();
    let list = ContainerId::ROOT.child(name("l"), Kind::List);
    let map = list.child(Key::Item(id(1, 0)), Kind::Map).child(name("m"), Kind::Map);
    let error = load(version, map, BodyView::Slots(&Slots::default())).unwrap_err();
    assert!(error.to_string().contains("an item that is not there"), "{error}");
}

/// Loads a document of one container.
fn load(
    version: VersionVector,
    container: ContainerId,
    body: BodyView<'_>,
) -> Result<Replica, LoadError> {
    let (head, end) =
        version.iter().map(|(replica, end)| (OpId::new(replica, end - 1), end)).last().unwrap();
    let clock = Clock::new(&[(ReplicaId::new(1), 1)].into_iter().collect());
    let document = DocumentView {
        baseline: None,
        evicted: &std::collections::BTreeSet::new(),
        version: &version,
        frontier: &[head],
        lamport: end,
        members: &[(head.replica, Record::new())].into(),
        acknowledged: &BTreeMap::new(),
        stable: &version,
        floor: &version,
        pending: &[],
        log_start: None,
        content: ContentView::State {
            containers: vec![ContainerView { id: &container, clock: &clock, body }],
            log: Vec::new(),
        },
        held: Vec::new(),
        frozen: Vec::new(),
        redactions: &[],
    };
    let lineage = codec::frame::Lineage { document: DOCUMENT, epoch: 0 };
    Replica::load(&codec::document::encode(Form::Plain, &lineage, &document), head.replica)
}
