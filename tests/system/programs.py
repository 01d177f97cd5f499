"""Real programs as hosts: what they see, what befalls them, and that nothing of them stays. The programs are sh and Python's own."""
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

from world import WAIT, Running, Skip, case

PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable  # one that any user may execute

WEB = """
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "6"); self.end_headers(); self.wfile.write(b"hello\\n")
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("", 80), Page).serve_forever()
"""

LAN = """
name: programs
switches: {{ core: {{}} }}
hosts:
  api: {{ address: 10.99.0.1/24, run: {run}, {keys} }}
  web: {{ address: 10.99.0.2/24, services: [http: {{ body: virtual }}] }}
links:
  - {{ endpoints: [api, core], name: wire, {link} }}
  - [web, core]
{more}
"""


def lan(world, run, keys="env: {}", link="delay: 0", more=""):
    probe(world)
    return world.write(LAN.format(run=run, keys=keys, link=link, more=more))


def probe(world):
    """Namespaces and a tap in them, or Skip."""
    done = subprocess.run(["unshare", "-Urn", "sh", "-c", "ip tuntap add t0 mode tap"], capture_output=True, text=True,
                          timeout=WAIT, check=False)
    if done.returncode != 0:
        raise Skip(f"no tap in a namespace here: {done.stderr.strip()}")
    (world.folder / "web.py").write_text(WEB)


def python(script="web.py"):
    return f'["{sys.executable}", -u, {script}]'


def said(world, program, status=0, keys="expect-exit: 0", more="", args=("--for", "700 ms")):
    """What a program prints that runs for a moment."""
    _, err = world.run("run", lan(world, program, keys, more=more), *args, status=status)
    return re.findall(r"^api: (.*)$", err, re.M), err


def ordinary(world):
    """What makes a command an ordinary user's, who is given a /dev/net/tun that he may open, as most systems have it."""
    tun = world.folder / "tun-of-all"
    if not tun.exists():
        subprocess.run(["mknod", "-m", "666", str(tun), "c", "10", "200"], check=True)
    return ("unshare", "-m", "sh", "-c", f'mount --bind {tun} /dev/net/tun && exec "$@"', "sh", "setpriv", "--reuid=65534",
            "--regid=65534", "--clear-groups")


def survivors(marker):
    """Processes of the machine that have this in their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as line:
                if marker.encode() in line.read() and int(pid) != os.getpid():
                    found.append(int(pid))
        except OSError:
            pass
    return found


@case
def a_program_sees_a_host_of_its_own(world):
    lines, _ = said(world, '"hostname; cat /etc/hosts /etc/resolv.conf; ip -br -4 a; ip link; ip r; id -u; ls /proc/self/fd | wc -l; '
                           'ps ax | wc -l; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; echo to stderr >&2; '
                           'ping -c1 -W2 -q web | tail -1; echo $$GREETING; pwd; cat"',
                    keys='expect-exit: 0, env: { GREETING: good day }, cwd: /usr/share, stdin: from a pipe', args=("--for", "2 s"))
    text = "\n".join(lines)
    assert lines[0] == "api", text
    assert "10.99.0.1 api" in lines and "10.99.0.2 web" in lines and "127.0.0.1 localhost" in lines, text
    assert re.search(r"^eth0 +UNKNOWN +10\.99\.0\.1/24", text, re.M) and "to stderr" in lines, text
    assert str(os.geteuid()) in lines and "10.99.0.0/24 dev eth0 proto kernel scope link src 10.99.0.1 " in lines, text
    assert re.search(r"^rtt min", text, re.M), text
    assert re.search(r"^\d+: eth0: .* mtu 1500 .* qlen 10000$", text, re.M), text  # what a TCP at full speed has under way
    assert lines[-4:] == ["good day", "/usr/share", "from a pipe", "(it ended: exit status 0)"], text


@case
def a_program_has_directories_of_its_own(world):
    below = world.folder / "below"
    below.mkdir()
    (below / "of-the-machine").touch()
    page = f"""
