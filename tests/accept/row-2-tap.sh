#!/usr/bin/env bash
# Row 2: the kernel's stack over a tap, in namespaces of its own: ping, big pings, curl, arping, tcpdump's opinion of our checksums;
# and two namespaces that talk TCP through our switch.
set -u
row=2
. tests/accept/lib.sh
a=swt-$$-a
b=swt-$$-b
mac=02:00:00:00:99:10
space $a && space $b || { verdict 1 "network namespaces"; exit 1; }
in_a() { timeout 120 ip netns exec $a "$@"; }
in_b() { timeout 120 ip netns exec $b "$@"; }

mkdir "$SW_TMP/www" "$SW_TMP/got"
for i in $(seq 20); do head -c $((i * 50000 + i)) /dev/urandom >"$SW_TMP/www/f$i"; done

lan_file() { # VNET
    cat <<EOF
name: row2
switches:
  core: {}
hosts:
  web:
    address: 10.99.0.10/24
    mac: "$mac"
    services:
      - http: { port: 80, size: 100 MB }
      - http: { port: 81, root: $SW_TMP/www }
uplinks:
  first:  { type: tap, netns: $a, device: swt0, address: 10.99.0.1/24, vnet-header: $1 }
  second: { type: tap, netns: $b, device: swt0, address: 10.99.0.2/24, vnet-header: $1 }
links:
  - [web, core]
  - [first, core]
  - [second, core]
EOF
}

# All frames of the tap in $a while a ping, a big ping and a fetch cross it, as tcpdump -vv tells them, one a line.
dump() {
    ip netns exec $a tcpdump -Z root -i swt0 -s 0 -U -w "$SW_TMP/tap.pcap" 2>"$SW_TMP/tcpdump.log" &
    local child=$!
    children="$children $child"
    for _ in $(seq 100); do
        grep -q 'listening on' "$SW_TMP/tcpdump.log" && break
        sleep 0.05
    done
    in_a ping -n -q -c 5 -i 0.01 10.99.0.10 >/dev/null
    in_a ping -n -q -c 2 -i 0.1 -s 20000 10.99.0.10 >/dev/null
    in_a curl -sS -m 20 -o /dev/null http://10.99.0.10:81/f20
    sleep 0.3
    kill -INT $child
    wait $child
    tcpdump -vv -e -n -r "$SW_TMP/tap.pcap" 2>/dev/null | awk '/^[0-9][0-9]:[0-9][0-9]:/ { if (n++) print line; line = $0; next }
        { line = line " " $0 } END { if (n) print line }'
}

pattern_sum=$(python3 -c '
import hashlib
body = bytes(range(251)) * 398407
print(hashlib.sha256(body[:100000000]).hexdigest())')

lan_file on >"$SW_TMP/on.yaml"
lan_file off >"$SW_TMP/off.yaml"
up "$SW_TMP/on.yaml" || { verdict 1 "the LAN comes up"; exit 1; }

said=$(in_a ping -n -q -c 100 -i 0.01 10.99.0.10)
echo "$said"
echo "$said" | grep -q '100 packets transmitted, 100 received, 0% packet loss'
verdict $? "ping -c 100 -i 0.01: $(echo "$said" | grep -o '[0-9]* received')"
said=$(in_a ping -n -q -c 5 -i 0.2 -s 65000 10.99.0.10)
echo "$said"
echo "$said" | grep -q '5 packets transmitted, 5 received, 0% packet loss'
verdict $? "ping -s 65000: $(echo "$said" | grep -o '[0-9]* packets transmitted, [0-9]* received')"

said=$(in_a curl -sS -m 100 -o "$SW_TMP/got/big" -w '%{size_download} bytes in %{time_total} s' http://10.99.0.10/)
sum=$(sha256sum <"$SW_TMP/got/big" | cut -d' ' -f1)
rm -f "$SW_TMP/got/big"
[ "$sum" = "$pattern_sum" ]
verdict $? "curl fetches 100 MB, SHA-256 ${sum:0:12}…: $said"

in_a curl -sS -m 60 --parallel --parallel-immediate --parallel-max 20 -o "$SW_TMP/got/f#1" 'http://10.99.0.10:81/f[1-20]' >"$SW_TMP/curl.log" 2>&1
right=0
for i in $(seq 20); do cmp -s "$SW_TMP/www/f$i" "$SW_TMP/got/f$i" && right=$((right + 1)); done
[ $right -eq 20 ]
verdict $? "20 files at once: $right of 20 right"

said=$(in_a arping -c 3 -w 5 -i swt0 10.99.0.10 2>&1)
replies=$(echo "$said" | grep -c "from $mac")
[ "$replies" -ge 3 ]
verdict $? "arping: $replies replies from $mac"

dump >"$SW_TMP/frames"
ours=$(grep -c "$mac >" "$SW_TMP/frames")
bad=$(grep "$mac >" "$SW_TMP/frames" | grep -cE 'incorrect|wrong|bad ([a-z]+ )?cksum')
[ "$bad" -eq 0 ] && [ "$ours" -gt 100 ]
verdict $? "tcpdump -vv: $bad bad checksums in $ours frames of ours"

in_b iperf3 -s -1 >/dev/null 2>&1 &
server=$!
children="$children $server"
sleep 0.5
rate=$(in_a iperf3 -c 10.99.0.2 -t 3 -J 2>/dev/null |
    python3 -c 'import json, sys
end = json.load(sys.stdin)["end"]["sum_received"]
print("%d bytes, %.2f Gbit/s" % (end["bytes"], end["bits_per_second"] / 1e9))' 2>&1)
[[ "$rate" =~ ^[1-9][0-9]*\ bytes ]]
verdict $? "two namespaces talk TCP through our switch: ${rate##*$'\n'}"
wait $server 2>/dev/null
down
verdict $? "the LAN ends with 0"

up "$SW_TMP/off.yaml" || { verdict 1 "the LAN comes up without vnet header"; exit 1; }
dump >"$SW_TMP/frames"
all=$(wc -l <"$SW_TMP/frames")
bad=$(grep -cE 'incorrect|wrong|bad ([a-z]+ )?cksum' "$SW_TMP/frames")
[ "$bad" -eq 0 ] && [ "$all" -gt 200 ]
verdict $? "tcpdump -vv without vnet header: $bad bad checksums in $all frames"
down
verdict $? "the LAN without vnet header ends with 0"
left=$(in_a ip -o link | grep -c swt0)
[ "$left" -eq 0 ]
verdict $? "taps left behind: $left"
[ $failures -eq 0 ]
