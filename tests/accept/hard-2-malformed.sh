#!/usr/bin/env bash
# Hard row 2: malformed and forged frames, 100,000 of scapy's (malformed.py) and 100,000 of trafgen's (malformed.trafgen), out of a
# namespace over a tap into a switch with two virtual hosts, while another namespace fetches, echoes and pings. The hosts live, no byte of
# a connection that stands is changed, memory stays flat, and each frame is counted: by the device, the uplink, the switch and the hosts,
# at each of them under one outcome. The same with sanitizers, at fewer frames. And through pcap ports in virtual time: each class of
# frames is counted under the reasons that it must be, and two runs have one digest.
set -u
row=hard-2
. tests/accept/lib.sh
a=swt-$$-a
b=swt-$$-b
web=10.95.0.10
hold_kib=2048 # what the process may grow by between the first 10,000 frames and the last
malformed() { /usr/bin/python3 tests/accept/malformed.py "$@"; }
in_a() { timeout 300 ip netns exec $a "$@"; }
in_b() { timeout 300 ip netns exec $b "$@"; }

if ! { /usr/bin/python3 -c 'import scapy' && command -v trafgen && command -v curl && command -v iperf3; } >/dev/null 2>&1; then
    { apt-get -q update && apt-get -q install -y --no-install-recommends python3-scapy netsniff-ng curl iperf3; } >"$SW_TMP/apt.log" 2>&1 ||
        { tail -n 3 "$SW_TMP/apt.log"; verdict 1 "scapy, trafgen, curl and iperf3 are installed"; exit 1; }
fi
# Namespaces in which nobody speaks unasked, and no port waits from before.
fresh() {
    local s
    for s in $a $b; do
        ip netns del $s 2>/dev/null
        space $s || return 1
        ip netns exec $s sysctl -q -w net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
    done
}
cp tests/accept/malformed.trafgen "$SW_TMP"

hosts=$(cat <<LAN
hosts:
  web: { address: $web/24, mac: "02:00:00:00:95:10", services: [http: { size: 40 MB }, echo, udp-echo, iperf3] }
  other: { address: 10.95.0.11/24, mac: "02:00:00:00:95:11", services: [http: { size: 1 MB }, echo, udp-echo] }
LAN
)
# live.yaml: the switch is told where its stations are, so that no frame that claims to be from one keeps the others from the hosts;
# plain.yaml: it learns, and a station that is robbed of its address speaks again.
live() { # SWITCH
    cat <<LAN
name: live
switches:
  core: $1
$hosts
uplinks:
  attacker: { type: tap, netns: $a, device: swt0, mtu: 9216 }
  kernel: { type: tap, netns: $b, device: swt0, address: 10.95.0.1/24 }
links:
  - [web, "core:p1"]
  - [other, "core:p2"]
  - [kernel, "core:p3"]
  - [attacker, "core:p4"]
scenario:
  - wait: { for: 1 ms }
LAN
}
live '{ static: { "02:00:00:00:95:10": p1, "02:00:00:00:95:11": p2, "02:00:00:00:95:01": p3 } }' >"$SW_TMP/live.yaml"
live '{}' >"$SW_TMP/plain.yaml"

# Reads a summary and holds each figure against the others. ledger.py SUMMARY UPLINK FRAMES
cat >"$SW_TMP/ledger.py" <<'PYTHON'
import re, sys
text, uplink, frames = open(sys.argv[1]).read(), sys.argv[2], int(sys.argv[3])
known = set(re.findall(r"^\| `([a-z0-9-]+)` \|", open("docs/drops.md").read(), re.M))
faults, lanes = [], {}
def number(what, line):
    found = re.search(what, line)
    return int(found.group(1)) if found else 0
def drops(line, word="dropped"):
    found = re.search(word + r" \(([^)]*)\)", line)
    return {k: int(v) for k, v in (pair.split() for pair in found.group(1).split(", "))} if found else {}
def same(what, *figures):
    if len(set(figures)) != 1:
        faults.append(f"{what}: {figures}")
for line in re.findall(r"^link (.*)$", text, re.M):
    for lane in line.split("; "):
        lost = drops(lane)
        out = number(r": (\d+) frames", lane)
        lanes[lane.split(":")[0]] = (out, out + sum(lost.values()) + number(r"(\d+) under way", lane))
        if lost:
            print("link", lane.split(":")[0], *(f"{k} {v}" for k, v in lost.items()))
