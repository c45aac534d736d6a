# The course in two commands: `make lab` to learn, `make test` to check. Both set up what they need first.
# On Windows, or without make: README.md has the same as plain commands.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: lab test sync check clean setup

# Open the course in JupyterLab. More as in `make lab OPTIONS="--port 9000 --no-browser"`.
lab: setup
	@$(BIN)/course lab $(OPTIONS)

# Everything that CI checks, what fails fastest first. The tests in their order: those in the browser take longest.
test: export OPENBLAS_NUM_THREADS = 1
test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/course check
	$(BIN)/course run
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# After editing a lesson or a quiz: bring what is made from them up to date.
sync: setup
	@$(BIN)/course sync

# Look for mistakes in lessons, quizzes and pages without running them; seconds.
check: setup
	@$(BIN)/course check

# Make the virtual environment .venv; nothing to do if it is as requirements.lock says.
setup:
	@$(PYTHON) setup_environment.py

# Remove what the course generates. Students' work (workspace/) and grades (classroom/) stay.
clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find course helpers tests -name __pycache__ -type d -prune -exec rm -rf {} +
