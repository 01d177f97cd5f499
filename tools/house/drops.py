#!/usr/bin/env python3
"""Every drop reason has its row in docs/drops.md: what it means and what to do; and no row is left over from one that is gone. And every
one has a unit test that makes it and asserts how often it was counted:

    ck_assert_uint_eq(lab_dropped(&lab, SW_DROP_TCP_PAWS), 1);          a counter, and not that it is 0
    drops(bytes, n, SW_DROP_IP_VERSION);                                a function of the test that takes a reason and asserts
    static const struct spoilt spoilt[] = {{..., SW_DROP_ARP_OPCODE}};  a table that such an assertion goes through
    return sw_test_dropped(c, SW_DROP_CODEL);                           a function of the test that an assertion calls
"""
import re
from tree import arguments, verdict

REASON = re.compile(r'^\s*X\((\w+), "([^"]*)"\)', re.M)
ROW = re.compile(r"^\| `([a-z0-9-]+)` \|(.*)$")
COUNTER = re.compile(r"dropped|unsent")
# What a port counts, under a name of its own.
OF_PORTS = {"NO_CABLE": "no_cable", "PORT_WRITE": "not_written"}
HELPER = re.compile(r"^(?:static )?[a-z][\w *]*?\b(\w+)\([^;{}]*\benum sw_drop \w+[^;{}]*\)\s*\{(.*?)^\}", re.M | re.S)
FUNCTION = re.compile(r"^(?:static )?[a-z][\w *]*?\b(\w+)\([^;{}]*\)\s*\{(.*?)^\}", re.M | re.S)
USE = re.compile(r"\bSW_DROP_(\w+)")
NEVER = re.compile(r",\s*0\s*\)$")


def statement(text, start, end):
    """The statement around a place, without its semicolon."""
    begin = max(text.rfind(mark, 0, start) for mark in (";", "{\n", "}\n"))
    return text[begin + 1:text.find(";", end)]


def asserting(text):
    """The functions of a test that take a reason and assert it, or hand it to one that does."""
    helpers = {name: body for name, body in HELPER.findall(text)}
    found = {name for name, body in helpers.items() if "ck_assert" in body and COUNTER.search(body)}
    for _ in helpers:
        found |= {name for name, body in helpers.items() if any(re.search(rf"\b{other}\(", body) for other in found)}
    return found


def asserted(text):
    """The reasons whose counters a test asserts."""
    calls = "|".join(sorted(asserting(text))) or "(?!)"
    table_read = re.search(rf"(?:ck_assert[^;]*(?:dropped|unsent)|\b(?:{calls})\()[^;]*(?:\.|->|\[\w+\])\s*\w*[^;]*;", text)
    for use in USE.finditer(text):
        said = statement(text, use.start(), use.end())
        if "ck_assert" in said and COUNTER.search(said) and not NEVER.search(said):
            yield use.group(1)
        elif re.search(rf"\b(?:{calls})\(", said):
            yield use.group(1)
        elif table_read and said.lstrip().startswith(("{", "static const")):
            yield use.group(1)
    for name, body in FUNCTION.findall(text):
        if COUNTER.search(body) and "return" in body and re.search(rf"ck_assert[^;]*\b{name}\(", text):
            yield from USE.findall(body)
    for reason, counter in OF_PORTS.items():
        if any(not NEVER.search(line) for line in re.findall(rf"ck_assert\w*\([^;]*\b{counter}\b[^;]*(?=;)", text)):
            yield reason


def untested(root, reasons):
    tested = set()
    for path in sorted((root / "tests/unit").glob("*.c")):
        if path.name != "test_drop.c":
            tested |= set(asserted(path.read_text(encoding="utf-8")))
    return [text for text in reasons if text.upper().replace("-", "_") not in tested]


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
    faults += [f"core/drop.h: no unit test makes {reason} and asserts its counter" for reason in untested(root, reasons)]
    verdict(faults)


main()
