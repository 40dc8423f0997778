# What can be made here. `make help` lists it.
#
# With Go and make alone: run, test, build, bench, generate, lint, breaking.
# `make check` wants more (PostgreSQL, Redis, a C compiler for the race
# detector, Node), and `bash .ci/run` installs that on Debian and Ubuntu.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:

BIN := $(CURDIR)/.bin
export PATH := $(BIN):$(PATH)
# buf asks no registry for anything, and keeps its cache in the tree.
export BUF_CACHE_DIR := $(CURDIR)/.cache/buf

MODULES  := ./gateway/... ./proto/... ./services/...
OPENAPI  := proto/openapi/schakel.openapi.json
SPECTRAL := .cache/npm/node_modules/.bin/spectral
SPECTRAL_VERSION := 6.16.3
# How long all fuzz targets together, and each of them, may search, in seconds.
FUZZ_BUDGET ?= 120
FUZZ_EACH   ?= 3
# What `make bench` runs: a regular expression, and how long each.
BENCH     ?= .
BENCHTIME ?= 1s
# What `make bench-intake` runs: a regular expression, how many rounds, and how
# long each takes its turn in a round.
WAYS   ?= .
ROUNDS ?= 5
EACH   ?= 3s

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

## --- run ---------------------------------------------------------------

.PHONY: run build
run: build ## build everything, feed it the demo input, and serve until Ctrl-C
	@exec $(BIN)/schakel demo --data=.schakel

build: ## build the program, .bin/schakel
	@cd services && go build -o $(BIN)/schakel ./cmd/schakel

## --- test --------------------------------------------------------------

.PHONY: test check
test: ## test with Go alone, on SQLite and an in-process Redis
	go test $(MODULES)
	@echo
	@echo 'Left out: PostgreSQL and redis-server (SQLite and an in-process Redis stood in), the race'
	@echo 'detector, fuzzing, benchmarks, linters and the proto tools. `make check` does all of that.'

check: check-generated lint lint-openapi breaking servers test-tools test-all fuzz bench-once ## test everything, on the real servers too
	@echo; echo 'make check: all good'

.PHONY: servers test-tools test-all fuzz bench bench-intake bench-once
servers: ## install PostgreSQL and redis-server where they are missing (Debian or Ubuntu, as root)
	@missing=(); \
	ls -d /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || missing+=(postgresql); \
	command -v redis-server >/dev/null || missing+=(redis-server); \
	[ $${#missing[@]} -eq 0 ] && exit; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$${missing[@]}"; \
	else echo "not installed: $${missing[*]} (as root on Debian or Ubuntu, make check installs them)" >&2; exit 1; fi

test-tools: ## test the proto tools
	GOWORK=off go -C proto/tools test ./...

test-all: ## test with the race detector, on PostgreSQL and redis-server too
	SCHAKEL_TEST_SERVERS=require go test -race -timeout 15m $(MODULES)

fuzz: ## let each fuzz target search for a few seconds
	@bash .ci/fuzz $(FUZZ_EACH) $(FUZZ_BUDGET)

bench: ## run all benchmarks: make bench BENCH=Submit BENCHTIME=3s
	go test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -benchmem $(MODULES)
	@$(MAKE) bench-intake

# The go.mod of services/bench follows that of services by itself.
INTAKE := GOWORK=off go -C services/bench test -mod=mod -timeout 1h

bench-intake: ## hold the intake against bare loops and peers: make bench-intake WAYS=postgres/NDJSON ROUNDS=3
	@servers=; \
	{ ls -d /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null; } && \
		command -v redis-server >/dev/null && servers=require; \
	SCHAKEL_TEST_SERVERS=$$servers $(INTAKE) -run '^$$' -bench '$(WAYS)' -benchtime $(ROUNDS)x -each $(EACH) .

bench-once: ## run each benchmark once, on the real servers too: do they work?
	SCHAKEL_TEST_SERVERS=require go test -run '^$$' -bench . -benchtime 1x $(MODULES)
	SCHAKEL_TEST_SERVERS=require $(INTAKE) -bench . -benchtime 1x -each 200ms -signals 5000 .

## --- protos ------------------------------------------------------------

$(BIN)/.stamp: $(wildcard proto/tools/go.* proto/tools/buf/go.* proto/tools/*/*.go)
	GOWORK=off GOBIN=$(BIN) go -C proto/tools install tool ./...
	GOWORK=off GOBIN=$(BIN) go -C proto/tools/buf install tool
	@touch $@

third_party/proto/.stamp: $(BIN)/.stamp
	protodeps -o third_party/proto
	@touch $@

.PHONY: generate check-generated
generate: third_party/proto/.stamp ## write what is made from the protos: Go and OpenAPI
	buf format -w proto
	buf generate
	buf build proto --as-file-descriptor-set -o .cache/image.binpb
	openapi -image .cache/image.binpb -frame proto/openapi/frame.json > .cache/openapi.json
	@mv .cache/openapi.json $(OPENAPI)

check-generated: ## see that generating changes nothing
	@sums() { find proto/schakel proto/gen proto/openapi -type f -exec cksum {} + | LC_ALL=C sort; }; \
	before=$$(sums); $(MAKE) generate; \
	diff <(echo "$$before") <(sums) || { echo 'These files were not up to date (see `git diff`); now they are: commit them.' >&2; exit 1; }

## --- check without running ---------------------------------------------

.PHONY: lint lint-openapi breaking fmt
lint: third_party/proto/.stamp ## look for mistakes in protos and Go
	buf lint
	buf format -d --exit-code proto
	@unformatted=$$(gofmt -l gateway proto services); test -z "$$unformatted" || \
		{ echo "gofmt has something to say about:" $$unformatted '(make fmt)' >&2; exit 1; }
	go vet $(MODULES)
	staticcheck $(MODULES)
	cd proto/tools && GOWORK=off go vet ./... && GOWORK=off staticcheck ./...
	cd services/bench && GOWORK=off go vet -mod=mod ./... && GOWORK=off staticcheck ./...
	cd services/bench/pocketbase && GOWORK=off go vet ./... && GOWORK=off staticcheck ./...

$(SPECTRAL):
	npm install --prefix .cache/npm --no-save --ignore-scripts --no-audit --no-fund @stoplight/spectral-cli@$(SPECTRAL_VERSION)

lint-openapi: $(SPECTRAL) ## hold the OpenAPI description against the NL API Design Rules
	$(SPECTRAL) lint --ruleset deploy/spectral.yaml --fail-severity warn $(OPENAPI)

# The released tree has no third-party protos, for they are not committed: it
# borrows ours.
breaking: third_party/proto/.stamp ## see that the protos still serve clients of the last release
	@release=$$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null || true); \
	if [ -z "$$release" ]; then echo 'breaking: there is no release yet (no tag v*): nothing to compare with'; exit; fi; \
	rm -rf .cache/released && mkdir -p .cache/released; \
	git archive "$$release" buf.yaml proto | tar -x -C .cache/released; \
	cp -R third_party .cache/released/; \
	buf breaking --against .cache/released && echo "breaking: compatible with $$release"

fmt: $(BIN)/.stamp ## format protos and Go
	buf format -w proto
	gofmt -w gateway proto services
