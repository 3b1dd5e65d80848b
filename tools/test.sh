#!/usr/bin/env bash
# Sets everything up and runs the tests: first those that may run side by side, then those that
# mostly wait (four at once), then those that need the machine for themselves. With arguments:
# pytest with them, e.g. tools/test.sh -m slow
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash tools/setup.sh --test
export QT_QPA_PLATFORM=offscreen
if [ "$#" -gt 0 ]; then exec .venv/bin/python -m pytest "$@"; fi
.venv/bin/python -m pytest -q -n 2 --dist loadscope -m "not slow and not serial and not paced"
.venv/bin/python -m pytest -q -n 4 --dist worksteal -m "paced and not slow and not serial"
.venv/bin/python -m pytest -q -m "serial and not slow"
