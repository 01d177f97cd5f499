#!/usr/bin/env python3
"""docs/rfc.md is what tools/rfc.py makes of docs/rfc.tsv; each function and test that it names exists, the tests are run, no ID is there
twice, and no test stands for more than three of them."""
import re
import runpy
from collections import Counter
from functools import lru_cache
from pathlib import Path
from tree import arguments, verdict

IDS_OF_A_TEST = 3
ID = re.compile(r"(\d{3,4}|Q)-[\w.]+(-\w+)*$")
DEFINED = re.compile(r"^[a-z][^\n;={}()]*?\b(\w+)\([^;{}]*\)\s*\{", re.M)
TEST = re.compile(r"^START_TEST\((\w+)\)", re.M)
RUN = re.compile(r"\btcase_add\w*_test\w*\(\s*\w+,\s*(\w+)")


@lru_cache(maxsize=None)
def functions(path):
    return set(DEFINED.findall(path.read_text(encoding="utf-8"))) if path.is_file() else set()


@lru_cache(maxsize=None)
def tests(path):
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return set(TEST.findall(text)) & set(RUN.findall(text))


def line_faults(root, line):
    if not ID.match(line.id):
        yield f"{line.id} is no ID: a document's number, a section"
    for function in line.functions:
        file, _, name = function.rpartition("::")
        if name not in functions(root / (file if file.endswith(".h") else f"{file}.c")):
            yield f"{line.id}: the function {function} does not exist"
    for test in line.tests:
        suite, _, name = test.partition("::")
        if name not in tests(root / f"tests/unit/test_{suite}.c"):
            yield f"{line.id}: the test {test} does not exist, or is not run"
    if line.proved and not line.functions:
        yield f"{line.id}: proved, but done nowhere"
    if not line.proved and not line.proof.partition(":")[2].strip():
        yield f"{line.id}: {line.proof} does not say why"


def main():
    root, _ = arguments()
    table = runpy.run_path(str(Path(__file__).resolve().parent.parent / "rfc.py"))
    lists, faults = table["read"](root)
    lines = [line for _, _, some in lists for line in some]
    for line in lines:
        faults += [f"{table['SOURCE']}:{line.number}: {fault}" for fault in line_faults(root, line)]
    faults += [f"{table['SOURCE']}: {name} is there twice" for name, n in Counter(line.id for line in lines).items() if n > 1]
    for test, n in sorted(Counter(test for line in lines for test in line.tests).items()):
        if n > IDS_OF_A_TEST:
            faults.append(f"{table['SOURCE']}: {test} stands for {n} lines, more than {IDS_OF_A_TEST}")
    if not faults and (root / table["PAGE"]).read_text(encoding="utf-8") != table["page"](lists):
        faults.append(f"{table['PAGE']} is not what {table['SOURCE']} says: tools/rfc.py writes it")
    verdict(faults)


main()
