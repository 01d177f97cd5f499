#!/usr/bin/env python3
"""What links do to frames, judged from outside: the cases of scenario row 4. Each writes a capture of UDP frames whose first payload
bytes count them, a LAN file in which a `pcap` uplink feeds it through a switch to a second one, and the link between them hurts;
`switchd test --pcap` plays it, and tshark reads the capture: when each frame entered that link (sent by the switch's port) and when it
arrived (at the second uplink). What must hold is computed here, from the definitions: tc-netem's, RFC 8289, RFC 8290, RFC 3168 and
Floyd and Jacobson's RED.

    links.py SWITCHD FOLDER [CASE...]
"""
import math
import struct
import subprocess
import sys
from bisect import bisect_left, bisect_right
from collections import deque
from pathlib import Path
from statistics import NormalDist, mean

SWITCHD, FOLDER = sys.argv[1], Path(sys.argv[2])
MS, SECOND = 10**6, 10**9
START = SECOND  # the first frame, in LAN time
EPOCH = 1767225600 * SECOND
SIGMAS = 4  # how far a share may lie from its mean; the seed is fixed, so it is asked once
failures = 0


def verdict(holds, figure):
    global failures
    failures += not holds
    print(f"row scenario-4: {figure} -- {'ok' if holds else 'FAILED'}", flush=True)


# ---- frames, and files of them ----

def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return 0xffff & ~total


def frame(number, length=100, port=1000, ecn=0, tags=0):
    ip = bytearray(struct.pack(">BBHHHBBHII", 0x45, ecn, length - 14 - 4 * tags, 0, 0, 64, 17, 0, 0x0a000001, 0x0a000002))
    ip[10:12] = struct.pack(">H", checksum(bytes(ip)))
    payload = length - 42 - 4 * tags
    head = bytes.fromhex("020000000002020000000001") + bytes.fromhex("81000005") * tags + b"\x08\x00"
    return head + bytes(ip) + struct.pack(">HHHHI", port, 2000, 8 + payload, 0, number) + b"\0" * (payload - 4)


