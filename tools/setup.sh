#!/usr/bin/env bash
# Sets up EmberEye in .venv: system packages (apt), then Python packages (pip).
# Usage: tools/setup.sh [--test]     --test adds what the tests and checks need.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(python3-venv libegl1 libgl1 libdbus-1-3 libfontconfig1 libglib2.0-0 libpulse0
  libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
  libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1)
if [ "${1:-}" = --test ]; then
  packages+=(pulseaudio pulseaudio-utils gir1.2-gst-rtsp-server-1.0 python3-gi
    gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly gstreamer1.0-plugins-bad)
fi

missing=()
if command -v dpkg-query >/dev/null; then
  for p in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
  done
fi
if [ "${#missing[@]}" -gt 0 ]; then
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then as_root=sudo
    else
      echo "Some system packages are missing. Ask an administrator to run:" >&2
      echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
      echo "and then start this again." >&2
      exit 1
    fi
  fi
  export DEBIAN_FRONTEND=noninteractive
  $as_root apt-get update -qq
  $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

python=python3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "EmberEye needs Python 3.11 or newer; $("$python" --version) is installed." >&2; exit 1; }
[ -x .venv/bin/python ] || "$python" -m venv .venv
extras=""; [ "${1:-}" = --test ] && extras="[test,lint,webrtc]"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".$extras"
