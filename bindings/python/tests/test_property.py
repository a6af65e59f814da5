"""Three replicas, random programs: all show the same once all have everything.

Edits, messages that are reordered, duplicated and delayed, restarts from saved bytes,
acknowledgements and pruning: hypothesis looks for the shortest program that fails.
"""

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from libsync import GrowOnlyError, Kind, Replica

NUMBERS = range(3)
REPLICAS = st.sampled_from(NUMBERS)
PATHS = st.sampled_from(["a", "b", "map.a", "map.b", "map.map.a"])
TEXTS = st.sampled_from(["text", "map.text", "a"])
LISTS = st.sampled_from(["list", "map.list", "a"])
ITEMS = st.sampled_from(["x", 1, None, Kind.MAP, Kind.LIST, Kind.COUNTER])
SETS = st.sampled_from(["set", "map.set"])
COUNTERS = st.sampled_from(["counter", "map.counter"])
PARTS = st.floats(0, 1)
NOTHING = object()
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(), st.text(max_size=3))


class ThreeReplicas(RuleBasedStateMachine):
    """Three members of a document, and the messages between them."""

    def __init__(self) -> None:
        super().__init__()
        self.replicas: list[Replica] = []
        self.changes: list[list[bytes]] = [[], [], []]
        self.acknowledgements: list[list[bytes]] = [[], [], []]
        self.grown = 0
        self.elements: set[int] = set()

    @initialize()
    def start(self) -> None:
        """The first replica makes the others members before it hands them anything."""
        first = Replica(bytes(16), 1)
        self.replicas = [first, Replica(bytes(16), 2), Replica(bytes(16), 3)]
        before = first.version
        first.join(2)
        first.join(3)
        first.insert_items("list", 0, ["a", Kind.MAP, Kind.COUNTER, "b"])
        first.insert("text", 0, "abc")
        first.add("set", "a")
        self.send(0, first.export(before))
        for number in (1, 2):
            self.replicas[number].apply(first.export())

    def send(self, number: int, data: bytes) -> None:
        """Posts a change to all others."""
        for other in NUMBERS:
            if other != number:
                self.changes[other].append(data)

    def post_since(self, number: int, before: Any) -> None:
        """Posts what a replica has written since a version."""
        replica = self.replicas[number]
        if replica.version != before:
            self.send(number, replica.export(before))

    @rule(number=REPLICAS, path=PATHS, value=VALUES)
    def set_value(self, number: int, path: str, value: Any) -> None:
        """Sets a value, unless a value or a text is on the way."""
        replica = self.replicas[number]
        before = replica.version
        if is_map(replica, path.rpartition(".")[0]):
            replica.set(path, value)
            self.post_since(number, before)

    @rule(number=REPLICAS, path=st.one_of(PATHS, TEXTS, LISTS, SETS, COUNTERS), wins=st.booleans())
    def remove(self, number: int, path: str, *, wins: bool) -> None:
        """Removes what is there."""
        replica = self.replicas[number]
        before = replica.version
        if is_map(replica, path.rpartition(".")[0]):
            remove = replica.remove_wins if wins else replica.remove
            assert remove(path) == (before != replica.version)
            assert kind_at(replica, path) is None
            self.post_since(number, before)

    @rule(number=REPLICAS, path=TEXTS, at=PARTS, text=st.text("xyzäß🌍", min_size=1))
    def insert(self, number: int, path: str, at: float, text: str) -> None:
        """Inserts into a text, unless something else is there."""
        replica = self.replicas[number]
        before = replica.version
        if not may_be(replica, path, Kind.TEXT):
            return
        shown = replica.get(path, "")
        position = round(at * len(shown))
        replica.insert(path, position, text)
        assert replica.text(path) == shown[:position] + text + shown[position:]
        self.post_since(number, before)

    @rule(number=REPLICAS, path=TEXTS, start=PARTS, end=PARTS)
    def delete(self, number: int, path: str, start: float, end: float) -> None:
        """Deletes from a text."""
        replica = self.replicas[number]
        before = replica.version
        if not shows(replica, path, Kind.TEXT):
            return
        shown = replica.text(path)
        low, high = sorted((round(start * len(shown)), round(end * len(shown))))
        replica.delete(path, low, high - low)
        assert replica.text(path) == shown[:low] + shown[high:]
        self.post_since(number, before)

    @rule(number=REPLICAS, path=LISTS, at=PARTS, items=st.lists(ITEMS, min_size=1, max_size=3))
    def insert_items(self, number: int, path: str, at: float, items: list[Any]) -> None:
        """Inserts into a list, unless something else is there."""
        replica = self.replicas[number]
        before = replica.version
        if not may_be(replica, path, Kind.LIST):
            return
        shown = replica.items(path) if kind_at(replica, path) else []
        index = round(at * len(shown))
        replica.insert_items(path, index, items)
        assert replica.items(path) == shown[:index] + items + shown[index:]
        self.post_since(number, before)

    @rule(number=REPLICAS, path=LISTS, start=PARTS, end=PARTS)
    def delete_items(self, number: int, path: str, start: float, end: float) -> None:
        """Deletes from a list."""
        replica = self.replicas[number]
        before = replica.version
        if not shows(replica, path, Kind.LIST):
            return
        shown = replica.items(path)
        low, high = sorted((round(start * len(shown)), round(end * len(shown))))
        replica.delete_items(path, low, high - low)
        assert replica.items(path) == shown[:low] + shown[high:]
        self.post_since(number, before)

    @rule(number=REPLICAS, path=LISTS, start=PARTS, end=PARTS)
    def move_item(self, number: int, path: str, start: float, end: float) -> None:
        """Moves an item of a list."""
        replica = self.replicas[number]
        before = replica.version
        if not shows(replica, path, Kind.LIST) or not replica.len(path):
            return
        shown = replica.items(path)
        index, to = round(start * (len(shown) - 1)), round(end * (len(shown) - 1))
        replica.move_item(path, index, to)
        shown.insert(to, shown.pop(index))
        assert replica.items(path) == shown
        self.post_since(number, before)

    @rule(number=REPLICAS, path=LISTS, at=PARTS, value=st.integers(-9, 9))
    def edit_item(self, number: int, path: str, at: float, value: int) -> None:
        """Sets an item of a list, or edits the container that it is."""
        replica = self.replicas[number]
        before = replica.version
        if not shows(replica, path, Kind.LIST) or not replica.len(path):
            return
        item: list[str | int] = [*path.split("."), round(at * (replica.len(path) - 1))]
        match replica.conflicts(item)[0].kind:
            case Kind.MAP:
                replica.set([*item, "key"], value)
            case Kind.LIST:
                replica.insert_items(item, 0, [value])
            case Kind.COUNTER:
                replica.increment(item, value)
            case _:
                replica.set(item, value)
        self.post_since(number, before)

    @rule(number=REPLICAS, path=SETS, value=VALUES, add=st.booleans())
    def change_set(self, number: int, path: str, value: Any, *, add: bool) -> None:
        """Adds to a set, or discards from it."""
        replica = self.replicas[number]
        before = replica.version
        if not (may_be if add else shows)(replica, path, Kind.SET):
            return
        if add:
            was_there = kind_at(replica, path) == Kind.SET and replica.contains(path, value)
            assert replica.add(path, value) == (not was_there)
        else:
            assert replica.discard(path, value) == (before != replica.version)
        assert replica.contains(path, value) == add
        self.post_since(number, before)

    @rule(number=REPLICAS, path=COUNTERS, delta=st.integers(-9, 9))
    def increment(self, number: int, path: str, delta: int) -> None:
        """Adds to a counter."""
        replica = self.replicas[number]
        before = replica.version
        if may_be(replica, path, Kind.COUNTER):
            count = replica.get(path, 0)
            replica.increment(path, delta)
            assert replica.count(path) == count + delta
            self.post_since(number, before)

    @rule(number=REPLICAS, delta=st.integers(1, 9), element=st.integers(0, 9))
    def grow(self, number: int, delta: int, element: int) -> None:
        """Grows what only grows, which is counted beside it."""
        replica = self.replicas[number]
        before = replica.version
        with replica.transaction(origin=f"replica {number}"):
            replica.create("grown.counter", Kind.GROW_ONLY_COUNTER)
            replica.increment("grown.counter", delta)
            replica.create("grown.set", Kind.GROW_ONLY_SET)
            replica.add("grown.set", element)
        self.grown += delta
        self.elements.add(element)
        for refused in (replica.remove, replica.remove_wins):
            try:
                refused("grown")
            except GrowOnlyError:
                continue
            raise AssertionError("what only grows was removed")
        self.post_since(number, before)

    @rule(number=REPLICAS, path=COUNTERS, commit=st.booleans())
    def edit_at_once(self, number: int, path: str, *, commit: bool) -> None:
        """Edits several places in one change, or does not after all."""
        replica = self.replicas[number]
        before, saved = replica.version, replica.save()
        if not may_be(replica, path, Kind.COUNTER) or not may_be(replica, "set", Kind.SET):
            return
        replica.begin()
        replica.increment(path)
        replica.add("set", "at once")
        if shows(replica, "list", Kind.LIST) and replica.len("list"):
            replica.move_item("list", 0, replica.len("list") - 1)
            replica.delete_items("list", 0)
        assert replica.save() == saved
        if commit:
            assert replica.commit(message="at once") is not None
        else:
            assert replica.abort()
            assert replica.save() == saved
        self.post_since(number, before)

    @rule(number=REPLICAS, choice=st.integers(0), keep=st.booleans())
    def deliver(self, number: int, choice: int, *, keep: bool) -> None:
        """Delivers any of the changes that wait, and delivers it again later, perhaps."""
        waiting = self.changes[number]
        if waiting:
            index = choice % len(waiting)
            self.replicas[number].apply(waiting[index] if keep else waiting.pop(index))

    @rule(number=REPLICAS, other=REPLICAS)
    def pull(self, number: int, other: int) -> None:
        """Brings a replica up to date with another."""
        reader, writer = self.replicas[number], self.replicas[other]
        reader.apply(writer.export(reader.version))
        assert reader.version >= writer.version

    @rule(number=REPLICAS)
    def acknowledge(self, number: int) -> None:
        """Posts what a replica has seen to all others."""
        data = self.replicas[number].acknowledge()
        for other in NUMBERS:
            if other != number:
                self.acknowledgements[other].append(data)

    @rule(number=REPLICAS, choice=st.integers(0), keep=st.booleans())
    def deliver_acknowledgement(self, number: int, choice: int, *, keep: bool) -> None:
        """Delivers any of the acknowledgements that wait."""
        waiting = self.acknowledgements[number]
        if waiting:
            index = choice % len(waiting)
            data = waiting[index] if keep else waiting.pop(index)
            self.replicas[number].apply_acknowledgement(data)

    @rule(number=REPLICAS)
    def prune(self, number: int) -> None:
        """Prunes, which changes nothing that can be seen."""
        replica = self.replicas[number]
        before = replica.to_json()
        replica.prune()
        assert replica.to_json() == before

    @rule(number=REPLICAS)
    def restart(self, number: int) -> None:
        """Ends a replica, and starts it from what it saved."""
        replica = self.replicas[number]
        loaded = Replica.load(replica.save(), replica.id)
        assert loaded.to_json() == replica.to_json()
        assert loaded.version == replica.version
        self.replicas[number] = loaded

    @invariant()
    def same_versions_show_the_same(self) -> None:
        """Replicas that have applied the same changes show the same bytes."""
        shown: dict[Any, str] = {}
        for replica in self.replicas:
            assert shown.setdefault(replica.version, replica.to_json()) == replica.to_json()

    def teardown(self) -> None:
        """Delivers everything; then all acknowledge and prune, and nothing is left to prune."""
        if not self.replicas:
            return
        for number in NUMBERS:
            for data in self.changes[number]:
                self.replicas[number].apply(data)
            assert self.replicas[number].missing() == []
        assert len({replica.version for replica in self.replicas}) == 1
        self.same_versions_show_the_same()
        shown = self.replicas[0].to_json()
        json.loads(shown)
        if self.grown:
            assert self.replicas[0].count("grown.counter") == self.grown
            assert self.replicas[0].elements("grown.set") == sorted(self.elements)
        for _ in range(2):
            round_of = [replica.acknowledge_whole() for replica in self.replicas]
            for replica in self.replicas:
                for data in round_of:
                    replica.apply_acknowledgement(data)
        for replica in self.replicas:
            assert replica.prune().held_back_by == ()
            memory = replica.memory()
            assert memory.nodes < 2 * max(1, memory.nodes - memory.tombstones)
            assert replica.to_json() == shown


def kind_at(replica: Replica, path: str | list[str]) -> str | None:
    """What is shown in a place: the kind of a container, or "value"; None for nothing."""
    if replica.get(path, NOTHING) is NOTHING:
        return None
    return replica.conflicts(path)[0].kind


def is_map(replica: Replica, path: str) -> bool:
    """Whether keys can be set in a place: a map is there, or nothing, all the way down."""
    keys = path.split(".") if path else []
    for length in range(1, len(keys) + 1):
        if kind_at(replica, keys[:length]) not in {None, Kind.MAP}:
            return False
    return True


def shows(replica: Replica, path: str, kind: Kind) -> bool:
    """Whether a container of a kind is shown in a place."""
    return is_map(replica, path.rpartition(".")[0]) and kind_at(replica, path) == kind


def may_be(replica: Replica, path: str, kind: Kind) -> bool:
    """Whether a container of a kind is shown in a place, or nothing is."""
    return is_map(replica, path.rpartition(".")[0]) and kind_at(replica, path) in {None, kind}


ThreeReplicas.TestCase.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)
TestThreeReplicas = ThreeReplicas.TestCase
