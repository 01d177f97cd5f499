#!/usr/bin/env python3
"""Writes the hand-made seeds of the fuzz targets into tests/fuzz/corpus/NAME/seed-*: tests/fuzz/seeds.py [FOLDER]

The encodings are those of fuzz_NAME.c. What libFuzzer finds from here on has names of its own.
"""
import struct
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "corpus")

# ---- host ----

F, S, R, P, A, U = 1, 2, 4, 8, 16, 32
SEGMENT, TIME, USER, TEXT, ACK, SHAKE, UDP, ICMP, ARP, RAW, IP = range(11)
FRAGMENT, CABLE, REFLECT, LOOK = 13, 14, 15, 18
MSS, SCALE, STAMP, SACK = 1, 2, 4, 8
# Units of TIME's argument: us, 100 us, ms, 10 ms, 40 ms, 200 ms, s, 10 s, and how often.
US, MS, MS10, MS200, SEC, SEC10 = 0, 2, 3, 5, 6, 7


def time(unit, times=1):
    return [TIME, unit + 8 * (times - 1)]


def shake(flow, options=0, window=0):
    return [SHAKE, flow, options, window]


def segment(flow, flags, with_=0, off=0, ack=0, window=0, length=0):
    return [SEGMENT, flow, flags, with_, off] + ([ack] if flags & A else []) + [window, length]


def user(what, place, code, *more):
    return [USER, what, place, code, *more]


def connect(to, habits=0x3f):
    return [USER, 0, 1, habits, to]


def last(*instructions):
    return [b for instruction in instructions for b in instruction]


