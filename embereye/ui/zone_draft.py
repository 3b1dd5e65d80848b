"""Areas and lines of one camera while somebody draws them, until they are saved. No Qt."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from embereye.config.schema import Camera
from embereye.config.zone_options import Line, Schedule, Zone
from embereye.rules.zones import line_trouble, zone_trouble
from embereye.ui.corners import Points, tidy

INCLUDE, EXCLUDE, LINE = "include", "exclude", "line"
MOST_ZONES, MOST_LINES = 40, 20  # of a camera (config.camera_options)
_CORNERS = {INCLUDE: (3, 64), EXCLUDE: (3, 64), LINE: (2, 16)}  # least, most (config.zone_options)
_TITLES = {INCLUDE: "Area", EXCLUDE: "Ignored area", LINE: "Line"}
_LABELS = {INCLUDE: ("fire", "smoke"), EXCLUDE: ("fire", "smoke"), LINE: ("person", "vehicle")}

_ALWAYS = Schedule()


@dataclass(frozen=True, slots=True)
class Drawn:
    """One area or line, as in `config.zone_options`, but perhaps not yet fit to be saved.

    Attributes:
        kind: "include", "exclude" or "line".
        points: Corners: fractions of the picture's width and height.
        direction: Of lines: "both", "to the right" or "to the left".
        least_area, dwell, alarm: Of areas.
    """

    id: str
    name: str
    kind: str
    points: Points
    labels: tuple[str, ...]
    confidence: float = 0.0
    least_area: float = 0.0
    dwell: float = 0.0
    alarm: bool = False
    direction: str = "both"
    schedule: Schedule = _ALWAYS

    @property
    def closed(self) -> bool:
        return self.kind != LINE

    @property
    def trouble(self) -> str:
        """Why it cannot be used where it is drawn, as a sentence; empty when it can."""
        return zone_trouble(self.points) if self.closed else line_trouble(self.points)

    def values(self) -> dict[str, object]:
        """The option of the camera as plain values."""
        common: dict[str, object] = {
            "id": self.id,
            "name": self.name.strip(),
            "points": [list(point) for point in self.points],
            "labels": list(self.labels),
            "confidence": self.confidence,
            "schedule": self.schedule.model_dump(mode="json"),
        }
        if not self.closed:
            return {**common, "direction": self.direction}
        return {
            **common,
            "kind": self.kind,
            "least_area": self.least_area,
            "dwell": self.dwell,
            "alarm": self.alarm,
        }


@dataclass(frozen=True, slots=True)
class ZoneDraft:
    """All areas, then all lines of one camera; fills `ui.shape_draft.ShapeDraft`."""

    shapes: tuple[Drawn, ...] = ()

    def full(self, kind: str = INCLUDE) -> bool:
        lines = sum(not shape.closed for shape in self.shapes)
        if kind == LINE:
            return lines >= MOST_LINES
        return len(self.shapes) - lines >= MOST_ZONES

    def least(self, kind: str = INCLUDE) -> int:
        return _CORNERS[kind or INCLUDE][0]

    def most(self, kind: str = INCLUDE) -> int:
        return _CORNERS[kind or INCLUDE][1]

    def kind_of(self, number: int) -> str:
        return self.shapes[number].kind if number >= 0 else INCLUDE

    def added(self, points: Points, kind: str = INCLUDE) -> tuple["ZoneDraft", int]:
        names = {shape.name for shape in self.shapes}
        name = _free(f"{_TITLES[kind]} {{}}", names)
        made = Drawn(self._free_id(kind), name, kind, tidy(points), _LABELS[kind])
        areas = [shape for shape in self.shapes if shape.closed]
        lines = [shape for shape in self.shapes if not shape.closed]
        (areas if made.closed else lines).append(made)
        both = (*areas, *lines)
        return ZoneDraft(both), both.index(made)

    def redrawn(self, number: int, points: Points) -> "ZoneDraft":
        return self.changed(number, replace(self.shapes[number], points=points))

    def changed(self, number: int, shape: Drawn) -> "ZoneDraft":
        """With another area or line in place of number `number`."""
        return ZoneDraft(tuple(shape if n == number else s for n, s in enumerate(self.shapes)))

    def without(self, number: int) -> "ZoneDraft":
        return ZoneDraft(self.shapes[:number] + self.shapes[number + 1 :])

    def values(self) -> dict[str, object]:
        """The options `zones` and `lines` of the camera, as plain values."""
        return {
            "zones": [shape.values() for shape in self.shapes if shape.closed],
            "lines": [shape.values() for shape in self.shapes if not shape.closed],
        }

    def _free_id(self, kind: str) -> str:
        word = "line" if kind == LINE else "zone"
        return _free(f"{word}-{{}}", {shape.id for shape in self.shapes})


def draft_of(camera: Camera | None) -> ZoneDraft:
    """What is in force for a camera."""
    if camera is None:
        return ZoneDraft()
    areas = tuple(_area(zone) for zone in camera.zones)
    return ZoneDraft((*areas, *(_line(line) for line in camera.lines)))


def _area(zone: Zone) -> Drawn:
    return Drawn(
        zone.id,
        zone.name,
        zone.kind,
        zone.points,
        zone.labels,
        zone.confidence,
        zone.least_area,
        zone.dwell,
        zone.alarm,
        schedule=zone.schedule,
    )


def _line(line: Line) -> Drawn:
    return Drawn(
        line.id,
        line.name,
        LINE,
        line.points,
        line.labels,
        line.confidence,
        direction=line.direction,
        schedule=line.schedule,
    )


def _free(pattern: str, taken: Iterable[str]) -> str:
    known = set(taken)
    return next(name for n in range(1, len(known) + 2) if (name := pattern.format(n)) not in known)
