"""A replica in C, in a process of its own, with the face of the Python one."""

import itertools
import json
import struct
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from libsync import Applied, ChangeInfo, Conflict, Kind, Node, OpId, VersionVector

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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

    def create(self, path: str, kind: Kind) -> None:
        """Creates a container."""
        self._call("create", _text(path), _word(kind))

    def remove(self, path: str) -> bool:
        """Removes what is there."""
        return self._bool("remove", _text(path))

    def remove_wins(self, path: str) -> bool:
        """Removes a key, and beats what others put there at the same time."""
        return self._bool("remove_wins", _text(path))

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

    def insert_items(self, path: str, index: int, items: Iterable[Any]) -> None:
        """Inserts into a list."""
        words = itertools.chain.from_iterable(_value(item) for item in items)
        self._call("insert_items", _text(path), str(index), *words)

    def delete_items(self, path: str, index: int, length: int) -> None:
        """Deletes from a list."""
        self._call("delete_items", _text(path), str(index), str(length))

    def move_item(self, path: str, index: int, to: int) -> None:
        """Moves an item of a list."""
        self._call("move_item", _text(path), str(index), str(to))

    def increment(self, path: str, delta: int) -> None:
        """Adds to a counter."""
        self._call("increment", _text(path), _bits(delta))

    def add(self, path: str, value: Any) -> bool:
        """Adds to a set."""
        return self._bool("add", _text(path), *_value(value))

    def discard(self, path: str, value: Any) -> bool:
        """Takes out of a set."""
        return self._bool("discard", _text(path), *_value(value))

    def begin(self) -> None:
        """Opens a transaction."""
        self._call("begin")

    def commit(self, *, message: str, origin: str, time: datetime) -> bool:
        """Makes a transaction a change."""
        return self._bool("commit", _text(message), _text(origin), _bits(_microseconds(time)))

    def abort(self) -> bool:
        """Undoes a transaction."""
        return self._bool("abort")

    def set_time(self, time: datetime | None) -> None:
        """Sets the time of changes to come."""
        self._call("set_time", "" if time is None else _bits(_microseconds(time)))

    def text(self, path: str) -> str:
        """A text as it reads."""
        return self._bytes("text", _text(path)).decode()

    def keys(self, path: str) -> list[str]:
        """The keys of a map."""
        keys: list[str] = self._json("keys", _text(path))
        return keys

    def items(self, path: str) -> list[Any]:
        """The items of a list."""
        return [_content(item) for item in self._json("items", _text(path))]

    def elements(self, path: str) -> list[Any]:
        """The elements of a set."""
        elements: list[Any] = self._json("elements", _text(path))
        return elements

    def contains(self, path: str, value: Any) -> bool:
        """Whether a value is in a set."""
        return self._bool("contains", _text(path), *_value(value))

    def len(self, path: str) -> int:
        """How many keys, items or elements there are."""
        return int(*self._call("len", _text(path)))

    def count(self, path: str) -> int:
        """What a counter shows."""
        bits = int(*self._call("count", _text(path)))
        return bits - 2**64 if bits >= 2**63 else bits

    def conflicts(self, path: str) -> list[Conflict]:
        """All that is in a place."""
        return [
            Conflict(_kind(each), each.get("value"), _op_id(each["id"]), _time(each["time"]))
            for each in self._json("conflicts", _text(path))
        ]

    def nodes(self, path: str) -> list[Node]:
        """The nodes of a text or a list."""
        return [
            Node(
                _known(_op_id(each["id"])),
                _op_id(each["origin_left"]),
                _op_id(each["origin_right"]),
                each["content"] and _content(each["content"]),
                deleted=each["deleted"],
            )
            for each in self._json("nodes", _text(path))
        ]

    def clock(self, path: str) -> VersionVector:
        """What touched a place."""
        counts: dict[str, int] = self._json("clock", _text(path))
        return VersionVector({int(replica, 16): count for replica, count in counts.items()})

    def change(self, operation: tuple[int, int], /) -> ChangeInfo | None:
        """The change that an operation is part of."""
        change = self._json("change", *map(str, operation))
        if change is None:
            return None
        return ChangeInfo(
            id=_known(_op_id(change["id"])),
            length=change["len"],
            lamport=change["lamport"],
            dependencies=tuple(_known(_op_id(each)) for each in change["dependencies"]),
            time=_time(change["time"]),
            message=change["message"],
            origin=change["origin"],
        )

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
        return [_known(_op_id(each)) for each in self._json("missing")]

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

    def evict(self, member: int) -> None:
        """Evicts a member."""
        self._call("evict", str(member))

    def next_evicted(self) -> Any:
        """An eviction that has taken effect, as JSON has it; None if there is none."""
        return self._json("next_evicted")

    def members(self) -> Any:
        """The members, as JSON has them."""
        return self._json("members")

    def departed(self) -> Any:
        """Who is no member any more, as JSON has them."""
        return self._json("departed")

    def pruning(self) -> Any:
        """What can't be pruned yet, as JSON has it."""
        return self._json("pruning")

    def redact_path(self, path: str) -> bool:
        """Removes what is there for ever."""
        return self._bool("redact", _text(path))

    def rescue(self, snapshot: bytes, replica: int) -> Any:
        """Goes on as a new replica on a snapshot; gives what became of its edits."""
        report = self._json("rescue", snapshot.hex(), str(replica))
        self.id = replica
        return report

    def reseed(self, replica: int) -> None:
        """Goes on as the only replica of the document seeded anew."""
        self._call("reseed", str(replica))
        self.id = replica

    def load(self, saved: bytes) -> None:
        """Ends the process, and starts another from what somebody saved."""
        self.close()
        self._process = self._start()
        self._call("load", saved.hex(), str(self.id))

    def connect(self, known: bytes) -> None:
        """Starts streams to and from a peer that has this version."""
        self._call("connect", known.hex())

    def send(self) -> bytes:
        """The next frame for that peer; empty if there is nothing."""
        return self._bytes("send")

    def receive(self, frame: bytes) -> None:
        """Applies a frame that came from it."""
        self._call("receive", frame.hex())

    def node_counts(self) -> tuple[int, int]:
        """How many nodes there are, and how many of them are tombstones."""
        nodes, tombstones = map(int, self._call("memory"))
        return nodes, tombstones

    def save(self) -> bytes:
        """The whole document."""
        return self._bytes("save")

    def restart(self) -> None:
        """Ends the process, and starts another from what was saved."""
        self.load(self.save())

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

    def _bool(self, *request: str) -> bool:
        return self._call(*request) == ["1"]

    def _json(self, *request: str) -> Any:
        return json.loads(self._bytes(*request), object_hook=_extended)

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