def host():
    plain, router = [0, 0, 0], [1, 0, 0]
    tiny, slow, small = [8 | 16, 8, 0], [0, 0, 4], [0, 2, 0]
    child = 3  # the first accepted takes the place behind the three that are open from the start
    yield "shake", plain, shake(0), time(MS200)
    yield "shake-options", plain, shake(1, MSS | SCALE | STAMP | SACK), [TEXT, 1, 3], time(MS200)
    yield "text", plain, shake(0), [TEXT, 0, 9], time(MS200), [TEXT, 0, 31], time(MS200)
    yield "text-out", plain, shake(0, MSS), user(2, child, 255), [ACK, 0, 0], user(2, child, 255), [ACK, 0, 0], time(SEC)
    yield "retransmit", plain, shake(0), user(2, child, 250), time(SEC, 30), [ACK, 0, 8], time(SEC10, 30)
    yield "fast-retransmit", plain, shake(0, MSS), user(2, child, 255), [ACK, 0, 0], user(2, child, 255), \
        last(*[segment(0, A, ack=128 + 32 - 8) for _ in range(5)]), [ACK, 0, 0]
    yield "zero-window", plain, shake(0, 0, 1), user(2, child, 250), time(SEC10, 5), segment(0, A, window=10), time(SEC)
    yield "hole", plain, shake(0), segment(0, A | P, off=40, length=40), segment(0, A | P, off=20, length=20), \
        segment(0, A | P, length=20), time(MS200)
    yield "overlap", plain, shake(0), segment(0, A, off=10, length=100), segment(0, A, off=50, length=100), \
        segment(0, A, off=0, length=60), time(MS200)
    yield "close-by-peer", plain, shake(0), segment(0, A | F), time(MS200), [ACK, 0, 8], time(SEC10, 20)
    yield "close-by-host", plain, shake(0), user(6, child, 0), [ACK, 0, 15], segment(0, A | F), time(SEC10, 30)
    yield "close-both", plain, shake(0), user(6, child, 128), segment(0, A | F, ack=127), time(MS200), [ACK, 0, 0], time(SEC10, 30)
    yield "reset", plain, shake(0), segment(0, R), shake(0), segment(0, R, off=1), segment(0, R | A, off=30)
    yield "abort", plain, shake(0), user(6, child, 64), time(MS200), segment(0, A, length=9)
    yield "blind", plain, shake(0), segment(0, S), segment(0, A, ack=127), segment(0, A, ack=254), segment(0, S | A)
    yield "closed-port", plain, segment(6, S), segment(6, A), segment(6, R), segment(6, S | F | A, length=9)
    yield "backlog", plain, user(10, 0, 0), last(*[segment(i % 6, S) for i in range(8)]), time(SEC10, 20), user(11, 0, 0)
    yield "syn-text", plain, segment(0, S, MSS, length=100), segment(0, A), time(MS200)
    yield "bad-options", plain, segment(0, S, 16) + [8, 2, 0, 3, 3, 8, 10, 1, 1], segment(0, S, 16) + [4, 2, 4, 5, 180]
    yield "odd-options", plain, [SEGMENT, 0, S, 128 | 7, 0, 0, 0, 64, 14, 0, 0, 1, 2], segment(0, A)
    yield "connect", plain, connect(0), time(MS), shake(6, MSS), user(2, 3, 200), [ACK, 6, 0], time(SEC)
    yield "connect-refused", plain, connect(8), time(MS), segment(7, R | A), time(MS200)
    yield "connect-nobody", plain, connect(7), time(SEC, 30)
    yield "connect-silence", plain, connect(16), time(SEC10, 30)
    yield "simultaneous", plain, connect(0), time(MS), segment(6, S), segment(6, A), [TEXT, 6, 1], time(SEC)
    yield "loopback", plain, connect(3), time(MS), user(2, 3, 255), user(2, 4, 200), time(SEC), user(6, 3, 0), time(SEC10, 20)
    yield "itself", plain, connect(4), time(MS), user(2, 3, 255), time(MS), user(6, 4, 0), time(SEC)
    yield "keepalive", plain, shake(0), user(7, child, 0, 1, 1), user(7, child, 0, 2, 8), user(7, child, 0, 3, 7), time(SEC10, 30)
    yield "user-timeout", plain, shake(0), user(7, child, 0, 7, 9), user(2, child, 100), time(SEC10, 3)
    yield "peek", plain, shake(0), user(10, child, 2), [TEXT, 0, 3], user(9, child, 100), user(9, child, 255), time(MS)
    yield "reserve", plain, shake(0), user(8, child, 100), user(8, child, 255), [ACK, 0, 0], time(SEC)
    yield "nagle", plain, shake(0), *[user(2, child, 9) for _ in range(4)], user(7, child, 0, 0, 1), user(2, child, 9), [ACK, 0, 0]
    yield "orphan", plain, shake(0), user(2, child, 255), user(6, child, 0), time(SEC10, 30)
    yield "linger", plain, shake(0), user(10, child, 0), [TEXT, 0, 0], user(6, child, 0), time(MS200)
    yield "shutdown", plain, shake(0), user(6, child, 128), time(MS), [ACK, 0, 15], [TEXT, 0, 2], segment(0, A | F), time(SEC10, 20)
    yield "time-wait", [8, 0, 0], shake(0), user(6, 3, 0), [ACK, 0, 15], segment(0, A | F), segment(0, S, off=100), segment(0, A), \
        shake(1), user(6, 3, 0), [ACK, 1, 15], segment(1, A | F), time(SEC10, 30)
    yield "batch", plain, shake(0), last(*[[128 | TEXT, 0, 4] for _ in range(4)]), time(MS), [128 | SEGMENT, 0, A | F, 0, 0, 0, 0, 0], time(SEC)
    yield "slow", slow, shake(0, MSS), user(2, child, 255), [ACK, 0, 0], user(2, child, 255), time(SEC), [ACK, 0, 0], time(SEC)
    yield "tiny", tiny, shake(0), [TEXT, 0, 31], shake(1), [TEXT, 1, 31], user(2, 3, 255), time(SEC10)
    yield "mtu-68", small, shake(0, MSS), user(2, child, 255), [ACK, 0, 0], [ICMP, 0, 1, 0, 0, 250], time(SEC)
    yield "echo", plain, [ICMP, 0, 1, 0, 1, 56], [ICMP, 0, 1, 0, 2, 254], [ICMP, 128, 0, 0, 0, 9, 7]
    yield "ping-out", plain, user(2, 2, 56), user(13, 2, 0, 0), user(2, 2, 56), time(MS), [ICMP, 1, 1, 0, 0, 56], [REFLECT, 1]
    yield "errors", plain, [UDP, 0, 9], connect(0), time(MS), *[[ICMP, 2 + 8 * code, 0, 0, 0, 28] for code in range(16)], \
        [ICMP, 3, 0, 0, 0, 0], [ICMP, 4, 0, 0, 0, 0], [ICMP, 5, 0, 0, 0, 0], [ICMP, 6, 0, 0, 0, 0], [ICMP, 7, 0, 0, 0, 9]
    yield "too-big", plain, shake(0, MSS), user(2, child, 255), [ICMP, 2 + 8 * 4, 0, 2, 0x40, 40], time(SEC), [ACK, 0, 0], time(SEC)
    yield "udp", plain, [UDP, 0, 9], [UDP, 4, 9], [UDP, 16, 9], [UDP, 32, 9], [UDP, 64, 9, 1], [UDP, 0, 255], [UDP, 128, 9, 7]
    yield "udp-out", plain, [USER, 0, 2, 0x3f, 0], user(2, 3, 100), user(12, 3, 0, 7, 0), user(12, 3, 0, 6, 5), user(12, 3, 0, 1, 6), time(SEC10)
    yield "udp-self", plain, [USER, 0, 2, 0x3f, 3 + 8], user(2, 3, 100), user(12, 3, 0, 6, 11), time(SEC)
    yield "arp", plain, [ARP, 0, 0, 1], [ARP, 1, 0, 1], [ARP, 0, 1, 1], [ARP, 0, 6, 1], [ARP, 5 + 8, 0, 1], [UDP, 0, 9], time(SEC10, 10), [UDP, 0, 9], time(SEC10)
    yield "probe", [0, 0, 16], time(MS200), [ARP, 0, 1, 1], time(SEC10)
    yield "probe-in-peace", [0, 0, 16], time(SEC10), [UDP, 0, 9], [ARP, 0, 6, 1], [ARP, 0, 1, 0], time(SEC10, 3), [ARP, 0, 1, 0]
    yield "silent-neighbour", [32, 0, 0], [UDP, 0, 9], user(12, 1, 0, 3, 0), time(SEC10), [ARP, 0, 0, 1], time(SEC10)
    yield "fragments", plain, [FRAGMENT, 16, 0, 127, 100], [FRAGMENT, 0, 15, 200, 0], [ICMP, 0, 1, 0, 0, 9], \
        [FRAGMENT, 16 + 1, 0, 48, 48], [FRAGMENT, 1, 6, 48]
    yield "fragments-odd", plain, [FRAGMENT, 18, 4, 32], [FRAGMENT, 2, 8, 8], [FRAGMENT, 18, 0, 40, 9], [FRAGMENT, 18, 4, 32], \
        [FRAGMENT, 16 + 64 + 4, 3, 9], [FRAGMENT, 6, 255, 255], time(SEC10, 7)
    yield "route", router, [UDP, 128, 9, 4], [UDP, 128, 250, 4], [IP, 16, 17, 0, 4, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9], [IP, 0, 1, 0, 4, 8, 8, 0, 0, 0, 0, 0, 0, 0], \
        [IP, 1, 99, 0, 10, 4, 1, 2, 3, 4], [ARP, 3, 3, 3], time(SEC10), [UDP, 128, 254, 4]
    yield "route-options", router, [IP, 9, 17, 0, 4, 2, 7, 7, 4, 0, 0, 0, 0, 0, 8, 0, 1, 0, 2, 0, 8, 0, 0], [IP, 9, 1, 0, 1, 1, 131, 3, 4, 0, 8, 8, 0, 0, 0, 0, 0, 0, 0]
    yield "far", router, [IP, 7, 17, 4, 0, 8, 0, 1, 0, 2, 0, 8, 0, 0], [RAW, 20, 7] + [0x45, 0, 0, 20] + [0] * 16
    yield "raw", plain, [RAW, 20, 0] + list(struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20, 1, 0, 64, 17, 0, b"\n\0\0\2", b"\n\0\0\1")), [RAW, 6, 1, 1, 2, 3, 4, 5, 6], [RAW, 0, 1]
    yield "reflect", plain, shake(0), [REFLECT, 0], [REFLECT, 1], [REFLECT, 3], user(2, child, 9), [REFLECT, 3]
    yield "cable", plain, shake(0), user(2, child, 200), [CABLE, 1], time(SEC10), [CABLE, 0], time(SEC10, 10), [ACK, 0, 0]
    yield "look", plain, shake(0), [LOOK], user(7, child, 0, 4, 4), user(7, child, 0, 5, 5), user(7, child, 0, 8, 3), [LOOK], time(SEC)
    yield "listeners", plain, [USER, 0, 0x20, 0x3f], [USER, 0, 0x24, 0], [USER, 0, 0x25, 0, 3], [USER, 0, 0x1d, 0, 0], user(14, 5, 3), user(6, 0, 0), shake(0), time(SEC)


