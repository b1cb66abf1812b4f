# The ways in. Every target sets up what it needs the first time; `make` alone lists them.
# Kept to GNU make 3.81, which macOS has.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo up test unit integration test-programs e2e check check-supabase bench bench-peers format compile generate build deploy clean

# Without bytecode, some dozen processes of a test run would each compile everything anew.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
export SAM_CLI_TELEMETRY := 0

python := .venv/bin/python
sam := .venv-sam/bin/sam
quote = '$(subst ','\'',$(1))'
pytest = $(python) -m pytest -q -n auto --dist worksteal
house := tests/house $(patsubst %,tests/unit/test_%.py,architecture distribution environment layer requirements template words)

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

# exec: Ctrl-C and kill reach Python itself, which stops all that it started.
demo: .venv/.ready ## run kpi-tracking from end to end on this machine (DATA=FILE.csv: on your own numbers)
	@exec $(python) -m local demo $(if $(DATA),--data $(call quote,$(DATA)))

up: .venv/.ready ## keep the local stack running: API, AWS endpoint, database (BATON_PORT=8787; docs/local.md)
	@exec $(python) -m local up $(if $(filter command,$(firstword $(origin YES))),$(if $(filter 1,$(YES)),--yes))

test: unit integration $(if $(wildcard tests/e2e/test_*.py),e2e) ## run the tests (BATON_TEST_PROFILE=thorough: with more chance and faults)
	@echo 'Not run: make test-programs, which starts the stack as a person does. Run it when local/ has changed; .ci/run does.'

unit: .venv/.dev-ready ## run the tests that open no socket
	@$(pytest) tests/unit

integration: .venv/.dev-ready ## run the tests on a real Postgres and a simulated AWS
	@$(pytest) tests/integration

test-programs: .venv/.dev-ready ## run the tests that start the local stack as a program, and interrupt and kill it
	@$(pytest) --dist loadfile tests/programs

e2e: .venv/.dev-ready ## run the tests of a running deployment
	@$(python) -m pytest tests/e2e

check: .venv/.dev-ready .venv-sam/.ready ## lint, format, types, generated files, template, the rules of the house
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy
	@set -e; for function in functions/*/; do MYPYPATH=$$function $(python) -m mypy $$function; done
	@$(python) -m cli.authoring.generated --check
	@$(sam) validate --lint --region us-east-1 # any will do, and without one it looks for an account
	@$(python) -m pytest -q $(house)

check-supabase: .venv/.dev-ready .supabase-cli/.ready ## hold the migrations against Supabase's own command line (needs Node.js and npm)
	@$(python) -m pytest -q tests/supabase

bench: .venv/.ready ## measure what the budgets are held against: schedules, compile times, what a step costs (WORKLOADS="W1 W2")
	@$(if $(WORKLOADS),,$(python) -m bench.dag && echo &&) exec $(python) -m bench.record $(WORKLOADS)

bench-peers: .venv/.ready .venv-bench-peers/.ready ## measure Baton beside LangGraph, DBOS and Absurd (WORKLOADS="W1 W2")
	@exec $(python) -m bench.peers $(WORKLOADS)

format: .venv/.dev-ready ## format the code and mend what the linter can
	@$(python) -m ruff check --fix .
	@$(python) -m ruff format .

compile: generate ## another name for generate

generate: .venv/.ready ## write statemachines/, the seed migration and docs/events/*.json anew
	@$(python) -m cli.authoring.generated

build: .venv/.ready .venv-sam/.ready ## build the layers and functions that `make deploy` sends
	@find functions -name __pycache__ -prune -exec rm -rf {} +
	@$(sam) build

deploy: build ## deploy the stack (STACK=baton, PARAMETERS='AuthIssuer=…'; docs/deploy.md)
	@exec $(sam) deploy $(if $(STACK),--stack-name $(STACK)) $(if $(PARAMETERS),--parameter-overrides $(PARAMETERS))

clean: ## remove environments, caches and build results; the local stack's data stay (docs/local.md says where)
	rm -rf .venv .venv-sam .venv-bench-peers .supabase-cli .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# $(call set-up,FILE,WHAT): what requirements/FILE.txt pins, and the checkout's own packages and its command `baton`.
define set-up
@sh requirements/venv.sh .venv requirements/$(1).txt $(call quote,$(2))
@cp requirements/checkout.pth "$$($(python) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/baton.pth"
@cp cli/baton .venv/bin/baton
@touch $@
endef

.venv/.ready: requirements/local.txt requirements/venv.sh requirements/checkout.pth cli/baton .venv/bin/python
	$(call set-up,local,what make demo and make up need (once; half a minute and a download of 75 MB))

# On top, in the same environment: the files pin the same versions, so neither takes anything away from the other.
.venv/.dev-ready: requirements/dev.txt .venv/.ready
	$(call set-up,dev,what tests and checks need on top (once; half a minute and a download of 40 MB))

.venv-sam/.ready: requirements/sam.txt requirements/venv.sh .venv-sam/bin/python
	@sh requirements/venv.sh .venv-sam requirements/sam.txt "AWS SAM (once; half a minute and a download of 60 MB)"
	@touch $@

.venv-bench-peers/.ready: requirements/bench-peers.txt requirements/venv.sh .venv-bench-peers/bin/python
	@sh requirements/venv.sh .venv-bench-peers requirements/bench-peers.txt "the peers that Baton is measured beside (once; half a minute and a download of 30 MB)"
	@touch $@

# An environment whose Python has gone is set up anew, and so is one of another Python than PYTHON names (venv.sh).
.venv/bin/python .venv-sam/bin/python .venv-bench-peers/bin/python:
.venv/.ready .venv-sam/.ready .venv-bench-peers/.ready: $(if $(PYTHON),named-python)
.PHONY: named-python

.supabase-cli/.ready: requirements/supabase/package.json requirements/supabase/package-lock.json requirements/npm.sh
	@sh requirements/npm.sh .supabase-cli requirements/supabase
	@touch $@
