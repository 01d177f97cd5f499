# What the rows share; sourced by them, from the clone's root. Verdicts, network namespaces that are gone afterwards, children that
# are ended by their number.

failures=0
spaces=
children=
user=
node= # a place for a /dev/net/tun

# verdict STATUS TEXT...: one figure of a row. STATUS is 0 if it held.
verdict() {
    local status=$1
    shift
    if [ "$status" -eq 0 ]; then
        echo "row $row: $* -- ok"
    else
        echo "row $row: $* -- FAILED"
        failures=$((failures + 1))
    fi
}

# ours PID: whether that process is this script's. One that has ended has left its number to somebody else.
ours() {
    local pid=$1
    while [ "${pid:-0}" -gt 1 ] && [ "$pid" != $$ ]; do
        pid=$(awk '$1 == "PPid:" { print $2 }' "/proc/$pid/status" 2>/dev/null)
    done
    [ "$pid" = $$ ]
}

clean_up() {
    local child space
    for child in $children; do ours "$child" && kill -KILL "$child" 2>/dev/null; done
    for space in $spaces; do ip netns del "$space" 2>/dev/null; done
    for _ in $(seq 50); do # one of whom a process is left, be it a dead one, is not removed
        if [ -z "$user" ] || userdel "$user" 2>/dev/null; then break; fi
        sleep 0.1
    done
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# packages NAME...: Debian's packages that a row needs; what is missing is installed, and no service of it is started.
packages() {
    local missing=
    for name in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing="$missing $name"
    done
    [ -z "$missing" ] && return
    { apt-get -q update && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q install -y --no-install-recommends $missing; } \
        >"$SW_TMP/apt.log" 2>&1 </dev/null || { tail -n 20 "$SW_TMP/apt.log"; verdict 1 "packages:$missing"; exit 1; }
}

# space NAME: a network namespace of ours.
space() {
    ip netns add "$1" && spaces="$spaces $1" && ip -n "$1" link set lo up
}

# ordinary: makes an ordinary user, $user, for the time of this row; $SW_TMP/home is theirs, and the program and the clone are theirs to read.
ordinary() {
    local name=sw-row-$$ folder=$SW_TMP
    useradd --system --user-group --home-dir "$SW_TMP/home" --no-create-home --shell /bin/sh "$name" || return 1
    user=$name
    while [ "$folder" != / ] && [ "$folder" != /tmp ]; do
        chmod a+x "$folder"
        folder=$(dirname "$folder")
    done
    install -d -o "$user" -g "$user" "$SW_TMP/home"
    setpriv --reuid "$user" --regid "$user" --clear-groups sh -c '[ -r /dev/net/tun ] && [ -w /dev/net/tun ]' || node=$SW_TMP/node
}

# with_tun COMMAND...: on most systems /dev/net/tun is everybody's. Where it is not, there is one that is, for this command alone: over it
# in a mount namespace.
with_tun() {
    [ -n "$node" ] || { "$@"; return; }
    mkdir -p "$node"
    unshare -m sh -c 'mount -t tmpfs none "$0" && mknod -m 666 "$0/tun" c 10 200 && mount --bind "$0/tun" /dev/net/tun &&
        umount -l "$0" && exec "$@"' "$node" "$@"
}

# as USER COMMAND...: the command as root or as $user, who has no group but their own and no capability.
as() {
    local who=$1
    shift
    if [ "$who" = root ]; then
        "$@"
    else
        with_tun setpriv --reuid "$who" --regid "$who" --clear-groups --no-new-privs env HOME="$SW_TMP/home" TMPDIR="$SW_TMP/home" "$@"
    fi
}

# up FILE [OPTION...]: switchd run in the background; returns when the LAN is up. Its number is in $lan, its words in $SW_TMP/lan.log.
up() {
    : >"$SW_TMP/lan.log" # else the words of the one before might be read
    "$SW_SWITCHD" run "$@" >"$SW_TMP/lan.log" 2>&1 </dev/null &
    lan=$!
    children="$children $lan"
    for _ in $(seq 200); do
        grep -q ' is up: ' "$SW_TMP/lan.log" && return 0
        kill -0 $lan 2>/dev/null || break
        sleep 0.05
    done
    cat "$SW_TMP/lan.log"
    return 1
}

# down: ends it with ^C's signal; its exit status.
down() {
    kill -INT "$lan" 2>/dev/null
    wait "$lan"
}

# built PRESET: the program of another build than the release, build/PRESET/switchd/switchd.
built() {
    if ! { cmake --preset "$1" -DSW_TESTS=OFF && cmake --build --preset "$1" --target switchd -j"$(nproc)"; } >"$SW_TMP/build-$1.log" 2>&1; then
        tail -n 20 "$SW_TMP/build-$1.log"
        verdict 1 "the build $1"
        return 1
    fi
}

median() {
    sort -g | awk '{ v[NR] = $1 } END { if (NR) print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'
}
