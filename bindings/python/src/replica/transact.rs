//! Transactions: edits that become one change, or none.

use libsync::{Commit, OpId};
use pyo3::prelude::*;

use crate::moment::Moment;
use crate::output;
use crate::transaction::Transaction;

use super::{Replica, raised};

/// What an author says of a change, from Python's keywords.
fn commit(message: Option<String>, origin: Option<String>, time: Option<Moment>) -> Commit {
    let mut commit = Commit::new();
    commit.message = message;
    commit.origin = origin;
    commit.time = time.map(|time| time.0);
    commit
}

#[pymethods]
impl Replica {
    /// Edits that become one change, or none of them happens: for a `with` statement, which
    /// commits them at its end, or aborts them when an exception leaves it.
    ///
    /// While it is open, the edits are seen by reads here and by nobody else: `version` and `save`
    /// are without them, and nothing is exchanged. It is the replica's, not the thread's: what
    /// other threads edit meanwhile is part of it.
    ///
    /// Args:
    ///     message: what is done, for people.
    ///     origin: what does it: a device, a program, a part of one.
    ///     time: the wall-clock time, a datetime with a time zone; by default that of `set_time`.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> with replica.transaction(message="Move 5 coins"):
    /// ...     replica.increment("left", -5)
    /// ...     replica.increment("right", 5)
    /// >>> replica.to_python()
    /// {'left': -5, 'right': 5}
    #[pyo3(signature = (*, message = None, origin = None, time = None))]
    fn transaction(
        slf: Bound<'_, Self>,
        message: Option<String>,
        origin: Option<String>,
        time: Option<Moment>,
    ) -> Transaction {
        Transaction::new(slf.unbind(), commit(message, origin, time))
    }

    /// Opens a transaction: all edits are part of it, until `commit` or `abort`.
    ///
    /// Raises:
    ///     InTransactionError: one is open already.
    pub fn begin(&self, py: Python<'_>) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.begin())?)
    }

    /// Makes the edits of the open transaction one change.
    ///
    /// Args:
    ///     message: what was done, for people.
    ///     origin: what did it: a device, a program, a part of one.
    ///     time: the wall-clock time, a datetime with a time zone; by default that of `set_time`.
    ///
    /// Returns:
    ///     The identity of the change's first operation; None if nothing was edited.
    ///
    /// Raises:
    ///     NoTransactionError: none is open.
    #[pyo3(signature = (*, message = None, origin = None, time = None))]
    fn commit<'py>(
        &self,
        py: Python<'py>,
        message: Option<String>,
        origin: Option<String>,
        time: Option<Moment>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let id = self.commit_as(py, commit(message, origin, time))?;
        id.map(|id| output::op_id(py, id)).transpose()
    }

    /// Undoes all edits of the open transaction, and closes it.
    ///
    /// Returns:
    ///     Whether one was open.
    pub fn abort(&self, py: Python<'_>) -> PyResult<bool> {
        self.detached(py, |core| core.abort())
    }

    /// Whether a transaction is open.
    #[getter]
    fn in_transaction(&self, py: Python<'_>) -> PyResult<bool> {
        self.attached(py, |core| core.in_transaction())
    }

    /// Sets the wall-clock time that changes carry from now on; None: none, as at first.
    ///
    /// For people and for history alone: it decides nothing. A transaction's own comes first.
    ///
    /// Args:
    ///     time: a datetime with a time zone, or None.
    ///
    /// >>> from datetime import UTC, datetime
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.set_time(datetime(2025, 1, 2, 3, 4, tzinfo=UTC))
    /// >>> replica.set("a", 1)
    /// >>> [str(conflict.time) for conflict in replica.conflicts("a")]
    /// ['2025-01-02 03:04:00+00:00']
    fn set_time(&self, py: Python<'_>, time: Option<Moment>) -> PyResult<()> {
        self.attached(py, |core| core.set_time(time.map(|time| time.0)))
    }
}

impl Replica {
    /// Commits the open transaction.
    pub fn commit_as(&self, py: Python<'_>, commit: Commit) -> PyResult<Option<OpId>> {
        raised(py, self.detached(py, |core| core.commit(commit))?)
    }
}
