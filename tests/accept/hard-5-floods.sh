#!/usr/bin/env bash
# Hard row 5: five floods of ten million frames each, of 60 bytes, the smallest and dearest, against a host with a running TCP transfer,
# in virtual time (tests/support/lan_flood.h says who stands where; every line carries 100 Mbit/s, so that the floods last minutes of
# LAN time and no timeout of neighbours, fragments or handshakes is longer than they are). For half of a flood the host receives, for the
# other half it sends. The throughput may fall by what else the busiest of the transfer's lines carried, replies and all, and besides
# by TOLERANCE: what TCP spends on repair where it shares a queue that is full. A user who joins when the flood begins pings the host
# all the while, in the flood of fragments with 3,000 bytes in three pieces.
set -u
row=hard-5
. tests/accept/lib.sh
frames=10000000
most_mib=32 # of the whole process: LAN, both ends, attacker
bench=$SW_BUILD/tests/bench/bench_floods

# value NAME FILE: what bench_floods said of it.
value() {
    sed -n "s/^$1 //p" "$2"
}

# throughput FILE TOLERANCE: both halves of a run, in words; status 0 if neither fell too far.
throughput() {
    awk -v tolerance="$2" '
        $2 == "alone_bps" { alone[$1] = $3; flooded[$1] = $5; seconds += $7 }
        $2 == "ppm_of_line" { split($6, share, "+"); taken[$1] = share[2] / 1e6 }
        END {
            for (way in alone) {
                rest = alone[way] * (1 - taken[way] - tolerance)
                held += flooded[way] >= rest && alone[way] > 0 && taken[way] > 0
                said = said sprintf("%s %.1f Mbit/s alone, %.1f flooded with %.1f %% of the line taken; ", way, alone[way] / 1e6,
                    flooded[way] / 1e6, taken[way] * 100)
            }
            printf "%s%.0f s of LAN time", said, seconds
            exit held != 2
        }' "$1"
}

# flood KIND SHARE TOLERANCE BOUND...: a run, and its figures; a BOUND is "NAME MOST".
flood() {
    local kind=$1 share=$2 tolerance=$3 said=$SW_TMP/flood cost=$SW_TMP/cost status words bounds=0 seen= name most
    shift 3
    "$bench" "$kind" $frames "$share" >"$said" 2>"$cost"
    status=$?
    words=$(throughput "$said" "$tolerance")
    verdict $? "$kind at $share % of a line: $words"
    [ $status -eq 0 ] && [ "$(value frames "$said")" = $frames ]
    verdict $? "$kind at $share %: $frames frames sent; the transfer's $(value transferred "$said") bytes came as they were sent and both ends closed ($(value ended "$said")), the switch knew all stations to the last ($(value known "$said")), ten minutes later $(value left "$said") frames, blocks, connections or fragments are left, the listener answers ($(value answering "$said")), every ledger holds ($(value holds "$said"))"
    while [ $# -gt 0 ]; do
        name=${1% *}
        most=${1##* }
        [ "$(value "$name" "$said")" -le "$most" ] || bounds=1
        seen="$seen$name $(value "$name" "$said") of $most, "
        shift
    done
    awk -v m="$(value peak-mib "$cost")" -v b=$most_mib 'BEGIN { exit !(m > 0 && m <= b) }' || bounds=1
    verdict $bounds "$kind at $share %: ${seen}process $(value peak-mib "$cost") MiB of $most_mib at most"
    awk '$1 == "pings" { exit !($2 >= $4 * 0.99 && $4 >= 1000) }' "$said"
    verdict $? "$kind at $share %: $(value pings "$said") pings of the user answered (99 % or more)"
    echo "$kind: $(tr '\n' ' ' <"$cost")"
    grep -E '^(victim|switch) ' "$said" | paste -sd ';' | sed 's/;/; /g'
}

for share in 25 50; do
    # A table may not be larger than its bound, whatever comes; neighbours made by others' requests fill half of theirs (2,048).
    tolerance=$([ $share -eq 25 ] && echo 0.01 || echo 0.02)
    flood macs $share "$tolerance" 'most-macs 8192' 'most-neighbours 16' 'strayed 0' 'switch flooded-known 0' 'most-pool-bytes 16777216'
    flood arp $share "$tolerance" 'most-neighbours 2064' 'most-macs 8192' 'strayed 0' 'switch flooded-known 0' 'most-pool-bytes 16777216'
    flood fragments $share "$tolerance" 'most-fragments 512' 'strayed 0' 'most-pool-bytes 16777216'
    flood syns $share "$tolerance" 'most-connections 1025' 'most-neighbours 1040' 'strayed 0' 'most-pool-bytes 16777216'
    flood udp $share "$tolerance" 'most-neighbours 1040' 'strayed 0' 'most-pool-bytes 16777216'
done

for kind in macs arp fragments syns udp; do
    "$bench" $kind 1000000 50 >"$SW_TMP/once" 2>/dev/null && "$bench" $kind 1000000 50 >"$SW_TMP/again" 2>/dev/null &&
        [ "$(wc -l <"$SW_TMP/once")" -ge 20 ] && cmp -s "$SW_TMP/once" "$SW_TMP/again"
    verdict $? "$kind: a million frames twice, all $(wc -l <"$SW_TMP/once") lines of counters the same"
done
[ $failures -eq 0 ]
