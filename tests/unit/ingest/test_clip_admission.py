"""Recordings and detections of HTTP devices: what is taken, and where it is put."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.clip_admission import MOST_CLIP, clip_path, judge_clip, read_detection
from embereye.ingest.heartbeat_body import BodyRefused
from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp

FOLDER = Path("/srv/clips")
U = DeviceId("unit-7")
AT = Stamp(5.0, 1_700_000_000.0)
ROOM = 10**12


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("fire.mp4", "1700000000000_fire.mp4"),
        ("../../etc/cron.d/evil.mp4", "1700000000000_evil.mp4"),
        ("C:\\Windows\\x.MP4", "1700000000000_x.mp4"),
        ("a b°c.jpg", "1700000000000_a_b_c.jpg"),
        ("....mp4", None),
        (".mp4", None),
        ("fire.exe", None),
        ("fire.mp4\x00.exe", None),
        ("", None),
        ("x" * 500 + ".mp4", f"1700000000000_{'x' * 76}.mp4"),
    ],
)
def test_a_name_from_outside_stays_in_the_folder(name, stored):
    found = clip_path(FOLDER, U, name, AT)
    assert found == (None if stored is None else FOLDER / "unit-7" / stored)


@settings(deadline=None)
@given(name=st.text(max_size=300), unit=st.text(min_size=1, max_size=64))
def test_no_name_leaves_the_folder(name, unit):
    found = clip_path(FOLDER, DeviceId(unit), f"{name}.mp4", AT)
    if found is not None:
        assert found.parent.parent == FOLDER
        assert ".." not in found.parts
        assert len(found.name) < 200
        assert found.name.isascii()


def test_a_unit_named_like_a_device_of_windows_gets_a_folder_of_its_own():
    assert clip_path(FOLDER, DeviceId("CON"), "a.mp4", AT).parent.name == "_CON"


@pytest.mark.parametrize(
    ("part", "name", "size", "room", "status"),
    [
        ("clip", "a.mp4", 1000, ROOM, None),
        ("file", "a.mp4", MOST_CLIP, ROOM, None),
        ("image", "a.mp4", 1000, ROOM, 400),
        ("clip", "a.sh", 1000, ROOM, 400),
        ("clip", "a.mp4", None, ROOM, 411),
        ("clip", "a.mp4", -1, ROOM, 411),
        ("clip", "a.mp4", 0, ROOM, 400),
        ("clip", "a.mp4", MOST_CLIP + 1, ROOM, 413),
        ("clip", "a.mp4", 1000, 999, 503),
    ],
)
def test_which_clips_are_taken(part, name, size, room, status):
    found = judge_clip(part, name, size, room)
    assert (None if found is None else found.status) == status


def test_a_detection_is_read():
    raw = {"unit_id": "unit-7", "label": "fire", "confidence": 0.8, "timestamp": 1_700_000_001}
    found = read_detection(json.dumps(raw).encode())
    assert (found.unit, found.label, found.confidence) == (U, "fire", 0.8)
    assert found.device_utc == 1_700_000_001


@pytest.mark.parametrize(
    "changes",
    [
        {"unit_id": None},
        {"label": ""},
        {"label": "x" * 65},
        {"confidence": 1.1},
        {"confidence": float("nan")},
        {"confidence": True},
        {"confidence": "1"},
    ],
)
def test_a_wrong_detection_names_the_field(changes):
    raw = {"unit_id": "unit-7", "label": "fire", "confidence": 0.8, **changes}
    with pytest.raises(BodyRefused, match=next(iter(changes))):
        read_detection(json.dumps(raw).encode())