scenario:
  - run: {{ on: api, command: "while [ ! -s /mnt/new ]; do sleep 0.01; done; ls -A /mnt {below}; stat -c %a-%u-%T /mnt; stat -f -c %T /mnt; cat /mnt/new" }}
    expect: {{ stdout: "/mnt:\\nnew\\n\\n{below}:\\n1777-{os.geteuid()}-0\\ntmpfs\\nwritten" }}
  - restart: api
  - run: {{ on: api, command: "cat /mnt/new; echo more >{below}/x" }}
    expect: {{ stdout: written }}
"""
    file = lan(world, '"[ -e new ] || echo written >new; exec sleep 60"', f"tmpfs: [/mnt, {below}], cwd: /mnt", more=page)
    out, err = world.run("test", file)
    assert re.search(r"^4 passed, 0 failed$", out + err, re.M), out + err
    assert os.listdir(below) == ["of-the-machine"] and not os.path.exists("/mnt/new")
    _, err = world.run("run", lan(world, '[sleep, "60"]', "tmpfs: /no/such/folder"), "--for", "300 ms", status=3)
    assert err == "switchd: host 'api': tmpfs: /no/such/folder: No such file or directory\n", err


@case
def a_program_takes_itself_for_another_user(world):
    """Some refuse root, and some want to be it; what they may do stays the same."""
    mine = world.folder / "mine"
    mine.touch()
    for user, ids in (("nobody", "65534 65534"), ("root", "0 0"), ("4321", "4321 4321")):
        lines, err = said(world, f'"echo `id -u` `id -g`; stat -c %u {mine}; echo x >{mine} && ping -c1 -W2 -q web | tail -1"',
                          keys=f'expect-exit: 0, user: "{user}"', args=("--for", "1 s"))
        assert lines[:2] == [ids, ids.split()[0]] and lines[2].startswith("rtt min"), err
    page = 'scenario: [{ run: { on: api, command: id -u }, expect: { stdout: "65534" } }]'
    file = lan(world, '[sleep, "60"]', "user: nobody", more=page)
    world.run("test", file)
    with world.up(file):
        assert world.run("exec", file, "api", "--", "id", "-u")[0] == "65534\n"
    for wrong in ("no-such-user", "4294967295", "-1"):
        _, err = world.run("run", lan(world, '[sleep, "60"]', f'user: "{wrong}"'), "--for", "300 ms", status=3)
        assert err == f"switchd: host 'api': this machine has no user '{wrong}'\n", err


@case
def programs_and_virtual_hosts_speak(world):
    page = """
scenario:
  - http: { from: web, url: "http://api/" }
    expect: { status: 200, body: hello }
  - ping: { from: web, to: api }
  - partition: [[web], [api]]
  - ping: { from: web, to: api, count: 1, timeout: 200 ms }
    expect: { loss: 100 % }
  - heal
  - ping: { from: web, to: api, count: 1 }
  - crash: api
  - wait: { for: 200 ms }
  - tcp: { from: web, to: "api:80" }
    expect: { result: refused }
  - restart: api
  - wait: { for: 700 ms }
  - http: { from: web, url: "http://api/" }
  - stop: api
  - http: { from: web, url: "http://api/" }
    timeout: 300 ms
    expect: { result: timeout }
  - continue: api
  - http: { from: web, url: "http://api/" }
"""
    out, err = world.run("test", lan(world, python(), "ready: { port: 80 }", "delay: 2 ms", page))
    assert re.search(r"^ok .*::the programs run", out, re.M), out + err
    assert re.search(r"^10 passed, 0 failed$", out + err, re.M), out + err


@case
def commands_run_beside_a_program(world):
    steps = """
