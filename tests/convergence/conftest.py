"""The C program of these tests, compiled against the library that was built."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from c_replica import CReplica

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def library_dir() -> Path:
    """Where libsync.so is: LIBSYNC_LIB_DIR, or where cargo puts it."""
    directory = Path(os.environ.get("LIBSYNC_LIB_DIR", ROOT / "target/release")).resolve()
    if not (directory / "libsync.so").exists():
        pytest.fail(f"{directory} has no libsync.so: `cargo build --release -p libsync-ffi`")
    return directory


@pytest.fixture(scope="session")
def peer_program(library_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The replica in C, as a program."""
    program = tmp_path_factory.mktemp("c") / "peer"
    # The program asks for the library's SONAME, which need not exist beside it: it gets a link.
    dynamic = subprocess.run(
        ["readelf", "--dynamic", library_dir / "libsync.so"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    ).stdout
    (soname,) = [
        line.partition("[")[2].rstrip("]") for line in dynamic.splitlines() if "(SONAME)" in line
    ]
    (program.parent / soname).symlink_to(library_dir / "libsync.so")
    command: list[str | Path] = [os.environ.get("CC", "cc"), "-std=c11", "-O1", "-g"]
    command += ["-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    command += ["-I", ROOT / "include", "-o", program]
    command += sorted(Path(__file__).parent.glob("peer/*.c"))
    command += [library_dir / "libsync.so", f"-Wl,-rpath,{program.parent}"]
    subprocess.run(command, check=True)
    return program


@pytest.fixture
def c_replica(peer_program: Path) -> Iterator[Callable[[bytes, int], CReplica]]:
    """Starts replicas in C, and ends them after the test."""
    started = []

    def start(document: bytes, replica: int) -> CReplica:
        started.append(CReplica(peer_program, document, replica))
        return started[-1]

    yield start
    for replica in started:
        replica.close()
