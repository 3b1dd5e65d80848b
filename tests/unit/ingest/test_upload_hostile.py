"""Hostile files and names in upload folders: each a counted refusal or passed over, no crash."""

import contextlib
import os
import socket
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from camera_parts import make_clip
from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st
from upload_parts import UploadRig, jpeg, png

from embereye.ingest.source import Kind, parse
from embereye.ingest.upload_file import Refusal, UploadRefused
from embereye.ingest.upload_name import UploadKind, captured_at, folder_name, kind_of
from embereye.ingest.upload_picture import still
from embereye.ingest.yuv import PlaneScaler
from embereye.model.errors import SourceError
from embereye.runtime.clock import SystemClock

Make = Callable[[UploadRig], None]

_FOLDERS = [
    "folder:", "folder: ", "folder:.", "folder:..", "folder:../other", "folder:a/b", "folder:/etc",
    "folder:a\\b", "folder:\\\\server\\share", "folder://server/share", "folder:C:", "folder:a:b",
    "folder:*", "folder:a?", 'folder:"a"', "folder:<a>", "folder:a|b", "folder:---", "folder:___",
    "folder:" + "a" * 65, "folder:" + "a" * 500, "folder:\u202e", "folder:a\x00b", "folder:a\nb",
    "folder:~/a*", "folder:...", "folder:%2e%2e/", "folder:a/../b", "folder:\u200b", "folder:☃",
    "testcard:x", "testcard:0x0", "testcard:1920", "testcard:1920x", "testcard:99999x99999",
    "testcard:63x64", "testcard:4098x64", "testcard:-64x64", "testcard:641x480", "testcard:1e3x64",
    "sequence:", "sequence:/etc", "sequence:../", "sequence:~", "sequence:-x", "sequence://a/b",
    "sequence:file:/etc", "sequence:nowhere", "sequence:a.jpg",
]  # fmt: skip
_NAMES = [
    ".hidden.jpg", "~a.jpg", "a.jpg.part", "a.jpg.tmp", "a", "jpg", ".jpg", "a.", "a.jpg ", "a.exe",
    "a.svg", "a.gif", "a.m3u8", "a.sdp", "a.concat", "a.webp", "a.html", "a.jpg;x", "a.jpg\u200b",
    "Thumbs.db", "a.heic", "a.tiff", "a.txt", "con", "a.jpg%00.exe",
]  # fmt: skip


def _write(name: str | bytes, content: bytes) -> Make:
    def make(rig: UploadRig) -> None:
        folder = os.fsencode(rig.folder)
        with open(os.path.join(folder, os.fsencode(name)), "wb") as file:
            file.write(content)

    return make


def _link(target: str) -> Make:
    return lambda rig: (rig.folder / "link.jpg").symlink_to(target)


def _fifo(rig: UploadRig) -> None:
    os.mkfifo(rig.folder / "pipe.jpg")


def _socket(rig: UploadRig) -> None:
    here = os.getcwd()
    os.chdir(rig.folder)  # the path of a socket has 107 characters at most
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("s.jpg")
    finally:
        os.chdir(here)


