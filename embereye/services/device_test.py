"""The end-to-end self-test of one device: from its connection to the disk.

Nothing invented enters the engine: the test asks for packets and watches what the real ones do. So
it raises no alarm that is not real, and a device that burns still alarms while it is tested.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from embereye.model.device_messages import DeviceTested, StepOutcome, TestDeviceAsked, TestStep
from embereye.model.ids import DeviceId
from embereye.model.messages import RequestRefused
from embereye.model.reading import (
    DeviceState,
    DeviceStatus,
    DeviceTable,
    Profile,
    SensorReading,
    ThermalFrame,
)
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine

_LOOK = 0.25  # s between two looks at running tests
_PACKETS = 12.0  # s for packets: 10 s for an answer (sensor protocol) and the wait for quiet
_STORED = 2.5  # s more for the disk, so that a verdict comes within 15 s
_LATE = 1.0  # s from the socket to the engine; 1,000 times what is usual

_STEPS = ("connection", "packet", "values", "temperature", "engine", "storage")


@dataclass(frozen=True, slots=True)
class TestPorts:
    """What a test looks at; all belong to the engine thread and return at once.

    Attributes:
        table: The devices as they are shown (`Sensors.current`).
        connected: Whether a connection carries a device (`Sensors.connected`).
        command: Asks the listener to send a command in the next quiet window.
        flush: Hands all open values to the disk (`History.flush`).
        stored_until: Until when (s UTC) all that a device sent is on the disk
            (`History.stored_until`).
        record: Writes an audit row (`AuditStore.record`).
    """

    __test__ = False  # no test case of pytest
    table: Callable[[], DeviceTable]
    connected: Callable[[DeviceId], bool]
    command: Callable[[DeviceId, str], object]
    flush: Callable[[], None]
    stored_until: Callable[[DeviceId], float]
    record: Callable[[str, str, str, str, Stamp], None]


@dataclass(slots=True)
class _Run:
    device: DeviceId
    actor: str
    asked: Stamp
    thermal: bool  # it sends thermal pictures
    reading: SensorReading | None = None
    frame: ThermalFrame | None = None
    late: float = 0.0  # s, the longest way of a packet from the socket to the engine
    steps: dict[str, TestStep] = field(default_factory=dict)

    @property
    def newest(self) -> Stamp | None:
        """Arrival of the newest packet since the request."""
        stamps = [packet.at for packet in (self.reading, self.frame) if packet is not None]
        return max(stamps, default=None)

    @property
    def complete(self) -> bool:
        """Whether every kind of packet came."""
        return self.frame is not None if self.thermal else self.reading is not None


class DeviceTest:
    """Handles TestDeviceAsked; publishes DeviceTested within 15 s. Engine thread."""

    __test__ = False  # no test case of pytest

    def __init__(self, engine: Engine, publish: Callable[[object], None], ports: TestPorts) -> None:
        self._clock = engine.clock
        self._publish = publish
        self._ports = ports
        self._runs: dict[DeviceId, _Run] = {}
        engine.on(TestDeviceAsked, self._begin)
        engine.on(SensorReading, self._take_reading)
        engine.on(ThermalFrame, self._take_frame)
        engine.every(_LOOK, self._look)

    def _begin(self, asked: TestDeviceAsked) -> None:
        status = self._status(asked.device)
        refusal = self._refusal(asked.device, status)
        if refusal or status is None:
            self._publish(RequestRefused(refusal, asked.actor))
            return
        now = self._clock.now()
        run = _Run(asked.device, asked.actor, now, status.thermal is not None)
        if not self._ports.connected(asked.device):
            _fail(run, "connection", "It is not connected: check its power and its network.")
            self._finish(run)
            return
        _pass(run, "connection", f"connected from {status.address or 'an unknown address'}")
        self._runs[asked.device] = run
        if status.waiting_calibration:
            self._ports.command(asked.device, "EEPROM1")
        self._ports.command(asked.device, "REQUEST1")

    def _refusal(self, device: DeviceId, status: DeviceStatus | None) -> str:
        if status is None:
            return f"The device {device} is not known any more. Look at the list again."
        if status.state is DeviceState.DISABLED:
            return f"{status.name} is disabled. Enable it first, then test it."
        if device in self._runs:
            return f"{status.name} is being tested already. Wait for the result."
        return ""

    def _take_reading(self, reading: SensorReading) -> None:
        run = self._runs.get(reading.device)
        if run is not None and reading.at >= run.asked:
            run.reading = run.reading or reading
            run.late = max(run.late, self._clock.mono() - reading.at.mono)

    def _take_frame(self, frame: ThermalFrame) -> None:
        run = self._runs.get(frame.device)
        if run is not None and frame.at >= run.asked:
            run.thermal = True
            run.frame = run.frame or frame
            run.late = max(run.late, self._clock.mono() - frame.at.mono)

    def _look(self) -> None:
        for run in list(self._runs.values()):
            waited = self._clock.mono() - run.asked.mono
            if "packet" not in run.steps and (run.complete or waited >= _PACKETS):
                self._judge_packets(run)
                self._ports.flush()
            if "packet" in run.steps and self._judge_storage(run, waited):
                del self._runs[run.device]
                self._finish(run)

    def _judge_packets(self, run: _Run) -> None:
        newest = run.newest
        if newest is None:
            _fail(run, "packet", f"It sent nothing for {_PACKETS:.0f} s: check or restart it.")
            return
        _pass(run, "packet", f"a packet after {newest.mono - run.asked.mono:.1f} s")
        status = self._status(run.device)
        if status is None:
            _fail(run, "values", "It was removed during the test.")
            return
        if status.doubts:
            _fail(run, "values", f"Implausible: {', '.join(status.doubts)}. Check the device.")
        else:
            _pass(run, "values", "plausible")
        _judge_temperature(run, status)
        if run.late > _LATE:
            text = f"It took {run.late:.1f} s inside this console: it is overloaded."
            _fail(run, "engine", text)
        else:
            _pass(run, "engine", f"in the engine after {1000 * run.late:.0f} ms")

    def _judge_storage(self, run: _Run, waited: float) -> bool:
        """Whether this last step is decided."""
        newest = run.newest
        if newest is None:
            return True
        if self._ports.stored_until(run.device) >= newest.utc:
            _pass(run, "storage", "written to the disk")
            return True
        if waited < _PACKETS + _STORED:
            self._ports.flush()  # more may have come meanwhile
            return False
        _fail(run, "storage", "What it sent is not on the disk: check the disk of this console.")
        return True

    def _finish(self, run: _Run) -> None:
        for name in _STEPS:
            if name not in run.steps:
                _skip(run, name, "not reached")
        steps = tuple(run.steps[name] for name in _STEPS)
        now = self._clock.now()
        tested = DeviceTested(run.device, steps, now, run.actor)
        failed = [step.name for step in steps if step.outcome is StepOutcome.FAILED]
        text = f"self-test failed at {', '.join(failed)}" if failed else "self-test passed"
        self._ports.record("device", str(run.device), run.actor, text, now)
        self._publish(tested)

    def _status(self, device: DeviceId) -> DeviceStatus | None:
        return next((d for d in self._ports.table().devices if d.id == device), None)


def _judge_temperature(run: _Run, status: DeviceStatus) -> None:
    frame = run.frame
    if status.waiting_calibration:
        _fail(run, "temperature", "Its calibration is missing: ask for it, or restart the device.")
    elif frame is None and run.thermal:
        _fail(run, "temperature", f"No thermal picture came for {_PACKETS:.0f} s: restart it.")
    elif frame is None:
        _skip(run, "temperature", "it sends no thermal pictures")
    elif frame.profile is Profile.RAW:
        _skip(run, "temperature", "its pictures have no temperature scale")
    elif frame.max_celsius is None:
        _fail(run, "temperature", "Its picture could not be decoded: check its profile.")
    else:
        _pass(run, "temperature", f"decoded, {frame.max_celsius:.1f} °C at most")


def _pass(run: _Run, name: str, text: str) -> None:
    run.steps[name] = TestStep(name, StepOutcome.OK, text)


def _fail(run: _Run, name: str, text: str) -> None:
    run.steps[name] = TestStep(name, StepOutcome.FAILED, text)


def _skip(run: _Run, name: str, text: str) -> None:
    run.steps[name] = TestStep(name, StepOutcome.SKIPPED, text)
