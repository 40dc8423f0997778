# Run `make help` for what can be made.
BIN := $(CURDIR)/.bin
export PATH := $(BIN):$(PATH)
export BUF_CACHE_DIR := $(CURDIR)/.cache/buf

.DEFAULT_GOAL := help
.PHONY: help generate lint

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

TOOLS := $(wildcard proto/tools/go.* proto/tools/buf/go.* proto/tools/*/*.go)
$(BIN)/.stamp: $(TOOLS)
	GOWORK=off GOBIN=$(BIN) go -C proto/tools install tool ./...
	GOWORK=off GOBIN=$(BIN) go -C proto/tools/buf install tool
	@touch $@

third_party/proto/.stamp: $(BIN)/.stamp
	protodeps -o third_party/proto
	@touch $@

generate: third_party/proto/.stamp ## write everything that is made from the protos
	buf format -w proto
	buf generate

lint: third_party/proto/.stamp ## check the protos
	buf lint
	buf format -d --exit-code proto