scenario:
  - run: { on: api, command: [sh, -c, "hostname; echo oops >&2; echo $$GREETING; pwd"] }
    expect: { stdout: "api\\nhello\\n/usr/share", stderr: oops }
  - run: { on: api, command: "exit 7" }
    expect: { exit: 7, took: "< 2 s" }
  - run: { on: api, command: "kill -TERM $$$$" }
    expect: { exit: 143 }
  - run: { on: api, command: "(sleep 86400 &) ; echo the first of them" }
    expect: { stdout: the first of them, took: "< 2 s" }
  - run: { on: api, command: "head -c 200000 /dev/zero" }
    expect: { took: "< 5 s" }
  - restart: api
  - wait: { ready: api }
  - run: { on: api, command: "ping -c1 -q -W2 web" }
    expect: { stdout: "/1 received/" }
  - name: nobody is there
    run: { on: api, command: [./nothing-of-the-kind] }
  - name: too long
    run: { on: api, command: [sleep, "86401"] }
    timeout: 100 ms
  - name: never ready
    wait: { ready: api }
    timeout: 100 ms
"""
    # /usr/share holds no web.py: by its full path
    program = f'["{sys.executable}", -u, "{world.folder}/web.py"]'
    file = lan(world, program, "cwd: /usr/share, env: { GREETING: hello }, ready: { port: 80 }",
               more=steps.replace("  - name: never ready", "  - crash: api\n  - name: never ready"))
    out, err = world.run("test", file, status=1)
    for name, why in (("nobody is there", "it could not be executed: No such file or directory"), ("too long", "its time ran out"),
                      ("never ready", "its time ran out")):
        assert re.search(rf"^FAIL .*::{name}(\n .*)*{why}", out, re.M), (name, out)
    assert re.search(r"^8 passed, 3 failed$", out + err, re.M), out + err
    assert not survivors("86400") and not survivors("86401")


@case
def one_more_command_enters_a_host(world):
    file = lan(world, '[sleep, "60"]')
    with world.up(file):
        assert world.run("exec", file, "api", "--", "hostname")[0] == "api\n"
        out, _ = world.run("exec", file, "api", "--", "sh", "-c", "ip -br -4 a show eth0; id -u; pwd; exit 3", status=3)
        assert "10.99.0.1/24" in out and out.endswith(f"{os.geteuid()}\n{world.folder}\n"), out
        assert world.run("exec", file, "api", "--", "ping", "-c1", "-q", "web")[0].count("1 received") == 1
        world.run("exec", file, "api", "--", "sh", "-c", "kill -9 $$", status=137)
        _, err = world.run("exec", file, "api", "--", "./no-such-thing", status=127)
        assert err == "switchd: ./no-such-thing: No such file or directory\n", err
        _, err = world.run("exec", file, "web", "--", "ls", status=2)
        assert err == "switchd: the host 'web' is a virtual one: there is nothing to execute on it\n", err
        _, err = world.run("exec", file, "nobody", "--", "ls", status=2)
        assert err == "switchd: the LAN has no host 'nobody'\n", err
        done = subprocess.run([str(world.switchd), "shell", str(file), "api"], input=b"hostname\n", capture_output=True,
                              timeout=WAIT, env={**os.environ, "SHELL": "/bin/sh"}, check=False)
        assert done.returncode == 0 and done.stdout == b"api\n", done
        with world.up(file) as second:
            second.wait_for(r"another LAN named 'programs' runs")
        lasting = subprocess.Popen([str(world.switchd), "exec", str(file), "api", "--", "sleep", "86402"])
        deadline = time.monotonic() + WAIT
        while len(survivors("86402")) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert lasting.wait(timeout=WAIT) == 137, "it outlived its LAN"
    _, err = world.run("exec", file, "api", "--", "ls", status=3)
    assert err == "switchd: no LAN named 'programs' runs in real time for this user\n", err


@case
def an_exit_status_is_known_where_ends_of_children_were_ignored(world):
    """As some daemons do, whose children inherit it."""
    def ignore():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    file = lan(world, '[sleep, "100"]', more="scenario: [{ run: { on: api, command: exit 7 }, expect: { exit: 7 } }]")
    world.run("test", "--jobs", "2", file, file, preexec_fn=ignore)
    with world.up(file, preexec_fn=ignore):
        world.run("exec", file, "api", "--", "sh", "-c", "exit 7", status=7, preexec_fn=ignore)


@case
def a_first_process_that_answers_too_late_costs_no_program_its_life(world):
    with world.up(lan(world, '"while :; do echo tick; sleep 0.1; done"')) as running:
        keeper = int(subprocess.run(["pgrep", "-P", str(running.child.pid)], capture_output=True, text=True, check=True).stdout)
        os.kill(keeper, signal.SIGSTOP)
        world.run("exec", f"@switchd/{os.geteuid()}/programs", "api", "--", "true", status=3)
        time.sleep(4)  # what is waited for an answer is 5 s in all
        os.kill(keeper, signal.SIGCONT)
        ticks = running.text().count("tick")
        running.wait_for("api: tick", ticks + 30)
        status, text = running.end()
        assert status == 0 and "has gone" not in text, text


@case
def an_ordinary_user_enters_a_host_too(world):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("not root: nobody else can be tried")
    file = lan(world, '[sleep, "60"]')
    prefix = ordinary(world)
    with Running(world, [*prefix, world.switchd, "run", file]):
        out, _ = world.run("exec", file, "api", "--", "sh", "-c", "id -u; hostname; ip -br -4 a show eth0; ping -c1 -q -W2 web; exit 3",
                           status=3, prefix=prefix)
        assert out.startswith("65534\napi\n") and "10.99.0.1/24" in out and "1 received" in out, out
        assert world.run("shell", file, "api", prefix=("env", "SHELL=/bin/hostname", *prefix))[0] == "api\n"


@case
def who_answers_for_a_lan_is_this_user(world):
    """An abstract name is anybody's who is there first."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("not root: nobody else can be tried")
    file = lan(world, '[sleep, "60"]')
    squatter = subprocess.Popen(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c", """
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("\\0switchd/0/programs")
s.listen()
print("there", flush=True)
time.sleep(30)
"""], stdout=subprocess.PIPE)
    world.children.append(squatter)
    assert squatter.stdout.readline() == b"there\n"
    _, err = world.run("exec", file, "api", "--", "ls", status=3)
    assert err == "switchd: another user holds the name of the LAN 'programs'\n", err
    squatter.kill()
    squatter.wait()


@case
def verbs_speak_from_a_program_and_to_it(world):
    file = lan(world, '[sleep, "60"]', link="delay: 1 ms")
    for pair in (("api", "web"), ("web", "api")):
        assert "1 received" in world.run("ping", "-c", "1", file, *pair)[0]
        assert "iperf Done." in world.run("iperf", "-t", "1", file, *pair)[0]
    _, err = world.run("ping", "--virtual", file, "web", "api", status=2)
    assert err == "switchd: programs has programs, and their time is real\n", err


@case
def a_program_hears_signals(world):
    heard = world.folder / "heard"
    ready = f'run: {{ on: api, command: "while [ ! -e {heard}.trap ]; do sleep 0.01; done; rm {heard}.trap" }}'
    steps = f"""
scenario:
  - {ready}
  - kill: {{ host: api, signal: HUP }}
  - run: {{ on: api, command: "while [ ! -s {heard} ]; do sleep 0.01; done; cat {heard}" }}
    expect: {{ stdout: heard }}
  - kill: {{ host: api }}
  - wait: {{ for: 300 ms }}
  - run: {{ on: api, command: "ps ax | grep -c [t]rap" }}
    expect: {{ stdout: "0", exit: 1 }}
  - start: api
  - {ready}
  - start: api
  - run: {{ on: api, command: "ps ax | grep -c [t]rap" }}
    expect: {{ stdout: "1" }}
"""
    out, err = world.run("test", lan(world, f'"trap \'echo heard >{heard}\' HUP; : >{heard}.trap; while :; do sleep 0.05; done"',
                                     more=steps))
    assert re.search(r"^7 passed, 0 failed$", out + err, re.M), out + err


@case
def a_program_is_started_at_once_after_a_crash(world):
    """Also where its end has not been heard of yet."""
    steps = """
scenario:
  - crash: api
  - start: api
  - wait: { for: 300 ms }
  - run: { on: api, command: "ps ax | grep -c [t]rap" }
    expect: { stdout: "1" }
"""
    out, err = world.run("test", "-v", lan(world, '"trap : HUP; while :; do sleep 0.05; done"', more=steps))
    assert re.search(r"^program api: started 2 times, ended 1 times; ", err, re.M), out + err


@case
def a_lan_has_its_time_while_a_port_is_looked_for(world):
    """Two hundred looks; what /proc tells of a port costs the LAN milliseconds each time."""
    file = lan(world, '[sleep, "60"]', "ready: { port: 80, within: 10 s }")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    world.run("run", file, "--for", "1 s")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert spent < 0.2, spent


@case
def a_program_that_ends_too_early_fails_a_check(world):
    for run, keys, why in (
            ('"exit 3"', "env: {}", r"its program ended by itself: exit status 3"),
            ('"kill -9 $$$$"', "env: {}", r"its program ended by itself: signal 9 \(Killed\)"),
            ('"exit 3"', "expect-exit: 2", r"its program ended by itself: exit status 3"),
            ('[./no-such-program]', "env: {}", r"\./no-such-program: No such file or directory"),
            ('[sleep, "60"]', "cwd: ./nowhere", r"\S*/nowhere: No such file or directory"),
            ('[sleep, "60"]', "ready: { port: 80, within: 100 ms }", r"nobody listened at its port 80 within 0\.100 s")):
        out, err = world.run("test", lan(world, run, keys, more="scenario: [{ wait: { for: 300 ms } }]"), status=1)
        assert re.search(rf"host 'api': {why}", out), out + err
        _, err = world.run("run", lan(world, run, keys), "--for", "300 ms", status=1)
        assert re.search(rf"^switchd: the programs run: host 'api': {why}$", err, re.M), err
    world.run("test", lan(world, '"exit 3"', "expect-exit: 3", more="scenario: [{ wait: { for: 300 ms } }]"))


@case
def a_program_is_started_anew_where_that_is_asked_for(world):
    for restart, status, starts in (("on-failure", 1, 2), ("always", 0, 2)):
        lines, err = said(world, f'"echo it runs; exit {status}"', keys=f"restart: {restart}", args=("--for", "1500 ms"))
        assert lines.count("it runs") == starts, err
        assert re.search(rf"^program api: started {starts} times, ended {starts} times; eth0: ", err, re.M), err


PRINTS = r'''"echo it begins; for i in 1 2 3 4 5 6 7 8 9 10; do echo line $$i; done; printf 'no such \\033[31mtable' >&2; sleep 0.1; exit 3"'''
LOST = """
scenario:
  - wait: { for: 400 ms }
  - ping: { from: web, to: api, count: 1 }
    expect: { loss: 100 % }
"""


def shape(text):
    """The same but for times."""
    return re.sub(r"[0-9]+\.[0-9]+", "T", text)


@case
def what_a_program_printed_stands_under_a_failed_check(world):
    file = lan(world, PRINTS, more=LOST)
    out, _ = world.run("test", file, status=1)
    found = re.search(r"^FAIL .*step 2.*\n(?:      .*\n)+?      printed before it \(the last 10 of 13 lines\):\n((?:        .*\n)+)", out, re.M)
    assert found, out
    lines = found.group(1).splitlines()
    assert [re.sub(r"^ +[0-9.]+ s  ", "", line) for line in lines] == [
        *(f"api stdout: line {i}" for i in range(3, 11)), "api stderr: no such ?[31mtable", "api ended: exit status 3"], out
    times = [float(line.split()[0]) for line in lines]
    assert times == sorted(times) and 0.1 <= times[-1] - times[0] < 5, times
    for argv, want in ((["--tap"], '    - "T s  api stderr: no such ?[31mtable"\n    - "T s  api ended: exit status 3"\n  ...'),
                       (["--json"], '"stream":"ended","text":"exit status 3"}],"printed-before":3')):
        out, _ = world.run("test", *argv, file, status=1)
        assert want in shape(out), out
    out, _ = world.run("test", file, status=1, env={**os.environ, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": ""})
    assert re.search(r"^::error .*%0Aprinted before it.*%0A  [0-9.]+ s  api stderr: no such \?\[31mtable%0A", out, re.M), out
    out, _ = world.run("test", "-v", file, status=1)
    assert re.search(r"^      [0-9.]+ s  api stdout: it begins$", out, re.M), out


@case
def what_programs_print_is_kept_with_a_report(world):
    file = lan(world, PRINTS, "output: 24 B", more=LOST)
    for jobs, files in (("1", [file]), ("2", [file, file])):
        world.run("test", "--report", f"kept{jobs}", "--jobs", jobs, *files, status=1)
        log = (world.folder / f"kept{jobs}" / f"001-{file.name}" / "api.log").read_bytes()
        assert shape(log.decode()).splitlines() == [
            "T stdout it begins", "T stdout line 1", "T stdout line 2",
            "T stdout (more than 24 bytes: what follows is counted, not kept)", "T stderr no such \033[31mtable",
            "T ended exit status 3", "T stdout (8 lines, 49 bytes, were not kept)"], log
        assert not (world.folder / f"kept{jobs}" / f"001-{file.name}" / "web.log").exists()
        events = (world.folder / f"kept{jobs}" / "events.jsonl").read_text()
        assert events.count('"record":"output"') == 7 * len(files) and '"printed-before":3' in events, events
        assert "api ended: exit status 3" in (world.folder / f"kept{jobs}" / "junit.xml").read_text()


@case
def whoever_prints_without_an_end_has_a_bound(world):
    steps = """
scenario:
  - ping: { from: web, to: api, count: 10, interval: 100 ms }
  - crash: api
"""
    file = lan(world, "[yes]", "output: 20 kB", more=steps)
    out, err = world.run("test", "--report", "flood", file)
    assert out.endswith("3 passed, 0 failed\n"), out + err
    log = (world.folder / "flood" / f"001-{file.name}" / "api.log").read_text()
    lost = re.search(r"stdout \((\d+) lines, (\d+) bytes, were not kept\)$", log, re.M)
    assert log.count("stdout y\n") == 20000 and lost and int(lost.group(1)) == int(lost.group(2)) > 20000, (len(log), lost)


@case
def a_long_line_and_a_last_one_are_told_whole(world):
    lines, err = said(world, '"head -c 3000 /dev/zero | tr \'\\\\0\' x; echo; printf last"')
    assert "".join(lines[:-2]) == "x" * 3000 and lines[-2] == "last", err


@case
def a_program_reaches_nothing_of_the_machine(world):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        lines, err = said(world, f'"for a in 127.0.0.1 10.99.0.1 192.0.2.1; do {sys.executable} -c \'import socket; '
                                 f'socket.create_connection((\\"\'$$a\'\\", {port}), 0.3)\' 2>&1 | tail -1; done; '
                                 f'ls /proc/1/root/ 2>&1; cat /proc/1/environ 2>&1; ls /proc/self/fd"', args=("--for", "3 s"))
    text = "\n".join(lines)
    assert text.count("Connection refused") == 2 and "Network is unreachable" in text, text
    assert text.count("Permission denied") == 2, text
    assert lines[-5:-1] == ["0", "1", "2", "3"], text


@case
def nothing_of_a_program_stays(world):
    """Whatever ends switchd, and however the program clings to life."""
    for number, status in ((signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -9), (signal.SIGSEGV, -11)):
        marker = f"86400.{os.getpid()}{int(number)}"
        before = len(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else 0
        running = world.up(lan(world, f'"trap : INT TERM HUP; (setsid sleep {marker} &); while :; do sleep {marker}; done"'))
        deadline = time.monotonic() + WAIT
        while len(survivors(marker)) < 3:
            assert time.monotonic() < deadline, running.text()
            time.sleep(0.01)
        ended, text = running.end(number)
        assert ended == status, (ended, text)
        deadline = time.monotonic() + WAIT
        while survivors(marker):
            assert time.monotonic() < deadline, survivors(marker)
            time.sleep(0.01)
        assert before == (len(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else 0)


@case
def whoever_may_not_is_told_what_stands_in_the_way(world):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("not root: nobody else can be tried")
    file = lan(world, '[sleep, "1"]')
    mode = os.stat("/dev/net/tun").st_mode & 0o777
    prefix = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    if mode & 0o006 != 0o006:
        _, err = world.run("run", file, "--for", "100 ms", status=3, prefix=prefix)
        assert re.search(r"^switchd: host 'api': /dev/net/tun: Permission denied; make it readable and writable for this user: "
                         r"chmod 0666 /dev/net/tun$", err, re.M), err
    limited = ("sh", "-c", 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"', "sh")
    done = subprocess.run(["unshare", "-Ur", *limited, "unshare", "-U", "true"], capture_output=True, timeout=WAIT, check=False)
    if done.returncode != 0:
        _, err = world.run("run", file, "--for", "100 ms", status=3, prefix=("unshare", "-Ur", *limited))
        assert re.search(r"^switchd: host 'api': making its namespaces: .*; there are too many: sysctl user\.max_user_namespaces",
                         err, re.M), err


@case
def too_few_descriptors_are_told_whoever_lacks_them(world):
    """switchd itself, or the first process of a host."""
    file = lan(world, '[sleep, "1"]')
    file.write_text(file.read_text().replace("services: [http: { body: virtual }]", 'run: [sleep, "1"]'))
    for most in range(10, 22):
        _, err = world.run("run", file, "--for", "1 ms", status=3, prefix=("sh", "-c", f'ulimit -n {most}; exec "$@"', "sh"))
        assert re.search(r"; raise the limit: ulimit -n$", err, re.M), f"{most}: {err}"


@case
def an_ordinary_user_has_programs_too(world):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("not root: nobody else can be tried")
    file = lan(world, '"id -u; id -un; ip -br -4 a; ping -c1 -W2 -q web | tail -1"', "expect-exit: 0")
    _, err = world.run("run", file, "--for", "700 ms", prefix=ordinary(world))
    assert re.search(r"^api: 65534$", err, re.M) and re.search(r"^api: rtt min", err, re.M), err


# As many pipes as a user has before the kernel makes his new ones small (pipe(7), pipe-user-pages-soft), then a command.
PIPES = """
import os, resource, subprocess, sys
soft = int(open("/proc/sys/fs/pipe-user-pages-soft").read())
if not 0 < soft <= 65536:
    sys.exit(77)
resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
held = [os.pipe() for _ in range(soft // 16 + 8)]
sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""


@case
def what_a_program_reads_is_there_whole_or_it_does_not_start(world):
    """Where pipes are small a long text would wait for a reader that there is not yet."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("not root: nobody else can be tried")
    (world.folder / "pipes.py").write_text(PIPES)
    file = lan(world, '[wc, -c]', keys=f"expect-exit: 0, stdin: {'x' * 40000}")
    _, err = world.run("run", file, "--for", "500 ms")
    assert re.search(r"^api: 40000$", err, re.M), err
    done = subprocess.run([*ordinary(world), PYTHON, "pipes.py", str(world.switchd), "run", str(file), "--for", "500 ms"], cwd=world.folder,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WAIT, check=False)
    if done.returncode == 77:
        raise Skip("pipes have no small bound here")
    assert done.returncode == 1 and re.search(r"^switchd: warning: host 'api': starting its program: No buffer space available$", done.stderr,
                                              re.M), done.stderr


@case
def a_hundred_programs_stand_in_one_lan(world):
    probe(world)
    file = world.write("hosts:\n  node: { count: 100, address: 10.99.0.1/24, run: \"echo here; exec sleep 60\" }\n"
                       "switches: { core: {} }\nlinks: [[\"node-*\", core]]\n")
    _, err = world.run("run", file, "--for", "2 s")
    assert len(re.findall(r"^node-\d+: here$", err, re.M)) == 100, err[-2000:]
