//! What the core hands out, as Python takes it. No lock is held here: making an object may run
//! Python code, such as a finalizer.

use libsync::{
    Acknowledged, Causality, ChangeInfo, Commit, Conflict, Content, Departed, DocumentId, Evicted,
    Holdback, Member, MemoryUse, Node, OpId, PendingRedaction, PruneReport, Relief, ReplicaId,
};
use pyo3::call::PyCallArgs;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDelta, PyDict, PyList, PyTuple, PyType};

use crate::content::{content, kind, value};
use crate::error::Exception;
use crate::moment::{duration, moment};
use crate::tree::Tree;
use crate::version::VersionVector;

/// The word for a place that holds a value, where a container would be named by its kind.
pub const VALUE: &str = "value";

/// The 16 bytes of a document's identity.
pub fn document(py: Python<'_>, document: DocumentId) -> Bound<'_, PyBytes> {
    PyBytes::new(py, document.as_bytes())
}

/// A value, a text as str, a map as dict, a list or a set as list, a counter as int.
pub fn tree(py: Python<'_>, shown: Tree) -> PyResult<Bound<'_, PyAny>> {
    match shown {
        Tree::Value(shown) => value(py, shown),
        Tree::Text(text) => Ok(text.into_pyobject(py)?.into_any()),
        Tree::Map(children) => {
            let dict = PyDict::new(py);
            for (key, child) in children {
                dict.set_item(key, tree(py, child)?)?;
            }
            Ok(dict.into_any())
        }
        Tree::List(items) => list(py, items, tree),
        Tree::Count(count) => Ok(count.into_pyobject(py)?.into_any()),
        Tree::Elements(elements) => list(py, elements, value),
        Tree::Other(other) => Err(unknown(py, other)),
    }
}

/// An `OpId`.
pub fn op_id(py: Python<'_>, id: OpId) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    report(py, &CLASS, "OpId", (id.replica.get(), id.counter))
}

/// A tuple of `OpId`s.
pub fn op_ids<'py>(py: Python<'py>, ids: &[OpId]) -> PyResult<Bound<'py, PyTuple>> {
    tuple(py, ids, |py, &id| op_id(py, id))
}

/// An `Acknowledged`.
pub fn acknowledged(py: Python<'_>, acknowledged: Acknowledged) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let word = match acknowledged {
        Acknowledged::Taken => "taken",
        Acknowledged::Held => "held",
        Acknowledged::Stale => "stale",
        Acknowledged::Incomplete => "incomplete",
        other => return Err(unknown(py, other)),
    };
    report(py, &CLASS, "Acknowledged", (word,))
}

/// A `Conflict`.
pub fn conflict(py: Python<'_>, conflict: Conflict) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let (of_kind, shown) = match conflict.content {
        Content::Container(container) => (kind(py, container)?, py.None().into_bound(py)),
        Content::Value(shown) => (VALUE.into_pyobject(py)?.into_any(), value(py, shown)?),
        other => return Err(unknown(py, other)),
    };
    let id = optional_id(py, conflict.id)?;
    let time = optional_moment(py, conflict.time)?;
    report(py, &CLASS, "Conflict", (of_kind, shown, id, time))
}

/// A `Node`.
pub fn node(py: Python<'_>, node: Node) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let Node { id, origin_left, origin_right, content: shown, deleted, .. } = node;
    let shown = shown.map(|shown| content(py, shown)).transpose()?;
    let fields = (
        op_id(py, id)?,
        optional_id(py, origin_left)?,
        optional_id(py, origin_right)?,
        shown,
        deleted,
    );
    report(py, &CLASS, "Node", fields)
}

/// A `ChangeInfo`.
pub fn change_info(py: Python<'_>, change: ChangeInfo) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let ChangeInfo { id, len, lamport, dependencies, commit, .. } = change;
    let Commit { time, message, origin, .. } = commit;
    let time = optional_moment(py, time)?;
    let dependencies = op_ids(py, &dependencies)?;
    let fields = (op_id(py, id)?, len, lamport, dependencies, time, message, origin);
    report(py, &CLASS, "ChangeInfo", fields)
}

/// A `Causality`.
pub fn causality(py: Python<'_>, causality: Causality) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let word = match causality {
        Causality::Equal => "equal",
        Causality::Before => "before",
        Causality::After => "after",
        Causality::Concurrent => "concurrent",
        other => return Err(unknown(py, other)),
    };
    report(py, &CLASS, "Causality", (word,))
}

/// A `Member`.
pub fn member(py: Python<'_>, member: Member) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let fields = (
        member.replica.get(),
        member.acknowledged.map(VersionVector::from),
        member.stable.map(VersionVector::from),
        optional_id(py, member.since)?,
        optional_moment(py, member.since_time)?,
        member.evicting,
        replicas(py, &member.eviction_awaits)?,
        member.unacknowledged,
        optional_duration(py, member.lag)?,
    );
    report(py, &CLASS, "Member", fields)
}

