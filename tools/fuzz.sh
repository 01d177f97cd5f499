#!/usr/bin/env bash
# Fuzzes each target for a while, FUZZ_JOBS of them at a time, else as many as there are processors.
#
#   tools/fuzz.sh [--merge] [SECONDS [TARGET...]]
#
# What is found new is kept in build/fuzz/found/TARGET and is where the next run goes on; an input that breaks something lies in
# build/fuzz/broken/TARGET. A line a target; 0 if nothing broke. --merge adds to the committed corpora what reaches a line or a turn
# of the code that they do not, and fuzzes nothing.
set -u
cd "$(dirname "$0")/.." || exit 1
merge=
[ "${1-}" != --merge ] || { merge=1; shift; }
seconds=${1:-60}
[ $# -eq 0 ] || shift
build=build/fuzz
targets=("$@")
if [ $# -eq 0 ]; then
    for source in tests/fuzz/fuzz_*.c; do
        name=$(basename "$source" .c)
        targets+=("${name#fuzz_}")
    done
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { cmake --preset fuzz && cmake --build --preset fuzz -j"$(nproc)"; } >"$log" 2>&1; then
    tail -n 30 "$log"
    exit 1
fi
export ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1

longest() { # of an input, in bytes
    case $1 in config | http) echo 4096 ;; *) echo 1024 ;; esac
}

if [ -n "$merge" ]; then
    for name in "${targets[@]}"; do
        mkdir -p "$build/found/$name" "tests/fuzz/corpus/$name"
        "$build/tests/fuzz/fuzz_$name" -merge=1 -use_counters=0 -max_len="$(longest "$name")" "tests/fuzz/corpus/$name" \
            "$build/found/$name" >"$build/$name.log" 2>&1 || { tail -n 20 "$build/$name.log"; exit 1; }
        echo "$name: $(find "tests/fuzz/corpus/$name" -type f | wc -l) inputs, $(du -sb "tests/fuzz/corpus/$name" | cut -f1) bytes"
    done
    exit 0
fi

one() {
    name=$1
    found=$build/found/$name
    broken=$build/broken/$name
    mkdir -p "$found" "$broken"
    words=
    [ ! -f "tests/fuzz/$name.dict" ] || words=-dict=tests/fuzz/$name.dict
    seeds=tests/fuzz/corpus/$name
    [ "$name" != config ] || seeds="$seeds tests/golden/right tests/golden/wrong examples"
    # A hang is a minute by the wall: the longest inputs want seconds of a processor that may have more to do.
    # shellcheck disable=SC2086 # lists of words
    "$build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -max_len="$(longest "$name")" -timeout=60 -rss_limit_mb=3000 \
        -print_final_stats=1 -artifact_prefix="$broken/" $words "$found" $seeds >"$build/$name.log" 2>&1
    status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$name.log")
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$build/$name.log")
    edges=$(grep -o 'cov: [0-9]*' "$build/$name.log" | tail -n 1 | cut -d' ' -f2)
    corpus=$(grep -o 'corp: [0-9]*' "$build/$name.log" | tail -n 1 | cut -d' ' -f2)
    line="$name: ${runs:-0} executions, ${rate:-0} a second, ${edges:-0} edges, a corpus of ${corpus:-0} inputs"
    if [ $status -eq 0 ]; then
        echo "$line -- ok"
        return 0
    fi
    grep -vE '^#[0-9]+|^stat::|NEW_FUNC|^INFO' "$build/$name.log" | grep -v 'fuzzer::' | tail -n 40 | sed 's/^/    /'
    echo "$line -- FAILED, exit status $status; see $broken and $build/$name.log"
    return 1
}
export -f one longest
export build seconds

printf '%s\n' "${targets[@]}" | xargs -P "${FUZZ_JOBS:-$(nproc)}" -I{} bash -c 'one {}' || exit 1
