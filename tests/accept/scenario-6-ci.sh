#!/usr/bin/env bash
# Scenario row 6: what CI servers read. The jobs of docs/ci.md are played in an environment like theirs; xmllint and prove are the readers.
set -u
row=scenario-6
. tests/accept/lib.sh

command -v xmllint >/dev/null 2>&1 || { apt-get -q update && apt-get -q install -y --no-install-recommends libxml2-utils; } >"$SW_TMP/apt.log" 2>&1

cases="junit_is_what_its_readers_want tap_is_what_prove_reads json_lines_tell_all_that_happened github_gets_annotations_and_a_table
    gitlab_finds_its_artefacts an_interrupt_leaves_reports_that_can_be_read"
# shellcheck disable=SC2086 # a list of words
python3 tests/system/run "$SW_BUILD" $cases >"$SW_TMP/cases" 2>&1
for name in $cases; do
    grep -qx "ok $name" "$SW_TMP/cases"
    verdict $? "$(echo "$name" | tr _ ' ')"
done
grep -v '^ok\|took' "$SW_TMP/cases"

# The commands of docs/ci.md as they stand there, in a checkout whose tests fail, as each server would set the scene.
scene=$SW_TMP/checkout
mkdir -p "$scene/tests/network"
cp tests/scenario/must-fail/ping.yaml examples/lost-syn.yaml "$scene/tests/network/"
command=$(grep -o 'switchd test --jobs 2 --report report tests/network' docs/ci.md | sort -u)
[ "$(grep -c "$command" docs/ci.md)" -eq 2 ]
verdict $? "docs/ci.md shows a job of GitHub and one of GitLab: $command"
for server in github gitlab; do
    rm -rf "$scene/report"
    case $server in
    github) scene_set="CI=true GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$SW_TMP/summary.md" ;;
    gitlab) scene_set="CI=true GITLAB_CI=true" ;;
    esac
    # shellcheck disable=SC2086
    (cd "$scene" && env -u GITHUB_ACTIONS $scene_set PATH="$(dirname "$SW_SWITCHD"):$PATH" sh -c "$command") >"$SW_TMP/job" 2>&1
    status=$?
    xmllint --noout --schema tests/system/junit.xsd "$scene/report/junit.xml" >"$SW_TMP/xmllint" 2>&1
    valid=$?
    captures=$(find "$scene/report" -name capture.pcapng | wc -l)
    [ $status -eq 1 ] && [ $valid -eq 0 ] && [ "$captures" -eq 2 ]
    verdict $? "a failing $server job ends with $status, and leaves junit.xml ($(grep -c '<failure' "$scene/report/junit.xml") failures), events.jsonl and $captures captures"
done
[ "$(grep -c '^| .* | failed | ' "$SW_TMP/summary.md")" -ge 5 ]
verdict $? "the summary of the github job: $(tail -n 1 "$SW_TMP/summary.md")"
[ $failures -eq 0 ]
