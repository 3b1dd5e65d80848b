"""The link bench at the pace of real devices."""

import pytest

from embereye.bench import link
from embereye.bench.link import Plan


@pytest.mark.paced
@pytest.mark.parametrize("cycles", [5, pytest.param(10, marks=pytest.mark.slow)])
def test_a_hundred_devices_at_real_pace_lose_no_frame_to_our_commands(cycles):
    """A cycle takes 4 s; what is open at the end is waited for."""
    metrics = link.run(Plan(devices=100, cycles=cycles)).metrics
    found = {name: metric.value for name, metric in metrics.items()}
    assert found["corrupted_by_us"] == 0
    assert found["never_answered"] == 0
    assert found["commands"] > 30 * cycles
    assert found["answered"] > 20 * cycles
    assert found["connections_broken"] > 2 * cycles
    assert found["fewest_frames"] >= cycles / 2
