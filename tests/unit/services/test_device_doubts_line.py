"""What the listener refuses becomes a doubt: both must use the same words."""

import socket
from contextlib import contextmanager
from threading import Event, Thread

import numpy as np
import pytest

from embereye.config.schema import Device, Settings
from embereye.config.schema import Sensors as Listener
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.simulate_thermal import SimulatedImager, room_with_spot
from embereye.model.messages import TableChanged
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.services.sensors import Sensors

ROW = Device(id="77", name="Boiler")
ROOM = room_with_spot(24.0, 30.0, 12.0, 16.0, 3.0)


class Line:
    """A listener and a register in threads of their own, and one device that the test plays."""

    def __init__(self):
        clock = SystemClock()
        self.engine = Engine(clock)
        self.changed = Event()
        settings = Settings(devices=(ROW,))
        self.sensors = Sensors(self.engine, self._publish, lambda report: None, settings)
        self.server = SensorServer(self.engine, clock, Listener(port=0), (ROW,))

    def _publish(self, message):
        if isinstance(message, TableChanged):
            self.changed.set()

    @contextmanager
    def connected(self):
        """The device's end of a connection."""
        stop = Event()
        threads = [Thread(target=run, args=(stop,)) for run in (self.engine.run, self.server.run)]
        for thread in threads:
            thread.start()
        try:
            assert self.server.listening.wait(10.0)
            with socket.create_connection(("127.0.0.1", self.server.port), 10.0) as device:
                yield device
        finally:
            stop.set()
            self.engine.mailbox.wake()
            for thread in threads:
                thread.join(10.0)

    def wait_for_doubts(self, *doubts):
        for _ in range(50):
            if self.sensors.current.devices and self.sensors.current.devices[0].doubts == doubts:
                return
            self.changed.clear()
            self.changed.wait(0.2)
        pytest.fail(f"no {doubts}: {self.sensors.current.devices}")


def frame(imager, **conditions):
    words = imager.frame(ROOM, **conditions)
    return b"#frame77:%s!" % np.asarray(words).astype(">u2").tobytes().hex().upper().encode()


def test_frames_with_an_impossible_supply_are_doubted_until_the_supply_is_right():
    imager, line = SimulatedImager(3), Line()
    with line.connected() as device:
        device.sendall(frame(imager))
        memory = imager.eeprom.astype(">u2").tobytes().hex().upper().encode()
        device.sendall(b"#EEPROM77:%s!" % memory)
        for _ in range(6):
            device.sendall(frame(imager, vdd=2.5))
        line.wait_for_doubts("unusable thermal frames")
        device.sendall(frame(imager, vdd=2.95))
        line.wait_for_doubts("supply 2.95 V")
        device.sendall(frame(imager))
        line.wait_for_doubts()


def test_a_calibration_of_no_working_sensor_is_doubted():
    imager, line = SimulatedImager(3), Line()
    with line.connected() as device:
        device.sendall(frame(imager))
        device.sendall(b"#EEPROM77:%s!" % (b"0000" * 832))
        line.wait_for_doubts("calibration implausible")
