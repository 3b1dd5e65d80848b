"""What the cameras of a place saw during one incident, in few words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from embereye.model.detection import FIRE, SMOKE
from embereye.model.ids import CameraId
from embereye.model.incident import Spell, Tally
from embereye.model.sighting import Sighting
from embereye.model.stamp import Stamp

# Many pictures of one walk are one thing; source: requirement 2.38 (30 s, 15 images).
_SPELL, _PICTURES = 30.0, 15
_APART = _SPELL / _PICTURES  # s between pictures that stand for a spell
_KEPT = 40  # newest spells; 20 min of one camera, and as much as a prompt can hold


def labels_of(sighting: Sighting, types: frozenset[str], least: float) -> dict[str, float]:
    """Each label of `types` that was seen with at least the confidence `least`, and how surely.

    Flame and smoke count with the score of the whole picture, zones and time evidence included,
    and only where something moves: a poster of a fire is no incident.
    """
    counting = sighting.counting
    burning = {FIRE: counting.fire, SMOKE: counting.smoke} if counting.moving else {}
    found = {n: s for n, s in burning.items() if n in types and s >= least}
    for box in sighting.seen.detections:
        label = box.label
        if label in types and label not in (FIRE, SMOKE) and box.confidence >= least:
            found[label] = max(box.confidence, found.get(label, 0.0))
    return found


class Evidence:
    """Counts what was seen. Engine thread; 128 verdicts per second are a common load."""

    def __init__(self, tallies: Iterable[Tally] = (), spells: Iterable[Spell] = ()) -> None:
        """With what an earlier run kept."""
        self._seen = {
            (t.camera, t.label): _Seen(t.pictures, t.best, t.first_utc, t.last_utc) for t in tallies
        }
        self._over = list(spells)
        self._running: dict[CameraId, _Running] = {}

    def take(self, camera: CameraId, labels: Mapping[str, float], at: Stamp) -> None:
        """One picture of a camera showed these labels."""
        for label, confidence in labels.items():
            seen = self._seen.get((camera, label))
            if seen is None:
                self._seen[camera, label] = _Seen(1, confidence, at.utc, at.utc)
            else:
                seen.pictures += 1
                seen.best = max(seen.best, confidence)
                seen.last_utc = at.utc
        spell = self._running.get(camera)
        if spell is None or at.mono - spell.began >= _SPELL:
            self._end(camera)
            spell = self._running[camera] = _Running(at.mono, at.utc)
        spell.take(labels, at)

    def tallies(self) -> tuple[Tally, ...]:
        """All of it by camera and label."""
        return tuple(
            Tally(camera, label, s.pictures, s.best, s.first_utc, s.last_utc)
            for (camera, label), s in self._seen.items()
        )

    def spells(self) -> tuple[Spell, ...]:
        """The newest 40, oldest first."""
        running = [spell.frozen(camera) for camera, spell in self._running.items()]
        every = sorted([*self._over, *running], key=lambda spell: spell.first_utc)
        return tuple(every[-_KEPT:])

    def _end(self, camera: CameraId) -> None:
        spell = self._running.pop(camera, None)
        if spell is not None:
            self._over = [*self._over[1 - _KEPT :], spell.frozen(camera)]


@dataclass(slots=True)
class _Seen:
    pictures: int
    best: float
    first_utc: float
    last_utc: float


class _Running:
    """The spell of one camera that still takes pictures; `began` in monotonic s."""

    __slots__ = ("_best", "_first_utc", "_last_picture", "_last_utc", "_pictures", "began")

    def __init__(self, began: float, first_utc: float) -> None:
        self.began = began
        self._first_utc = self._last_utc = first_utc
        self._best: dict[str, float] = {}
        self._pictures = 0
        self._last_picture = began - _APART

    def take(self, labels: Mapping[str, float], at: Stamp) -> None:
        for label, confidence in labels.items():
            self._best[label] = max(confidence, self._best.get(label, 0.0))
        self._last_utc = at.utc
        if at.mono - self._last_picture >= _APART:
            self._last_picture = at.mono
            self._pictures = min(_PICTURES, self._pictures + 1)

    def frozen(self, camera: CameraId) -> Spell:
        surest = sorted(self._best.items(), key=lambda item: -item[1])
        return Spell(camera, tuple(surest), self._pictures, self._first_utc, self._last_utc)
