"""Files and zips that people bring, honest and hostile."""

import contextlib
import os
import stat
import struct
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.errors import ModelRefused
from embereye.vision import model_bundle
from embereye.vision.model_bundle import size_of, unpacked

WEIGHTS, MANIFEST = b"weights", b'licence = "MIT"\n'


def _zip(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in entries:
            bundle.writestr(name, content)
    return path


def _taken(source: Path, tmp_path: Path) -> tuple[bytes, bytes]:
    """Content of model and manifest; empty where there is none."""
    model = tmp_path / "out" / "model.onnx"
    model.parent.mkdir()
    unpacked(source, model)
    assert {path.name for path in model.parent.iterdir()} <= {"model.onnx", "model.toml"}
    manifest = model.with_suffix(".toml")
    return model.read_bytes(), manifest.read_bytes() if manifest.exists() else b""


def test_a_model_comes_with_the_manifest_beside_it(tmp_path: Path):
    (tmp_path / "p.onnx").write_bytes(WEIGHTS)
    (tmp_path / "p.toml").write_bytes(MANIFEST)

    assert _taken(tmp_path / "p.onnx", tmp_path) == (WEIGHTS, MANIFEST)


def test_a_zip_may_hold_other_files_and_folders_beside_the_two(tmp_path: Path):
    source = _zip(
        tmp_path / "p.zip", ("p/x.onnx", WEIGHTS), ("p/x.toml", MANIFEST), ("LICENSE", b"MIT")
    )

    assert _taken(source, tmp_path) == (WEIGHTS, MANIFEST)
    assert size_of(source) == len(WEIGHTS) + len(MANIFEST)


def _link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "entries",
    [
        [("../evil.onnx", WEIGHTS)],
        [("/etc/evil.onnx", WEIGHTS)],
        [("a\\..\\evil.onnx", WEIGHTS)],
        [("C:evil.onnx", WEIGHTS)],
        [("a.onnx", WEIGHTS), ("../x.txt", b"")],
        [(_link("a.onnx"), b"/etc/passwd")],
        [("a.onnx", WEIGHTS), ("b.onnx", WEIGHTS)],
        [("a.onnx", WEIGHTS), ("a.toml", b""), ("b.toml", b"")],
        [("readme.txt", b"")],
        [("a.onnx", WEIGHTS), *((f"{n}.txt", b"") for n in range(30))],
    ],
)
def test_hostile_zips_are_refused(tmp_path: Path, entries: list[tuple[str, bytes]]):
    source = _zip(tmp_path / "p.zip", *entries)

    with pytest.raises(ModelRefused):
        _taken(source, tmp_path)
    with pytest.raises(ModelRefused):
        size_of(source)


def test_a_list_of_very_many_files_is_not_even_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    source = _zip(
        tmp_path / "p.zip", ("a.onnx", WEIGHTS), *((f"{n}.txt", b"") for n in range(2000))
    )
    monkeypatch.setattr(zipfile, "ZipFile", None)

    for way in (size_of, lambda path: unpacked(path, tmp_path / "model.onnx")):
        with pytest.raises(ModelRefused, match="more files"):
            way(source)


def test_a_bomb_is_cut_off_whatever_it_says_about_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(model_bundle, "LARGEST", 1 << 20)
    source = _zip(tmp_path / "p.zip", ("a.onnx", bytes(50 << 20)))
    with pytest.raises(ModelRefused, match="larger than 1 MiB"):
        _taken(source, tmp_path)

    raw = bytearray(source.read_bytes())
    at = raw.rindex(b"PK\x01\x02") + 24  # uncompressed size in the central directory
    raw[at : at + 4] = struct.pack("<I", 10)
    source.write_bytes(raw)
    with pytest.raises(ModelRefused):
        unpacked(source, tmp_path / "model.onnx")
    assert (tmp_path / "model.onnx").stat().st_size <= 1 << 20


def test_files_have_limits_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "p.onnx").write_bytes(WEIGHTS)
    (tmp_path / "p.toml").write_bytes(b"#" * (2 << 20))
    with pytest.raises(ModelRefused, match=r"p\.toml is larger than 1 MiB"):
        _taken(tmp_path / "p.onnx", tmp_path)

    monkeypatch.setattr(model_bundle, "LARGEST", len(WEIGHTS) - 1)
    with pytest.raises(ModelRefused, match=r"p\.onnx is larger"):
        unpacked(tmp_path / "p.onnx", tmp_path / "other.onnx")


def test_a_zip_with_a_password_is_told_as_such(tmp_path: Path):
    raw = bytearray(_zip(tmp_path / "p.zip", ("a.onnx", WEIGHTS)).read_bytes())
    raw[raw.index(b"PK\x03\x04") + 6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "p.zip").write_bytes(raw)

    with pytest.raises(ModelRefused, match="password"):
        _taken(tmp_path / "p.zip", tmp_path)


@pytest.mark.parametrize("name", ["p.pt", "p.pkl", "p.bin", "p"])
def test_other_formats_are_refused(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(WEIGHTS)

    with pytest.raises(ModelRefused, match="ONNX"):
        _taken(tmp_path / name, tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "p.onnx")

    with pytest.raises(ModelRefused, match="no file"):
        _taken(tmp_path / "p.onnx", tmp_path)


@settings(deadline=None, max_examples=60)
@given(junk=st.binary(max_size=400), cut=st.integers(0, 200), at=st.integers(0, 250))
def test_broken_zips_are_refused_and_never_crash(tmp_path_factory, junk, cut, at):
    folder = tmp_path_factory.mktemp("zip")
    raw = bytearray(_zip(folder / "p.zip", ("a.onnx", WEIGHTS * 9)).read_bytes())
    raw[at : at + len(junk)] = junk
    (folder / "p.zip").write_bytes(raw[: max(0, len(raw) - cut)])
    with contextlib.suppress(ModelRefused):
        unpacked(folder / "p.zip", folder / "model.onnx")
