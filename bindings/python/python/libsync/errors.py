"""What can go wrong: every exception of libsync's own is a `LibsyncError`.

A call that raises one has changed nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from libsync._libsync import VersionVector
    from libsync.reports import OpId
    from libsync.values import Kind

__all__ = [
    "AuthorEvictedError",
    "AuthorLeftError",
    "BelowPruneFloorError",
    "CannotSponsorError",
    "CounterOverflowError",
    "DecodeError",
    "EvictedError",
    "GrowOnlyError",
    "InTransactionError",
    "InboxFullError",
    "IndexOutOfBoundsError",
    "InternalError",
    "InvalidChangeError",
    "LastEpochError",
    "LeftError",
    "LibsyncError",
    "LineageError",
    "NamesEvictedError",
    "NoTransactionError",
    "NotAMemberError",
    "NotAnIndexError",
    "NotEvictableError",
    "NotFoundError",
    "OtherDocumentError",
    "OtherEpochError",
    "OutOfBoundsError",
    "PathError",
    "ReplicaIdReusedError",
    "RootError",
    "ShallowError",
    "SnapshotBehindError",
    "StreamBrokenError",
    "TooDeepError",
    "TooLongError",
    "TooManyHeldError",
    "TooManyOperationsError",
    "UndecidedError",
    "UnknownDeparturesError",
    "WrittenElsewhereError",
    "WrongKindError",
]


class LibsyncError(Exception):
    """The root of all exceptions of libsync's own; its text says what was wrong, where, and what
    to do.
    """

    def __str__(self) -> str:
        # Some exceptions here are a KeyError too, whose text would be the repr of the message.
        return str(self.args[0]) if self.args else ""


class DecodeError(LibsyncError, ValueError):
    """Bytes that are not a frame of libsync's format, or not in its one canonical form."""

    reason: str = "other"
    """The class of the mistake.

    One of "truncated", "trailing_bytes", "checksum", "not_canonical", "unexpected",
    "wrong_frame", "unsupported_version", "unknown_field", "limit", "inconsistent" and "other".
    """
    offset: int | None = None
    """The byte in which it was found, from the start of the frame; None for the whole."""


class LineageError(LibsyncError):
    """Bytes that are sound, and of another document or lineage."""


class OtherDocumentError(LineageError):
    """Bytes of another document."""

    ours: bytes = b""
    """The id of this replica's document."""
    theirs: bytes = b""
    """The id of the bytes' document."""


class OtherEpochError(LineageError):
    """Bytes of the same document, seeded anew."""

    ours: int = 0
    """This replica's epoch."""
    theirs: int = 0
    """The bytes' epoch."""


class PathError(LibsyncError, ValueError):
    """Text that is not a path."""

    at: int | None = None
    """Where the mistake is, in bytes of UTF-8."""


class NotFoundError(LibsyncError, KeyError):
    """There is nothing in the place."""

    path: str = ""
    """The place, as a JSON Pointer."""


class WrongKindError(LibsyncError, TypeError):
    """Something else is in the place."""

    path: str = ""
    """The place, as a JSON Pointer."""
    expected: Kind | None = None
    """What the call is for."""
    found: Kind | Literal["value"] | None = None
    """What is there."""


class NotAnIndexError(LibsyncError, TypeError):
    """An item of a list is named by something else than its index."""

    path: str = ""
    """The place, as a JSON Pointer."""


class RootError(LibsyncError, ValueError):
    """The root map is always there, and can't be set or removed."""


class OutOfBoundsError(LibsyncError, IndexError):
    """A position or a range beyond the end of the text, or before its start."""

    start: int | None = None
    """Where the range starts; None, as the rest, for a number that no text could have."""
    end: int | None = None
    """Where it ends."""
    length: int | None = None
    """How long the text is."""


class IndexOutOfBoundsError(LibsyncError, IndexError):
    """An index or a range beyond the end of a list, or before its start."""

    path: str = ""
    """The list, as a JSON Pointer; empty, as the rest is None, for a number that is no index."""
    index: int | None = None
    """The index, or the end of the range."""
    length: int | None = None
    """How many items the list has."""


class GrowOnlyError(LibsyncError):
    """Something would be taken away from what only grows, or this with what it is in."""

    path: str = ""
    """What would be taken away from, or removed, as a JSON Pointer."""


class CounterOverflowError(LibsyncError, OverflowError):
    """A counter would leave the range of 64-bit integers."""

    path: str = ""
    """The counter, as a JSON Pointer."""


class TooLongError(LibsyncError, ValueError):
    """A key or a value longer than the replica's limits allow."""

    what: str = ""
    """What is too long: "key" or "value"."""
    length: int = 0
    """How long it is, in bytes."""
    limit: int = 0
    """How long it may be."""


