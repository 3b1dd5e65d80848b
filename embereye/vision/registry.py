"""Imported models: folder `models` of the data directory, one folder a name, one a version.

The files are the whole truth: a version is there with its record or not at all, and a copied or
restored data folder brings its models along. Who did what is in the audit.
"""

import hashlib
import logging
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from embereye.model.errors import DetectorError, ModelRefused
from embereye.model.vision_models import ImportedModel, ModelTrial
from embereye.vision.manifest import Manifest, manifest_of
from embereye.vision.model_bundle import LARGEST, room_for, size_of, unpacked
from embereye.vision.model_record import MODEL, NAME, complete_manifest, read_record, write_record

_log = logging.getLogger(__name__)

_POINTER = "active"  # a file with the number of the version that is used
_ASIDE = ".aside-"  # folders that are being filled or emptied
_MOST = 50  # versions of all names together; at 10 MiB each as much as an hour of recording
_RESERVE = 500 << 20  # bytes that stay free on the disk; the default of storage.low_disk
_TAKEN = frozenset({"built-in", "remote", "heuristic", "none"})  # what settings mean otherwise

Trial = Callable[[Path], ModelTrial]


@dataclass(frozen=True, slots=True)
class Intake:
    """What is to be imported; as in `ImportModelAsked`. `utc` in seconds."""

    source: Path
    name: str
    actor: str
    utc: float
    licence: str = ""
    family: str = ""
    activate: bool = True


