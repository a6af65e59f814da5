"""What a document holds beside values of Python's own types."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Kind", "Timestamp"]


class Kind(StrEnum):
    """The kinds of containers."""

    MAP = "map"
    """Keys with a value or a container each."""
    TEXT = "text"
    """Characters, edited one by one."""
    LIST = "list"
    """Items, each a value or a container, that can be moved."""
    COUNTER = "counter"
    """A whole number that replicas add to and subtract from."""
    GROW_ONLY_COUNTER = "grow-only counter"
    """A counter that is only added to, and never removed."""
    SET = "set"
    """Values that are added and discarded; of both at once, adding wins."""
    GROW_ONLY_SET = "grow-only set"
    """A set that is only added to, and never removed."""


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A moment for which `datetime` has no name: before the year 1, or after the year 9999.

    All others are shown as a `datetime` in UTC. Where a moment is handed in, both are taken.

    >>> from libsync import Replica, Timestamp
    >>> replica = Replica()
    >>> replica.set("big bang", Timestamp(-2**63))
    >>> replica.set("moon", Timestamp(-14182940000000))
    >>> replica.get("big bang")
    Timestamp(microseconds=-9223372036854775808)
    >>> str(replica.get("moon"))
    '1969-07-20 20:17:40+00:00'
    """

    microseconds: int
    """Microseconds since 1970-01-01T00:00:00Z, of 64 bits with sign."""
