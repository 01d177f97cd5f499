"""What `switchd test` tells, as others read it: xmllint, prove, GitHub's and GitLab's runners; and that it tells the same however it
was run. No privilege is needed."""
import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree

from newcomer import ENDLESS, FAILS, PASSES, SMALL, wait_until_heard
from world import WAIT, Skip, case

ODD = SMALL + """
scenario:
  - name: "odd <name> & \\"quotes\\" # 100 %"
    ping: { from: a, to: b, count: 1 }
    expect: { loss: 100 % }
"""


def folder(world, label, **files):
    """A folder with LAN files of these names."""
    for name, text in files.items():
        world.write(text, f"{label}/{name}.yaml")
    return world.folder / label


def tree(top):
    """Every file below a folder and its bytes."""
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


def need(tool):
    if not shutil.which(tool):
        raise Skip(f"no {tool} here")


@case
def junit_is_what_its_readers_want(world):
    need("xmllint")
    lans = folder(world, "junit", fails=FAILS, odd=ODD, passes=PASSES)
    world.run("test", "--junit", "out.xml", lans, status=1)
    world.command("xmllint", "--noout", "--schema", world.root / "tests/system/junit.xsd", world.folder / "out.xml")
    suites = ElementTree.parse(world.folder / "out.xml").getroot()
    assert [suite.get("name") for suite in suites] == [f"{lans}/{name}.yaml" for name in ("fails", "odd", "passes")]
    assert [(suite.get("tests"), suite.get("failures")) for suite in suites] == [("2", "1"), ("2", "1"), ("2", "0")]
    case_ = suites[1].find("testcase")
    assert case_.get("name") == 'odd <name> & "quotes" # 100 %', case_.attrib
    assert case_.find("failure").get("message") == "expected loss 100 %, seen loss 0 %"
    assert "replay: switchd test" in case_.find("failure").text


@case
def tap_is_what_prove_reads(world):
    need("prove")
    lans = folder(world, "tap", fails=FAILS, odd=ODD, passes=PASSES)
    done = subprocess.run(["prove", "--exec", f"{world.switchd} test --tap", lans / "passes.yaml"], capture_output=True, text=True,
                          timeout=WAIT, check=False)
    assert done.returncode == 0 and "All tests successful" in done.stdout and "Tests=2" in done.stdout, done
    done = subprocess.run(["prove", "--exec", f"{world.switchd} test --tap", lans / "odd.yaml"], capture_output=True, text=True,
                          timeout=WAIT, check=False)
    assert done.returncode != 0 and "Failed 1/2 subtests" in done.stdout, done
    out, err = world.run("test", "--tap", lans, status=1)
    assert out.startswith("TAP version 13\n") and out.endswith("1..6\n"), out
    assert err.endswith("4 passed, 2 failed\n"), err


@case
def json_lines_tell_all_that_happened(world):
    path = world.write(FAILS)
    out, err = world.run("test", "--json", path, status=1)
    said = [json.loads(line) for line in out.splitlines()]
    assert said[0]["record"] == "run" and said[0]["seed"] == "3", said[0]
    checks = [record for record in said if record["record"] == "check"]
    assert [check["passed"] for check in checks] == [False, True], checks
    assert checks[0]["expected"] == "loss 100 %" and checks[0]["seen"] == "loss 0 %" and checks[0]["line"] == 15, checks[0]
    assert said[-1]["record"] == "end" and re.fullmatch("[0-9a-f]{16}", said[-1]["digest"]), said[-1]
    assert err.endswith("1 passed, 1 failed\n"), err


@case
def github_gets_annotations_and_a_table(world):
    path = world.write(FAILS)
    summary = world.folder / "summary.md"
    summary.write_text("before\n")
    out, _ = world.run("test", path, status=1, env={**os.environ, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)})
    assert re.search(rf"^::error file={re.escape(str(path))},line=15,col=\d+,title=.*::expected loss 100 %25, seen loss 0 %25%0Areplay: ",
                     out, re.M), out
    said = summary.read_text()
    assert said.startswith("before\n### switchd\n\n| run | | |\n| --- | --- | --- |\n") and "| failed |" in said, said
    assert said.endswith("\n1 passed, 1 failed, 0 skipped\n"), said


@case
def gitlab_finds_its_artefacts(world):
    """A job as docs/ci.md shows it: the report is there, and readable, though the tests failed."""
    lans = folder(world, "gitlab", fails=FAILS, passes=PASSES)
    world.run("test", "--report", "report", lans, status=1, env={**os.environ, "GITLAB_CI": "true", "CI": "true"})
    report = world.folder / "report"
    assert set(tree(report)) == {"junit.xml", "events.jsonl", "001-fails.yaml/capture.pcapng", "002-passes.yaml/capture.pcapng"}
    assert ElementTree.parse(report / "junit.xml").getroot()[0].get("failures") == "1"


