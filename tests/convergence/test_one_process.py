"""The C library and the Python module live in one process."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("first", ["c", "python"])
def test_both_converge_in_one_process(library_dir: Path, first: str) -> None:
    program = Path(__file__).with_name("one_process.py")
    run = subprocess.run(
        [sys.executable, program, library_dir / "libsync.so", first],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "from C" in run.stdout
