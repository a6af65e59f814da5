"""What the documentation says is true, and all is documented."""

import doctest
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import libsync
import libsync.errors
import libsync.reports
import libsync.values

ROOT = Path(__file__).parents[3]


def test_examples_in_docstrings_work() -> None:
    outcome = doctest.testmod(libsync)
    assert outcome.failed == 0
    assert outcome.attempted > 80


@pytest.mark.parametrize("page", ["bindings/python/README.md", "docs/streams.md"])
def test_the_example_of_a_page_works(page: str) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    subprocess.run([sys.executable, "-c", example], check=True)


@pytest.mark.parametrize("name", ["two_replicas.py", "shared_board.py", "pruning.py"])
def test_the_example_programs_converge(name: str) -> None:
    program = ROOT / "examples/python" / name
    run = subprocess.run([sys.executable, program], check=True, capture_output=True, text=True)
    assert "The replicas show the same" in run.stdout
    assert run.stderr == ""


@pytest.mark.parametrize("name", libsync.__all__)
def test_all_that_is_public_is_documented(name: str) -> None:
    public = getattr(libsync, name)
    assert inspect.getdoc(public)
    if inspect.isclass(public) and not issubclass(public, BaseException):
        for member, value in vars(public).items():
            if not member.startswith("_") and (
                callable(value) or inspect.isgetsetdescriptor(value)
            ):
                assert inspect.getdoc(value), f"{name}.{member}"


def test_the_package_exports_what_its_modules_do() -> None:
    assert set(libsync.__all__) == {
        *libsync.errors.__all__,
        *libsync.reports.__all__,
        *libsync.values.__all__,
        "Receiver",
        "Replica",
        "Sender",
        "Transaction",
        "VersionVector",
        "replica_id",
    }
    assert (Path(libsync.__file__).parent / "py.typed").exists()
