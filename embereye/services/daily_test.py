"""The daily self-test: when it runs, what it must not disturb, and what a miss means."""

import logging
from collections.abc import Callable
from typing import Protocol

from embereye.model.alarm import (
    FAULTS,
    Alarm,
    AlarmKey,
    AlarmState,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Report,
    Scope,
)
from embereye.model.daily_test import (
    AUDIBLE,
    CAMERA_PLACE,
    QUIET,
    Chain,
    ChainResult,
    DailyTestAsked,
    Outcome,
    SelfTestRun,
    SelfTests,
    ShownInTest,
    StageResult,
    in_self_test,
    is_test_place,
)
from embereye.model.detection import DetectionResult
from embereye.model.errors import StorageError
from embereye.model.ids import PlaceId, unassigned_place
from embereye.model.messages import (
    AcknowledgeAsked,
    AlarmChanged,
    RequestRefused,
    ResetAsked,
    WorkerFailed,
)
from embereye.model.reading import SensorReading
from embereye.model.role import Operation
from embereye.rules.daily_schedule import Before, due, following
from embereye.runtime.engine import Engine
from embereye.services.access import SYSTEM, Access
from embereye.services.alarms import Alarms
from embereye.services.self_test_run import SelfTestPorts
from embereye.services.self_test_run import SelfTestRun as Running
from embereye.services.self_test_site import reserved_device
from embereye.services.self_test_stimulus import (
    AlarmRead,
    EndStimulus,
    PacketSent,
    PicturesFailed,
)

_log = logging.getLogger(__name__)

SUBJECT = "self-test"  # of refusals, and how the names of its faults begin
OVERDUE = 28 * 3600.0  # s; catching up at 26 h has had two hours by then
_LOOK = 0.5  # s between looks
_AGAIN = 600.0  # s until it is tried again when somebody needs the console
_LEAVE = 5.0  # s after which the end of a cause is told here, should the rules not tell it
# s; the overlay is ended with the test. Where a kill comes first it must outlast the outage: no
# test may ever be announced as a fire.
_COVER = 365 * 86_400.0
_REMEDY = {
    Chain.SENSOR: "Alarms of sensors may not be seen or heard: watch the devices yourself.",
    Chain.VISION: "Fires in pictures may not be told: watch the cameras yourself.",
    Chain.STORAGE: "Alarms may not be recorded: look at the disk.",
    Chain.NOTICES: "People outside may not be told: call them yourself.",
}


class Store(Protocol):
    """Where completed tests are kept; `storage.daily_tests.DailyTestStore`."""

    def save(self, run: SelfTestRun) -> None:
        """Keep one; never blocks."""

    def last(self) -> SelfTestRun | None:
        """The newest one; StorageError."""