def _png_head(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + bytes(20_000)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _text_bomb() -> bytes:
    """A picture with 400 MB of compressed notes in front of its pixels."""
    packed = zlib.compress(bytes(400 << 20), 9)
    good = png(1)
    return good[:33] + _chunk(b"zTXt", b"note\x00\x00" + packed) + good[33:]


def _jpeg_head(width: int, height: int) -> bytes:
    """A JPEG whose frame header says another size than its data have."""
    content = bytearray(jpeg(1))
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def _pixel_bomb(side: int = 8000) -> bytes:
    """64 megapixels in 200 kB."""
    return cv2.imencode(".png", np.zeros((side, side, 3), dtype=np.uint8))[1].tobytes()


def _flipped(content: bytes) -> bytes:
    return content[:-12_000] + bytes(byte ^ 0x5A for byte in content[-12_000:-8_000]) + bytes(8_000)


_PLAY_LIST = b"#EXTM3U\n#EXTINF:5,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n" + b"#\n" * 8000
_CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n" + b"#\n" * 8000
_SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><image href='/etc/passwd'/></svg>" + b" " * 20_000

_FILES: dict[str, tuple[Make, Refusal]] = {
    "empty picture": (_write("a.jpg", b""), Refusal.EMPTY),
    "empty clip": (_write("a.mp4", b""), Refusal.EMPTY),
    "small picture": (_write("a.jpg", b"\xff\xd8\xff" + bytes(10_000)), Refusal.SMALL),
    "small clip": (_write("a.mkv", bytes(1023)), Refusal.SMALL),
    "large clip": (_write("a.avi", bytes(2_000_001)), Refusal.LARGE),
    "large picture": (_write("a.jpg", jpeg(1) + bytes(2_000_000)), Refusal.LARGE),
    "zeros": (_write("a.jpg", bytes(50_000)), Refusal.DAMAGED),
    "zeros as a clip": (_write("a.mp4", bytes(50_000)), Refusal.DAMAGED),
    "half a picture": (_write("a.jpg", jpeg(1)[:20_000]), Refusal.DAMAGED),
    "half a png": (_write("a.png", png(1)[:90_000]), Refusal.DAMAGED),
    "hole in a picture": (_write("a.jpg", _flipped(jpeg(1))), Refusal.DAMAGED),
    "hole in a png": (_write("a.png", _flipped(png(1))), Refusal.DAMAGED),
    "head only": (_write("a.jpg", jpeg(1)[:600] + bytes(20_000)), Refusal.DAMAGED),
    "only starts": (_write("a.jpg", b"\xff\xd8" * 10_000), Refusal.DAMAGED),
    "text": (_write("a.jpg", b"<html>" * 5000), Refusal.DAMAGED),
    "script": (_write("a.png", b"#!/bin/sh\nrm -rf /\n" * 1000), Refusal.DAMAGED),
    "svg": (_write("a.png", _SVG), Refusal.DAMAGED),
    "play list": (_write("a.mp4", _PLAY_LIST), Refusal.DAMAGED),
    "play list as a picture": (_write("a.jpg", _PLAY_LIST), Refusal.DAMAGED),
    "concat script": (_write("a.mkv", _CONCAT), Refusal.DAMAGED),
    "picture as a clip": (_write("a.mp4", jpeg(1)), Refusal.DAMAGED),
    "program": (_write("a.avi", b"\x7fELF" + bytes(20_000)), Refusal.DAMAGED),
    "zip": (_write("a.mov", b"PK\x03\x04" + bytes(20_000)), Refusal.DAMAGED),
    "png bomb": (_write("a.png", _pixel_bomb()), Refusal.PIXELS),
    "png of 90 MB": (_write("a.png", _pixel_bomb(5500)), Refusal.PIXELS),
    "png head bomb": (_write("a.png", _png_head(65_535, 65_535)), Refusal.PIXELS),
    "png of 4 gigapixels a side": (_write("a.png", _png_head(2**31 - 1, 1)), Refusal.PIXELS),
    "png without pixels": (_write("a.png", _png_head(0, 0)), Refusal.DAMAGED),
    "png notes bomb": (_write("a.png", _text_bomb()), Refusal.DAMAGED),
    "jpeg of 100 megapixels": (
        _write("a.jpg", _jpeg_head(10_000, 10_000) + bytes(500_000)),
        Refusal.PIXELS,
    ),
    "jpeg head bomb": (_write("a.jpg", _jpeg_head(65_500, 65_500)), Refusal.DAMAGED),
    "jpeg without pixels": (_write("a.jpg", _jpeg_head(0, 0)), Refusal.DAMAGED),
    "jpeg that says more": (_write("a.jpg", _jpeg_head(640, 480)), Refusal.DAMAGED),
    "link to a secret": (_link("/etc/passwd"), Refusal.LINK),
    "link to a device": (_link("/dev/zero"), Refusal.LINK),
    "link to itself": (_link("link.jpg"), Refusal.LINK),
    "link to nothing": (_link("/nowhere/a.jpg"), Refusal.LINK),
    "link inside": (_link("../"), Refusal.LINK),
    "named pipe": (_fifo, Refusal.NOT_A_FILE),
    "socket": (_socket, Refusal.UNREADABLE),
    "name with a line break": (_write("a\nb.jpg", jpeg(1)), Refusal.NAME),
    "name with an escape": (_write("\x1b[31mred.jpg", jpeg(1)), Refusal.NAME),
    "name with a bell": (_write("a\x07.jpg", jpeg(1)), Refusal.NAME),
    "name with a turn": (_write("a\u202egpj.jpg", jpeg(1)), Refusal.NAME),
    "name of no text": (_write(b"\xff\xfe.jpg", jpeg(1)), Refusal.NAME),
}

_HARMLESS = [
    "a" * 250 + ".jpg", "a b  c.jpg", "-rf.jpg", "--help.jpg", "$(id).jpg", "`id`.jpg", "a;b|c.jpg",
    "'.jpg", "%s%n.jpg", "%00.jpg", "ü☃.jpg", "MDAlarm_99999999-999999.jpg",
    "MDAlarm_20240230-000000.jpg", "a.JPG", "a.JpEg", "concat:a.jpg", "http:a.jpg", "{a,b}.jpg",
    "<b>bold.jpg", "a.exe.jpg", "con.jpg", "a:b.jpg", "file:..jpg", "%5c..%5c.jpg",
]  # fmt: skip


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[UploadRig]:
    rig = UploadRig(tmp_path, FakeClock(utc=SystemClock().now().utc), largest=2_000_000)
    rig.source.open()
    yield rig
    rig.source.close()


def test_there_are_enough_hostile_cases() -> None:
    assert len(_FOLDERS) + len(_FILES) + len(_NAMES) + len(_HARMLESS) >= 130


@pytest.mark.parametrize("text", _FOLDERS)
def test_a_hostile_source_is_refused_with_advice(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    with pytest.raises(SourceError) as refusal:
        parse(text, [tmp_path])
    assert str(refusal.value).endswith(".")


@pytest.mark.skipif(sys.platform == "win32", reason="needs links, pipes and sockets in folders")
@pytest.mark.parametrize("case", _FILES)
def test_a_hostile_file_is_refused_and_the_next_one_taken(rig: UploadRig, case: str) -> None:
    make, reason = _FILES[case]
    make(rig)
    (rig.folder / "good.jpg").write_bytes(jpeg(77))
    assert len(rig.read(6.0)) == 1
    assert rig.source.counts.refused == {reason: 1}
    assert rig.source.counts.last_refused.isprintable()
    assert rig.taken() == ["good.jpg"]


@pytest.mark.parametrize("name", _NAMES)
def test_what_is_no_upload_is_passed_over(rig: UploadRig, name: str) -> None:
    (rig.folder / name).write_bytes(jpeg(1))
    assert rig.read(5.0) == []
    assert rig.source.counts.refused == {}


@pytest.mark.parametrize("name", _HARMLESS)
def test_a_strange_name_is_no_obstacle(rig: UploadRig, name: str) -> None:
    (rig.folder / name).write_bytes(jpeg(1))
    assert len(rig.read(5.0)) == 1


def test_folders_that_are_links_are_not_entered(rig: UploadRig, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.jpg").write_bytes(jpeg(1))
    (rig.folder / "inside").symlink_to(outside)
    (rig.folder / "loop").symlink_to(rig.folder)
    (rig.root / "front_door").symlink_to(outside)
    assert rig.read(6.0) == []


def test_a_tree_deeper_than_any_camera_makes_is_told_and_the_rest_read(rig: UploadRig) -> None:
    deep = rig.folder.joinpath(*["d"] * 40)
    deep.mkdir(parents=True)
    (deep / "deep.jpg").write_bytes(jpeg(1))
    (rig.folder / "a.jpg").write_bytes(jpeg(2))
    assert len(rig.read(6.0)) == 1
    assert rig.source.counts.refused == {Refusal.CROWDED: 1}


def test_a_clip_without_pictures_is_refused(rig: UploadRig, tmp_path: Path) -> None:
    content = bytearray(make_clip(tmp_path / "a.mkv", seconds=1.0).read_bytes())
    content[1500:] = bytes(len(content) - 1500)
    (rig.folder / "a.mkv").write_bytes(content)
    assert rig.read(6.0) == []
    assert rig.source.counts.refused == {Refusal.DAMAGED: 1}


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=80))
def test_folder_names_have_one_normal_form(text: str) -> None:
    normal = folder_name(text)
    assert folder_name(normal) == normal
    assert len(normal) <= 64
    assert not set(normal) & set("/\\:. ")
    try:
        source, _ = parse(f"folder:{text}")
    except SourceError:
        return
    assert (source.kind, source.text) == (Kind.FOLDER, folder_name(text.strip(" ")))


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=60))
def test_any_name_can_be_asked(name: str) -> None:
    assert kind_of(name) in (None, UploadKind.IMAGE, UploadKind.CLIP)
    assert captured_at(name, 1.7e9) >= 0


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=3000), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_any_content_is_a_picture_or_a_refusal(body: bytes, head: bytes) -> None:
    try:
        found = still(head + body, 0.0, PlaneScaler())
    except UploadRefused:
        pass
    else:
        assert found.width * found.height <= 50_000_000


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 25_000), st.integers(1, 3000), st.integers(0, 255))
def test_damage_anywhere_is_survived(at: int, length: int, byte: int) -> None:
    content = jpeg(1)
    damaged = content[:at] + bytes([byte]) * length + content[at + length :]
    with contextlib.suppress(UploadRefused):
        still(damaged, 0.0, PlaneScaler()).bgr(64, 48)


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("MDAlarm_20240308-142501.jpg", (2024, 3, 8, 14, 25, 1)),
        ("HMDAlarm_20240308-142501.jpg", (2024, 3, 8, 14, 25, 1)),
        ("MDalarm_20240308_142501.mkv", (2024, 3, 8, 14, 25, 1)),
        ("mdalarm_20240308_142501_2.mkv", (2024, 3, 8, 14, 25, 1)),
        ("MDAlarm_20241308-142501.jpg", None),  # month 13
        ("MDAlarm_20240308-246001.jpg", None),
        ("MDAlarm_19700101-000001.jpg", None),  # a camera that lost its clock
        ("MDAlarm_20990101-000000.jpg", None),
        ("MDAlarm_2024030-142501.jpg", None),
        ("MDAlarm_20240308-1425011.jpg", None),
        ("MDAlarm_٢٠٢٤0308-142501.jpg", None),
        ("snapshot.jpg", None),
    ],
)
def test_the_time_of_a_picture_is_read_from_its_name(
    name: str, local: tuple[int, ...] | None
) -> None:
    file_time = datetime(2024, 3, 8, 15, 0, 0).astimezone().timestamp()
    wanted = file_time if local is None else datetime(*local).astimezone().timestamp()
    assert captured_at(name, file_time) == wanted
