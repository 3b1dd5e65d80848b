"""The handshake of the encrypted port: it counts, it ends, and nothing of it is lost."""

import socket
import ssl
from contextlib import ExitStack, contextmanager
from queue import Queue
from threading import Event, Thread

import pytest

from embereye.config.schema import ListenerLimits, Sensors
from embereye.config.sensor_options import Tls
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.tls import fingerprint
from embereye.model.messages import PacketsRefused
from embereye.model.reading import SensorReading
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine

WAIT = 10.0  # s; generous, a loaded machine is slow
READING = b"#Sensor99:ADC1=1!"


class Station:
    """The real listener with its encrypted port."""

    def __init__(self, folder, most):
        clock = SystemClock()
        self.engine = Engine(clock)
        self.refused, self.readings = Queue(), Queue()
        self.engine.on(PacketsRefused, self.refused.put)
        self.engine.on(SensorReading, self.readings.put)
        limits = ListenerLimits(connections_per_address=most)
        section = Sensors(port=0, limits=limits, tls=Tls(mode="self-signed", port=0))
        self.server = SensorServer(self.engine, clock, section, folder=folder)
        self.certificate = folder / "certs" / "sensors.crt"

    def connect(self, port=None):
        line = socket.create_connection(("127.0.0.1", port or self.server.tls_port), WAIT)
        line.settimeout(WAIT)
        return line


@contextmanager
def station(folder, most=50):
    made, stop = Station(folder, most), Event()
    hosted = [Thread(target=body, args=(stop,)) for body in (made.engine.run, made.server.run)]
    for thread in hosted:
        thread.start()
    try:
        while made.server.tls_port is None:
            Event().wait(0.01)
        yield made
    finally:
        stop.set()
        made.engine.mailbox.wake()
        for thread in hosted:
            thread.join(WAIT)
            assert not thread.is_alive()


def closed(line):
    """Whether the other end closes without a word."""
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00"])
def test_connections_in_the_handshake_count_for_their_address(tmp_path, said):
    with station(tmp_path, most=3) as s, ExitStack() as lines:
        slow = [lines.enter_context(s.connect()) for _ in range(3)]
        for line in slow:
            line.sendall(said)
        for port in (s.server.tls_port, s.server.port):
            with s.connect(port) as more:
                assert closed(more)
            assert s.refused.get(timeout=WAIT).reason.endswith("this address has 3 already")


def test_a_handshake_that_is_over_counts_no_more(tmp_path):
    with station(tmp_path, most=5) as s:
        context = ssl.create_default_context(cafile=s.certificate)
        for _ in range(10):
            with s.connect() as line:
                line.sendall(READING)  # no TLS
                while not closed(line):
                    pass
        for _ in range(15):
            with context.wrap_socket(s.connect(), server_hostname="localhost") as line:
                line.sendall(READING)
                assert s.readings.get(timeout=WAIT).device == "99"
        assert s.refused.empty()


def test_what_comes_with_the_last_part_of_the_handshake_is_not_lost(tmp_path):
    with station(tmp_path) as s, s.connect() as line:
        context = ssl.create_default_context(cafile=s.certificate)
        received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        device = context.wrap_bio(received, sent, server_hostname="localhost")
        while True:
            try:
                device.do_handshake()
                break
            except ssl.SSLWantReadError:
                line.sendall(sent.read())
                received.write(line.recv(65536))
        device.write(READING * 500)
        line.sendall(sent.read())  # Finished and all packets at once
        for _ in range(500):
            assert s.readings.get(timeout=WAIT).device == "99"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_versions_are_refused(tmp_path, version):
    with station(tmp_path) as s, s.connect() as line:
        context = ssl.create_default_context(cafile=s.certificate)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            context.wrap_socket(line, server_hostname="localhost")


def test_a_stop_in_the_middle_of_a_handshake_leaves_nothing(tmp_path):
    with ExitStack() as lines, station(tmp_path) as s:
        for _ in range(5):
            lines.enter_context(s.connect()).sendall(b"\x16\x03\x01")
        assert fingerprint(s.certificate)
