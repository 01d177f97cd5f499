"""Ports of the machine that lead into the LAN: whole bytes, ends, resets, slowness, refusals."""
import contextlib
import hashlib
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
import urllib.request

from world import WAIT, Skip, case

LAN = """
name: forwards
switches: {{ core: {{}} }}
hosts:
  web: {{ address: 10.98.0.10/24, services: [http: {{ size: 3 MB }}, echo, chargen, discard] }}
  client: {{ address: 10.98.0.11/24 }}
  bare: {{}}
links:
  - {{ endpoints: [web, core], name: wire, {link} }}
  - [client, core]
  - [bare, core]
forward:
  - {{ host: "127.0.0.1:0", to: "web:80" }}
  - {{ host: "127.0.0.1:0", to: "web:7" }}
  - {{ host: "127.0.0.1:0", to: "web:81" }}
  - {{ host: "127.0.0.1:0", to: "web:7", from: client }}
  - {{ host: "127.0.0.1:0", to: "web:19" }}
  - {{ host: "127.0.0.1:0", to: "10.98.0.77:80", from: client }}
"""
HTTP, ECHO, CLOSED, FAR, CHARGEN, NOBODY = range(6)


class Up:
    def __init__(self, world, link="delay: 0"):
        self.running = world.up(world.write(LAN.format(link=link)))
        self.ports = [int(p) for p in re.findall(r"127\.0\.0\.1:(\d+) leads to", self.running.text())]
        assert len(self.ports) == 6, self.running.text()

    def __enter__(self):
        return self

    def __exit__(self, *why):
        return self.running.__exit__(*why)

    def reach(self, which):
        connection = socket.create_connection(("127.0.0.1", self.ports[which]), timeout=WAIT)
        connection.settimeout(WAIT)
        return connection

    def line(self, which):
        """connections, refused, reset, in, out, of a forward at the end."""
        status, said = self.running.end()
        assert status == 0, said
        found = re.search(rf"^forward 127\.0\.0\.1:{self.ports[which]} to \S+: (\d+) connections, (\d+) refused, (\d+) reset, "
                          r"(\d+) bytes into the LAN, (\d+) out of it$", said, re.M)
        assert found, said
        return tuple(int(n) for n in found.groups())


def whole(connection):
    data = b""
    while True:
        more = connection.recv(1 << 16)
        if not more:
            return data
        data += more


@case
def a_page_comes_through_a_forward(world):
    with Up(world) as up:
        with urllib.request.urlopen(f"http://127.0.0.1:{up.ports[HTTP]}/", timeout=WAIT) as answer:
            body = answer.read()
        assert body == bytes(i % 251 for i in range(3000000)), len(body)
        assert up.line(HTTP)[:3] == (1, 0, 0)


@case
def both_ends_may_end_alone(world):
    """What was sent before an end comes back after it."""
    text = bytes(range(256)) * 4000
    with Up(world) as up:
        for which in (ECHO, FAR):
            with up.reach(which) as connection:
                def send(to=connection):
                    to.sendall(text)
                    to.shutdown(socket.SHUT_WR)

                sender = threading.Thread(target=send)
                sender.start()
                assert whole(connection) == text
                sender.join()
        assert up.line(FAR) == (1, 0, 0, len(text), len(text))


@case
def a_forward_crosses_what_lies_between(world):
    with Up(world, "delay: 100 ms") as up:
        for which, least, most in ((ECHO, 0, 0.1), (FAR, 0.2, 2)):
            with up.reach(which) as connection:
                connection.sendall(b"x")
                begun = time.monotonic()
                assert connection.recv(1) == b"x"
                took = time.monotonic() - begun
                assert least <= took < most or which == FAR and took >= 0.15, (which, took)


@case
def what_refuses_in_the_lan_resets_outside(world):
    with Up(world) as up:
        for which in (CLOSED, NOBODY):
            try:
                with up.reach(which) as connection:
                    assert connection.recv(1) != b"", "an orderly end"
                    raise AssertionError("something came")
            except ConnectionResetError:
                pass
        assert up.line(CLOSED) == (1, 1, 0, 0, 0)


@case
def a_reset_outside_is_a_reset_in_the_lan(world):
    with Up(world) as up:
        with up.reach(CHARGEN) as connection:
            connection.recv(100)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with up.reach(ECHO) as connection:
            connection.sendall(b"alive")
            assert connection.recv(5) == b"alive"
        assert up.line(CHARGEN)[2] == 1


