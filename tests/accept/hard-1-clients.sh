#!/usr/bin/env bash
# Hard row 1, HTTP clients: Debian's curl, wget, ab and wrk, from a namespace over a tap, against the http service of virtual hosts,
# without one error. Every body that curl and wget fetch is compared by its bytes, and so is every one that wrk counts; ab compares
# lengths.
set -u
row=hard-1
. tests/accept/lib.sh
a=swt-$$-a
web=10.95.0.10
other=10.95.0.11
sh tools/deps.sh accept || { verdict 1 "the clients are installed"; exit 1; }
space $a || { verdict 1 "network namespace"; exit 1; }
in_a() { timeout 120 ip netns exec $a "$@"; }

# What is served: a short text, made-up bytes, files (among them an empty one, and names that a URL has to spell).
www=$SW_TMP/www
mkdir -p "$www/sub/deep" "$SW_TMP/got"
for i in $(seq 20); do head -c $((i * i * 3000 + i)) /dev/urandom >"$www/f$i"; done
: >"$www/empty"
head -c 70000 /dev/urandom >"$www/sub/a name, 100%.bin"
head -c 1000 /dev/urandom >"$www/sub/deep/umlaut ä.bin"
head -c 30000000 /dev/urandom >"$www/sub/large.bin"
{
    echo '<html><body>'
    for i in $(seq 20); do echo "<a href=\"f$i\">f$i</a>"; done
    echo '<a href="empty">e</a> <a href="sub/a%20name%2C%20100%25.bin">a</a> <a href="sub/deep/umlaut%20%C3%A4.bin">u</a>'
    echo '<a href="sub/large.bin">l</a></body></html>'
} >"$www/index.html"
printf 'hello, LAN' >"$SW_TMP/hello"
python3 - "$SW_TMP" <<'PYTHON'
import sys
pattern = bytes(range(251)) * 400000
for name, n in (("100m", 100000000), ("1m", 1000000)):
    open(sys.argv[1] + "/" + name, "wb").write(pattern[:n])
PYTHON

cat >"$SW_TMP/clients.yaml" <<LAN
name: clients
switches: { core: {} }
hosts:
  web:
    address: $web/24
    services:
      - http: { port: 80, body: "hello, LAN" }
      - http: { port: 81, size: 100 MB }
      - http: { port: 82, size: 1 MB }
      - http: { port: 83, root: $www }
  other:
    address: $other/24
    services:
      - http: { port: 80, root: $www }
uplinks:
  kernel: { type: tap, netns: $a, device: swt0, address: 10.95.0.1/24 }
links:
  - ["*", core]
LAN
up "$SW_TMP/clients.yaml" || { verdict 1 "the LAN comes up"; exit 1; }

# ---- curl

begun=$(date +%s)
in_a curl -sS -m 100 http://$web/ | cmp - "$SW_TMP/hello" && in_a curl -sS -m 100 http://$web:81/ | cmp - "$SW_TMP/100m"
verdict $? "curl: a body of 10 bytes and one of 100 MB, SHA-256 $(sha256sum <"$SW_TMP/100m" | cut -c1-12)…"

in_a curl -sS -m 60 --parallel --parallel-immediate --parallel-max 50 -w '%{http_code}\n' -o "$SW_TMP/got/#2-#1" \
    "http://{$web:83,$other:80}/f[1-20]" >"$SW_TMP/curl.log" 2>&1
right=0
for i in $(seq 20); do
    cmp -s "$www/f$i" "$SW_TMP/got/$i-$web:83" && right=$((right + 1))
    cmp -s "$www/f$i" "$SW_TMP/got/$i-$other:80" && right=$((right + 1))
done
[ $right -eq 40 ] && [ "$(grep -cx 200 "$SW_TMP/curl.log")" -eq 40 ]
verdict $? "curl --parallel-max 50: $right of 40 files of two hosts at once are right"

wrong=0
for way in "-0" "--http1.1" "-H Connection:close" "-H Expect:100-continue" "--tcp-nodelay --limit-rate 20M" "--compressed"; do
    # shellcheck disable=SC2086 # a list of words
    in_a curl -sS -m 60 $way "http://$other/sub/large.bin" | cmp - "$www/sub/large.bin" || wrong=$((wrong + 1))
done
in_a curl -sS "http://$other/sub/a%20name,%20100%25.bin" | cmp - "$www/sub/a name, 100%.bin" || wrong=$((wrong + 1))
in_a curl -sS --path-as-is "http://$other/./sub//deep/../deep/umlaut%20%c3%a4.bin?q#f" | cmp - "$www/sub/deep/umlaut ä.bin" ||
    wrong=$((wrong + 1))
