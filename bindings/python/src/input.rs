//! What Python hands in, as the core takes it. All of it is read before a lock is taken: reading
//! may run Python code.

use libsync::{DocumentId, Path, ReplicaId, ToPath, Value};
use pyo3::exceptions::{PyOSError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyFloat, PyInt, PyMemoryView, PySequence, PyString,
};

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

/// Where something is: text in one of the two forms of a path, or a sequence of keys.
pub struct Place(pub Path);

impl<'py> FromPyObject<'_, 'py> for Place {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = object.cast::<PyString>() {
            return utf8(&text)?.to_path().map(Self).map_err(|error| error.raise(object.py()));
        }
        let wrong = |found: &Bound<'_, PyAny>| {
            PyTypeError::new_err(format!(
                "a path is a str or a sequence of keys, which are str: not {}",
                type_name(found)
            ))
        };
        // Bytes are a sequence of ints, and most likely text that was not decoded.
        let keys = object.cast::<PySequence>().map_err(|_| wrong(&object))?;
        let mut path = Vec::new();
        for key in keys.try_iter()? {
            let key = key?;
            path.push(utf8(key.cast::<PyString>().map_err(|_| wrong(&key))?)?);
        }
        Ok(Self(Path::from_keys(path)))
    }
}

/// A value for a register.
pub struct Scalar(pub Value);

impl<'py> FromPyObject<'_, 'py> for Scalar {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        // A bool is an int too: it is asked for first.
        let value = if object.is_none() {
            Value::Null
        } else if let Ok(value) = object.cast::<PyBool>() {
            Value::Bool(value.is_true())
        } else if let Ok(value) = object.cast::<PyInt>() {
            Value::Int(value.extract().map_err(|_| {
                PyOverflowError::new_err(
                    "an int must fit 64 bits with sign (from -2**63 to 2**63 - 1); keep a larger one as str",
                )
            })?)
        } else if let Ok(value) = object.cast::<PyFloat>() {
            Value::Float(value.value())
        } else if let Ok(value) = object.cast::<PyString>() {
            Value::String(utf8(&value)?)
        } else if is_bytes_like(&object) {
            Value::Bytes(object.extract::<Bytes<'py>>()?.as_slice().to_vec())
        } else {
            return Err(PyTypeError::new_err(format!(
                "a value is None, a bool, an int, a float, a str or bytes: not {}; for a container, create_map or create_text, then set what is in it",
                type_name(&object)
            )));
        };
        Ok(Self(value))
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
        object.extract().map(Self).map_err(|error| {
            let py = object.py();
            if error.is_instance_of::<PyOverflowError>(py) {
                let message = format!("{} is out of bounds of every text", *object);
                Exception::new(py, "OutOfBoundsError", message).into_err()
            } else {
                error
            }
        })
    }
}

fn utf8(text: &Bound<'_, PyString>) -> PyResult<String> {
    // Not every `str` is text: a lone surrogate raises `UnicodeEncodeError`, which says where.
    text.to_cow().map(Into::into)
}

fn is_bytes_like(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyBytes>()
        || object.is_instance_of::<PyByteArray>()
        || object.is_instance_of::<PyMemoryView>()
}

fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "this".to_owned(), |name| name.to_string())
}
