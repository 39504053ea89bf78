# `make run` and `make test` work on a new Debian 12 machine with Swift: they install missing packages themselves.
.DEFAULT_GOAL := help
.PHONY: help quickstart build run dev demo migration setup setup-tests test-unit test test-docs test-swift test-server test-web test-clients test-long test-ha dist image manifests fuzz format lint check picture bench clean

PYTEST = .venv-tests/bin/python -m pytest -q

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

quickstart: ## Check this machine, install, make keys, start, try out, and say what next
	scripts/quickstart

run: build ## Build for production and run the server on http://localhost:8000
	.build/release/mynah serve

build: setup ## Build for production: .build/release/mynah, which needs no Swift to run
	@echo "make: building Mynah (about ten minutes the first time)"
	swift build -c release --static-swift-stdlib --product mynah

dev: setup ## Build for debugging and run the server, and again whenever a source changes
	scripts/dev

demo: ## Walk through the API of the running server with curl, step by step (MYNAH=http://localhost:8000)
	@scripts/demo

migration: ## Make the file of a new migration, such as NAME='chatbot avatars'
	@scripts/make-migration $(NAME)
	@swift format --in-place Sources/DatabaseMigrations/Migrations.swift

setup: ## Install what building and running need
	@scripts/install-packages
	@scripts/install-web-assets
	@LocalModel/install LocalModel/.venv

setup-tests: setup ## Install what the tests need too
	@scripts/install-packages tests
	@scripts/install-test-tools

test-unit: setup ## Run the tests inside the process on SQLite, without further set-up (3 minutes)
	swift build --build-tests
	MYNAH_TEST_TIER=unit scripts/swift-test

test: test-docs test-swift test-server test-web ## Run all tests that CI runs

test-docs: setup-tests ## Check the documents' links and commands
	$(PYTEST) Tests/DocumentTests

test-swift: setup-tests ## Run the tests inside the process, on both engines
	swift build --build-tests
	trap 'scripts/postgres-for-tests stop' EXIT; \
		export MYNAH_TEST_POSTGRES=$$(scripts/postgres-for-tests start) && \
		scripts/swift-test && \
		MYNAH_TEST_ENGINE=postgres scripts/swift-test --filter AppTests

test-server: setup-tests ## Test the real binary: streams, disconnects, crashes, shutdown
	swift build --product mynah
	swift build --product mynah-auth-example
	$(PYTEST) --numprocesses=4 --dist=loadfile Tests/ServerTests

test-clients: setup-tests ## Test SDKs and agents: OpenAI, Anthropic, Groq, LangChain, Pydantic AI, LiteLLM and more
	@scripts/install-test-tools clients
	swift build --product mynah
	$(PYTEST) $(wildcard Tests/ServerTests/test_sdk_*.py)
	.venv-clients/bin/python -m pytest -q --ignore=Tests/ClientTests/openai2 Tests/ClientTests
	.venv-openai2/bin/python -m pytest -q Tests/ClientTests/openai2
	.venv-clients/bin/python Tests/Long/langchain_suites.py --vendors played

test-web: setup-tests ## Test the console in a real browser
	swift build --product mynah
	$(PYTEST) --numprocesses=2 --dist=loadfile Tests/WebTests

test-long: setup-tests ## Long fuzz, hostile tenants, kill rounds, scale; prints a report (ONLY=fuzz,scale for parts)
	@scripts/install-test-tools clients
	@scripts/install-packages operations
	@scripts/install-test-tools operations
	scripts/long-tests $(if $(ONLY),--only $(ONLY))

test-ha: setup-tests ## Kill the leader of three PostgreSQL nodes and an instance under load; prints a report
	@scripts/install-packages operations
	swift build --product mynah
	.venv-tests/bin/python Tests/Long/high_availability.py

dist: $(if $(MYNAH_BINARY),setup,build) ## Make a tarball, a Debian package and a bill of materials in .build/dist (MYNAH_BINARY: of this program)
	@scripts/install-packages packaging
	scripts/make-dist

image: $(if $(MYNAH_BINARY),setup,build) ## Make a container image in .build/dist, as root (FULL=1: with Python and the local model)
	@scripts/install-packages packaging
	FULL=$(FULL) scripts/make-image

manifests: setup-tests ## Render deploy/kubernetes from the chart
	@scripts/install-packaging-tools
	scripts/make-manifests

fuzz: setup-tests ## Send random requests for SECONDS (600) to the release build, or the debug build without one
	.venv-tests/bin/python Tests/Fuzz/fuzz.py --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

format: ## Format the Swift sources
	swift format --in-place --parallel --recursive Package.swift Packages Sources Tests Examples

lint: ## Check the format of the Swift sources and the style of comments and documents
	swift format lint --strict --parallel --recursive Package.swift Packages Sources Tests Examples
	scripts/check-style

check: lint test ## What CI runs

picture: setup-tests ## Take docs/console.png, the README's picture, from the real console
	swift build --product mynah
	.venv-tests/bin/python scripts/console-picture

bench: setup ## Measure Mynah and its peers on this machine (see Benchmarks/README.md)
	python3 Benchmarks/run.py

clean: ## Remove build products
	rm -rf .build
