"""Plays what the self-test needs from outside: a device's packet, pictures of a fire, a reader."""

import logging
import socket
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numpy as np

from embereye.ingest.packet import SensorPacket, Splitter
from embereye.model.daily_test import CAMERA
from embereye.model.errors import EmberEyeError, SourceError, StorageError
from embereye.model.frame import Frame
from embereye.model.ids import AlarmId, DeviceId
from embereye.model.reading import SensorReading
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.resources import resource
from embereye.services.clip_file import opened_clip
from embereye.services.picture_file import shrunk

_log = logging.getLogger(__name__)

_CONNECT = 5.0  # s until the own listener must take the connection
_IDLE = 0.5  # s; longest wait until a stop is seen
_LOOK = 0.25  # s between looks into the database
_LEAD = 2.0  # s of the clip before the first flame, so that the detectors know the place
_CLOSEST = 0.1  # s between pictures; the detectors look eight times a second
_FLAME = "#Sensor{0}:{0}:ADC1=270,ADC2=1310,ADC3=3,DIO=1!"  # an idle room and the flame input


@dataclass(frozen=True, slots=True)
class SendPacket:
    """Play a device that sees a flame.

    Attributes:
        device: Its id; also its location, so that no address mapping takes it for another one.
        address: (host, port) of the own listener; None: decode the bytes without a listener.
    """

    device: DeviceId
    address: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class ShowFire:
    """Play a clip of a fire that this project rendered."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Look for an alarm in the database until it is there."""

    alarm: AlarmId


@dataclass(frozen=True, slots=True)
class EndStimulus:
    """The device leaves, the clip ends, nobody looks any more."""


@dataclass(frozen=True, slots=True)
class PacketSent:
    """The bytes leave now, to the network or to the decoder; `problem`: they could not."""

    at: Stamp
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PicturesFailed:
    """The clip cannot be played."""

    problem: str


@dataclass(frozen=True, slots=True)
class AlarmRead:
    """The database holds the alarm."""

    alarm: AlarmId
    at: Stamp


Task = SendPacket | ShowFire | ReadBack | EndStimulus


class Stimulus:
    """Does one thing after the other in its own thread; answers by messages to the engine.

    Args:
        post: To the engine.
        show: Takes each picture of the clip (`PicturesWithTest.shown.put`).
        holds: Whether the database holds an alarm (`DailyTestStore.holds`).
    """

    def __init__(
        self,
        clock: Clock,
        post: Callable[[object], None],
        show: Callable[[Frame], None],
        holds: Callable[[AlarmId], bool],
    ) -> None:
        self._clock, self._post, self._show, self._holds = clock, post, show, holds
        self._tasks: Mailbox[Task] = Mailbox(100, Full.DROP_OLDEST)
        self._line: socket.socket | None = None
        self._clip: Iterator[Frame] | None = None
        self._wanted: AlarmId | None = None

    def ask(self, task: Task) -> None:
        """Do this. Any thread; never blocks."""
        self._tasks.put(task)

    def run(self, stop: Event) -> None:
        """Work until `stop` is set."""
        try:
            while not stop.is_set():
                for task in self._tasks.take_all(self._pause()):
                    self._do(task)
                self._look()
                self._next_picture(stop)
        finally:
            self._end()

    def _pause(self) -> float:
        if self._clip is not None:
            return 0.0
        return _IDLE if self._wanted is None else _LOOK

    def _do(self, task: Task) -> None:
        if isinstance(task, SendPacket):
            self._send(task)
        elif isinstance(task, ShowFire):
            self._clip = fire_frames(self._clock)
        elif isinstance(task, ReadBack):
            self._wanted = task.alarm
        else:
            self._end()

    def _send(self, task: SendPacket) -> None:
        body = _FLAME.format(task.device).encode("ascii")
        at = self._clock.now()
        if task.address is None:
            self._post(PacketSent(at))
            self._post(_decoded(task.device, body, at))
            return
        try:
            self._line = socket.create_connection(task.address, _CONNECT)
            self._post(PacketSent(self._clock.now()))  # first, or the engine has the packet before
            self._line.sendall(body)
        except OSError as error:
            reason = error.strerror or str(error)
            text = f"The own sensor listener does not take a connection: {reason}."
            self._post(PacketSent(at, text))

    def _look(self) -> None:
        if self._wanted is None:
            return
        with suppress(StorageError):  # it cannot be read yet; the deadline tells
            if self._holds(self._wanted):
                self._post(AlarmRead(self._wanted, self._clock.now()))
                self._wanted = None

    def _next_picture(self, stop: Event) -> None:
        if self._clip is None:
            return
        try:
            frame = next(self._clip, None)
        except EmberEyeError as error:
            self._post(PicturesFailed(str(error)))
            frame = None
        if frame is None:
            self._clip = None
            return
        self._show(frame)
        stop.wait(_CLOSEST)

    def _end(self) -> None:
        self._clip, self._wanted = None, None
        line, self._line = self._line, None
        if line is not None:
            line.close()


def fire_clip() -> tuple[Path, float]:
    """A rendered clip that alarms, and the second of its first flame.

    Raises:
        SourceError: It is not installed.
    """
    folder = resource("demo")
    try:
        clips = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))["clips"]
        clip = min((one for one in clips if one["fire"]), key=lambda one: float(one["onset"]))
    except (OSError, KeyError, ValueError) as error:
        text = "The clip of the self-test is missing. Install EmberEye again."
        raise SourceError(text) from error
    return folder / clip["file"], float(clip["onset"])


def fire_frames(clock: Clock) -> Iterator[Frame]:
    """Its pictures from shortly before the flame on, ten a second, as the reserved camera's.

    Raises:
        SourceError: It cannot be decoded.
    """
    path, onset = fire_clip()
    shown = -_CLOSEST
    with opened_clip(path) as pictures:
        for number, time, picture in pictures:
            if time < onset - _LEAD or time - shown < _CLOSEST:
                continue
            shown = time
            whole = np.asarray(picture.to_ndarray(format="bgr24"), dtype=np.uint8)
            pixels = shrunk(np.ascontiguousarray(whole))
            height, width = pixels.shape[:2]
            yield Frame(CAMERA, pixels, number, clock.now(), time, width, height)


def _decoded(device: DeviceId, body: bytes, at: Stamp) -> SensorReading | PacketSent:
    """The packet as the listener would decode it."""
    for packet in Splitter().feed(body):
        if isinstance(packet, SensorPacket):
            return SensorReading(device, at, *packet[2:])
    return PacketSent(at, "The packet could not be decoded.")
