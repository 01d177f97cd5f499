#!/usr/bin/env python3
"""Each check of the house can fail: it is shown a small tree that is fine, then the same with one thing wrong."""
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

GOOD = {
    "core/a.h": "#pragma once\n#include <stdint.h>\n\nint sw_a_add(int x, int y);\nconst char *sw_a_name(int i);\n",
    # The table of pointers is filled in by the loader and read-only after that: it must not count as writable.
    "core/a.c": '#include "core/a.h"\n\n#include <assert.h>\n\n'
                'static const char *const names[] = {"one", "two"};\n\n'
                "const char *sw_a_name(int i)\n{\n    return names[i];\n}\n\n"
                "int sw_a_add(int x, int y)\n{\n    assert(x < 1000);\n    return x + y;\n}\n",
    "stack/b.h": '#pragma once\n#include "core/a.h"\n\nint sw_b_two(void);\n',
    "man/switchd.1": ".Dd November 22, 2026\n.Dt SWITCHD 1\n.Os\n.Sh NAME\n.Nm switchd\n.Nd a program\n.Sh VERBS\n"
                     ".Ss add Ar x y\n.Bl -tag -width Ds\n.It Fl n , Fl -number Ar N\nA number.\n.El\n",
    "docs/page.md": "Adding is done by `sw_a_add()` of `core/a.c`.\n",
    "docs/rfc.tsv": "= RFC 1\tAdding.\n001-1\tNumbers are added.\tcore/a::sw_a_add\ta::one_and_one_are_two__rfc1\n",
    "tests/unit/test_a.c": "#include <check.h>\n\nSTART_TEST(one_and_one_are_two__rfc1)\n{\n    ck_assert_int_eq(1 + 1, 2);\n}\n"
                           "END_TEST\n\nvoid cases(TCase *tc)\n{\n    tcase_add_test(tc, one_and_one_are_two__rfc1);\n}\n",
}
# In the place of the program: it says what it takes, and no more.
PROGRAM = """#!/bin/sh
case $1 in
--help) echo '  switchd add    X Y   adds';;
*) echo '  -n, --number N             a number';;
esac
"""
LONG_FUNCTION = "int sw_a_long(void)\n{\n" + "    ;\n" * 68 + "    return 1;\n}\n"

# (check, what is wrong, the file, what is appended to it, what the check must say); no file: a flag of the compiler
BAD = [
    ("includes", "a room that looks up", "core/a.h", '#include "stack/b.h"\n', "core stands below stack"),
    ("includes", "a system header in a pure room", "core/a.c", "#include <time.h>\n", "only switchd may"),
    ("includes", "libyaml outside config", "stack/b.h", "#include <yaml.h>\n", "only config may"),
    ("includes", "libpcap in a pure room", "lan/b.h", "#include <pcap/pcap.h>\n", "only config and switchd may"),
    ("includes", "jansson outside lan", "stack/b.h", "#include <jansson.h>\n", "only lan and switchd may"),
    ("includes", "an include without a room", "stack/b.h", '#include "b.h"\n', "names its room"),
    ("includes", "a feature macro", "core/a.c", "#define _GNU_SOURCE\n", "feature macro"),
    ("includes", "the processor everywhere", "core/a.c", "#include <immintrin.h>\n", "processor"),
    ("lengths", "a function of 72 lines", "core/a.c", "\n" + LONG_FUNCTION, "sw_a_long has 72 lines"),
    ("lengths", "a line of 101 columns", "core/a.c", "/* " + "x" * 95 + " */\n", "101 columns"),
    ("lengths", "a file of 1001 lines", "core/a.h", "\n" * 1001, "lines"),
    ("words", "something unfinished", "docs/page.md", "TO" "DO: more\n", "TO" "DO"),
    ("words", "an excuse in code", "core/a.h", "/* Good enough for n" "ow. */\n", "for n" "ow"),
    ("words", "a path of this machine", "docs/page.md", "see /wo" "rk/main/x\n", "/wo" "rk"),
    ("names", "a function that is not there", "docs/page.md", "And `sw_a_gone()`.\n", "sw_a_gone does not exist"),
    ("names", "a file that is not there", "docs/page.md", "And `core/gone.c`.\n", "core/gone.c does not exist"),
    ("names", "a function in another file", "docs/page.md", "And `sw_a_name` (`stack/b.h`).\n", "sw_a_name is not in stack/b.h"),
    ("drops", "a reason without its row", "core/drop.h", 'X(GONE_BY, "gone-by")\n', "nothing of gone-by"),
    ("drops", "a reason that no test makes", "core/drop.h", 'X(GONE_BY, "gone-by")\n', "no unit test makes gone-by"),
    ("drops", "a name that is not its own", "core/drop.h", 'X(GONE_BY, "gone")\n', 'SW_DROP_GONE_BY is called "gone"'),
    ("drops", "a row without its reason", "docs/drops.md", "| `gone-by` | it is gone | look |\n", "gone-by is no reason"),
    ("drops", "a row that does not help", "docs/drops.md", "| `gone-by` | it is gone | |\n", "lacks what it means"),
    ("rfc", "a function that is not there", "docs/rfc.tsv", "001-2\tMore.\tcore/a::sw_a_gone\ta::one_and_one_are_two__rfc1\n",
     "the function core/a::sw_a_gone does not exist"),
    ("rfc", "a test that is not there", "docs/rfc.tsv", "001-2\tMore.\tcore/a::sw_a_add\ta::gone\n", "the test a::gone does not exist"),
    ("rfc", "an ID that is there twice", "docs/rfc.tsv", "001-1\tMore.\tcore/a::sw_a_add\ta::one_and_one_are_two__rfc1\n",
     "001-1 is there twice"),
    ("rfc", "a test for all", "docs/rfc.tsv", "".join(f"001-{n}\tMore.\tcore/a::sw_a_add\ta::one_and_one_are_two__rfc1\n" for n in (2, 3, 4)),
     "stands for 4 lines"),
    ("rfc", "a departure without its reason", "docs/rfc.tsv", "001-2\tMore.\t-\tDeparture:\n", "does not say why"),
    ("rfc", "a line that is none", "docs/rfc.tsv", "001-2\tMore.\n", "not the four columns"),
    ("rfc", "a page that tells another tale", "docs/rfc.md", "And more.\n", "tools/rfc.py writes it"),
    ("manual", "a verb that is not there", "man/switchd.1", ".Ss divide\nDivides.\n", "the verb divide, which does not"),
    ("manual", "an option that is not there", "man/switchd.1", ".Bl -tag -width Ds\n.It Fl -gone\nGone.\n.El\n",
     "add --gone, which does not"),
    ("manual", "an option in other words", "man/switchd.1", ".Bl -tag -width Ds\n.It Fl n , Fl -number Ar M\nAgain.\n.El\n",
     "add -n, --number M, which does not"),
    ("manual", "a mistake of form", "man/switchd.1", ".Xx\n", "unknown macro"),
    ("format", "two spaces too many", "core/a.c", "\nint  sw_a_x(void);\n", "core/a.c"),
    ("alone", "a source that needs another", "core/a.c", "size_t sw_a_size(void);\n", "size_t"),
    ("alone", "a header that needs another", "stack/b.h", "int sw_b_size(size_t n);\n", "size_t"),
    ("symbols", "a system call", "core/a.c", "int getpid(void);\nint sw_a_pid(void)\n{\n    return getpid();\n}\n",
     "uses getpid"),
    ("symbols", "a writable global", "core/a.c", "int sw_a_count = 3;\n", "sw_a_count is writable (.data)"),
    ("symbols", "a static in a function", "core/a.c",
     "int sw_a_next(void)\n{\n    static int last;\n    return ++last;\n}\n", "writable (.bss)"),
    ("asserts", "NDEBUG", None, "-DNDEBUG", "did not end the program"),
    ("tidy", "a null pointer followed", "core/a.c",
     "int sw_a_null(void)\n{\n    const int *p = 0;\n    return *p;\n}\n", "NullDereference"),
]
NEEDS_BUILD = {"symbols", "asserts", "tidy", "manual"}


