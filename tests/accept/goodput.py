"""Goodput of TCP over a link that loses the frames of a list, ours in virtual time and Linux's between two namespaces: for
tcp-4-goodput.sh. The list is made of its number alone: which frames with text, counted as they enter the link, sent again or not, do
not arrive. Both get the same ones.

    goodput.py ours LIST LOSS     Mbit/s of one run
    goodput.py linux LIST LOSS    the same; wants root. It is real time: where round trips took longer than the link makes them, the
                                  machine was busy with other things, and it has another go, three at most; the best one counts
    goodput.py fat                Mbit/s of 1 Gbit and 100 ms, from the 10th second to the 15th
    goodput.py shares FRAMES      Jain's index of four flows over one queue of so many frames
    goodput.py send|receive       an end of the Linux run

LOSS is a share. Rates are of what the receiving program was given in 10 s.
"""
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time

SECONDS = 10
FRAMES = 90_000  # more than 100 Mbit/s carries in that time
PORT = 5001
LINE = "delay: 10 ms, rate: 100 Mbit"
QUIET = 0.024  # seconds: a round trip is 20 ms, and what the kernel's delayed acknowledgements and the taps add


def lost(number, share):
    draw = random.Random(f"{number} {share}")
    return [n for n in range(1, FRAMES + 1) if draw.random() < share]


def drops(number, share, sender):
    return "events:\n" + "".join(f"  - {{ at: 0 s, drop: {{ link: line, from: {sender}, match: data, nth: {n} }} }}\n"
                                 for n in lost(number, share))


def written(name, text):
    path = os.path.join(os.environ["SW_TMP"], name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def values(name, text):
    """What the one iperf of a scenario has measured."""
    done = subprocess.run([os.environ["SW_SWITCHD"], "test", "--json", written(name, text)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    for line in done.stdout.decode().splitlines():
        record = json.loads(line)
        if record["record"] == "check" and record.get("step") == "iperf":
            return record["figure"], {key: value["value"] for key, value in record["values"].items()}
    raise SystemExit("the scenario says nothing of iperf")


def ours(number, share):
    text = f"""name: goodput
hosts:
  a: {{ address: 10.0.0.1/24, tcp: {{ congestion: cubic }} }}
  b: {{ address: 10.0.0.2/24 }}
links:
  - {{ name: line, endpoints: [a, b], {LINE} }}
{drops(number, share, "a")}scenario:
  - iperf: {{ from: a, to: b, for: {SECONDS} s }}
    expect: {{ throughput: "> 1 bit" }}
"""
    return values(f"ours-{share}-{number}.yaml", text)[1]["throughput"] / 1e6


def linux(number, share):
    best = 0
    for _ in range(3):
        rate, rtt = linux_once(number, share)
        best = max(best, rate)
        if rtt <= QUIET:
            break
    return best


def linux_once(number, share):
    """Its rate, and its mean round trip in seconds."""
    spaces = [f"swt-{os.getpid()}-{end}" for end in "ab"]
    program = os.path.abspath(__file__)
    path = written(f"linux-{share}-{number}.yaml", f"""name: goodput-{os.getpid()}
uplinks:
  a: {{ type: tap, netns: {spaces[0]}, device: swt0, address: 10.0.0.1/24, vnet-header: off }}
  b: {{ type: tap, netns: {spaces[1]}, device: swt0, address: 10.0.0.2/24, vnet-header: off }}
links:
  - {{ name: line, endpoints: [a, b], {LINE} }}
{drops(number, share, "a")}""")
    children = []
    try:
        for space in spaces:
            subprocess.run(["ip", "netns", "add", space], check=True)
        children.append(subprocess.Popen([os.environ["SW_SWITCHD"], "run", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        if not any(b" is up: " in line for line in children[0].stdout):
            raise SystemExit("the LAN does not come up")
        inside = [["ip", "netns", "exec", space, sys.executable, program] for space in spaces]
        children.append(subprocess.Popen(inside[1] + ["receive"], stdout=subprocess.PIPE))
        children[1].stdout.readline()
        children.append(subprocess.Popen(inside[0] + ["send"], stdout=subprocess.PIPE))
        rate = float(children[1].stdout.readline())
        rtt = float(children[2].stdout.readline())
        children[1].wait(SECONDS)
        children[2].wait(SECONDS)
        return rate, rtt
    finally:
        for child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGINT)
                child.wait(SECONDS)
        for space in spaces:
            subprocess.run(["ip", "netns", "del", space], check=False)


def send():
    with socket.socket() as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"cubic")
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.connect(("10.0.0.2", PORT))
        end = time.monotonic() + SECONDS
        s.settimeout(SECONDS)
        text = bytes(65536)
        trips = []
        try:
            while time.monotonic() < end:
                s.send(text)
                trips.append(struct.unpack_from("I", s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 68)[0])
        except OSError:
            pass  # the other end has seen enough
        print(sum(trips) / len(trips) / 1e6, flush=True)


def receive():
    with socket.create_server(("10.0.0.2", PORT)) as server:
        print("ready", flush=True)
        s, _ = server.accept()
        end = time.monotonic() + SECONDS
        count = 0
        while (left := end - time.monotonic()) > 0:
            s.settimeout(left)
            try:
                count += len(s.recv(1 << 20))
            except OSError:
                break
        print(count * 8 / SECONDS / 1e6, flush=True)
        s.close()


def fat():
    """The same file and seed are the same run, so the bytes of 15 s but for those of 10 s are those of the last five."""
    count = []
    for seconds in (10, 15):
        text = f"""name: fat
defaults:
  host: {{ tcp: {{ congestion: cubic, send-buffer: 64 MiB, receive-buffer: 64 MiB }} }}
hosts:
  a: {{ address: 10.0.0.1/24 }}
  b: {{ address: 10.0.0.2/24 }}
links:
  - {{ endpoints: [a, b], delay: 50 ms, rate: 1 Gbit }}
scenario:
  - iperf: {{ from: a, to: b, for: {seconds} s }}
    expect: {{ throughput: "> 1 bit" }}
"""
        figure, _ = values(f"fat-{seconds}.yaml", text)
        count.append(int(figure.split(",")[1].split()[0]))
    return (count[1] - count[0]) * 8 / 5 / 1e6


def shares(frames):
    text = f"""name: shares
defaults:
  host: {{ tcp: {{ congestion: cubic }} }}
hosts:
  a: {{ address: 10.0.0.1/24 }}
  b: {{ address: 10.0.0.2/24 }}
switches:
  core: {{}}
links:
  - [a, core]
  - {{ endpoints: [core, b], {LINE}, queue: {frames} packets }}
scenario:
  - iperf: {{ from: a, to: b, for: {SECONDS} s, parallel: 4 }}
    expect: {{ fairness: "> 0.01" }}
"""
    return values(f"shares-{frames}.yaml", text)[1]["fairness"] / 1e9


def main(what, *args):
    if what in ("send", "receive"):
        (send if what == "send" else receive)()
    elif what in ("ours", "linux"):
        print((ours if what == "ours" else linux)(int(args[0]), float(args[1])))
    elif what == "fat":
        print(fat())
    elif what == "shares":
        print(shares(int(args[0])))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
