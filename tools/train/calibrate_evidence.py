"""Fits the weights of `embereye/vision/calibration.py` on the training clips and scenes.

    PYTHONPATH=.:tests python -m tools.train.calibrate_evidence MEDIA MODEL [--keep FILE]

MEDIA is the folder with `manifest.csv`, MODEL the trained model. Clips that `split` holds out are
played as well, for the report only. Each clip is played as a camera would see it: the whole chain
of rules, model and stirring judges eight pictures a second, and what each look showed is kept
(`--keep`: in a file, so that a second run need not play them again; 10 minutes on two cores).

The fit is a logistic regression on the means that `evidence.Belief` forms, every clip weighing the
same and each side half, drawn towards round weights since there are few clips. Weights cannot be
negative. Then the bias is chosen so that the alarm limit, 0.70, lies where misses and false alarms
of the training clips and scenes cost least (see `_limit`).
"""

import argparse
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from functools import partial
from itertools import takewhile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embereye.model.detection import FIRE, SMOKE, Verification
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.services.footage import View, any_view, endless, loaded, once
from embereye.services.labelled import Labelled, Span
from embereye.vision.calibration import FIRE_WEIGHTS, SMOKE_WEIGHTS, Weights
from embereye.vision.combined import CombinedDetector
from embereye.vision.detector import Detector
from embereye.vision.evidence import Belief, Sign
from embereye.vision.heuristic import HeuristicDetector
from embereye.vision.onnx import OnnxDetector
from embereye.vision.tiles import tiled
from tools.train.split import Item, Use, clips

_CAMERA = CameraId("clip")
_BURNING, _QUIET, _SCENE = 16.0, 40.0, 8.0  # s of clips with and without a hazard, of scenes
_VIEWS = 2  # of each burning clip: as it is, and as another camera might have seen it
_PERIOD = 0.5  # s between inferences, as in the console
_ALARM, _HITS, _OF = 0.70, 3, 5  # alarm design: 3 of the last 5 detections
_MARGIN = 0.6  # of log-odds below the alarm: held-out clips come out this much higher
# The rules see few of the training fires, so these say little of their weight. At least it must do
# for a small flame: a stirring place with this score of the rules and this one of the model.
_SEEN, _WEAK = 0.75, 0.35
_NEEDED = {FIRE: FIRE_WEIGHTS.needs, SMOKE: SMOKE_WEIGHTS.needs}
_LIMIT = 10.0  # s in which a burning clip must alarm
_PRIOR = Weights(-4.0, 0.6, 0.5, 5.0, 0.7, 2.5, 0.5)
# Towards weights with which a boiling place needs 0.9 of the model, or 0.5 and 0.7 of the rules
_PULL = 0.02  # towards the prior, against a mean log-likelihood
_STEPS, _RATE = 4000, 0.05
_TIMES = Verification()

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Course:
    """What each look at one clip showed.

    Attributes:
        truth: By label, whether the clip shows it; None: nobody said.
        since: By label, second from which it does.
        signs: (time in s, sign by label) of each look.
    """

    name: str
    use: Use
    truth: dict[str, bool | None]
    since: dict[str, float]
    signs: tuple[tuple[float, dict[str, Sign]], ...]