def build(tree, flags=""):
    """The least of a build that the checks read: archives, the program that must die, and how each file is compiled."""
    for preset in ("debug", "clang"):
        out = tree / "build" / preset
        for folder in ("tools", "switchd"):
            (out / folder).mkdir(parents=True, exist_ok=True)
        (out / "switchd/switchd").write_text(PROGRAM)
        (out / "switchd/switchd").chmod(0o755)
        compile_a = f"gcc -std=c11 -O2 -fPIE -w -I{tree} {flags} -c {tree}/core/a.c -o {out}/a.o"
        subprocess.run(compile_a.split(), check=True)
        archive = out / "libswitchd.a"
        archive.unlink(missing_ok=True)
        subprocess.run(["ar", "rc", archive, out / "a.o"], check=True)
        dies = f"gcc -O2 {flags} {ROOT}/tools/assert_fires.c -o {out}/tools/assert_fires"
        subprocess.run(dies.split(), check=True)
        (out / "compile_commands.json").write_text(
            f'[{{"directory": "{tree}", "command": "{compile_a}", "file": "{tree}/core/a.c"}}]\n')


def ask(check, tree):
    script = next(HERE.glob(f"{check}.*"))
    done = subprocess.run([script, tree, tree / "build"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout


def plant(folder):
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in GOOD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    rfc = runpy.run_path(str(ROOT / "tools/rfc.py"))
    (folder / rfc["PAGE"]).write_text(rfc["page"](rfc["read"](folder)[0]))
    (folder / "tools").mkdir(exist_ok=True)
    for name in (".clang-format", ".clang-tidy", "tools/rfc.py"):
        shutil.copy(ROOT / name, folder / name)


def main():
    faults = []
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "tree"
        plant(tree)
        build(tree)
        for check in sorted({row[0] for row in BAD}):
            status, said = ask(check, tree)
            if status != 0:
                faults.append(f"{check} refuses a tree that is fine: {said.strip()}")
        for check, what, file, text, expected in BAD:
            plant(tree)
            if file:
                (tree / file).parent.mkdir(parents=True, exist_ok=True)
                with open(tree / file, "a", encoding="utf-8") as out:
                    out.write(text)
            if check in NEEDS_BUILD:
                build(tree, "" if file else text)
            status, said = ask(check, tree)
            if status == 0:
                faults.append(f"{check} lets pass: {what}")
            elif expected not in said:
                faults.append(f"{check} finds {what}, but says: {said.strip()}")
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    main()
