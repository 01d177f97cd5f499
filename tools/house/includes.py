#!/usr/bin/env python3
"""Who includes whom: a room may use the rooms below it, and only its own share of the outside world."""
import re
from tree import arguments, room_of, sources, verdict

C11_PURE = set("assert.h errno.h inttypes.h limits.h stdalign.h stdarg.h stdbool.h stddef.h stdint.h stdio.h "
               "stdlib.h string.h".split())
USES = {
    "core": {"core"},
    "stack/wire": {"core", "stack/wire"},
    "stack": {"core", "stack/wire", "stack"},
    "lan": {"core", "stack/wire", "stack", "lan"},
    "config": {"core", "stack/wire", "stack", "lan", "config"},
    "switchd": {"core", "stack/wire", "stack", "lan", "config", "switchd"},
    # A program of someone who has libswitchd alone.
    "examples": {"core", "stack/wire", "stack", "lan"},
}
LAN_AND_ABOVE = {"jansson.h"}
CONFIG_ONLY = {"yaml.h"}
# Its filter compiler is config's to use, its files the daemon's.
PCAP = {"pcap.h", "pcap/pcap.h", "pcap/bpf.h"}
# The one file that may know the processor.
PROCESSOR_FILE = re.compile(r"^core/checksum(_\w+)?\.[ch]$")


def system_fault(path, room, header):
    if room == "tests" or room == "tools":
        return None
    if header in CONFIG_ONLY:
        return None if room == "config" else "only config may"
    if header in PCAP:
        return None if room in ("config", "switchd") else "only config and switchd may"
    if header in LAN_AND_ABOVE:
        return None if room in ("lan", "switchd") else "only lan and switchd may"
    if room == "switchd" or room == "examples":
        return None
    if header == "immintrin.h":
        return None if PROCESSOR_FILE.match(path.as_posix()) else "one file alone may know the processor"
    allowed = C11_PURE | ({"ctype.h", "math.h"} if room == "config" else set())
    return None if header in allowed else "only switchd may know the system"


def own_fault(root, room, header):
    path = root / header
    if not path.is_file():
        return "no such file; an include names its room"
    theirs = room_of(path.relative_to(root))
    if room not in USES:
        return None
    return None if theirs in USES[room] else f"{room} stands below {theirs}"


def main():
    root, _ = arguments()
    faults = []
    for path in sources(root):
        room = room_of(path)
        for number, line in enumerate((root / path).read_text().splitlines(), 1):
            found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if found:
                bracket, header = found.groups()
                fault = system_fault(path, room, header) if bracket == "<" else own_fault(root, room, header)
                if fault:
                    faults.append(f"{path}:{number}: includes {header}: {fault}")
            if room not in ("switchd", "tests", "examples") and re.match(r"\s*#\s*define\s+_\w*_SOURCE\b", line):
                faults.append(f"{path}:{number}: a feature macro outside switchd, tests and examples")
    verdict(faults)


main()
