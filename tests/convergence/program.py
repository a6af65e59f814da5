"""Random programs: edits on all sides, and a network that reorders, repeats and delays."""

import random
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from c_replica import CReplica, StatusError
from peers import Peer

from libsync import GrowOnlyError, Kind, LibsyncError, NotFoundError, Replica, WrongKindError

VALUES = ["a", "b", "user.name", "user.age", "user.profile.avatar", "mixed"]
TEXTS = ["note", "user.profile.bio", "mixed"]
MAPS = ["user", "user.profile", "mixed"]
LISTS = ["todo", "user.list", "mixed"]
SETS = ["tags", "user.tags", "mixed"]
COUNTERS = ["total", "user.visits", "mixed"]
PLACES = VALUES + TEXTS + MAPS + LISTS + SETS + COUNTERS[1:]
KINDS = {Kind.MAP: MAPS, Kind.TEXT: TEXTS, Kind.LIST: LISTS, Kind.SET: SETS, Kind.COUNTER: COUNTERS}
CHARACTERS = string.ascii_lowercase + "äß→🌍"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCALARS: list[Any] = [None, True, False, 0, -1, 2**62, 0.1, -0.0, 1e300, float("inf"), "", "ß"]
SCALARS += [b"", b"\xff", EPOCH, EPOCH - timedelta(microseconds=1), EPOCH + timedelta(days=20_000)]

# What a random edit may meet, in both languages.
EXPECTED = (WrongKindError, NotFoundError, GrowOnlyError)
EXPECTED_STATUSES = {"SYNC_ERR_WRONG_KIND", "SYNC_ERR_NOT_FOUND", "SYNC_ERR_GROW_ONLY"}


