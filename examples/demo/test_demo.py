"""The demo divides any history so that both parts together are the writer's text, and passes."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from network import Link
from plan import Edit, Patch, Trace, plan, shorten

HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[1] / "target"


def random_history(seed: int, edits: int) -> Trace:
    """Someone who types, jumps about, deletes and pastes."""
    chance = random.Random(seed)
    text: list[str] = []
    patches = []
    position = 0
    for _ in range(edits):
        if chance.random() < 0.05:
            position = chance.randint(0, len(text))
        deleted = min(chance.choice([0, 0, 0, 1, 1, 5]), len(text) - position)
        inserted = "".join(chance.choices("ab\u00e9\U0001f600", k=chance.choice([0, 1, 1, 1, 4])))
        patches.append(Patch(position, deleted, inserted))
        text[position : position + deleted] = inserted
        position += len(inserted)
    return Trace(patches, "".join(text))


def make(text: list[str], edits: list[Edit]) -> None:
    """Makes the edits as a replica does that sees `text`."""
    for edit in edits:
        position = edit.offset if edit.anchor == "start" else len(text) - edit.offset
        text[position : position + edit.deleted] = edit.inserted


@pytest.mark.parametrize("seed", range(20))
def test_both_parts_in_any_order_are_the_writers_text(seed: int) -> None:
    chance = random.Random(seed)
    trace = random_history(seed, 3_000)
    text: list[str] = []
    divided = 0
    for window in plan(trace):
        before, behind = list(window.before), list(window.behind)
        divided += min(len(before), len(behind))
        while before or behind:
            part = chance.choice([part for part in (before, behind) if part])
            make(text, [part.pop(0)])
    assert "".join(text) == trace.end_content
    assert divided > 0


def test_a_shorter_history_is_a_beginning_of_the_whole() -> None:
    trace = random_history(seed=1, edits=500)
    assert shorten(trace, 500) == trace
    assert shorten(trace, 100).patches == trace.patches[:100]
    assert shorten(shorten(trace, 300), 100) == shorten(trace, 100)


def test_the_network_loses_nothing() -> None:
    link = Link(random.Random(7))
    sent = [number.to_bytes(2) for number in range(5_000)]
    arrived = []
    for start in range(0, len(sent), 500):
        link.send(sent[start : start + 500])
        arrived += link.deliver()
    assert set(arrived) != set(sent), "some are delayed"
    arrived += link.deliver_all()
    assert set(arrived) == set(sent)
    assert len(arrived) > len(sent), "some come twice"
    assert arrived != sorted(arrived), "some overtake others"
    assert link.bytes == 2 * len(arrived)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_demo_passes(seed: int) -> None:
    """On a tenth of the history; `make demo` takes all of it."""
    command = [sys.executable, str(HERE / "demo.py"), "--edits", "26000", "--seed", str(seed)]
    command += ["--trace", str(TARGET / "traces" / "automerge-paper.json.gz")]
    command += ["--typist", str(TARGET / "demo" / "typist")]
    demo = subprocess.run(command, check=False, capture_output=True, text=True)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "PASS" in demo.stdout
