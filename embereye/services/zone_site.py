"""What following objects and watching areas needs to know of the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from embereye.config.schema import Camera, Detection, Line, Schedule, Settings, Zone
from embereye.model.ids import CameraId
from embereye.rules.hours import Hours, minutes
from embereye.rules.scene import Area, Border
from embereye.rules.tracking import FLAMES, TrackRule
from embereye.services.places import Places, places_of

_STANDS = 5.0  # s for which the opinion of a detector on another machine stands at most
_MARGIN = 2.0  # s; a still picture is looked at that often
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DIRECTIONS = {"both": 0, "to the right": 1, "to the left": -1}


@dataclass(frozen=True, slots=True)
class CameraZones:
    """Areas and lines of one camera; equal when the settings are."""

    name: str
    areas: tuple[Area, ...] = ()
    borders: tuple[Border, ...] = ()

    @property
    def watches(self) -> bool:
        """Whether it can raise an intrusion alarm at all."""
        return bool(self.borders) or any(one.alarm and not one.exclude for one in self.areas)

    @property
    def about_objects(self) -> bool:
        """Whether persons, vehicles … must be followed for it."""
        including = [one for one in self.areas if not one.exclude]
        return bool(self.borders) or any(one.labels - FLAMES or not one.labels for one in including)


@dataclass(frozen=True, slots=True)
class ZoneSite:
    """A frozen view of the settings, replaced as a whole.

    Attributes:
        cameras: Each camera whose picture is looked at.
        confidence, by_label: Least confidence of objects, and of single labels.
        rule: When an object is believed, and when it is gone.
    """

    places: Places
    cameras: Mapping[CameraId, CameraZones] = field(default_factory=dict)
    confidence: float = 0.5
    by_label: Mapping[str, float] = field(default_factory=dict)
    rule: TrackRule = field(default_factory=TrackRule)

    def least(self, label: str) -> float:
        """The least confidence with which a label is followed.

        Flame and smoke always are: their score is judged by the limits of the risk.
        """
        return 0.0 if label in FLAMES else self.by_label.get(label, self.confidence)


def zone_site(settings: Settings) -> ZoneSite:
    """The view of these settings."""
    chosen: Detection = settings.detection
    looked_at = [c for c in settings.cameras if c.enabled and c.detect and chosen.enabled]
    return ZoneSite(
        places=places_of(settings),
        cameras={CameraId(c.id): zones_of(c) for c in looked_at},
        confidence=chosen.confidence,
        by_label=dict(chosen.class_confidence),
        rule=TrackRule(stands=max(_STANDS, chosen.cache_age) + _MARGIN),
    )


def zones_of(camera: Camera) -> CameraZones:
    """What is drawn on the picture of a camera."""
    areas = tuple(_area(zone) for zone in camera.zones)
    return CameraZones(camera.name, areas, tuple(_border(line) for line in camera.lines))


def _area(zone: Zone) -> Area:
    return Area(
        id=zone.id,
        name=zone.name,
        points=zone.points,
        exclude=zone.kind == "exclude",
        labels=frozenset(zone.labels),
        confidence=zone.confidence,
        least_area=zone.least_area,
        dwell=zone.dwell,
        alarm=zone.alarm,
        hours=_hours(zone.schedule),
    )


def _border(line: Line) -> Border:
    return Border(
        id=line.id,
        name=line.name,
        points=line.points,
        direction=_DIRECTIONS[line.direction],
        labels=frozenset(line.labels),
        confidence=line.confidence,
        hours=_hours(line.schedule),
    )


def _hours(schedule: Schedule) -> Hours:
    days = frozenset(_DAYS.index(day) for day in schedule.days)
    return Hours(days, minutes(schedule.start), minutes(schedule.end))
