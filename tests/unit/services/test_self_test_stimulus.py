"""What the self-test plays: a packet through a real listener, a clip, a look into the database."""

import queue
import socket
from collections.abc import Iterator

import pytest
from hosting import hosted

from embereye.config.schema import Device, Sensors
from embereye.ingest.sensor_tcp import SensorServer
from embereye.model.daily_test import CAMERA, is_test_device, is_test_place
from embereye.model.errors import StorageError
from embereye.model.ids import AlarmId, CameraId, DeviceId, PlaceId, unassigned_place
from embereye.model.reading import SensorReading
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.services.self_test_pictures import PicturesWithTest
from embereye.services.self_test_stimulus import (
    AlarmRead,
    EndStimulus,
    PacketSent,
    ReadBack,
    SendPacket,
    ShowFire,
    Stimulus,
    fire_clip,
    fire_frames,
)

WAIT = 10.0  # s; generous, a loaded machine is slow
DEVICE = DeviceId("embereye-self-test")


class Played:
    """A stimulus in its thread, and what it posts."""

    def __init__(self) -> None:
        self.posted: queue.Queue[object] = queue.Queue()
        self.shown: queue.Queue[object] = queue.Queue()
        self.stored: set[int] = set()
        self.looks = 0
        clock = SystemClock()
        self.stimulus = Stimulus(clock, self.posted.put, self.shown.put, self._holds)

    def _holds(self, alarm: AlarmId) -> bool:
        self.looks += 1
        if self.looks == 1:
            raise StorageError("busy")
        return alarm in self.stored or self.looks > 2

    def next(self) -> object:
        return self.posted.get(timeout=WAIT)


@pytest.fixture
def played() -> Iterator[Played]:
    made = Played()
    with hosted(made.stimulus.run, wait=WAIT):
        yield made


def test_the_packet_reaches_the_engine_as_the_reserved_device(played):
    # A device that was given this address must not be taken for the sender.
    clock = SystemClock()
    engine, arrived = Engine(clock), queue.Queue()
    engine.on(SensorReading, arrived.put)
    mine = Device(id="d1", name="Mine", address="127.0.0.1")
    server = SensorServer(engine, clock, Sensors(port=0), (mine,))
    with hosted(server.run, engine.run, wait=WAIT):
        assert server.listening.wait(WAIT)
        played.stimulus.ask(SendPacket(DEVICE, ("127.0.0.1", server.port)))
        assert played.next().problem == ""
        reading = arrived.get(timeout=WAIT)
        played.stimulus.ask(EndStimulus())
    assert (reading.device, reading.flame) == (DEVICE, True)


def test_a_listener_that_takes_no_connection_is_told(played):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    played.stimulus.ask(SendPacket(DEVICE, ("127.0.0.1", port)))
    sent = played.next()
    assert isinstance(sent, PacketSent)
    assert "does not take a connection" in sent.problem


def test_without_a_listener_the_bytes_are_decoded(played):
    played.stimulus.ask(SendPacket(DEVICE, None))
    assert played.next().problem == ""
    reading = played.next()
    assert (reading.device, reading.flame, reading.adc1) == (DEVICE, True, 270)


def test_the_database_is_read_until_the_alarm_is_there(played):
    played.stimulus.ask(ReadBack(AlarmId(7)))
    read = played.next()
    assert isinstance(read, AlarmRead)
    assert read.alarm == 7
    assert played.looks == 3, "a file that is busy is read again"


def test_the_clip_shows_a_flame_from_the_reserved_camera(played):
    played.stimulus.ask(ShowFire())
    frame = played.shown.get(timeout=WAIT)
    assert frame.camera == CAMERA
    assert frame.pixels.shape[2] == 3
    played.stimulus.ask(EndStimulus())


def test_the_clip_begins_before_the_flame_and_goes_on_for_as_long_as_it_is_waited_for():
    times = [frame.media for frame in fire_frames(SystemClock())]
    _, onset = fire_clip()
    assert onset - 2.0 <= times[0] < onset
    assert times[-1] - onset > 15.0


class Cameras:
    """The pictures of real cameras."""

    def __init__(self) -> None:
        self.taken: list[CameraId] = []

    def take(self, camera: CameraId) -> None:
        self.taken.append(camera)

    def attend(self, camera: CameraId, until: float) -> None:
        self.taken.append(camera)


def test_pictures_of_the_test_never_mix_with_those_of_cameras():
    cameras = Cameras()
    pictures = PicturesWithTest(cameras)
    frame = next(fire_frames(SystemClock()))
    pictures.shown.put(frame)
    pictures.attend(CAMERA, 1.0)
    assert pictures.take(CameraId("c1")) is None
    assert pictures.take(CAMERA) is frame
    assert pictures.take(CAMERA) is None
    assert cameras.taken == ["c1"]


@pytest.mark.parametrize(
    ("device", "own"),
    [
        ("embereye-self-test", True),
        ("embereye-self-test-2", True),
        ("embereye-self-test-evil", False),
        ("embereye-self-test-", False),
        ("embereye-self-testing", False),
        ("", False),
        ("d1", False),
    ],
)
def test_only_exact_names_are_the_tests_own(device, own):
    assert is_test_device(device) is own
    assert is_test_place(unassigned_place(DeviceId(device))) is own
    assert not is_test_place(PlaceId(device))
