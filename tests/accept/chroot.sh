# What rows that need a bare Debian share; sourced. The registry is the one that this machine is set up for; nothing of it is
# written here.
#
#   in_own_namespaces "$@"      first of all: the row again, where mounts and processes end with it, whatever happens
#   bare_debian FOLDER [PACKAGE[,PACKAGE...]]
#   inside FOLDER COMMAND       with a bare environment, nobody to answer and no terminal

# Prints the outcome of a figure and ends the row.
fail() {
    echo "row $row: $1 -- FAILED"
    exit 1
}

in_own_namespaces() {
    if [ "${1:-}" != --inside ]; then
        exec unshare --mount --pid --fork --kill-child bash "$0" --inside
    fi
    mount --make-rprivate /
}

# debootstrap's minbase, this machine's registry, and what a system has that runs.
bare_debian() {
    local root=$1 include=${2:-} targets mirror
    targets=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' | grep ' Debian$' | sort -u)
    mirror=$(echo "$targets" | awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
    [ -n "$mirror" ] || fail "this machine knows no registry of bookworm"
    debootstrap --variant=minbase ${include:+--include="$include"} bookworm "$root" "$mirror" >"$SW_TMP/debootstrap.log" 2>&1 ||
        { tail -n 20 "$SW_TMP/debootstrap.log"; fail "debootstrap"; }
    echo "$targets" | awk '{ print "deb", $1, $2, $3 }' >"$root/etc/apt/sources.list"
    apt-config dump | grep -iE '^Acquire::(https?|ftp)::(Proxy|CaInfo|Verify)' >"$root/etc/apt/apt.conf.d/99registry"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    mount --bind "$root" "$root" # a namespace's maker wants / to be a mount
    mount -t proc proc "$root/proc"
    mount -t sysfs sysfs "$root/sys"
    mount -t tmpfs tmpfs "$root/run"
    [ ! -e /dev/net/tun ] || { mkdir -p "$root/dev/net"; cp -a /dev/net/tun "$root/dev/net/tun"; }
}

inside() {
    chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root CI=true \
        sh -c "$2" </dev/null
}
