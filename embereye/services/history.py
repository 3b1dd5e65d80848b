"""Recent values for trend plots, and batches of them for the disk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from embereye.model.daily_test import CAMERA as SELF_TEST
from embereye.model.detection import DetectionResult
from embereye.model.errors import StorageError
from embereye.model.ids import CameraId, DeviceId
from embereye.model.messages import AlarmChanged
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.model.sighting import Sighting
from embereye.model.trend import Trend
from embereye.runtime.engine import Engine
from embereye.services.arrivals import Arrivals, Batch, Stamped, saved_until
from embereye.services.thermal_recording import ThermalRecording
from embereye.storage.readings import (
    CHANNELS,
    Chunk,
    FrameFacts,
    frame_chunks,
    sensor_chunks,
    trend_of,
)
from embereye.storage.thermal_chunks import FrameRun
from embereye.storage.writer import Done

T = TypeVar("T", bound=Stamped)

_CHUNK_SAMPLES = 100  # packets; with _CHUNK_SECONDS the size of a chunk on disk
_CHUNK_SECONDS = 10.0
_CHUNKS_KEPT = 90  # 15 min; 100 devices at 10 Hz with 8 channels take 65 MB
_MOST_DEVICES = 2_000  # ten times the largest installation; ids are not authenticated
_NOTABLE = 0.3  # score; below it a verdict is no evidence of anything
# s between two kept verdicts on the same objects: ten cameras with somebody in the picture all day
# are 0.4 million rows, where each look would be 7 million
_SEEN_PERIOD = 2.0
_CHECK_PERIOD = 1.0  # s between looks for chunks that are old enough
_PRUNE_PERIOD = 10.0  # s; 2,000 rows each, 2.5 times what 100 devices with 8 channels write
_DAY = 86_400.0  # s


class ReadingSink(Protocol):
    """Where readings are kept for long; never blocks."""

    def save_chunks(self, chunks: Sequence[Chunk], done: Done | None = None) -> None: ...

    def save_frames(self, run: FrameRun, done: Done | None = None) -> None: ...

    def prune(self, before: float) -> None: ...


class DetectionSink(Protocol):
    """Where detections are kept for long; never blocks."""

    def save(self, results: Sequence[DetectionResult]) -> None: ...

    def prune(self, before: float) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Committed:
    """A batch is on the disk; from the writer's thread to the engine."""

    arrivals: Arrivals[Any]
    batch: Batch


class _Ring(Generic[T]):
    """The packets of one device not in a chunk yet, and its newest chunks by channel.

    `state` is replaced as a whole, so that other threads always see each packet once.
    """

    __slots__ = ("arrivals", "device", "pack", "state")

    def __init__(
        self, device: DeviceId, pack: Callable[[DeviceId, Sequence[T]], list[Chunk]]
    ) -> None:
        self.device = device
        self.pack = pack
        self.arrivals: Arrivals[T] = Arrivals()
        self.state: tuple[tuple[list[Chunk], ...], list[T]] = ((), self.arrivals.open)

    def close(self) -> tuple[list[Chunk], Batch]:
        """Make chunks of the open packets. Engine thread."""
        packets, batch = self.arrivals.close()
        chunks = self.pack(self.device, packets)
        self.state = ((*self.state[0][1 - _CHUNKS_KEPT :], chunks), self.arrivals.open)
        return chunks, batch

    def chunks(self) -> list[Chunk]:
        """All chunks, with one of the packets that are still open. Any thread."""
        closed, packets = self.state
        newest = list(packets)  # one step for other threads: no Python code runs inside
        found = [chunk for chunks in closed for chunk in chunks]
        return found + (self.pack(self.device, newest) if newest else [])


