"""Alarms about objects where none should be: one a place, from all of its cameras."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.ids import CameraId, PlaceId
from embereye.model.stamp import Stamp
from embereye.rules.risk_limits import VISION_AGE
from embereye.services.places import Places

_CLEAR = 10.0  # s without anybody before it is over: who hides for a moment is no new intruder
# s between two looks after which nobody knows what was in between: a still picture is looked at
# every 10 s at the latest, and an object is followed for 15 s without a look.
_BLIND = 15.0
_REFRESH = 10.0  # s between new words of an unchanged cause, as of the risk
_SPACING = 2.0  # s between two reports of more objects: each is written to the disk
_MOST_REASONS = 10  # told word for word; a crowd is counted


@dataclass(frozen=True, slots=True)
class Intruder:
    """One object where none should be.

    Attributes:
        key: Which object in which area or over which line, unique at its camera.
        words: In words, for the operator.
        confidence: 0–1; the surest is told first.
    """

    key: tuple[str, int]
    words: str
    confidence: float


@dataclass(slots=True)
class _Camera:
    """What one camera saw last; times are monotonic seconds."""

    place: PlaceId
    intruders: Mapping[tuple[str, int], Intruder] = field(default_factory=dict)
    seen_at: float = float("-inf")
    clear_since: float | None = None
    holds: bool = False  # its evidence has begun the cause, and it was not seen clear since

    def clear(self) -> bool:
        return self.clear_since is not None and self.seen_at - self.clear_since >= _CLEAR

    def lost(self, now: float) -> bool:
        return now - self.seen_at > VISION_AGE


@dataclass(slots=True)
class _Standing:
    """The cause at one place."""

    cause: Cause = Cause.CLEAR
    told: set[tuple[CameraId, tuple[str, int]]] = field(default_factory=set)
    reasons: tuple[str, ...] = ()
    said_at: float = float("-inf")


class Intrusions:
    """Reports who is where nobody should be. Engine thread.

    A cause ends when every camera that held it was looked at for 10 s without anybody; one that
    went silent keeps it, as UNKNOWN.

    Args:
        report: Gets each verdict that changed (`Alarms.report`).
    """

    def __init__(self, places: Places, report: Callable[[Report], None]) -> None:
        self._places = places
        self._report = report
        self._cameras: dict[CameraId, _Camera] = {}
        self._standing: dict[PlaceId, _Standing] = {}

    def assign(self, places: Places, cameras: Iterable[CameraId], now: Stamp) -> None:
        """Follow changed settings; `cameras` are those that can raise an alarm.

        A camera that is gone or elsewhere holds nothing any more.
        """
        self._places = places
        before, self._cameras = self._cameras, {}
        for camera in cameras:
            place, known = places.of_camera(camera), before.get(camera)
            same = known is not None and known.place == place
            self._cameras[camera] = known if known is not None and same else _Camera(place)
        for place in list(self._standing):
            self._judge(place, now)

    def restore(self, alarms: Iterable[Alarm]) -> None:
        """Take over open alarms of the last run: unknown until each camera there was clear."""
        for alarm in alarms:
            if alarm.key.kind is AlarmKind.INTRUSION:
                self._standing[alarm.key.place] = _Standing(Cause.UNKNOWN, reasons=alarm.reasons)
                for camera in self._of(alarm.key.place).values():
                    camera.holds = True

    def look(self, camera: CameraId, intruders: Sequence[Intruder], at: Stamp, now: Stamp) -> None:
        """Take who is where in one picture, decoded `at`."""
        seen = self._cameras.get(camera)
        if seen is None:
            return
        blind, seen.seen_at = now.mono - seen.seen_at > _BLIND, now.mono
        seen.intruders = {one.key: one for one in intruders}
        if intruders:
            seen.clear_since, seen.holds = None, True
        elif seen.clear_since is None or blind:
            seen.clear_since = now.mono
        if intruders or seen.place in self._standing:
            self._judge(seen.place, now, at)

    def tick(self, now: Stamp) -> None:
        """Let what was seen long ago become unknown."""
        for place in list(self._standing):
            self._judge(place, now)

    def _judge(self, place: PlaceId, now: Stamp, at: Stamp | None = None) -> None:
        standing = self._standing.setdefault(place, _Standing())
        cameras = self._of(place)
        for seen in cameras.values():
            if seen.lost(now.mono):
                seen.intruders = {}
            if seen.clear():
                seen.holds = False
        found = [(name, one) for name, seen in cameras.items() for one in seen.intruders.values()]
        if found:
            self._active(place, standing, found, at or now, now.mono)
            return
        holders = [seen for seen in cameras.values() if seen.holds]
        if any(seen.lost(now.mono) for seen in holders):
            self._tell(place, standing, Cause.UNKNOWN, (), now)
        elif not holders:
            self._tell(place, standing, Cause.CLEAR, (), now)
            del self._standing[place]

    def _active(
        self,
        place: PlaceId,
        standing: _Standing,
        found: Sequence[tuple[CameraId, Intruder]],
        at: Stamp,
        now: float,
    ) -> None:
        keys = {(name, one.key) for name, one in found}
        patience = _REFRESH if keys <= standing.told else _SPACING
        if standing.cause is Cause.ACTIVE and now - standing.said_at < patience:
            return
        ordered = sorted(found, key=lambda item: -item[1].confidence)
        words = tuple(one.words for _, one in ordered[:_MOST_REASONS])
        if len(ordered) > _MOST_REASONS:
            words = (*words, f"and {len(ordered) - _MOST_REASONS} more")
        standing.told, standing.reasons, standing.said_at = keys, words, now
        self._tell(place, standing, Cause.ACTIVE, tuple(name for name, _ in ordered), at)

    def _tell(
        self,
        place: PlaceId,
        standing: _Standing,
        cause: Cause,
        seen_by: tuple[CameraId, ...],
        at: Stamp,
    ) -> None:
        if cause is standing.cause and cause is not Cause.ACTIVE:
            return
        standing.cause = cause
        self._report(
            Report(
                key=AlarmKey(place, AlarmKind.INTRUSION),
                cause=cause,
                priority=Priority.HIGH,
                reasons=standing.reasons,
                origin=at,
                place_name=self._places.name(place),
                cameras=tuple(dict.fromkeys((*seen_by, *self._places.cameras(place)))),
                sources=tuple(dict.fromkeys(f"camera {name}" for name in seen_by)),
            )
        )

    def _of(self, place: PlaceId) -> dict[CameraId, _Camera]:
        return {name: seen for name, seen in self._cameras.items() if seen.place == place}
