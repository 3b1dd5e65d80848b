"""What devices were told is safe, and a restart found half done: judged again, kept once.

A packet is acknowledged when it is in the inbox. When the process is killed after that, its alarm
may not have been committed, and its value not have reached the history, which is written in batches
(readings each 10 s, thermal frames each minute). So after a start

- every packet of the last minute is judged by the rules once more: alarms join those that are open,
  and on-delays and rises continue where they were;
- every packet that the history lacks is given to it. What it has is found by the times of
  measurement on its disk, so a kill in the middle of this leaves nothing twice.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embereye.ingest.device_state import DeviceStates
from embereye.ingest.identity import Binding
from embereye.ingest.replay import decoded
from embereye.model.errors import StorageError
from embereye.model.ids import DeviceId
from embereye.model.raw_packet import RawPacket
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine
from embereye.storage.database import TELEMETRY_FILE
from embereye.storage.opening import Storage
from embereye.storage.stored_times import StoredTimes, absent, stored_times

_log = logging.getLogger(__name__)

_YOUNG = 60.0  # s; older packets tell nothing about the present, and rules look no further back
_KEPT = 600.0  # s that packets stay: a power cut may take the newest minutes of telemetry.db
_LONGEST = 3600.0  # s that packets stay which the history cannot take; it has said so long before
_PERIOD = 10.0  # s between removals, each in short steps, see storage.inbox
_PORTION = 2_000  # values of one message to the engine, about 20 ms of its time

Value = SensorReading | ThermalFrame


class Keeper(Protocol):
    """What the history must offer. Engine thread, but `stored_until`: any thread."""

    def take_reading(self, reading: SensorReading) -> None:
        """Keep a `#Sensor` packet."""

    def take_figures(self, frame: ThermalFrame) -> None:
        """Keep the highest, lowest … temperature of a frame."""

    def take_words(self, frame: ThermalFrame) -> None:
        """Keep a frame as it was received."""

    def flush(self) -> None:
        """Close what is open, so that old and new values do not share a chunk."""

    def stored_until(self, device: DeviceId) -> float:
        """Until when (s UTC) everything of this device is on the disk; 0 unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """Values that the history lacks, oldest first, of one device."""

    readings: Sequence[SensorReading] = ()
    figures: Sequence[ThermalFrame] = ()
    words: Sequence[ThermalFrame] = ()


class Arrears:
    """Plays the inbox in after a start, and empties it of what is done."""

    def __init__(
        self, engine: Engine, storage: Storage, history: Keeper, states: DeviceStates
    ) -> None:
        """Subscribe. `states`: as the listener's, calibrations of earlier runs included."""
        self._engine = engine
        self._storage = storage
        self._history = history
        self._states = states
        engine.on(_Past, self._keep)
        engine.every(_PERIOD, self.prune)

    def play(self) -> int:
        """Hand over what waits; how many values are judged again or kept late.

        Before the listener starts, so that every packet in the inbox is of an earlier run. It takes
        0.5 s for ten minutes of 100 devices of the field, 2 s if they send 5 packets/s each.
        """
        young: list[Value] = []
        late: list[_Past] = []
        for device in self._storage.inbox.devices():
            try:
                self._play(device, young, late)
            except StorageError as error:
                _log.error("packets of %s cannot be looked through after the start: %s",
                           device, error)  # fmt: skip
        young.sort(key=lambda value: value.at.mono)
        self._engine.post_many(young)
        for past in late:
            self._engine.post_many(_portions(past))
        count = len(young) + sum(len(p.readings) + len(p.figures) for p in late)
        if count:
            _log.info("%d values of the last run are judged again or kept late", count)
        return count

    def prune(self) -> None:
        """Remove what is done from the inbox. Engine thread, each 10 s."""
        now, inbox = self._engine.clock.now().utc, self._storage.inbox
        if inbox.short_of_room():
            limits = dict.fromkeys(inbox.devices(), now - _YOUNG)
        else:
            limits = {device: self._done_until(device, now) for device in inbox.devices()}
        inbox.prune(limits, now)

    def _done_until(self, device: DeviceId, now: float) -> float:
        stored = min(self._history.stored_until(device), now - _KEPT)
        return max(stored, now - _LONGEST)

    def _play(self, device: DeviceId, young: list[Value], late: list[_Past]) -> None:
        packets = self._storage.inbox.packets(device)
        if not packets:
            return
        state = self._states.state(Binding(device, assigned=True))
        if state is None:
            return
        made = np.array([_made(packet) for packet in packets])
        known = stored_times(self._storage.folder / TELEMETRY_FILE, device, float(made.min()))
        missing = _Missing.of(packets, made, known)
        now = self._engine.clock.now()
        fresh = np.array([packet.at_utc > now.utc - _YOUNG for packet in packets])
        wanted = np.flatnonzero(fresh | missing.any() | _calibrations(packets)).tolist()
        bodies = [(packets[i].body, _stamp(packets[i], now)) for i in wanted]
        values = dict(zip(wanted, decoded(state.decoder, bodies), strict=True))
        young += [
            replace(value, repeated=True)
            for index, value in values.items()
            if value is not None and fresh[index]
        ]
        late.append(missing.past(values))

    def _keep(self, past: _Past) -> None:
        """Engine thread."""
        self._history.flush()
        for reading in past.readings:
            self._history.take_reading(reading)
        for frame in past.figures:
            self._history.take_figures(frame)
        for frame in past.words:
            self._history.take_words(frame)
        self._history.flush()


