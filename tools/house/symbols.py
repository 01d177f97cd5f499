#!/usr/bin/env python3
"""What the pure rooms ask of the outside: an allow-list of names of the C library; and that they keep nothing writable."""
import re
import subprocess
from tree import arguments, verdict

ALLOWED = re.compile(r"""^(
    mem(cpy|move|set|cmp|chr) | bcmp
  | str(len|cmp|ncmp|chr|rchr|str|spn|cspn|pbrk|cpy|ncpy)
  | (__)?v?snprintf(_chk)?
  | malloc | calloc | realloc | free | aligned_alloc
  | qsort | bsearch
  | json_\w+                            # jansson, which lan may know; includes.py sees that only lan does
  | __assert_fail
  | abort                               # what the compiler puts where control cannot come
  | __stack_chk_fail | _GLOBAL_OFFSET_TABLE_
  | __u?(div|mod|divmod)ti[34] | __(popcount|parity|ctz|clz)[dst]i2
  | __cpu_(model|indicator_init|features2)      # the one file that knows the processor
)$""", re.X)
# Addresses that the loader fills in before anything runs are read-only after that.
WRITABLE = re.compile(r"^(\.data(?!\.rel\.ro)|\.bss|\.tdata|\.tbss|\*COM\*|\.l(data|bss))")


def symbols(archive):
    """(object, name, kind, section) of each symbol: nm alone cannot tell .data from .data.rel.ro, its long form can."""
    said = subprocess.run(["nm", "--format=sysv", str(archive)], capture_output=True, text=True, check=True).stdout
    member = "?"
    for line in said.splitlines():
        head = re.match(r"^(?:Undefined symbols|Symbols) from (.*):$", line)
        if head:
            member = re.sub(r"^.*\[(.*)\]$", r"\1", head.group(1))
            continue
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 7 and cells[0] != "Name":
            yield member, cells[0], cells[2], cells[6]


def main():
    root, builds = arguments()
    archives = [builds / preset / "libswitchd.a" for preset in ("debug", "clang")]
    if not any(list((root / room).rglob("*.c")) for room in ("core", "stack", "lan")):
        verdict([])
    faults = [f"{archive} is not there" for archive in archives if not archive.exists()]
    for archive in archives:
        if not archive.exists():
            continue
        defined, wanted = set(), {}
        for member, name, kind, section in symbols(archive):
            if kind == "U":
                wanted.setdefault(name, member)
            elif kind == "w":
                faults.append(f"{archive.parent.name}/{member}: {name} is weak")
            else:
                defined.add(name)
                if WRITABLE.match(section):
                    faults.append(f"{archive.parent.name}/{member}: {name} is writable ({section})")
        for name in sorted(set(wanted) - defined):
            if not ALLOWED.match(name):
                faults.append(f"{archive.parent.name}/{wanted[name]}: uses {name}")
    verdict(faults)


main()
