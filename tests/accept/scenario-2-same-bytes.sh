#!/usr/bin/env bash
# Scenario row 2: every example is the same to the byte, however it was run and built: the digest of each run, what is printed, the event
# log, JUnit, JSON and every capture.
set -u
row=scenario-2
. tests/accept/lib.sh

programs="gcc:$SW_SWITCHD"
for preset in clang asan clang-asan; do
    built $preset && programs="$programs $preset:build/$preset/switchd/switchd"
done

# told PROGRAM OPTION...: what it prints.
told() {
    local program=$1
    shift
    timeout 1200 "$program" test "$@" examples/ 2>&1
}
# report PROGRAM OPTION...: a line a file of its report, with its sum.
report() {
    local program=$1 dir=$SW_TMP/report
    shift
    told "$program" --report "$dir" "$@" >"$SW_TMP/told"
    (cd "$dir" && find . -type f -print0 | sort -z | xargs -0 sha256sum)
    rm -rf "$dir"
}

told "$SW_SWITCHD" >"$SW_TMP/first"
digests=$(grep -c '^digest' "$SW_TMP/first")
report "$SW_SWITCHD" >"$SW_TMP/first-report"
files=$(wc -l <"$SW_TMP/first-report")
cmp -s "$SW_TMP/first" "$SW_TMP/told"
verdict $? "with and without --report: the same $digests digests, and all else that is printed"
[ "$files" -eq $((digests + 2)) ]
verdict $? "the report has $files files: a capture of each of $digests runs, JUnit, the event log"

for entry in $programs; do
    name=${entry%%:*}
    program=${entry#*:}
    told "$program" >"$SW_TMP/again"
    cmp -s "$SW_TMP/first" "$SW_TMP/again"
    verdict $? "$name, again: the same is printed"
    report "$program" --jobs 2 >"$SW_TMP/again-report"
    cmp -s "$SW_TMP/first" "$SW_TMP/told" && cmp -s "$SW_TMP/first-report" "$SW_TMP/again-report"
    verdict $? "$name, --jobs 2 and --report: the same is printed, and $files files are the same to the byte"
done

timeout 1200 "$SW_SWITCHD" test --json examples/ >"$SW_TMP/json" 2>/dev/null
timeout 1200 build/clang/switchd/switchd test --json --jobs 2 examples/ >"$SW_TMP/again" 2>/dev/null
[ -s "$SW_TMP/json" ] && cmp -s "$SW_TMP/json" "$SW_TMP/again"
verdict $? "--json: $(wc -l <"$SW_TMP/json") lines, the same from gcc and from clang with --jobs 2"

same=0
count=0
while read -r _ digest file _; do
    file=${file%,}
    [ -f "$file" ] || continue # one of a matrix
    count=$((count + 1))
    again=$("$SW_SWITCHD" test --pcap "$SW_TMP/one.pcapng" "$file" 2>/dev/null | awk '/^digest/ { print $2 }')
    number=$(grep -n "/capture.pcapng" "$SW_TMP/first-report" | grep -- "-$(basename "$file")/" | cut -d: -f2 | cut -d' ' -f1)
    [ "$again" = "$digest" ] && [ "$(sha256sum <"$SW_TMP/one.pcapng" | cut -d' ' -f1)" = "$number" ] && same=$((same + 1))
    rm -f "$SW_TMP/one.pcapng"
done < <(grep '^digest' "$SW_TMP/first")
[ $same -eq $count ] && [ $count -ge 15 ]
verdict $? "--pcap: $same of $count runs with the digest of the others, and the capture of the report"
[ $failures -eq 0 ]
