"""Changes of how all cameras are looked at that people ask for."""

from collections.abc import Callable, Mapping

from embereye.config.store import SettingsStore
from embereye.config.vision_options import Detection
from embereye.model.errors import ConfigError
from embereye.model.vision_models import EditDetectionAsked
from embereye.services.device_configuration import Audit
from embereye.services.section_change import changed_section

SUBJECT = "settings:detection"  # how a refusal names it
# What people change on the screen; processes and memory belong to who runs the machine.
CHANGEABLE = (
    "model", "provider", "rate", "floor_period", "fire_confidence", "smoke_confidence",
    "confidence",
)  # fmt: skip


class DetectionConfiguration:
    """Saves what was asked, whole or not at all. The thread of `Configuration`."""

    def __init__(self, store: SettingsStore, audit: Audit) -> None:
        self._store, self._audit = store, audit

    @property
    def doers(self) -> dict[type, Callable[..., None]]:
        """What handles which request."""
        return {EditDetectionAsked: self._edit}

    def _edit(self, asked: EditDetectionAsked) -> None:
        settings = self._store.current
        section = changed_detection(settings.detection, asked.values)
        self._store.save({"detection": section}, settings.revision)
        told = ", ".join(f"{name} {getattr(section, name)!r}" for name in sorted(asked.values))
        self._audit("detection", asked.actor, f"settings changed: {told}")


def changed_detection(before: Detection, values: Mapping[str, object]) -> Detection:
    """The section with other values.

    Raises:
        ConfigError: With one text per wrong field.
    """
    for name in values:
        if name not in CHANGEABLE:
            raise ConfigError("", (f"{name}: is not changed here",))
    return changed_section(before, values, "these settings are wrong")
