"""The program as a person meets it who has read half a page: mistakes, interruptions, full disks. No privilege is needed."""
import json
import os
import re
import signal
import subprocess
import time

from world import WAIT, case

SMALL = """
name: small
seed: 3
switches:
  core: {}
hosts:
  a: { address: 10.0.0.1/24 }
  b: { address: 10.0.0.2/24, services: [echo] }
links:
  - [a, core]
  - [b, core]
"""
PASSES = SMALL + """
scenario:
  - ping: { from: a, to: b, count: 3, interval: 100 ms }
"""
FAILS = SMALL + """
scenario:
  - ping: { from: a, to: b, count: 2, interval: 100 ms }
    expect: { loss: 100 % }
"""
TRANSFER = SMALL + """
scenario:
  - iperf: { from: a, to: b, bytes: 100 kB }
"""
ENDLESS = SMALL + """
scenario:
  - ping: { from: a, to: b, count: 1000000, interval: 1 ms }
"""


def wait_until_heard(pid, number):
    """Until a process catches or blocks a signal, as /proc says."""
    until = time.monotonic() + WAIT
    while True:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            masks = re.findall(r"^Sig(?:Blk|Cgt):\t(\w+)$", status.read(), re.M)
        if any(int(mask, 16) >> (number - 1) & 1 for mask in masks):
            return
        assert time.monotonic() < until, f"process {pid} never cared for signal {number}"
        time.sleep(0.01)


@case
def a_typo_is_refused_with_its_place_and_a_suggestion(world):
    path = world.write(SMALL.replace("[b, core]", "[b, coer]"))
    for argv in (["check", path], ["run", path], ["test", path], ["ping", path, "a", "b"], ["iperf", path, "a", "b"]):
        out, err = world.run(*argv, status=2)
        assert re.search(rf"^{re.escape(str(path))}:11:9: error: .*'coer'.*'core'", err, re.M), err
        assert re.search(r"^ +\^", err, re.M), f"no caret: {err}"
        assert "passed" not in out, out


@case
def every_problem_is_told_at_once(world):
    path = world.write(SMALL.replace("[b, core]", "[b, coer]").replace("[a, core]", "[a, core, 7]").replace("seed: 3", "sede: 3"))
    _, err = world.run("check", path, status=2)
    assert err.count(": error: ") == 3, err


@case
def a_file_that_is_not_there_is_exit_status_2(world):
    for verb in ("check", "run"):
        _, err = world.run(verb, "nowhere.yaml", status=2)
        assert "nowhere.yaml" in err and "No such file" in err, err
    _, err = world.run("test", "nowhere.yaml", status=2)
    assert "nowhere.yaml" in err, err


@case
def an_unknown_host_is_exit_status_2(world):
    path = world.write(SMALL)
    for argv in (["ping", path, "a", "x"], ["ping", path, "x", "b"], ["iperf", path, "a", "x"], ["iperf", path, "x", "b"]):
        _, err = world.run(*argv, status=2)
        assert "unknown host 'x'" in err, err
    path = world.write(SMALL.replace("b:", "bert:").replace("[b,", "[bert,"))
    for argv in (["ping", path, "a", "brt"], ["ping", path, "brt", "a"], ["iperf", path, "a", "brt"]):
        _, err = world.run(*argv, status=2)
        assert err == "switchd: unknown host 'brt', did you mean 'bert'?\n", err


@case
def what_is_not_built_yet_is_refused_by_name(world):
    path = world.write(SMALL)
    for argv, name in ((["diff", "a", "b"], "diff"),
                       (["test", "--shrink", path], "--shrink"), (["test", "--watch", path], "--watch"),
                       (["iperf", "--offload", "on"], "--offload")):
        _, err = world.run(*argv, status=2)
        assert f"'{name}'" in err and "not built yet" in err, err
    for text, word in ((SMALL.replace("core: {}", "core: { stp: rstp }"), "stp"),
                       (SMALL + "gateways: {}\n", "gateways")):
        _, err = world.run("check", world.write(text), status=2)
        assert f"'{word}'" in err, err


