"""What was learned about devices survives."""

import pytest
from storage_parts import AT, opened, running

from embereye.model.detection import Detection, DetectionResult
from embereye.model.ids import CameraId, DeviceId
from embereye.model.messages import SecurityEvent
from embereye.model.reading import Profile
from embereye.storage import queries
from embereye.storage.devices import LearnedDevice, _upsert

D = DeviceId("d1")


def test_everything_learned_comes_back(tmp_path):
    storage = opened(tmp_path)
    devices = storage.devices
    with running(storage.evidence):
        devices.save_idle(D, 6.6, 32.0, AT)
        devices.save_calibration(D, bytes(1664), AT)
        devices.set_calibration_aside(D, b"\x01" * 1664)
        devices.save_location(D, "hall", verified=True)
        devices.set_location_aside(D, "yard")
        devices.save_period(D, 4.085)
        devices.save_firmware(D, "1.4.0")
        devices.seen(D, AT, Profile.MLX90640, "10.0.0.7")
        devices.seen(D, AT.later(60.0), Profile.MLX90640, "10.0.0.8")
    assert opened(tmp_path).devices.load() == {
        D: LearnedDevice(
            id=D,
            profile=Profile.MLX90640,
            address="10.0.0.8",
            first_seen_utc=AT.utc,
            last_seen_utc=AT.utc + 60.0,
            idle_smoke=6.6,
            idle_flame=32.0,
            location="hall",
            location_verified=True,
            location_aside="yard",
            calibration=bytes(1664),
            calibration_aside=b"\x01" * 1664,
            period=4.085,
            firmware="1.4.0",
        )
    }


def test_a_forgotten_period_stays_forgotten(tmp_path):
    storage = opened(tmp_path)
    with running(storage.evidence):
        storage.devices.save_period(D, 4.085)
        storage.devices.save_period(D, None)
    assert opened(tmp_path).devices.load()[D].period is None


def test_what_was_kept_aside_is_used_when_an_operator_accepts_it(tmp_path):
    storage = opened(tmp_path)
    devices = storage.devices
    with running(storage.evidence):
        devices.save_calibration(D, bytes(1664), AT)
        devices.set_calibration_aside(D, b"\x01" * 1664)
        devices.save_location(D, "hall")
        devices.set_location_aside(D, "yard")
        devices.accept_aside(D)
        devices.accept_aside(D)  # nothing is aside any more: nothing changes
    known = opened(tmp_path).devices.load()[D]
    assert (known.calibration, known.location) == (b"\x01" * 1664, "yard")
    assert (known.calibration_aside, known.location_aside) == (None, "")


def test_a_column_that_does_not_exist_is_a_bug_not_sql():
    with pytest.raises(ValueError, match="no such columns"):
        _upsert(None, D, **{"x = 1; --": 1})


def test_detections_and_security_events_can_be_looked_up(tmp_path):
    storage = opened(tmp_path)
    box = Detection("fire", 0.8, 1.0, 2.0, 3.0, 4.0)
    with running(storage.evidence):
        storage.detections.save(
            [DetectionResult(CameraId("c1"), 1, AT, AT, (box,), 0.8, 0.1, True, "flame 1", 0.01)]
        )
        storage.audit.security(SecurityEvent("d1", "A second EEPROM.", AT))
    everything = queries.Slice()
    assert queries.camera_activity(tmp_path, everything)["c1"]["fire"] == 0.8
    (row,) = queries.audit(tmp_path, everything)
    assert (row["kind"], row["subject"], row["text"]) == ("security", "d1", "A second EEPROM.")
    with running(storage.evidence):
        storage.detections.prune(AT.utc + 1.0)
    assert queries.camera_activity(tmp_path, everything) == {}
