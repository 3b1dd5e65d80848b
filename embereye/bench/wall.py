"""`embereye bench wall`: does the wall keep up with its cameras?"""

import tempfile
from pathlib import Path

from embereye.bench.clips import Recipe, make_clip
from embereye.bench.report import Metric, Report, at_least, at_most
from embereye.ui.wall_bench import WallFigures, measure

_SCREEN, _SCREEN_4K = (1920, 1080), (3840, 2160)
_LARGE = Recipe(640, 480, 25, b_frames=True)
_SMALL = Recipe(320, 240, 15, bits=250_000, b_frames=True)
_SHARE_25, _SHARE_100 = 0.4, 0.2  # parts of the time, of 25 and of each of the three with 100


def run(seconds: float) -> Report:
    """Show 25 cameras of 640×480@25, then 100 of 320×240@15, offscreen.

    Capture is the real one, from files, in threads of this process. Main thread only.
    """
    with tempfile.TemporaryDirectory(prefix="embereye-bench-") as name:
        folder = Path(name)
        large = make_clip(folder / "large.mp4", _LARGE)
        small = make_clip(folder / "small.mp4", _SMALL)
        few = measure(large, 25, max(3.0, seconds * _SHARE_25), _SCREEN)
        many = measure(small, 100, max(3.0, seconds * _SHARE_100), _SCREEN)
        huge = measure(small, 100, max(3.0, seconds * _SHARE_100), _SCREEN_4K)
        found = measure(small, 100, max(3.0, seconds * _SHARE_100), _SCREEN, found=True)
    figures = {**_few(few), **_many(many), **_found(found), **_huge(huge)}
    return Report("wall", figures, _NOTES)


_NOTES = [
    "25 tiles 640x480@25 and 100 tiles 320x240@15 from files, captured in threads of this process",
    "found: a fire, smoke and a person in each tile with all overlays, a verdict a second each",
    "a stall is how late a beat of a 5 ms timer in the GUI thread comes",
]


def _few(figures: WallFigures) -> dict[str, Metric]:
    return {
        "tiles25_worst_fps": at_least(figures.worst_fps, 24, "1/s"),
        "tiles25_median_fps": Metric(round(figures.median_fps, 2), "1/s"),
        "tiles25_stall_p95": at_most(figures.stall_p95 * 1e3, 20, "ms"),
        "tiles25_stall_max": Metric(round(figures.stall_max * 1e3, 1), "ms"),
        "tiles25_age_p95": at_most(figures.age_p95 * 1e3, 200, "ms"),
        "tiles25_gui_cpu": Metric(round(figures.gui_cores * 100, 1), "% of a core"),
        "tiles25_live": at_least(figures.live, 25, "tiles"),
    }


def _many(figures: WallFigures) -> dict[str, Metric]:
    return {
        "tiles100_gui_cpu": at_most(figures.gui_cores * 100, 10, "% of a core"),
        "tiles100_worst_fps": Metric(round(figures.worst_fps, 2), "1/s"),
        "tiles100_stall_p95": Metric(round(figures.stall_p95 * 1e3, 1), "ms"),
        "tiles100_age_p95": at_most(figures.age_p95 * 1e3, 250, "ms"),
        "tiles100_live": at_least(figures.live, 100, "tiles"),
    }


def _found(figures: WallFigures) -> dict[str, Metric]:
    return {
        "tiles100_found_gui_cpu": at_most(figures.gui_cores * 100, 10, "% of a core"),
        "tiles100_found_stall_p95": Metric(round(figures.stall_p95 * 1e3, 1), "ms"),
    }


def _huge(figures: WallFigures) -> dict[str, Metric]:
    return {
        "tiles100_4k_gui_cpu": at_most(figures.gui_cores * 100, 25, "% of a core"),
        "tiles100_4k_worst_fps": Metric(round(figures.worst_fps, 2), "1/s"),
    }
