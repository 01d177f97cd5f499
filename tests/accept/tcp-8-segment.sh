#!/usr/bin/env bash
# TCP row 8: what a segment costs. `switchd iperf --offload off` under callgrind, of this commit and of the last one before TCP learned the
# rest (a9ee369), built beside it in the same way: the instructions of a longer transfer less those of a shorter one, over the segments
# between them. The two take turns; medians of three.
set -u
row=tcp-8
. tests/accept/lib.sh
commit=a9ee369
runs=3
short=32 # MiB
long=160
text=1448 # bytes of a segment, with timestamps

command -v valgrind >/dev/null || apt-get install -qqy valgrind >"$SW_TMP/apt.log" 2>&1 || { verdict 1 "valgrind"; exit 1; }
before=$SW_TMP/before
if ! { git clone -q --no-hardlinks "$SW_CLONE" "$before" && git -C "$before" checkout -q $commit &&
    cd "$before" && cmake --preset release && cmake --build --preset release --target switchd -j"$(nproc)" && cd "$SW_CLONE"; } >"$SW_TMP/build.log" 2>&1; then
    tail -n 20 "$SW_TMP/build.log"
    verdict 1 "the build of $commit"
    exit 1
fi

instructions() { # PROGRAM MIB
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$1" iperf --offload off -n "$2M" 2>&1 | sed -n 's/.*refs: *//p' | tr -d ,
}

a_segment() { # PROGRAM: instructions a segment
    local less more
    less=$(instructions "$1" $short)
    more=$(instructions "$1" $long)
    awk -v l="${less:-0}" -v m="${more:-0}" -v n="$(((long - short) * 1048576 / text))" 'BEGIN { if (l > 0 && m > l) printf "%.0f\n", (m - l) / n }'
}

for _ in $(seq $runs); do
    a_segment "$before/build/release/switchd/switchd" >>"$SW_TMP/was"
    a_segment "$SW_SWITCHD" >>"$SW_TMP/is"
done
echo "before: $(tr '\n' ' ' <"$SW_TMP/was"); now: $(tr '\n' ' ' <"$SW_TMP/is")"
was=$(median <"$SW_TMP/was")
is=$(median <"$SW_TMP/is")
awk -v b="${was:-0}" -v n="${is:-0}" 'BEGIN { exit !(b > 0 && n > 0 && n <= b * 1.02) }'
verdict $? "$is instructions a segment, $was at $commit: $(awk -v b="${was:-1}" -v n="${is:-0}" 'BEGIN { printf "%+.1f %%", (n / b - 1) * 100 }') (no more than 2 above)"
[ $failures -eq 0 ]
