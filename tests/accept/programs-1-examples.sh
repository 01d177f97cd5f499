#!/usr/bin/env bash
# Real programs, row 1: Debian's nginx and curl, Redis, PostgreSQL and pgbench, and three members of etcd, each a page of
# examples/programs/, three times as root and three times as an ordinary user. And what each page proves it proves: in a copy whose data,
# delay and partition are not what the page says, the checks of the digest, the latency and the partition fail, and no others.
set -u
row=programs-1
. tests/accept/lib.sh

packages nginx curl redis-server redis-tools postgresql etcd-server etcd-client
ordinary || { verdict 1 "an ordinary user"; exit 1; }
echo "$(nginx -v 2>&1), $(redis-server --version | cut -d ' ' -f 1-3), $(psql --version), $(etcd --version | head -n 1)"

for page in nginx redis postgresql etcd; do
    for who in root "$user"; do
        out=$SW_TMP/$page.${who%%-*}
        for i in 1 2 3; do
            as "$who" timeout 300 "$SW_SWITCHD" test --json "examples/programs/$page.yaml" >"$out.$i" 2>"$out.$i.err" </dev/null || cat "$out.$i.err"
        done
        python3 tests/accept/programs_pages.py judge "$page" "$([ "$who" = root ] && echo root || echo "an ordinary user")" "$out".[123] || failures=1
    done
    for kind in shown broken; do
        python3 tests/accept/programs_pages.py "$kind" "$page" >"$SW_TMP/$kind-$page.yaml" || failures=1
        timeout 300 "$SW_SWITCHD" test "$SW_TMP/$kind-$page.yaml" >"$SW_TMP/$page.$kind" 2>&1 </dev/null
    done
    python3 tests/accept/programs_pages.py compare "$page" "$SW_TMP/$page.shown" "$SW_TMP/$page.broken" || failures=1
done
exit $((failures > 0))
