"""Who uses which model, as the settings say."""

from embereye.config.schema import Camera, Settings
from embereye.vision import looks

BUILT_IN, REMOTE = looks.BUILT_IN, looks.REMOTE


def names_in(text: str) -> tuple[str, ...]:
    """The models of a list such as "built-in, persons, remote", each once, in its order."""
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def models_of(settings: Settings, camera: Camera) -> tuple[str, ...]:
    """The names of what looks at a camera: its own list, or that of all."""
    return names_in(settings.detection.model if camera.models is None else camera.models)


def users_of(settings: Settings, model: str) -> tuple[str, ...]:
    """Names of the cameras that this model looks at, switched off ones included."""
    return tuple(c.name for c in settings.cameras if c.detect and model in models_of(settings, c))


def is_chosen(settings: Settings, model: str) -> bool:
    """Whether the settings name a model anywhere, though no camera may need it now."""
    texts = (settings.detection.model, *(camera.models or "" for camera in settings.cameras))
    return any(model in names_in(text) for text in texts)
