"""R11: every lost device is noticed, and a lossy line is never taken for a lost device."""

import random

from fakes import FakeClock

from embereye.config.schema import Device, Settings
from embereye.model.alarm import Cause
from embereye.model.reading import SensorReading
from embereye.runtime.engine import Engine
from embereye.services.sensors import Sensors

CYCLE = 4.085  # s, of a real device


class Watch:
    def __init__(self, faults_limit=None):
        self.clock = FakeClock()
        self.engine = Engine(self.clock)
        self.faults = []
        settings = Settings(devices=(Device(id="d", name="D"),))
        self.sensors = Sensors(self.engine, lambda message: None, self._report, settings)

    def _report(self, report):
        if report.cause is Cause.ACTIVE:
            self.faults.append(self.clock.mono())

    def hear(self):
        self.engine.post(SensorReading("d", self.clock.now(), adc1=270))

    def run(self, seconds, step):
        end = self.clock.mono() + seconds
        while self.clock.mono() < end:
            self.clock.advance(min(step, end - self.clock.mono()))
            self.engine.step()


def lossy_day(watch):
    """24 h with 5 % of the packets lost and a gap of 3 s every minute."""
    rng = random.Random(11)
    until_gap = 60.0
    for _ in range(round(86_400 / CYCLE)):
        if rng.random() > 0.05:
            watch.hear()
        watch.run(CYCLE, step=CYCLE / 2)
        until_gap -= CYCLE
        if until_gap < 0:
            watch.run(3.0, step=3.0)
            until_gap = 60.0


def test_a_lossy_day_raises_no_fault():
    watch = Watch()
    lossy_day(watch)
    assert watch.faults == []


def test_the_day_catches_a_supervision_that_is_too_eager(monkeypatch):
    monkeypatch.setattr("embereye.services.sensors.fault_after", lambda period: 2.0 * period)
    watch = Watch()
    lossy_day(watch)
    assert watch.faults


def test_a_hundred_losses_are_all_noticed_within_30_s():
    watch = Watch()
    for number in range(100):
        for _ in range(3 + number % 5):
            watch.hear()
            watch.run(CYCLE, step=0.5)
        lost = watch.clock.mono() - CYCLE
        watch.run(31.0, step=0.1)
        assert len(watch.faults) == number + 1
        assert watch.faults[-1] - lost <= 30.0
