# Everything goes through hall/setup, which runs on any Python 3.11 or newer before anything is installed.
PYTHON ?= python3

.PHONY: help install serve serve-cluster test bench train lint clean

help:
	@echo "make serve    install what is missing and serve http://127.0.0.1:8000"
	@echo "make serve-cluster  the same with two Rasas and two hall processes on PostgreSQL and Redis"
	@echo "make install  install everything without serving"
	@echo "make test     install what is missing and run every test"
	@echo "make bench    measure speed and memory"
	@echo "make train    train the conversation model where it is stale"
	@echo "make lint     check style and types"
	@echo "make clean    remove environments, caches and models; the database in var/ stays"

install serve serve-cluster test bench train lint:
	@exec $(PYTHON) -m hall.setup $@ $(ARGS)

clean:
	rm -rf .venv .rasa-venv node_modules kiosk/static/vendor var/tools var/setup var/models var/log
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .rasa tests/artifacts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
