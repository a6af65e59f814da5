//! What the core hands out, as Python takes it. No lock is held here: making an object may run
//! Python code, such as a finalizer.

use libsync::{
    Acknowledged, Conflict, Content, DocumentId, Kind, Member, MemoryUse, OpId, PruneReport, Value,
};
use pyo3::call::PyCallArgs;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyTuple, PyType};

use crate::error::Exception;
use crate::tree::Tree;
use crate::version::VersionVector;

/// The word for a place that holds a value, beside the words for the kinds of containers.
pub const VALUE: &str = "value";

/// The word for a kind of container.
pub fn kind(kind: Kind) -> String {
    kind.to_string()
}

/// The 16 bytes of a document's identity.
pub fn document(py: Python<'_>, document: DocumentId) -> Bound<'_, PyBytes> {
    PyBytes::new(py, document.as_bytes())
}

/// A value as None, bool, int, float, str or bytes.
pub fn value(py: Python<'_>, value: Value) -> PyResult<Bound<'_, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::Float(value) => value.into_pyobject(py)?.into_any(),
        Value::String(value) => value.into_pyobject(py)?.into_any(),
        Value::Bytes(value) => PyBytes::new(py, &value).into_any(),
        other => return Err(unknown(py, other)),
    })
}

/// A value, a text as str, a map as dict.
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
        other => return Err(unknown(py, other)),
    };
    report(py, &CLASS, "Acknowledged", (word,))
}

/// A `Conflict`.
pub fn conflict(py: Python<'_>, conflict: Conflict) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let (word, shown) = match conflict.content {
        Content::Container(container) => (kind(container), py.None().into_bound(py)),
        Content::Value(shown) => (VALUE.to_owned(), value(py, shown)?),
        other => return Err(unknown(py, other)),
    };
    let id = conflict.id.map(|id| op_id(py, id)).transpose()?;
    report(py, &CLASS, "Conflict", (word, shown, id))
}

/// A `Member`.
pub fn member(py: Python<'_>, member: Member) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let acknowledged = member.acknowledged.map(VersionVector::from);
    let stable = member.stable.map(VersionVector::from);
    report(py, &CLASS, "Member", (member.replica.get(), acknowledged, stable))
}

/// A `PruneReport`.
pub fn prune_report(py: Python<'_>, pruned: PruneReport) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static HOLDBACK: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let held_back_by = tuple(py, pruned.held_back_by, |py, holdback| {
        let fields = (holdback.member.get(), holdback.unacknowledged, holdback.unstable);
        report(py, &HOLDBACK, "Holdback", fields)
    })?;
    let floor = VersionVector::from(pruned.floor);
    let fields = (pruned.nodes, pruned.spans, pruned.changes, pruned.bytes, floor, held_back_by);
    report(py, &CLASS, "PruneReport", fields)
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

fn tuple<'py, T>(
    py: Python<'py>,
    items: impl IntoIterator<Item = T>,
    each: impl Fn(Python<'py>, T) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let items: Vec<_> = items.into_iter().map(|item| each(py, item)).collect::<PyResult<_>>()?;
    PyTuple::new(py, items)
}

/// What the core has learned and this module has not.
fn unknown(py: Python<'_>, what: impl std::fmt::Debug) -> PyErr {
    let message = format!("this module is older than the core, and can't show {what:?}");
    Exception::new(py, "InternalError", message).into_err()
}

/// An instance of a class of `libsync.reports`, made of its fields in their order.
fn report<'py>(
    py: Python<'py>,
    class: &'static PyOnceLock<Py<PyType>>,
    name: &str,
    fields: impl PyCallArgs<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    class.import(py, "libsync.reports", name)?.call1(fields)
}