hosts = re.findall(r"^host .*$", text, re.M)
same("hosts and switches told of", (len(hosts), len(re.findall(r"^switch ", text, re.M))), (2, 1))
for line in hosts + re.findall(r"^switch .*$", text, re.M):
    name, got, lost = line.split(":")[0].split()[1], number(r": (\d+) frames", line), drops(line)
    arrived = sum(out for lane, (out, _) in lanes.items() if lane.endswith(">" + name))
    same(f"{name} got what its links delivered", got, arrived)
    outcomes = ("consumed", "held") if line in hosts else ("forwarded", "flooded")
    what = {o: number(rf" (\d+) {o}", line) for o in outcomes}
    same(f"{name}: each frame has an outcome", got, sum(what.values()) + sum(lost.values()))
    if line not in hosts:
        same(f"{name}: copies", number(r"(\d+) copies out", line), sum(sent for lane, (_, sent) in lanes.items() if lane.startswith(name + ">")))
    faults += [f"{name}: {reason} is not in docs/drops.md" for reason in lost if reason not in known]
    print(name, got, *(f"{k} {v}" for k, v in what.items()), *(f"{k} {v}" for k, v in lost.items()))
end = re.search(rf"^uplink {uplink} .*?: (\d+) from .* (\d+) not read", text, re.M)
same(f"{uplink}: sent, read, given to its link", frames, int(end.group(1)), lanes[uplink + ">core"][1])
same(f"{uplink}: not read", 0, int(end.group(2)))
reasons = {r for line in re.findall(r"^(?:host|switch) .*$", text, re.M) for r in drops(line)}
print(f"{frames} frames of the uplink {uplink}, {len(reasons)} reasons")
sys.exit("; ".join(faults) or 0)
PYTHON

# An echo connection that lasts as long as FILE is there, and once at least: what comes back is what went out.
cat >"$SW_TMP/echo.py" <<'PYTHON'
import os, random, socket, sys
s = socket.create_connection((sys.argv[1], 7), timeout=60)
total, rng = 0, random.Random(1)
while total == 0 or os.path.exists(sys.argv[2]):
    piece = rng.randbytes(rng.randrange(1, 20000))
    s.sendall(piece)
    back = b""
    while len(back) < len(piece):
        more = s.recv(65536)
        if not more:
            sys.exit("the echo ended")
        back += more
    if back != piece:
        sys.exit(f"another echo, in the {len(piece)} bytes after {total}")
    total += len(piece)
print(total, "bytes echoed")
PYTHON

memory() { awk '/^VmRSS/ { print $2 }' "/proc/$lan/status"; }
on_device() { ip netns exec $a cat /sys/class/net/swt0/statistics/tx_packets /sys/class/net/swt0/statistics/tx_dropped | tr '\n' ' '; }

# flood TOOL FIRST LAST: frames FIRST to LAST of its capture at 10,000 a second; how many went.
flood() { in_a /usr/bin/python3 tests/accept/malformed.py send swt0 "$SW_TMP/$1.pcap" "$2" "$3" 10000 | cut -d' ' -f1; }

