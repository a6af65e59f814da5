"""What calls of a replica found or did."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Literal, NamedTuple, TypeAlias

from libsync._libsync import Applied, VersionVector
from libsync.values import Kind, Timestamp

__all__ = [
    "Acknowledged",
    "Applied",
    "Causality",
    "ChangeInfo",
    "Conflict",
    "Holdback",
    "Member",
    "MemoryUse",
    "Node",
    "OpId",
    "PruneReport",
]

_Value: TypeAlias = bool | int | float | str | bytes | datetime | Timestamp | None


class OpId(NamedTuple):
    """The identity of one operation.

    An insertion of n characters or items is n operations; any other edit is one, and so is each
    container that an edit creates on the way.
    """

    replica: int
    """The id of the replica that wrote it."""
    counter: int
    """How many operations the same replica had written before."""


class Acknowledged(Enum):
    """Whether an acknowledgement counts yet."""

    TAKEN = "taken"
    """It counts."""
    HELD = "held"
    """It counts as soon as the changes that it acknowledges have arrived here too."""
    STALE = "stale"
    """A later one of the same member is known."""


class Causality(Enum):
    """How one version stands to another."""

    EQUAL = "equal"
    """The same operations."""
    BEFORE = "before"
    """All of its operations are in the other, and not all of the other's in it."""
    AFTER = "after"
    """All of the other's operations are in it, and more."""
    CONCURRENT = "concurrent"
    """Each has operations that the other has not."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One of the contents of a place that replicas put there without seeing each other's."""

    kind: Kind | Literal["value"]
    """What was put there: a container of this kind, or a value."""
    value: _Value
    """The value; None for a container too."""
    id: OpId | None
    """The assignment.

    None for a container that was deleted, and lives on through edits that the deleting replica
    had not seen.
    """
    time: datetime | Timestamp | None = None
    """When it was put there, by its author's clock; None if the author did not say."""

    @property
    def author(self) -> int | None:
        """The id of the replica that put it there; None where `id` is."""
        return None if self.id is None else self.id.replica


@dataclass(frozen=True, slots=True)
class Node:
    """A character of a text or an item of a list, as it stands in the tree that orders them."""

    id: OpId
    """Its identity: of an item that was moved, that of the move."""
    origin_left: OpId | None
    """The node on its left that bounds its place; None: the start."""
    origin_right: OpId | None
    """The node on its right that bounds its place; None: the end."""
    content: _Value | Kind
    """The character, or the value or the kind of container of the item; None if deleted."""
    deleted: bool
    """Whether it is a tombstone: deleted, or the place from which an item was moved."""


@dataclass(frozen=True, slots=True)
class ChangeInfo:
    """A change that is retained, and what its author said of it.

    Edits of one replica that follow each other are one change, unless their authors said
    something else of each.
    """

    id: OpId
    """The identity of its first operation."""
    length: int
    """How many operations it has."""
    lamport: int
    """The Lamport time of its first operation; the others follow one by one."""
    dependencies: tuple[OpId, ...]
    """The heads that it was made on, other than its author's own."""
    time: datetime | Timestamp | None
    """The wall-clock time, by its author's clock."""
    message: str | None
    """What was done, for people."""
    origin: str | None
    """What did it: a device, a program, a part of one."""


@dataclass(frozen=True, slots=True)
class Member:
    """A replica that pruning waits for."""

    replica: int
    """Its id."""
    acknowledged: VersionVector | None
    """What it is known to have seen; None before its first acknowledgement."""
    stable: VersionVector | None
    """What it is known to know to be stable; None before its first acknowledgement."""


@dataclass(frozen=True, slots=True)
class Holdback:
    """How far a member holds pruning back."""

    member: int
    """The member's id."""
    unacknowledged: int
    """Operations known here that it has not acknowledged."""
    unstable: int
    """Operations known here that it does not yet know to be stable.

    None of them, and of what they deleted, can be pruned.
    """


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What `Replica.prune` reclaimed, and what holds back the rest."""

    nodes: int
    """Nodes (characters, items) of texts and lists that are gone, all of them tombstones."""
    spans: int
    """Spans (runs of nodes) fewer than before."""
    changes: int
    """Changes that are gone from the log."""
    bytes: int
    """Bytes of memory that the document takes less, as `MemoryUse` counts them."""
    floor: VersionVector
    """The prune floor: a replica that has seen less must restart from a snapshot."""
    held_back_by: tuple[Holdback, ...]
    """The members that hold back pruning, the one that holds back most first.

    Empty when all that is known here is pruned.
    """


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """What a replica holds in memory, without the allocator's own overhead."""

    state_bytes: int
    """Bytes of the document as it stands, tombstones included."""
    log_bytes: int
    """Bytes of the retained changes."""
    inbox_bytes: int
    """Bytes of changes that wait for what they depend on."""
    nodes: int
    """Nodes (characters, items) of texts and lists, tombstones included."""
    tombstones: int
    """Nodes that are tombstones."""
    spans: int
    """Spans (runs of nodes)."""
    changes: int
    """Retained changes."""

    @property
    def total_bytes(self) -> int:
        """All bytes together."""
        return self.state_bytes + self.log_bytes + self.inbox_bytes
