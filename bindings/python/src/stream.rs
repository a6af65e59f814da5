//! The ends of streams in Python. Locks are taken in one order by all calls: a replica's, a
//! sender's, a receiver's.

use std::sync::Mutex;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

use crate::error::Raise;
use crate::guard::{run, run_both};
use crate::version::VersionVector;

const ONE_OF_A_CONNECTION: &str = "the end of a stream can't be copied or pickled, since what it remembers is of one connection: a new Sender and a new Receiver start another stream";

/// The end of a stream from which changes are sent, over a connection that loses nothing and keeps
/// the order: a WebSocket, TCP, a pipe.
///
/// `Replica.send` gives what the peer does not have yet, in about ten bytes for a keystroke, since
/// both ends remember what was spelled out before. For each peer and each connection there is one
/// sender here and one `Receiver` there; and a pair of them for each direction.
///
/// Args:
///     known: what the peer has: its `version`, or what `Replica.decode_version` made of the bytes
///         of its `encode_version`; by default nothing.
///
/// >>> from libsync import Receiver, Replica, Sender
/// >>> phone = Replica(replica="phone")
/// >>> laptop = Replica(phone.document, "laptop")
/// >>> to_laptop, from_phone = Sender(laptop.version), Receiver()
/// >>> for position, letter in enumerate("Ahoy"):
/// ...     phone.insert("notes", position, letter)
/// ...     while frame := phone.send(to_laptop):
/// ...         assert position == 0 or len(frame) < 10
/// ...         _ = laptop.receive(from_phone, frame)
/// >>> laptop.to_python()
/// {'notes': 'Ahoy'}
#[pyclass(frozen, module = "libsync")]
pub struct Sender {
    core: Mutex<libsync::Sender>,
}

impl Sender {
    /// The core's sender, to be locked behind a replica.
    pub fn core(&self) -> &Mutex<libsync::Sender> {
        &self.core
    }
}

#[pymethods]
impl Sender {
    #[new]
    #[pyo3(signature = (known = None))]
    fn new(known: Option<&VersionVector>) -> Self {
        let known = known.map(|known| known.as_core().clone()).unwrap_or_default();
        Self { core: Mutex::new(libsync::Sender::new(known)) }
    }

    /// What the peer has, or is on its way to it.
    #[getter]
    fn known(&self, py: Python<'_>) -> PyResult<VersionVector> {
        run(self.core.lock_py_attached(py), |core| core.known().clone())
            .map(Into::into)
            .map_err(|panic| panic.raise(py))
    }

    /// Leaves out, from now on, what the peer has by other ways.
    ///
    /// Args:
    ///     known: what it has.
    fn skip(&self, py: Python<'_>, known: &VersionVector) -> PyResult<()> {
        run(self.core.lock_py_attached(py), |core| core.skip(known.as_core()))
            .map_err(|panic| panic.raise(py))
    }

    /// Leaves out, from now on, what came from the peer itself. To be called before `Replica.send`,
    /// where a connection goes both ways.
    ///
    /// Args:
    ///     receiver: the end at which changes from the same peer arrive.
    ///
    /// >>> from libsync import Receiver, Replica, Sender
    /// >>> phone = Replica(replica="phone")
    /// >>> laptop = Replica(phone.document, "laptop")
    /// >>> to_laptop, from_phone = Sender(), Receiver()
    /// >>> to_phone, from_laptop = Sender(), Receiver()
    /// >>> phone.set("title", "Notes")
    /// >>> _ = laptop.receive(from_phone, phone.send(to_laptop))
    /// >>> to_phone.skip_received(from_phone)
    /// >>> laptop.send(to_phone) is None
    /// True
    fn skip_received(&self, py: Python<'_>, receiver: &Receiver) -> PyResult<()> {
        py.detach(|| {
            run_both(self.core.lock(), &receiver.core, |sender, receiver| {
                sender.skip_received(receiver);
            })
        })
        .map_err(|panic| panic.raise(py))
    }

    fn __reduce_ex__(&self, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyTypeError::new_err(ONE_OF_A_CONNECTION))
    }
}

/// The end of a stream at which changes arrive, for `Replica.receive`: see `Sender`. What it
/// remembers is bounded, whatever is sent.
#[pyclass(frozen, module = "libsync")]
pub struct Receiver {
    core: Mutex<libsync::Receiver>,
}

impl Receiver {
    /// The core's receiver, to be locked behind a replica.
    pub fn core(&self) -> &Mutex<libsync::Receiver> {
        &self.core
    }
}

#[pymethods]
impl Receiver {
    #[new]
    fn new() -> Self {
        Self { core: Mutex::default() }
    }

    fn __reduce_ex__(&self, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyTypeError::new_err(ONE_OF_A_CONNECTION))
    }
}
