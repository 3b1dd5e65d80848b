"""One camera between its detector and the rules: who is followed and what counts."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

from embereye.model.detection import FIRE, SMOKE, Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.model.sighting import Followed, Sighting
from embereye.model.stamp import Stamp
from embereye.rules.scene import (
    Crossed,
    Look,
    Moment,
    Scene,
    Standing,
    attributed,
    counted_score,
)
from embereye.rules.tracking import FLAMES, Spotted, Track, Tracker
from embereye.rules.zones import Box, Size, box_of, pixel
from embereye.services.intrusions import Intruder
from embereye.services.zone_site import CameraZones

_log = logging.getLogger(__name__)

_SURE = 1.01  # confidence; rounding of 32-bit and 16-bit models
_FAR = 1e6  # px; a hundred times the largest picture
_CROSSING = 10.0  # s for which a crossing is the cause of an alarm; it has no end of its own


class CameraView:
    """Who is followed in the picture of one camera, what is drawn on it, and what counts."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self._zones = CameraZones("")
        self._scene = Scene((), ())
        self._crossings: dict[tuple[str, int], tuple[Intruder, float]] = {}
        self._warned = False

    def draw(self, zones: CameraZones) -> None:
        """Watch these areas and lines; the same ones go on as they were."""
        if (zones.areas, zones.borders) != (self._zones.areas, self._zones.borders):
            self._scene = Scene(zones.areas, zones.borders)
            self._crossings.clear()
        self._zones = zones

    def take(
        self, result: DetectionResult, size: Size | None, now: Moment
    ) -> tuple[Sighting, Look]:
        """Follow what was found; what counts of it. Without a size nothing has a place."""
        found = [one for one in result.detections if _usable(one)]
        if size is None:
            self._warn(result.camera)
            look = self._look((), now)[1]
            counting = self._counting(result, [], now)
            shown = replace(result, detections=tuple(found))
            return Sighting(shown, counting, self._followed(look)), look
        spotted = _spotted(result, found, size)
        tracks, look = self._look(spotted, now)
        boxes = [
            _Judged(_shown(one, track, size), track, spot.confidence, _counts(track, look))
            for one, spot, track in zip(found, spotted, tracks, strict=True)
        ]
        seen = tuple(one.shown for one in boxes if one.track or one.shown.label in FLAMES)
        counting = self._counting(result, boxes, now)
        return Sighting(replace(result, detections=seen), counting, self._followed(look)), look

    def intruders(self, look: Look, now: Stamp) -> list[Intruder]:
        """Who is where nobody should be, and who crossed a line a moment ago."""
        for crossed in look.crossed:
            one = self._over(crossed)
            self._crossings[one.key] = (one, now.mono + _CROSSING)
        self._crossings = {k: v for k, v in self._crossings.items() if v[1] > now.mono}
        inside = [
            self._inside(standing)
            for standing in look.standing
            if standing.area.alarm and standing.track.label not in FLAMES
        ]
        return inside + [one for one, _ in self._crossings.values()]

    def _look(self, spotted: Sequence[Spotted], now: Moment) -> tuple[list[Track | None], Look]:
        tracks = self.tracker.look(now.mono, spotted)
        return tracks, self._scene.look(now, self.tracker.tracks)

    def _counting(
        self, result: DetectionResult, boxes: Sequence["_Judged"], now: Moment
    ) -> DetectionResult:
        """The verdict with the flame and smoke that count."""

        def score(label: str, whole: float) -> float:
            own = [(one.share, one.counts) for one in boxes if one.shown.label == label]
            return counted_score(whole, own, self._scene.included(label, now))

        kept = tuple(one.shown for one in boxes if one.counts and one.shown.label in FLAMES)
        fire, smoke = score(FIRE, result.fire), score(SMOKE, result.smoke)
        return replace(result, detections=kept, fire=fire, smoke=smoke)

    def _followed(self, look: Look) -> tuple[Followed, ...]:
        names: dict[int, list[str]] = {}
        for standing in look.standing:
            names.setdefault(standing.track.number, []).append(standing.area.name)
        return tuple(
            Followed(
                track.number,
                track.label,
                track.confidence,
                track.since,
                track.confirmed,
                tuple(track.trail),
                tuple(names.get(track.number, ())),
            )
            for track in self.tracker.tracks
        )

    def _inside(self, standing: Standing) -> Intruder:
        track, area = standing.track, standing.area
        words = (
            f"{track.label} in {area.name}{_lasting(standing.seconds)} ({track.confidence:.2f}), "
            f"camera {self._zones.name}"
        )
        return Intruder((f"zone {area.id}", track.number), words, track.confidence)

    def _over(self, crossed: Crossed) -> Intruder:
        track, border = crossed.track, crossed.border
        way = "right" if crossed.right else "left"
        words = (
            f"{track.label} crossed {border.name} to the {way} ({track.confidence:.2f}), "
            f"camera {self._zones.name}"
        )
        return Intruder((f"line {border.id}", track.number), words, track.confidence)

    def _warn(self, camera: CameraId) -> None:
        if not self._warned and self._zones.areas:
            self._warned = True
            _log.warning("camera %s: its areas do not work, its picture size is unknown", camera)


@dataclass(frozen=True, slots=True)
class _Judged:
    """One box: as it is shown, whose it is, its share in the score, and whether it counts."""

    shown: Detection
    track: Track | None
    share: float
    counts: bool


def _counts(track: Track | None, look: Look) -> bool:
    """What cannot be followed, in a picture full of boxes, counts."""
    return track is None or track.number in look.counting


def _spotted(result: DetectionResult, found: Sequence[Detection], size: Size) -> list[Spotted]:
    """Boxes in fractions; flame and smoke with their share in the score of the picture."""
    strength = [one.confidence for one in found]
    for label, score in ((FIRE, result.fire), (SMOKE, result.smoke)):
        mine = [index for index, one in enumerate(found) if one.label == label]
        known = score if isfinite(score) else 0.0
        shares = attributed(known, [strength[index] for index in mine])
        for index, share in zip(mine, shares, strict=True):
            strength[index] = share
    return [
        Spotted(one.label, sure, box_of(one, size))
        for one, sure in zip(found, strength, strict=True)
    ]


def _shown(one: Detection, track: Track | None, size: Size) -> Detection:
    """As screens show it: objects calm, flame and smoke as they were found."""
    if track is None or one.label in FLAMES:
        return replace(one, track=track.number if track else 0)
    box: Box = track.shown
    x, y = pixel((box.left, box.top), size)
    right, bottom = pixel((box.right, box.bottom), size)
    return Detection(
        one.label, track.confidence, x, y, right - x, bottom - y, one.outline, track.number
    )


def _usable(one: Detection) -> bool:
    """Whether it is a box at all, whatever a detector says."""
    if not (0.0 <= one.confidence <= _SURE and one.width >= 0.0 and one.height >= 0.0):
        return False  # also what is not a number
    return all(abs(edge) <= _FAR for edge in (one.x, one.y, one.width, one.height))


def _lasting(seconds: float) -> str:
    if seconds < 1.0:
        return ""
    return f" for {seconds:.0f} s" if seconds < 120.0 else f" for {seconds / 60:.0f} min"
