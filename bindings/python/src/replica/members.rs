//! Who takes part, what they have seen, and pruning.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::input::{Bytes, Replica as ReplicaArgument};
use crate::output;

use super::{Replica, raised};

#[pymethods]
impl Replica {
    /// Makes another replica (an id or a name) a member, for which pruning waits.
    ///
    /// To be called before that replica is handed its first state.
    ///
    /// Raises:
    ///     LeftError: this replica has left.
    ///     InTransactionError: a transaction is open here.
    fn join(&self, py: Python<'_>, member: ReplicaArgument) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.join(member.0))?)
    }

    /// Ends this replica's membership: nobody waits for it any more, and it can't write again.
    ///
    /// Raises:
    ///     LeftError: it has left before.
    ///     InTransactionError: a transaction is open here.
    fn leave(&self, py: Python<'_>) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.leave())?)
    }

    /// The members, and what each is known to have seen.
    fn members<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let members = self.attached(py, |core| core.members())?;
        members.into_iter().map(|member| output::member(py, member)).collect()
    }

    /// What this replica has seen and knows to be stable, as bytes for the
    /// `apply_acknowledgement` of all other members.
    fn acknowledge<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.attached(py, |core| core.acknowledge())?))
    }

    /// Takes another member's acknowledgement.
    ///
    /// Returns:
    ///     Whether it counts yet.
    ///
    /// Raises:
    ///     DecodeError: the bytes are damaged, or no acknowledgement.
    ///     LineageError: it is of another document.
    ///     TooManyHeldError: too many wait for missing changes already.
    ///     InTransactionError: a transaction is open here.
    fn apply_acknowledgement<'py>(
        &self,
        py: Python<'py>,
        data: Bytes<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let bytes = data.as_slice();
        let taken = raised(py, self.detached(py, |core| core.apply_acknowledgement(bytes))?)?;
        output::acknowledged(py, taken)
    }

    /// Drops what no replica can need any more: tombstones, and changes from the log.
    ///
    /// It takes two rounds of acknowledgements of all members: that all have seen the deletions,
    /// and that all know that all have.
    ///
    /// Returns:
    ///     What it reclaimed, and who holds back the rest.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.insert("note", 0, "Hello")
    /// >>> replica.delete("note", 0, 5)
    /// >>> _ = replica.acknowledge(), replica.acknowledge()
    /// >>> replica.prune().nodes
    /// 5
    fn prune<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let pruned = self.detached(py, |core| core.prune())?;
        output::prune_report(py, pruned)
    }
}
