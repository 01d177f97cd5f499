#!/usr/bin/env bash
# TCP row 6: a million forged SYNs against a listener while a client opens connection after connection to it, each with a text whose
# SHA-256 both ends compare; and a million blind guesses at one connection, RST, SYN, text, FIN and urgent text from somebody who knows
# addresses and ports, besides guesses whose numbers are right but for one thing, at every edge of RFC 5961. In virtual time, on lines of
# 100 Mbit/s half of which the attacker fills (tests/support/lan_attack.h). Each is run again without the attacker, for the memory, and
# a second time, for the same counters; and for a quarter of it, which has filled all that there is to fill: the rest must cost nothing more.
set -u
row=tcp-6
. tests/accept/lib.sh
bench=$SW_BUILD/tests/bench/bench_attack
forged=1000000
most_kib=4096 # that the attack may add to the process: 1,024 half-open connections and 1,024 neighbours among it

# value NAME FILE: what bench_attack said of it.
value() {
    sed -n "s/^$1 //p" "$2"
}

# counter HOST NAME FILE
counter() {
    sed -n "s/^$1: .*\b$2 \([0-9]*\).*/\1/p" "$3"
}

# reasons FILE: what was refused, and why, in words.
reasons() {
    sed -n 's/^\(client\|victim\) dropped \(tcp-.*\)/\1 \2/p' "$1" | paste -sd ',' | sed 's/,/, /g'
}

# attack KIND: $SW_TMP/KIND and its memory, and that of the same time in quiet.
attack() {
    local kind=$1
    "$bench" "$kind" $forged >"$SW_TMP/$kind" 2>"$SW_TMP/$kind.cost"
    verdict $? "$kind: $(value right "$SW_TMP/$kind") of $(value transfers "$SW_TMP/$kind") texts came with their SHA-256, connections ended in order, nothing is left, every ledger holds"
    "$bench" "quiet-$kind" $forged >"$SW_TMP/quiet" 2>"$SW_TMP/quiet.cost"
    verdict $? "$kind: as long without the attacker, $(value right "$SW_TMP/quiet") of $(value transfers "$SW_TMP/quiet") texts"
    "$bench" "$kind" $((forged / 4)) >/dev/null 2>"$SW_TMP/quarter.cost"
    local kib quiet quarter
    kib=$(value peak-kib "$SW_TMP/$kind.cost") quiet=$(value peak-kib "$SW_TMP/quiet.cost") quarter=$(value peak-kib "$SW_TMP/quarter.cost")
    [ "$kib" -le $((quiet + most_kib)) ] && [ "$kib" -le $((quarter + most_kib / 8)) ]
    verdict $? "$kind: the process peaks at $kib KiB, without the attack at $quiet, with a quarter of it at $quarter (at most $most_kib and $((most_kib / 8)) more)"
    "$bench" "$kind" $forged >"$SW_TMP/again" 2>/dev/null
    cmp -s "$SW_TMP/$kind" "$SW_TMP/again"
    verdict $? "$kind: all $(wc -l <"$SW_TMP/$kind") lines of digest and counters the same the second time"
}

attack syns
said=$SW_TMP/syns
[ "$(value forged "$said")" = $forged ] && [ "$(value ended "$said")" = "$(value transfers "$said")" ] && [ "$(value ended "$said")" -ge 10 ]
verdict $? "syns: $(value forged "$said") forged SYNs in $(value span-ms "$said") ms; all $(value ended "$said") of the client's connections stood and ended meanwhile, the slowest in $(value slowest-ms "$said") ms"
[ "$(value most-half-open "$said")" -le 1024 ] && [ "$(value most-connections "$said")" -le 1025 ] && [ "$(counter victim cookies-accepted "$said")" -ge 9 ]
verdict $? "syns: at most $(value most-half-open "$said") half open, $(value most-connections "$said") connections; $(counter victim cookies-sent "$said") cookies sent, $(counter victim cookies-accepted "$said") came back, $(counter victim cookies-refused "$said") refused"

attack guesses
said=$SW_TMP/guesses
[ "$(value ended "$said")" = 1 ] && [ "$(value forged "$said")" -gt $forged ] && [ "$(value refused "$said")" = "$(value forged "$said")" ]
verdict $? "guesses: the connection stood $(value span-ms "$said") ms and ended in order; of $(value forged "$said") forged segments $(value refused "$said") were refused under their reasons: $(reasons "$said")"
[ "$(value refused "$SW_TMP/quiet")" = 0 ]
verdict $? "guesses: without the attacker $(value refused "$SW_TMP/quiet") are refused"
most=$((10 * (1 + $(value span-ms "$said") / 5000)))
[ "$(counter client challenge-acks "$said")" -le $most ] && [ "$(counter victim challenge-acks "$said")" -le $most ]
verdict $? "guesses: $(counter client challenge-acks "$said") and $(counter victim challenge-acks "$said") challenge ACKs, 10 in 5 s at most ($most)"
[ $failures -eq 0 ]
