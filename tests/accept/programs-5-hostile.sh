#!/usr/bin/env bash
# Programs, row 5: a hostile program host, on a LAN that root started and on one of an ordinary user. With CAP_NET_RAW (`capabilities`) it
# sends frames of every malformed kind (malformed.py), floods as fast as it can, and says it is each of its neighbours, in Ethernet, ARP, IPv4
# and TCP (hostile.c), while two other programs and a virtual host transfer files: all bytes come right, at least a tenth as fast as without (on a machine of few processors the attacker's and theirs are the same),
# the process does not grow once its queues have been full, and the counters name who it was. Without that capability it can make no frame at all. And it tries every
# way out of its host (tests/system/bounds.py).
set -u
row=programs-5
. tests/accept/lib.sh
grow_kib=8192      # what the process may grow by until its queues (1,000 frames each) have been full once
flat_kib=1024      # and from then on
least=0.10         # of the throughput that there is without an attack
seconds=10         # that an attack takes
frames=20000       # malformed ones
megabytes=40       # of a file

need=
/usr/bin/python3 -c 'import scapy' 2>/dev/null || need="$need python3-scapy"
command -v curl >/dev/null || need="$need curl"
if [ -n "$need" ]; then
    { apt-get -q update && apt-get -q install -y --no-install-recommends $need; } >"$SW_TMP/apt.log" 2>&1 ||
        { tail -n 3 "$SW_TMP/apt.log"; verdict 1 "these are installed:$need"; exit 1; }
fi
ordinary || { verdict 1 "an ordinary user can be made"; exit 1; }
home=$SW_TMP/home
gcc -O2 -o "$home/hostile" tests/accept/hostile.c || { verdict 1 "hostile.c compiles"; exit 1; }
cp tests/accept/malformed.py "$home"
/usr/bin/python3 tests/accept/malformed.py write "$home/malformed.pcap" $frames || { verdict 1 "malformed frames are made"; exit 1; }
mkdir "$home/www"
head -c $((megabytes * 1000000)) /dev/urandom >"$home/www/file"
right=$(sha256sum <"$home/www/file")

# It does what stands in the file `order`, and says in `answer` how that ended.
cat >"$home/evil.sh" <<'EVIL'
while sleep 0.05; do
    [ -s order ] || continue
    mv order doing
    sh ./doing >said 2>&1
    mv said answer
done
EVIL
lan() { # KEYS of evil
    cat >"$home/lan.yaml" <<LAN
name: hostile
switches: { core: {} }
hosts:
  web: { address: 10.95.0.10/24, mac: "02:00:00:00:95:10", services: [http: { root: ./www }, echo, udp-echo, iperf3] }
  other: { address: 10.95.0.11/24, mac: "02:00:00:00:95:11", services: [echo] }
  client: { address: 10.95.0.1/24, mac: "02:00:00:00:95:01", run: [sleep, "1000"] }
  server:
    address: 10.95.0.2/24
    mac: "02:00:00:00:95:02"
    run: [/usr/bin/python3, -m, http.server, "80", -d, ./www]
    ready: { port: 80 }
  evil: { address: 10.95.0.66/24, mac: "02:00:00:00:95:66", mtu: 9216, run: [sh, ./evil.sh], $1 }
links:
  - ["*", core]
LAN
}

# begin WHO: the LAN is up; its process is $pid, its words are in $SW_TMP/said.
begin() {
    rm -f "$home/order" "$home/answer"
    : >"$SW_TMP/said" # else the words of the one before might be read
    chown -R "$1:" "$home"
    as "$1" sh -c 'echo $$ >"$0"; exec "$@"' "$home/pid" "$SW_SWITCHD" run "$home/lan.yaml" >"$SW_TMP/said" 2>&1 </dev/null &
    lan=$!
    children="$children $lan"
    for _ in $(seq 200); do
        grep -q ' is up: ' "$SW_TMP/said" && break
        sleep 0.05
    done
    pid=$(cat "$home/pid")
    children="$children $pid"
    sleep 1 # until the server listens
}

end() {
    kill -INT "$pid"
    wait "$lan"
}

order() {
    rm -f "$home/answer"
    echo "$*" >"$home/order.new"
    mv "$home/order.new" "$home/order"
}

# transfer WHO ADDRESS: bytes a second, if what came was right.
transfer() {
    as "$1" "$SW_SWITCHD" exec "$home/lan.yaml" client -- \
        sh -c 'curl -s -m 60 -w "%{stderr}%{speed_download}\n" http://$0/file | sha256sum' "$2" >"$SW_TMP/sum" 2>"$SW_TMP/speed"
    [ "$(cat "$SW_TMP/sum")" = "$right" ] && cat "$SW_TMP/speed"
}

rss() {
    awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status"
}

mbits() { # BYTES a second
    awk -v b="$1" 'BEGIN { printf "%.0f Mbit/s", b * 8 / 1e6 }'
}

