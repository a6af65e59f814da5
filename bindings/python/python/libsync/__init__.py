"""libsync: a document that is edited offline and in many places, and converges.

>>> from libsync import Replica
>>> phone = Replica(replica="phone")
>>> laptop = Replica(phone.document, "laptop")
>>> phone.set("user.profile.avatar", "ada.png")
>>> laptop.insert("user.profile.bio", 0, "Mathematician")
>>> _ = phone.apply(laptop.export(since=phone.version))
>>> _ = laptop.apply(phone.export(since=laptop.version))
>>> phone.to_json() == laptop.to_json()
True
"""

from libsync._libsync import Replica, VersionVector, replica_id
from libsync.errors import (
    AuthorLeftError,
    BelowPruneFloorError,
    DecodeError,
    InboxFullError,
    InternalError,
    InvalidChangeError,
    LeftError,
    LibsyncError,
    LineageError,
    NotFoundError,
    OtherDocumentError,
    OtherEpochError,
    OutOfBoundsError,
    PathError,
    ReplicaIdReusedError,
    RootError,
    TooDeepError,
    TooManyHeldError,
    TooManyOperationsError,
    WrittenElsewhereError,
    WrongKindError,
)
from libsync.reports import (
    Acknowledged,
    Applied,
    Conflict,
    Holdback,
    Member,
    MemoryUse,
    OpId,
    PruneReport,
)

__all__ = [
    "Acknowledged",
    "Applied",
    "AuthorLeftError",
    "BelowPruneFloorError",
    "Conflict",
    "DecodeError",
    "Holdback",
    "InboxFullError",
    "InternalError",
    "InvalidChangeError",
    "LeftError",
    "LibsyncError",
    "LineageError",
    "Member",
    "MemoryUse",
    "NotFoundError",
    "OpId",
    "OtherDocumentError",
    "OtherEpochError",
    "OutOfBoundsError",
    "PathError",
    "PruneReport",
    "Replica",
    "ReplicaIdReusedError",
    "RootError",
    "TooDeepError",
    "TooManyHeldError",
    "TooManyOperationsError",
    "VersionVector",
    "WrittenElsewhereError",
    "WrongKindError",
    "replica_id",
]
