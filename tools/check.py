#!/usr/bin/env python3
"""make check: every check of the house and every test, one line a suite, the count last.

A runner (tests/golden/run and its like) is an executable that gets a build directory and prints, a case a line,
    ok NAME
    not ok NAME: why
    skip NAME: reason
Lines of any other form are detail, shown when something in the runner failed. It exits with 0 if nothing failed.

Arguments, if any, choose suites by the beginning of their names: tools/check.py unit house
"""
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JOBS = len(os.sched_getaffinity(0))
PRESETS = ["debug", "asan", "clang"]
# The presets that a runner sees. The sanitizers look for our mistakes; release flags are what users run.
RUNNERS = [("golden", ["asan", "clang"]), ("scenario", ["asan", "clang"]), ("fuzz", ["asan", "clang"]), ("system", ["clang"]),
           ("interop", ["clang"]), ("release", ["clang"])]
# Before anything is built, and after; quick ones first.
HOUSE_EARLY = ["includes", "lengths", "words", "names", "drops", "rfc", "format", "alone"]
HOUSE_LATE = ["asserts", "symbols", "manual", "tidy", "selftest"]

ENV = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", CK_DEFAULT_TIMEOUT="100", LC_ALL="C.UTF-8", UBSAN_OPTIONS="print_stacktrace=1",
           ASAN_OPTIONS="detect_stack_use_after_return=1")


class Tally:
    def __init__(self):
        self.passed = self.failed = 0
        self.skipped = []
        self.failures = []


def run(argv, timeout):
    """Exit status (None after a timeout) and everything said, on either stream."""
    try:
        done = subprocess.run([str(a) for a in argv], cwd=ROOT, env=ENV, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
        return done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode("utf-8", "replace") + f"\nstill running after {timeout} s\n"
    except OSError as refusal:
        return 127, f"{refusal}\n"


def indent(text, limit=40):
    lines = text.rstrip().splitlines()
    if len(lines) > limit:
        lines = [f"... ({len(lines) - limit} lines before)"] + lines[-limit:]
    return "".join(f"    {line}\n" for line in lines)


def report(tally, suite, begun, passed, failures, skips=(), detail=""):
    tally.passed += passed
    tally.failed += len(failures)
    tally.failures += [f"{suite}: {failure}" for failure in failures]
    tally.skipped += [f"{suite}: {skip}" for skip in skips]
    counts = f"{passed} passed"
    if failures:
        counts += f", {len(failures)} FAILED"
    if skips:
        counts += f", {len(skips)} skipped"
    print(f"{suite}: {counts} ({time.monotonic() - begun:.1f} s)")
    for failure in failures:
        print(f"  not ok {failure}")
    if failures and detail:
        print(indent(detail), end="")
    sys.stdout.flush()


def house(tally, names):
    for name in names:
        begun = time.monotonic()
        script = next((ROOT / "tools/house").glob(f"{name}.*"))
        status, said = run([script, ROOT, ROOT / "build"], 1000)
        failures = [] if status == 0 else ["timeout" if status is None else f"exit status {status}"]
        report(tally, f"house {name}", begun, 0 if failures else 1, failures, detail=said)
        if not failures and said.strip():
            print(indent(said), end="")


def build(tally, preset):
    begun = time.monotonic()
    status, said = run(["cmake", "--preset", preset], 120)
    if status == 0:
        # -k: what one broken file does not touch is still built and tested.
        status, said = run(["cmake", "--build", "--preset", preset, f"-j{JOBS}", "--", "-k"], 900)
    errors = [line for line in said.splitlines() if re.search(r"error|Error|undefined|warning", line)]
    detail = "\n".join(errors[:40]) if errors else said
    report(tally, f"build {preset}", begun, 1 if status == 0 else 0, [] if status == 0 else ["build"], detail=detail)


def unit(preset, source):
    """One Check program: how many cases passed, what failed, and what it said."""
    program = ROOT / "build" / preset / "tests/unit" / source.stem
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        return 0, [f"{source.stem} (did not build)"], ""
    status, said = run([program], 150)
    counts = re.findall(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$", said, re.M)
    cases = sum(int(c) for c, _, _ in counts)
    bad = sum(int(f) + int(e) for _, f, e in counts)
    failures = [f"{source.stem}: {line}" for line in re.findall(r"^(\S+?:\d+:[FE]:.*)$", said, re.M)]
    if len(failures) != bad:
        failures = failures[:bad] + [f"{source.stem}: a failure"] * (bad - len(failures))
    if not failures and (status != 0 or not cases):
        what = "no end" if status is None else f"exit status {status}" if status else "no test in it"
        failures = [f"{source.stem}: {what}"]
    return cases - bad, failures, said


def units(tally, preset):
    begun = time.monotonic()
    sources = sorted((ROOT / "tests/unit").glob("test_*.c"))
    with ThreadPoolExecutor(JOBS) as pool:
        results = list(pool.map(lambda source: unit(preset, source), sources))
    failures = [failure for _, some, _ in results for failure in some]
    detail = "".join(said for _, some, said in results if some)
    report(tally, f"unit {preset}", begun, sum(n for n, _, _ in results), failures, detail=detail)


def runner(tally, name, preset):
    script = ROOT / "tests" / name / "run"
    if not script.exists():
        return
    begun = time.monotonic()
    status, said = run([script, ROOT / "build" / preset], 600)
    passed = len(re.findall(r"^ok \S", said, re.M))
    failures = re.findall(r"^not ok (.*)$", said, re.M)
    skips = re.findall(r"^skip (.*)$", said, re.M)
    if not failures and status != 0:
        failures = ["no end" if status is None else f"exit status {status}, and no case said to have failed"]
    if not failures and not passed and not skips:
        failures = ["said nothing of any case"]
    report(tally, f"{name} {preset}", begun, passed, failures, skips, said)


def suites(tally):
    for name in HOUSE_EARLY:
        yield f"house {name}", lambda name=name: house(tally, [name])
    for preset in PRESETS:
        yield f"build {preset}", lambda preset=preset: build(tally, preset)
    for preset in PRESETS:
        yield f"unit {preset}", lambda preset=preset: units(tally, preset)
    for name, presets in RUNNERS:
        for preset in presets:
            yield f"{name} {preset}", lambda name=name, preset=preset: runner(tally, name, preset)
    for name in HOUSE_LATE:
        yield f"house {name}", lambda name=name: house(tally, [name])


def main(wanted):
    begun = time.monotonic()
    tally = Tally()
    for name, action in suites(tally):
        if not wanted or any(name.startswith(prefix) for prefix in wanted):
            action()
    if tally.failures:
        print("failed:")
        print("".join(f"  {failure}\n" for failure in tally.failures), end="")
    if tally.skipped:
        print("skipped:")
        print("".join(f"  {skip}\n" for skip in tally.skipped), end="")
    print(f"took {time.monotonic() - begun:.0f} s")
    counts = f"{tally.passed} passed, {tally.failed} failed"
    if tally.skipped:
        counts += f", {len(tally.skipped)} skipped"
    print(counts, flush=True)
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
