"""Sockets for virtual machines: what speaks QEMU's -netdev stream and dgram here is a few lines of Python, which can do what QEMU never
would. Needs no privilege."""
import hashlib
import os
import re
import resource
import signal
import socket
import struct
import time
from pathlib import Path

from world import WAIT, case

LAN = """
name: machines
switches: {{ core: {{}} }}
hosts:
  web: {{ address: 10.97.0.10/24, services: [udp-echo, chargen] }}
uplinks:
  vm: {{ type: qemu, {keys} }}
links: [[web, core], [vm, core]]
"""

MAC = bytes.fromhex("020000000001")
OURS, WEB = socket.inet_aton("10.97.0.1"), socket.inet_aton("10.97.0.10")


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def arp(operation, to=WEB, target=bytes(6)):
    there = b"\xff" * 6 if operation == 1 else target
    return there + MAC + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, operation) + MAC + OURS + target + to


def echo(mac, number, size=56):
    text = struct.pack("!HH", 0x5357, number) + bytes(range(256)) * (size // 256) + bytes(range(size % 256))
    icmp = b"\x08\x00" + struct.pack("!H", checksum(b"\x08\x00\x00\x00" + text)) + text
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), number, 0, 64, 1, 0, OURS, WEB)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return mac + MAC + b"\x08\x00" + head + icmp


class Machine:
    """A network card: frames go out by `send`, come in by `receive`."""

    def __init__(self, send, receive):
        self.send, self.receive = send, receive
        self.web = None

    def next(self, kind):
        """The next frame of this EtherType to us; questions about our address are answered meanwhile."""
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            frame = self.receive()
            if frame[12:14] == b"\x08\x06" and frame[20:22] == b"\x00\x01" and frame[38:42] == OURS:
                self.send(arp(2, frame[28:32], frame[22:28]))
            elif frame[12:14] == kind and frame[:6] == MAC:
                return frame
        raise AssertionError(f"no frame of type {kind.hex()}")

    def ping(self, number, size=56):
        if not self.web:
            self.send(arp(1))
            self.web = self.next(b"\x08\x06")[22:28]
        sent = echo(self.web, number, size)
        self.send(sent)
        back = self.next(b"\x08\x00")
        assert back[34] == 0 and back[38:42 + size] == sent[38:42 + size], "that is no answer"


def stream(connection):
    connection.settimeout(WAIT)

    def receive():
        (n,) = struct.unpack("!I", exactly(connection, 4))
        return exactly(connection, n)

    return Machine(lambda frame: connection.sendall(struct.pack("!I", len(frame)) + frame), receive)


def exactly(connection, n):
    data = b""
    while len(data) < n:
        more = connection.recv(n - len(data))
        assert more, "the connection was closed"
        data += more
    return data


def reach(where, kind=socket.AF_UNIX):
    connection = socket.socket(kind)
    connection.settimeout(WAIT)
    connection.connect(str(where) if kind == socket.AF_UNIX else where)
    return connection


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def up(world, keys):
    return world.up(world.write(LAN.format(keys=keys)), "--log", "info")


@case
def a_machine_reaches_the_lan_by_a_stream_and_comes_back(world):
    path = world.folder / "vm.sock"
    with up(world, "listen: ./vm.sock") as running:
        for life in range(3):
            with reach(path) as connection:
                machine = stream(connection)
                for number in range(5):
                    machine.ping(number, 1400 if number == 4 else 56)
            running.wait_for(r"^switchd: info: uplink 'vm': the peer is gone$", life + 1)
        status, said = running.end()
    assert status == 0, said
    assert re.search(r"^uplink vm \(qemu\): \d+ from QEMU, \d+ to it, 1 not written, 0 not read, 3 peers$", said, re.M), said
    assert not path.exists(), "the socket's path was left behind"


@case
def a_second_machine_waits_until_the_first_has_gone(world):
    path = world.folder / "vm.sock"
    with up(world, "listen: ./vm.sock"):
        with reach(path) as first:
            stream(first).ping(1)
            second = reach(path)
            machine = stream(second)
            machine.send(arp(1))
            second.settimeout(0.2)
            try:
                second.recv(1)
                raise AssertionError("the second was served beside the first")
            except TimeoutError:
                second.settimeout(WAIT)
        machine.ping(2)
        second.close()


