#!/usr/bin/env bash
# Row 8: the library by itself: installed into a folder of its own, found by pkg-config, linked by three small programs that know
# nothing else of ours; the second drives the same network from poll(2), the third brings a stack of its own.
set -u
row=8
. tests/accept/lib.sh

prefix=$SW_TMP/prefix
cmake --install "$SW_BUILD" --prefix "$prefix" >"$SW_TMP/install.log" 2>&1 || { tail "$SW_TMP/install.log"; verdict 1 "cmake --install"; exit 1; }
# The file names the folder it was configured for; here it lies elsewhere.
pc=$(find "$prefix" -name switchd.pc)
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$pc")
flags=$(pkg-config --define-variable=prefix="$prefix" --cflags --libs switchd) || { verdict 1 "pkg-config switchd"; exit 1; }
echo "pkg-config: $flags"

lines=$(wc -l <examples/two_hosts.c)
[ "$lines" -lt 80 ]
verdict $? "examples/two_hosts.c has $lines lines (under 80)"

for name in two_hosts poll_loop own_stack; do
    mkdir "$SW_TMP/$name"
    # Away from our tree, so that nothing but what is installed is found.
    cp "examples/$name.c" "$SW_TMP/$name/"
    # shellcheck disable=SC2086 # a list of words
    if ! (cd "$SW_TMP/$name" && cc -std=c11 -O2 -Wall -Wextra $name.c $flags -o $name) >"$SW_TMP/cc.log" 2>&1; then
        cat "$SW_TMP/cc.log"
        verdict 1 "$name.c builds with libswitchd alone"
        continue
    fi
    needed=$(objdump -p "$SW_TMP/$name/$name" | awk '/NEEDED/ { printf "%s ", $2 }')
    case $needed in *uv*|*yaml*) false ;; *) [ -n "$needed" ] ;; esac
    verdict $? "$name builds with libswitchd alone; shared libraries: $needed"
    said=$(cd "$SW_TMP/$name" && timeout 60 ./$name 2>&1)
    status=$?
    wanted=$(sed -n 's/^ \* Prints: //p' "examples/$name.c")
    echo "$said"
    [ $status -eq 0 ] && [ -n "$wanted" ] && echo "$said" | grep -qF -- "$wanted"
    verdict $? "$name: exit status $status, says \"$(echo "$said" | tail -n 1)\""
done
grep -q 'poll(' examples/poll_loop.c && ! grep -q 'uv' examples/poll_loop.c
verdict $? "poll_loop waits in poll(2), and never heard of libuv"
[ $failures -eq 0 ]
