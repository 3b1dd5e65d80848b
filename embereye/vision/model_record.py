"""What is kept beside an imported model: its record, and a manifest that says everything."""

import json
import re
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tomlkit

from embereye.model.errors import ModelRefused
from embereye.model.vision_models import ImportedModel, ModelTrial

MODEL, RECORD = "model.onnx", "record.json"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_LONGEST = 4 << 20  # bytes of a record
_PASSING = ("active", "problem", "path")  # what is no property of the version itself
_TUPLES = ("families", "labels")


def write_record(folder: Path, record: ImportedModel) -> None:
    """Keep what is known of a version; OSError."""
    kept = asdict(record)
    for name in _PASSING:
        del kept[name]
    folder.joinpath(RECORD).write_text(json.dumps(kept, indent=1), encoding="utf-8")


def read_record(folder: Path, *, active: bool) -> ImportedModel:
    """What is known of the version in this folder; with a `problem` where it is damaged."""
    try:
        path = folder / RECORD
        if path.stat().st_size > _LONGEST:
            raise ValueError("it is too large")
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        trial = dict(kept.pop("trial"))
        for name in _TUPLES:
            trial[name] = tuple(str(item) for item in trial[name])
        path_of = str(folder / MODEL)
        found = ImportedModel(**kept, trial=ModelTrial(**trial), active=active, path=path_of)
        return _with_problem(found, folder)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return _damaged(folder, active=active)


def complete_manifest(path: Path, values: dict[str, str]) -> None:
    """Set these fields of a manifest, or write one; what else it says stays.

    Raises:
        ModelRefused: The manifest is no TOML.
    """
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else None
        document = tomlkit.document() if document is None else document
        for name, value in values.items():
            document[name] = value
        text = tomlkit.dumps(document)
        tomllib.loads(text)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelRefused(f"The manifest cannot be used: {error}. Correct it.") from None
    path.write_text(text, encoding="utf-8")


def _with_problem(found: ImportedModel, folder: Path) -> ImportedModel:
    """Whether its file is still there as a whole; its hash is checked when it is loaded."""
    size = folder.joinpath(MODEL).stat().st_size
    if (found.name, found.version) != (folder.parent.name, folder.name) or size != found.size:
        return _damaged(folder, active=found.active)
    return found


def _damaged(folder: Path, *, active: bool) -> ImportedModel:
    nothing = ModelTrial((), (), 0, 0, 0.0, 0.0, 0.0, 0, "")
    return ImportedModel(
        name=folder.parent.name, version=folder.name, title="", maker_version="", family="",
        licence="", sha256="", size=0, imported_by="", imported_utc=0.0, trial=nothing,
        active=active, problem="Its files are damaged. Remove it and import it again.",
        path=str(folder / MODEL),
    )  # fmt: skip
