"""Ends that die, that are strange, that are files: taps and tuns whose device goes away or is somebody else's, long frames, groups;
captures as ports."""
import os
import re
import subprocess
import sys
import time

from world import WAIT, Skip, case

LAN = """
name: ends
switches:
  core: {{}}
hosts:
  web: {{ address: 10.96.0.10/24, mtu: {mtu}, services: [http: {{ port: 80, size: 3 MB }}, echo, udp-echo] }}
  client: {{ address: 10.96.0.11/24 }}
uplinks:
  kernel: {{ type: tap, netns: {a}, device: swt0, address: 10.96.0.1/24, mtu: {mtu} }}
  other: {{ type: tap, netns: {b}, device: swt0, address: 10.96.0.2/24, mtu: {mtu} }}
links:
  - [web, core]
  - [client, core]
  - [kernel, core]
  - [other, core]
"""


def lan(world, mtu=1500):
    world.need_kernel()
    return world.write(LAN.format(a=world.space("a"), b=world.space("b"), mtu=mtu))


def pings(said):
    found = re.search(r"(\d+) packets transmitted, (\d+) received", said)
    assert found, said
    return int(found.group(1)), int(found.group(2))


def ping(world, label, *options):
    """(sent, received); a ping that gets no answer is no error here."""
    done = subprocess.run(["ip", "netns", "exec", world.space(label), "ping", "-n", "-W", "1", *options], capture_output=True,
                          text=True, timeout=WAIT, check=False)
    return pings(done.stdout)


# ---- taps ----

@case
def a_tap_that_dies_takes_its_link_down_and_nothing_else(world):
    with world.up(lan(world)) as running:
        assert ping(world, "a", "-c", "2", "-i", "0.01", "10.96.0.10") == (2, 2)
        world.inside("a", "ip", "link", "del", "swt0")
        running.wait_for(r"^switchd: error: uplink 'kernel': the device swt0 is gone: its link is down from here on$")
        assert ping(world, "b", "-c", "20", "-i", "0.01", "10.96.0.10") == (20, 20), "the rest of the LAN suffered"
        ping(world, "b", "-c", "2", "-i", "0.01", "10.96.0.1")  # asks everybody, the dead one too
        world.inside("b", "curl", "-sS", "--max-time", "15", "-o", "/dev/null", "http://10.96.0.10/")
        status, said = running.end()
    assert status == 0, (status, said)
    assert said.count("is gone") == 1, said
    assert re.search(r"^link kernel>core: .*; core>kernel: .*, [1-9]\d* dropped \(link-down [1-9]\d*\)$", said, re.M), said


@case
def a_tap_that_is_set_down_is_told_once_and_comes_back(world):
    with world.up(lan(world)) as running:
        world.inside("a", "ip", "link", "set", "swt0", "down")
        ping(world, "b", "-c", "5", "-i", "0.1", "10.96.0.77")
        running.wait_for(r"^switchd: warning: uplink 'kernel': the device swt0 is down on the kernel's side")
        world.inside("a", "ip", "link", "set", "swt0", "up")
        assert ping(world, "a", "-c", "3", "-i", "0.1", "10.96.0.10")[1] >= 2
        running.wait_for(r"the device swt0 is up again$")
        status, said = running.end()
    assert status == 0, said
    assert said.count("is down on the kernel's side") == 1, said
    assert re.search(r"^uplink kernel \(swt0\): .* [1-9]\d* not written", said, re.M), said


@case
def the_longest_frames_there_are_cross_a_tap(world):
    with world.up(lan(world, 65521)):
        assert ping(world, "a", "-c", "3", "-i", "0.05", "-M", "do", "-s", str(65521 - 28), "10.96.0.10") == (3, 3)
        assert ping(world, "a", "-c", "3", "-i", "0.05", "-M", "do", "-s", str(65521 - 28), "10.96.0.2") == (3, 3)
        said = world.inside("a", "curl", "-sS", "--max-time", "15", "-o", "/dev/null", "-w", "%{size_download}", "http://10.96.0.10/")
        assert said == "3000000", said


