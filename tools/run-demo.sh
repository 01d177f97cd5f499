#!/bin/sh
# What `make run` shows: the office of examples/office.yaml in real time: a ping, an HTTP fetch, an iperf across its router.
# Ends by itself, with 0 if everything held.
set -eu
cd "$(dirname "$0")/.."
lan=examples/office.yaml
from=laptop
to=web

cmake --preset release >/dev/null
cmake --build --preset release --target switchd -j"$(nproc)"
switchd=build/release/switchd/switchd

show() {
    printf '\n$ switchd %s\n' "$*"
    "$switchd" "$@" </dev/null
}

show check "$lan"
show ping "$lan" "$from" "$to" --count 4 --interval 200ms
show iperf "$lan" "$from" "$to" -t 2
# Its scenario fetches a page and a file over HTTP; here it is played while the LAN is up in real time.
show run "$lan" --scenario --for 8s
