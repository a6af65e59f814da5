"""Runs the C or the Python examples of README.md, just as they are printed there.

Usage: readme_examples.py c|python

Every fenced block of the language has to be a whole program that exits with 0 and prints the
document, as JSON. The Rust examples are doctests of the crate in examples/rust.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ROOT / "target" / "release"
EXPECTED = '{"notes":"Buy milk","user":{"profile":{"avatar":"cat.png"}}}\n'


def c_command(block: str, folder: Path) -> list[str]:
    """Compiles the program as C99 and as strictly as the header promises."""
    source, program = folder / "example.c", folder / "example"
    source.write_text(block)
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", f"-I{ROOT / 'include'}"]
    link = [f"-L{LIBRARIES}", "-lsync", f"-Wl,-rpath,{LIBRARIES}"]
    compiler = os.environ.get("CC", "gcc")
    subprocess.run([compiler, *flags, "-o", str(program), str(source), *link], check=True)
    return [str(program)]


def python_command(block: str, folder: Path) -> list[str]:
    """The program for the interpreter that runs this, which has libsync installed."""
    source = folder / "example.py"
    source.write_text(block)
    return [sys.executable, str(source)]


COMMANDS = {"c": c_command, "python": python_command}


def main() -> None:
    """Runs all blocks of the language."""
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    language = sys.argv[1]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    for block in blocks:
        with tempfile.TemporaryDirectory() as folder:
            command = COMMANDS[language](block, Path(folder))
            printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        if printed != EXPECTED:
            sys.exit(f"an example in {language} printed {printed!r}, not {EXPECTED!r}")
    print(f"{len(blocks)} passed, 0 failed")


if __name__ == "__main__":
    main()
