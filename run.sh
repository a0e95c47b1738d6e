#!/usr/bin/env bash
# Makes what is missing (virtual environment, packages, database) and serves http://localhost:8501.
# Arguments go to Streamlit, e.g. ./run.sh --server.port 9000
set -euo pipefail
cd "$(dirname "$0")"
. ./install.sh
install_into .venv requirements.txt
exec .venv/bin/python -m streamlit run app.py "$@"
