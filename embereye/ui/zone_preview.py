"""What was found in the last seconds, and whether it would count by what is being drawn. No Qt."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from embereye.model.detection import Detection, DetectionResult
from embereye.rules.scene import lies_hidden, lies_in
from embereye.rules.tracking import anchor
from embereye.rules.zones import Box, Size, box_of, size_of
from embereye.ui.zone_draft import EXCLUDE, LINE, Drawn

_KEPT = 5.0  # s; long enough to look up from the drawing and see who just went by
_MOST = 60  # verdicts; 8 a second come at most (detection.rate), so this is more than is kept


class Judgement(Enum):
    """What becomes of a detection."""

    COUNTS = "counts"
    IGNORED = "ignored"
    OUTSIDE = "outside"
    SMALL = "small"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Judged:
    """One detection.

    Attributes:
        box: Where it is, fractions of the picture.
        zone: Name of the area that decided; empty: none did.
    """

    found: Detection
    box: Box
    verdict: Judgement
    zone: str = ""

    @property
    def counts(self) -> bool:
        return self.verdict is Judgement.COUNTS

    @property
    def place(self) -> tuple[float, float]:
        """The point that says where it is: the foot; of flame and smoke the centre."""
        return anchor(self.found.label, self.box)


@dataclass(frozen=True, slots=True)
class Glance:
    """One picture that was judged; `mono` is when it was decoded."""

    mono: float
    found: tuple[tuple[Detection, Box], ...]


class Preview:
    """Keeps the newest verdicts of one camera; any one thread."""

    def __init__(self) -> None:
        self._glances: deque[Glance] = deque(maxlen=_MOST)
        self._newest: DetectionResult | None = None

    def note(self, result: DetectionResult | None, known: Size) -> bool:
        """Take the newest verdict; whether it is a new one. `known`: size of the picture."""
        if result is None or result is self._newest:
            return False
        self._newest = result
        size = size_of(result.source, known)
        if size is not None:
            found = tuple((one, box_of(one, size)) for one in result.detections)
            self._glances.append(Glance(result.frame_at.mono, found))
        return True

    def newest(self, mono: float) -> tuple[Glance, ...]:
        """The verdicts of the last seconds, oldest first."""
        return tuple(glance for glance in self._glances if mono - glance.mono <= _KEPT)


def judge(found: Detection, box: Box, drawn: Sequence[Drawn]) -> Judged:
    """What the areas that can be used make of a detection, whatever the time of day.

    How long it stays and whether it is confirmed is not looked at: that takes more than a picture.
    """
    areas = [
        one
        for one in drawn
        if one.kind != LINE and not one.trouble and (not one.labels or found.label in one.labels)
    ]
    for one in areas:
        if one.kind == EXCLUDE and lies_hidden(found.label, box, one.points):
            return Judged(found, box, Judgement.IGNORED, one.name)
    included = [one for one in areas if one.kind != EXCLUDE]
    verdicts = [_judged(found, box, one) for one in included]
    order = (Judgement.COUNTS, Judgement.UNSURE, Judgement.SMALL)
    for wanted in order:
        for verdict in verdicts:
            if verdict.verdict is wanted:
                return verdict
    return Judged(found, box, Judgement.OUTSIDE if included else Judgement.COUNTS)


def _judged(found: Detection, box: Box, one: Drawn) -> Judged:
    verdict = Judgement.COUNTS
    if not lies_in(found.label, box, one.points):
        verdict = Judgement.OUTSIDE
    elif box.visible.area < one.least_area:
        verdict = Judgement.SMALL
    elif found.confidence < one.confidence:
        verdict = Judgement.UNSURE
    return Judged(found, box, verdict, one.name)
