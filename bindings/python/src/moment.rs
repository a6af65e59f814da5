//! Moments: in Python a `datetime` with a time zone, in the core microseconds since 1970.

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyDelta, PyDeltaAccess, PyType, PyTzInfo};

use crate::input::type_name;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// The moments that a `datetime` can name, in UTC: the years 1 to 9999.
const NAMED: std::ops::Range<i64> = -719_162 * DAY..2_932_897 * DAY;

/// A moment, in microseconds since 1970-01-01T00:00:00Z.
pub struct Moment(pub i64);

impl<'py> FromPyObject<'_, 'py> for Moment {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Self::of(&object)?.ok_or_else(|| {
            PyTypeError::new_err(format!(
                "a time is a datetime with a time zone, or a Timestamp: not {}",
                type_name(&object)
            ))
        })
    }
}

impl Moment {
    /// The moment that an object names; `None` for objects of other types.
    pub fn of(object: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let py = object.py();
        if object.is_instance_of::<PyDateTime>() {
            if object.call_method0("utcoffset")?.is_none() {
                return Err(PyValueError::new_err(
                    "a datetime without a time zone is no moment: give it one, as in datetime.now(UTC) or moment.astimezone()",
                ));
            }
            let since: Bound<'_, PyDelta> = object.sub(epoch(py)?)?.cast_into()?;
            let days = i64::from(since.get_days());
            let rest = i64::from(since.get_seconds()) * SECOND;
            let rest = rest + i64::from(since.get_microseconds());
            return days.checked_mul(DAY).and_then(|days| days.checked_add(rest)).map_or_else(
                || Err(PyOverflowError::new_err("a moment is beyond 64 bits of microseconds")),
                |microseconds| Ok(Some(Self(microseconds))),
            );
        }
        if object.is_instance(timestamp(py)?)? {
            let microseconds = object.getattr("microseconds")?;
            return microseconds.extract().map(|microseconds| Some(Self(microseconds)));
        }
        Ok(None)
    }
}

/// A stretch of time, of this many microseconds, as a `timedelta`.
pub fn duration(py: Python<'_>, microseconds: i64) -> PyResult<Bound<'_, PyDelta>> {
    let rest = microseconds.rem_euclid(DAY);
    // All 64 bits of microseconds are fewer days than 32 bits hold.
    let days = microseconds.div_euclid(DAY) as i32;
    PyDelta::new(py, days, (rest / SECOND) as i32, (rest % SECOND) as i32, false)
}

/// A moment as a `datetime` in UTC, or as a `Timestamp` where that has no name for it.
pub fn moment(py: Python<'_>, microseconds: i64) -> PyResult<Bound<'_, PyAny>> {
    if !NAMED.contains(&microseconds) {
        return timestamp(py)?.call1((microseconds,));
    }
    // Within the range all of these are small.
    let days = microseconds.div_euclid(DAY) as i32;
    let rest = microseconds.rem_euclid(DAY);
    let delta = PyDelta::new(py, days, (rest / SECOND) as i32, (rest % SECOND) as i32, false)?;
    epoch(py)?.add(delta)
}

fn epoch(py: Python<'_>) -> PyResult<&Bound<'_, PyDateTime>> {
    static EPOCH: PyOnceLock<Py<PyDateTime>> = PyOnceLock::new();
    let make = || {
        let utc = PyTzInfo::utc(py)?.to_owned();
        PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&utc)).map(Bound::unbind)
    };
    EPOCH.get_or_try_init(py, make).map(|epoch| epoch.bind(py))
}

fn timestamp(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "libsync.values", "Timestamp")
}
