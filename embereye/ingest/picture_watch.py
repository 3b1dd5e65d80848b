"""Watches whether the pictures of one camera can be trusted."""

from dataclasses import replace

import cv2

from embereye.ingest.picture_focus import Focus
from embereye.ingest.picture_sample import Sample, changed_parts, difference, sampled
from embereye.ingest.picture_seen import Seen, seen
from embereye.ingest.picture_view import Aspect, KnownView, levelled
from embereye.ingest.privacy import Masks
from embereye.model.camera import Doubt, PictureSigns
from embereye.model.frame import Pixels
from embereye.model.stamp import Stamp
from embereye.rules.picture_hold import Holds
from embereye.rules.picture_scene import Cuts, Restlessness, Scene, is_black
from embereye.rules.picture_still import CODED_ANEW, REPEATED, Stillness
from embereye.rules.picture_times import Lateness, StampWatch

_PERIOD = 0.2  # s between looks
_EARLY = 0.02  # s; pictures at exactly 5 a second must not miss every other turn by jitter
_LEARNING, _KNOWN = 1.0, 2.0  # s between looks at sharpness and view; six times as costly
_NO_STRUCTURE = 0.25  # of the usual structure, when the view is lost
_AS_USUAL = 0.5  # of it; light that falls to a quarter takes more than half away
_NOTHING = 0.005  # of the picture; less structure than this shows nothing at all
_FOLLOW = 0.02  # a look; usual structure follows in a minute
_ACCEPTED = 900.0  # s; after a quarter of an hour in view, what a turned camera shows is its view