# attack TOOL FRAMES LAN NOTE: what lives on that LAN, the frames, and the verdicts.
attack() {
    local tool=$1 frames=$2 note=$4 sent said sum before after answered fetch echo ping iperf status first=$(($2 / 10))
    fresh || { verdict 1 "network namespaces"; return; }
    up --scenario "$SW_TMP/$3.yaml" || { verdict 1 "$tool$note: the LAN comes up"; return; }
    ip -n $a link set swt0 arp off multicast off txqueuelen $((frames + 1000))
    ip -n $b link set swt0 address 02:00:00:00:95:01
    # What forged ARP does to the kernel is the kernel's affair.
    ip -n $b neigh replace $web lladdr 02:00:00:00:95:10 nud permanent dev swt0
    touch "$SW_TMP/going"
    in_b curl -sS -m 200 --local-port 40001 --limit-rate 3M -o "$SW_TMP/got" "http://$web/" 2>"$SW_TMP/fetch.err" &
    fetch=$!
    in_b python3 "$SW_TMP/echo.py" $web "$SW_TMP/going" >"$SW_TMP/echo.said" 2>&1 &
    echo=$!
    in_b ping -n -q -c $((frames / 500)) -i 0.05 -W 1 $web >"$SW_TMP/ping.said" 2>&1 &
    ping=$!
    children="$children $fetch $echo $ping"
    in_b iperf3 -c $web -t 5 -b 20M >"$SW_TMP/iperf3.said" 2>&1 &
    iperf=$!
    children="$children $iperf"
    sleep 0.5
    sent=$(flood "$tool" 0 "$first")
    before=$(memory)
    sent=$((sent + $(flood "$tool" "$first" "$frames")))
    after=$(memory)
    rm "$SW_TMP/going"
    wait $fetch
    status=$?
    sum=$(sha256sum <"$SW_TMP/got" | cut -d' ' -f1)
    [ $status -eq 0 ] && [ "$sum" = "$pattern_sum" ]
    verdict $? "$tool$note: a fetch of 40 MB that went on meanwhile, SHA-256 ${sum:0:12}…$(tail -n 1 "$SW_TMP/fetch.err")"
    wait $echo
    verdict $? "$tool$note: a connection that echoed meanwhile: $(tail -n 1 "$SW_TMP/echo.said")"
    wait $ping
    wait $iperf
    echo "meanwhile, ping: $(grep -o '[0-9]* packets transmitted, [0-9]* received' "$SW_TMP/ping.said"); iperf3: $(tail -n 1 "$SW_TMP/iperf3.said")"
    [ -n "$note" ] || { [ $((after - before)) -le $hold_kib ]; verdict $? "$tool: memory after $first and $frames frames: $before and $after KiB ($hold_kib more allowed)"; }
    answered=$(in_b ping -n -q -c 20 -i 0.01 -W 2 $web | sed -n 's/.* \([0-9]*\) received.*/\1/p')
    said=$(for host in $web 10.95.0.11; do in_b curl -sS -m 20 -o /dev/null -w '%{http_code} ' "http://$host/" 2>&1; done)
    [ "$answered" -eq 20 ] && [ "$said" = "200 200 " ] && in_b iperf3 -c $web -n 10M >"$SW_TMP/iperf3.said" 2>&1 &&
        in_b python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.sendto(b'alive', ('$web', 7))
assert s.recv(100) == b'alive'"
    verdict $? "$tool$note: alive after it: $answered of 20 pings, http $said, iperf3, udp-echo"
    said=$(on_device)
    down
    status=$?
    [ $status -eq 0 ] && grep -q '^ok .*::always held$' "$SW_TMP/lan.log"
    verdict $? "$tool$note: every ledger holds, the LAN ends with $status"
    [ "$sent" -eq "$frames" ] && [ "$said" = "$frames 0 " ]
    verdict $? "$tool$note: $sent frames sent, the device counts ${said% } dropped"
    said=$(python3 "$SW_TMP/ledger.py" "$SW_TMP/lan.log" attacker "$frames" 2>&1)
    status=$?
    echo "$said" | sed '$d'
    verdict $status "$tool$note: each one is counted once at each node: $(echo "$said" | tail -n 1)"
}

