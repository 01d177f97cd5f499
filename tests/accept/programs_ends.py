#!/usr/bin/env python3
"""A LAN of programs ends in every way there is, and nothing of it stays: programs_ends.py SWITCHD AS WHO NAME TIMES

In a network and a mount namespace of its own, where all but a few small file systems in memory is read only, so that what is there before
and after can be compared to the byte. Each LAN has programs with children that hide in sessions of their own or ignore signals, a
virtual host, a forward, a socket for a virtual machine, and a command that `switchd exec` started. All of its processes carry a mark in
their environment. AS is a script that runs a command as WHO. Prints the figures, a verdict each.
"""
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

TOP = Path("/mnt")
PLACES = ["/mnt", "/tmp", "/run", "/var/tmp", "/dev/shm"]
KINDS = ["user", "net", "mnt", "pid", "uts", "ipc"]
WAIT = 20
GRACE = 2  # for the kernel to reap what it has killed

LAN = """
name: ends
hosts:
  api:
    address: 10.99.0.1/24
    run: "setsid sh -c 'sleep 86400 & sleep 86401' & (trap '' INT TERM HUP; exec sleep 86402) & echo ready; {end}"
  deaf: {{ address: 10.99.0.2/24, run: "trap '' INT TERM HUP QUIT; echo ready; while :; do sleep 1; done" }}
  files: {{ address: 10.99.0.3/24, tmpfs: /srv, cwd: /srv, run: "dd if=/dev/zero of=big bs=64k count=16; yes $$(seq -s, 300) | head -n 15; echo ready; exec sleep 86403" }}
  web: {{ address: 10.99.0.4/24, services: [http: {{ size: 1 MB }}] }}
switches: {{ core: {{}} }}
uplinks:
  vm: {{ type: qemu, listen: /mnt/own/vm.sock }}
links: [[api, core], [deaf, core], [files, core], [web, core], [vm, core]]
forward: [{{ host: "127.0.0.1:0", to: "web:80" }}]
scenario:
  - http: {{ from: web, url: "http://10.99.0.4/" }}
  - wait: {{ for: 300 ms }}
  - run: {{ on: files, command: "yes | head -c 300000" }}
  - wait: {{ for: 100 ms }}
"""

failed = []


def verdict(held, text):
    if not held:
        failed.append(text)
    print(f"row programs-4: {text} -- {'ok' if held else 'FAILED'}", flush=True)


def run(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True).stdout


def isolate(switchd, script):
    """A machine of our own: its network, and its file systems. The programs that are needed are copied there."""
    bytes_of = [(TOP / "switchd", Path(switchd).read_bytes()), (TOP / "as", Path(script).read_bytes())]
    run("ip", "link", "set", "lo", "up")
    run("mount", "-o", "remount,bind,ro", "/")
    with open("/proc/self/mountinfo", encoding="ascii") as mounts:
        points = [line.split()[4] for line in mounts]
    for point in reversed(points):  # of others, who may remove them: they would go from here, too
        if any(point.startswith(place + "/") for place in PLACES if place != "/dev/shm"):
            subprocess.run(["umount", "-l", point], check=False)
    for place in PLACES:
        if os.path.isdir(place):
            run("mount", "-t", "tmpfs", "-o", "mode=1777,size=64m", "none", place)
    for path, data in bytes_of:
        path.write_bytes(data)
        path.chmod(0o755)
    os.chdir(TOP)


def marked(mark):
    """The processes of a LAN, this one's children among them or not."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ:
                if mark in environ.read().split(b"\0"):
                    found.add(int(pid))
        except OSError:
            pass
    return found


def links(folder):
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        try:
            yield os.readlink(f"{folder}/{name}")
        except OSError:
            pass


def field(pid, key):
    """Of /proc/PID/status; empty if the process has gone."""
    try:
        return re.search(rf"^{key}:\s+(.*)$", Path(f"/proc/{pid}/status").read_text(), re.M).group(1)
    except OSError:
        return ""


def spaces(pids):
    """The namespaces of processes that are not this one's."""
    own = set(links("/proc/self/ns"))
    return {link for pid in pids for link in links(f"/proc/{pid}/ns")} - own


def is_dead(pid):
    """Is it one whose status alone is left, for the machine's first process to fetch?"""
    return not any(links(f"/proc/{pid}/fd")) and field(pid, "State")[:1] in ("Z", "X", "")


