#!/bin/sh
# Builds the release and runs every bench program and script there is, one after another.
set -eu
cd "$(dirname "$0")/.."
cmake --preset release >/dev/null
cmake --build --preset release -j"$(nproc)"
status=0
for bench in build/release/tests/bench/bench_* tests/bench/*.sh; do
    [ -x "$bench" ] && [ -f "$bench" ] || continue
    echo "== $(basename "$bench")"
    "$bench" build/release || { echo "$bench: exit status $?"; status=1; }
done
exit $status
