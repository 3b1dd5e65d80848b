"""The benches of many cameras run the real program and report everything that is asked for."""

import pytest

from embereye.bench.clips import Recipe
from embereye.bench.scale import measure, measure_viewers
from embereye.bench.scale_plan import Group, Part, Plan

_CLIP = Recipe(160, 120, 15, bits=100_000, seconds=2)


@pytest.mark.serial
def test_a_small_site_is_measured_as_a_large_one_is() -> None:
    plan = Plan((Group("all", 3, _CLIP),), 2, (Part("wall", 2),))
    result = measure(plan, 2.0)
    metrics = result.metrics
    assert metrics["wall_live"].value == 3
    assert metrics["wall_worst_kept"].value > 0
    assert metrics["wall_worst_painted"].value > 0
    assert 0 < metrics["wall_age_p95"].value < 1e6
    assert metrics["wall_sensor_packets"].value > 0
    assert metrics["wall_cores_load_server"].value >= 0
    assert 0 < metrics["wall_memory"].value <= metrics["wall_memory_resident"].value
    wanted = {"stall_p99", "sensor_p95", "worst_lag", "cores_console", "cores_gui_thread"}
    assert wanted <= {name.removeprefix("wall_") for name in metrics}
    assert "3 x 160x120@15 H264 and 2 devices" in result.notes[0]


@pytest.mark.serial
def test_pictures_that_nobody_sees_are_not_decoded() -> None:
    plan = Plan((Group("all", 30, _CLIP, detect=False),), 1, ())
    metrics = measure_viewers(plan, 2.0).metrics
    shown = metrics["viewers_all_decoded"].value
    assert metrics["viewers_left_decoded"].value < shown / 4
    assert metrics["viewers_hidden_decoded"].value < shown / 4
    assert metrics["viewers_back_decoded"].value > shown / 2
