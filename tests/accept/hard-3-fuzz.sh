#!/usr/bin/env bash
# Hard row 3, fuzzing: each target for SW_FUZZ_SECONDS (600), FUZZ_JOBS (a processor each) at a time: no crash, no leak, no hang.
# Then how many lines of stack/ and lan/ the tests and the committed corpora reach, and whether docs/coverage.md says why of each file that
# has others.
set -u
row=hard-3
. tests/accept/lib.sh
seconds=${SW_FUZZ_SECONDS:-600}
bar=92

for corpus in tests/fuzz/corpus/*/; do
    echo "corpus of $(basename "$corpus"): $(find "$corpus" -type f | wc -l) inputs, $(du -sb "$corpus" | cut -f1) bytes"
done

bash tools/fuzz.sh "$seconds" >"$SW_TMP/fuzz.log" 2>&1
status=$?
targets=0
while read -r line; do
    targets=$((targets + 1))
    held=1
    case $line in *' -- ok') held=0 ;; esac
    line=${line% -- ok}
    verdict $held "$seconds s of ${line%% -- FAILED*}"
done < <(grep -E '^[a-z0-9_]+: [0-9]+ executions, .* -- (ok|FAILED)' "$SW_TMP/fuzz.log")
if [ $targets -ne "$(find tests/fuzz -name 'fuzz_*.c' | wc -l)" ] || [ $status -ne 0 ]; then
    verdict 1 "$targets targets have ended"
fi

bash tools/coverage.sh --missing >"$SW_TMP/coverage.log" 2>&1
while IFS=: read -r room figure; do
    percent=${figure##*, }
    awk -v p="${percent% %}" -v bar=$bar 'BEGIN { exit !(p >= bar) }'
    verdict $? "lines of $room that tests and corpora reach:$figure (bar: $bar %)"
done < <(grep -E '^(stack|lan|stack and lan): ' "$SW_TMP/coverage.log")
grep -q '^stack and lan: ' "$SW_TMP/coverage.log" || { tail "$SW_TMP/coverage.log"; verdict 1 "coverage"; }
grep '^  ' "$SW_TMP/coverage.log"
left=$(grep -oE '^  (stack|lan)/[a-z0-9_/]+\.c' "$SW_TMP/coverage.log" | tr -d ' ')
untold=$(for file in $left; do grep -qF "\`$file\`" docs/coverage.md || echo "$file"; done | paste -sd' ')
[ -n "$left" ] && [ -z "$untold" ]
verdict $? "$(echo "$left" | wc -l) files of stack and lan have lines that are not reached; docs/coverage.md gives no reason for: ${untold:-none}"

# What broke something goes with the clone, so it is told, behind all else.
if [ $status -ne 0 ]; then
    tail -n 30 "$SW_TMP/fuzz.log"
    find build/fuzz/broken -type f | while read -r input; do
        echo "$input, to be had with base64 -d | gunzip: $(gzip -c "$input" | base64 -w 0)"
    done
fi
[ $failures -eq 0 ]