# ---- bridge ----


def bridge():
    frame, wait, cable, burst, static = 0, 2, 3, 4, 5
    plain = [0, 0]
    yield "learn", plain, [frame, 0, 1, 2, 60], [frame, 1, 2, 1, 60], [frame, 0, 1, 2, 0], [wait, 1]
    yield "move", plain, [frame, 0, 1, 2, 60], [frame, 1, 1, 2, 60], [frame, 2, 2, 1, 60], [frame, 0, 0xe8, 0xe8, 60]
    yield "age", [8, 0], [frame, 0, 1, 2, 60], [wait, 4], [frame, 1, 2, 1, 60], [wait, 5], [frame, 1, 2, 1, 60]
    yield "full", [2, 0], *[[frame, i % 6, 0x70, i, 60] for i in range(20)], [frame, 1, 3, 99, 60]
    yield "reserved", plain, *[[frame, 0, 0xf0 + i, 1, 60] for i in range(16)], [frame, 0, 0xe9, 0xea, 60]
    yield "lengths", plain, *[[frame, 128 + 16 * i, 1, 2, 60] for i in range(8)]
    yield "burst", plain, [burst, 0, 0, 1, 2, 60], [128 | burst, 0, 0xe8, 2, 60], [burst, 1, 5, 3, 9]
    yield "static", plain, [static, 5, 1], [static, 5, 2], [static, 0xe8, 1], [static, 6, 9], [frame, 0, 5, 6, 60], [frame, 2, 1, 5, 60]
    yield "cables", plain, [frame, 0, 1, 2, 60], [cable, 0], [frame, 1, 2, 1, 60], [cable, 64], [cable, 192], [cable, 192], [frame, 1, 2, 1, 60]
    yield "alone", [0, 0x3e], [frame, 0, 1, 2, 60], [frame, 1, 1, 2, 60]
    yield "no-memory", [128, 0], *[[128 | burst, 0, i, 0xe8, 2, 60] for i in range(6)], [wait, 1]


