#!/usr/bin/env bash
# TCP throughput of two hosts on one switch, 1500-byte frames: ours in one process, beside two namespaces on a Linux bridge by veth
# with segmentation offloads off. The two take turns, so that a busy machine is busy for both; medians of the passes.
#
#   tests/bench/throughput.sh BUILD_DIR [PASSES [SECONDS]]
#
# The last line is "ratio R". Wants root, iperf3 and ethtool for the bridge; without them only ours is measured.
set -u
switchd=${1:?which build directory?}/switchd/switchd
passes=${2:-5}
seconds=${3:-2}
a=swb-$$-a
b=swb-$$-b
br=swb-$$-br
server=

clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null
    for space in $a $b $br; do ip netns del $space 2>/dev/null; done
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# The bridge stands in a namespace of its own, so that nothing of this machine is touched.
make_bridge() {
    for space in $a $b $br; do ip netns add $space || return 1; done
    ip -n $br link add br0 type bridge && ip -n $br link set br0 up || return 1
    local n=0
    for space in $a $b; do
        n=$((n + 1))
        ip -n $br link add p$n type veth peer name eth0 netns $space &&
            ip -n $br link set p$n master br0 up &&
            ip -n $space addr add 10.97.0.$n/24 dev eth0 &&
            ip -n $space link set eth0 up && ip -n $space link set lo up || return 1
        # Receive checksums stay offloaded: it is what a veth pair does best.
        ip netns exec $space ethtool -K eth0 tso off gso off gro off >/dev/null || return 1
        ip netns exec $br ethtool -K p$n tso off gso off gro off >/dev/null || return 1
    done
    ip netns exec $b iperf3 -s >/dev/null 2>&1 &
    server=$!
    for _ in $(seq 50); do
        ip netns exec $a ping -c 1 -W 1 -q 10.97.0.2 >/dev/null 2>&1 &&
            ip netns exec $b ss -ltn | grep -q ':5201 ' && return 0
        sleep 0.1
    done
    return 1
}

bridge_pass() {
    timeout $((seconds + 20)) ip netns exec $a iperf3 -c 10.97.0.2 -t "$seconds" -J |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["end"]["sum_received"]["bits_per_second"] / 1e9)'
}

our_pass() {
    timeout $((seconds + 20)) "$switchd" iperf --offload off --json -t "$seconds" |
        python3 -c 'import json, sys; r = json.load(sys.stdin); assert r["offload"] is False and r["time"] == "real"
print(r["bits_per_second"] / 1e9)'
}

median() {
    sort -g | awk '{ v[NR] = $1 } END { if (NR) printf "%.2f", (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'
}

beside=1
if [ "$(id -u)" != 0 ] || ! command -v iperf3 >/dev/null || ! command -v ethtool >/dev/null; then
    echo "no bridge beside it: that wants root, iperf3 and ethtool"
    beside=
elif ! make_bridge; then
    echo "no bridge beside it: it could not be made"
    beside=
fi

ours=
theirs=
for pass in $(seq "$passes"); do
    one=$(our_pass) || exit 1
    other=-
    [ -z "$beside" ] || other=$(bridge_pass) || exit 1
    printf 'pass %s: switchd %.2f Gbit/s, bridge %s Gbit/s\n' "$pass" "$one" "${other:0:5}"
    ours="$ours$one"$'\n'
    theirs="$theirs$other"$'\n'
done
ours=$(printf %s "$ours" | median)
echo "switchd iperf --offload off: $ours Gbit/s (median of $passes passes of $seconds s)"
[ -n "$beside" ] || exit 0
theirs=$(printf %s "$theirs" | median)
echo "two namespaces on a Linux bridge, offloads off: $theirs Gbit/s"
awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "ratio %.2f\n", a / b }'
