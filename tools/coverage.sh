#!/usr/bin/env bash
# Which lines of each room the tests and the fuzzers' corpora reach: tools/coverage.sh [--missing]
# Builds with gcc's counters in build/coverage, runs every unit test, the golden files, the scenarios and the corpora, and prints a
# line a room. --missing names the lines that were not reached, file by file.
set -u
cd "$(dirname "$0")/.." || exit 1
build=build/coverage
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { cmake --preset coverage && cmake --build --preset coverage -j"$(nproc)"; } >"$log" 2>&1; then
    tail -n 30 "$log"
    exit 1
fi
find "$build" -name '*.gcda' -delete
# What fails here fails in make check too, and is told there.
find "$build/tests/unit" -maxdepth 1 -type f -name 'test_*' -perm -u+x -print0 |
    CK_DEFAULT_TIMEOUT=100 xargs -0 -P "$(nproc)" -I{} timeout 150 {} >"$log" 2>&1
for suite in golden scenario fuzz; do
    [ ! -x "tests/$suite/run" ] || timeout 900 "tests/$suite/run" "$build" >>"$log" 2>&1
done
python3 tools/coverage.py "$build" "$@"
