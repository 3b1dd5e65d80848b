"""Trends over hours and days, read piece by piece and thinned so that every peak stays."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embereye.model.ids import DeviceId
from embereye.model.trend import Trend
from embereye.storage.readings import CHANNELS, read_samples, trend_of

_BINS = 1000  # each with its lowest and highest sample: a 4K plot is 3,840 pixels wide
_PIECE = 6 * 3600.0  # s read at once: 216,000 samples at 10 Hz, 3.5 MB


def read_long_trend(
    path: Path,
    device: DeviceId,
    channel: str,
    since: float,
    until: float,
    cancelled: Callable[[], bool] = lambda: False,
) -> Trend:
    """One channel between two moments (s UTC), thinned; gaps are NaN. Not for the GUI thread.

    Raises:
        StorageError: The database cannot be read, or a chunk is damaged.
    """
    width = max((until - since) / _BINS, 1e-3)
    times: list[NDArray[np.float64]] = []
    values: list[NDArray[np.float64]] = []
    last = np.empty((2, 0))
    begin = since
    while begin < until and not cancelled():
        end = min(begin + _PIECE, until)
        utc, found = read_samples(path, device, channel, begin, end)
        inside = utc < end if end < until else utc <= end
        if inside.any():
            # The last sample of the piece before shows whether there is a gap between the two.
            utc = np.concatenate([last[0], utc[inside]])
            piece = trend_of(channel, utc, np.concatenate([last[1], found[inside]]), 0.0)
            fresh = len(last[0])
            last = np.array([piece.utc[-1:], piece.values[-1:]])
            kept = thinned(piece.utc[fresh:], piece.values[fresh:], since, width)
            times.append(piece.utc[fresh:][kept])
            values.append(piece.values[fresh:][kept])
        begin = end
    empty = np.empty(0)
    return Trend(
        channel,
        CHANNELS[channel].unit,
        np.concatenate(times) if times else empty,
        np.concatenate(values) if values else empty,
    )


def thinned(
    utc: NDArray[np.float64], values: NDArray[np.float64], since: float, width: float
) -> NDArray[np.intp]:
    """Which samples to keep, in order: the lowest, the highest and one gap of each bin.

    Args:
        utc: Ascending, s UTC.
        since, width: Where the first bin begins and how long each is, s.
    """
    bins = np.floor((utc - since) / width).astype(np.int64)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.lexsort((values[known], bins[known]))]
    borders = np.flatnonzero(np.diff(bins[order])) + 1
    lowest = order[np.concatenate([[0], borders])] if len(order) else order
    highest = order[np.concatenate([borders, [len(order)]]) - 1] if len(order) else order
    gaps = np.flatnonzero(np.isnan(values))
    gaps = gaps[np.unique(bins[gaps], return_index=True)[1]]
    return np.unique(np.concatenate([lowest, highest, gaps]))