@case
def a_machine_that_finds_no_descriptor_left_is_let_in_later(world):
    """And costs nothing meanwhile."""
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    def spent():
        fields = Path(f"/proc/{running.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    text = LAN.format(keys="listen: ./vm.sock").replace("chargen", "echo")
    file = world.write(text + 'forward: [{ host: "127.0.0.1:0", to: "web:7" }]\n')
    with world.up(file, preexec_fn=few) as running:
        port = int(re.search(r"127\.0\.0\.1:(\d+) leads to", running.text()).group(1))
        standing = [socket.create_connection(("127.0.0.1", port), timeout=WAIT) for _ in range(80)]
        time.sleep(0.3)
        with reach(world.folder / "vm.sock") as connection:
            before = spent()
            time.sleep(0.5)
            assert spent() - before < 0.2, spent() - before
            for one in standing:
                one.close()
            stream(connection).ping(1)


@case
def a_lan_that_calls_finds_its_machine_whenever_it_is_there(world):
    port = free_port()
    with up(world, f'connect: "127.0.0.1:{port}"') as running:
        running.wait_for(r"^switchd: warning: uplink 'vm': 127\.0\.0\.1:\d+: Connection refused; it is tried again every second$")
        for life in range(2):
            with socket.create_server(("127.0.0.1", port)) as server:
                server.settimeout(WAIT)
                connection, _ = server.accept()
            with connection:
                stream(connection).ping(life)
        _, said = running.end()
    assert re.search(r", 2 peers$", said, re.M), said
    assert 1 <= said.count("Connection refused") <= 3, f"said too often: {said}"


@case
def datagrams_go_by_path_and_by_port(world):
    ours, theirs = world.folder / "lan.sock", world.folder / "vm.sock"
    ports = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    for kind, local, remote, keys in (
            (socket.AF_UNIX, str(theirs), str(ours), "listen: ./lan.sock, connect: ./vm.sock"),
            (socket.AF_INET, ("127.0.0.1", ports[1]), ("127.0.0.1", ports[0]),
             f'listen: "127.0.0.1:{ports[0]}", connect: "127.0.0.1:{ports[1]}"')):
        with up(world, keys + ", framing: dgram") as running:
            with socket.socket(kind, socket.SOCK_DGRAM) as card, socket.socket(kind, socket.SOCK_DGRAM) as stranger:
                card.bind(local)
                card.settimeout(WAIT)
                machine = Machine(lambda f, c=card, r=remote: c.sendto(f, r), lambda c=card: c.recv(70000))
                for number in range(5):
                    machine.ping(number)
                stranger.sendto(arp(1), remote)
                machine.send(b"short")
                machine.ping(5)
            status, said = running.end()
        assert status == 0, said
        refused = 1 if kind == socket.AF_UNIX else 2  # a path's stranger is whom the file system let in
        assert re.search(rf"^uplink vm \(qemu\): .* not written, {refused} not read$", said, re.M), said


@case
def what_is_no_frame_does_no_harm(world):
    path = world.folder / "vm.sock"
    with up(world, "listen: ./vm.sock") as running:
        with reach(path) as connection:
            machine = stream(connection)
            machine.send(b"")
            machine.send(b"thirteen byte")
            machine.ping(1)
            whole = struct.pack("!I", 42) + arp(1)
            for byte in whole:  # in pieces of a byte
                connection.sendall(bytes([byte]))
            machine.ping(2)
            connection.sendall(struct.pack("!I", 1 << 20) + bytes(100))
            running.wait_for(r"the peer is gone: it sent what is no frame's length, and was left$")
        with reach(path) as connection:
            stream(connection).ping(3)
        _, said = running.end()
    assert re.search(r", 3 not read, 2 peers$", said, re.M), said


@case
def a_machine_that_does_not_read_costs_a_bounded_queue(world):
    path = world.folder / "vm.sock"
    with up(world, "listen: ./vm.sock") as running:
        with reach(path) as connection:
            machine = stream(connection)
            machine.ping(1)
            for number in range(6000):
                machine.send(echo(machine.web, number & 0xffff, 1400))
            with open(f"/proc/{running.child.pid}/status", encoding="ascii") as status:
                peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1))
            assert peak < 64 << 10, f"{peak} kB"
            connection.settimeout(1)
            got = 0
            try:
                while True:
                    got += len(connection.recv(1 << 20))
            except TimeoutError:
                pass
            assert got > 1 << 20, got
        _, said = running.end()
    assert re.search(r"^uplink vm \(qemu\): .* [1-9]\d* not written, ", said, re.M), said
    assert re.search(r"port-write|not written", said), said


