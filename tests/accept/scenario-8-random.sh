#!/usr/bin/env bash
# Scenario row 8: scenarios by chance, under sanitizers. Their checks may fail, as nobody knows what holds in them; but each is read, comes
# to its end, what must always hold does, nothing is lost, and another run has the same digest.
set -u
row=scenario-8
. tests/accept/lib.sh
count=${SW_SCENARIOS:-500}
first=${SW_FIRST_SEED:-1}

built asan || exit 1
program=build/asan/switchd/switchd
mkdir -p "$SW_TMP/random"
for seed in $(seq "$first" $((first + count - 1))); do
    python3 tests/accept/random_scenario.py "$seed" >"$SW_TMP/random/$seed.yaml"
done

clean=0
checks=0
failed=0
# one SEED: "clean PASSED FAILED", or what was wrong.
one() {
    local said status
    said=$(timeout 120 "$program" test "$SW_TMP/random/$1.yaml" 2>"$SW_TMP/random/$1.err")
    status=$?
    if [ $status -gt 1 ] || grep -q 'Sanitizer\|runtime error\|Assertion' "$SW_TMP/random/$1.err"; then
        echo "seed $1: exit status $status: $(tail -n 3 "$SW_TMP/random/$1.err" | tr '\n' ' ')"
    elif ! grep -q '^ok .*::always held$' <<<"$said"; then
        echo "seed $1: $(grep -A 1 'always held' <<<"$said" | tr '\n' ' ')"
    elif grep -q '^FAIL .*::the scenario ends$' <<<"$said"; then
        echo "seed $1: $(grep -A 1 'the scenario ends' <<<"$said" | tr '\n' ' ')"
    elif [ "$(grep '^digest' <<<"$said")" != "$("$SW_SWITCHD" test "$SW_TMP/random/$1.yaml" 2>/dev/null | grep '^digest')" ]; then
        echo "seed $1: another digest without sanitizers"
    else
        echo "clean $(tail -n 1 <<<"$said" | tr -dc '0-9 ')"
    fi
}
export -f one
export program SW_TMP SW_SWITCHD
seq "$first" $((first + count - 1)) | xargs -P "$(nproc)" -I{} bash -c 'one {}' >"$SW_TMP/verdicts"
clean=$(grep -c '^clean' "$SW_TMP/verdicts")
checks=$(awk '/^clean/ { n += $2 + $3 } END { print n + 0 }' "$SW_TMP/verdicts")
failed=$(awk '/^clean/ { n += $3 } END { print n + 0 }' "$SW_TMP/verdicts")
grep -v '^clean' "$SW_TMP/verdicts" | head -n 20
[ "$clean" -eq "$count" ]
verdict $? "$clean of $count random scenarios (seeds $first to $((first + count - 1))) run clean under sanitizers, $checks checks decided, $failed of them against the file"
[ "$failed" -gt 0 ] && [ "$checks" -gt $((2 * count)) ]
verdict $? "they are no dry run: checks of both outcomes"
[ $failures -eq 0 ]
