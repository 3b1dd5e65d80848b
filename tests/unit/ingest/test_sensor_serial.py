import errno
import os
import queue
import select
import socket
import sys
import time
from contextlib import contextmanager
from threading import Event, Thread

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo terminals", allow_module_level=True)

import tty

import serial
import serial.rfc2217
from serial.serialposix import Serial

from embereye.config.schema import ListenerLimits, Sensors, SerialPort
from embereye.ingest.sensor_serial import SerialLines
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.serial_wire import PIECE, SerialWire
from embereye.model.device_messages import DeviceLogged, Direction
from embereye.model.messages import DeviceGone, DeviceSeen, PacketsRefused, WorkerFailed
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import PlainThreads

GOOD = b"#Sensor1234:ADC1=269,ADC2=1296,ADC3:=1,DIO=0!\r\n"
OTHER = b"#Sensor77:ADC1=1,ADC2=2!\r\n"
FRAME = b"#frame1234:" + b"00FF" * 834 + b"!\r\n"
WAIT = 10.0  # s; generous, a loaded machine is slow
KINDS = (
    SensorReading,
    DeviceLogged,
    ThermalFrame,
    DeviceSeen,
    DeviceGone,
    PacketsRefused,
    WorkerFailed,
)


class Room:
    """A listener, an engine and serial lines; all that arrives there."""

    def __init__(self, limits=None):
        self.clock = SystemClock()
        self.engine = Engine(self.clock)
        self.arrived = queue.Queue()
        self._passed = []
        for kind in KINDS:
            self.engine.on(kind, self.arrived.put)
        self.section = Sensors(port=0, limits=limits or ListenerLimits())
        self.server = SensorServer(self.engine, self.clock, self.section)
        self.supervisor = Supervisor(PlainThreads(), self.clock, self.engine.post)
        self.lines = SerialLines(self.server, self.engine, self.supervisor)
        self.stop = Event()
        self._threads = [
            Thread(target=body, args=(self.stop,)) for body in (self.server.run, self.engine.run)
        ]

    def use(self, *ports, enabled=True):
        rows = tuple(SerialPort(id=f"line{n}", port=port) for n, port in enumerate(ports))
        self.lines.apply(self.section.model_copy(update={"serial": rows, "enabled": enabled}))

    def next(self, kind):
        """The next message of a kind; those of other kinds stay."""
        for message in self._passed:
            if isinstance(message, kind):
                self._passed.remove(message)
                return message
        while True:
            message = self.arrived.get(timeout=WAIT)
            if isinstance(message, kind):
                return message
            self._passed.append(message)

    def start(self):
        for thread in self._threads:
            thread.start()
        assert self.server.listening.wait(WAIT)

    def end(self):
        stuck = self.supervisor.stop_all()
        self.stop.set()
        self.engine.mailbox.wake()
        for thread in self._threads:
            thread.join(WAIT)
        assert not stuck


@contextmanager
def room(**options):
    made = Room(**options)
    made.start()
    try:
        yield made
    finally:
        made.end()


class Cable:
    """A pseudo terminal; `name` is a fixed path that points to it while it is plugged in."""

    def __init__(self, folder):
        self.name = str(folder / "ttyUSB0")
        self.plug()

    def plug(self):
        self.device, self._port = os.openpty()
        tty.setraw(self._port)
        os.symlink(os.ttyname(self._port), self.name)

    def unplug(self):
        os.unlink(self.name)
        os.close(self._port)
        os.close(self.device)

    def send(self, data):
        os.write(self.device, data)

    def ready(self):
        """Wait until the port is open: what came before is not read, the start command shows it."""
        assert self.read() == b"PERIOD_ON"

    def read(self):
        assert select.select([self.device], [], [], WAIT)[0]
        return os.read(self.device, 256)


@pytest.fixture
def cable(tmp_path):
    plugged = Cable(tmp_path)
    yield plugged
    if os.path.islink(plugged.name):
        plugged.unplug()


def test_a_device_on_a_serial_line_is_read_and_asked(cable):
    with room() as made:
        made.use(cable.name)
        cable.ready()
        cable.send(GOOD)
        assert made.next(SensorReading).device == "1234"
        cable.send(FRAME)
        assert made.next(ThermalFrame).device == "1234"


