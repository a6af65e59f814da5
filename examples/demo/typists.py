"""The two who type: one in this process, one in a C program at the other end of two pipes."""

import struct
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from plan import Edit

import libsync

TEXT = "paper"
"""Where the text is in the document."""


class Pruned(NamedTuple):
    """What pruning reclaimed."""

    nodes: int
    changes: int
    bytes: int
    held_back_by: int
    """How many members hold back the rest."""


class Memory(NamedTuple):
    """What a replica holds."""

    total_bytes: int
    nodes: int
    tombstones: int
    changes: int


class PythonTypist:
    """A replica in this process."""

    def __init__(self, document: bytes, name: str) -> None:
        """An empty replica of the document."""
        self.replica = libsync.Replica(document, name, pruning="manual")

    def type(self, edits: Sequence[Edit]) -> list[bytes]:
        """Makes the edits; every one is exported as it is made, and would be sent."""
        replica = self.replica
        length = self._text_len() if edits else 0
        version = replica.version
        frames = []
        for edit in edits:
            position = edit.offset if edit.anchor == "start" else length - edit.offset
            if edit.deleted:
                replica.delete(TEXT, position, edit.deleted)
            if edit.inserted:
                replica.insert(TEXT, position, edit.inserted)
            length += len(edit.inserted) - edit.deleted
            frames.append(replica.export(version))
            version = replica.version
        return frames

    def _text_len(self) -> int:
        try:
            return self.replica.text_len(TEXT)
        except libsync.NotFoundError:
            return 0

    def apply(self, frames: Iterable[bytes]) -> int:
        """Takes frames, in any order; returns how many were held for others to come first."""
        held = 0
        for frame in frames:
            applied = self.replica.apply(frame)
            held += applied.changes == 0 and applied.duplicates == 0
        return held

    def set(self, path: str, value: str) -> bytes:
        """Assigns a field; returns the frame to send."""
        version = self.replica.version
        self.replica.set(path, value)
        return self.replica.export(version)

    def join(self, member: str) -> bytes:
        """Makes another replica a member; returns the frame to send."""
        version = self.replica.version
        self.replica.join(member)
        return self.replica.export(version)

    def acknowledge(self) -> bytes:
        """Says what this replica has seen."""
        return self.replica.acknowledge()

    def apply_acknowledgement(self, frame: bytes) -> None:
        """Hears what the other has seen."""
        self.replica.apply_acknowledgement(frame)

    def prune(self) -> Pruned:
        """Reclaims what all have seen."""
        report = self.replica.prune()
        return Pruned(report.nodes, report.changes, report.bytes, len(report.held_back_by))

    def memory(self) -> Memory:
        """What the replica holds now."""
        memory = self.replica.memory()
        return Memory(memory.total_bytes, memory.nodes, memory.tombstones, memory.changes)

    def text(self) -> str:
        """The text as it stands."""
        return self.replica.text(TEXT)

    def to_json(self) -> str:
        """The document as canonical JSON."""
        return self.replica.to_json()


class CTypist:
    """A replica in the C program `typist`.

    A request is a letter, the length of what follows as 32 bits, and what follows; a reply is
    a zero, or a one before an error message, then likewise length and content. Numbers are
    little-endian. `start_...` sends a request and returns; `finish_...` waits for the reply: so
    both replicas work at the same time.
    """

    def __init__(self, program: Path, document: bytes, name: str) -> None:
        """Starts the program, with an empty replica of the document."""
        command = [str(program), document.hex(), name, TEXT]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the C program has no pipes")
        self._requests = self._process.stdin
        self._replies = self._process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start_typing(self, edits: Iterable[Edit]) -> None:
        """Has the edits made, each exported as it is made."""
        request = bytearray()
        for edit in edits:
            inserted = edit.inserted.encode()
            request += struct.pack(
                "<BIII", edit.anchor == "end", edit.offset, edit.deleted, len(inserted)
            )
            request += inserted
        self._start(b"T", request)

    def finish_typing(self) -> list[bytes]:
        """The frames of the edits."""
        reply = self._finish()
        frames = []
        start = 0
        while start < len(reply):
            (length,) = struct.unpack_from("<I", reply, start)
            frames.append(reply[start + 4 : start + 4 + length])
            start += 4 + length
        return frames

    def start_applying(self, frames: Iterable[bytes]) -> None:
        """Hands over frames, in any order."""
        self._start(b"D", b"".join(struct.pack("<I", len(frame)) + frame for frame in frames))

    def finish_applying(self) -> int:
        """How many of the frames were held for others to come first."""
        (held,) = struct.unpack("<Q", self._finish())
        return int(held)

    def set(self, path: str, value: str) -> bytes:
        """Assigns a field; returns the frame to send."""
        return self._ask(
            b"S", struct.pack("<I", len(path.encode())) + path.encode() + value.encode()
        )

    def acknowledge(self) -> bytes:
        """Says what the replica has seen."""
        return self._ask(b"A")

    def apply_acknowledgement(self, frame: bytes) -> None:
        """Hears what the other has seen."""
        self._ask(b"H", frame)

    def prune(self) -> Pruned:
        """Reclaims what all have seen."""
        return Pruned(*struct.unpack("<4Q", self._ask(b"P")))

    def memory(self) -> Memory:
        """What the replica holds now."""
        return Memory(*struct.unpack("<4Q", self._ask(b"M")))

    def text(self) -> str:
        """The text as it stands."""
        return self._ask(b"X").decode()

    def to_json(self) -> str:
        """The document as canonical JSON."""
        return self._ask(b"J").decode()

    def _ask(self, command: bytes, content: bytes = b"") -> bytes:
        self._start(command, content)
        return self._finish()

    def _start(self, command: bytes, content: bytes | bytearray) -> None:
        self._requests.write(command + struct.pack("<I", len(content)) + content)
        self._requests.flush()

    def _finish(self) -> bytes:
        failed, length = struct.unpack("<BI", self._read(5))
        content = self._read(length)
        if failed:
            raise RuntimeError(f"the C replica: {content.decode()}")
        return content

    def _read(self, length: int) -> bytes:
        content = self._replies.read(length)
        if len(content) < length:
            raise RuntimeError(f"the C program ended, with status {self._process.wait()}")
        return content
