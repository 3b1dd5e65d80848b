"""Delays in steps: the same percentiles as of the values, in memory that does not grow."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.runtime.histogram import Histogram
from embereye.runtime.metrics import percentile


@settings(deadline=None)
@given(st.lists(st.floats(0, 9.9), min_size=1, max_size=200), st.floats(0, 100))
def test_percentiles_are_those_of_the_values(values: list[float], percent: float) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    assert histogram.percentile(percent) == pytest.approx(percentile(values, percent), abs=2e-4)
    assert histogram.count == len(values)


def test_nothing_counted_has_no_percentile() -> None:
    assert Histogram().percentile(95) is None


def test_what_is_out_of_range_counts_at_its_end() -> None:
    histogram = Histogram()
    histogram.add(-1.0)
    histogram.add(3600.0)
    assert histogram.percentile(0) == pytest.approx(1e-4)
    assert histogram.percentile(100) == pytest.approx(10.0, abs=1e-3)


def test_merged_ones_count_everything() -> None:
    first, second = Histogram(), Histogram()
    first.add(0.1)
    second.add(0.3)
    second.add(0.3)
    first.merge(second)
    assert first.count == 3
    assert first.percentile(50) == pytest.approx(0.3, abs=2e-4)
