"""The wall benchmark measures real pictures."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from embereye.bench.clips import Recipe, make_clip
from embereye.ui.wall_bench import measure


@pytest.mark.serial
def test_four_real_cameras_reach_the_wall(qapp: QApplication, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", Recipe(320, 240, 15, bits=250_000))
    figures = measure(clip, 4, 1.5, (1280, 720), found=True)
    assert figures.live == 4
    assert figures.worst_fps > 5  # 15 on a quiet machine
    assert 0 < figures.age_p95 < 1.0
    assert figures.gui_cores > 0
