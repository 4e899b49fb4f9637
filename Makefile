# Every task of this project, one line each: «make help» lists them.
# «make demo» and «make test» install what they need; the rest expects it.

GO      ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
WINDOW  := desktop,production,webkit2_41
TOOLS   := $(GO) tool -modfile=build/tools/go.mod

# One cache a clone: a shared one tells another clone's paths, and the rules go by
# path. https://github.com/golangci/golangci-lint/issues/6656
export GOLANGCI_LINT_CACHE := $(CURDIR)/artefacts/lint

.DEFAULT_GOAL := help
.PHONY: help demo test interface build core window lint race official check-os e2e browser bench soak fuzz shots clean

help: ## list these tasks
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## see it work: installs what is missing, builds, opens the window on the sandbox
	@build/setup.sh demo
	@$(MAKE) --no-print-directory build
	@build/demo.sh

test: ## everything: Go with -race, interface, real browser, real window; installs what is missing
	@build/setup.sh test
	@$(MAKE) --no-print-directory build race official
	@cd frontend && npm run --silent check && npm run --silent test
	@$(MAKE) --no-print-directory check-os browser e2e

interface: frontend/dist/index.html ## build the interface

frontend/dist/index.html: $(shell find frontend/src frontend/public frontend/index.html frontend/*.ts frontend/package-lock.json backend/words/problems.json -type f 2>/dev/null)
	@build/npm.sh
	@cd frontend && npm run --silent build
	@touch $@

build: interface core window ## both programs, in bin/

core: interface ## bin/dingpass: no cgo, no GUI library
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/dingpass .

window: ## bin/dingpass-window: the same main with the native window
	$(GO) build -tags $(WINDOW) -trimpath -ldflags '$(LDFLAGS)' -o bin/dingpass-window .

# Ten minutes, Go's own limit for a package, are not enough on a busy machine.
race: ## Go tests with the race detector
	$(GO) test -race -timeout 40m ./...

official: ## DingTalk's own Go clients against the sandbox, in a module of their own
	cd build/official && $(GO) vet ./... && $(GO) test -race ./...

check-os: ## the other systems: cross-compile Windows, vet Windows and macOS
	GOOS=windows CGO_ENABLED=0 $(GO) build -tags desktop,production -trimpath -ldflags '$(LDFLAGS) -H windowsgui' -o bin/dingpass.exe .
	GOOS=windows CGO_ENABLED=0 $(GO) vet -tags desktop,production . ./backend/...
	GOOS=darwin CGO_ENABLED=0 $(GO) vet . ./backend/...

browser: ## a real browser through every view and failure
	@CHROMIUM=$$(build/chromium.sh) && export CHROMIUM && cd frontend && npm run --silent browser

e2e: ## the real window under Xvfb, from QR to «whoami»
	@CHROMIUM=$$(build/chromium.sh) && export CHROMIUM && set -x && $(GO) test -tags e2e -count=1 -timeout 40m ./e2e/...

lint: ## golangci-lint, pinned in build/tools
	$(TOOLS) golangci-lint run ./...
	cd build/official && $(GO) tool -modfile=../tools/go.mod golangci-lint run ./...
	cd build/bench/mattn && $(GO) tool -modfile=../../tools/go.mod golangci-lint run ./...

bench: build ## the measurements of README.md, side by side in one run
	$(GO) run ./build/bench
	cd build/official && $(GO) run ./bench

soak: ## a thousand kills of the database, and refreshes and reconnects by the thousand; with time and memory
	$(GO) test ./backend/store -run 'Crashes|Refreshes' -v -count=1 -timeout 2h -crashes 1000 -refreshes 5000
	$(GO) test ./backend/dingtalk/stream -run Soak -v -count=1 -timeout 1h -soak 10000

fuzz: ## each fuzz target for a while
	@build/fuzz.sh

shots: ## the screenshots under docs/
	@build/shots.sh

clean: ## remove what was built
	rm -rf bin artefacts frontend/dist/assets frontend/dist/index.html
