"""Every thermal frame on its way to the disk; fast devices are thinned, except around alarms.

A device of the field sends each 4 s. One that sends faster than 2 frames/s is thinned to that rate
for the history; what is left out waits in memory for a minute, so that an alarm finds the frames
before it, and frames after it are all kept for a minute.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from embereye.model.ids import DeviceId
from embereye.model.reading import ThermalFrame
from embereye.model.stamp import Stamp
from embereye.services.arrivals import Arrivals, Batch
from embereye.storage.thermal_chunks import FrameRun
from embereye.storage.thermal_codec import MOST_FRAMES

_RUN_SECONDS = 60.0  # what a kill can lose; longer runs would shrink by another tenth
_PERIOD = 0.5  # s between stored frames of a fast device; fire grows over seconds
_AROUND_ALARM = 60.0  # s before and after, at full rate
_MOST_WITHHELD = 20_000  # frames of all devices, 33 MB: 100 devices with 5 frames/s for 40 s
_MOST_DEVICES = 2_000  # as in services.history; ids are not authenticated


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    at: Stamp
    words: bytes
    celsius: float | None


class _Track:
    """One device."""

    __slots__ = ("arrivals", "due", "full_until", "withheld")

    def __init__(self) -> None:
        self.arrivals: Arrivals[_Kept] = Arrivals()
        self.withheld: deque[_Kept] = deque()
        self.due = -math.inf  # frames of before the computer's start, received by the last run
        self.full_until = 0.0


Save = Callable[[FrameRun, Arrivals[_Kept], Batch], None]


class ThermalRecording:
    """Gathers the frames of each device into runs of a minute. Engine thread.

    A kill loses the run that is open: at most 60 s of each device.
    """

    def __init__(self, save: Save) -> None:
        """`save` hands a run to the disk and tells its arrivals when the batch is committed."""
        self._save = save
        self._tracks: dict[DeviceId, _Track] = {}
        self._withheld = 0

    def take(self, frame: ThermalFrame) -> None:
        """Keep a frame; one without its words cannot be kept."""
        if not frame.words:
            return
        track = self._tracks.get(frame.device)
        if track is None:
            self._make_room()
            track = self._tracks[frame.device] = _Track()
        kept = _Kept(frame.at, frame.words, frame.max_celsius)
        mono = frame.at.mono
        if mono < track.due and mono >= track.full_until:
            self._withhold(track, kept)
            return
        # The credit of one frame keeps the jitter of a device with 2 frames/s from halving it.
        track.due = max(track.due, mono - _PERIOD) + _PERIOD
        self._keep(frame.device, track, kept)

    def alarm(self, devices: Iterable[DeviceId], at: Stamp) -> None:
        """Keep all frames of these devices from 60 s before to 60 s after `at`."""
        for device in devices:
            track = self._tracks.get(device)
            if track is None:
                continue
            self._close(device, track)
            for kept in self._drop(track):
                if kept.at.mono >= at.mono - _AROUND_ALARM:
                    self._keep(device, track, kept)
            self._close(device, track)
            track.full_until = at.mono + _AROUND_ALARM

    def flush(self, now: float, age: float = _RUN_SECONDS) -> None:
        """Hand over runs that began `age` seconds before `now` (monotonic) or earlier."""
        for device, track in self._tracks.items():
            opened = track.arrivals.open
            if opened and opened[0].at.mono <= now - age:
                self._close(device, track)
            while track.withheld and track.withheld[0].at.mono < now - _AROUND_ALARM:
                track.withheld.popleft()
                self._withheld -= 1

    def arrivals(self, device: DeviceId) -> Arrivals[_Kept] | None:
        """What of this device is not on the disk yet. Any thread."""
        track = self._tracks.get(device)
        return None if track is None else track.arrivals

    def _keep(self, device: DeviceId, track: _Track, kept: _Kept) -> None:
        opened = track.arrivals.open
        if opened and not _joins(kept, opened[0]):
            self._close(device, track)
        track.arrivals.open.append(kept)
        if len(track.arrivals.open) >= MOST_FRAMES:
            self._close(device, track)

    def _close(self, device: DeviceId, track: _Track) -> None:
        if not track.arrivals.open:
            return
        kept, batch = track.arrivals.close()
        run = FrameRun(
            device,
            tuple(one.at.utc for one in kept),
            tuple(one.words for one in kept),
            max((one.celsius for one in kept if one.celsius is not None), default=None),
        )
        self._save(run, track.arrivals, batch)

    def _withhold(self, track: _Track, kept: _Kept) -> None:
        if self._withheld >= _MOST_WITHHELD:
            if not track.withheld:
                return
            track.withheld.popleft()
            self._withheld -= 1
        track.withheld.append(kept)
        self._withheld += 1

    def _drop(self, track: _Track) -> list[_Kept]:
        frames = list(track.withheld)
        track.withheld.clear()
        self._withheld -= len(frames)
        return frames

    def _make_room(self) -> None:
        """Forget devices that are silent, else those known for longest."""
        if len(self._tracks) < _MOST_DEVICES:
            return
        silent = [device for device, track in self._tracks.items() if not track.arrivals.open]
        for device in silent or list(self._tracks)[: _MOST_DEVICES // 4]:
            track = self._tracks.pop(device)
            self._drop(track)
            self._close(device, track)


def _joins(kept: _Kept, first: _Kept) -> bool:
    """Whether a frame belongs to the run that began with `first`.

    Readers look for runs of a minute, also where the wall clock was set or frames come late.
    """
    passed = kept.at.utc - first.at.utc
    return len(kept.words) == len(first.words) and 0.0 <= passed <= _RUN_SECONDS
