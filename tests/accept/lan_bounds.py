"""LAN files that ask for too much: lan_bounds.py FOLDER PROGRAM

Each is refused with its own words, or taken, by `switchd check` within SECONDS of computing and BYTES of memory, however little or
much text it has. Prints a figure a line, "ok" or "FAILED" before it.
"""
import os
import subprocess
import sys
from pathlib import Path

SECONDS = 20
BYTES = 2 << 30
LONGEST = 16 << 20
ROUTES = ", ".join(f"{{ to: 11.{i >> 8}.{i & 255}.0/24, via: 10.255.0.1 }}" for i in range(1000))
TAKEN = "all well"


def wide(text):
    """text, padded with a comment to the longest that a file may be."""
    return text + "#" * (LONGEST - len(text))


def cases():
    """What it is, the text, and words that are said."""
    yield "16 MiB", wide("hosts: { a: {} }\n"), TAKEN
    yield "16 MiB and a byte", wide("hosts: { a: {} }\n") + "#", "error: the file has over 16 MiB"
    yield "64 levels", "hosts: { a: {} }\nx-a: " + "[" * 63 + "]" * 63, TAKEN
    yield "65 levels", "hosts: { a: {} }\nx-a: " + "[" * 64 + "]" * 64, ":2:69: error: nested more than 64 levels deep"
    yield "8 million levels", "[" * 8000000, ":1:65: error: nested more than 64 levels deep"
    yield "8 million levels of '-'", "- " * 8000000, "error: nested more than 64 levels deep"
    yield "aliases of aliases", "x-0: &a0 [x]\n" + "".join(
        f"x-{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 30)), "error: aliases expand to more than 100000 values"
    yield "2,000 merges, each into the next", "x-0: &m0 { a: 1 }\n" + "".join(
        f"x-{i}: &m{i} {{ <<: *m{i - 1}, k{i}: 1 }}\n" for i in range(1, 2000)), "error: aliases expand to more than 100000 values"
    yield "1.8 million duplicate keys", "hosts:\n" + "  a: {}\n" * 1800000, "error: and 1798999 more errors"
    yield "1,500 mistakes 15 MB into one line", "hosts: { a: {" + " " * 15900000 + ", ".join(
        f"k{i}: 1" for i in range(1500)) + "} }\n", ":1:15900014: error: unknown key 'k0'"
    yield "a mistake behind 7 million characters of two bytes", "hosts: { a: { q: \"" + "ü" * 7000000 + "\", r: 1 } }\n", \
        ":1:7000022: error: unknown key 'r'"
    yield "a key of 15 MB", "hosts:\n  " + "a" * 15000000 + ": {}\n", "error: "
    yield "500,000 unknown names among 300,000", "hosts:\n" + "".join(f"  host-{i}: {{}}\n" for i in range(300000)) + "links:\n" + "".join(
        f"  - [hosd-{i}, hosd-{i + 1}]\n" for i in range(250000)), "did you mean 'host-0'?"
    yield "a million hosts", "hosts: { a: { count: 1000000 } }\n", TAKEN
    yield "a million and one", "hosts: { a: { count: 1000000 }, b: {} }\n", ":1:33: error: more than 1000000 hosts in all"
    yield "a body of 20 kB, a million times", "hosts: { a: { count: 1000000, services: [http: { body: '" + "x" * 20000 + "' }] } }\n", \
        ":1:10: error: here the LAN comes to over 1 GiB in memory"
    yield "64 interfaces, a million times", "hosts: { a: { count: 1000000, interfaces: {" + ", ".join(
        f"e{i}: {{}}" for i in range(64)) + "} } }\n", "error: here the LAN comes to over 1 GiB in memory"
    yield "200 services, a million times", "hosts: { a: { count: 1000000, services: [" + ", ".join(
        f"echo: {i + 1}" for i in range(200)) + "] } }\n", "error: here the LAN comes to over 1 GiB in memory"
    for n in (64, 127, 128):
        yield f"programs of {n} words, a million times", f"hosts: {{ a: {{ count: 1000000, run: [{', '.join(['x'] * n)}] }} }}\n", \
            ":1:10: error: here the LAN comes to over 1 GiB in memory"
    yield "1,000 routes, 50,000 times", f"hosts: {{ a: {{ count: 50000, address: 10.0.0.1/8, routes: [{ROUTES}] }} }}\n", \
        "error: here the LAN comes to over 1 GiB in memory"
    yield "12 million links by patterns", "hosts: { h: { count: 4000 } }\nswitches: {" + ", ".join(
        f"s{i}: {{}}" for i in range(3000)) + "}\nlinks:\n" + "".join(f'  - ["h-*", s{i}]\n' for i in range(3000)), \
        "error: here the LAN comes to over 1 GiB in memory"
    yield "5,000 patterns over a million names", "hosts: { h: { count: 1000000 } }\nlinks:\n" + "".join(
        f'  - ["*{i}*zz", h-1]\n' for i in range(5000)), "error: the patterns up to here are compared with over 500000000 names"
    yield "900,000 services of a host", "hosts: { a: { services: [" + ", ".join(
        f"echo: {i % 65535 + 1}" for i in range(900000)) + "] } }\n", "error: a host has at most 1024 services"
    yield "60,000 routes of a host", "hosts: { a: { address: 10.0.0.1/24, routes: [" + ", ".join(
        f"{{ to: 11.{i >> 8 & 255}.{i & 255}.0/24, via: 10.0.0.2 }}" for i in range(60000)) + "] } }\n", \
        "error: a host has at most 4096 routes"
    yield "300,000 captures", "uplinks:\n" + "".join(f"  u{i}: {{ type: pcap, write: f{i} }}\n" for i in range(300000)), \
        "error: more than 10000 uplinks in all"
    yield "a megabyte, 20 times by a variable", "hosts: { a: {} }\nx-a: [" + ", ".join(["'${BIG}'"] * 20) + "]\n", \
        "over 16 MiB once the variables are put in"
    yield "a regular expression of 16 million states", "hosts: { a: { address: 10.0.0.1/24 }, b: { address: 10.0.0.2/24, services: [http] } }\n" \
        "links: [[a, b]]\nscenario: [{ http: { from: a, url: 'http://b/' }, expect: { body: '/((a{255}){255}){255}/' } }]\n", \
        ":3:67: error: 'body': the regular expression is too big"


def main():
    folder, program = Path(sys.argv[1]), sys.argv[2]
    folder.mkdir()
    failed, slowest, biggest, count = False, (0, ""), (0, ""), 0
    path, said = folder / "lan.yaml", folder / "said"
    for what, text, words in cases():
        path.write_text(text)
        with said.open("wb") as out:
            sets = ["--set", "BIG=" + "x" * 100000] if "${BIG}" in text else []
            if sets: # an argument has at most 128 KiB
                path.write_text(text.replace("${BIG}", "${BIG}" * 10))
            child = subprocess.Popen([program, "check", *sets, path.name], cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                                     stderr=subprocess.STDOUT)
            _, status, used = os.wait4(child.pid, 0)
        status = os.waitstatus_to_exitcode(status)
        seconds, size = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
        count += 1
        slowest, biggest = max(slowest, (seconds, what)), max(biggest, (size, what))
        output = said.read_text(errors="replace")
        if words not in output or status != (0 if words == TAKEN else 2) or seconds > SECONDS or size > BYTES:
            failed = True
            print(f"FAILED {what}: exit status {status}, {seconds:.1f} s, {size >> 20} MiB, expected {words!r}\n{output[:500]}")
        else:
            print(f"   {what}: {seconds:.1f} s, {size >> 20} MiB")
    print("FAILED" if failed else "ok", f"{count} LAN files at and over every bound are answered within {SECONDS} s of computing and "
          f"{BYTES >> 30} GiB: at most {slowest[0]:.1f} s ({slowest[1]}), {biggest[0] >> 20} MiB ({biggest[1]})")
    return 1 if failed else 0


sys.exit(main())
