#!/usr/bin/env python3
"""Every drop reason has its row in docs/drops.md: what it means and what to do; and no row is left over from one that is gone."""
import re
from tree import arguments, verdict

REASON = re.compile(r'^\s*X\((\w+), "([^"]*)"\)', re.M)
ROW = re.compile(r"^\| `([a-z0-9-]+)` \|(.*)$")


def main():
    root, _ = arguments()
    faults = []
    header = root / "core/drop.h"
    page = root / "docs/drops.md"
    reasons = []
    for name, text in REASON.findall(header.read_text()) if header.exists() else []:
        if text != name.lower().replace("_", "-"):
            faults.append(f'core/drop.h: SW_DROP_{name} is called "{text}"')
        if text in reasons:
            faults.append(f"core/drop.h: {text} is there twice")
        reasons.append(text)
    told = []
    for number, line in enumerate(page.read_text().splitlines() if page.exists() else [], 1):
        row = ROW.match(line)
        if not row:
            continue
        if row.group(1) in told:
            faults.append(f"docs/drops.md:{number}: {row.group(1)} is there twice")
        if row.group(1) not in reasons:
            faults.append(f"docs/drops.md:{number}: {row.group(1)} is no reason of core/drop.h")
        if len([cell for cell in row.group(2).rstrip("| ").split("|") if cell.strip()]) != 2:
            faults.append(f"docs/drops.md:{number}: {row.group(1)} lacks what it means or what to do")
        told.append(row.group(1))
    faults += [f"docs/drops.md: nothing of {reason}" for reason in reasons if reason not in told]
    verdict(faults)


main()