pattern_sum=$(python3 -c '
import hashlib
print(hashlib.sha256((bytes(range(251)) * 159363)[:40000000]).hexdigest())')
malformed write "$SW_TMP/scapy.pcap" 100000 || { verdict 1 "scapy's frames"; exit 1; }
# trafgen's go into a capture, too, drawn from one seed; it forgets to say that they are of Ethernet.
(cd "$SW_TMP" && timeout -s KILL 60 trafgen --cpp -i malformed.trafgen -o trafgen.pcap -n 100000 -P 1 -E 2 -C) >"$SW_TMP/trafgen.log" 2>&1 </dev/null
printf '\001' | dd of="$SW_TMP/trafgen.pcap" bs=1 seek=20 conv=notrunc status=none || { verdict 1 "trafgen's frames"; exit 1; }

attack scapy 100000 live ""
attack trafgen 100000 live ""

# with sanitizers
if { cmake --preset asan -DSW_TESTS=OFF && cmake --build --preset asan --target switchd -j"$(nproc)"; } >"$SW_TMP/asan.log" 2>&1; then
    release=$SW_SWITCHD
    SW_SWITCHD=$SW_CLONE/build/asan/switchd/switchd
    export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    attack scapy 20000 plain ", with sanitizers"
    attack trafgen 20000 plain ", with sanitizers"
    sanitized=$SW_SWITCHD
    SW_SWITCHD=$release
else
    tail -n 20 "$SW_TMP/asan.log"
    verdict 1 "a build with sanitizers"
    sanitized=
fi

# each class of scapy's by itself, and each packet of trafgen's, to a host on a cable
mkdir "$SW_TMP/each"
malformed each "$SW_TMP/each" 2000
cat >"$SW_TMP/classes.py" <<'PYTHON'
import re, subprocess, sys
switchd, folder, hosts = sys.argv[1:]
faults, classes, total = [], sys.stdin.read().split("\n")[:-1], 0
for line in classes:
    name, must, may = line.split()
    must, may = ({word for word in words.split(",") if word != "-"} for words in (must, may))
    path = f"{folder}/{name}.yaml"
    with open(path, "w") as file:
        file.write(f"name: one\n{hosts.splitlines()[0]}\n{hosts.splitlines()[1]}\nuplinks:\n  replay: {{ type: pcap, read: {name}.pcap, "
                   "speed: fast, start: 1 s }\nlinks:\n  - [web, replay]\nscenario:\n  - wait: { for: 200 s }\n")
    done = subprocess.run([switchd, "test", "-v", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    host = re.search(r"^host web: (\d+) frames.*$", done.stdout, re.M)
    played = re.search(r"^uplink replay .*?: (\d+) from the capture", done.stdout, re.M)
    dropped = re.search(r" dropped \(([^)]*)\)", host.group(0)) if host else None
    got = {k: int(v) for k, v in (pair.split() for pair in dropped.group(1).split(", "))} if dropped else {}
    consumed = re.search(r" (\d+) consumed", host.group(0)) if host else None
    if consumed:
        got["consumed"] = int(consumed.group(1))
    frames = int(played.group(1)) if played else 0
    total += frames
    strange = set() if "*" in may else set(got) - must - may
    most = not must or "*" not in may or sum(got.get(word, 0) for word in must) >= 0.85 * frames
    if done.returncode or frames < 1800 or sum(got.values()) != frames or strange or must - set(got) or not most:
        faults.append(f"{name}: exit status {done.returncode}, {frames} frames, {got}, expected {line}")
    print(name, *(f"{k} {v}" for k, v in got.items()))
print("; ".join(faults) or f"{len(classes)} kinds of frames, {total} in all, each counted under the reasons of its kind")
sys.exit(1 if faults else 0)
PYTHON
for tool in scapy trafgen; do
    said=$(if [ $tool = scapy ]; then malformed classes; else malformed split "$SW_TMP/trafgen.pcap" tests/accept/malformed.trafgen "$SW_TMP/each"; fi |
        python3 "$SW_TMP/classes.py" "$SW_SWITCHD" "$SW_TMP/each" "$hosts" 2>&1)
    status=$?
    echo "$said" | sed '$d'
    verdict $status "pcap: $tool: $(echo "$said" | tail -n 1)"
done

# all of them at once, in virtual time, beside a fetch
cat >"$SW_TMP/virtual.yaml" <<LAN
name: virtual
switches: { core: {} }
$hosts
uplinks:
  scapy: { type: pcap, read: scapy.pcap }
  trafgen: { type: pcap, read: trafgen.pcap }
links:
  - ["*", core]
scenario:
  - http: { from: other, url: "http://web/" }
    expect: { status: 200, sha256: $pattern_sum }
  - wait: { for: 200 s }
  - ping: { from: web, to: other, count: 10 }
  - http: { from: other, url: "http://web/" }
    expect: { status: 200, sha256: $pattern_sum }
LAN
: >"$SW_TMP/digests"
for switchd in "$SW_SWITCHD" "$SW_SWITCHD" $sanitized; do
    "$switchd" test -v "$SW_TMP/virtual.yaml" >"$SW_TMP/virtual.said" 2>"$SW_TMP/virtual.summary"
    status=$?
    tail -n 1 "$SW_TMP/virtual.said" | grep -q '^4 passed, 0 failed$' || { status=1; grep -A2 '^FAIL' "$SW_TMP/virtual.said"; tail -n 5 "$SW_TMP/virtual.summary"; }
    verdict $status "pcap: 200,000 frames in virtual time, and the hosts serve during and after them: $(tail -n 1 "$SW_TMP/virtual.said")"
    grep '^digest' "$SW_TMP/virtual.said" | cut -d' ' -f2 >>"$SW_TMP/digests"
done
for tool in scapy trafgen; do
    said=$(python3 "$SW_TMP/ledger.py" "$SW_TMP/virtual.summary" $tool 100000 2>&1)
    verdict $? "pcap: each frame is counted once at each node: $(echo "$said" | tail -n 1)"
done
echo "$said" | sed '$d'
[ "$(sort -u "$SW_TMP/digests" | wc -l)" -eq 1 ]
verdict $? "pcap: $(wc -l <"$SW_TMP/digests") runs, of two builds, one digest: $(sort -u "$SW_TMP/digests" | tr '\n' ' ')"
[ $failures -eq 0 ]
