"""No source is on both sides: what measures the model was never seen in training."""

import importlib.util
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import pytest

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def split() -> ModuleType:
    """`tools/train/split.py`, which is no part of the installed program."""
    name = "training_split"
    spec = importlib.util.spec_from_file_location(name, _ROOT / "tools" / "train" / "split.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def items(split: ModuleType, shared_data: Path) -> list[Any]:
    """All pictures of the data, once: their fingerprints take 3 s."""
    return list(split.images(shared_data / "media"))


def test_held_out_sets_are_held_out_whole(split: ModuleType, items: list[Any]):
    uses = defaultdict(set)
    for item in items:
        uses[item.source].add(item.use)

    assert all(uses[name] == {split.Use.HELD_OUT} for name in split.HELD_OUT_SETS)


def test_no_group_is_in_two_uses(split: ModuleType, items: list[Any], shared_data: Path):
    uses = defaultdict(set)
    for item in [*items, *split.clips(shared_data / "media")]:
        uses[item.source, item.group].add(item.use)

    assert all(len(found) == 1 for found in uses.values())


def test_held_out_clips_are_with_and_without_fire(split: ModuleType, shared_data: Path):
    clips = [c for c in split.clips(shared_data / "media") if c.use is split.Use.HELD_OUT]

    assert {clip.fire for clip in clips} == {0.0, 1.0}
    assert {clip.group for clip in clips} == split.HELD_OUT_CLIPS


def test_no_training_picture_is_a_near_twin_of_a_measuring_one(split: ModuleType, items: list[Any]):
    used = [item.path for item in items if item.use is split.Use.TRAIN]
    measuring = [item.path for item in items if item.use is not split.Use.TRAIN]

    assert not any(split.twins(used, measuring))


def test_a_rescaled_picture_is_a_twin(split: ModuleType, items: list[Any], tmp_path: Path):
    original = items[0].path
    smaller = tmp_path / "smaller.jpg"
    cv2.imwrite(str(smaller), cv2.resize(cv2.imread(str(original)), None, fx=0.7, fy=0.7))

    assert split.twins([smaller], [original]) == [True]
