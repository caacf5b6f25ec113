# The two commands of the README are `make check` and `make test`; the others are for maintenance.
.DEFAULT_GOAL := help
.PHONY: help check test mutants fuzz e2e proofs lint fmt bench scale schemas lock
RUN := scripts/run exec

help: ## show the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

check: ## set up what is missing, validate the whole fleet, show it as a table
	@./gitops validate
	@./gitops list

test: lint ## lint, then run every test, two files at a time
	@$(RUN) pytest -n 2 --dist loadfile

lint: ## style and types of Python, style of YAML
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(RUN) yamllint --strict .

fmt: ## format Python, and mend what can be mended
	@$(RUN) ruff check --fix --quiet .
	@$(RUN) ruff format .

mutants: ## put every fault of tests/faults at every place of a copy of the tree, and judge what the validator says (docs/mutants.md)
	@scripts/run mutants $(if $(SEED),--seed $(SEED)) $(RULES)

e2e: ## sync and dry-run the fleet on a real control plane with a real Argo CD (docs/local.md); the first run builds them
	@$(RUN) pytest -n 2 --dist loadfile tests/e2e

proofs: ## every step of `gitops secrets`, promote and rollback killed once, races of secrets and pushes: samples of it are in `make test`
	@$(RUN) pytest tests/proofs

fuzz: ## feed `gitops validate` hostile files (RUNS=1000000 for the full run, START=number to repeat one)
	@RUNS=$(RUNS) START=$(START) $(RUN) pytest -s tests/fuzz

bench: ## time the command beside the loop it replaces, on fleets of 10 and 100 clusters (SIZES="10 1000" for others)
	@scripts/run bench $(SIZES)

scale: ## run 50 clusters as Applications of one Argo CD on the local platform, and measure (SIZE="10" for fewer)
	@scripts/run scale $(or $(SIZE),50)

schemas: ## renew schemas/checksums.txt after a change to schemas/sources.yaml
	@$(RUN) python -m schemas lock

lock: ## renew requirements.txt after a change to requirements.in (needs uv; UPGRADE=--upgrade for newer versions)
	@command -v uv >/dev/null || { echo "make lock: needs uv on the PATH" >&2; exit 2; }
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links $(UPGRADE) --output-file requirements.txt requirements.in
