"""Recent values for trend plots, and batches of them for the disk."""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

import numpy as np

from embereye.model.detection import DetectionResult
from embereye.model.ids import DeviceId
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.model.trend import Trend
from embereye.runtime.engine import Engine
from embereye.storage.readings import (
    CHANNELS,
    Chunk,
    FrameFacts,
    frame_chunks,
    sensor_chunks,
    trend_of,
)

T = TypeVar("T")

_CHUNK_SAMPLES = 100  # packets; with _CHUNK_SECONDS the size of a chunk on disk
_CHUNK_SECONDS = 10.0
_CHUNKS_KEPT = 90  # 15 min; 100 devices at 10 Hz with 8 channels take 65 MB
_MOST_DEVICES = 2_000  # ten times the largest installation; ids are not authenticated
_PICTURE_PERIOD = 10.0  # s between stored thermal pictures of one device
_NOTABLE = 0.3  # score; below it a verdict is no evidence of anything
_CHECK_PERIOD = 1.0  # s between looks for chunks that are old enough
_PRUNE_PERIOD = 10.0  # s; 2,000 rows each, 2.5 times what 100 devices with 8 channels write
_DAY = 86_400.0  # s


class ReadingSink(Protocol):
    """Where readings are kept for long; never blocks."""

    def save_chunks(self, chunks: Sequence[Chunk]) -> None: ...

    def save_picture(self, frame: ThermalFrame) -> None: ...

    def prune(self, before: float) -> None: ...


class DetectionSink(Protocol):
    """Where detections are kept for long; never blocks."""

    def save(self, results: Sequence[DetectionResult]) -> None: ...

    def prune(self, before: float) -> None: ...


class _Ring(Generic[T]):
    """The packets of one device not in a chunk yet, and its newest chunks by channel.

    `state` is replaced as a whole, so that other threads always see each packet once.
    """

    __slots__ = ("device", "open", "pack", "state")

    def __init__(
        self, device: DeviceId, pack: Callable[[DeviceId, Sequence[T]], list[Chunk]]
    ) -> None:
        self.device = device
        self.pack = pack
        self.open: list[T] = []
        self.state: tuple[tuple[list[Chunk], ...], list[T]] = ((), self.open)

    def close(self) -> list[Chunk]:
        """Make chunks of the open packets. Engine thread."""
        chunks = self.pack(self.device, self.open)
        self.open = []
        self.state = ((*self.state[0][1 - _CHUNKS_KEPT :], chunks), self.open)
        return chunks

    def chunks(self) -> list[Chunk]:
        """All chunks, with one of the packets that are still open. Any thread."""
        closed, packets = self.state
        newest = list(packets)  # one step for other threads: no Python code runs inside
        found = [chunk for chunks in closed for chunk in chunks]
        return found + (self.pack(self.device, newest) if newest else [])


