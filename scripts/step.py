"""Runs one step of the tests, and records how many tests passed.

Usage: step.py LANGUAGE TITLE FORM -- COMMAND...

FORM says how the command reports: `cargo` (a "test result:" line for each binary), `pytest`
(its last line) or `plain` (a line "N passed, M failed", of which the last counts).

The output goes to a log file. On the screen are the title, a sign of life every half minute, and
the count; the log's end where the command fails. A step that passes without having run a test
is a failure. `summary.py` adds the records up.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

RECORDS = Path(__file__).resolve().parents[1] / "target" / "tests"
SIGN_OF_LIFE_SECONDS = 30
SHOWN_OF_A_FAILURE = 300


class Count(NamedTuple):
    """How many tests passed, failed, and were left out."""

    passed: int
    failed: int
    skipped: int


def count_cargo(output: str) -> Count:
    """The sum over all test binaries."""
    line = r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored"
    results = re.findall(line, output, re.MULTILINE)
    passed, failed, ignored = (sum(int(result[i]) for result in results) for i in range(3))
    return Count(passed, failed, ignored)


def count_pytest(output: str) -> Count:
    """What the last line of pytest says."""
    lines = re.findall(r"^=*\s*(\d+ [a-z].* in [\d.]+s.*?)\s*=*$", output, re.MULTILINE)
    counts = re.findall(r"(\d+) (\w+)", lines[-1].split(" in ")[0]) if lines else []
    by_outcome = {outcome.rstrip("s"): int(count) for count, outcome in counts}
    left_out = sum(by_outcome.get(outcome, 0) for outcome in ("skipped", "xfailed", "deselected"))
    failed = sum(by_outcome.get(outcome, 0) for outcome in ("failed", "error", "xpassed"))
    return Count(by_outcome.get("passed", 0), failed, left_out)


def count_plain(output: str) -> Count:
    """What the last line "N passed, M failed" says."""
    lines = re.findall(r"^(\d+) passed, (\d+) failed$", output, re.MULTILINE)
    passed, failed = lines[-1] if lines else (0, 0)
    return Count(int(passed), int(failed), 0)


FORMS: dict[str, Callable[[str], Count]] = {
    "cargo": count_cargo,
    "pytest": count_pytest,
    "plain": count_plain,
}


def run(command: list[str], log: Path) -> int:
    """Runs the command with its output in `log`; returns its exit status."""
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        while True:
            try:
                return process.wait(SIGN_OF_LIFE_SECONDS)
            except subprocess.TimeoutExpired:
                lines = log.read_text(errors="replace").splitlines() or [""]
                seconds = time.monotonic() - started
                print(f"    still running ({seconds:.0f} s): {lines[-1].strip()[:80]}", flush=True)


def main() -> int:
    """Runs the step; returns the exit status."""
    language, title, form, separator, *command = sys.argv[1:]
    if separator != "--" or form not in FORMS or not command:
        sys.exit(__doc__)
    print(f"==> {language}: {title}", flush=True)
    RECORDS.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", f"{language} {title}").strip("-").lower()
    log, record = RECORDS / f"{name}.log", RECORDS / f"{name}.json"
    record.unlink(missing_ok=True)
    started = time.monotonic()
    status = run(command, log)
    seconds = time.monotonic() - started
    output = log.read_text(errors="replace")
    count = FORMS[form](output)

    if status != 0 or count.failed > 0 or count.passed == 0:
        print("\n".join(output.splitlines()[-SHOWN_OF_A_FAILURE:]))
        if status == 0 and count.passed == 0:
            print("the step ran no test")
        print(f"{language}: {title}: FAILED with status {status}; the whole log is {log}")
        print(f"{count.passed} passed, {max(count.failed, 1)} failed")
        return status or 1
    skipped = f", {count.skipped} skipped" if count.skipped else ""
    print(f"    {count.passed} passed{skipped} in {seconds:.0f} s", flush=True)
    record.write_text(json.dumps({"language": language, "title": title} | count._asdict()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
