//! Sending changes as they are made.

use libsync::Replica as Core;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::applied::Applied;
use crate::input::Bytes;
use crate::stream::{Receiver, Sender};

use super::{Replica, raised};

#[pymethods]
impl Replica {
    /// All changes that the peer does not have yet, as one frame for its `receive`; None if there
    /// are none.
    ///
    /// What a sender gave is taken for sent: where it may have been lost, as when a connection
    /// broke, a new sender and a new receiver start from the version that the peer has.
    ///
    /// Args:
    ///     sender: this end of the stream to the peer.
    ///
    /// Raises:
    ///     BelowPruneFloorError: some of those changes have been pruned here.
    ///     InTransactionError: a transaction is open here.
    fn send<'py>(&self, py: Python<'py>, sender: &Sender) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let sent = self.detached_with(py, sender.core(), Core::send)?;
        Ok(raised(py, sent)?.map(|frame| PyBytes::new(py, &frame)))
    }

    /// Applies a frame that a peer's `send` gave, with the same effect as `apply`.
    ///
    /// Args:
    ///     receiver: this end of the stream from the peer. After an exception it is as it was, too.
    ///     data: any bytes-like object.
    ///
    /// Raises:
    ///     StreamBrokenError: the frame does not follow the one before it; a new stream has to be
    ///         started, from the version that this replica has.
    ///     LibsyncError: all else as `apply`.
    fn receive(&self, py: Python<'_>, receiver: &Receiver, data: Bytes<'_>) -> PyResult<Applied> {
        let bytes = data.as_slice();
        let receive = |core: &mut Core, end: &mut libsync::Receiver| core.receive(end, bytes);
        raised(py, self.detached_with(py, receiver.core(), receive)?).map(Into::into)
    }
}
