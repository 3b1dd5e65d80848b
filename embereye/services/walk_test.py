"""Walk tests: for a while alarms of some places are marked as test, and noted by their source."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from embereye.config.schema import Settings
from embereye.model.alarm import FAULTS, Overlay, OverlayKind, Priority, Scope
from embereye.model.alarm_messages import EndWalkTestAsked, WalkTestAsked
from embereye.model.daily_test import is_test_place
from embereye.model.errors import StorageError
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.model.messages import AlarmChanged, RequestRefused
from embereye.model.role import Operation
from embereye.model.stamp import Stamp
from embereye.model.walk_test import WalkTest, WalkTests
from embereye.rules.overlays import in_test
from embereye.runtime.engine import Engine
from embereye.services.access import SYSTEM, Access
from embereye.services.alarms import Alarms
from embereye.services.places import Places, places_of

_log = logging.getLogger(__name__)

SHORTEST, LONGEST = 60.0, 8 * 3600.0  # s; a shift, after which nobody remembers
_LOOK = 1.0  # s between looks whether it is over
_REASON = "Walk test"
_SUBJECT = "walk test"  # of refusals


class WalkTestStore(Protocol):
    """Where the course of walk tests is kept."""

    def note(self, subject: str, actor: str, text: str, at: Stamp) -> None:
        """Keep that one began or ended."""

    def found(self, source: str, actor: str, at: Stamp) -> None:
        """Keep that a source raised a test alarm."""

    def found_since(self, utc: float) -> tuple[str, ...]:
        """The sources that did so since then."""


class WalkTesting:
    """Begins, follows and ends one walk test at a time. Engine thread; `current` from any.

    Handles WalkTestAsked and EndWalkTestAsked, answers with RequestRefused. How long it lasts is
    kept by the overlays of the alarms, also over a restart.

    Args:
        settings: Those in force.
        publish: To whoever shows it.

    Attributes:
        current: What screens show; replaced as a whole.
    """

    def __init__(
        self,
        engine: Engine,
        alarms: Alarms,
        access: Access,
        store: WalkTestStore,
        settings: Callable[[], Settings],
        publish: Callable[[object], None],
    ) -> None:
        self.current = WalkTests()
        self._clock = engine.clock
        self._alarms = alarms
        self._access = access
        self._store = store
        self._settings = settings
        self._publish = publish
        self._seen = False  # the overlays are in force, so that their absence means the end
        engine.on(WalkTestAsked, self._begin)
        engine.on(EndWalkTestAsked, self._end)
        engine.every(_LOOK, self._look)

    def restore(self) -> None:
        """Go on with the one that ran when the program ended; after the alarms are back."""
        overlays = self._overlays()
        if not overlays:
            return
        since = min(overlay.since_utc for overlay in overlays)
        try:
            tested = self._store.found_since(since)
        except StorageError as error:
            _log.error("what the walk test found before the restart cannot be read: %s", error)
            tested = ()
        test = self._made(tuple(one.scope.place for one in overlays), overlays[0].by, since)
        until = max(overlay.until_utc or since for overlay in overlays)
        self._seen = True
        self.current = WalkTests(replace(test, until_utc=until, tested=tested))
        _log.info("the walk test at %s goes on", ", ".join(test.names))

    def take(self, changed: AlarmChanged) -> None:
        """An alarm changed: note whose evidence a test alarm is."""
        alarm, running = changed.alarm, self.current.running
        # A fault proves nothing: a dead device has one as well.
        if running is None or not in_test(alarm) or alarm.key.kind in FAULTS:
            return
        if alarm.key.place not in running.places:
            return  # a test of somebody else
        new = [source for source in alarm.sources if source not in running.tested]
        if new:
            tested = (*running.tested, *new)
            self.current = replace(self.current, running=replace(running, tested=tested))
            for source in new:
                self._store.found(source, running.by, changed.at)

    def _begin(self, asked: WalkTestAsked) -> None:
        places = tuple(dict.fromkeys(asked.places)) or self._all_places()
        problem = self._refusal(asked, places)
        if problem:
            self._publish(RequestRefused(problem, asked.actor, _SUBJECT))
            return
        now = self._clock.now()
        until = now.utc + asked.seconds
        for place in places:
            scope = Scope(place)
            overlay = Overlay(
                OverlayKind.TEST, scope, _REASON, asked.actor, now.utc, until, Priority.EMERGENCY
            )
            self._alarms.cover(overlay)
        test = self._made(places, asked.actor, now.utc)
        self._seen = False
        self.current = replace(self.current, running=replace(test, until_utc=until))
        text = f"began at {', '.join(test.names)} for {asked.seconds / 60.0:.0f} min"
        self._store.note(_SUBJECT, asked.actor, text, now)

    def _end(self, asked: EndWalkTestAsked) -> None:
        running = self.current.running
        problem = self._access.refusal(asked.actor, Operation.WALK_TEST)
        if running is None:
            problem = problem or "No walk test is running."
        if problem or running is None:
            self._publish(RequestRefused(problem, asked.actor, _SUBJECT))
            return
        for place in running.places:
            self._alarms.uncover(OverlayKind.TEST, Scope(place), asked.actor)
        self._finish(running, asked.actor)

    def _look(self) -> None:
        """Follow its end, which the overlays decide."""
        running, overlays = self.current.running, self._overlays()
        if running is None:
            return
        if overlays:
            self._seen = True
            until = max(overlay.until_utc or 0.0 for overlay in overlays)
            if until != running.until_utc:
                self.current = replace(self.current, running=replace(running, until_utc=until))
        elif self._seen:
            self._finish(running, SYSTEM)

    def _finish(self, running: WalkTest, by: str) -> None:
        now = self._clock.now()
        ended = replace(running, ended_by=by, ended_utc=now.utc)
        self.current = WalkTests(last=ended)
        self._store.note(_SUBJECT, by, _said(ended), now)

    def _refusal(self, asked: WalkTestAsked, places: tuple[PlaceId, ...]) -> str:
        """Why it may not begin, in words; empty when it may."""
        problem = self._access.refusal(asked.actor, Operation.WALK_TEST)
        if problem:
            return problem
        if self.current.running is not None:
            return "A walk test is running already. End it first."
        if not SHORTEST <= asked.seconds <= LONGEST:  # refuses NaN as well
            return "A walk test lasts 1 minute to 8 hours. Choose a time between."
        known = self._all_places()
        unknown = [place for place in places if place not in known]
        if unknown or not places:
            return f"There is no place {', '.join(unknown)}. Choose places of the settings."
        for alarm in self._alarms.open:  # also one that nobody has seen yet
            if alarm.key.place in places and alarm.key.kind not in FAULTS:
                return (
                    f"{alarm.place_name or alarm.key.place} has an open alarm, which a test would "
                    "make quiet. Acknowledge and reset it first."
                )
        return ""

    def _made(self, places: tuple[PlaceId, ...], by: str, since: float) -> WalkTest:
        map_ = self._map()
        return WalkTest(
            places=places,
            names=tuple(map_.name(place) for place in places),
            by=by,
            since_utc=since,
            until_utc=since,
            expected=self._sources(map_, places),
        )

    def _sources(self, map_: Places, places: tuple[PlaceId, ...]) -> tuple[str, ...]:
        """All that is switched on there."""
        settings = self._settings()
        cameras = [CameraId(row.id) for row in settings.cameras if row.enabled]
        devices = [DeviceId(row.id) for row in settings.devices if row.enabled]
        return (
            *(f"camera {one}" for one in cameras if map_.of_camera(one) in places),
            *(f"device {one}" for one in devices if map_.of_device(one) in places),
        )

    def _all_places(self) -> tuple[PlaceId, ...]:
        map_ = self._map()
        used = (*map_.by_camera.values(), *map_.by_device.values())
        rows = (PlaceId(place.id) for place in self._settings().places)
        return tuple(dict.fromkeys((*rows, *used)))

    def _map(self) -> Places:
        return places_of(self._settings())

    def _overlays(self) -> list[Overlay]:
        found = self._alarms.current.overlays
        return [
            overlay
            for overlay in found
            if overlay.kind is OverlayKind.TEST and not is_test_place(overlay.scope.place)
        ]


def _said(test: WalkTest) -> str:
    """The summary as the audit keeps it."""
    text = f"ended: {len(test.tested)} raised a test alarm"
    if test.tested:
        text += f" ({', '.join(test.tested)})"
    if test.missing:
        return f"{text}; {len(test.missing)} did not ({', '.join(test.missing)})"
    return f"{text}; none is missing"