def main() -> None:
    """Play, fit, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("media", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    courses = _kept(args.media, args.model, args.keep)
    for label, before in ((FIRE, FIRE_WEIGHTS), (SMOKE, SMOKE_WEIGHTS)):
        weights = fitted(label, [course for course in courses if course.use is Use.TRAIN])
        print(f"{label}: in the file {before}\n{label}: fitted      {weights}")
        _report(label, weights, courses)


def fitted(label: str, courses: Iterable[Course]) -> Weights:
    """The weights that these clips ask for."""
    told = [course for course in courses if course.truth[label] is not None]
    rows = [(_means(label, course), bool(course.truth[label])) for course in told]
    weights = _regressed(rows)
    weights[0] = 0.0
    alarm = _odds(_ALARM)
    weights[0] = alarm - _limit(label, told, weights)
    _, model, peak, _, stir, _, _ = weights
    needed = (alarm - weights[0] - stir - (model + peak) * _odds(_WEAK)) / _SEEN
    weights[3] = max(weights[3], needed)
    needs = _NEEDED[label]  # no fit: the training clips are known to the model by heart
    return Weights(*(round(float(value), 2) for value in weights), needs=needs)


def alarm_at(label: str, course: Course, weights: Weights) -> float | None:
    """Seconds from the start of the hazard to the alarm; None: no alarm."""
    for time, score in _scores(label, course, weights, _HITS, _OF):
        if score >= _ALARM:
            return time - course.since[label]
    return None


def _regressed(rows: list[tuple[Numbers, bool]]) -> Numbers:
    sides = [sum(truth for _, truth in rows), sum(not truth for _, truth in rows)]
    inputs = np.concatenate([means for means, _ in rows])
    truths = np.concatenate([np.full(len(means), float(truth)) for means, truth in rows])
    shares = np.concatenate(
        [np.full(len(means), 0.5 / sides[not truth] / len(means)) for means, truth in rows]
    )
    inputs = np.column_stack([np.ones(len(inputs)), inputs])
    prior = np.array(astuple(_PRIOR)[:-1])
    weights = prior.copy()
    for _ in range(_STEPS):
        wrong = 1 / (1 + np.exp(-inputs @ weights)) - truths
        slope = inputs.T @ (shares * wrong) + _PULL * (weights - prior) / np.maximum(1, prior**2)
        weights -= _RATE * slope
        weights[1:] = np.maximum(weights[1:], 0.0)
    return np.asarray(weights, dtype=np.float64)


def _limit(label: str, courses: list[Course], weights: Numbers) -> float:
    """The log-odds, without bias, at which an alarm costs least.

    A missed fire costs as much as two alarms of rendered scenes; a filmed clip without the hazard
    has to stay `_MARGIN` below. Of limits that cost the same, the middle of the widest range.
    """
    drawn = {plan.name for plan in _scenes()}
    burning, rendered, filmed = [], [], [-np.inf]
    for course in courses:
        if course.truth[label]:
            burning.append(_nearest(_means(label, course, 0.0, _LIMIT) @ weights[1:]))
        else:
            reached = _nearest(_means(label, course, 0.0) @ weights[1:])
            (rendered if course.name in drawn else filmed).append(reached)
    least = max(filmed) + _MARGIN
    edges = np.array(sorted({least, *(v for v in [*burning, *rendered] if v > least)}))
    edges = np.append(edges, edges[-1] + _MARGIN)
    middles = (edges[1:] + edges[:-1]) / 2
    costs = [2 * sum(v < m for v in burning) + sum(v >= m for v in rendered) for m in middles]
    widths = np.diff(edges)
    best = max(range(len(middles)), key=lambda n: (-costs[n], widths[n]))
    return float(middles[best])


def _nearest(odds: Numbers) -> float:
    """The highest that 3 of 5 looks in a row reached."""
    if len(odds) < _OF:
        return -np.inf
    windows = np.lib.stride_tricks.sliding_window_view(odds, _OF)
    return float(np.sort(windows, axis=1)[:, -_HITS].max())


def _odds(chance: float) -> float:
    return float(np.log(chance / (1 - chance)))


def _means(label: str, course: Course, start: float = 4.0, end: float = np.inf) -> Numbers:
    """(looks, 6): what the weights are of, `start` to `end` s after the hazard's beginning."""
    belief, found = Belief(_PRIOR), []
    for time, signs in course.signs:
        belief.take(time, signs[label], _time(label))
        if start <= time - course.since[label] <= end:
            found.append(belief.means)
    return np.array(found or [belief.means])


def _scores(
    label: str, course: Course, weights: Weights, hits: int, of: int
) -> Iterator[tuple[float, float]]:
    belief, last = Belief(weights), []
    for time, signs in course.signs:
        score = belief.take(time, signs[label], _time(label))
        last = [*last, score if belief.alive else 0.0][-of:]
        if len(last) >= hits:
            yield time, sorted(last)[-hits]


def _time(label: str) -> float:
    return _TIMES.flame if label == FIRE else _TIMES.smoke


