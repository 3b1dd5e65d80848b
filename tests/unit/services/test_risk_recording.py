"""A real device's recording through decoder and rules: calm stays calm, one change is noticed."""

import pytest
from fakes import FakeClock

from embereye.config.schema import Device, Settings
from embereye.ingest.packet import EepromPacket, FramePacket, SensorPacket, Splitter
from embereye.ingest.thermal_decode import ThermalDecoder
from embereye.model.alarm import Priority
from embereye.model.ids import DeviceId
from embereye.model.reading import SensorReading
from embereye.runtime.engine import Engine
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site

DEVICE = DeviceId("1234")
CYCLE = 4.085  # s, the recorded device's own period


class Player:
    """Plays a recording at the device's pace, on a clock that runs as fast as it can."""

    def __init__(self):
        self.clock = FakeClock()
        self.engine = Engine(self.clock, on_bug=pytest.fail)
        self.reports = []
        site = risk_site(Settings(devices=(Device(id=DEVICE, name="Head"),)))
        self.risk = Risk(self.engine, site, self.reports.append, {}, lambda *facts: None)
        self.decoder = ThermalDecoder(DEVICE)
        self.frames = 0

    def play(self, stream):
        for packet in Splitter().feed(stream):
            if isinstance(packet, EepromPacket):
                self.decoder.calibrate(packet.words)
            elif isinstance(packet, FramePacket):
                self.clock.advance(CYCLE)
                frame = self.decoder.decode(packet.digits, self.clock.now())
                self.frames += frame.max_celsius is not None
                self.engine.post(frame)
            elif isinstance(packet, SensorPacket):
                values = packet.adc1, packet.adc2, packet.adc3, packet.flame
                self.engine.post(SensorReading(DEVICE, self.clock.now(), *values))
            self.engine.step()


@pytest.fixture
def recording(shared_data):
    return (shared_data / "mlx90640" / "device_session.txt").read_bytes()


def test_ten_minutes_of_a_calm_room_raise_nothing(recording):
    player = Player()
    for _ in range(3):
        player.play(recording)
    assert player.frames > 100  # of 180; those before the calibration have no scale
    assert player.risk.current.learning == frozenset()  # 60 packets are in
    assert player.reports == []


@pytest.mark.parametrize(
    ("calm", "burning", "reason"),
    [
        (b"DIO=0!", b"DIO=1!", "flame digital"),
        (b"ADC2=13", b"ADC2=33", "flame 8"),
        (b"ADC1=2", b"ADC1=12", "smoke 3"),
    ],
)
def test_the_same_recording_with_one_channel_raised_is_an_alarm(recording, calm, burning, reason):
    player = Player()
    for _ in range(3):
        player.play(recording)
    assert calm in recording
    player.play(recording.replace(calm, burning))
    assert player.reports[0].priority is Priority.HIGH
    assert player.reports[0].reasons[0].startswith(reason)
