#!/usr/bin/env bash
# Runs every check. Arguments go to pytest, which then runs alone, e.g. ./test.sh tests/signal -x
# Starts its own PostgreSQL and Chromium; as root on Debian it installs them, elsewhere what needs them is skipped.
set -euo pipefail
cd "$(dirname "$0")"
. ./install.sh
install_into .venv requirements.txt
install_into .venv requirements-dev.txt requirements.txt

install_debian() { # PACKAGE…
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
  echo "Installing $* …"
  apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || install_debian postgresql
command -v chromium >/dev/null || command -v google-chrome >/dev/null || install_debian chromium

.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
.venv/bin/lint-imports
[ $# -eq 0 ] || exec .venv/bin/python -m pytest "$@"
# Two at a time; what drives a browser waits for the clock, and runs alone.
.venv/bin/python -m pytest -n 2 --dist loadfile -m "not slow and not browser" && failed=0 || failed=$?
.venv/bin/python -m pytest -m "browser and not slow" || failed=$?
exit "$failed"