@case
def what_is_told_is_the_same_however_many_run_at_once(world):
    lans = folder(world, "jobs", a=FAILS, b=PASSES, c=ODD, d=PASSES, e=FAILS)
    seen = []
    for jobs in ("1", "2", "5"):
        out, err = world.run("test", "--jobs", jobs, "--repeat", "2", "--report", f"report{jobs}", lans, status=1)
        seen.append((out, err, tree(world.folder / f"report{jobs}")))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0].endswith("14 passed, 6 failed\n"), seen[0][0]
    plain, _ = world.run("test", "--repeat", "2", lans, status=1)
    assert plain == seen[0][0], "a report changes what is told"


@case
def a_mistake_in_one_file_is_told_whatever_runs_beside_it(world):
    lans = folder(world, "wrong", a=PASSES, b=PASSES.replace("count: 3", "cuont: 3"))
    for jobs in ("1", "2"):
        out, err = world.run("test", "--jobs", jobs, lans, status=2)
        assert "did you mean 'count'" in err and out.endswith("2 passed, 0 failed\n"), (out, err)


@case
def a_matrix_is_a_run_a_combination(world):
    text = 'matrix: { n: [1, 2], loss: [0 %, 100 %] }\n' + PASSES.replace("count: 3", 'count: "${n}"').replace(
        "- ping: {", "- ping: { ") + '    expect: { loss: "${loss}" }\n'
    path = world.write(text)
    out, _ = world.run("test", path, status=1)
    assert [line for line in out.splitlines() if line.startswith(("ok ", "FAIL"))][0].startswith(f"ok    {path}[n=1, loss=0 %]::"), out
    assert out.endswith("6 passed, 2 failed\n"), out
    for replay in re.findall(r"^      replay: (.*)$", out, re.M):
        assert "--set 'loss=100 %'" in replay, replay
        done = subprocess.run([world.switchd, *shlex.split(replay)[1:]], capture_output=True, text=True, timeout=WAIT, check=False)
        assert done.returncode == 1 and done.stdout.endswith("1 passed, 1 failed\n"), done
        assert replay in done.stdout, f"its replay is another: {done.stdout}"
    out, _ = world.run("check", path)
    assert out.count("all well") == 4, out


@case
def what_did_not_come_is_told_in_one_warning(world):
    path = world.write(PASSES + "events:\n  - { at: 1 h, down: [a, core] }\n  - { at: 2 h, up: [a, core] }\n  - { at: 0 s, up: [a, core] }\n")
    _, err = world.run("test", path)
    assert len(re.findall("warning: ", err)) == 1 and "(line 16), up" in err and "(line 17)" in err and "(line 18)" not in err, err


@case
def shards_are_parts_of_one_whole(world):
    lans = folder(world, "shards", **{f"n{i}": PASSES for i in range(7)})
    whole, _ = world.run("test", lans)
    digests = re.findall(r"^digest .*$", whole, re.M)
    parts = [world.run("test", "--shard", f"{i}/3", lans)[0] for i in (1, 2, 3)]
    found = [re.findall(r"^digest .*$", part, re.M) for part in parts]
    assert sorted(sum(found, [])) == sorted(digests) and [len(part) for part in found] == [3, 2, 2], found


@case
def a_filter_counts_only_what_it_names(world):
    lans = folder(world, "filter", a=PASSES.replace("- ping:", "- name: here\n    ping:"), b=FAILS)
    out, _ = world.run("test", "--filter", "::here", lans)
    assert out.endswith("1 passed, 0 failed\n") and "b.yaml" not in out, out
    out, _ = world.run("test", "--list", lans)
    assert out == f"{lans}/a.yaml::here\n{lans}/a.yaml::always held\n{lans}/b.yaml::step 1: ping a b\n{lans}/b.yaml::always held\n", out
    world.run("test", "--filter", "nothing is called that", lans, status=5)


@case
def what_failed_last_is_run_alone(world):
    lans = folder(world, "last", a=PASSES, b=FAILS, c=PASSES)
    world.run("test", "--report", "last-report", "--last-failed", lans, status=1)  # nothing is known: all
    out, _ = world.run("test", "--report", "last-report", "--last-failed", lans, status=1)
    assert out.endswith("0 passed, 1 failed\n") and "a.yaml" not in out, out
    _, err = world.run("test", "--last-failed", lans, status=2)
    assert "--report" in err, err


