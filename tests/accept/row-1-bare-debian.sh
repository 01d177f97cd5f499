#!/usr/bin/env bash
# Row 1: on a bare Debian (debootstrap's minbase with make and ca-certificates, the package registry its only source), `make run` and
# `make check` each install what they need, do their job unattended, and end with 0.
set -u
row=1
root=$SW_TMP/bare

. tests/accept/chroot.sh
in_own_namespaces "$@"
bare_debian "$root" make,ca-certificates
git clone -q --no-hardlinks "$SW_CLONE" "$root/srv/switchd" || fail "clone"

# Runs one command of the README there, with nobody to answer and no terminal.
unattended() {
    local begun status
    begun=$(date +%s)
    inside "$root" "cd /srv/switchd && $1" >"$SW_TMP/said.log" 2>&1
    status=$?
    took=$(($(date +%s) - begun))
    last=$(tail -n 1 "$SW_TMP/said.log")
    echo "--- $1: exit status $status after $took s"
    tail -n 45 "$SW_TMP/said.log"
    return $status
}

echo "packages before: $(chroot "$root" dpkg-query -f '.\n' -W | wc -l)"
unattended "make run"
status=$?
said() { grep -qE "$1" "$SW_TMP/said.log"; }
shown=
said '^[0-9]+ packets transmitted, [1-9][0-9]* received, 0(\.0+)?% packet loss' && shown="$shown ping"
# A step of the scenario, which expects status 200 and the page's text.
said '^[^#]*the page is there' && said '^[1-9][0-9]* passed, 0 failed' && shown="$shown http"
said '[0-9] [GMK]?bits/sec' && shown="$shown iperf"
if [ $status -eq 0 ] && [ "$shown" = " ping http iperf" ]; then
    echo "row $row: make run: shows$shown, ends with 0 after $took s -- ok"
else
    echo "row $row: make run: exit status $status after $took s, shows:$shown -- FAILED"
fi

unattended "make check"
status=$?
if [ $status -eq 0 ] && echo "$last" | grep -qE '^[1-9][0-9]* passed, 0 failed(, [0-9]+ skipped)?$'; then
    echo "row $row: make check: $last, $took s -- ok"
else
    echo "row $row: make check: exit status $status after $took s, last line: $last -- FAILED"
    exit 1
fi