@dataclass(frozen=True, slots=True, eq=False)
class _Missing:
    """Which packets of one device lack what in the history; (n,) bool each."""

    readings: NDArray[np.bool_]
    figures: NDArray[np.bool_]
    words: NDArray[np.bool_]

    @classmethod
    def of(
        cls, packets: Sequence[RawPacket], made: NDArray[np.float64], known: StoredTimes
    ) -> "_Missing":
        sensors, frames = _are(packets, b"sensor"), _are(packets, b"frame")
        return cls(
            _lacking(sensors, made, known.sensors),
            _lacking(frames, made, known.figures),
            _lacking(frames, made, known.words),
        )

    def any(self) -> NDArray[np.bool_]:
        return self.readings | self.figures | self.words

    def past(self, values: dict[int, Value | None]) -> _Past:
        """The decoded ones of them, by time of measurement."""
        found = sorted(
            ((index, value) for index, value in values.items() if value is not None),
            key=lambda pair: pair[1].at.utc,
        )
        readings = [v for i, v in found if isinstance(v, SensorReading) and self.readings[i]]
        frames = [(i, v) for i, v in found if isinstance(v, ThermalFrame)]
        return _Past(
            readings,
            [frame for i, frame in frames if self.figures[i] and frame.celsius is not None],
            [frame for i, frame in frames if self.words[i]],
        )


def _are(packets: Sequence[RawPacket], kind: bytes) -> NDArray[np.bool_]:
    size = len(kind)
    return np.array([packet.body[:size].lower() == kind for packet in packets], np.bool_)


def _calibrations(packets: Sequence[RawPacket]) -> NDArray[np.bool_]:
    return _are(packets, b"eeprom")


def _lacking(
    kind: NDArray[np.bool_], made: NDArray[np.float64], stored: NDArray[np.float64]
) -> NDArray[np.bool_]:
    lacking = np.zeros(len(kind), np.bool_)
    lacking[kind] = absent(made[kind], stored)
    return lacking


def _made(packet: RawPacket) -> float:
    return packet.at_utc if packet.made_utc is None else packet.made_utc


def _stamp(packet: RawPacket, now: Stamp) -> Stamp:
    """As the live packet had it: its arrival on this process's clock, and when it was measured.

    Not in the future, should the wall clock have been set back.
    """
    return Stamp(now.mono - max(0.0, now.utc - packet.at_utc), _made(packet))


def _portions(past: _Past) -> Iterable[_Past]:
    for first in range(0, len(past.readings), _PORTION):
        yield _Past(readings=past.readings[first : first + _PORTION])
    for first in range(0, len(past.figures), _PORTION):
        yield _Past(figures=past.figures[first : first + _PORTION])
    for first in range(0, len(past.words), _PORTION):
        yield _Past(words=past.words[first : first + _PORTION])
