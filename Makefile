# The course in two commands: `make lab` to learn, `make test` to check. Both set up what they need first.
# On Windows, or without make: README.md has the same as plain commands.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: lab test sync check clean setup

# Open the course in JupyterLab.
lab: setup
	@$(BIN)/course lab

# Everything that CI checks, what fails fastest first.
test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/course check
	$(BIN)/course run
	$(BIN)/python -m pytest -n 2 --dist loadgroup

# After editing a lesson's text or a quiz: bring what is made from them up to date.
sync: setup
	@$(BIN)/course sync

# Look for mistakes in lessons, quizzes and pages, in seconds.
check: setup
	@$(BIN)/course check

# Make the virtual environment .venv, or do nothing if it is as requirements.lock says.
setup:
	@$(PYTHON) setup_environment.py

# Remove what the course generates. Students' work (workspace/) and grades (classroom/) stay.
clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find course helpers tests -name __pycache__ -type d -prune -exec rm -rf {} +
