#!/usr/bin/env bash
# Hard row 7: what `make deb` builds, installed by apt into a bare Debian: the shipped examples pass there, the manual pages render, a
# C program builds with pkg-config.
set -u
row=hard-7
root=$SW_TMP/bare

. tests/accept/chroot.sh
in_own_namespaces "$@"

failed=0
verdict() {
    if [ "$1" -eq 0 ]; then echo "row $row: $2 -- ok"; else echo "row $row: $2 -- FAILED"; failed=1; fi
}

begun=$(date +%s)
make --no-print-directory deb >"$SW_TMP/deb.log" 2>&1 || { tail -n 40 "$SW_TMP/deb.log"; fail "make deb"; }
package=$(ls build/deb/switchd_*.deb)
echo "row $row: make deb: $(basename "$package"), $(stat -c %s "$package") bytes, $(($(date +%s) - begun)) s -- ok"
begun=$(date +%s)
bash tests/release/reproducible.sh "$package" >"$SW_TMP/said.log" 2>&1
status=$?
[ $status -eq 0 ] || tail -n 40 "$SW_TMP/said.log"
verdict $status "a second build elsewhere has the same bytes: $(head -c 16 "$SW_TMP/said.log")..., $(($(date +%s) - begun)) s"

bare_debian "$root"
cp "$package" "$root/root/x.deb"
try() {
    inside "$root" "export DEBIAN_FRONTEND=noninteractive; cd /root && { $1; }" >"$SW_TMP/said.log" 2>&1 && return 0
    tail -n 40 "$SW_TMP/said.log"
    return 1
}
try "apt-get -q update && apt-get install -y --no-install-recommends ./x.deb" || fail "apt-get install ./x.deb"
echo "row $row: apt-get install ./x.deb: $(inside "$root" "switchd --version") -- ok"

try "switchd test /usr/share/doc/switchd/examples"
status=$?
last=$(tail -n 1 "$SW_TMP/said.log")
echo "$last" | grep -qE '^[1-9][0-9]* passed, 0 failed(, [0-9]+ skipped)?$' || status=1
verdict $status "switchd test of the shipped examples: $last"

try "apt-get install -y --no-install-recommends man-db gcc libc6-dev libjansson-dev pkg-config check" || fail "man-db and what the package suggests"
for page in "1 switchd" "5 switchd-lan"; do
    # man says what its formatter complains of; a page that is not there or empty has no NAME.
    try "LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings $page 2>said | cat >page; cat said; ! [ -s said ] && grep -q '^NAME' page && wc -l <page"
    verdict $? "man $page: $(tail -n 1 "$SW_TMP/said.log") lines, no complaint"
done

# A page that reads well has its parts in their order, and tells of each verb; and nothing of its source is left in it.
try "LC_ALL=C.UTF-8 MANWIDTH=80 man switchd >page && switchd --help >help"
parts=$(grep -E '^[A-Z][A-Z ]*$' "$root/root/page" | paste -sd, | sed 's/,/, /g')
untold=0
for verb in $(sed -n 's/^  switchd \([a-z][a-z]*\) .*/\1/p' "$root/root/help"); do
    grep -qE "^   $verb( |$)" "$root/root/page" || { echo "$verb is not told of"; untold=$((untold + 1)); }
done
echo "$parts" | grep -q '^NAME, SYNOPSIS, DESCRIPTION, .*EXIT STATUS, EXAMPLES, .*SEE ALSO' && [ $untold -eq 0 ] &&
    ! grep -nE '^\.[A-Z][a-z]|\\f[BIR]|@[A-Z]+@' "$root/root/page" && [ "$(LC_ALL=C.UTF-8 wc -L <"$root/root/page")" -le 80 ]
verdict $? "man switchd: $parts; $untold verbs untold, no line over 80 columns, no macro left"

# Each shell finds its completions by itself, where the package put them.
try "apt-get install -y --no-install-recommends bash-completion zsh fish" || fail "three shells"
cat >"$root/root/offers" <<'EOF'
. /usr/share/bash-completion/bash_completion
_completion_loader switchd
COMP_WORDS=(switchd pi)
COMP_CWORD=1
$(complete -p switchd | sed 's/.*-F \([^ ]*\) .*/\1/') 2>/dev/null
echo "bash: ${COMPREPLY[*]}"
zsh -f -c 'autoload -U compinit; compinit -u -D; echo "zsh: ${_comps[switchd]}"'
fish -c 'echo fish: (complete -C "switchd pi" | string split -f1 \t)'
EOF
inside "$root" "bash /root/offers" >"$SW_TMP/said.log" 2>&1
said=$(paste -sd, "$SW_TMP/said.log" | sed 's/,/, /g')
[ "$said" = "bash: ping, zsh: _switchd, fish: ping" ]
verdict $? "completions of 'switchd pi' as the shells load them: $said"

cat >"$root/root/x.c" <<'EOF'
#include <stdio.h>

#include "core/frame.h"
#include "lan/lab.h"

int main(void)
{
    struct sw_lab *lab = sw_lab_new(7);
    if (!lab) {
        return 1;
    }
    puts(sw_lab_switch(lab, "core") ? "a lab with a switch" : "a lab without a switch");
    sw_lab_free(lab);
    return 0;
}
EOF
try "cc -Wall -Werror x.c \$(pkg-config --cflags --libs switchd) && ./a.out"
verdict $? "cc x.c \$(pkg-config --cflags --libs switchd): $(tail -n 1 "$SW_TMP/said.log")"
for source in examples/*.c; do
    also=$(grep -q '<check.h>' "$source" && echo check)
    try "cc /usr/share/doc/switchd/$source \$(pkg-config --cflags --libs switchd $also)"
    verdict $? "cc /usr/share/doc/switchd/$source"
done
exit $failed