def started(pid):
    """When, by the clock of now(); later than ever if it has gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return float("inf")


def now():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def alive(namespaces, ended, dead=False):
    """Those of them that a process of the machine is in, or holds open, or that are mounted somewhere. Their numbers are given anew: who
    began after they ended, or is of another user namespace, is in another. dead: also a process that is dead."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        own = set(links(f"/proc/{pid}/ns"))
        there = namespaces & (own | set(links(f"/proc/{pid}/fd")))
        if there and any(link.startswith("user:") for link in own & namespaces) and (dead or not is_dead(pid)) and started(pid) <= ended:
            found |= there
    with open("/proc/self/mountinfo", encoding="ascii") as mounts:
        text = mounts.read()
    return found | {space for space in namespaces if space in text}


def machine():
    """What is there besides processes."""
    files = sorted(str(path) for place in PLACES for path in Path(place).rglob("*"))
    with open("/proc/self/mountinfo", encoding="ascii") as mounts:
        mounted = mounts.read().splitlines()
    with open("/proc/net/unix", encoding="ascii") as sockets:
        named = sorted(line.split()[-1] for line in sockets if len(line.split()) > 7)
    return {"files": files, "mounts": mounted, "devices": run("ip", "-o", "link").splitlines(), "sockets": named}


class Lan:
    """One run of switchd, and what is known of it."""

    def __init__(self, who, argv, end="exec sleep 86404", inside=()):
        self.mark = f"SW_ROW_MARK={uuid.uuid4()}"
        self.who = who
        self.env = {**dict([self.mark.split("=")]), "PATH": os.environ["PATH"]}
        (TOP / "own/ends.yaml").write_text(LAN.format(end=end))
        self.said = open(TOP / "said", "w+", encoding="utf-8")
        self.child = self.start(*inside, "sh", "-c", 'echo $$ >/mnt/own/pid; exec "$@"', "sh", "/mnt/switchd", *argv, "/mnt/own/ends.yaml")
        self.extra = None
        self.ended = 0
        self.spaces = set()
        self.until(lambda: (TOP / "own/pid").exists() and (TOP / "own/pid").read_text().endswith("\n"), "it began")
        self.pid = int((TOP / "own/pid").read_text())

    def start(self, *argv):
        return subprocess.Popen(["/mnt/as", self.who, *argv], env=self.env, stdin=subprocess.DEVNULL, stdout=self.said, stderr=self.said,
                                start_new_session=True)

    def text(self):
        return (TOP / "said").read_text(encoding="utf-8")

    def until(self, what, why):
        end = time.monotonic() + WAIT
        while not what():
            assert time.monotonic() < end, f"{why}: never; {self.text()}"
            time.sleep(0.001)

    def up(self):
        self.until(lambda: self.text().count(": ready\n") >= 3 and " is up: " in self.text(), "all programs are ready")
        self.extra = self.start("/mnt/switchd", "exec", "/mnt/own/ends.yaml", "deaf", "--", "sh", "-c", "echo inside; exec sleep 86405")
        self.until(lambda: "inside\n" in self.text(), "a command was executed there")

    def look(self):
        pids = marked(self.mark.encode())
        self.spaces |= spaces(pids)
        return pids

    def signal(self, number):
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            pass

    def left(self):
        """Its status, what is left of it, and how long the last of it took to go."""
        status = self.child.wait(timeout=WAIT)
        self.ended, begun = now(), time.monotonic()
        while (marked(self.mark.encode()) or alive(self.spaces, self.ended)) and time.monotonic() < begun + GRACE:
            time.sleep(0.001)
        took = time.monotonic() - begun
        wrong = []
        for pid in marked(self.mark.encode()):
            wrong.append(f"process {pid}: {Path(f'/proc/{pid}/cmdline').read_bytes()!r}")
            os.kill(pid, signal.SIGKILL)
        if self.extra:
            self.extra.wait(timeout=WAIT)
        self.said.close()
        wrong += [f"namespace {space}" for space in alive(self.spaces, self.ended)]
        (TOP / "own/pid").unlink()
        return status, wrong, took


def interrupted(lan):
    """^C: what a terminal sends to all that it started."""
    lan.up()
    lan.look()
    os.killpg(os.getpgid(lan.pid), signal.SIGINT)
    return 0


def terminated(lan):
    lan.up()
    lan.look()
    lan.signal(signal.SIGTERM)
    return 0