# ---- wire ----


def wire():
    arp = struct.pack(">HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, b"\2\0\0\0\0\1", b"\n\0\0\1", b"\0" * 6, b"\n\0\0\2")
    tcp = struct.pack(">HHIIBBHHH", 40000, 80, 7, 9, 0xa0, 2, 65535, 0, 0) + bytes([2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 5, 0, 0, 0, 0, 1, 3, 3, 7])
    udp = struct.pack(">HHHH", 5000, 7, 12, 0) + b"text"

    def ip(protocol, text, options=b"", fragment=0):
        header = 20 + len(options)
        return struct.pack(">BBHHHBBH4s4s", 0x40 | header // 4, 0, header + len(text), 1, fragment, 64, protocol, 0, b"\n\0\0\1", b"\n\0\0\2") + options + text

    eth = bytes.fromhex("020000000002020000000001")
    yield "eth", [0], eth + b"\x08\x06"
    yield "arp", [1], arp
    yield "ip", [2], ip(17, udp)
    yield "ip-options", [2], ip(17, udp, bytes([7, 7, 4, 0, 0, 0, 0, 148, 4, 0, 0, 1]))
    yield "ip-source-route", [2], ip(17, udp, bytes([131, 7, 4, 10, 0, 0, 1, 0]))
    yield "tcp", [3], tcp
    yield "udp", [4], udp
    yield "icmp", [4], bytes([8, 0, 0, 0, 0, 1, 0, 2]) + b"text"
    for name, packet in [("arp", b"\x08\x06" + arp), ("tcp", b"\x08\x00" + ip(6, tcp)), ("udp", b"\x08\x00" + ip(17, udp)),
                         ("echo", b"\x08\x00" + ip(1, bytes([8, 0, 0, 0, 0, 1, 0, 2]))),
                         ("unreachable", b"\x08\x00" + ip(1, bytes([3, 3, 0, 0, 0, 0, 0, 0]) + ip(17, udp))),
                         ("too-big", b"\x08\x00" + ip(1, bytes([3, 4, 0, 0, 0, 0, 2, 0]) + ip(6, tcp))),
                         ("fragment", b"\x08\x00" + ip(17, udp, fragment=0x20b9)), ("tag", b"\x81\x00\x60\x05\x08\x00" + ip(17, udp)),
                         ("type", b"\x88\xcc" + b"x" * 46), ("ip6", b"\x86\xdd" + b"x" * 40)]:
        yield f"text-{name}", [5, 20, 255], eth + packet
    yield "sum", [6, 0, 5], bytes(range(64))
    for number, text in enumerate(["10.0.0.1", "02:00:00:00:00:0a", "02-00-00-00-00-0a", "256.0.0.1", "::1", "x" * 18]):
        yield f"address-{number}", [7], text.encode()


# ---- http ----


def http():
    get = b"GET / HTTP/1.1\r\nHost: web\r\n\r\n"
    ok = b"HTTP/1.1 200 OK\r\n"
    service, fetch = 0, 1
    for kind, name in enumerate(["files", "body", "size", "ten"]):
        yield f"service-{name}", [service + 4 * kind], get + get
    yield "service-head", [service], b"HEAD /a%20b/c.txt HTTP/1.1\r\nHost: web\r\n\r\n"
    yield "service-range", [service + 8], b"GET / HTTP/1.1\r\nHost: web\r\nRange: bytes=5-9\r\n\r\nGET / HTTP/1.1\r\nHost: web\r\nRange: bytes=-9999999\r\n\r\n"
    yield "service-416", [service + 4], b"GET / HTTP/1.1\r\nHost: web\r\nRange: bytes=50-\r\n\r\n"
    yield "service-1.0", [service], b"GET /../../etc/passwd HTTP/1.0\r\n\r\n"
    yield "service-post", [service], b"POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 4\r\n\r\ntext" + get
    yield "service-chunks", [service], b"POST / HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n4\r\ntext\r\n0\r\n\r\n" + get
    yield "service-both", [service], b"GET / HTTP/1.1\r\nHost: web\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield "service-slow", [service], b"GET /\1 HTTP/1.1\r\n\1Host: web\r\n\1\r\n\2" + get
    yield "service-late", [service], b"GET /\2 HTTP/1.1\r\n"
    yield "service-half", [service + 8], get + b"\3"
    yield "service-deaf", [service + 8], b"\4" + get + b"\2\2\4" + get
    yield "service-gone", [service + 8], get + b"\5"
    yield "service-bad", [service], b"BREW / HTTP/1.1\r\n\r\n"
    yield "service-long", [service], b"GET /" + b"a" * 4200 + b" HTTP/1.1\r\nHost: web\r\n\r\n"
    yield "fetch-length", [fetch], ok + b"Content-Length: 5\r\n\r\nhello"
    yield "fetch-chunks", [fetch], ok + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    yield "fetch-close", [fetch], ok + b"\r\nhello\3"
    yield "fetch-head", [fetch + 4], ok + b"Content-Length: 5\r\n\r\n"
    yield "fetch-continue", [fetch + 8], b"HTTP/1.1 100 Continue\r\n\r\n" + ok + b"Content-Length: 0\r\n\r\n"
    yield "fetch-short", [fetch], ok + b"Content-Length: 5\r\n\r\nhel\3"
    yield "fetch-reset", [fetch], ok + b"Content-Length: 5\r\n\r\nhel\5"
    yield "fetch-silence", [fetch + 16], b"\2"
    yield "fetch-nonsense", [fetch], b"SSH-2.0-x\r\n\r\n"
    for number, text in enumerate([get, b"/a/../b//%41?x=y", b"bytes=0-4", b"5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n", b"http://web:8080/a?b#c", ok + b"Content-Length: 5\r\n\r\n"]):
        yield f"parse-{number}", [2 + 4 * number], text


# ---- iperf3 ----


def iperf3():
    def cookie(conn):
        return [16 * conn]

    def message(conn, number):
        return [16 * conn + 3, number]

    def json(conn, number):
        return [16 * conn + 5, number]

    def stream(conn, hundreds):
        return [16 * conn + 9, hundreds]

    def wait(code):
        return [14, code]

    datagram = 13
    end = [*message(0, 4), *wait(1), *json(0, 5), *wait(1), *message(0, 16), *wait(2)]
    yield "tcp", [0], cookie(0), json(0, 0), cookie(1), stream(1, 100), wait(2), stream(1, 9), wait(2), end
    yield "reverse", [0], cookie(0), json(0, 1), cookie(1), cookie(2), wait(2 + 4), end
    yield "udp", [0], cookie(0), json(0, 2), [datagram, 0], [datagram, 65], [datagram, 66], [datagram, 69], wait(2 + 4), end
    yield "udp-both", [0], cookie(0), json(0, 3), [datagram, 2], [datagram, 2], [datagram, 130], wait(2 + 4), end
    yield "num-both", [0], cookie(0), json(0, 4), cookie(1), cookie(2), stream(1, 50), wait(2 + 8), end
    yield "busy", [0], cookie(0), json(0, 0), [17], [16 * 2 + 2], cookie(1), cookie(3), wait(2)
    yield "lost", [0], cookie(0), json(0, 0), cookie(1), stream(1, 9), [10], wait(3)
    yield "stream-lost", [0], cookie(0), json(0, 0), cookie(1), stream(1, 9), [16 + 10], wait(3)
    yield "silent", [0], cookie(0), wait(3 + 28), [16 + 2], wait(3 + 28), wait(3 + 28)
    yield "terminate", [0], cookie(0), json(0, 0), cookie(1), message(0, 12), wait(2)
    yield "nonsense", [0], cookie(0), message(0, 99), cookie(0), json(0, 7), cookie(0), [8, 4, 255, 255, 255, 255], cookie(0), [7, 2], b"{}"
    yield "deaf", [0], cookie(0), json(0, 1), cookie(1), [16 + 12], [12], wait(3 + 8), [12], [16 + 12], wait(2)
    params = b'{"tcp":true,"omit":0,"time":10,"num":0,"blockcount":0,"parallel":2,"len":131072,"bandwidth":0,"pacing_timer":1000,"client_version":"3.12"}'
    yield "params", [1], params
    yield "params-udp", [1], params.replace(b"tcp", b"udp").replace(b"131072", b"1460")
    yield "results", [2], (b'{"cpu_util_total":1.5,"cpu_util_user":1,"cpu_util_system":0.5,"sender_has_retransmits":0,"streams":'
                           b'[{"id":1,"bytes":100,"retransmits":-1,"jitter":0.001,"errors":0,"packets":9,"start_time":0,"end_time":10.0}]}')
    yield "datagrams", [3], struct.pack(">III", 0, 5, 1), struct.pack(">III", 0, 900, 3), struct.pack(">III", 1, 0, 2)
    yield "connect", [3], bytes.fromhex("39383736")


# ---- pcap ----


def pcap():
    eth = bytes.fromhex("020000000002020000000001")
    udp = struct.pack(">HHHH", 5000, 7, 12, 0) + b"text"
    frames = [eth + b"\x08\x00" + struct.pack(">BBHHHBBH4s4s", 0x45, 0, 32, 1, 0, 64, 17, 0, b"\n\0\0\1", b"\n\0\0\2") + udp,
              eth + b"\x08\x06" + struct.pack(">HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, eth[6:], b"\n\0\0\1", b"\0" * 6, b"\n\0\0\2"),
              eth + b"\x81\x00\x00\x05\x08\x00" + b"\x45" + b"\0" * 30]
    rewrites = bytes([9, 10, 24])

    def plain(order, magic, link=1, snap=65535):
        out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)
        for i, frame in enumerate(frames):
            out += struct.pack(order + "IIII", 1000 + i, 5, len(frame), len(frame) + i) + frame
        return out

    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    ng = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))
    ng += block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHB3xHH", 9, 1, 9, 0, 0))
    for i, frame in enumerate(frames):
        ng += block(6, struct.pack("<IIIII", 0, 0, 5000 * i, len(frame), len(frame)) + frame)
    yield "plain", rewrites, plain("<", 0xa1b2c3d4)
    yield "big-endian", rewrites, plain(">", 0xa1b2c3d4)
    yield "nanoseconds", rewrites, plain("<", 0xa1b23c4d)
    yield "other-link", rewrites, plain("<", 0xa1b2c3d4, link=101)
    yield "cut", rewrites, plain("<", 0xa1b2c3d4)[:-9]
    yield "long", rewrites, plain("<", 0xa1b2c3d4)[:24] + struct.pack("<IIII", 1, 1, 0x7fffffff, 9)
    yield "ng", rewrites, ng
    yield "ng-simple", rewrites, ng[:ng.index(frames[0]) - 28] + block(3, struct.pack("<I", len(frames[0])) + frames[0])
    yield "ng-cut", rewrites, ng[:-5]


