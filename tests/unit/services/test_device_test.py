"""The self-test of one device: each link of the chain, and a clear verdict within 15 s."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Queue
from threading import Event, Thread

import numpy as np
import pytest
from device_parts import D, Site
from storage_parts import opened, running

from embereye.config.schema import Device, Settings
from embereye.config.schema import Sensors as Listener
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.simulate import DeviceSimulator, SimulatedDevice
from embereye.model.alarm import Cause
from embereye.model.device_messages import DeviceTested, StepOutcome, TestDeviceAsked
from embereye.model.messages import DeviceSeen, PacketsRefused, RequestRefused
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.services.device_test import DeviceTest, TestPorts
from embereye.services.history import History
from embereye.services.sensors import Sensors

PICTURE = np.zeros((24, 32), np.float32)
OK, FAILED, SKIPPED = StepOutcome.OK, StepOutcome.FAILED, StepOutcome.SKIPPED


@dataclass
class Disk:
    """A history that stores when the test lets it."""

    works: bool = True
    stored: float = 0.0
    commands: list = field(default_factory=list)
    rows: list = field(default_factory=list)


class Desk(Site):
    """A site with one connected device and the test of it."""

    def __init__(self, settings=None, *, connected=True):
        super().__init__(settings or Settings(devices=(Device(id="d", name="Boiler"),)))
        self.disk = Disk()
        self.test = DeviceTest(
            self.engine,
            self.published.append,
            TestPorts(
                table=lambda: self.sensors.current,
                connected=self.sensors.connected,
                command=lambda device, text: self.disk.commands.append((device, text)),
                flush=self._flush,
                stored_until=lambda device: self.disk.stored,
                record=lambda *row: self.disk.rows.append(row),
            ),
        )
        if connected:
            self.seen()

    def _flush(self):
        if self.disk.works:
            self.disk.stored = self.clock.now().utc

    def seen(self, profile=Profile.CENTI27, waiting=False):
        self.post(DeviceSeen(D, self.clock.now(), "10.0.0.5", profile, waiting))
        self.run(0.2)

    def frame(self, celsius=21.0, profile=Profile.CENTI27):
        at = self.clock.now()
        self.post(ThermalFrame(D, at, profile, PICTURE, PICTURE, celsius))

    def ask(self):
        self.post(TestDeviceAsked(D, "anna"))

    @property
    def results(self):
        return [m for m in self.published if isinstance(m, DeviceTested)]

    @property
    def outcomes(self):
        (tested,) = self.results
        return {step.name: step.outcome for step in tested.steps}

    def text(self, name):
        return next(step.text for step in self.results[0].steps if step.name == name)


@pytest.fixture
def desk():
    return Desk()


def test_a_device_that_answers_passes_every_step(desk):
    desk.frame()
    desk.run(0.2)
    desk.ask()
    assert desk.disk.commands == [(D, "REQUEST1")]
    desk.run(1.0)
    desk.frame(31.5)
    desk.hear()
    desk.run(0.6)
    assert set(desk.outcomes.values()) == {OK}
    assert list(desk.outcomes) == [
        "connection", "packet", "values", "temperature", "engine", "storage",
    ]  # fmt: skip
    assert desk.text("packet") == "a packet after 1.0 s"
    assert "31.5 °C" in desk.text("temperature")
    assert desk.results[0].passed
    assert desk.disk.rows == [("device", "d", "anna", "self-test passed", desk.results[0].at)]


def test_a_silent_device_fails_in_words_within_15_s(desk):
    began = desk.clock.mono()
    desk.ask()
    desk.run(11.5)
    assert desk.results == []
    desk.run(3.5)
    assert desk.results[0].at.mono - began <= 15.0
    assert desk.outcomes["packet"] is FAILED
    assert "sent nothing for 12 s" in desk.text("packet")
    assert desk.outcomes["storage"] is SKIPPED
    assert not desk.results[0].passed
    assert "failed at packet" in desk.disk.rows[0][3]


def test_an_unconnected_device_fails_at_once():
    desk = Desk(connected=False)
    desk.ask()
    assert desk.outcomes["connection"] is FAILED
    assert set(list(desk.outcomes.values())[1:]) == {SKIPPED}
    assert desk.disk.commands == []


def test_packets_from_before_the_request_do_not_count(desk):
    desk.hear()
    desk.run(0.5)
    old = SensorReading(D, desk.clock.now().later(-0.1), adc1=1)
    desk.ask()
    desk.post(old)
    desk.run(13.0)
    assert desk.outcomes["packet"] is FAILED


def test_implausible_values_fail(desk):
    at = desk.clock.now
    for _ in range(5):
        desk.post(PacketsRefused(D, "a", 1, "A thermal frame is odd.", at()))
    desk.run(0.2)
    desk.ask()
    desk.hear()
    desk.run(13.0)
    assert desk.outcomes["values"] is FAILED
    assert "unusable thermal frames" in desk.text("values")


def test_a_missing_calibration_fails_and_is_asked_for(desk):
    desk.seen(Profile.MLX90640, waiting=True)
    desk.ask()
    assert [text for _, text in desk.disk.commands] == ["EEPROM1", "REQUEST1"]
    desk.hear()
    desk.run(13.0)
    assert desk.outcomes["temperature"] is FAILED
    assert "calibration is missing" in desk.text("temperature")


def test_a_device_that_stopped_its_pictures_fails(desk):
    desk.frame()
    desk.run(1.0)
    desk.ask()
    desk.hear()
    desk.run(13.0)
    assert desk.outcomes["packet"] is OK
    assert desk.outcomes["temperature"] is FAILED


def test_a_device_without_thermal_sensor_skips_the_temperature(desk):
    desk.ask()
    desk.hear()
    desk.run(0.6)
    assert desk.outcomes["temperature"] is SKIPPED
    assert desk.results[0].passed


def test_an_uncalibrated_scale_is_skipped(desk):
    desk.ask()
    desk.frame(None, Profile.RAW)
    desk.run(0.6)
    assert desk.outcomes["temperature"] is SKIPPED


def test_what_is_not_on_the_disk_fails_within_15_s(desk):
    desk.disk.works = False
    began = desk.clock.mono()
    desk.ask()
    desk.hear()
    desk.run(15.0)
    assert desk.results[0].at.mono - began <= 15.0
    assert desk.outcomes["storage"] is FAILED


def test_a_packet_that_waited_inside_the_console_fails_the_engine_step(desk):
    desk.ask()
    at = desk.clock.now()
    desk.run(3.0)
    desk.post(SensorReading(D, at, adc1=1))
    desk.run(1.0)
    assert desk.outcomes["engine"] is FAILED


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda: Desk(Settings()), "not known"),
        (lambda: Desk(Settings(devices=(Device(id="d", name="B", enabled=False),))), "disabled"),
    ],
)
def test_what_cannot_be_tested_is_refused_in_words(prepare, words):
    desk = prepare()
    if words == "not known":
        desk.post(TestDeviceAsked("ghost", "anna"))
    else:
        desk.ask()
    (refusal,) = [m.text for m in desk.published if isinstance(m, RequestRefused)]
    assert words in refusal
    assert desk.results == []


def test_a_second_request_waits_for_the_first(desk):
    desk.ask()
    desk.ask()
    assert [m.actor for m in desk.published if isinstance(m, RequestRefused)] == ["anna"]
    desk.run(13.0)
    assert len(desk.results) == 1
    desk.ask()
    desk.run(13.0)
    assert len(desk.results) == 2


def test_a_test_raises_no_alarm_whatever_comes_out(desk):
    desk.disk.works = False
    desk.ask()
    desk.hear()
    desk.run(15.0)
    assert not desk.results[0].passed
    assert [report for report in desk.reports if report.cause is not Cause.CLEAR] == []


# --- the whole chain: sockets, decoder, engine, database ---------------------------------------


class Chain:
    """Listener, engine, register, history and databases in threads of their own."""

    def __init__(self, folder):
        self.clock = SystemClock()
        self.storage = opened(folder)
        self.engine = Engine(self.clock)
        self.reports, self.tested, self.decoded = [], Queue(), Event()
        settings = Settings(devices=(Device(id="d", name="Boiler"),))
        self.sensors = Sensors(self.engine, self._publish, self.reports.append, settings)
        self.history = History(self.engine, self.storage.readings, self.storage.detections, 30)
        self.server = SensorServer(self.engine, self.clock, Listener(port=0), settings.devices)
        ports = TestPorts(
            table=lambda: self.sensors.current,
            connected=self.sensors.connected,
            command=lambda device, text: None,  # it streams
            flush=self.history.flush,
            stored_until=self.history.stored_until,
            record=lambda *row: None,
        )
        DeviceTest(self.engine, self._publish, ports)
        self.engine.on(ThermalFrame, self._frame)

    def _publish(self, message):
        if isinstance(message, DeviceTested):
            self.tested.put(message)

    def _frame(self, frame):
        if frame.max_celsius is not None:
            self.decoded.set()

    @contextmanager
    def playing(self, device):
        """With a simulated device that has sent its first decoded picture."""
        stop = Event()
        threads = [Thread(target=worker.run, args=(stop,)) for worker in (self.engine, self.server)]
        with running(self.storage.telemetry, self.storage.evidence):
            for thread in threads:
                thread.start()
            try:
                assert self.server.listening.wait(10.0)
                simulator = DeviceSimulator("127.0.0.1", self.server.port, [device], self.clock)
                threads.append(Thread(target=simulator.run, args=(stop,)))
                threads[-1].start()
                assert self.decoded.wait(20.0)
                yield
            finally:
                stop.set()
                self.engine.mailbox.wake()
                for thread in threads:
                    thread.join(10.0)


@pytest.mark.paced
@pytest.mark.parametrize("profile", ["mlx90640", "centi27"])
def test_a_simulated_device_passes_from_the_socket_to_the_database(tmp_path, profile):
    chain = Chain(tmp_path)
    with chain.playing(SimulatedDevice("d", profile, rate=5.0)):
        chain.engine.post(TestDeviceAsked(D, "anna"))
        tested = chain.tested.get(timeout=15.0)
    assert [(step.name, step.outcome) for step in tested.steps if step.outcome is not OK] == []
    assert [report for report in chain.reports if report.cause is not Cause.CLEAR] == []
