"""Exact intervals against published tables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.intervals import proportion, rate


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # 0 and all by the closed form 1 − 0.025^(1/n); the others from the tables of the beta law
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (95, 100, 0.8872, 0.9836),
        (0, 1, 0.0, 0.975),
    ],
)
def test_shares(hits, of, low, high):
    found = proportion(hits, of)
    assert found.value == hits / of
    assert (found.low, found.high) == (
        pytest.approx(low, abs=1e-4),
        pytest.approx(high, abs=1e-4),
    )


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904), (100, 81.3640, 121.6271)],
)
def test_rates(events, low, high):
    found = rate(events, 2.0)
    assert found.value == events / 2
    assert (found.low, found.high) == (
        pytest.approx(low / 2, abs=1e-3),
        pytest.approx(high / 2, abs=1e-3),
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 300).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_its_value_and_mirrors(counts):
    hits, of = counts
    one, other = proportion(hits, of), proportion(of - hits, of)
    assert 0 <= one.low <= one.value <= one.high <= 1
    assert one.low == pytest.approx(1 - other.high, abs=1e-9)


@pytest.mark.parametrize(("hits", "of"), [(1, 0), (3, 2), (-1, 2)])
def test_impossible_counts_are_refused(hits, of):
    with pytest.raises(ValueError, match="no share"):
        proportion(hits, of)


def test_a_rate_needs_time():
    with pytest.raises(ValueError, match="no rate"):
        rate(1, 0.0)
