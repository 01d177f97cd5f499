"""Steps that speak from real programs' hosts, and to them: each kind, with what it finds out of virtual hosts, by the kernel's own sockets."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from programs import probe
from world import WAIT, Skip, case

SPEAKERS = """
name: speakers
hosts:
  api: {{ address: 10.99.0.1/24, gateway: 10.99.0.254, run: {run}, ready: {{ port: 80 }} }}
  two: {{ address: 10.99.0.3/24, run: {run}, ready: {{ port: 80 }} }}
  web: {{ address: 10.99.0.2/24, services: [http: {{ body: virtual }}, echo, udp-echo] }}
  deaf: {{ address: 10.99.0.4/24, run: ["{python3}", -c, "{deaf}"], ready: {{ port: 90 }} }}
  router: {{ address: 10.99.0.254/24, forwarding: on }}
switches: {{ core: {{}} }}
links:
  - {{ endpoints: [api, core], name: wire, delay: 2 ms }}
  - [two, core]
  - [web, core]
  - [router, core]
  - [deaf, core]
scenario:
{steps}
"""


def descendants(pids):
    """The children of these processes."""
    found = []
    for pid in pids:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            found += map(int, children.read().split())
    return found


# Takes connections, and reads nothing of them.
DEAF = "import socket, time; s = socket.create_server(('', 90)); c = s.accept(); time.sleep(60)"


def lan_of(world, steps, python3=sys.executable):
    return world.write(SPEAKERS.format(run=f"[{python3}, -u, web.py]", python3=python3, deaf=DEAF, steps=steps))


def speaks(world, steps, passed, prefix=(), **more):
    """Steps in a LAN with three programs, a virtual host and a router to nowhere, all of which pass."""
    probe(world)
    out, err = world.run("test", lan_of(world, steps, **more), prefix=prefix)
    assert re.search(rf"^{passed} passed, 0 failed$", out + err, re.M), out + err


def timed(took):
    """Both ways of the wire, and at most what a busy machine adds."""
    return f'took: "{took} ms .. {took + 400} ms"'


@case
def tcp_speaks_from_a_program(world):
    speaks(world, f"""
  - tcp: {{ from: api, to: "web:7", send: good day }}
    expect: {{ receive: good day, {timed(8)} }}
  - tcp: {{ from: api, to: "two:80", send: "GET / HTTP/1.0\r\n\r\n" }}
    expect: {{ receive: /hello/, {timed(8)} }}
  - tcp: {{ from: api, to: "api:80", send: "GET / HTTP/1.0\r\n\r\n" }}
    expect: {{ receive: /hello/ }}
  - tcp: {{ from: api, to: "web:8" }}
    expect: {{ result: refused, {timed(4)} }}
  - tcp: {{ from: api, to: "two:8" }}
    expect: {{ result: refused }}
  - tcp: {{ from: api, to: "192.0.2.1:8" }}
    expect: {{ result: unreachable, took: "< 2 s" }}
  - tcp: {{ from: two, to: "192.0.2.1:8" }}
    expect: {{ result: unreachable, took: "< 1 s" }}
  - tcp: {{ from: api, to: "10.99.0.99:8" }}
    expect: {{ result: unreachable }}
  - down: wire
  - tcp: {{ from: api, to: "web:7", timeout: 300 ms }}
    expect: {{ result: timeout, took: "300 ms .. 800 ms" }}
  - up: wire
  - tcp: {{ from: web, to: "api:80", send: "GET / HTTP/1.0\r\n\r\n" }}
    expect: {{ receive: /hello/, {timed(8)} }}
""", 12)


@case
def what_speaks_from_a_program_is_reset_or_ends_with_it(world):
    speaks(world, """
  - parallel:
      - tcp: { from: api, to: "deaf:90", send: unread }
        expect: { result: reset, took: "300 ms .. 2 s" }
      - repeat: { times: 1, steps: [{ wait: { for: 300 ms } }, { crash: deaf }] }
""", 3)
    file = lan_of(world, """
  - parallel:
      - tcp: { from: api, to: "deaf:90" }
      - iperf: { from: two, to: api, for: 20 s }
      - ping: { from: api, to: web, count: 100, interval: 10 ms }
      - repeat: { times: 1, steps: [{ wait: { for: 300 ms } }, { crash: api }] }
  - ping: { from: api, to: web, count: 1 }
  - tcp: { from: api, to: "two:80" }
    expect: { result: ok }
""")
    out, err = world.run("test", file, status=1)
    assert re.search(r"step 2: tcp api deaf:90\n +expected result ok, seen result host-down", out), out + err
    assert re.search(r"step 3: iperf two api\n.* \(host-down\)", out), out + err
    assert re.search(r"step 4: ping api web\n +expected loss 0 %, seen loss [78]\d", out), out + err
    assert re.search(r"^4 passed, 3 failed$", out + err, re.M), out + err


# Answers each SYN that it sees, and is not its own, with "port unreachable".
REJECT = """
import socket, struct
def checksum(b):
    s = sum(struct.unpack(f"!{len(b) // 2}H", b))
    s = (s & 0xffff) + (s >> 16)
    return ~(s + (s >> 16)) & 0xffff
