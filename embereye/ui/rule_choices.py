"""What a rule can look at and ask for on this site, by names that people know."""

from collections.abc import Iterable
from dataclasses import dataclass

from embereye.config.schema import Camera, Device, Settings
from embereye.model.ids import CameraId, DeviceId
from embereye.services.model_list import ListedModel
from embereye.services.places import Places, places_of
from embereye.ui.zone_words import USUAL_LABELS, known_labels

Choice = tuple[str, str]  # id and name

_OF_CAMERAS = frozenset({"label", "camera fault"})
_OF_DEVICES = frozenset({"thermal", "sensor", "device fault"})


@dataclass(frozen=True, slots=True)
class RuleChoices:
    """A frozen view of the settings. GUI thread.

    Attributes:
        models: The known models, for the labels that can be seen.
    """

    settings: Settings
    places: Places
    models: tuple[ListedModel, ...] = ()

    def of_places(self) -> list[Choice]:
        """All places, by name."""
        return sorted(
            ((str(place), name) for place, name in self.places.names.items()), key=_by_name
        )

    def sources(self, looked_at: str, kind: str, place: str) -> list[Choice]:
        """What a condition can name; `place`: only what is there, "": all.

        Args:
            looked_at: The input of the condition.
            kind: Of alarms, where it looks at those.
        """
        if looked_at in _OF_CAMERAS or (looked_at, kind) == ("alarm", "camera fault"):
            return [(c.id, c.name) for c in self._cameras(place)]
        if looked_at in _OF_DEVICES or (looked_at, kind) == ("alarm", "device fault"):
            return [(d.id, d.name) for d in self._devices(place)]
        if (looked_at, kind) == ("alarm", "rule"):
            return [(rule.id, rule.name) for rule in self.settings.rules]
        return []

    def labels(self, place: str) -> list[str]:
        """What the models of the cameras can name; more may be typed."""
        found: set[str] = set()
        for camera in self._cameras(place):
            found |= known_labels(self.settings, camera, self.models) or frozenset()
        first = [label for label in USUAL_LABELS if label in found or not self.models]
        return [*first, *sorted(found - set(first))] or list(USUAL_LABELS)

    def zones(self, place: str, sources: Iterable[str]) -> list[Choice]:
        """Areas drawn at these cameras, or at all of the place; each id once."""
        named = set(sources)
        cameras = [c for c in self._cameras(place) if not named or c.id in named]
        return _each_once((zone.id, zone.name) for camera in cameras for zone in camera.zones)

    def regions(self, place: str, sources: Iterable[str]) -> list[Choice]:
        """Thermal regions of these devices, or of all of the place; each id once."""
        named = set(sources)
        devices = [d for d in self._devices(place) if not named or d.id in named]
        return _each_once((r.id, r.name) for device in devices for r in device.regions)

    def targets(self) -> list[Choice]:
        """Outgoing targets."""
        return [(target.id, target.name) for target in self.settings.notifications.targets]

    def name_of(self, ident: str) -> str:
        """The name of a camera, device or rule; what is gone keeps its id."""
        settings = self.settings
        names = {rule.id: rule.name for rule in settings.rules}
        names |= {device.id: device.name for device in settings.devices}
        names |= {camera.id: camera.name for camera in settings.cameras}
        return names.get(ident, ident)

    def _cameras(self, place: str) -> list[Camera]:
        of = self.places.of_camera
        return [c for c in self.settings.cameras if place in ("", of(CameraId(c.id)))]

    def _devices(self, place: str) -> list[Device]:
        of = self.places.of_device
        return [d for d in self.settings.devices if place in ("", of(DeviceId(d.id)))]


def choices_of(settings: Settings, models: Iterable[ListedModel] = ()) -> RuleChoices:
    """What these settings offer."""
    return RuleChoices(settings, places_of(settings), tuple(models))


def _each_once(found: Iterable[Choice]) -> list[Choice]:
    names: dict[str, str] = {}
    for ident, name in found:
        names.setdefault(ident, name)
    return sorted(names.items(), key=_by_name)


def _by_name(choice: Choice) -> str:
    return choice[1].casefold()
