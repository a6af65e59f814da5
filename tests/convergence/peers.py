"""A replica in C, in a process of its own, with the face of the Python one."""

import itertools
import json
import struct
import subprocess
from pathlib import Path
from typing import Any, Protocol

from libsync import Applied, Conflict, OpId


class Pruned(Protocol):
    """What pruning reclaimed."""

    @property
    def nodes(self) -> int:
        """How many nodes went."""


class Peer(Protocol):
    """What these tests do with a replica, in any language."""

    @property
    def id(self) -> int:
        """The replica's id."""

    def set(self, path: str, value: Any) -> None:
        """Sets a value."""

    def create_map(self, path: str) -> None:
        """Creates a map."""

    def create_text(self, path: str) -> None:
        """Creates a text."""

    def remove(self, path: str) -> bool:
        """Removes what is there."""

    def insert(self, path: str, position: int, text: str) -> None:
        """Inserts into a text."""

    def delete(self, path: str, position: int, length: int) -> None:
        """Deletes from a text."""

    def text(self, path: str) -> str:
        """A text as it reads."""

    def keys(self, path: str) -> list[str]:
        """The keys of a map."""

    def conflicts(self, path: str) -> list[Conflict]:
        """All that is in a place."""

    def to_json(self) -> str:
        """Canonical JSON."""

    def encode_version(self) -> bytes:
        """The version as a frame."""

    def export(self, since: bytes) -> bytes:
        """The changes since a version."""

    def apply(self, data: bytes) -> Applied:
        """Applies changes."""

    def missing(self) -> list[OpId]:
        """The operations that waiting changes depend on."""

    def join(self, member: int) -> None:
        """Makes another replica a member."""

    def leave(self) -> None:
        """Ends the membership."""

    def acknowledge(self) -> bytes:
        """What the replica has seen."""

    def apply_acknowledgement(self, data: bytes) -> object:
        """Takes what another has seen."""

    def prune(self) -> Pruned:
        """Prunes."""

    def save(self) -> bytes:
        """The whole document."""


class StatusError(Exception):
    """A call in C that did not return SYNC_OK."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class CPruned:
    """What pruning reclaimed in C."""

    def __init__(self, nodes: int, held_back_by: int) -> None:
        self.nodes = nodes
        self.held_back_by = held_back_by


class CReplica:
    """A replica of the C library.

    Positions are handed to C in each of its units in turn.
    """

    def __init__(self, program: Path, document: bytes, replica: int) -> None:
        self.id = replica
        self._program = program
        self._units = itertools.cycle(UNITS)
        self._process = self._start()
        self._call("new", document.hex(), str(replica))

    def set(self, path: str, value: Any) -> None:
        """Sets a value."""
        self._call("set", _text(path), *_value(value))

    def create_map(self, path: str) -> None:
        """Creates a map."""
        self._call("create", _text(path), "map")

    def create_text(self, path: str) -> None:
        """Creates a text."""
        self._call("create", _text(path), "text")

    def remove(self, path: str) -> bool:
        """Removes what is there."""
        return self._call("remove", _text(path)) == ["1"]

    def insert(self, path: str, position: int, text: str) -> None:
        """Inserts into a text, which is created if nothing is there."""
        shown = self.text(path) if position else ""
        unit = next(self._units)
        at = _length(shown[:position], unit)
        self._call("insert", _text(path), unit, str(at), _text(text))

    def delete(self, path: str, position: int, length: int) -> None:
        """Deletes from a text."""
        shown = self.text(path)
        unit = next(self._units)
        at = _length(shown[:position], unit)
        count = _length(shown[position : position + length], unit)
        self._call("delete", _text(path), unit, str(at), str(count))

    def text(self, path: str) -> str:
        """A text as it reads."""
        return self._bytes("text", _text(path)).decode()

    def keys(self, path: str) -> list[str]:
        """The keys of a map."""
        keys: list[str] = json.loads(self._bytes("keys", _text(path)))
        return keys

    def conflicts(self, path: str) -> list[Conflict]:
        """All that is in a place; of values, those that JSON has."""
        conflicts = json.loads(self._bytes("conflicts", _text(path)))
        return [
            Conflict(each["kind"], each.get("value"), each["id"] and _op_id(each["id"]))
            for each in conflicts
        ]

    def to_json(self) -> str:
        """Canonical JSON."""
        return self._bytes("json").decode()

    def encode_version(self) -> bytes:
        """The version as a frame."""
        return self._bytes("version")

    def export(self, since: bytes) -> bytes:
        """The changes since a version."""
        return self._bytes("export", since.hex())

    def apply(self, data: bytes) -> Applied:
        """Applies changes; those refused are counted in C, and none is expected here."""
        changes, duplicates, held, refused = map(int, self._call("apply", data.hex()))
        assert refused == 0
        return Applied(changes, duplicates, held, ())

    def missing(self) -> list[OpId]:
        """The operations that waiting changes depend on."""
        return [_op_id(each) for each in json.loads(self._bytes("missing"))]

    def join(self, member: int) -> None:
        """Makes another replica a member."""
        self._call("join", str(member))

    def leave(self) -> None:
        """Ends the membership."""
        self._call("leave")

    def acknowledge(self) -> bytes:
        """What the replica has seen."""
        return self._bytes("acknowledge")

    def apply_acknowledgement(self, data: bytes) -> None:
        """Takes what another has seen."""
        self._call("acknowledged", data.hex())

    def prune(self) -> CPruned:
        """Prunes."""
        return CPruned(*map(int, self._call("prune")))

    def nodes(self) -> tuple[int, int]:
        """How many nodes there are, and how many of them are tombstones."""
        nodes, tombstones = map(int, self._call("nodes"))
        return nodes, tombstones

    def save(self) -> bytes:
        """The whole document."""
        return self._bytes("save")

    def restart(self) -> None:
        """Ends the process, and starts another from what was saved."""
        saved = self.save()
        self.close()
        self._process = self._start()
        self._call("load", saved.hex(), str(self.id))

    def close(self) -> None:
        """Ends the process; it must have nothing to complain about."""
        output, _ = self._process.communicate()
        assert output == ""
        assert self._process.returncode == 0

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self._program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _call(self, *request: str) -> list[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(*(word or "-" for word in request), file=self._process.stdin, flush=True)
        reply = self._process.stdout.readline()
        outcome, _, result = reply.rstrip("\n").partition(" ")
        if outcome == "err":
            raise StatusError(*result.split(" ", 1))
        assert outcome == "ok", f"the process ended at {request}"
        return result.split()

    def _bytes(self, *request: str) -> bytes:
        (result,) = self._call(*request)
        return b"" if result == "-" else bytes.fromhex(result)


# The encoding in which a text has the bytes of its length in a unit, and how many for each.
UNITS = {"scalar": ("utf-32-le", 4), "utf8": ("utf-8", 1), "utf16": ("utf-16-le", 2)}


def _length(text: str, unit: str) -> int:
    encoding, width = UNITS[unit]
    return len(text.encode(encoding)) // width


def _text(text: str) -> str:
    return text.encode().hex()


def _op_id(listed: dict[str, Any]) -> OpId:
    return OpId(int(listed["replica"], 16), listed["counter"])


def _value(value: Any) -> tuple[str, str]:
    match value:
        case None:
            return "null", "-"
        case bool():
            return "bool", str(int(value))
        case int():
            return "int", str(value % 2**64)
        case float():
            return "float", str(struct.unpack("<Q", struct.pack("<d", value))[0])
        case str():
            return "string", _text(value)
        case bytes():
            return "bytes", value.hex()
        case _:
            raise TypeError(value)
