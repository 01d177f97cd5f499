#!/usr/bin/env bash
# Scenario row 1: the examples are worth reading, and all hold, quickly.
set -u
row=scenario-1
. tests/accept/lib.sh

pages=0
for file in examples/*.yaml; do
    grep -q '^scenario:' "$file" || continue
    # A page with a comment that says what one learns.
    lines=$(wc -l <"$file")
    if grep -q '^# What one learns:' "$file" && [ "$lines" -le 100 ]; then
        pages=$((pages + 1))
    else
        echo "$file: $lines lines"
    fi
done
[ $pages -ge 15 ]
verdict $? "$pages scenarios of a page each that say what one learns (15 or more)"

begun=$(date +%s.%N)
"$SW_SWITCHD" test examples/ >"$SW_TMP/said" 2>"$SW_TMP/summary"
status=$?
took=$(date +%s.%N | awk -v b="$begun" '{ printf "%.2f", $1 - b }')
grep -E '^FAIL' -A 3 "$SW_TMP/said"
[ $status -eq 0 ] && tail -n 1 "$SW_TMP/said" | grep -q '^[1-9][0-9]* passed, 0 failed'
verdict $? "switchd test examples/: $(tail -n 1 "$SW_TMP/said"), $(grep -c '^digest' "$SW_TMP/said") runs"
awk -v t="$took" 'BEGIN { exit !(t < 10) }'
verdict $? "switchd test examples/ took $took s (bar 10)"

# The whole example of the LAN file's page, less the keys of a later stage.
"$SW_SWITCHD" test examples/tour.yaml >"$SW_TMP/tour" 2>&1
verdict $? "the tour, every part of a LAN file in one: $(tail -n 1 "$SW_TMP/tour")"
[ $failures -eq 0 ]
