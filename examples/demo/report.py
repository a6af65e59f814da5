"""What is printed in the end: a table of both replicas."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from network import Link
from typists import Memory


class Side(NamedTuple):
    """One replica, and what it did."""

    name: str
    typed: int
    sent: Link
    held: int
    before: Memory
    after: Memory
    sha256: str


def megabytes(count: int) -> str:
    """Bytes, for a reader."""
    return f"{count / 1e6:,.2f} MB"


ROWS: Sequence[tuple[str, Callable[[Side], str]]] = [
    ("edits typed", lambda side: f"{side.typed:,}"),
    ("frames sent", lambda side: f"{side.sent.frames:,}"),
    ("  delayed", lambda side: f"{side.sent.delayed:,}"),
    ("  sent twice", lambda side: f"{side.sent.duplicated:,}"),
    ("bytes sent", lambda side: megabytes(side.sent.bytes)),
    ("frames held for another", lambda side: f"{side.held:,}"),
    ("memory before pruning", lambda side: megabytes(side.before.total_bytes)),
    ("memory after", lambda side: megabytes(side.after.total_bytes)),
    ("nodes before pruning", lambda side: f"{side.before.nodes:,}"),
    ("nodes after", lambda side: f"{side.after.nodes:,}"),
    ("tombstones before pruning", lambda side: f"{side.before.tombstones:,}"),
    ("tombstones after", lambda side: f"{side.after.tombstones:,}"),
    ("changes in the log before", lambda side: f"{side.before.changes:,}"),
    ("changes in the log after", lambda side: f"{side.after.changes:,}"),
]


def print_table(sides: Sequence[Side], expected_sha256: str) -> None:
    """A row for each figure, a column for each side; then the hashes, which are long."""
    print(f"\n  {'':<28}" + "".join(f"{side.name:>14}" for side in sides))
    for name, figure in ROWS:
        print(f"  {name:<28}" + "".join(f"{figure(side):>14}" for side in sides))
    print("\n  SHA-256 of the text")
    for side in sides:
        print(f"    in {side.name:<14} {side.sha256}")
    print(f"    as it was typed   {expected_sha256}")
