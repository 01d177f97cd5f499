#!/usr/bin/env bash
# TCP row 4: what a connection gets through. Ours to ours, in virtual time, beside Linux to Linux over the same link, a tap at each end,
# with the same ten lists of lost frames; a long fat path; four flows over one queue. All of it CUBIC.
set -u
row=tcp-4
. tests/accept/lib.sh
lists=$(seq 10)
goodput() { python3 tests/accept/goodput.py "$@"; }

# linux LOSS: one list after the other, a rate a line.
linux() {
    local list
    for list in $lists; do goodput linux "$list" "$1" || return 1; done
}

# The two losses go at once: neither fills a tenth of the machine.
linux 0.001 >"$SW_TMP/linux-0.001" &
other=$!
children="$children $other"
linux 0.01 >"$SW_TMP/linux-0.01"
status=$?
wait $other || status=1
[ $status -eq 0 ]
verdict $? "Linux to Linux over taps, ten lists of frames at two losses"

for loss in 0.001 0.01; do
    for list in $lists; do goodput ours "$list" $loss; done >"$SW_TMP/ours-$loss"
    paste "$SW_TMP/ours-$loss" "$SW_TMP/linux-$loss" | awk -v l=$loss '{ printf "loss %s, list %d: ours %.2f, Linux %.2f Mbit/s\n", l, NR, $1, $2 }'
    ours=$(median <"$SW_TMP/ours-$loss")
    theirs=$(median <"$SW_TMP/linux-$loss")
    [ "$(wc -l <"$SW_TMP/ours-$loss")" = 10 ] && awk -v a="$ours" -v b="$theirs" 'BEGIN { exit !(b > 0 && a / b >= 0.95) }'
    verdict $? "$(awk -v l=$loss -v a="$ours" -v b="$theirs" 'BEGIN {
        printf "100 Mbit, 20 ms, %g %% lost: medians %.2f Mbit/s, Linux %.2f, ratio %.3f", 100 * l, a, b, (b > 0 ? a / b : 0) }')"
done

rate=$(goodput fat)
awk -v a="$rate" 'BEGIN { exit !(a >= 900) }'
verdict $? "1 Gbit, 100 ms, no loss: ${rate%.*} Mbit/s from the 10th second to the 15th"

for frames in 100 200 500 1000; do
    index=$(goodput shares $frames)
    awk -v a="$index" 'BEGIN { exit !(a >= 0.95) }'
    verdict $? "four flows over one queue of $frames frames: Jain's index $(printf %.3f "$index")"
done
[ $failures -eq 0 ]
