#!/usr/bin/env bash
# TCP row 3: make interop. Linux over a tap, and lwIP in virtual time, our impaired links between: loss 0, 0.1, 1, 5 and 20 % each way (4
# MiB, 4 MiB, 1 MiB, 256 KiB, 32 KiB), delay 0, 10 and 100 ms, in order, reordered and with duplicates, both directions, both roles, cubic,
# reno and bbr on the kernel's side: SHA-256 equal in every cell, within 10 minutes. And it is no dry run: a byte changed on the way is
# seen, and its capture kept.
set -u
row=tcp-3
. tests/accept/lib.sh
sh tools/deps.sh run check interop >/dev/null 2>&1

# Built before, since the ten minutes are the cells'.
if ! { cmake --preset gcc && cmake --build --preset gcc --target interop_kernel libswitchd -j"$(nproc)"; } >"$SW_TMP/build.log" 2>&1; then
    tail -n 20 "$SW_TMP/build.log"
    verdict 1 "make interop is built"
    exit 1
fi
begun=$(date +%s)
timeout 900 make interop >"$SW_TMP/interop.log" 2>&1
status=$?
took=$(($(date +%s) - begun))
grep -v '^ok ' "$SW_TMP/interop.log" | tail -n 30
[ $status -eq 0 ] && [ $took -le 600 ]
verdict $? "make interop: exit status $status after $took s of 600"

# cells PATTERN: "N of M equal" of the cells that PATTERN is in.
cells() {
    echo "$(grep -c "^ok .*$1" "$SW_TMP/interop.log") of $(grep -cE "^(ok|not ok|skip) .*$1" "$SW_TMP/interop.log") equal"
}
for control in cubic reno bbr; do
    if grep -q "^skip all cells with $control:" "$SW_TMP/interop.log"; then
        verdict 0 "$(grep "^skip all cells with $control:" "$SW_TMP/interop.log")"
    else
        said=$(cells "connects, $control")
        [ "$said" = "180 of 180 equal" ]
        verdict $? "Linux with $control: $said, $(grep -c "connects, $control.*attempt" "$SW_TMP/interop.log") of them not at the first attempt"
    fi
done
for flavour in modern plain; do
    said=$(cells "connects, $flavour")
    [ "$said" = "180 of 180 equal" ]
    verdict $? "lwIP, $flavour: $said"
done

# What a flipped byte would look like: one side's sum is not the other's, and the capture stays.
git clone -q --shared . "$SW_TMP/broken"
sed -i 's/^        sw_sha256_add(&side->sum, side->chunk, (size_t)n);$/        side->chunk[0] ^= 1; &/' "$SW_TMP/broken/tests/interop/cell.c"
mkdir "$SW_TMP/captures"
if cmake -S "$SW_TMP/broken" -B "$SW_TMP/broken.build" >"$SW_TMP/build.log" 2>&1 &&
    cmake --build "$SW_TMP/broken.build" --target interop_kernel -j"$(nproc)" >>"$SW_TMP/build.log" 2>&1; then
    "$SW_TMP/broken.build/tests/interop/interop_kernel" --dozen --pcap "$SW_TMP/captures" >"$SW_TMP/broken.log"
    wrong=$(grep -c '^not ok .*the sums' "$SW_TMP/broken.log")
    kept=$(find "$SW_TMP/captures" -size +1k -name '*.pcap' | wc -l)
    [ "$wrong" -eq 12 ] && [ "$kept" -eq 12 ]
    verdict $? "a receiver that takes one byte for another: $wrong of the dozen are seen, $kept captures kept"
else
    tail -n 20 "$SW_TMP/build.log"
    verdict 1 "a receiver that takes one byte for another is built"
fi
[ $failures -eq 0 ]
