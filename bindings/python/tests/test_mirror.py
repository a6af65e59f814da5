"""One replica does what Python's own types do, and a transaction that is aborted does nothing."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from libsync import CounterOverflowError, Kind, Replica

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.floats(),
    st.text("aß🌍", max_size=2),
    st.binary(max_size=1),
    st.integers(-(10**15), 10**15).map(lambda n: EPOCH + timedelta(microseconds=n)),
)
TEXT = st.text("abcß🌍", max_size=5)
AT = st.floats(0, 1)


def place(at: float, length: int) -> int:
    """The index at this part of a length."""
    return round(at * length)


def key(value: Any) -> tuple[str, str]:
    """What tells values apart: the type, and the sign of zero, and NaN is equal to itself."""
    return type(value).__name__, repr(value)


class Mirror(RuleBasedStateMachine):
    """A replica, and what it is to show."""

    def __init__(self) -> None:
        super().__init__()
        self.replica = Replica(replica=1)
        self.list: list[Any] = []
        self.set: dict[tuple[str, str], Any] = {}
        self.text = ""
        self.count = 0
        self.map: dict[str, Any] = {}
        self.begun: tuple[bytes, dict[str, Any]] | None = None
        for name, kind in (("list", Kind.LIST), ("set", Kind.SET), ("text", Kind.TEXT)):
            self.replica.create(name, kind)
        self.replica.create("count", Kind.COUNTER)
        self.replica.create("map", Kind.MAP)

    @rule(at=AT, items=st.lists(VALUES, max_size=3))
    def insert_items(self, at: float, items: list[Any]) -> None:
        """list[i:i] = items."""
        index = place(at, len(self.list))
        self.replica.insert_items("list", index, items)
        self.list[index:index] = items

    @rule(start=AT, end=AT)
    def delete_items(self, start: float, end: float) -> None:
        """The same as del list[i:j]."""
        low, high = sorted((place(start, len(self.list)), place(end, len(self.list))))
        self.replica.delete_items("list", low, high - low)
        del self.list[low:high]

    @precondition(lambda self: self.list)
    @rule(start=AT, end=AT)
    def move_item(self, start: float, end: float) -> None:
        """The same as list.insert(j, list.pop(i))."""
        index, to = place(start, len(self.list) - 1), place(end, len(self.list) - 1)
        self.replica.move_item("list", index, to)
        self.list.insert(to, self.list.pop(index))

    @precondition(lambda self: self.list)
    @rule(at=AT, value=VALUES)
    def set_item(self, at: float, value: Any) -> None:
        """list[i] = value."""
        index = place(at, len(self.list) - 1)
        self.replica.set(["list", index], value)
        self.list[index] = value

    @rule(value=VALUES)
    def append(self, value: Any) -> None:
        """The same as list.append(value)."""
        self.replica.set("list.-", value)
        self.list.append(value)

    @rule(value=VALUES)
    def add(self, value: Any) -> None:
        """The same as set.add(value)."""
        assert self.replica.add("set", value) == (key(value) not in self.set)
        self.set[key(value)] = value

    @rule(value=VALUES)
    def discard(self, value: Any) -> None:
        """The same as set.discard(value)."""
        assert self.replica.discard("set", value) == (key(value) in self.set)
        self.set.pop(key(value), None)

    @rule(delta=st.one_of(st.integers(-5, 5), st.integers(-(2**63), 2**63 - 1)))
    def increment(self, delta: int) -> None:
        """The same as count += delta."""
        try:
            self.replica.increment("count", delta)
        except CounterOverflowError:
            assert not -(2**63) <= self.count + delta < 2**63
        else:
            self.count += delta

    @rule(at=AT, text=TEXT)
    def insert(self, at: float, text: str) -> None:
        """text[i:i] = text."""
        position = place(at, len(self.text))
        self.replica.insert("text", position, text)
        self.text = self.text[:position] + text + self.text[position:]

    @rule(start=AT, end=AT)
    def delete(self, start: float, end: float) -> None:
        """The same as del text[i:j]."""
        low, high = sorted((place(start, len(self.text)), place(end, len(self.text))))
        self.replica.delete("text", low, high - low)
        self.text = self.text[:low] + self.text[high:]

    @rule(name=TEXT, value=VALUES)
    def set_key(self, name: str, value: Any) -> None:
        """map[name] = value."""
        self.replica.set(["map", name], value)
        self.map[name] = value

    @rule(name=TEXT)
    def remove_key(self, name: str) -> None:
        """The same as map.pop(name, None)."""
        assert self.replica.remove(["map", name]) == (name in self.map)
        self.map.pop(name, None)

    @precondition(lambda self: self.begun is None)
    @rule()
    def begin(self) -> None:
        """Opens a transaction."""
        self.begun = self.replica.save(), copy.deepcopy(self.model())
        self.replica.begin()

    @precondition(lambda self: self.begun is not None)
    @rule()
    def commit(self) -> None:
        """Closes it; what was edited stays."""
        assert self.begun is not None
        saved, _ = self.begun
        version = self.replica.version
        assert self.replica.save() == saved
        committed = self.replica.commit()
        assert (committed is None) == (self.replica.version == version)
        self.begun = None

    @precondition(lambda self: self.begun is not None)
    @rule()
    def abort(self) -> None:
        """Closes it; nothing was edited."""
        assert self.begun is not None
        saved, model = self.begun
        assert self.replica.abort()
        assert self.replica.save() == saved
        self.list, self.set, self.text = model["list"], model["set"], model["text"]
        self.count, self.map = model["count"], model["map"]
        self.begun = None

    @precondition(lambda self: self.begun is None)
    @rule()
    def prune(self) -> None:
        """Drops all tombstones, which are needed by nobody else."""
        for _ in range(2):
            self.replica.acknowledge()
        assert self.replica.prune().held_back_by == ()
        self.replica = Replica.load(self.replica.save(), 1)

    def model(self) -> dict[str, Any]:
        """What is to be shown."""
        return {
            "list": self.list,
            "set": self.set,
            "text": self.text,
            "count": self.count,
            "map": self.map,
        }

    @invariant()
    def all_is_shown(self) -> None:
        """The replica shows what Python's own types do."""
        shown = self.replica.to_python()
        assert [key(item) for item in shown["list"]] == [key(item) for item in self.list]
        assert {key(element) for element in shown["set"]} == set(self.set)
        assert len(shown["set"]) == len(self.set) == self.replica.len("set")
        assert (shown["text"], shown["count"]) == (self.text, self.count)
        assert {name: key(value) for name, value in shown["map"].items()} == {
            name: key(value) for name, value in self.map.items()
        }
        assert list(shown["map"]) == sorted(self.map, key=str.encode)


Mirror.TestCase.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
TestMirror = Mirror.TestCase
