#!/usr/bin/env python3
"""A LAN and a scenario by chance, of everything that a LAN file has: random_scenario.py SEED prints it. It is right by form; what holds
in it nobody knows, so most steps expect nothing but that they end."""
import random
import sys


def times(r, low, high):
    return f"{r.randint(low, high)} ms"


def share(r, most):
    return f"{r.randint(0, most * 10) / 10} %"


def lane(r, hurts):
    """Some settings of a link, as YAML."""
    said = [f"delay: {r.choice(['50 us', '1 ms', '5 ms', '20 ms'])}"]
    rate = r.random() < 0.7
    if rate:
        said.append(f"rate: {r.choice(['1 Mbit', '10 Mbit', '100 Mbit', '1 Gbit'])}")
    if hurts:
        chances = {
            "jitter": lambda: f"{r.choice(['100 us', '1 ms', '4 ms'])}, distribution: "
                              f"{r.choice(['uniform', 'normal', 'pareto', 'paretonormal'])}, correlation: {share(r, 50)}, "
                              f"order: {r.choice(['kept', 'free'])}",
            "loss": lambda: r.choice([share(r, 10), "{ model: gilbert-elliott, p: 1 %, r: 20 %, good: 0 %, bad: 90 % }"]),
            "duplicate": lambda: share(r, 10),
            "reorder": lambda: share(r, 20),
            "corrupt": lambda: share(r, 5),
            "mtu": lambda: str(r.choice([576, 1400, 1500])),
        }
        for name, value in chances.items():
            if r.random() < 0.3:
                said.append(f"{name}: {value()}")
    if r.random() < 0.5:
        limit = r.choice(["5 packets", "50 packets", "64 KiB"])
        discipline = r.choice(["tail-drop", "codel", "fq-codel"]) if rate else "tail-drop"
        said.append(f"queue: {{ limit: {limit}, discipline: {discipline} }}")
    return ", ".join(said)


class World:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.lines = [f"name: random-{seed}", f"seed: {seed}"]
        self.hosts = [f"h{i}" for i in range(self.r.randint(2, 7))]
        self.switches = [f"s{i}" for i in range(self.r.randint(1, 3))]
        self.links = []
        self.names = 0

    def build(self):
        r = self.r
        self.lines.append("switches: { " + ", ".join(f"{s}: {{}}" for s in self.switches) + " }")
        self.lines.append("hosts:")
        for i, host in enumerate(self.hosts):
            services = "[echo, udp-echo, discard, { http: { size: " + r.choice(["0 B", "5 B", "100 kB"]) + " } }]"
            more = r.choice(["", ", mtu: 576", ", tcp: { receive-buffer: 8 KiB }", ", tcp: { timestamps: off }"])
            self.lines.append(f"  {host}: {{ address: 10.0.0.{i + 1}/24, services: {services}{more} }}")
        self.lines.append("links:")
        pairs = [(h, r.choice(self.switches)) for h in self.hosts] + list(zip(self.switches, self.switches[1:]))
        for i, (a, b) in enumerate(pairs):
            self.links.append(f"l{i}")
            self.lines.append(f"  - {{ endpoints: [{a}, {b}], name: l{i}, {lane(r, r.random() < 0.5)} }}")
        if r.random() < 0.7:
            self.lines.append("events:")
            for _ in range(r.randint(1, 5)):
                self.lines.append(f"  - {{ at: {times(r, 0, 4000)}, {self.action(True)} }}")
        self.lines.append("scenario:")
        for _ in range(r.randint(2, 8)):
            self.step("  ", 0)
        return "\n".join(self.lines) + "\n"

    def action(self, undone):
        r = self.r
        link, host = r.choice(self.links), r.choice(self.hosts)
        some = r.sample(self.hosts, 2)
        of_span = [f"down: {link}", f"hold: {link}", f"crash: {host}", f"stop: {host}", f"partition: [[{some[0]}], [{some[1]}]]",
                   f"set: {{ link: {link}, {lane(r, True)}, over: {times(r, 0, 900)} }}",
                   f"drop: {{ link: {link}, match: {r.choice(['syn', 'data', 'arp', 'icmp', 'retransmit', 'tcp', 'udp'])}, "
                   f"{r.choice(['nth', 'count'])}: {r.randint(1, 4)} }}"]
        what = r.choice(of_span)
        if undone and r.random() < 0.8:
            what += f", for: {times(r, 1, 1500)}"
            if r.random() < 0.3:
                what += f", every: {times(r, 1600, 3000)}, times: {r.randint(1, 3)}"
        return what

    def traffic(self):
        r = self.r
        a, b = r.sample(self.hosts, 2)
        anything = "expect: { loss: 0 % .. 100 % }"
        return r.choice([
            (f"ping: {{ from: {a}, to: {b}, count: {r.randint(1, 9)}, interval: {times(r, 1, 400)}, size: {r.choice([0, 56, 1472, 4000])} B }}",
             anything),
            (f"iperf: {{ from: {a}, to: {b}, for: {times(r, 100, 1500)}, parallel: {r.randint(1, 3)} }}", "expect: { took: \">= 0 s\" }"),
            (f"iperf: {{ from: {a}, to: {b}, for: {times(r, 100, 900)}, protocol: udp, rate: {r.randint(1, 20)} Mbit }}",
             "expect: { loss: 0 % .. 100 % }"),
            (f"http: {{ from: {a}, url: \"http://{b}/\" }}", "timeout: 5 s"),
            (f"tcp: {{ from: {a}, to: \"{b}:{r.choice([7, 9, 99])}\", send: hello }}", "timeout: 4 s"),
            (f"udp: {{ from: {a}, to: \"{b}:{r.choice([7, 99])}\", send: hello }}", "timeout: 2 s"),
        ])

    def name(self):
        self.names += 1
        return f"step {self.names} of these"

    def step(self, indent, depth):
        r = self.r
        kind = r.random()
        name = self.name()
        if kind < 0.15 and depth < 2:
            self.lines += [f"{indent}- name: {name}", f"{indent}  parallel:"]
            for _ in range(r.randint(1, 4)):
                self.step(indent + "      ", depth + 1)
        elif kind < 0.22 and depth < 2:
            self.lines += [f"{indent}- name: {name}", f"{indent}  repeat:", f"{indent}    times: {r.randint(1, 3)}",
                           f"{indent}    steps:"]
            for _ in range(r.randint(1, 2)):
                self.step(indent + "      ", depth + 1)
        elif kind < 0.42:
            self.lines.append(f"{indent}- {self.action(False)}")
        elif kind < 0.5:
            self.lines.append(f"{indent}- wait: {{ for: {times(r, 0, 900)} }}")
        elif kind < 0.56:
            link = r.choice(self.links)
            self.lines += [f"{indent}- counter: {{ of: {link}, name: {r.choice(['frames-in', 'dropped', 'queued', 'bytes-out'])} }}",
                           f"{indent}  expect: {{ value: \">= 0\" }}"]
        elif kind < 0.6:
            self.lines += [f"{indent}- capture: {{ on: {r.choice(self.links)}, match: {r.choice(['arp', 'icmp', 'retransmit'])} }}",
                           f"{indent}  expect: {{ frames: \">= 0\" }}"]
        else:
            what, more = self.traffic()
            self.lines += [f"{indent}- name: {name}", f"{indent}  {what}", f"{indent}  {more}"]
            if depth == 0 and r.random() < 0.2:
                self.lines.append(f"{indent}  background: true")


def main():
    print(World(int(sys.argv[1])).build(), end="")


if __name__ == "__main__":
    main()
