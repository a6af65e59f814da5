//! What Python hands in, as the core takes it. All of it is read before a lock is taken: reading
//! may run Python code.

use libsync::{DocumentId, OpId, Path, ReplicaId, Segment, ToPath};
use pyo3::exceptions::{PyOSError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyInt, PyMemoryView, PySequence, PyString};

use crate::error::{Exception, Raise};

/// The id of the replica with this name, the same on every platform and in every language.
///
/// >>> import libsync
/// >>> libsync.Replica(replica="edge_001").id == libsync.replica_id("edge_001")
/// True
#[pyfunction]
#[pyo3(signature = (name, /))]
pub fn replica_id(name: &str) -> u64 {
    ReplicaId::from_name(name).get()
}

/// A replica named by its id or by its name.
pub struct Replica(pub ReplicaId);

impl<'py> FromPyObject<'_, 'py> for Replica {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(name) = object.cast::<PyString>() {
            return Ok(Self(ReplicaId::from_name(&utf8(&name)?)));
        }
        let number = object.cast::<PyInt>().map_err(|_| {
            PyTypeError::new_err(format!(
                "a replica is named by its id, an int, or by its name, a str: not by {}",
                type_name(&object)
            ))
        })?;
        number.extract().map(|id| Self(ReplicaId::new(id))).map_err(|_| {
            PyOverflowError::new_err("a replica id is a whole number from 0 to 2**64 - 1")
        })
    }
}

impl Replica {
    /// A replica id that the operating system draws.
    pub fn random() -> PyResult<ReplicaId> {
        random().map(|bytes| ReplicaId::new(u64::from_ne_bytes(bytes)))
    }
}

/// A document named by 16 bytes or a `uuid.UUID`.
pub struct Document(pub DocumentId);

impl<'py> FromPyObject<'_, 'py> for Document {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let uuid = object.py().import("uuid")?.getattr("UUID")?;
        let data: Bytes<'py> = if object.is_instance(&uuid)? {
            object.getattr("bytes")?.extract()?
        } else {
            object.extract()?
        };
        let bytes = data.as_slice();
        bytes.try_into().map(|id| Self(DocumentId::from_bytes(id))).map_err(|_| {
            PyValueError::new_err(format!("a document id has 16 bytes: not {}", bytes.len()))
        })
    }
}

impl Document {
    /// A document id that the operating system draws.
    pub fn random() -> PyResult<DocumentId> {
        random().map(DocumentId::from_bytes)
    }
}

fn random<const N: usize>() -> PyResult<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        PyOSError::new_err(format!("the operating system draws no random numbers: {error}"))
    })?;
    Ok(bytes)
}

/// Where something is: text in one of the two forms of a path, or a sequence of keys and indices.
pub struct Place(pub Path);

impl<'py> FromPyObject<'_, 'py> for Place {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = object.cast::<PyString>() {
            return utf8(&text)?.to_path().map(Self).map_err(|error| error.raise(object.py()));
        }
        let wrong = |found: &Bound<'_, PyAny>| {
            PyTypeError::new_err(format!(
                "a path is a str or a sequence of keys, which are str, and indices, which are int: not {}",
                type_name(found)
            ))
        };
        // Bytes are a sequence of ints, and most likely text that was not decoded.
        if is_bytes_like(&object) {
            return Err(wrong(&object));
        }
        let mut path = Vec::new();
        for segment in object.cast::<PySequence>().map_err(|_| wrong(&object))?.try_iter()? {
            let segment = segment?;
            path.push(if let Ok(key) = segment.cast::<PyString>() {
                Segment::Key(utf8(key)?)
            } else if segment.is_instance_of::<PyInt>() && !segment.is_instance_of::<PyBool>() {
                Segment::Index(segment.extract::<Index>()?.0)
            } else {
                return Err(wrong(&segment));
            });
        }
        Ok(Self(Path::from_segments(path)))
    }
}

/// The bytes of any object that has some, in any layout.
pub struct Bytes<'py>(Bound<'py, PyBytes>);

impl<'py> FromPyObject<'_, 'py> for Bytes<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        // Bytes never change, so they are borrowed. What may change is copied: other threads run
        // while the core reads.
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Ok(Self(bytes.to_owned()));
        }
        let view = PyMemoryView::from(&object).map_err(|_| {
            PyTypeError::new_err(format!(
                "a bytes-like object is needed: not {}",
                type_name(&object)
            ))
        })?;
        Ok(Self(view.call_method0("tobytes")?.cast_into()?))
    }
}

impl Bytes<'_> {
    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A position or a length in a text.
pub struct Count(pub usize);

impl<'py> FromPyObject<'_, 'py> for Count {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        size(&object, "OutOfBoundsError", "text").map(Self)
    }
}

/// An index in a list, or a number of items.
pub struct Index(pub usize);

impl<'py> FromPyObject<'_, 'py> for Index {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        size(&object, "IndexOutOfBoundsError", "list").map(Self)
    }
}

fn size(object: &Bound<'_, PyAny>, class: &str, whole: &str) -> PyResult<usize> {
    let py = object.py();
    object.extract().map_err(|error: PyErr| {
        if error.is_instance_of::<PyOverflowError>(py) {
            let message = format!("{object} is out of bounds of every {whole}");
            Exception::new(py, class, message).into_err()
        } else {
            error
        }
    })
}

/// The identity of an operation: an `OpId`, or any pair of replica id and counter.
pub struct Operation(pub OpId);

impl<'py> FromPyObject<'_, 'py> for Operation {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let (replica, counter) = object.extract()?;
        Ok(Self(OpId::new(ReplicaId::new(replica), counter)))
    }
}

/// When a replica prunes, by its word.
pub struct Pruning(pub libsync::Pruning);

impl<'py> FromPyObject<'_, 'py> for Pruning {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match utf8(&*object.cast::<PyString>()?)?.as_str() {
            "automatic" => Ok(Self(libsync::Pruning::Automatic)),
            "manual" => Ok(Self(libsync::Pruning::Manual)),
            other => Err(PyValueError::new_err(format!(
                "pruning is \"automatic\" or \"manual\": not \"{other}\""
            ))),
        }
    }
}

/// The text that a `str` is.
pub fn utf8(text: &Bound<'_, PyString>) -> PyResult<String> {
    // Not every `str` is text: a lone surrogate raises `UnicodeEncodeError`, which says where.
    text.to_cow().map(Into::into)
}

/// Whether it is of one of Python's own types of bytes.
pub fn is_bytes_like(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyBytes>()
        || object.is_instance_of::<PyByteArray>()
        || object.is_instance_of::<PyMemoryView>()
}

/// The name of an object's type, for messages.
pub fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "this".to_owned(), |name| name.to_string())
}