HEAR_GROUP = """
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 9096))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.9.9.9") + socket.inet_aton("10.96.0.2"))
s.settimeout(10)
print("ready", flush=True)
print(s.recv(99).decode())
"""

SAY_GROUP = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.96.0.1"))
s.sendto(b"to the group", ("239.9.9.9", 9096))
"""

# All that arrives at the device, as promiscuous as it gets, from the station 02:00:00:00:96:99.
HEAR_ALL = """
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(("swt0", 0))
s.setsockopt(263, 1, (socket.if_nametoindex("swt0")).to_bytes(4, "little") + (1).to_bytes(2, "little") + bytes(10))
s.settimeout(10)
print("ready", flush=True)
while True:
    frame = s.recv(2000)
    if frame[6:12] == bytes.fromhex("020000009699"):
        print(frame[:6].hex(), flush=True)
        if frame[14:15] == b"!":
            break
"""

SAY_TO = """
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("swt0", 0))
for i, to in enumerate(("01005e090909", "333300000001", "ffffffffffff", "0200000096aa", "0180c2000010")):
    s.send(bytes.fromhex(to) + bytes.fromhex("020000009699") + b"\\x88\\xb5" + (b"!" if i == 4 else b".") * 46)
"""


def listen(world, label, script):
    """A listener in a namespace, that has begun."""
    child = subprocess.Popen(["ip", "netns", "exec", world.space(label), sys.executable, "-c", script], stdout=subprocess.PIPE,
                             text=True)
    world.children.append(child)
    assert child.stdout.readline() == "ready\n", "it did not begin"
    return child


@case
def a_group_of_the_lan_reaches_the_kernels_that_joined(world):
    with world.up(lan(world)):
        hearer = listen(world, "b", HEAR_GROUP)
        world.inside("a", sys.executable, "-c", SAY_GROUP)
        assert hearer.communicate(timeout=WAIT)[0] == "to the group\n"


@case
def nothing_is_filtered_before_a_promiscuous_device(world):
    """Groups, everybody, a station that nobody knows: all that a switch floods comes out of the tap."""
    with world.up(lan(world)):
        hearer = listen(world, "b", HEAR_ALL)
        world.inside("a", sys.executable, "-c", SAY_TO)
        heard = hearer.communicate(timeout=WAIT)[0].split()
    assert heard == ["01005e090909", "333300000001", "ffffffffffff", "0200000096aa", "0180c2000010"], heard


OWNED = """
name: owned
switches: {{ core: {{}} }}
hosts: {{ web: {{ address: 10.96.0.10/24 }} }}
uplinks: {{ kernel: {{ type: tap, device: {device}, address: 10.96.0.1/24, mtu: {mtu} }} }}
links: [[web, core], [kernel, core]]
"""


def as_nobody(world, path, *more):
    """Arguments that run switchd as an ordinary user in the namespace a, with a /dev/net/tun that lets him."""
    copy = world.folder / "switchd"
    copy.write_bytes(world.switchd.read_bytes())
    copy.chmod(0o755)
    node = world.folder / "tun"
    if not node.exists():
        try:
            os.mknod(node, 0o020666, os.makedev(10, 200))
            node.chmod(0o666)
        except OSError as refusal:
            raise Skip(f"no device node can be made here: {refusal}") from refusal
    script = 'mount --bind "$1" /dev/net/tun && shift && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"'
    return ["ip", "netns", "exec", world.space("a"), "unshare", "-m", "sh", "-c", script, "sh", node, copy, "run", path, *more]


def owned_device(world, device, mtu):
    world.inside("a", "ip", "tuntap", "add", "mode", "tap", "user", "65534", "name", device)
    world.inside("a", "ip", "link", "set", device, "mtu", str(mtu), "up")
    world.inside("a", "ip", "addr", "add", "10.96.0.1/24", "dev", device)
    return world.write(OWNED.format(device=device, mtu=mtu))


@case
def whoever_owns_a_device_needs_no_privilege(world):
    world.need_kernel()
    path = owned_device(world, "own0", 1400)
    child = subprocess.Popen([str(a) for a in as_nobody(world, path, "--for", "20 s")], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=world.folder)
    world.children.append(child)
    line = child.stderr.readline().decode()
    assert " is up: " in line, line
    assert ping(world, "a", "-c", "3", "-i", "0.05", "10.96.0.10") == (3, 3)
    child.terminate()
    child.wait(timeout=WAIT)
    assert "own0" in world.inside("a", "ip", "link"), "the device was not ours to remove"
    world.inside("a", "ip", "link", "del", "own0")


@case
def what_an_owner_may_not_change_is_told(world):
    world.need_kernel()
    path = owned_device(world, "own1", 1400)
    path = world.write(path.read_text().replace("mtu: 1400", "mtu: 1300"))
    done = subprocess.run([str(a) for a in as_nobody(world, path)], capture_output=True, text=True, timeout=WAIT, check=False)
    assert done.returncode == 3 and len(done.stderr.splitlines()) == 1, (done.returncode, done.stderr)
    assert "setting the MTU: Operation not permitted; it needs CAP_NET_ADMIN" in done.stderr, done.stderr
    path = world.write(path.read_text().replace("own1", "own9"))
    done = subprocess.run([str(a) for a in as_nobody(world, path)], capture_output=True, text=True, timeout=WAIT, check=False)
    assert done.returncode == 3 and len(done.stderr.splitlines()) == 1, (done.returncode, done.stderr)
    assert "ip tuntap add mode tap user NAME name DEVICE" in done.stderr, done.stderr
    world.inside("a", "ip", "link", "del", "own1")


@case
def used_up_descriptors_are_told_in_a_line_and_leave_nothing(world):
    """However many there are: it comes up, or says in a line that there are too few."""
    world.need_kernel()
    path = world.write(OWNED.format(device="swt2", mtu=1500).replace("type: tap,", f"type: tap, netns: {world.space('a')},"))
    ends = set()
    for limit in range(5, 32):
        done = subprocess.run(["prlimit", f"--nofile={limit}", world.switchd, "run", path, "--for", "1 ms", "-q"], timeout=WAIT,
                              capture_output=True, text=True, check=False)
        ends.add(done.returncode)
        if done.returncode == 3:
            assert re.fullmatch(r"switchd: .*[Tt]oo many open files; raise the limit: ulimit -n\n", done.stderr), (limit, done.stderr)
        else:
            assert done.returncode == 0, (limit, done.returncode, done.stderr)
        assert "swt2" not in world.inside("a", "ip", "link"), limit
    assert ends == {0, 3}, ends


# ---- tuns ----

TUN = """
name: tun
switches: {{ core: {{}}, far: {{}} }}
hosts:
  web: {{ address: 10.95.0.10/24, gateway: 10.95.0.1, mtu: {mtu}, services: [http: {{ size: 3 MB }}, udp-echo] }}
  r: {{ forwarding: true, gateway: 10.95.0.1, interfaces: {{ a: {{ address: 10.95.0.254/24 }}, b: {{ address: 192.168.95.1/24 }} }} }}
  desk: {{ address: 192.168.95.10/24, gateway: 192.168.95.1, services: [http: {{ size: 1 MB }}] }}
