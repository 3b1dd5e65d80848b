"""Opens one uploaded file: whole, harmless and identified by its content, or refused with words.

Whatever lies in an upload folder came from outside. It is opened once and never by its name
again, is never followed elsewhere by a link, and never changed. Pixels are limited before any
memory is taken for them.
"""

import os
import stat
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import IO

from embereye.ingest.upload_name import UploadKind, captured_at, kind_of
from embereye.ingest.upload_settle import Signature
from embereye.model.errors import EmberEyeError

LEAST_IMAGE = 10 * 1024  # bytes; design "formats", Upload folder
LEAST_CLIP = 1024  # bytes; as above
LARGEST_IMAGE = 64 << 20  # bytes; no camera's JPEG or PNG of 50 megapixels is larger
_CHUNK = 1 << 20  # bytes read at once

_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# A link at the end of the path is refused, and a named pipe does not block.
_FLAGS |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Refusal(Enum):
    """Why a file was not taken; the value stands on screens."""

    LINK = "leads out of the upload folder"
    NOT_A_FILE = "not an ordinary file"
    EMPTY = "empty"
    SMALL = "too small for a picture or clip"
    LARGE = "larger than allowed"
    UNREADABLE = "cannot be read"
    DAMAGED = "damaged or not what its name says"
    PIXELS = "more pixels than allowed"
    LONG = "longer than allowed, only its beginning was taken"
    NAME = "a name that cannot be used"
    CROWDED = "too many files or folders"


class UploadRefused(EmberEyeError):
    """A file was not taken."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"The file is {reason.value}.")
        self.reason = reason


class UploadMoved(EmberEyeError):
    """The file went away or changed while it was read; its next notice comes by itself."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What is known of a file before it is decoded.

    Attributes:
        name: The last part of its path.
        digest: SHA-256 of the content, hex.
        size: Bytes.
        captured: When it was taken, UTC s: by its name, else by the file's time.
    """

    name: str
    kind: UploadKind
    digest: str
    size: int
    captured: float


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """A file that was read once. Close `file`.

    Attributes:
        content: The whole content of an image, b"" of a clip.
        file: Positioned at the beginning.
    """

    upload: Upload
    content: bytes
    file: IO[bytes]


def signature_of(path: str) -> Signature | None:
    """How a file is at the moment; None when it is gone or out of reach."""
    try:
        found = os.stat(path, follow_symlinks=False)
    except (OSError, ValueError):
        return None
    return _signature(found)


def open_upload(path: Path, root: Path, largest: int) -> OpenUpload:
    """Open and read `path`, which must lie below `root` (canonical) and be at most `largest` bytes.

    Raises:
        UploadRefused: it will not do.
        UploadMoved: it is gone or changed meanwhile.
    """
    kind = kind_of(path.name)
    if kind is None or not path.name.isprintable():
        raise UploadRefused(Refusal.NAME)
    file = _opened(path, root)
    try:
        before = os.fstat(file.fileno())
        _check_size(before.st_size, kind, largest)
        digest, content = _read(file, kind, before.st_size)
        if _signature(os.fstat(file.fileno())) != _signature(before):
            raise UploadMoved(f"{path.name} is still being written.")
        file.seek(0)
    except OSError:
        file.close()
        raise UploadRefused(Refusal.UNREADABLE) from None
    except EmberEyeError:
        file.close()
        raise
    captured = captured_at(path.name, before.st_mtime)
    return OpenUpload(Upload(path.name, kind, digest, before.st_size, captured), content, file)


def _opened(path: Path, root: Path) -> IO[bytes]:
    try:
        if path.is_symlink() or not path.resolve(strict=True).is_relative_to(root):
            raise UploadRefused(Refusal.LINK)
        handle = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise UploadMoved(f"{path.name} is gone.") from None
    except (OSError, RuntimeError, ValueError):
        raise UploadRefused(Refusal.UNREADABLE) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UploadRefused(Refusal.NOT_A_FILE)
    return os.fdopen(handle, "rb")


def _check_size(size: int, kind: UploadKind, largest: int) -> None:
    if size == 0:
        raise UploadRefused(Refusal.EMPTY)
    image = kind is UploadKind.IMAGE
    if size < (LEAST_IMAGE if image else LEAST_CLIP):
        raise UploadRefused(Refusal.SMALL)
    if size > (min(largest, LARGEST_IMAGE) if image else largest):
        raise UploadRefused(Refusal.LARGE)


def _read(file: IO[bytes], kind: UploadKind, size: int) -> tuple[str, bytes]:
    """The digest, and the content of an image. Reads `size` bytes at most."""
    digest, kept, left = sha256(), bytearray(), size
    while left > 0 and (chunk := file.read(min(_CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
        if kind is UploadKind.IMAGE:
            kept += chunk
    return digest.hexdigest(), bytes(kept)


def _signature(found: os.stat_result) -> Signature:
    return Signature(found.st_size, found.st_mtime_ns)
