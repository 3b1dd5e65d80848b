"""Judging labelled pictures and saying how right the verdicts were."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from embereye.model.detection import FIRE, SMOKE
from embereye.model.errors import SourceError
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.rules.accuracy import (
    Confusion,
    auc_interval,
    brier,
    calibration_error,
    confusion,
    strictest,
)
from embereye.rules.box_accuracy import SMALL, Area, BoxCounts, Marked, counted
from embereye.rules.intervals import Estimate, proportion
from embereye.runtime.clock import Clock
from embereye.services.labelled import Labelled
from embereye.services.picture_file import read_picture
from embereye.vision.detector import Detector, Verdict
from embereye.vision.fingerprint import fingerprint, firsts

LABELS = (FIRE, SMOKE)
FALSE_SHARES = (0.03, 0.05)  # of the negatives; what the accuracy targets are stated at
FEW_GROUPS = 10  # below, a bootstrap over groups is too narrow and the report says so
ALL = "all"  # the name of all sets together
_CAMERA = CameraId("evaluation")


@dataclass(frozen=True, slots=True)
class Judged:
    """One picture with what the detector said.

    Attributes:
        print: Its fingerprint.
        fire, smoke: Scores, 0–1.
        found: Label and box, most confident first.
        seconds: Time of the detector.
    """

    row: Labelled
    print: int
    fire: float
    smoke: float
    found: tuple[tuple[str, Area], ...]
    seconds: float

    def score(self, label: str) -> float:
        """Score of `label` (fire or smoke)."""
        return self.fire if label == FIRE else self.smoke


@dataclass(frozen=True, slots=True)
class AtLimit:
    """What is found when false alarms are limited.

    Attributes:
        limit: Largest share of negatives that may pass, 0–1.
        threshold: The lowest that keeps it; None where none does.
        recall: Share of positives found with it, 0 where none does.
    """

    limit: float
    threshold: float | None
    recall: Estimate


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """How well one label was scored in one set (or in all). None: cannot be said.

    Attributes:
        groups: Independent sources; below `FEW_GROUPS` the interval of the AUC is too narrow.
        auc: With its 95 % interval over groups.
        at: Counts at the threshold that was asked for.
        precision, recall: With 95 % intervals, at that threshold.
        limited: What is found at each of `FALSE_SHARES`.
        brier, calibration: See `rules.accuracy`.
    """

    label: str
    set_name: str
    positives: int
    negatives: int
    groups: int
    auc: Estimate | None
    at: Confusion
    precision: Estimate | None
    recall: Estimate | None
    limited: tuple[AtLimit, ...]
    brier: float
    calibration: float


@dataclass(frozen=True, slots=True)
class BoxFigures:
    """How well boxes were found; `below`: only drawn boxes under that share of the picture."""

    label: str
    below: float | None
    counts: BoxCounts


def judge(
    rows: Sequence[Labelled],
    detector: Detector,
    clock: Clock,
    problem: Callable[[str], None],
) -> list[Judged]:
    """Judge each picture on its own; `problem` is told of those that cannot be read.

    Raises:
        DetectorError: the detector failed.
    """
    found: list[Judged] = []
    for row in rows:
        try:
            pixels = read_picture(row.path)
        except SourceError as error:
            problem(str(error))
            continue
        found.append(_judged(row, pixels, detector, clock))
    return found


def without_repeats(pictures: Sequence[Judged]) -> list[Judged]:
    """Near-duplicates counted once: the first of those that look alike and are labelled alike.

    What looks alike and is labelled differently stays: a first wisp of smoke changes no hash.
    """
    kept: list[int] = []
    for labels in dict.fromkeys((p.row.fire, p.row.smoke) for p in pictures):
        places = [n for n, p in enumerate(pictures) if (p.row.fire, p.row.smoke) == labels]
        same = firsts([pictures[n].print for n in places])
        kept += [places[n] for n, first in enumerate(same) if n == first]
    return [pictures[n] for n in sorted(kept)]


def figures(pictures: Sequence[Judged], threshold: float) -> list[LabelFigures]:
    """Figures of fire and of smoke, of all sets together first, then of each set."""
    names = sorted({picture.row.set_name for picture in pictures})
    found: list[LabelFigures] = []
    for label in LABELS:
        known = [p for p in pictures if p.row.truth(label) is not None]
        parts = [(ALL, known)] if len(names) > 1 else []
        parts += [(name, [p for p in known if p.row.set_name == name]) for name in names]
        found += [_figures(label, name, part, threshold) for name, part in parts if part]
    return found


def box_figures(pictures: Iterable[Judged]) -> list[BoxFigures]:
    """Figures of boxes where people drew some: of all, and of small ones apart."""
    pictures = list(pictures)
    found: list[BoxFigures] = []
    for label in LABELS:
        marked = [_marked(picture, label) for picture in pictures]
        drawn = [one for one in marked if one.drawn]
        if drawn:
            found.append(BoxFigures(label, None, counted(drawn)))
            found += [BoxFigures(label, below, counted(drawn, below)) for below in SMALL]
    return found


def still(pixels: Pixels, camera: CameraId = _CAMERA) -> Frame:
    """A picture without a past, as a detector takes it."""
    height, width = pixels.shape[:2]
    return Frame(camera, pixels, 0, Stamp(0.0, 0.0), 0.0, width, height)


def _judged(row: Labelled, pixels: Pixels, detector: Detector, clock: Clock) -> Judged:
    frame = still(pixels)
    detector.forget(frame.camera)
    started = clock.mono()
    verdict = detector.detect(frame)
    spent = clock.mono() - started
    size = frame.source_width, frame.source_height
    boxes = _fractions(verdict, size)
    return Judged(row, fingerprint(pixels), verdict.fire, verdict.smoke, boxes, spent)


def _fractions(verdict: Verdict, size: tuple[int, int]) -> tuple[tuple[str, Area], ...]:
    width, height = size
    return tuple(
        (
            seen.label,
            Area(
                seen.x / width,
                seen.y / height,
                (seen.x + seen.width) / width,
                (seen.y + seen.height) / height,
            ),
        )
        for seen in sorted(verdict.detections, key=lambda seen: -seen.confidence)
    )


def _figures(
    label: str, set_name: str, pictures: Sequence[Judged], threshold: float
) -> LabelFigures:
    scores = np.array([picture.score(label) for picture in pictures], dtype=np.float64)
    truths = np.array([bool(picture.row.truth(label)) for picture in pictures])
    sources = sorted({(p.row.set_name, p.row.group) for p in pictures})
    number = {source: n for n, source in enumerate(sources)}
    groups = np.array([number[p.row.set_name, p.row.group] for p in pictures], dtype=np.int64)
    at = confusion(scores, truths, threshold)
    positives = int(np.count_nonzero(truths))
    negatives = len(truths) - positives
    limited = tuple(_limited(scores, truths, share) for share in FALSE_SHARES)
    return LabelFigures(
        label=label,
        set_name=set_name,
        positives=positives,
        negatives=negatives,
        groups=len(sources),
        auc=auc_interval(scores, truths, groups),
        at=at,
        precision=_estimate(at.true_positives, at.true_positives + at.false_positives),
        recall=_estimate(at.true_positives, positives),
        limited=limited if positives and negatives else (),
        brier=brier(scores, truths),
        calibration=calibration_error(scores, truths),
    )


def _limited(scores: np.ndarray, truths: np.ndarray, share: float) -> AtLimit:
    threshold = strictest(scores, truths, share)
    positives = int(np.count_nonzero(truths))
    hits = 0 if threshold is None else int(np.count_nonzero(scores[truths] >= threshold))
    return AtLimit(share, threshold, proportion(hits, max(1, positives)))


def _estimate(hits: int, of: int) -> Estimate | None:
    return proportion(hits, of) if of else None


def _marked(picture: Judged, label: str) -> Marked:
    drawn = picture.row.boxes or ()
    return Marked(
        tuple(area for name, area in drawn if name == label),
        tuple(area for name, area in picture.found if name == label),
    )
