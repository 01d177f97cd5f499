#!/usr/bin/env bash
# TCP row 2: the stack against a model of two byte streams, in virtual time, on a road that loses up to 30 %, also in bursts, reorders,
# doubles, delays unevenly, flips bits, changes its MTU and goes down; windows from 4 KiB to 1 GiB; users who write, read, shut down,
# close and abort at random. make soak, its 10,000 seeds; a failing one prints how to replay it. And it is no dry run: a stack that is
# broken on purpose is found out.
set -u
row=tcp-2
. tests/accept/lib.sh
seeds=${SW_SEEDS:-10000}

begun=$(date +%s)
timeout 3600 make soak SEEDS="$seeds" >"$SW_TMP/soak.log" 2>&1
status=$?
tail -n 20 "$SW_TMP/soak.log"
said=$(grep -m1 ' seeds from ' "$SW_TMP/soak.log")
[ $status -eq 0 ] && [[ "$said" == "$seeds seeds from 1 on, 0 failed" ]]
verdict $? "make soak, every byte once and in order, no orderly end that missed any, errors within R2, nothing left: $said, $(($(date +%s) - begun)) s"

# Both compilers must play the same seeds: what one finds, the other replays.
if cmake --preset clang >"$SW_TMP/clang.log" 2>&1 && cmake --build --preset clang --target test_tcp_model -j"$(nproc)" >>"$SW_TMP/clang.log" 2>&1; then
    said=$(build/clang/tests/unit/test_tcp_model --seeds 300 | grep ' seeds from ')
    [[ "$said" == "300 seeds from 1 on, 0 failed" ]]
    verdict $? "the 300 of make check, by the other compiler: $said"
    for compiler in gcc clang; do
        build/$compiler/tests/unit/test_tcp_model --seed 7 --pcap "$SW_TMP/$compiler.pcapng" >/dev/null
    done
    [ -s "$SW_TMP/gcc.pcapng" ] && cmp "$SW_TMP/gcc.pcapng" "$SW_TMP/clang.pcapng"
    verdict $? "a replayed seed has the same bytes on its cable with both: $(stat -c %s "$SW_TMP/gcc.pcapng") bytes"
else
    tail -n 20 "$SW_TMP/clang.log"
    verdict 1 "the model is built by the other compiler"
fi

# broken NAME FILE SED: the model of a stack changed by that, one line of it, must fail within the 300 seeds of make check.
broken() {
    local name=$1 file=$2 change=$3 said
    git clone -q --shared . "$SW_TMP/broken" && sed -i "$change" "$SW_TMP/broken/$file"
    if [ "$(git -C "$SW_TMP/broken" diff --numstat | cut -f1,2)" != "1	1" ]; then
        verdict 1 "$name: the line to be changed is not there"
    elif ! { cmake -S "$SW_TMP/broken" -B "$SW_TMP/broken.build" -DCMAKE_BUILD_TYPE=Release &&
        cmake --build "$SW_TMP/broken.build" --target test_tcp_model -j"$(nproc)"; } >"$SW_TMP/broken.log" 2>&1; then
        tail -n 20 "$SW_TMP/broken.log"
        verdict 1 "$name: it is not built"
    else
        timeout 900 "$SW_TMP/broken.build/tests/unit/test_tcp_model" --seeds 300 >"$SW_TMP/broken.log" 2>&1
        local status=$?
        said=$(grep -c '^seed ' "$SW_TMP/broken.log")
        [ $status -ne 0 ] && [ "$said" -gt 0 ]
        verdict $? "$name: found out, by $said seeds until it stopped"
    fi
    rm -rf "$SW_TMP/broken" "$SW_TMP/broken.build"
}
broken "checksums that nobody looks at" stack/tcp_input.c 's/if (!sw_rx_checksum_ok(rx, SW_PROTO_TCP))/if (false)/'
broken "what came twice is taken twice" stack/tcp_input.c 's/^        seg->text_off += cut;$/        seg->text_off += 0;/'
broken "an end that is told over a hole" stack/tcp_text.c 's/(t->fin_early \&\& t->rcv_nxt == t->fin_seq)/t->fin_early/'
broken "given up after two retransmissions" stack/tcp.h 's/^#define SW_TCP_R2 15u/#define SW_TCP_R2 2u/'
[ $failures -eq 0 ]
