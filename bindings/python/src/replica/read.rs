//! Reading the document.

use libsync::{Path, Unit};
use pyo3::prelude::*;

use crate::content::{Scalar, content, value};
use crate::input::{Operation, Place};
use crate::output;
use crate::tree::Tree;
use crate::version::VersionVector;

use super::{Replica, raised};

#[pymethods]
impl Replica {
    /// What a place shows: a value as it was set, a text as str, a map as dict, a list as list, a
    /// counter as int, a set as the list of its `elements`.
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
    #[pyo3(signature = (path = Place(Path::root())))]
    #[pyo3(text_signature = "($self, path='')")]
    fn keys(&self, py: Python<'_>, path: Place) -> PyResult<Vec<String>> {
        raised(py, self.attached(py, |core| core.keys(&path.0))?)
    }

    /// How many keys a map has, how many items a list, or how many elements a set.
    ///
    /// Raises:
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something else is there.
    fn len(&self, py: Python<'_>, path: Place) -> PyResult<usize> {
        raised(py, self.attached(py, |core| core.len(&path.0))?)
    }

    /// The items of a list: values as they were set, and for each container its `Kind`.
    ///
    /// To read containers with all that is in them, `get` the list.
    ///
    /// Raises:
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something that is not a list is there.
    ///
    /// >>> from libsync import Kind, Replica
    /// >>> replica = Replica()
    /// >>> replica.insert_items("todos", 0, ["milk", Kind.MAP])
    /// >>> replica.set("todos.1.title", "bread")
    /// >>> replica.items("todos")
    /// ['milk', <Kind.MAP: 'map'>]
    /// >>> replica.get("todos")
    /// ['milk', {'title': 'bread'}]
    fn items<'py>(&self, py: Python<'py>, path: Place) -> PyResult<Bound<'py, PyAny>> {
        let items = raised(py, self.detached(py, |core| core.items(&path.0))?)?;
        output::list(py, items, content)
    }

    /// The elements of a set, in the order that all replicas list them in: None, bools, ints,
    /// floats, strs, bytes, datetimes, each ascending.
    ///
    /// A list, since 1, 1.0 and True are three elements here, and one in a Python set.
    ///
    /// Raises:
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something that is not a set is there.
    fn elements<'py>(&self, py: Python<'py>, path: Place) -> PyResult<Bound<'py, PyAny>> {
        let elements = raised(py, self.detached(py, |core| core.elements(&path.0))?)?;
        output::list(py, elements, value)
    }

    /// Whether a value is in a set, as this type: a set that has 1 need not have 1.0.
    ///
    /// Raises:
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something that is not a set is there.
    fn contains(&self, py: Python<'_>, path: Place, value: Scalar) -> PyResult<bool> {
        raised(py, self.attached(py, |core| core.contains(&path.0, &value.0))?)
    }

    /// What a counter shows.
    ///
    /// Raises:
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something that is not a counter is there.
    fn count(&self, py: Python<'_>, path: Place) -> PyResult<i64> {
        raised(py, self.attached(py, |core| core.count(&path.0))?)
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

    /// All that replicas have put in a place without seeing each other's, what is shown first:
    /// with who put it there, and when, if its author said so.
    ///
    /// One or none: there is no conflict. Setting the value again resolves one. What was set at
    /// the same time as a `remove_wins` is listed, though nothing is shown.
    ///
    /// >>> from libsync import Replica
    /// >>> a = Replica(replica=1)
    /// >>> b = Replica(a.document, replica=2)
    /// >>> a.set("color", "red")
    /// >>> b.set("color", "blue")
    /// >>> _ = a.apply(b.export())
    /// >>> [(conflict.author, conflict.value) for conflict in a.conflicts("color")]
    /// [(2, 'blue'), (1, 'red')]
    fn conflicts<'py>(&self, py: Python<'py>, path: Place) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let conflicts = raised(py, self.attached(py, |core| core.conflicts(&path.0))?)?;
        conflicts.into_iter().map(|conflict| output::conflict(py, conflict)).collect()
    }

    /// The operations known here that touched what is in a place, or anything in it.
    ///
    /// >>> from libsync import Replica
    /// >>> a = Replica(replica=1)
    /// >>> b = Replica(a.document, replica=2)
    /// >>> a.set("x", 1)
    /// >>> _ = b.apply(a.export())
    /// >>> before = b.clock("x")
    /// >>> b.set("y", 1)
    /// >>> b.clock("x") == before
    /// True
    /// >>> b.set("x", 2)
    /// >>> b.clock("x") > before
    /// True
    fn clock(&self, py: Python<'_>, path: Place) -> PyResult<VersionVector> {
        raised(py, self.detached(py, |core| core.clock(&path.0))?).map(Into::into)
    }

    /// The nodes of a text or a list in their order, tombstones included.
    ///
    /// Raises:
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something that is no sequence is there.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica(replica=1)
    /// >>> replica.insert("note", 0, "Hi!")
    /// >>> replica.delete("note", 1, 1)
    /// >>> [(node.id.counter, node.content, node.deleted) for node in replica.nodes("note")]
    /// [(1, 'H', False), (2, None, True), (3, '!', False)]
    fn nodes<'py>(&self, py: Python<'py>, path: Place) -> PyResult<Bound<'py, PyAny>> {
        let nodes = raised(py, self.detached(py, |core| core.nodes(&path.0))?)?;
        output::list(py, nodes, output::node)
    }

    /// The change that an operation is part of, with what its author said of it; None if it is
    /// not known here, or pruned.
    ///
    /// Args:
    ///     operation: its identity, as `Conflict.id` or `Node.id` names it.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> with replica.transaction(message="Sign up") as transaction:
    /// ...     replica.set("user.name", "Ada")
    /// ...     replica.set("user.age", 36)
    /// >>> replica.change(transaction.id).message
    /// 'Sign up'
    #[pyo3(signature = (operation, /))]
    fn change<'py>(
        &self,
        py: Python<'py>,
        operation: Operation,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let change = self.attached(py, |core| core.change(operation.0))?;
        change.map(|change| output::change_info(py, change)).transpose()
    }

    /// The document as canonical JSON: the same string for the same changes, in every language.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.detached(py, |core| core.to_json())
    }

    /// The document as a dict: what `get` returns for the root.
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let root = Place(Path::root());
        self.get(py, root, None)
    }
}