/// A `Departed`.
pub fn departed(py: Python<'_>, departed: Departed) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let Departed { replica, operations, evicted, departure, time, .. } = departed;
    let departure = optional_id(py, departure)?;
    let time = optional_moment(py, time)?;
    report(py, &CLASS, "Departed", (replica.get(), operations, evicted, departure, time))
}

/// An `Evicted`.
pub fn evicted(py: Python<'_>, evicted: Evicted) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let Evicted { replica, operations, refused, frame, .. } = evicted;
    let frame = frame.map(|frame| PyBytes::new(py, &frame));
    report(py, &CLASS, "Evicted", (replica.get(), operations, op_ids(py, &refused)?, frame))
}

/// A `PruneReport`.
pub fn prune_report(py: Python<'_>, pruned: PruneReport) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let fields = (
        pruned.nodes,
        pruned.spans,
        pruned.changes,
        pruned.bytes,
        VersionVector::from(pruned.floor),
        tuple(py, pruned.held_back_by, holdback)?,
        pruned.held_back_by_undo,
        tuple(py, pruned.redactions_pending, redaction)?,
        pruned.backlog,
        tuple(py, pruned.reliefs, relief)?,
    );
    report(py, &CLASS, "PruneReport", fields)
}

fn holdback(py: Python<'_>, holdback: Holdback) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let Holdback { member, unacknowledged, unstable, since, lag, .. } = holdback;
    let since = optional_moment(py, since)?;
    let lag = optional_duration(py, lag)?;
    report(py, &CLASS, "Holdback", (member.get(), unacknowledged, unstable, since, lag))
}

fn redaction(py: Python<'_>, redaction: PendingRedaction) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let held_back_by = replicas(py, &redaction.held_back_by)?;
    report(py, &CLASS, "PendingRedaction", (op_id(py, redaction.id)?, held_back_by))
}

fn relief(py: Python<'_>, relief: Relief) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let Relief { members, waits_for, operations, changes, nodes, bytes, .. } = relief;
    let members = replicas(py, &members)?;
    let waits_for = replicas(py, &waits_for)?;
    report(py, &CLASS, "Relief", (members, waits_for, operations, changes, nodes, bytes))
}

/// A `MemoryUse`.
pub fn memory(py: Python<'_>, memory: MemoryUse) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let fields = (
        memory.state_bytes,
        memory.log_bytes,
        memory.inbox_bytes,
        memory.nodes,
        memory.tombstones,
        memory.spans,
        memory.changes,
    );
    report(py, &CLASS, "MemoryUse", fields)
}

/// The ids of replicas, as a tuple.
pub fn replicas<'py>(py: Python<'py>, replicas: &[ReplicaId]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, replicas.iter().map(|replica| replica.get()))
}

/// A moment that may not be known.
fn optional_moment(py: Python<'_>, time: Option<i64>) -> PyResult<Option<Bound<'_, PyAny>>> {
    time.map(|time| moment(py, time)).transpose()
}

/// A `timedelta` that may not be known.
fn optional_duration(py: Python<'_>, lag: Option<i64>) -> PyResult<Option<Bound<'_, PyDelta>>> {
    lag.map(|lag| duration(py, lag)).transpose()
}

/// An id that may not be known.
pub fn optional_id(py: Python<'_>, id: Option<OpId>) -> PyResult<Option<Bound<'_, PyAny>>> {
    id.map(|id| op_id(py, id)).transpose()
}

/// A list of what these things are in Python.
pub fn list<'py, T>(
    py: Python<'py>,
    items: Vec<T>,
    each: impl Fn(Python<'py>, T) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let list = PyList::empty(py);
    items.into_iter().try_for_each(|item| list.append(each(py, item)?))?;
    Ok(list.into_any())
}

/// A tuple of what these things are in Python.
pub fn tuple<'py, T>(
    py: Python<'py>,
    items: impl IntoIterator<Item = T>,
    each: impl Fn(Python<'py>, T) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let items: Vec<_> = items.into_iter().map(|item| each(py, item)).collect::<PyResult<_>>()?;
    PyTuple::new(py, items)
}

/// What the core has learned and this module has not.
pub fn unknown(py: Python<'_>, what: impl std::fmt::Debug) -> PyErr {
    let message = format!("this module is older than the core, and can't show {what:?}");
    Exception::new(py, "InternalError", message).into_err()
}

/// An instance of a class of `libsync.reports`, made of its fields in their order.
pub fn report<'py>(
    py: Python<'py>,
    class: &'static PyOnceLock<Py<PyType>>,
    name: &str,
    fields: impl PyCallArgs<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    class.import(py, "libsync.reports", name)?.call1(fields)
}
