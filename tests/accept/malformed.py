#!/usr/bin/python3
"""Malformed frames, made with scapy, for the host web of hard-2-malformed.sh: a class a kind of wrongness, each with what a host may
say of it.

    malformed.py classes                      a line a class: its name, the outcomes that a host must count some of its frames under, and
                                              those that it may, each list with commas, or -
    malformed.py split CAPTURE TRAFGEN DIR    trafgen's capture into one of each of its packets, and lines like these; may: *
    malformed.py each DIR COUNT               a capture a class, of so many frames: DIR/CLASS.pcap
    malformed.py write FILE COUNT             one of all classes in turn, but those that no wire can carry; the same each time
    malformed.py send DEVICE FILE FROM TO RATE  frames FROM to TO of a capture, out of a device, RATE a second
"""
import itertools
import random
import socket
import struct
import sys
import time

WEB, WEB_MAC = "10.95.0.10", "02:00:00:00:95:10"
OTHER, OTHER_MAC = "10.95.0.11", "02:00:00:00:95:11"
CLIENT, CLIENT_MAC, CLIENT_PORT = "10.95.0.1", "02:00:00:00:95:01", 40001  # a kernel's, that has a transfer from web's port 80
STATION, STATION_MAC = "10.95.0.200", "02:00:00:66:00:00"  # nobody; the last two bytes are drawn for each frame
BROADCAST_MAC, SUBNET_BROADCAST = "ff:ff:ff:ff:ff:ff", "10.95.0.255"
CLOSED, SERVICES = 4444, (7, 80, 5201)
SEED = 2


def load():
    """scapy, which takes a second to load, and which only the makers of frames want."""
    global raw, Ether, Dot1Q, Dot1AD, ARP, IP, ICMP, UDP, TCP, Raw, fragment, checksum
    from scapy.compat import raw
    from scapy.layers.inet import ICMP, IP, TCP, UDP, fragment
    from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
    from scapy.packet import Raw
    from scapy.utils import checksum


# ---- packets ----

def to_web(packet, **ether):
    return raw(Ether(**{"dst": WEB_MAC, "src": STATION_MAC, **ether}) / packet)


def ip(**fields):
    return IP(**{"src": STATION, "dst": WEB, **fields})


def tcp(**fields):
    return TCP(**{"sport": 30000, "dport": CLOSED, "seq": 1000, "ack": 2000, **fields})


def udp(**fields):
    return UDP(**{"sport": 30000, "dport": CLOSED, **fields})


def arp(**fields):
    return ARP(**{"op": 1, "hwsrc": STATION_MAC, "psrc": STATION, "pdst": WEB, **fields})


def text(n):
    return Raw(bytes(i * 7 & 255 for i in range(n)))


def alone(frames):
    """Groups of one frame each."""
    return [[frame] for frame in frames]


