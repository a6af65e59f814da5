//! What applying changes did, in Python.
//!
//! The one report that is not a dataclass: it is made once for every frame that arrives, where a
//! frozen dataclass would take a quarter of the time of the call.

use libsync::{OpId, ReplicaId};
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use crate::output;

/// What `Replica.apply` did.
#[pyclass(frozen, eq, hash, module = "libsync")]
#[derive(PartialEq, Eq, Hash)]
pub struct Applied {
    /// Changes that are now part of the document, those that had waited for them included.
    #[pyo3(get)]
    changes: usize,
    /// Changes that were known already.
    #[pyo3(get)]
    duplicates: usize,
    /// Changes that now wait until what they depend on arrives, those of earlier calls included:
    /// see `Replica.missing`.
    #[pyo3(get)]
    held: usize,
    refused: Vec<OpId>,
}

impl From<libsync::Applied> for Applied {
    fn from(applied: libsync::Applied) -> Self {
        let libsync::Applied { changes, duplicates, held, refused, .. } = applied;
        Self { changes, duplicates, held, refused }
    }
}

#[pymethods]
impl Applied {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str, &'static str) {
        ("changes", "duplicates", "held", "refused")
    }

    #[new]
    #[pyo3(signature = (changes, duplicates, held, refused))]
    fn new(changes: usize, duplicates: usize, held: usize, refused: Vec<(u64, u64)>) -> Self {
        let refused = refused
            .into_iter()
            .map(|(replica, counter)| OpId::new(ReplicaId::new(replica), counter))
            .collect();
        Self { changes, duplicates, held, refused }
    }

    /// Changes that had waited, and turned out to be invalid once they could be checked.
    #[getter]
    fn refused<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        output::op_ids(py, &self.refused)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let refused = self.refused(py)?.repr()?;
        let Self { changes, duplicates, held, .. } = self;
        Ok(format!(
            "Applied(changes={changes}, duplicates={duplicates}, held={held}, refused={refused})"
        ))
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let fields = (self.changes, self.duplicates, self.held, self.refused(py)?);
        Ok((py.get_type::<Self>(), fields.into_pyobject(py)?))
    }
}