class History:
    """Takes every value, keeps the newest minutes and hands batches to the disk.

    Engine thread, except `trend` and `stored_until`: any thread. Costs about 1 µs a packet.
    A kill loses the newest 10 s of readings and 60 s of thermal frames.
    """

    def __init__(
        self, engine: Engine, readings: ReadingSink, detections: DetectionSink, retention_days: int
    ) -> None:
        """Subscribe to values. `retention_days`: older ones are removed from the disk."""
        self._engine = engine
        self._clock = engine.clock
        self._sink = readings
        self._detection_sink = detections
        self._retention = retention_days * _DAY
        self._sensors: dict[DeviceId, _Ring[SensorReading]] = {}
        self._frames: dict[DeviceId, _Ring[FrameFacts]] = {}
        self._thermal = ThermalRecording(self._save_run)
        self._detections: list[DetectionResult] = []
        self._objects: dict[CameraId, tuple[float, frozenset[int | str]]] = {}
        self._left_out: frozenset[DeviceId] = frozenset()
        engine.on(SensorReading, self._take_live)
        engine.on(ThermalFrame, self.take_frame)
        engine.on(Sighting, lambda sighting: self.take_detection(sighting.seen))
        engine.on(_Committed, lambda message: message.arrivals.committed(message.batch))
        engine.every(_CHECK_PERIOD, self.flush_due)
        engine.every(_PRUNE_PERIOD, self._prune)

    def take_reading(self, reading: SensorReading) -> None:
        """Keep one packet."""
        if reading.repeated:
            return
        ring = self._sensors.get(reading.device)
        if ring is None:
            self._make_room(self._sensors)
            ring = self._sensors[reading.device] = _Ring(reading.device, sensor_chunks)
        packets = ring.arrivals.open
        packets.append(reading)
        if len(packets) >= _CHUNK_SAMPLES:
            self._save(ring)

    def take_frame(self, frame: ThermalFrame) -> None:
        """Keep a frame and its figures."""
        if not frame.repeated and frame.device not in self._left_out:
            self.take_figures(frame)
            self.take_words(frame)

    def take_figures(self, frame: ThermalFrame) -> None:
        """Keep the figures of a frame."""
        ring = self._frames.get(frame.device)
        if ring is None:
            self._make_room(self._frames)
            ring = self._frames[frame.device] = _Ring(frame.device, frame_chunks)
        packets = ring.arrivals.open
        packets.append(_facts(frame))
        if len(packets) >= _CHUNK_SAMPLES:
            self._save(ring)

    def take_words(self, frame: ThermalFrame) -> None:
        """Keep a frame as it was received."""
        self._thermal.take(frame)

    def take_alarm(self, changed: AlarmChanged) -> None:
        """Keep all thermal frames around an announced alarm of the devices that raised it."""
        if changed.announced:
            sources = (source.partition(" ") for source in changed.alarm.sources)
            devices = [DeviceId(name) for kind, _, name in sources if kind == "device"]
            self._thermal.alarm(devices, changed.origin or changed.at)

    def take_detection(self, result: DetectionResult) -> None:
        """Keep a verdict that found something; objects alone every 2 s, and when others come."""
        if result.camera == SELF_TEST:
            return  # the fire of a rendered clip is no evidence
        if result.fire >= _NOTABLE or result.smoke >= _NOTABLE:
            self._detections.append(result)
            return
        if not result.detections:
            return
        objects = frozenset(found.track or found.label for found in result.detections)
        at, known = self._objects.get(result.camera, (float("-inf"), frozenset()))
        if result.at.mono - at >= _SEEN_PERIOD or not objects <= known:
            self._objects[result.camera] = result.at.mono, objects
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

    def stored_until(self, device: DeviceId) -> float:
        """Until when (s UTC, inclusive) all that arrived of a device is committed. Any thread.

        Thermal frames left out for their rate count as stored. 0 before the first packet; it
        stays behind what the disk lost, until the next start.
        """
        thermal = self._thermal.arrivals(device)
        streams: list[Arrivals[Any]] = [ring.arrivals for ring in self._rings(device)]
        return saved_until(streams if thermal is None else [*streams, thermal])

    def flush_due(self) -> None:
        """Hand over chunks that are 10 s old, frames that are 60 s old, and all detections."""
        now = self._clock.mono()
        self._flush(now - _CHUNK_SECONDS)
        self._thermal.flush(now)

    def flush(self) -> None:
        """Hand over everything, before a stop."""
        now = self._clock.mono()
        self._flush(now)
        self._thermal.flush(now, age=0.0)

    def leave_out(self, devices: frozenset[DeviceId]) -> None:
        """Keep nothing of what these devices send from now on. Engine thread."""
        self._left_out = devices

    def keep_days(self, days: int) -> None:
        """Remove what is older from the disk, from now on."""
        self._retention = days * _DAY

    def _take_live(self, reading: SensorReading) -> None:
        if reading.device not in self._left_out:
            self.take_reading(reading)

    def _flush(self, begun_before: float) -> None:
        rings: list[_Ring[Any]] = [*self._sensors.values(), *self._frames.values()]
        for ring in rings:
            packets = ring.arrivals.open
            if packets and packets[0].at.mono <= begun_before:
                self._save(ring)
        if self._detections:
            self._detection_sink.save(self._detections)
            self._detections = []

    def _save(self, ring: _Ring[T]) -> None:
        chunks, batch = ring.close()
        self._sink.save_chunks(chunks, self._told(ring.arrivals, batch))

    def _save_run(self, run: FrameRun, arrivals: Arrivals[Any], batch: Batch) -> None:
        self._sink.save_frames(run, self._told(arrivals, batch))

    def _told(self, arrivals: Arrivals[Any], batch: Batch) -> Done:
        def done(error: StorageError | None) -> None:
            if error is None:
                self._engine.post(_Committed(arrivals, batch))

        return done

    def _make_room(self, rings: dict[DeviceId, _Ring[T]]) -> None:
        """Forget devices that are silent (since 10 s at most), else those known for longest."""
        if len(rings) < _MOST_DEVICES:
            return
        silent = [device for device, ring in rings.items() if not ring.arrivals.open]
        for device in silent or list(rings)[: _MOST_DEVICES // 4]:
            ring = rings.pop(device)
            if ring.arrivals.open:
                self._save(ring)

    def _chunks(self, device: DeviceId) -> list[Chunk]:
        return [chunk for ring in self._rings(device) for chunk in ring.chunks()]

    def _rings(self, device: DeviceId) -> list[_Ring[Any]]:
        rings = (self._sensors.get(device), self._frames.get(device))
        return [ring for ring in rings if ring is not None]

    def _prune(self) -> None:
        before = self._clock.now().utc - self._retention
        self._sink.prune(before)
        self._detection_sink.prune(before)


def _facts(frame: ThermalFrame) -> FrameFacts:
    return FrameFacts(
        frame.at, frame.max_celsius, frame.min_celsius, frame.mean_celsius, frame.ta_celsius
    )
