#!/bin/sh
# Installs what Debian packages are missing and says what each is for. Groups: run, check, interop, bench, fuzz, deb, accept.
# Starts on a system that has a shell and apt and nothing else, so it is plain sh.
set -eu

table() {
    cat <<'EOF'
run    gcc             cmd:gcc                      the C compiler
run    libc6-dev       file:/usr/include/stdio.h    the C library's headers
run    cmake           cmd:cmake                    the build
run    pkg-config      cmd:pkg-config               finds the libraries below
run    libyaml-dev     pc:yaml-0.1                  reads LAN files
run    libuv1-dev      pc:libuv                     the daemon's event loop
run    libpcap-dev     pc:libpcap                   reads captures
run    libjansson-dev  pc:jansson                   the JSON of iperf3's protocol
run    libmnl-dev      pc:libmnl                    rtnetlink: the interfaces of program hosts
check  check           pc:check                     the unit test framework
check  clang           cmd:clang                    the second compiler
check  clang-format    cmd:clang-format             the layout check
check  clang-tidy      cmd:clang-tidy               static analysis
check  python3         cmd:python3                  the checks and runners themselves
check  iproute2        cmd:ip                       namespaces and taps for the system tests
check  iputils-ping    cmd:ping                     system tests: the kernel pings our hosts
check  arping          cmd:arping                   system tests: who has this address
check  curl            cmd:curl                     system tests: HTTP from the kernel's side
check  iperf3          cmd:iperf3                   system tests: a client of our iperf3 service
check  mandoc          cmd:mandoc                   the manual pages' mistakes
check  tcpdump         cmd:tcpdump                  system tests: a second opinion on checksums
interop dpkg-dev       cmd:dpkg-source              unpacks lwIP's source package
bench  iperf3          cmd:iperf3                   the Linux bridge's figure beside ours
bench  ethtool         cmd:ethtool                  switches segmentation offloads off there
fuzz   clang           cmd:clang                    has libFuzzer
fuzz   libclang-rt-14-dev file:/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux  libFuzzer itself, and clang's sanitizers
fuzz   llvm            cmd:llvm-symbolizer          names in what the sanitizers print
deb    build-essential file:/usr/share/build-essential/essential-packages-list  what every Debian package may count on
deb    debhelper       cmd:dh                       builds the package
accept git             cmd:git                      a fresh clone for every row
accept debootstrap     cmd:debootstrap              a bare Debian for row 1
accept iperf3          cmd:iperf3                   a client of the iperf3 service
accept npm             cmd:npm                      fetches the public YAML test suite
accept curl            cmd:curl                     clients of the http service: this one
accept wget            cmd:wget                     another
accept apache2-utils   cmd:ab                       another, with 50 connections
accept wrk             cmd:wrk                      another, as fast as it can
accept nmap            cmd:nmap                     scans the virtual hosts; and nping, which makes odd packets
accept hping3          cmd:hping3                   odd packets of another hand
accept tcpdump         cmd:tcpdump                  reads the numbers of a connection off the wire
accept python3-scapy   file:/usr/lib/python3/dist-packages/scapy/all.py  makes malformed frames
accept netsniff-ng     cmd:trafgen                  makes others
EOF
}

present() {
    case $1 in
    cmd:*) command -v "${1#cmd:}" >/dev/null 2>&1 ;;
    pc:*) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "${1#pc:}" ;;
    file:*) [ -e "${1#file:}" ] ;;
    esac
}

list=$(mktemp)
trap 'rm -f "$list"' EXIT
PATH=$PATH:/usr/sbin:/sbin
missing=
for group in "${@:-run}"; do
    table | grep "^$group " >"$list" || { echo "deps: no such group: $group" >&2; exit 2; }
    while read -r _ package test why; do
        present "$test" && continue
        echo "deps: $package is missing: $why"
        missing="$missing $package"
    done <"$list"
done
[ -n "$missing" ] || { echo "deps: nothing missing ($*)"; exit 0; }

if ! command -v apt-get >/dev/null 2>&1; then
    echo "deps: no apt-get here; install the above by the means of this system" >&2
    exit 1
fi
sudo=
if [ "$(id -u)" != 0 ]; then
    sudo=sudo
    command -v sudo >/dev/null 2>&1 || {
        echo "deps: not root, and no sudo; as root: apt-get install$missing" >&2
        exit 1
    }
fi
as_root="$sudo env DEBIAN_FRONTEND=noninteractive"
echo "deps: installing$missing"
log=$(mktemp)
trap 'rm -f "$list" "$log"' EXIT
$as_root apt-get -q update >"$log" 2>&1 </dev/null ||
    { echo "deps: apt-get update had trouble; trying with what is known"; tail -n 5 "$log"; }
# shellcheck disable=SC2086 # a list of words
$as_root apt-get -q install -y --no-install-recommends $missing >"$log" 2>&1 </dev/null ||
    { tail -n 30 "$log" >&2; echo "deps: apt-get install failed" >&2; exit 1; }
echo "deps: installed"