in_a curl -sS "http://$other/empty" | cmp - "$www/empty" || wrong=$((wrong + 1))
in_a curl -sS "http://$other/" | cmp - "$www/index.html" || wrong=$((wrong + 1))
[ $wrong -eq 0 ]
verdict $? "curl: HTTP/1.0, 1.1, a slow reader, an empty file, names to be spelt: $wrong of 10 wrong"

connects=$(in_a curl -sS -m 60 -o /dev/null -w '%{num_connects}\n' "http://$web/[1-500]" | sort -n | uniq -c | tr -s ' ' | tr '\n' ';')
[ "$connects" = " 499 0; 1 1;" ]
verdict $? "curl, 500 requests one after the other: connections made a request (how many, which):$connects"

# Ranges: FIRST-LAST, what curl asks for, with the bytes that a slice of the file has; and both ends of what is there.
wrong=0
tried=0
size=$(stat -c %s "$www/sub/large.bin")
for range in 0-0 0-99 1-1447 1448-2896 -1 -1000 29999999- 29999999-40000000 15000000-20000001; do
    first=${range%-*}
    last=${range#*-}
    [ -n "$first" ] || { first=$((size - last)); last=; }
    [ -n "$last" ] && [ "$last" -lt "$size" ] || last=$((size - 1))
    told=$(in_a curl -sS -m 20 -r "$range" -D "$SW_TMP/head" -o "$SW_TMP/got/part" -w '%{http_code}' http://$web:83/sub/large.bin)
    tried=$((tried + 1))
    [ "$told" = 206 ] && grep -q "^Content-Range: bytes $first-$last/$size" "$SW_TMP/head" &&
        cmp "$SW_TMP/got/part" <(tail -c +$((first + 1)) "$www/sub/large.bin" | head -c $((last - first + 1))) ||
        { echo "range $range: $told"; wrong=$((wrong + 1)); }
done
[ "$(in_a curl -sS -r 30000000- -o /dev/null -w '%{http_code}' http://$web:83/sub/large.bin)" = 416 ] || wrong=$((wrong + 1))
head -c 12345678 "$www/sub/large.bin" >"$SW_TMP/got/rest"
in_a curl -sS -m 20 -C - -o "$SW_TMP/got/rest" http://$web:83/sub/large.bin
cmp "$SW_TMP/got/rest" "$www/sub/large.bin" || wrong=$((wrong + 1))
[ $wrong -eq 0 ]
verdict $? "curl: $tried ranges, one beyond the end (416), a download resumed: $wrong wrong"

wrong=0
for i in $(seq 20); do
    [ "$(in_a curl -sSI "http://$other/f$i" | tr -d '\r' | sed -n 's/^Content-Length: //p')" = "$(stat -c %s "$www/f$i")" ] || wrong=$((wrong + 1))
done
in_a curl -sS -o /dev/null -o /dev/null -o /dev/null -o /dev/null -w '%{http_code} %{num_connects}\n' \
    http://$other/none --next -sS -T "$www/f3" -w '%{http_code} %{num_connects}\n' -H Expect: -o /dev/null http://$other/none \
    --next -sS -X DELETE -w '%{http_code} %{num_connects}\n' -o /dev/null http://$other/f1 \
    --next -sS -w '%{http_code} %{num_connects}\n' -o /dev/null http://$other/f1 >"$SW_TMP/codes"
[ $wrong -eq 0 ] && [ "$(tr '\n' ';' <"$SW_TMP/codes")" = "404 1;405 0;405 0;200 0;" ]
verdict $? "curl: 20 HEADs, $wrong wrong; GET of nothing, PUT, DELETE and GET on one connection: $(tr '\n' ';' <"$SW_TMP/codes")"

# ---- wget

in_a wget -q -r -np -nH -P "$SW_TMP/mirror" http://$other/ 2>"$SW_TMP/wget.log"
status=$?
diff -r "$www" "$SW_TMP/mirror"
[ $? -eq 0 ] && [ $status -eq 0 ]
verdict $? "wget -r: $(find "$SW_TMP/mirror" -type f | wc -l) files as they are here, exit status $status"
rm -rf "$SW_TMP/mirror"
head -c 20000000 "$www/sub/large.bin" >"$SW_TMP/got/large.bin"
in_a wget -nv -c -P "$SW_TMP/got" http://$web:83/sub/large.bin 2>"$SW_TMP/wget.log" && cmp "$SW_TMP/got/large.bin" "$www/sub/large.bin" &&
    in_a wget -q --spider http://$other/f1 && ! in_a wget -q --spider http://$other/none
verdict $? "wget -c and --spider: $(grep -o '\[.*\]' "$SW_TMP/wget.log" | head -n 1)"

# ---- ab

# loads NAME REQUESTS URL OPTION...: ab -c 50.
loads() {
    local name=$1 n=$2 url=$3 report=$SW_TMP/ab.log
    shift 3
    in_a ab -q -s 30 -c 50 -n "$n" "$@" "$url" >"$report" 2>&1
    local status=$?
    [ $status -eq 0 ] && grep -q "^Complete requests: *$n$" "$report" && grep -q '^Failed requests: *0$' "$report" &&
        ! grep -q '^Non-2xx responses\|^Write errors' "$report"
    verdict $? "ab -c 50 $name: $(awk '/^Complete requests/ { c = $3 } /^Failed requests/ { f = $3 } /^Keep-Alive/ { k = $3 }
        /^Requests per second/ { r = $4 } END { printf "%d requests%s, %d failed, %.0f a second", c, k ? " on kept connections" : "", f, r }' "$report")"
    [ $status -eq 0 ] || tail -n 5 "$report"
}
loads "10 bytes" 20000 http://$web/
loads "10 bytes -k" 100000 http://$web/ -k
loads "1 MB" 500 http://$web:82/
loads "1 MB -k" 500 http://$web:82/ -k
loads "a file of 300 kB -k" 2000 http://$other/f10 -k
loads "a range of a file" 5000 http://$other/sub/large.bin -H "Range: bytes=12000000-12009999"
loads "HEAD -k" 20000 http://$other/sub/large.bin -i -k

# ---- wrk

# Each answer's body is compared; TIMES requests go out in one go (pipelining), of which wrk hands each answer over by itself.
cat >"$SW_TMP/check.lua" <<'LUA'
local threads = {}
function setup(thread)
    table.insert(threads, thread)
end
function init(args)
    local file = assert(io.open(args[1], "rb"))
    want = file:read("*a")
    file:close()
    right, wrong = 0, 0
    local one, all = wrk.format(), {}
    for i = 1, tonumber(args[2]) do
        all[i] = one
    end
    at_once = table.concat(all)
end
function request()
    return at_once
end
function response(status, headers, body)
    if status == 200 and body == want then
        right = right + 1
    else
        wrong = wrong + 1
    end
end
function done(summary, latency, requests)
    local ok, bad, e = 0, 0, summary.errors
    for _, thread in ipairs(threads) do
        ok, bad = ok + thread:get("right"), bad + thread:get("wrong")
    end
    print(string.format("told: %d %d %d %.0f", ok, bad, e.connect + e.read + e.write + e.status + e.timeout,
        summary.requests / summary.duration * 1e6))
end
LUA
# hammers NAME CONNECTIONS URL BODY TIMES
hammers() {
    local right wrong errors rate
    in_a wrk -t 2 -c "$2" -d 4s --timeout 20s -s "$SW_TMP/check.lua" "$3" -- "$4" "$5" >"$SW_TMP/wrk.log" 2>&1
    read -r _ right wrong errors rate < <(grep '^told: ' "$SW_TMP/wrk.log")
    [ "${right:-0}" -gt 50 ] && [ "$wrong" -eq 0 ] && [ "$errors" -eq 0 ] && ! grep -q 'Socket errors\|Non-2xx' "$SW_TMP/wrk.log"
    verdict $? "wrk -c $2 $1: ${right:-no} answers right, ${wrong:-?} wrong, ${errors:-?} errors, ${rate:-0} a second"
}
hammers "10 bytes" 50 http://$web/ "$SW_TMP/hello" 1
hammers "10 bytes, 16 requests in one go" 50 http://$web/ "$SW_TMP/hello" 16
hammers "10 bytes" 500 http://$web/ "$SW_TMP/hello" 1
hammers "1 MB" 50 http://$web:82/ "$SW_TMP/1m" 1
hammers "a file of 300 kB" 50 http://$other/f10 "$www/f10" 1

# ---- the end

echo "$(($(date +%s) - begun)) s in all"
sleep 0.5 # an answered FIN's last acknowledgement
left=$(in_a ss -H -t -a -n | grep -vc TIME-WAIT)
[ "$left" -eq 0 ]
verdict $? "connections left in the kernel: $left"
down
status=$?
# But for this, which a machine that is busy with other things makes: the clock's line counts it.
grep 'switchd: ' "$SW_TMP/lan.log" | grep -v 'LAN time stood still' >"$SW_TMP/complaints"
[ $status -eq 0 ] && [ ! -s "$SW_TMP/complaints" ]
verdict $? "the LAN ends with $status and had nothing to complain of; $(grep '^clock: ' "$SW_TMP/lan.log" | tail -n 1 | cut -d' ' -f2-)"
cat "$SW_TMP/complaints"
grep '^host \|^uplink ' "$SW_TMP/lan.log"
left=$(ip -n $a -o link | grep -c swt0)
[ "$left" -eq 0 ] && ip netns del $a
verdict $? "taps left behind: $left, and the namespace can go"
spaces=
[ $failures -eq 0 ]