@case
def a_place_that_cannot_be_had_is_told_and_a_dead_one_is_taken(world):
    path = world.folder / "vm.sock"
    file = world.write(LAN.format(keys="listen: ./vm.sock"))
    with world.up(file):
        _, err = world.run("run", file, "--for", "100 ms", status=3)
        assert re.search(r"^switchd: uplink 'vm': \S*vm\.sock: Address already in use; another program is there: ", err, re.M), err
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    assert path.exists()
    with world.up(file) as running:
        with reach(path) as connection:
            stream(connection).ping(1)
    assert not path.exists()
    path.write_text("a file of somebody's")
    _, err = world.run("run", file, "--for", "100 ms", status=3)
    assert "Address already in use" in err and path.read_text() == "a file of somebody's", err
    path.unlink()
    _, err = world.run("run", world.write(LAN.format(keys="listen: ./none/vm.sock")), "--for", "100 ms", status=3)
    assert "its folder is not there" in err, err


@case
def a_machine_ends_with_its_lan_by_any_signal(world):
    for number in (signal.SIGINT, signal.SIGTERM):
        with up(world, "listen: ./vm.sock") as running:
            with reach(world.folder / "vm.sock") as connection:
                stream(connection).ping(1)
                status, said = running.end(number)
                assert status == 0 and connection.recv(1) == b"", (status, said)
        assert not os.path.exists(world.folder / "vm.sock")


@case
def two_lans_are_joined_by_their_sockets(world):
    """Each is the other's machine; the one that calls finds the other again."""
    near = """
name: near
hosts:
  client: {{ address: 10.97.0.20/24 }}
uplinks:
  trunk: {{ type: qemu, {keys} }}
links: [[client, trunk]]
scenario:
  - wait: {{ for: {wait} }}
  - ping: {{ from: client, to: 10.97.0.10, count: 5, interval: 10 ms }}
  - http: {{ from: client, url: "http://10.97.0.10/" }}
    expect: {{ sha256: {digest} }}
"""
    far = """
name: far
hosts:
  web: {{ address: 10.97.0.10/24, services: [http: {{ size: 3 MB }}] }}
uplinks:
  trunk: {{ type: qemu, {keys} }}
links: [[web, trunk]]
"""
    digest = hashlib.sha256(bytes(i % 251 for i in range(3000000))).hexdigest()
    port = free_port()
    ways = (("connect: ./trunk.sock", "listen: ./trunk.sock"),
            (f'connect: "127.0.0.1:{port}"', f'listen: "127.0.0.1:{port}"'),
            ("framing: dgram, listen: ./near.sock, connect: ./far.sock", "framing: dgram, listen: ./far.sock, connect: ./near.sock"))
    for ours, theirs in ways:
        # By path the other is there at once, by port when it has answered.
        one = world.write(near.format(keys=ours, digest=digest, wait="100 ms" if "127" in ours else "0 s"))
        other = world.write(far.format(keys=theirs))
        for _ in range(2):
            with world.up(other):
                out, err = world.run("test", one)
                assert re.search(r"^3 passed, 0 failed$", out + err, re.M), (ours, out, err)
    one = world.write(near.format(keys=ways[0][0], digest=digest, wait="0 s"))
    with world.up(one, "--log", "info") as calling:
        for life in range(2):
            with world.up(other := world.write(far.format(keys=ways[0][1]))):
                calling.wait_for(r"^switchd: info: uplink 'trunk': a peer is there$", life + 1)
            calling.wait_for(r"^switchd: info: uplink 'trunk': the peer is gone$", life + 1)


@case
def a_socket_at_a_path_goes_with_its_lan_however_that_ends(world):
    """SIGKILL, too; and a path that is another's by then stays."""
    pair = "framing: dgram, listen: ./lan.sock, connect: ./vm.sock"
    for keys, name in (("listen: ./vm.sock", "vm.sock"), (pair, "lan.sock")):
        path = world.folder / name
        for number in (signal.SIGINT, signal.SIGKILL):
            with up(world, keys) as running:
                assert path.is_socket()
                running.child.send_signal(number)
                running.child.wait(timeout=WAIT)
            until = time.monotonic() + WAIT
            while os.path.lexists(path):
                assert time.monotonic() < until, f"{name} is still there after {number.name}"
                time.sleep(0.01)
    with up(world, "listen: ./vm.sock") as running:
        path = world.folder / "vm.sock"
        path.unlink()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
            other.bind(str(path))
            running.child.kill()
            running.child.wait(timeout=WAIT)
            time.sleep(0.2)
            assert path.is_socket(), "it was another's"
        path.unlink()
