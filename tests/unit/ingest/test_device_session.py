import pytest

from embereye.config.schema import Device
from embereye.ingest.device_session import Session
from embereye.ingest.device_state import DeviceStates
from embereye.ingest.simulate_device import ScenarioVoice
from embereye.ingest.thermal_decode import decode_batch
from embereye.model.messages import (
    CalibrationTaken,
    DeviceGone,
    DeviceSeen,
    PacketsRefused,
    SecurityEvent,
)
from embereye.model.reading import Profile, SensorReading
from embereye.model.stamp import Stamp

START = Stamp(100.0, 1e9)


class Line:
    """One connection and everything that came out of it."""

    def __init__(self, states, address="10.0.0.1"):
        self.session = Session(states, address, START)
        self.out = []
        self.frames = []
        self.at = START

    def send(self, data):
        self.at = self.at.later(1.0)
        out, frames = [], []
        self.session.receive(data, self.at, out, frames)
        results = decode_batch(frames)
        self.session.after_decoding(self.at, out)
        self.frames += results
        self.out += out
        return out

    def all(self, kind):
        return [message for message in self.out if isinstance(message, kind)]


@pytest.fixture
def states():
    return DeviceStates()


@pytest.fixture
def voice():
    return ScenarioVoice("1234", "mlx90640", "idle", seed=3)


def test_a_sensor_packet_becomes_a_reading_of_one_device(states):
    line = Line(states)

    line.send(b"#Sensor1234:ADC1=1,ADC2=2,ADC3:=3,DIO=1!")

    assert line.all(SensorReading) == [SensorReading("1234", line.at, 1, 2, 3, True)]


def test_frames_wait_for_the_calibration_and_use_it_from_then_on(states, voice):
    line = Line(states)
    frame = voice.speak(0.0).frame
    line.send(frame)
    assert line.frames[0].celsius is None
    assert line.session.schedule.needs_calibration

    line.send(voice.eeprom)
    line.send(frame)

    assert line.frames[1].celsius is not None
    assert len(line.all(CalibrationTaken)) == 1
    assert not line.session.schedule.needs_calibration
    assert [seen.waiting_calibration for seen in line.all(DeviceSeen)] == [False, True, False]


def test_a_different_calibration_is_kept_aside_with_a_security_event(states, voice):
    line = Line(states)
    line.send(voice.eeprom)

    line.send(ScenarioVoice("1234", "mlx90640", "idle", seed=4).eeprom)

    line.send(ScenarioVoice("1234", "mlx90640", "idle", seed=4).eeprom)
    assert [taken.aside for taken in line.all(CalibrationTaken)] == [False, True]
    assert len(line.all(SecurityEvent)) == 1
    assert "calibration" in line.all(DeviceSeen)[-1].note


def test_an_implausible_calibration_is_refused(states):
    line = Line(states)
    line.send(b"#EEPROM1234:" + b"0000" * 832 + b"!")
    assert line.all(CalibrationTaken) == []
    assert line.all(PacketsRefused)[0].count == 1


def test_a_calibration_of_an_earlier_run_is_used_at_once(voice):
    words = bytes.fromhex(voice.eeprom[len("#EEPROM1234:") : -3].decode())
    line = Line(DeviceStates({"1234": words}))
    line.send(voice.speak(0.0).frame)
    assert line.frames[0].celsius is not None


def test_calibrations_belong_to_devices_and_not_to_connections(states, voice):
    other = ScenarioVoice("5678", "mlx90640", "idle", seed=9)
    line = Line(states)
    line.send(voice.eeprom + other.speak(0.0).frame)
    assert line.frames[0].celsius is None

    again = Line(states)
    again.send(voice.speak(0.0).frame)
    assert again.frames[0].celsius is not None


def test_a_second_location_of_a_connection_is_kept_aside(states):
    line = Line(states)
    line.send(b"#locid:cam01!#Sensor:ADC1=1!")
    line.send(b"#locid:cam02!#Sensor:ADC1=2!")
    assert [reading.device for reading in line.all(SensorReading)] == ["cam01", "cam01"]
    assert len(line.all(SecurityEvent)) == 1