# ---- regex ----


def regex():
    for number, (expression, text) in enumerate([
            ("a|b*c+d?", "bbcd"), ("^hello$", "hello"), ("[a-z0-9]+@[^x]{2,3}", "me@abc"), ("(a(b)(c|d)){0,2}", "abcabd"), ("[[:alpha:]][[:digit:]]*", "a1"),
            ("\\.\\*\\[", ".*["), ("(((((a*)*)*)*)*)*b", "aaaaaaaaaaaaaaaaaaaac"), ("a{255}", "a" * 255), ("[]a-]", "]"), ("(", ""), ("a{2,1}", ""), ("[[.a.]]", "")]):
        yield f"{number}", expression.encode(), b"\0", text.encode()


# ---- config ----


def config():
    yield "minimal", b"hosts: { a: { address: 10.0.0.1/24 } }\n"
    yield "pair", (b"hosts:\n  a: { address: 10.0.0.1/24, services: [http: { body: x }, echo] }\n  b: { address: 10.0.0.2/24 }\nlinks:\n  - [a, b]\n"
                   b"scenario:\n  - ping: { from: b, to: a, count: 1 }\n  - http: { from: b, url: \"http://a/\" }\n    expect: { status: 200, body: x }\n"
                   b"  - iperf: { from: b, to: a, for: 10 ms }\n  - wait: { for: 1 ms }\n")
    yield "merge", b"x-a: &a { address: 10.0.0.1/24 }\nhosts:\n  h: { <<: *a, mtu: 1400 }\n"
    yield "variables", b"hosts:\n  h: { address: \"${Z}\" }\nlinks:\n  - { endpoints: [h, \"s\"], delay: \"${Y:-1 ms}\" }\nswitches: { s: {} }\n"
    yield "count", b"hosts:\n  h: { count: 9, address: 10.0.0.1/24 }\nswitches: { s: {} }\nlinks: [[\"h-*\", s]]\n"
    yield "www", b"hosts:\n  h: { address: 10.0.0.1/24, services: [http: { root: ./www }] }\n"


for target in (host, bridge, wire, http, iperf3, pcap, regex, config):
    folder = FOLDER / target.__name__
    folder.mkdir(parents=True, exist_ok=True)
    for name, *parts in target():
        (folder / f"seed-{name}").write_bytes(b"".join(bytes(part) for part in parts))