@case
def a_reader_that_stalls_costs_a_bounded_memory(world):
    with Up(world) as up:
        stalled = [up.reach(CHARGEN) for _ in range(50)]
        time.sleep(0.5)
        with open(f"/proc/{up.running.child.pid}/status", encoding="ascii") as status:
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1))
        assert peak < 128 << 10, f"{peak} kB"
        with up.reach(ECHO) as connection:
            connection.sendall(b"alive")
            assert connection.recv(5) == b"alive"
        digest = hashlib.sha256()
        for connection in stalled[:5]:
            got = 0
            while got < 1 << 20:
                more = connection.recv(1 << 16)
                assert more
                digest.update(more)
                got += len(more)
        for connection in stalled:
            connection.close()


@case
def hundreds_of_connections_stand_at_once(world):
    with Up(world) as up:
        all_of_them = [up.reach(FAR if i % 2 else ECHO) for i in range(400)]
        for i, connection in enumerate(all_of_them):
            connection.sendall(f"I am number {i}".encode())
            connection.shutdown(socket.SHUT_WR)
        for i, connection in enumerate(all_of_them):
            assert whole(connection) == f"I am number {i}".encode()
            connection.close()
        assert up.line(ECHO)[:3] == (200, 0, 0)


@case
def a_port_that_is_taken_is_told(world):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        lan = world.write(LAN.format(link="delay: 0").replace("127.0.0.1:0", f"127.0.0.1:{port}", 1))
        _, err = world.run("run", lan, "--for", "100 ms", status=3)
    assert re.search(rf"^switchd: forward 127\.0\.0\.1:{port}: .*another program listens there", err, re.M), err


@case
def a_lan_that_ends_resets_what_still_stands(world):
    with Up(world) as up:
        with up.reach(CHARGEN) as connection:
            connection.recv(100)
            status, said = up.running.end()
            assert status == 0 and "left over" not in said, said
            try:
                whole(connection)
                raise AssertionError("an orderly end")
            except ConnectionResetError:
                pass


CRASHING = """
name: crashing
switches: { core: {} }
hosts:
  web: { address: 10.98.0.10/24, services: [discard] }
  client: { address: 10.98.0.11/24 }
links: [[web, core], [client, core]]
forward: [{ host: "127.0.0.1:0", to: "web:9", from: client }]
events: [{ at: 100 ms, every: 10 ms, times: 200, crash: client, for: 2 ms }]
"""


@case
def a_host_that_crashes_resets_what_goes_through_it_and_no_more(world):
    """Bytes from outside come at the moment at which the socket that they are for has gone, too."""
    def pour(port, child):
        while child.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection:
                    while True:
                        connection.send(bytes(65536))
            except OSError:
                pass  # the next one

    with world.up(world.write(CRASHING), "--for", "2.5 s") as running:
        port = int(re.search(r"127\.0\.0\.1:(\d+) leads to", running.text()).group(1))
        pourers = [threading.Thread(target=pour, args=(port, running.child)) for _ in range(4)]
        for pourer in pourers:
            pourer.start()
        for pourer in pourers:
            pourer.join()
        assert running.child.wait(timeout=WAIT) == 0, running.text()


class Bare:
    """The LAN without a forward of its own, and with a name that no other test's has."""
    name = f"forwards-{os.getpid()}"

    def __init__(self, world, **more):
        self.world = world
        self.file = world.write(LAN.format(link="delay: 0").split("forward:")[0].replace("name: forwards", f"name: {self.name}"))
        self.running = world.up(self.file, **more)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        return self.running.__exit__(*why)

    def ask(self, *argv, status=0, **more):
        out, err = self.world.run("forward", self.file, *argv, status=status, **more)
        return err if status else out

    @contextlib.contextmanager
    def without_memory(self):
        """It gets none from the machine."""
        pid = self.running.child.pid
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            size = int(re.search(r"VmSize:\s+(\d+)", status.read()).group(1)) * 1024
        before = resource.prlimit(pid, resource.RLIMIT_AS)
        resource.prlimit(pid, resource.RLIMIT_AS, (size, before[1]))
        yield
        resource.prlimit(pid, resource.RLIMIT_AS, before)

    def knock(self, request):
        """A request as it is, sent and not waited for."""
        asks = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        asks.settimeout(WAIT)
        asks.connect(f"\0switchd/{os.geteuid()}/{self.name}")
        asks.send(request)
        return asks

    def add(self, to, *argv):
        """The port of one more forward."""
        found = re.fullmatch(rf"127\.0\.0\.1:(\d+) leads to {re.escape(to)}\n", self.ask("127.0.0.1:0", to, *argv))
        assert found
        return int(found.group(1))


