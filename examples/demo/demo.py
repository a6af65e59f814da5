"""The main job on real input: a paper, as it was typed, by two programs at the same time.

A real writing history is divided between a C program and this one; each has its own replica.
They type at the same time, without seeing what the other types, and exchange CBOR frames that
arrive late, twice and in any order; twice the network is cut for long. Both end with the very
text that the writer had. Then they tell each other what they have seen, and prune.

Usage: demo.py --trace FILE --typist PROGRAM [--edits N] [--seed N]
"""

import argparse
import hashlib
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from network import Link
from plan import Edit, Trace, Window, plan, read_trace, shorten
from report import Side, print_table
from typists import CTypist, Pruned, PythonTypist

DOCUMENT = b"libsync-demo-doc"
"""Drawn once when a document is born; here written down, so that runs can be compared."""
ROUNDS = 4
"""How often the network delivers while a window is typed."""
FEWEST_EDITS = 1_000
"""Less gives no partition worth the name."""


class BrokenPromiseError(Exception):
    """What the demo promises did not come true."""


class Demo:
    """Two replicas and the network between them."""

    def __init__(self, c: CTypist, python: PythonTypist, seed: int) -> None:
        """Two replicas that know nothing yet."""
        self.c = c
        self.python = python
        self.to_c = Link(random.Random(seed))
        self.to_python = Link(random.Random(seed + 1))
        self.typed = Counter[str]()
        self.held = Counter[str]()
        self.concurrent = 0

    def run(self, trace: Trace) -> None:
        """Types the whole history, and reports on the way."""
        # The replica that starts the document makes the other a member before handing it over.
        self.to_c.send([self.python.join("C")])
        self._pass(self.to_python.deliver_all(), self.to_c.deliver_all())
        started = time.monotonic()
        shown = 0
        for number, window in enumerate(plan(trace)):
            if window.partition:
                edits = len(window.before) + len(window.behind)
                print(f"        the network is cut for the next {edits:,} edits", flush=True)
            self._work(number, window)
            done = self.typed.total() * 10 // len(trace.patches)
            if done > shown:
                shown = done
                seconds = time.monotonic() - started
                print(
                    f"  {done * 10:3d} %  {self.typed['C']:>9,} edits by C, "
                    f"{self.typed['Python']:>9,} by Python, {seconds:5.1f} s",
                    flush=True,
                )

    def _work(self, number: int, window: Window) -> None:
        """Both type their part; then all of it arrives."""
        by_c, by_python = self._assign(window)
        self.concurrent += 2 * min(len(by_c), len(by_python))
        rounds = 1 if window.partition else ROUNDS
        for c_edits, python_edits in zip(
            chunks(by_c, rounds), chunks(by_python, rounds), strict=True
        ):
            self.c.start_typing(c_edits)
            self.to_c.send(self.python.type(python_edits))
            self.to_python.send(self.c.finish_typing())
            if not window.partition:
                self._pass(self.to_python.deliver(), self.to_c.deliver())
        # Fields of one map, one each and one of both, assigned without seeing the other's.
        self.to_python.send([self.c.set("meta.done_by.C", f"window {number}")])
        self.to_python.send([self.c.set("meta.last", f"C, window {number}")])
        self.to_c.send([self.python.set("meta.done_by.Python", f"window {number}")])
        self.to_c.send([self.python.set("meta.last", f"Python, window {number}")])
        self._pass(self.to_python.deliver_all(), self.to_c.deliver_all())

    def _assign(self, window: Window) -> tuple[Sequence[Edit], Sequence[Edit]]:
        """The larger part goes to whoever has typed less."""
        smaller, larger = sorted((window.before, window.behind), key=len)
        if self.typed["C"] <= self.typed["Python"]:
            by_c, by_python = larger, smaller
        else:
            by_c, by_python = smaller, larger
        self.typed["C"] += len(by_c)
        self.typed["Python"] += len(by_python)
        return by_c, by_python

    def _pass(self, to_python: list[bytes], to_c: list[bytes]) -> None:
        self.c.start_applying(to_c)
        self.held["Python"] += self.python.apply(to_python)
        self.held["C"] += self.c.finish_applying()

    def acknowledge(self) -> None:
        """Both learn that all has been seen by all.

        Two rounds: the first says what each has seen, the second that each knows the other has.
        """
        for _ in range(2):
            from_c, from_python = self.c.acknowledge(), self.python.acknowledge()
            self.c.apply_acknowledgement(from_python)
            self.python.apply_acknowledgement(from_c)


