"""From packets, frames and detections to reports on places."""

from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeClock

from embereye.config.schema import (
    Camera,
    Device,
    DeviceLimits,
    Place,
    Settings,
    ThermalRegion,
    ThermalRule,
)
from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, AlarmState, Cause, Priority
from embereye.model.detection import DetectionResult
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import DeviceGone
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.model.sighting import Sighting
from embereye.model.thermal import RegionState
from embereye.rules.idle import PACKETS, Idle
from embereye.runtime.engine import Engine
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site

CELLS = np.zeros((24, 32), np.float32)
LEARNED = {"d1": Idle(7.0, 32.0), "d2": Idle(7.0, 32.0), "stranger": Idle(7.0, 32.0)}


def settings(**changes):
    values = {
        "places": (Place(id="boiler", name="Boiler house"),),
        "cameras": (
            Camera(id="c1", name="Door", source="rtsp://h/1", place="boiler"),
            Camera(id="c2", name="Roof", source="rtsp://h/2", place="boiler"),
        ),
        "devices": (
            Device(id="d1", name="Head", camera="c2"),
            Device(id="d2", name="Foot", place="boiler"),
            Device(id="d3", name="Broken", place="boiler", enabled=False),
        ),
    }
    return Settings(**{**values, **changes})


class Site:
    """A risk service on a clock that tests move."""

    def __init__(self, chosen=None, idle=None):
        self.clock = FakeClock()
        self.engine = Engine(self.clock, on_bug=self._fail)
        self.reports = []
        self.saved = {}
        self.risk = Risk(
            self.engine,
            risk_site(chosen or settings()),
            self.reports.append,
            LEARNED if idle is None else idle,
            lambda device, levels, at: self.saved.__setitem__(device, levels),
        )

    def pf(self, device="d1", digital=False, smoke=7.0):
        adc = round(smoke * 40.95)
        self._post(SensorReading(device, self.clock.now(), adc, 1310, 0, digital))

    def heat(self, celsius, device="d1"):
        at = self.clock.now()
        self._post(ThermalFrame(device, at, Profile.CENTI27, CELLS, CELLS, celsius, agreeing=8))

    def seen(self, fire, camera="c1"):
        at = self.clock.now()
        result = DetectionResult(camera, 1, at, at, (), fire, 0.0, True, "test", 0.01)
        self._post(Sighting(result, result))

    def wait(self, seconds):
        for _ in range(round(seconds * 2)):
            self.clock.advance(0.5)
            self.engine.step()

    def assign(self, **changes):
        self.risk.assign(risk_site(settings(**changes)))

    @property
    def last(self):
        return self.reports[-1]

    def _post(self, message):
        self.engine.post(message)
        self.engine.step()

    def _fail(self, text):
        raise AssertionError(text)


@pytest.fixture
def site():
    return Site()


def test_a_report_names_the_place_and_the_packet_behind_it(site):
    site.pf()
    at = site.clock.advance(0.1)
    site.pf(digital=True)
    assert site.last.key == AlarmKey(PlaceId("boiler"), AlarmKind.FIRE)
    assert (site.last.place_name, site.last.origin) == ("Boiler house", at)
    assert site.last.reasons == ("flame digital",)


def test_the_camera_beside_the_device_comes_first(site):
    site.pf(digital=True)
    assert site.last.cameras == ("c2", "c1")


def test_the_camera_that_saw_it_comes_first(site):
    for _ in range(3):
        site.seen(0.8, "c2")
    assert site.last.cameras == ("c2", "c1")


def test_latency_of_a_detection_counts_from_the_frame(site):
    frame_at = site.clock.now()
    site.clock.advance(0.2)
    for number in range(3):
        result = DetectionResult(
            "c1", number, frame_at, site.clock.now(), (), 0.8, 0.0, True, "test", 0.1
        )
        site.engine.post(Sighting(result, result))
    site.engine.step()
    assert site.last.origin == frame_at


def test_only_what_counts_by_the_zones_is_judged(site):
    at = site.clock.now()
    seen = DetectionResult("c1", 1, at, at, (), 0.9, 0.0, True, "test", 0.01)
    for _ in range(5):
        site.engine.post(Sighting(seen, replace(seen, fire=0.0)))
    site.engine.step()
    assert site.reports == []


def test_inputs_of_one_place_are_fused(site):
    site.pf("d1", smoke=30.0)
    site.clock.advance(2.0)
    site.pf("d2", digital=True)
    assert site.last.priority is Priority.EMERGENCY
    assert site.last.reasons == ("flame digital", "smoke 30 % ≥ 22 % (idle 7 %)")


def test_a_device_of_nobody_is_a_place_of_its_own(site):
    site.pf("stranger", digital=True)
    assert site.last.key.place == "unassigned:stranger"
    assert site.last.place_name == "Unassigned device stranger"


