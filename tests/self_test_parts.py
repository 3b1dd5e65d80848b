"""The self-test on an engine whose clock tests move: real alarms and rules, scripted surroundings.

What is broken is named by stage; everything else answers as the real parts do.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from embereye.config.schema import Camera, Device, Settings
from embereye.model.alarm import Alarm, AlarmKind
from embereye.model.daily_test import CAMERA, ShownInTest, Stage, in_self_test
from embereye.model.detection import FIRE, Detection, DetectionResult
from embereye.model.messages import AlarmChanged, StorageChanged
from embereye.model.notice import NoticeTable, SendTestAsked, TargetKind, TargetState, TestOutcome
from embereye.model.reading import SensorReading
from embereye.model.window import WindowAlive
from embereye.rules.idle import Idle
from embereye.services.access import Access
from embereye.services.daily_test import DailyTest
from embereye.services.intrusions import Intrusions
from embereye.services.places import places_of
from embereye.services.risk import Risk
from embereye.services.self_test_run import SelfTestPorts
from embereye.services.self_test_site import tested_site
from embereye.services.self_test_stimulus import (
    AlarmRead,
    EndStimulus,
    PacketSent,
    ReadBack,
    SendPacket,
    ShowFire,
    Task,
)
from embereye.services.system_faults import SystemFaults
from embereye.services.window_watch import WindowWatch
from embereye.services.zone_site import zone_site
from embereye.services.zone_watch import ZoneWatch

SETTINGS = Settings(
    cameras=(Camera(id="c1", name="Yard", source="rtsp://10.0.0.1/1"),),
    devices=(Device(id="d1", name="Boiler", place="boiler"),),
)
_TICK = 0.5  # s, as often as the service looks


class Kept:
    """Completed self-tests in memory."""

    def __init__(self) -> None:
        self.runs: list[Any] = []

    def save(self, run: Any) -> None:
        self.runs.append(run)

    def last(self) -> Any:
        return self.runs[-1] if self.runs else None


@dataclass
class Rig:
    """The self-test over the alarms of a `Desk` (tests/unit/services/conftest.py).

    Attributes:
        broken: Stages whose part does nothing.
        listener: Port of the own listener; None: closed.
    """

    desk: Any
    kept: Kept = field(default_factory=Kept)
    settings: Settings = SETTINGS
    broken: set[Stage] = field(default_factory=set)
    listener: int | None = 9001
    watched: bool = True
    targets: tuple[TargetState, ...] = ()
    asked: list[Task] = field(default_factory=list)
    fire: bool = False
    flame: SendPacket | None = None

    def __post_init__(self) -> None:
        desk, engine = self.desk, self.desk.engine
        desk.alarms._board._publish = self._publish
        report = desk.alarms.report
        self.risk = Risk(
            engine, tested_site(self.settings, False), report, {"d1": Idle(6.6, 32.0)}, _nothing
        )
        intrusions = Intrusions(places_of(self.settings), report)
        site = zone_site(self.settings)
        ZoneWatch(engine, site, lambda _camera: (0, 0), intrusions, _nothing)
        SystemFaults(engine, report)
        self.window = WindowWatch(engine, engine.post)
        ports = SelfTestPorts(
            settings=lambda: self.settings,
            stimulus=self._do,
            window=lambda: self.window.open,
            notices=lambda: NoticeTable(self.targets),
            post=engine.post,
            prepare=self._prepare,
            listener=lambda: self.listener,
            watched=lambda: self.watched,
        )
        access = Access(lambda: self.settings)
        self.test = DailyTest(
            engine, desk.alarms, access, self.kept, ports, engine.post, self._publish
        )
        engine.on(SendTestAsked, self._send_test)

    # --- time --------------------------------------------------------------------------------

    def show_window(self) -> None:
        self.desk.ask(WindowAlive(self.desk.clock.now()))

    def pass_time(self, seconds: float) -> None:
        """Let the parts work for so long."""
        for _ in range(round(seconds / _TICK)):
            self.desk.clock.advance(_TICK)
            if self.window.open:
                self.desk.engine.post(WindowAlive(self.desk.clock.now()))
            self._play()
            self.desk.step()

    def until(self, found: Callable[[], bool], most: float = 120.0) -> float:
        """Seconds until something is so."""
        for number in range(round(most / _TICK)):
            if found():
                return number * _TICK
            self.pass_time(_TICK)
        raise AssertionError(f"not within {most} s")

    # --- what is seen ------------------------------------------------------------------------

    @property
    def faults(self) -> list[Alarm]:
        """Faults about the self-test."""
        return [
            alarm
            for alarm in self.desk.alarms.current.alarms
            if alarm.key.kind is AlarmKind.SYSTEM_FAULT and "self-test" in alarm.key.source
        ]

    @property
    def own(self) -> list[Alarm]:
        """Alarms of the test that are open."""
        return [a for a in self.desk.alarms.current.alarms if in_self_test(a)]

    def stage(self, wanted: Stage) -> Any:
        """How a stage of the last test went."""
        run = self.test.current.last
        return next(s for chain in run.chains for s in chain.stages if s.stage is wanted)

    # --- the parts around --------------------------------------------------------------------

    def _prepare(self, on: bool) -> None:
        self.risk.assign(tested_site(self.settings, on))

    def _do(self, task: Task) -> None:
        self.asked.append(task)
        now, post = self.desk.clock.now(), self.desk.engine.post
        if isinstance(task, SendPacket):
            if Stage.RECEIVED in self.broken:
                post(
                    PacketSent(now, "The own sensor listener does not take a connection: refused.")
                )
            else:
                post(PacketSent(now))
                self.flame = task
        elif isinstance(task, ShowFire):
            self.fire = True
        elif isinstance(task, ReadBack) and Stage.READ not in self.broken:
            post(AlarmRead(task.alarm, now))
        elif isinstance(task, EndStimulus):
            self.fire, self.flame = False, None

    def _play(self) -> None:
        now, post = self.desk.clock.now(), self.desk.engine.post
        if self.flame is not None:
            post(SensorReading(self.flame.device, now, 270, 1310, 3, True))
        if self.fire and Stage.JUDGED not in self.broken:
            boxes = (Detection(FIRE, 0.9, 10, 10, 60, 90),)
            for _ in range(3):
                post(DetectionResult(CAMERA, 0, now, now, boxes, 0.9, 0.0, True, "m", 0.0))

    def _publish(self, message: object) -> None:
        self.desk.published.append(message)
        if isinstance(message, AlarmChanged):
            self.test.take(message)
            if in_self_test(message.alarm) and self.window.open:
                self._show(message)

    def _show(self, message: AlarmChanged) -> None:
        for stage in {Stage.PAINTED, Stage.SOUNDED} - self.broken:
            at = self.desk.clock.now()
            self.desk.engine.post(ShownInTest(message.alarm.id, stage, at))

    def _send_test(self, asked: SendTestAsked) -> None:
        if Stage.SENT in self.broken:
            outcome = TestOutcome(False, "The server refused it.", self.desk.clock.now().utc)
        else:
            outcome = TestOutcome(True, "Sent.", self.desk.clock.now().utc)
        name = asked.target
        self.targets = (TargetState(name, TargetKind.EMAIL, name, True, test=outcome),)


def full_disk(desk: Any) -> None:
    """From now on nothing is written."""
    desk.store.fast = False
    desk.engine.post(StorageChanged(False, "The disk is full.", desk.clock.now()))


def _nothing(*_facts: object) -> None:
    """Nobody looks."""
