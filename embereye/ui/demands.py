"""Joins what the wall, popups and panes want of the cameras into one demand."""

from collections.abc import Mapping

from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.ui.console import Console

Size = tuple[int, int]
_SIZES = 3  # capture keeps at most three sizes per camera (architecture.md)


class Demands:
    """Keeps one entry per viewer and tells the console whenever the sum changes. GUI thread."""

    def __init__(self, console: Console, rate: float) -> None:
        self._console = console
        self._rate = rate
        self._wanted: dict[object, Mapping[CameraId, Size]] = {}
        self._told: tuple[ViewDemand, ...] = ()

    def want(self, viewer: object, sizes: Mapping[CameraId, Size]) -> None:
        """`viewer` shows these cameras in these sizes (device pixels); empty: nothing."""
        if sizes:
            self._wanted[viewer] = dict(sizes)
        else:
            self._wanted.pop(viewer, None)
        self._tell()

    def _tell(self) -> None:
        joined: dict[CameraId, list[Size]] = {}
        for sizes in self._wanted.values():
            for camera, size in sizes.items():
                known = joined.setdefault(camera, [])
                if size not in known:
                    known.append(size)
        demands = tuple(
            ViewDemand(camera, _largest(sizes), self._rate) for camera, sizes in joined.items()
        )
        if demands != self._told:
            self._told = demands
            self._console.demand(demands)


def _largest(sizes: list[Size]) -> tuple[Size, ...]:
    return tuple(sorted(sizes, key=lambda size: -size[0] * size[1])[:_SIZES])
