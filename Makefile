# Two commands on a fresh machine: `make demo` and `make test`. Both make the virtual
# environment and install what was tested; neither touches anything outside this folder
# but the user's cache, where the pose model is kept.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
RUNS   := $(VENV)/.runs
READY  := $(VENV)/.ready
SCORING = $(COACH_TEST_DATA)/../eval

# The tests start many programs: each would compile all of Coach anew where bytecode may not be kept.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help demo test check lint types imports docs suite unit gallery soak fuzz dist bundle sbom audit pythons supply-tools mutation model screens pictures bench-accuracy bench-live bench clean

help: ## Say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: $(RUNS) ## Run the coach on its built-in treadmill runner
	@echo "==> Starting the coach on its built-in runner; a summary follows in about 45 seconds."
	@$(BIN)/coach demo

test: $(READY) ## Set up, then run every check and the whole test suite, and make the gallery
	@$(MAKE) --no-print-directory --jobs 2 suite types docs lint imports
	@$(MAKE) --no-print-directory gallery

check: $(READY) ## What a change must pass
	@$(MAKE) --no-print-directory --jobs 2 unit types docs lint imports

lint: $(READY) ## Style, by ruff
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY) ## Types, by mypy in strict mode
	$(BIN)/mypy

imports: $(READY) ## The direction of imports, by import-linter
	$(BIN)/lint-imports

docs: $(READY) ## The pages as a site in site/, strictly: a link that leads nowhere is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

# Four files at a time, since many tests wait for a clock; those with dear tests first (tests/conftest.py). In a fresh clone
# each of the four would make all tests ready to run, at the same time: once is enough.
define tests
@test -d tests/__pycache__ || $(BIN)/python -m pytest --collect-only -q >/dev/null 2>&1 || true
$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder
endef

suite: $(READY) model ## All tests
	$(tests)

unit: $(READY) ## The tests, but for the slow ones and those beside MediaPipe
	$(tests) -m "not slow and not mediapipe"

gallery: $(RUNS) model ## Pages to look at, of the demo and a real clip, into site/gallery; after `make docs`, which empties site/
	$(BIN)/python -m tools.gallery

soak: $(READY) model ## A live run in which something breaks every 5 s: make soak MINUTES=10, or HOURS=2
	$(BIN)/python -m bench.soak --minutes $(or $(MINUTES),10) --hours $(or $(HOURS),0)

fuzz: $(READY) ## Feed every door with bad input, 50,000 a door: about an hour
	$(BIN)/python -m tools.fuzz --inputs $(or $(INPUTS),50000)
	$(BIN)/python -m tools.fuzz --inputs $(or $(INPUTS),50000) --engine hypothesis --share 25
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]'
	$(BIN)/python -m tools.fuzz --inputs $(or $(INPUTS),50000) --engine atheris --share 5

dist: $(READY) ## Source archive and wheel into dist/, built twice and compared, with their SHA-256
	$(BIN)/python -m tools.supply build

bundle: $(READY) ## The double-click bundle for this system into dist/, with its own Python and the pose model
	$(BIN)/python -m tools.bundle

sbom: $(READY) supply-tools ## A bill of materials (CycloneDX) into dist/
	$(BIN)/python -m tools.supply sbom

audit: $(READY) supply-tools ## Look up known weaknesses of what is pinned; asks PyPI
	$(BIN)/pip-audit --requirement constraints.txt --disable-pip --no-deps --progress-spinner off

pythons: $(READY) ## The wheel in an empty folder, with every Python that is here
	$(BIN)/python -m tools.supply pythons

supply-tools: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[supply]'

mutation: $(READY) ## Change the core one thing at a time and see the tests fail: about a quarter of an hour
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[mutation]'
	nice $(BIN)/python -m tools.mutation

model: $(RUNS) ## Fetch the pose model into the user's cache
	@$(BIN)/coach doctor --fetch-model

# What a run needs, and no more: the demo is seen in half the time.
$(RUNS): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || \
	  { echo "Coach needs Python 3.11 to 3.14; name one with: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 2; }
	@$(PYTHON) tools/system_libraries.py
	@echo "==> Making the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "==> Installing Coach and what it stands on (about 200 MB, some minutes on a slow line)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[treadmill]'
	@touch $(RUNS)

$(READY): $(RUNS)
	@echo "==> Installing what tests and docs need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[treadmill,batch,dev]'
	@touch $(READY)

screens: $(READY) model ## Draw the window in every state and size into docs/screens
	$(BIN)/python -m bench.screens

pictures: $(READY) ## Draw the pictures of docs/pictures anew
	$(BIN)/python -m tools.gait_picture

bench-accuracy: $(READY) model ## Score on all measured data of COACH_TEST_DATA, beside reference filters
	@test -n "$$COACH_TEST_DATA" || { echo "name the folder of the measured data: make $@ COACH_TEST_DATA=..."; exit 2; }
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python "$(SCORING)/score_replay.py" \
	  --data "$$COACH_TEST_DATA/rbds/keypoints_60hz.npz" --events "$$COACH_TEST_DATA/rbds/events.json"
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python "$(SCORING)/score_video.py"
	$(BIN)/python -m bench.response
	$(BIN)/python -m bench.file_costs

bench-live: $(READY) model ## Measure a live run on this machine: rates, latencies, CPU, memory
	$(BIN)/python -m bench.live

bench: $(READY) model ## Every other bench, one after the other
	$(BIN)/python -m bench.demo --network
	$(BIN)/python -m bench.drawing
	$(BIN)/python -m bench.sound
	$(BIN)/python -m bench.review
	$(BIN)/python -m bench.coaching

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) site build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
