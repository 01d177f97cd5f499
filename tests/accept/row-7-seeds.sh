#!/usr/bin/env bash
# Row 7: two hosts, seeded loss up to 30 %, duplication and reordering, 300 seeds in virtual time: every byte once and in order, or an
# error; nobody reports an orderly end having missed bytes; nothing is left. A failing seed prints its replay command.
set -u
row=7
. tests/accept/lib.sh
seeds=300

# 1. The stack against a model of two byte streams.
if cmake --preset gcc >"$SW_TMP/build.log" 2>&1 && cmake --build --preset gcc --target test_tcp_model -j"$(nproc)" >>"$SW_TMP/build.log" 2>&1; then
    CK_DEFAULT_TIMEOUT=900 timeout 900 build/gcc/tests/unit/test_tcp_model --seeds "$seeds" >"$SW_TMP/model.log" 2>&1
    status=$?
    tail -n 20 "$SW_TMP/model.log"
    verdict $status "the model test of TCP: $(grep -m1 'Checks:' "$SW_TMP/model.log")"
else
    tail -n 20 "$SW_TMP/build.log"
    verdict 1 "the model test of TCP is built"
fi

# 2. The program: a fetch and a stream in each direction over such a cable.
file=tests/scenario/lossy-pair.yaml
whole=0
errors=0
bad=0
for seed in $(seq "$seeds"); do
    loss=$((seed % 31))
    other=$((seed / 31 % 11))
    set_="--set LOSS=$loss% --set DUPLICATE=$other% --set REORDER=$other%"
    # shellcheck disable=SC2086 # a list of words
    timeout 60 "$SW_SWITCHD" test $set_ --seed "$seed" $file >"$SW_TMP/seed.log" 2>&1
    status=$?
    # An error is an honest answer of a cable that lost everything for a while (the HTTP service gives up after 30 s); bytes that are
    # wrong, missing or too many are not.
    lies=$(grep '^      expected' "$SW_TMP/seed.log" | grep -vcE 'seen (no status:|throughput .*) \(?(timeout|reset|unreachable)\)?$')
    # The service ends a connection in order when no request came for 30 s: fair, as long as it had said nothing yet.
    if [ "$lies" -eq 1 ] && grep -q 'seen no status: malformed$' "$SW_TMP/seed.log"; then
        # shellcheck disable=SC2086
        timeout 60 "$SW_SWITCHD" test $set_ --seed "$seed" --pcap "$SW_TMP/seed.pcapng" $file >/dev/null 2>&1
        tcpdump -nr "$SW_TMP/seed.pcapng" src 10.0.0.1 and tcp src port 80 2>/dev/null | grep -qv ', length 0$' || lies=0
    fi
    if [ $status -eq 0 ]; then
        whole=$((whole + 1))
    elif [ $status -eq 1 ] && [ "$lies" -eq 0 ] && grep -q '^ok .*::always held' "$SW_TMP/seed.log"; then
        errors=$((errors + 1))
        echo "seed $seed, loss $loss %: $(grep -m1 '^      expected' "$SW_TMP/seed.log")"
    else
        bad=$((bad + 1))
        grep -vE '^ok|^digest' "$SW_TMP/seed.log"
        grep -q 'replay:' "$SW_TMP/seed.log" || echo "      replay: switchd test $file --seed $seed $set_"
    fi
done
[ $bad -eq 0 ] && [ $whole -gt $((seeds / 2)) ]
verdict $? "switchd test of two hosts, $seeds seeds, loss 0..30 %: $whole whole, $errors ended with an error, $bad wrong"
[ $failures -eq 0 ]
