#!/usr/bin/env python3
"""Adds up what gcov says of a build: tools/coverage.py BUILD_DIR [--missing]

A line a room, "ROOM: REACHED of ALL lines, PERCENT"; with --missing each file's lines that were not reached.
"""
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["core", "stack/wire", "stack", "lan", "config", "switchd"]
# The rooms of which the bar speaks; their parts count with them.
TOGETHER = {"stack": ["stack", "stack/wire"], "lan": ["lan"], "stack and lan": ["stack", "stack/wire", "lan"]}


def counts(build):
    """{file: {line: how often}} of the rooms' own files."""
    seen = {}
    for data in sorted(build.rglob("*.gcda")):
        done = subprocess.run(["gcov", "--json-format", "--stdout", data.name], cwd=data.parent, capture_output=True, check=False)
        for text in done.stdout.decode().splitlines():
            for file in json.loads(text)["files"]:
                path = Path(file["file"])
                path = path.relative_to(ROOT) if path.is_absolute() and path.is_relative_to(ROOT) else path
                if path.parent.as_posix() in ROOMS:
                    lines = seen.setdefault(path, {})
                    for line in file["lines"]:
                        number = line["line_number"]
                        lines[number] = lines.get(number, 0) + line["count"]
    return seen


def ranges(numbers):
    """[3, 4, 5, 9] as "3-5 9"."""
    rows = []
    for number in numbers:
        if rows and number == rows[-1][1] + 1:
            rows[-1][1] = number
        else:
            rows.append([number, number])
    return " ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in rows)


def main(build, missing):
    seen = counts(build)
    if not seen:
        sys.exit("nothing was counted")

    def tell(name, rooms):
        lines = [n for path, rows in seen.items() if path.parent.as_posix() in rooms for n in rows.values()]
        if lines:
            reached = sum(n > 0 for n in lines)
            print(f"{name}: {reached} of {len(lines)} lines, {100 * reached / len(lines):.1f} %")

    for room in ROOMS:
        if room not in TOGETHER and not room.startswith("stack/"):
            tell(room, [room])
    for name, rooms in TOGETHER.items():
        tell(name, rooms)
    if missing:
        for path, rows in sorted(seen.items()):
            out = sorted(number for number, n in rows.items() if n == 0)
            if out:
                print(f"  {path}: {ranges(out)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), "--missing" in sys.argv[2:])
