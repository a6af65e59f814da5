"""Checks the minimum supported Rust version, which is the workspace's `rust-version`.

With that toolchain installed, it builds the whole workspace, tests and examples included: proof.
Without it (nothing is downloaded for this), what is left to check is that no package in the
lockfile asks for a later Rust; `make lint` adds clippy's `incompatible_msrv`, which knows since
when each item of the standard library is stable. Later syntax would pass both: so whoever
changes `rust-version` runs this with the toolchain.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def parse(version: str) -> tuple[int, ...]:
    """`1.88` and `1.88.0` are one version."""
    numbers = [int(part) for part in version.split(".")]
    return tuple(numbers + [0] * (3 - len(numbers)))


def installed(version: str) -> str | None:
    """The name of an installed toolchain of this version."""
    try:
        command = ["rustup", "toolchain", "list"]
        toolchains = subprocess.run(command, capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    names = [line.split()[0] for line in toolchains.stdout.splitlines() if line.strip()]
    return next((n for n in names if n.startswith((f"{version}-", f"{version}."))), None)


def main() -> None:
    """Checks, and says what was checked."""
    command = ["cargo", "metadata", "--quiet", "--locked", "--format-version", "1"]
    metadata = json.loads(
        subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    )
    members = set(metadata["workspace_members"])
    own = {p["rust_version"] for p in metadata["packages"] if p["id"] in members}
    if len(own) != 1 or None in own:
        sys.exit(f"the members state different minimum Rust versions: {own}")
    (msrv,) = own

    others = [p for p in metadata["packages"] if p["id"] not in members]
    stated = [(parse(p["rust_version"]), p) for p in others if p["rust_version"]]
    later = [p for version, p in stated if version > parse(msrv)]
    for package in later:
        print(f"{package['name']} {package['version']} needs Rust {package['rust_version']}")
    if later:
        sys.exit(f"rust-version says {msrv}: raise it, or keep these packages back")
    highest, package = max(stated, key=lambda pair: pair[0])
    print(
        f"Rust {msrv}: none of {len(stated)} packages asks for a later one; the most demanding is "
        f"{package['name']} {package['version']}, with {'.'.join(map(str, highest))} "
        f"({len(others) - len(stated)} packages state nothing)"
    )

    toolchain = installed(msrv)
    if toolchain is None:
        print(f"Rust {msrv} is not installed here: the workspace was not built with it")
        return
    build = ["cargo", f"+{toolchain}", "check", "--workspace", "--all-targets", "--locked"]
    subprocess.run([*build, "--target-dir", "target/msrv"], cwd=ROOT, check=True)
    print(f"the workspace builds with {toolchain}")


if __name__ == "__main__":
    main()