uplinks:
  kernel:
    type: tun
    netns: {a}
    device: swt1
    address: 10.95.0.1/24
    mtu: {mtu}
    vnet-header: {vnet}
    routes: [{{ to: 192.168.95.0/24, via: 10.95.0.254 }}]
links: [[web, core], ["r:a", core], ["r:b", far], [desk, far], [kernel, core]]
scenario:
  - ping: {{ from: desk, to: 10.95.0.1, interval: 10 ms }}
  - ping: {{ from: web, to: 10.95.0.1, interval: 10 ms, size: 20000 B }}
  - http: {{ from: web, url: "http://10.95.0.1:8099/" }}
    expect: {{ result: refused }}
"""


def tun(world, vnet="on", mtu=1500):
    world.need_kernel()
    return world.write(TUN.format(a=world.space("a"), vnet=vnet, mtu=mtu))


def tun_both_ways(world, vnet):
    with world.up(tun(world, vnet)) as running:
        assert ping(world, "a", "-c", "5", "-i", "0.01", "-t", "1", "10.95.0.10") == (5, 5), "a hop was counted"
        assert ping(world, "a", "-c", "3", "-i", "0.05", "-s", "20000", "192.168.95.10") == (3, 3)
        for url, size in (("http://10.95.0.10/", "3000000"), ("http://192.168.95.10/", "1000000")):
            said = world.inside("a", "curl", "-sS", "--max-time", "15", "-o", "/dev/null", "-w", "%{size_download}", url)
            assert said == size, said
        routes = world.inside("a", "ip", "route")
        assert "192.168.95.0/24 dev swt1" in routes, routes
        status, said = running.end()
    assert status == 0, said
    assert not re.search(r"(checksum|ip-no-route) [1-9]", said), said


@case
def the_kernel_talks_to_the_lan_over_a_tun(world):
    tun_both_ways(world, "on")


@case
def the_kernel_talks_to_the_lan_over_a_tun_without_vnet_header(world):
    tun_both_ways(world, "off")


@case
def the_lan_talks_to_the_kernel_over_a_tun(world):
    out, _ = world.run("test", tun(world))
    assert out.endswith("4 passed, 0 failed\n"), out


@case
def the_longest_packets_there_are_cross_a_tun(world):
    with world.up(tun(world, mtu=65535)):
        assert ping(world, "a", "-c", "3", "-i", "0.05", "-M", "do", "-s", str(65535 - 28), "10.95.0.10") == (3, 3)


@case
def nets_behind_the_kernel_are_reached_by_its_address(world):
    with world.up(tun(world)) as running:
        world.inside("a", "ip", "addr", "add", "172.31.95.1/32", "dev", "lo")
        running.end()
    path = tun(world)
    path = world.write(path.read_text().split("scenario:")[0] + "scenario:\n  - ping: { from: desk, to: 172.31.95.1, interval: 10 ms }\n")
    out, _ = world.run("test", path)
    assert out.endswith("2 passed, 0 failed\n"), out
    world.inside("a", "ip", "addr", "del", "172.31.95.1/32", "dev", "lo")


@case
def a_tun_that_dies_takes_its_link_down(world):
    with world.up(tun(world)) as running:
        assert ping(world, "a", "-c", "2", "-i", "0.01", "10.95.0.10") == (2, 2)
        world.inside("a", "ip", "link", "del", "swt1")
        running.wait_for(r"^switchd: error: uplink 'kernel': the device swt1 is gone: its link is down from here on$")
        status, said = running.end()
    assert status == 0 and said.count("is gone") == 1, (status, said)


# ---- captures ----

REPLAY = """
name: replay
switches: {{ core: {{}} }}
hosts: {{ web: {{ address: 192.168.7.10/24, mac: "02:00:00:00:07:0a" }} }}
uplinks:
  client:
    type: pcap
    read: {read}
    write: seen.pcapng
    speed: {speed}
    rewrite: {{ 10.0.0.0/24: 192.168.7.0/24, "3e:f7:c1:0a:32:b7": "02:00:00:00:07:0a" }}