def test_the_address_of_a_serial_device_is_its_line(cable):
    with room() as made:
        made.use(cable.name)
        cable.ready()
        cable.send(GOOD)
        assert made.next(DeviceSeen).address == "serial:line0"


def test_an_unplugged_device_is_gone_within_a_second_and_the_operator_is_told_what_to_do(cable):
    with room() as made:
        made.use(cable.name)
        cable.ready()
        cable.send(GOOD)
        made.next(SensorReading)
        pulled = time.monotonic()
        cable.unplug()
        gone = made.next(DeviceGone)
        assert gone.at.mono - pulled < 1.0
        assert "Plug the cable" in gone.reason
        told = made.next(WorkerFailed)
        assert told.name == "serial line line0"
        assert not told.recovered
        assert "Plug the cable or the adapter in again" in told.text


def test_a_line_that_is_plugged_in_again_is_used_again_without_the_half_packet(cable):
    with room() as made:
        made.use(cable.name)
        cable.ready()
        cable.send(GOOD + b"#Sensor1234:ADC1=4000,AD")
        made.next(SensorReading)
        cable.unplug()
        made.next(DeviceGone)
        cable.plug()
        cable.ready()
        cable.send(b"C2=4000!\r\n" + GOOD)
        reading = made.next(SensorReading)
        assert (reading.adc1, reading.adc2) == (269, 1296)
        while not made.next(WorkerFailed).recovered:
            pass


def test_garbage_is_counted_and_does_not_hide_the_good_packet_behind_it(cable):
    with room() as made:
        made.use(cable.name)
        cable.ready()
        cable.send(bytes(range(1, 33)) + b"\xff\xfe!!!\r\n" + GOOD)
        refused = made.next(PacketsRefused)
        assert refused.address == "serial:line0"
        assert made.next(SensorReading).adc1 == 269


def test_a_line_of_nothing_but_garbage_is_closed_and_tried_again(cable):
    with room() as made:
        made.use(cable.name)
        cable.ready()
        cable.send(b"#x!" * 25)
        while "connection closed" not in made.next(PacketsRefused).reason:
            pass
        cable.ready()
        cable.send(GOOD)
        assert made.next(SensorReading).adc1 == 269


def test_a_silent_line_is_left_open(cable):
    with room(limits=ListenerLimits(first_packet=1)) as made:
        made.use(cable.name)
        cable.ready()
        with pytest.raises(queue.Empty):  # a TCP peer would be cut off after 1 s
            made.arrived.get(timeout=1.5)
        cable.send(GOOD)
        assert made.next(SensorReading)


def test_nothing_is_written_during_a_frame(cable):
    with room() as made:
        made.use(cable.name)
        cable.ready()
        half = len(FRAME) // 2
        cable.send(GOOD)
        made.next(SensorReading)
        cable.send(FRAME[:half])
        made.server.ask("1234", "REQUEST1")
        assert not select.select([cable.device], [], [], 1.2)[0]
        cable.send(FRAME[half:])
        assert not select.select([cable.device], [], [], 0.3)[0]
        cable.send(GOOD)
        assert cable.read() == b"REQUEST1"


@pytest.mark.parametrize(
    ("port", "advice"),
    [
        ("/dev/ttyNOTHERE", "Plug the adapter in"),
        ("spy:///dev/ttyUSB0?file=/tmp/x", "is no serial port that is known"),
        ("gopher://host:1", "is no serial port that is known"),
        ("socket://nonsense", "cannot be reached"),
        ("/dev/null", "cannot be opened"),
    ],
)
def test_a_port_that_cannot_be_opened_says_what_to_do(port, advice):
    with room() as made:
        made.use(port)
        told = made.next(WorkerFailed)
        assert advice in told.text
        assert port in told.text
        made.use()
        assert made.next(WorkerFailed).recovered


def test_a_port_that_another_program_uses_says_so(cable):
    with Serial(cable.name, exclusive=True), room() as made:
        made.use(cable.name)
        assert "in use by another program" in made.next(WorkerFailed).text


