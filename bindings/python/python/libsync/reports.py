"""What calls of a replica found or did."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal, NamedTuple

from libsync._libsync import Applied, VersionVector

__all__ = [
    "Acknowledged",
    "Applied",
    "Conflict",
    "Holdback",
    "Member",
    "MemoryUse",
    "OpId",
    "PruneReport",
]


class OpId(NamedTuple):
    """The identity of one operation.

    An insertion of n characters is n operations; any other edit is one, and so is each container
    that an edit creates on the way.
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


@dataclass(frozen=True, slots=True)
class Conflict:
    """One of the contents of a place that replicas put there without seeing each other's."""

    kind: Literal["value", "map", "text"]
    """What was put there: a value, or a container."""
    value: bool | int | float | str | bytes | None
    """The value; None for a container too."""
    id: OpId | None
    """The assignment, and so its author.

    None for a container that was deleted, and lives on through edits that the deleting replica
    had not seen.
    """


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
    """Nodes (characters) of texts that are gone, all of them tombstones."""
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
    """Nodes (characters) of texts, tombstones included."""
    tombstones: int
    """Nodes of texts that are tombstones."""
    spans: int
    """Spans (runs of nodes) of texts."""
    changes: int
    """Retained changes."""

    @property
    def total_bytes(self) -> int:
        """All bytes together."""
        return self.state_bytes + self.log_bytes + self.inbox_bytes
