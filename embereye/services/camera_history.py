"""The newest minutes of every camera: rate, bit rate, delay, cost, losses, detection."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from embereye.model.camera import CameraStatus, CameraTable
from embereye.model.camera_figures import CHANNELS, CameraFigures, CameraPast, CameraTotals
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.rules.camera_figures import FigureMeter
from embereye.runtime.engine import Engine
from embereye.services.camera_look import CameraDetection
from embereye.services.detection import DetectionState

PERIOD = 2.0  # s between looks: a rate of 15/s is then right to within 3 %
SPAN = 600.0  # s that are kept

_KEPT = round(SPAN / PERIOD)  # looks; 26 kB a camera, 2.6 MB for 100
_GAP = 2.5 * PERIOD  # s without a look, such as while the computer slept
_EARLY = PERIOD / 2  # s; a timer that comes late once comes twice

Values = NDArray[np.float64]


class CameraHistory:
    """Looks at the counters of all cameras each 2 s. Engine thread.

    Attributes:
        current: By camera; a frozen snapshot, replaced by one assignment. Any thread.
    """

    def __init__(
        self,
        engine: Engine,
        cameras: Callable[[], CameraTable],
        detection: Callable[[], DetectionState] = DetectionState,
    ) -> None:
        """`cameras`, `detection`: the newest snapshots of the register and of the feeder."""
        self.current: Mapping[CameraId, CameraPast] = {}
        self._clock = engine.clock
        self._cameras = cameras
        self._detection = detection
        self._meters: dict[CameraId, FigureMeter] = {}
        self._looked = float("-inf")
        engine.every(PERIOD, self.look)

    def look(self) -> None:
        """Take one sample of each camera; cameras that are gone are forgotten."""
        at = self._clock.now()
        if at.mono - self._looked < _EARLY:
            return
        self._looked = at.mono
        cameras = self._cameras().cameras
        known = {c.id: self._meters.get(c.id) or FigureMeter(at) for c in cameras}
        self._meters = known
        seen = {one.camera: one for one in self._detection().cameras}
        self.current = {c.id: self._longer(c, known[c.id], seen.get(c.id), at) for c in cameras}

    def _longer(
        self, camera: CameraStatus, meter: FigureMeter, seen: CameraDetection | None, at: Stamp
    ) -> CameraPast:
        figures, totals = _with_detection(meter.read(camera, at), meter.totals, seen)
        mono, row = np.array([at.mono]), _row(figures)
        past = self.current.get(camera.id)
        if past is not None:
            if at.mono - float(past.mono[-1]) > _GAP:
                mono, row = np.array([at.mono - PERIOD, at.mono]), np.vstack([_UNKNOWN, row])
            mono = np.concatenate([past.mono[1 - _KEPT :], mono])[-_KEPT:]
            row = np.concatenate([past.values[1 - _KEPT :], row])[-_KEPT:]
        row.setflags(write=False)
        return CameraPast(figures, totals, mono, row)


_UNKNOWN: Values = np.full((1, len(CHANNELS)), np.nan)


def _with_detection(
    figures: CameraFigures, totals: CameraTotals, seen: CameraDetection | None
) -> tuple[CameraFigures, CameraTotals]:
    if seen is None:
        return figures, totals
    wait = None if seen.latency is None else 1000 * seen.latency
    counted = replace(totals, looked=seen.looked, known=seen.cached, gated=seen.gated)
    return replace(figures, looks=seen.rate, verdict_ms=wait), counted


def _row(figures: CameraFigures) -> Values:
    found = [getattr(figures, name) for name in CHANNELS]
    return np.array([[np.nan if value is None else value for value in found]], dtype=np.float64)
