"""What devices usually see is learned through the risk path, and used by it."""

from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeClock

from embereye.config.schema import Device, DeviceLimits, Settings, ThermalRegion, ThermalRule
from embereye.model.alarm import Cause
from embereye.model.reading import Profile, ThermalFrame
from embereye.model.thermal import Optics, RegionState
from embereye.rules.idle import Idle
from embereye.rules.thermal_defects import Defect
from embereye.rules.thermal_facts import facts_of
from embereye.runtime.engine import Engine
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.services.thermal_background import ThermalBackgrounds
from embereye.storage.thermal_background import SavedBackground

DAY = 86_400.0


class Memory:
    """What `BackgroundStore` keeps, in memory."""

    def __init__(self):
        self.rows = {}

    def save(self, device, learned, defects, at):
        self.rows[device, learned.hour] = learned, tuple(defects)

    def forget(self, device):
        self.rows = {key: row for key, row in self.rows.items() if key[0] != device}

    def load(self):
        found = {}
        for (device, _), (learned, defects) in self.rows.items():
            before = found.get(device, SavedBackground((), ()))
            found[device] = SavedBackground((*before.hours, learned), defects)
        return found


def settings(**device):
    rule = ThermalRule(measure="unusual", pre_alarm=5.0, on_delay=0.0, off_delay=0.0)
    region = ThermalRegion(id="wall", name="Wall", shape="frame", rules=(rule,))
    return Settings(devices=(Device(id="d1", name="Head", **{"regions": (region,), **device}),))


class Site:
    def __init__(self, memory=None, chosen=None):
        self.clock = FakeClock(utc=1_700_006_400.0)  # 00:00 UTC
        self.memory = memory or Memory()
        self.engine = Engine(self.clock, on_bug=pytest.fail)
        self.reports = []
        self.backgrounds = ThermalBackgrounds(
            self.engine, self.memory, self.memory.load(), lambda utc: utc / 3600 % 24
        )
        self.risk = Risk(
            self.engine,
            risk_site(chosen or settings()),
            self.reports.append,
            {"d1": Idle(7.0, 32.0)},
            lambda *facts: None,
            self.backgrounds,
        )

    def show(self, celsius=25.0, spot=None, seconds=0.0, device="d1", emissivity=0.95):
        """One picture a 30 s for some time."""
        for _ in range(max(1, round(seconds / 30))):
            self.clock.advance(30.0)
            cells = np.full((24, 32), celsius, np.float32)
            if spot is not None:
                cells[8:12, 8:12] = spot
            facts = facts_of(cells[None])
            hottest, agreeing = float(facts.highest[0]), int(facts.agreeing[0])
            at = self.clock.now()
            optics = Optics(emissivity, 25.0, 25.0)
            frame = ThermalFrame(device, at, Profile.CENTI27, cells, cells, hottest, optics=optics)
            self.engine.post(replace(frame, agreeing=agreeing))
            self.engine.step()

    def live_days(self, days, celsius=25.0):
        """An hour's worth of pictures at the same hour of each day."""
        for _ in range(days):
            self.show(celsius, seconds=3600.0)
            self.clock.advance(DAY - 3600.0)

    @property
    def reading(self):
        return self.risk.current_regions["d1"][0]


def test_after_three_days_what_is_warmer_than_usual_is_told():
    site = Site()
    site.live_days(2)
    site.show(25.0, spot=40.0)
    assert site.reports == []  # still learning
    assert site.reading.state is RegionState.UNKNOWN
    site.live_days(2)
    site.show(25.0)
    assert site.reading.state is RegionState.OK
    assert site.reading.expected == pytest.approx(25.0, abs=0.1)
    site.show(25.0, spot=40.0)
    (reason,) = site.reports[-1].reasons
    assert reason == "Wall: above background 14.7 K ≥ 5 K"  # the spot while learning was learned


def test_an_alarm_in_progress_is_not_learned():
    site = Site()
    site.live_days(4)
    site.show(25.0, spot=45.0, seconds=3000.0)
    assert site.reports[-1].cause is Cause.ACTIVE
    assert site.reading.expected == pytest.approx(25.0, abs=0.1)


def test_what_is_above_the_limit_is_not_learned():
    site = Site(chosen=settings(regions=(), limits=DeviceLimits(thermal_delay=60.0)))
    site.show(25.0, spot=61.0, seconds=60.0)
    site.show(25.0, spot=30.0)
    site.backgrounds.save()
    ((learned, _),) = site.memory.rows.values()
    cells = learned.mean.reshape(24, 32)
    assert (cells[0, 0], cells[9, 9]) == (25.0, 30.0)


def test_what_was_learned_survives_a_restart():
    before = Site()
    before.live_days(4)
    before.backgrounds.save()
    after = Site(before.memory)
    after.show(25.0, spot=40.0)
    assert after.reports[-1].reasons == ("Wall: above background 15.0 K ≥ 5 K",)


def test_it_is_saved_every_ten_minutes():
    site = Site()
    site.show(25.0, seconds=300.0)
    assert site.memory.rows == {}
    site.show(25.0, seconds=330.0)
    assert list(site.memory.rows) == [("d1", 0)]


def test_an_operator_may_let_a_device_learn_again():
    site = Site()
    site.live_days(4)
    site.backgrounds.save()
    site.risk.relearn("d1")
    assert site.memory.rows == {}
    site.show(25.0, spot=40.0)
    assert site.reports == []
    assert site.reading.state is RegionState.UNKNOWN


def test_a_background_by_another_emissivity_is_forgotten():
    site = Site()
    site.live_days(4)
    site.backgrounds.save()
    site.show(45.0, emissivity=0.5)
    assert site.reports == []
    assert site.reading.expected is None
    assert site.memory.rows == {}


def test_devices_of_nobody_are_not_learned():
    site = Site()
    site.show(25.0, seconds=1200.0, device="stranger")
    assert site.memory.rows == {}


def test_failed_cells_are_known_after_a_restart():
    before = Site()
    for _ in range(30):
        before.clock.advance(30.0)
        cells = np.full((24, 32), 25.0, np.float32)
        cells[5, 5] = 50.0
        at = before.clock.now()
        before.engine.post(ThermalFrame("d1", at, Profile.CENTI27, cells, cells, 50.0))
        before.engine.step()
    text = "failed thermal cell at row 5, column 5, taken from its neighbours"
    assert before.risk.current.doubts == {"d1": (text,)}
    before.backgrounds.save()
    after = Site(before.memory)
    assert after.risk._devices["d1"].inputs.defects.defects == (Defect(5, 5),)
