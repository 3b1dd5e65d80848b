"""What runs inside a detector process: takes pictures, sends verdicts."""

from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import cv2

from embereye.model.detection import USUAL, Detection, Verification
from embereye.model.errors import DetectorError
from embereye.model.frame import Closeup, Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import SystemClock
from embereye.runtime.frames import FrameReader, SlotPicture
from embereye.vision.closeup import CloseupDetector
from embereye.vision.detector import Detector, Verdict
from embereye.vision.looks import BUILT_IN, Looks, ModelChoice
from embereye.vision.panel import Panel
from embereye.vision.providers import wished

_MISSING = "The built-in model is not there. Install EmberEye again, or choose another model."


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """How the pool and its children work.

    Attributes:
        processes: Children, at least 1.
        model: Path of an ONNX model for cameras that no table names, empty for none.
        provider: What runs the models, as `detection.provider` says.
        model_period: Least seconds between two inferences of one camera.
        model_votes: 1 judges each picture for itself; more: evidence is weighed over time.
        deadline: Seconds after which a child that still works on a picture is replaced.
        start_deadline: The same for loading one model (formats.md: 15 s).
        memory: MiB that a child may need before it is replaced.
    """

    processes: int = 1
    model: str = ""
    provider: str = "auto"
    model_period: float = 0.5
    model_votes: int = 3
    deadline: float = 5.0
    start_deadline: float = 15.0
    memory: int = 2048


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
    opinion: tuple[Detection, ...] | None = None


@dataclass(frozen=True, slots=True)
class Forget:
    """A camera that is gone."""

    camera: CameraId


@dataclass(frozen=True, slots=True)
class Assign:
    """Another table of who looks at what; `number` comes back with Ready."""

    number: int
    looks: Looks


@dataclass(frozen=True, slots=True)
class Begun:
    """A model is being loaded, or looks: should the child be lost, this was it."""

    model: ModelChoice
    loading: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """The child can work with the table of this number.

    Attributes:
        troubles: (model, reason) of each one that it must do without.
        providers: (model, what runs it as the settings call it) of each one that it has.
    """

    detector: str
    troubles: tuple[tuple[str, str], ...] = ()
    number: int = 0
    providers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A verdict.

    Attributes:
        seconds: The detectors' own time.
        troubles: As in `Ready`, when they changed; None: as before.
    """

    job: int
    verdict: Verdict
    detector: str
    seconds: float
    troubles: tuple[tuple[str, str], ...] | None = None


def serve(pipe: Connection, options: PoolOptions, looks: Looks) -> None:
    """Judge pictures until the pipe ends. The body of a child process."""
    cv2.setNumThreads(1)  # a child is one core; the parent counts on it
    child = _Child(pipe, options)
    try:
        child.take(Assign(0, looks))
        while True:
            child.take(pipe.recv())
    finally:
        child.close()


class _Child:
    """What the child has: detectors, shared memory, a pipe."""

    def __init__(self, pipe: Connection, options: PoolOptions) -> None:
        self._pipe, self._clock, self._reader = pipe, SystemClock(), FrameReader()
        self._panel = Panel(
            lambda model: loaded(model, options.provider, options.model_votes > 1),
            options.model_period,
            options.model_votes,
            lambda model, loading: pipe.send(Begun(model, loading)),
        )
        self._detector = CloseupDetector(self._panel)
        self._told: tuple[tuple[str, str], ...] = ()

    def take(self, message: object) -> None:
        if isinstance(message, Look):
            self._look(message)
        elif isinstance(message, Forget):
            self._detector.forget(message.camera)
        elif isinstance(message, Assign):
            self._panel.assign(message.looks)
            self._told = self._panel.troubles
            running = self._panel.providers
            self._pipe.send(Ready(self._panel.name, self._told, message.number, running))

    def close(self) -> None:
        self._reader.close()

    def _look(self, look: Look) -> None:
        frame = _frame(look, self._reader)
        started = self._clock.mono()
        verdict = self._detector.detect(frame)
        spent = self._clock.mono() - started
        troubles = self._panel.troubles
        changed, self._told = troubles != self._told, troubles
        name = self._panel.name_of(look.camera)
        self._pipe.send(Seen(look.job, verdict, name, spent, troubles if changed else None))


def loaded(model: ModelChoice, provider: str, in_turn: bool = False) -> Detector:
    """The detector of a model's file; loads it in this process.

    `in_turn`: it looks at parts of large pictures in turn, which takes more than one picture.

    Raises:
        DetectorError: there is no such file, or it cannot be used.
    """
    if not model.path:
        raise DetectorError(_MISSING if model.name == BUILT_IN else _unknown(model.name))
    # Imported here because only a child with a model pays for onnxruntime (0.2 s, 40 MiB).
    from embereye.vision.onnx import OnnxDetector
    from embereye.vision.tiles import tiled

    detector = OnnxDetector(Path(model.path), wished(provider))
    return tiled(detector) if in_turn else detector


def _unknown(name: str) -> str:
    return f"There is no model named {name}. Import it, or choose another one."


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
        opinion=look.opinion,
    )


def _closeup(near: Near | None, reader: FrameReader) -> Closeup | None:
    if near is None:
        return None
    return Closeup(reader.take(near.picture), near.x, near.y, near.width, near.height)