class TooDeepError(LibsyncError, ValueError):
    """The path is deeper than a document may be nested."""

    limit: int = 0
    """How many keys and indices a path may have."""


class InTransactionError(LibsyncError):
    """A transaction is open: commit it or abort it first."""


class NoTransactionError(LibsyncError):
    """No transaction is open."""


class LeftError(LibsyncError):
    """This replica has left the document, and can't write."""


class EvictedError(LibsyncError):
    """This replica was evicted from the document, or is about to be, and can't write."""


class NotEvictableError(LibsyncError):
    """A replica that can't be evicted."""

    replica: int = 0
    """Its id."""
    reason: str = ""
    """Why not, and what to do."""


class WrittenElsewhereError(LibsyncError):
    """Others know changes of this replica that it does not know.

    It was restored from a backup, or another host writes under its id: see `Replica.rescue`.
    """

    change: OpId | None = None
    """The first of these changes that has arrived, or the last that others know."""


class TooManyOperationsError(LibsyncError, OverflowError):
    """More operations than can be counted."""

    limit: int = 0
    """How many operations of a replica a document may have."""


class ReplicaIdReusedError(LibsyncError):
    """Two hosts write under one replica id, or one of them went back to a backup.

    Or, from `Replica.rescue` and `Replica.reseed`, an id that has to be new, and is not.
    """

    change: OpId | None = None
    """The identity that two different changes bear."""
    replica: int | None = None
    """The id that is not new."""


class BelowPruneFloorError(LibsyncError):
    """Changes that name, or versions that lack, what all members agreed to prune.

    The replica that they are of was away for too long, and has to restart from a snapshot: see
    `Replica.rescue`.
    """

    floor: VersionVector | None = None
    """What it would have to have seen."""
    change: OpId | None = None
    """The change that was refused; None from `Replica.export`."""


class InvalidChangeError(LibsyncError):
    """A change that contradicts the document."""

    change: OpId | None = None
    """The change."""
    reason: str = ""
    """The contradiction."""


class AuthorLeftError(LibsyncError):
    """A change whose author had left the document before."""

    change: OpId | None = None
    """The change."""


class AuthorEvictedError(LibsyncError):
    """A change whose author was evicted, and that is not among what counts of its changes."""

    change: OpId | None = None
    """The change."""


class NamesEvictedError(LibsyncError):
    """A change that was made on what does not count of an evicted replica."""

    change: OpId | None = None
    """The change."""
    named: OpId | None = None
    """What it was made on."""


class CannotSponsorError(LibsyncError):
    """A replica has to be made a member before it is handed changes, and this one can't do that."""

    replica: int = 0
    """Who has to be made a member."""


class ShallowError(LibsyncError):
    """Changes that never were here, as this replica was loaded from a shallow snapshot."""

    start: VersionVector | None = None
    """What a version has to cover for changes since then to be had here."""


class UnknownDeparturesError(LibsyncError):
    """Bytes that leave out departed replicas which are not known here.

    They are a version, an acknowledgement, or changes; this replica is behind the prune floor.
    """

    left_out: int = 0
    """How many are left out."""
    known: int = 0
    """How many departures are known here."""


class LastEpochError(LibsyncError, OverflowError):
    """A document that can't be seeded anew once more."""


class NotAMemberError(LibsyncError):
    """A replica that is no member in the snapshot on which it is to go on."""

    replica: int = 0
    """Its id: who gives the snapshot has to `join` it before saving."""


class SnapshotBehindError(LibsyncError):
    """A snapshot that lacks what the replica to be rescued does not hold as changes (any more)."""

    since: VersionVector | None = None
    """What it has to cover."""


class UndecidedError(LibsyncError):
    """Of a replica that went back to a backup, the snapshot does not tell what it wrote since.

    `written_since` has to say so.
    """

    known: int = 0
    """How many of its operations the snapshot counts."""
    here: int = 0
    """How many it has itself."""


class StreamBrokenError(LibsyncError):
    """A frame that does not follow what a stream brought before.

    One was lost, repeated or overtaken, or it was damaged: start a new stream, from the version
    that the receiving replica has.
    """


class InboxFullError(LibsyncError):
    """Too much would wait for changes that are missing."""

    changes: int = 0
    """How many changes would wait."""
    bytes: int = 0
    """How many bytes they take."""
    max_changes: int = 0
    """How many changes may wait."""
    max_bytes: int = 0
    """How many bytes they may take."""


class TooManyHeldError(LibsyncError):
    """Acknowledgements of too many replicas wait for changes that are missing."""

    member: int = 0
    """The id of the replica whose acknowledgement was not taken."""
    limit: int = 0
    """How many may wait."""


class InternalError(LibsyncError):
    """A bug in libsync. The replica can't be used any more: load it from what was saved last."""