seen = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x800))
out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
print("ready", flush=True)
while True:
    packet = seen.recv(2000)
    if packet[9] == 6 and packet[16:18] == bytes((192, 0)) and packet[33] & 2:
        error = struct.pack("!BBHI", 3, 3, 0, 0) + packet[:28]
        out.sendto(error[:2] + struct.pack("!H", checksum(error)) + error[4:], (socket.inet_ntoa(packet[12:16]), 0))
"""


@case
def a_firewalls_answer_is_not_the_peers(world):
    """A RST refuses; ICMP's "port unreachable", which Linux takes for the same, says that there is no way."""
    probe(world)
    (world.folder / "reject.py").write_text(REJECT)
    file = world.write(f"""
hosts:
  api: {{ address: 10.99.0.1/24, gateway: 10.99.0.3, run: [sleep, "60"] }}
  wall: {{ address: 10.99.0.3/24, run: ["{sys.executable}", -u, reject.py], capabilities: [net-raw] }}
  web: {{ address: 10.99.0.2/24, gateway: 10.99.0.3 }}
switches: {{ core: {{}} }}
links: [[api, core], [wall, core], [web, core]]
scenario:
  - wait: {{ for: 1 s }}
  - tcp: {{ from: web, to: "192.0.2.1:80" }}
    expect: {{ result: unreachable, took: "< 1 s" }}
  - tcp: {{ from: api, to: "192.0.2.1:80" }}
    expect: {{ result: unreachable, took: "< 1 s" }}
  - http: {{ from: api, url: "http://192.0.2.1/" }}
    expect: {{ result: unreachable, took: "< 1 s" }}
  - tcp: {{ from: api, to: "wall:80" }}
    expect: {{ result: refused }}
""")
    out, err = world.run("test", file)
    assert re.search(r"^6 passed, 0 failed$", out + err, re.M), out + err


# Says of each tenth full segment of 10.99.0.1's that its host cannot be reached, and forwards it all the same.
DOUBT = REJECT.split("while")[0] + """
count = 0
while True:
    packet = seen.recv(2000)
    if len(packet) > 1000 and packet[12:16] == bytes((10, 99, 0, 1)):
        count += 1
        if count % 10 == 1:
            error = struct.pack("!BBHI", 3, 1, 0, 0) + packet[:28]
            out.sendto(error[:2] + struct.pack("!H", checksum(error)) + error[4:], ("10.99.0.1", 0))
"""


@case
def a_routers_doubts_end_no_connection_that_stands(world):
    """RFC 1122 4.2.3.9: such an error is a hint, whichever end has called."""
    probe(world)
    (world.folder / "doubt.py").write_text(DOUBT)
    file = world.write(f"""
hosts:
  api: {{ address: 10.99.0.1/24, gateway: 10.99.0.3, run: [sleep, "60"] }}
  wall:
    forwarding: on
    interfaces: {{ eth0: {{ address: 10.99.0.3/24 }}, eth1: {{ address: 10.98.0.3/24 }} }}
    run: ["{sys.executable}", -u, doubt.py]
    capabilities: [net-raw]
  web: {{ address: 10.98.0.2/24, gateway: 10.98.0.3 }}
links: [[api, "wall:eth0"], ["wall:eth1", web]]
scenario:
  - wait: {{ for: 1 s }}
  - iperf: {{ from: api, to: web, for: 500 ms }}
  - iperf: {{ from: web, to: api, reverse: true, for: 500 ms }}
""")
    out, err = world.run("test", file)
    assert re.search(r"^4 passed, 0 failed$", out + err, re.M), out + err


