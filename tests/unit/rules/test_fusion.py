"""The rules of risk, fed with packets, frames and detections as they arrive."""

import numpy as np
import pytest

from embereye.model.alarm import AlarmKind, Cause, Priority
from embereye.model.detection import DetectionResult
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.rules.camera_inputs import CameraInputs
from embereye.rules.device_inputs import DeviceInputs, GasRule
from embereye.rules.fusion import PlaceFusion
from embereye.rules.idle import Idle
from embereye.rules.risk_limits import RiskLimits

CELLS = np.zeros((24, 32), np.float32)
IDLE = Idle(smoke=7.0, flame=32.0)


def adc(percent):
    return round(percent * 40.95)


class Room:
    """A place with two devices and a camera; keeps the last verdict of each kind."""

    def __init__(self, idle=IDLE, gas=None, **limits):
        chosen = RiskLimits(**limits)
        self.devices = {name: DeviceInputs(chosen, idle, gas) for name in ("d1", "d2")}
        self.camera = CameraInputs(chosen)
        self.fusion = PlaceFusion({**self.devices, "c1": self.camera}, chosen.together)
        self.said = []
        self.now = 1000.0

    def pf(self, at, smoke=7.0, flame=32.0, digital=False, device="d1"):
        self.now = 1000.0 + at
        reading = SensorReading(device, Stamp(self.now, 0.0), adc(smoke), adc(flame), 0, digital)
        return self._take(self.devices[device].take_reading(reading))

    def heat(self, at, celsius, agreeing=8, device="d1", profile=Profile.MLX90640):
        self.now = 1000.0 + at
        stamp = Stamp(self.now, 0.0)
        frame = ThermalFrame(device, stamp, profile, CELLS, CELLS, celsius, agreeing=agreeing)
        return self._take(self.devices[device].take_frame(frame))

    def seen(self, at, fire=0.0, smoke=0.0, moving=True):
        self.now = 1000.0 + at
        stamp = Stamp(self.now, 0.0)
        result = DetectionResult("c1", 1, stamp, stamp, (), fire, smoke, moving, "test", 0.0)
        return self._take(self.camera.take(result))

    def tick(self, at):
        self.now = 1000.0 + at
        return self._keep(self.fusion.tick(self.now))

    def _take(self, changed):
        return self._keep(self.fusion.judge(self.now) if changed else [])

    def _keep(self, verdicts):
        self.said.extend(verdicts)
        return verdicts[-1] if verdicts else None

    @property
    def last(self):
        return self.said[-1] if self.said else None


def test_85_degrees_for_two_seconds_are_a_fire():
    room = Room()
    for tenth in range(25):
        room.heat(tenth / 10, 91.2)
    assert room.last.priority is Priority.EMERGENCY
    assert room.last.cause is Cause.ACTIVE
    assert room.last.reasons == ("thermal max 91.2 °C ≥ 85 °C",)
    assert room.now - 1000.0 > 2.0


def test_a_short_hot_glimpse_is_nothing():
    room = Room()
    for tenth in range(19):
        room.heat(tenth / 10, 91.2)
    room.heat(1.95, 25.0)
    assert room.said == []


def test_a_slow_device_alarms_at_its_first_hot_frame_when_neighbours_agree():
    room = Room()
    room.heat(0, 25.0)
    room.heat(4, 25.0)
    assert room.heat(8, 91.2, agreeing=2).priority is Priority.EMERGENCY


def test_a_slow_device_with_one_hot_cell_alarms_at_the_second_frame():
    room = Room()
    room.heat(0, 25.0)
    room.heat(4, 25.0)
    assert room.heat(8, 91.2, agreeing=1) is None
    assert room.heat(12, 91.2, agreeing=1).priority is Priority.EMERGENCY


def test_60_degrees_alone_are_high():
    room = Room()
    room.heat(0, 25.0)
    room.heat(4, 25.0)
    verdict = room.heat(8, 66.0)
    assert (verdict.priority, verdict.reasons) == (
        Priority.HIGH,
        ("thermal max 66.0 °C ≥ 60 °C",),
    )


