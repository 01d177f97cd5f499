#!/usr/bin/env bash
# Hard row 4: captures of a million frames each, made by tests/accept/frames.c, through a pcap port into a switch with 20 hosts, as fast as
# it goes: one with everything that may come (known and unknown unicast, broadcast, multicast, ARP, TCP, UDP, ICMP, malformed), one in which
# every destination is known. Counted by the processor's time, the median of nine runs, since what else the machine does is none of the
# program's; the wall's time is printed beside it. A run is the whole of `switchd test`: it reads the LAN file and
# the capture, the hosts answer, and the trace of it all becomes a digest.
set -u
row=hard-4
runs=9
. tests/accept/lib.sh

lan_file() { # NAME
    echo "name: $1"
    echo "defaults: { link: { delay: 1 us } }"
    echo "switches: { core: {} }"
    echo "hosts:"
    for i in $(seq 20); do
        printf '  h%d: { address: 10.4.0.%d/24, mac: "02:00:00:00:04:%02x" }\n' "$i" "$i" "$i"
    done
    cat <<LAN
uplinks:
  replay: { type: pcap, read: $1.pcap, speed: fast, start: 1 s }
links:
  - ["h*", core]
  - [replay, core]
scenario:
  - wait: { for: 30 s }
  - ping: { from: h1, to: h20 }
LAN
}

# A run of a file: wall and processor seconds, and what it said (in $SW_TMP/NAME.said).
run() {
    local TIMEFORMAT='%R %U %S'
    { time "$SW_SWITCHD" test -v "$SW_TMP/$1.yaml" >"$SW_TMP/$1.said" 2>"$SW_TMP/$1.summary"; } 2>&1
}

cc -std=c11 -O2 tests/accept/frames.c -o "$SW_TMP/frames" || { verdict 1 "frames.c"; exit 1; }
while read -r kind least; do
    lan_file $kind >"$SW_TMP/$kind.yaml"
    "$SW_TMP/frames" "$SW_TMP/$kind.pcap" 1000000 $kind || { verdict 1 "a capture of $kind frames"; exit 1; }
    : >"$SW_TMP/times"
    : >"$SW_TMP/digests"
    passed=0
    for _ in $(seq $runs); do
        run $kind >>"$SW_TMP/times"
        grep '^digest' "$SW_TMP/$kind.said" | cut -d' ' -f2 >>"$SW_TMP/digests"
        tail -n 1 "$SW_TMP/$kind.said" | grep -q '^2 passed, 0 failed$' && passed=$((passed + 1))
    done
    grep -E '^(switch core|uplink replay|host h1):' "$SW_TMP/$kind.summary"
    [ $passed -eq $runs ] && grep -q '^uplink replay (.*): 1000000 from the capture (0 cut short in it), 0 not read' "$SW_TMP/$kind.summary"
    verdict $? "$kind: all of a million frames were played, every ledger holds, and a host pings another after it: $passed of $runs runs"
    [ "$(sort -u "$SW_TMP/digests" | wc -l)" -eq 1 ] && [ "$(wc -l <"$SW_TMP/digests")" -eq $runs ]
    verdict $? "$kind: $(wc -l <"$SW_TMP/digests") runs, digest $(sort -u "$SW_TMP/digests" | tr '\n' ' ')"
    wall=$(awk '{ print $1 }' "$SW_TMP/times" | median)
    cpu=$(awk '{ print $2 + $3 }' "$SW_TMP/times" | median)
    switched=$(sed -n 's/^switch core: \([0-9]*\) frames.*/\1/p' "$SW_TMP/$kind.summary")
    awk -v c="$cpu" -v l="$least" 'BEGIN { exit !(c > 0 && 1 / c >= l) }'
    verdict $? "$kind: $(awk -v c="$cpu" -v w="$wall" -v s="$switched" -v l="$least" 'BEGIN {
        printf "%.2f million frames of the capture a second (%s or more), with the answers %.2f; by the wall %.2f", 1 / c, l, s / c / 1e6, 1 / w }')"
    rm -f "$SW_TMP/$kind.pcap"
done <<'KINDS'
mixed 0.5
known 2
KINDS
[ $failures -eq 0 ]
