"""Running the detectors over image and video files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from embereye.model.detection import DetectionResult
from embereye.model.errors import DetectorError, SourceError
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock
from embereye.services.model_choice import Imported, camera_looks
from embereye.services.picture_file import MOST_PIXELS, read_picture, shrunk
from embereye.vision.looks import Looks
from embereye.vision.pool import DetectorPool
from embereye.vision.pool_child import PoolOptions

IMAGES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
CLIPS = frozenset({".mp4", ".m4v", ".mkv", ".avi", ".mov", ".ts", ".webm", ".mpg", ".mpeg", ".gif"})
_START = 60.0  # s; loading a model takes at most 15 s, then the child starts again
_CLOSEST = 0.075  # s between looks at a clip; the detectors skip closer ones anyway
_CAMERA = CameraId("file")
_FILES_ONLY = {"protocol_whitelist": "file"}  # a play list must not make us fetch anything


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """The verdict on one picture of a file; `frame` counts from 0, `time` in s."""

    path: Path
    frame: int
    time: float
    result: DetectionResult


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The images and clips among files and folders (recursive), in the order of names.

    Raises:
        SourceError: a path does not exist, or nothing usable is there.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (item for item in path.rglob("*") if item.suffix.lower() in IMAGES | CLIPS)
            found += sorted(item for item in inside if item.is_file())
        elif path.is_file():
            found.append(path)
        else:
            raise SourceError(f"{path} does not exist.")
    if not found:
        raise SourceError("There are no images or clips.")
    return found


class FileDetection:
    """Judges files one after the other, in a detector process. Lives in one thread.

    Use as a context manager. Every file starts with an empty memory.
    """

    def __init__(self, models: str, clock: Clock, imported: Imported | None = None) -> None:
        """`models`: as a camera names them, "built-in, persons, /models/cars.onnx"; empty: none.

        `imported` knows the files of imported ones; None: there are none.
        """
        self._clock = clock
        self._pool = DetectorPool(PoolOptions(1, model_period=0.0, model_votes=1), clock)
        looks = camera_looks(models, imported or _nothing)
        if looks.remote:
            raise DetectorError("The detector on another machine takes no files. Leave it out.")
        self._pool.assign(Looks(others=looks))

    def __enter__(self) -> "FileDetection":
        self._pool.start()
        end = self._clock.mono() + _START
        while not self._pool.idle(_CAMERA):
            self._pool.collect(0.05)
            if self._clock.mono() > end:
                self._pool.close()
                raise DetectorError("The detector does not start. See the log for the reason.")
        if self._pool.state.trouble:
            self._pool.close()
            raise DetectorError(self._pool.state.trouble)
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    @property
    def name(self) -> str:
        """Name of the detector."""
        return self._pool.state.detectors[0]

    def judge(self, path: Path, every: float) -> Iterator[FileVerdict]:
        """Verdicts on an image, or on a clip every `every` s; between them it only watches.

        Raises:
            SourceError: the file cannot be read or decoded.
            DetectorError: the detector or its model failed on this file.
        """
        self._pool.forget([_CAMERA])
        due = 0.0
        for frame in _frames(path):
            result = self._verdict(frame, path)
            if frame.media >= due:
                due = frame.media + every
                yield FileVerdict(path, frame.seq, frame.media, result)

    def _verdict(self, frame: Frame, path: Path) -> DetectionResult:
        if not self._pool.submit(frame):
            raise DetectorError(f"The detector failed on {path.name}.")
        while True:
            results = self._pool.collect(0.5)
            state = self._pool.state
            if state.trouble or state.lost:
                raise DetectorError(state.trouble or f"The detector failed on {path.name}.")
            if results:
                return results[0]


def _nothing(_name: str) -> None:
    """Nothing is imported."""


def _frames(path: Path) -> Iterator[Frame]:
    if path.suffix.lower() in CLIPS:
        yield from _clip(path)
        return
    yield _frame(read_picture(path), 0, 0.0)


def _clip(path: Path) -> Iterator[Frame]:
    try:
        with av.open(f"file:{path}", container_options=_FILES_ONLY) as container:
            if not container.streams.video:
                raise SourceError(f"{path} has no video.")
            stream = container.streams.video[0]
            if stream.codec_context.width * stream.codec_context.height > MOST_PIXELS:
                raise SourceError(f"{path} is too large.")
            rate = float(stream.average_rate or 25)
            shown = None
            for number, picture in enumerate(container.decode(stream)):
                time = number / rate if picture.time is None else float(picture.time)
                if shown is None or time - shown >= _CLOSEST or time < shown:
                    shown = time
                    pixels = np.asarray(picture.to_ndarray(format="bgr24"), dtype=np.uint8)
                    yield _frame(shrunk(np.ascontiguousarray(pixels)), number, time)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise SourceError(f"{path} is no clip that can be decoded: {error}") from None


def _frame(pixels: Pixels, number: int, time: float) -> Frame:
    height, width = pixels.shape[:2]
    # The file's own time stands for both clocks: verdicts must not depend on decoding speed.
    return Frame(_CAMERA, pixels, number, Stamp(time, time), time, width, height)
