"""Image files of all kinds, sizes and states of health."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.errors import SourceError
from embereye.services.picture_file import read_picture
from embereye.services.picture_size import declared_size

BGR = np.zeros((40, 60, 3), np.uint8)
BGR[:, 30:] = (20, 120, 240)


def _coded(suffix: str, pixels: np.ndarray = BGR, *options: int) -> bytes:
    good, coded = cv2.imencode(suffix, pixels, list(options))
    assert good
    return coded.tobytes()


LOSSY_WEBP = (cv2.IMWRITE_WEBP_QUALITY, 80)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp", ".tif"])
def test_each_format_declares_its_size_and_is_read(tmp_path: Path, suffix: str):
    path = tmp_path / f"Höf 1{suffix}"
    path.write_bytes(_coded(suffix))

    pixels = read_picture(path)

    assert declared_size(path.read_bytes()) == (60, 40)
    assert pixels.shape == (40, 60, 3)
    assert pixels[20, 50].tolist() == pytest.approx([20, 120, 240], abs=12)


def test_webp_with_loss_declares_its_size():
    assert declared_size(_coded(".webp", BGR, *LOSSY_WEBP)) == (60, 40)


@pytest.mark.parametrize(
    ("suffix", "pixels"),
    [
        (".png", cv2.cvtColor(BGR, cv2.COLOR_BGR2GRAY)),
        (".jpg", cv2.cvtColor(BGR, cv2.COLOR_BGR2GRAY)),
        (".png", cv2.cvtColor(BGR, cv2.COLOR_BGR2BGRA)),
        (".webp", cv2.cvtColor(BGR, cv2.COLOR_BGR2BGRA)),
        (".png", BGR.astype(np.uint16) * 257),
        (".tif", BGR.astype(np.uint16) * 257),
    ],
)
def test_grey_transparent_and_deep_pictures_are_converted(tmp_path: Path, suffix, pixels):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(_coded(suffix, pixels))
    found = read_picture(path)
    assert found.shape == (40, 60, 3)
    assert found.dtype == np.uint8
    assert found[20, 50].max() > 100


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _bomb(width: int, height: int) -> bytes:
    """A PNG of some bytes that declares any size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(bytes(9))), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("size", [(20_000, 20_000), (2**31 - 1, 2**31 - 1), (100_000_001, 1)])
def test_a_gigantic_picture_is_refused_by_its_header(tmp_path: Path, monkeypatch, size):
    path = tmp_path / "a.png"
    path.write_bytes(_bomb(*size))
    monkeypatch.setattr(cv2, "imdecode", None)  # nothing may be decoded
    with pytest.raises(SourceError, match="million are the most"):
        read_picture(path)


def test_a_large_picture_is_made_smaller(tmp_path: Path):
    path = tmp_path / "a.png"
    path.write_bytes(_coded(".png", np.zeros((3000, 6000, 3), np.uint8)))
    assert read_picture(path).shape == (1280, 2560, 3)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing" * 50,
        b"\xff\xd8",
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * 5000,
        b"GIF8",
        b"II*\0\xff\xff\xff\xff",
        _bomb(0, 5),
        _coded(".jpg")[:200],
        _coded(".png")[:40],
    ],
)
def test_what_is_no_picture_is_said(tmp_path: Path, content: bytes):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="no image"):
        read_picture(path)


def test_a_folder_is_no_picture(tmp_path: Path):
    with pytest.raises(SourceError, match="cannot be read"):
        read_picture(tmp_path)


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from([".jpg", ".png", ".bmp", ".webp", ".tif"]).map(_coded),
    st.binary(max_size=8),
    st.integers(0, 80),
    st.integers(0, 300),
)
def test_no_header_breaks_the_reader(coded: bytes, noise: bytes, place: int, end: int):
    declared_size((coded[:place] + noise + coded[place + len(noise) :])[:end])