@case
def fail_fast_ends_with_the_first(world):
    two = FAILS + "  - ping: { from: a, to: b, count: 1 }\n    expect: { loss: 100 % }\n"
    lans = folder(world, "fast", a=PASSES, b=two, c=PASSES)
    for jobs in ("1", "2"):
        out, _ = world.run("test", "--fail-fast", "--jobs", jobs, lans, status=1)
        assert out.count("FAIL  ") == 1 and re.search(r"^skip  .*c\.yaml: --fail-fast", out, re.M), out


@case
def an_interrupt_leaves_reports_that_can_be_read(world):
    lans = folder(world, "interrupt", a=PASSES, b=ENDLESS, c=PASSES)
    for jobs in ("1", "2"):
        report = world.folder / f"interrupted{jobs}"
        child = subprocess.Popen([world.switchd, "test", "--jobs", jobs, "--report", report, lans], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        world.children.append(child)
        until = time.monotonic() + WAIT
        while not (report / "002-b.yaml").exists():
            assert time.monotonic() < until and child.poll() is None
            time.sleep(0.01)
        wait_until_heard(child.pid, signal.SIGINT)
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=WAIT)
        assert child.returncode == 1, (child.returncode, out, err)
        assert "b.yaml::the scenario ends\n      interrupted at " in out and "ping a b" in out, out
        suites = {suite.get("name").rsplit("/", 1)[1]: suite for suite in ElementTree.parse(report / "junit.xml").getroot()}
        assert suites["a.yaml"].get("failures") == "0" and suites["b.yaml"].get("failures") == "1", out
        for line in (report / "events.jsonl").read_text().splitlines():
            json.loads(line)


@case
def a_report_that_cannot_be_written_is_exit_status_3(world):
    path = world.write(PASSES)
    world.write("", "a-file")
    for argv, what in ((["--report", "no/such/place"], "no/such/place"), (["--junit", "a-file/x.xml"], "a-file/x.xml"),
                       (["--report", "a-file"], "a-file")):
        _, err = world.run("test", *argv, path, status=3)
        assert what in err, err
    if os.geteuid() == 0 and shutil.which("mount"):
        small = world.folder / "small"
        small.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", small], check=False).returncode == 0:
            try:
                _, err = world.run("test", "--report", small / "r", path, path, path, status=3)
                assert f"switchd: {small}/r/junit.xml: No space left on device\n" in err, err
            finally:
                subprocess.run(["umount", small], check=True)
    if os.path.exists("/dev/full"):
        _, err = world.run("test", "--junit", "/dev/full", path, status=3)
        assert "/dev/full: No space left on device" in err, err


def on_terminal(world, *argv, **env):
    """What switchd writes to a terminal that is both its streams."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([world.switchd, *argv], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
                             env={**os.environ, "TERM": "xterm", **env})
    world.children.append(child)
    os.close(theirs)
    said = b""
    while True:
        try:
            some = os.read(ours, 65536)
        except OSError:  # nobody has the other side any more
            some = b""
        if not some:
            break
        said += some
    os.close(ours)
    child.wait(timeout=WAIT)
    return said.decode()


@case
def a_terminal_has_colours_and_the_step_under_way(world):
    lans = folder(world, "terminal", a=PASSES, b=FAILS)
    said = on_terminal(world, "test", lans)
    assert f"\r\033[K[1/2] {lans}/a.yaml: step 1: ping a b" in said, said
    assert "step 1: ping a b\r\033[K" in said, f"a line of progress stays: {said!r}"
    assert "\033[32mok\033[0m" in said and "\033[31mFAIL\033[0m" in said, said
    assert said.endswith("3 passed, 1 failed\r\n"), said
    plain = on_terminal(world, "test", lans, NO_COLOR="1")
    assert "\033[3" not in plain and "FAIL  " in plain, plain
    assert "\033" not in on_terminal(world, "test", "-q", lans, NO_COLOR="1")
    out, err = world.run("test", lans, status=1)
    assert "\033" not in out + err, (out, err)


@case
def options_that_exclude_each_other_are_refused(world):
    path = world.write(PASSES)
    _, err = world.run("test", "--tap", "--json", path, status=2)
    assert "--tap" in err and "--json" in err, err
    _, err = world.run("test", "--pcap", "x.pcapng", "--report", "d", path, status=2)
    assert "--pcap" in err, err
    _, err = world.run("test", "--pcap", "x.pcapng", "--repeat", "2", path, status=2)
    assert "--report" in err, err
