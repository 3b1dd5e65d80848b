"""Reads stored thermal frames back as temperatures, in a thread of its own."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import numpy as np

from embereye.config.schema import Device
from embereye.ingest.thermal_decode import ThermalDecoder, ThermalPacket, decode_batch
from embereye.model.errors import StorageError
from embereye.model.ids import DeviceId
from embereye.model.past import REEL_SECONDS, ReelAsked, ReelRead, SpanAsked, SpanRead
from embereye.model.reading import Profile, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.model.trend import Trend
from embereye.rules.thermal_facts import facts_of
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.stored_decoder import stored_decoder
from embereye.storage.alarm_marks import alarm_marks
from embereye.storage.database import EVIDENCE_FILE, TELEMETRY_FILE
from embereye.storage.devices import LearnedDevice
from embereye.storage.long_trend import read_long_trend
from embereye.storage.thermal_history import (
    OldPicture,
    extent,
    neighbours,
    old_pictures,
    read_run,
    spans,
)

Reply = Callable[[object], object]
Asked = SpanAsked | ReelAsked

_WAITING = 64  # requests; a player asks for one reel ahead
_IDLE = 0.5  # s between two looks at `stop`
_MOST_PICTURES = 60  # old ones of one reel; they were stored each 10 s


class ThermalArchive:
    """Answers `SpanAsked` and `ReelAsked`; a worker. `ask`: any thread, returns at once."""

    def __init__(
        self,
        folder: Path,
        device: Callable[[DeviceId], Device | None],
        learned: Callable[[], dict[DeviceId, LearnedDevice]],
    ) -> None:
        """Read from the databases in `folder`.

        Args:
            device: The settings of a device: emissivity and encoding; None where it has none.
            learned: What earlier runs learned (`DeviceStore.load`): calibration and encoding.
        """
        self._folder = folder
        self._history = folder / TELEMETRY_FILE
        self._device = device
        self._learned = learned
        self._box: Mailbox[tuple[Asked, Reply]] = Mailbox(_WAITING, Full.DROP_OLDEST)

    def ask(self, asked: Asked, reply: Reply) -> None:
        """Call `reply` with a `SpanRead` or `ReelRead`, in this worker's thread."""
        self._box.put((asked, reply))

    def run(self, stop: Event) -> None:
        """Answer until `stop` is set."""
        while not stop.is_set():
            for asked, reply in self._box.take_all(_IDLE, most=1):
                reply(self.answer(asked, stop.is_set))

    def answer(
        self, asked: Asked, cancelled: Callable[[], bool] = lambda: False
    ) -> SpanRead | ReelRead:
        """The answer to one question; a reel takes some milliseconds, a span up to seconds."""
        try:
            if isinstance(asked, ReelAsked):
                return self._reel(asked)
            return self._span(asked, cancelled)
        except StorageError as error:
            if isinstance(asked, ReelAsked):
                return ReelRead(asked, (), problem=str(error))
            return SpanRead(asked, None, _NOTHING, problem=str(error))

    def _span(self, asked: SpanAsked, cancelled: Callable[[], bool]) -> SpanRead:
        device, since, until = asked.device, asked.since, asked.until
        curve = read_long_trend(self._history, device, "thermal max", since, until, cancelled)
        marks = alarm_marks(self._folder / EVIDENCE_FILE, device, since, until)
        return SpanRead(asked, extent(self._history, device), curve, marks)

    def _reel(self, asked: ReelAsked) -> ReelRead:
        since, until = asked.start, asked.start + REEL_SECONDS
        packets: list[tuple[float, bytes]] = []
        for span in spans(self._history, asked.device, since, until):
            run = read_run(self._history, span.id)
            if run is not None:
                inside = ((run.utc >= since) & (run.utc < until)).nonzero()[0].tolist()
                packets += [(float(run.utc[index]), run.received(index)) for index in inside]
        old = old_pictures(self._history, asked.device, since, until, _MOST_PICTURES)
        frames = self._decoded(asked.device, packets)
        frames += [_from_old(asked.device, one) for one in old if one.utc < until]
        frames.sort(key=lambda frame: frame.at.utc)
        earlier, later = neighbours(self._history, asked.device, since, until)
        return ReelRead(asked, tuple(frames), earlier, later)

    def _decoded(self, device: DeviceId, packets: list[tuple[float, bytes]]) -> list[ThermalFrame]:
        """Temperatures with today's calibration and emissivity; refused frames are left out."""
        decoder = self._decoder(device)
        found = decode_batch(
            [
                ThermalPacket(decoder, words.hex().encode(), Stamp(utc, utc))
                for utc, words in packets
            ]
        )
        return [frame for frame in found if isinstance(frame, ThermalFrame)]

    def _decoder(self, device: DeviceId) -> ThermalDecoder:
        return stored_decoder(device, self._device(device), self._learned().get(device))


_NOTHING = Trend("thermal max", "°C", np.empty(0), np.empty(0))


def _from_old(device: DeviceId, picture: OldPicture) -> ThermalFrame:
    facts = facts_of(picture.celsius[None])
    return ThermalFrame(
        device,
        Stamp(picture.utc, picture.utc),
        Profile.UNKNOWN,
        picture.celsius,
        picture.celsius,
        max_celsius=float(facts.highest[0]),
        min_celsius=float(facts.lowest[0]),
        mean_celsius=float(facts.mean[0]),
        hottest=(int(facts.row[0]), int(facts.column[0])),
        agreeing=int(facts.agreeing[0]),
    )
