#!/usr/bin/env bash
# Hard row 6: what a system does to a program: kill -9, a full disk under --pcap, a tap whose device goes, a closed standard output, all
# of 1,024 descriptors used up, memory that is gone. Each is told in a line with the exit status that is documented, and nothing is left:
# no device, no namespace, no process.
set -u
row=hard-6
. tests/accept/lib.sh
a=sw-row6-$$-a
b=sw-row6-$$-b
space $a && space $b || { verdict 1 "network namespaces"; exit 1; }

cat >"$SW_TMP/lan.yaml" <<LAN
name: faults
switches: { core: {} }
hosts:
  web: { address: 10.94.0.10/24, services: [http: { size: 100 MB }] }
  client: { address: 10.94.0.11/24 }
uplinks:
  first: { type: tap, netns: $a, device: swt0, address: 10.94.0.1/24 }
  second: { type: tap, netns: $b, device: swt0, address: 10.94.0.2/24 }
links:
  - ["*", core]
LAN
cat >"$SW_TMP/plain.yaml" <<'LAN'
name: plain
switches: { core: {} }
hosts:
  web: { address: 10.94.0.10/24 }
  client: { address: 10.94.0.11/24 }
links:
  - ["*", core]
scenario:
  - iperf: { from: client, to: web, bytes: 20 MB }
LAN
# Are there devices of ours, or programs that are not waited for?
left() {
    local n=0 s
    for s in $a $b; do n=$((n + $(ip -n $s -o link | grep -c swt))); done
    echo $((n + $(ls -l /proc/[0-9]*/exe 2>/dev/null | grep -c -- "-> $SW_SWITCHD$")))
}
pings() { # NAMESPACE ADDRESS: how many of 20 come back
    ip netns exec "$1" ping -n -q -c 20 -i 0.01 -W 2 "$2" | sed -n 's/.* \([0-9]*\) received.*/\1/p'
}

# kill -9, while a transfer crosses both taps
up "$SW_TMP/lan.yaml" || { verdict 1 "the LAN comes up"; exit 1; }
ip netns exec $a curl -sS -m 20 -o /dev/null http://10.94.0.10/ 2>/dev/null &
fetch=$!
children="$children $fetch"
sleep 0.2
kill -KILL "$lan"
wait "$lan" 2>/dev/null
status=$?
kill -KILL $fetch 2>/dev/null
wait $fetch 2>/dev/null
[ $status -eq 137 ] && [ "$(left)" -eq 0 ]
verdict $? "kill -9 in the midst of a transfer: $(left) devices and processes left"

# a full disk
mkdir "$SW_TMP/disk"
unshare -m sh -c 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" test -q --pcap "$1/x.pcapng" "$3"' sh \
    "$SW_TMP/disk" "$SW_SWITCHD" "$SW_TMP/plain.yaml" >"$SW_TMP/out" 2>"$SW_TMP/err"
status=$?
[ $status -eq 3 ] && [ "$(wc -l <"$SW_TMP/err")" -eq 1 ] && grep -q 'x.pcapng: No space left on device$' "$SW_TMP/err" &&
    grep -q '^2 passed, 0 failed$' "$SW_TMP/out"
verdict $? "a full disk under --pcap: exit status $status, $(sed "s:$SW_TMP/::" "$SW_TMP/err")"

# a dead tap
up "$SW_TMP/lan.yaml"
before=$(pings $a 10.94.0.10)
ip -n $a link del swt0
after=$(pings $b 10.94.0.10)
ip netns exec $b ping -q -n -c 1 -W 1 10.94.0.1 >/dev/null
down
status=$?
lines=$(grep -c "the device swt0 is gone: its link is down from here on$" "$SW_TMP/lan.log")
[ $status -eq 0 ] && [ "$before" -eq 20 ] && [ "$after" -eq 20 ] && [ "$lines" -eq 1 ] && [ "$(left)" -eq 0 ] &&
    grep -q '^link .*core>first: .*(link-down [1-9]' "$SW_TMP/lan.log"
verdict $? "a dead tap: told $lines times, $after of 20 pings over the other one, exit status $status, $(left) left"

# a standard output that is closed, or full, whatever the command, be there a check that fails or not
cat >"$SW_TMP/fails.yaml" <<'LAN'
hosts: { a: { address: 10.94.0.10/24 }, b: { address: 10.94.0.11/24 } }
links: [[a, b]]
scenario: [{ ping: { from: a, to: 10.94.0.99, count: 1 } }]
LAN
tried=0
told=0
while read -r command; do
    for how in closed full; do
        # shellcheck disable=SC2086 # words
        case $how in
        closed) (cd "$SW_TMP" && exec "$SW_SWITCHD" $command) >&- 2>"$SW_TMP/err" ;;
        full) (cd "$SW_TMP" && exec "$SW_SWITCHD" $command) >/dev/full 2>"$SW_TMP/err" ;;
        esac
        status=$?
        tried=$((tried + 1))
        [ $status -eq 3 ] && [ "$(grep -c '^switchd: ' "$SW_TMP/err")" -eq 1 ] &&
            tail -n 1 "$SW_TMP/err" | grep -qx 'switchd: standard output could not be written' && told=$((told + 1)) ||
            { echo "$how, $command: exit status $status"; cat "$SW_TMP/err"; }
    done
