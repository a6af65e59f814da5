"""Three replicas, random programs: all show the same once all have everything.

Edits, messages that are reordered, duplicated and delayed, restarts from saved bytes,
acknowledgements and pruning: hypothesis looks for the shortest program that fails.
"""

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from libsync import Replica

NUMBERS = range(3)
REPLICAS = st.sampled_from(NUMBERS)
PATHS = st.sampled_from(["a", "b", "map.a", "map.b", "map.map.a"])
TEXTS = st.sampled_from(["text", "map.text", "a"])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(), st.text(max_size=3))


class ThreeReplicas(RuleBasedStateMachine):
    """Three members of a document, and the messages between them."""

    def __init__(self) -> None:
        super().__init__()
        self.replicas: list[Replica] = []
        self.changes: list[list[bytes]] = [[], [], []]
        self.acknowledgements: list[list[bytes]] = [[], [], []]

    @initialize()
    def start(self) -> None:
        """The first replica makes the others members before it hands them anything."""
        first = Replica(bytes(16), 1)
        self.replicas = [first, Replica(bytes(16), 2), Replica(bytes(16), 3)]
        before = first.version
        first.join(2)
        first.join(3)
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
        parent, _, _ = path.rpartition(".")
        if self.is_map(replica, parent):
            replica.set(path, value)
            self.post_since(number, before)

    @rule(number=REPLICAS, path=st.one_of(PATHS, TEXTS))
    def remove(self, number: int, path: str) -> None:
        """Removes what is there."""
        replica = self.replicas[number]
        before = replica.version
        parent, _, _ = path.rpartition(".")
        if self.is_map(replica, parent):
            assert replica.remove(path) == (before != replica.version)
            self.post_since(number, before)

    @rule(number=REPLICAS, path=TEXTS, at=st.floats(0, 1), text=st.text("xyzäß🌍", min_size=1))
    def insert(self, number: int, path: str, at: float, text: str) -> None:
        """Inserts into a text, unless something else is there."""
        replica = self.replicas[number]
        before = replica.version
        parent, _, _ = path.rpartition(".")
        if not self.is_map(replica, parent):
            return
        shown = replica.get(path)
        if not self.is_text(replica, path):
            if shown is None and not replica.conflicts(path):
                replica.insert(path, 0, text)
                self.post_since(number, before)
            return
        position = round(at * len(shown))
        replica.insert(path, position, text)
        assert replica.text(path) == shown[:position] + text + shown[position:]
        self.post_since(number, before)

    @rule(number=REPLICAS, path=TEXTS, start=st.floats(0, 1), end=st.floats(0, 1))
    def delete(self, number: int, path: str, start: float, end: float) -> None:
        """Deletes from a text."""
        replica = self.replicas[number]
        before = replica.version
        if not self.is_text(replica, path):
            return
        shown = replica.text(path)
        low, high = sorted((round(start * len(shown)), round(end * len(shown))))
        replica.delete(path, low, high - low)
        assert replica.text(path) == shown[:low] + shown[high:]
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
        for _ in range(2):
            round_of = [replica.acknowledge() for replica in self.replicas]
            for replica in self.replicas:
                for data in round_of:
                    replica.apply_acknowledgement(data)
        for replica in self.replicas:
            assert replica.prune().held_back_by == ()
            memory = replica.memory()
            assert memory.nodes < 2 * max(1, memory.nodes - memory.tombstones)
            assert replica.to_json() == shown

    @staticmethod
    def is_map(replica: Replica, path: str) -> bool:
        """Whether keys can be set in a place: a map is there, or nothing, all the way down."""
        keys = path.split(".") if path else []
        for length in range(1, len(keys) + 1):
            shown = replica.conflicts(keys[:length])
            if shown and shown[0].kind != "map":
                return False
        return True

    @staticmethod
    def is_text(replica: Replica, path: str) -> bool:
        """Whether a text is shown in a place."""
        parent, _, _ = path.rpartition(".")
        if not ThreeReplicas.is_map(replica, parent):
            return False
        shown = replica.conflicts(path)
        return bool(shown) and shown[0].kind == "text"


ThreeReplicas.TestCase.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)
TestThreeReplicas = ThreeReplicas.TestCase
