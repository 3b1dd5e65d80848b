"""One self-test from its first event to the last stage that is waited for."""

from collections.abc import Callable
from dataclasses import dataclass

from embereye.config.schema import Settings
from embereye.model.alarm import Alarm, Cause
from embereye.model.daily_test import (
    CAMERA,
    CAMERA_PLACE,
    Chain,
    ChainResult,
    ShownInTest,
    Stage,
)
from embereye.model.detection import DetectionResult
from embereye.model.ids import AlarmId, DeviceId
from embereye.model.messages import AlarmChanged
from embereye.model.notice import NoticeTable, SendTestAsked
from embereye.model.reading import SensorReading
from embereye.model.stamp import Stamp
from embereye.rules.chain_watch import ChainWatch
from embereye.services.access import SYSTEM
from embereye.services.self_test_stimulus import (
    AlarmRead,
    PacketSent,
    PicturesFailed,
    ReadBack,
    SendPacket,
    ShowFire,
    Task,
)

_NO_WINDOW = "No window is open."
_NO_CAMERA = "No camera is looked at by the detectors."
_NO_ALARM = "No test alarm was raised."
_NO_TARGET = "No target gets a notice of the self-test."
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - not bound, looked up


@dataclass(slots=True)
class SelfTestPorts:
    """What the self-test is wired to; engine thread. `app` sets what only it knows.

    Attributes:
        stimulus: Does what comes from outside.
        prepare: The reserved camera and device count from now on, or no more.
        listener: The bound port of the sensor listener, None: not open.
        watched: Whether the detectors look at any camera.
        window: Whether a window is open.
        notices: How the targets stand.
        post: To the engine.
    """

    settings: Callable[[], Settings]
    stimulus: Callable[[Task], None]
    window: Callable[[], bool]
    notices: Callable[[], NoticeTable]
    post: Callable[[object], None]
    prepare: Callable[[bool], object] = bool
    listener: Callable[[], int | None] = lambda: None
    watched: Callable[[], bool] = bool


