#!/usr/bin/env bash
# Sets everything up and opens the demonstration; arguments go to `embereye demo`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash tools/setup.sh
exec .venv/bin/embereye demo "$@"
