#!/usr/bin/env bash
# Real programs, row 7: forwards. 1,000 connections at once from the machine to a virtual host, as root and as an ordinary user: half-closed
# by either side, 20 whose reader stalls; all bytes are right by their SHA-256, the memory is bounded, and what the LAN's host refuses is
# refused. Then one that is made, used and removed while the LAN runs.
set -u
row=programs-7
. tests/accept/lib.sh

packages curl
ordinary || { verdict 1 "an ordinary user"; exit 1; }
own=$SW_TMP/home
ulimit -n "$(ulimit -Hn)"
cat >"$SW_TMP/forward.yaml" <<LAN
name: forward-row-$$
hosts:
  web: { address: 10.98.0.10/24, services: [echo, http: { size: 1 MB }, http: { port: 8080, size: 32 MB }] }
  client: { address: 10.98.0.11/24 }
links:
  - { endpoints: [web, client], delay: 5 ms, rate: 1 Gbit }
forward:
  - { host: "127.0.0.1:0", to: "web:7" }
  - { host: "127.0.0.1:0", to: "web:7", from: client }
  - { host: "127.0.0.1:0", to: "web:80" }
  - { host: "127.0.0.1:0", to: "web:8080" }
  - { host: "127.0.0.1:0", to: "web:81" }
LAN
chmod 644 "$SW_TMP/forward.yaml"
for who in root "$user"; do
    name=$([ "$who" = root ] && echo root || echo "an ordinary user")
    as "$who" python3 tests/accept/programs_forward.py "$SW_SWITCHD" "$SW_TMP/forward.yaml" "$name" || failures=$((failures + 1))

    as "$who" sh -c 'echo $$ >"$0"; exec "$@"' "$own/pid" "$SW_SWITCHD" run "$SW_TMP/forward.yaml" >"$SW_TMP/lan.log" 2>&1 </dev/null &
    job=$!
    children="$children $job"
    for _ in $(seq 200); do grep -q ' is up: ' "$SW_TMP/lan.log" && break; sleep 0.05; done
    place=$(as "$who" "$SW_SWITCHD" forward "$SW_TMP/forward.yaml" 127.0.0.1:0 web:80 | sed 's/ leads to web:80$//')
    digest=$(curl -s "http://$place/" | sha256sum)
    [ "$digest" = "$(python3 -c 'import sys; sys.stdout.buffer.write(bytes(i % 251 for i in range(1000000)))' | sha256sum)" ]
    verdict $? "$name: a page comes through $place, which was made while the LAN runs"
    as "$who" "$SW_SWITCHD" forward "$SW_TMP/forward.yaml" --remove "$place"
    removed=$?
    curl -s "http://$place/" >/dev/null
    [ $? -eq 7 ] && [ $removed -eq 0 ]
    verdict $? "$name: once removed it refuses"
    kill -TERM "$(cat "$own/pid")"
    wait $job
    verdict $? "$name: that LAN ends well"
    rm -f "$own/pid"
done
exit $((failures > 0))
