#!/usr/bin/env bash
# Row 3: `switchd iperf --offload off`, release, real time: at least 3 times the TCP throughput of two namespaces on a Linux bridge
# with segmentation offloads off, in the same run.
set -u
row=3
. tests/accept/lib.sh
tests/bench/throughput.sh "$SW_BUILD" 7 2 | tee "$SW_TMP/throughput"
ours=$(sed -n 's/^switchd iperf --offload off: \([0-9.]*\) .*/\1/p' "$SW_TMP/throughput")
theirs=$(sed -n 's/^two namespaces .*: \([0-9.]*\) .*/\1/p' "$SW_TMP/throughput")
ratio=$(sed -n 's/^ratio //p' "$SW_TMP/throughput")
awk -v r="${ratio:-0}" 'BEGIN { exit !(r >= 3) }'
verdict $? "switchd ${ours:-?} Gbit/s, Linux bridge ${theirs:-?} Gbit/s, ratio ${ratio:-?} (3 or more)"
[ $failures -eq 0 ]
