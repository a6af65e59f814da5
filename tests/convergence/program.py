"""Random programs: edits on all sides, and a network that reorders, repeats and delays."""

import random
import string
from typing import Any

from peers import CReplica, Peer, StatusError

from libsync import NotFoundError, Replica, WrongKindError

VALUES = ["a", "b", "user.name", "user.age", "user.profile.avatar", "mixed"]
TEXTS = ["note", "user.profile.bio", "mixed"]
MAPS = ["user", "user.profile", "mixed"]
CHARACTERS = string.ascii_lowercase + "äß→🌍"


class Program:
    """A program on a document with some replicas, all of it decided by a seed."""

    def __init__(self, seed: int, replicas: list[Peer]) -> None:
        self.choose = random.Random(seed)
        self.replicas = replicas
        self.changes: list[list[bytes]] = [[] for _ in replicas]
        self.acknowledgements: list[list[bytes]] = [[] for _ in replicas]
        self.cut_off: int | None = None
        self.pruned = 0
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
        """Makes an edit, and posts it to all others."""
        replica = self.replicas[number]
        before = replica.encode_version()
        edits = [self.set, self.insert, self.delete, self.remove, self.create]
        (edit,) = self.choose.choices(edits, weights=[25, 45, 20, 5, 5])
        try:
            edit(replica)
        except (WrongKindError, NotFoundError):
            pass
        except StatusError as error:
            if error.status not in {"SYNC_ERR_WRONG_KIND", "SYNC_ERR_NOT_FOUND"}:
                raise
        if replica.encode_version() != before:
            self.post(self.changes, number, replica.export(before))

    def set(self, replica: Peer) -> None:
        """Sets a value of any kind."""
        value: Any = self.choose.choice(
            [None, True, False, 0, -1, 2**62, 0.1, -0.0, 1e300, float("inf"), "", "ß", b"", b"\xff"]
        )
        replica.set(self.choose.choice(VALUES), value)

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
        """Removes anything."""
        replica.remove(self.choose.choice(VALUES + TEXTS + MAPS))

    def create(self, replica: Peer) -> None:
        """Creates a container, perhaps in place of another."""
        if self.choose.random() < 0.5:
            replica.create_map(self.choose.choice(MAPS))
        else:
            replica.create_text(self.choose.choice(TEXTS))

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
        for _ in range(2):
            acknowledgements = [replica.acknowledge() for replica in self.replicas]
            for replica in self.replicas:
                for data in acknowledgements:
                    replica.apply_acknowledgement(data)
        for replica in self.replicas:
            self.pruned += replica.prune().nodes
        self.check(shown)

    def check(self, shown: str) -> None:
        """Checks that all replicas agree in everything that can be read of them."""
        first, *others = self.replicas
        conflicts = [conflict_of(first, path) for path in VALUES + TEXTS]
        for replica in others:
            assert replica.to_json() == shown
            assert replica.keys("") == first.keys("")
            assert [conflict_of(replica, path) for path in VALUES + TEXTS] == conflicts
            assert replica.encode_version() == first.encode_version()


def conflict_of(replica: Peer, path: str) -> list[Any] | None:
    """The kinds and authors of all that is in a place; None where there is no such place."""
    try:
        return [(conflict.kind, conflict.id) for conflict in replica.conflicts(path)]
    except (WrongKindError, StatusError):
        return None
