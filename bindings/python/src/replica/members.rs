//! Who takes part, what they have seen, and pruning.

use libsync::PrunePolicy;
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
    ///     EvictedError: it was evicted.
    ///     InTransactionError: a transaction is open here.
    fn join(&self, py: Python<'_>, member: ReplicaArgument) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.join(member.0))?)
    }

    /// Ends this replica's membership: nobody waits for it any more, and it can't write again.
    ///
    /// Raises:
    ///     LeftError: it has left before.
    ///     EvictedError: it was evicted.
    ///     InTransactionError: a transaction is open here.
    fn leave(&self, py: Python<'_>) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.leave())?)
    }

    /// Evicts a member (an id or a name): one that is lost, or is to write no more.
    ///
    /// It takes effect once every other member has acknowledged it, and all of them have the same of
    /// what the evicted one wrote; from then on pruning does not wait for it, and later changes of
    /// it are refused. `next_evicted` says when that is, and `members` who is awaited. Nothing
    /// happens if it is being evicted already.
    ///
    /// To evict is the decision of an authority, such as a server: two members that evict each
    /// other part the document.
    ///
    /// Raises:
    ///     NotEvictableError: it is this replica itself, no member, or has left or was evicted.
    ///     LeftError: this replica has left.
    ///     EvictedError: this replica was evicted.
    ///     InTransactionError: a transaction is open here.
    ///
    /// >>> from libsync import Replica
    /// >>> server = Replica(replica="server")
    /// >>> server.join("lost")
    /// >>> server.evict("lost")
    /// >>> _ = server.acknowledge()
    /// >>> [departed.evicted for departed in server.departed()]
    /// [True]
    fn evict(&self, py: Python<'_>, member: ReplicaArgument) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.evict(member.0))?)
    }

    /// An eviction that has taken effect here, one after the other; None if all were asked for.
    fn next_evicted<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let evicted = self.attached(py, |core| core.next_evicted())?;
        evicted.map(|evicted| output::evicted(py, evicted)).transpose()
    }

    /// Who was a member, and is none any more.
    fn departed<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let departed = self.attached(py, |core| core.departed())?;
        departed.into_iter().map(|departed| output::departed(py, departed)).collect()
    }

    /// The members, and what each is known to have seen.
    fn members<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let members = self.attached(py, |core| core.members())?;
        members.into_iter().map(|member| output::member(py, member)).collect()
    }

    /// What this replica has seen and knows to be stable, as bytes for the
    /// `apply_acknowledgement` of all other members.
    ///
    /// All of it at first, and now and then; else what has changed since the last one, in few bytes.
    /// It is a promise, on which others prune: a host that keeps its replica in storage saves it
    /// before it sends this.
    fn acknowledge<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.attached(py, |core| core.acknowledge())?))
    }

    /// What `acknowledge` gives, with all that has been seen: for members that could not make
    /// anything of what they got (`Acknowledged.INCOMPLETE`).
    fn acknowledge_whole<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.attached(py, |core| core.acknowledge_whole())?))
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
    ///     UnknownDeparturesError: it leaves out departed replicas that are not known here.
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

    /// Drops all that no replica can need any more: tombstones, and changes from the log.
    ///
    /// That is done by itself, too, a bounded part in each `apply_acknowledgement`, unless the
    /// replica was made with `pruning="manual"`; this does all that is left.
    ///
    /// It takes two rounds of acknowledgements of all members: that all have seen the deletions,
    /// and that all know that all have.
    ///
    /// Returns:
    ///     What was reclaimed since the last report, and who holds back the rest.
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

    /// Drops a bounded part of what can be dropped, if there is as much as is asked for.
    ///
    /// For hosts that prune by hand, or want to do more of it while they are idle.
    ///
    /// Args:
    ///     least_tombstones: how many of the nodes of texts and lists have to be tombstones, as a
    ///         share from 0, the default, to 1.
    ///     least_operations: how many operations there have to be that can be pruned; by default 1.
    ///     most_work: how many spans are touched at the most, about: what is left is for the next
    ///         call. The default, 4096, takes some milliseconds.
    ///
    /// Returns:
    ///     As `prune`; None if there was not as much, or while a transaction is open.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.insert("note", 0, "Hello")
    /// >>> replica.delete("note", 0, 5)
    /// >>> replica.prune_if(least_operations=1000) is None
    /// True
    /// >>> replica.prune_if().nodes
    /// 5
    #[pyo3(signature = (*, least_tombstones = None, least_operations = None, most_work = None))]
    fn prune_if<'py>(
        &self,
        py: Python<'py>,
        least_tombstones: Option<f64>,
        least_operations: Option<u64>,
        most_work: Option<u64>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let mut policy = PrunePolicy::new();
        policy.least_tombstones = least_tombstones.unwrap_or(policy.least_tombstones);
        policy.least_operations = least_operations.unwrap_or(policy.least_operations);
        policy.most_work = most_work.unwrap_or(policy.most_work);
        let pruned = self.detached(py, |core| core.prune_if(policy))?;
        pruned.map(|pruned| output::prune_report(py, pruned)).transpose()
    }

    /// What can't be pruned yet: who holds it back, since when, and whom to evict to free how much.
    ///
    /// Nothing is dropped, so nothing is counted as reclaimed.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.join("lost")
    /// >>> replica.insert("note", 0, "Hello")
    /// >>> replica.delete("note", 0, 5)
    /// >>> replica.pruning().reliefs[0].nodes
    /// 5
    fn pruning<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let pruning = self.detached(py, |core| core.pruning())?;
        output::prune_report(py, pruning)
    }
}
