"""Hosts in Python and in C replay recorded runs of the simulation, written in Rust.

They make the same edits, and give the same frames, byte for byte, and show the same documents.
README.md says what a recorded run has.
"""

import json
import os
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import libsync

ROOT = Path(__file__).parents[2]
PROGRAMS = ["interleaved", "partition", "hostile_network", "pruning"]
SEEDS = range(5)

Step = dict[str, Any]


@pytest.fixture(scope="session")
def simulate() -> Path:
    """The program that records runs."""
    command = ["cargo", "build", "--quiet", "--locked", "--package", "libsync-simulation"]
    subprocess.run([*command, "--bin", "simulate"], check=True, cwd=ROOT)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/simulate"


@pytest.fixture(scope="session")
def replay_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The replayer in C, against the static library that was built."""
    directory = Path(os.environ.get("LIBSYNC_LIB_DIR", ROOT / "target/release")).resolve()
    if not (directory / "libsync.a").exists():
        pytest.fail(f"{directory} has no libsync.a: `cargo build --release -p libsync-ffi`")
    program = tmp_path_factory.mktemp("c") / "replay"
    command: list[str | Path] = [os.environ.get("CC", "cc"), "-std=c99", "-O1", "-g"]
    command += ["-Wall", "-Wextra", "-Werror", "-pedantic", "-I", ROOT / "include"]
    command += [Path(__file__).with_name("replay.c"), "-o", program, directory / "libsync.a"]
    subprocess.run([*command, "-lpthread", "-ldl", "-lm"], check=True)
    return program


def record(simulate: Path, program: str, seed: int, file: Path) -> Path:
    """Records a run; as the file's suffix says, in lines of JSON or in words."""
    command: list[str | Path] = [simulate, "--program", program, "--record", str(seed), file]
    subprocess.run(command, check=True)
    return file


def lines_of(run: Path) -> list[str]:
    """The lines of a recorded run; splitlines would part them at other characters, too."""
    return run.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def value(written: Any) -> Any:
    """The value that a recorded one stands for."""
    match written:
        case {"$float": str(bits)}:
            return struct.unpack(">d", bytes.fromhex(bits))[0]
        case {"$bytes": str(digits)}:
            return bytes.fromhex(digits)
        case {"$timestamp": int(microseconds)}:
            return time(microseconds)
        case other:
            return other


def time(microseconds: int | None) -> libsync.Timestamp | None:
    """The moment, which `datetime` may have no name for."""
    return None if microseconds is None else libsync.Timestamp(microseconds)


def kind(name: str) -> libsync.Kind:
    """The kind of that name."""
    return libsync.Kind(name.replace("grow-only-", "grow-only "))


UNITS = {
    "scalar": len,
    "utf8": lambda text: len(text.encode()),
    "utf16": lambda text: len(text.encode("utf-16-le")) // 2,
}


def scalars(text: str, unit: str, position: int) -> int | None:
    """How many characters are before a position; None if it is within one."""
    measure: Callable[[str], int] = UNITS[unit]
    return next((i for i in range(len(text) + 1) if measure(text[:i]) == position), None)


def edit_text(replica: libsync.Replica, step: Step) -> None:
    """Edits a text: counts in characters, as Python does, whatever the run counted in."""
    path, unit, position = step["path"], step["unit"], step["position"]
    try:
        text = replica.text(path)
    except libsync.LibsyncError:
        # None is there yet, or something else: the edit itself tells.
        text = ""
    beyond = len(text) + 1
    start = scalars(text, unit, position)
    if step["step"] == "insert_text":
        replica.insert(path, beyond if start is None else start, step["text"])
        return
    end = scalars(text, unit, position + step["len"])
    if start is None or end is None:
        # What is within a character can't be said in Python; beyond the end is as wrong.
        start, end = 0, beyond
    replica.delete(path, start, end - start)


def insert_items(replica: libsync.Replica, step: Step) -> None:
    """Inserts values and containers."""
    contents = step["contents"]
    items = [kind(c["kind"]) if "kind" in c else value(c["value"]) for c in contents]
    replica.insert_items(step["path"], step["index"], items)


EDITS: dict[str, Callable[[libsync.Replica, Step], bool | None]] = {
    "set": lambda replica, step: replica.set(step["path"], value(step["value"])),
    "create": lambda replica, step: replica.create(step["path"], kind(step["kind"])),
    "remove": lambda replica, step: replica.remove(step["path"]),
    "remove_wins": lambda replica, step: replica.remove_wins(step["path"]),
    "insert_text": edit_text,
    "delete_text": edit_text,
    "insert_items": insert_items,
    "delete_items": lambda replica, step: replica.delete_items(
        step["path"], step["index"], step["len"]
    ),
    "move_item": lambda replica, step: replica.move_item(step["path"], step["from"], step["to"]),
    "increment": lambda replica, step: replica.increment(step["path"], step["delta"]),
    "add": lambda replica, step: replica.add(step["path"], value(step["value"])),
    "discard": lambda replica, step: replica.discard(step["path"], value(step["value"])),
}


