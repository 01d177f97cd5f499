#!/usr/bin/env bash
# TCP row 5: connections by the hundred thousand (tests/bench/bench_connections.c). 100,000 of them stand at the same time between 200
# virtual hosts in one process, each echoes 1 KiB while all stand, and all are closed in order. Then two at a time of each of 100 pairs of
# hosts are set up and closed: how many a second of one processor's time, the median of nine rounds of 200,000, which are more in all than
# the hosts' TIME-WAIT records. Beside it the same by the kernel, over the loopback of a namespace.
set -u
row=tcp-5
. tests/accept/lib.sh
bench=$SW_BUILD/tests/bench/bench_connections

number() { # PATTERN FILE: what stands in its group
    sed -n "s/$1/\1/p" "$2"
}

"$bench" stand >"$SW_TMP/stand"
status=$?
cat "$SW_TMP/stand"
stand=$(number '^\([0-9]*\) connections stand between 200 hosts.*' "$SW_TMP/stand")
echoed=$(number '^each of them echoed 1024 bytes.*: \([0-9]*\)$' "$SW_TMP/stand")
failed=$(number '^all closed in order; \([0-9]*\) failures.*' "$SW_TMP/stand")
[ $status -eq 0 ] && [ "${stand:-0}" -ge 100000 ] && [ "${echoed:-0}" -eq "$stand" ] && [ "${failed:-1}" -eq 0 ]
verdict $? "${stand:-0} connections stand at once between 200 hosts, ${echoed:-0} echo 1 KiB, all close in order: ${failed:-?} failures"
peak=$(number '^peak \([0-9.]*\) MiB$' "$SW_TMP/stand")
awk -v p="${peak:-9999}" 'BEGIN { exit !(p < 400) }'
verdict $? "${peak:-?} MiB at the most, both ends of each connection and the program (less than 400)"

"$bench" rate 9 >"$SW_TMP/rate"
status=$?
cat "$SW_TMP/rate"
rate=$(number '^median \([0-9]*\) a second$' "$SW_TMP/rate")
recycled=$(number '.* TIME-WAIT records, \([0-9]*\) recycled$' "$SW_TMP/rate")
failed=$(number '^[0-9]* connections, \([0-9]*\) failures.*' "$SW_TMP/rate")
[ $status -eq 0 ] && [ "${failed:-1}" -eq 0 ] && [ "${recycled:-0}" -gt 0 ]
verdict $? "1,800,000 set up and closed in order over 100 pairs of hosts: ${failed:-?} failures, ${recycled:-?} TIME-WAIT records recycled"

ns=sw-tcp5-$$
space "$ns" || exit 1
kernel=$(ip netns exec "$ns" "$bench" kernel | sed -n 's/^median \([0-9]*\) a second$/\1/p')
[ "${rate:-0}" -ge 100000 ]
verdict $? "${rate:-?} connections a second of one processor (100,000 or more); the kernel, over its loopback, ${kernel:-?}"
[ $failures -eq 0 ]
