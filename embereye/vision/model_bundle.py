"""Taking a model out of what somebody brings: an ONNX file, or a zip of it and its manifest."""

import shutil
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from embereye.model.errors import ModelRefused

LARGEST = 512 << 20  # bytes of a model; detectors that a CPU can run have 1–250 MiB
_MANIFEST = 1 << 20  # bytes; as `vision.manifest` reads at most
_ENTRIES = 20  # of a zip: model, manifest, licence, some pages about it
_PIECE = 1 << 20  # bytes copied at a time
_DIRECTORY = 64 << 10  # bytes of the list of entries: 20 of them have 1–4 KiB
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"  # of a zip, sections 4.3.16 and 4.3.15
_END_SIZE, _COMMENT = 22, 65_535  # bytes
_ENCRYPTED = 0x1  # bit 0 of the general purpose flags (PKWARE APPNOTE 6.3.10, section 4.4.4)


def unpacked(source: Path, model: Path) -> None:
    """Copy the model of `source` to the path `model`, and its manifest beside it (.toml).

    Of a zip only these two are read, and nothing in it says where something is written.

    Raises:
        ModelRefused: It is neither, is too large, or the zip is broken or hostile.
    """
    try:
        _need_file(source)
        if source.suffix.lower() == ".zip":
            _from_zip(source, model)
        elif source.suffix.lower() == ".onnx":
            _from_files(source, model)
        else:
            raise ModelRefused(
                f"{source.name} is no model: an .onnx file is needed, or a .zip with one and its "
                "manifest. Export the model as ONNX."
            )
    except OSError as error:
        why = error.strerror or str(error)
        raise ModelRefused(f"{source.name} cannot be taken: {why}.") from None


def size_of(source: Path) -> int:
    """Bytes that the model and its manifest will need, as far as the file tells.

    Raises:
        ModelRefused: as `unpacked`.
    """
    try:
        _need_file(source)
        if source.suffix.lower() != ".zip":
            return source.stat().st_size
        _check_directory(source)
        with zipfile.ZipFile(source) as bundle:
            return sum(entry.file_size for entry in _wanted(bundle, source.name))
    except OSError as error:
        why = error.strerror or str(error)
        raise ModelRefused(f"{source.name} cannot be read: {why}.") from None
    except _BROKEN as error:
        raise _broken(source.name, error) from None


_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def _need_file(source: Path) -> None:
    """A pipe or a device would be read for ever."""
    if not source.is_file():
        raise ModelRefused(f"There is no file {source}.")


def _from_files(source: Path, model: Path) -> None:
    with source.open("rb") as file:
        _copy(file, model, LARGEST, source.name)
    manifest = source.with_suffix(".toml")
    if manifest.is_file():
        with manifest.open("rb") as file:
            _copy(file, model.with_suffix(".toml"), _MANIFEST, manifest.name)


def _from_zip(source: Path, model: Path) -> None:
    try:
        _check_directory(source)
        with zipfile.ZipFile(source) as bundle:
            for entry in _wanted(bundle, source.name):
                is_model = _ending(entry) == ".onnx"
                target = model if is_model else model.with_suffix(".toml")
                with bundle.open(entry) as file:
                    _copy(file, target, LARGEST if is_model else _MANIFEST, entry.filename[-80:])
    except _BROKEN as error:
        raise _broken(source.name, error) from None


def _check_directory(source: Path) -> None:
    """Refuse a list of millions of files before the library reads it into memory."""
    with source.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_SIZE - _COMMENT - 20))
        tail = file.read()
    plain = tail[-_END_SIZE:].startswith(_END) and tail.endswith(b"\0\0")
    at = len(tail) - _END_SIZE if plain else tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise zipfile.BadZipFile("its end is missing")
    (length,) = struct.unpack_from("<I", tail, at + 12)
    if length > _DIRECTORY or tail[max(0, at - 20) : at].startswith(_END_64):
        raise ModelRefused(f"{source.name} holds far more files than a model needs.")


def _wanted(bundle: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """The model and, if there is one, its manifest."""
    entries = [entry for entry in bundle.infolist() if not entry.is_dir()]
    if len(entries) > _ENTRIES:
        raise ModelRefused(f"{name} holds more than {_ENTRIES} files. Pack model and manifest.")
    for entry in entries:
        _check(entry, name)
    models = [entry for entry in entries if _ending(entry) == ".onnx"]
    manifests = [entry for entry in entries if _ending(entry) == ".toml"]
    if len(models) != 1 or len(manifests) > 1:
        raise ModelRefused(
            f"{name} holds {len(models)} models and {len(manifests)} manifests. Pack one .onnx "
            "file and one .toml file."
        )
    return models + manifests


def _check(entry: zipfile.ZipInfo, name: str) -> None:
    path = entry.filename
    parts = PurePosixPath(path).parts
    if path.startswith("/") or "\\" in path or ".." in parts or ":" in path:
        raise ModelRefused(f"{name} is refused: a file in it wants to lie outside of it.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ModelRefused(f"{name} is refused: it holds a link to another file.")
    if entry.flag_bits & _ENCRYPTED:
        raise ModelRefused(f"{name} is locked by a password. Pack it without one.")
    if entry.file_size > LARGEST:
        raise ModelRefused(_too_large(entry.filename[-80:], LARGEST))


def _copy(file: IO[bytes], target: Path, most: int, name: str) -> None:
    """Copy at most `most` bytes, whatever a zip says about its size."""
    with target.open("xb") as copy:
        while piece := file.read(_PIECE):
            if copy.tell() + len(piece) > most:
                raise ModelRefused(_too_large(name, most))
            copy.write(piece)


def _too_large(name: str, most: int) -> str:
    return f"{name} is larger than {most >> 20} MiB, which is the most that is taken."


def _ending(entry: zipfile.ZipInfo) -> str:
    return PurePosixPath(entry.filename).suffix.lower()


def _broken(name: str, error: Exception) -> ModelRefused:
    return ModelRefused(f"{name} is no usable zip file: {error}. Pack it again.")


def room_for(folder: Path, size: int, reserve: int) -> bool:
    """Whether a file of `size` bytes fits beside `reserve` bytes that stay free."""
    return shutil.disk_usage(folder).free >= size + reserve
