//! The replica in Python: how it is made, saved and locked. What is done with it is in the files
//! below, parted as the core's calls are.

mod edit;
mod exchange;
mod members;
mod read;
mod redact;
mod rescue;
mod stream;
mod transact;

use std::sync::Mutex;

use libsync::{Options, Replica as Core, SaveOptions};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyType};

use crate::error::Raise;
use crate::guard::{Panicked, catch, run, run_both};
use crate::input::{Bytes, Document, Pruning, Replica as ReplicaArgument};
use crate::output;
use crate::version::VersionVector;

/// A replica of a document: a map of values, texts, lists, counters, sets and further maps that
/// is edited here, offline too, and converges with all other replicas that have applied the same
/// changes.
///
/// A path names a place in the document: `"user.profile.bio"`, or a JSON Pointer,
/// `"/user/profile/bio"`, or a sequence of keys, `["user", "profile", "bio"]`. The items of a list
/// are named by their index, `"todos.0.title"` or `["todos", 0, "title"]`; where something is
/// written, `"-"` is the place behind the last. Positions and lengths in a text count Unicode
/// characters, as in `str`.
///
/// Every call may be made from any thread. Calls on one replica wait for each other; those that
/// may take long release the interpreter's lock.
///
/// Args:
///     document: the document's id, 16 bytes or a `uuid.UUID`; by default random, for a document
///         that is born here. A replica of a document that exists gets its id, or is loaded.
///     replica: the replica's id, an int, or its name, a str; by default random. No two replicas
///         of a document may ever have the same.
///     max_inbox_changes: how many changes may wait for others that they depend on.
///     max_inbox_bytes: how many bytes those may take.
///     max_frame_bytes: how many bytes a frame may have that is applied.
///     max_depth: how many keys deep this replica may write; what others write is taken.
///     max_key_bytes: how many bytes of UTF-8 a key may have that this replica writes.
///     max_value_bytes: how many bytes a str or bytes may have that this replica sets.
///     pruning: "automatic", by default: a bounded part in each `apply_acknowledgement`; or
///         "manual": when `prune` or `prune_if` is called.
///
/// >>> from libsync import Replica
/// >>> phone = Replica(replica="phone")
/// >>> laptop = Replica(phone.document, "laptop")
/// >>> phone.set("user.name", "Ada")
/// >>> laptop.insert("user.bio", 0, "Mathematician")
/// >>> laptop.apply(phone.export())
/// Applied(changes=1, duplicates=0, held=0, refused=())
/// >>> laptop.to_python()
/// {'user': {'bio': 'Mathematician', 'name': 'Ada'}}
#[pyclass(frozen, weakref, module = "libsync")]
pub struct Replica {
    core: Mutex<Core>,
}

impl Replica {
    fn from_core(core: Core) -> Self {
        Self { core: Mutex::new(core) }
    }

    /// Makes a short call: the interpreter is kept, unless another thread has the replica.
    fn attached<R>(&self, py: Python<'_>, call: impl FnOnce(&mut Core) -> R) -> PyResult<R> {
        run(self.core.lock_py_attached(py), call).map_err(|panic| panic.raise(py))
    }

    /// Makes a call that may take long: other threads run Python meanwhile.
    fn detached<R: Send>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(&mut Core) -> R + Send,
    ) -> PyResult<R> {
        py.detach(|| run(self.core.lock(), call)).map_err(|panic| panic.raise(py))
    }

    /// Makes such a call on this replica and an end of a stream.
    fn detached_with<T: Send, R: Send>(
        &self,
        py: Python<'_>,
        end: &Mutex<T>,
        call: impl FnOnce(&mut Core, &mut T) -> R + Send,
    ) -> PyResult<R> {
        py.detach(|| run_both(self.core.lock(), end, call)).map_err(|panic| panic.raise(py))
    }
}

/// The options that the caller sets; for all others the core's own stand.
struct Limits {
    max_inbox_changes: Option<usize>,
    max_inbox_bytes: Option<usize>,
    max_frame_bytes: Option<usize>,
    max_depth: Option<usize>,
    max_key_bytes: Option<usize>,
    max_value_bytes: Option<usize>,
    pruning: Option<Pruning>,
}

impl Limits {
    fn options(self) -> Options {
        let mut options = Options::default();
        options.max_inbox_changes = self.max_inbox_changes.unwrap_or(options.max_inbox_changes);
        options.max_inbox_bytes = self.max_inbox_bytes.unwrap_or(options.max_inbox_bytes);
        options.max_frame_bytes = self.max_frame_bytes.unwrap_or(options.max_frame_bytes);
        options.max_depth = self.max_depth.unwrap_or(options.max_depth);
        options.max_key_bytes = self.max_key_bytes.unwrap_or(options.max_key_bytes);
        options.max_value_bytes = self.max_value_bytes.unwrap_or(options.max_value_bytes);
        options.pruning = self.pruning.map_or(options.pruning, |pruning| pruning.0);
        options
    }
}

/// Raises what the core returned as an error.
fn raised<T, E: Raise>(py: Python<'_>, outcome: Result<T, E>) -> PyResult<T> {
    outcome.map_err(|error| error.raise(py))
}

