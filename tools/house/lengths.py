#!/usr/bin/env python3
"""No function over 70 lines, no line over 100 columns, no file over 1000 lines (a remark from 700 on)."""
import re
from tree import arguments, sources, verdict

FUNCTION_LINES, LINE_COLUMNS, FILE_LINES, FILE_REMARK = 70, 100, 1000, 700


def functions(lines):
    """(name, first line, length), the signature counted; a body's braces stand in the first column, as in all our files."""
    start = opened = None
    for number, line in enumerate(lines, 1):
        if opened is None:
            if line.startswith("{"):
                opened = number
            elif not line.strip() or line[0] in "#}/ \t*" and start is None or re.search(r"(;|\*/)\s*$", line):
                start = None
            elif start is None:
                start = number
        elif line.startswith("}"):
            first = start or opened
            text = " ".join(lines[first - 1:opened])
            name = re.search(r"(\w+)\s*\(", text)
            yield name.group(1) if name else "?", first, number - first + 1
            start = opened = None


def main():
    root, _ = arguments()
    faults = []
    for path in sources(root):
        lines = (root / path).read_text().splitlines()
        for number, line in enumerate(lines, 1):
            if len(line.expandtabs(8)) > LINE_COLUMNS:
                faults.append(f"{path}:{number}: {len(line)} columns")
        for name, first, length in functions(lines):
            if length > FUNCTION_LINES:
                faults.append(f"{path}:{first}: {name} has {length} lines")
        if len(lines) > FILE_LINES:
            faults.append(f"{path}: {len(lines)} lines")
        elif len(lines) > FILE_REMARK:
            print(f"remark: {path} has {len(lines)} lines; should it be two?")
    verdict(faults)


main()
