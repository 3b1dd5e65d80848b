"""The benchmark of the alarm list runs the real program and loses no selection."""

import pytest

from embereye.bench.ui import run


@pytest.mark.slow
def test_selection_and_height_stay_while_three_thousand_alarms_change():
    metrics = run(6.0).metrics
    for view in ("list", "grouped"):
        assert metrics[f"{view}_looks"].value > 20
        assert metrics[f"{view}_selection_lost"].value == 0
        assert metrics[f"{view}_scroll_moved"].value == 0
        assert metrics[f"{view}_rows"].ok
    assert metrics["updates_per_s"].ok
