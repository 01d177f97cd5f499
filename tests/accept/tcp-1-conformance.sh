#!/usr/bin/env bash
# TCP row 1: what the RFCs ask for is proved by tests, or a departure that says why; and the tests notice a small change to the code.
# `make conformance` counts docs/rfc.tsv, whose functions and tests tools/house/rfc.py holds to be there; `make mutants` changes 200
# operators or constants of TCP and IP, drawn anew each time, and counts what a unit test catches.
set -u
row=tcp-1
. tests/accept/lib.sh
least_proved=95 # percent, of all lines, departures among them
least_caught=85 # percent, of 200

make -s conformance >"$SW_TMP/counts" 2>&1
verdict $? "make conformance"
sed 's/^/    /' "$SW_TMP/counts"
python3 tools/house/rfc.py
verdict $? "every function and test that docs/rfc.tsv names is there, and no test stands for more than three lines"

read -r proved asked departures < <(sed -n 's/^RFCs: \([0-9]*\) of \([0-9]*\) proved, \([0-9]*\) departures$/\1 \2 \3/p' "$SW_TMP/counts")
: "${proved:=0}" "${asked:=1}" "${departures:=0}"
share=$(awk -v n="$proved" -v m="$((asked + departures))" 'BEGIN { printf "%.1f", 100 * n / m }')
awk -v share="$share" -v least=$least_proved 'BEGIN { exit !(share >= least) }'
verdict $? "$proved of $((asked + departures)) lines of the RFCs proved, $share % (at least $least_proved)"
[ "$proved" -eq "$asked" ]
verdict $? "$((asked - proved)) of the others open, $departures departures, each with its reason"

seed=$((RANDOM * 32768 + RANDOM))
make -s mutants RUNS=200 SEED=$seed >"$SW_TMP/mutants" 2>&1
grep '^lived: ' "$SW_TMP/mutants"
caught=$(sed -n 's/^mutants: .* caught (\([0-9.]*\) %), seed .*/\1/p' "$SW_TMP/mutants")
awk -v share="${caught:-0}" -v least=$least_caught 'BEGIN { exit !(share >= least) }'
verdict $? "${caught:-no share} % of 200 mutants caught (at least $least_caught), seed $seed"
[ -n "$caught" ] || tail -n 5 "$SW_TMP/mutants"
