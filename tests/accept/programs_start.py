"""How long it takes until programs speak: programs_start.py FILE PROGRAMS TIMES COMMAND...

Executes the command TIMES times; each time so many programs append to FILE when they began and when they were answered, and the last line
printed is the median, in ms from before the command was executed: of when the first began, was answered, the last was answered, and the command had ended.
"""
import os
import statistics
import subprocess
import sys
import time


def once(file, programs, command):
    if os.path.exists(file):
        os.unlink(file)
    begun = time.monotonic_ns()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    ended = time.monotonic_ns()
    with open(file, encoding="ascii") as lines:
        times = [[(int(n) - begun) / 1e6 for n in line.split()] for line in lines]
    if done.returncode != 0 or len(times) != programs:
        sys.exit(f"{len(times)} programs were answered, exit status {done.returncode}: {done.stdout}{done.stderr}")
    return min(t[0] for t in times), min(t[1] for t in times), max(t[1] for t in times), (ended - begun) / 1e6


def main(file, programs, times, *command):
    runs = [once(file, int(programs), command) for _ in range(int(times))]
    for run in runs:
        print(*(f"{ms:.1f}" for ms in run))
    print(*(f"{statistics.median(column):.1f}" for column in zip(*runs)))


main(*sys.argv[1:])