class DailyTest:
    """Runs the self-test. Engine thread; `current` from any.

    Handles DailyTestAsked and ShownInTest; answers with RequestRefused. Each chain that missed a
    stage is a fault of the program until a later test proves it.

    Attributes:
        current: What screens show; replaced as a whole.
        ports: What it is wired to.
        walking: Whether a walk test runs; set by the owner.
    """

    def __init__(
        self,
        engine: Engine,
        alarms: Alarms,
        access: Access,
        store: Store,
        ports: SelfTestPorts,
        tell: Callable[[object], None],
        publish: Callable[[object], None],
    ) -> None:
        self.current = SelfTests()
        self.ports = ports
        self.walking: Callable[[], bool] = bool
        self._engine, self._clock, self._alarms = engine, engine.clock, alarms
        self._access, self._store = access, store
        self._tell, self._publish = tell, publish
        self._started = engine.clock.mono()
        self._before = Before()
        self._not_before = 0.0  # monotonic s; of the next try by itself
        self._run: Running | None = None
        self._by, self._began_utc, self._interrupted = "", 0.0, ""
        self._ending: float | None = None  # since when, monotonic s
        self._faults: set[str] = set()
        self._subscribe()

    def restore(self) -> None:
        """Take up what an earlier run of the program left; after the alarms are back."""
        try:
            last = self._store.last()
        except StorageError as error:
            _log.error("the last self-test cannot be read: %s", error)
            last = None
        self.current = SelfTests(last=last, next_utc=self._next())
        if last is not None:
            self._before = Before(last.ended_utc)
            self._judge(last.chains)
        if self._overlays():
            self._ending = self._clock.mono()  # a kill came in between

    def take(self, changed: AlarmChanged) -> None:
        """An alarm changed: it is the test's own, or more important than the test."""
        if in_self_test(changed.alarm):
            if self._run is not None:
                self._run.take(changed)
        elif changed.announced and changed.alarm.key.kind not in FAULTS and self._run is not None:
            self._break_off("An alarm came meanwhile.")

    # --- requests ----------------------------------------------------------------------------

    def _asked(self, asked: DailyTestAsked) -> None:
        problem = self._access.refusal(asked.actor, Operation.WALK_TEST) or self._busy()
        if problem:
            self._publish(RequestRefused(problem, asked.actor, SUBJECT))
        else:
            self._begin(asked.actor)

    def _busy(self) -> str:
        """Why it cannot begin now, in words; empty when it can."""
        if self.current.running is not None or self._ending is not None:
            return "A self-test is running already. Wait for its end."
        if self.walking():
            return "A walk test is running. End it first."
        for alarm in self._alarms.current.alarms:
            if alarm.calling and alarm.key.kind not in FAULTS:
                return "There is an alarm that nobody has acknowledged. Look after it first."
        return ""

    # --- course ------------------------------------------------------------------------------

    def _look(self) -> None:
        now = self._clock.now()
        if self._run is not None:
            self._run.look(now)
            self._judge(self._run.results, proven=False)
            if self._run.settled:
                self._leave()
        elif self._ending is not None:
            self._clean_up(self._ending, now.mono)
        else:
            self._look_at_schedule()

    def _look_at_schedule(self) -> None:
        at, now = self.ports.settings().alarms.self_test, self._clock.now()
        coming = self._next()
        if coming != self.current.next_utc:
            self.current = SelfTests(None, self.current.last, self.current.broken_off, coming)
        self._look_at_age(bool(at))
        if not at or now.mono < self._not_before or not due(at, self._before, now, self._started):
            return
        problem = self._busy()
        if problem:
            self._not_before = now.mono + _AGAIN
            _log.info("the self-test waits: %s", problem)
        else:
            self._begin(SYSTEM)

    def _begin(self, by: str) -> None:
        now, settings = self._clock.now(), self.ports.settings()
        device = reserved_device(settings)
        places = unassigned_place(device), CAMERA_PLACE
        chimes = settings.alarms.self_test_sound == "chime"
        for place, reason in zip(places, (AUDIBLE if chimes else QUIET, QUIET), strict=True):
            self._cover(place, reason, by)
        self._by, self._began_utc, self._interrupted = by, now.utc, ""
        self.current = SelfTests(now.utc, self.current.last, "", self.current.next_utc)
        self.ports.prepare(True)
        _log.info("the self-test begins, asked by %s", by)
        self._run = Running(self.ports, device, now)

    def _cover(self, place: PlaceId, reason: str, by: str) -> None:
        since = self._clock.now().utc
        self._alarms.cover(
            Overlay(
                OverlayKind.TEST,
                Scope(place),
                reason,
                by,
                since,
                since + _COVER,
                Priority.EMERGENCY,
            )
        )

    def _break_off(self, why: str) -> None:
        self._interrupted = why
        self._not_before = self._clock.mono() + _AGAIN
        _log.info("the self-test is broken off: %s", why)
        self._leave()

    def _leave(self) -> None:
        """Take everything back that the test brought in; its alarms end by that."""
        run, self._run = self._run, None
        self.ports.stimulus(EndStimulus())
        self.ports.prepare(False)
        self._ending = self._clock.mono()
        if run is not None and not self._interrupted:
            self._complete(run)

    def _complete(self, run: Running) -> None:
        now = self._clock.now()
        done = SelfTestRun(self._began_utc, now.utc, self._by, run.results)
        self._before = Before(now.utc, now.mono)
        self._judge(done.chains)
        self._store.save(done)
        self.current = SelfTests(self.current.running, done, "", self._next())

    def _clean_up(self, since: float, now: float) -> None:
        """Close the test's alarms, then lift what covers them."""
        left = [a for a in self._alarms.current.alarms if in_self_test(a)]
        for alarm in left:
            self._close(alarm, told_by_now=now - since > _LEAVE)
        if left:
            return
        for overlay in self._overlays():
            self._alarms.uncover(OverlayKind.TEST, overlay.scope, SYSTEM)
        self._ending = None
        self.current = SelfTests(None, self.current.last, self._interrupted, self._next())
        _log.info("the self-test is over")

    def _close(self, alarm: Alarm, told_by_now: bool) -> None:
        if alarm.cause is not Cause.CLEAR:
            if told_by_now:
                self._end_cause(alarm.key, alarm.place_name)
        elif alarm.unacknowledged:
            self._engine.post(AcknowledgeAsked(alarm.id, SYSTEM))
        elif alarm.state is AlarmState.LATCHED:
            self._engine.post(ResetAsked(alarm.id, SYSTEM))

    def _end_cause(self, key: AlarmKey, name: str) -> None:
        now = self._clock.now()
        self._alarms.report(Report(key, Cause.CLEAR, Priority.LOW, (), now, name))

    # --- faults ------------------------------------------------------------------------------

    def _judge(self, chains: tuple[ChainResult, ...], proven: bool = True) -> None:
        """Tell faults of chains; with `proven`, also which work."""
        for result in chains:
            missed = [s for s in result.stages if s.outcome is Outcome.MISSED]
            if missed:
                self._fault(result.chain.value, _said(result.chain, missed[0]))
            elif proven:
                self._mend(result.chain.value)

    def _look_at_age(self, wanted: bool) -> None:
        now, before = self._clock.now(), self._before
        if before.mono is not None:
            age = now.mono - before.mono
        else:
            known = before.utc is not None and before.utc <= now.utc
            age = now.mono - self._started
            age = max(age, now.utc - (before.utc or 0.0)) if known else age
        settled = now.mono - self._started > OVERDUE - 26 * 3600.0
        if wanted and settled and age > OVERDUE:
            text = (
                f"The self-test was not completed for {age / 3600:.0f} h, so nobody knows whether "
                "alarms still arrive. Run it on the page Health."
            )
            self._fault("overdue", text)
        else:
            self._mend("overdue")

    def _fault(self, what: str, text: str) -> None:
        if what not in self._faults:
            self._faults.add(what)
            _log.error("%s", text)
            at = self._clock.now()
            self._tell(WorkerFailed(f"{SUBJECT} {what}", text, recovered=False, at=at))

    def _mend(self, what: str) -> None:
        if what in self._faults:
            self._faults.discard(what)
            text = "The self-test proved it again."
            at = self._clock.now()
            self._tell(WorkerFailed(f"{SUBJECT} {what}", text, recovered=True, at=at))

    # --- small ones --------------------------------------------------------------------------

    def _next(self) -> float | None:
        at = self.ports.settings().alarms.self_test
        return following(at, self._clock.now().utc) if at else None

    def _overlays(self) -> list[Overlay]:
        found = self._alarms.current.overlays
        return [o for o in found if o.kind is OverlayKind.TEST and is_test_place(o.scope.place)]

    def _subscribe(self) -> None:
        engine = self._engine
        engine.on(DailyTestAsked, self._asked)
        engine.on(PacketSent, lambda m: self._run.sent(m) if self._run else None)
        engine.on(SensorReading, lambda m: self._run.reading(m) if self._run else None)
        engine.on(DetectionResult, lambda m: self._run.judged(m) if self._run else None)
        engine.on(PicturesFailed, lambda m: self._run.pictures_failed(m) if self._run else None)
        engine.on(AlarmRead, lambda m: self._run.read(m) if self._run else None)
        engine.on(ShownInTest, lambda m: self._run.shown(m) if self._run else None)
        engine.every(_LOOK, self._look)


def _said(chain: Chain, missed: StageResult) -> str:
    """A miss in words."""
    return (
        f"The self-test of the chain “{chain.value}” missed the stage “{missed.stage.value}”. "
        f"{missed.text} {_REMEDY[chain]}"
    )
