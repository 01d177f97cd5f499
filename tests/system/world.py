"""What the system tests stand on: one line a case, namespaces that are gone afterwards, switchd as a child that is ended by its
number. Every wait has an end."""
import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WAIT = 20  # seconds, for whatever should take one


class Skip(Exception):
    """This machine does not allow what the case needs."""


class World:
    """A folder, namespaces and children, all of which end with it."""

    def __init__(self, build):
        self.switchd = Path(build).resolve() / "switchd/switchd"
        self.root = Path(__file__).resolve().parent.parent.parent
        self.folder = Path(tempfile.mkdtemp(prefix="switchd-system-"))
        self.folder.chmod(0o755)
        self.spaces = []
        self.children = []
        self.files = 0
        atexit.register(self.end)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda n, _: sys.exit(128 + n))

    def end(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        for name in self.spaces:
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)
        self.spaces = []
        shutil.rmtree(self.folder, ignore_errors=True)

    def need_kernel(self):
        """Root, namespaces and taps, or Skip."""
        if os.geteuid() != 0:
            raise Skip("not root: no namespace, no tap")
        if not os.path.exists("/dev/net/tun"):
            raise Skip("no /dev/net/tun here")
        if not shutil.which("ip"):
            raise Skip("no ip(8) here")
        done = subprocess.run(["ip", "-n", self.space("probe"), "tuntap", "add", "swt0", "mode", "tap"], capture_output=True,
                              text=True, timeout=WAIT, check=False)
        if done.returncode != 0 and "busy" not in done.stderr:
            raise Skip(f"no tap can be made here: {done.stderr.strip()}")

    def space(self, label):
        """The network namespace swt-PID-LABEL, made when first asked for."""
        name = f"swt-{os.getpid()}-{label}"
        if name not in self.spaces:
            done = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, timeout=WAIT, check=False)
            if done.returncode != 0:
                raise Skip(f"no network namespace can be made here: {done.stderr.strip()}")
            self.spaces.append(name)
            done = subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], capture_output=True, text=True,
                                  timeout=WAIT, check=False)
            if done.returncode != 0:
                raise Skip(f"nothing can be set in a network namespace here: {done.stderr.strip()}")
        return name

    def inside(self, label, *argv, status=0, timeout=WAIT):
        """Runs a command in a namespace. Its output; fails unless it ends with `status`."""
        return self.command("ip", "netns", "exec", self.space(label), *argv, status=status, timeout=timeout)

    def command(self, *argv, status=0, timeout=WAIT):
        done = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout, cwd=self.folder, check=False)
        said = done.stdout.decode("utf-8", "replace")
        assert done.returncode == status, f"{' '.join(map(str, argv))}: exit status {done.returncode}, not {status}: {said}"
        return said

    def write(self, text, name=None):
        """A file with this text. Its path."""
        self.files += 1
        path = self.folder / (name or f"lan{self.files}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *argv, status=0, timeout=WAIT, prefix=(), **more):
        """Runs switchd to its end. (stdout, stderr); fails unless it ends with `status`."""
        argv = [*prefix, self.switchd, *argv]
        more.setdefault("stdout", subprocess.PIPE)
        done = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=timeout,
                              cwd=self.folder, check=False, **more)
        out = (done.stdout or b"").decode("utf-8", "replace")
        err = done.stderr.decode("utf-8", "replace")
        assert done.returncode == status, f"exit status {done.returncode}, not {status}; said {out!r} and {err!r}"
        return out, err

    def up(self, *argv, **more):
        """`switchd run` in the background, returned once the LAN is up."""
        return Running(self, [self.switchd, "run", *argv], **more)


class Running:
    def __init__(self, world, argv, **more):
        world.files += 1
        self.said = world.folder / f"said{world.files}"
        with open(self.said, "wb") as to:
            self.child = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=to, stderr=to,
                                          cwd=world.folder, **more)
        world.children.append(self.child)
        try:
            self.wait_for(r"^.* is up: ")
        except AssertionError:
            self.child.kill()
            self.child.wait()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
            status = self.child.wait(timeout=WAIT)
            assert kind or status == 0, f"^C: exit status {status}: {self.text()}"

    def text(self):
        return self.said.read_text("utf-8", "replace")

    def wait_for(self, pattern, count=1):
        until = time.monotonic() + WAIT
        while len(re.findall(pattern, self.text(), re.M)) < count:
            assert self.child.poll() is None, f"it ended with {self.child.returncode}: {self.text()}"
            assert time.monotonic() < until, f"it never said {pattern!r}: {self.text()}"
            time.sleep(0.02)

    def stop(self):
        """It stands still from now on, until SIGCONT."""
        self.child.send_signal(signal.SIGSTOP)
        until = time.monotonic() + WAIT
        while Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "T":
            assert time.monotonic() < until, "it does not stop"
            time.sleep(0.001)

    def end(self, number=signal.SIGINT):
        self.child.send_signal(number)
        return self.child.wait(timeout=WAIT), self.text()


CASES = []


def case(function):
    """A case: its name is the function's, its promise the docstring."""
    CASES.append(function)
    return function


def play(world):
    """Runs all cases, a line each. The exit status."""
    failed = False
    for function in CASES:
        begun = time.monotonic()
        try:
            function(world)
        except Skip as reason:
            print(f"skip {function.__name__}: {reason}")
        except Exception as why:  # pylint: disable=broad-except  (a case that breaks is one that failed)
            failed = True
            lines = f"{type(why).__name__} {why}".strip().replace("\n", "\n    ")
            print(f"not ok {function.__name__}: {lines}")
        else:
            print(f"ok {function.__name__}")
        print(f"  took {time.monotonic() - begun:.2f} s", flush=True)
    return 1 if failed else 0
