"""From the words of the settings to the detectors of each camera."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from embereye.config.schema import Settings
from embereye.model.errors import DetectorError
from embereye.model.ids import CameraId
from embereye.model.vision_models import ImportedModel, ModelTrial
from embereye.runtime.resources import ResourceMissing, resource
from embereye.services.model_use import BUILT_IN, REMOTE, names_in
from embereye.services.rule_terms import cameras_with_objects
from embereye.services.zone_site import zones_of
from embereye.vision.looks import CameraLooks, Looks, ModelChoice, RemoteMaker
from embereye.vision.manifest import Manifest, manifest_of

_SHIPPED = ("models", "ember.onnx")

Imported = Callable[[str], Path | None]  # the file of the active version of an imported model


def looks_of(settings: Settings, imported: Imported, remote: RemoteMaker | None) -> Looks:
    """Which detectors look at which camera under these settings; disk access, milliseconds.

    Args:
        imported: None for a name that nobody imported.
        remote: Makes the detector on another machine, None where that is off.
    """
    every, found = settings.detection.model, cache(imported)
    objects = cameras_with_objects(settings)
    return Looks(
        cameras={
            CameraId(camera.id): replace(
                camera_looks(every if camera.models is None else camera.models, found),
                follow=zones_of(camera).about_objects or CameraId(camera.id) in objects,
            )
            for camera in settings.cameras
            if camera.enabled and camera.detect
        },
        remote=remote,
    )


def camera_looks(text: str, imported: Imported) -> CameraLooks:
    """What a list such as "built-in, persons, /models/cars.onnx, remote" means."""
    names = names_in(text)
    models = tuple(ModelChoice(name, _path(name, imported)) for name in names if name != REMOTE)
    return CameraLooks(models, REMOTE in names)


def is_file(name: str) -> bool:
    """Whether a word of the settings names a file and not an imported model."""
    return name.lower().endswith(".onnx") or "/" in name or "\\" in name


def built_in_model() -> Path | None:
    """The model that ships with the program; None where it does not."""
    try:
        return resource(*_SHIPPED)
    except ResourceMissing:
        return None


def built_in_record() -> ImportedModel | None:
    """What is known of the model that ships with the program; reads the disk."""
    path = built_in_model()
    if path is None:
        return None
    try:
        manifest, size = manifest_of(path), path.stat().st_size
    except (DetectorError, OSError) as error:
        return _shipped(path, Manifest(BUILT_IN), 0, f"{error} Install EmberEye again.")
    return _shipped(path, manifest, size, "")


def _shipped(path: Path, manifest: Manifest, size: int, problem: str) -> ImportedModel:
    width, height = manifest.size or (0, 0)
    families = (str(manifest.family),) if manifest.family else ()
    untried = ModelTrial(families, manifest.labels, width, height, 0.0, 0.0, 0.0, 0, "")
    return ImportedModel(
        name=BUILT_IN, version=manifest.version, title=manifest.name,
        maker_version=manifest.version, family="".join(families), licence=manifest.licence,
        sha256=manifest.sha256, size=size, imported_by="", imported_utc=0.0, trial=untried,
        active=True, problem=problem, path=str(path),
    )  # fmt: skip


def _path(name: str, imported: Imported) -> str:
    if is_file(name):
        return name
    found = built_in_model() if name == BUILT_IN else imported(name)
    return "" if found is None else str(found)
