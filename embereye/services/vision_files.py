"""Running the detectors over image and video files."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from threading import Event

import numpy as np

from embereye.model.detection import DetectionResult
from embereye.model.errors import DetectorError, SourceError
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock
from embereye.services.clip_file import opened_clip
from embereye.services.model_choice import Imported, camera_looks
from embereye.services.picture_file import read_picture, shrunk
from embereye.vision.looks import CameraLooks, Looks
from embereye.vision.pool import DetectorPool
from embereye.vision.pool_child import PoolOptions
from embereye.vision.remote_opinion import FrameOpinions

Consult = Callable[[Iterable[Frame]], Iterator[Frame]]

IMAGES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
CLIPS = frozenset({".mp4", ".m4v", ".mkv", ".avi", ".mov", ".ts", ".webm", ".mpg", ".mpeg", ".gif"})
_START = 60.0  # s; loading a model takes at most 15 s, then the child starts again
_CLOSEST = 0.075  # s between looks at a clip; the detectors skip closer ones anyway
_CAMERA = CameraId("file")
EACH_PICTURE = PoolOptions(model_period=0.0, model_votes=1)  # verdicts on single pictures


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """The verdict on one picture of a file; `frame` counts from 0, `time` in s."""

    path: Path
    frame: int
    time: float
    result: DetectionResult


def is_clip(path: Path) -> bool:
    """Whether a file is watched over time."""
    return path.suffix.lower() in CLIPS


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

    def __init__(
        self,
        models: str | CameraLooks,
        clock: Clock,
        imported: Imported | None = None,
        options: PoolOptions = EACH_PICTURE,
        stop: Event | None = None,
        consult: Consult | None = None,
    ) -> None:
        """Nothing is started yet.

        Args:
            models: As a camera names them, "built-in, persons, /models/cars.onnx", or resolved;
                empty: none.
            imported: Knows the files of imported ones; None: there are none.
            stop: Set from another thread, it ends any wait here with DetectorError.
            consult: Adds the opinions of the detector on another machine (`RemoteFiles`).
        """
        self._clock, self._stop = clock, stop or Event()
        if isinstance(models, str):
            models = camera_looks(models, imported or _nothing)
        if models.remote and consult is None:
            raise DetectorError("The detector on another machine takes no files. Leave it out.")
        self._pool = DetectorPool(options, clock)
        self._consult = consult or (lambda frames: iter(frames))
        self._pool.assign(Looks(others=models, remote=FrameOpinions()))

    def __enter__(self) -> "FileDetection":
        self._pool.start()
        end = self._clock.mono() + _START
        try:
            while not self._pool.idle(_CAMERA):
                self._pool.collect(0.05)
                self._check(end)
            if self._pool.state.trouble:
                raise DetectorError(self._pool.state.trouble)
        except DetectorError:
            self._pool.close()
            raise
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
        due = 0.0
        for frame, result in self.watch(frames_of(path), path.name):
            if frame.media >= due:
                due = frame.media + every
                yield FileVerdict(path, frame.seq, frame.media, result)

    def watch(self, frames: Iterable[Frame], name: str) -> Iterator[tuple[Frame, DetectionResult]]:
        """Each picture with its verdict, from an empty memory on; raises as `judge` does."""
        self._pool.forget([_CAMERA])
        for frame in self._consult(frames):
            yield frame, self._verdict(frame, name)

    def _verdict(self, frame: Frame, name: str) -> DetectionResult:
        if not self._pool.submit(frame):
            raise DetectorError(f"The detector failed on {name}.")
        while True:
            results = self._pool.collect(0.5)
            state = self._pool.state
            if state.trouble or state.lost:
                raise DetectorError(state.trouble or f"The detector failed on {name}.")
            if results:
                return results[0]
            self._check(inf)

    def _check(self, end: float) -> None:
        if self._stop.is_set():
            raise DetectorError("The detector was stopped.")
        if self._clock.mono() > end:
            raise DetectorError("The detector does not start. See the log for the reason.")


def _nothing(_name: str) -> None:
    """Nothing is imported."""


def frames_of(path: Path) -> Iterator[Frame]:
    """The picture of an image, or those of a clip at most every 75 ms, on the file's own time.

    Raises:
        SourceError: the file cannot be read or decoded.
    """
    if is_clip(path):
        yield from _clip(path)
        return
    yield frame_of(read_picture(path))


def _clip(path: Path) -> Iterator[Frame]:
    shown = None
    with opened_clip(path) as pictures:
        for number, time, picture in pictures:
            if shown is None or time - shown >= _CLOSEST or time < shown:
                shown = time
                pixels = np.asarray(picture.to_ndarray(format="bgr24"), dtype=np.uint8)
                yield frame_of(shrunk(np.ascontiguousarray(pixels)), number, time)


def frame_of(pixels: Pixels, number: int = 0, time: float = 0.0) -> Frame:
    """A picture of a file; `time` in s of the file."""
    height, width = pixels.shape[:2]
    # The file's own time stands for both clocks: verdicts must not depend on decoding speed.
    return Frame(_CAMERA, pixels, number, Stamp(time, time), time, width, height)