class ModelLibrary:
    """The imported models of one data directory. Any one thread; every call waits for the disk."""

    def __init__(self, folder: Path) -> None:
        """`folder`: `models` in the data directory; made when something is kept."""
        self._folder = folder

    def models(self) -> tuple[ImportedModel, ...]:
        """All versions, by name, then newest first."""
        found = []
        for name in self._names():
            active = _active(self._folder / name)
            for version in sorted(_versions(self._folder / name), reverse=True):
                folder = self._folder / name / str(version)
                found.append(read_record(folder, active=str(version) == active))
        return tuple(found)

    def take(self, intake: Intake, trial: Trial) -> ImportedModel:
        """Import a model; it is kept only after its trial run, as a whole.

        Args:
            trial: Runs the model at a path with the manifest beside it; raises DetectorError.

        Raises:
            ModelRefused: with what is wrong; with `families` where one must be chosen.
        """
        self._admit(intake)
        aside = self._aside()
        try:
            made = self._prepared(intake, aside, trial)
            self._place(aside, made, activate=intake.activate)
        except OSError as error:
            raise ModelRefused(f"The model cannot be kept: {error.strerror or error}.") from None
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return self._one(made.name, made.version)

    def activate(self, name: str, version: str) -> None:
        """Use this version under the name from now on.

        Raises:
            ModelRefused: There is none, or it is damaged.
        """
        found = self._one(name, version)
        if found.problem:
            raise ModelRefused(f"{name} {version} cannot be used. {found.problem}")
        try:
            _point(self._folder / name, version)
        except OSError as error:
            raise ModelRefused(f"The disk refuses it: {error.strerror}.") from None

    def remove(self, name: str, version: str) -> None:
        """Remove a version; with the last one its name.

        Raises:
            ModelRefused: There is none, or it is the one in use beside others.
        """
        found, home = self._one(name, version), self._folder / name
        alone = len(_versions(home)) == 1
        if found.active and not alone:
            raise ModelRefused(f"{name} {version} is in use. Use another version first.")
        try:
            aside = self._folder / f"{_ASIDE}{uuid4().hex}"
            os.replace(home if alone else home / version, aside)
        except OSError as error:
            raise ModelRefused(f"The disk refuses it: {error.strerror}.") from None
        shutil.rmtree(aside, ignore_errors=True)

    def clean(self) -> None:
        """Finish or remove what a killed import left behind; while nothing is imported."""
        if not self._folder.is_dir():
            return
        for left in self._folder.glob(f"{_ASIDE}*"):
            _log.info("removed what an import left behind")
            shutil.rmtree(left, ignore_errors=True)
        for model in reversed(self.models()):  # oldest first: the newest wins
            if not model.problem and not _active(self._folder / model.name):
                with suppress(OSError):
                    _point(self._folder / model.name, model.version)

    def _admit(self, intake: Intake) -> None:
        if not NAME.fullmatch(intake.name) or intake.name in _TAKEN or ".." in intake.name:
            raise ModelRefused(
                f"{intake.name[:60] or 'An empty text'} is no name for a model. Use up to 40 small "
                "letters, digits, dots, hyphens and underscores; not built-in, remote, heuristic "
                "or none."
            )
        if intake.name.endswith((".onnx", ".")):
            raise ModelRefused("Choose a name that does not end with a dot or .onnx.")
        if sum(len(_versions(self._folder / name)) for name in self._names()) >= _MOST:
            raise ModelRefused(f"There are {_MOST} versions already. Remove some first.")
        size = size_of(intake.source)
        if size > LARGEST:
            raise ModelRefused(f"{intake.source.name} is larger than {LARGEST >> 20} MiB.")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            roomy = room_for(self._folder, size, _RESERVE)
        except OSError as error:
            raise ModelRefused(f"The data folder refuses it: {error.strerror}.") from None
        if not roomy:
            raise ModelRefused(
                f"The disk is nearly full: {(size + _RESERVE) >> 20} MiB are needed. Make space."
            )

    def _prepared(self, intake: Intake, aside: Path, trial: Trial) -> ImportedModel:
        """A folder with everything that a version needs."""
        model = aside / MODEL
        unpacked(intake.source, model)
        digest = _digest(model)
        manifest = _manifest(model)
        self._refuse_twice(intake, digest, manifest)
        licence = manifest.licence.strip() or intake.licence.strip()
        if not licence:
            raise ModelRefused(
                "No manifest says under which licence the model may be used. Enter it."
            )
        version = self._next(intake.name)
        # Results carry this name: it must say which model and which version spoke.
        known = {"name": f"{intake.name} {version}", "licence": licence, "sha256": digest}
        family = intake.family or (manifest.family or "")
        chosen = {"family": str(family)} if family else {}
        complete_manifest(model.with_suffix(".toml"), {**known, **chosen})
        found = _tried(model, trial)
        if len(found.families) > 1:
            words = ", ".join(found.families)
            raise ModelRefused(f"Its outputs can be read as {words}. Choose one.", found.families)
        complete_manifest(model.with_suffix(".toml"), {**known, "family": found.families[0]})
        made = ImportedModel(
            name=intake.name, version=version,
            title=manifest.name if manifest.name != model.stem else intake.source.stem,
            maker_version=manifest.version, family=found.families[0], licence=licence,
            sha256=digest, size=model.stat().st_size, imported_by=intake.actor,
            imported_utc=intake.utc, trial=found,
        )  # fmt: skip
        write_record(aside, made)
        return made

    def _place(self, aside: Path, made: ImportedModel, *, activate: bool) -> None:
        for path in aside.iterdir():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        home = self._folder / made.name
        home.mkdir(exist_ok=True)
        os.replace(aside, home / made.version)
        if activate or not _active(home):
            _point(home, made.version)

    def _refuse_twice(self, intake: Intake, digest: str, manifest: Manifest) -> None:
        """The same file is worth another version only where it is read in another way."""
        family = intake.family or manifest.family
        for known in self.models():
            if (known.name, known.sha256) != (intake.name, digest) or known.problem:
                continue
            stored = self._stored(known)
            if family in (None, known.family) and stored == _reading(manifest):
                raise ModelRefused(
                    f"This model is there already as {known.name} {known.version}, read in the "
                    "same way."
                )

    def _stored(self, known: ImportedModel) -> Manifest | None:
        """How an imported model is read; None where its manifest is damaged."""
        try:
            return _reading(manifest_of(self._folder / known.name / known.version / MODEL))
        except DetectorError:
            return None

    def _one(self, name: str, version: str) -> ImportedModel:
        for known in self.models():
            if (known.name, known.version) == (name, version):
                return known
        raise ModelRefused(f"There is no model {name[:60]} {version[:20]}.")

    def _next(self, name: str) -> str:
        return str(max(_versions(self._folder / name), default=0) + 1)

    def _names(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        return sorted(
            path.name
            for path in self._folder.iterdir()
            if NAME.fullmatch(path.name) and _versions(path)
        )

    def _aside(self) -> Path:
        aside = self._folder / f"{_ASIDE}{uuid4().hex}"
        try:
            aside.mkdir()
        except OSError as error:
            raise ModelRefused(f"The data folder refuses it: {error.strerror}.") from None
        return aside


def active_model(folder: Path, name: str) -> Path | None:
    """The file of the active version of an imported model; None when there is none. Any thread."""
    version = _active(folder / name) if NAME.fullmatch(name) else ""
    path = folder / name / version / MODEL
    return path if version and path.is_file() else None


def _manifest(model: Path) -> Manifest:
    try:
        return manifest_of(model)
    except DetectorError as error:
        raise ModelRefused(str(error)) from None


def _reading(manifest: Manifest) -> Manifest:
    """How pictures go in and what comes out is read, without what an import fills in itself."""
    return replace(manifest, name="", family=None, licence="", sha256="")


def _tried(model: Path, trial: Trial) -> ModelTrial:
    try:
        found = trial(model)
    except DetectorError as error:
        raise ModelRefused(str(error)) from None
    if not found.families:
        raise ModelRefused("What its outputs mean could not be told. Name the family.")
    return found


def _versions(home: Path) -> list[int]:
    with suppress(OSError):
        return [int(path.name) for path in home.iterdir() if path.name.isdecimal()]
    return []


def _active(home: Path) -> str:
    """The version in use; empty where none is, or the pointer is damaged."""
    try:
        version = (home / _POINTER).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
    return version if version.isdecimal() and (home / version).is_dir() else ""


def _point(home: Path, version: str) -> None:
    partial = home / f"{_POINTER}.part"
    with partial.open("w", encoding="utf-8") as file:
        file.write(version)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, home / _POINTER)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
