#!/bin/sh
# Each .c of the pure rooms compiles by itself, with nothing but the root to include from; each header
# (config's too) stands alone.
set -eu
cd "$1"
status=0
find core stack lan -name '*.c' -print0 2>/dev/null |
    xargs -0 -r -P"$(nproc)" -n1 gcc -std=c11 -I. -Wall -Werror -c -o /dev/null || status=1
# A header that uses what it does not include works only after the right others.
find core stack lan config -name '*.h' -print0 2>/dev/null |
    xargs -0 -r -P"$(nproc)" -I{} sh -c \
        'printf "#include \"%s\"\n" "$1" |
            gcc -std=c11 -I. -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c -' sh {} || status=1
exit $status
