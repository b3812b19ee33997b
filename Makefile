# Lemma. `make help` lists the targets; `make test` is everything that must pass.

# Flags of the caller (-mod=mod, -mod=vendor) must not change what is tested, and a clone that
# belongs to another user must build, which the stamping of version control would prevent.
export GOFLAGS := -buildvcs=false

GO       ?= go
GOFMT    ?= $(shell command -v gofmt || echo "$$($(GO) env GOROOT)/bin/gofmt")
PACKAGES ?= ./...
FUZZTIME ?= 20s

.DEFAULT_GOAL := help
.PHONY: help test short race deps check build report verify bench fuzz fmt clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: deps check ## everything: format, vet, walls, unit tests, notebooks in the kernel, pages in Chromium (up to 25 min)
	$(GO) test -timeout 24m $(PACKAGES)

short: check ## what needs neither kernel nor browser (under 3 min)
	$(GO) test -short -timeout 10m $(PACKAGES)

race: ## the short tests of what has goroutines, under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short -timeout 20m ./jupyter/... ./widgets/... ./xla/... ./simd/... ./cmd/...

check: ## format and vet
	@bad=$$($(GOFMT) -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go')); \
	if [ -n "$$bad" ]; then echo "gofmt: run make fmt; these files differ:"; echo "$$bad"; exit 1; fi
	$(GO) vet $(PACKAGES)

# The kernel's tests need Go alone. Chromium shows the pages; in Jupyter a notebook is opened as a
# reader opens it; npm fetches axe-core, which looks at pages as a reader who cannot see them must.
# Where they cannot be installed the tests that need them are skipped and say so.
deps: ## install what the tests need beside Go: Chromium, Jupyter and npm
	@missing=; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing="$$missing chromium"; \
	command -v jupyter-notebook >/dev/null || command -v jupyter-lab >/dev/null || missing="$$missing jupyter-notebook"; \
	command -v npm >/dev/null || missing="$$missing npm"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	if command -v apt-get >/dev/null && { [ -z "$$sudo" ] || sudo -n true 2>/dev/null; }; then \
		echo "installing$$missing"; \
		log=$$(mktemp); export DEBIAN_FRONTEND=noninteractive; \
		{ $$sudo apt-get install -y -qq --no-install-recommends $$missing \
		|| { $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends $$missing; }; } >$$log 2>&1 \
		|| { cat $$log; rm -f $$log; echo "make deps: could not install$$missing (is the network there?)"; exit 1; }; \
		rm -f $$log; \
	else \
		echo "missing:$$missing; install them with this system's package manager (Debian, Ubuntu: sudo apt-get install --no-install-recommends$$missing). The tests that need them will be skipped."; \
	fi

build: ## build bin/lemma
	$(GO) build -o bin/lemma ./cmd/lemma

report: ## run the notebooks and write report/
	$(GO) run ./cmd/lemma report

verify: ## check every claim, and that every check can fail
	$(GO) run ./cmd/lemma verify -power

bench: ## measure and fit the growth of the main algorithms
	$(GO) run ./cmd/lemma bench

fuzz: ## fuzz every parser for FUZZTIME (20s) each
	@grep -rl '^func Fuzz' --include='*_test.go' . | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $$file); do \
			echo "== $$(dirname $$file) $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$(dirname $$file) || exit 1; \
		done; \
	done

fmt: ## format every Go file
	$(GOFMT) -w $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go')

clean: ## remove what the targets wrote into the checkout
	rm -rf bin report
