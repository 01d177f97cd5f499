"""`switchd exec` and `switchd shell` on a terminal: its keys and size reach the command, and how that ends is how it ends."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from programs import lan, survivors
from world import WAIT, case


def take_terminal():
    """Its keys count, whatever whoever runs the tests ignores: a shell cannot trap what was ignored before it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, world, *argv, **more):
        self.master, slave = pty.openpty()
        self.text = ""
        self.child = subprocess.Popen([str(a) for a in argv], stdin=slave, stdout=slave, stderr=slave, cwd=world.folder,
                                      start_new_session=True, preexec_fn=take_terminal, **more)
        os.close(slave)
        world.children.append(self.child)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        os.close(self.master)

    def type(self, keys):
        os.write(self.master, keys)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait_for(self, pattern):
        until = time.monotonic() + WAIT
        while not re.search(pattern, self.text, re.M):
            assert time.monotonic() < until, f"it never showed {pattern!r}: {self.text!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.master, 65536).decode("utf-8", "replace").replace("\r\n", "\n")
                except OSError as gone:
                    raise AssertionError(f"it ended without {pattern!r}: {self.text!r}") from gone

    def ends(self, status):
        ended = self.child.wait(timeout=WAIT)
        assert ended == status, f"exit status {ended}, not {status}: {self.text!r}"


@case
def a_command_on_a_host_has_the_terminal(world):
    file = lan(world, '[sleep, "60"]')
    with world.up(file):
        loop = "echo ready; while :; do sleep 0.05; done"
        with Terminal(world, world.switchd, "exec", file, "api", "--", "sh", "-c", f"tty; trap 'stty size' WINCH; {loop}") as t:
            t.wait_for(r"^/dev/pts/\d+$")
            t.wait_for(r"^ready$")
            t.resize(41, 97)
            t.wait_for(r"^41 97$")
            t.type(b"\x03")
            t.ends(128 + signal.SIGINT)
        with Terminal(world, world.switchd, "exec", file, "api", "--", "sh", "-c", f"trap 'echo heard; exit 9' INT; {loop}") as t:
            t.wait_for(r"^ready$")
            t.type(b"\x03")
            t.wait_for(r"^(\^C)?heard$")
            t.ends(9)
        with Terminal(world, world.switchd, "exec", file, "api", "--", "sh", "-c", f"trap 'echo quit; exit 8' QUIT; {loop}") as t:
            t.wait_for(r"^ready$")
            t.type(b"\x1c")
            t.ends(8)
        with Terminal(world, world.switchd, "exec", file, "api", "--", "cat") as t:
            t.type(b"typed\n")
            t.wait_for(r"^typed\n(.*\n)*?typed$")
            t.type(b"\x04")
            t.ends(0)


@case
def a_shell_on_a_host_is_interactive(world):
    file = lan(world, '[sleep, "60"]')
    shell = next(s for s in ("/bin/bash", "/bin/sh") if os.path.exists(s))
    quiet = {**os.environ, "SHELL": shell, "HOME": str(world.folder), "PS1": "at-\\h> ", "TERM": "dumb"}
    with world.up(file):
        with Terminal(world, world.switchd, "shell", file, "api", env=quiet) as t:
            t.type(b"PS1='>'; echo $((6 * 7)) $(hostname)\n")
            t.wait_for(r"^42 api$")
            t.type(b"sleep 86403\n")
            while not survivors("86403"):
                t.wait_for(r"sleep 86403")
                time.sleep(0.02)
            t.type(b"\x03")  # ends what runs, not the shell
            t.type(b"echo still $((1 + 1))\n")
            t.wait_for(r"still 2$")
            t.type(b"sleep 86403 & kill %1; wait; echo done\n")
            t.wait_for(r"^done$")
            t.type(b"exit 5\n")
            t.ends(5)
        assert "job control" not in t.text and "Inappropriate" not in t.text, t.text


@case
def a_command_on_a_host_ends_with_who_ran_it(world):
    file = lan(world, '[sleep, "60"]')
    with world.up(file):
        for number in (signal.SIGKILL, signal.SIGTERM):
            running = subprocess.Popen([str(world.switchd), "exec", str(file), "api", "--", "sleep", "86404"])
            world.children.append(running)
            until = time.monotonic() + WAIT
            while len(survivors("86404")) < 2:
                assert time.monotonic() < until
                time.sleep(0.01)
            running.send_signal(number)
            assert running.wait(timeout=WAIT) == -number
            while survivors("86404"):
                assert time.monotonic() < until, "the command outlived it"
                time.sleep(0.01)
