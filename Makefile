# The commands of this project. `make run` needs Python 3.11 or newer and nothing else.
# PORT, HOST, DATA_DIR, DATABASE_URL, REDIS_URL … pass through: `make run PORT=9000`. They are listed in .env.example.

VENV := .venv/bin
COMPILE := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url

.PHONY: run test faults bench lint format schema pins clean

run: ## Start the desk on this machine, until Ctrl-C
	@.ci/venv requirements.txt
	@exec $(VENV)/python manage.py up

test: ## Run every test, on servers of their own
	@.ci/venv requirements-dev.txt
	@.ci/chromium
	$(VENV)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

faults: ## Break things on purpose, at length: FAULTS="F17 F28" picks, SEED=… repeats
	@.ci/venv requirements-dev.txt
	FAULTS="$(FAULTS)" $(if $(SEED),SEED="$(SEED)") $(VENV)/python -m tests.faults

bench: ## Measure pages, verbs, sweeps and a whole log
	@.ci/venv requirements-dev.txt
	bench/run $(ARGS)

lint: ## Look for slips
	@.ci/venv requirements-dev.txt
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .

format: ## Put the code into its usual shape
	@.ci/venv requirements-dev.txt
	$(VENV)/ruff format .

schema: ## Write down what the API is: docs/openapi.yml, and the name that CHANGELOG.md gives it
	@.ci/venv requirements.txt
	$(VENV)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yml
	@echo "Say in CHANGELOG.md what has changed, and name it there: openapi `sha256sum docs/openapi.yml | cut -c1-12`"

pins: ## Work out the exact packages anew, with their hashes
	@.ci/venv requirements-dev.txt
	@command -v uv >/dev/null || $(VENV)/python -m pip install --quiet uv
	PATH="$(VENV):$$PATH" uv $(COMPILE) --upgrade pyproject.toml -o requirements.txt
	PATH="$(VENV):$$PATH" uv $(COMPILE) --upgrade --extra dev pyproject.toml -o requirements-dev.txt

clean: ## Take away what can be made again; never the data in var/
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