@case
def ping_is_printed_as_ping_prints_it(world):
    path = world.write(SMALL)
    for more in ([], ["--virtual"]):
        out, _ = world.run("ping", path, "a", "b", "-c", "3", "-i", "50 ms", *more)
        assert re.search(r"^PING b \(10\.0\.0\.2\) 56\(84\) bytes of data\.$", out, re.M), out
        assert len(re.findall(r"^64 bytes from 10\.0\.0\.2: icmp_seq=[123] (ttl=\d+ )?time=[\d.]+ ms$", out, re.M)) == 3, out
        assert re.search(r"^3 packets transmitted, 3 received, 0% packet loss, time \d+ms$", out, re.M), out
        assert re.search(r"^rtt min/avg/max/mdev = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms$", out, re.M), out
    out, _ = world.run("ping", path, "a", "10.0.0.77", "-c", "1", status=1)
    assert "1 packets transmitted, 0 received" in out, out


@case
def iperf_speaks_json(world):
    for argv, time_word in ((["-t", "1"], "real"), (["-n", "10M", "--virtual"], "virtual")):
        out, _ = world.run("iperf", "--json", "--offload", "off", *argv)
        said = json.loads(out)
        keys = {"bits_per_second", "seconds", "bytes", "retransmits", "frames", "mss", "offload", "time", "streams"}
        assert keys <= set(said), said
        assert said["offload"] is False and said["time"] == time_word and said["mss"] in (1448, 1460), said
        assert said["bits_per_second"] > 0 and len(said["streams"]) == 1, said
    assert said["bytes"] == 10485760, said


@case
def schema_is_json(world):
    out, _ = world.run("schema")
    said = json.loads(out)
    assert said["$schema"].startswith("http://json-schema.org/") and '"hosts"' in out, out


@case
def a_failed_expectation_says_where_and_how_to_see_it_again(world):
    path = world.write(FAILS)
    out, _ = world.run("test", path, status=1)
    assert re.search(r"^      expected .*loss.*, seen .*loss", out, re.M), out
    assert re.search(rf"^      at {re.escape(str(path))}:15:\d+$", out, re.M), out
    assert out.endswith("1 passed, 1 failed\n"), out
    replay = re.search(r"^      replay: switchd (.*)$", out, re.M).group(1)
    again, _ = world.run(*replay.split(), status=1)
    assert again == out, again


@case
def a_folder_is_searched_and_an_empty_one_is_exit_status_5(world):
    world.write(PASSES, "some/deep/one.yaml")
    world.write(PASSES, "some/two.yaml")
    world.write(SMALL, "some/no-scenario.yaml")
    world.write("not: a lan\n", "some/other.txt")
    world.write("not: a lan\n  at: all\n", "some/compose.yaml")
    out, _ = world.run("test", "some")
    assert out.endswith("4 passed, 0 failed\n"), out
    assert len(re.findall(r"^digest ", out, re.M)) == 2, out
    (world.folder / "empty").mkdir()
    _, err = world.run("test", "empty", status=5)
    assert "nothing to run" in err, err
    world.run("test", world.write(SMALL), status=5)


@case
def a_wrong_file_in_a_folder_keeps_no_other_from_running(world):
    world.write(PASSES.replace("[b, core]", "[b, coer]"), "mixed/a-wrong.yaml")
    world.write(PASSES, "mixed/b-right.yaml")
    out, err = world.run("test", "mixed", status=2)
    assert "a-wrong.yaml:11:9: error: " in err, err
    assert out.endswith("2 passed, 0 failed\n"), out


@case
def a_file_with_a_tap_in_a_folder_is_skipped_by_name(world):
    tap = PASSES.replace("links:", "uplinks:\n  k: { type: tap }\nlinks:\n  - [k, core]")
    world.write(tap, "taps/tap.yaml")
    world.write(PASSES, "taps/virtual.yaml")
    out, _ = world.run("test", "taps")
    assert re.search(r"^skip  taps/tap.yaml: it has real ends", out, re.M), out
    assert out.endswith("2 passed, 0 failed, 1 skipped\n"), out


@case
def links_inside_a_root_are_served_and_links_out_of_it_are_not(world):
    world.write("inside\n", "www/sub/page")
    world.write("outside\n", "secret")
    (world.folder / "www/near").symlink_to("sub/page")
    (world.folder / "www/far").symlink_to("../secret")
    (world.folder / "www/nowhere").symlink_to("none")
    (world.folder / "link-to-www").symlink_to("www")
    for root in ("www", "link-to-www"):
        out, _ = world.run("test", world.write(SMALL.replace("services: [echo]", "services: [{ http: { root: %s } }]" % root) + """
scenario:
  - http: { from: a, url: "http://b/near" }
    expect: { body: inside }
  - http: { from: a, url: "http://b/far" }
    expect: { status: 404 }
  - http: { from: a, url: "http://b/nowhere" }
    expect: { status: 404 }
"""))
        assert out.endswith("4 passed, 0 failed\n"), out