def test_a_disabled_device_raises_nothing(site):
    site.pf("d3", digital=True)
    assert site.reports == []


def test_a_silent_device_leaves_the_cause_unknown(site):
    site.pf(digital=True)
    site.wait(14.0)
    assert len(site.reports) == 1
    site.wait(2.0)
    assert site.last.cause is Cause.UNKNOWN


def test_idle_levels_are_saved_when_learned():
    site = Site(idle={})
    for _ in range(PACKETS):
        site.pf("d1")
        site.wait(0.5)
    site.wait(0.5)
    assert round(site.saved["d1"].flame) == 32
    assert round(site.risk.current.idle["d1"].smoke) == 7


def test_the_screen_knows_which_devices_are_learning():
    site = Site(idle={})
    site.pf("d1")
    site.wait(0.5)
    assert site.risk.current.learning == {"d1"}


def test_an_operator_may_let_a_device_learn_again(site):
    site.pf()
    site.risk.relearn("d1")
    assert site.saved == {"d1": Idle()}
    site.pf(smoke=40.0)  # above idle + 15, below the fixed limit
    assert site.reports == []


def test_settings_that_do_not_concern_a_place_change_nothing(site):
    site.pf(digital=True)
    site.assign(operator="anna")
    site.wait(1.0)
    assert len(site.reports) == 1


def test_a_changed_limit_leaves_the_cause_unknown_until_all_sources_are_clear(site):
    site.pf("d1", digital=True)
    changed = Device(id="d1", name="Head", camera="c2", limits=DeviceLimits(smoke_margin=20))
    site.assign(devices=(changed,), cameras=(settings().cameras[1],))
    assert site.last.cause is Cause.UNKNOWN
    for _ in range(20):
        site.wait(1.0)
        site.pf("d1")
    assert site.last.cause is Cause.UNKNOWN  # the camera has not been heard of
    for _ in range(5):
        site.seen(0.0, "c2")
    site.wait(0.5)
    assert site.last.cause is Cause.CLEAR


def test_the_cause_of_a_place_without_sources_has_ended(site):
    site.pf(digital=True)
    site.assign(devices=(), cameras=())
    assert site.last.key.place == "boiler"
    assert site.last.cause is Cause.CLEAR


def test_assigning_a_burning_device_moves_its_cause_to_the_place(site):
    site.pf("stranger", digital=True)
    site.assign(devices=(Device(id="stranger", name="Found", place="boiler"),))
    causes = {report.key.place: report.cause for report in site.reports}
    assert causes == {"unassigned:stranger": Cause.CLEAR, "boiler": Cause.ACTIVE}


def _open_alarm(place):
    return Alarm(
        AlarmId(1),
        AlarmKey(PlaceId(place), AlarmKind.FIRE),
        place,
        Priority.EMERGENCY,
        AlarmState.LATCHED,
        Cause.UNKNOWN,
        (),
        0.0,
        0.0,
    )


def test_after_a_restart_a_cause_ends_when_every_source_of_the_place_is_clear(site):
    site.risk.restore([_open_alarm("boiler")])
    for _ in range(20):
        site.wait(1.0)
        site.pf("d1")
        site.seen(0.0, "c1")
        site.seen(0.0, "c2")
    assert site.reports == []
    for _ in range(20):
        site.wait(1.0)
        site.pf("d2")
    assert site.last.cause is Cause.CLEAR


def test_after_a_restart_the_alarm_of_a_stranger_waits_for_the_stranger(site):
    site.risk.restore([_open_alarm("unassigned:stranger")])
    site.wait(60.0)
    assert site.reports == []
    for _ in range(20):
        site.pf("stranger")
        site.wait(1.0)
    assert site.last.cause is Cause.CLEAR


def test_a_flood_of_made_up_devices_is_bounded(site):
    for number in range(1500):
        site.engine.post(SensorReading(f"x{number}", site.clock.now(), 1, 1, 1, True))
    site.engine.step()
    assert len(site.reports) == 1000


def test_a_device_and_a_camera_may_share_a_name():
    chosen = settings(
        cameras=(Camera(id="cam01", name="Door", source="rtsp://h/1"),),
        devices=(Device(id="cam01", name="Head", camera="cam01"),),
    )
    site = Site(chosen, idle={"cam01": Idle(7.0, 32.0)})
    site.pf("cam01", digital=True)
    site.seen(0.6, "cam01")
    assert site.last.priority is Priority.EMERGENCY
    assert site.last.cameras == ("cam01",)


