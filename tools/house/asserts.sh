#!/bin/sh
# assert is alive under release flags: a program that fails one dies of it, and the archive still asks for __assert_fail.
set -u
release=$2/clang
status=0
{ said=$("$release/tools/assert_fires" 2>&1); code=$?; } 2>/dev/null
# 134: killed by SIGABRT.
if [ $code -ne 134 ] || ! printf '%s\n' "$said" | grep -q 'argc > 1000'; then
    echo "a failed assert did not end the program (exit status $code): $said"
    status=1
fi
if grep -l -e -DNDEBUG "$2"/*/compile_commands.json; then
    echo "NDEBUG is defined somewhere in the builds above"
    status=1
fi
if [ -f "$release/libswitchd.a" ] && ! nm "$release/libswitchd.a" 2>/dev/null | grep -q __assert_fail; then
    echo "libswitchd.a of the release flags has no assert in it"
    status=1
fi
exit $status
