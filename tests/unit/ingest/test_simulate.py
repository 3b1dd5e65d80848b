import numpy as np
import pytest

from embereye.ingest import secure_packet
from embereye.ingest.packet import EepromPacket, FramePacket, SensorPacket, Splitter
from embereye.ingest.simulate_device import (
    ReplayVoice,
    ScenarioVoice,
    SimulatedDevice,
    peak,
    read_session,
    scene,
    voice_of,
)
from embereye.ingest.thermal_decode import ThermalDecoder, ThermalPacket, decode_batch
from embereye.model.errors import ConfigError, SourceError
from embereye.model.stamp import Stamp


def decoded(voice, seconds):
    """The hottest cell that our own decoder finds in the voice's frame, °C."""
    packets = Splitter().feed(voice.eeprom + voice.speak(seconds).frame)
    decoder = ThermalDecoder("d")
    for packet in packets:
        if isinstance(packet, EepromPacket):
            decoder.calibrate(packet.words)
    frame = next(packet for packet in packets if isinstance(packet, FramePacket))
    return decode_batch([ThermalPacket(decoder, frame.digits, Stamp(0.0, 0.0))])[0]


@pytest.mark.parametrize("profile", ["mlx90640", "centi27"])
def test_a_fire_is_as_hot_as_its_scene_says(profile):
    voice = ScenarioVoice("s1", profile, "fire", seed=4)
    frame = decoded(voice, 40.0)
    wanted = scene(40.0, 4, burning=True)
    assert frame.max_celsius == pytest.approx(wanted.max(), abs=1.5)
    assert frame.agreeing >= 2


@pytest.mark.parametrize("profile", ["mlx90640", "centi27"])
def test_an_idle_scene_never_comes_near_a_limit(profile):
    voice = ScenarioVoice("s1", profile, "idle", seed=4)
    hottest = [decoded(voice, seconds).max_celsius for seconds in np.linspace(0, 300, 20)]
    assert max(hottest) < 36


def test_a_fire_begins_after_a_while_and_grows():
    assert peak(0.0) == peak(8.0) < peak(20.0) < peak(40.0)


def test_smoke_and_flame_follow_the_fire():
    voice = ScenarioVoice("s1", "mlx90640", "fire", seed=4)
    before, after = (Splitter().feed(voice.speak(at).sensor)[0] for at in (1.0, 60.0))
    assert (before.flame, after.flame) == (False, True)
    assert after.adc1 > before.adc1 + 800
    assert after.adc2 > before.adc2 + 1000


def test_devices_have_calibrations_of_their_own():
    first, second = (ScenarioVoice("s", "mlx90640", "idle", seed=n) for n in (1, 2))
    assert first.eeprom != second.eeprom


def test_a_recording_is_replayed_in_its_cycles_and_starts_over(shared_data):
    voice = ReplayVoice(shared_data / "mlx90640" / "device_session.txt")
    said = [voice.speak(0.0) for _ in range(61)]
    assert said[60] == said[0]
    assert isinstance(Splitter().feed(said[5].frame)[0], FramePacket)
    assert isinstance(Splitter().feed(said[5].sensor)[0], SensorPacket)
    assert isinstance(Splitter().feed(voice.eeprom)[0], EepromPacket)


def test_a_capture_of_an_authenticated_device_is_replayed_in_plain(tmp_path):
    body = b"frame1:" + b"FFB6" * 768
    (tmp_path / "f").write_bytes(secure_packet.message(bytes(32), 1, 5, body))
    cycles, _ = read_session(tmp_path / "f")
    assert [said.frame for said in cycles] == [b"#" + body + b"!\r\n"]


def test_frames_without_sensor_packets_are_cycles_too(tmp_path):
    frame = b"#frame1:" + b"FFB6" * 768 + b"!"
    (tmp_path / "f").write_bytes(frame * 3)
    assert len(read_session(tmp_path / "f")[0]) == 3


def test_a_file_without_packets_cannot_be_replayed(tmp_path):
    (tmp_path / "f").write_bytes(b"nothing")
    with pytest.raises(SourceError, match="holds no"):
        ReplayVoice(tmp_path / "f")


@pytest.mark.parametrize(
    "device",
    [
        SimulatedDevice("a", scenario="storm"),
        SimulatedDevice("a", profile="other"),
        SimulatedDevice("a", rate=0.0),
    ],
)
def test_what_cannot_be_played_is_refused(device):
    with pytest.raises(ConfigError):
        voice_of(device)
