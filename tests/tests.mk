# tests.mk - the targets that set up, prove and show. Each does all its own set-up.
fuzzers := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_S  ?= 10

setup: ## install Debian's packages for everything (sudo when not root)
	local/setup all
run: ## set up, build, start the whole stack in .run/, upload the samples, show the rows; Ctrl-C stops it
	@local/setup run
	@$(MAKE) -s -j2 bins
	@local/run
demo: ## the main job once, on free ports in a temporary folder; exit status 0 only if the rows are right
	@local/setup run
	@$(MAKE) -s -j2 bins
	@local/demo
score: ## every picture of a folder (DIR=, default the samples) through the whole system, against its truth
	@local/setup run
	@$(MAKE) -s -j2 bins
	@local/score $(DIR)
test: ## unit, contract and end-to-end tests; last line "N passed, N failed"
	@local/setup test
	@tests/all
test-compose: ## the main job in containers, in a Docker daemon of its own where none runs
	@tests/compose
lint: ## format, plan of the house, analysers
	@local/setup lint
	@tests/lint $(CHECKS)
docs: $B/bin/upload-svc $B/bin/analysis-svc ## write docs/config.md from the config.def tables
	@docs/config.sh $B/bin > docs/config.md

# Fuzzers: clang's libFuzzer with ASan and UBSan, each with the rooms it includes.
fuzz_flags := -O1 -g -std=gnu17 -fno-strict-aliasing -I. -D_GNU_SOURCE $(shell cat warnings.txt) -fno-sanitize-recover=all
build/fuzz/%: tests/fuzz/%.c $(wildcard common/*.[ch] analysis-svc/*.[ch] upload-svc/*.[ch] local/sigv4/*.[ch])
	@mkdir -p $(@D)
	@$(MAKE) -s CC=clang-14 SAN=asan build/clang-14-asan/common.a $(if $(shell grep -l '"analysis-svc/' $<),build/clang-14-asan/analysis-svc.a) \
	  $(if $(shell grep -l '"upload-svc/' $<),build/clang-14-asan/upload-svc.a) $(if $(shell grep -l '"local/sigv4/' $<),build/clang-14-asan/local/sigv4.a)
	clang-14 $(fuzz_flags) -fsanitize=fuzzer,address,undefined -o $@ $< -Wl,--start-group $(if $(shell grep -l '"upload-svc/' $<),build/clang-14-asan/upload-svc.a) \
	  $(if $(shell grep -l '"local/sigv4/' $<),build/clang-14-asan/local/sigv4.a) \
	  $(if $(shell grep -l '"analysis-svc/' $<),build/clang-14-asan/analysis-svc.a) build/clang-14-asan/common.a -Wl,--end-group $(LIBS_common)
fuzz: $(fuzzers) ## every parser, FUZZ_S seconds each, over its corpus
	@tests/fuzz/run $(FUZZ_S) $(fuzzers)

# Benchmarks: each prints a table and, last, one JSON object.
$B/bench/%: $B/tests/bench/%.o $B/common.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_common)
bench-presign: $B/bench/bench_presign ## presigned GETs a second against the hashing limit
	@$<
$B/bench/bench_queue: $B/tests/bench/bench_queue.o $B/tests/kit.a $B/analysis-svc.a $B/common.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS_common) -lcmocka
bench-queue: $B/bench/bench_queue ## a claim of eight jobs among a thousand, and among a million
	@local/setup test
	@PG_FSYNC=off $<
tests/bench/node_modules: tests/bench/package-lock.json
	npm ci --prefix tests/bench --no-audit --no-fund --silent && touch $@
soak: $B/bin/upload-svc $B/bin/analysis-svc $B/bench/bench_upload_load ## long runs: 5 GiB at a flat size, parts, many at once (SOAK=options); a minute of killed replicas
	@local/setup test
	@FLEET_PICTURES=2000 FLEET_CALL_MS=900 SNAPKEY_BIN=$(abspath $B/bin) node --test tests/e2e/fleet.test.mjs
	@SNAPKEY_BIN=$(abspath $B/bin) SNAPKEY_BENCH=$(abspath $B/bench) node tests/soak.mjs $(SOAK)
ROWS ?= 1000000
bench-queries: $(bins) ## what people ask of ROWS rows (1 M; 10 M take minutes and 8 GB), p95 of each query
	@local/setup test
	@SNAPKEY_BIN=$(abspath $B/bin) node tests/bench/bench_queries.mjs --rows $(ROWS) $(BENCH)
bench-upload: $B/bin/upload-svc $B/bench/bench_upload_sink $B/bench/bench_upload_load tests/bench/node_modules ## uploads, form to row, beside two Node servers and nginx (BENCH=options)
	@local/setup bench
	@SNAPKEY_BIN=$(abspath $B/bin) SNAPKEY_BENCH=$(abspath $B/bench) node tests/bench/bench_upload.mjs $(BENCH)
bench-fanout: $B/bin/analysis-svc $B/bench/bench_fanout_model tests/bench/node_modules ## calls of analysis-svc end to end, against a scripted provider (BENCH=options)
	@local/setup bench
	@SNAPKEY_BIN=$(abspath $B/bin) SNAPKEY_BENCH=$(abspath $B/bench) node tests/bench/bench_fanout.mjs $(BENCH)
.PHONY: setup run demo score test test-compose lint docs fuzz bench-presign bench-queue bench-queries bench-upload bench-fanout soak