def killed(lan):
    lan.up()
    lan.look()
    lan.signal(signal.SIGKILL)
    return 137


def killed_early(lan):
    """At any moment of its beginning."""
    time.sleep(random.uniform(0, 0.06))
    lan.look()
    lan.signal(signal.SIGKILL)
    return 137


def crashed(lan):
    """A program dies by SIGSEGV, and leaves children behind; that fails the LAN's check."""
    lan.until(lambda: "(it ended: signal 11" in lan.text(), "its program crashed")
    lan.look()
    lan.signal(signal.SIGINT)
    return 1


def keeper_killed(lan):
    """The first process of a host is killed, and with it all of that host."""
    lan.up()
    ours = lan.look()
    inside = os.readlink(f"/proc/{lan.pid}/ns/pid")
    keepers = [pid for pid in ours if field(pid, "PPid") == str(lan.pid) and os.readlink(f"/proc/{pid}/ns/pid") != inside]
    os.kill(random.choice(keepers), signal.SIGKILL)
    lan.until(lambda: "its first process has gone" in lan.text(), "that was seen")
    lan.signal(signal.SIGTERM)
    return 1


def full_disk(lan):
    """It plays to its end, and says what could not be written."""
    end = time.monotonic() + WAIT
    while lan.child.poll() is None:
        assert time.monotonic() < end, lan.text()
        lan.look()
        time.sleep(0.02)
    assert "No space left on device" in lan.text(), lan.text()
    return 3


SMALL = ("unshare", "-Urm", "sh", "-c", 'mount -t tmpfs -o size=16k none /mnt/own/small && exec "$@"', "sh")
RUN = ["run", "--for", "60 s"]
WAYS = [("^C", interrupted, RUN, {}), ("SIGTERM", terminated, RUN, {}), ("SIGKILL", killed, RUN, {}),
        ("SIGKILL while it begins", killed_early, RUN, {}), ("a program's crash", crashed, RUN, {"end": "sleep 0.05; kill -SEGV $$$$"}),
        ("a keeper's end", keeper_killed, RUN, {}), ("a full disk", full_disk, ["test", "--report", "/mnt/own/small/report"], {"inside": SMALL})]


def main():
    switchd, script, who, name, times = sys.argv[1:]
    isolate(switchd, script)
    (TOP / "own/small").mkdir(parents=True)
    if who != "root":
        for path in (TOP / "own", TOP / "own/small"):
            shutil.chown(path, who, who)
    (TOP / "node").mkdir()
    (TOP / "said").touch()
    (TOP / "own/ends.yaml").touch()
    (TOP / "own/ends.yaml").chmod(0o644)
    before, tally, leaks, longest, seen = machine(), {}, [], 0, []
    for i in range(int(times)):
        label, way, argv, more = WAYS[i % len(WAYS)]
        lan = Lan(who, argv, **more)
        want = way(lan)
        status, wrong, took = lan.left()
        after = machine()
        while way in (killed, killed_early) and after != before and now() < lan.ended + GRACE:
            after = machine()  # what a killed process leaves is removed by another
        for what, there in after.items():
            wrong += [f"{what}: {one}" for one in set(there) ^ set(before[what])]
        for path in set(after["files"]) - set(before["files"]):
            if os.path.lexists(path) and not os.path.isdir(path):
                os.unlink(path)
        seen.append((lan.spaces, lan.ended))
        longest = max(longest, took)
        well = not wrong and status in (want, -want, 0 if way is killed_early else want)
        tally.setdefault(label, []).append(well)
        if not well:
            leaks.append(f"{label} ({i}), status {status}, not {want}: {wrong}; it said {(TOP / 'said').read_text()[-300:]!r}")
    for label, results in tally.items():
        verdict(all(results), f"{name}: {label}: nothing left {sum(results)} of {len(results)} times")
    verdict(longest < GRACE, f"{name}: {times} LANs in a row; the last process of one was gone {longest * 1000:.0f} ms after switchd")
    end = time.monotonic() + WAIT
    total = sum(len(namespaces) for namespaces, _ in seen)
    while (left := set().union(*(alive(*one, dead=True) for one in seen))) and time.monotonic() < end:
        time.sleep(0.5)
    verdict(total >= 6 * int(times) and not left, f"{name}: of the {total} namespaces that were seen {len(left)} are left")
    for leak in leaks[:4] + leaks[4:][-4:]:
        print(leak)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
