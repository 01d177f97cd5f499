#!/usr/bin/env bash
# Row 9: docs/one-segment.md walks a reader along one segment, and speaks true: every function exists in the file that the page names,
# and they are entered in the page's order when that segment is sent.
set -u
row=9
. tests/accept/lib.sh
page=docs/one-segment.md

# "FUNCTION FILE", a step a line, as the page lists them.
sed -nE 's/^[0-9]+\. `(\w+)` \(`([a-z_0-9/]+\.c)`\).*/\1 \2/p' $page >"$SW_TMP/steps"
steps=$(wc -l <"$SW_TMP/steps")
numbered=$(grep -cE '^[0-9]+\. ' $page)
begins=$(head -n 1 "$SW_TMP/steps")
[ "$steps" -ge 40 ] && [ "$steps" -eq "$numbered" ] && [ "$begins" = "sw_sock_send stack/sock.c" ] &&
    grep -q '^sw_sock_recv ' "$SW_TMP/steps"
verdict $? "$page: $steps steps from sw_sock_send to sw_sock_recv"

# Every function that the page speaks of, in a step or in the text, is defined in the file that it names with it.
missing=0
while read -r function file; do
    grep -qE "^[a-z].*\b$function\(" "$file" || { echo "$file: no $function"; missing=$((missing + 1)); }
done < <(grep -oE '`\w+` \(`[a-z_0-9/]+\.c`\)' $page | sed -E 's/`(\w+)` \(`([^`]+)`\)/\1 \2/')
[ $missing -eq 0 ]
verdict $? "functions that are not where the page says: $missing"

# The record of that very segment.
# shellcheck disable=SC2046 # a list of words
find core stack lan -name '*.c' -print0 | xargs -0 -P "$(nproc)" -I{} sh -c \
    'cc -std=c11 -g -O0 -I. -finstrument-functions -c {} -o "$0/$(echo {} | tr / _).o"' "$SW_TMP" 2>"$SW_TMP/cc.log" &&
    ar rcs "$SW_TMP/libwalk.a" "$SW_TMP"/*.c.o &&
    cc -std=c11 -g -O0 -no-pie -I. tests/accept/walk.c "$SW_TMP/libwalk.a" $(pkg-config --libs jansson 2>/dev/null) -o "$SW_TMP/walk" 2>>"$SW_TMP/cc.log" &&
    "$SW_TMP/walk" >"$SW_TMP/entered"
status=$?
[ $status -eq 0 ] || { cat "$SW_TMP/cc.log"; verdict 1 "the segment is sent and received"; exit 1; }
addr2line -f -e "$SW_TMP/walk" <"$SW_TMP/entered" | paste - - | sed -E "s|\t$PWD/| |; s|\t| |; s|:[0-9?]+.*||" >"$SW_TMP/record"
python3 - "$SW_TMP/steps" "$SW_TMP/record" <<'PY'
import sys
steps, record = ([line.split() for line in open(name)] for name in sys.argv[1:])
at = 0
for number, step in enumerate(steps, 1):
    before = at
    while at < len(record) and not (record[at][0] == step[0] and record[at][1].endswith(step[1])):
        at += 1
    if at == len(record):
        print(f"step {number}, {step[0]} in {step[1]}, is not entered after step {number - 1}; what is:")
        print("".join(f"    {' '.join(r)}\n" for r in record[before:before + 40]))
        sys.exit(1)
    at += 1
print(f"{len(record)} functions entered, {len(steps)} of them told")
PY
verdict $? "they are entered in the page's order ($(wc -l <"$SW_TMP/record") entries in all)"
[ $failures -eq 0 ]