# attack WHO NAME COMMAND...: figures of the transfers while it goes on.
attack() {
    local who=$1 name=$2 before after from rate rates until wrong=0
    shift 2
    before=$(rss)
    order "$@"
    sleep 0.5
    for from in 2 10; do : >"$SW_TMP/rates-$from"; done
    until=$(($(date +%s) + 10 * seconds))
    while [ ! -e "$home/answer" ] && [ "$(date +%s)" -lt $until ]; do
        for from in 2 10; do
            if rate=$(transfer "$who" 10.95.0.$from); then echo "$rate" >>"$SW_TMP/rates-$from"; else wrong=$((wrong + 1)); fi
        done
    done
    after=$(rss)
    for from in 2 10; do
        rates=$(median <"$SW_TMP/rates-$from")
        awk -v a="$(cat "$SW_TMP/alone-$from")" -v f="${rates:-0}" -v l=$least -v w=$wrong 'BEGIN { exit !(w == 0 && f >= a * l && f > 0) }'
        verdict $? "$who: $name: $(wc -l <"$SW_TMP/rates-$from") transfers of $megabytes MB from $([ $from = 2 ] && echo 'a program' || echo 'a virtual host') to a program meanwhile, $wrong wrong, at $(mbits "${rates:-0}") ($(mbits "$(cat "$SW_TMP/alone-$from")") without)"
    done
    [ $((after - before)) -le "$may_grow" ]
    verdict $? "$who: $name: the process has $after KiB in memory, $before before ($(cat "$home/answer" || echo 'the attack did not end'))"
}

for who in root "$user"; do
    lan 'capabilities: [net-raw]'
    begin "$who"
    for from in 2 10; do
        for _ in 1 2 3 4; do transfer "$who" 10.95.0.$from; done >"$SW_TMP/alone"
        [ "$(wc -l <"$SW_TMP/alone")" = 4 ] || verdict 1 "$who: four transfers from 10.95.0.$from without an attack"
        sed 1d "$SW_TMP/alone" | median >"$SW_TMP/alone-$from"
    done
    may_grow=$grow_kib
    # The attacker's processor is taken from the others' too, which is not the LAN's affair: this says how much of the loss that is.
    attack "$who" "as busy, but sending nothing" "timeout $seconds sh -c 'while :; do :; done'"
    attack "$who" "malformed frames" "/usr/bin/python3 malformed.py send eth0 malformed.pcap 0 $frames $((frames / seconds))"
    attack "$who" "a flood" "./hostile flood $seconds"
    may_grow=$flat_kib
    attack "$who" "another's MAC and IP" "./hostile pretend $seconds"
    pretended=$(sed -n 's/ of .* frames sent$//p' "$home/answer")
    as "$who" "$SW_SWITCHD" exec "$home/lan.yaml" client -- ip neigh >"$SW_TMP/neighbours"
    grep -q '^10.95.0.2 .*lladdr 02:00:00:00:95:02 ' "$SW_TMP/neighbours" && grep -q '^10.95.0.10 .*lladdr 02:00:00:00:95:10 ' "$SW_TMP/neighbours" &&
        ! grep -Eq '^10.95.0.(2|10) .*95:66' "$SW_TMP/neighbours"
    verdict $? "$who: another's MAC and IP: the client knows its neighbours as they are"
    end
    forged=$(sed -n 's/^program evil: .*, \([0-9]*\) forged.*/\1/p' "$SW_TMP/said")
    others=$(grep -c '^program \(client\|server\): .*, 0 forged' "$SW_TMP/said")
    [ "${pretended:-0}" -gt 1000 ] && [ "${forged:-0}" -ge "$pretended" ] && [ "$others" = 2 ] &&
        grep -q "^switchd: warning: host 'evil' sends as another host" "$SW_TMP/said"
    verdict $? "$who: the counters name it: all $pretended frames in which it was another are among the $forged of evil's that were forged, nobody else's were"
    grep -q '^host web: .* dropped (.*ip-checksum [0-9]' "$SW_TMP/said" && grep -q '^host web: .*tcp-' "$SW_TMP/said" &&
        grep -Eq '^link evil>core: [0-9]{6,} frames' "$SW_TMP/said"
    verdict $? "$who: the rest is counted at its link ($(sed -n 's/^link evil>core: \([0-9]* frames\).*/\1/p' "$SW_TMP/said")) and by reason at the hosts ($(sed -n 's/^host web: .* dropped (\(.*\))$/\1/p' "$SW_TMP/said" | tr ',' '\n' | wc -l) of them at web)"
    grep -E '^(host web|switch|link evil|program evil|clock)' "$SW_TMP/said"

    lan 'env: {}'
    begin "$who"
    order "./hostile flood 1"
    for _ in $(seq 100); do
        [ -e "$home/answer" ] && break
        sleep 0.1
    done
    end
    grep -q 'Operation not permitted' "$home/answer" && grep -q '^program evil: .*; eth0: 0 frames from it' "$SW_TMP/said"
    verdict $? "$who: without the capability it makes no frame: $(cat "$home/answer")"
done

/usr/bin/python3 tests/system/run "$SW_BUILD" a_program_has_no_way_out_of_its_host a_program_of_an_ordinary_user_has_no_way_out_either \
    a_program_cannot_pass_for_another_host a_program_is_given_what_the_file_grants >"$SW_TMP/bounds" 2>&1
for name in a_program_has_no_way_out_of_its_host a_program_of_an_ordinary_user_has_no_way_out_either \
    a_program_cannot_pass_for_another_host a_program_is_given_what_the_file_grants; do
    grep -q "^ok $name$" "$SW_TMP/bounds"
    verdict $? "tests/system: $name"
done
grep -v '^ok\|^  took' "$SW_TMP/bounds"
[ $failures -eq 0 ]
