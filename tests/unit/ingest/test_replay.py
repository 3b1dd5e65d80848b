"""Stored packets decode as live ones do."""

import numpy as np
import pytest

from embereye.ingest.device_session import Session
from embereye.ingest.device_state import DeviceStates
from embereye.ingest.replay import decoded
from embereye.ingest.simulate_device import ScenarioVoice
from embereye.ingest.thermal_decode import ThermalDecoder, decode_batch
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.model.stamp import Stamp

AT = Stamp(50.0, 1_700_000_000.0)


def bodies(profile, cycles=4):
    """What a simulated device says, without "#" and "!"."""
    voice = ScenarioVoice("17", profile, "fire", 1)
    said = [voice.eeprom] if voice.eeprom else []
    for cycle in range(cycles):
        utterance = voice.speak(cycle * 4.0)
        said += [utterance.frame, utterance.sensor]
    return [packet.strip(b"#!\r\n") for packet in said]


def stamps(count):
    return [AT.later(number / 10) for number in range(count)]


def live(packets):
    session = Session(DeviceStates(), "10.0.0.1", AT)
    values = []
    for body, at in zip(packets, stamps(len(packets)), strict=True):
        messages, frames = [], []
        session.receive(b"#" + body + b"!", at, messages, frames)
        messages += decode_batch(frames)
        values += [m for m in messages if isinstance(m, SensorReading | ThermalFrame)]
    return values


def shown(value):
    if isinstance(value, SensorReading):
        return value.at, value.adc1, value.adc2, value.adc3, value.flame
    return value.at, value.profile, value.max_celsius, value.hottest, value.words


@pytest.mark.parametrize("profile", ["mlx90640", "centi27"])
def test_values_are_those_of_the_live_connection(profile):
    packets = bodies(profile)
    decoder = ThermalDecoder("d1")
    again = decoded(decoder, list(zip(packets, stamps(len(packets)), strict=True)))
    found = [value for value in again if value is not None]
    assert [shown(value) for value in found] == [shown(value) for value in live(packets)]
    assert all(value.device == "d1" for value in found)


def test_results_keep_the_places_of_their_bodies():
    packets = [b"locid:x", *bodies("centi27", 70), b"\x00"]
    again = decoded(ThermalDecoder("d1"), [(body, AT) for body in packets])
    kinds = [type(value) for value in again]
    assert kinds == [type(None), *[ThermalFrame, SensorReading] * 70, type(None)]


def test_a_calibration_in_use_is_not_replaced():
    packets = bodies("mlx90640", 1)
    decoder = ThermalDecoder("d1", Profile.MLX90640)
    decoded(decoder, [(packets[0], AT)])
    in_use = decoder.calibration
    other = packets[0][:-4] + b"0001"
    decoded(decoder, [(other, AT)])
    assert decoder.calibration == in_use is not None


def test_a_damaged_calibration_changes_nothing():
    decoder = ThermalDecoder("d1", Profile.MLX90640)
    assert decoded(decoder, [(b"EEPROM1:" + b"0" * 3328, AT)]) == [None]
    assert decoder.waiting_calibration


def test_frames_before_the_calibration_stay_without_temperatures():
    packets = bodies("mlx90640", 2)
    order = [packets[1], packets[0], packets[3]]
    before, _, after = decoded(ThermalDecoder("d1"), [(body, AT) for body in order])
    assert before.celsius is None
    assert np.isfinite(after.celsius).any()
