"""What calls of a replica found or did."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal, NamedTuple, TypeAlias

from libsync._libsync import Applied, Replica, VersionVector
from libsync.values import Kind, Timestamp

__all__ = [
    "Acknowledged",
    "Applied",
    "Causality",
    "ChangeInfo",
    "Conflict",
    "Departed",
    "Evicted",
    "Holdback",
    "Member",
    "MemoryUse",
    "Node",
    "OfferedCount",
    "OfferedElement",
    "OfferedItems",
    "OfferedMove",
    "OfferedText",
    "OfferedValue",
    "OpId",
    "PendingRedaction",
    "PruneReport",
    "Relief",
    "RescueOutcome",
    "RescueReport",
    "Rescued",
    "RescuedEdit",
    "UnknownChanges",
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
    """It, or a later one of the same member, is known."""
    INCOMPLETE = "incomplete"
    """It says what has changed since one that did not arrive here.

    What is known of the member stays, until a whole one arrives: the next ones are, in time, or the
    host asks for one (`Replica.acknowledge_whole`).
    """


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
    since: OpId | None
    """The operation since which it is one: that made it one, or its own first.

    None if the document that was loaded did not say.
    """
    since_time: datetime | Timestamp | None
    """The wall-clock time of that change, if it says one."""
    evicting: bool
    """Whether it is to be evicted."""
    eviction_awaits: tuple[int, ...]
    """If so, the ids of the members that are not known to agree on that yet."""
    unacknowledged: int
    """Operations known here that it is not known to have seen."""
    lag: timedelta | None
    """How far it lags behind in time: see `Holdback`."""


@dataclass(frozen=True, slots=True)
class Departed:
    """A replica that was a member and has left, or was evicted."""

    replica: int
    """Its id."""
    operations: int
    """How many operations of it count: all that there ever will be."""
    evicted: bool
    """Whether it was evicted; else it left."""
    departure: OpId | None
    """Its leave, or the eviction of it.

    None once that is pruned with all that the replica did, or if the document that was loaded did
    not say.
    """
    time: datetime | Timestamp | None
    """The wall-clock time of that change, if it says one."""


@dataclass(frozen=True, slots=True)
class Evicted:
    """An eviction that has taken effect."""

    replica: int
    """The id of who is no member any more."""
    operations: int
    """How many operations of it count: here, and wherever the eviction takes effect."""
    refused: tuple[OpId, ...]
    """Changes that waited here, and do not count.

    Further ones of those who were evicted, and those of others that were made on them.
    """
    frame: bytes | None
    """The same changes, as bytes; None if there are none.

    No replica takes them for which the eviction has taken effect.
    """


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
    since: datetime | Timestamp | None
    """When the oldest change was made that it has not acknowledged.

    Or, if it has seen all, that it does not know to be stable; None if no change says a time.
    """
    lag: timedelta | None
    """How long that was before the latest time known here. None where `since` is.

    Clocks of several hosts are compared, so take it for what these are worth.
    """


@dataclass(frozen=True, slots=True)
class Relief:
    """What evicting some members would free, as `Replica.pruning` estimates it."""

    members: tuple[int, ...]
    """The ids of whom to evict: all of them."""
    waits_for: tuple[int, ...]
    """Others that are behind, too, and have to come back before it can go."""
    operations: int
    """Operations that all others know of then."""
    changes: int
    """Changes that can go from the log."""
    nodes: int
    """Nodes (characters, items) of texts and lists that can go."""
    bytes: int
    """Bytes of memory that can go."""


@dataclass(frozen=True, slots=True)
class PendingRedaction:
    """A redaction of which not all is gone yet here."""

    id: OpId
    """Which."""
    held_back_by: tuple[int, ...]
    """The ids of the members who are not known to have seen it, or, once all have, to know that.

    If empty, the next `Replica.prune` carries it out.
    """


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What was reclaimed since the last report, and what holds back the rest."""

    nodes: int
    """Nodes (characters, items) of texts and lists that are gone, all of them tombstones."""
    spans: int
    """Spans (runs of nodes) fewer than before."""
    changes: int
    """Changes that are gone from the log."""
    bytes: int
    """Bytes of memory that the document takes less, as `MemoryUse` counts them.

    An estimate of what was reclaimed in bounded parts.
    """
    floor: VersionVector
    """The prune floor: a replica that has seen less must restart from a snapshot."""
    held_back_by: tuple[Holdback, ...]
    """The members that hold back pruning, the one that holds back most first.

    Empty when all that is known here is pruned.
    """
    held_back_by_undo: int
    """Operations that are kept for nothing but to undo or redo what was done before them."""
    redactions_pending: tuple[PendingRedaction, ...]
    """Redactions that are not carried out yet."""
    backlog: int
    """Operations that can be pruned and are left for the calls that follow.

    0 after `Replica.prune`.
    """
    reliefs: tuple[Relief, ...]
    """Whom to evict to free how much, step by step.

    The member without whom the most can be pruned, that one and the next, and so on. From
    `Replica.pruning` alone; else empty.
    """