def chunks(edits: Sequence[Edit], count: int) -> Iterator[Sequence[Edit]]:
    """`count` parts of about the same length."""
    bounds = [len(edits) * part // count for part in range(count + 1)]
    return (edits[bounds[part] : bounds[part + 1]] for part in range(count))


def sha256(text: str) -> str:
    """Of the text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def expect(what: str, *, holds: bool) -> None:
    """Ends the demo where a promise does not hold."""
    if not holds:
        raise BrokenPromiseError(what)


def check_agreement(demo: Demo, trace: Trace) -> dict[str, str]:
    """Both replicas show the writer's text and one JSON; returns their hashes."""
    hashes = {}
    for name, typist in (("C", demo.c), ("Python", demo.python)):
        text = typist.text()
        expect(f"the replica in {name} shows another text", holds=text == trace.end_content)
        hashes[name] = sha256(text)
    expect("the replicas show different JSON", holds=demo.c.to_json() == demo.python.to_json())
    last = demo.python.replica.conflicts("meta.last")
    expect("of two concurrent values of one field, one is lost", holds=len(last) == 2)
    return hashes


def check_pruned(side: Side, pruned: Pruned) -> None:
    """Nothing holds pruning back, and what is left is within the bound."""
    expect(f"{side.name}: something holds pruning back", holds=pruned.held_back_by == 0)
    nodes, tombstones = side.after.nodes, side.after.tombstones
    live = nodes - tombstones
    expect(f"{side.name}: {tombstones} tombstones, {live} live nodes", holds=nodes < 2 * live)
    expect(f"{side.name}: the log is not empty", holds=side.after.changes == 0)
    expect(
        f"{side.name}: the report of pruning is not what is gone",
        holds=pruned.nodes == side.before.nodes - nodes
        and pruned.changes == side.before.changes - side.after.changes
        and pruned.bytes == side.before.total_bytes - side.after.total_bytes,
    )


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description="Replays a writing history in C and Python.")
    parser.add_argument("--trace", type=Path, required=True, help="gzipped JSON")
    parser.add_argument("--typist", type=Path, required=True, help="the C program")
    parser.add_argument("--edits", type=int, help="only so many edits of the trace")
    parser.add_argument("--seed", type=int, default=1, help="of the network's chance")
    parsed = parser.parse_args()
    if parsed.edits is not None and parsed.edits < FEWEST_EDITS:
        parser.error(f"--edits: at least {FEWEST_EDITS}")
    return parsed


def main() -> int:
    """Runs the demo; returns the exit status."""
    options = arguments()
    trace = read_trace(options.trace)
    if options.edits is not None:
        trace = shorten(trace, options.edits)
    print(f"  a paper of {len(trace.end_content):,} characters, {len(trace.patches):,} edits")

    started = time.monotonic()
    python = PythonTypist(DOCUMENT, "Python")
    with CTypist(options.typist, DOCUMENT, "C") as c:
        demo = Demo(c, python, options.seed)
        demo.run(trace)
        hashes = check_agreement(demo, trace)
        seconds = time.monotonic() - started
        demo.acknowledge()
        before = c.memory(), python.memory()
        pruned = c.prune(), python.prune()
        after = c.memory(), python.memory()
        check_agreement(demo, trace)
    links = demo.to_python, demo.to_c
    sides = [
        Side(name, demo.typed[name], sent, demo.held[name], was, now, hashes[name])
        for name, sent, was, now in zip(("C", "Python"), links, before, after, strict=True)
    ]
    for side, reclaimed in zip(sides, pruned, strict=True):
        check_pruned(side, reclaimed)
    print_table(sides, sha256(trace.end_content))
    share = 100 * demo.concurrent // len(trace.patches)
    print(f"\n  {seconds:.1f} s; {share} % of the edits were made while the other side edited too")
    print("  PASS: both texts are the writer's, the JSON is identical, the tombstones are pruned")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPromiseError as broken:
        sys.exit(f"\n  FAIL: {broken}")