@case
def interrupted_run_ends_well_with_a_summary(world):
    for number in (signal.SIGINT, signal.SIGTERM):
        status, said = world.up(world.write(SMALL)).end(number)
        assert status == 0, (status, said)
        assert re.search(r"^host a\b", said, re.M | re.I) and "core" in said, said


@case
def signals_are_heard_where_they_were_inherited_as_ignored(world):
    def ignore():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for number in (signal.SIGINT, signal.SIGTERM):
        status, said = world.up(world.write(SMALL), preexec_fn=ignore).end(number)
        assert status == 0, (status, said)


@case
def usr1_prints_the_summary_and_nothing_ends(world):
    running = world.up(world.write(SMALL))
    for count in (1, 2):
        running.child.send_signal(signal.SIGUSR1)
        running.wait_for(r"^clock: ", count)
    status, said = running.end()
    assert status == 0 and len(re.findall(r"^clock: ", said, re.M)) == 3, (status, said)


@case
def for_ends_a_run_by_itself(world):
    begun = time.monotonic()
    _, err = world.run("run", world.write(SMALL), "--for", "300 ms")
    assert 0.3 <= time.monotonic() - begun < 3, err
    ended = float(re.search(r"^clock: ([\d.]+) s", err, re.M).group(1))
    assert 0.3 <= ended < 3, err


@case
def a_process_that_was_stopped_goes_on_where_it_was(world):
    running = world.up(world.write(ENDLESS), "--scenario")
    time.sleep(0.2)
    running.child.send_signal(signal.SIGSTOP)
    time.sleep(0.6)
    running.child.send_signal(signal.SIGCONT)
    running.wait_for(r"LAN time stood still for \d+ ms so far, in 1 stalls")
    status, said = running.end()
    found = re.search(r"^clock: ([\d.]+) s of LAN time, (\d+) stalls of ([\d.]+) s in all, late by ", said, re.M)
    assert status == 0 and found, (status, said)
    assert int(found.group(2)) >= 1 and 0.5 < float(found.group(3)) < 3, said
    assert float(found.group(1)) < 5, said


@case
def a_scenario_is_played_in_real_time(world):
    path = world.write(PASSES)
    out, err = world.run("run", path, "--scenario", "--for", "1 s")
    assert out.endswith("2 passed, 0 failed\n"), (out, err)
    out, _ = world.run("test", "--real", path)
    assert out.endswith("2 passed, 0 failed\n") and "digest" not in out, out
    out, _ = world.run("run", world.write(FAILS), "--scenario", "--for", "1 s", status=1)
    assert out.endswith("1 passed, 1 failed\n"), out


@case
def an_interrupted_test_is_a_failed_one(world):
    world.write(ENDLESS, "endless/one.yaml")
    world.write(ENDLESS, "endless/two.yaml")
    for more in ([], ["--real"]):
        child = subprocess.Popen([str(world.switchd), "test", *more, "endless"], stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, cwd=world.folder)
        world.children.append(child)
        wait_until_heard(child.pid, signal.SIGINT)
        child.send_signal(signal.SIGINT)
        out = child.communicate(timeout=WAIT)[0].decode()
        assert child.returncode == 1 and "interrupted" in out, (child.returncode, out)
        assert re.search(r"^skip  endless/two\.yaml: interrupted\n\d+ passed, 1 failed, 1 skipped\n\Z", out, re.M), out


@case
def an_interrupted_run_of_a_scenario_is_no_failure(world):
    running = world.up(world.write(ENDLESS), "--scenario")
    time.sleep(0.2)
    status, said = running.end()
    assert status == 0 and said.endswith("1 passed, 0 failed, 1 skipped\n"), (status, said)


@case
def a_run_without_end_has_one(world):
    out, _ = world.run("test", "--timeout", "2 s", world.write(ENDLESS), status=1)
    assert "its time ran out at 2.000000000 s" in out, out


@case
def a_capture_changes_nothing_and_is_one(world):
    path = world.write(PASSES)
    plain, _ = world.run("test", path)
    taken, _ = world.run("test", "--pcap", "one.pcapng", path)
    assert plain == taken
    assert (world.folder / "one.pcapng").read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
    world.write(PASSES, "several/one.yaml")
    world.write(PASSES, "several/two.yaml")
    _, err = world.run("test", "--pcap", "x.pcapng", "several", status=2)
    assert "--pcap" in err, err


