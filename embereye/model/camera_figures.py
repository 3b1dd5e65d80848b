"""What a camera did over a while, from its counters."""

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from embereye.model.stamp import Stamp
from embereye.model.trend import Trend


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """One camera over the time between two looks; None: not known.

    Attributes:
        at: When it was looked.
        rate: Pictures delivered, 1/s.
        kbps: Video received, kbit/s.
        lag: Seconds that pictures come later than the quickest one so far.
        decode_ms: Processor time for reading, decoding and scaling one picture, ms.
        core: The same, as a share of one processor core, %.
        missed: Pictures due and not delivered, 1/s.
        congested: Those left out because the machine could not keep up, 1/s.
        reconnects: Times the source was opened again.
        looks: Verdicts of detectors, 1/s.
        verdict_ms: From decoding to the newest of those, ms.
    """

    at: Stamp
    rate: float | None = None
    kbps: float | None = None
    lag: float | None = None
    decode_ms: float | None = None
    core: float | None = None
    missed: float | None = None
    congested: float | None = None
    reconnects: int | None = None
    looks: float | None = None
    verdict_ms: float | None = None


@dataclass(frozen=True, slots=True)
class CameraTotals:
    """Everything since the program began to look at a camera.

    Attributes:
        since: That moment.
        received: Bytes of video.
        cpu: Processor seconds.
        looked, known, gated: Pictures for detection that detectors judged, that showed what was
            judged before, and in which nothing moved.
    """

    since: Stamp
    delivered: int = 0
    missed: int = 0
    congested: int = 0
    received: int = 0
    cpu: float = 0.0
    reconnects: int = 0
    looked: int = 0
    known: int = 0
    gated: int = 0


CHANNELS = tuple(one.name for one in fields(CameraFigures) if one.name != "at")
UNITS = {"rate": "1/s", "kbps": "kbit/s", "lag": "s", "decode_ms": "ms", "core": "%"}
UNITS |= {"missed": "1/s", "congested": "1/s", "reconnects": "", "looks": "1/s"}
UNITS |= {"verdict_ms": "ms"}


@dataclass(frozen=True, slots=True, eq=False)
class CameraPast:
    """The newest minutes of one camera; a frozen snapshot.

    Attributes:
        mono: (n,) float64, monotonic seconds of each look, ascending.
        values: (n, 10) float64, read-only, in the order of `CHANNELS`; NaN where not known.
    """

    newest: CameraFigures
    totals: CameraTotals
    mono: NDArray[np.float64] = field(repr=False)
    values: NDArray[np.float64] = field(repr=False)

    def trend(self, channel: str, now: Stamp) -> Trend:
        """One of `CHANNELS` over time, in the wall time of `now`."""
        utc = self.mono - now.mono + now.utc
        return Trend(channel, UNITS[channel], utc, self.values[:, CHANNELS.index(channel)])
