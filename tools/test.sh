#!/usr/bin/env bash
# Runs the tests: first those that may run side by side, then those that need the machine alone.
# Usage: tools/test.sh [pytest arguments]      long runs: tools/test.sh -m slow
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export QT_QPA_PLATFORM=offscreen
if [ "$#" -gt 0 ]; then exec .venv/bin/python -m pytest "$@"; fi
.venv/bin/python -m pytest -q -n 2 --dist loadscope -m "not slow and not serial"
# Exit code 5: nothing of this kind was collected.
.venv/bin/python -m pytest -q -m "serial and not slow" || [ "$?" -eq 5 ]
