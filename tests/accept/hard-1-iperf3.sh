#!/usr/bin/env bash
# Hard row 1, iperf3: Debian's own client, from a namespace over a tap, against the service of a virtual host: each of its modes ends
# well and both sides' figures agree; so many bytes, blocks and seconds as were asked for; segments and windows are as long as was asked for;
# a second client is refused while one is served; killed clients leave nothing. Another version of the client is tried by being
# first in PATH.
set -u
row=hard-1
. tests/accept/lib.sh
a=swt-$$-a
server=10.96.0.10
far=10.97.0.10 # 20 ms away, over a tap at which the kernel has to cut its segments itself
command -v iperf3 >/dev/null || { verdict 1 "iperf3 is not installed"; exit 1; }
space $a || { verdict 1 "network namespace"; exit 1; }
in_a() { timeout 60 ip netns exec $a "$@"; }

cat >"$SW_TMP/iperf3.yaml" <<EOF2
name: hard1
switches:
  core: {}
hosts:
  web:
    address: $server/24
    services: [iperf3]
  far:
    address: $far/24
    services: [iperf3]
uplinks:
  kernel: { type: tap, netns: $a, device: swt0, address: 10.96.0.1/24 }
  plain: { type: tap, netns: $a, device: swt1, address: 10.97.0.1/24, vnet-header: off }
links:
  - [web, core]
  - [kernel, core]
  - { endpoints: [far, plain], delay: 10 ms }
EOF2

# Says both sides' figures in one line. They agree if
# - the receiver got what the sender sent, but for what may lie between them when the client's clock strikes: of TCP 8 MiB, or, where the
#   client's word that it is over was lost in the full queue of its tap and the server went on until it came again, as much as its send buffer
#   and the kernel's receive buffer hold; of UDP what was lost and what 50 ms carry;
# - it is as many bytes, blocks or seconds as were asked for: sent in whole blocks, and a client that receives is content with the bytes;
# - the server's own words (--get-server-output) say the same of its side as the client was told, to their three digits.
cat >"$SW_TMP/agree.py" <<'EOF2'
import json, re, sys
HOLD = 8 << 20  # bytes, of a stream
OURS = 4 << 20  # the server's send buffer
LATE = 0.1  # seconds; a word that is said again comes 0.2 s later
report = json.load(open(sys.argv[1]))
want_rate = float(sys.argv[2]) if len(sys.argv) > 2 else None
if "error" in report:
    sys.exit("the client says: " + report["error"])
start, end = report["start"]["test_start"], report["end"]
udp, length = start["protocol"] == "UDP", start["blksize"]
text = report["server_output_text"]
unit = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
faults, told = [], []
# From 3.16 on a stream's thread that is stopped in the midst of a block has sent some of it, and does not count it.
version = tuple(int(n) for n in re.search(r"(\d+)\.(\d+)", report["start"]["version"]).groups())
uncounted = length if version >= (3, 16) and start["duration"] else 0
asked = start["bytes"] or start["blocks"] * length
for way in ("", "_bidir_reverse"):
    if "sum_sent" + way not in end:
        continue
    sent, received = end["sum_sent" + way], end["sum_received" + way]
    between = sent["bytes"] - received["bytes"]
    if udp:
        lost = received["lost_packets"] * length
        if not -length <= between - lost <= max(0.05 * sent["bits_per_second"] / 8, 10 * length):
            faults.append(f"{between} bytes did not come, {lost} are called lost")
        told.append(f"sent {sent['packets']} datagrams, received {received['bytes'] // length}, lost {received['lost_packets']}")
    else:
        late = abs(sent["seconds"] - received["seconds"])
        kernel = int(open("/proc/sys/net/ipv4/tcp_rmem").read().split()[2])
        if not -uncounted * start["num_streams"] <= between <= (HOLD if late < LATE else OURS + kernel) * start["num_streams"]:
            faults.append(f"{between} bytes between sender and receiver")
        told.append(f"sent {sent['bytes']} bytes, received {received['bytes']}")
        if late >= LATE:
            told[-1] += f" until {late * 1000:.0f} ms after the end"
    told[-1] += f", {received['bits_per_second'] / 1e6:.0f} Mbit/s"
    ours = bool(start["reverse"]) != bool(way)  # the server sends
    if asked and (not asked <= sent["bytes"] < asked + length or ours and received["bytes"] < asked):
        faults.append(f"asked for {asked} bytes")
    seconds = (received if ours else sent)["seconds"]  # by the client's clock, which does not stand still where a machine is too busy
    if start["duration"] and abs(seconds - start["duration"]) > 0.5:
        faults.append(f"asked for {start['duration']} s, and it were {seconds}")
    if sent["bytes"] == 0:
        faults.append("nothing was sent")
    if want_rate and abs(received["bits_per_second"] / want_rate - 1) > 0.03:
        faults.append(f"asked for {want_rate / 1e6:.0f} Mbit/s")
    # A forward test's server receives, a reverse one's sends; of a test both ways it does first the one and then the other.
    role = ("sender" if start["reverse"] or way else "receiver")
    tag = r"\[TX-S\]" if way else r"\[RX-S\]" if "[RX-S]" in text else ""
    lines = re.findall(r"^\[ *(\w+)\]" + tag + r" .*? sec +([\d.]+) ([KMG]?)Bytes .* " + role + "$", text, re.M)
    lines = [l for l in lines if l[0] == "SUM"] or lines
    said = sum(float(n) * unit[u] for _, n, u in lines)
    figure = (sent if role == "sender" else received)["bytes"]
    if not lines or abs(said - figure) > 0.011 * figure + 1:
        faults.append(f"the server says {said:.0f}, the client was told {figure}")
