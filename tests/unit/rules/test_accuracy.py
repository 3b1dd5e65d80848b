"""Accuracy figures against hand-computed and brute-force values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.accuracy import (
    auc,
    auc_interval,
    brier,
    calibration_error,
    confusion,
    strictest,
)

_SCORES = np.array([0.9, 0.8, 0.8, 0.3, 0.2])
_TRUTHS = np.array([True, True, False, True, False])

labelled = st.lists(
    st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=1, max_size=40
).map(lambda rows: (np.array([s for s, _ in rows]), np.array([t for _, t in rows])))


def test_auc_by_hand():
    # pairs: 0.9 beats both; 0.8 ties and wins; 0.3 loses and wins: (2 + 1.5 + 1) / 6
    assert auc(_SCORES, _TRUTHS) == pytest.approx(4.5 / 6)


@settings(deadline=None, max_examples=100)
@given(labelled)
def test_auc_counts_pairs(sample):
    scores, truths = sample
    pairs = [
        1.0 if p > n else 0.5 if p == n else 0.0 for p in scores[truths] for n in scores[~truths]
    ]
    found = auc(scores, truths)
    assert found == (pytest.approx(np.mean(pairs)) if pairs else None)


def test_confusion_by_hand():
    counts = confusion(_SCORES, _TRUTHS, 0.8)
    assert (counts.true_positives, counts.false_positives) == (2, 1)
    assert (counts.false_negatives, counts.true_negatives) == (1, 1)
    assert counts.precision == pytest.approx(2 / 3)
    assert counts.recall == pytest.approx(2 / 3)
    assert counts.f1 == pytest.approx(2 / 3)


def test_shares_of_nothing_are_unknown():
    counts = confusion(np.array([0.1]), np.array([False]), 0.5)
    assert counts.precision is None
    assert counts.recall is None
    assert counts.f1 is None


@settings(deadline=None, max_examples=150)
@given(labelled, st.sampled_from([0.0, 0.03, 0.05, 0.25, 0.5, 1.0]))
def test_the_threshold_keeps_the_limit_and_loses_no_positive(sample, most):
    scores, truths = sample
    limit = strictest(scores, truths, most)
    thresholds = [t for t in np.unique(scores[truths]) if np.any(~truths)]
    good = [t for t in thresholds if np.mean(scores[~truths] >= t) <= most + 1e-9]
    assert limit == (min(good) if good else None)


def test_brier_and_calibration_by_hand():
    scores, truths = np.array([0.9, 0.7, 0.2]), np.array([True, False, False])
    assert brier(scores, truths) == pytest.approx((0.01 + 0.49 + 0.04) / 3)
    assert calibration_error(scores, truths) == pytest.approx((0.1 + 0.7 + 0.2) / 3)


def test_scores_of_one_bin_may_balance():
    scores = np.full(10, 0.35)
    truths = np.array([True] * 4 + [False] * 6)
    assert calibration_error(scores, truths) == pytest.approx(0.05)


def test_a_score_of_one_is_in_the_last_bin():
    assert calibration_error(np.array([1.0]), np.array([True])) == 0.0


def _normal(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truths = np.arange(count) % 2 == 0
    return 1 / (1 + np.exp(-random.normal(truths * 1.0, 1.0))), truths


def test_the_interval_covers_the_true_value():
    # Normal scores one σ apart have an AUC of Φ(1/√2) = 0.760; 95 % of 60 would be 57.
    covered = 0
    for seed in range(60):
        scores, truths = _normal(seed, 120)
        found = auc_interval(scores, truths, np.arange(120), rounds=200)
        assert found is not None
        covered += found.low <= 0.760 <= found.high
    assert covered >= 52


def test_twins_in_a_group_do_not_narrow_the_interval():
    scores, truths = _normal(5, 40)
    once = auc_interval(scores, truths, np.arange(40))
    twins = auc_interval(np.repeat(scores, 10), np.repeat(truths, 10), np.repeat(np.arange(40), 10))
    assert once is not None
    assert twins is not None
    assert twins.high - twins.low == pytest.approx(once.high - once.low, rel=0.15)


def test_the_interval_is_the_same_each_time():
    scores, truths = _normal(6, 40)
    assert auc_interval(scores, truths, np.arange(40)) == auc_interval(
        scores, truths, np.arange(40)
    )


def test_without_both_kinds_there_is_no_auc():
    assert auc_interval(np.array([0.5, 0.6]), np.array([True, True]), np.arange(2)) is None


def test_one_group_of_each_kind_still_ends():
    found = auc_interval(np.array([0.2, 0.9]), np.array([False, True]), np.array([0, 1]), rounds=50)
    assert found is not None
    assert found.value == 1.0
