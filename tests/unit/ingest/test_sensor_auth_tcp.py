"""Authenticated devices on the real listener: sockets, threads, the database, TLS."""

import queue
import select
import socket
import ssl
from contextlib import ExitStack, contextmanager
from threading import Event, Thread

from auth_parts import SECRET, DeviceEnd, MemoryInbox, key, ring
from storage_parts import opened, running

from embereye.config.schema import ListenerLimits, Sensors
from embereye.config.sensor_options import Tls
from embereye.ingest.auth_client import ClientKey
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.simulate import DeviceSimulator, Encryption
from embereye.ingest.simulate_device import SimulatedDevice
from embereye.ingest.tls import client_context, fingerprint
from embereye.model.credential import KeyState
from embereye.model.device_messages import DeviceAuthenticated, DeviceLogged
from embereye.model.messages import DeviceGone, PacketsRefused, SecurityEvent, WorkerFailed
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.model.security import SecurityKind
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine

WAIT = 10.0  # s; generous, a loaded machine is slow
BAD = Tls(mode="provided", certificate="/no/where", key="/no/where")
KINDS = (
    DeviceAuthenticated,
    DeviceGone,
    DeviceLogged,
    PacketsRefused,
    SecurityEvent,
    SensorReading,
    ThermalFrame,
    WorkerFailed,
)


class Station:
    def __init__(self, inbox, keys, folder, section):
        self.clock = SystemClock()
        self.engine = Engine(self.clock)
        self.arrived = {kind: queue.Queue() for kind in KINDS}
        for kind, box in self.arrived.items():
            self.engine.on(kind, box.put)
        self.section = Sensors(port=0, **section)
        self.server = SensorServer(
            self.engine, self.clock, self.section, inbox=inbox, keys=keys, folder=folder
        )

    def next(self, kind):
        return self.arrived[kind].get(timeout=WAIT)

    def wait(self, ready):
        end = self.clock.mono() + WAIT
        while not ready():
            assert self.clock.mono() < end
            Event().wait(0.01)


@contextmanager
def threads(stop, *bodies):
    hosted = [Thread(target=body, args=(stop,)) for body in bodies]
    for thread in hosted:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in hosted:
            thread.join(WAIT)
            assert not thread.is_alive()


@contextmanager
def station(inbox=None, keys=None, folder=None, **section):
    made = Station(inbox or MemoryInbox(), keys or ring(), folder, section)
    with threads(Event(), made.engine.run), threads(Event(), made.server.run):
        assert made.server.listening.wait(WAIT)
        yield made
        made.engine.mailbox.wake()


