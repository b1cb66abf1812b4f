# Every target installs its own requirements the first time; `make` alone lists the targets.
# This file works with GNU make 3.81, the version of macOS.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo up test unit integration test-programs e2e check check-supabase bench bench-peers format compile generate build deploy clean

# Without bytecode files, each process of a test run would compile all modules again.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
export SAM_CLI_TELEMETRY := 0

python := .venv/bin/python
sam := .venv-sam/bin/sam
quote = '$(subst ','\'',$(1))'
pytest = $(python) -m pytest -q -n auto --dist worksteal
rules := tests/house $(patsubst %,tests/unit/test_%.py,architecture distribution environment layer requirements template words)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

# With exec, Ctrl-C and kill reach Python itself, which stops all its child processes.
demo: .venv/.ready ## run kpi-tracking from end to end on this machine (DATA=FILE.csv: on your own numbers)
	@exec $(python) -m local demo $(if $(DATA),--data $(call quote,$(DATA)))

up: .venv/.ready ## keep the local stack running: API, AWS endpoint, database (BATON_PORT=8787; docs/local.md)
	@exec $(python) -m local up $(if $(filter command,$(firstword $(origin YES))),$(if $(filter 1,$(YES)),--yes))

test: unit integration $(if $(wildcard tests/e2e/test_*.py),e2e) ## run the tests (BATON_TEST_PROFILE=thorough: with more random examples and faults)
	@echo 'Not run: make test-programs, which starts the stack as a program. Run it after a change of local/; .ci/run does.'

unit: .venv/.dev-ready ## run the tests that open no socket
	@$(pytest) tests/unit

integration: .venv/.dev-ready ## run the tests on a real Postgres and a simulated AWS
	@$(pytest) tests/integration

test-programs: .venv/.dev-ready ## run the tests that start, interrupt and kill the local stack as a program
	@$(pytest) --dist loadfile tests/programs

e2e: .venv/.dev-ready ## run the tests of a running deployment
	@$(python) -m pytest tests/e2e

check: .venv/.dev-ready .venv-sam/.ready ## check lint, format, types, generated files, the template and the architecture
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy
	@set -e; for function in functions/*/; do MYPYPATH=$$function $(python) -m mypy $$function; done
	@$(python) -m cli.authoring.generated --check
	@$(sam) validate --lint --region us-east-1 # any region will do; without one, sam looks for an account
	@$(python) -m pytest -q $(rules)

check-supabase: .venv/.dev-ready .supabase-cli/.ready ## test the migrations with Supabase's own command line (needs Node.js and npm)
	@$(python) -m pytest -q tests/supabase

bench: .venv/.ready ## measure schedules, compile times and the cost of a step, which have budgets (WORKLOADS="W1 W2")
	@$(if $(WORKLOADS),,$(python) -m bench.dag && echo &&) exec $(python) -m bench.record $(WORKLOADS)

bench-peers: .venv/.ready .venv-bench-peers/.ready ## measure Baton beside LangGraph, DBOS and Absurd (WORKLOADS="W1 W2")
	@exec $(python) -m bench.peers $(WORKLOADS)

format: .venv/.dev-ready ## format the code and fix lint errors
	@$(python) -m ruff check --fix .
	@$(python) -m ruff format .

compile: generate ## another name for generate

generate: .venv/.ready ## write statemachines/, the migrations of definitions and functions, and docs/events/*.json again
	@$(python) -m cli.authoring.generated

build: .venv/.ready .venv-sam/.ready ## build the layers and functions that `make deploy` sends
	@find functions -name __pycache__ -prune -exec rm -rf {} +
	@$(sam) build

deploy: build ## deploy the stack (STACK=baton, PARAMETERS='AuthIssuer=…'; docs/deploy.md)
	@exec $(sam) deploy $(if $(STACK),--stack-name $(STACK)) $(if $(PARAMETERS),--parameter-overrides $(PARAMETERS))

clean: ## remove environments, caches and build results, but not the local stack's data (docs/local.md)
	rm -rf .venv .venv-sam .venv-bench-peers .supabase-cli .webhook-receiver .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# $(call set-up,FILE,WHAT) installs the packages of requirements/FILE.txt, those of the checkout, and its command `baton`.
define set-up
@sh requirements/venv.sh .venv requirements/$(1).txt $(call quote,$(2))
@cp requirements/checkout.pth "$$($(python) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/baton.pth"
@cp cli/baton .venv/bin/baton
@touch $@
endef

.venv/.ready: requirements/local.txt requirements/venv.sh requirements/checkout.pth cli/baton .venv/bin/python
	$(call set-up,local,the requirements of make demo and make up (once; half a minute and a download of 75 MB))

# This adds to the same environment. Both files pin the same versions, so neither set-up undoes the other.
.venv/.dev-ready: requirements/dev.txt .venv/.ready
	$(call set-up,dev,the requirements of tests and checks (once; half a minute and a download of 40 MB))

.venv-sam/.ready: requirements/sam.txt requirements/venv.sh .venv-sam/bin/python
	@sh requirements/venv.sh .venv-sam requirements/sam.txt "AWS SAM (once; half a minute and a download of 60 MB)"
	@touch $@

.venv-bench-peers/.ready: requirements/bench-peers.txt requirements/venv.sh .venv-bench-peers/bin/python
	@sh requirements/venv.sh .venv-bench-peers requirements/bench-peers.txt "the peers of make bench-peers (once; half a minute and a download of 30 MB)"
	@touch $@

# An environment is set up again if its Python is gone or is not the one that PYTHON names (venv.sh).
.venv/bin/python .venv-sam/bin/python .venv-bench-peers/bin/python:
.venv/.ready .venv-sam/.ready .venv-bench-peers/.ready: $(if $(PYTHON),named-python)
.PHONY: named-python

.supabase-cli/.ready: requirements/supabase/package.json requirements/supabase/package-lock.json requirements/npm.sh
	@sh requirements/npm.sh .supabase-cli requirements/supabase
	@touch $@

# The TypeScript of docs/webhooks.md: its test installs this, if there is Node.js.
.webhook-receiver/.ready: examples/webhook-receiver/package.json examples/webhook-receiver/package-lock.json requirements/npm.sh
	@sh requirements/npm.sh .webhook-receiver examples/webhook-receiver
	@touch $@
