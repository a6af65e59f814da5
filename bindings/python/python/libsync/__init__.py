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

from libsync._libsync import (
    Receiver,
    Replica,
    Sender,
    Transaction,
    VersionVector,
    replica_id,
)
from libsync.errors import (
    AuthorLeftError,
    BelowPruneFloorError,
    CounterOverflowError,
    DecodeError,
    GrowOnlyError,
    InboxFullError,
    IndexOutOfBoundsError,
    InternalError,
    InTransactionError,
    InvalidChangeError,
    LeftError,
    LibsyncError,
    LineageError,
    NotAnIndexError,
    NotFoundError,
    NoTransactionError,
    OtherDocumentError,
    OtherEpochError,
    OutOfBoundsError,
    PathError,
    ReplicaIdReusedError,
    RootError,
    StreamBrokenError,
    TooDeepError,
    TooLongError,
    TooManyHeldError,
    TooManyOperationsError,
    WrittenElsewhereError,
    WrongKindError,
)
from libsync.reports import (
    Acknowledged,
    Applied,
    Causality,
    ChangeInfo,
    Conflict,
    Holdback,
    Member,
    MemoryUse,
    Node,
    OpId,
    PruneReport,
)
from libsync.values import Kind, Timestamp

__all__ = [
    "Acknowledged",
    "Applied",
    "AuthorLeftError",
    "BelowPruneFloorError",
    "Causality",
    "ChangeInfo",
    "Conflict",
    "CounterOverflowError",
    "DecodeError",
    "GrowOnlyError",
    "Holdback",
    "InTransactionError",
    "InboxFullError",
    "IndexOutOfBoundsError",
    "InternalError",
    "InvalidChangeError",
    "Kind",
    "LeftError",
    "LibsyncError",
    "LineageError",
    "Member",
    "MemoryUse",
    "NoTransactionError",
    "Node",
    "NotAnIndexError",
    "NotFoundError",
    "OpId",
    "OtherDocumentError",
    "OtherEpochError",
    "OutOfBoundsError",
    "PathError",
    "PruneReport",
    "Receiver",
    "Replica",
    "ReplicaIdReusedError",
    "RootError",
    "Sender",
    "StreamBrokenError",
    "Timestamp",
    "TooDeepError",
    "TooLongError",
    "TooManyHeldError",
    "TooManyOperationsError",
    "Transaction",
    "VersionVector",
    "WrittenElsewhereError",
    "WrongKindError",
    "replica_id",
]
