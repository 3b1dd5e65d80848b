"""A trained model beside the rules of thumb: each camera gets one confidence from both."""

from dataclasses import replace

from embereye.model.detection import FIRE, SMOKE, Detection
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.vision.calibration import FIRE_WEIGHTS, SMOKE_WEIGHTS
from embereye.vision.detector import Detector, Verdict, merged
from embereye.vision.evidence import HINT, Belief, Sign, moves
from embereye.vision.imaging import reduced
from embereye.vision.pace import Pace
from embereye.vision.second_look import SecondLook
from embereye.vision.stirring import STILL, Place, Stirring

_LONGEST = 320  # px; as the heuristic looks at it
_SUSPICION = 0.3  # score from which the model looks twice as often and a place is looked at
_SHOWN = 0.5  # least score of a verdict that counts as moving, as the heuristic's
_WHOLE: Place = (0.0, 0.0, 1.0, 1.0)


class CombinedDetector:
    """Runs the cheap detector on each frame and the model at most every `period` s a camera.

    The model looks twice as often where either suspects something. What both say, and how the
    place changes, is weighed over the verification time of the camera (`evidence.Belief`).
    Without a model that can see a hazard the cheap detector decides alone. Lives in one thread.
    """

    def __init__(self, cheap: Detector, model: Detector | None, period: float, votes: int) -> None:
        """`votes` 1: each picture is judged for itself, what the model can see by it alone."""
        self.name = f"{cheap.name} + {model.name}" if model else cheap.name
        self._cheap, self._model = cheap, SecondLook(model) if model else None
        self._period, self._single = period, votes == 1
        self._cameras: dict[CameraId, _Camera] = {}

    def detect(self, frame: Frame) -> Verdict:
        """Judge the next frame of its camera; raises what the model raises."""
        first = self._cheap.detect(frame)
        if self._single:
            return _alone(first, self._model.detect(frame, first)) if self._model else first
        camera = self._cameras.setdefault(frame.camera, _Camera())
        if not camera.pace.take(frame):
            return camera.verdict
        if self._model and camera.due(self._period, first):
            camera.opinion = self._model.detect(frame, first)
        return camera.judge(frame, first)

    def signs(self, camera: CameraId) -> dict[str, Sign]:
        """What the last look at a camera showed of each hazard; for calibration."""
        known = self._cameras.get(camera)
        return dict(known.signs) if known else {}

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        self._cameras.pop(camera, None)
        self._cheap.forget(camera)
        if self._model:
            self._model.forget(camera)