class Connection:
    """The device's end on a socket."""

    def __init__(self, s, end=None):
        self.end = end or DeviceEnd()
        self.socket = socket.create_connection(("127.0.0.1", s.server.port), WAIT)
        self.socket.settimeout(WAIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def greet(self):
        self.socket.sendall(self.end.hello())
        while not self.end.challenges:
            self.hear()
        return self

    def say(self, seq):
        self.socket.sendall(self.end.say(seq, ms=round(SystemClock().now().utc * 1000)))

    def hear(self):
        packets = self.socket.recv(4096)
        self.end.hear(packets)
        return packets

    def acknowledged(self, seq):
        while seq not in self.end.acknowledged:
            assert self.hear()

    def closed(self):
        try:
            while self.socket.recv(4096):
                pass
        except ConnectionResetError:
            pass
        return True


def test_a_packet_is_acknowledged_after_the_commit_of_a_real_database(tmp_path):
    storage = opened(tmp_path)
    with running(storage.evidence), station(storage.inbox) as s, Connection(s) as device:
        device.greet().say(1)
        device.acknowledged(1)
        assert s.next(DeviceAuthenticated).device == "boiler"
        assert s.next(SensorReading).adc1 == 5
        assert [packet.seq for packet in storage.inbox.packets("boiler")] == [1]


def test_a_revoked_device_is_out_within_a_second():
    with station() as s, Connection(s) as device:
        device.greet().say(1)
        device.acknowledged(1)
        began = s.clock.mono()
        s.server.apply_keys(ring(key(state=KeyState.REVOKED)))
        assert device.closed()
        assert s.clock.mono() - began < 1.0
        assert "revoked" in s.next(DeviceGone).reason
        assert s.next(SecurityEvent).kind is SecurityKind.REVOKED_KEY


def test_a_device_that_does_not_prove_itself_is_cut():
    with station(limits=ListenerLimits(first_packet=1.0)) as s, Connection(s) as device:
        device.greet()
        assert device.closed()
        assert "no packet" in s.next(PacketsRefused).reason


def test_the_older_connection_of_a_device_is_closed():
    with station() as s, Connection(s) as older:
        older.greet().say(1)
        older.acknowledged(1)
        with Connection(s, older.end) as newer:
            older.end.challenges.clear()
            newer.greet().say(2)
            assert older.closed()
            newer.acknowledged(2)
        assert s.arrived[DeviceGone].qsize() <= 1


def test_connecting_and_leaving_is_in_the_log_of_the_device():
    with station() as s:
        with Connection(s) as device:
            device.greet().say(1)
            assert s.next(DeviceLogged).text == "connected from 127.0.0.1"
        texts = []
        while not any("disconnected" in text for text in texts):
            texts.append(s.next(DeviceLogged).text)


def test_a_forged_packet_is_told_when_the_listener_stops():
    with station() as s, Connection(s) as device:
        device.greet().say(1)
        forged = device.end.say(2)[:-2] + b"9!"
        device.socket.sendall(forged * 10)
        s.wait(lambda: s.arrived[PacketsRefused].qsize() > 0)
    s.engine.step()
    events = list(s.arrived[SecurityEvent].queue)
    assert sum(event.count for event in events) == 10


def test_a_slow_disk_holds_authenticated_devices_back_and_loses_nothing():
    inbox = MemoryInbox(by_hand=True)
    limits = ListenerLimits(packets_per_second=1_000_000)
    with station(inbox, limits=limits) as s, Connection(s) as device, Connection(s) as other:
        count = 20_000
        device.greet()
        stream = b"".join(device.end.say(number) for number in range(1, count + 1))
        sender = Thread(target=device.socket.sendall, args=(stream,))
        sender.start()
        s.wait(lambda: s.server.admission.full)
        other.socket.sendall(b"#Sensor99:ADC1=1!")
        s.wait(lambda: any(r.device == "99" for r in list(s.arrived[SensorReading].queue)))
        assert s.arrived[SensorReading].qsize() < count
        s.wait(lambda: inbox.commit() or len(inbox.rows) == count)
        sender.join(WAIT)
        device.acknowledged(count)
        assert s.arrived[SensorReading].qsize() == count + 1


def simulated(s, secret=SECRET):
    return [SimulatedDevice("boiler", rate=10.0, key=ClientKey("k1", secret))]


def test_the_reference_device_streams_and_is_acknowledged():
    with station() as s:
        simulator = DeviceSimulator("127.0.0.1", s.server.port, simulated(s), s.clock)
        with threads(Event(), simulator.run):
            for _ in range(10):
                s.next(SensorReading)
            assert s.next(ThermalFrame).device == "boiler"
            s.wait(lambda: simulator.waiting < 5)
            assert s.arrived[SecurityEvent].empty()


def test_a_new_key_is_handed_over_and_used():
    new = bytes(32)
    old = key(state=KeyState.RETIRING, expires=4e9)
    with station(keys=ring(old, key(kid="k2", secret=new, created=1.0))) as s:
        simulator = DeviceSimulator("127.0.0.1", s.server.port, simulated(s), s.clock)
        with threads(Event(), simulator.run):
            assert s.next(DeviceAuthenticated).kid == "k1"
            assert s.next(DeviceAuthenticated).kid == "k2"


def test_the_encrypted_port_serves_devices(tmp_path):
    with station(folder=tmp_path, tls=Tls(mode="self-signed", port=0)) as s:
        s.wait(lambda: s.server.tls_port is not None)
        pin = fingerprint(tmp_path / "certs" / "sensors.crt")
        encryption = Encryption(client_context(None, pin), pin)
        simulator = DeviceSimulator(
            "127.0.0.1", s.server.tls_port, simulated(s), s.clock, encryption
        )
        with threads(Event(), simulator.run):
            assert s.next(SensorReading).device == "boiler"


def test_a_plain_peer_on_the_encrypted_port_gets_nothing(tmp_path):
    with station(folder=tmp_path, tls=Tls(mode="self-signed", port=0)) as s:
        s.wait(lambda: s.server.tls_port is not None)
        with socket.create_connection(("127.0.0.1", s.server.tls_port), WAIT) as plain:
            plain.sendall(b"#Sensor99:ADC1=1!" * 10)
            plain.settimeout(WAIT)
            with ExitStack() as reset:
                reset.push(lambda kind, *_: kind is ConnectionResetError)
                while plain.recv(4096):
                    pass
        assert s.arrived[SensorReading].empty()


def test_a_bad_certificate_is_a_fault_and_the_plain_port_works(tmp_path):
    with station(folder=tmp_path, tls=BAD) as s:
        failed = s.next(WorkerFailed)
        assert not failed.recovered
        assert "/no/where" in failed.text
        assert s.server.fault == failed.text
        with Connection(s) as device:
            device.greet().say(1)
            assert s.next(SensorReading).device == "boiler"
        off = s.section.model_copy(update={"tls": Tls()})
        s.server.apply(off, ())
        assert s.next(WorkerFailed).recovered


def test_an_encrypted_port_that_is_corrected_is_opened(tmp_path):
    with station(folder=tmp_path, tls=BAD) as s:
        assert not s.next(WorkerFailed).recovered
        good = s.section.model_copy(update={"tls": Tls(mode="self-signed", port=0)})
        s.server.apply(good, ())
        assert s.next(WorkerFailed).recovered
        context = ssl.create_default_context(cafile=tmp_path / "certs" / "sensors.crt")
        raw = socket.create_connection(("127.0.0.1", s.server.tls_port), WAIT)
        with context.wrap_socket(raw, server_hostname="localhost") as device:
            device.sendall(b"#Sensor99:ADC1=1!")
            assert s.next(SensorReading).device == "99"


def test_an_acknowledgement_waits_for_the_end_of_a_packet():
    inbox = MemoryInbox(by_hand=True)
    with station(inbox) as s, Connection(s).greet() as c:
        c.say(1)
        while not c.end.commands:
            c.hear()
        second = c.end.say(2, ms=round(s.clock.now().utc * 1000))
        c.socket.sendall(second[:20])
        Event().wait(0.2)  # until the listener has read it
        inbox.commit()
        # On a half-duplex line it would spoil the packet that is being sent.
        assert not select.select([c.socket], [], [], 0.4)[0]
        c.socket.sendall(second[20:])
        c.hear()
        assert c.end.acknowledged == [1]