class Program:
    """A program on a document with some replicas, all of it decided by a seed."""

    def __init__(self, seed: int, replicas: list[Peer]) -> None:
        self.choose = random.Random(seed)
        self.replicas = replicas
        self.changes: list[list[bytes]] = [[] for _ in replicas]
        self.acknowledgements: list[list[bytes]] = [[] for _ in replicas]
        self.cut_off: int | None = None
        self.pruned = 0
        # What is never taken away again, and so has to be there at the end.
        self.total = 0
        self.grown = 0
        self.elements: set[int] = set()
        first, *others = replicas
        for other in others:
            first.join(other.id)
        for other in others:
            other.apply(first.export(other.encode_version()))

    def run(self, steps: int) -> None:
        """Runs some steps, then delivers everything and checks that all agree."""
        kinds = [self.edit, self.deliver, self.acknowledge, self.deliver_acknowledgement]
        kinds += [self.prune, self.restart, self.partition]
        for step in self.choose.choices(kinds, weights=[50, 35, 6, 10, 3, 2, 2], k=steps):
            step(self.choose.randrange(len(self.replicas)))
        self.finish()

    def edit(self, number: int) -> None:
        """Makes an edit, or several in a transaction, and posts it to all others."""
        replica = self.replicas[number]
        before = replica.encode_version()
        if self.choose.random() < 0.1:
            self.transact(replica)
        else:
            self.edit_once(replica)
        if replica.encode_version() != before:
            self.post(self.changes, number, replica.export(before))

    def transact(self, replica: Peer) -> None:
        """Makes a few edits, and all of them one change or undone."""
        before = replica.save(), replica.to_json()
        kept = self.total, self.grown, set(self.elements)
        replica.begin()
        for _ in range(self.choose.randint(0, 5)):
            self.edit_once(replica)
        assert replica.save() == before[0]
        if self.choose.random() < 0.5:
            replica.commit(message="Änderung", origin=f"{replica.id}", time=self.time())
        else:
            assert replica.abort()
            assert (replica.save(), replica.to_json()) == before
            self.total, self.grown, self.elements = kept

    def edit_once(self, replica: Peer) -> None:
        """Makes one edit; or none, where something else than it is for is in its place."""
        edits: dict[Callable[[Peer], None], int] = {
            self.set: 20,
            self.insert: 35,
            self.delete: 15,
            self.remove: 5,
            self.create: 5,
            self.insert_items: 20,
            self.delete_items: 5,
            self.move_item: 10,
            self.edit_item: 10,
            self.increment: 10,
            self.change_set: 15,
            self.grow: 5,
        }
        (edit,) = self.choose.choices(list(edits), weights=list(edits.values()))
        replica.set_time(self.choose.choice([None, self.time()]))
        try:
            edit(replica)
        except EXPECTED:
            pass
        except StatusError as error:
            if error.status not in EXPECTED_STATUSES:
                raise

    def time(self) -> datetime:
        """A moment within a few decades of the epoch."""
        return EPOCH + timedelta(microseconds=self.choose.randint(-(10**15), 10**15))

    def set(self, replica: Peer) -> None:
        """Sets a value of any kind."""
        replica.set(self.choose.choice(VALUES), self.choose.choice(SCALARS))

    def insert(self, replica: Peer) -> None:
        """Types into a text, or starts one."""
        path = self.choose.choice(TEXTS)
        try:
            length = len(replica.text(path))
        except (NotFoundError, StatusError):
            length = 0
        typed = "".join(self.choose.choices(CHARACTERS, k=self.choose.randint(1, 5)))
        replica.insert(path, self.choose.randint(0, length), typed)

    def delete(self, replica: Peer) -> None:
        """Deletes from a text."""
        path = self.choose.choice(TEXTS)
        length = len(replica.text(path))
        position = self.choose.randint(0, length)
        replica.delete(path, position, min(self.choose.randint(0, 6), length - position))

    def remove(self, replica: Peer) -> None:
        """Removes anything, in one of two ways."""
        remove = replica.remove_wins if self.choose.random() < 0.3 else replica.remove
        remove(self.choose.choice([*PLACES, "grown"]))

    def create(self, replica: Peer) -> None:
        """Creates a container, perhaps in place of another."""
        kind = self.choose.choice(list(KINDS))
        replica.create(self.choose.choice(KINDS[kind]), kind)

    def insert_items(self, replica: Peer) -> None:
        """Inserts values and containers into a list, or starts one."""
        path = self.choose.choice(LISTS)
        try:
            length = replica.len(path)
            replica.items(path)
        except (NotFoundError, StatusError):
            length = 0
        items = self.choose.choices([*SCALARS, *KINDS], k=self.choose.randint(1, 4))
        replica.insert_items(path, self.choose.randint(0, length), items)

    def delete_items(self, replica: Peer) -> None:
        """Deletes from a list."""
        path = self.choose.choice(LISTS)
        length = len(replica.items(path))
        index = self.choose.randint(0, length)
        replica.delete_items(path, index, min(self.choose.randint(0, 3), length - index))

    def move_item(self, replica: Peer) -> None:
        """Moves an item of a list."""
        path = self.choose.choice(LISTS)
        length = len(replica.items(path))
        if length:
            replica.move_item(path, self.choose.randrange(length), self.choose.randrange(length))

    def edit_item(self, replica: Peer) -> None:
        """Sets an item of a list, or edits what is in it."""
        path = self.choose.choice(LISTS)
        items = replica.items(path)
        if not items:
            replica.set(f"{path}.-", self.choose.choice(SCALARS))
            return
        index = self.choose.randrange(len(items))
        item = f"{path}.{index}"
        edits: dict[Any, Callable[[], object]] = {
            Kind.MAP: lambda: replica.set(f"{item}.key", self.choose.choice(SCALARS)),
            Kind.TEXT: lambda: replica.insert(item, 0, self.choose.choice(CHARACTERS)),
            Kind.LIST: lambda: replica.insert_items(item, 0, [self.choose.choice(SCALARS)]),
            Kind.SET: lambda: replica.add(item, self.choose.choice(SCALARS)),
            Kind.COUNTER: lambda: replica.increment(item, self.choose.randint(-9, 9)),
        }
        shown = items[index]
        if isinstance(shown, Kind) and self.choose.random() < 0.8:
            edits[shown]()
        else:
            replica.set(item, self.choose.choice(SCALARS))

    def increment(self, replica: Peer) -> None:
        """Adds to a counter."""
        path = self.choose.choice(COUNTERS)
        delta = self.choose.randint(-9, 9)
        replica.increment(path, delta)
        if path == "total":
            self.total += delta

    def change_set(self, replica: Peer) -> None:
        """Adds to a set, or takes out of it."""
        path = self.choose.choice(SETS)
        value = self.choose.choice(SCALARS)
        if self.choose.random() < 0.6:
            replica.add(path, value)
            assert replica.contains(path, value)
        else:
            replica.discard(path, value)
            assert not replica.contains(path, value)

    def grow(self, replica: Peer) -> None:
        """Grows a counter and a set that only grow."""
        delta, element = self.choose.randint(0, 9), self.choose.randint(0, 9)
        replica.create("grown.counter", Kind.GROW_ONLY_COUNTER)
        replica.increment("grown.counter", delta)
        self.grown += delta
        replica.create("grown.set", Kind.GROW_ONLY_SET)
        replica.add("grown.set", element)
        self.elements.add(element)

    def post(self, boxes: list[list[bytes]], number: int, data: bytes) -> None:
        """Puts bytes into the boxes of all others."""
        for other, box in enumerate(boxes):
            if other != number:
                box.append(data)

    def deliver(self, number: int) -> None:
        """Delivers a few of the changes that wait, in any order, and keeps some to repeat."""
        if number != self.cut_off:
            for data in self.take(self.changes[number]):
                self.replicas[number].apply(data)

    def acknowledge(self, number: int) -> None:
        """Posts what a replica has seen to all others."""
        self.post(self.acknowledgements, number, self.replicas[number].acknowledge())

    def deliver_acknowledgement(self, number: int) -> None:
        """Delivers a few of the acknowledgements that wait."""
        if number != self.cut_off:
            for data in self.take(self.acknowledgements[number]):
                self.replicas[number].apply_acknowledgement(data)

    def take(self, box: list[bytes]) -> list[bytes]:
        """Takes a few things out of a box, or only copies them."""
        taken = []
        for _ in range(min(len(box), self.choose.randint(1, 6))):
            index = self.choose.randrange(len(box))
            repeat = self.choose.random() < 0.2
            taken.append(box[index] if repeat else box.pop(index))
            if not box:
                break
        return taken

    def prune(self, number: int) -> None:
        """Prunes, which nobody can see."""
        replica = self.replicas[number]
        before = replica.to_json()
        self.pruned += replica.prune().nodes
        assert replica.to_json() == before

    def restart(self, number: int) -> None:
        """Ends a replica and starts it from what it saved."""
        replica = self.replicas[number]
        before = replica.to_json()
        if isinstance(replica, CReplica):
            replica.restart()
        else:
            self.replicas[number] = Replica.load(replica.save(), replica.id)
        assert self.replicas[number].to_json() == before

    def partition(self, number: int) -> None:
        """Cuts a replica off from all others, or ends that."""
        self.cut_off = number if self.cut_off is None else None

    def finish(self) -> None:
        """Delivers everything: all show the same, before and after all is pruned."""
        for replica, box in zip(self.replicas, self.changes, strict=True):
            self.choose.shuffle(box)
            for data in box:
                replica.apply(data)
            assert replica.missing() == []
        shown = self.replicas[0].to_json()
        self.check(shown)
        # Each 16th is a whole one, for those who missed what the others build on.
        for _ in range(16 + 2):
            acknowledgements = [replica.acknowledge() for replica in self.replicas]
            for replica in self.replicas:
                for data in acknowledgements:
                    replica.apply_acknowledgement(data)
        for replica in self.replicas:
            self.pruned += replica.prune().nodes
        self.check(shown)
        first, *others = self.replicas
        for replica in others:
            for path in TEXTS + LISTS:
                assert seen(replica.nodes, path) == seen(first.nodes, path)

    def lose(self, late: Peer) -> None:
        """Evicts the last member, which has edits that nobody knows, as has a late copy; both go on
        under new ids, with all of their edits accounted for.
        """
        *members, lost = self.replicas
        for peer in (late, lost):
            for _ in range(15):
                self.edit_once(peer)
        first = members[0]
        first.evict(lost.id)
        for _ in range(30):
            self.edit_once(self.choose.choice(members))
            self.mix(members)
        for replica in members:
            self.pruned += replica.prune().nodes
        for peer, new in ((late, 10), (lost, 11)):
            first.join(new)
            rescued, listed, counted = rescue(peer, first.save(), new)
            assert listed == counted
            members.append(rescued)
            self.mix(members)
        # Clocks of what is gone are forgotten by pruning: all have to prune as far.
        for _ in range(3):
            self.mix(members)
        for replica in members:
            self.pruned += replica.prune().nodes
        expected = first.to_json(), readings(first)
        for replica in members:
            assert (replica.to_json(), readings(replica)) == expected

    def mix(self, members: list[Peer]) -> None:
        """Hands each member all that the others have, and what they have seen."""
        for replica in members:
            for other in members:
                if other is not replica:
                    replica.apply(other.export(replica.encode_version()))
        for acknowledgement in [replica.acknowledge() for replica in members]:
            for replica in members:
                replica.apply_acknowledgement(acknowledgement)

    def check(self, shown: str) -> None:
        """Checks that all replicas agree in everything that can be read of them."""
        first, *others = self.replicas
        expected = readings(first)
        for replica in others:
            assert replica.to_json() == shown
            assert replica.keys("") == first.keys("")
            assert readings(replica) == expected
            assert replica.encode_version() == first.encode_version()
        if "total" in first.keys(""):
            assert first.count("total") == self.total
        if "grown" in first.keys(""):
            assert first.count("grown.counter") == self.grown
            assert first.elements("grown.set") == sorted(self.elements)


