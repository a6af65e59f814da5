"""What these tests do with a replica, whatever language it is in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from libsync import Applied, ChangeInfo, Conflict, Kind, Node, OpId, VersionVector


class Pruned(Protocol):
    """What pruning reclaimed."""

    @property
    def nodes(self) -> int:
        """How many nodes went."""


class Peer(Protocol):
    """What these tests do with a replica, in any language; as the Python package has it."""

    @property
    def id(self) -> int:
        """The replica's id."""

    def set(self, path: str, value: Any) -> None:
        """Sets a value."""

    def create(self, path: str, kind: Kind) -> None:
        """Creates a container."""

    def remove(self, path: str) -> bool:
        """Removes what is there."""

    def remove_wins(self, path: str) -> bool:
        """Removes a key, and beats what others put there at the same time."""

    def insert(self, path: str, position: int, text: str) -> None:
        """Inserts into a text."""

    def delete(self, path: str, position: int, length: int) -> None:
        """Deletes from a text."""

    def insert_items(self, path: str, index: int, items: Iterable[Any]) -> None:
        """Inserts into a list."""

    def delete_items(self, path: str, index: int, length: int) -> None:
        """Deletes from a list."""

    def move_item(self, path: str, index: int, to: int) -> None:
        """Moves an item of a list."""

    def increment(self, path: str, delta: int) -> None:
        """Adds to a counter."""

    def add(self, path: str, value: Any) -> bool:
        """Adds to a set."""

    def discard(self, path: str, value: Any) -> bool:
        """Takes out of a set."""

    def begin(self) -> None:
        """Opens a transaction."""

    def commit(self, *, message: str, origin: str, time: datetime) -> object:
        """Makes a transaction a change."""

    def abort(self) -> bool:
        """Undoes a transaction."""

    def set_time(self, time: datetime | None) -> None:
        """Sets the time of changes to come."""

    def text(self, path: str) -> str:
        """A text as it reads."""

    def keys(self, path: str) -> list[str]:
        """The keys of a map."""

    def items(self, path: str) -> list[Any]:
        """The items of a list."""

    def elements(self, path: str) -> list[Any]:
        """The elements of a set."""

    def contains(self, path: str, value: Any) -> bool:
        """Whether a value is in a set."""

    def len(self, path: str) -> int:
        """How many keys, items or elements there are."""

    def count(self, path: str) -> int:
        """What a counter shows."""

    def conflicts(self, path: str) -> list[Conflict]:
        """All that is in a place."""

    def nodes(self, path: str) -> list[Node]:
        """The nodes of a text or a list."""

    def clock(self, path: str) -> VersionVector:
        """What touched a place."""

    def change(self, operation: tuple[int, int], /) -> ChangeInfo | None:
        """The change that an operation is part of."""

    def to_json(self) -> str:
        """Canonical JSON."""

    def encode_version(self) -> bytes:
        """The version as a frame."""

    def export(self, since: bytes) -> bytes:
        """The changes since a version."""

    def apply(self, data: bytes) -> Applied:
        """Applies changes."""

    def missing(self) -> list[OpId]:
        """The operations that waiting changes depend on."""

    def join(self, member: int) -> None:
        """Makes another replica a member."""

    def leave(self) -> None:
        """Ends the membership."""

    def evict(self, member: int) -> None:
        """Evicts a member."""

    def redact_path(self, path: str) -> bool:
        """Removes what is there for ever."""

    def acknowledge(self) -> bytes:
        """What the replica has seen."""

    def apply_acknowledgement(self, data: bytes) -> object:
        """Takes what another has seen."""

    def prune(self) -> Pruned:
        """Prunes."""

    def save(self) -> bytes:
        """The whole document."""
