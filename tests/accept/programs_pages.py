"""The pages of examples/programs/, judged: what their checks measured, and that those fail whose thing is broken.

    programs_pages.py judge PAGE USER JSON...       three runs of the page, as `switchd test --json` printed them
    programs_pages.py shown|broken PAGE             prints a copy: one that shows what the latency is; one with other data, half the
                                                    delay, no partition, and no losses, which may take as long as one
    programs_pages.py compare PAGE SHOWN BROKEN     what `switchd test` printed of these two
"""
import json
import re
import sys

# The checks of each page by what they prove. "latency": a step prints it, in ms.
CHECKS = {
    "nginx": {
        "digest": "a page comes whole, as its digest tells",
        "latency": "a small one takes two round trips (the median of nine, in ms)",
        "partition": ["nobody answers in the partition", "slow transfer"],
    },
    "redis": {
        "digest": "a value of a megabyte comes back whole",
        "latency": "fifty clients, and the shortest and the median time of an answer",
        "partition": ["nobody answers in the partition", "hits"],
    },
    "postgresql": {
        "digest": "a table is copied whole, as its digest tells",
        "latency": "a transaction takes seven round trips (the median of nine, in ms)",
        "partition": ["nobody answers in the partition", "transactions"],
    },
    "etcd": {
        "partition": ["the other two elect another", "the old leader can change nothing", "nor tell what holds",
                      "it has what was true before", "it comes back, and has what it missed", "and follows another", "all three agree"],
    },
}


def verdict(held, text):
    print(f"row programs-1: {text} -- {'ok' if held else 'FAILED'}")
    return 0 if held else 1


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def judge(page, user, paths):
    runs, good = [], 0
    for path in paths:
        checks = [r for r in map(json.loads, read(path).splitlines()) if r["record"] == "check"]
        good += bool(checks) and all(c["passed"] for c in checks)
        for c in checks:
            if not c["passed"]:
                print(f"{path}: {c['name']}: {c}")
        runs.append({c["name"]: c["values"]["took"]["value"] / 1e9 for c in checks if "took" in c.get("values", {})})
    figures = []
    for kind in ("digest", "partition"):
        names = CHECKS[page].get(kind, [])
        for name in [names] if isinstance(names, str) else names:
            took = [f"{run[name]:.2f}" for run in runs if name in run]
            figures.append(f"{name}: {' '.join(took)} s")
    return verdict(good == len(paths) == 3, f"{page} as {user}: {good} of {len(paths)} runs pass; {'; '.join(figures)}")


def copy(kind, page):
    text = read(f"examples/programs/{page}.yaml")
    name = re.escape(CHECKS[page].get("latency", "?"))
    if kind == "shown":
        print(re.sub(rf"(name: {name}.*?stdout: )('[^']*'|\"[^\"]*\")", r'\1"shown"', text, count=1, flags=re.S), end="")
    else:
        text = text.replace("delay: 20 ms, loss: 1 %", "delay: 10 ms").replace("delay: 20 ms", "delay: 10 ms").replace("200000", "200001")
        print(re.sub(r"^ *- (partition: .*|heal)\n", "", text, flags=re.M), end="")
    return 0


def failed(text):
    """What each failed check saw."""
    seen, name = {}, None
    for line in text.splitlines():
        begin, now = re.match(r"FAIL +\S+?::(.*)", line), re.search(r", seen (.*)", line)
        if begin:
            name = begin.group(1)
            seen[name] = ""
        elif name and now:
            seen[name], name = now.group(1), None
    return seen


def compare(page, shown, broken):
    want = CHECKS[page]
    status = 0
    seen, wrong = failed(read(shown)), failed(read(broken))
    if "latency" in want:
        if set(seen) != {want["latency"]}:
            print(read(shown))
        status = verdict(set(seen) == {want["latency"]}, f"{page}: {want['latency']}: {seen.get(want['latency'])}")
    must = {name for names in want.values() for name in ([names] if isinstance(names, str) else names)}
    if set(wrong) != must:
        print(read(broken))
    text = f"{page}, its data, delay and partition undone: what tells of them fails ({len(must & set(wrong))} of {len(must)} checks)"
    return status | verdict(set(wrong) == must, f"{text}, and {len(set(wrong) - must)} others")


def main(argv):
    verb, page = argv[:2]
    if verb == "judge":
        return judge(page, argv[2], argv[3:])
    if verb == "compare":
        return compare(page, argv[2], argv[3])
    return copy(verb, page)


sys.exit(main(sys.argv[1:]))