print("; ".join(told))
sys.exit("; ".join(faults) or 0)
EOF2

# agree NAME RATE OPTION...: one test, RATE bit/s or - where it is not asked for. A client that has to keep a rate on a machine that is
# busy with other things gets three goes, and how many it took is told.
agree() {
    local name=$1 rate=${2#-} said status go
    shift 2
    for go in 1 2 3; do
        in_a iperf3 -c $server -J --get-server-output "$@" >"$SW_TMP/client.json" 2>"$SW_TMP/client.err"
        status=$?
        # shellcheck disable=SC2086 # nothing or one word
        said=$(python3 "$SW_TMP/agree.py" "$SW_TMP/client.json" $rate 2>&1) || status=1
        [ $status -ne 0 ] && [ -n "$rate" ] || break
    done
    [ $go -eq 1 ] || said="$said; at go $go"
    verdict $status "$name: ${said//$'\n'/; }"
}

# is_free: is the next client served, and nothing left of the one before? The end of a killed client may be lost in the full queue of
# its tap; its kernel says it again some 0.2 s later, so it has 3 s. Says how long it took.
is_free() {
    local begun
    begun=$(date +%s%N)
    until in_a iperf3 -c $server -n 1M >"$SW_TMP/next.log" 2>&1 &&
        [ -z "$(in_a ss -H -t -a -n dst $server | grep -v TIME-WAIT)" ]; do
        if [ $(($(date +%s%N) - begun)) -gt 3000000000 ]; then
            tail -n 2 "$SW_TMP/next.log"
            in_a ss -H -t -a -n dst $server | grep -v TIME-WAIT
            return 1
        fi
        sleep 0.05
    done
    echo "$((($(date +%s%N) - begun) / 1000000)) ms"
    in_a python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('$server', 5201))
s.settimeout(2)
s.send(b'x')
try:
    s.recv(1)
except ConnectionRefusedError:
    raise SystemExit(0)
raise SystemExit('UDP port 5201 is still open')"
}

memory() { awk '/^VmRSS/ { print $2 }' "/proc/$lan/status"; }

up "$SW_TMP/iperf3.yaml" || { verdict 1 "the LAN comes up"; exit 1; }
echo "client: $(iperf3 --version | head -n 1)"
agree "iperf3 -c" - -t 2
agree "-R" - -t 2 -R
agree "-P 8" - -t 2 -P 8
device() { in_a cat /sys/class/net/swt0/statistics/tx_"$1"; }
queued=$(device packets)
lost=$(device dropped)
agree "-P 8 -R" - -t 2 -P 8 -R
queued=$(($(device packets) - queued))
lost=$(($(device dropped) - lost))
[ $((lost * 100)) -le $queued ]
verdict $? "-P 8 -R: of the kernel's acknowledgements $queued found room in the device's queue, $lost did not"
agree "--bidir" - -t 2 --bidir
agree "-u -b 500M" 500e6 -t 2 -u -b 500M
agree "-u -b 500M -R" - -t 2 -u -b 500M -R
agree "-u --bidir -P 2 -b 20M" 40e6 -t 2 -u --bidir -P 2 -b 20M
agree "-n 100M" - -n 100M
agree "-n 100M -R" - -n 100M -R
agree "-n 1000001 -R -P 2" - -n 1000001 -R -P 2
agree "-k 2000 -l 8K" - -k 2000 -l 8K
agree "-w 256K -M 1000 -N -S 16" - -t 1 -w 256K -M 1000 -N -S 16
agree "-O 1 -R -b 50M" 50e6 -t 2 -O 1 -R -b 50M
agree "-u -l 16000 -b 100M" 100e6 -t 1 -u -l 16000 -b 100M
agree "-P 128 -b 1M" - -t 1 -P 128 -b 1M

