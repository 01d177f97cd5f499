#!/usr/bin/env python3
"""docs/rfc.md from docs/rfc.tsv: what the RFCs and IEEE 802.1Q ask for, line by line, and the test that proves each.

docs/rfc.tsv has four columns, with a tab between them:
    ID          the document's number and section, "9293-3.10.7.4-d"
    asked for   what is required, in one short sentence
    where       the functions that do it, "stack/tcp_input::check_rst", with commas between several; "-": none
    proof       the tests that prove it, "tcp_input::a_rst_at_the_next_number_resets__rfc5961_3_2", with commas between several;
                "Departure: why it is done otherwise"; or "open: what is missing"
A line "= NAME", tab, title begins a list; "#" begins a remark.

    tools/rfc.py              writes docs/rfc.md
    tools/rfc.py --counts     prints what is proved, a list a line, of all RFCs, and of all
"""
import sys
from pathlib import Path

SOURCE, PAGE = "docs/rfc.tsv", "docs/rfc.md"

HEAD = """\
# What the standards ask for, and what proves it

This page is written by `tools/rfc.py` from `docs/rfc.tsv`; edit that one. Each line is a requirement in our own words: the ID begins with the
document's number and section, then come the place that does it and the test that would fail if it did not. `make conformance` prints the
counts, and the check *rfc* of `make check` holds that every function and test named here exists and that no test stands for more
than three lines.

A line is *proved* by a test, or it says *Departure* and why we do otherwise, or *open* and what is missing. A count is of lines proved,
of those that are no departures: what is left over is open.

"""
TAIL = """\
## Not built

What no line above speaks of because nothing of it is there:

- **DHCP** (RFC 2131, 2132): addresses, routes and gateways come from the LAN file.
"""


class Line:
    def __init__(self, number, fields):
        self.number, (self.id, self.asked, self.where, self.proof) = number, fields
        self.departure = self.proof.startswith("Departure:")
        self.open = self.proof.startswith("open:")
        self.proved = not (self.departure or self.open)
        self.functions = [] if self.where == "-" else self.where.split(", ")
        self.tests = self.proof.split(", ") if self.proved else []


def read(root):
    """The lists of the source, [(name, title, [Line])], and what is wrong with its form."""
    lists, faults = [], []
    for number, text in enumerate((root / SOURCE).read_text(encoding="utf-8").splitlines(), 1):
        fields = text.split("\t")
        if not text or text.startswith("#"):
            continue
        if text.startswith("= ") and len(fields) == 2:
            lists.append((fields[0][2:], fields[1], []))
        elif len(fields) == 4 and all(field.strip() == field != "" for field in fields) and lists:
            lists[-1][2].append(Line(number, fields))
        else:
            faults.append(f"{SOURCE}:{number}: not the four columns of a line, nor the two of a list")
    return lists, faults


def count(lines):
    departures = sum(line.departure for line in lines)
    return f"{sum(line.proved for line in lines)} of {len(lines) - departures} proved, {departures} departures"


def total(lists, begins):
    return count([line for name, _, lines in lists if name.startswith(begins) for line in lines])


def counts(lists):
    return [f"{name}: {count(lines)}" for name, _, lines in lists] + [f"RFCs: {total(lists, 'RFC ')}", f"All: {total(lists, '')}"]


def cell(text):
    return text.replace("|", "\\|")


def where(line):
    """The file is named once, in front of its functions."""
    places = {}
    for function in line.functions:
        file, _, name = function.rpartition("::")
        places.setdefault(file if file.endswith(".h") else f"{file}.c", []).append(f"`{name}`")
    return "<br>".join(f"`{file}`: {', '.join(names)}" for file, names in places.items())


def proof(line):
    if not line.proved:
        kind, _, why = line.proof.partition(":")
        return f"*{kind}:*{cell(why)}"
    return "<br>".join("`{}`: `{}`".format(*test.split("::", 1)) for test in line.tests if "::" in test)


def page(lists):
    text = HEAD + "".join(f"- {line}\n" for line in counts(lists))
    for name, title, lines in lists:
        text += f"\n## {name}\n\n{title}\n\n{count(lines)}.\n\n| ID | asked for | where | proof |\n| --- | --- | --- | --- |\n"
        text += "".join(f"| {line.id} | {cell(line.asked)} | {where(line)} | {proof(line)} |\n" for line in lines)
    return f"{text}\n{TAIL}"


def main():
    root = Path(__file__).resolve().parent.parent
    lists, faults = read(root)
    if faults:
        sys.exit("\n".join(faults))
    if "--counts" in sys.argv[1:]:
        print("\n".join(counts(lists)))
    else:
        (root / PAGE).write_text(page(lists), encoding="utf-8")


if __name__ == "__main__":
    main()
