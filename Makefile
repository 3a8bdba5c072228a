# make demo           the sample mailbox: pages in demo-output/ and a table in the terminal
# make demo SERVE=1   the same as a small webmail on 127.0.0.1 (PORT=8080 for a port of your choice)
# make webmail        examples/webmail with the sample mailbox, or that of CFML_POP_URL (PORT=8025)
# make test           everything that is checked: style, types, tests (also against a real Dovecot)
# make docs           the manual as a site in docs-output/, from the pages in docs/
# make bench          cfml_pop beside its peers on a real Dovecot: takes an hour and a half; BENCH=--quick for minutes
# make bench-growth   time and memory against the size of the mailbox and of the message
# make bench-message  the mail reader beside its peers: figures in bench-output/ and in the terminal
# make pictures       the pictures in docs/images, anew from the webmail
# make clean          removes what these made

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
MISSING := needs Python 3.10 or later with venv (Debian: apt-get install python3-venv); set PYTHON=/path/to/python3 if it is elsewhere

.PHONY: demo webmail test docs bench bench-growth bench-message pictures clean

demo: $(VENV)/demo.stamp
	@$(PY) -m cfml_pop demo $(if $(SERVE),--serve) $(if $(PORT),--port $(PORT))

webmail: $(VENV)/webmail.stamp
	@$(PY) examples/webmail/app.py $(if $(PORT),--port $(PORT))

test: $(VENV)/test.stamp
	@bash tests/servers/install.sh
	@bash tests/servers/others.sh
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(PY) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(PYTEST)

docs: $(VENV)/docs.stamp
	$(PY) -m sphinx -W --keep-going -n -q -b html -d docs-output/.trees docs docs-output
	@echo "open docs-output/index.html in a browser"

bench: $(VENV)/bench.stamp
	@bash tests/servers/install.sh bench
	@bash tests/servers/others.sh poco
	$(PY) -m benchmarks.pop --output bench-output $(BENCH)

bench-growth: $(VENV)/bench.stamp
	@bash tests/servers/install.sh bench
	$(PY) -m benchmarks.growth --output bench-output $(BENCH)

bench-message: $(VENV)/bench.stamp
	@mkdir -p bench-output
	$(PY) -m benchmarks.message --json bench-output/message.json --markdown bench-output/message.md $(BENCH)

pictures: $(VENV)/test.stamp
	PYTHONPATH=examples/webmail $(PY) -m tests.pictures

clean:
	rm -rf $(VENV) demo-output docs-output bench-output test-artefacts build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Each stamp is made anew when the list of dependencies changes, so a second run installs nothing.
$(VENV)/demo.stamp: $(PY) pyproject.toml
	@echo "installing cfml_pop and the embedded server into $(VENV)"
	@$(PIP) --editable '.[cli,html,regex,testing]'
	@touch $@

$(VENV)/webmail.stamp: $(PY) pyproject.toml
	@echo "installing cfml_pop, Flask and the embedded server into $(VENV)"
	@$(PIP) --editable '.[webmail]'
	@touch $@

$(VENV)/test.stamp: $(PY) pyproject.toml
	@echo "installing cfml_pop and its test tools into $(VENV)"
	@$(PIP) --editable '.[dev]'
	@touch $@

$(VENV)/docs.stamp: $(PY) pyproject.toml
	@echo "installing cfml_pop and Sphinx into $(VENV)"
	@$(PIP) --editable '.[docs]'
	@touch $@

$(VENV)/bench.stamp: $(PY) pyproject.toml
	@echo "installing cfml_pop and its peers into $(VENV)"
	@$(PIP) --editable '.[bench]'
	@touch $@

$(PY):
	@found=; for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do \
	  if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "make: cfml_pop $(MISSING)" >&2; exit 1; fi; \
	$$found -m venv $(VENV)
