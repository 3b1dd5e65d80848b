"""Which objects of one camera count, by the areas and lines drawn on its picture.

What stands on the ground (persons, vehicles …) is where its foot is, the middle of the bottom edge
of its box: its head may lie anywhere. Flame and smoke are where at least half of their box is.
Where a doubt remains about them, they count: missing a fire is worse than one alarm too many.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from embereye.rules.hours import ALWAYS, Hours
from embereye.rules.lines import LineCrossing
from embereye.rules.polygon import Point, area, area_within, contains
from embereye.rules.tracking import FLAMES, Track, anchor
from embereye.rules.zones import Box

_HALF = 0.5  # of a flame or of an area: beyond it most of the one lies in the other
_KEEP = 0.8  # share of the least confidence that keeps what counts already: dead band of scores
_LEAVE = 1.0  # s outside before an object has left: its box jitters at the border


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the picture; the attributes are those of `config.zone_options.Zone`.

    Attributes:
        exclude: Its labels are ignored inside, whatever their confidence and size.
        labels: What it is about; empty: everything.
    """

    id: str
    name: str
    points: tuple[Point, ...]
    exclude: bool = False
    labels: frozenset[str] = frozenset()
    confidence: float = 0.0
    least_area: float = 0.0
    dwell: float = 0.0
    alarm: bool = False
    hours: Hours = ALWAYS
    around: Box = field(init=False, compare=False)  # the smallest box around it

    def __post_init__(self) -> None:
        across, down = zip(*self.points, strict=True)
        object.__setattr__(self, "around", Box(min(across), min(down), max(across), max(down)))

    def concerns(self, label: str) -> bool:
        return not self.labels or label in self.labels

    def reaches(self, track: Track) -> bool:
        """Whether an object can lie inside at all; most areas are elsewhere."""
        box, around = track.box.visible, self.around
        if box.right < around.left or box.left > around.right:
            return False
        return box.bottom >= around.top and box.top <= around.bottom


@dataclass(frozen=True, slots=True)
class Border:
    """A line; the attributes are those of `config.zone_options.Line`.

    Attributes:
        direction: 1: only crossings to the right, −1: to the left, 0: both.
        labels: What it is about; empty: everything but flame and smoke.
    """

    id: str
    name: str
    points: tuple[Point, ...]
    direction: int = 0
    labels: frozenset[str] = frozenset()
    confidence: float = 0.0
    hours: Hours = ALWAYS

    def concerns(self, label: str) -> bool:
        return label in self.labels if self.labels else label not in FLAMES


@dataclass(frozen=True, slots=True)
class Moment:
    """When a picture was taken: monotonic seconds, weekday (0 is Monday), minute of the day."""

    mono: float
    weekday: int
    minute: float


@dataclass(frozen=True, slots=True)
class Standing:
    """An object that counts in an area, for so many seconds (inside, dwell time included)."""

    area: Area
    track: Track
    seconds: float


