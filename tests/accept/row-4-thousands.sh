#!/usr/bin/env bash
# Row 4: 1,000 hosts on 10 linked switches: up in under 100 ms and 64 MiB, neighbours ping. 10,000 hosts in 100 segments of 100 behind
# routers: each pings one in its segment and one outside, all ARP on the wire, in virtual time.
set -u
row=4
. tests/accept/lib.sh
bench=$SW_BUILD/tests/bench/bench_thousands

# The library: a topo, a network, 1,000 pings.
said=$("$bench" hosts)
status=$?
echo "$said"
up=$(echo "$said" | sed -n 's/.* up in \([0-9.]*\) ms.*/\1/p')
mib=$(echo "$said" | sed -n 's/.*, \([0-9.]*\) MiB$/\1/p')
awk -v s="$status" -v u="${up:-1000}" -v m="${mib:-1000}" 'BEGIN { exit !(s == 0 && u < 100 && m < 64) }'
verdict $? "1,000 hosts on 10 switches: up in ${up:-?} ms (under 100), 1,000 neighbours ping, ${mib:-?} MiB at most (under 64)"

# The program, from the LAN file on.
file=$SW_TMP/thousands.yaml
{
    echo "name: thousands"
    echo "switches: { s0: {}, s1: {}, s2: {}, s3: {}, s4: {}, s5: {}, s6: {}, s7: {}, s8: {}, s9: {} }"
    echo "hosts:"
    for s in 0 1 2 3 4 5 6 7 8 9; do echo "  h$s: { count: 100, address: 10.0.$s.1/16 }"; done
    echo "links:"
    for s in 0 1 2 3 4 5 6 7 8 9; do echo "  - [\"h$s-*\", s$s]"; done
    for s in 1 2 3 4 5 6 7 8 9; do echo "  - [s$((s - 1)), s$s]"; done
    echo "scenario:"
    for s in 0 1 2 3 4 5 6 7 8; do echo "  - ping: { from: h$s-100, to: h$((s + 1))-1, count: 1 }"; done
} >"$file"
begun=$EPOCHREALTIME
exec 3< <(exec "$SW_SWITCHD" run "$file" 2>&1 </dev/null)
lan=$!
children="$children $lan"
while read -r line <&3; do
    case $line in *' is up: '*) break ;; *) echo "$line" ;; esac
done
ended=$EPOCHREALTIME
up=$(awk -v s="$begun" -v e="$ended" 'BEGIN { printf "%.0f", (e - s) * 1000 }')
sleep 2
mib=$(awk '/^VmHWM:/ { printf "%.1f", $2 / 1024 }' "/proc/$lan/status")
exec 3<&-
kill -INT "$lan" 2>/dev/null
case ${line:-} in *' is up: 1000 hosts'*) [ "$up" -lt 100 ] && awk -v m="${mib:-1000}" 'BEGIN { exit !(m < 64) }' ;; *) false ;; esac
verdict $? "switchd run of their file: up ${up:-?} ms after it was started (under 100), ${mib:-?} MiB at most in 2 s (under 64)"
said=$("$SW_SWITCHD" test "$file" 2>&1)
status=$?
echo "$said" | tail -n 3
verdict $status "switchd test of it, neighbours across each pair of switches: $(echo "$said" | tail -n 1)"

said=$("$bench" segments)
status=$?
echo "$said"
verdict $status "${said:-bench_thousands segments said nothing}; ledgers hold"
[ $failures -eq 0 ]
