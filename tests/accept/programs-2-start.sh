#!/usr/bin/env bash
# Real programs, row 2: how soon they speak. From the execution of `switchd test` until a program's first datagram has reached another host
# of the LAN and was answered, under 50 ms; until each of 100 programs was answered, under 3 s. Both medians, as root and as an ordinary
# user; beside them, in the same run, a script that makes 100 namespaces and a bridge with `ip` and starts the same program in each.
set -u
row=programs-2
. tests/accept/lib.sh

packages iproute2
ordinary || { verdict 1 "an ordinary user"; exit 1; }
cc -O2 -o "$SW_TMP/first" tests/accept/programs_start.c || exit 1
cp tests/accept/programs_start.py "$SW_TMP"
chmod a+rx "$SW_TMP"/first "$SW_TMP"/programs_start.py
install -d -m 777 "$SW_TMP/said" # also root's programs have no more rights there than any user
out=$SW_TMP/said/times

cat >"$SW_TMP/one.yaml" <<END
name: one
hosts:
  api: { address: 10.0.0.1/16, run: [$SW_TMP/first, 10.0.255.1, $out], expect-exit: 0 }
  echo: { address: 10.0.255.1/16, services: [udp-echo] }
links: [[api, echo]]
scenario: [{ wait: { for: 50 ms } }]
END
cat >"$SW_TMP/hundred.yaml" <<END
name: hundred
hosts:
  node: { count: 100, address: 10.0.0.1/16, run: [$SW_TMP/first, 10.0.255.1, $out], expect-exit: 0 }
  echo: { address: 10.0.255.1/16, services: [udp-echo] }
switches: { core: {} }
links: [["node-*", core], [echo, core]]
scenario: [{ wait: { for: 1 s } }]
END
cat >"$SW_TMP/by-hand.sh" <<END
set -e
hub=sw-hub-\$\$
programs= server=
ip netns add \$hub
trap 'exit 1' TERM
trap 'set +e; kill \$server \$programs 2>/dev/null; for i in \$(seq 100); do ip netns del sw-\$\$-\$i 2>/dev/null; done; ip netns del \$hub' EXIT
ip -n \$hub link add lan0 type bridge
ip -n \$hub addr add 10.0.255.1/16 dev lan0
ip -n \$hub link set lan0 up
ip netns exec \$hub python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 7))
while True:
    s.sendto(*s.recvfrom(2000))' &
server=\$!
for i in \$(seq 100); do
    ip netns add sw-\$\$-\$i
    ip -n sw-\$\$-\$i link add eth0 type veth peer name p\$i netns \$hub
    ip -n \$hub link set p\$i master lan0 up
    ip -n sw-\$\$-\$i addr add 10.0.0.\$i/16 dev eth0
    ip -n sw-\$\$-\$i link set lo up
    ip -n sw-\$\$-\$i link set eth0 up
    ip netns exec sw-\$\$-\$i $SW_TMP/first 10.0.255.1 $out &
    programs="\$programs \$!"
done
wait \$programs
END

# measure USER PROGRAMS TIMES COMMAND...: the medians, into $began, $first, $last and $ended.
measure() {
    local who=$1 programs=$2 times=$3
    shift 3
    began=- first=1e9 last=1e9 ended=1e9
    rm -f "$out"
    as "$who" python3 "$SW_TMP/programs_start.py" "$out" "$programs" "$times" "$@" >"$SW_TMP/figures" 2>&1 || { cat "$SW_TMP/figures"; return 1; }
    read -r began first last ended <<<"$(tail -n 1 "$SW_TMP/figures")"
    echo "$who, $programs: $(head -n -1 "$SW_TMP/figures" | tr '\n' ';')"
}

below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'; }

for who in root "$user"; do
    is=$([ "$who" = root ] && echo root || echo "an ordinary user")
    measure "$who" 1 21 "$SW_SWITCHD" test "$SW_TMP/one.yaml"
    status=$?
    below "$first" 50 || status=1
    verdict $status "as $is: $first ms from switchd's execution until a program's first datagram was answered ($began ms until it began; median of 21)"
done
for who in root "$user"; do
    is=$([ "$who" = root ] && echo root || echo "an ordinary user")
    measure "$who" 100 5 "$SW_SWITCHD" test "$SW_TMP/hundred.yaml"
    status=$?
    below "$last" 3000 || status=1
    verdict $status "as $is: $last ms until each of 100 programs was answered, $ended ms until all of them were gone, a second of waiting with them (medians of 5)"
    ours=$last
done
measure root 100 3 timeout 60 sh "$SW_TMP/by-hand.sh"
verdict $? "namespaces and veth by a script of ip, the same: $last ms, and $ended ms until they were gone (medians of 3); $(awk -v a="$last" -v b="$ours" 'BEGIN { printf "%.1f", a / b }') times our time"
exit $((failures > 0))
