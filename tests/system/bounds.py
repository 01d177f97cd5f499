"""What divides a program from the machine, from switchd and from its neighbours: programs that try whatever might lead out of their host."""
import os
import re
import shutil
import socket
import sys

from programs import PYTHON, lan, ordinary, probe, said
from world import Skip, case

BOUNDS = """
import ctypes, os, socket, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE, PIDFD_GETFD, IP_TRANSPARENT, CLONE_NEWUSER, CLONE_NEWNET = 0x4206, 438, 19, 0x10000000, 0x40000000
def say(name, attempt):
    try:
        print(name + ":", attempt() or "done", flush=True)
    except OSError as why:
        print(name + ":", why.strerror, flush=True)
def call(number):
    if number < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
def transparent():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)
def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    return done.stderr.strip()
def own_namespaces():
    call(libc.unshare(CLONE_NEWUSER))
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
def reach(family, kind, where):
    socket.socket(family, kind).connect(where)
machine, port, lan, path = sys.argv[1:5]
print("descriptors:", sorted(int(f) for f in os.listdir("/proc/self/fd"))[:-1], flush=True)
say("packets", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW) and None)
say("raw IP", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 255) and None)
say("another's address", transparent)
say("its MAC", lambda: ip("link", "set", "eth0", "address", "02:00:00:00:00:99"))
say("its address", lambda: ip("addr", "add", "10.99.0.2/24", "dev", "eth0"))
say("unmount", lambda: call(libc.umount2(b"/proc", 2)))
say("unhide", lambda: call(libc.umount2(path.encode(), 2)))
say("loopback", lambda: reach(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", int(port))))
say("machine", lambda: reach(socket.AF_INET, socket.SOCK_STREAM, (machine, int(port))))
say("control", lambda: reach(socket.AF_UNIX, socket.SOCK_SEQPACKET, "\\0switchd/%d/%s" % (os.geteuid(), lan)))
say("qemu", lambda: reach(socket.AF_UNIX, socket.SOCK_STREAM, path))
say("trace", lambda: call(libc.ptrace(PTRACE_SEIZE, 1, 0, 0)))
say("memory", lambda: open("/proc/1/mem", "rb"))
say("links", lambda: os.readlink("/proc/1/ns/net"))
say("its descriptors", lambda: os.readlink("/proc/1/fd/3"))
say("take", lambda: call(libc.syscall(PIDFD_GETFD, os.pidfd_open(1), 3, 0)))
for number in (9, 15, 19, 17, 10):
    os.kill(1, number)
say("terminal", lambda: open("/dev/tty"))
print("processes:", sorted(int(p) for p in os.listdir("/proc") if p.isdigit()) == sorted({1, os.getpid()}), flush=True)
say("namespaces", own_namespaces)
"""

HELD = """
descriptors: [0, 1, 2]
packets: Operation not permitted
raw IP: Operation not permitted
another's address: Operation not permitted
its MAC: RTNETLINK answers: Operation not permitted
its address: RTNETLINK answers: Operation not permitted
unmount: Operation not permitted
unhide: Operation not permitted
loopback: Connection refused
machine: Network is unreachable
control: Connection refused
qemu: Connection refused
trace: Operation not permitted
memory: Permission denied
links: Permission denied
its descriptors: Permission denied
take: Operation not permitted
terminal: No such device or address
processes: True
namespaces: Operation not permitted
""".strip().splitlines()


def bounds(world, prefix, folder):
    """What a program finds that tries whatever might lead out of its host."""
    (world.folder / "bounds.py").write_text(BOUNDS)
    path = folder / "vm.sock"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        run = f'["{PYTHON}", -u, "{world.folder}/bounds.py", "192.0.2.1", "{port}", bounds, "{path}"]'
        file = world.write(f"""
name: bounds
switches: {{ core: {{}} }}
hosts:
  api: {{ address: 10.99.0.1/24, run: {run}, expect-exit: 0 }}
uplinks:
  vm: {{ type: qemu, listen: "{path}" }}
links: [[api, core], [vm, core]]
""")
        _, err = world.run("run", file, "--for", "2 s", prefix=prefix)
    assert "a peer is there" not in err and re.search(r"^uplink vm \(qemu\): .* 0 peers$", err, re.M), err
    return re.findall(r"^api: (.*)$", err, re.M)[:-1], err


@case
def a_program_has_no_way_out_of_its_host(world):
    probe(world)
    found, err = bounds(world, (), world.folder)
    assert found == HELD, "\n".join(found) + err


@case
def a_program_of_an_ordinary_user_has_no_way_out_either(world):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("not root: nobody else can be tried")
    probe(world)
    folder = world.folder / "of-nobody"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    found, err = bounds(world, ordinary(world), folder)
    assert found == HELD, "\n".join(found) + err


