//! A transaction as Python's `with` statement takes it.

use std::sync::{Mutex, PoisonError};

use libsync::{Commit, OpId};
use pyo3::prelude::*;

use crate::output;
use crate::replica::Replica;

/// Edits that become one change, or none: what `Replica.transaction` makes, for a `with` statement.
#[pyclass(frozen, module = "libsync")]
pub struct Transaction {
    replica: Py<Replica>,
    commit: Commit,
    id: Mutex<Option<OpId>>,
}

impl Transaction {
    /// A transaction that is not open yet.
    pub fn new(replica: Py<Replica>, commit: Commit) -> Self {
        Self { replica, commit, id: Mutex::new(None) }
    }

    fn set_id(&self, id: Option<OpId>) {
        *self.id.lock().unwrap_or_else(PoisonError::into_inner) = id;
    }
}

#[pymethods]
impl Transaction {
    /// The identity of the change's first operation; None until it is committed, and if nothing
    /// was edited.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let id = *self.id.lock().unwrap_or_else(PoisonError::into_inner);
        id.map(|id| output::op_id(py, id)).transpose()
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().replica.get().begin(slf.py())?;
        slf.get().set_id(None);
        Ok(slf)
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        kind: &Bound<'_, PyAny>,
        _error: &Bound<'_, PyAny>,
        _trace: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let replica = self.replica.get();
        if !kind.is_none() {
            return replica.abort(py).map(drop);
        }
        match replica.commit_as(py, self.commit.clone()) {
            Ok(id) => {
                self.set_id(id);
                Ok(())
            }
            Err(error) => {
                // The block is over: nothing of it may stay open.
                replica.abort(py)?;
                Err(error)
            }
        }
    }
}