class PictureWatch:
    """Looks at a camera's pictures where they are made anyway. Lives in the capture thread.

    Attributes:
        signs: Replaced as a whole; readable from any thread.
    """

    def __init__(self) -> None:
        self.signs = PictureSigns()
        self._times, self._lateness = StampWatch(), Lateness()
        self._size = (0, 0)
        self._live = True
        self._masks: Masks | None = None
        self._seen: dict[tuple[int, int], Seen | None] = {}  # by (width, height)
        self._before: Sample | None = None
        self._holds = Holds()
        self._restless = Restlessness()
        self._cuts, self._still, self._focus = Cuts(), _stillness(), Focus()
        self._view, self._other = KnownView(), KnownView()
        self._structure = 0.0
        self._strange_since: float | None = None
        self._looked = self._slow_at = float("-inf")

    def connected(self, *, live: bool) -> None:
        """A new connection: its time line begins anew, what is known of the view stays.

        A file (not `live`) begins again at its end; that is no change of its scene.
        """
        self._live = live
        self._times, self._lateness = StampWatch(), Lateness()

    def arrived(self, media: float, at: Stamp, repaired: int, *, behind: bool, lag: float) -> None:
        """Every decoded picture of a live source: its time stamp and how late it came."""
        self._times.seen(media, at.mono, repaired)
        self._lateness.seen(at.mono, behind)
        wrong = self._times.wrong
        late = self._lateness.late and not wrong  # a wrong clock looks like growing delay
        self._holds.feed(at.mono, Doubt.TIMES, wrong)
        self._holds.feed(at.mono, Doubt.DELAYED, late)
        doubts = self._holds.doubts
        if doubts != self.signs.doubts or abs(lag - self.signs.lag) > 0.1:
            self.signs = replace(self.signs, doubts=doubts, lag=lag)

    def resized(self, width: int, height: int, at: Stamp) -> None:
        """The size of the source picture; a change of it starts all learning anew."""
        if self._size not in ((0, 0), (width, height)):
            self._forget()
            self.signs = replace(self.signs, resized=at, known=False)
        self._size = (width, height)

    def mask(self, masks: Masks | None) -> None:
        """Judge only what these privacy masks leave of pictures; None: all of it."""
        if masks != self._masks:
            self._masks = masks
            self._forget()

    def due(self, now: float) -> bool:
        """Whether a look is due, monotonic seconds."""
        return now - self._looked >= _PERIOD - _EARLY

    def look(self, pixels: Pixels, at: Stamp) -> None:
        """Judge one picture, BGR or BGRX, at the size that it was made for detection or a tile."""
        self._looked = at.mono
        part = self._part(pixels)
        if part is not None and not part.enough:
            self._say(at.mono)  # there is nothing to doubt any more
            return
        sample = sampled(pixels, None if part is None else part.parts)
        if sample is None:
            return
        if self._before is not None and self._before.grey.shape != sample.grey.shape:
            self._forget()  # made for other eyes from now on
        before, self._before = self._before, sample
        scene = self._cuts.look(at.mono, sample.means, sample.colour, sample.warmth)
        if scene is Scene.CUT:
            self._cut(at.mono)
        elif scene is Scene.CHANGED and self._live:
            self._restless.changed(at.mono)
            self.signs = replace(self.signs, changed=at)
        elif before is not None:
            self._look_for_stillness(before, sample, at.mono, part)
        usual = self._view.known and self._strange_since is None
        period = _KNOWN if usual else _LEARNING
        if not self._cuts.unsettled and at.mono - self._slow_at >= period - _EARLY:
            self._slow_at = at.mono
            self._look_closely(sample, at.mono, part)
        self._say(at.mono)

    def _say(self, now: float) -> None:
        self._holds.feed(now, Doubt.RESTLESS, self._restless.look(now))
        self.signs = replace(
            self.signs,
            at=now,
            doubts=self._holds.doubts,
            known=self._view.known,
            settling=self._cuts.settling if self._live else 0.0,
        )

    def _forget(self) -> None:
        """Learn everything anew, except what concerns time stamps."""
        self._seen = {}
        self._before = self._strange_since = None
        self._holds = Holds()
        self._cuts, self._still, self._focus = Cuts(), _stillness(), Focus()
        self._view, self._other = KnownView(), KnownView()
        self._structure = 0.0
        self._slow_at = float("-inf")

    def _cut(self, now: float) -> None:
        """The whole picture changed: what noise and detail are usual is another matter now."""
        self._still = _stillness()
        self._focus.settle()
        self._holds.feed(now, Doubt.FROZEN, False)

    def _part(self, pixels: Pixels) -> Seen | None:
        """What is seen of pictures of this size; None: everything."""
        if self._masks is None:
            return None
        height, width = pixels.shape[:2]
        if (width, height) not in self._seen:
            source = self._size if all(self._size) else (width, height)
            self._seen = {(width, height): seen(self._masks.visible(width, height, source))}
        return self._seen[width, height]

    def _look_for_stillness(
        self, before: Sample, now: Sample, mono: float, part: Seen | None
    ) -> None:
        apart = difference(before.grey, now.grey)
        verdicts = []
        for still in self._still:
            changed = changed_parts(apart, still.standing.step)
            counted = changed if part is None else changed[part.parts]
            verdicts.append(still.look(mono, counted, now.means))
        known = [verdict for verdict in verdicts if verdict is not None]
        self._holds.feed(mono, Doubt.FROZEN, any(known) if known else None)

    def _look_closely(self, sample: Sample, now: float, part: Seen | None) -> None:
        half = None if part is None else part.half
        spread = float(cv2.meanStdDev(sample.half, mask=half)[1][0, 0])
        black = is_black(sample.means, spread)
        self._holds.feed(now, Doubt.BLACK, black)
        level, structure = levelled(sample.half, half)
        aspect = self._view.look(level, half) if self._view.known or not black else None
        self._holds.feed(now, Doubt.COVERED, self._covered(aspect, structure, black))
        self._holds.feed(now, Doubt.MOVED, self._moved(aspect, structure, level, now, half))
        grey = None if part is None else part.grey
        self._holds.feed(now, Doubt.BLURRED, self._unsharp(aspect, structure, sample, grey))

    def _unsharp(
        self, aspect: Aspect | None, structure: float, sample: Sample, grey: Pixels | None
    ) -> bool | None:
        """Whether fine detail is lost."""
        if aspect is None:
            return None
        structured = structure >= _AS_USUAL * self._structure
        return self._focus.look(
            sample.grey, in_place=aspect.in_place, structured=structured, seen=grey
        )

    def _covered(self, aspect: Aspect | None, structure: float, black: bool) -> bool:
        if black:
            return False
        if aspect is None or aspect.in_place:
            weight = _FOLLOW if self._structure else 1.0
            self._structure += weight * (structure - self._structure)
            return structure < _NOTHING
        return structure < max(_NOTHING, _NO_STRUCTURE * self._structure)

    def _moved(
        self,
        aspect: Aspect | None,
        structure: float,
        level: Pixels,
        now: float,
        half: Pixels | None,
    ) -> bool | None:
        """Whether the camera looks elsewhere: shifted, or at a view that is at rest itself."""
        if aspect is None:
            return False
        if aspect.in_place:
            self._other = KnownView()
            self._strange_since = None
            return False
        if structure < _NO_STRUCTURE * self._structure:
            return None
        if self._strange_since is None:
            self._strange_since = now
        other = self._other.look(level, half)
        settled = other is not None and other.in_place
        if settled and now - self._strange_since > _ACCEPTED:
            self._view, self._other = self._other, KnownView()
            return False
        return settled or aspect.shift > 0


def _stillness() -> tuple[Stillness, ...]:
    return Stillness(REPEATED), Stillness(CODED_ANEW)