def _word(kind: Kind) -> str:
    return kind.value.replace(" ", "-")


def _bits(number: int) -> str:
    return str(number % 2**64)


def _microseconds(time: datetime) -> int:
    return (time - EPOCH) // timedelta(microseconds=1)


def _time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


def _op_id(listed: dict[str, Any] | None) -> OpId | None:
    return None if listed is None else OpId(int(listed["replica"], 16), listed["counter"])


def _known(found: OpId | None) -> OpId:
    assert found is not None
    return found


def _kind(listed: dict[str, Any]) -> Kind | Literal["value"]:
    return "value" if listed["kind"] == "value" else Kind(listed["kind"])


def _content(listed: dict[str, Any]) -> Any:
    kind = _kind(listed)
    return kind if isinstance(kind, Kind) else listed["value"]


def _extended(listed: dict[str, Any]) -> Any:
    """A value that JSON has no form for, where this object is one."""
    match listed:
        case {"$timestamp": microseconds}:
            return _time(microseconds)
        case {"$bytes": digits}:
            return bytes.fromhex(digits)
        case {"$float": name}:
            return float(name)
        case _:
            return listed


def _value(value: Any) -> tuple[str, str]:
    match value:
        case None:
            words = "null", "-"
        case Kind():
            words = _word(value), "-"
        case bool():
            words = "bool", str(int(value))
        case int():
            words = "int", _bits(value)
        case float():
            words = "float", str(struct.unpack("<Q", struct.pack("<d", value))[0])
        case str():
            words = "string", _text(value)
        case bytes():
            words = "bytes", value.hex()
        case datetime():
            words = "timestamp", _bits(_microseconds(value))
        case _:
            raise TypeError(value)
    return words
