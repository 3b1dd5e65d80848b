"""The whole chain with the program's own model on recordings: fire alarms, other things do not.

The clips of the held-out groups (`tools/train/split.py`) took no part in any choice.
"""

from itertools import takewhile
from pathlib import Path

import pytest

from embereye.rules.risk_limits import RiskLimits
from embereye.services.footage import View, endless, loaded, once
from embereye.services.labelled import Choice, Labelled, read_manifest
from embereye.services.trial import Chain
from embereye.vision.combined import CombinedDetector
from embereye.vision.heuristic import HeuristicDetector
from embereye.vision.onnx import OnnxDetector
from embereye.vision.tiles import tiled

_MODEL = Path(__file__).resolve().parents[2] / "resources" / "models" / "ember.onnx"
_IN_TIME = 10.0  # s, from the beginning of the fire
_QUICK = 15.0  # s of each harmless clip; an hour each: `embereye vision evaluate`

HELD_OUT_FIRES = ("s_tank_onset.mp4", "s_flame_jar.mp4", "s_campfire.mp4", "s_forest_crown.avi")
HARMLESS = ("s_traffic.avi", "s_people_square.avi", "s_store_aisle.mp4", "s_neg_haze.mp4")


@pytest.fixture(scope="module")
def chain() -> Chain:
    if not _MODEL.exists():
        pytest.skip("the program's own model is not there")
    network = tiled(OnnxDetector(_MODEL))
    return Chain(CombinedDetector(HeuristicDetector(), network, 0.5, 3), RiskLimits())


def _row(shared_data: Path, name: str) -> Labelled:
    manifest = shared_data / "media" / "manifest.csv"
    rows = read_manifest(manifest, Choice(kind="video"))
    return next(row for row in rows if row.path.name == name)


@pytest.mark.parametrize("name", HELD_OUT_FIRES)
def test_a_recorded_fire_alarms_within_ten_seconds(shared_data: Path, chain: Chain, name: str):
    footage = loaded(_row(shared_data, name))
    end = footage.span("fire").start + _IN_TIME
    chain.begin()
    steps = (chain.look(time, pixels) for time, pixels in once(footage, View(), 1))

    assert any("fire" in step.alarms for step in takewhile(lambda step: step.time <= end, steps))


@pytest.mark.slow
@pytest.mark.parametrize("name", HARMLESS)
def test_a_clip_without_fire_does_not_alarm(shared_data: Path, chain: Chain, name: str):
    footage = loaded(_row(shared_data, name))
    chain.begin()
    steps = (chain.look(time, pixels) for time, pixels in endless(footage, 7))

    assert not any(step.alarms for step in takewhile(lambda step: step.time < _QUICK, steps))
