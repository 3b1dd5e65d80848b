"""Imported models: folder `models` of the data directory, one folder a name, one a version."""

import re
from pathlib import Path

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_POINTER = "active"  # a file with the name of the version that is used
MODEL = "model.onnx"


def active_model(folder: Path, name: str) -> Path | None:
    """The file of the active version of an imported model; None when there is none."""
    if not _NAME.fullmatch(name):
        return None
    try:
        version = (folder / name / _POINTER).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    path = folder / name / version / MODEL
    return path if _NAME.fullmatch(version) and path.is_file() else None
