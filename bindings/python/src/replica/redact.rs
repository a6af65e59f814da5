//! Forgetting for ever what was deleted.

use libsync::Unit;
use pyo3::prelude::*;

use crate::input::{Count, Place};

use super::{Replica, raised};

#[pymethods]
impl Replica {
    /// Marks all that was deleted or overwritten, as far as is known here, to be forgotten for ever:
    /// characters, values, keys, and what commits said.
    ///
    /// Here and at every other replica it is gone once all members have acknowledged this twice and
    /// the replica prunes: from the document, and from the log. `prune` says what is pending, and
    /// whom it waits for. What was saved or sent before is not reached: other copies are the host's
    /// to delete.
    fn redact(&self, py: Python<'_>) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.redact())?)
    }

    /// Deletes characters of the text at a path, and redacts them, in one change.
    ///
    /// Raises:
    ///     NotFoundError, WrongKindError, OutOfBoundsError: as for `delete`.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.insert("notes", 0, "My password is swordfish.")
    /// >>> replica.redact_text("notes", 15, 9)
    /// >>> b"swordfish" in replica.save()
    /// True
    /// >>> replica.prune().redactions_pending
    /// ()
    /// >>> b"swordfish" in replica.save()
    /// False
    fn redact_text(
        &self,
        py: Python<'_>,
        path: Place,
        position: Count,
        length: Count,
    ) -> PyResult<()> {
        let (position, length) = (position.0, length.0);
        let redacted =
            self.attached(py, |core| core.redact_text(&path.0, Unit::Scalar, position, length))?;
        raised(py, redacted)
    }

    /// Removes what is at a path, and redacts it, in one change.
    ///
    /// Returns:
    ///     False if nothing was there.
    ///
    /// Raises:
    ///     RootError, GrowOnlyError: as for `remove`.
    fn redact_path(&self, py: Python<'_>, path: Place) -> PyResult<bool> {
        raised(py, self.attached(py, |core| core.redact_path(&path.0))?)
    }
}
