#!/usr/bin/env bash
# Scenario row 5: real time. Scenarios that leave 5 ms and 10 % have the same verdicts as in virtual time; how late the driver was is told,
# and is under 200 us at p95 where nothing else runs: the median of what bench_late measures five times.
set -u
row=scenario-5
. tests/accept/lib.sh

verdicts() { grep -E '^(ok|FAIL) ' | sed 's/  (.*//'; }
cat >"$SW_TMP/wrong.yaml" <<'LAN'
hosts:
  a: { address: 10.0.0.1/24, services: [echo] }
  b: { address: 10.0.0.2/24 }
links:
  - { endpoints: [a, b], delay: 10 ms }
scenario:
  - ping: { from: a, to: b, count: 3, interval: 50 ms }
    expect: { rtt: "< 15 ms" }
  - tcp: { from: b, to: "a:7", send: hello }
    expect: { receive: hullo }
  - tcp: { from: b, to: "a:7", send: hello }
    expect: { receive: hello }
LAN
for file in tests/scenario/leeway-*.yaml "$SW_TMP/wrong.yaml"; do
    "$SW_SWITCHD" test "$file" >"$SW_TMP/virtual" 2>&1
    "$SW_SWITCHD" test --real "$file" >"$SW_TMP/real" 2>&1
    [ "$(verdicts <"$SW_TMP/virtual")" = "$(verdicts <"$SW_TMP/real")" ] && [ "$(grep -c '^ok' "$SW_TMP/virtual")" -ge 2 ]
    held=$?
    verdict $held "$(basename "$file"): $(tail -n 1 "$SW_TMP/real") in real time, $(tail -n 1 "$SW_TMP/virtual") in virtual; $(grep '^late' "$SW_TMP/real" | sed 's/ of .*//')"
    [ $held -eq 0 ] || diff <(verdicts <"$SW_TMP/virtual") <(verdicts <"$SW_TMP/real")
    [ "$file" != "$SW_TMP/wrong.yaml" ] && { tail -n 1 "$SW_TMP/real" | grep -q ', 0 failed$' || verdict 1 "$file holds in real time"; }
done

"$SW_SWITCHD" test --real -v tests/scenario/leeway-delay.yaml >"$SW_TMP/real" 2>&1
grep -q '^clock: .* late by [0-9.]* us (p50), [0-9.]* us (p95), [0-9.]* us at most$' "$SW_TMP/real"
verdict $? "the summary says how late it was: $(grep -o 'late by .*' "$SW_TMP/real")"

{ cmake --preset release && cmake --build --preset release --target bench_late -j"$(nproc)"; } >"$SW_TMP/bench.log" 2>&1
"$SW_BUILD/tests/bench/bench_late" >"$SW_TMP/late"
ours=$(grep '^the driver' "$SW_TMP/late" | grep -o '[0-9.]* us (p95)')
peer=$(grep '^clock_nanosleep' "$SW_TMP/late" | grep -o '[0-9.]* us (p95)')
awk -v p="${ours%% *}" 'BEGIN { exit !(p != "" && p < 200) }'
verdict $? "something is due a thousand times a second: late by $ours (bar 200 us); clock_nanosleep $peer in the same runs"
[ $failures -eq 0 ]
