"""Recorded inputs in the order in which the engine took them, some minutes at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Protocol

from embereye.config.schema import Device, Settings
from embereye.ingest.thermal_decode import ThermalDecoder, ThermalPacket, decode_batch
from embereye.model.detection import DetectionResult
from embereye.model.ids import CameraId, DeviceId
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.services import input_codec as codec
from embereye.services.stored_decoder import stored_decoder
from embereye.storage.database import EVIDENCE_FILE, TELEMETRY_FILE
from embereye.storage.devices import LearnedDevice, load_devices
from embereye.storage.recorded_readings import StoredFrame, read_frames, read_readings
from embereye.storage.verdicts import RecordedInput, next_record, read_inputs, read_verdicts

_SLICE = 600.0  # s in memory at a time; 16 cameras with 8 looks a second take about 60 MB
_OPEN = 180.0  # s; a chunk that began before a slice may reach into it
_BATCH = 256  # frames decoded at a time; some MB
# What cannot begin or end anything need not be played: it only says that its camera is alive, and
# the shortest age limit is 5 s. The last look before a silence always is.
_SPACING = 4.0  # s between looks that are played
_SILENCE = 1.0  # s; a camera that was looked at less often is not thinned
_NOTHING = 0.1  # score; hints count from 0.5, limits can be set from 0.2

Item = SensorReading | DetectionResult | RecordedInput | tuple[ThermalFrame, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One input and when the engine took it, s UTC. Frames come as each side decodes them."""

    utc: float
    order: int
    item: Item


class Tape:
    """Reads the record of a data directory; one thread, read-only connections.

    Args:
        calm: Seconds without anything after which looks of a camera change nothing; those may be
            left out. None: never.
    """

    def __init__(self, folder: Path, calm: float | None) -> None:
        """StorageError when the databases cannot be read."""
        self._path = folder / TELEMETRY_FILE
        self._learned = load_devices(folder / EVIDENCE_FILE)
        self._decoders: dict[tuple[object, ...], ThermalDecoder] = {}
        self._calm = None if calm is None else _Calm(calm)

    @property
    def learned(self) -> Mapping[DeviceId, LearnedDevice]:
        """What is known of the devices today."""
        return self._learned

    def entries(
        self, since: float, until: float, sides: Sequence["Side"]
    ) -> Iterator[Sequence[Entry]]:
        """All inputs in [since, until) s UTC, in order, a slice at a time.

        Args:
            sides: Each gives the settings with which frames are decoded, asked for each slice.
        """
        while since < until:
            nearest = next_record(self._path, since - _OPEN)
            if nearest is None:
                return
            since = max(since, nearest)
            end = min(until, since + _SLICE)
            inputs = read_inputs(self._path, since, end)
            # Frames are decoded with the settings of their time: a slice ends where those change.
            cuts = [one.at_utc for one in inputs if one.kind in (codec.START, codec.SETTINGS)]
            bounds = [since, *sorted({cut for cut in cuts if since < cut < end}), end]
            for first, last in pairwise(bounds):
                own = [one for one in inputs if first <= one.at_utc < last]
                changed = own and own[0].at_utc == first and own[0].kind in _CHANGES
                if changed:  # played before the frames after it are decoded
                    same = [one for one in own if one.at_utc == first]
                    yield [Entry(first, 0, one) for one in same]
                    own = own[len(same) :]
                yield self._slice(first, last, own, [side.settings for side in sides])
            since = end

    def _slice(
        self, since: float, until: float, inputs: Iterable[RecordedInput], sides: list[Settings]
    ) -> list[Entry]:
        entries = [Entry(one.at_utc, 0, one) for one in inputs]
        readings = read_readings(self._path, since, until)
        entries += [Entry(reading.at.utc, 1, reading) for reading in readings]
        for frames in self._frames(read_frames(self._path, since, until), sides):
            entries.append(Entry(frames[0].at.utc, 2, frames))
        choose = None if self._calm is None else self._calm.chosen
        verdicts = read_verdicts(self._path, since, until, choose)
        entries += [Entry(result.at.utc, 3, result) for result in verdicts]
        entries.sort(key=lambda entry: (entry.utc, entry.order))
        return entries

    def _frames(
        self, stored: Sequence[StoredFrame], sides: list[Settings]
    ) -> Iterator[tuple[ThermalFrame, ...]]:
        """Each frame as each side sees it; refused ones are left out."""
        rows = [{DeviceId(d.id): d for d in settings.devices} for settings in sides]
        for first in range(0, len(stored), _BATCH):
            batch = stored[first : first + _BATCH]
            seen: dict[tuple[object, ...], list[ThermalFrame | None]] = {}
            columns = []
            for known in rows:
                keys = tuple(_optics(known.get(frame.device)) for frame in batch)
                if keys not in seen:
                    seen[keys] = self._decoded(batch, [known.get(f.device) for f in batch])
                columns.append(seen[keys])
            for frames in zip(*columns, strict=True):
                found = [frame for frame in frames if frame is not None]
                if len(found) == len(frames):
                    yield tuple(found)

    def _decoded(
        self, batch: Sequence[StoredFrame], rows: Sequence[Device | None]
    ) -> list[ThermalFrame | None]:
        packets = [
            ThermalPacket(
                self._decoder(frame.device, row),
                frame.words.hex().encode(),
                Stamp(frame.utc, frame.utc),
            )
            for frame, row in zip(batch, rows, strict=True)
        ]
        found = decode_batch(packets)
        return [frame if isinstance(frame, ThermalFrame) else None for frame in found]

    def _decoder(self, device: DeviceId, row: Device | None) -> ThermalDecoder:
        key = (device, *_optics(row))
        if key not in self._decoders:
            learned = self._learned.get(device)
            self._decoders[key] = stored_decoder(device, row, learned)
        return self._decoders[key]


class Side(Protocol):
    """What decodes frames in its own way: the settings in force on it."""

    settings: Settings


class _Calm:
    """Leaves out looks of cameras that have shown nothing for a while, all but one a second."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[CameraId, float] = {}
        self._kept: dict[CameraId, float] = {}
        self._last: dict[CameraId, float] = {}

    def chosen(
        self, camera: CameraId, times: Sequence[float], scores: Sequence[float]
    ) -> list[int]:
        """Which looks must be played, of some in order; the last of them always is."""
        following = [*times[1:], inf]
        rows = zip(times, scores, following, strict=True)
        return [n for n, row in enumerate(rows) if self._keep(camera, *row)]

    def _keep(self, camera: CameraId, at: float, score: float, after: float) -> bool:
        silent = at - self._last.get(camera, 0.0) > _SILENCE
        self._last[camera] = at
        if silent or not score < _NOTHING:
            self._since.pop(camera, None)
        elif at - self._since.setdefault(camera, at) >= self._seconds and (
            at - self._kept.get(camera, 0.0) < _SPACING and after - at < _SILENCE
        ):
            return False
        self._kept[camera] = at
        return True


_CHANGES = (codec.START, codec.SETTINGS)


def _optics(row: Device | None) -> tuple[object, ...]:
    return () if row is None else (row.emissivity, row.reflected, row.profile)
