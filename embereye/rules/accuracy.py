"""How well scores tell pictures with something from pictures without.

Scores are 0–1, truths bool, groups int; all three are arrays of one length. A picture counts as
positive where its score is at or above the threshold.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embereye.rules.intervals import Estimate

Scores = NDArray[np.float64]
Truths = NDArray[np.bool_]
Groups = NDArray[np.int64]

_ROUNDS = 1000  # resamples; their 2.5 % quantile is then stable within 0.3 of its own error
_BINS = 10  # of the reliability diagram: Guo et al., ICML 2017, use 10–15


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts at one threshold; shares are None where nothing is counted."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def precision(self) -> float | None:
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float | None:
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float | None:
        wrong = self.false_positives + self.false_negatives
        return _share(2 * self.true_positives, 2 * self.true_positives + wrong)


def auc(scores: Scores, truths: Truths) -> float | None:
    """Chance that a positive scores above a negative, ties half; None without both kinds."""
    return _weighted_auc(*_bins(scores, truths), np.ones(len(scores)))


def auc_interval(
    scores: Scores, truths: Truths, groups: Groups, seed: int = 1, rounds: int = _ROUNDS
) -> Estimate | None:
    """AUC with a 95 % percentile bootstrap interval; None without both kinds.

    Whole groups are drawn, since pictures of one group are no independent evidence. With fewer
    than about 10 groups the interval is too narrow. Draws without both kinds are drawn again.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; Field and
    Welsh, J. R. Statist. Soc. B 69 (2007), 369–390, for whole groups.
    """
    value = auc(scores, truths)
    if value is None:
        return None
    random = np.random.default_rng(seed)
    _, number = np.unique(groups, return_inverse=True)
    count = int(number.max()) + 1
    places, positive = _bins(scores, truths)
    drawn: list[float] = []
    for _ in range(4 * rounds):  # a group of one kind may fill a whole draw
        weights = np.bincount(random.integers(0, count, count), minlength=count)[number]
        found = _weighted_auc(places, positive, weights.astype(np.float64))
        if found is not None:
            drawn.append(found)
        if len(drawn) == rounds:
            break
    low, high = np.quantile(drawn, (0.025, 0.975)) if drawn else (0.0, 1.0)
    return Estimate(value, float(low), float(high))


def confusion(scores: Scores, truths: Truths, threshold: float) -> Confusion:
    """Counts at `threshold`."""
    seen = scores >= threshold
    return Confusion(
        int(np.count_nonzero(seen & truths)),
        int(np.count_nonzero(seen & ~truths)),
        int(np.count_nonzero(~seen & truths)),
        int(np.count_nonzero(~seen & ~truths)),
    )


def strictest(scores: Scores, truths: Truths, most: float) -> float | None:
    """The lowest threshold whose share of false positives is at most `most` (0–1).

    It is one of the positives' scores: a lower one would find no further positive. None without
    both kinds, or where even the highest positive lets through more than that.
    """
    positives, negatives = np.unique(scores[truths]), np.sort(scores[~truths])
    if not len(positives) or not len(negatives):
        return None
    passed = len(negatives) - np.searchsorted(negatives, positives, side="left")
    allowed = positives[passed <= most * len(negatives) + 1e-9]  # 3 % of 100 is 3.0000000004
    return float(allowed[0]) if len(allowed) else None


def brier(scores: Scores, truths: Truths) -> float:
    """Mean squared error of the scores taken as probabilities; 0 is perfect, 0.25 is a coin."""
    return float(np.mean((scores - truths) ** 2))


def calibration_error(scores: Scores, truths: Truths, bins: int = _BINS) -> float:
    """Mean distance of the scores of a bin from its share of positives, weighted by its size.

    Source: Naeini et al., AAAI 2015 (expected calibration error).
    """
    place = np.clip((scores * bins).astype(np.int64), 0, bins - 1)
    off = np.abs(
        np.bincount(place, scores, minlength=bins) - np.bincount(place, truths, minlength=bins)
    )
    return float(off.sum() / len(scores))


def _bins(scores: Scores, truths: Truths) -> tuple[NDArray[np.int64], Truths]:
    """The rank of each score, equal for ties, with its truth."""
    _, places = np.unique(scores, return_inverse=True)
    return places.astype(np.int64), truths


def _weighted_auc(
    places: NDArray[np.int64], truths: Truths, weights: NDArray[np.float64]
) -> float | None:
    positive = np.bincount(places, weights * truths)
    negative = np.bincount(places, weights * ~truths)
    pairs = positive.sum() * negative.sum()
    if pairs == 0:
        return None
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / pairs)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