def flipped(frame, at, bits=16):
    """The frame with each bit of the field there turned, one at a time."""
    for bit in range(bits):
        other = bytearray(frame)
        other[at + bit // 8] ^= 128 >> bit % 8
        yield bytes(other)


def with_options(frame, options):
    """The frame with IP options, whatever they are."""
    options += bytes(-len(options) % 4)
    header = bytearray(frame[14:34] + options)
    header[0] = 0x45 + len(options) // 4
    struct.pack_into("!H", header, 2, len(frame) - 14 + len(options))
    header[10:12] = b"\0\0"
    struct.pack_into("!H", header, 10, checksum(bytes(header)))
    return frame[:14] + bytes(header) + frame[34:]


def with_tcp_options(options, **fields):
    """A segment with TCP options, whatever they are."""
    options += bytes(-len(options) % 4)
    segment = bytearray(raw(tcp(**fields))[:20] + options)
    segment[12] = (5 + len(options) // 4) << 4
    segment[16:18] = b"\0\0"
    pseudo = socket.inet_aton(STATION) + socket.inet_aton(WEB) + struct.pack("!HH", 6, len(segment))
    struct.pack_into("!H", segment, 16, checksum(pseudo + bytes(segment)))
    return to_web(ip(proto=6) / Raw(bytes(segment)))


# ---- Ethernet and ARP ----

def stub(_):
    return alone(to_web(ip() / udp())[:n] for n in range(14))


def runt(_):
    return alone([to_web(ip() / udp())[:n] for n in range(14, 34)] + [to_web(arp())[:n] for n in range(14, 42)])


def ethertype(_):
    known = (0x0800, 0x0806, 0x8100, 0x88A8)
    return alone(to_web(text(46), type=t) for t in itertools.chain(range(0, 65536, 97), (0x05DC, 0x86DD, 0x88CC)) if t not in known)


def vlan(_):
    frames = [to_web(Dot1Q(vlan=v, prio=p) / ip() / udp()) for v in (0, 1, 10, 4094, 4095) for p in range(8)]
    frames += [to_web(Dot1AD(vlan=a) / Dot1Q(vlan=b) / ip() / udp()) for a in (0, 10, 4095) for b in (0, 20, 4095)]
    frames += [to_web(Dot1Q(vlan=a) / Dot1Q(vlan=b) / Dot1Q(vlan=a) / arp()) for a in (0, 10) for b in (0, 20)]
    frames += [frames[3][:n] for n in range(14, 38)]
    return alone(frames)


def not_for_us(_):
    macs = [f"02:00:00:00:96:{i:02x}" for i in range(32)] + [f"01:80:c2:00:00:{i:02x}" for i in range(32)]
    macs += ["01:00:5e:00:00:01", "33:33:00:00:00:01", "00:00:00:00:00:00", "01:00:0c:cc:cc:cc"]
    return alone(to_web(ip() / udp(), dst=mac) for mac in macs)


def group_source(_):
    macs = (BROADCAST_MAC, "01:00:5e:00:00:01", "33:33:00:00:00:01", "03:00:00:66:00:01", "01:80:c2:00:00:00")
    return alone(to_web(packet, src=mac, dst=dst) for mac in macs for dst in (WEB_MAC, BROADCAST_MAC)
                 for packet in (ip() / udp(), ip() / tcp(flags="S"), arp()))


def stolen_mac(_):
    """Whose source is another's address: a switch looks for that station at the wrong port until it speaks again."""
    return alone(to_web(ip() / udp(), src=mac) for mac in (CLIENT_MAC, OTHER_MAC, WEB_MAC))


def arp_format(_):
    fields = [{"hwtype": t} for t in (0, 2, 6, 255, 256, 65535)] + [{"ptype": t} for t in (0, 0x0806, 0x86DD, 65535)]
    fields += [{"hwlen": n} for n in (0, 1, 5, 7, 255)] + [{"plen": n} for n in (0, 1, 3, 5, 16, 255)]
    frames = []
    for field in fields:
        frame = bytearray(to_web(arp()))
        for name, value in field.items():
            at, form = {"hwtype": (14, "!H"), "ptype": (16, "!H"), "hwlen": (18, "!B"), "plen": (19, "!B")}[name]
            struct.pack_into(form, frame, at, value)
        frames.append(bytes(frame))
    return alone(frames)


def arp_opcode(_):
    return alone(to_web(arp(op=op)) for op in (0, *range(3, 64), 255, 256, 513, 32768, 65535))


def arp_sender(_):
    frames = [to_web(arp(op=op, hwsrc=mac)) for op in (1, 2) for mac in ("00:00:00:00:00:00", BROADCAST_MAC, "01:00:5e:00:00:01", WEB_MAC)]
    frames += [to_web(arp(op=op, psrc=address)) for op in (1, 2) for address in
               ("0.0.0.1", "127.0.0.1", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255")]
    return alone(frames)


def arp_forged(_):
    """Gratuitous, of others' addresses, of off-link ones, of the asker's own wish; from another MAC than the frame's."""
    frames = []
    for op, dst, sender in itertools.product((1, 2), (WEB_MAC, BROADCAST_MAC), (OTHER, "10.95.0.77", "0.0.0.0", "192.0.2.1", CLIENT)):
        frames += [to_web(arp(op=op, psrc=sender, pdst=target, hwsrc=mac), dst=dst)
                   for target in (sender, WEB, "10.95.0.99") for mac in ("02:00:00:66:00:01", "02:00:00:77:00:01", OTHER_MAC)]
    return alone(frames)


def arp_conflict(_):
    return alone(to_web(arp(op=op, psrc=WEB, pdst=target, hwdst=mac), dst=dst) for op in (1, 2) for target in (WEB, OTHER, "0.0.0.0")
                 for mac in (WEB_MAC, "00:00:00:00:00:00") for dst in (WEB_MAC, BROADCAST_MAC))


# ---- IPv4 ----

def ip_version(_):
    return alone(to_web(ip(version=v) / udp() / text(n)) for v in range(16) if v != 4 for n in (0, 20, 200))


def ip_header_length(_):
    frames = [to_web(ip(ihl=n) / udp() / text(18)) for n in range(5)]
    frames += [to_web(ip(ihl=n) / Raw(bytes(k))) for n in range(6, 16) for k in range(0, (n - 5) * 4, 3)]
    return alone(frames)


def ip_total_length(_):
    frames = [to_web(ip(len=n) / udp() / text(18)) for n in range(20)]
    frames += [to_web(ip(len=20 + 8 + 18 + n) / udp() / text(18)) for n in (1, 2, 3, 4, 8, 100, 1000, 1454, 60000, 65535 - 46)]
    return alone(frames)


def ip_checksum(_):
    return alone(frame for packet in (ip() / udp() / text(18), ip() / tcp(flags="S"), ip() / ICMP() / text(56))
                 for frame in flipped(to_web(packet), 24))


def land(_):
    """From the very address they go to, and from others that nobody has."""
    sources = (WEB, "127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
               SUBNET_BROADCAST)
    packets = [tcp(sport=port, dport=port, flags=flags) for port in SERVICES for flags in ("S", "SA", "R")]
    packets += [udp(sport=7, dport=7) / text(10), ICMP(type=8) / text(10), ICMP(type=0)]
    return alone(to_web(ip(src=source) / packet, src=mac) for source in sources for packet in packets for mac in (STATION_MAC, WEB_MAC))


def ip_destination(_):
    frames = [to_web(ip(dst=dst) / udp()) for dst in ("127.0.0.1", "127.1.2.3", "0.0.0.0", "0.0.0.1", "240.0.0.1", "255.255.255.254")]
    frames += [to_web(ip(dst=dst) / packet, dst=BROADCAST_MAC) for dst in (WEB, OTHER, "8.8.8.8")
               for packet in (udp(dport=7), tcp(flags="S", dport=80), ICMP(type=8))]
    return alone(frames)


def ip_not_for_us(_):
    return alone(to_web(ip(dst=dst) / packet) for dst in (OTHER, "10.95.0.77", "8.8.8.8", "224.0.0.1", "239.1.1.1", "10.94.0.10")
                 for packet in (udp(), tcp(flags="S"), ICMP(type=8)))


def ip_options_bad(_):
    frame = to_web(ip() / udp() / text(18))
    frames = [with_options(frame, bytes((kind, length)) + bytes(room - 2)) for kind in range(2, 256) for room in (4, 12, 40)
              for length in (0, 1, room + 1, 255)]
    frames += [with_options(frame, b"\1" * (room - 1) + bytes((kind,))) for kind in range(2, 256) for room in (4, 40)]
    return alone(frames)


def ip_options(_):
    """Each kind at each length that fits, source routes among them."""
    frame = to_web(ip() / udp() / text(18))
    frames = [with_options(frame, bytes((kind, length)) + bytes(length - 2)) for kind in range(2, 256) for length in range(2, 41, 1 + kind % 3)]
    return alone(frames + [with_options(frame, bytes(n)) for n in range(4, 41, 4)] + [with_options(frame, b"\1" * 40)])


def protocol(_):
    return alone(to_web(ip(proto=p) / text(n)) for p in range(256) if p not in (1, 6, 17) for n in (0, 1, 8, 40))


# ---- fragments ----

def piece(offset, n, more, **fields):
    """A fragment: n bytes that stand at offset, a multiple of 8."""
    return to_web(ip(**{"proto": 17, **fields}, frag=offset // 8, flags=1 if more else 0) / text(n))


def fragment_length(_):
    return alone([piece(offset, n, True) for offset in (0, 8, 800, 65528) for n in (0, 1, 4, 7, 9, 15, 100, 1479)] +
                 [piece(offset, 0, False) for offset in (8, 16, 1480)])


def ping_of_death(_):
    whole = [piece(at, 1480, True, proto=1) for at in range(0, 65120, 1480)]
    ends = [piece(65528, n, more) for n, more in ((8, True), (100, False), (1480, True))] + [piece(65120, 1000, False)]
    return [whole + [ends[0]], *alone(ends), whole[:1] + [ends[3]], whole[:3] + [ends[2], ends[1]]]


def teardrop(_):
    """The second lies within the first, reaches over its end, lies before it; the end of the datagram is said twice; newtear, bonk."""
    return [[piece(0, 32, True), piece(24, 4, False)], [piece(0, 48, True), piece(24, 20, False)], [piece(8, 64, True), piece(0, 16, True)],
            [piece(0, 1480, True), piece(8, 8, True), piece(16, 1480, False)], [piece(8, 28, False), piece(8, 32, True)],
            [piece(16, 16, False), piece(40, 16, False)], [piece(16, 16, False), piece(8, 16, True)],
            [piece(64, 16, False), piece(0, 128, True)], [piece(0, 36, True), piece(24, 4, False)]]


def fragment_again(_):
    return [[piece(8, 8, True)] * 3, [piece(0, 1480, True)] * 5, [piece(800, 100, False)] * 2]


def fragment_alone(_):
    """Of datagrams that never are complete; what a source may hold is bounded."""
    return alone(piece(offset, n, more) for offset in (0, 8, 1480, 8000, 60000) for n, more in ((8, True), (1480, True), (100, False))
                 if offset or more)


def fragment_tiny(_):
    """RFC 1858's: the header of the segment lies in several. Whole, they are one that is refused; in whatever order they come."""
    groups = []
    for flags in ("S", "SA", "R", "F"):
        parts = [raw(p) for p in fragment(ip() / tcp(flags=flags) / text(20), fragsize=8)]
        whole = [to_web(IP(p)) for p in parts]
        groups += [whole, whole[::-1], whole[1:] + whole[:1]]
    return groups


# ---- ICMP ----

def icmp_short(_):
    return alone(to_web(ip(proto=1) / Raw(bytes((8,) * n))) for n in range(8))


def icmp_checksum(_):
    return alone(frame for packet in (ICMP(type=8) / text(56), ICMP(type=3, code=4) / text(28), ICMP(type=0) / text(1400))
                 for frame in flipped(to_web(ip() / packet), 36))


def icmp_type(_):
    """All but echo and errors: redirects, quenches, routers' advertisements, timestamps, masks, and those that nobody knows."""
    return alone(to_web(ip() / ICMP(type=t, code=c) / text(28)) for t in range(256) if t not in (0, 3, 8, 11, 12) for c in (0, 1, 255))


def icmp_no_user(_):
    return alone(to_web(ip() / ICMP(type=0, id=i, seq=i) / text(n)) for i in (0, 1, 4660, 65535) for n in (0, 1, 56, 1472))


def icmp_quote(_):
    """Errors about what the host never sent."""
    quotes = [Raw(bytes(n)) for n in (0, 4, 19, 20, 28)] + [IP(src=STATION, dst=WEB) / tcp(), IP(src=WEB, dst=STATION, version=6) / udp(),
              IP(src=WEB, dst=STATION, ihl=3) / udp(), IP(src=WEB, dst=STATION, frag=100) / udp(), IP(src=WEB, dst=STATION, ihl=15) / udp()]
    return alone(to_web(ip() / ICMP(type=t, code=c) / quote) for t, c in ((3, 0), (3, 1), (3, 3), (3, 4), (3, 255), (11, 0), (11, 1), (12, 0))
                 for quote in quotes)


def icmp_forged(_):
    """Errors about a connection that stands: hosts and ports unreachable, an MTU of nothing."""
    quote = IP(src=WEB, dst=CLIENT) / TCP(sport=80, dport=CLIENT_PORT, seq=1)
    return alone(to_web(ip(src=CLIENT) / ICMP(type=t, code=c, nexthopmtu=mtu) / quote)
                 for t, c, mtu in ((3, 0, 0), (3, 1, 0), (3, 2, 0), (3, 3, 0), (3, 4, 0), (3, 4, 68), (3, 4, 576), (11, 0, 0), (12, 0, 0)))


def smurf(_):
    return alone(to_web(ip(src=source, dst=dst) / ICMP(type=8) / text(n), dst=BROADCAST_MAC) for source in (CLIENT, OTHER, STATION)
                 for dst in (SUBNET_BROADCAST, "255.255.255.255") for n in (0, 56, 1472))


# ---- UDP ----

def udp_short(_):
    return alone(to_web(ip(proto=17) / Raw(bytes(range(n)))) for n in range(8))


def udp_length(_):
    return alone(to_web(ip() / udp(len=n, dport=port) / text(18)) for n in (0, 1, 4, 7, 27, 28, 100, 1472, 65535) for port in (7, CLOSED))


def udp_checksum(_):
    return alone(frame for port in (7, CLOSED) for n in (0, 1, 18, 1472) for frame in flipped(to_web(ip() / udp(dport=port) / text(n)), 40)
                 if frame[40:42] != b"\0\0")


def udp_closed(_):
    frames = [to_web(ip() / udp(dport=port, sport=source) / text(n)) for port in (0, 1, 53, 123, 137, 161, 1900, 65535)
              for source in (0, 7, 53, 65535) for n in (0, 1, 512)]
    return alone(frames + [to_web(ip() / udp(chksum=0) / text(100)), to_web(ip(src=CLIENT) / udp() / text(8972))])


def udp_echo(_):
    """Also what would echo for ever."""
    return alone(to_web(ip(src=source) / udp(sport=port, dport=7) / text(n)) for source in (STATION, OTHER) for port in (0, 7, 19, 30000)
                 for n in (0, 1, 1472, 8972))


def udp_broadcast(_):
    return alone(to_web(ip(src=source, dst=dst) / udp(sport=sport, dport=port) / text(18), dst=BROADCAST_MAC) for source in (STATION, OTHER)
                 for dst in (SUBNET_BROADCAST, "255.255.255.255") for sport in (7, 30000) for port in (7, CLOSED))


# ---- TCP ----

def tcp_short(_):
    return alone(to_web(ip(proto=6) / Raw(bytes(range(n)))) for n in range(20))


def tcp_offset(_):
    frames = [to_web(ip() / tcp(dataofs=n, dport=port, flags="S") / text(4)) for n in range(5) for port in (80, CLOSED)]
    return alone(frames + [to_web(ip() / tcp(dataofs=n, dport=port, flags="S") / Raw(bytes(k))) for n in range(6, 16)
                           for k in range(0, (n - 5) * 4, 3) for port in (80, CLOSED)])


def tcp_options_bad(_):
    frames = [with_tcp_options(bytes((kind, length)) + bytes(room - 2), flags="S", dport=80) for kind in range(2, 256) for room in (4, 40)
              for length in (0, 1, room + 1, 255)]
    return alone(frames + [with_tcp_options(b"\1" * 3 + bytes((kind,)), flags="S", dport=80) for kind in range(2, 256)])


def tcp_options(_):
    """Each kind at each length that fits, those that are known at lengths that they never have."""
    frames = [with_tcp_options(bytes((kind, length)) + bytes(length - 2), flags="S", dport=CLOSED) for kind in range(2, 256)
              for length in range(2, 41, 1 if kind < 35 else 5)]
    return alone(frames + [with_tcp_options(bytes((kind, length)) + bytes((255,) * (length - 2)), flags="S", dport=80)
                           for kind in (2, 3, 4, 5, 8, 14, 19, 28, 29, 30, 34, 69, 253, 254) for length in range(2, 41)])


def tcp_checksum(_):
    return alone(frame for port in (80, CLOSED) for n in (0, 1, 1460) for frame in
                 flipped(to_web(ip() / tcp(flags="S", dport=port) / text(n)), 50))


def tcp_address(_):
    return alone(to_web(ip(dst=dst) / tcp(flags=flags, dport=port), dst=BROADCAST_MAC) for dst in (SUBNET_BROADCAST, "255.255.255.255")
                 for flags in range(64) for port in (80, CLOSED))


def tcp_flags(_):
    """Every combination of the nine, and the three that are reserved."""
    return alone(to_web(ip() / tcp(flags=flags, reserved=flags % 8) / text(n)) for flags in range(512) for n in (0, 10))


def tcp_flags_listener(_):
    return alone(to_web(ip() / tcp(flags=flags, dport=port, urgptr=flags, window=flags % 3) / text(n)) for flags in range(512)
                 for port in SERVICES for n in (0, 10))


def tcp_session(rng):
    """A SYN, and then what a guesser would send."""
    groups = []
    for port in SERVICES:
        for flags in range(64):
            syn = to_web(ip() / tcp(flags="S", dport=port, seq=1000))
            rest = [to_web(ip() / tcp(flags=flags, dport=port, seq=seq, ack=rng.randrange(1 << 32)) / text(n))
                    for seq, n in ((1001, 0), (1001, 10), (500, 10), (1001 + 70000, 10), (rng.randrange(1 << 32), 1460))]
            groups.append([syn] + rest)
    return groups


def tcp_blind(rng):
    """Into the connection that stands, by one who knows all of it but its numbers."""
    return alone(to_web(ip(src=CLIENT) / tcp(sport=CLIENT_PORT, dport=80, flags=flags, seq=rng.randrange(1 << 32), ack=rng.randrange(1 << 32),
                                            options=options, window=rng.randrange(1 << 16)) / text(n))
                 for flags in (2, 4, 16, 17, 18, 20, 24, 25, 0, 41, 63) for n in (0, 1, 1400) for _ in range(6)
                 for options in ([], [("Timestamp", (rng.randrange(1 << 32), rng.randrange(1 << 32)))]))


# ---- anything ----

def noise(rng):
    return alone(rng.randbytes(rng.randrange(14, 1515)) for _ in range(500))


def noise_inside(rng):
    """Random behind an Ethernet header, behind an IP header, and a few random bytes in what was right."""
    frames = [to_web(Raw(rng.randbytes(rng.randrange(1500))), type=rng.choice((0x0800, 0x0806))) for _ in range(200)]
    frames += [to_web(ip(proto=rng.choice((1, 6, 17))) / Raw(rng.randbytes(rng.randrange(1480)))) for _ in range(200)]
    right = [to_web(p) for p in (arp(), ip() / udp(dport=7) / text(18), ip() / tcp(flags="S", dport=80), ip() / ICMP(type=8) / text(56))]
    for _ in range(600):
        frame = bytearray(rng.choice(right))
        for _ in range(rng.randrange(1, 5)):
            frame[rng.randrange(12, len(frame))] = rng.randrange(256)
        frames.append(bytes(frame))
    return alone(frames)


LISTENS = {"consumed", "tcp-no-socket", "tcp-listen", "tcp-backlog", "tcp-syn", "tcp-rst", "tcp-ack", "tcp-no-ack", "tcp-sequence", "tcp-paws"}
WAITS = {"reass-full", "reass-timeout"}
# What varies from one use of a frame to the next: i its IP identification (of all of a group alike), p its source port. Then the outcomes
# that must come, and those that may.
CLASSES = [
    (stub, "", {"eth-short"}), (runt, "", {"ip-short", "arp-short"}), (ethertype, "", {"eth-type"}), (vlan, "", {"eth-tagged"}),
    (not_for_us, "i", {"eth-not-for-us"}), (group_source, "", {"eth-group-source"}), (stolen_mac, "i", {"udp-no-socket"}),
    (arp_format, "", {"arp-format"}), (arp_opcode, "", {"arp-opcode"}), (arp_sender, "", {"arp-sender"}),
    (arp_forged, "", {"arp-not-for-us", "consumed"}), (arp_conflict, "", {"consumed"}), (ip_version, "", {"ip-version"}),
    (ip_header_length, "", {"ip-header-length"}), (ip_total_length, "", {"ip-total-length"}), (ip_checksum, "", {"ip-checksum"}),
    (land, "i", {"ip-source"}), (ip_destination, "i", {"ip-destination"}), (ip_not_for_us, "i", {"ip-not-for-us"}),
    (ip_options_bad, "", {"ip-options"}), (ip_options, "", {"udp-no-socket", "ip-source-route"}), (protocol, "i", {"ip-protocol"}),
    (fragment_length, "i", {"reass-length"}), (ping_of_death, "i", {"reass-too-long"}, WAITS),
    (teardrop, "i", {"reass-overlap", "reass-length"}, WAITS), (fragment_again, "i", {"reass-duplicate"}, WAITS),
    (fragment_alone, "i", WAITS, {"reass-overlap", "reass-duplicate"}), (fragment_tiny, "i", {"tcp-no-socket"}),
    (icmp_short, "i", {"icmp-short"}), (icmp_checksum, "i", {"icmp-checksum"}), (icmp_type, "i", {"icmp-type"}),
    (icmp_no_user, "i", {"icmp-no-user"}), (icmp_quote, "i", {"icmp-quote"}), (icmp_forged, "i", {"consumed"}), (smurf, "i", {"icmp-broadcast"}),
    (udp_short, "i", {"udp-short"}), (udp_length, "i", {"udp-length"}), (udp_checksum, "i", {"udp-checksum"}),
    (udp_closed, "i", {"udp-no-socket"}), (udp_echo, "i", {"consumed"}), (udp_broadcast, "i", {"consumed", "udp-no-socket"}),
    (tcp_short, "i", {"tcp-short"}), (tcp_offset, "ip", {"tcp-offset"}), (tcp_options_bad, "ip", {"tcp-options"}),
    (tcp_options, "ip", {"consumed", "tcp-no-socket"}, LISTENS), (tcp_checksum, "ip", {"tcp-checksum"}), (tcp_address, "ip", {"tcp-address"}),
    (tcp_flags, "ip", {"tcp-no-socket"}), (tcp_flags_listener, "ip", {"consumed", "tcp-listen", "tcp-no-socket"}, LISTENS),
    (tcp_session, "ip", {"consumed", "tcp-ack", "tcp-no-ack", "tcp-sequence", "tcp-syn"}, LISTENS),
    (tcp_blind, "i", {"tcp-rst", "tcp-sequence", "tcp-syn"}, LISTENS), (noise, "", set(), {"*"}), (noise_inside, "", set(), {"*"}),
]
NOT_ON_A_WIRE = {"stub"}  # the kernel sends nothing that is shorter than an Ethernet header


def name(maker):
    return maker.__name__.replace("_", "-")


# ---- many out of few ----

def patch(frame, at, value, *sums):
    """A 16-bit field made another; checksums that were right stay right, wrong ones wrong (RFC 1624)."""
    change = value + (0xFFFF & ~struct.unpack_from("!H", frame, at)[0])
    struct.pack_into("!H", frame, at, value)
    for where in sums:
        total = (0xFFFF & ~struct.unpack_from("!H", frame, where)[0]) + change
        total = (total >> 16) + (total & 0xFFFF)
        total = (total >> 16) + (total & 0xFFFF)
        struct.pack_into("!H", frame, where, 0xFFFF & ~total)


def vary(group, what, rng):
    station, identity, port = rng.randrange(65536), rng.randrange(65536), rng.randrange(1024, 65536)
    for frame in group:
        frame = bytearray(frame)
        if len(frame) >= 12 and frame[6:10] == b"\2\0\0\x66":
            struct.pack_into("!H", frame, 10, station)
        if "i" in what:
            patch(frame, 18, identity, 24)
        if "p" in what:
            patch(frame, 34, port, 50)
        yield bytes(frame)


def stream(count, classes):
    """That many frames, the classes in turn, a group at a time."""
    rng = random.Random(SEED)
    made = [(maker(rng), what) for maker, what, *_ in classes]
    turns = [(itertools.cycle(rng.sample(groups, len(groups))), what) for groups, what in made]
    for cycle, what in itertools.cycle(turns):
        for frame in vary(next(cycle), what, rng):
            if count == 0:
                return
            count -= 1
            yield frame


# ---- captures and devices ----

def write(path, count, classes):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for i, frame in enumerate(stream(count, classes)):
            file.write(struct.pack("<IIII", 1767225600 + i // 100000, i % 100000 * 10000, len(frame), len(frame)) + frame)


def read(path):
    with open(path, "rb") as file:
        file.read(24)
        while header := file.read(16):
            yield file.read(struct.unpack("<IIII", header)[2])


def split(path, source, folder):
    with open(source, encoding="utf-8") as file:
        kinds = [line for line in file if line.startswith("{")]
    pieces = [[] for _ in kinds]
    for i, frame in enumerate(read(path)):  # each packet in turn
        pieces[i % len(kinds)].append(frame)
    for number, (kind, frames) in enumerate(zip(kinds, pieces), 1):
        with open(f"{folder}/trafgen-{number}.pcap", "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
            for frame in frames:
                file.write(struct.pack("<IIII", 1767225600, 0, len(frame), len(frame)) + frame)
        print(f"trafgen-{number}", kind.rpartition("/*")[2].partition("*/")[0].replace(" ", "").strip() or "-", "*")


def send(device, path, first, last, rate):
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((device, 0))
    frames = list(itertools.islice(read(path), first, last))
    begun, sent = time.monotonic(), 0
    while sent < len(frames):
        due = min(len(frames), int((time.monotonic() - begun) * rate) + 1)
        if sent == due:
            time.sleep(0.001)
        while sent < due:
            try:
                out.send(frames[sent])
                sent += 1
            except (BlockingIOError, InterruptedError):
                pass
            except OSError as why:
                if why.errno != 105:  # ENOBUFS: again
                    raise
                time.sleep(0.001)
    print(f"{sent} frames sent")


def main():
    verb, *rest = sys.argv[1:] or [""]
    if verb == "classes":
        for maker, _, must, *may in CLASSES:
            print(name(maker), ",".join(sorted(must)) or "-", ",".join(sorted(set().union(*may) - must)) or "-")
    elif verb == "split" and len(rest) == 3:
        split(*rest)
    elif verb == "each" and len(rest) == 2:
        load()
        for kind in CLASSES:
            write(f"{rest[0]}/{name(kind[0])}.pcap", int(rest[1]), [kind])
    elif verb == "write" and len(rest) == 2:
        load()
        write(rest[0], int(rest[1]), [kind for kind in CLASSES if name(kind[0]) not in NOT_ON_A_WIRE])
    elif verb == "send" and len(rest) == 5:
        send(rest[0], rest[1], int(rest[2]), int(rest[3]), float(rest[4]))
    else:
        sys.exit(__doc__)


main()
