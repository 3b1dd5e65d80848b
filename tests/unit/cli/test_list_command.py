"""`embereye list`: what a script and a person get to see."""

import argparse
import json

import pytest
from incident_parts import incident
from storage_parts import AT, action, alarm, opened, running

from embereye.cli import list as list_command
from embereye.cli.list import since
from embereye.model.detection import Detection, DetectionResult
from embereye.model.device_messages import DeviceLogged, Direction
from embereye.model.errors import StorageError
from embereye.model.ids import CameraId, DeviceId
from embereye.model.messages import SecurityEvent
from embereye.model.reading import Profile, SensorReading
from embereye.model.sighting import ZoneEvent, ZoneEventKind
from embereye.storage.device_log import DeviceLogStore
from embereye.storage.readings import sensor_chunks

D = DeviceId("d1")


@pytest.fixture
def filled(tmp_path):
    storage = opened(tmp_path)
    with running(storage.evidence, storage.telemetry):
        for number in (1, 2, 300):
            storage.alarms.save(alarm(number), action(alarm(number)))
        for number, alarms in ((1, (1, 2)), (2, (300,))):
            storage.incidents.save(incident(number, *alarms), incident(number, *alarms).members)
        storage.audit.security(SecurityEvent("d1", "A second EEPROM.", AT))
        storage.devices.seen(D, AT, Profile.MLX90640, "10.0.0.7")
        packets = [SensorReading(D, AT.later(n / 10), adc1=n) for n in range(100)]
        storage.readings.save_chunks(sensor_chunks(D, packets))
    return tmp_path


def run(folder, *words):
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", default=folder)
    parser.add_argument("--config", default=None)
    list_command.register(parser.add_subparsers())
    args = parser.parse_args(["list", *words])
    return args.run(args)


def rows(folder, capsys, what, *words):
    assert run(folder, what, "--json", *words) == 0
    return json.loads(capsys.readouterr().out)[what]


def test_alarms_come_newest_first_with_their_reasons(filled, capsys):
    found = rows(filled, capsys, "alarms")
    assert [row["id"] for row in found] == [300, 2, 1]
    assert found[0]["reasons"] == ["thermal max 91.2 °C ≥ 85 °C"]


def test_open_alarms_are_listed_however_old(filled, capsys):
    assert len(rows(filled, capsys, "alarms", "--since", "1h")) == 3


def test_the_limit_keeps_the_newest(filled, capsys):
    assert [row["id"] for row in rows(filled, capsys, "alarms", "--limit", "1")] == [300]


def test_incidents_come_newest_first_with_their_alarms(filled, capsys):
    found = rows(filled, capsys, "incidents")
    assert [row["alarms"] for row in found] == [[300], [1, 2]]
    assert (found[0]["kinds"], found[0]["open"], found[0]["state"]) == (["fire"], True, "open")


def test_each_device_of_a_document_has_the_same_names(filled, capsys):
    (filled / "settings.toml").write_text('[[devices]]\nid = "d2"\nname = "Kiln"\n')
    seen, unseen = sorted(rows(filled, capsys, "devices"), key=lambda row: row["assigned"])
    assert seen.keys() == unseen.keys()


def test_devices_tell_whether_they_are_in_the_settings(filled, capsys):
    (filled / "settings.toml").write_text('[[devices]]\nid = "d2"\nname = "Kiln"\n')
    found = {row["id"]: row for row in rows(filled, capsys, "devices")}
    assert (found["d1"]["assigned"], found["d1"]["profile"]) == (False, "mlx90640")
    assert (found["d2"]["assigned"], found["d2"]["name"]) == (True, "Kiln")


def test_cameras_are_listed_before_the_console_ever_ran(tmp_path, capsys):
    (tmp_path / "settings.toml").write_text(
        '[[cameras]]\nid = "yard"\nname = "Yard"\nsource = "rtsp://10.0.0.5/1"\n'
    )
    (row,) = rows(tmp_path, capsys, "cameras")
    assert (row["id"], row["source"], row["detections"]) == ("yard", "rtsp://10.0.0.5/1", 0)


