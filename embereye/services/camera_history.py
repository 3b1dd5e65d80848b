"""The newest minutes of every camera: rate, bit rate, delay, cost, losses."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from embereye.model.camera import CameraStatus, CameraTable
from embereye.model.camera_figures import CHANNELS, CameraFigures, CameraPast
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.rules.camera_figures import FigureMeter
from embereye.runtime.engine import Engine

PERIOD = 2.0  # s between looks: a rate of 15/s is then right to within 3 %
SPAN = 600.0  # s that are kept

_KEPT = round(SPAN / PERIOD)  # looks; 22 kB a camera, 2.2 MB for 100
_GAP = 2.5 * PERIOD  # s without a look, such as while the computer slept
_EARLY = PERIOD / 2  # s; a timer that comes late once comes twice

Values = NDArray[np.float64]


class CameraHistory:
    """Looks at the counters of all cameras each 2 s. Engine thread.

    Attributes:
        current: By camera; a frozen snapshot, replaced by one assignment. Any thread.
    """

    def __init__(self, engine: Engine, cameras: Callable[[], CameraTable]) -> None:
        """`cameras`: the register's newest snapshot."""
        self.current: Mapping[CameraId, CameraPast] = {}
        self._clock = engine.clock
        self._cameras = cameras
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
        self.current = {c.id: self._longer(c, known[c.id], at) for c in cameras}

    def _longer(self, camera: CameraStatus, meter: FigureMeter, at: Stamp) -> CameraPast:
        figures = meter.read(camera, at)
        mono, row = np.array([at.mono]), _row(figures)
        past = self.current.get(camera.id)
        if past is not None:
            if at.mono - float(past.mono[-1]) > _GAP:
                mono, row = np.array([at.mono - PERIOD, at.mono]), np.vstack([_UNKNOWN, row])
            mono = np.concatenate([past.mono[1 - _KEPT :], mono])[-_KEPT:]
            row = np.concatenate([past.values[1 - _KEPT :], row])[-_KEPT:]
        row.setflags(write=False)
        return CameraPast(figures, meter.totals, mono, row)


_UNKNOWN: Values = np.full((1, len(CHANNELS)), np.nan)


def _row(figures: CameraFigures) -> Values:
    found = [getattr(figures, name) for name in CHANNELS]
    return np.array([[np.nan if value is None else value for value in found]], dtype=np.float64)