@case
def a_forward_is_made_and_removed_while_the_lan_runs(world):
    with Bare(world) as lan:
        assert lan.ask() == ""
        echo, far = lan.add("web:7"), lan.add("10.98.0.10:7", "--from", "client")
        standing = []
        for port in (echo, far):
            standing.append(socket.create_connection(("127.0.0.1", port), timeout=WAIT))
            standing[-1].sendall(b"hello")
            assert standing[-1].recv(5) == b"hello"
        assert lan.ask() == (f"127.0.0.1:{echo} leads to web:7, 1 connections\n"
                             f"127.0.0.1:{far} leads to 10.98.0.10:7 from client, 1 connections\n")
        assert lan.ask("--remove", f"127.0.0.1:{echo}") == ""
        assert lan.ask() == f"127.0.0.1:{far} leads to 10.98.0.10:7 from client, 1 connections\n"
        try:
            socket.create_connection(("127.0.0.1", echo), timeout=WAIT).close()
            raise AssertionError("somebody answers there")
        except ConnectionRefusedError:
            pass
        standing[0].sendall(b"again")  # who stood goes on, to its own end
        standing[0].shutdown(socket.SHUT_WR)
        assert whole(standing[0]) == b"again"
        assert lan.ask(f"127.0.0.1:{echo}", "web:19") == f"127.0.0.1:{echo} leads to web:19\n"
        with socket.create_connection(("127.0.0.1", echo), timeout=WAIT) as connection:
            assert connection.recv(10)
        for connection in standing:
            connection.close()
        status, said = lan.running.end()
        assert status == 0 and "left over" not in said, said
        assert "\nforwards that were removed: 1 connections, 0 refused, 0 reset, 10 bytes into the LAN, 10 out of it\n" in said, said
        assert f"\nforward 127.0.0.1:{far} to 10.98.0.10:7: 1 connections, " in said, said


@case
def a_forward_is_removed_in_the_turn_in_which_its_last_connection_is_reset(world):
    with Bare(world) as lan:
        port = lan.add("web:7")
        connection = socket.create_connection(("127.0.0.1", port), timeout=WAIT)
        connection.sendall(b"hello")
        assert connection.recv(5) == b"hello"
        lan.running.stop()  # it hears of both at once
        with lan.knock(f"forward remove 127.0.0.1:{port}".encode()) as asks:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            lan.running.child.send_signal(signal.SIGCONT)
            assert asks.recv(100) == b"+\0"
        assert lan.ask() == ""
        status, said = lan.running.end()
        assert status == 0 and "\nforwards that were removed: 1 connections, 0 refused, 1 reset, " in said, said


@case
def a_forward_that_cannot_be_is_refused_with_the_reason(world):
    with Bare(world) as lan, socket.create_server(("127.0.0.1", 0)) as taken:
        place = "127.0.0.1:%d" % taken.getsockname()[1]
        port = lan.add("web:80")
        for argv, status, why in (
                ((place, "web:80"), 3, f"forward {place}: address already in use"),
                ((f"127.0.0.1:{port}", "web:80"), 3, f"forward 127.0.0.1:{port}: the LAN has one there already"),
                (("8080", "web:80"), 2, "expected an address and a port like 127.0.0.1:8080, found '8080'"),
                (("127.0.0.1:0", "web"), 2, "'web': expected a host or an address and its port, as web:80"),
                (("127.0.0.1:0", "web:0"), 2, "'web:0': expected a host or an address and its port, as web:80"),
                (("127.0.0.1:0", "web:080"), 2, "'web:080': expected a host or an address and its port, as web:80"),
                (("127.0.0.1:0", "255.255.255.255:80", "--from", "client"), 2,
                 "'255.255.255.255' is the broadcast address of every net, expected a host's address"),
                (("127.0.0.1:0", "224.0.0.1:80", "--from", "client"), 2,
                 "'224.0.0.1' is a multicast address (224.0.0.0/4), expected a host's address"),
                (("127.0.0.1:0", "bare:80"), 2, "'bare' is neither a host of the LAN with an address, nor an address"),
                (("127.0.0.1:0", "web:80", "--from", "bare"), 2, "the host 'bare' has no address"),
                (("127.0.0.1:0", "wbe:80"), 2, "'wbe' is neither a host of the LAN with an address, nor an address"),
                (("127.0.0.1:0", "10.98.0.77:80"), 2, "'10.98.0.77' is an address: say --from, the host that connects to it"),
                (("127.0.0.1:0", "web:80", "--from", "nobody"), 2, "the LAN has no host 'nobody'"),
                (("--remove", "127.0.0.1:1"), 2, "the LAN has no forward at 127.0.0.1:1"),
                (("127.0.0.1:0", "web:80 client"), 2, "a place is an address and a port, and a host has a short name")):
            said = lan.ask(*argv, status=status)
            assert said == f"switchd: {why}\n", (argv, said)
        assert lan.ask() == f"127.0.0.1:{port} leads to web:80, 0 connections\n"
    assert lan.ask(status=3) == f"switchd: no LAN named '{Bare.name}' runs in real time for this user\n"