done <<'COMMANDS'
test plain.yaml
test --json plain.yaml
test --tap plain.yaml
test --list plain.yaml
test fails.yaml
run -q --scenario --for 2s plain.yaml
check plain.yaml
ping --virtual plain.yaml client web
iperf --virtual -t 1 plain.yaml client web
iperf --virtual -t 1 --json plain.yaml client web
schema
--version
--help
test --help
COMMANDS
[ $told -eq $tried ] && [ $tried -eq 28 ]
verdict $? "a closed or full standard output: $told of $tried commands end with 3 and a line: $(tail -n 1 "$SW_TMP/err")"

# 1,024 descriptors, of which others hold all but a few (the loader of programs needs two by itself)
tried=0
told=0
fine=0
for spare in 3 4 5 6 7 8 9 10 12 14 16 18 20 24 28 32; do
    python3 - $((1024 - 3 - spare)) "$SW_SWITCHD" run "$SW_TMP/lan.yaml" --for "1 ms" -q >"$SW_TMP/out" 2>"$SW_TMP/err" <<'PYTHON'
import os
import resource
import sys
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
null = os.open("/dev/null", os.O_RDONLY)
held = [os.dup(null) for _ in range(int(sys.argv[1]) - 1)]
for fd in (null, *held):
    os.set_inheritable(fd, True)
os.execv(sys.argv[2], sys.argv[2:])
PYTHON
    status=$?
    tried=$((tried + 1))
    [ $status -eq 0 ] && [ ! -s "$SW_TMP/err" ] && fine=$((fine + 1))
    [ $status -eq 3 ] && [ "$(wc -l <"$SW_TMP/err")" -eq 1 ] && grep -qi 'too many open files' "$SW_TMP/err" && told=$((told + 1)) ||
        [ $status -eq 0 ] || { echo "$spare spare: exit status $status"; cat "$SW_TMP/err"; }
done
[ $((told + fine)) -eq $tried ] && [ $told -gt 5 ] && [ $fine -gt 2 ] && [ "$(left)" -eq 0 ]
verdict $? "1,024 descriptors used up but for 3 to 32: $fine times it came up, $told times it said so in a line, $(left) left"
# more taps, and more programs, than 1,024 descriptors are enough for
{
    printf 'switches: { core: {} }\nlinks: [["*", core]]\nuplinks:\n'
    for i in $(seq 1100); do echo "  u$i: { type: tap, netns: $a, device: swt$i }"; done
} >"$SW_TMP/taps.yaml"
{
    printf 'switches: { core: {} }\nlinks: [["*", core]]\nhosts:\n'
    echo "  p: { count: 600, address: 10.94.1.1/16, run: [sleep, 101.$$] }"
} >"$SW_TMP/programs.yaml"
for what in taps programs; do
    (ulimit -n 1024 && exec timeout -s KILL 300 "$SW_SWITCHD" run -q --for "1 ms" "$SW_TMP/$what.yaml") >"$SW_TMP/out" 2>"$SW_TMP/err"
    status=$?
    n=$(($(left) + $(pgrep -c -x -f "sleep 101.$$")))
    [ $status -eq 3 ] && [ "$(wc -l <"$SW_TMP/err")" -eq 1 ] && grep -q 'Too many open files; raise the limit: ulimit -n$' "$SW_TMP/err" && [ $n -eq 0 ]
    verdict $? "more $what than 1,024 descriptors are enough for: exit status $status, $(cat "$SW_TMP/err"); $n left"
done

# memory that is gone, at any allocation
cc -O1 -shared -fPIC tests/accept/no_memory.c -o "$SW_TMP/no_memory.so" || verdict 1 "no_memory.c"
cp examples/captures/client.pcapng "$SW_TMP/in.pcapng"
cat >"$SW_TMP/all.yaml" <<LAN
name: all
switches: { core: {} }
hosts:
  web: { address: 10.94.0.10/24, services: [http: { size: 1 kB }, iperf3, echo] }
  prog: { address: 10.94.0.12/24, run: [sleep, "100"] }
uplinks:
  first: { type: tap, netns: $a, device: swt0, address: 10.94.0.1/24 }
  replay: { type: pcap, read: in.pcapng, write: out.pcapng }
links:
  - ["*", core]
forward:
  - { host: 127.0.0.1:0, to: "web:80" }
LAN
for command in "test -q plain.yaml" "test -q --jobs 2 --repeat 3 plain.yaml" "iperf --virtual -n 100K" "check plain.yaml" "run -q --for 5ms --pcap x.pcapng all.yaml"; do
    # shellcheck disable=SC2086 # words
    said=$(python3 tests/accept/no_memory.py "$SW_TMP/no_memory.so" "$SW_TMP" "$SW_SWITCHD" $command 2>"$SW_TMP/err")
    status=$?
    n=$(left)
    [ $status -eq 0 ] && [ "$n" -eq 0 ]
    verdict $? "switchd ${command%%.yaml*}: $said; $n left"
    head -n 20 "$SW_TMP/err"
done
ip netns del $a && ip netns del $b
status=$?
spaces=
verdict $status "the namespaces can go"
[ $failures -eq 0 ]
