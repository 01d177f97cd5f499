#!/usr/bin/env bash
# Scenario row 3: how fast virtual time is, beside ns-3 of this distribution in the same run. Where two programs are compared, or one is
# held to a bar of seconds of work, it is the processor's time, the median of five runs, since what else the machine does is none of
# theirs; from exec to exit it is the wall's.
set -u
row=scenario-3
. tests/accept/lib.sh

if ! dpkg -s libns3-dev libgsl-dev >/dev/null 2>&1; then
    { apt-get -q update && apt-get -q install -y --no-install-recommends libns3-dev libgsl-dev g++ pkg-config; } >"$SW_TMP/apt.log" 2>&1
fi
g++ -O2 -std=c++17 tests/accept/ns3.cc -o "$SW_TMP/ns3" $(pkg-config --cflags --libs ns3-applications ns3-internet-apps ns3-bridge \
    ns3-csma ns3-internet ns3-network ns3-core) >"$SW_TMP/ns3.log" 2>&1
verdict $? "ns-3 $(pkg-config --modversion ns3-core 2>/dev/null) is there to be measured beside"

# cpu COMMAND...: its processor's seconds, user and system, to stderr of the caller's 3; its words to $SW_TMP/said.
cpu() {
    local TIMEFORMAT='%U %S'
    { time "$@" >"$SW_TMP/said" 2>&1; } 2>&1 | awk '{ print $1 + $2 }'
}

# ---- from exec to exit ----
cat >"$SW_TMP/two.yaml" <<'LAN'
hosts:
  a: { address: 10.0.0.1/24 }
  b: { address: 10.0.0.2/24 }
links:
  - [a, b]
scenario:
  - ping: { from: a, to: b, count: 1 }
LAN
took=$(python3 - "$SW_SWITCHD" "$SW_TMP/two.yaml" <<'PY'
import statistics, subprocess, sys, time
times = []
for _ in range(101):
    begun = time.perf_counter()
    subprocess.run([sys.argv[1], "test", sys.argv[2]], stdout=subprocess.DEVNULL, check=True)
    times.append(time.perf_counter() - begun)
print(f"{statistics.median(times) * 1e3:.2f}")
PY
)
awk -v t="${took:-99}" 'BEGIN { exit !(t < 10) }'
verdict $? "two hosts and a ping, from exec to exit: $took ms (median of 101; bar 10)"

# ---- an hour of pings ----
{
    echo "switches: { $(seq -f 's%g: {}' -s ', ' 0 9) }"
    echo "hosts:"
    seq 0 99 | awk '{ printf "  h%d: { address: 10.0.0.%d/24 }\n", $1, $1 + 1 }'
    echo "links:"
    seq 0 99 | awk '{ printf "  - [h%d, s%d]\n", $1, $1 % 10 }'
    seq 1 9 | awk '{ printf "  - [s0, s%d]\n", $1 }'
    echo "scenario:"
    echo "  - parallel:"
    seq 0 99 | awk '{ printf "      - ping: { from: h%d, to: h%d, count: 3600 }\n", $1, ($1 + 37) % 100 }'
} >"$SW_TMP/hour.yaml"
ours=$(for _ in 1 2 3 4 5; do cpu "$SW_SWITCHD" test -q "$SW_TMP/hour.yaml"; done | median)
[ "$(tail -n 1 "$SW_TMP/said")" = "101 passed, 0 failed" ]
verdict $? "100 hosts on 10 switches ping each other for an hour: $(tail -n 1 "$SW_TMP/said")"
read -r replies theirs < <("$SW_TMP/ns3" pings 3600)
awk -v t="$ours" 'BEGIN { exit !(t > 0 && t < 2) }'
verdict $? "an hour takes $ours s (bar 2); ns-3 took $theirs s for $replies replies, $(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.1f", b / a }') times as long"

# ---- a stream ----
ours=$(for _ in 1 2 3 4 5; do cpu "$SW_SWITCHD" iperf --virtual -n 4G --json; done | median)
bytes=$(sed -n 's/.*"bytes": *\([0-9]*\).*/\1/p' "$SW_TMP/said" | head -n 1)
theirs=$(for _ in 1 2 3 4 5; do "$SW_TMP/ns3" stream 50000000; done | awk '{ print $1 / $2 }' | median)
ratio=$(awk -v b="${bytes:-0}" -v t="$ours" -v n="$theirs" 'BEGIN { print b / t / n }')
awk -v r="$ratio" 'BEGIN { exit !(r >= 40) }'
verdict $? "a TCP stream through a switch in virtual time: $(awk -v b="${bytes:-0}" -v t="$ours" -v n="$theirs" -v r="$ratio" \
    'BEGIN { printf "%.0f MB a second of the processor, ns-3 %.1f: ratio %.1f (bar 40)", b / t / 1e6, n / 1e6, r }')"
[ $failures -eq 0 ]