def test_gas_counts_in_the_channel_that_the_settings_name():
    limits = DeviceLimits(gas_channel="ADC3", gas="CO2", gas_limit=1000.0)
    chosen = settings(devices=(Device(id="d1", name="Head", place="boiler", limits=limits),))
    site = Site(chosen)
    site.engine.post(SensorReading("d1", site.clock.now(), 286, 1310, 4000, False))
    site.engine.step()
    assert site.last.key.kind is AlarmKind.GAS
    assert site.last.reasons[0].startswith("CO2 ")


def test_a_temperature_reaches_the_rules(site):
    for _ in range(3):
        site.heat(91.2)
        site.wait(4.0)
    assert site.reports[0].reasons == ("thermal max 91.2 °C ≥ 85 °C",)


def test_strangers_that_left_make_room_for_the_next(site):
    site.pf("burning", digital=True)
    for number in range(1200):
        site.pf(f"name-{number}")
        for name in (f"name-{number}", "burning"):
            site.engine.post(DeviceGone(name, site.clock.now(), "closed by the device"))
    site.pf("stranger", digital=True)
    assert site.last.key.place == "unassigned:stranger"
    assert len(site.risk._devices) <= 1003
    site.wait(20)
    assert site.last.key.place in ("unassigned:stranger", "unassigned:burning")
    assert "burning" in site.risk._devices  # its cause is unknown, not forgotten


def test_a_quarantined_device_begins_a_cause_and_does_not_end_it(site):
    site.risk.quarantine(frozenset({"d1"}))
    site.pf(digital=True)
    assert site.last.cause is Cause.ACTIVE
    for _ in range(20):
        site.wait(1.0)
        site.pf()
    assert site.last.cause is Cause.UNKNOWN
    site.risk.quarantine(frozenset())
    assert site.last.cause is Cause.CLEAR


def test_a_device_that_is_quarantined_during_its_alarm_does_not_end_it(site):
    site.pf(digital=True)
    site.risk.quarantine(frozenset({"d1"}))
    for _ in range(20):
        site.wait(1.0)
        site.pf()
    assert site.last.cause is Cause.UNKNOWN


def test_a_quarantined_device_does_not_hold_what_another_began(site):
    site.risk.quarantine(frozenset({"d1"}))
    site.pf("d2", digital=True)
    for _ in range(20):
        site.wait(1.0)
        site.pf("d1")
        site.pf("d2")
    assert site.last.cause is Cause.CLEAR


def test_the_constants_of_the_gas_sensor_are_those_of_the_device():
    told = []
    for r0 in (76.63, 20.0):
        limits = DeviceLimits(gas_channel="ADC3", gas="CO2", gas_limit=1.0, gas_r0=r0)
        site = Site(settings(devices=(Device(id="d1", name="Head", limits=limits),)))
        site.engine.post(SensorReading("d1", site.clock.now(), 286, 1310, 2000, False))
        site.engine.step()
        told.append(site.last.reasons if site.reports else ())
    assert told[0] != told[1]


def test_regions_of_the_settings_are_watched_and_shown():
    rule = ThermalRule(measure="mean", pre_alarm=20.0, on_delay=0.0)
    region = ThermalRegion(
        id="belt", name="Belt", shape="polygon", points=((0, 0), (4, 0), (4, 4)), rules=(rule,)
    )
    site = Site(settings(devices=(Device(id="d1", name="Head", regions=(region,)),)))
    assert site.risk.current_regions["d1"][0].state is RegionState.UNKNOWN
    at = site.clock.now()
    cells = CELLS + np.float32(22.0)
    site.engine.post(ThermalFrame("d1", at, Profile.CENTI27, cells, cells, 22.0))
    site.engine.step()
    assert site.last.reasons == ("Belt: mean 22.0 °C ≥ 20 °C",)
    assert site.risk.current_regions["d1"][0].state is RegionState.PRE_ALARM
    site.wait(16.0)
    assert site.risk.current_regions["d1"][0].state is RegionState.UNKNOWN


def _with_a_failed_cell(site):
    for _ in range(70):
        site.clock.advance(10.0)
        cells = CELLS + np.float32(22.0)
        cells[5, 5] = 50.0
        at = site.clock.now()
        site.engine.post(ThermalFrame("d1", at, Profile.CENTI27, cells, cells, 50.0))
        site.engine.step()
    return site


def test_a_failed_cell_stays_known_when_the_settings_change(site):
    known = _with_a_failed_cell(site).risk.current.doubts
    assert "row 5, column 5" in known["d1"][0]
    region = ThermalRegion(id="all", name="All", shape="frame")
    site.assign(devices=(Device(id="d1", name="Head", regions=(region,)),))
    site.wait(1.0)
    assert site.risk.current.doubts == known


def test_learning_anew_believes_all_cells(site):
    _with_a_failed_cell(site).risk.relearn("d1")
    site.wait(1.0)
    assert site.risk.current.doubts == {}
