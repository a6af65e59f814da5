//! What became of edits that were rescued, in Python.

use libsync::{Content, Offer, OpId, RescueOutcome, RescueReport, RescuedEdit, UnknownChanges};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::content::{content, value};
use crate::output::{self, op_id, optional_id, replicas, tuple, unknown};
use crate::replica::Replica;

/// A `Rescued`.
pub fn rescued(
    py: Python<'_>,
    replica: Replica,
    rescued: RescueReport,
) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    output::report(py, &CLASS, "Rescued", (Py::new(py, replica)?, report(py, rescued)?))
}

fn report(py: Python<'_>, report: RescueReport) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let RescueReport { edits, applied, moved, offered, unknown, sponsored, .. } = report;
    let edits = tuple(py, edits, edit)?;
    let unknown = tuple(py, unknown, unknown_changes)?;
    let sponsored = replicas(py, &sponsored)?;
    let fields = (edits, applied, moved, offered, unknown, sponsored);
    output::report(py, &CLASS, "RescueReport", fields)
}

fn unknown_changes(py: Python<'_>, unknown: UnknownChanges) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let UnknownChanges { replica, from, to, .. } = unknown;
    output::report(py, &CLASS, "UnknownChanges", (replica.get(), from, to))
}

fn edit(py: Python<'_>, edit: RescuedEdit) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let RescuedEdit { id, len, path, outcome, .. } = edit;
    let (word, now, offered): (_, Option<OpId>, _) = match outcome {
        RescueOutcome::Applied { id } => ("applied", id, None),
        RescueOutcome::Moved { id } => ("moved", Some(id), None),
        RescueOutcome::Offered(offered) => ("offered", None, Some(offered)),
        other => return Err(unknown(py, other)),
    };
    let now = optional_id(py, now)?;
    let offered = offered.map(|offered| offer(py, offered)).transpose()?;
    let fields = (op_id(py, id)?, len, path.to_string(), outcome_of(py, word)?, now, offered);
    output::report(py, &CLASS, "RescuedEdit", fields)
}

fn outcome_of<'py>(py: Python<'py>, word: &str) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    output::report(py, &CLASS, "RescueOutcome", (word,))
}

fn offer(py: Python<'_>, offer: Offer) -> PyResult<Bound<'_, PyAny>> {
    static TEXT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static ITEMS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static VALUE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static ELEMENT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static COUNT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static MOVE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    match offer {
        Offer::Text { position, text } => {
            output::report(py, &TEXT, "OfferedText", (position, text))
        }
        Offer::Items { index, items } => {
            let items = tuple(py, items, |py, item: Content| content(py, item))?;
            output::report(py, &ITEMS, "OfferedItems", (index, items))
        }
        Offer::Value(shown) => output::report(py, &VALUE, "OfferedValue", (content(py, shown)?,)),
        Offer::Element(element) => {
            output::report(py, &ELEMENT, "OfferedElement", (value(py, element)?,))
        }
        Offer::Count(count) => output::report(py, &COUNT, "OfferedCount", (count,)),
        Offer::Move { item, index } => {
            output::report(py, &MOVE, "OfferedMove", (content(py, item)?, index))
        }
        other => Err(unknown(py, other)),
    }
}
