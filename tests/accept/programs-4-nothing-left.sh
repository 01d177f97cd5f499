#!/usr/bin/env bash
# Real programs, row 4: after ^C, SIGTERM, SIGKILL (also while it begins), a program's crash, the end of a host's first process and a full
# disk nothing is left of a LAN: processes, namespaces, devices, mounts, sockets, files. 100 times in a row, mixed, as root and as an
# ordinary user.
set -u
row=programs-4
. tests/accept/lib.sh

ordinary || { verdict 1 "an ordinary user"; exit 1; }
{
    echo '#!/bin/bash'
    echo "SW_TMP=/mnt user=$user node=${node:+/mnt/node}"
    declare -f with_tun as
    echo 'as "$@"'
} >"$SW_TMP/as"
for who in root "$user"; do
    name=$([ "$who" = root ] && echo root || echo "an ordinary user")
    unshare --net --mount python3 tests/accept/programs_ends.py "$SW_SWITCHD" "$SW_TMP/as" "$who" "$name" 100 || failures=$((failures + 1))
done
exit $((failures > 0))
