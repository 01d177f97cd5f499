#!/usr/bin/env bash
# Row 6: the same file and seed give the same pcapng bytes with gcc and clang, with and without sanitizers; with and without --pcap
# the same digest.
set -u
row=6
. tests/accept/lib.sh

programs="release:$SW_SWITCHD"
for preset in clang asan clang-asan; do
    built $preset && programs="$programs $preset:build/$preset/switchd/switchd"
done

files=0
for file in examples/*.yaml tests/scenario/*.yaml; do
    [ -e "$file" ] || continue
    for seed in "" "--seed 99"; do
        # Another seed where chance has a say; the examples write captures of a gigabyte.
        [ -z "$seed" ] || [ "${file#tests/}" != "$file" ] || continue
        files=$((files + 1))
        first=
        first_digest=
        kinds=0
        for entry in $programs; do
            program=${entry#*:}
            # shellcheck disable=SC2086 # a list of words
            plain=$(timeout 300 "$program" test $seed "$file" | grep '^digest ')
            # shellcheck disable=SC2086
            taken=$(timeout 300 "$program" test $seed --pcap "$SW_TMP/one.pcapng" "$file" | grep '^digest ')
            sum=$(sha256sum <"$SW_TMP/one.pcapng" | cut -d' ' -f1)
            bytes=$(wc -c <"$SW_TMP/one.pcapng")
            rm -f "$SW_TMP/one.pcapng"
            first=${first:-$sum}
            first_digest=${first_digest:-$plain}
            if [ -z "$plain" ] || [ "$plain" != "$taken" ] || [ "$plain" != "$first_digest" ] || [ "$sum" != "$first" ] ||
                [ "$bytes" -lt 1000 ]; then
                verdict 1 "$file $seed, ${entry%%:*}: ${plain:-no digest}, with --pcap ${taken:-no digest}, capture of $bytes bytes ${sum:0:12}, the first was ${first:0:12}"
            else
                kinds=$((kinds + 1))
            fi
        done
        echo "$file ${seed:-its own seed}: $kinds builds, capture of $bytes bytes ${first:0:16}, $first_digest"
    done
done
[ $files -ge 5 ] && [ "$(echo "$programs" | wc -w)" -eq 4 ] && [ $failures -eq 0 ]
verdict $? "$files runs, each with gcc, clang, gcc and clang under sanitizers: the same capture to the byte, the same digest with and without it"
[ $failures -eq 0 ]