class History:
    """Takes every value, keeps the newest minutes and hands batches to the disk.

    Engine thread, except `trend`: any thread. Costs about 1 µs a packet.
    """

    def __init__(
        self, engine: Engine, readings: ReadingSink, detections: DetectionSink, retention_days: int
    ) -> None:
        """Subscribe to values. `retention_days`: older ones are removed from the disk."""
        self._clock = engine.clock
        self._sink = readings
        self._detection_sink = detections
        self._retention = retention_days * _DAY
        self._sensors: dict[DeviceId, _Ring[SensorReading]] = {}
        self._frames: dict[DeviceId, _Ring[FrameFacts]] = {}
        self._picture_due: dict[DeviceId, float] = {}
        self._detections: list[DetectionResult] = []
        engine.on(SensorReading, self.take_reading)
        engine.on(ThermalFrame, self.take_frame)
        engine.on(DetectionResult, self.take_detection)
        engine.every(_CHECK_PERIOD, self.flush_due)
        engine.every(_PRUNE_PERIOD, self._prune)

    def take_reading(self, reading: SensorReading) -> None:
        """Keep one packet."""
        ring = self._sensors.get(reading.device)
        if ring is None:
            self._make_room(self._sensors)
            ring = self._sensors[reading.device] = _Ring(reading.device, sensor_chunks)
        packets = ring.open
        packets.append(reading)
        if len(packets) >= _CHUNK_SAMPLES:
            self._sink.save_chunks(ring.close())

    def take_frame(self, frame: ThermalFrame) -> None:
        """Keep the figures of a frame, and its picture each 10 s."""
        ring = self._frames.get(frame.device)
        if ring is None:
            self._make_room(self._frames)
            ring = self._frames[frame.device] = _Ring(frame.device, frame_chunks)
        ring.open.append(_facts(frame))
        if len(ring.open) >= _CHUNK_SAMPLES:
            self._sink.save_chunks(ring.close())
        if frame.celsius is not None and frame.at.mono >= self._picture_due.get(frame.device, 0.0):
            self._picture_due[frame.device] = frame.at.mono + _PICTURE_PERIOD
            self._sink.save_picture(frame)

    def take_detection(self, result: DetectionResult) -> None:
        """Keep a verdict that found something."""
        if result.detections or result.fire >= _NOTABLE or result.smoke >= _NOTABLE:
            self._detections.append(result)

    def trend(self, device: DeviceId, channel: str, seconds: float) -> Trend:
        """The newest `seconds` (up to about 15 min) of one channel. Any thread.

        Args:
            channel: One of `storage.readings.CHANNELS`; an unknown device gives an empty trend.
        """
        form = CHANNELS[channel]
        since = self._clock.now().utc - seconds
        parts = [chunk for chunk in self._chunks(device) if chunk.channel == channel]
        if not parts:
            return Trend(channel, form.unit, np.empty(0), np.empty(0))
        utc = np.concatenate([part.utc for part in parts])
        values = np.concatenate([part.values for part in parts]).astype(np.float64) * form.scale
        return trend_of(channel, utc, values, since)

    def flush_due(self) -> None:
        """Hand over chunks that are 10 s old, and all detections."""
        self._flush(self._clock.mono() - _CHUNK_SECONDS)

    def flush(self) -> None:
        """Hand over everything, before a stop."""
        self._flush(self._clock.mono())

    def keep_days(self, days: int) -> None:
        """Remove what is older from the disk, from now on."""
        self._retention = days * _DAY

    def _flush(self, begun_before: float) -> None:
        for sensors in self._sensors.values():
            if sensors.open and sensors.open[0].at.mono <= begun_before:
                self._sink.save_chunks(sensors.close())
        for frames in self._frames.values():
            if frames.open and frames.open[0].at.mono <= begun_before:
                self._sink.save_chunks(frames.close())
        if self._detections:
            self._detection_sink.save(self._detections)
            self._detections = []

    def _make_room(self, rings: dict[DeviceId, _Ring[T]]) -> None:
        """Forget devices that are silent (since 10 s at most), else those known for longest."""
        if len(rings) < _MOST_DEVICES:
            return
        silent = [device for device, ring in rings.items() if not ring.open]
        for device in silent or list(rings)[: _MOST_DEVICES // 4]:
            ring = rings.pop(device)
            if ring.open:
                self._sink.save_chunks(ring.close())
            self._picture_due.pop(device, None)

    def _chunks(self, device: DeviceId) -> list[Chunk]:
        rings = (self._sensors.get(device), self._frames.get(device))
        return [chunk for ring in rings if ring is not None for chunk in ring.chunks()]

    def _prune(self) -> None:
        before = self._clock.now().utc - self._retention
        self._sink.prune(before)
        self._detection_sink.prune(before)


def _facts(frame: ThermalFrame) -> FrameFacts:
    return FrameFacts(
        frame.at, frame.max_celsius, frame.min_celsius, frame.mean_celsius, frame.ta_celsius
    )
