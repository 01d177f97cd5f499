#!/usr/bin/env bash
# TCP row 7: packetdrill's gtests/net/tcp for IPv4, outside fastopen and zerocopy, against the running kernel (the best of three tries, since
# it runs in real time) and, with the same arguments and tolerance, against a virtual host through the door. Of the scripts that the kernel
# passes a virtual host passes at least 70 %, none crashes or hangs, and docs/packetdrill.md names each that differs. Packetdrill is
# built outside the tree, of its source from the network, or of a copy of it in the folder $PACKETDRILL.
set -u
row=tcp-7
. tests/accept/lib.sh
sh tools/deps.sh run check >/dev/null 2>&1
apt-get install -qy --no-install-recommends git flex bison gcc make iproute2 ethtool procps python3 >"$SW_TMP/apt.log" 2>&1

drill="$SW_TMP/packetdrill"
scripts="$drill/gtests/net/tcp"
take() {
    if [ -n "${PACKETDRILL:-}" ]; then cp -R "$PACKETDRILL" "$drill"; else git clone -q --depth 1 https://github.com/google/packetdrill "$drill"; fi
}
if ! { take && (cd "$drill/gtests/net/packetdrill" && ./configure && make); } \
    >"$SW_TMP/build.log" 2>&1; then
    tail -n 20 "$SW_TMP/build.log"
    verdict 1 "packetdrill is built"
    exit 1
fi
program="$drill/gtests/net/packetdrill/packetdrill"
door="$SW_TMP/door/tests/door/libdoor.so"
if ! { cmake -S . -B "$SW_TMP/door" -DCMAKE_BUILD_TYPE=Debug && cmake --build "$SW_TMP/door" --target door -j"$(nproc)"; } >"$SW_TMP/build.log" 2>&1; then
    tail -n 20 "$SW_TMP/build.log"
    verdict 1 "the door is built"
    exit 1
fi

tests/door/run --packetdrill "$program" --scripts "$scripts" --tries 3 --out "$SW_TMP/kernel.json" >"$SW_TMP/kernel.log" 2>&1
tail -n 1 "$SW_TMP/kernel.log"
tests/door/run --packetdrill "$program" --scripts "$scripts" --door "$door" --out "$SW_TMP/ours.json" >"$SW_TMP/ours.log" 2>&1
tail -n 1 "$SW_TMP/ours.log"
tests/door/run --compare "$SW_TMP/kernel.json" "$SW_TMP/ours.json" >"$SW_TMP/compare.log"
compared=$?
cat "$SW_TMP/compare.log"

# "kernel 53 of 86, ours 42 of those: 79.2 %, 0 crash or hang"
read -r passed ours < <(sed -n 's/^kernel \([0-9]*\) of [0-9]*, ours \([0-9]*\) of those.*/\1 \2/p' "$SW_TMP/compare.log")
[ "${passed:-0}" -ge 40 ]
verdict $? "the kernel passes ${passed:-0} scripts, which is enough to compare with"
[ "${passed:-0}" -gt 0 ] && [ $((100 * ${ours:-0})) -ge $((70 * passed)) ]
verdict $? "a virtual host passes ${ours:-0} of those ${passed:-0}: $((100 * ${ours:-0} / (${passed:-0} > 0 ? passed : 1))) % of 70"
verdict $compared "crashes and hangs: $(sed -n 's/^kernel.* %, \([0-9]*\) crash or hang$/\1/p' "$SW_TMP/compare.log")"

# The page puts several of a folder in one place as "eor/ (4)".
unnamed=0
for script in $(sed -n 's/^[a-z]* *\([a-z_0-9]*\/[^ ]*\)\.pkt:.*/\1/p' "$SW_TMP/compare.log"); do
    grep -qF -e "\`$script\`" -e "\`${script%%/*}/\` (" docs/packetdrill.md || {
        echo "$script is not in docs/packetdrill.md"
        unnamed=$((unnamed + 1))
    }
done
[ $unnamed -eq 0 ]
verdict $? "scripts that differ and are not in docs/packetdrill.md: $unnamed"
[ $failures -eq 0 ]
