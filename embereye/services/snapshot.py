"""One picture of a camera as a file that tells where and when it was taken."""

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

import cv2
import numpy as np

from embereye import __version__
from embereye.model.errors import EmberEyeError
from embereye.model.frame import Pixels, Tile
from embereye.model.ids import CameraId
from embereye.services.exif import Exif
from embereye.services.picture_marks import marked_jpeg, marked_png

FORM = 1  # version of the facts
ENDINGS = (".png", ".jpg", ".jpeg")
_QUALITY = 95  # of 100; a snapshot is looked at closely, and small differences are evidence
_LONGEST = 100  # bytes of a camera's name in a file name; all of it must stay below 255


class SnapshotError(EmberEyeError):
    """A snapshot cannot be taken or saved; says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A picture that was taken.

    Attributes:
        name: Of the camera.
        pixels: (height, width, 3) uint8, BGR, C-contiguous; privacy masks are in it, nothing else.
        utc: When decoding ended, s.
        source_width, source_height: Pixels of the source picture.
    """

    camera: CameraId
    name: str
    pixels: Pixels
    utc: float
    source_width: int
    source_height: int

    @property
    def local(self) -> datetime:
        """When it was taken, in the time of this computer, with its offset."""
        return datetime.fromtimestamp(self.utc, UTC).astimezone()


def snapshot_of(tile: Tile, name: str) -> Snapshot:
    """A copy of a tile's picture: what it was shown from may be used again."""
    pixels = np.ascontiguousarray(tile.pixels[:, :, :3])
    source = tile.source_width, tile.source_height
    return Snapshot(tile.camera, name, pixels, tile.at.utc, *source)


def facts(snapshot: Snapshot) -> dict[str, object]:
    """What belongs to the picture, as plain values."""
    height, width = snapshot.pixels.shape[:2]
    moment = snapshot.local
    return {
        "form": FORM,
        "program": f"EmberEye {__version__}",
        "camera": str(snapshot.camera),
        "name": snapshot.name,
        "utc": moment.astimezone(UTC).isoformat(timespec="milliseconds"),
        "local": moment.isoformat(timespec="milliseconds"),
        "width": width,
        "height": height,
        "source_width": snapshot.source_width,
        "source_height": snapshot.source_height,
    }


def file_name(snapshot: Snapshot, ending: str = ".png") -> str:
    """A name that every system takes and that says camera and time: "Gate_cam-1_2026-11-20_
    19-22-48.123+0100.png"; local time with its offset, so that the hour put back in autumn is
    no other one."""
    moment = snapshot.local
    time = f"{moment:%Y-%m-%d_%H-%M-%S}.{moment.microsecond // 1000:03d}{moment:%z}"
    normal = unicodedata.normalize("NFC", snapshot.name)
    safe = re.sub(r"[^\w.-]+", "-", normal).strip("-._")
    safe = safe.encode()[:_LONGEST].decode(errors="ignore")
    parts = [safe, str(snapshot.camera), time] if safe else [str(snapshot.camera), time]
    return "_".join(parts) + ending


def encoded(snapshot: Snapshot, ending: str) -> bytes:
    """The file's content: PNG, else JPEG, with the facts as other programs read them.

    Raises:
        SnapshotError: `ending` is none of `ENDINGS`.
    """
    ending = ending.lower()
    if ending not in ENDINGS:
        raise SnapshotError("A snapshot is a .png or .jpg file. Give it a name that ends so.")
    options = [] if ending == ".png" else [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    good, content = cv2.imencode(ending, snapshot.pixels, options)
    if not good:
        raise SnapshotError("The picture could not be coded.")
    told = facts(snapshot)
    text = json.dumps(told, ensure_ascii=False)
    title = f"{snapshot.name} ({snapshot.camera})"
    exif = Exif(title, str(told["program"]), snapshot.local, text)
    if ending != ".png":
        return marked_jpeg(content.tobytes(), exif, text)
    words = {
        "Title": title,
        "Creation Time": str(told["utc"]),
        "Software": str(told["program"]),
        "Description": text,
    }
    return marked_png(content.tobytes(), exif, words)
