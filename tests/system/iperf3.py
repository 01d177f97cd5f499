"""Debian's iperf3 as a client of the iperf3 service, over a tap; each mode shortly. tests/accept has the long form."""
import json
import signal
import subprocess
import time

from world import case

LAN = """
name: system
switches:
  core: {{}}
hosts:
  web: {{ address: 10.98.0.10/24, services: [iperf3] }}
uplinks:
  kernel: {{ type: tap, netns: {space}, device: swt0, address: 10.98.0.1/24 }}
links:
  - [web, core]
  - [kernel, core]
"""
CLIENT = ("iperf3", "-c", "10.98.0.10")


def lan(world):
    world.need_kernel()
    return world.write(LAN.format(space=world.space("a")))


def measure(world, *options):
    report = json.loads(world.inside("a", *CLIENT, "-J", "--get-server-output", *options))
    assert "error" not in report, f"{' '.join(options)}: {report['error']}"
    assert report["server_output_text"].endswith(("receiver\n", "sender\n")), report["server_output_text"]
    return report["end"]


@case
def iperf3_measures_both_ways(world):
    with world.up(lan(world)):
        for options in (["-n", "2M"], ["-n", "2M", "-R"], ["-n", "2M", "-P", "4"], ["-t", "1", "--bidir", "-b", "20M"]):
            end = measure(world, *options)
            sent, received = end["sum_sent"]["bytes"], end["sum_received"]["bytes"]
            # What is on its way when the client's clock strikes was sent, and is not received.
            assert 0 < received <= sent, (options, sent, received)
            if "-n" in options:
                assert 2 << 20 <= sent <= 3 << 20, (options, sent)
            if "-R" in options:
                assert received == sent, (options, sent, received)
        for options in (["-u", "-b", "10M", "-t", "1"], ["-u", "-b", "10M", "-t", "1", "-R"]):
            end = measure(world, *options)
            sent, received = end["sum_sent"]["packets"], end["sum_received"]["packets"]
            assert sent > 700 and 0.9 * sent <= received <= sent, (options, sent, received)


@case
def iperf3_is_refused_while_another_is_served_and_a_killed_one_frees_the_service(world):
    with world.up(lan(world)):
        first = subprocess.Popen(["ip", "netns", "exec", world.space("a"), *CLIENT, "-t", "20", "-b", "20M", "--forceflush"],
                                 stdout=subprocess.PIPE)
        world.children.append(first)
        while b"connected to" not in (line := first.stdout.readline()):
            assert line, "the first client ended"
        assert "busy running a test" in world.inside("a", *CLIENT, "-t", "1", status=1)
        first.send_signal(signal.SIGKILL)
        first.wait()
        until = time.monotonic() + 5  # the end of the killed one may be lost, and said again
        while True:
            said = world.inside("a", "sh", "-c", " ".join(CLIENT) + " -n 100K || true")
            if "iperf Done." in said:
                break
            assert time.monotonic() < until, said
