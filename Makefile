# The few commands a person needs. The build itself is CMake's: see CMakePresets.json.
.PHONY: all deps run check soak interop conformance mutants bench fuzz coverage deb install accept format clean
JOBS := $(shell nproc 2>/dev/null || echo 2)

all:
	@sh tools/deps.sh run
	@cmake --preset release >/dev/null
	@cmake --build --preset release -j$(JOBS)

# Says which Debian packages are missing and why, and installs them.
deps:
	@sh tools/deps.sh run check

# Builds, brings examples/office.yaml up, shows traffic in it, ends by itself.
run:
	@sh tools/deps.sh run
	@sh tools/run-demo.sh

# Every test and every check of the house; the last line is the count.
check:
	@sh tools/deps.sh run check
	@python3 tools/check.py $(ONLY)

# TCP against a model, seed by seed: make soak SEEDS=500 FIRST=20001
SEEDS = 10000
FIRST = 1
soak:
	@sh tools/deps.sh run check
	@cmake --preset gcc >/dev/null
	@cmake --build --preset gcc -j$(JOBS) --target test_tcp_model >/dev/null
	@build/gcc/tests/unit/test_tcp_model --seeds $(SEEDS) --first $(FIRST) --jobs $(JOBS)

# Our TCP and the running kernel's, and lwIP's, over impaired links; up to 10 minutes. Wants root.
interop:
	@sh tools/deps.sh run check interop
	@cmake --preset gcc >/dev/null
	@cmake --build --preset gcc -j$(JOBS) --target interop_kernel libswitchd >/dev/null
	@tests/interop/run build/gcc --all

# What the standards ask for (docs/rfc.md), and how much of it a test proves.
conformance:
	@python3 tools/rfc.py --counts

# How much of TCP and IP a test holds: make mutants RUNS=50 SEED=7
RUNS = 200
mutants:
	@sh tools/deps.sh run check
	@python3 tools/mutants.py --runs $(RUNS) $(if $(SEED),--seed $(SEED))

bench:
	@sh tools/deps.sh run bench
	@sh tools/bench.sh

# make fuzz SECONDS=600 ONLY="host http"
SECONDS = 60
fuzz:
	@sh tools/deps.sh run fuzz
	@bash tools/fuzz.sh $(SECONDS) $(ONLY)

# How much of each room the tests and the fuzzers' corpora reach.
coverage:
	@sh tools/deps.sh run check
	@bash tools/coverage.sh

# make install PREFIX=/usr/local DESTDIR=
PREFIX = /usr/local
install: all
	@DESTDIR=$(DESTDIR) cmake --install build/release --prefix $(PREFIX)

# build/deb/switchd_VERSION_ARCHITECTURE.deb, the same bytes each time.
deb:
	@sh tools/deps.sh run deb
	@sh tools/deb.sh

# What the project promises, row by row, in a fresh clone. Wants root.
accept:
	@sh tools/deps.sh run check bench fuzz deb accept
	@bash tests/accept/run

format:
	@find core stack lan config switchd tests examples tools -name '*.[ch]' -print0 | xargs -0 -r clang-format -i

clean:
	@rm -rf build
