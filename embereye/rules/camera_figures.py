"""Rates of a camera from two looks at its counters."""

from dataclasses import dataclass, replace

from embereye.model.camera import CameraState, CameraStatus, CaptureCounters
from embereye.model.camera_figures import CameraFigures, CameraTotals
from embereye.model.stamp import Stamp

_SHORTEST = 0.5  # s; over less, one picture more or less is a large part of the rate
_CREDIT = 1.0  # pictures; a picture is due and delivered in two steps, in either order


@dataclass(frozen=True, slots=True)
class _Step:
    """What came between two looks.

    Attributes:
        seconds: Over which it came.
    """

    seconds: float
    delivered: int
    decoded: int
    due: int
    congested: int
    received: int
    cpu: float
    reconnects: int


class FigureMeter:
    """Compares the counters of one camera with those at the last look. One thread.

    Counters that fell belong to another worker, which counts from 0. What was never counted
    (0 bytes, 0 processor seconds) is not known; zero pictures are.

    Attributes:
        totals: Over all workers of the camera.
    """

    def __init__(self, at: Stamp) -> None:
        self.totals = CameraTotals(at)
        self._before: CaptureCounters | None = None
        self._counted_at = at.mono
        self._balance = 0.0  # pictures missed and not told yet; below 0: delivered early

    def read(self, camera: CameraStatus, at: Stamp) -> CameraFigures:
        """The figures since the last look; without rates at the first, or below 0.5 s."""
        counters = camera.counters
        if camera.state is CameraState.DISABLED:
            self._before, self._balance = None, 0.0
            return CameraFigures(at)
        watched = camera.state is CameraState.LIVE and counters.picture.at is not None
        lag = counters.picture.lag if watched else None
        moment = self._moment(counters, at)
        first = self._before is None
        if not first and moment - self._counted_at < _SHORTEST:
            return CameraFigures(at, lag=lag)
        step = _step(self._before or CaptureCounters(), counters, moment - self._counted_at)
        self._before, self._counted_at = counters, moment
        missed = 0 if first else self._missed(step.due - step.delivered)
        self._add(step, missed)
        return CameraFigures(at, lag=lag) if first else _figures(step, counters, missed, lag, at)

    def _moment(self, counters: CaptureCounters, at: Stamp) -> float:
        """When the counters stood so: at the newest picture, unless none came any more.

        A snapshot is up to 1 s old, and counters of another process are older still.
        """
        frame = counters.last_frame
        if frame is None or frame.mono - self._counted_at < _SHORTEST:
            return at.mono
        return min(frame.mono, at.mono)

    def _missed(self, short: int) -> int:
        """Whole pictures; one delivered early makes up for one that comes late, no more."""
        balance = max(-_CREDIT, self._balance + short)
        told = max(0, int(balance))
        self._balance = balance - told
        return told

    def _add(self, step: _Step, missed: int) -> None:
        old = self.totals
        self.totals = replace(
            old,
            delivered=old.delivered + step.delivered,
            missed=old.missed + missed,
            congested=old.congested + step.congested,
            received=old.received + step.received,
            cpu=old.cpu + step.cpu,
            reconnects=old.reconnects + step.reconnects,
        )


def _step(before: CaptureCounters, now: CaptureCounters, seconds: float) -> _Step:
    if now.decoded < before.decoded or now.delivered < before.delivered:
        before = CaptureCounters()
    return _Step(
        seconds=seconds,
        delivered=now.delivered - before.delivered,
        decoded=now.decoded - before.decoded,
        due=max(0, now.due - before.due),
        congested=max(0, now.congested - before.congested),
        received=max(0, now.received - before.received),
        cpu=max(0.0, now.cpu - before.cpu),
        reconnects=max(0, now.reconnects - before.reconnects),
    )


def _figures(
    step: _Step, now: CaptureCounters, missed: int, lag: float | None, at: Stamp
) -> CameraFigures:
    seconds = step.seconds
    timed = now.cpu > 0
    return CameraFigures(
        at=at,
        rate=step.delivered / seconds,
        kbps=step.received * 8 / 1000 / seconds if now.received else None,
        lag=lag,
        decode_ms=1000 * step.cpu / step.decoded if timed and step.decoded else None,
        core=100 * step.cpu / seconds if timed else None,
        missed=missed / seconds,
        congested=step.congested / seconds,
        reconnects=step.reconnects,
    )
