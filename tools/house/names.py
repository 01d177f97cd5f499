#!/usr/bin/env python3
"""The names that the documents speak of exist: each `sw_...`, each `room/file.c`, each struct in the prose, and each function where
a page says it is: `function` (`room/file.c`)."""
import re
from tree import arguments, sources, verdict

CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
NAME = re.compile(r"\b(sw_\w+)\b(?!\*)")
FILE = re.compile(r"\b((?:core|stack|stack/wire|lan|config|switchd|tests|tools|examples)/[\w./-]+\.(?:c|h|py|sh|yaml))\b")

PLACE = re.compile(r"`(\w+)` \(`([\w./-]+\.[ch])`\)")


def main():
    root, _ = arguments()
    known = set()
    for path in sources(root):
        known.update(re.findall(r"\bsw_\w+", (root / path).read_text()))
    faults = []
    pages = sorted((root / "docs").glob("**/*.md")) + [p for p in [root / "README.md"] if p.exists()]
    for page in pages:
        text = page.read_text()
        for function, file in PLACE.findall(text):
            at = root / file
            if at.exists() and not re.search(rf"^[a-z].*\b{function}\(", at.read_text(), re.M):
                faults.append(f"{page.relative_to(root)}: {function} is not in {file}")
        spoken = CODE.findall(FENCE.sub("", text)) + FENCE.findall(text)
        for piece in spoken:
            for name in NAME.findall(piece):
                if name not in known and name not in ("sw_", "sw_x") and not name.endswith("_"):
                    faults.append(f"{page.relative_to(root)}: {name} does not exist")
            for file in FILE.findall(piece):
                if not (root / file).exists():
                    faults.append(f"{page.relative_to(root)}: {file} does not exist")
    verdict(sorted(set(faults)))


main()
