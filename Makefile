# The commands of a developer. On Windows: dev.ps1. What each needs is installed into .venv first.

SHELL := /bin/bash
BIN := .venv/bin

# Without a screen Qt draws into memory; a developer's own choice is respected.
SCREEN := $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname -s)),yes)

# What only the window needs: a hub is installed without it.
WINDOW := pyside6-essentials pyside6-addons shiboken6 qasync miniaudio

.DEFAULT_GOAL := help
.PHONY: help setup run test torture bench soak lint format lock docs hub hub-package system-test screens pictures words package package-check package-windows camera-check print-check clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## make .venv, or bring it up to date
	@bash packaging/setup.sh

run: setup  ## practice mode: the whole program against a built-in simulator of Loop, sends nothing; without a screen a tour through it
ifeq ($(SCREEN),yes)
	$(BIN)/loopdesk --demo
else
	QT_QPA_PLATFORM=offscreen $(BIN)/loopdesk --demo --tour
endif

test: lint  ## every check that must pass before a commit; AT_ONCE (3) tests run together, since most of them wait
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -q -n $(or $(AT_ONCE),3) --dist worksteal

torture: setup  ## the long proof, see docs/reliability.md; AT_ONCE (2) runs together, each at most TORTURE_MINUTES (30)
	TORTURE=full TORTURE_MINUTES=$${TORTURE_MINUTES:-30} QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -q tests/torture tests/hub \
		-n $(or $(AT_ONCE),2) --dist load --maxschedchunk 1 --show-capture=no --tb=short
	TORTURE=full QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -q tests -m hypothesis --ignore tests/torture \
		-n $(or $(AT_ONCE),2) --dist load --tb=short

lint: setup  ## form, mistakes, types, layers
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup  ## fix the form, and what else can be fixed automatically
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

soak: setup  ## work shifts with 5 % faults and plot what grows; for MINUTES (10), or until SETTLEMENTS are made
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.torture.soak --minutes $(or $(MINUTES),10) --svg build/soak.svg \
		$(if $(SETTLEMENTS),--settlements $(SETTLEMENTS))

lock: setup  ## pin what pyproject.toml asks for; UPGRADE=1 takes newer versions
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		$(if $(UPGRADE),--upgrade) pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		$(if $(UPGRADE),--upgrade) pyproject.toml --extra hub --group dev -c requirements/run.txt -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		$(if $(UPGRADE),--upgrade) pyproject.toml --group package -c requirements/run.txt -o requirements/package.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		$(if $(UPGRADE),--upgrade) pyproject.toml --extra hub $(addprefix --no-emit-package ,$(WINDOW)) -c requirements/run.txt -o requirements/hub.txt

package-windows: setup  ## build the Windows installer, and try it out under wine; STEP=name starts there
	bash packaging/freezer.sh
	PYTHONPATH=packaging build/freezer/bin/python -m windows.rehearsal $(if $(STEP),--start-at "$(STEP)")

bench: setup  ## speed and memory, each beside its floor of the same run; RETURNS (1000000) known at most
	for one in start scan act screen keep pictures beside index settle; do \
		QT_QPA_PLATFORM=offscreen $(BIN)/python -m benchmarks $$one || exit 1; done
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m benchmarks.million --returns $(or $(RETURNS),1000000)

package: setup  ## freeze the program for this system, make its package, and try both
	bash packaging/package.sh

package-check: setup  ## check every system's package as far as that goes without building one
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -q tests/packaging

camera-check: setup  ## test the camera with Qt's own module, which has 175 MB and which `make test` does without
	bash packaging/camera-check.sh

print-check: setup  ## print labels through a real CUPS of its own; on Linux, as root, with Debian's cups
	$(BIN)/python -m pytest -q -n 0 tests/unit/system/with_cups.py

hub-package: setup  ## the hub's package for Debian; HUB_PYTHON (3.11) is the Python of the machines that it is for
	bash packaging/hub/package.sh

system-test: setup  ## what needs a Debian, its PostgreSQL, a container tool or real windows, as root; each part says what it lacks
	$(BIN)/python -m pytest -q -n 0 $(wildcard tests/system/with_*.py)

hub: setup  ## a hub to try, on a PostgreSQL of its own and the simulator; DESKS (0) practice benches are opened on it
	$(BIN)/python -m tests.hub.try_it --desks $(or $(DESKS),0)

screens: setup  ## every view and question in every theme, size, scale and language, into build/screens; ONLY="dark, 4K" some, PARTS="de samples" some
	$(BIN)/python -m tests.x_screens || [ $$? = 2 ]
	QT_QPA_PLATFORM=offscreen nice $(BIN)/python -m tests.screens build/screens $(PARTS) $(if $(ONLY),--only "$(ONLY)")

pictures: setup  ## draw the pictures of README and the guides again
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.pictures

docs: setup  ## write the pages that come from the code
	$(BIN)/python -m loopdesk.system.settings.table
	$(BIN)/python -m tests.faults
	$(BIN)/python -m tests.rooms
	$(BIN)/python -m tests.hub.api_page

words: setup  ## bring the catalogues of translations up to date with the source, and compile them
	$(BIN)/python -m tests.catalogues

clean:  ## remove .venv and everything made
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