@case
def a_request_is_understood_whole_or_refused(world):
    with Bare(world) as lan:
        for request, answer in ((b"forward list", b"+\0"),
                                (b"forward list\0", b"2this request is not known here\0"),
                                (b"forward list" + b" " * 600, b"2this request is not known here\0"),
                                (b"forward list all", b"2this request is not known here\0"),
                                (b"forward add 127.0.0.1:0 web:7 client one more", b"2this request is not known here\0"),
                                (b"forward", b"2this request is not known here\0"),
                                (b"exec web\0x", b"2this request is not known here\0"),
                                (b"exec web", b"2the host 'web' is a virtual one: there is nothing to execute on it\0")):
            with lan.knock(request) as asks:
                assert asks.recv(1000) == answer, request


@case
def who_asks_is_heard_where_all_descriptors_are_used_up(world):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    with Bare(world, preexec_fn=few) as lan:
        port = lan.add("web:7")
        standing = [socket.create_connection(("127.0.0.1", port), timeout=WAIT) for _ in range(80)]
        assert re.fullmatch(rf"127\.0\.0\.1:{port} leads to web:7, [345]\d connections\n", lan.ask()), lan.ask()
        said = lan.ask("127.0.0.1:0", "web:80", status=3)
        assert said == "switchd: forward 127.0.0.1:0: too many open files\n", said
        for connection in standing:
            connection.close()


@case
def who_comes_when_memory_is_out_is_turned_away_and_the_next_is_not(world):
    with Bare(world) as lan:
        port = lan.add("web:7")
        standing = [socket.socket() for _ in range(400)]
        with lan.without_memory():
            for connection in standing:
                connection.connect_ex(("127.0.0.1", port))  # which may hear of a reset, too
            time.sleep(0.3)
        for connection in standing:
            connection.close()
        with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection:
            connection.sendall(b"hello")
            assert connection.recv(5) == b"hello"
        status, said = lan.running.end()
        assert status == 0 and re.search(r"to web:7: 401 connections, [1-9]\d* refused, ", said), said


@case
def what_finds_no_memory_is_reset_and_does_not_hang(world):
    with Bare(world) as lan:
        port = lan.add("web:9")
        standing = [socket.create_connection(("127.0.0.1", port), timeout=WAIT) for _ in range(10)]
        until = time.monotonic() + 0.7
        with lan.without_memory():
            while time.monotonic() < until:
                for connection in standing:
                    try:
                        connection.send(bytes(65536), socket.MSG_DONTWAIT)
                    except OSError:
                        pass  # no room, or reset
        for connection in standing:
            try:
                connection.sendall(bytes(8 << 20))
            except ConnectionError:
                pass
            connection.close()


@case
def a_lan_is_found_by_its_socket_too(world):
    name = f"@switchd/{os.geteuid()}/{Bare.name}"
    with Bare(world) as lan:
        out, _ = world.run("forward", name, "127.0.0.1:0", "web:7")
        assert out == lan.ask().split(",")[0] + "\n", out
        for wrong in ("@switchd/me/forwards", "@switchd/0", "@switchd/0/", "@nothing"):
            _, err = world.run("forward", wrong, status=2)
            assert err == f"switchd: '{wrong}': a LAN's socket is named @switchd/USER/LAN, USER a number\n", err


@case
def only_its_user_and_root_may_ask_a_lan(world):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("not root: nobody else can be tried")
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    with Bare(world):
        _, err = world.run("forward", f"@switchd/0/{Bare.name}", "127.0.0.1:0", "web:7", status=3, prefix=nobody)
        assert err == "switchd: the LAN did not answer\n", err
    file = world.write("name: theirs\nhosts: { web: { address: 10.98.0.10/24, services: [echo] } }\n")
    said = world.folder / "theirs"
    with open(said, "wb") as to:
        theirs = subprocess.Popen([*nobody, str(world.switchd), "run", str(file)], stdin=subprocess.DEVNULL, stdout=to, stderr=to)
    world.children.append(theirs)
    until = time.monotonic() + WAIT
    while " is up" not in said.read_text():
        assert time.monotonic() < until and theirs.poll() is None, said.read_text()
        time.sleep(0.02)
    assert "leads to web:7" in world.run("forward", "@switchd/65534/theirs", "127.0.0.1:0", "web:7")[0]
    theirs.terminate()
    assert theirs.wait(timeout=WAIT) == 0, said.read_text()


@case
def forwards_have_a_bound_and_a_list(world):
    with Bare(world) as lan:
        done = subprocess.run(["sh", "-c", f'for i in $(seq 1001); do {world.switchd} forward {lan.file} 127.0.0.1:0 web:7 || exit; done'],
                              capture_output=True, text=True, timeout=WAIT * 6, check=False)
        assert done.returncode == 3 and done.stderr == "switchd: forward 127.0.0.1:0: the LAN has as many as it may\n", done
        assert lan.ask().count("leads to web:7, 0 connections\n") == 1000
