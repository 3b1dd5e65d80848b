"""A snapshot is the picture itself, and its file tells camera and time in every usual way."""

import json
import os
import re
import struct
import time
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PureWindowsPath

import cv2
import numpy as np
import pytest
from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.camera_messages import SnapshotSaved
from embereye.model.frame import Tile
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine
from embereye.services.safe_file import FileNameError, write_whole
from embereye.services.snapshot import (
    ENDINGS,
    Snapshot,
    SnapshotError,
    encoded,
    facts,
    file_name,
    snapshot_of,
)
from embereye.services.snapshot_log import SnapshotLog

_UTC = 1_763_659_368.125  # 2025-11-20T17:22:48.125Z


@pytest.fixture(autouse=True)
def _india(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is not UTC, nor whole hours from it."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system has no way to change the zone for a test")
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _snapshot(name: str = "Gate", camera: str = "cam-1") -> Snapshot:
    rows, columns = np.mgrid[0:120, 0:160]
    pixels = np.stack([rows, columns, rows + columns, rows * 0], axis=2).astype(np.uint8)
    return snapshot_of(Tile(CameraId(camera), pixels, 7, Stamp(1.0, _UTC), 640, 480), name)


def _png_texts(content: bytes) -> dict[str, str]:
    """Keyword → text; each chunk's check sum is right."""
    texts, at = {}, 8
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        (check,) = struct.unpack_from(">I", content, at + 8 + length)
        assert check == zlib.crc32(kind + body)
        if kind == b"iTXt":
            keyword, rest = body.split(b"\0", 1)
            texts[keyword.decode("latin-1")] = rest[4:].decode()
        elif kind == b"eXIf":
            texts["exif"] = body.hex()
        at += 12 + length
    return texts