class RescueOutcome(Enum):
    """What became of an edit that was rescued."""

    APPLIED = "applied"
    """As it was meant."""
    MOVED = "moved"
    """What it was made beside is gone: it is beside the nearest that was left."""
    OFFERED = "offered"
    """What it was made in, or made to, was deleted meanwhile. It is not in the document."""


@dataclass(frozen=True, slots=True)
class OfferedText:
    """Characters that were typed."""

    position: int
    """Where they are in the text of the old replica as it stands."""
    text: str
    """The characters, but for those that were deleted again."""


@dataclass(frozen=True, slots=True)
class OfferedItems:
    """Items that were inserted. What was put into containers among them has offers of its own."""

    index: int
    """Where they are in the list of the old replica as it stands."""
    items: tuple[_Value | Kind, ...]
    """What they hold there, but for those that were deleted again."""


@dataclass(frozen=True, slots=True)
class OfferedValue:
    """What was assigned to a place."""

    value: _Value | Kind
    """The value, or the kind of container."""


@dataclass(frozen=True, slots=True)
class OfferedElement:
    """What was added to a set."""

    element: _Value
    """The element."""


@dataclass(frozen=True, slots=True)
class OfferedCount:
    """What was added to a counter."""

    count: int
    """How much."""


@dataclass(frozen=True, slots=True)
class OfferedMove:
    """An item that was moved, and that others deleted."""

    item: _Value | Kind
    """What it holds."""
    index: int
    """The index that it was moved to, in the list of the old replica as it stands."""


Offer: TypeAlias = (
    OfferedText | OfferedItems | OfferedValue | OfferedElement | OfferedCount | OfferedMove
)


@dataclass(frozen=True, slots=True)
class RescuedEdit:
    """An edit that was not sent, and what became of it. What was typed in one go is one edit."""

    id: OpId
    """Its first operation in the old replica.

    There, `Replica.change` tells when and why it was made.
    """
    length: int
    """How many operations it has."""
    path: str
    """Where it is in the old replica as that stands, as a JSON Pointer."""
    outcome: RescueOutcome
    """What became of it."""
    now: OpId | None
    """Its first operation now.

    None where it is offered, and where nothing was left to do.
    """
    offer: Offer | None
    """Where it is offered, what it would have brought, to be shown and made again."""


@dataclass(frozen=True, slots=True)
class UnknownChanges:
    """Operations of one replica that a snapshot lacks."""

    replica: int
    """The id of who wrote them."""
    start: int
    """The first one's counter."""
    end: int
    """The counter behind the last one."""


@dataclass(frozen=True, slots=True)
class RescueReport:
    """What became of the edits that a replica had not sent."""

    edits: tuple[RescuedEdit, ...]
    """The edits in the order in which they were made."""
    applied: int
    """How many are as they were meant."""
    moved: int
    """How many are beside the place where they were meant."""
    offered: int
    """How many are not in the document, and are here to be shown and made again."""
    unknown: tuple[UnknownChanges, ...]
    """What the old replica had of others that the snapshot lacks.

    It is for these to send it, or was refused.
    """
    sponsored: tuple[int, ...]
    """The ids of replicas that the old one made members, and that the snapshot does not know.

    What they wrote builds on what was not sent, so they have to be rescued, too.
    """


@dataclass(frozen=True, slots=True)
class Rescued:
    """A replica that goes on where another one can't any more: see `Replica.rescue`."""

    replica: Replica
    """The replica of the new id, with the edits."""
    report: RescueReport
    """What became of each edit."""


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
