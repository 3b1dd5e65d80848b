"""Learns what each device usually sees at each hour, and keeps it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embereye.model.ids import DeviceId
from embereye.model.reading import PIXELS, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.rules.thermal_background import Background, HourLearned, Usual
from embereye.rules.thermal_defects import Defect
from embereye.runtime.engine import Engine
from embereye.storage.thermal_background import SavedBackground

_MEAN = 60.0  # s that are averaged before they are learned; the noise of a frame is not usual
_MOST_CREDIT = 600.0  # s that one mean may stand for, for devices that are asked seldom
_SAVE = 600.0  # s between saves; a power cut costs that much of days
_FRESH = 60.0  # s that an interpolated background is used for


class Keeper(Protocol):
    """Where backgrounds are kept (`BackgroundStore`); returns at once."""

    def save(
        self, device: DeviceId, learned: HourLearned, defects: Iterable[Defect], at: Stamp
    ) -> None: ...

    def forget(self, device: DeviceId) -> None: ...


def local_hour(utc: float) -> float:
    """Local time of day in hours, 0–24."""
    local = datetime.fromtimestamp(utc).astimezone()
    return local.hour + local.minute / 60 + local.second / 3600


class ThermalBackgrounds:
    """The backgrounds of all devices. Engine thread; `save` also after it has ended.

    Args:
        saved: What earlier runs learned.
        hour_of: Local hours of seconds UTC.
    """

    def __init__(
        self,
        engine: Engine,
        keeper: Keeper,
        saved: Mapping[DeviceId, SavedBackground],
        hour_of: Callable[[float], float] = local_hour,
    ) -> None:
        self._engine = engine
        self._keeper = keeper
        self._hour_of = hour_of
        self._saved_defects = {device: found.defects for device, found in saved.items()}
        self._learners: dict[DeviceId, _Learner] = {}
        for device, found in saved.items():
            learner = self._learner(device)
            learner.defects = found.defects
            for hour in found.hours:
                learner.background.restore(hour)
        engine.every(_SAVE, self.save)

    def defects(self, device: DeviceId) -> tuple[Defect, ...]:
        """The failed cells of a device by earlier runs."""
        return self._saved_defects.get(device, ())

    def usual(self, frame: ThermalFrame) -> Usual | None:
        """What the device usually sees when it took this picture; None while that is learned.

        A background by another emissivity is forgotten: all of it would be off.
        """
        learner, at = self._learners.get(frame.device), frame.at
        if learner is None:
            return None
        emissivity = None if frame.optics is None else frame.optics.emissivity
        if emissivity != learner.emissivity:
            if learner.emissivity is not None and emissivity is not None:
                self.forget(frame.device)
                return None
            learner.emissivity = emissivity or learner.emissivity
        if not 0 <= at.mono - learner.usual_at < _FRESH:
            learner.usual = learner.background.usual(self._hour_of(at.utc))
            learner.usual_at = at.mono
        return learner.usual

    def take(
        self, seen: ThermalFrame, limit: float, raised: bool, defects: tuple[Defect, ...]
    ) -> None:
        """Learn from one picture that counts.

        Args:
            limit: °C; hotter cells are never usual.
            raised: Whether an alarm is in progress where it looks; then nothing is learned.
            defects: Failed cells, kept beside the background.
        """
        if seen.celsius is None:
            return
        learner = self._learner(seen.device)
        if defects != learner.defects:
            learner.defects = defects
            learner.changed.add(int(self._hour_of(seen.at.utc)))
        mean = learner.add(seen.celsius.reshape(PIXELS), limit, raised, seen.at.mono)
        if mean is not None:
            hour = int(self._hour_of(seen.at.utc))
            learner.background.learn(hour, mean.cells, mean.seconds)
            learner.changed.add(hour)

    def forget(self, device: DeviceId) -> None:
        """Learn a device anew."""
        self._learners.pop(device, None)
        self._saved_defects.pop(device, None)
        self._keeper.forget(device)

    def save(self) -> None:
        """Keep what changed since the last time."""
        now = self._engine.clock.now()
        for device, learner in self._learners.items():
            for hour in sorted(learner.changed):
                self._keeper.save(device, learner.background.hour(hour), learner.defects, now)
            learner.changed.clear()

    def _learner(self, device: DeviceId) -> "_Learner":
        return self._learners.setdefault(device, _Learner())


class _Mean:
    """A picture averaged over some seconds."""

    __slots__ = ("cells", "seconds")

    def __init__(self, cells: NDArray[np.float32], seconds: float) -> None:
        self.cells = cells
        self.seconds = seconds


class _Learner:
    """The background of one device, and the minute that is being averaged."""

    __slots__ = (
        "_count",
        "_raised",
        "_since",
        "_sum",
        "background",
        "changed",
        "defects",
        "emissivity",
        "usual",
        "usual_at",
    )

    def __init__(self) -> None:
        self.background = Background()
        self.changed: set[int] = set()
        self.defects: tuple[Defect, ...] = ()
        self.emissivity: float | None = None  # None: not seen yet
        self.usual: Usual | None = None
        self.usual_at = -np.inf
        self._sum = np.zeros(PIXELS)
        self._count = np.zeros(PIXELS, np.intp)
        self._since: float | None = None
        self._raised = False

    def add(
        self, cells: NDArray[np.float32], limit: float, raised: bool, now: float
    ) -> _Mean | None:
        """The mean of the last minute when it is over and may be learned."""
        if self._since is None:
            self._since = now
        self._raised = self._raised or raised
        usable = cells < limit  # False for NaN
        self._sum += np.where(usable, cells, 0)
        self._count += usable
        seconds = now - self._since
        if seconds < _MEAN:
            return None
        mean = np.full(PIXELS, np.nan, np.float32)
        np.divide(self._sum, self._count, out=mean, where=self._count > 0, casting="same_kind")
        forbidden, self._raised = self._raised, False
        self._sum[:], self._count[:], self._since = 0.0, 0, now
        return None if forbidden else _Mean(mean, min(seconds, _MOST_CREDIT))
