"""The kernel's stack against ours, over taps in namespaces."""
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time

from world import WAIT, Skip, case

BODY = bytes(range(251))
LAN = """
name: {name}
switches:
  core: {{}}
hosts:
  web:
    address: 10.98.0.10/24
    mac: 02:00:00:00:98:10
    services:
      - http: {{ port: 80, size: 1 MB }}
      - echo
      - udp-echo
  client: {{ address: 10.98.0.11/24 }}
uplinks:
  kernel: {{ type: tap, netns: {space}, device: swt0, address: 10.98.0.1/24, vnet-header: {vnet} }}
links:
  - [web, core]
  - [client, core]
  - [kernel, core]
"""


def lan(world, vnet="on", label="a", extra=""):
    world.need_kernel()
    return world.write(LAN.format(name="system", space=world.space(label), vnet=vnet) + extra)


def of_251(size):
    return (BODY * (size // 251 + 1))[:size]


def pings(said):
    found = re.search(r"(\d+) packets transmitted, (\d+) received", said)
    assert found, said
    return int(found.group(1)), int(found.group(2))


def ping(world, *options, label="a", to="10.98.0.10"):
    return pings(world.inside(label, "ping", "-n", "-W", "2", *options, to))


def both_ways(check):
    """The same with the vnet header and without."""
    def with_header(world):
        check(world, "on")

    def without_header(world):
        check(world, "off")
    with_header.__name__ = f"{check.__name__}_with_vnet_header"
    without_header.__name__ = f"{check.__name__}_without_vnet_header"
    case(with_header)
    case(without_header)


@both_ways
def kernel_pings_a_host(world, vnet):
    with world.up(lan(world, vnet)):
        assert ping(world, "-c", "20", "-i", "0.01") == (20, 20)
        assert ping(world, "-c", "3", "-i", "0.1", "-s", "20000") == (3, 3), "fragments"


@both_ways
def curl_fetches_a_megabyte_whole(world, vnet):
    with world.up(lan(world, vnet)):
        path = world.folder / "fetched"
        world.inside("a", "curl", "-sS", "--max-time", "15", "-o", path, "http://10.98.0.10/")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == hashlib.sha256(of_251(1000000)).hexdigest()


@both_ways
def hosts_reach_the_kernel(world, vnet):
    """A scenario in real time: a virtual host pings the kernel, and fetches from a server behind it."""
    body = os.urandom(200000)
    (world.folder / "www").mkdir(exist_ok=True)
    (world.folder / "www/body").write_bytes(body)
    path = lan(world, vnet, extra=f"""
scenario:
  - ping: {{ from: client, to: 10.98.0.1, count: 3, interval: 20 ms }}
  - http: {{ from: client, url: "http://10.98.0.1:8098/body" }}
    expect: {{ status: 200, size: 200000 B, sha256: "{hashlib.sha256(body).hexdigest()}" }}
  - http: {{ from: client, url: "http://10.98.0.1:8099/" }}
    expect: {{ result: refused }}
""")
    server = subprocess.Popen(["ip", "netns", "exec", world.space("a"), sys.executable, "-m", "http.server", "-d",
                               world.folder / "www", "8098"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    world.children.append(server)
    until = time.monotonic() + WAIT
    while subprocess.run(["ip", "netns", "exec", world.space("a"), "curl", "-s", "http://127.0.0.1:8098/body", "-o", "/dev/null"],
                         check=False).returncode:
        assert time.monotonic() < until, "the server never came"
        time.sleep(0.05)
    try:
        out, _ = world.run("test", path)
    finally:
        server.kill()
        server.wait()
    assert out.endswith("4 passed, 0 failed\n"), out


TALK = """
import socket, sys, hashlib
size, me = int(sys.argv[1]), sys.argv[2]
if me == "listen":
    s = socket.create_server(("10.98.0.1", 9098))
    print("listening", flush=True)
    s.settimeout(15)
    c, _ = s.accept()
else:
    c = socket.create_connection(("10.98.0.1", 9098), timeout=15)
c.settimeout(15)
if me == "connect":
    c.sendall((bytes(range(251)) * (size // 251 + 1))[:size])
    c.shutdown(socket.SHUT_WR)
    print(c.recv(64).decode())
else:
    h = hashlib.sha256()
    while True:
        b = c.recv(65536)
        if not b:
            break
        h.update(b)
    c.sendall(h.hexdigest().encode())
"""


@both_ways
def two_namespaces_talk_through_our_switch(world, vnet):
    extra = "  - [other, core]\n"
    path = lan(world, vnet)
    text = path.read_text().replace("\nlinks:", "\n  other: { type: tap, netns: %s, device: swt1, address: 10.98.0.2/24, "
                                    "vnet-header: on }\nlinks:" % world.space("b")) + extra
    path = world.write(text)
    talk = world.write(TALK, "talk.py")
    size = 3000000
    with world.up(path):
        server = subprocess.Popen(["ip", "netns", "exec", world.space("a"), sys.executable, str(talk), str(size), "listen"],
                                  stdout=subprocess.PIPE)
        world.children.append(server)
        assert server.stdout.readline() == b"listening\n"
        said = world.inside("b", sys.executable, talk, str(size), "connect")
        server.wait(timeout=WAIT)
        assert said.strip() == hashlib.sha256(of_251(size)).hexdigest()
        assert ping(world, "-c", "5", "-i", "0.01", label="b", to="10.98.0.1") == (5, 5)


@case
def arping_sees_the_mac_of_the_file(world):
    with world.up(lan(world)):
        said = world.inside("a", "arping", "-c", "2", "-w", "3", "-I", "swt0", "10.98.0.10")
        assert said.lower().count("02:00:00:00:98:10") >= 2, said


@case
def udp_comes_back(world):
    echo = world.write("import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.settimeout(5)\n"
                       "s.sendto(b'x' * 4000, ('10.98.0.10', 7))\nassert s.recv(9999) == b'x' * 4000\n", "echo.py")
    with world.up(lan(world)):
        world.inside("a", sys.executable, echo)


def captured(world, vnet):
    """What tcpdump -vv says of a tap while a ping, a big ping and a fetch cross it."""
    path = world.folder / f"tap-{vnet}.pcap"
    with world.up(lan(world, vnet)):
        # For root of the namespace alone: the file lies in a folder of ours.
        dump = subprocess.Popen(["ip", "netns", "exec", world.space("a"), "tcpdump", "-Z", "root", "-i", "swt0", "-s", "0", "-U", "-w", path],
                                stderr=subprocess.PIPE)
        world.children.append(dump)
        line = dump.stderr.readline()
        while line and b"listening on" not in line:
            line = dump.stderr.readline()
        assert line, "tcpdump did not begin"
        ping(world, "-c", "3", "-i", "0.01")
        ping(world, "-c", "2", "-i", "0.01", "-s", "5000")
        world.inside("a", "curl", "-sS", "--max-time", "15", "-o", "/dev/null", "http://10.98.0.10/")
        time.sleep(0.3)
        dump.send_signal(signal.SIGINT)
        dump.wait(timeout=WAIT)
    return world.command("tcpdump", "-vv", "-e", "-n", "-r", path)


def frames_of(said):
    """tcpdump's text, a frame a piece."""
    return [p for p in re.split(r"^(?=\d\d:\d\d:\d\d\.)", said, flags=re.M) if " > " in p]


BAD = re.compile(r"incorrect|wrong|bad (\w+ )?cksum")


@case
def no_bad_checksum_in_a_frame_of_ours(world):
    ours = [f for f in frames_of(captured(world, "on")) if "02:00:00:00:98:10 >" in f]
    assert len(ours) > 100, f"{len(ours)} frames of ours"
    bad = [f for f in ours if BAD.search(f)]
    assert not bad, f"{len(bad)} of {len(ours)}: {bad[0]}"


@case
def no_bad_checksum_at_all_without_vnet_header(world):
    frames = frames_of(captured(world, "off"))
    assert len(frames) > 200, f"{len(frames)} frames"
    bad = [f for f in frames if BAD.search(f)]
    assert not bad, f"{len(bad)} of {len(frames)}: {bad[0]}"


@case
def the_tap_has_the_address_and_mtu_of_the_file_and_goes_with_us(world):
    path = lan(world)
    path = world.write(path.read_text().replace("vnet-header: on", "vnet-header: on, mtu: 1400"))
    with world.up(path):
        link = json.loads(world.inside("a", "ip", "-j", "addr", "show", "swt0"))[0]
        assert link["mtu"] == 1400, link
        assert "UP" in link["flags"], link
        assert any(a.get("local") == "10.98.0.1" and a.get("prefixlen") == 24 for a in link["addr_info"]), link
    assert "swt0" not in world.inside("a", "ip", "link"), "the tap is still there"


@case
def a_killed_switchd_leaves_no_tap(world):
    running = world.up(lan(world))
    status, _ = running.end(signal.SIGKILL)
    assert status == -signal.SIGKILL
    assert "swt0" not in world.inside("a", "ip", "link")


@case
def a_second_lan_may_not_have_the_same_tap(world):
    path = lan(world)
    with world.up(path):
        _, err = world.run("run", path, "--for", "1 s", status=3)
        assert len(err.splitlines()) == 1 and "swt0" in err, err
        assert ping(world, "-c", "2", "-i", "0.01") == (2, 2), "the first one suffered"


@case
def a_namespace_that_is_not_there_is_exit_status_3(world):
    path = lan(world)
    path = world.write(path.read_text().replace(world.space("a"), "swt-nowhere"))
    _, err = world.run("run", path, status=3)
    assert len(err.splitlines()) == 1, err
    assert "swt-nowhere" in err and "ip netns add" in err, err


@case
def an_ordinary_user_is_told_how_to_get_a_tap(world):
    if os.geteuid() != 0:
        raise Skip("not root: cannot become another user")
    copy = world.folder / "switchd"
    copy.write_bytes(world.switchd.read_bytes())
    copy.chmod(0o755)
    path = world.write(LAN.format(name="system", space="x", vnet="on").replace("netns: x, ", ""))
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", str(copy), "run", str(path)],
                          capture_output=True, text=True, timeout=WAIT, check=False, cwd=world.folder)
    assert done.returncode == 3, (done.returncode, done.stderr)
    assert len(done.stderr.splitlines()) == 1 and "root" in done.stderr, done.stderr