class _Camera:
    """What is remembered of one camera."""

    def __init__(self) -> None:
        self.pace = Pace()
        self.opinion = Verdict()
        self.verdict = Verdict()
        self.signs: dict[str, Sign] = {}
        self._asked: float | None = None
        self._stirring = Stirring()
        self._beliefs = {FIRE: Belief(FIRE_WEIGHTS), SMOKE: Belief(SMOKE_WEIGHTS)}

    def due(self, period: float, first: Verdict) -> bool:
        """Whether the model looks at this frame."""
        scores = (first.fire, first.smoke, self.opinion.fire, self.opinion.smoke)
        wait = period / 2 if max(scores) >= _SUSPICION else period
        if self._asked is not None and self.pace.time - self._asked < wait:
            return False
        self._asked = self.pace.time
        return True

    def judge(self, frame: Frame, first: Verdict) -> Verdict:
        if self._asked is not None:
            self._stirring.look(self.pace.time, reduced(frame.pixels, _LONGEST))
        times = frame.verification
        fire, fire_alive = self._weighed(FIRE, frame, first, times.flame)
        smoke, smoke_alive = self._weighed(SMOKE, frame, first, times.smoke)
        boxes = _boxes(first, self.opinion, {FIRE: fire, SMOKE: smoke})
        boxes = self._told_apart(frame, boxes)
        self.verdict = Verdict(
            detections=boxes,
            fire=fire,
            smoke=smoke,
            moving=(fire >= _SHOWN and fire_alive) or (smoke >= _SHOWN and smoke_alive),
            history=first.history,
            judges=frozenset((FIRE, SMOKE)),
            suspicion=max(max(s.rules, s.model or 0.0, s.peak) for s in self.signs.values()),
        )
        return self.verdict

    def _told_apart(self, frame: Frame, boxes: tuple[Detection, ...]) -> tuple[Detection, ...]:
        """Of several boxes of a kind those that keep still are hints only.

        What a flame makes sure would be said of the poster beside it as well, which alarms where
        the flame is a furnace in an area that does not count.
        """
        several = [
            box
            for box in boxes
            if box.confidence > HINT
            and box.label in self._beliefs
            and sum(b.label == box.label for b in boxes) > 1
        ]
        places = [_share_of(frame, box) for box in several]
        changes = self._stirring.active(places) if places else None
        if changes is None:
            return boxes
        still = {id(box) for box, change in zip(several, changes, strict=True) if not moves(change)}
        told = [replace(box, confidence=HINT) if id(box) in still else box for box in boxes]
        return tuple(sorted(told, key=lambda box: -box.confidence))

    def _weighed(
        self, label: str, frame: Frame, first: Verdict, verification: float
    ) -> tuple[float, bool]:
        belief = self._beliefs[label]
        # The first picture is judged by its colours alone; those say nothing over time.
        rules = _score(first, label) if first.history > 0 else 0.0
        score = _score(self.opinion, label)
        model = score if score > 0 or label in self.opinion.judges else None
        peak = max((b.confidence for b in self.opinion.detections if b.label == label), default=0.0)
        stir, size = STILL, 0.0
        if model is not None and max(rules, score, peak) >= _SUSPICION:
            place = _place(frame, label, self.opinion, first)
            stir, size = self._stirring.at(place), place[2] * place[3]
        sign = self.signs[label] = Sign(rules, model, peak, stir, size)
        confidence = belief.take(self.pace.time, sign, verification)
        return confidence, belief.alive


def _alone(first: Verdict, opinion: Verdict) -> Verdict:
    """One picture without a past: colours say nothing beside a model that knows the hazard."""
    rest = replace(
        first,
        fire=0.0 if FIRE in opinion.judges else first.fire,
        smoke=0.0 if SMOKE in opinion.judges else first.smoke,
        detections=tuple(box for box in first.detections if box.label not in opinion.judges),
    )
    return merged(rest, opinion)


def _score(verdict: Verdict, label: str) -> float:
    return verdict.fire if label == FIRE else verdict.smoke


def _place(frame: Frame, label: str, *verdicts: Verdict) -> Place:
    """The best box of a kind, of the first verdict that has one; else the whole picture."""
    for verdict in verdicts:
        for box in verdict.detections:
            if box.label == label:
                return _share_of(frame, box)
    return _WHOLE


def _share_of(frame: Frame, box: Detection) -> Place:
    width, height = frame.source_width, frame.source_height
    return box.x / width, box.y / height, box.width / width, box.height / height


def _boxes(
    first: Verdict, opinion: Verdict, confidences: dict[str, float]
) -> tuple[Detection, ...]:
    """The model's boxes, and those of the rules where the model has none of that kind.

    The best box of a hazard carries the confidence of the picture, the others in proportion.
    """
    found: list[Detection] = []
    for label, confidence in confidences.items():
        kind = [box for box in opinion.detections if box.label == label]
        kind = kind or [box for box in first.detections if box.label == label]
        best = max((box.confidence for box in kind), default=0.0)
        found += [
            replace(box, confidence=confidence * box.confidence / best) for box in kind if best > 0
        ]
    found += [box for box in opinion.detections if box.label not in confidences]
    return tuple(sorted(found, key=lambda box: -box.confidence))