@dataclass(frozen=True, slots=True)
class Crossed:
    """An object that crossed a line."""

    border: Border
    track: Track
    right: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What one picture says.

    Attributes:
        counting: Numbers of the objects in this picture that count.
        standing: Who counts in which area, until having left it for a second.
        entered, left, crossed: What is new since the last look; only of confirmed objects.
    """

    counting: frozenset[int]
    standing: tuple[Standing, ...]
    entered: tuple[Standing, ...]
    left: tuple[Standing, ...]
    crossed: tuple[Crossed, ...]


class Scene:
    """The areas and lines of one camera and who is where."""

    def __init__(self, areas: Sequence[Area], borders: Sequence[Border]) -> None:
        self._areas = tuple(areas)
        self._borders = tuple((border, LineCrossing(border.points)) for border in borders)
        self._stays: dict[tuple[str, int], _Stay] = {}

    def included(self, label: str, now: Moment) -> bool:
        """Whether an area in force says that this label counts only inside."""
        return any(
            not one.exclude and one.concerns(label) and _in_force(one.hours, now)
            for one in self._areas
        )

    def look(self, now: Moment, tracks: Sequence[Track]) -> Look:
        """Take the objects that are followed; those `here` are in this picture."""
        areas = [one for one in self._areas if _in_force(one.hours, now)]
        here = [track for track in tracks if track.here]
        seen = [track for track in here if not _hidden(track, areas)]
        counting = frozenset(t.number for t in seen if self._counts(t, areas, now.mono))
        left = self._leave({one.id for one in areas}, tracks, now.mono)
        entered = self._enter()
        standing = tuple(stay.standing(now.mono) for stay in self._stays.values() if stay.counts)
        return Look(counting, standing, entered, left, self._cross(now, tracks, seen))

    def _counts(self, track: Track, areas: Sequence[Area], now: float) -> bool:
        """Note where an object is; whether it counts anywhere."""
        limited, counts = False, False
        for one in areas:
            if one.exclude or not one.concerns(track.label):
                continue
            limited = True
            counts |= self._stay(one, track, now)
        return counts or not limited

    def _stay(self, one: Area, track: Track, now: float) -> bool:
        key = one.id, track.number
        stay = self._stays.get(key)
        if not _fits(one, track, stay is not None and stay.counts):
            return False
        if stay is None:
            stay = self._stays[key] = _Stay(one, track, now, now)
        stay.inside_at = now
        believed = track.confirmed or track.label in FLAMES
        stay.counts = stay.counts or (believed and now - stay.since >= one.dwell)
        return stay.counts

    def _enter(self) -> tuple[Standing, ...]:
        new = [s for s in self._stays.values() if s.counts and s.track.confirmed and not s.told]
        for stay in new:
            stay.told = True
        return tuple(stay.standing(stay.inside_at) for stay in new)

    def _leave(self, areas: set[str], tracks: Sequence[Track], now: float) -> tuple[Standing, ...]:
        followed = {track.number for track in tracks}
        gone = [
            key
            for key, stay in self._stays.items()
            if key[0] not in areas
            or stay.track.number not in followed
            or (stay.track.here and now - stay.inside_at >= _LEAVE)
        ]
        stays = [self._stays.pop(key) for key in gone]
        return tuple(stay.standing(stay.inside_at) for stay in stays if stay.told)

    def _cross(
        self, now: Moment, tracks: Sequence[Track], seen: Sequence[Track]
    ) -> tuple[Crossed, ...]:
        found = []
        for border, crossing in self._borders:
            crossing.keep([track.number for track in tracks])
            for track in seen:
                if not border.concerns(track.label):
                    continue
                way = crossing.step(track.number, track.anchor, track.box, track.confirmed)
                wanted = way and border.direction in (0, way) and _in_force(border.hours, now)
                if wanted and track.confidence >= border.confidence:
                    found.append(Crossed(border, track, way > 0))
        return tuple(found)


@dataclass(slots=True)
class _Stay:
    """One object in one area."""

    area: Area
    track: Track
    since: float
    inside_at: float
    counts: bool = False
    told: bool = False

    def standing(self, now: float) -> Standing:
        return Standing(self.area, self.track, now - self.since)


def lies_in(label: str, box: Box, points: Sequence[Point]) -> bool:
    """Whether something counts as inside an area that includes.

    Flame and smoke do by half of their box, by its centre, or when they cover half of the area:
    a blaze is larger than the stove that was drawn.
    """
    if label not in FLAMES:
        return contains(points, *anchor(label, box))
    common, part = _common(box, points)
    return common >= _HALF * part or common >= _HALF * area(points) or contains(points, *box.centre)


def lies_hidden(label: str, box: Box, points: Sequence[Point]) -> bool:
    """Whether something counts as inside an area that excludes: flame and smoke by half only."""
    if label not in FLAMES:
        return contains(points, *anchor(label, box))
    common, part = _common(box, points)
    return common >= _HALF * part


def attributed(score: float, confidences: Sequence[float]) -> list[float]:
    """The share of each box in the score of its picture, 0–1: the strongest carries all of it."""
    top = max(confidences, default=0.0)
    return [score * (confidence / top if top > 0 else 1.0) for confidence in confidences]


def counted_score(score: float, boxes: Iterable[tuple[float, bool]], included: bool) -> float:
    """What a score of a whole picture is worth by its areas.

    Args:
        boxes: The share of each box (`attributed`), and whether that box counts.
        included: Whether the label counts only inside an area. Then a box must carry the score;
            else a score without any box counts, since nothing says that it is excluded.
    """
    found = list(boxes)
    if not found:
        return 0.0 if included else score
    return max((share for share, counts in found if counts), default=0.0)


def _common(box: Box, points: Sequence[Point]) -> tuple[float, float]:
    """What a box has in common with an area, and its own area; one that has none is its centre."""
    seen = box.visible
    if seen.area <= 0:
        return (1.0, 1.0) if contains(points, *seen.centre) else (0.0, 1.0)
    return area_within(points, seen.left, seen.top, seen.right, seen.bottom), seen.area


def _hidden(track: Track, areas: Sequence[Area]) -> bool:
    return any(
        one.exclude
        and one.concerns(track.label)
        and one.reaches(track)
        and lies_hidden(track.label, track.box, one.points)
        for one in areas
    )


def _fits(one: Area, track: Track, counts: bool) -> bool:
    strength = track.newest if track.label in FLAMES else track.confidence
    if strength < one.confidence * (_KEEP if counts else 1.0):
        return False
    if track.box.visible.area < one.least_area or not one.reaches(track):
        return False
    return lies_in(track.label, track.box, one.points)


def _in_force(hours: Hours, now: Moment) -> bool:
    return hours.hold(now.weekday, now.minute)
