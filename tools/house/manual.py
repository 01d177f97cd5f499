#!/usr/bin/env python3
"""switchd(1) tells of each verb and option that the program takes, in its own words for their values, and of no other, and of each
variable of the environment that it reads; and mandoc finds no mistake in the pages, be they written by hand or by the build."""
import re
import subprocess
from tree import arguments, verdict

# Whether other programs' pages are installed here is nothing of ours.
ELSEWHERE = re.compile(r"referenced manual not found|outdated mandoc\.db")
COMMON = "OPTIONS OF SEVERAL VERBS"


def said(*argv):
    return subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL).stdout


def taken(program):
    """What the program takes: {verb: {(letter, option, value)}}."""
    verbs = re.findall(r"^  switchd ([a-z]\S*)", said(program, "--help"), re.M)
    row = re.compile(r"^  (?:-(\w), |    )--([\w-]+)(?: (\S+))?(?=  |$| )", re.M)
    return {verb: set(row.findall(said(program, verb, "--help"))) for verb in verbs if verb != "VERB"}


def told(text):
    """What the page tells: the verbs that have a part of it, and options in the same form. An option of several verbs names them in
    the line below it."""
    headed, verbs, section, verb = set(), {}, "", None
    lines = text.splitlines()
    for line, following in zip(lines, lines[1:] + [""]):
        if line.startswith(".Sh "):
            section, verb = line[4:], None
        elif line.startswith(".Ss ") and section == "VERBS":
            verb = line.split()[1]
            headed.add(verb)
            verbs.setdefault(verb, set())
        item = re.match(r"\.It (?:Fl (\w) , )?Fl -([\w-]+)(?: Ar (\S+))?$", line)
        if item:
            owners = re.findall(r"[a-z]+", following.removeprefix(".Pq Cm")) if section == COMMON else [verb]
            for owner in owners:
                verbs.setdefault(owner, set()).add(tuple(part or "" for part in item.groups()))
    return headed, verbs


def show(option):
    letter, name, value = option
    return f"{'-' + letter + ', ' if letter else ''}--{name}{' ' + value if value else ''}"


def compare(page, program):
    faults = []
    (headed, told_of), takes = told(page.read_text()), taken(program)
    if not takes:
        return [f"{program} --help names no verb"]
    for verb in sorted(set(told_of) | set(takes), key=str):
        if verb not in takes:
            faults.append(f"{page.name} tells of the verb {verb}, which does not exist")
        elif verb not in headed:
            faults.append(f"{page.name} tells nothing of the verb {verb}")
        else:
            faults += [f"{page.name} tells of {verb} {show(o)}, which does not exist" for o in sorted(told_of[verb] - takes[verb])]
            faults += [f"{page.name} tells nothing of {verb} {show(o)}" for o in sorted(takes[verb] - told_of[verb])]
    return faults


def variables(root):
    """Those that are read by name, against those that the page lists."""
    read = {name for path in (root / "switchd").glob("*.c") for name in re.findall(r'\bgetenv\("(\w+)"\)', path.read_text())}
    items = re.findall(r"^\.It (Ev .*)$", (root / "man/switchd.1").read_text(), re.M)
    listed = {name for item in items for name in re.findall(r"Ev (\w+)", item)}
    return [f"switchd.1 tells nothing of the variable {name}" for name in sorted(read - listed)] + [
        f"switchd.1 tells of the variable {name}, which is not read" for name in sorted(listed - read)]


def main():
    root, builds = arguments()
    pages = sorted((root / "man").glob("*.[1-8]")) + sorted(builds.glob("*/man/*.[1-8]"))
    faults = [line for page in pages for line in said("mandoc", "-Tlint", page).splitlines() if not ELSEWHERE.search(line)]
    faults += variables(root)
    programs = sorted(builds.glob("*/switchd/switchd"))
    if programs:
        faults += compare(root / "man/switchd.1", programs[0])
    else:
        faults.append("no switchd was built")
    verdict(faults)


main()