def _kept(media: Path, model: Path, keep: Path | None) -> list[Course]:
    """All courses: those of the file, then those that it lacks."""
    found: list[Course] = pickle.loads(keep.read_bytes()) if keep and keep.exists() else []
    known = {course.name for course in found}
    network = tiled(OnnxDetector(model))
    plans = [*(plan for item in clips(media) for plan in _plans(item)), *_scenes()]
    for plan in sorted(plans, key=lambda plan: plan.use is not Use.TRAIN):
        if plan.name not in known:
            print(plan.name, file=sys.stderr, flush=True)
            found.append(_course(plan, network))
            if keep:
                keep.write_bytes(pickle.dumps(found))
    return found


def _plans(item: Item) -> Iterator["_Plan"]:
    fire, smoke = (None if value < 0 else value > 0 for value in (item.fire, item.smoke))
    events = tuple(Span((FIRE, SMOKE)[kind], *when) for kind, *when in item.events)
    row = Labelled(item.path, "video", item.source, item.group, fire, smoke, (), events)
    truth, name = {FIRE: fire, SMOKE: smoke}, item.path.stem
    if not (fire or smoke):
        since = {FIRE: 0.0, SMOKE: 0.0}
        yield _Plan(name, item.use, truth, since, lambda: _until(endless(loaded(row), 1), _QUIET))
        return
    starts = {label: [e.start for e in events if e.label == label] for label in truth}
    since = {label: min(found, default=0.0) for label, found in starts.items()}
    random = np.random.default_rng(1)
    for number in range(_VIEWS):
        view = any_view(random) if number else View()
        play = partial(_burning, row, view, number, max(since.values()))
        yield _Plan(f"{name} {number + 1}", item.use, truth, since, play)


def _burning(row: Labelled, view: View, seed: int, since: float) -> Iterator[tuple[float, Pixels]]:
    footage = replace(loaded(row), repeats=True)
    return _until(once(footage, view, seed), since + _BURNING)


def _scenes() -> Iterator["_Plan"]:
    """The look-alikes of the tests; those of the benchmark are kept for evaluation."""
    from scenes import NEGATIVES, played
    from scenes_grey import GREY
    from scenes_light import HARD, LIGHTS

    nothing: dict[str, bool | None] = {FIRE: False, SMOKE: False}
    for name, scene in {**NEGATIVES, **LIGHTS, **GREY, **HARD}.items():
        play = partial(played, scene, _SCENE, 8.0)
        yield _Plan(name, Use.TRAIN, nothing, {FIRE: 0.0, SMOKE: 0.0}, play)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A clip to be played; the rest as of `Course`."""

    name: str
    use: Use
    truth: dict[str, bool | None]
    since: dict[str, float]
    play: Callable[[], Iterable[tuple[float, Pixels]]]


def _course(plan: _Plan, network: Detector) -> Course:
    detector, signs = CombinedDetector(HeuristicDetector(), network, _PERIOD, 3), []
    for time, pixels in plan.play():
        height, width = pixels.shape[:2]
        detector.detect(Frame(_CAMERA, pixels, 0, Stamp(time, time), time, width, height))
        signs.append((time, detector.signs(_CAMERA)))
    detector.forget(_CAMERA)
    return Course(plan.name, plan.use, plan.truth, plan.since, tuple(signs))


def _until(play: Iterable[tuple[float, Pixels]], end: float) -> Iterator[tuple[float, Pixels]]:
    return takewhile(lambda shot: shot[0] < end, play)


def _report(label: str, weights: Weights, courses: list[Course]) -> None:
    for use in (Use.TRAIN, Use.HELD_OUT):
        chosen = [c for c in courses if c.use is use and c.truth[label] is not None]
        burning = [(c.name, alarm_at(label, c, weights)) for c in chosen if c.truth[label]]
        in_time = [at for _, at in burning if at is not None and at <= _LIMIT]
        quiet = [c for c in chosen if not c.truth[label]]
        false = [c.name for c in quiet if alarm_at(label, c, weights) is not None]
        print(f"  {use}: {len(in_time)} of {len(burning)} alarm within {_LIMIT:.0f} s")
        for name, at in burning:
            print(f"    {name}: {'never' if at is None else f'{at:.1f} s'}")
        print(f"    false alarms in {len(false)} of {len(quiet)}: {', '.join(false) or 'none'}")


if __name__ == "__main__":
    main()