def rescue(peer: Peer, snapshot: bytes, new: int) -> tuple[Peer, int, int]:
    """The replica that goes on for another, how many edits are listed, and how many counted."""
    if isinstance(peer, CReplica):
        outcomes = [edit["outcome"] for edit in peer.rescue(snapshot, new)["edits"]]
        known = [outcome for outcome in outcomes if outcome in {"applied", "moved", "offered"}]
        return peer, len(outcomes), len(known)
    assert isinstance(peer, Replica)
    rescued = peer.rescue(snapshot, new)
    report = rescued.report
    return rescued.replica, len(report.edits), report.applied + report.moved + report.offered


def readings(replica: Peer) -> list[Any]:
    """All that a replica tells of the places of a program."""
    readers: dict[Callable[[str], Any], list[str]] = {
        replica.conflicts: PLACES,
        replica.clock: PLACES,
        replica.text: TEXTS,
        replica.items: LISTS,
        replica.elements: SETS,
        replica.len: LISTS + SETS + MAPS,
        replica.count: COUNTERS,
    }
    return [seen(read, path) for read, paths in readers.items() for path in paths]


def seen(read: Callable[[str], Any], path: str) -> str | None:
    """What is read in a place, or None where that can't be read; NaN is equal to itself."""
    try:
        return repr(read(path))
    except (LibsyncError, StatusError):
        return None