def test_a_device_that_comes_back_with_another_location_raises_an_event(states):
    states.apply([Device(id="1234", name="Boiler")])
    first = Line(states)
    first.send(b"#locid:north!#Sensor1234:ADC1=1!")
    second = Line(states)
    second.send(b"#locid:south!#Sensor1234:ADC1=1!")
    assert len(second.all(SecurityEvent)) == 1
    assert "south" in second.all(DeviceSeen)[-1].note


def test_the_location_of_an_earlier_run_is_remembered():
    states = DeviceStates(locations={"1234": "north"})
    states.apply([Device(id="1234", name="Boiler")])
    line = Line(states)
    line.send(b"#locid:south!#Sensor1234:ADC1=1!")
    assert len(line.all(SecurityEvent)) == 1


def test_a_moved_device_is_believed_once_its_settings_were_changed(states):
    states.apply([Device(id="1234", name="Boiler")])
    Line(states).send(b"#locid:north!#Sensor1234:ADC1=1!")
    states.apply([Device(id="1234", name="Boiler, moved")])
    line = Line(states)
    line.send(b"#locid:south!#Sensor1234:ADC1=1!")
    assert line.all(SecurityEvent) == []


def test_a_device_is_gone_with_its_last_connection(states):
    first, second = Line(states), Line(states)
    first.send(b"#SensorA:ADC1=1!")
    second.send(b"#SensorA:ADC1=1!")
    first.out = first.session.close(first.at, "closed")
    assert first.all(DeviceGone) == []
    second.out = second.session.close(second.at, "closed")
    assert [gone.device for gone in second.all(DeviceGone)] == ["A"]


def test_nameless_connections_of_one_address_are_different_devices(states):
    first, second = Line(states), Line(states)
    first.send(b"#Sensor:ADC1=1!")
    second.send(b"#Sensor:ADC1=1!")
    devices = {line.all(SensorReading)[0].device for line in (first, second)}
    assert devices == {"10.0.0.1", "10.0.0.1-2"}


def test_an_assignment_holds_for_open_connections(states):
    line = Line(states)
    line.send(b"#Sensor77:ADC1=1!")
    states.apply([Device(id="hall", name="Hall", address="10.0.0.1")])
    line.send(b"#Sensor77:ADC1=1!")
    assert [reading.device for reading in line.all(SensorReading)] == ["77", "hall"]
    assert [gone.device for gone in line.all(DeviceGone)] == ["77"]


def test_a_counter_leaves_no_device_behind(states):
    line = Line(states)
    for number in range(1, 6):
        line.send(b"#Sensor%d:ADC1=1!" % number)
    assert [gone.device for gone in line.all(DeviceGone)] == ["1"]
    assert {r.device for r in line.all(SensorReading)[1:]} == {"10.0.0.1"}


def test_invented_names_do_not_fill_the_memory(states):
    line = Line(states)
    line.send(b"".join(b"#Sensor:n%d:ADC1=1!" % n for n in range(1000)))
    assert len(line.all(DeviceSeen)) == 16
    assert sum(refused.count for refused in line.all(PacketsRefused)) == 1000 - 16


def test_the_operators_profile_wins_over_the_signature(states, voice):
    states.apply([Device(id="1234", name="B", profile="centi27")])
    line = Line(states)
    line.send(voice.speak(0.0).frame)
    assert line.frames[0].profile is Profile.CENTI27


def test_the_recorded_session_is_decoded_whole(states, shared_data):
    content = (shared_data / "mlx90640" / "device_session.txt").read_bytes()
    line = Line(states)
    for start in range(0, len(content), 1460):  # an Ethernet segment
        line.send(content[start : start + 1460])
    assert len(line.frames) == 60
    assert [frame.celsius is None for frame in line.frames] == [True] + [False] * 59
    assert len(line.all(SensorReading)) == 60
    assert line.all(PacketsRefused) == []
