//! The replica in Python.

use std::sync::Mutex;

use libsync::{Kind, Options, Replica as Core, Unit};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyType};

use crate::applied::Applied;
use crate::error::Raise;
use crate::guard::{Panicked, catch, run};
use crate::input::{Bytes, Count, Document, Place, Replica as ReplicaArgument, Scalar};
use crate::output;
use crate::tree::Tree;
use crate::version::VersionVector;

/// A replica of a document: a map of values, texts and further maps that is edited here, offline
/// too, and converges with all other replicas that have applied the same changes.
///
/// A path names a place in the document: `"user.profile.bio"`, or a JSON Pointer,
/// `"/user/profile/bio"`, or a sequence of keys, `["user", "profile", "bio"]`. Positions and
/// lengths in a text count Unicode characters, as in `str`.
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
}

/// The limits, where the core's own are not to stand.
fn options(max_inbox_changes: Option<usize>, max_inbox_bytes: Option<usize>) -> Options {
    let mut options = Options::default();
    options.max_inbox_changes = max_inbox_changes.unwrap_or(options.max_inbox_changes);
    options.max_inbox_bytes = max_inbox_bytes.unwrap_or(options.max_inbox_bytes);
    options
}

/// Raises what the core returned as an error.
fn raised<T, E: Raise>(py: Python<'_>, outcome: Result<T, E>) -> PyResult<T> {
    outcome.map_err(|error| error.raise(py))
}

#[pymethods]
impl Replica {
    #[new]
    #[pyo3(signature = (document = None, replica = None, *, max_inbox_changes = None, max_inbox_bytes = None))]
    fn new(
        py: Python<'_>,
        document: Option<Document>,
        replica: Option<ReplicaArgument>,
        max_inbox_changes: Option<usize>,
        max_inbox_bytes: Option<usize>,
    ) -> PyResult<Self> {
        let document = document.map_or_else(Document::random, |document| Ok(document.0))?;
        let replica = replica.map_or_else(ReplicaArgument::random, |replica| Ok(replica.0))?;
        let options = options(max_inbox_changes, max_inbox_bytes);
        catch(|| Core::with_options(document, replica, options))
            .map(Self::from_core)
            .map_err(|panic| panic.raise(py))
    }

    /// Loads a document from what `save` returned.
    ///
    /// Args:
    ///     data: the saved document, any bytes-like object.
    ///     replica: the id or name to edit as; by default a new random one. Go on under the id
    ///         of the replica that saved only if that one never writes again.
    ///     max_inbox_changes: how many changes may wait for others that they depend on.
    ///     max_inbox_bytes: how many bytes those may take.
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
    #[pyo3(signature = (data, replica = None, *, max_inbox_changes = None, max_inbox_bytes = None))]
    fn load(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        data: Bytes<'_>,
        replica: Option<ReplicaArgument>,
        max_inbox_changes: Option<usize>,
        max_inbox_bytes: Option<usize>,
    ) -> PyResult<Self> {
        let replica = replica.map_or_else(ReplicaArgument::random, |replica| Ok(replica.0))?;
        let options = options(max_inbox_changes, max_inbox_bytes);
        let bytes = data.as_slice();
        let loaded = py
            .detach(|| catch(|| Core::load_with_options(bytes, replica, options)))
            .map_err(|panic: Panicked| panic.raise(py))?;
        raised(py, loaded).map(Self::from_core)
    }

