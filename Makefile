# `make run` and `make test` work on a new Debian 12 machine that has Swift: they install what is missing themselves.
.DEFAULT_GOAL := help
.PHONY: help build run dev setup setup-tests test test-docs test-swift test-server test-web fuzz format lint check picture bench clean

PYTEST = .venv-tests/bin/python -m pytest -q

help: ## Show what there is to make
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: build ## Build for production and run the server on http://localhost:8000
	.build/release/mynah serve

build: setup ## Build for production: .build/release/mynah, which needs no Swift to run
	@echo "make: building Mynah (about ten minutes the first time)"
	swift build -c release --static-swift-stdlib --product mynah

dev: setup ## Build for debugging and run the server
	swift build --product mynah
	.build/debug/mynah serve

setup: ## Install what Mynah is built with and runs with
	@scripts/install-packages
	@scripts/install-web-assets
	@scripts/install-local-model

setup-tests: setup ## Install what the tests need as well
	@scripts/install-packages tests
	@scripts/install-test-tools

test: test-docs test-swift test-server test-web ## Run all tests

test-docs: setup-tests ## Check the documents' links and commands
	$(PYTEST) Tests/DocumentTests

test-swift: setup-tests ## Run the tests inside the process
	swift build --build-tests
	trap 'scripts/postgres-for-tests stop' EXIT; \
		export MYNAH_TEST_POSTGRES=$$(scripts/postgres-for-tests start) && \
		scripts/swift-test && \
		MYNAH_TEST_ENGINE=postgres scripts/swift-test --filter AppTests

test-server: setup-tests ## Test the real binary: streams, disconnects, crashes, shutdown
	swift build --product mynah
	swift build --product mynah-auth-example
	$(PYTEST) --numprocesses=4 --dist=loadfile Tests/ServerTests

test-web: setup-tests ## Walk through the console in a real browser
	swift build --product mynah
	$(PYTEST) Tests/WebTests

fuzz: setup-tests ## Random requests and a random vendor for SECONDS (600), on the release build if there is one
	.venv-tests/bin/python Tests/Fuzz/fuzz.py --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

format: ## Format the Swift sources
	swift format --in-place --parallel --recursive Package.swift Sources Tests Examples

lint: ## Check the format of the Swift sources
	swift format lint --strict --parallel --recursive Package.swift Sources Tests Examples

check: lint test ## What CI runs

picture: setup-tests ## Take docs/console.png, the README's picture, from the real console
	swift build --product mynah
	.venv-tests/bin/python scripts/console-picture

bench: setup ## Measure Mynah beside its peers on this machine (see Benchmarks/README.md)
	python3 Benchmarks/run.py

clean: ## Remove what was built
	rm -rf .build
