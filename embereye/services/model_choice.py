"""From the words of the settings to the detectors of each camera."""

from collections.abc import Callable
from pathlib import Path

from embereye.config.schema import Settings
from embereye.model.ids import CameraId
from embereye.runtime.resources import ResourceMissing, resource
from embereye.vision.looks import CameraLooks, Looks, ModelChoice, RemoteMaker

BUILT_IN = "built-in"
REMOTE = "remote"
_SHIPPED = ("models", "ember.onnx")

Imported = Callable[[str], Path | None]  # the file of the active version of an imported model


def looks_of(settings: Settings, imported: Imported, remote: RemoteMaker | None) -> Looks:
    """Which detectors look at which camera under these settings; disk access, milliseconds.

    Args:
        imported: None for a name that nobody imported.
        remote: Makes the detector on another machine, None where that is off.
    """
    every = settings.detection.model
    return Looks(
        cameras={
            CameraId(camera.id): camera_looks(
                every if camera.models is None else camera.models, imported
            )
            for camera in settings.cameras
            if camera.enabled and camera.detect
        },
        remote=remote,
    )


def camera_looks(text: str, imported: Imported) -> CameraLooks:
    """What a list such as "built-in, persons, /models/cars.onnx, remote" means."""
    names = tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
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


def _path(name: str, imported: Imported) -> str:
    if is_file(name):
        return name
    found = built_in_model() if name == BUILT_IN else imported(name)
    return "" if found is None else str(found)