    /// All of the document as bytes, retained history included.
    fn save<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.detached(py, |core| core.save())?))
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

    /// What a place shows: a value as it was set, a text as str, a map as dict.
    ///
    /// Args:
    ///     path: where.
    ///     default: what is returned when nothing is there.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.set("user.name", "Ada")
    /// >>> replica.get("user")
    /// {'name': 'Ada'}
    /// >>> replica.get("user.age", 36)
    /// 36
    #[pyo3(signature = (path, default = None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        path: Place,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let shown = self.detached(py, |core| Tree::read(core, &path.0))?;
        match raised(py, shown)? {
            Some(shown) => output::tree(py, shown),
            None => Ok(default.unwrap_or_else(|| py.None().into_bound(py))),
        }
    }

    /// The keys of a map, sorted.
    ///
    /// Raises:
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something else is there.
    #[pyo3(signature = (path = Place(libsync::Path::root())))]
    #[pyo3(text_signature = "($self, path='')")]
    fn keys(&self, py: Python<'_>, path: Place) -> PyResult<Vec<String>> {
        raised(py, self.attached(py, |core| core.keys(&path.0))?)
    }

    /// Sets a value; maps that are missing on the way are created.
    ///
    /// Args:
    ///     path: where.
    ///     value: None, a bool, an int of 64 bits, a float, a str, or bytes.
    ///
    /// Raises:
    ///     RootError: the path is empty.
    ///     WrongKindError: something that is not a map is on the way.
    ///     OverflowError: the int does not fit 64 bits with sign.
    #[pyo3(signature = (path, value))]
    fn set(&self, py: Python<'_>, path: Place, value: Scalar) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.set(&path.0, value.0))?)
    }

    /// Creates an empty map; one that is there already stays as it is.
    ///
    /// Replicas that create a map in the same place at the same time share it.
    fn create_map(&self, py: Python<'_>, path: Place) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.create(&path.0, Kind::Map))?)
    }

    /// Creates an empty text; one that is there already stays as it is.
    ///
    /// Replicas that create a text in the same place at the same time share it.
    fn create_text(&self, py: Python<'_>, path: Place) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.create(&path.0, Kind::Text))?)
    }

    /// Removes what is shown in a place, and all that is in it.
    ///
    /// What other replicas have set or edited there without having seen the removal stays.
    ///
    /// Returns:
    ///     False if nothing was there.
    fn remove(&self, py: Python<'_>, path: Place) -> PyResult<bool> {
        raised(py, self.attached(py, |core| core.remove(&path.0))?)
    }

    /// Inserts into a text, which is created if nothing is there.
    ///
    /// Args:
    ///     path: where the text is.
    ///     position: the number of characters to skip, from 0 to the text's length.
    ///     text: what to insert.
    ///
    /// Raises:
    ///     OutOfBoundsError: the position is beyond the end.
    ///     WrongKindError: something that is not a text is there.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.insert("note", 0, "Hello 🌍")
    /// >>> replica.insert("note", 7, "!")
    /// >>> replica.text("note")
    /// 'Hello 🌍!'
    fn insert(&self, py: Python<'_>, path: Place, position: Count, text: &str) -> PyResult<()> {
        let insert = |core: &mut Core| core.insert_text(&path.0, Unit::Scalar, position.0, text);
        raised(py, self.attached(py, insert)?)
    }

    /// Deletes from a text.
    ///
    /// Args:
    ///     path: where the text is.
    ///     position: the number of characters to skip.
    ///     length: the number of characters to delete.
    ///
    /// Raises:
    ///     OutOfBoundsError: the range ends beyond the end of the text.
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something that is not a text is there.
    fn delete(&self, py: Python<'_>, path: Place, position: Count, length: Count) -> PyResult<()> {
        let delete =
            |core: &mut Core| core.delete_text(&path.0, Unit::Scalar, position.0, length.0);
        raised(py, self.attached(py, delete)?)
    }

    /// A text as it reads.
    ///
    /// Raises:
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something that is not a text is there.
    fn text(&self, py: Python<'_>, path: Place) -> PyResult<String> {
        raised(py, self.detached(py, |core| core.text(&path.0))?)
    }

    /// How many characters a text has.
    ///
    /// Raises:
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something that is not a text is there.
    fn text_len(&self, py: Python<'_>, path: Place) -> PyResult<usize> {
        raised(py, self.attached(py, |core| core.text_len(&path.0, Unit::Scalar))?)
    }

    /// All that replicas have put in a place without seeing each other's, what is shown first.
    ///
    /// One or none: there is no conflict. Setting the value again resolves one.
    ///
    /// >>> from libsync import Replica
    /// >>> a = Replica(replica=1)
    /// >>> b = Replica(a.document, replica=2)
    /// >>> a.set("color", "red")
    /// >>> b.set("color", "blue")
    /// >>> _ = a.apply(b.export())
    /// >>> [conflict.value for conflict in a.conflicts("color")]
    /// ['blue', 'red']
    fn conflicts<'py>(&self, py: Python<'py>, path: Place) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let conflicts = raised(py, self.attached(py, |core| core.conflicts(&path.0))?)?;
        conflicts.into_iter().map(|conflict| output::conflict(py, conflict)).collect()
    }

    /// The document as canonical JSON: the same string for the same changes, in every language.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.detached(py, |core| core.to_json())
    }

    /// The document as a dict.
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let root = Place(libsync::Path::root());
        self.get(py, root, None)
    }

    /// All changes that are not in a version, as bytes for other replicas' `apply`.
    ///
    /// Args:
    ///     since: what the other replica has: its `version`, or what its `encode_version`
    ///         returned; by default nothing.
    ///
    /// Raises:
    ///     BelowPruneFloorError: some of those changes have been pruned here.
    ///     DecodeError: the bytes are not a version.
    ///     LineageError: the version is of another document.
    #[pyo3(signature = (since = None))]
    fn export<'py>(
        &self,
        py: Python<'py>,
        since: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let exported = match since {
            None => self.detached(py, |core| core.export(&libsync::VersionVector::new()))?,
            Some(since) => match since.cast::<VersionVector>() {
                Ok(version) => {
                    let version = version.get().as_core();
                    self.detached(py, |core| core.export(version))?
                }
                Err(_) => {
                    let data: Bytes<'py> = since.extract()?;
                    let bytes = data.as_slice();
                    self.detached(py, |core| core.export_since(bytes))?
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
    ///     InboxFullError: too much would wait.
    fn apply(&self, py: Python<'_>, data: Bytes<'_>) -> PyResult<Applied> {
        let bytes = data.as_slice();
        raised(py, self.detached(py, |core| core.apply(bytes))?).map(Into::into)
    }

    /// The operations that waiting changes depend on, and that have not arrived.
    fn missing<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let missing = self.attached(py, |core| core.missing())?;
        missing.into_iter().map(|id| output::op_id(py, id)).collect()
    }

    /// Makes another replica (an id or a name) a member, for which pruning waits.
    ///
    /// To be called before that replica is handed its first state.
    ///
    /// Raises:
    ///     LeftError: this replica has left.
    fn join(&self, py: Python<'_>, member: ReplicaArgument) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.join(member.0))?)
    }

    /// Ends this replica's membership: nobody waits for it any more, and it can't write again.
    ///
    /// Raises:
    ///     LeftError: it has left before.
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
