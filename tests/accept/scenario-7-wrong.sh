#!/usr/bin/env bash
# Scenario row 7: what is wrong is refused before anything runs, at its line and column; what never ends is ended, and says what it waits
# for; ^C leaves what can be read; and nothing passes that should not: for each step and expectation there is a scenario that must fail,
# and does, for the right reason.
set -u
row=scenario-7
. tests/accept/lib.sh

lan='hosts: { a: { address: 10.0.0.1/24 }, b: { address: 10.0.0.2/24 } }
switches: { core: {} }
links: [[a, core], [b, core], { endpoints: [a, core], name: second }]
'
lan=${lan/a: \{ address: 10.0.0.1\/24 \}/a: \{ interfaces: \{ eth0: \{ address: 10.0.0.1\/24 \}, eth1: \{ address: 10.1.0.1\/24 \} \} \}}

# refused WHAT LINE:COLUMN PATTERN YAML: as line 4 and after.
refused() {
    printf '%s%s\n' "$lan" "$4" >"$SW_TMP/wrong.yaml"
    "$SW_SWITCHD" test "$SW_TMP/wrong.yaml" >"$SW_TMP/out" 2>"$SW_TMP/err"
    local status=$?
    [ $status -eq 2 ] && [ ! -s "$SW_TMP/out" ] && grep -q "^$SW_TMP/wrong.yaml:$2: error: .*$3" "$SW_TMP/err"
    local held=$?
    verdict $held "$1: $(grep -m 1 'error:' "$SW_TMP/err" | sed 's/^[^:]*//; s/^://')"
    [ $held -eq 0 ] || cat "$SW_TMP/out" "$SW_TMP/err"
}
refused "an unknown step" 4:14 "unknown key 'pnig'.*'ping'" 'scenario: [{ pnig: { from: a, to: b } }]'
refused "an impossible expectation" 4:56 "loss" 'scenario: [{ ping: { from: a, to: b }, expect: { loss: "120 %" } }]'
refused "a range the wrong way round" 4:55 "rtt" 'scenario: [{ ping: { from: a, to: b }, expect: { rtt: "5 ms .. 1 ms" } }]'
refused "a unit that is missing" 4:27 "for.*unit" 'scenario: [{ wait: { for: 5 } }]'
refused "a time before now" 4:16 "at" 'events: [{ at: -1 s, down: second }]'
refused "an ambiguous link" 4:20 "second" 'scenario: [{ down: [a, core] }]'
refused "an unknown link" 4:20 "wan" 'scenario: [{ down: wan }]'
refused "an expectation of another step" 4:42 "wait measures nothing" 'scenario: [{ wait: { for: 1 s }, expect: { replies: 3 } }]'
refused "an event after a step that is not there" 4:19 "never" 'events: [{ after: never, down: second }]'
refused "a filter that is none" 4:54 "match" 'scenario: [{ capture: { on: second, match: "tcp port port" }, expect: { frames: 0 } }]'

# ---- what never ends ----
cat >"$SW_TMP/endless.yaml" <<'LAN'
hosts:
  a: { address: 10.0.0.1/24 }
  b: { address: 10.0.0.2/24, services: [{ http: { size: 1 GB } }] }
links:
  - { endpoints: [a, b], rate: 1 Mbit }
scenario:
  - parallel:
      - name: many pings
        ping: { from: a, to: b, count: 1000000, timeout: 30 s }
      - name: a long page
        http: { from: a, url: "http://b/" }
        timeout: 20 h
LAN
"$SW_SWITCHD" test --timeout "10 s" "$SW_TMP/endless.yaml" >"$SW_TMP/out" 2>&1
status=$?
grep -A 1 '^FAIL .*the scenario ends' "$SW_TMP/out" >"$SW_TMP/end"
[ $status -eq 1 ] && grep -q 'its time ran out at 10.0* s' "$SW_TMP/end" && grep -q 'many pings: [0-9]* of 1000000 replies' "$SW_TMP/end" &&
    grep -q 'a long page: [0-9]* B of the answer' "$SW_TMP/end"
verdict $? "one that never ends:$(tail -n 1 "$SW_TMP/end" | sed 's/^ */ /')"

# ---- ^C ----
python3 tests/system/run "$SW_BUILD" an_interrupt_leaves_reports_that_can_be_read >"$SW_TMP/cases" 2>&1
grep -q '^ok an_interrupt' "$SW_TMP/cases"
verdict $? "^C leaves junit.xml and events.jsonl that can be read, and says what was open"

# ---- no fake passes ----
python3 tests/scenario/run "$SW_BUILD" >"$SW_TMP/scenarios" 2>&1
bad=$(grep -c '^not ok' "$SW_TMP/scenarios")
fails=$(grep -c '^ok tests/scenario/must-fail/' "$SW_TMP/scenarios")
[ "$bad" -eq 0 ] && [ "$fails" -ge 5 ]
verdict $? "$fails files whose checks must fail, and do, each for its reason and no other; $bad files are not as they should be"
"$SW_SWITCHD" test --json tests/scenario/must-fail/ >"$SW_TMP/json" 2>/dev/null
python3 - "$SW_TMP/json" >"$SW_TMP/pairs" <<'PY'
import json, re, sys
failed = set()
for line in open(sys.argv[1], encoding="utf-8"):
    record = json.loads(line)
    if record["record"] == "check" and not record["passed"] and "step" in record and "expected" in record:
        failed.add((record["step"], record["expected"].split()[0]))
page = open("docs/lan-file.md", encoding="utf-8").read()
table = page[page.index("### expectations"):page.index("### match")]
known = set(re.findall(r"^\| `(\w+)`(?: \(\w+\))? \| `([\w-]+)` \|", table, re.M))
missing = sorted(known - failed)
print(len(known), len(known) - len(missing), " ".join(f"{step}:{name}" for step, name in missing))
PY
read -r known covered missing <"$SW_TMP/pairs"
[ -n "$known" ] && [ "$known" -ge 30 ] && [ "$covered" -eq "$known" ]
verdict $? "of $known expectations of steps, $covered fail where they must${missing:+; not $missing}"
[ $failures -eq 0 ]
