#!/usr/bin/env python3
"""How much of TCP and IP is held by a test: changes one operator or constant at random, and looks whether a test fails.

    tools/mutants.py [--runs N] [--seed N] [--jobs N] [--least PERCENT] [--quiet] [FILE...]

Of stack/tcp_*.c, ip_*.c and reass.c (or the FILEs) it draws --runs places [200] in code: comparisons, sums, shifts, bits, logic, numbers, true and false; not in
comments, strings or assertions. What does not compile, or compiles to the same code, is drawn again. Each change is built in a scratch copy
and tests run against it until one fails, crashes or hangs: the unit suites named after the file, the scenarios, whose digests a change may
not move (tests/scenario/run), the other unit suites of stack. What none of them noticed is listed. The seed is printed, and the same seed in the same tree draws the same changes. The exit status is 1 when fewer than --least percent were
caught [0].
"""
import argparse
import concurrent.futures
import os
import pathlib
import queue
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = ("core", "stack/wire", "stack")
UPPER_ROOMS = ("lan", "config", "switchd")
PACKAGES = ("libuv", "yaml-0.1", "jansson", "libpcap", "libmnl")
SCENARIOS = "tests/scenario"
FLAGS = ["-std=c11", "-O1", "-fPIC", "-w", "-I.", "-D_GNU_SOURCE", '-DSW_SOURCE_DIR="."']
SUITE_SECONDS = 60 # of a processor, so that a busy machine makes nothing hang; by the wall ten times as much
MEMORY_BYTES = 8 << 30
TOKEN = re.compile(r"""
    (?P<skip>/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\#\s*(?:include|if|ifdef|ifndef|else|elif|endif|pragma|undef)[^\n]*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*)
  | (?P<operator><<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^<>!~?:=;,.(){}\[\]\#\\])
""", re.VERBOSE | re.DOTALL)
OTHERS = {
    "==": ["!="], "!=": ["=="], "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
    "&&": ["||"], "||": ["&&"], "<<": [">>"], ">>": ["<<"], "+=": ["-="], "-=": ["+="], "|=": ["&="],
    "&=": ["|="], "<<=": [">>="], ">>=": ["<<="], "/": ["*"], "%": ["/"], "^": ["|"], "|": ["&"],
    "+": ["-"], "-": ["+"], "&": ["|"], "*": ["/"], "++": ["--"], "--": ["++"], "!": [""],
}
NEEDS_LEFT = {"+", "-", "&", "*"}
# After these an operator has no left side.
KEYWORDS = {"return", "case", "else", "sizeof", "do"}


def assertions(text):
    """The spans of assert(...), which a test cannot see unless they fire."""
    spans = []
    for found in re.finditer(r"\b(?:_Static_)?assert\s*\(", text):
        depth, at = 1, found.end()
        while depth > 0 and at < len(text):
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        spans.append((found.start(), at))
    return spans


def places(text):
    """Each (offset, what stands there, what may stand there instead)."""
    out, spans = [], assertions(text)
    tokens = [found for found in TOKEN.finditer(text) if found.lastgroup != "skip"]
    for i, found in enumerate(tokens):
        here, before = found.group(), tokens[i - 1].group() if i > 0 else ""
        if any(start <= found.start() < end for start, end in spans):
            continue
        if found.lastgroup == "number":
            value = int(re.sub(r"[uUlL]+$", "", here), 0)
            suffix = re.search(r"[uUlL]*$", here).group()
            others = [f"{value + 1}{suffix}"] + ([f"{value - 1}{suffix}"] if value > 0 else [])
        elif here in ("true", "false"):
            others = ["false" if here == "true" else "true"]
        else:
            others = OTHERS.get(here, [])
        if here in NEEDS_LEFT:
            left = tokens[i - 1].lastgroup in ("word", "number") or before in (")", "]")
            if not left or before in KEYWORDS:
                continue
            # A pointer's star looks the same; between numbers or brackets it is none.
            after = tokens[i + 1] if i + 1 < len(tokens) else None
            numeric = tokens[i - 1].lastgroup == "number" or (after and after.lastgroup == "number")
            if here == "*" and not numeric:
                continue
        out += [(found.start(), here, other) for other in others]
    return out