@case
def nobody_speaks_from_a_host_whose_first_process_has_gone(world):
    probe(world)
    file = world.write("""
name: headless
hosts:
  api: { address: 10.99.0.1/24, run: [sleep, "60"] }
  web: { address: 10.99.0.2/24, services: [echo] }
links: [[api, web]]
scenario:
  - iperf: { from: api, to: web, for: 20 s }
  - tcp: { from: api, to: "web:7" }
""")
    running = subprocess.Popen([str(world.switchd), "test", str(file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    world.children.append(running)
    deadline = time.monotonic() + WAIT
    sleeper = []
    while not sleeper:
        assert time.monotonic() < deadline
        time.sleep(0.05)
        sleeper = descendants(descendants([running.pid]))
    time.sleep(0.5)
    os.kill(descendants([running.pid])[0], signal.SIGKILL)
    out, _ = running.communicate(timeout=WAIT)
    assert re.search(r"step 1: iperf api web\n.* \(host-down\)", out), out
    assert re.search(r"step 2: tcp api web:7\n.*it could not begin: host-down", out), out
    assert re.search(r"host 'api': its first process has gone", out), out


@case
def http_speaks_from_a_program(world):
    speaks(world, f"""
  - http: {{ from: api, url: "http://web/" }}
    expect: {{ body: virtual, size: 7 B, sha256: e2efdd7db924f31dc81b659db07e6eba303497f110acbe8dddb8c13f2e3786d7, {timed(8)} }}
  - http: {{ from: api, url: "http://two/" }}
    expect: {{ status: 200, body: hello }}
  - http: {{ from: api, url: "http://two/", method: POST, send: x }}
    expect: {{ status: 501 }}
  - http: {{ from: two, url: "http://api/" }}
    expect: {{ body: hello }}
  - http: {{ from: api, url: "http://web:81/" }}
    expect: {{ result: refused }}
  - http: {{ from: web, url: "http://api/" }}
    expect: {{ body: hello, {timed(8)} }}
""", 8)


@case
def udp_speaks_from_a_program(world):
    speaks(world, f"""
  - udp: {{ from: api, to: "web:7", send: good day }}
    expect: {{ receive: good day, {timed(4)} }}
  - udp: {{ from: api, to: "web:8", send: good day }}
    expect: {{ result: unreachable, {timed(4)} }}
  - udp: {{ from: api, to: "two:8", send: good day }}
    expect: {{ result: unreachable }}
  - udp: {{ from: api, to: "192.0.2.1:8" }}
    expect: {{ result: unreachable, took: "< 2 s" }}
  - udp: {{ from: web, to: "api:8", send: good day }}
    expect: {{ result: unreachable, {timed(4)} }}
  - drop: {{ link: wire, match: udp, count: 1 }}
  - udp: {{ from: api, to: "web:7", timeout: 300 ms }}
    expect: {{ result: timeout }}
""", 8)


@case
def pings_speak_from_a_program(world):
    speaks(world, """
  - ping: { from: api, to: web, count: 5, interval: 20 ms }
    expect: { replies: 5, rtt-min: "4 ms .. 100 ms" }
  - ping: { from: api, to: two, count: 2, interval: 20 ms, size: 4000 B }
  - ping: { from: api, to: api, count: 2, interval: 20 ms, size: 0 B }
  - ping: { from: web, to: api, count: 2, interval: 20 ms, size: 4000 B }
  - drop: { link: wire, from: api, match: icmp, nth: 2 }
  - ping: { from: api, to: web, count: 4, interval: 20 ms, timeout: 300 ms }
    expect: { loss: 25 %, replies: 3 }
  - ping: { from: two, to: 192.0.2.1, count: 1 }
    expect: { loss: 100 % }
  - partition: [[api], [web]]
  - ping: { from: api, to: web, count: 1, timeout: 300 ms }
    expect: { loss: 100 % }
  - ping: { from: api, to: two, count: 1 }
""", 10)


@case
def iperf_speaks_from_a_program(world):
    steps = """
  - set: { link: wire, rate: 20 Mbit }
"""
    for ends in ("from: api, to: web", "from: web, to: api", "from: api, to: two", "from: two, to: api"):
        steps += f"""
  - iperf: {{ {ends}, for: 1 s }}
    expect: {{ throughput: "10 Mbit .. 20 Mbit" }}
  - iperf: {{ {ends}, bytes: 1 MB, reverse: true, parallel: 2 }}
    expect: {{ throughput: "5 Mbit .. 20 Mbit" }}
  - iperf: {{ {ends}, for: 1 s, protocol: udp, rate: 5 Mbit }}
    expect: {{ throughput: "4 Mbit .. 5.1 Mbit", loss: "< 5 %" }}
"""
    speaks(world, steps + """
  - iperf: { from: api, to: web, for: 300 ms, congestion: reno }
""", 15)


@case
def an_ordinary_users_programs_speak_too(world):
    """Given a /dev/net/tun that he may open, as most systems have it."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("not root: nobody else can be tried")
    tun = world.folder / "tun-of-speakers"
    subprocess.run(["mknod", "-m", "666", str(tun), "c", "10", "200"], check=True)
    prefix = ("unshare", "-m", "sh", "-c", f'mount --bind {tun} /dev/net/tun && exec "$@"', "sh",
              "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    speaks(world, """
  - tcp: { from: api, to: "web:7", send: good day }
    expect: { receive: good day }
  - http: { from: api, url: "http://two/" }
    expect: { body: hello }
  - udp: { from: api, to: "web:7", send: good day }
    expect: { receive: good day }
  - ping: { from: api, to: two, count: 1 }
  - iperf: { from: api, to: two, for: 300 ms }
  - iperf: { from: web, to: api, for: 300 ms, protocol: udp }
""", 8, prefix, python3="python3")
