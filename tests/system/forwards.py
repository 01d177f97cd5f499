"""Ports of the machine that lead into the LAN: whole bytes, ends, resets, slowness, refusals."""
import hashlib
import re
import socket
import struct
import threading
import time
import urllib.request

from world import WAIT, case

LAN = """
name: forwards
switches: {{ core: {{}} }}
hosts:
  web: {{ address: 10.98.0.10/24, services: [http: {{ size: 3 MB }}, echo, chargen, discard] }}
  client: {{ address: 10.98.0.11/24 }}
links:
  - {{ endpoints: [web, core], name: wire, {link} }}
  - [client, core]
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