def _jpeg_segments(content: bytes) -> dict[int, bytes]:
    """Mark → body of the segments before the picture itself."""
    found, at = {}, 2
    while content[at + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", content, at + 2)
        found[content[at + 1]] = content[at + 4 : at + 2 + length]
        at += 2 + length
    return found


def _exif(block: bytes) -> dict[int, bytes]:
    """Tag → value of both directories."""
    assert block[:4] == b"MM\0*"
    found: dict[int, bytes] = {}
    places = [struct.unpack_from(">I", block, 4)[0]]
    while places:
        place = places.pop()
        (count,) = struct.unpack_from(">H", block, place)
        tags = []
        for number in range(count):
            at = place + 2 + 12 * number
            tag, kind, length = struct.unpack_from(">HHI", block, at)
            size = length * (4 if kind == 4 else 1)
            begin = at + 8 if size <= 4 else struct.unpack_from(">I", block, at + 8)[0]
            assert begin % 2 == 0
            found[tag] = block[begin : begin + size]
            tags.append(tag)
            if tag == 0x8769:
                places.append(struct.unpack(">I", found[tag])[0])
        assert tags == sorted(tags)  # readers may search
    return found


def _check_exif(block: bytes) -> None:
    tags = _exif(block)
    assert tags[0x9003] == b"2025:11:20 22:52:48\0"
    assert tags[0x9011] == b"+05:30\0"
    assert tags[0x9291] == b"125\0"
    assert tags[0x010E].decode() == "Tür 2 (cam-1)\0"
    assert tags[0x9286][:8] == b"UNICODE\0"
    assert json.loads(tags[0x9286][8:].decode("utf-16-be"))["camera"] == "cam-1"


def test_a_png_holds_the_very_pixels_and_says_where_and_when() -> None:
    snapshot = _snapshot("Tür 2")
    content = encoded(snapshot, ".png")
    shown = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert (shown == snapshot.pixels).all()
    texts = _png_texts(content)
    assert texts["Title"] == "Tür 2 (cam-1)"
    assert texts["Creation Time"] == "2025-11-20T17:22:48.125+00:00"
    assert json.loads(texts["Description"]) == facts(snapshot)
    _check_exif(bytes.fromhex(texts["exif"]))


@pytest.mark.parametrize("ending", [".jpg", ".JPEG"])
def test_a_jpeg_looks_the_same_and_says_where_and_when(ending: str) -> None:
    snapshot = _snapshot("Tür 2")
    content = encoded(snapshot, ending)
    shown = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert np.abs(shown.astype(int) - snapshot.pixels).mean() < 2
    segments = _jpeg_segments(content)
    assert json.loads(segments[0xFE].decode()) == facts(snapshot)
    assert segments[0xE1][:6] == b"Exif\0\0"
    _check_exif(segments[0xE1][6:])


def test_the_facts_tell_both_times_and_both_sizes() -> None:
    told = facts(_snapshot())
    assert told["utc"] == "2025-11-20T17:22:48.125+00:00"
    assert told["local"] == "2025-11-20T22:52:48.125+05:30"
    assert (told["width"], told["source_width"]) == (160, 640)
    assert (told["camera"], told["name"]) == ("cam-1", "Gate")


def test_it_is_a_copy_of_what_was_shown() -> None:
    tile = Tile(CameraId("a"), np.zeros((4, 4, 4), np.uint8), 1, Stamp(1.0, _UTC), 4, 4)
    snapshot = snapshot_of(tile, "A")
    tile.pixels[:] = 255  # its memory is used again
    assert snapshot.pixels.max() == 0


def test_other_kinds_of_files_are_refused() -> None:
    with pytest.raises(SnapshotError, match=r"png or \.jpg"):
        encoded(_snapshot(), ".gif")


def test_a_file_name_says_camera_and_time() -> None:
    assert file_name(_snapshot()) == "Gate_cam-1_2025-11-20_22-52-48.125+0530.png"


@settings(deadline=None)
@given(name=st.text(max_size=120), ending=st.sampled_from(ENDINGS))
def test_every_camera_name_makes_a_file_name_for_every_system(name: str, ending: str) -> None:
    found = file_name(_snapshot(name, "con"), ending)
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', found)
    assert not found.startswith((".", "-"))
    assert len(found.encode()) <= 255
    assert not PureWindowsPath(found).is_reserved()
    assert PureWindowsPath(found).name == found
    assert encoded(_snapshot(name), ending)


def test_a_long_name_of_many_bytes_is_cut() -> None:
    found = file_name(_snapshot("火" * 120))
    assert len(found.encode()) <= 255
    assert found.startswith("火火")
    assert found.endswith("_cam-1_2025-11-20_22-52-48.125+0530.png")


def test_a_file_is_written_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_whole(path, b"picture")
    assert path.read_bytes() == b"picture"
    assert os.listdir(tmp_path) == ["a.png"]


@pytest.mark.parametrize("linked", [True, False], ids=["links", "no links"])
def test_another_file_is_never_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    if not linked:
        monkeypatch.setattr(os, "link", _no_links)
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(FileNameError, match="is there already"):
        write_whole(path, b"picture")
    assert path.read_bytes() == b"mine"
    write_whole(path, b"picture", replace=True)
    write_whole(tmp_path / "b.png", b"other")
    assert path.read_bytes() == b"picture"
    assert sorted(os.listdir(tmp_path)) == ["a.png", "b.png"]


def _no_links(_source: object, _target: object) -> None:
    raise PermissionError(1, "not on FAT")


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    with pytest.raises(OSError, match=r"taken|directory"):
        write_whole(folder, b"picture", replace=True)
    assert os.listdir(tmp_path) == ["taken"]
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "absent" / "a.png", b"picture")


@pytest.mark.parametrize("name", ["CON.png", "nul", "com1.jpg", "Lpt9 .png", "a:b.png", "a?.png"])
def test_names_that_windows_keeps_for_devices_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileNameError, match="Choose another name"):
        write_whole(tmp_path / name, b"picture")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["console.png", "Gate.2.png", "com10.png", "Tür.png"])
def test_other_names_are_taken(tmp_path: Path, name: str) -> None:
    write_whole(tmp_path / name, b"picture")
    assert os.listdir(tmp_path) == [name]


def test_a_saved_snapshot_is_noted_in_the_audit(clock: FakeClock) -> None:
    rows: list[tuple[object, ...]] = []
    engine = Engine(clock, on_bug=lambda _doing: None)
    SnapshotLog(engine, lambda *row: rows.append(row))
    engine.post(SnapshotSaved(CameraId("cam-1"), _UTC, "/home/a/x.png", "ada"))
    engine.step()
    text = "picture of 2025-11-20T17:22:48.125+00:00 saved as /home/a/x.png"
    assert rows == [("snapshot", "cam-1", "ada", text, clock.now())]


def test_times_without_daylight_saving_are_told_apart() -> None:
    assert datetime.fromisoformat(str(facts(_snapshot())["local"])).timestamp() == _UTC
