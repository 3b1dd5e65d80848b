"""R11: every lost device is noticed, and a lossy line is never taken for a lost device.

The real service and the real alarms run on a clock that the test moves; `test_r11_sensor_line`
has the same in real time, with sockets.
"""

import itertools
import random

import pytest
from device_parts import CYCLE, D, Site

from embereye.config.schema import Device, Settings
from embereye.model.messages import DeviceGone
from embereye.model.reading import DeviceState

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
