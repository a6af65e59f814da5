//! Exchanging changes with other replicas.

use libsync::ExportOptions;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::applied::Applied;
use crate::input::Bytes;
use crate::output;
use crate::version::VersionVector;

use super::{Replica, raised};

#[pymethods]
impl Replica {
    /// All changes that are not in a version, as bytes for other replicas' `apply`.
    ///
    /// Args:
    ///     since: what the other replica has: its `version`, or what its `encode_version`
    ///         returned; by default nothing.
    ///     compressed: whether to compress them: for a long history over a thin line. A few changes
    ///         do not get shorter by it.
    ///
    /// Raises:
    ///     BelowPruneFloorError: some of those changes have been pruned here.
    ///     ShallowError: some of them never were here.
    ///     CannotSponsorError: the other replica has to be made a member first, and this one may
    ///         not do that.
    ///     DecodeError: the bytes are not a version.
    ///     LineageError: the version is of another document.
    ///     InTransactionError: a transaction is open here.
    #[pyo3(signature = (since = None, *, compressed = false))]
    fn export<'py>(
        &self,
        py: Python<'py>,
        since: Option<Bound<'py, PyAny>>,
        compressed: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let plain = ExportOptions::new();
        let options = if compressed { plain.compressed() } else { plain };
        let exported = match since {
            None => {
                let nothing = libsync::VersionVector::new();
                self.detached(py, |core| core.export_with(&nothing, options))?
            }
            Some(since) => match since.cast::<VersionVector>() {
                Ok(version) => {
                    let version = version.get().as_core();
                    self.detached(py, |core| core.export_with(version, options))?
                }
                Err(_) => {
                    let data: Bytes<'py> = since.extract()?;
                    let bytes = data.as_slice();
                    self.detached(py, |core| {
                        core.export_with(&core.decode_version(bytes)?, options)
                    })?
                }
            },
        };
        Ok(PyBytes::new(py, &raised(py, exported)?))
    }

    /// Applies changes that another replica exported, in any order, and any number of times.
    ///
    /// Changes whose dependencies are missing wait until these arrive. An exception leaves the
    /// replica as it was.
    ///
    /// Args:
    ///     data: any bytes-like object.
    ///
    /// Raises:
    ///     DecodeError: the bytes are damaged, or no changes.
    ///     LineageError: they are of another document.
    ///     ReplicaIdReusedError: two replicas have written under one id.
    ///     BelowPruneFloorError: their author has not seen what all others agreed to prune.
    ///     InvalidChangeError: a change contradicts the document.
    ///     AuthorLeftError: the author of a change had left before.
    ///     AuthorEvictedError: the author of a change was evicted, and it does not count.
    ///     NamesEvictedError: a change was made on one that does not count.
    ///     InboxFullError: too much would wait.
    ///     InTransactionError: a transaction is open here.
    fn apply(&self, py: Python<'_>, data: Bytes<'_>) -> PyResult<Applied> {
        let bytes = data.as_slice();
        raised(py, self.detached(py, |core| core.apply(bytes))?).map(Into::into)
    }

    /// The operations that waiting changes depend on, and that have not arrived.
    fn missing<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let missing = self.attached(py, |core| core.missing())?;
        missing.into_iter().map(|id| output::op_id(py, id)).collect()
    }
}