def write_capture(path, frames):
    """frames: (time in ns, bytes)"""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))
        for at, data in frames:
            file.write(struct.pack("<IIII", at // SECOND, at % SECOND, len(data), len(data)) + data)


class Seen:
    """Of one frame: when it entered the link, why it went no further, when it arrived (a list), its length."""
    def __init__(self, at, length, port):
        self.sent, self.length, self.port = at, length, port
        self.dropped, self.arrived, self.ecn, self.good = None, [], [], []


def play(name, link, frames, seconds, events=""):
    """Plays frames through a link; all that were seen, in the order in which they entered it."""
    base = FOLDER / name
    write_capture(f"{base}.pcap", frames)
    Path(f"{base}.yaml").write_text(f"""\
name: {name}
seed: 4
switches: {{ core: {{}} }}
uplinks:
  tape: {{ type: pcap, read: {name}.pcap, start: 1 s }}
  sink: {{ type: pcap, write: {name}-out.pcapng }}
links:
  - {{ endpoints: [tape, core], rate: 100 Gbit, queue: 100000 packets }}
  - {{ name: line, endpoints: ["core:out", sink], {link} }}
{events}
scenario:
  - wait: {{ for: {seconds} s }}
""")
    done = subprocess.run([SWITCHD, "test", "--pcap", f"{base}.pcapng", f"{base}.yaml"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        print(done.stdout)
        sys.exit(f"{name}: switchd test ends with {done.returncode}")
    return read(f"{base}.pcapng")


FIELDS = ["frame.interface_name", "frame.packet_flags_direction", "frame.time_epoch", "frame.len", "frame.comment", "udp.srcport",
          "ip.dsfield.ecn", "ip.checksum.status", "udp.payload"]


def read(path):
    command = ["tshark", "-r", path, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:FALSE", "-T", "fields"]
    for field in FIELDS:
        command += ["-e", field]
    command += ["-Y", 'frame.interface_name == "core:out" || frame.interface_name == "sink"']
    text = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    seen = {}
    for line in text.splitlines():
        where, _, at, length, comment, port, ecn, good, data = line.split("\t")
        seconds, fraction = at.split(".")
        at = int(seconds) * SECOND + int(fraction.ljust(9, "0")) - EPOCH
        number = int(data.replace(":", "")[:8] or "0", 16)
        if where == "core:out":
            seen[number] = Seen(at, int(length), port)
            seen[number].dropped = comment.removeprefix("dropped: ") or None
        elif number in seen:
            seen[number].arrived.append(at)
            seen[number].ecn.append(ecn)
            seen[number].good.append(good)
    return [seen[number] for number in sorted(seen)]


def every(gap, count, **how):
    return [(i * gap, frame(i, **how)) for i in range(count)]


def share(figure, hits, count, p):
    """Binomial: hits of count, each with p."""
    sigma = math.sqrt(count * p * (1 - p))
    verdict(abs(hits - count * p) <= SIGMAS * sigma,
            f"{figure}: {hits} of {count}, {100 * hits / count:.3f} % ({100 * p:g} % within {SIGMAS} sigma, "
            f"{100 * SIGMAS * sigma / count:.3f} points)")


# ---- delay and jitter ----

def case_delay():
    seen = play("delay", "delay: 10 ms", every(MS, 5000), 10)
    delays = [s.arrived[0] - s.sent for s in seen]
    verdict(len(delays) == 5000 and abs(mean(delays) / (10 * MS) - 1) <= 0.01,
            f"delay: {len(delays)} frames took {mean(delays) / MS:.6f} ms on average (10 ms within 1 %)")


def normal_quantile(u):
    return NormalDist().inv_cdf(u)


def pareto_quantile(u):
    return min(4 / 3 * ((1 - u) ** (-1 / 3) - 1.5), 32767 / 8192)


QUANTILES = {  # tc-netem's, in multiples of the jitter
    "uniform": lambda u: 2 * u - 1,
    "normal": normal_quantile,
    "pareto": pareto_quantile,
    "paretonormal": lambda u: 0.25 * normal_quantile(u) + 0.75 * pareto_quantile(u),
}


def distribution_of(quantile, size=1 << 18):
    """Its distribution function as sorted values, and its mean."""
    values = [quantile((i + 0.5) / size) for i in range(size)]
    return values, mean(values)


def kolmogorov_smirnov(sample, values):
    """The largest distance between the sample's distribution and the one of the sorted values, from both sides of each step."""
    sample, worst = sorted(sample), 0.0
    for i, x in enumerate(sample):
        below, upto = bisect_left(values, x) / len(values), bisect_right(values, x) / len(values)
        worst = max(worst, (i + 1) / len(sample) - upto, below - i / len(sample))
    return worst


def case_jitter():
    count, delay, jitter = 8000, 20 * MS, 4 * MS
    bound = 1.95 / math.sqrt(count)  # alpha 0.1 %
    for name, quantile in QUANTILES.items():
        seen = play(f"jitter-{name}", f"delay: 20 ms, jitter: 4 ms, distribution: {name}", every(40 * MS, count), 330)
        delays = [s.arrived[0] - s.sent for s in seen]
        values, middle = distribution_of(quantile)
        # tc's tables have 4,096 entries, in the middle of each step; a sample of steps is told from a smooth one by half a step.
        distance = kolmogorov_smirnov([(d - delay) / jitter for d in delays], values) - 1 / 8192
        want = delay + middle * jitter
        verdict(len(delays) == count and distance <= bound,
                f"jitter, {name}: Kolmogorov-Smirnov distance {distance:.4f} of {count} frames (at most {bound:.4f})")
        verdict(abs(mean(delays) / want - 1) <= 0.01,
                f"jitter, {name}: {mean(delays) / MS:.4f} ms on average ({want / MS:.4f} ms within 1 %)")


def neighbours(values):
    middle = mean(values)
    return sum((a - middle) * (b - middle) for a, b in zip(values, values[1:])) / sum((a - middle) ** 2 for a in values)


def case_correlation():
    for percent in (0, 25, 75):
        seen = play(f"correlation-{percent}", f"delay: 20 ms, jitter: 4 ms, correlation: {percent} %", every(20 * MS, 8000), 170)
        found = neighbours([s.arrived[0] - s.sent for s in seen])
        verdict(abs(found - percent / 100) <= 0.04, f"correlation: {found:.3f} between neighbours ({percent} % within 4 points)")


def case_order():
    for order in ("kept", "free"):
        seen = play(f"order-{order}", f"delay: 20 ms, jitter: 4 ms, order: {order}", every(MS, 8000), 15)
        late = sum(a.arrived[0] > b.arrived[0] for a, b in zip(seen, seen[1:]))
        # Two uniform delays, 1 ms apart of 8: the later frame is first with (1 - 1/8)^2 / 2.
        if order == "kept":
            verdict(late == 0, f"order kept: {late} of {len(seen) - 1} frames overtaken by the next")
        else:
            share("order free: overtaken by the next", late, len(seen) - 1, (7 / 8) ** 2 / 2)


# ---- shares ----

def lost(seen):
    return [s.dropped == "loss" for s in seen]


def case_loss():
    seen = play("loss", "delay: 1 ms, loss: 5 %", every(MS, 20000), 25)
    share("loss", sum(lost(seen)), len(seen), 0.05)
    verdict(all((s.dropped is None) == (len(s.arrived) == 1) for s in seen), "loss: every other frame arrived, once")


def bursts_of(seen):
    bursts, run = [], 0
    for gone in lost(seen) + [False]:
        if gone:
            run += 1
        elif run:
            bursts.append(run)
            run = 0
    return bursts


def case_bursts():
    p, r = 0.02, 0.2
    seen = play("bursts", "delay: 1 ms, loss: { model: gilbert-elliott, p: 2 %, r: 20 % }", every(MS, 50000), 55)
    bursts, count = bursts_of(seen), len(seen)
    # A burst's length is geometric with r: mean 1 / r, variance (1 - r) / r^2.
    wide = SIGMAS * math.sqrt((1 - r) / r ** 2 / len(bursts))
    verdict(abs(mean(bursts) - 1 / r) <= wide,
            f"bursts: {mean(bursts):.3f} frames long on average, of {len(bursts)} ({1 / r:g} within {wide:.3f})")
    chi, cells = 0.0, 12
    for k in range(1, cells + 1):
        want = len(bursts) * ((1 - r) ** (k - 1) * r if k < cells else (1 - r) ** (cells - 1))
        have = sum(b == k or (k == cells and b > k) for b in bursts)
        chi += (have - want) ** 2 / want
    verdict(chi <= 31.26, f"bursts: their lengths are geometric: chi-square {chi:.1f} of 11 degrees (at most 31.26, 0.1 %)")
    # The share of a two-state chain: variance (1 + k) / (1 - k) times the binomial's, k = 1 - p - r.
    bad = p / (p + r)
    wide = SIGMAS * math.sqrt(bad * (1 - bad) / count * (2 - p - r) / (p + r))
    verdict(abs(sum(lost(seen)) / count - bad) <= wide,
            f"bursts: {100 * sum(lost(seen)) / count:.3f} % lost (p / (p + r), {100 * bad:.3f} % within {100 * wide:.3f} points)")
    seen = play("states", "delay: 1 ms, loss: { model: gilbert-elliott, p: 1 %, r: 1 %, good: 1 %, bad: 60 % }", every(MS, 50000), 55)
    wide = SIGMAS * math.sqrt((0.25 * 1.98 / 0.02 * 0.59 ** 2 + 0.13) / len(seen))
    verdict(abs(sum(lost(seen)) / len(seen) - 0.305) <= wide,
            f"bursts: {100 * sum(lost(seen)) / len(seen):.2f} % lost with 1 % while good and 60 % while bad (30.5 % within "
            f"{100 * wide:.2f} points)")


def case_duplicate():
    seen = play("duplicate", "delay: 1 ms, duplicate: 3 %", every(MS, 20000), 25)
    share("duplicate: arrived twice", sum(len(s.arrived) == 2 for s in seen), len(seen), 0.03)
    verdict(all(1 <= len(s.arrived) <= 2 for s in seen), "duplicate: every frame arrived once or twice")


def case_reorder():
    seen = play("reorder", "delay: 10 ms, reorder: 10 %", every(MS, 20000), 25)
    early = sum(s.arrived[0] == s.sent for s in seen)
    share("reorder: skipped the delay", early, len(seen), 0.1)
    verdict(early + sum(s.arrived[0] - s.sent == 10 * MS for s in seen) == len(seen), "reorder: every other frame took 10 ms")


def records(path):
    """The bytes of each frame, as libpcap hands them out: tcpdump writes them into the old format, which is easily read."""
    data = subprocess.run(["tcpdump", "-r", path, "-w", "-"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    at, out = 24, []
    while at < len(data):
        size = struct.unpack("<I", data[at + 8:at + 12])[0]
        out.append(data[at + 16:at + 16 + size])
        at += 16 + size
    return out


def case_corrupt():
    frames = every(MS, 20000, length=200)
    play("corrupt", "delay: 1 ms, corrupt: 2 %", frames, 25)
    got = records(str(FOLDER / "corrupt-out.pcapng"))
    flips = [(int.from_bytes(a, "big") ^ int.from_bytes(b, "big")) for a, (_, b) in zip(got, frames)]
    hit = [f for f in flips if f]
    share("corrupt: arrived otherwise than sent", len(hit), len(got), 0.02)
    verdict(len(got) == 20000 and all(bin(f).count("1") == 1 for f in hit), f"corrupt: in each of the {len(hit)} one bit differs")
    low = sum(f.bit_length() <= 800 for f in hit)
    share("corrupt: of those, in the frame's second half", low, len(hit), 0.5)


def case_mtu():
    lengths = [(60 + 7 * i, i % 3) for i in range(150)] + [(1014 + 4 * t + more, t) for t in range(3) for more in (0, 1)]
    frames = [(i * MS, frame(i, length=n, tags=t)) for i, (n, t) in enumerate(lengths)]
    seen = play("mtu", "delay: 1 ms, mtu: 1000", frames, 5)
    right = sum((s.dropped == "link-mtu") == (n - 14 - 4 * t > 1000) and (s.dropped is None) == (len(s.arrived) == 1)
                for s, (n, t) in zip(seen, lengths))
    verdict(right == len(lengths) == len(seen),
            f"mtu: {right} of {len(lengths)} frames with none, one or two tags passed, or were dropped beyond 1000 bytes of payload")


# ---- rate and queue ----

def case_rate():
    for name, lengths in (("frames of 1514 bytes", [1514]), ("frames of 60 to 1514 bytes", [60, 1514, 300, 999, 61])):
        count = 6000
        frames, at = [], 0
        for i in range(count):
            length = lengths[i % len(lengths)]
            frames.append((at, frame(i, length=length)))
            at += length * 8 * SECOND // 20_000_000  # twice what the line takes
        seen = [s for s in play("rate", "rate: 10 Mbit, delay: 5 ms, queue: 100 packets", frames, 20) if s.arrived]
        bits = 8 * sum(s.length for s in seen[1:])
        rate = bits * SECOND / (seen[-1].arrived[0] - seen[0].arrived[0])
        verdict(abs(rate / 1e7 - 1) <= 0.001, f"rate: {rate / 1e6:.5f} Mbit/s of {name} (10 Mbit/s within 0.1 %)")


def case_queue():
    for limit, waits in (("50 packets", 50), ("64 KiB", 65536 // 1514)):
        seen = play("queue", f"rate: 1 Mbit, delay: 5 ms, queue: {limit}", every(0, 200, length=1514), 5)
        through = sum(len(s.arrived) for s in seen)
        full = sum(s.dropped == "queue-full" for s in seen)
        verdict(through == waits + 1 and full == 199 - waits,
                f"queue: of a burst of 200, one is sent, {through - 1} wait for it (limit {limit}: {waits}), {full} are dropped")


# ---- disciplines ----

RATE = 10_000_000


def takes(length):
    return length * 8 * SECOND / RATE


def codel(arrivals, target=5 * MS, interval=100 * MS):
    """RFC 8289 5 as it is printed there, over a line of RATE: the numbers that are dropped, and when."""
    drops, departures, queue, now, i = [], [], deque(), 0.0, 0
    state = {"first_above": 0.0, "drop_next": 0.0, "count": 0, "last": 0, "dropping": False, "max": 0,
             "bytes": 0}

    def control_law(t, count):
        return t + math.isqrt(interval * interval // count)  # in whole nanoseconds

    def dodequeue():
        if not queue:
            state["first_above"] = 0.0
            return None, False
        head = queue.popleft()
        state["bytes"] -= head[2]
        state["max"] = max(state["max"], head[2])
        if now - head[1] < target or state["bytes"] <= state["max"]:
            state["first_above"] = 0.0
            return head, False
        if state["first_above"] == 0.0:
            state["first_above"] = now + interval
            return head, False
        return head, now >= state["first_above"]

    def dequeue():
        head, ok = dodequeue()
        if state["dropping"]:
            if not ok:
                state["dropping"] = False
            while now >= state["drop_next"] and state["dropping"]:
                drops.append((head[0], now, state["count"] + 1))
                state["count"] += 1
                head, ok = dodequeue()
                if not ok:
                    state["dropping"] = False
                else:
                    state["drop_next"] = control_law(state["drop_next"], state["count"])
        elif ok:
            drops.append((head[0], now, 0))
            head, ok = dodequeue()
            state["dropping"] = True
            delta = state["count"] - state["last"]
            state["count"] = delta if delta > 1 and now - state["drop_next"] < 16 * interval else 1
            state["drop_next"] = control_law(now, state["count"])
            state["last"] = state["count"]
        return head

    while i < len(arrivals) or queue:
        if not queue:
            now = max(now, arrivals[i][1])
        while i < len(arrivals) and arrivals[i][1] <= now:
            queue.append(arrivals[i])
            state["bytes"] += arrivals[i][2]
            i += 1
        head = dequeue()
        if head is not None:
            now += takes(head[2])
            departures.append((head[0], now))
    return drops, departures


def case_codel():
    # 5 % more than the line takes for 10 s, then half of it for 3 s, then 30 % more.
    gap, frames, at = int(takes(1000)), [], 0
    for upto, part in ((10, 1 / 1.05), (13, 2), (20, 1 / 1.3)):
        while at < upto * SECOND:
            frames.append((at, frame(len(frames), length=1000)))
            at += int(gap * part)
    seen = play("codel", "rate: 10 Mbit, delay: 5 ms, queue: { limit: 10000 packets, discipline: codel }", frames, 30)
    gone = [i for i, s in enumerate(seen) if not s.arrived]
    drops, departures = codel([(i, s.sent, s.length) for i, s in enumerate(seen)])
    same = gone == sorted(n for n, _, _ in drops)
    verdict(same and len(gone) > 400,
            f"CoDel: the {len(gone)} frames that RFC 8289's text drops of {len(seen)} are dropped, and no other")
    if not same:
        return
    worst = max(abs(seen[n].arrived[0] - 5 * MS - at) for n, at in departures)
    verdict(worst <= 1000, f"CoDel: each other frame leaves when it does by that text (at most {worst:.0f} ns off, of 1000)")
    # What the capture alone shows: a drop happens when the next frame's transmission begins.
    ends = {}
    for n in gone:
        after = next(i for i in range(n + 1, len(seen)) if seen[i].arrived)
        ends[n] = seen[after].arrived[0] - 5 * MS - takes(1000)
    first = [ends[n] for n in gone[:40]]
    off = []
    due = first[0]
    for k in range(1, len(first)):
        due += 100 * MS / math.sqrt(k)
        off.append(first[k] - due)
    verdict(all(-2000 <= d <= takes(1000) + 1000 for d in off),
            f"CoDel: the first {len(first)} drops follow interval / sqrt(count), each at the first end of a frame from then on "
            f"(at most {max(off) / MS:.3f} ms after, a frame is {takes(1000) / MS:.1f})")
    above = next(s.arrived[0] - 5 * MS - takes(1000) for s in seen if s.arrived and s.arrived[0] - 5 * MS - takes(1000) - s.sent >= 5 * MS)
    verdict(0 <= first[0] - above - 100 * MS <= takes(1000) + 1000,
            f"CoDel: the first drop is {(first[0] - above) / MS:.3f} ms after the first wait of 5 ms (an interval of 100)")
    waits = [s.arrived[0] - s.sent - 5 * MS - takes(1000) for s in seen if s.arrived and 5 * SECOND < s.sent - START < 10 * SECOND]
    verdict(mean(waits) <= 15 * MS,
            f"CoDel: at 5 % more than the line takes, frames wait {mean(waits) / MS:.2f} ms on average (target 5; at most 15, since they do not heed it)")
    plain = play("codel-without", "rate: 10 Mbit, delay: 5 ms, queue: 10000 packets", frames[:13000], 30)
    worst = max(s.arrived[0] - s.sent for s in plain if s.arrived)
    verdict(worst > 300 * MS, f"CoDel: without it they wait up to {worst / MS:.0f} ms")


def case_red():
    low, high, chance, weight = 30000, 90000, 0.1, 1 / 512
    frames, at = [], 0
    for i in range(60000):
        frames.append((at, frame(i, length=1000)))
        # 3 % more than the line takes; now and then 40 % more, and now and then nothing.
        at += int(takes(1000) / (1.4 if i % 10000 > 8500 else 1.03)) + (200 * MS if i % 10000 == 0 else 0)
    seen = play("red", "rate: 10 Mbit, delay: 5 ms, queue: { limit: 1000 packets, discipline: red, min: 30 kB, max: 90 kB, "
                "probability: 10 % }", frames, 90)
    average, count, idle = 0.0, -1, 0.0
    begins = []  # when the transmission of each frame that passed begins
    head = 0
    below, above, between, cells = [0, 0], [0, 0], [0.0, 0.0, 0], {}
    last_end = 0.0
    for s in seen:
        while head < len(begins) and begins[head] < s.sent - 1:
            head += 1
        queue = 1000 * (len(begins) - head)
        if s.sent > last_end + 1:
            average *= (1 - weight) ** int((s.sent - last_end) / takes(1000) + 1e-6)
        else:
            average += weight * (queue - average)
        gone = s.dropped == "red"
        if not gone:
            begins.append(max(s.sent, last_end))
            last_end = begins[-1] + takes(s.length)
        if average < low:
            count = -1
            below[0] += gone
            below[1] += 1
        elif average >= high:
            count = 0
            above[0] += gone
            above[1] += 1
        else:
            count += 1
            b = chance * (average - low) / (high - low)
            a = min(1.0, b / (1 - count * b)) if count * b < 1 else 1.0
            cell = cells.setdefault(int((average - low) / (high - low) * 6), [0, 0.0, 0.0, 0])
            cell[0] += gone
            cell[1] += a
            cell[2] += a * (1 - a)
            cell[3] += 1
            if gone:
                count = 0
    verdict(below[0] == 0 and below[1] > 1000, f"RED: {below[0]} of {below[1]} frames dropped at an average below min")
    verdict(above[0] == above[1] and above[1] > 10, f"RED: {above[0]} of {above[1]} frames dropped at an average from max on")
    for cell, (gone, want, variance, n) in sorted(cells.items()):
        wide = SIGMAS * math.sqrt(variance) + 1
        verdict(abs(gone - want) <= wide and n > 100,
                f"RED: at an average of {10 * cell + 30} to {10 * cell + 40} kB {gone} of {n} frames dropped "
                f"({want:.1f} as published, within {wide:.1f})")


def case_fq_codel():
    frames = []
    loads = {1000: 8_000_000, 1001: 20_000_000, 1002: 5_000_000}  # greedy flows, bits a second
    for port, rate in loads.items():
        length = 1514 if port != 1002 else 500
        gap = length * 8 * SECOND // rate
        frames += [(i * gap, port, length) for i in range(20 * SECOND // gap)]
    frames += [(i * 100 * MS + 12345, 1003, 100) for i in range(200)]  # ten a second
    frames = [(at, frame(i, length=length, port=port)) for i, (at, port, length) in enumerate(sorted(frames))]
    seen = play("fq-codel", "rate: 10 Mbit, delay: 5 ms, queue: { limit: 1000 packets, discipline: fq-codel }", frames, 40)
    bits = dict.fromkeys(loads, 0)
    for s in seen:
        if int(s.port) in bits and s.arrived and 5 * SECOND <= s.arrived[0] - START < 20 * SECOND:
            bits[int(s.port)] += 8 * s.length
    rates = [b / 15e6 for b in bits.values()]
    jain = sum(rates) ** 2 / len(rates) / sum(r * r for r in rates)
    verdict(jain >= 0.999, "FQ-CoDel: flows of 8, 20 and 5 Mbit/s offered get "
            + ", ".join(f"{r:.3f}" for r in rates) + f" Mbit/s of 10 (Jain's index {jain:.5f}, at least 0.999)")
    sparse = [s for s in seen if s.port == "1003"]
    # In the first second the greedy ones are new too. From then on it waits for the frame that is being sent, and no other.
    worst = max(s.arrived[0] - s.sent for s in sparse[10:]) - 5 * MS - takes(100)
    verdict(all(len(s.arrived) == 1 for s in sparse) and worst <= takes(1514),
            f"FQ-CoDel: {len(sparse)} frames of a flow that sends ten a second all arrive, and wait {worst / MS:.3f} ms at most "
            f"(one frame takes {takes(1514) / MS:.3f})")
    full = sum(s.dropped == "queue-full" for s in seen)
    fat = [s for s in seen if s.port == "1001"]
    waits = [s.arrived[0] - s.sent - 5 * MS for s in fat if s.arrived]
    print(f"FQ-CoDel: {full} frames dropped at the bound; the greediest flow waits {mean(waits) / MS:.1f} ms on average")


def case_ecn():
    for discipline in ("codel", "fq-codel", "red"):
        frames = [(i * int(takes(1000) / 1.05), frame(i, length=1000, ecn=(i % 2) * (1 + i % 4 // 2), port=1000 + i % 2))
                  for i in range(20000)]
        settings = "min: 20 kB, max: 80 kB, " if discipline == "red" else ""
        seen = play(f"ecn-{discipline}", f"rate: 10 Mbit, delay: 5 ms, queue: {{ discipline: {discipline}, {settings}ecn: on }}",
                    frames, 40)
        capable = [s for i, s in enumerate(seen) if i % 2]
        other = [s for i, s in enumerate(seen) if not i % 2]
        marked = [s for s in capable if s.ecn and s.ecn[0] == "3"]
        gone = sum(not s.arrived for s in capable)
        lost = sum(not s.arrived for s in other)
        limit = sum(s.dropped == "queue-full" for s in seen)
        verdict(len(marked) > 20 and gone == 0 and lost > 20 and limit == 0 and not any(s.ecn and s.ecn[0] == "3" for s in other),
                f"ECN, {discipline}: {len(marked)} packets with ECT marked and {gone} dropped, of those without {lost} dropped")
        verdict(all(g == "1" for s in seen for g in s.good), f"ECN, {discipline}: every IP checksum is right (RFC 1624)")


def case_set():
    """Each direction by itself, and changed while it runs."""
    seen = play("set", "forward: { delay: 5 ms }, backward: { delay: 50 ms, loss: 100 % }", every(MS, 9000), 15,
                "events:\n  - { at: 4 s, set: { link: line, from: core, delay: 20 ms } }\n"
                "  - { at: 7 s, set: { link: line, from: core, loss: 10 %, delay: 1 ms } }")
    times = [(s.sent, s.arrived[0] - s.sent if s.arrived else None) for s in seen]
    first = {d for at, d in times if at < 4 * SECOND}
    second = {d for at, d in times if 4 * SECOND <= at < 7 * SECOND}
    last = [d for at, d in times if at >= 7 * SECOND + 19 * MS]
    verdict(first == {5 * MS} and second == {20 * MS} and set(last) == {MS, None},
            f"set: frames take {sorted(d / MS for d in first)} ms, then {sorted(d / MS for d in second)}, then "
            f"{sorted({d / MS for d in last if d})}")
    share("set: loss from then on", last.count(None), len(last), 0.1)
    overtaken = sum(a[0] + a[1] > b[0] + b[1] for a, b in zip(times, times[1:]) if a[1] and b[1])
    verdict(overtaken == 0, f"set: {overtaken} frames are overtaken where the delay falls from 20 ms to 1 ms")


CASES = {name[5:]: case for name, case in list(globals().items()) if name.startswith("case_")}
for chosen in sys.argv[3:] or CASES:
    CASES[chosen]()
sys.exit(failures != 0)
