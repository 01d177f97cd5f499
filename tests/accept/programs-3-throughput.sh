#!/usr/bin/env bash
# Real programs, row 3: the kernel's TCP at full speed from one program host to another through our switch. Nothing is lost: no frame by
# our counters or by those of the kernel's interfaces, and no segment is sent again but those whose receiver says that it had them already
# (D-SACK). The throughput is recorded beside VDE's switch and a plain loop that copies from tap to tap, in turn in the same run, with
# interfaces as long as ours (txqueuelen), medians of five.
set -u
row=programs-3
. tests/accept/lib.sh

seconds=4
rounds=5
packages iperf3 vde2 iproute2
ordinary || { verdict 1 "an ordinary user"; exit 1; }
cc -O2 -o "$SW_TMP/copy" tests/accept/programs_copy.c || exit 1
install -d -m 777 "$SW_TMP/said"
a=sw3a-$$ b=sw3b-$$ hub=sw3-$$

cat >"$SW_TMP/tell.sh" <<END
cat /proc/net/netstat >$SW_TMP/said/\$1.netstat
ip -s -j link show eth0 >$SW_TMP/said/\$1.link
END
cat >"$SW_TMP/speed.yaml" <<END
name: speed
hosts:
  server: { address: 10.0.0.1/24, run: [iperf3, -s], ready: { port: 5201 } }
  client: { address: 10.0.0.2/24, run: [sleep, infinity] }
switches: { core: {} }
links: [[server, core], [client, core]]
scenario:
  - run: { on: client, command: "iperf3 -J -c server -t $seconds >$SW_TMP/said/client.json; sh $SW_TMP/tell.sh client" }
    timeout: 60 s
  - run: { on: server, command: [sh, $SW_TMP/tell.sh, server] }
END

# keep NAME ROUND: what was measured.
keep() {
    mkdir -p "$SW_TMP/$1/$2" && mv "$SW_TMP"/said/* "$SW_TMP/$1/$2"
}

# by_us USER ROUND
by_us() {
    local name=${1%%-*}
    as "$1" timeout 120 "$SW_SWITCHD" test -v "$SW_TMP/speed.yaml" >"$SW_TMP/said/words" 2>&1 </dev/null || cat "$SW_TMP/said/words"
    keep "ours-$name" "$2"
}

# between NAME ROUND: the taps left and right of $hub become interfaces of two namespaces; iperf3 between them.
between() {
    space $a && space $b || return 1
    ip -n $hub link set left netns $a name eth0 && ip -n $hub link set right netns $b name eth0 || return 1
    ip -n $a addr add 10.0.0.1/24 dev eth0
    ip -n $b addr add 10.0.0.2/24 dev eth0
    ip -n $a link set eth0 up txqueuelen 10000
    ip -n $b link set eth0 up txqueuelen 10000
    ip netns exec $a iperf3 -s -1 >/dev/null &
    local server=$!
    children="$children $server"
    for _ in $(seq 100); do
        ip netns exec $a ss -Hltn 'sport = 5201' | grep -q . && break
        sleep 0.02
    done
    ip netns exec $b iperf3 -J -c 10.0.0.1 -t $seconds >"$SW_TMP/said/client.json"
    ip netns exec $b sh "$SW_TMP/tell.sh" client
    ip netns exec $a sh "$SW_TMP/tell.sh" server
    wait $server
    keep "$1" "$2"
}

vde() {
    space $hub || return 1
    mkfifo "$SW_TMP/console.$1"
    ip netns exec $hub vde_switch -s "$SW_TMP/vde" -t left -t right <"$SW_TMP/console.$1" >"$SW_TMP/vde.log" 2>&1 &
    local switch=$!
    children="$children $switch"
    exec 9>"$SW_TMP/console.$1"
    until ip -n $hub link show right >"$SW_TMP/right" 2>&1; do kill -0 $switch || return 1; sleep 0.02; done
    between vde "$1"
    exec 9>&-
    wait $switch
    ip netns del $a; ip netns del $b; ip netns del $hub
}

plain() {
    space $hub || return 1
    mkfifo "$SW_TMP/hold.$1"
    : >"$SW_TMP/copy.log"
    ip netns exec $hub "$SW_TMP/copy" left right <"$SW_TMP/hold.$1" >"$SW_TMP/copy.log" &
    local copy=$!
    children="$children $copy"
    exec 9>"$SW_TMP/hold.$1"
    until grep -q up "$SW_TMP/copy.log"; do kill -0 $copy || return 1; sleep 0.02; done
    between plain "$1"
    exec 9>&-
    wait $copy
    ip netns del $a; ip netns del $b; ip netns del $hub
}

for round in $(seq $rounds); do
    by_us root "$round"
    by_us "$user" "$round"
    vde "$round"
    plain "$round"
done
python3 tests/accept/programs_speed.py "$SW_TMP" "$rounds" || failures=1
exit $((failures > 0))