FORGER = """
import socket, struct, sys
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(("eth0", 0))
own, web = out.getsockname()[4], bytes.fromhex("0200000099" "02")
def arp(ether, sender, ip, tag=b""):
    return (b"\\xff" * 6 + ether + tag + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 2) + sender + socket.inet_aton(ip) + web
            + socket.inet_aton("10.99.0.3"))
out.send(arp(own, own, "10.99.0.1"))
out.send(arp(own, own, "10.99.0.2"))
out.send(arp(own, web, "10.99.0.1"))
out.send(arp(own, own, "10.99.0.2", b"\\x81\\x00\\x00\\x00"))
out.send(b"\\xff" * 6 + web + b"\\x88\\xb5" + bytes(46))
out.send(b"\\xff" * 6 + own + b"\\x08\\x00" + struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20, 1, 0, 64, 17, 0, *map(socket.inet_aton, ("10.99.0.2", "10.99.0.3"))))
# What the kernel is told to write over 10.99.0.0, as a checksum, is 10.99.0.2; the sum begins two bytes before it.
late = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
late.setsockopt(263, 15, 1)  # PACKET_VNET_HDR
late.bind(("eth0", 0))
frame = arp(own, own, "10.99.0.0") + bytes(4)
rest = sum(struct.unpack("!9H", frame[28:])) % 0xffff
late.send(struct.pack("=BBHHHH", 1, 0, 42, 0, 28, 2) + frame[:-2] + struct.pack("!H", (0xfffd - rest) % 0xffff))
print("sent")
"""


@case
def a_program_cannot_pass_for_another_host(world):
    probe(world)
    (world.folder / "forger.py").write_text(FORGER)
    for allow, forged, delivered in (("", 6, 1), (", allow: [forged-source]", 0, 7)):
        file = world.write(f"""
switches: {{ core: {{}} }}
hosts:
  evil: {{ address: 10.99.0.1/24, run: ["{PYTHON}", -u, forger.py], expect-exit: 0, capabilities: [net-raw]{allow} }}
  web: {{ address: 10.99.0.2/24, mac: "02:00:00:00:99:02" }}
links: [{{ endpoints: [evil, core], name: wire }}, [web, core]]
""")
        _, err = world.run("run", file, "--for", "1 s")
        assert "evil: sent" in err and re.search(rf"^program evil: .*; eth0: 7 frames from it, .*, {forged} forged\b", err, re.M), err
        assert re.search(rf"^link evil>core: {delivered} frames", err, re.M), err
        assert err.count("sends as another host") == (forged > 0), err


@case
def a_program_that_breaks_its_interface_breaks_nobody_elses(world):
    probe(world)
    file = world.write(f"""
switches: {{ core: {{}} }}
hosts:
  evil:
    address: 10.99.0.1/24
    capabilities: [net-raw, net-admin]
    run: "ip link set eth0 mtu 60000; ip link set eth0 address 02:00:00:00:99:02; ip link set eth0 up; ping -c1 -W1 10.99.0.3;
      ip tuntap add other mode tap; ip link add loop type veth; ip link del eth0; echo broken; sleep 60"
  web: {{ address: 10.99.0.2/24, mac: "02:00:00:00:99:02", services: [http: {{ body: here }}] }}
  client: {{ address: 10.99.0.3/24 }}
links: [[evil, core], [web, core], [client, core]]
scenario:
  - run: {{ on: evil, command: "while ip link show eth0; do sleep 0.1; done" }}
    timeout: 10 s
  - http: {{ from: client, url: "http://web/" }}
    expect: {{ body: here }}
  - ping: {{ from: client, to: 10.99.0.1, count: 1, timeout: 200 ms }}
    expect: {{ loss: 100 % }}
""")
    out, err = world.run("test", file, "-v", status=1)
    assert re.search(r"^FAIL .*::the programs run\n +host 'evil': its interface is gone$", out, re.M), out + err
    assert re.search(r"^4 passed, 1 failed$", out + err, re.M), out + err


@case
def a_program_is_given_what_the_file_grants(world):
    probe(world)
    tries = ("grep CapEff /proc/self/status; ip link set eth0 address 02:00:00:00:00:99 && echo changed; "
             f"{sys.executable} -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW); print(\\\"made\\\")' 2>&1 | tail -1")
    denied, made = "PermissionError: [Errno 1] Operation not permitted", "made"
    for keys, expected in (("env: {}", ["0000000000000000", denied]), ("capabilities: [net-raw]", ["0000000000002000", made]),
                           ("capabilities: [net-admin]", ["0000000000001000", "changed", denied]),
                           ("capabilities: [net-admin, net-raw]", ["0000000000003000", "changed", made])):
        lines, err = said(world, f'"{tries}"', keys=f"expect-exit: 0, {keys}", args=("--for", "1500 ms"))
        lines = [line.split("\t")[-1] for line in lines[:-1] if not line.startswith("RTNETLINK")]
        assert lines == expected, (keys, lines, err)
    file = lan(world, '[sleep, "60"]')
    with world.up(file):
        out, _ = world.run("exec", file, "api", "--", "sh", "-c", "grep CapEff /proc/self/status; ip link set eth0 mtu 1400; cat "
                                                                "/proc/sys/net/ipv4/conf/eth0/forwarding; ip -br link show eth0")
        assert "0000000000003000" in out, out