def edit(replica: libsync.Replica, step: Step) -> None:
    """Makes an edit, which has to end as it is recorded."""
    make = EDITS[step["step"]]
    if step["result"] == "refused":
        with pytest.raises(libsync.LibsyncError):
            make(replica, step)
        return
    said = {"ok": None, "true": True, "false": False}[step["result"]]
    assert make(replica, step) is said


def export(replica: libsync.Replica, step: Step) -> None:
    """Exports changes: a frame, byte for byte, or none if they have been pruned."""
    since = bytes.fromhex(step["since"])
    if step["frame"] is None:
        with pytest.raises(libsync.BelowPruneFloorError):
            replica.export(since)
    else:
        assert replica.export(since).hex() == step["frame"]


def apply(replica: libsync.Replica, step: Step) -> None:
    """Applies changes, and compares what is reported."""
    applied = replica.apply(bytes.fromhex(step["frame"]))
    counts = (applied.changes, applied.duplicates, applied.held)
    assert counts == (step["changes"], step["duplicates"], step["held"])


def acknowledge(replica: libsync.Replica, step: Step) -> None:
    """Acknowledges: a frame, byte for byte."""
    assert replica.acknowledge().hex() == step["frame"]


def commit(replica: libsync.Replica, step: Step) -> None:
    """Commits a transaction."""
    said = {"message": step["message"], "origin": step["origin"], "time": time(step["time"])}
    assert (replica.commit(**said) is not None) == step["edited"]


def show(replica: libsync.Replica, step: Step) -> None:
    """Compares what is shown."""
    assert replica.to_json() == step["json"]


CALLS: dict[str, Callable[[libsync.Replica, Step], object]] = {
    **dict.fromkeys(EDITS, edit),
    "join": lambda replica, step: replica.join(int(step["member"], 16)),
    "begin": lambda replica, _: replica.begin(),
    "abort": lambda replica, _: replica.abort(),
    "commit": commit,
    "set_time": lambda replica, step: replica.set_time(time(step["time"])),
    "export": export,
    "apply": apply,
    "acknowledge": acknowledge,
    "apply_acknowledgement": lambda replica, step: replica.apply_acknowledgement(
        bytes.fromhex(step["frame"])
    ),
    "prune": lambda replica, _: replica.prune(),
    "json": show,
    "note": lambda _, __: None,
}


class Hosts:
    """The replicas of a run, and what of each is on its disk."""

    def __init__(self, document: bytes) -> None:
        self.document = document
        self.replicas: dict[int, libsync.Replica] = {}
        self.disks: dict[int, bytes] = {}

    def do(self, step: Step) -> None:
        """Does one step."""
        host = step["replica"]
        match step["step"]:
            case "new":
                self.replicas[host] = libsync.Replica(self.document, int(step["id"], 16))
                self.disks[host] = self.replicas[host].save()
            case "load":
                saved = self.disks[step["from"]]
                self.replicas[host] = libsync.Replica.load(saved, int(step["id"], 16))
            case "save":
                self.disks[host] = self.replicas[host].save()
            case "restart":
                identity = self.replicas[host].id
                self.replicas[host] = libsync.Replica.load(self.disks[host], identity)
            case name:
                CALLS[name](self.replicas[host], step)


def replay(lines: list[str]) -> int:
    """Replays a run; gives how many of its steps were done."""
    header, *steps = [json.loads(line) for line in lines]
    assert header["libsync-simulation"] == 1
    hosts = Hosts(bytes.fromhex(header["document"]))
    for number, step in enumerate(steps, 2):
        try:
            hosts.do(step)
        except BaseException as error:
            error.add_note(f"in line {number}: {step}")
            raise
    return len(steps)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("seed", SEEDS)
def test_python_replays(simulate: Path, tmp_path: Path, program: str, seed: int) -> None:
    run = record(simulate, program, seed, tmp_path / "run.jsonl")
    assert replay(lines_of(run)) > 100


@pytest.mark.parametrize("program", PROGRAMS)
def test_c_replays(simulate: Path, replay_program: Path, tmp_path: Path, program: str) -> None:
    runs = [record(simulate, program, seed, tmp_path / f"{seed}.txt") for seed in SEEDS]
    done = subprocess.run([replay_program, *runs], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{len(SEEDS)} passed, 0 failed\n"


def test_a_replayer_finds_what_differs(simulate: Path, tmp_path: Path) -> None:
    lines = lines_of(record(simulate, "interleaved", 0, tmp_path / "run.jsonl"))
    last_export = max(i for i, line in enumerate(lines) if '"step":"export"' in line)
    step = json.loads(lines[last_export])
    step["frame"] = step["frame"][:-2] + "00"
    lines[last_export] = json.dumps(step)
    with pytest.raises(AssertionError):
        replay(lines)
