"""What runs inside a detector process: takes pictures, sends verdicts."""

from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import cv2

from embereye.model.detection import USUAL, Verification
from embereye.model.errors import DetectorError
from embereye.model.frame import Closeup, Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import SystemClock
from embereye.runtime.frames import FrameReader, SlotPicture
from embereye.vision.closeup import CloseupDetector
from embereye.vision.combined import CombinedDetector
from embereye.vision.detector import Detector, Verdict
from embereye.vision.heuristic import HeuristicDetector


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """How the pool and its children work.

    Attributes:
        processes: Children, at least 1.
        model: Path of an ONNX model beside the heuristic, empty for none.
        model_period: Least seconds between two inferences of one camera.
        model_votes: Inferences whose median is the model's score; 1 for single pictures.
        deadline: Seconds after which a child that still works on a picture is replaced.
        start_deadline: The same for loading the model (formats.md: 15 s).
    """

    processes: int = 1
    model: str = ""
    model_period: float = 1.0
    model_votes: int = 3
    deadline: float = 5.0
    start_deadline: float = 15.0


@dataclass(frozen=True, slots=True)
class Near:
    """A closeup on its way; as in `Closeup`."""

    picture: SlotPicture
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Look:
    """A picture to judge."""

    job: int
    camera: CameraId
    picture: SlotPicture
    seq: int
    at: Stamp
    media: float
    source_width: int
    source_height: int
    near: Near | None = None
    verification: Verification = USUAL


@dataclass(frozen=True, slots=True)
class Forget:
    """A camera that is gone."""

    camera: CameraId


@dataclass(frozen=True, slots=True)
class Ready:
    """The child can work; `trouble` says what it must do without."""

    detector: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A verdict; `seconds` is the detector's own time."""

    job: int
    verdict: Verdict
    detector: str
    seconds: float
    trouble: str = ""


def serve(pipe: Connection, options: PoolOptions) -> None:
    """Judge pictures until the pipe ends. The body of a child process."""
    cv2.setNumThreads(1)  # a child is one core; the parent counts on it
    clock = SystemClock()
    reader = FrameReader()
    heuristic = HeuristicDetector()
    inner, trouble = _built(heuristic, options)
    detector = CloseupDetector(inner)
    pipe.send(Ready(detector.name, trouble))
    try:
        while True:
            message = pipe.recv()
            if isinstance(message, Forget):
                detector.forget(message.camera)
            elif isinstance(message, Look):
                frame = _frame(message, reader)
                started = clock.mono()
                trouble = ""
                try:
                    verdict = detector.detect(frame)
                except DetectorError as error:
                    # The model is lost; the heuristic goes on with what it remembers.
                    detector, trouble = CloseupDetector(heuristic), str(error)
                    verdict = detector.detect(frame)
                spent = clock.mono() - started
                pipe.send(Seen(message.job, verdict, detector.name, spent, trouble))
    finally:
        reader.close()


def _built(heuristic: HeuristicDetector, options: PoolOptions) -> tuple[Detector, str]:
    if not options.model:
        return heuristic, ""
    # Imported here because only a child with a model pays for onnxruntime (0.2 s, 40 MiB).
    from embereye.vision.onnx import OnnxDetector

    try:
        model = OnnxDetector(Path(options.model))
    except DetectorError as error:
        return heuristic, str(error)
    return CombinedDetector(heuristic, model, options.model_period, options.model_votes), ""


def _frame(look: Look, reader: FrameReader) -> Frame:
    return Frame(
        camera=look.camera,
        pixels=reader.take(look.picture),
        seq=look.seq,
        at=look.at,
        media=look.media,
        source_width=look.source_width,
        source_height=look.source_height,
        closeup=_closeup(look.near, reader),
        verification=look.verification,
    )


def _closeup(near: Near | None, reader: FrameReader) -> Closeup | None:
    if near is None:
        return None
    return Closeup(reader.take(near.picture), near.x, near.y, near.width, near.height)