def test_a_steady_rise_alone_is_high():
    room = Room()
    for second in range(60):
        room.heat(second, 25 + second * 20 / 60)
    assert room.last.priority is Priority.HIGH
    assert room.last.reasons[0].startswith("thermal rise 20.0 °C/min ≥ 8 °C/min over")


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        ({"flame": 58.0}, "flame 58 % ≥ 57 % (idle 32 %)"),
        ({"smoke": 23.0}, "smoke 23 % ≥ 22 % (idle 7 %)"),
        ({"digital": True}, "flame digital"),
    ],
)
def test_flame_or_smoke_alone_is_high(packet, reason):
    room = Room()
    room.pf(0)
    verdict = room.pf(1, **packet)
    assert (verdict.kind, verdict.priority) == (AlarmKind.FIRE, Priority.HIGH)
    assert verdict.reasons == (reason,)


def test_a_real_devices_idle_values_raise_nothing():
    room = Room(idle=Idle())
    for second in range(500):
        room.pf(second, smoke=6.6, flame=32.0)
    assert room.said == []


def test_until_learned_the_limit_is_80_percent():
    room = Room(idle=Idle())
    assert room.pf(0, flame=79.0) is None
    assert room.pf(1, flame=81.0).reasons == ("flame 81 % ≥ 80 % (learning)",)


def test_flame_and_digital_flame_are_one_kind_of_evidence():
    room = Room()
    assert room.pf(0, flame=60.0, digital=True).priority is Priority.HIGH


def test_three_of_five_detections_are_a_fire():
    room = Room()
    for at, fire in enumerate([0.8, 0.1, 0.75]):
        room.seen(at / 10, fire)
    assert room.said == []
    verdict = room.seen(0.4, 0.81)
    assert (verdict.priority, verdict.reasons) == (Priority.EMERGENCY, ("vision fire 0.81",))


def test_vision_smoke_is_high():
    room = Room()
    for at in range(3):
        room.seen(at / 10, smoke=0.9)
    assert (room.last.priority, room.last.reasons) == (Priority.HIGH, ("vision smoke 0.90",))


def test_a_still_picture_alone_never_raises_an_alarm():
    room = Room()
    for at in range(100):
        room.seen(at / 10, fire=0.99, smoke=0.99, moving=False)
    assert room.said == []


def test_a_still_picture_beside_a_sensor_is_a_fire():
    room = Room()
    room.seen(0, fire=0.99, moving=False)
    assert room.pf(1, digital=True).priority is Priority.EMERGENCY


def test_two_kinds_of_evidence_are_a_fire_and_all_reasons_are_told():
    room = Room()
    room.heat(0, 25.0)
    room.heat(4, 25.0)
    room.heat(8, 91.2)
    room.pf(8.5, digital=True)
    room.seen(9, fire=0.81)
    assert "; ".join(room.last.reasons) == (
        "thermal max 91.2 °C ≥ 85 °C; flame digital; vision fire 0.81"
    )
    assert room.last.sources == ("d1", "c1")


@pytest.mark.parametrize(("gap", "priority"), [(9.5, Priority.EMERGENCY), (10.5, Priority.HIGH)])
def test_two_kinds_of_evidence_count_within_ten_seconds(gap, priority):
    room = Room()
    room.seen(0, fire=0.6)
    room.seen(0.1, fire=0.0)
    room.pf(0)
    assert room.pf(gap, digital=True).priority is priority


def test_two_devices_with_the_same_evidence_are_not_two_kinds():
    room = Room()
    room.pf(0, digital=True)
    assert room.pf(0.1, digital=True, device="d2").priority is Priority.HIGH


def test_a_weak_score_alone_is_nothing():
    room = Room()
    for at in range(50):
        room.seen(at / 10, fire=0.6)
    assert room.said == []


def test_raw_temperatures_never_raise():
    room = Room()
    for at in range(20):
        room.heat(at * 4, 300.0, profile=Profile.RAW)
    assert room.said == []