#[pymethods]
impl Replica {
    #[new]
    #[pyo3(signature = (
        document = None,
        replica = None,
        *,
        max_inbox_changes = None,
        max_inbox_bytes = None,
        max_frame_bytes = None,
        max_depth = None,
        max_key_bytes = None,
        max_value_bytes = None,
        pruning = None,
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn new(
        py: Python<'_>,
        document: Option<Document>,
        replica: Option<ReplicaArgument>,
        max_inbox_changes: Option<usize>,
        max_inbox_bytes: Option<usize>,
        max_frame_bytes: Option<usize>,
        max_depth: Option<usize>,
        max_key_bytes: Option<usize>,
        max_value_bytes: Option<usize>,
        pruning: Option<Pruning>,
    ) -> PyResult<Self> {
        let document = document.map_or_else(Document::random, |document| Ok(document.0))?;
        let replica = replica.map_or_else(ReplicaArgument::random, |replica| Ok(replica.0))?;
        let limits = Limits {
            max_inbox_changes,
            max_inbox_bytes,
            max_frame_bytes,
            max_depth,
            max_key_bytes,
            max_value_bytes,
            pruning,
        };
        catch(|| Core::with_options(document, replica, limits.options()))
            .map(Self::from_core)
            .map_err(|panic| panic.raise(py))
    }

    /// Loads a document from what `save` returned.
    ///
    /// Args:
    ///     data: the saved document, any bytes-like object.
    ///     replica: the id or name to edit as; by default a new random one. Go on under the id
    ///         of the replica that saved only if that one never writes again.
    ///     max_inbox_changes: as for a new replica; so are all that follow.
    ///     max_inbox_bytes: how many bytes changes that wait may take.
    ///     max_frame_bytes: how many bytes `data`, and each frame later, may have.
    ///     max_depth: how many keys deep this replica may write.
    ///     max_key_bytes: how long a key may be that it writes.
    ///     max_value_bytes: how long a value may be that it writes.
    ///     pruning: when it prunes.
    ///
    /// Raises:
    ///     DecodeError: the bytes are not a saved document.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.set("title", "Notes")
    /// >>> Replica.load(replica.save()).get("title")
    /// 'Notes'
    #[classmethod]
    #[pyo3(signature = (
        data,
        replica = None,
        *,
        max_inbox_changes = None,
        max_inbox_bytes = None,
        max_frame_bytes = None,
        max_depth = None,
        max_key_bytes = None,
        max_value_bytes = None,
        pruning = None,
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn load(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        data: Bytes<'_>,
        replica: Option<ReplicaArgument>,
        max_inbox_changes: Option<usize>,
        max_inbox_bytes: Option<usize>,
        max_frame_bytes: Option<usize>,
        max_depth: Option<usize>,
        max_key_bytes: Option<usize>,
        max_value_bytes: Option<usize>,
        pruning: Option<Pruning>,
    ) -> PyResult<Self> {
        let replica = replica.map_or_else(ReplicaArgument::random, |replica| Ok(replica.0))?;
        let limits = Limits {
            max_inbox_changes,
            max_inbox_bytes,
            max_frame_bytes,
            max_depth,
            max_key_bytes,
            max_value_bytes,
            pruning,
        };
        let options = limits.options();
        let bytes = data.as_slice();
        let loaded = py
            .detach(|| catch(|| Core::load_with_options(bytes, replica, options)))
            .map_err(|panic: Panicked| panic.raise(py))?;
        raised(py, loaded).map(Self::from_core)
    }

    /// All of the document as bytes, retained history included.
    ///
    /// Args:
    ///     compressed: whether in as few bytes as can be, which takes longer, to save and to load.
    ///     shallow: whether to save the state alone: no changes, nothing that waits, and nothing
    ///         that others have acknowledged. A replica that is loaded from that takes whatever
    ///         others send, and can send what it is sent; what was before, it can't.
    #[pyo3(signature = (*, compressed = false, shallow = false))]
    fn save<'py>(
        &self,
        py: Python<'py>,
        compressed: bool,
        shallow: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let plain = SaveOptions::new();
        let options = if compressed { plain.compressed() } else { plain };
        let options = if shallow { options.shallow() } else { options };
        Ok(PyBytes::new(py, &self.detached(py, |core| core.save_with(options))?))
    }

    /// The document's id, 16 bytes: the same in all its replicas.
    #[getter]
    fn document<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(output::document(py, self.attached(py, |core| core.document())?))
    }

    /// This replica's id, from 0 to 2**64 - 1.
    #[getter]
    fn id(&self, py: Python<'_>) -> PyResult<u64> {
        self.attached(py, |core| core.id().get())
    }

    /// What this replica has seen, its own edits included.
    #[getter]
    fn version(&self, py: Python<'_>) -> PyResult<VersionVector> {
        self.attached(py, |core| core.version().clone()).map(Into::into)
    }

    /// The version as bytes, for another replica's `export`.
    fn encode_version<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.attached(py, |core| core.encode_version())?))
    }

    /// The version that another replica's `encode_version` gave, such as for a `Sender`.
    ///
    /// Args:
    ///     data: any bytes-like object.
    ///
    /// Raises:
    ///     DecodeError: the bytes are not a version.
    ///     LineageError: the version is of another document.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.set("title", "Notes")
    /// >>> replica.decode_version(replica.encode_version()) == replica.version
    /// True
    fn decode_version(&self, py: Python<'_>, data: Bytes<'_>) -> PyResult<VersionVector> {
        let bytes = data.as_slice();
        raised(py, self.attached(py, |core| core.decode_version(bytes))?).map(Into::into)
    }

    /// What the replica holds in memory.
    fn memory<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let memory = self.detached(py, |core| core.memory())?;
        output::memory(py, memory)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        self.attached(py, |core| {
            format!(
                "<libsync.Replica {} of document {}: {} operations>",
                core.id(),
                core.document(),
                core.version().operations()
            )
        })
    }

    fn __reduce_ex__(&self, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "a Replica can't be copied or pickled, since the copy would write under the same replica id: Replica.load(replica.save()) makes another replica of the document",
        ))
    }
}
