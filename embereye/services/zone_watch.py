"""From verdicts of the detectors to what counts: followed objects, areas, lines, intrusions."""

from collections.abc import Callable, Iterable
from datetime import datetime

from embereye.model.alarm import Alarm
from embereye.model.detection import DetectionResult
from embereye.model.ids import CameraId
from embereye.model.sighting import Sighting, ZoneEvent, ZoneEventKind
from embereye.model.stamp import Stamp
from embereye.rules.scene import Look, Moment
from embereye.rules.tracking import Track, Tracker
from embereye.rules.zones import Size, size_of
from embereye.runtime.engine import Engine
from embereye.services.intrusions import Intrusions
from embereye.services.zone_site import ZoneSite
from embereye.services.zone_view import CameraView

_TICK = 0.5  # s between looks at ages; the shortest age limit is 5 s


class ZoneWatch:
    """Follows the objects of every camera and says which count. Engine thread.

    Handles DetectionResult and hands on Sighting.

    Args:
        size: The known picture size of a camera (width, height), zeros before its first picture.
        intrusions: Gets who is where nobody should be.
        note: Gets each event of an area or line, to be kept.
    """

    def __init__(
        self,
        engine: Engine,
        site: ZoneSite,
        size: Callable[[CameraId], Size],
        intrusions: Intrusions,
        note: Callable[[ZoneEvent], None],
    ) -> None:
        self._engine = engine
        self._size = size
        self._intrusions = intrusions
        self._note = note
        self._views: dict[CameraId, CameraView] = {}
        self.assign(site)
        engine.on(DetectionResult, self._take)
        engine.every(_TICK, lambda: intrusions.tick(engine.clock.now()))

    def assign(self, site: ZoneSite) -> None:
        """Follow changed settings; cameras whose areas and lines stay know who is inside."""
        before, self._views = self._views, {}
        for camera, zones in site.cameras.items():
            view = before.get(camera) or CameraView(Tracker(site.least))
            view.tracker.least, view.tracker.rule = site.least, site.rule
            view.draw(zones)
            self._views[camera] = view
        watching = [camera for camera, zones in site.cameras.items() if zones.watches]
        self._intrusions.assign(site.places, watching, self._engine.clock.now())

    def restore(self, alarms: Iterable[Alarm]) -> None:
        """Take over open alarms (`Alarms.restore`); before the engine runs."""
        self._intrusions.restore(alarms)

    def _take(self, result: DetectionResult) -> None:
        view = self._views.get(result.camera)
        if view is None:  # switched off a moment ago
            self._engine.hand_on(Sighting(result, result))
            return
        size = size_of(result.source) or size_of(self._size(result.camera))
        now = self._engine.clock.now()
        sighting, look = view.take(result, size, _moment(result.frame_at, now))
        self._engine.hand_on(sighting)
        for event in _events(result, look):
            self._note(event)
        self._intrusions.look(result.camera, view.intruders(look, now), result.frame_at, now)


def _events(result: DetectionResult, look: Look) -> list[ZoneEvent]:
    def event(kind: ZoneEventKind, zone: str, name: str, track: Track, seconds: float) -> ZoneEvent:
        return ZoneEvent(
            result.camera,
            kind,
            zone,
            name,
            track.label,
            track.number,
            track.confidence,
            seconds,
            result.frame_at,
        )

    kinds = ((ZoneEventKind.ENTERED, look.entered), (ZoneEventKind.LEFT, look.left))
    found = [
        event(
            kind,
            s.area.id,
            s.area.name,
            s.track,
            s.seconds if kind is ZoneEventKind.LEFT else 0.0,
        )
        for kind, standings in kinds
        for s in standings
    ]
    for c in look.crossed:
        kind = ZoneEventKind.CROSSED_RIGHT if c.right else ZoneEventKind.CROSSED_LEFT
        found.append(event(kind, c.border.id, c.border.name, c.track, 0.0))
    return found


def _moment(frame_at: Stamp, now: Stamp) -> Moment:
    """Ages count from the picture, hours by the clock on the wall of this machine."""
    local = datetime.fromtimestamp(now.utc)  # noqa: DTZ006 - local time is what people set
    minute = local.hour * 60 + local.minute + local.second / 60
    return Moment(frame_at.mono, local.weekday(), minute)