def test_a_cause_ends_when_the_input_is_clear():
    room = Room()
    room.pf(0, digital=True)
    room.pf(1)
    assert room.last.cause is Cause.ACTIVE  # off-delay
    assert room.pf(6).cause is Cause.CLEAR


def test_an_input_that_aged_out_keeps_the_cause_unknown():
    room = Room()
    room.pf(0, digital=True)
    assert room.tick(14) is None
    assert room.tick(16).cause is Cause.UNKNOWN
    assert room.tick(3600) is None


def test_no_other_input_ends_a_cause():
    room = Room()
    room.pf(0, digital=True)
    for at in range(1, 40):
        room.pf(at, device="d2")
        room.seen(at)
        room.tick(at)
    assert room.last.cause is Cause.UNKNOWN
    room.pf(50, device="d1")
    assert room.pf(56, device="d1").cause is Cause.CLEAR


def test_a_slow_devices_values_live_three_periods():
    room = Room()
    for at in (0, 60, 120):
        room.pf(at)
    room.pf(180, digital=True)
    assert room.tick(180 + 170) is None
    assert room.tick(180 + 190).cause is Cause.UNKNOWN


def test_an_outage_is_no_slow_period():
    room = Room()
    for tenth in range(100):
        room.pf(tenth / 10)
    room.pf(100, digital=True)
    assert room.tick(116).cause is Cause.UNKNOWN


def test_after_a_restart_the_cause_is_unknown_until_all_inputs_are_clear():
    room = Room()
    room.fusion.restore(AlarmKind.FIRE)
    for at in range(50):
        room.pf(at)
        room.seen(at)
        room.heat(at, 25.0)
        assert room.tick(at + 0.5) is None
    for at in range(50, 80):  # the other device sends only PF packets
        room.pf(at, device="d2")
        room.tick(at + 0.5)
    assert room.last.cause is Cause.CLEAR


def test_after_a_restart_a_device_without_calibration_clears_nothing():
    room = Room()
    room.fusion = PlaceFusion({"d1": room.devices["d1"]}, 10.0)
    room.fusion.restore(AlarmKind.FIRE)
    for at in range(60):
        room.heat(at, None)
        room.tick(at)
    assert room.fusion.open_causes() == {AlarmKind.FIRE: Cause.UNKNOWN}


def test_gas_is_a_risk_of_its_own():
    rule = GasRule("adc3", "CO", lambda value: value * 10.0)
    room = Room(gas=rule)
    room.now = 1000.0
    reading = SensorReading("d1", Stamp(1000.0, 0.0), adc3=6)
    verdict = room._take(room.devices["d1"].take_reading(reading))
    assert (verdict.kind, verdict.priority) == (AlarmKind.GAS, Priority.HIGH)
    assert verdict.reasons == ("CO 60 ppm ≥ 50 ppm",)


def test_gas_lives_sixty_seconds():
    rule = GasRule("adc3", "CO", lambda value: value * 10.0)
    room = Room(gas=rule)
    room._take(room.devices["d1"].take_reading(SensorReading("d1", Stamp(1000.0, 0.0), adc3=6)))
    assert room.tick(59) is None
    assert room.tick(61).cause is Cause.UNKNOWN


def test_an_unchanged_cause_is_not_told_with_every_packet():
    room = Room()
    for tenth in range(100):
        room.pf(tenth / 10, flame=60.0 + tenth % 3)
    assert len(room.said) == 1


def test_values_of_a_lasting_cause_are_told_again_each_ten_seconds():
    room = Room()
    for second in range(25):
        room.pf(second, flame=60.0 + second)
    assert [verdict.reasons[0][:10] for verdict in room.said] == [
        "flame 60 %",
        "flame 70 %",
        "flame 80 %",
    ]


def test_learned_levels_are_reported_once():
    device = DeviceInputs(RiskLimits(), Idle())
    for second in range(60):
        device.take_reading(SensorReading("d", Stamp(float(second), 0.0), adc(7), adc(32)))
    assert device.pf.learned
    assert device.pf.idle == Idle(pytest.approx(7.0, abs=0.02), pytest.approx(32.0, abs=0.02))
    assert not device.pf.learning