def suites():
    """The programs of tests/unit that test a file of stack, by CMake's rule."""
    for path in sorted((ROOT / "tests/unit").glob("test_*.c")):
        name = path.stem[len("test_"):]
        owner = "stack" if name.startswith("stack_") else None
        while owner is None:
            for room in UPPER_ROOMS + ROOMS[::-1]:
                if any((ROOT / room / f"{name}.{end}").exists() for end in "ch"):
                    owner = room
                    break
            if "_" not in name:
                break
            name = name.rsplit("_", 1)[0]
        if owner == "stack":
            yield path.stem


class Bench:
    """The scratch copy: everything compiled once, so that a change costs one file and one link."""

    def __init__(self, folder, jobs):
        self.folder = folder
        for part in ("core", "stack", *UPPER_ROOMS, "examples", "tests/unit", "tests/support", SCENARIOS):
            shutil.copytree(ROOT / part, folder / part)
        (folder / "o").mkdir()
        self.flags = FLAGS + os.environ.get("CFLAGS", "").split()
        self.check = self.package("check")
        code = [path for room in ROOMS for path in sorted((folder / room).glob("*.c"))]
        support = [path for room in ("core", "stack") for path in sorted((folder / "tests/support").glob(f"{room}_*.c"))]
        self.programs = list(suites())
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            self.objects = dict(zip(code, pool.map(self.compile_original, code)))
            held = dict(zip(support, pool.map(self.compile_original, support)))
            self.link(self.objects.values(), folder / "libmutant.so")
            # Archives, since a test of core may not need, and would not bear, what stack's fixtures hold.
            for room in ("stack", "core"):
                members = [str(out) for path, out in held.items() if path.name.startswith(room)]
                self.run(["ar", "rc", f"o/lib{room}_support.a", *members])
            self.build_switchd(pool)
            list(pool.map(lambda name: self.run([
                "gcc", *self.flags, f"tests/unit/{name}.c", "-o", f"o/{name}", "o/libstack_support.a",
                "o/libcore_support.a", "-L.", "-lmutant", *self.check]), self.programs))

    def build_switchd(self, pool):
        """The program, over the same library; in o/switchd/switchd, where a build has it."""
        code = [path for room in UPPER_ROOMS for path in sorted((self.folder / room).glob("*.c"))]
        objects = list(pool.map(self.compile_original, code))
        (self.folder / "o/switchd").mkdir()
        libraries = [word for word in self.package(*PACKAGES) if not word.startswith("-I")]
        self.run(["gcc", "-o", "o/switchd/switchd", *map(str, objects), "-L.", "-lmutant", *libraries])

    def package(self, *names):
        return subprocess.run(["pkg-config", "--cflags", "--libs", *names], check=True, capture_output=True,
                              text=True).stdout.split()

    def run(self, command):
        subprocess.run(command, cwd=self.folder, check=True)

    def compile_original(self, path):
        out = self.folder / "o" / (str(path.relative_to(self.folder)).replace("/", "_") + ".o")
        self.run(["gcc", *self.flags, "-c", str(path.relative_to(self.folder)), "-o", str(out)])
        return out

    def link(self, objects, out):
        self.run(["gcc", "-shared", "-o", str(out), *map(str, objects)])

    def fails(self, name, library_folder):
        """What became of a suite: a word, or None where it passed."""
        environment = dict(os.environ, LD_LIBRARY_PATH=str(library_folder), CK_VERBOSITY="silent")

        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_CPU, (SUITE_SECONDS, SUITE_SECONDS))

        command = [f"{SCENARIOS}/run", "--quick", "o"] if name == SCENARIOS else [str(self.folder / "o" / name)]
        process = subprocess.Popen(command, cwd=self.folder, env=environment, preexec_fn=limit,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            return None if process.wait(10 * SUITE_SECONDS) == 0 else "failed"
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            return "hung"

    def order(self, path):
        """The suites: those named after the file, the scenarios, and then the others, kin first."""
        stem = path.stem
        near = [name for name in self.programs if name == f"test_{stem}" or name.startswith(f"test_{stem}_")]
        kin = [name for name in self.programs if name not in near and name.startswith(f"test_{stem.split('_')[0]}")]
        return near + [SCENARIOS] + kin + [name for name in self.programs if name not in near and name not in kin]

    def build(self, path, text, where):
        """The library with this text for that file; False: it does not compile, or nothing has changed."""
        source = where / path.name
        source.write_text(text)
        out = where / "mutant.o"
        # Its name is the original's, so that the same code is the same bytes.
        done = subprocess.run(["gcc", *self.flags, "-x", "c", "-c", "-", "-o", str(out)], cwd=self.folder,
                              input=f'# 1 "{path.name}"\n' + text, text=True, stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            return False
        same = where / "same.o"
        original = self.folder / path.relative_to(self.folder)
        subprocess.run(["gcc", *self.flags, "-x", "c", "-c", "-", "-o", str(same)], cwd=self.folder,
                       input=f'# 1 "{path.name}"\n' + original.read_text(), text=True, check=True)
        if out.read_bytes() == same.read_bytes():
            return False
        self.link([out if key == path else value for key, value in self.objects.items()], where / "libmutant.so")
        return True

    def judge(self, path, text, where):
        for name in self.order(path):
            word = self.fails(name, where)
            if word is not None:
                return f"{word} {name}"
        return None


def draw(seed, files, texts):
    """All (file, place) there are, in the order in which they are drawn."""
    out = [(path, place) for path in files for place in places(texts[path])]
    random.Random(seed).shuffle(out)
    return out


def run(args, folder):
    bench = Bench(folder, args.jobs)
    broken = [name for name in (*bench.programs, SCENARIOS) if bench.fails(name, folder)]
    if broken:
        sys.exit("mutants: these fail as they are: " + " ".join(broken))
    names = args.file or sorted(str(path.relative_to(ROOT)) for pattern in ("tcp_*.c", "ip_*.c", "reass.c")
                                for path in (ROOT / "stack").glob(pattern))
    files = [folder / name for name in names]
    texts = {path: path.read_text() for path in files}
    candidates = iter(draw(args.seed, files, texts))
    desks = queue.SimpleQueue()
    for i in range(args.jobs):
        (folder / f"desk{i}").mkdir()
        desks.put(folder / f"desk{i}")

    def one(candidate):
        path, (at, here, other) = candidate
        text = texts[path]
        changed = text[:at] + other + text[at + len(here):]
        desk = desks.get()
        try:
            if not bench.build(path, changed, desk):
                return None
            word = bench.judge(path, changed, desk)
        finally:
            desks.put(desk)
        line = text.count("\n", 0, at) + 1
        shown = text.splitlines()[line - 1].strip()
        return word, f"{path.relative_to(folder)}:{line}: '{here}' -> '{other}': {shown}"

    caught, lived = 0, []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        pending = set()
        judged = 0
        while judged < args.runs:
            while len(pending) < min(args.jobs, args.runs - judged):
                candidate = next(candidates, None)
                if candidate is None:
                    break
                pending.add(pool.submit(one, candidate))
            if not pending:
                break
            done, pending = concurrent.futures.wait(pending, return_when=concurrent.futures.FIRST_COMPLETED)
            for result in (future.result() for future in done):
                if result is None:
                    continue
                judged += 1
                word, what = result
                caught += word is not None
                if word is None:
                    lived.append(what)
                if not args.quiet:
                    print(f"{judged:4} {'lived' if word is None else word}: {what}", flush=True)
    for what in sorted(lived):
        print(f"lived: {what}")
    share = 100 * caught / judged if judged else 0
    print(f"mutants: {caught} of {judged} caught ({share:.1f} %), seed {args.seed}")
    return 0 if share >= args.least else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--least", type=float, default=0)
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("file", nargs="*")
    args = parser.parse_args()
    print(f"mutants: seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        return run(args, pathlib.Path(folder))


if __name__ == "__main__":
    sys.exit(main())