def test_readings_show_their_range_in_their_unit(filled, capsys):
    (row,) = rows(filled, capsys, "readings")
    assert (row["channel"], row["count"], row["unit"]) == ("smoke", 100, "%")
    assert (row["min"], row["max"]) == (0.0, pytest.approx(99 * 100 / 4095, abs=1e-3))


def test_the_audit_holds_events_and_actions(filled, capsys):
    found = rows(filled, capsys, "audit")
    assert {row["kind"] for row in found} == {"security", "alarm"}
    assert found[0]["text"] == "cause: normal → unacknowledged"


@pytest.mark.parametrize("what", ["alarms", "incidents", "audit", "readings", "devices", "cameras"])
def test_a_person_gets_a_table(filled, capsys, what):
    assert run(filled, what) == 0
    out = capsys.readouterr().out
    assert out.splitlines()
    assert "{" not in out


def test_listing_works_while_somebody_writes(filled, capsys):
    storage = opened(filled)
    with running(storage.evidence):
        storage.alarms.save(alarm(301), action(alarm(301)))
        assert len(rows(filled, capsys, "alarms")) >= 3


def test_without_a_database_it_says_what_to_do(tmp_path):
    with pytest.raises(StorageError, match="Start the console once"):
        run(tmp_path, "alarms")
    assert list(tmp_path.iterdir()) == []


def test_times_are_read_as_utc():
    assert since("2023-11-14T22:13:20") == AT.utc
    assert since("2023-11-14T23:13:20+01:00") == AT.utc
    assert since("2h") == pytest.approx(since("120m"), abs=5.0)


@pytest.mark.parametrize("text", ["", "yesterday", "-5m", "5 parsecs", "1e9d"])
def test_other_times_are_refused_with_an_example(text):
    with pytest.raises(argparse.ArgumentTypeError, match="write 30m"):
        since(text)


@pytest.mark.parametrize("limit", ["0", "-1", "many", "99999999"])
def test_a_senseless_limit_is_refused(filled, limit, capsys):
    with pytest.raises(SystemExit):
        run(filled, "alarms", "--limit", limit)
    assert "whole number" in capsys.readouterr().err


def test_the_folder_of_a_demonstration_is_listed_with_its_own_settings(filled, capsys):
    text = '[[cameras]]\nid = "gate"\nname = "Gate"\nsource = "0"\n'
    (filled / "demo-settings.toml").write_text(text, encoding="utf-8")
    assert [row["id"] for row in rows(filled, capsys, "cameras")] == ["gate"]
    (filled / "settings.toml").write_text("", encoding="utf-8")
    assert rows(filled, capsys, "cameras") == []


def test_the_log_of_one_device_is_listed(filled, capsys):
    storage = opened(filled)
    with running(storage.telemetry):
        lines = [(D, "REQUEST1"), (DeviceId("d2"), "EEPROM1")]
        store = DeviceLogStore(storage.telemetry)
        store.save([DeviceLogged(device, AT, Direction.SENT, text) for device, text in lines])
    assert {row["text"] for row in rows(filled, capsys, "log")} == {"REQUEST1", "EEPROM1"}
    assert [row["text"] for row in rows(filled, capsys, "log", "--device", "d1")] == ["REQUEST1"]
    assert run(filled, "log") == 0
    assert "REQUEST1" in capsys.readouterr().out


def test_who_was_where_is_found_by_camera_and_label(filled, capsys):
    found = ZoneEvent(CameraId("c1"), ZoneEventKind.ENTERED, "g", "Gate", "person", 1, 0.8, 0.0, AT)
    box = Detection("person", 0.9, 1.0, 2.0, 3.0, 4.0, track=1)
    verdict = DetectionResult(CameraId("c1"), 1, AT, AT, (box,), 0.1, 0.0, True, "m", 0.01)
    storage = opened(filled)
    with running(storage.evidence):
        storage.zone_events.save([found])
        storage.detections.save([verdict])
    assert rows(filled, capsys, "zone-events", "--camera", "c1")[0]["name"] == "Gate"
    assert rows(filled, capsys, "zone-events", "--camera", "c2") == []
    assert rows(filled, capsys, "detections", "--label", "person")[0]["boxes"][0][0] == "person"
    assert rows(filled, capsys, "detections", "--label", "fire") == []
    assert run(filled, "zone-events") == 0
    assert "entered" in capsys.readouterr().out
