"""R11: every lost device is noticed, and a lossy line is never taken for a lost device.

The real service and the real alarms run on a clock that the test moves; the last tests use real
sockets.
"""

import itertools
import queue
import random
import socket
from threading import Event, Thread

import pytest
from device_parts import CYCLE, D, Site

from embereye.config.schema import Device, Settings
from embereye.config.schema import Sensors as Listener
from embereye.ingest.sensor_tcp import SensorServer
from embereye.model.messages import DeviceGone
from embereye.model.reading import DeviceState, SensorReading
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine

DAY = 86_400.0  # s


def lossy_day(site, period, seconds=DAY):
    """5 % of the packets are lost, and every minute nothing comes through for 3 s."""
    rng, values = random.Random(11), itertools.cycle(range(266, 274))
    until_gap = 60.0
    for _ in range(round(seconds / period)):
        if rng.random() > 0.05:
            site.hear(D, adc1=next(values))
        site.run(period, step=period / 2)
        until_gap -= period
        if until_gap < 0:
            site.run(3.0, step=3.0)
            until_gap = 60.0


@pytest.mark.parametrize(
    ("period", "seconds"), [(CYCLE, DAY), (4.0, DAY), (1.0, DAY / 8), (30.0, DAY)]
)
def test_a_lossy_day_raises_no_fault(period, seconds):
    settings = Settings(devices=(Device(id="d", name="D", period=period if period > 8 else 0.0),))
    site = Site(settings)
    lossy_day(site, period, seconds)
    assert site.announced == []
    assert site.sensors.current.devices[0].expected == pytest.approx(period, rel=0.5)


def test_the_day_catches_a_supervision_that_is_too_eager(monkeypatch):
    monkeypatch.setattr("embereye.services.device_watch.fault_after", lambda period: 2.0 * period)
    site = Site()
    lossy_day(site, CYCLE)
    assert site.announced


def test_the_day_catches_flapping_that_is_too_eager(monkeypatch):
    monkeypatch.setattr("embereye.services.device_watch.suspect_after", lambda period: 1.5 * period)
    site = Site()
    lossy_day(site, CYCLE, DAY / 8)
    assert "unstable" in site.announced[0][1].reasons[0]


def losses(site, stop):
    """100 outages, far enough apart to be faults of their own; how late each was noticed, s."""
    for number in range(100):
        site.live(630.0, CYCLE)
        for _ in range(number % 7):
            site.hear()
            site.run(CYCLE, step=0.5)
        last = site.sensors.current.devices[0].last_seen.mono
        before = len(site.announced)
        stop(site)
        site.run(31.0 - (site.clock.mono() - last), step=0.1)
        assert len(site.announced) <= before + 1
        yield (site.announced[-1][0] - last) if len(site.announced) > before else None


def half_open(site):
    """Packets stop; nobody says anything."""


def closed(site):
    """FIN or RST: the listener tells it at once."""
    site.post(DeviceGone(D, site.clock.now(), "closed by the device"))
    assert site.status().state is DeviceState.SUSPECT


@pytest.mark.parametrize("stop", [half_open, closed])
def test_a_hundred_losses_are_all_noticed_within_30_s(stop):
    late = list(losses(Site(), stop))
    assert len(late) == 100
    assert None not in late
    assert max(late) <= 30.0


def test_the_hundred_losses_catch_a_supervision_that_is_too_slow(monkeypatch):
    monkeypatch.setattr("embereye.services.device_watch.fault_after", lambda period: 45.0)
    assert None in itertools.islice(losses(Site(), half_open), 3)


def test_losses_close_together_are_one_fault_and_still_noticed_within_30_s():
    """They flap: one alarm, no chattering, and its text says within 30 s that it is silent."""
    site = Site()
    for number in range(100):
        for _ in range(3 + number % 5):
            site.hear()
            site.run(CYCLE, step=0.5)
        last = site.sensors.current.devices[0].last_seen.mono
        site.run(31.0 - (site.clock.mono() - last))
        assert any("sent nothing" in reason for reason in site.fault.reasons)
    times = [at for at, _ in site.announced]
    assert len(times) <= 6  # until it counts as unstable, then once
    assert all(later - first > 60.0 for first, later in zip(times, times[2:], strict=False))


# --- real sockets --------------------------------------------------------------------------------


class Line:
    """A listener, a register and one device on loopback, in real time."""

    def __init__(self):
        clock = SystemClock()
        self.engine = Engine(clock)
        self.arrived = queue.Queue()
        self.site = Site(clock=clock)
        self.server = SensorServer(self.engine, clock, Listener(port=0))
        for kind in (SensorReading, DeviceGone):
            self.engine.on(kind, self._pass_on)
        self.stop = Event()
        self.threads = [
            Thread(target=run, args=(self.stop,)) for run in (self.engine.run, self.server.run)
        ]

    def _pass_on(self, message):
        self.site.post(message)
        self.arrived.put(self.site.sensors)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        assert self.server.listening.wait(10.0)
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.engine.mailbox.wake()
        for thread in self.threads:
            thread.join(10.0)


@pytest.mark.serial
@pytest.mark.parametrize("reset", [False, True])
def test_a_closed_or_reset_connection_is_noticed_within_a_second(reset):
    with Line() as line:
        for _ in range(10):
            device = socket.create_connection(("127.0.0.1", line.server.port), 10.0)
            device.sendall(b"#Sensord:ADC1=270,ADC2=1310!")
            line.arrived.get(timeout=10.0)
            if reset:  # linger 0: RST instead of FIN
                device.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01" + bytes(7))
            device.close()
            line.arrived.get(timeout=1.0)
            (status,) = line.site.sensors.current.devices
            assert status.state is not DeviceState.LIVE
