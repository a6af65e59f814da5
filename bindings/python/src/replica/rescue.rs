//! Going on under a new replica id: rescued on a snapshot, or as a document that is seeded anew.

use libsync::RescueOptions;
use pyo3::prelude::*;

use crate::input::{Bytes, Replica as ReplicaArgument};
use crate::rescued::rescued;

use super::{Replica, raised};

#[pymethods]
impl Replica {
    /// A replica of a new id on a snapshot, in which the edits that this one had not sent are made
    /// anew. This replica stays as it is.
    ///
    /// Each edit is made as it was meant if what it names is there, beside the nearest of its old
    /// neighbours if that is gone, and offered in the report if it was made in something that was
    /// deleted. For a replica that others have pruned beyond (`BelowPruneFloorError`), one that went
    /// back to a backup (`WrittenElsewhereError`), one that was evicted, and one of an older epoch
    /// (`reseed`).
    ///
    /// Args:
    ///     snapshot: what a member saves after it has made `replica` a member: any bytes-like
    ///         object. It should have all that any member has of this replica.
    ///     replica: the new replica's id or name.
    ///     written_since: for a replica that was restored from a backup, how many operations of its
    ///         own it had in that, to rescue all that it has written since, whatever the snapshot
    ///         counts of it; by default what the snapshot lacks.
    ///
    /// Returns:
    ///     The new replica, and what became of each edit.
    ///
    /// Raises:
    ///     DecodeError: the bytes are not a saved document.
    ///     LineageError: they are of another document, or of an older epoch.
    ///     ReplicaIdReusedError: the id is not new.
    ///     NotAMemberError: it is no member in the snapshot.
    ///     SnapshotBehindError: the snapshot lacks what is pruned here.
    ///     UndecidedError: `written_since` has to say what was not sent.
    ///     InTransactionError: a transaction is open here.
    ///
    /// >>> from libsync import Replica
    /// >>> server = Replica(replica="server")
    /// >>> server.insert("notes", 0, "bread, milk")
    /// >>> late = Replica.load(server.save(), "laptop")
    /// >>> late.insert("notes", 5, " rolls")
    /// >>> server.delete("notes", 0, 7)
    /// >>> _ = server.prune()
    /// >>> server.join("laptop again")
    /// >>> rescued = late.rescue(server.save(), "laptop again")
    /// >>> rescued.replica.text("notes"), rescued.report.edits[0].outcome
    /// (' rollsmilk', <RescueOutcome.MOVED: 'moved'>)
    #[pyo3(signature = (snapshot, replica, *, written_since = None))]
    fn rescue<'py>(
        &self,
        py: Python<'py>,
        snapshot: Bytes<'py>,
        replica: ReplicaArgument,
        written_since: Option<u64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let options = RescueOptions::new();
        let options = written_since.map_or(options, |since| options.written_since(since));
        let bytes = snapshot.as_slice();
        let made = self.detached(py, |core| core.rescue_with(bytes, replica.0, options))?;
        let made = raised(py, made)?;
        rescued(py, Self::from_core(made.replica), made.report)
    }

    /// The document seeded anew: as it is here, under the same document id and in the next `epoch`,
    /// with one member and nothing of its past. This replica stays as it is.
    ///
    /// For when members are lost for good, or their histories have forked: it is a decision of an
    /// authority. Bytes of the one epoch are refused in the other (`OtherEpochError`); what replicas
    /// of the older one have that is not here, they can `rescue` on a snapshot of the new one.
    ///
    /// Args:
    ///     replica: the id or name of the only member; by default a new random one.
    ///
    /// Raises:
    ///     ReplicaIdReusedError: the id is not new.
    ///     LastEpochError: there are no more epochs.
    ///     InTransactionError: a transaction is open here.
    ///
    /// >>> from libsync import Replica
    /// >>> old = Replica()
    /// >>> old.join("lost")
    /// >>> old.insert("notes", 0, "Ahoy!")
    /// >>> old.delete("notes", 0, 4)
    /// >>> new = old.reseed()
    /// >>> new.text("notes"), new.epoch, new.memory().nodes
    /// ('!', 1, 1)
    #[pyo3(signature = (replica = None))]
    fn reseed(&self, py: Python<'_>, replica: Option<ReplicaArgument>) -> PyResult<Self> {
        let id = replica.map_or_else(ReplicaArgument::random, |replica| Ok(replica.0))?;
        raised(py, self.detached(py, |core| core.reseed(id))?).map(Self::from_core)
    }

    /// How often the document was seeded anew before it came to be this one; 0 at first.
    #[getter]
    fn epoch(&self, py: Python<'_>) -> PyResult<u64> {
        self.attached(py, |core| core.epoch())
    }
}
