#!/usr/bin/env bash
# Two builds of the package give the same bytes, whatever is different around them: the folder, the hour and its zone, the language,
# the umask, the home, the number of jobs.
#
#   tests/release/reproducible.sh [PACKAGE]      PACKAGE: one that was built from this tree; it stands for the first build
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# build FOLDER COMMAND...: the package of a copy of the tree in FOLDER, built by COMMAND deb.sh.
build() {
    local folder=$1
    shift
    mkdir -p "$folder"
    tar -C "$here" -cf - --exclude=./build --exclude=./.git . | tar -C "$folder" -xf -
    "$@" sh "$folder/tools/deb.sh" "$folder/out" >"$tmp/said.log" 2>&1 || { tail -n 40 "$tmp/said.log"; exit 1; }
    package=$(ls "$folder"/out/switchd_*.deb)
}

if [ $# -gt 0 ]; then
    first=$1
else
    build "$tmp/a" env TZ=UTC LC_ALL=C DEB_BUILD_OPTIONS=parallel=1
    first=$package
fi
(umask 077 && mkdir "$tmp/elsewhere")
umask 027
build "$tmp/elsewhere/a/folder/that/is/deeper/than/the/first" env TZ=Pacific/Kiritimati LC_ALL=C.UTF-8 HOME=/nonexistent DEB_BUILD_OPTIONS=parallel=3
second=$package

sha256sum <"$first"
if ! cmp "$first" "$second"; then
    dpkg-deb --raw-extract "$first" "$tmp/x" && dpkg-deb --raw-extract "$second" "$tmp/y" && diff -r "$tmp/x" "$tmp/y"
    exit 1
fi
