"""Trying models on one clip or picture, for a person who watches."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

import av
import cv2

from embereye.model.detection import FIRE, SMOKE, DetectionResult
from embereye.model.errors import DetectorError
from embereye.model.frame import Frame, Pixels
from embereye.rules.camera_inputs import CameraInputs
from embereye.rules.risk_limits import RiskLimits
from embereye.rules.watch import Grade
from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.clip_file import CLIP_FILES
from embereye.services.vision_files import CLIPS, FileDetection, frame_of, frames_of
from embereye.vision.looks import CameraLooks, ModelChoice
from embereye.vision.pool_child import PoolOptions

LONGEST = 120.0  # s of a clip that are tried
_EVERY = 0.12  # s between two steps that are shown: about 8 a second
_MOST = 1024  # steps; 120 s have 1,000
_SHOWN = 640  # px of the longer side of a picture that is kept; all of them take 60 MB as JPEG
_QUALITY = 85  # of JPEG: nothing to be seen of it on a small picture


@dataclass(frozen=True, slots=True, eq=False)
class TrialStep:
    """One picture of a trial.

    Attributes:
        time: Seconds of the clip.
        result: Boxes in pixels of `result.source`.
        jpeg: The picture, at most 640 px long.
        alarms: Labels whose limit is tripped from here on, as on a camera.
    """

    time: float
    result: DetectionResult
    jpeg: bytes
    alarms: frozenset[str]


class ClipTrial:
    """One try: of one model, on one file or picture.

    Attributes:
        steps: What there is so far; for one reader.
        seconds: Length of the clip; 0 for a picture, and while nobody knows.
    """

    def __init__(
        self, model: tuple[str, str], subject: Path | Pixels, limits: RiskLimits, clock: Clock
    ) -> None:
        """`model`: name and path; an empty path means the heuristic alone."""
        self.steps: Mailbox[TrialStep] = Mailbox(_MOST, Full.REFUSE)
        self.seconds = 0.0
        self._subject, self._limits, self._clock = subject, limits, clock
        self._looks = CameraLooks((ModelChoice(*model),)) if model[1] else CameraLooks()
        self._stop = Event()

    def cancel(self) -> None:
        """End `run` early, within half a second. Any thread."""
        self._stop.set()

    def run(self) -> str:
        """Work until the clip ends; the name of the detectors. Blocks; in a thread of its own.

        Raises:
            SourceError: the file cannot be read or decoded.
            DetectorError: the model cannot be used, or failed.
        """
        if isinstance(self._subject, Path):
            name, frames = self._subject.name, frames_of(self._subject)
            self.seconds = min(LONGEST, _length(self._subject))
        else:
            name, frames = "the picture", iter((frame_of(self._subject),))
        try:
            return self._judge(name, frames)
        except DetectorError:
            if self._stop.is_set():
                return ""
            raise

    def _judge(self, name: str, frames: Iterable[Frame]) -> str:
        inputs, due = CameraInputs(self._limits), 0.0
        with FileDetection(self._looks, self._clock, options=PoolOptions(), stop=self._stop) as way:
            for frame, result in way.watch(frames, name):
                if self._stop.is_set() or frame.media > LONGEST:
                    break
                # On the time line of the clip: a slow machine must not delay its alarm.
                inputs.take(replace(result, at=frame.at))
                if frame.media >= due:
                    due = frame.media + _EVERY
                    self.steps.put(_step(frame, result, inputs))
            return way.name


def _step(frame: Frame, result: DetectionResult, inputs: CameraInputs) -> TrialStep:
    grades = {watch.grade for watch in inputs.watches if watch.tripped}
    labels = {Grade.FIRE: FIRE, Grade.HIGH: SMOKE}
    alarms = frozenset(label for grade, label in labels.items() if grade in grades)
    height, width = frame.pixels.shape[:2]
    scale = min(1.0, _SHOWN / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA)
    _, coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return TrialStep(frame.media, result, coded.tobytes(), alarms)


def _length(path: Path) -> float:
    """Seconds that a clip says it lasts; 0 where it does not."""
    if path.suffix.lower() not in CLIPS:
        return 0.0
    try:
        with av.open(f"file:{path}", container_options=CLIP_FILES) as container:
            return (container.duration or 0) / av.time_base
    except (av.FFmpegError, OSError, ValueError):
        return 0.0  # whoever decodes it says why
