"""Adds up what the steps of a test run recorded, and prints what passed, in which language."""

import json
import sys
from pathlib import Path

RECORDS = Path(__file__).resolve().parents[1] / "target" / "tests"


def main() -> None:
    """Prints the sum of all steps, then the counts of each language."""
    in_order = sorted(RECORDS.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    records = [json.loads(path.read_text()) for path in in_order]
    if not records:
        sys.exit("no step has recorded anything")
    passed: dict[str, int] = {}
    for record in records:
        passed[record["language"]] = passed.get(record["language"], 0) + record["passed"]
    skipped = sum(record["skipped"] for record in records)

    print(f"{sum(passed.values())} passed, 0 failed")
    languages = ", ".join(f"{language}: {count} passed" for language, count in passed.items())
    print(languages + (f" ({skipped} skipped)" if skipped else ""))


if __name__ == "__main__":
    main()
