"""The cases of the public YAML test suite, checked as LAN files: yaml_suite.py SUITE.json FOLDER PROGRAM...

Each case goes through each `switchd check` twice: as the whole file, and indented below a top-level key that is left unread, so that
trees of every shape are also taken. Whatever it is, the program ends with 0 or 2, and each refusal names file, line and column.
Prints a figure a line, "ok" or "FAILED" before it, and then how far the reader agrees with the suite on what is YAML.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

# What is said of text that is no YAML; all else is said of YAML that is no LAN file.
NO_YAML = re.compile(
    r"cannot begin with|a variable within|a tab cannot indent|never closed|unknown escape|hexadecimal digits|has this number"
    r"|expected a value here|expected YAML 1\.1|a ':' is not expected|expected a ':' behind|that closes line|check the indentation"
    r"|behind the '|control character|not UTF-8|this is not YAML|unknown alias")
SAID = re.compile(r"^(?P<file>[\w.-]+\.yaml)(?P<place>:\d+:\d+)?: (?P<what>error: .*|warning: .*|.*: all well)$")

failed = False


def figure(fine, text):
    global failed
    failed = failed or not fine
    print("ok" if fine else "FAILED", text)


def check(program, folder, names):
    done = subprocess.run([program, "check", *names], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=600)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def play(program, label, folder, names):
    """What is said of each file."""
    status, text = check(program, folder, names)
    if status not in (0, 2):
        for name in names:
            one, said = check(program, folder, [name])
            if one not in (0, 2):
                print(f"{name}: exit status {one}\n{said[-2000:]}")
    said = {name: [] for name in names}
    no_place = []
    for line in text.splitlines():
        match = SAID.match(line)
        if not match:
            continue
        said[match["file"]].append(match["what"])
        if match["what"].startswith("error") and not match["place"]:
            no_place.append(line)
    silent = [name for name in names if not said[name]]
    refused = sum(any(what.startswith("error") for what in said[name]) for name in names)
    print("".join(f"{line}\n" for line in [*no_place[:5], *silent[:5]]), end="")
    figure(status in (0, 2) and not silent and not no_place and 0 < refused < len(names),
           f"{label}: {len(names)} files of the YAML test suite, {refused} refused, each with file, line and column, {len(silent)} without a "
           f"word; exit status {status}")
    return said


def agreement(cases, said):
    agree = {True: 0, False: 0}
    count = {True: 0, False: 0}
    for name, case in cases.items():
        valid = not case.get("fail")
        taken = not any(NO_YAML.search(what) for what in said[name])
        count[valid] += 1
        agree[valid] += taken == valid
    print(f"agreement on what is YAML: {sum(agree.values())} of {len(cases)} cases; of {count[True]} valid ones {agree[True]} are read, "
          f"of {count[False]} others {agree[False]} are refused as no YAML")


def main():
    folder = Path(sys.argv[2])
    folder.mkdir()
    cases = {}
    for test in json.loads(Path(sys.argv[1]).read_text()):
        for i, case in enumerate(test["cases"]):
            name = f"{test['id']}-{i}.yaml"
            cases[name] = case
            (folder / name).write_bytes(case["yaml"].encode("utf-8", "surrogatepass"))
            below = "".join("  " + line for line in case["yaml"].splitlines(True))
            (folder / f"below-{name}").write_bytes(
                f"hosts: {{ a: {{}} }}\nx-case:\n{below}\n".encode("utf-8", "surrogatepass"))
    figure(len(cases) >= 400, f"the YAML test suite has {len(cases)} cases")
    names = [*cases, *(f"below-{name}" for name in cases)]
    for program in sys.argv[3:]:
        label, _, path = program.partition("=")
        said = play(path, label, folder, names)
    agreement(cases, said)
    return 1 if failed else 0


sys.exit(main())
