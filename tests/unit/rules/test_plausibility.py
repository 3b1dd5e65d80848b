"""What makes the values of a device implausible, and what does not."""

import re

import numpy as np
import pytest

from embereye.ingest.thermal_decode import ThermalDecoder
from embereye.model.ids import DeviceId
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.rules.plausibility import Plausibility

D = DeviceId("d")
CYCLE = 4.085  # s, of a real device
PICTURE = np.zeros((24, 32), np.float32)


class Device:
    """Sends frames and values; says what is doubted."""

    def __init__(self, profile=Profile.MLX90640):
        self.watch = Plausibility()
        self.profile = profile
        self.mono = 0.0
        self.number = 0

    def frame(self, vdd=3.28, ta=32.0, *, same=False, after=CYCLE):
        self.mono += after
        self.number += 0 if same else 1
        words = self.number.to_bytes(4) * 417
        self.watch.take_frame(
            ThermalFrame(
                D, Stamp(self.mono, 0.0), self.profile, PICTURE, PICTURE, vdd_volt=vdd,
                ta_celsius=ta, words=words,
            )
        )  # fmt: skip
        return self.texts()

    def values(self, *adc, after=CYCLE):
        self.mono += after
        self.watch.take_reading(SensorReading(D, Stamp(self.mono, 0.0), *adc), self.profile)
        return self.texts()

    def texts(self):
        return [doubt.text for doubt in self.watch.doubts]

    def faults(self):
        return [doubt.text for doubt in self.watch.doubts if doubt.is_fault(self.mono)]


@pytest.mark.parametrize(
    ("vdd", "doubted"),
    [(2.99, True), (3.0, False), (3.3, False), (3.6, False), (3.61, True), (float("nan"), True)],
)
def test_a_supply_outside_the_data_sheet_is_doubted(vdd, doubted):
    texts = Device().frame(vdd)
    assert texts == ([f"supply {vdd:.2f} V"] if doubted else [])


def test_a_wrong_supply_is_a_fault_after_a_minute_and_ends_with_a_right_one():
    device = Device()
    device.frame(2.95)
    device.frame(2.95, after=59.0)
    assert device.faults() == []
    device.frame(2.94, after=1.0)
    assert device.faults() == ["supply 2.95 V"]  # one text, so that it is told once
    assert device.frame(3.01) == ["supply 2.95 V"]  # inside the dead band
    assert device.frame(3.03) == []


@pytest.mark.parametrize(
    ("ta", "doubted"), [(-41.0, True), (-40.0, False), (85.0, False), (86.0, True)]
)
def test_a_chip_outside_its_range_is_doubted(ta, doubted):
    assert bool(Device().frame(ta=ta)) is doubted


def test_an_impossible_jump_is_doubted_for_a_while_and_slow_heating_is_not():
    device = Device()
    for ta in np.arange(20.0, 60.0, 1.0):
        assert device.frame(ta=float(ta)) == []
    assert device.frame(ta=20.0) == ["sensor temperature jumps by -39 K"]
    device.watch.pass_time(device.mono + 299.0)
    assert device.texts()
    assert device.watch.pass_time(device.mono + 301.0)
    assert device.texts() == []


def test_a_falling_supply_is_told_before_it_is_too_low():
    device = Device()
    said = []
    for minute in range(400):
        said = device.frame(3.2 - 0.01 * minute / 60, after=60.0)
        if said:
            break
    assert re.fullmatch(r"supply falls: 3\.\d\d V, 3\.0 V in \d+ h", said[0])
    assert 60 < minute < 240


def test_a_steady_noisy_supply_does_not_fall():
    device, rng = Device(), np.random.default_rng(5)
    for _ in range(1000):
        assert device.frame(3.278 + 0.00024 * float(rng.standard_normal()), after=60.0) == []


def test_a_frozen_picture_of_a_real_device_is_a_fault_within_25_s():
    device = Device()
    device.frame()
    began = device.mono
    while not device.frame(same=True):
        assert device.mono - began < 25.0
    assert device.faults() == ["frozen picture"]
    assert device.frame() == []


def test_a_picture_repeated_faster_than_the_sensor_measures_is_not_frozen():
    device = Device()
    for _ in range(100):
        device.frame()
        for _ in range(20):  # 10 Hz, and the slowest sensor measures each 2 s
            assert device.frame(same=True, after=0.1) == []


def test_a_constant_simulator_is_doubted_but_never_a_fault():
    device = Device(Profile.CENTI27)
    for _ in range(200):
        device.frame(None, None, same=True, after=0.0)
        device.values(5, 6, 7)
    assert sorted(device.texts()) == ["frozen picture", "stuck values"]
    assert device.faults() == []


def test_values_without_noise_are_a_fault_of_a_real_device_until_they_move():
    device = Device()
    for _ in range(59):
        assert device.values(270, 1310, 1) == []
    for _ in range(2):
        device.values(270, 1310, 1)
    assert device.faults() == ["stuck values"]
    assert device.values(270, 1311, 1) == []


def test_packets_without_analogue_values_are_not_stuck():
    device = Device()
    for _ in range(200):
        assert device.values(None, None, None) == []


def test_silence_between_equal_values_is_no_stuck_value():
    device = Device()
    for _ in range(10):
        for _ in range(50):
            assert device.values(270, 1310, 1) == []
        device.watch.interrupt()


def test_frames_that_cannot_be_used_are_a_fault_until_one_can():
    device = Device()
    device.watch.refuse_frames(4, "A frame is odd.", 1.0)
    assert device.texts() == []
    device.watch.refuse_frames(1, "A frame is odd.", 2.0)
    assert device.texts() == ["unusable thermal frames"]
    assert "(A frame is odd)" in device.watch.doubts[0].advice
    assert device.frame() == []


def test_a_recorded_real_device_is_never_doubted(shared_data):
    """60 cycles of a real device: nothing is wrong with it."""
    session = (shared_data / "mlx90640" / "device_session.txt").read_text(errors="replace")
    eeprom = (shared_data / "mlx90640" / "eeprom.hex").read_text().strip()
    decoder = ThermalDecoder(D)
    decoder.calibrate(bytes.fromhex(eeprom))
    watch, at, seen = Plausibility(), Stamp(0.0, 0.0), 0
    for kind, body in re.findall(r"#(frame|Sensor)1234:([^#!]*)!", session):
        at = at.later(CYCLE / 2)
        if kind == "frame":
            watch.take_frame(decoder.decode(body, at))
        else:
            numbers = [int(text) for text in re.findall(r"ADC\d:?=(\d+)", body)]
            watch.take_reading(SensorReading(D, at, *numbers), Profile.MLX90640)
        seen += 1
        assert watch.doubts == ()
    assert seen == 120
