# The building in one command, and what its keepers need.
#
#   make run    draw the dashboard of a running building (q quits)
#   make test   run all tests, with the race detector

GO      ?= go
VERSION ?= $(shell git describe --always --dirty --tags 2>/dev/null || echo dev)
LDFLAGS := -s -w -buildid= -X main.version=$(VERSION)
BINARIES := bin/elevator-scheduler bin/elevator-executor

export CGO_ENABLED = 0

.PHONY: run build test soak bench lint clean

run: build
	@bin/elevator-scheduler run $(ARGS)

build:
	@mkdir -p bin
	@$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/elevator-scheduler ./cmd/elevator-executor

test: build
	@$(GO) vet ./...
	CGO_ENABLED=1 $(GO) test -race -timeout 10m ./...

# What is too long for make test: 50 runs of the concurrent packages, five
# minutes of fuzzing for every decoder, the big simulations.
soak: build
	CGO_ENABLED=1 $(GO) test -race -count 50 -timeout 6h ./internal/gotask/... ./internal/localmesos/...
	ELEVATOR_SOAK=1 $(GO) test -timeout 6h ./...
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep ^Fuzz); do \
			echo "fuzz $$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime 5m $$package || exit 1; \
		done; \
	done

bench: build
	bin/elevator-scheduler bench gotask
	bin/elevator-scheduler bench engine --dispatcher uncoordinated,eta
	bin/elevator-scheduler bench crites-barto --dispatcher uncoordinated,eta
	$(GO) test -run '^$$' -bench . -benchmem ./...

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'gofmt the files above'; exit 1; }
	$(GO) vet ./...
	@command -v golangci-lint >/dev/null && golangci-lint run || echo 'golangci-lint is not installed: skipped (settings in .golangci.yml)'

clean:
	rm -rf bin dist

include deploy/package.mk