def test_a_port_without_permission_names_the_group(cable):
    from embereye.ingest.serial_port import _explain

    text = _explain("/dev/ttyUSB0", serial.SerialException(errno.EACCES, "Permission denied"))
    assert "dialout" in text


def test_lines_follow_the_settings(tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    first, second = map(Cable, folders)
    with room() as made:
        made.use(first.name)
        first.ready()
        first.send(GOOD)
        made.next(SensorReading)
        made.use(second.name)
        assert made.next(DeviceGone).device == "1234"
        second.ready()
        second.send(OTHER)
        assert made.next(SensorReading).device == "77"
        made.use(second.name, enabled=False)
        assert made.next(DeviceGone).device == "77"
    first.unplug()
    second.unplug()


def test_lines_that_did_not_change_go_on(tmp_path):
    with room() as made:
        folder = tmp_path / "b"
        folder.mkdir()
        first, second = Cable(tmp_path), Cable(folder)
        made.use(first.name)
        first.ready()
        first.send(GOOD)
        made.next(SensorReading)
        made.use(first.name, second.name)
        second.ready()
        second.send(OTHER)
        assert made.next(SensorReading).device == "77"
        first.send(GOOD)
        assert made.next(SensorReading).device == "1234"
        assert not [m for m in [*made.arrived.queue, *made._passed] if isinstance(m, DeviceGone)]
    first.unplug()
    second.unplug()


def test_a_device_behind_a_socket_is_read_and_found_again():
    with socket.create_server(("127.0.0.1", 0)) as server, room() as made:
        made.use(f"socket://127.0.0.1:{server.getsockname()[1]}")
        peer, _ = server.accept()
        assert peer.recv(64) == b"PERIOD_ON"
        peer.sendall(GOOD)
        assert made.next(SensorReading).device == "1234"
        peer.close()
        assert "serial server" in made.next(DeviceGone).reason
        again, _ = server.accept()
        assert again.recv(64) == b"PERIOD_ON"
        again.sendall(GOOD)
        assert made.next(SensorReading).device == "1234"
        again.close()


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # of pyserial
def test_a_device_behind_an_rfc2217_server_is_read_and_asked(cable):
    stop = Event()
    with socket.create_server(("127.0.0.1", 0)) as server, room() as made:
        thread = Thread(target=_serve_rfc2217, args=(server, cable.name, stop))
        thread.start()
        made.use(f"rfc2217://127.0.0.1:{server.getsockname()[1]}")
        cable.ready()
        cable.send(GOOD)
        assert made.next(SensorReading).device == "1234"
        stop.set()
        thread.join(WAIT)
        assert made.next(DeviceGone)


class _Terminal(Serial):
    """A pseudo terminal has no modem lines, for which the server looks."""

    cts = dsr = ri = cd = dtr = rts = False


def _serve_rfc2217(server, name, stop):
    """One client, one port, as serial servers do it."""
    connection, _ = server.accept()
    with connection, _Terminal(name, timeout=0) as port:
        connection.setblocking(False)
        client = type("Client", (), {"write": staticmethod(connection.sendall)})()
        manager = serial.rfc2217.PortManager(port, client)
        while not stop.is_set():
            ready = select.select([connection, port.fd], [], [], 0.02)[0]
            if port.fd in ready:
                connection.sendall(b"".join(manager.escape(port.read(4096))))
            if connection in ready:
                port.write(b"".join(manager.filter(connection.recv(1024))))


def test_a_line_whose_program_takes_nothing_waits_and_is_bounded():
    with room() as made:
        waiting = []
        wire = SerialWire(made.server, lambda do: waiting.append(do) or True, "line9")
        taken = [wire.hand(b"x" * PIECE) for _ in range(20)]
        assert taken == [True] * 16 + [False] * 4


def test_answers_to_commands_on_a_serial_line_are_logged(cable):
    with room() as made:
        made.use(cable.name)
        cable.ready()
        cable.send(GOOD)
        made.next(SensorReading)
        while (line := made.next(DeviceLogged)).text != "PERIOD_ON":
            pass
        assert (line.device, line.direction) == ("1234", Direction.SENT)
        assert made.next(DeviceLogged).text.startswith("answer to PERIOD_ON after")
