"""Devices, their supervision and their alarms, on a clock that tests move."""

from fakes import FakeClock, MemoryOverlays

from embereye.config.schema import Device, Settings
from embereye.model.alarm import Alarm, AlarmKind, Cause
from embereye.model.ids import AlarmId, DeviceId
from embereye.model.messages import AcknowledgeAsked, AlarmChanged
from embereye.model.reading import SensorReading
from embereye.runtime.engine import Engine
from embereye.services.alarms import Alarms
from embereye.services.sensors import Sensors

CYCLE = 4.085  # s, of a real device
D = DeviceId("d")
ONE = Settings(devices=(Device(id="d", name="Boiler"),))


class MemoryStore(MemoryOverlays):
    """Alarms on a disk that is never slow."""

    def __init__(self):
        super().__init__()
        self.rows: dict[int, Alarm] = {}
        self.saved: list[Alarm] = []

    def load_open(self):
        return tuple(a for a in self.rows.values() if a.state.value != "normal")

    def next_id(self):
        return AlarmId(max([0, *self.rows]) + 1)

    def save(self, alarm, action, done):
        self.rows[alarm.id] = alarm
        self.saved.append(alarm)
        done(None)


class Site:
    """The register of devices with the real alarms behind it.

    Attributes:
        bugs: What the engine met; a test asserts that it is empty.
    """

    def __init__(self, settings=ONE, *, clock=None, store=None, **more):
        self.clock = clock or FakeClock()
        self.bugs = []
        self.engine = Engine(self.clock, on_bug=self.bugs.append)
        self.published = []
        self.store = store or MemoryStore()
        self.alarms = Alarms(self.engine, self.published.append, self.store)
        self.reports = []
        self.sensors = Sensors(self.engine, self.published.append, self._report, settings, **more)
        self.engine.step()

    def _report(self, report):
        self.reports.append(report)
        self.alarms.report(report)

    def post(self, *messages):
        self.engine.post_many(messages)
        self.engine.step()
        assert self.bugs == []

    def hear(self, device=D, **values):
        self.post(SensorReading(device, self.clock.now(), **(values or {"adc1": 270})))

    def run(self, seconds, step=0.2):
        end = self.clock.mono() + seconds
        while self.clock.mono() < end - 1e-9:
            self.clock.advance(min(step, end - self.clock.mono()))
            self.engine.step()
        assert self.bugs == []

    def live(self, seconds, period=1.0, device=D):
        """It sends; no two of its packets are alike."""
        for number in range(round(seconds / period)):
            self.hear(device, adc1=270 + number % 7)
            self.run(period, step=min(period, 1.0))

    def status(self, device=D):
        """As the table says; a tenth of a second later on a clock that tests move."""
        self.run(0.1)
        return {status.id: status for status in self.sensors.current.devices}.get(device)

    @property
    def announced(self) -> list[tuple[float, Alarm]]:
        """Monotonic seconds and alarm of every announcement of a device fault."""
        return [
            (m.at.mono, m.alarm)
            for m in self.published
            if isinstance(m, AlarmChanged)
            and m.announced
            and m.alarm.key.kind is AlarmKind.DEVICE_FAULT
        ]

    @property
    def fault(self) -> Alarm | None:
        """The open fault of a device, None when there is none or its cause is over."""
        open_ = [a for a in self.store.load_open() if a.cause is Cause.ACTIVE]
        return open_[0] if open_ else None

    def acknowledge(self):
        for alarm in self.store.load_open():
            self.post(AcknowledgeAsked(alarm.id, "anna"))
