"""The part of `embereye bench p5` that shows whether nobody looking means no decoding."""

from collections.abc import Callable

from embereye.bench.report import Metric, at_most
from embereye.bench.scale_look import Between, look
from embereye.bench.scale_site import Scene
from embereye.ui.scale_bench import WatchedWindow

NOTE = (
    "viewers: 50 x 320x240@15 without detection; decoded pictures a second and processor time of"
    " the console and its capture processes while all are on the wall, while half of them are on"
    " another page of the wall, while another page of the window is open, and while the window is"
    " hidden; then with all of them back."
)

_SETTLE = 3.0  # s after each step, at most its length
_HALF = 5  # tiles per row and column: 25 of the 50
_ALL = 8
_IDLE = 0.1  # of what is decoded for all of them: key frames every two seconds are 0.033
_PAGED = 0.6
_CALM = 0.5  # of the processor time for all of them


def play(window: WatchedWindow, scene: Scene, seconds: float) -> dict[str, Metric]:
    """Go through the steps in the GUI thread."""
    length = seconds / 2
    window.arrange(_ALL)
    every = _step(window, scene, length, lambda: None)
    half = _step(window, scene, length, lambda: window.arrange(_HALF))
    left = _step(window, scene, length, window.leave_wall)
    hidden = _step(window, scene, length, window.hide)
    window.show()
    back = _step(window, scene, length, lambda: window.arrange(_ALL))
    decoded, cost = _decoded(every), _cores(every)
    return {
        "viewers_all_decoded": Metric(round(decoded, 1), "1/s"),
        "viewers_half_decoded": at_most(_decoded(half), decoded * _PAGED, "1/s"),
        "viewers_left_decoded": at_most(_decoded(left), decoded * _IDLE, "1/s"),
        "viewers_hidden_decoded": at_most(_decoded(hidden), decoded * _IDLE, "1/s"),
        "viewers_back_decoded": Metric(round(_decoded(back), 1), "1/s"),
        "viewers_left_undecoded": Metric(round(left.sum("undecoded") / left.seconds, 1), "1/s"),
        "viewers_all_cores": Metric(round(cost, 3), "cores"),
        "viewers_half_cores": Metric(round(_cores(half), 3), "cores"),
        "viewers_left_cores": at_most(_cores(left), cost * _CALM, "cores"),
        "viewers_hidden_cores": at_most(_cores(hidden), cost * _CALM, "cores"),
    }


def _step(
    window: WatchedWindow, scene: Scene, seconds: float, change: Callable[[], None]
) -> Between:
    change()
    window.wait(min(_SETTLE, seconds))
    first = look(scene, window.wait)
    window.wait(seconds)
    return Between(first, look(scene, window.wait))


def _decoded(between: Between) -> float:
    return between.sum("decoded") / between.seconds


def _cores(between: Between) -> float:
    cores = between.cores
    return cores.get("capture", 0.0) + cores.get("console", 0.0)
