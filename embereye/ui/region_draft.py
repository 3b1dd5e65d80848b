"""Regions and masks while somebody draws them; nothing is in force until it is saved. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from embereye.config.schema import Device, ThermalRule
from embereye.model.reading import COLUMNS, ROWS

Points = tuple[tuple[float, float], ...]
LEAST = {"frame": 0, "point": 1, "line": 2, "polygon": 3, "mask": 3}
_GRID = 4  # steps per cell that points keep to: a mouse on a 4:3 picture is no finer


@dataclass(frozen=True, slots=True)
class Area:
    """One region or mask being drawn.

    Attributes:
        shape: "frame", "point", "line", "polygon" or "mask".
        points: Columns 0–32 and rows 0–24 from the upper left corner.
        emissivity: None: the device's. `reflected` likewise, °C.
    """

    id: str
    name: str
    shape: str
    points: Points
    emissivity: float | None = None
    reflected: float | None = None
    rules: tuple[ThermalRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """All areas of one device; each change gives a new draft."""

    areas: tuple[Area, ...] = ()

    def area(self, wanted: str) -> Area | None:
        """The area of this id."""
        return next((area for area in self.areas if area.id == wanted), None)

    def added(self, shape: str, points: Points) -> tuple["Draft", Area]:
        """With one more area, which gets a free id and name."""
        taken = {area.id for area in self.areas}
        word = "mask" if shape == "mask" else "region"
        number = next(n for n in range(1, len(taken) + 2) if f"{word}-{n}" not in taken)
        area = Area(f"{word}-{number}", f"{word.title()} {number}", shape, snapped(points))
        return Draft((*self.areas, area)), area

    def changed(self, area: Area) -> "Draft":
        """With this area in place of the one with its id."""
        return Draft(tuple(area if old.id == area.id else old for old in self.areas))

    def without(self, wanted: str) -> "Draft":
        """Without this area."""
        return Draft(tuple(area for area in self.areas if area.id != wanted))

    def values(self) -> dict[str, object]:
        """The options `regions` and `masks` of the device, as plain values."""
        regions = [_region(area) for area in self.areas if area.shape != "mask"]
        masks = [_mask(area) for area in self.areas if area.shape == "mask"]
        return {"regions": regions, "masks": masks}

    def problems(self) -> tuple[str, ...]:
        """What cannot be saved, in words."""
        try:
            Device.model_validate({"id": "draft", "name": "draft", **self.values()})
        except ValidationError as error:
            return tuple(self._words(problem["loc"], problem["msg"]) for problem in error.errors())
        return ()

    def _words(self, where: Sequence[str | int], what: str) -> str:
        text = what.removeprefix("Value error, ")
        if len(where) < 2 or not isinstance(where[1], int):
            return text
        kind = "mask" if where[0] == "masks" else "region"
        matching = [a for a in self.areas if (a.shape == "mask") == (kind == "mask")]
        rest = " ".join(str(part) for part in where[2:] if part != "rules")
        name = matching[where[1]].name or matching[where[1]].id
        return f"{name}: {rest} {text}".replace(":  ", ": ")


def draft_of(device: Device | None) -> Draft:
    """What is in force for a device; empty for one that nobody registered."""
    if device is None:
        return Draft()
    regions = [
        Area(r.id, r.name, r.shape, r.points, r.emissivity, r.reflected, r.rules)
        for r in device.regions
    ]
    taken = {region.id for region in regions}
    masks = []
    for mask in device.masks:
        number = next(n for n in range(1, 1000) if f"mask-{n}" not in taken)
        taken.add(f"mask-{number}")
        masks.append(Area(f"mask-{number}", mask.name, "mask", mask.points))
    return Draft((*regions, *masks))


def moved(area: Area, by: tuple[float, float]) -> Area:
    """The whole area shifted, as far as it stays inside the picture."""
    xs, ys = [x for x, _ in area.points], [y for _, y in area.points]
    across = min(max(by[0], -min(xs)), COLUMNS - max(xs))
    down = min(max(by[1], -min(ys)), ROWS - max(ys))
    return replace(area, points=snapped(tuple((x + across, y + down) for x, y in area.points)))


def with_point(area: Area, number: int, at: tuple[float, float]) -> Area:
    """With point `number` at another place."""
    points = list(area.points)
    points[number] = at
    return replace(area, points=snapped(tuple(points)))


def without_point(area: Area, number: int) -> Area | None:
    """Without point `number`; None when too few would be left."""
    if len(area.points) <= LEAST[area.shape]:
        return None
    return replace(area, points=area.points[:number] + area.points[number + 1 :])


def snapped(points: Points) -> Points:
    """Points on quarters of cells, inside the picture."""
    return tuple(
        (
            min(max(round(x * _GRID) / _GRID, 0.0), float(COLUMNS)),
            min(max(round(y * _GRID) / _GRID, 0.0), float(ROWS)),
        )
        for x, y in points
    )


def _region(area: Area) -> dict[str, object]:
    values: dict[str, object] = {
        "id": area.id,
        "name": area.name,
        "shape": area.shape,
        "points": area.points,
        "rules": [rule.model_dump(exclude_none=True) for rule in area.rules],
    }
    optics = {"emissivity": area.emissivity, "reflected": area.reflected}
    return values | {key: value for key, value in optics.items() if value is not None}


def _mask(area: Area) -> dict[str, object]:
    return {"name": area.name, "points": area.points}