@case
def a_trace_of_connections_changes_nothing_and_has_each_step_of_them(world):
    path = world.write(TRANSFER)
    plain, _ = world.run("test", path)
    traced = [world.run("test", "--tcp-trace", name, path)[0] for name in ("one.csv", "two.csv", "one.jsonl")]
    assert traced == [plain] * 3
    csv = (world.folder / "one.csv").read_text()
    assert csv == (world.folder / "two.csv").read_text()
    rows = [line.split(",") for line in csv.splitlines()]
    records = [json.loads(line) for line in (world.folder / "one.jsonl").read_text().splitlines()]
    assert rows[0] == list(records[0]), rows[0]
    assert [row for row in rows[1:]] == [[str(value) for value in r.values()] for r in records]
    states = [r["state"] for r in records if r["host"] == "a" and r["event"] == "state"]
    assert states == ["SYN-SENT", "ESTABLISHED", "FIN-WAIT-1"], states
    acks = [r for r in records if r["host"] == "a" and r["event"] == "ack"]
    assert len(acks) > 20 and acks[-1]["bytes_acked"] >= 90000, acks[-1]
    assert [r["at"] for r in records] == sorted(r["at"] for r in records)
    world.run("iperf", "-q", "--virtual", "-n", "100000", "--tcp-trace", "iperf.csv", path, "a", "b")
    assert (world.folder / "iperf.csv").read_text().startswith("at,host,local,remote,event,state,")


@case
def a_trace_that_cannot_be_is_refused(world):
    path = world.write(TRANSFER)
    _, err = world.run("test", "--tcp-trace", "trace.txt", path, status=2)
    assert "trace.txt" in err and ".csv" in err, err
    _, err = world.run("test", "--tcp-trace", "x.csv", "--repeat", "2", path, status=2)
    assert "--tcp-trace" in err, err
    os.symlink("/dev/full", world.folder / "full.csv")
    _, err = world.run("test", "--tcp-trace", "full.csv", path, status=3)
    assert "full.csv" in err and "No space left" in err, err
    _, err = world.run("test", "--tcp-trace", "/nowhere/x.csv", path, status=3)
    assert "/nowhere/x.csv" in err, err


@case
def a_full_disk_under_a_capture_is_exit_status_3(world):
    _, err = world.run("test", "--pcap", "/dev/full", world.write(PASSES), status=3)
    assert "/dev/full" in err and "No space left" in err, err
    _, err = world.run("test", "--pcap", "/nowhere/x.pcapng", world.write(PASSES), status=3)
    assert "/nowhere/x.pcapng" in err, err


@case
def a_standard_output_that_fails_is_exit_status_3(world):
    path = world.write(PASSES)
    with open("/dev/full", "wb") as full:
        for argv in (["test", path], ["check", path], ["schema"], ["--help"], ["ping", path, "a", "b", "--virtual"]):
            _, err = world.run(*argv, status=3, stdout=full)
            assert "standard output" in err, (argv, err)
    for argv in (["test", path], ["--version"]):
        _, err = world.run(*argv, status=3, stdout=None, preexec_fn=lambda: os.close(1))
        assert "standard output" in err, (argv, err)


@case
def a_closed_standard_output_lends_its_number_to_no_file(world):
    path = world.write(PASSES)
    world.run("test", path, "--pcap", "clean.pcapng")
    world.run("test", path, "--pcap", "odd.pcapng", status=3, stdout=None, preexec_fn=lambda: os.close(1))
    assert (world.folder / "odd.pcapng").read_bytes() == (world.folder / "clean.pcapng").read_bytes()


@case
def a_reader_that_goes_away_ends_it_quietly(world):
    child = subprocess.Popen(f"{world.switchd} ping {world.write(SMALL)} a b -c 100000 -i '10 us' --virtual | head -n 1", shell=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=world.folder, start_new_session=True)
    world.children.append(child)
    out, err = child.communicate(timeout=WAIT)
    assert out.startswith(b"PING ") and err == b"", (out, err)


@case
def nothing_is_written_that_was_not_named(world):
    before = {p for p in world.folder.rglob("*")}
    path = world.write(PASSES)
    world.run("test", path)
    world.run("ping", path, "a", "b", "-c", "1")
    after = {p for p in world.folder.rglob("*")} - before - {path}
    assert not after, after
