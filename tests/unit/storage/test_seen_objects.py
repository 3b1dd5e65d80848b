"""What was seen and who was where, stored and looked up."""

import json

import pytest
from storage_parts import AT, opened, running

from embereye.model.detection import Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.model.sighting import ZoneEvent, ZoneEventKind
from embereye.storage.database import EVIDENCE_FILE, open_writer
from embereye.storage.detections import Wanted, detections
from embereye.storage.zone_events import zone_events


def event(camera="c1", label="person", later=0.0, kind=ZoneEventKind.ENTERED, seconds=0.0):
    return ZoneEvent(
        CameraId(camera), kind, "gate", "Gate area", label, 3, 0.81, seconds, AT.later(later)
    )


def verdict(camera="c1", later=0.0, *found):
    at = AT.later(later)
    return DetectionResult(CameraId(camera), 1, at, at, found, 0.8, 0.1, True, "flame 1", 0.01)


@pytest.fixture
def folder(tmp_path):
    storage = opened(tmp_path)
    person = Detection("person", 0.9, 1.0, 2.0, 3.0, 4.0, track=7)
    fire = Detection("fire", 0.8, 5.0, 6.0, 7.0, 8.0)
    with running(storage.evidence):
        storage.zone_events.save([event(), event("c2", later=1.0), event(label="vehicle", later=2)])
        storage.detections.save([verdict("c1", 0.0, fire), verdict("c2", 1.0, person, fire)])
    return tmp_path


def test_events_come_back_newest_first_as_they_were(folder):
    found = zone_events(folder, Wanted())
    assert [row["camera"] for row in found] == ["c1", "c2", "c1"]
    assert found[2] == {
        "at_utc": AT.utc, "camera": "c1", "kind": "entered", "zone": "gate", "name": "Gate area",
        "label": "person", "track": 3, "confidence": 0.81, "seconds": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(camera="c2"), 1),
        (Wanted(label="person"), 2),
        (Wanted(camera="c1", label="vehicle"), 1),
        (Wanted(since=AT.utc + 0.5), 2),
        (Wanted(until=AT.utc + 0.5), 1),
        (Wanted(limit=2), 2),
        (Wanted(camera="' OR 1=1 --"), 0),
    ],
)
def test_events_are_found_by_camera_label_and_time(folder, wanted, count):
    assert len(zone_events(folder, wanted)) == count


def test_old_events_are_removed(folder):
    storage = opened(folder)
    with running(storage.evidence):
        storage.zone_events.prune(AT.utc + 1.5)
    assert [row["label"] for row in zone_events(folder, Wanted())] == ["vehicle"]


def test_verdicts_are_found_by_what_was_seen_with_the_number_of_the_object(folder):
    (row,) = detections(folder, Wanted(label="person"))
    assert row["camera"] == "c2"
    assert row["boxes"][0] == ["person", 0.9, 1.0, 2.0, 3.0, 4.0, 7]
    assert len(detections(folder, Wanted(label="fire"))) == 2
    assert detections(folder, Wanted(label="dog")) == []


def test_boxes_of_an_older_version_have_no_number(folder):
    connection = open_writer(folder / EVIDENCE_FILE, durable=True)
    connection.execute(
        "INSERT INTO detections (camera, frame_utc, fire, smoke, moving, detector, boxes) "
        "VALUES ('old', 1, 0.5, 0, 1, 'flame', ?)",
        (json.dumps([["fire", 0.5, 1, 2, 3, 4]]),),
    )
    connection.close()
    (row,) = detections(folder, Wanted(camera="old"))
    assert row["boxes"] == [["fire", 0.5, 1, 2, 3, 4, 0]]