links: [[web, core], [client, core]]
scenario: [{{ wait: {{ for: 3 s }} }}, {{ ping: {{ from: web, to: 192.168.7.10, count: 1 }} }}]
"""


def replay(world, speed="kept", read=None):
    return world.write(REPLAY.format(read=read or world.root / "examples/captures/client.pcapng", speed=speed))


def answers(world):
    said = world.command("tcpdump", "-nr", "seen.pcapng")
    return len(re.findall(r"192\.168\.7\.10 > 192\.168\.7\.11: ICMP echo reply", said))


@case
def a_capture_is_played_and_written_the_same_each_time(world):
    seen = []
    for _ in range(2):
        _, err = world.run("test", "-v", replay(world))
        assert re.search(r"^uplink client \(.*\): 16 from the capture \(0 cut short in it\), 0 not read, \d+ from the LAN", err, re.M), err
        assert answers(world) == 10
        seen.append((world.folder / "seen.pcapng").read_bytes())
    assert seen[0] == seen[1]


@case
def what_was_written_is_read_again(world):
    world.run("test", replay(world))
    (world.folder / "seen.pcapng").rename(world.folder / "first.pcapng")
    _, err = world.run("test", "-v", replay(world, read="first.pcapng"))
    assert re.search(r"^uplink client \(.*first.pcapng\): [1-9]\d from the capture", err, re.M), err


@case
def a_capture_is_played_in_real_time(world):
    begun = time.monotonic()
    _, err = world.run("run", replay(world, "2x"), "--for", "1.5 s")
    assert 1.4 <= time.monotonic() - begun < 10, "it did not take its time"
    assert re.search(r"^replay is up: .*, client plays .*client.pcapng and writes .*seen.pcapng", err, re.M), err
    assert "16 from the capture" in err, err
    assert answers(world) == 10


@case
def a_folder_with_captures_alone_is_run_in_virtual_time(world):
    folder = world.folder / "captures"
    replay(world)
    path = world.write((world.folder / f"lan{world.files}.yaml").read_text(), "captures/replay.yaml")
    out, _ = world.run("test", path.parent)
    assert "skip" not in out and re.search(r"^digest [0-9a-f]{16} ", out, re.M), out
    assert (folder / "seen.pcapng").exists(), "a path is not relative to the LAN file"


def refused(world, status, pattern, **more):
    _, err = world.run("test", replay(world, **more), status=status)
    assert len(err.splitlines()) == 1 and re.search(pattern, err), err


@case
def captures_that_cannot_be_read_are_told_in_a_line(world):
    refused(world, 3, r"^switchd: uplink 'client': .*/none.pcap: No such file or directory$", read="none.pcap")
    refused(world, 3, r"^switchd: uplink 'client': .*: Is a directory$", read="/tmp")
    world.write("hosts: {}\n", "text.pcap")
    refused(world, 2, r"^switchd: uplink 'client': .*/text.pcap: no capture that can be read: ", read="text.pcap")
    raw = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000065000000")
    (world.folder / "raw.pcap").write_bytes(raw)
    refused(world, 2, r"^switchd: uplink 'client': .*/raw.pcap: a capture of RAW, and the LAN is of Ethernet", read="raw.pcap")


@case
def a_capture_that_breaks_off_is_played_so_far_and_fails(world):
    whole = (world.root / "examples/captures/client.pcapng").read_bytes()
    (world.folder / "cut.pcapng").write_bytes(whole[:-10])
    out, err = world.run("test", "-q", replay(world, read="cut.pcapng"), status=2)
    assert re.fullmatch(r"switchd: error: uplink 'client': .*/cut.pcapng: after 15 frames: .*\n", err), err
    assert out.endswith("2 passed, 0 failed\n"), out


@case
def a_full_disk_under_a_capture_is_told_at_the_end(world):
    path = replay(world)
    path = world.write(path.read_text().replace("write: seen.pcapng", "write: /dev/full"))
    _, err = world.run("test", path, status=3)
    assert err == "switchd: uplink 'client': /dev/full: No space left on device\n", err


@case
def a_file_that_is_read_is_never_written(world):
    whole = (world.root / "examples/captures/client.pcapng").read_bytes()
    source = world.folder / "in.pcapng"
    source.write_bytes(whole)
    os.symlink(source, world.folder / "also-in.pcapng")
    path = replay(world, read="in.pcapng")
    _, err = world.run("test", path, "--pcap", "also-in.pcapng", status=2)
    assert err == "switchd: also-in.pcapng is to be written, and it is the 'read' of uplink 'client'\n", err
    _, err = world.run("test", path, "--pcap", world.folder / "seen.pcapng", status=2)
    assert err.endswith("it is the 'write' of uplink 'client'\n"), err
    path = world.write(path.read_text().replace("write: seen.pcapng", "write: also-in.pcapng"))
    _, err = world.run("test", path, status=2)
    assert err.endswith("also-in.pcapng is to be written, and it is the 'read' of uplink 'client'\n"), err
    assert source.read_bytes() == whole, "it was written"
