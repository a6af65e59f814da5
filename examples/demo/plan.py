"""Cuts one writer's keystrokes into work for two who type at the same time.

The history is cut into windows. In each, a *boundary* is chosen: a character that is there when
the window begins and still there when it ends. Edits before it are the work of one side, edits
behind it the work of the other. Neither needs to see what the other types in this window:

- the side before the boundary counts positions from the start of the text,
- the side behind it counts them from the end,

and what the other side does never changes either count. Merged, both parts are the text that the
one writer had, whatever the order and the delay in which they arrive. What a window leaves behind
has to be delivered before the next one begins, for there the boundary is another.
"""

import gzip
import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple


class Patch(NamedTuple):
    """One edit of the one writer: `deleted` characters go at `position`, then `inserted` comes."""

    position: int
    deleted: int
    inserted: str


class Edit(NamedTuple):
    """One edit of one of the two, at `offset` characters from an end of the text."""

    anchor: Literal["start", "end"]
    offset: int
    deleted: int
    inserted: str


@dataclass(frozen=True)
class Trace:
    """A recorded history of one text, which starts empty."""

    patches: Sequence[Patch]
    end_content: str


@dataclass(frozen=True)
class Window:
    """Edits that both sides make before all of them have arrived on both."""

    before: Sequence[Edit]
    behind: Sequence[Edit]
    partition: bool
    """Whether nothing passes until both sides are done."""


def read_trace(path: Path) -> Trace:
    """Reads a trace; the file is gzipped JSON."""
    with gzip.open(path, "rb") as file:
        data = json.load(file)
    patches = [Patch(*patch) for txn in data["txns"] for patch in txn["patches"]]
    return Trace(patches, data["endContent"])


def shorten(trace: Trace, edits: int) -> Trace:
    """The first so many edits, and the text that they make."""
    text: list[str] = []
    for position, deleted, inserted in trace.patches[:edits]:
        text[position : position + deleted] = inserted
    return Trace(trace.patches[:edits], "".join(text))


def plan(trace: Trace) -> Iterator[Window]:
    """The windows, in order."""
    length = 0
    for patches, partition in _cut(trace.patches):
        boundary = _choose_boundary(patches, length)
        before, behind = _split(patches, boundary, length)
        length += sum(len(patch.inserted) - patch.deleted for patch in patches)
        yield Window(before, behind, partition)


SEED = 200
"""Edits of the first window: while there is no text there is no boundary, and one types alone."""
USUAL = 5_000
"""Edits of a window."""
PARTITION = 40_000
"""Edits of a window during which nothing passes."""
PARTS = 3
"""The history has so many parts of one length; each but the first begins with a partition."""


def _cut(patches: Sequence[Patch]) -> Iterator[tuple[Sequence[Patch], bool]]:
    """Cuts the history into windows, and says which are partitions.

    In a short history a partition takes half of its part.
    """
    bounds = [len(patches) * part // PARTS for part in range(PARTS + 1)]
    for part, (start, end) in enumerate(pairwise(bounds)):
        first = SEED if part == 0 else min(PARTITION, (end - start) // 2)
        cuts = [start, *range(start + first, end, USUAL), end]
        for number, (cut, following) in enumerate(pairwise(cuts)):
            yield patches[cut:following], part > 0 and number == 0


def _choose_boundary(patches: Sequence[Patch], length: int) -> int:
    """The character that outlives the window and shares its edits most evenly.

    Returns its index when the window begins, or `length` where there is none: then all edits are
    before the boundary, and one side types alone.
    """
    # For every character, the index of the first old one at or behind it: of an old character
    # its own, of a new one that of its right neighbour, as -index - 1.
    marks = array("q", range(length))
    survives = bytearray(b"\1") * length
    edits_before = [0] * (length + 1)
    for position, deleted, inserted in patches:
        end = position + deleted
        mark = marks[end] if end < len(marks) else length
        mark = mark if mark >= 0 else -mark - 1
        edits_before[mark] += 1
        for gone in marks[position:end]:
            if gone >= 0:
                survives[gone] = 0
        marks[position:end] = array("q", [-mark - 1]) * len(inserted)

    best, boundary = 0, length
    so_far = 0
    for index in range(length):
        so_far += edits_before[index]
        smaller = min(so_far, len(patches) - so_far)
        if survives[index] and smaller > best:
            best, boundary = smaller, index
    return boundary


def _split(patches: Sequence[Patch], boundary: int, length: int) -> tuple[list[Edit], list[Edit]]:
    """Divides the edits at the boundary, which moves with the edits before it."""
    before: list[Edit] = []
    behind: list[Edit] = []
    for position, deleted, inserted in patches:
        if position + deleted <= boundary:
            before.append(Edit("start", position, deleted, inserted))
            boundary += len(inserted) - deleted
        elif position > boundary:
            behind.append(Edit("end", length - position, deleted, inserted))
        else:
            raise AssertionError("an edit takes the boundary away, or spans it")
        length += len(inserted) - deleted
    return before, behind
