//! Editing: each call is one change, or part of the transaction that is open.

use libsync::{Replica as Core, Unit};
use pyo3::prelude::*;

use crate::content::{Contents, KindArgument, Scalar};
use crate::input::{Count, Index, Place};

use super::{Replica, raised};

#[pymethods]
impl Replica {
    /// Sets a value under a key or in place of an item; maps that are missing on the way are
    /// created.
    ///
    /// Args:
    ///     path: where.
    ///     value: None, a bool, an int of 64 bits, a float, a str, bytes, or a datetime with a
    ///         time zone, which comes back in UTC.
    ///
    /// Raises:
    ///     RootError: the path is empty.
    ///     WrongKindError: something that is neither map nor list is on the way.
    ///     IndexOutOfBoundsError: a list has no such item.
    ///     GrowOnlyError: what would be replaced is or holds something grow-only.
    ///     TooLongError, TooDeepError: the key, the value or the path is beyond the limits.
    ///     OverflowError: the int does not fit 64 bits with sign.
    ///     ValueError: the datetime has no time zone.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.insert_items("todos", 0, ["milk"])
    /// >>> replica.set("todos.0", "oat milk")
    /// >>> replica.set("todos.-", "bread")
    /// >>> replica.get("todos")
    /// ['oat milk', 'bread']
    #[pyo3(signature = (path, value))]
    fn set(&self, py: Python<'_>, path: Place, value: Scalar) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.set(&path.0, value.0))?)
    }

    /// Creates an empty container; one of its kind that is there already stays as it is.
    ///
    /// Replicas that create one of the same kind in the same place at the same time share it.
    ///
    /// Args:
    ///     path: where.
    ///     kind: a member of `Kind`, or its word.
    ///
    /// Raises:
    ///     The same as `set`.
    fn create(&self, py: Python<'_>, path: Place, kind: KindArgument) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.create(&path.0, kind.0))?)
    }

    /// Removes what is shown in a place, and all that is in it; an item of a list is deleted.
    ///
    /// What other replicas have set or edited there without having seen the removal stays.
    ///
    /// Returns:
    ///     False if nothing was there.
    ///
    /// Raises:
    ///     RootError: the path is empty.
    ///     GrowOnlyError: something grow-only is there, or in what is.
    fn remove(&self, py: Python<'_>, path: Place) -> PyResult<bool> {
        raised(py, self.attached(py, |core| core.remove(&path.0))?)
    }

