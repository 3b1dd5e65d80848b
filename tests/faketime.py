"""Processes whose wall clock a test sets while their monotonic clock goes on."""

import os
import sys
from pathlib import Path

import pytest


def faketime_environment(control: Path) -> dict[str, str]:
    """The environment of such a process; skips the test where libfaketime is missing.

    Args:
        control: Made here; what is written into it ("+1d") is how far the wall clock is off.
    """
    library = _library()
    if library is None:
        pytest.skip("libfaketime is not installed (package faketime)")
    control.write_text("+0\n")
    return os.environ | {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(control),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


def _library() -> Path | None:
    for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib"):
        found = sorted(Path(folder).glob("**/libfaketimeMT.so.1"))
        if found:
            return found[0]
    return None
