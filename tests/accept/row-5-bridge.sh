#!/usr/bin/env bash
# Row 5: 64-byte frames from a generator over a cable, a bridge and another cable to a sink, 1,024 stations on each side, on one core:
# 10 million a second. Beside it a Linux bridge between two veth pairs, fed with the same frames by a packet socket.
set -u
row=5
. tests/accept/lib.sh
bench=$SW_BUILD/tests/bench

said=$(taskset -c 0 "$bench/bench_bridge")
echo "$said"
ours=$(echo "$said" | sed -n 's/^median \([0-9.]*\) million.*/\1/p')
many=$(taskset -c 0 "$bench/bench_bridge" --sinks 16 | sed -n 's/^median \([0-9.]*\) million.*/\1/p')

# The frames that come out of the Linux bridge, in millions a second. Where there is a second core it does the bridging, while the
# first one sends: that is 1.4 times what one does.
linux_bridge() {
    local ns=$1 before after begun ended
    ip -n "$ns" link add br0 type bridge stp_state 0 mcast_snooping 0 || return 1
    for end in in out; do
        ip -n "$ns" link add "$end" type veth peer name "br-$end" || return 1
        ip -n "$ns" link set "br-$end" master br0
        for interface in "$end" "br-$end"; do
            ip netns exec "$ns" sysctl -qw "net.ipv6.conf.$interface.disable_ipv6=1" 2>/dev/null
            ip -n "$ns" link set "$interface" up
        done
    done
    ip -n "$ns" link set br0 up
    sleep 0.5
    [ "$(nproc)" -lt 2 ] || ip netns exec "$ns" sh -c 'echo 2 >/sys/class/net/br-in/queues/rx-0/rps_cpus'
    received() { ip netns exec "$ns" cat /sys/class/net/out/statistics/rx_packets; }
    ip netns exec "$ns" "$bench/bench_af_packet" out learn 1 || return 1
    before=$(received)
    begun=$EPOCHREALTIME
    ip netns exec "$ns" taskset -c 0 "$bench/bench_af_packet" in send 0 3 >&2 || return 1
    ended=$EPOCHREALTIME
    after=$(received)
    awk -v n="$((after - before))" -v s="$begun" -v e="$ended" 'BEGIN { printf "%.2f\n", n / (e - s) / 1e6 }'
}

ns=sw-row5-$$
theirs=
if space "$ns"; then
    theirs=$(linux_bridge "$ns")
fi
awk -v r="${ours:-0}" 'BEGIN { exit !(r >= 10) }' && [ -n "$theirs" ]
verdict $? "${ours:-?} million 64-byte frames/s (10 or more), with 16 sinks ${many:-?}; Linux bridge fed by AF_PACKET ${theirs:-?}"
[ $failures -eq 0 ]
