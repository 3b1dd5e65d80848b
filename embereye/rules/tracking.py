"""Follows objects from picture to picture: which box of now is which object of before."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp

from embereye.model.detection import FIRE, SMOKE
from embereye.rules.pairing import pairs
from embereye.rules.polygon import Point
from embereye.rules.zones import Box

MOST_TRACKS = 200  # a camera; a crowd has fewer, and a detector that lies must not fill memory
FLAMES = frozenset({FIRE, SMOKE})  # what does not stand on the ground

_TRAIL = 40  # places; 5 s at 8 pictures a second
_BOX_TIME = 0.1  # s, time constant of the shown box: calms jitter, lags a walker by 15 cm
_CONFIDENCE_TIME = 1.0  # s, time constant of the confidence
_REACH = 1.0, 5.0, 4.0  # box sizes an object moves: at once, more per second (a runner), at most
_COAST = 1.0  # s for which the last speed is believed


@dataclass(frozen=True, slots=True)
class TrackRule:
    """When an object is believed, and when it is gone.

    The defaults of K of N are those of vision in the alarm design (3 of 5). A still picture is
    looked at every 2 s only, so an object is gone after looks *and* seconds without it.

    Attributes:
        hits, of: An object is believed after at least `hits` of `of` looks at it …
        least: … and this many seconds.
        keep: Share of the least confidence that keeps an object which is followed already.
        missed: Looks without it, …
        silent: … and seconds, after which it is gone; …
        longest: … and seconds after which it is gone whatever the number of looks.
        stands: Seconds before a box that is the same to the last digit is a look of its own: models
            are asked less often than pictures come, and what they said stands until then, as does
            the verdict on an unchanged picture (10 s unless `detection.cache_age` says more).
    """

    hits: int = 3
    of: int = 5
    least: float = 0.25
    keep: float = 0.6
    missed: int = 3
    silent: float = 2.0
    longest: float = 15.0
    stands: float = 12.0


@dataclass(frozen=True, slots=True)
class Spotted:
    """One box of one picture."""

    label: str
    confidence: float
    box: Box


@dataclass(slots=True, eq=False)
class Track:
    """One object; changed by its tracker only.

    Attributes:
        number: From 1, never used again by this tracker.
        box: As seen last, not smoothed: what is decided with it is exact.
        newest: Confidence as seen last.
        shown: Smoothed box.
        confidence: Smoothed.
        since, at: First and last seen, monotonic seconds.
        here: Whether the newest look saw it.
        confirmed: Seen often and long enough; stays so until the object is gone.
        trail: Where its anchor was, oldest first.
    """

    number: int
    label: str
    box: Box
    newest: float
    since: float
    at: float
    shown: Box
    confidence: float
    here: bool = True
    confirmed: bool = False
    missed: int = 0
    looked_at: float = 0.0  # when its box was new last
    speed: Point = (0.0, 0.0)  # of the centre, fractions of the picture per second
    recent: deque[bool] = field(default_factory=deque)
    trail: deque[Point] = field(default_factory=lambda: deque(maxlen=_TRAIL))

    @property
    def anchor(self) -> Point:
        """Where it is, as one place: its foot; of flame and smoke the centre."""
        return anchor(self.label, self.box)


def anchor(label: str, box: Box) -> Point:
    """The place of a box that stands for the object, inside the picture."""
    x, y = box.centre if label in FLAMES else box.foot
    return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))


class Tracker:
    """The objects of one camera. Times are monotonic seconds of pictures.

    Attributes:
        least: The least confidence with which an object of a label begins to be followed; may be
            replaced at any time, as `rule` may.
    """

    def __init__(self, least: Callable[[str], float], rule: TrackRule | None = None) -> None:
        self.least = least
        self.rule = rule or TrackRule()
        self._tracks: list[Track] = []
        self._numbers = 0
        self._now = 0.0

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Every object that is followed, oldest first."""
        return tuple(self._tracks)

    def look(self, now: float, spotted: Sequence[Spotted]) -> list[Track | None]:
        """Take the boxes of one picture; the object of each, None for what is not followed."""
        now = self._now = max(now, self._now)  # a verdict may come late, time never runs back
        for track in self._tracks:
            track.here = False
        ordered = sorted(range(len(spotted)), key=lambda index: -spotted[index].confidence)
        boxes = {index: spotted[index] for index in ordered[:MOST_TRACKS]}
        kept = {index: one for index, one in boxes.items() if self._kept(one)}
        found = self._standing(kept, now)
        found |= self._moved({i: one for i, one in kept.items() if i not in found}, now)
        self._forget(now)
        for index, one in boxes.items():
            if index not in found and one.confidence >= self.least(one.label):
                begun = self._begin(one, now)
                if begun is not None:
                    found[index] = begun
        return [found.get(index) for index in range(len(spotted))]

    def _standing(self, boxes: Mapping[int, Spotted], now: float) -> dict[int, Track]:
        """Boxes that stand from an earlier picture: the same objects, and nothing new."""
        before = {(t.label, t.newest, t.box): t for t in self._tracks}
        found: dict[int, Track] = {}
        for index, one in boxes.items():
            key = one.label, one.confidence, one.box
            if key in before:
                found[index] = before.pop(key)
                self._repeat(found[index], one, now)
        return found

    def _moved(self, boxes: Mapping[int, Spotted], now: float) -> dict[int, Track]:
        """Boxes of objects that were elsewhere before."""
        found: dict[int, Track] = {}
        for label in dict.fromkeys(one.label for one in boxes.values()):
            own = [index for index, one in boxes.items() if one.label == label]
            tracks = [track for track in self._tracks if track.label == label and not track.here]
            expected = [_expected(track, now) for track in tracks]
            reach = [_reach(track, now) for track in tracks]
            for row, column in pairs([boxes[index].box for index in own], expected, reach):
                found[own[row]] = tracks[column]
                self._see(tracks[column], boxes[own[row]], now)
        return found

    def _repeat(self, track: Track, one: Spotted, now: float) -> None:
        track.shown = _mixed(track.shown, one.box, 1 - exp((track.at - now) / _BOX_TIME))
        track.here, track.missed, track.at = True, 0, now
        if now - track.looked_at >= self.rule.stands:
            self._count(track, one, now)

    def _kept(self, one: Spotted) -> bool:
        return one.confidence >= self.rule.keep * self.least(one.label)

    def _begin(self, one: Spotted, now: float) -> Track | None:
        if len(self._tracks) >= MOST_TRACKS:
            missing = [track for track in self._tracks if not track.here]
            if not missing:
                return None
            self._tracks.remove(min(missing, key=lambda track: (track.confirmed, track.at)))
        self._numbers += 1
        track = Track(
            self._numbers, one.label, one.box, one.confidence, now, now, one.box, one.confidence
        )
        track.recent = deque([True], maxlen=self.rule.of)
        track.looked_at = now
        track.trail.append(track.anchor)
        self._tracks.append(track)
        self._confirm(track)
        return track

    def _see(self, track: Track, one: Spotted, now: float) -> None:
        passed = now - track.looked_at  # what stood in between did not move
        if passed > 0:
            track.speed = _speed(track.speed, track.box.centre, one.box.centre, passed)
        track.shown = _mixed(track.shown, one.box, 1 - exp((track.at - now) / _BOX_TIME))
        change = one.confidence - track.confidence
        track.confidence += change * (1 - exp(-passed / _CONFIDENCE_TIME))
        track.box, track.newest, track.at = one.box, one.confidence, now
        track.here, track.missed = True, 0
        track.trail.append(track.anchor)
        self._count(track, one, now)

    def _count(self, track: Track, one: Spotted, now: float) -> None:
        track.looked_at = now
        track.recent.append(one.confidence >= self.least(one.label))
        self._confirm(track)

    def _confirm(self, track: Track) -> None:
        long_enough = track.at - track.since >= self.rule.least or self.rule.hits == 1
        if sum(track.recent) >= self.rule.hits and long_enough:
            track.confirmed = True

    def _forget(self, now: float) -> None:
        """Drop what was not seen for too many looks and too long."""
        rule = self.rule
        kept = []
        for track in self._tracks:
            if not track.here:
                track.missed += 1
                track.recent.append(False)
            silent = now - track.at
            gone = silent >= rule.longest or (silent >= rule.silent and track.missed >= rule.missed)
            if not gone:
                kept.append(track)
        self._tracks = kept


def _reach(track: Track, now: float) -> float:
    return min(_REACH[2], _REACH[0] + _REACH[1] * (now - track.looked_at))


def _expected(track: Track, now: float) -> Box:
    """Where an object is that went on as before."""
    passed = min(_COAST, now - track.looked_at)
    x, y = track.speed[0] * passed, track.speed[1] * passed
    box = track.box
    return Box(box.left + x, box.top + y, box.right + x, box.bottom + y)


def _speed(before: Point, old: Point, new: Point, passed: float) -> Point:
    """Half of what it was, half of what it is: one odd box does not throw an object away."""
    return (
        (before[0] + (new[0] - old[0]) / passed) / 2,
        (before[1] + (new[1] - old[1]) / passed) / 2,
    )


def _mixed(old: Box, new: Box, share: float) -> Box:
    return Box(
        old.left + (new.left - old.left) * share,
        old.top + (new.top - old.top) * share,
        old.right + (new.right - old.right) * share,
        old.bottom + (new.bottom - old.bottom) * share,
    )