class SelfTestRun:
    """Follows the chains of one self-test. Engine thread.

    The pictures begin when the packet's chain is settled, so that its popup was seen for itself.
    """

    def __init__(self, ports: SelfTestPorts, device: DeviceId, began: Stamp) -> None:
        self._ports, self._device, self._began = ports, device, began
        self._window = ports.window()
        self._sent: Stamp | None = None
        self._raised: dict[AlarmId, tuple[Chain, Stamp]] = {}
        self._written: Stamp | None = None
        self._watches = {
            chain: ChainWatch(chain, began.mono)
            for chain in (Chain.SENSOR, Chain.STORAGE, Chain.NOTICES)
        }
        self._targets = self._wanted_targets()
        self._begin_sensor()
        self._begin_notices()

    @property
    def settled(self) -> bool:
        """Whether nothing more is waited for."""
        return Chain.VISION in self._watches and all(w.settled for w in self._watches.values())

    @property
    def results(self) -> tuple[ChainResult, ...]:
        """What is known of each chain that has begun, in the order of the chains."""
        return tuple(self._watches[c].result for c in Chain if c in self._watches)

    def look(self, now: Stamp) -> None:
        """Judge what should have come, and begin what is next; twice a second."""
        for watch in self._watches.values():
            watch.expire(now.mono)
        sensor = self._watches[Chain.SENSOR]
        if Chain.VISION not in self._watches and sensor.settled:
            self._begin_vision(now)
        if self._ended_without_alarm():
            self._watches[Chain.STORAGE].leave_out(Stage.WRITTEN, _NO_ALARM)
        self._look_at_notices()

    # --- what happens ------------------------------------------------------------------------

    def sent(self, message: PacketSent) -> None:
        """The packet left, or could not."""
        self._sent = message.at
        if message.problem:
            self._watches[Chain.SENSOR].miss(Stage.RECEIVED, message.problem)

    def reading(self, reading: SensorReading) -> None:
        """A packet was decoded."""
        if reading.device == self._device and self._sent is not None:
            seconds = reading.at.mono - self._sent.mono
            self._watches[Chain.SENSOR].reach(Stage.RECEIVED, seconds)

    def judged(self, result: DetectionResult) -> None:
        """The detectors judged a picture."""
        vision = self._watches.get(Chain.VISION)
        if result.camera == CAMERA and vision is not None:
            vision.reach(Stage.JUDGED, result.at.mono - result.frame_at.mono)

    def pictures_failed(self, message: PicturesFailed) -> None:
        """There are no pictures to be judged."""
        vision = self._watches.get(Chain.VISION)
        if vision is not None:
            vision.miss(Stage.JUDGED, message.problem)
            vision.miss(Stage.ALARMED, message.problem)

    def take(self, changed: AlarmChanged) -> None:
        """A test alarm changed."""
        alarm = changed.alarm
        if alarm.id not in self._raised:
            if alarm.cause is not Cause.ACTIVE or changed.origin is None:
                return
            self._alarmed(alarm, changed.origin, changed.at)
        if alarm.recorded:
            self._recorded(alarm, changed.at)

    def read(self, message: AlarmRead) -> None:
        """The database holds the alarm."""
        if self._written is not None:
            seconds = message.at.mono - self._written.mono
            self._watches[Chain.STORAGE].reach(Stage.READ, seconds)

    def shown(self, message: ShownInTest) -> None:
        """The window has shown it, or made it heard."""
        chain, origin = self._raised.get(message.alarm, (None, message.at))
        if chain is None:
            return
        if message.problem:
            self._watches[chain].miss(message.stage, message.problem)
        else:
            seconds = message.at.mono - origin.mono
            self._watches[chain].reach(message.stage, seconds, message.text)

    # --- chains ------------------------------------------------------------------------------

    def _begin_sensor(self) -> None:
        section = self._ports.settings().sensors
        address = None
        if section.enabled and section.legacy == "open":
            port = self._ports.listener()
            if port is None:
                self._watches[Chain.SENSOR].miss(
                    Stage.RECEIVED, "The sensor listener is not open. Look at its fault."
                )
                return
            address = _ANY.get(section.host, section.host), port
        self._ports.stimulus(SendPacket(self._device, address))

    def _begin_vision(self, now: Stamp) -> None:
        vision = self._watches[Chain.VISION] = ChainWatch(Chain.VISION, now.mono)
        if self._ports.watched():
            self._ports.stimulus(ShowFire())
        else:
            vision.leave_out(Stage.JUDGED, _NO_CAMERA)

    def _begin_notices(self) -> None:
        wanted, notices = self._ports.settings().alarms.self_test_targets, Chain.NOTICES
        gone = [target for target in wanted if target not in self._targets]
        if gone:
            names = ", ".join(gone)
            text = f"{names} is gone or switched off; correct alarms.self_test_targets."
            self._watches[notices].miss(Stage.SENT, text)
        elif not wanted:
            self._watches[notices].leave_out(Stage.SENT, _NO_TARGET)
        for target in self._targets:
            self._ports.post(SendTestAsked(target, SYSTEM))

    def _wanted_targets(self) -> frozenset[str]:
        wanted = self._ports.settings().alarms.self_test_targets
        known = {state.id for state in self._ports.notices().targets if state.enabled}
        return frozenset(wanted) & known

    def _alarmed(self, alarm: Alarm, origin: Stamp, at: Stamp) -> None:
        chain = Chain.VISION if alarm.key.place == CAMERA_PLACE else Chain.SENSOR
        watch = self._watches.get(chain)
        if watch is None:
            return
        self._raised[alarm.id] = chain, origin
        watch.reach(Stage.ALARMED, at.mono - origin.mono)
        if not self._window:
            watch.leave_out(Stage.PAINTED, _NO_WINDOW)
            watch.leave_out(Stage.SOUNDED, _NO_WINDOW)

    def _recorded(self, alarm: Alarm, at: Stamp) -> None:
        _, origin = self._raised[alarm.id]
        storage = self._watches[Chain.STORAGE]
        if storage.waits_for(Stage.WRITTEN):
            self._written = at
            storage.reach(Stage.WRITTEN, at.mono - origin.mono)
            self._ports.stimulus(ReadBack(alarm.id))

    def _ended_without_alarm(self) -> bool:
        """Whether no chain can raise an alarm any more that could be written."""
        alarming = [self._watches.get(chain) for chain in (Chain.SENSOR, Chain.VISION)]
        over = all(watch is not None and watch.settled for watch in alarming)
        return over and not self._raised

    def _look_at_notices(self) -> None:
        watch = self._watches[Chain.NOTICES]
        if not watch.waits_for(Stage.SENT):
            return
        tests = {s.id: s.test for s in self._ports.notices().targets if s.id in self._targets}
        fresh = [t for t in tests.values() if t is not None and t.at_utc >= self._began.utc]
        for test in fresh:
            if test.good is False:
                watch.miss(Stage.SENT, test.text)
        if len(fresh) == len(self._targets) and all(test.good for test in fresh):
            newest = max(test.at_utc for test in fresh)
            watch.reach(Stage.SENT, newest - self._began.utc)
