//! Version vectors in Python.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList, PyMapping, PyType};

use crate::input::Replica as ReplicaArgument;
use crate::output;

/// How many operations of each replica are known: what a replica has seen.
///
/// Like a dict from replica ids to counts that can't be changed; a replica that is not listed
/// has the count 0. `<` and `<=` say whether all of one version is in the other. Two versions
/// of which neither is in the other are concurrent: then `<`, `>` and `==` are all false.
///
/// Args:
///     counts: a mapping from replica ids or names to counts; counts of 0 are left out.
///
/// >>> from libsync import VersionVector
/// >>> a, b = VersionVector({1: 3}), VersionVector({1: 2, 2: 1})
/// >>> a < b, a > b, a == b
/// (False, False, False)
/// >>> a.join(b)
/// VersionVector({1: 3, 2: 1})
/// >>> a.meet(b) <= a
/// True
#[pyclass(frozen, module = "libsync")]
pub struct VersionVector(libsync::VersionVector);

impl From<libsync::VersionVector> for VersionVector {
    fn from(version: libsync::VersionVector) -> Self {
        Self(version)
    }
}

impl VersionVector {
    /// The core's version.
    pub fn as_core(&self) -> &libsync::VersionVector {
        &self.0
    }
}

#[pymethods]
impl VersionVector {
    #[new]
    #[pyo3(signature = (counts = None, /))]
    fn new(counts: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let Some(counts) = counts else { return Ok(Self(libsync::VersionVector::new())) };
        if let Ok(version) = counts.cast::<Self>() {
            return Ok(Self(version.get().0.clone()));
        }
        let mut version = libsync::VersionVector::new();
        for item in counts.cast::<PyMapping>()?.items()?.iter() {
            let (replica, count) = item.extract::<(ReplicaArgument, u64)>()?;
            version.set(replica.0, count);
        }
        Ok(Self(version))
    }

    /// How many operations of this replica (an id or a name) are in this version.
    #[pyo3(signature = (replica, /))]
    fn get(&self, replica: ReplicaArgument) -> u64 {
        self.0.get(replica.0)
    }

    /// What is in this version or in the other: the least version that has both.
    #[pyo3(signature = (other, /))]
    fn join(&self, other: &Self) -> Self {
        Self(self.0.join(&other.0))
    }

    /// What is in this version and in the other.
    #[pyo3(signature = (other, /))]
    fn meet(&self, other: &Self) -> Self {
        Self(self.0.meet(&other.0))
    }

    /// How many operations are in this version and not in the other.
    #[pyo3(signature = (other, /))]
    fn ahead_of(&self, other: &Self) -> u64 {
        self.0.ahead_of(&other.0)
    }

    /// How many operations are in this version, of all replicas together.
    fn operations(&self) -> u64 {
        self.0.operations()
    }

    /// How this version stands to another: equal, before it, after it, or concurrent.
    ///
    /// >>> from libsync import VersionVector
    /// >>> VersionVector({1: 2}).compare(VersionVector({2: 1}))
    /// <Causality.CONCURRENT: 'concurrent'>
    #[pyo3(signature = (other, /))]
    fn compare<'py>(&self, py: Python<'py>, other: &Self) -> PyResult<Bound<'py, PyAny>> {
        output::causality(py, self.0.compare(&other.0))
    }

    /// The ids of the replicas listed, in ascending order.
    fn keys(&self) -> Vec<u64> {
        self.0.iter().map(|(replica, _)| replica.get()).collect()
    }

    /// The counts, in the order of `keys()`; none is 0.
    fn values(&self) -> Vec<u64> {
        self.0.iter().map(|(_, count)| count).collect()
    }

    /// Pairs of replica id and count, in the order of `keys()`.
    fn items(&self) -> Vec<(u64, u64)> {
        self.0.iter().map(|(replica, count)| (replica.get(), count)).collect()
    }

    fn __getitem__(&self, replica: ReplicaArgument) -> u64 {
        self.get(replica)
    }

    fn __contains__(&self, replica: ReplicaArgument) -> bool {
        self.0.get(replica.0) > 0
    }

    fn __len__(&self) -> usize {
        self.0.iter().len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyList::new(py, self.keys())?.try_iter()
    }

    fn __richcmp__(&self, other: &Self, operator: CompareOp) -> bool {
        match (operator, self.0.partial_cmp(&other.0)) {
            (CompareOp::Ne, ordering) => ordering != Some(Ordering::Equal),
            (_, None) => false,
            (_, Some(ordering)) => operator.matches(ordering),
        }
    }

    fn __hash__(&self) -> u64 {
        // The default hasher starts from fixed keys: equal versions have equal hashes in every
        // process, as the hash of an int does.
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        let counts: Vec<_> =
            self.0.iter().map(|(replica, count)| format!("{}: {count}", replica.get())).collect();
        format!("VersionVector({{{}}})", counts.join(", "))
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyType>, (Bound<'py, PyDict>,))> {
        let counts = PyDict::new(py);
        for (replica, count) in self.0.iter() {
            counts.set_item(replica.get(), count)?;
        }
        Ok((py.get_type::<Self>(), (counts,)))
    }
}
