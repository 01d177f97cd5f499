#!/usr/bin/env bash
# Scenario row 4: the impairments seen from outside the code. tests/accept/links.py makes captures and LAN files, `switchd test --pcap`
# plays them in virtual time, tshark and tcpdump read what came of it, and each figure is judged against the definition that it goes by:
# tc-netem's distributions, the Gilbert-Elliott chain, RFC 8289, RFC 8290, RFC 3168, and RED as published. All seeds are fixed.
set -u
row=scenario-4
. tests/accept/lib.sh

for program in tshark tcpdump; do
    command -v $program >/dev/null && continue
    { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $program; } >"$SW_TMP/apt.log" 2>&1 ||
        { cat "$SW_TMP/apt.log"; verdict 1 "$program is there to read captures"; exit 1; }
done
mkdir -p "$SW_TMP/links"
python3 tests/accept/links.py "$SW_SWITCHD" "$SW_TMP/links" || failures=1
exit $((failures > 0))
