"""R15: jumps of the wall clock reorder and lose nothing; wrong device clocks are measured.

Everything but the clock is real: rules, register and alarms. In the last test the clock is, too,
and libfaketime moves it.
"""

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from device_parts import MemoryStore, Site
from fakes import FakeClock
from faketime import faketime_environment

from embereye.config.schema import Device, Settings
from embereye.ingest.clock_offset import ClockOffset
from embereye.model.alarm import AlarmKind
from embereye.model.ids import DeviceId
from embereye.model.messages import AlarmChanged
from embereye.model.reading import DeviceState, Profile, SensorReading, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site

DAY = 86_400.0  # s
DEVICES = 20
COLD, HOT = 21.0, 120.0  # °C
SETTINGS = Settings(devices=tuple(Device(id=f"d{n:02}", name=f"D{n}") for n in range(DEVICES)))
NODE = Path(__file__).resolve().parents[1] / "servers" / "jumping_clock_node.py"


class Plant(Site):
    """Twenty devices that send each second, and the rules that judge them."""

    def __init__(self, clock=None, store=None):
        super().__init__(SETTINGS, clock=clock, store=store)
        self.risk = Risk(self.engine, risk_site(SETTINGS), self.alarms.report, {}, lambda *_: None)
        self.hot = set()
        self.number = 0

    def second(self):
        self.number += 1
        at = self.clock.now()
        for row in SETTINGS.devices:
            device = DeviceId(row.id)
            celsius = np.full((24, 32), COLD, np.float32)
            hottest = HOT if row.id in self.hot else COLD
            words = self.number.to_bytes(4) * 384
            self.engine.post(
                ThermalFrame(
                    device, at, Profile.CENTI27, celsius, celsius, hottest, COLD, COLD, (3, 3), 4,
                    words=words,
                )
            )  # fmt: skip
            self.engine.post(SensorReading(device, at, adc1=270 + self.number % 5))
        self.engine.step()
        self.run(1.0, step=0.25)

    def fires(self):
        """Places of the fires as they were raised; none was acknowledged, so each escalates."""
        return [
            change.alarm.key.place
            for change in self.published
            if isinstance(change, AlarmChanged)
            and change.announced
            and change.alarm.key.kind is AlarmKind.FIRE
            and not change.alarm.escalation
        ]

    def shown(self):
        """Places of the fires in the list, oldest first."""
        alarms = self.alarms.current.alarms
        return [alarm.key.place for alarm in alarms if alarm.key.kind is AlarmKind.FIRE]


def burn_one_after_the_other(plant, jump, seed):
    """A fire in each place, and the wall clock set by ± 1 day again and again."""
    rng = random.Random(seed)
    names = [row.id for row in SETTINGS.devices]
    rng.shuffle(names)
    for _ in range(20):
        plant.second()
    for name in names:
        jump(rng.choice((-DAY, DAY, 0.0)))
        plant.hot.add(name)
        for _ in range(rng.randint(1, 3)):
            plant.second()
            if rng.random() < 0.3:  # inside the delay of the limit, too
                jump(rng.choice((-DAY, DAY)))
    for _ in range(5):
        plant.second()
    return names


@pytest.mark.parametrize("seed", range(5))
def test_jumps_of_a_day_lose_and_reorder_no_alarm(seed):
    plant = Plant()
    names = burn_one_after_the_other(plant, plant.clock.jump_wall, seed)
    assert plant.fires() == names
    assert plant.shown() == names
    assert plant.announced == []  # no device is silent only since somebody set the clock
    assert {status.state for status in plant.sensors.current.devices} == {DeviceState.LIVE}
    changes = [m.at.mono for m in plant.published if isinstance(m, AlarmChanged)]
    assert changes == sorted(changes)


class WallOnlyClock(FakeClock):
    """What a program that reckons with the wall clock would see."""

    def jump_wall(self, seconds):
        self._mono += seconds
        super().jump_wall(seconds)


def test_the_jumps_catch_a_program_that_reckons_with_the_wall_clock():
    plant = Plant(WallOnlyClock())
    names = burn_one_after_the_other(plant, plant.clock.jump_wall, 0)
    assert plant.announced or plant.fires() != names


@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_open_alarms_keep_state_and_order_over_a_restart_with_another_date(jump):
    store = MemoryStore()
    plant = Plant(store=store)
    names = burn_one_after_the_other(plant, plant.clock.jump_wall, 1)[:-1]
    after = Plant(FakeClock(mono=5.0, utc=plant.clock.now().utc + jump), store)
    restored = after.alarms.restore()
    after.risk.restore(restored)
    assert after.shown()[:-1] == names
    assert len(restored) == DEVICES


def test_a_new_alarm_after_a_jump_back_comes_after_the_old_ones():
    plant = Plant()
    for name in ("d05", "d03"):
        plant.hot.add(name)
        for _ in range(4):
            plant.second()
        plant.clock.jump_wall(-DAY)
    assert plant.shown() == ["d05", "d03"]


# --- clocks of devices ---------------------------------------------------------------------------


def measured(skew, seed, *, drift=0.0, seconds=300.0):
    """What is told of a clock that is `skew` s ahead, over a network with delays and stalls."""
    rng = random.Random(seed)
    estimate, told = ClockOffset(DeviceId("d")), []
    sent = 1000.0
    arrival = 0.0
    while sent < 1000.0 + seconds:
        sent += rng.expovariate(1 / 2.0)
        delay = 0.002 + rng.expovariate(1 / 0.020) + (3.0 if rng.random() < 0.05 else 0.0)
        arrival = max(arrival, sent + delay)  # TCP keeps the order
        at = Stamp(arrival, 1.7e9 + arrival)
        clock = 1.7e9 + sent + skew + drift * (sent - 1000.0)
        estimate.note(round(1000 * clock), at, in_order=True)
        news = estimate.news(at, 10.0)
        if news is not None:
            told.append((news, skew + drift * (sent - 1000.0)))
    return told


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("skew", [-DAY, -3600.0, -30.0, -0.3, 0.0, 0.3, 30.0, 3600.0, DAY])
def test_a_skewed_clock_is_flagged_with_an_error_of_at_most_50_ms(skew, seed):
    told = measured(skew, seed)
    assert told
    news, true = told[-1]
    assert abs(news.offset - true) <= 0.05
    assert news.believed is (abs(skew) <= 10.0)


def test_a_drifting_clock_is_followed():
    news, true = measured(2.0, 3, drift=100e-6, seconds=3600.0)[-1]
    assert abs(news.offset - true) <= 0.05


def test_the_mean_of_all_delays_would_miss_the_50_ms():
    """The network of these tests is hard enough: averaging it errs by more."""
    rng = random.Random(0)
    delays = [
        0.002 + rng.expovariate(1 / 0.020) + (3.0 if rng.random() < 0.05 else 0.0)
        for _ in range(1000)
    ]
    assert sum(delays) / len(delays) > 0.05


# --- the real clock --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.serial
def test_a_process_whose_wall_clock_really_jumps_loses_and_reorders_nothing(tmp_path):
    control = tmp_path / "faketime"
    environment = faketime_environment(control)
    run = subprocess.run(
        [sys.executable, str(NODE), str(tmp_path / "data"), str(control)],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout.splitlines()[-1])
    assert max(said["jumps"]) > 0.9 * DAY  # it did jump, both ways
    assert min(said["jumps"]) < -0.9 * DAY
    assert said["announced"] == said["burned"]
    assert said["stored"] == said["burned"]
    assert said["device_faults"] == 0
    assert said["bugs"] == []