# The kernel's greatest segments and ours, in bytes of text, as tcpdump saw them: MSS less the timestamps' 12.
segments() { # OPTION...
    in_a tcpdump -Z root -i swt1 -s 100 -U -w "$SW_TMP/segments.pcap" tcp 2>"$SW_TMP/tcpdump.log" &
    local dump=$! way
    children="$children $dump"
    for _ in $(seq 100); do
        grep -qs 'listening on' "$SW_TMP/tcpdump.log" && break
        sleep 0.05
    done
    in_a iperf3 -c $far -n 2M "$@" >"$SW_TMP/client.log" 2>&1 && in_a iperf3 -c $far -n 2M -R "$@" >>"$SW_TMP/client.log" 2>&1
    sleep 0.2
    kill -INT $dump
    wait $dump
    for way in src dst; do
        tcpdump -n -r "$SW_TMP/segments.pcap" "$way host $far and tcp port 5201" 2>/dev/null | sed -n 's/.* length \([0-9]*\).*/\1/p' |
            sort -n | tail -n 1
    done | paste -sd' '
}
said="$(segments -M 1000), without it $(segments)"
[ "$said" = "988 988, without it 1448 1448" ]
verdict $? "-M 1000: the longest segments of the server and of the client have $said bytes of text"

# rate OPTION...: Mbit/s of a second to the host 20 ms away.
rate() {
    in_a iperf3 -c $far -t 2 -J "$@" | python3 -c 'import json, sys; print(round(json.load(sys.stdin)["end"]["sum_received"]["bits_per_second"] / 1e6))'
}
for options in "" "-R"; do
    # shellcheck disable=SC2086 # nothing or one word
    { narrow=$(rate -w 32K $options) && wide=$(rate $options); }
    # The kernel takes twice what it is asked for, for its own use, and so many bytes in 20 ms are 26 Mbit/s.
    [ "${narrow:-0}" -ge 2 ] && [ "$narrow" -le 27 ] && [ "${wide:-0}" -ge $((4 * narrow)) ]
    verdict $? "-w 32K $options: ${narrow:-no} Mbit/s over 20 ms, without it ${wide:-no}"
done

in_a iperf3 -c $server -n 1M --get-server-output >"$SW_TMP/client.log" 2>&1 && sed '1,/^Server output:$/d' "$SW_TMP/client.log" >"$SW_TMP/words"
grep -q '^Accepted connection from 10.96.0.1, port ' "$SW_TMP/words" && [ "$(grep -c ' sec .*Bytes .*bits/sec .*receiver$' "$SW_TMP/words")" -eq 1 ]
verdict $? "--get-server-output: $(wc -l <"$SW_TMP/words") lines of the server's:$(grep 'receiver$' "$SW_TMP/words" | tr -s ' ')"

in_a iperf3 -c $server -t 3 -J --get-server-output >"$SW_TMP/client.json" 2>&1 &
first=$!
children="$children $first"
sleep 1
said=$(in_a iperf3 -c $server -t 1 2>&1)
echo "$said" | grep -q 'the server is busy running a test'
verdict $? "a second client: $(echo "$said" | tail -n 1)"
wait $first
said=$(python3 "$SW_TMP/agree.py" "$SW_TMP/client.json" 2>&1)
verdict $? "the first one meanwhile: ${said//$'\n'/; }"

before=$(memory)
for signal in KILL INT; do
    for options in "" "-R" "-P 8" "-P 8 -R" "--bidir" "-u -b 100M" "-u -b 100M -R" "-u -b 20M --bidir -P 4"; do
        # shellcheck disable=SC2086 # a list of words
        ip netns exec $a iperf3 -c $server -t 30 $options >"$SW_TMP/killed.log" 2>&1 &
        child=$!
        children="$children $child"
        # ip netns exec becomes the command that it runs, so this is the client's own number.
        sleep 0.$((RANDOM % 80 + 10))
        kill -$signal $child
        wait $child 2>/dev/null
        said=$(is_free 2>&1)
        verdict $? "SIG$signal of iperf3 ${options:--c}: the next is served and nothing is left after ${said//$'\n'/; }"
    done
done
after=$(memory)
[ $((after - before)) -lt 8192 ]
verdict $? "memory before and after those: $before and $after KiB"
down
verdict $? "the LAN ends with 0"
[ $failures -eq 0 ]
