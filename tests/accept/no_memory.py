"""Each allocation of a command fails in turn, alone and with all behind it: no_memory.py LIBRARY FOLDER COMMAND...

The command, which ends well by itself, must get over it, or end as it is documented to where the system refuses something or a check
failed, with words; an end by a signal, one in silence and one that takes a minute are faults. Prints how it went; 1 if there was a fault.
"""
import collections
import os
import subprocess
import sys
from pathlib import Path


def run(library, count, argv, at, for_good):
    """(exit status, stdout, stderr)"""
    env = dict(os.environ, LD_PRELOAD=library, FAIL_COUNT=str(count))
    if at is not None:
        env["FAIL_AT"] = str(at)
    if for_good:
        env["FAIL_GOOD"] = "1"
    done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                          cwd=count.parent, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def main():
    library, folder, *argv = sys.argv[1:]
    count = Path(folder) / "count"
    status, out, err = run(library, count, argv, None, False)
    if status != 0 or err:
        sys.exit(f"without a failure: exit status {status}: {out}{err}")
    allocations = int(count.read_text())
    ends, faults = collections.Counter(), 0
    for i in range(2 * allocations):
        at, for_good = i // 2, i % 2 == 1
        status, out, err = run(library, count, argv, at, for_good)
        lines = len(err.splitlines())
        several = for_good or "--jobs" in argv  # processes, each of which has a word of its own
        ends[status] += 1
        fine = {0: True, 1: "FAIL " in out or lines == 1, 3: lines == 1 or lines > 1 and several}.get(status, False)
        if not fine:
            faults += 1
            print(f"number {at}{' and all behind it' if for_good else ''}: exit status {status}, {out[-300:]!r}, {err[-300:]!r}", file=sys.stderr)
    print(f"{allocations} allocations, each failed alone and with all behind it: {ends.pop(0, 0)} runs ended well, {ends.pop(1, 0)} with "
          f"a check that failed, {ends.pop(3, 0)} were refused with a line, {sum(ends.values())} otherwise")
    return 1 if faults or allocations < 100 else 0


sys.exit(main())
