#!/usr/bin/env python3
"""Many connections at once from the machine into a LAN: programs_forward.py SWITCHD FILE WHO

The LAN has forwards to an echo (from itself, and from a host across a link), to pages of 1 MB and of 32 MB, and to a closed port. 1,000
connections stand together before any of them sends: 400 talk to the echo and end their own side first, 400 across the link, 180 fetch
a page and end after the server has, and 20 fetch the long page and do not read for a while. Prints the figures, a verdict each.
"""
import asyncio
import hashlib
import os
import re
import resource
import signal
import subprocess
import sys
import time

WAIT = 120
MB = 1 << 20
# What it may have: 64 MiB for itself, 64 KiB for each connection, and for each that stalls what its two sockets in the LAN may hold.
STALLED, BOUND = 20, 64 * MB + 1000 * 65536 + 20 * 10 * MB
LONG, PAGE, SAID = 32000000, 1000000, 100000

failed = False


def verdict(held, text):
    global failed
    failed |= not held
    print(f"row programs-7: {text} -- {'ok' if held else 'FAILED'}", flush=True)


def body(size):
    return hashlib.sha256((bytes(range(251)) * (size // 251 + 1))[:size]).hexdigest()


def memory(pid, key):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(rf"{key}:\s+(\d+) kB", status.read()).group(1)) * 1024


async def echo(reader, writer, number, _):
    """All that was said comes back, though our side ended first."""
    said = hashlib.sha256(str(number).encode()).digest() * (SAID // 32)

    async def say():
        writer.write(said)
        await writer.drain()
        writer.write_eof()

    saying = asyncio.create_task(say())
    heard = await reader.read(-1)
    await saying
    return hashlib.sha256(heard).digest() == hashlib.sha256(said).digest()


async def page(reader, writer, number, size):
    """The server ends first, and we after a while."""
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    heard = await reader.read(-1)
    await asyncio.sleep(0.001 * (number % 50))
    return hashlib.sha256(heard.partition(b"\r\n\r\n")[2]).hexdigest() == body(size)


async def stalled(reader, writer, go_on):
    """Reads nothing until it is told to, and then all."""
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    await go_on.wait()
    digest = hashlib.sha256()
    await reader.readuntil(b"\r\n\r\n")
    while more := await reader.read(1 << 16):
        digest.update(more)
    return digest.hexdigest() == body(LONG)


async def finish(streams):
    for _, writer in streams:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for _, writer in streams), return_exceptions=True)


async def connect(port):
    return await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)


async def refusals(port, count):
    """How many connections were reset by what the LAN's host said."""
    async def one():
        try:  # the reset may come before connect() has returned
            reader, writer = await connect(port)
        except ConnectionResetError:
            return True
        try:
            return await reader.read(1) is None
        except ConnectionResetError:
            return True
        finally:
            writer.close()
    return sum(await asyncio.gather(*(one() for _ in range(count))))


async def play(child, ports, argv):
    switchd, file, who = argv
    kinds = [ports["echo"]] * 400 + [ports["far"]] * 400 + [ports["page"]] * 180 + [ports["long"]] * STALLED
    idle = memory(child.pid, "VmRSS")
    begun = time.monotonic()
    streams = await asyncio.gather(*(connect(port) for port in kinds))
    took = time.monotonic() - begun
    listed = await asyncio.create_subprocess_exec(switchd, "forward", file, stdout=subprocess.PIPE)
    standing = sum(int(n) for n in re.findall(r", (\d+) connections$", (await listed.communicate())[0].decode(), re.M))
    verdict(standing == 1000, f"{who}: {standing} connections stand at once, made in {took:.2f} s; memory {idle / MB:.0f} MiB before, "
                              f"{memory(child.pid, 'VmRSS') / MB:.0f} MiB with them")
    go_on = asyncio.Event()
    late = [asyncio.create_task(stalled(*stream, go_on)) for stream in streams[980:]]
    begun = time.monotonic()
    right = await asyncio.gather(*(echo(*stream, i, None) for i, stream in enumerate(streams[:800])),
                                 *(page(*stream, i, PAGE) for i, stream in enumerate(streams[800:980])))
    took = time.monotonic() - begun
    verdict(sum(right[:800]) == 800, f"{who}: {sum(right[:800])} of 800 that ended their side first heard all of their {SAID // 32 * 32} bytes again (SHA-256), "
                                     f"400 of them across a link; in {took:.1f} s beside {STALLED} stalled readers")
    verdict(sum(right[800:]) == 180, f"{who}: {sum(right[800:])} of 180 pages of {PAGE} bytes are right (SHA-256), the server's side ended first")
    await finish(streams[:980])
    await asyncio.sleep(0.5)
    before = memory(child.pid, "VmRSS")
    await asyncio.sleep(3)
    grown = memory(child.pid, "VmRSS") - before
    verdict(grown < MB, f"{who}: {STALLED} readers that stall for 3 s more make it grow by {grown / 1024:.0f} KiB (bar 1 MiB), to {(before + grown) / MB:.0f} MiB")
    go_on.set()
    right = await asyncio.gather(*late)
    verdict(sum(right) == STALLED, f"{who}: {sum(right)} of {STALLED} readers that stalled have all {LONG} bytes then (SHA-256)")
    await finish(streams[980:])
    peak = memory(child.pid, "VmHWM")
    verdict(peak < BOUND, f"{who}: at most {peak / MB:.0f} MiB resident, of the bound of {BOUND / MB:.0f} MiB")
    reset = await refusals(ports["closed"], 200)
    verdict(reset == 200, f"{who}: {reset} of 200 to a port where nobody listens are refused (reset)")


def main():
    switchd, file, who = sys.argv[1:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    with subprocess.Popen([switchd, "run", file], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        try:
            up = child.stderr.readline()
            found = [int(p) for p in re.findall(r"127\.0\.0\.1:(\d+) leads to", up)]
            assert len(found) == 5, up
            ports = dict(zip(("echo", "far", "page", "long", "closed"), found))
            asyncio.run(asyncio.wait_for(play(child, ports, (switchd, file, who)), WAIT))
        finally:
            child.send_signal(signal.SIGINT)
            said = child.stderr.read()
            status = child.wait(timeout=WAIT)
    counts = {port: [int(n) for n in line] for port, *line in re.findall(
        r"^forward 127\.0\.0\.1:(\d+) to \S+: (\d+) connections, (\d+) refused, (\d+) reset, (\d+) bytes into the LAN, (\d+) out of it$",
        said, re.M)}
    each = SAID // 32 * 32
    echoes = [counts.get(str(ports[which])) for which in ("echo", "far")]
    verdict(status == 0 and all(line == [400, 0, 0, 400 * each, 400 * each] for line in echoes) and
            counts.get(str(ports["closed"]), [])[:2] == [200, 200],
            f"{who}: it counts the same: {echoes[0]}, {echoes[1]} and {counts.get(str(ports['closed']))}; and ends well ({status})")
    if failed:
        print(said)
    return failed


if __name__ == "__main__":
    sys.exit(main())