    /// Removes a key of a map, and beats what other replicas set there or edit in it at the same
    /// time.
    ///
    /// That stays readable in `conflicts`; whoever sets the key later, having seen the removal,
    /// shows it again.
    ///
    /// Returns:
    ///     False if nothing was there.
    ///
    /// Raises:
    ///     The same as `remove`; WrongKindError for an item of a list too.
    ///
    /// >>> from libsync import Replica
    /// >>> a = Replica(replica=1)
    /// >>> b = Replica(a.document, replica=2)
    /// >>> a.set("door", "open")
    /// >>> _ = b.apply(a.export())
    /// >>> b.set("door", "ajar")
    /// >>> a.remove_wins("door")
    /// True
    /// >>> _ = a.apply(b.export())
    /// >>> a.get("door"), [conflict.value for conflict in a.conflicts("door")]
    /// (None, ['ajar'])
    fn remove_wins(&self, py: Python<'_>, path: Place) -> PyResult<bool> {
        raised(py, self.attached(py, |core| core.remove_wins(&path.0))?)
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

    /// Inserts items into a list, which is created if nothing is there.
    ///
    /// Args:
    ///     path: where the list is.
    ///     index: that of the first of them afterwards, from 0 to the list's length.
    ///     items: an iterable of values, and of members of `Kind` for containers.
    ///
    /// Raises:
    ///     IndexOutOfBoundsError: the index is beyond the end.
    ///     WrongKindError: something that is not a list is there.
    ///
    /// >>> from libsync import Kind, Replica
    /// >>> replica = Replica()
    /// >>> replica.insert_items("todos", 0, ["milk", Kind.COUNTER])
    /// >>> replica.increment("todos.1", 3)
    /// >>> replica.get("todos")
    /// ['milk', 3]
    fn insert_items(
        &self,
        py: Python<'_>,
        path: Place,
        index: Index,
        items: Contents,
    ) -> PyResult<()> {
        let insert = |core: &mut Core| core.insert_items(&path.0, index.0, items.0);
        raised(py, self.detached(py, insert)?)
    }

    /// Deletes items of a list.
    ///
    /// An item that another replica sets, or edits the inside of, at the same time stays, with
    /// what that one wrote.
    ///
    /// Args:
    ///     path: where the list is.
    ///     index: the number of items to skip.
    ///     length: the number of items to delete.
    ///
    /// Raises:
    ///     IndexOutOfBoundsError: the range ends beyond the end of the list.
    ///     GrowOnlyError: one of the items is or holds something grow-only.
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something that is not a list is there.
    #[pyo3(signature = (path, index, length = Index(1)))]
    #[pyo3(text_signature = "($self, path, index, length=1)")]
    fn delete_items(
        &self,
        py: Python<'_>,
        path: Place,
        index: Index,
        length: Index,
    ) -> PyResult<()> {
        let delete = |core: &mut Core| core.delete_items(&path.0, index.0, length.0);
        raised(py, self.attached(py, delete)?)
    }

    /// Moves an item of a list, with all that is in it.
    ///
    /// Of moves of one item that replicas make at the same time, one counts; what others set or
    /// edit in it meanwhile moves along.
    ///
    /// Args:
    ///     path: where the list is.
    ///     index: that of the item.
    ///     to: the index that it has afterwards.
    ///
    /// Raises:
    ///     IndexOutOfBoundsError: the list has no such item, or no such place.
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something that is not a list is there.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.insert_items("todos", 0, ["milk", "bread", "salt"])
    /// >>> replica.move_item("todos", 0, to=2)
    /// >>> replica.get("todos")
    /// ['bread', 'salt', 'milk']
    fn move_item(&self, py: Python<'_>, path: Place, index: Index, to: Index) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.move_item(&path.0, index.0, to.0))?)
    }

    /// Adds to a counter, which is created if nothing is there.
    ///
    /// Args:
    ///     path: where the counter is.
    ///     delta: how much; less than 0 to subtract, which a grow-only counter refuses.
    ///
    /// Raises:
    ///     CounterOverflowError: the sum would not fit 64 bits with sign.
    ///     GrowOnlyError: `delta` is negative, and the counter is grow-only.
    ///     WrongKindError: something that is not a counter is there.
    ///     OverflowError: `delta` does not fit 64 bits with sign.
    ///
    /// >>> from libsync import Replica
    /// >>> a = Replica(replica=1)
    /// >>> b = Replica(a.document, replica=2)
    /// >>> a.increment("views")
    /// >>> b.increment("views", 2)
    /// >>> _ = a.apply(b.export())
    /// >>> a.count("views")
    /// 3
    #[pyo3(signature = (path, delta = 1))]
    fn increment(&self, py: Python<'_>, path: Place, delta: i64) -> PyResult<()> {
        raised(py, self.attached(py, |core| core.increment(&path.0, delta))?)
    }

    /// Adds a value to a set, which is created if nothing is there.
    ///
    /// A value that others discard at the same time stays; so it does not hurt to add one again.
    ///
    /// Returns:
    ///     Whether it was not there before.
    ///
    /// Raises:
    ///     WrongKindError: something that is not a set is there.
    ///
    /// >>> from libsync import Replica
    /// >>> replica = Replica()
    /// >>> replica.add("tags", "offline"), replica.add("tags", "offline")
    /// (True, False)
    /// >>> replica.discard("tags", "offline")
    /// True
    /// >>> replica.elements("tags")
    /// []
    fn add(&self, py: Python<'_>, path: Place, value: Scalar) -> PyResult<bool> {
        raised(py, self.attached(py, |core| core.add(&path.0, value.0))?)
    }

    /// Takes a value out of a set.
    ///
    /// Returns:
    ///     Whether it was there.
    ///
    /// Raises:
    ///     GrowOnlyError: the set is grow-only.
    ///     NotFoundError: nothing is there.
    ///     WrongKindError: something that is not a set is there.
    fn discard(&self, py: Python<'_>, path: Place, value: Scalar) -> PyResult<bool> {
        raised(py, self.attached(py, |core| core.discard(&path.0, &value.0))?)
    }
}
