#!/usr/bin/env python3
"""Writes core/jitter_normal.c: the upper half of the standard normal distribution's quantiles.

    tools/jitter_table.py > core/jitter_normal.c

The file is committed; this says how it came about. What it must hold is tested by test_jitter."""
from statistics import NormalDist

HALF = 2048
SCALE = 8192

values = [round(SCALE * NormalDist().inv_cdf((2 * HALF + 2 * i + 1) / (4 * HALF))) for i in range(HALF)]

print("/* Quantiles of the standard normal distribution (see jitter.h). Written by")
print(" * tools/jitter_table.py. */")
print('#include "core/jitter.h"')
print()
print(f"const uint16_t sw_jitter_normal[{HALF}] = {{")
line = "   "
for value in values:
    word = f" {value},"
    if len(line + word) > 100:
        print(line)
        line = "   "
    line += word
print(line)
print("};")
