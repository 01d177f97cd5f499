#!/bin/sh
# Every source file lies as .clang-format would lay it; `make format` mends what this finds.
set -eu
cd "$1"
find core stack lan config switchd tests examples tools -name '*.[ch]' -print0 2>/dev/null |
    xargs -0 -r -P"$(nproc)" -I{} sh -c \
        'clang-format "$1" | cmp -s - "$1" || { echo "$1: not as clang-format lays it"; exit 1; }' sh {}
