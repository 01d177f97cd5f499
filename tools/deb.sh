#!/bin/sh
# Builds the Debian package of this tree with Debian's own tools: deb.sh [FOLDER], by default build/deb. What is in the tree and not
# only what is committed goes in. The same tree gives the same bytes, in whatever folder, at whatever time: the times of all
# files are those of debian/changelog's first entry.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$here/build/deb}
mkdir -p "$out"
out=$(cd "$out" && pwd)
version=$(dpkg-parsechangelog -l "$here/debian/changelog" -S Version)
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$here/debian/changelog" -S Timestamp)
export SOURCE_DATE_EPOCH

# dpkg-buildpackage leaves what it makes beside its source.
source=$out/switchd-$version
rm -rf "$source"
mkdir "$source"
tar -C "$here" -cf - --exclude=./build --exclude=./.git --exclude=__pycache__ --sort=name --mtime="@$SOURCE_DATE_EPOCH" \
    --mode=u=rwX,go=rX . | tar -C "$source" -xf - --no-same-owner
rm -f "$out"/switchd_*
cd "$source"
log=$out/build.log
if ! dpkg-buildpackage -us -uc -b >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    echo "deb: dpkg-buildpackage failed; all of it is in $log" >&2
    exit 1
fi
cd "$out"
rm -rf "$source"
ls "$out"/switchd_*.deb
