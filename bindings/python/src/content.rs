//! What a place holds, from Python and back: values, and the kinds of containers.

use libsync::{Content, Kind, Value};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString, PyType};

use crate::input::{Bytes, is_bytes_like, type_name, utf8};
use crate::moment::{Moment, moment};
use crate::output::unknown;

/// A value: of a register, of an item of a list, or an element of a set.
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
        } else if is_kind(&object)? {
            return Err(no_value(&object));
        } else if let Ok(value) = object.cast::<PyString>() {
            Value::String(utf8(&value)?)
        } else if is_bytes_like(&object) {
            Value::Bytes(object.extract::<Bytes<'py>>()?.as_slice().to_vec())
        } else if let Some(moment) = Moment::of(&object)? {
            Value::Timestamp(moment.0)
        } else {
            return Err(no_value(&object));
        };
        Ok(Self(value))
    }
}

fn no_value(object: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!(
        "a value is None, a bool, an int, a float, a str, bytes, or a datetime with a time zone: not {}; for a container, create it, then edit what is in it",
        type_name(object)
    ))
}

/// A member of `Kind`, or its word.
pub struct KindArgument(pub Kind);

impl<'py> FromPyObject<'_, 'py> for KindArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let word = object.cast::<PyString>().map_err(|_| {
            PyTypeError::new_err(format!(
                "a kind is a member of Kind, or its word: not {}",
                type_name(&object)
            ))
        })?;
        let word = utf8(&word)?;
        let words = Kind::ALL.map(|kind| kind.to_string());
        match words.iter().position(|each| *each == word) {
            Some(number) => Ok(Self(Kind::ALL[number])),
            None => Err(PyValueError::new_err(format!(
                "a kind is one of {}: not {word:?}",
                words.join(", ")
            ))),
        }
    }
}

/// What is put into a list: any iterable of values, and of members of `Kind` for containers.
pub struct Contents(pub Vec<Content>);

impl<'py> FromPyObject<'_, 'py> for Contents {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let wrong = || {
            PyTypeError::new_err(format!(
                "items are an iterable of values, such as a list: not {}",
                type_name(&object)
            ))
        };
        // Each of these is an iterable, and most likely meant as one item.
        if object.is_instance_of::<PyString>() || is_bytes_like(&object) {
            return Err(wrong());
        }
        let items = object.try_iter().map_err(|_| wrong())?;
        let content = |item: PyResult<Bound<'py, PyAny>>| {
            let item = item?;
            Ok(if is_kind(&item)? {
                item.extract::<KindArgument>()?.0.into()
            } else {
                item.extract::<Scalar>()?.0.into()
            })
        };
        items.map(content).collect::<PyResult<_>>().map(Self)
    }
}

fn is_kind(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    // Most objects are no str at all, or just one.
    if object.is_exact_instance_of::<PyString>() || !object.is_instance_of::<PyString>() {
        return Ok(false);
    }
    object.is_instance(kind_class(object.py())?)
}

fn kind_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "libsync.values", "Kind")
}

/// A member of `Kind`.
pub fn kind(py: Python<'_>, kind: Kind) -> PyResult<Bound<'_, PyAny>> {
    kind_class(py)?.call1((kind.to_string(),))
}

/// A value as None, bool, int, float, str, bytes or datetime.
pub fn value(py: Python<'_>, value: Value) -> PyResult<Bound<'_, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::Float(value) => value.into_pyobject(py)?.into_any(),
        Value::String(value) => value.into_pyobject(py)?.into_any(),
        Value::Bytes(value) => PyBytes::new(py, &value).into_any(),
        Value::Timestamp(microseconds) => moment(py, microseconds)?,
        other => return Err(unknown(py, other)),
    })
}

/// A value, or the `Kind` of a container.
pub fn content(py: Python<'_>, content: Content) -> PyResult<Bound<'_, PyAny>> {
    match content {
        Content::Value(shown) => value(py, shown),
        Content::Container(shown) => kind(py, shown),
        other => Err(unknown(py, other)),
    }
}
