import queue
import socket
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from embereye.config.schema import Device, ListenerLimits, Sensors
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.simulate import DeviceSimulator
from embereye.ingest.simulate_device import SimulatedDevice
from embereye.model.messages import (
    CalibrationTaken,
    DeviceGone,
    DeviceSeen,
    PacketsRefused,
    WorkerFailed,
)
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine

GOOD = b"#Sensor1234:ADC1=269,ADC2=1296,ADC3:=1,DIO=0!\r\n"
WAIT = 10.0  # s; generous, a loaded machine is slow
KINDS = (
    SensorReading,
    ThermalFrame,
    CalibrationTaken,
    DeviceGone,
    DeviceSeen,
    PacketsRefused,
    WorkerFailed,
)


class Station:
    """A listener and an engine, and all that arrives there."""

    def __init__(self, limits=None, port=0, devices=()):
        self.clock = SystemClock()
        self.engine = Engine(self.clock)
        self.arrived = queue.Queue()
        for kind in KINDS:
            self.engine.on(kind, self.arrived.put)
        self.section = Sensors(port=port, limits=limits or ListenerLimits())
        self.server = SensorServer(self.engine, self.clock, self.section, devices)
        self.stop = Event()
        self._threads = []

    def start(self, *bodies):
        for body in bodies:
            thread = Thread(target=body, args=(self.stop,))
            thread.start()
            self._threads.append(thread)

    def connect(self):
        assert self.server.listening.wait(WAIT)
        return socket.create_connection(("127.0.0.1", self.server.port), WAIT)

    def next(self, kind):
        while True:
            message = self.arrived.get(timeout=WAIT)
            if isinstance(message, kind):
                return message

    def end(self, deadline=WAIT):
        self.stop.set()
        self.engine.mailbox.wake()
        for thread in self._threads:
            thread.join(deadline)
        return not any(thread.is_alive() for thread in self._threads)


@contextmanager
def station(*, engine=True, **options):
    made = Station(**options)
    made.start(made.server.run, *([made.engine.run] if engine else []))
    try:
        yield made
    finally:
        assert made.end()


def closed_by_peer(connection):
    connection.settimeout(WAIT)
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return True


def test_packets_arrive_however_they_are_cut():
    with station() as s, s.connect() as connection:
        for byte in GOOD:
            connection.sendall(bytes((byte,)))
        reading = s.next(SensorReading)
        assert (reading.device, reading.adc1, reading.flame) == ("1234", 269, False)


def test_a_closed_connection_is_told():
    with station() as s:
        with s.connect() as connection:
            connection.sendall(GOOD)
            s.next(SensorReading)
        assert s.next(DeviceGone).device == "1234"


def test_a_port_in_use_is_a_fault_that_says_what_to_do_and_ends_by_itself():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        s = Station(port=port)
        s.start(s.server.run, s.engine.run)
        failed = s.next(WorkerFailed)
        taken.close()
        recovered = s.next(WorkerFailed)
        assert s.end()
    assert not failed.recovered
    assert str(port) in failed.text
    assert "another program" in failed.text
    assert recovered.recovered


def test_a_peer_that_sends_no_packet_is_cut():
    with station(limits=ListenerLimits(first_packet=1.0)) as s, s.connect() as connection:
        connection.sendall(b"#Sensor1234:ADC1=2")
        began = s.clock.mono()
        assert closed_by_peer(connection)
        assert s.clock.mono() - began < 3.0
        assert "no packet" in s.next(PacketsRefused).reason


def test_a_peer_that_sends_garbage_is_cut():
    with station() as s, s.connect() as connection:
        connection.sendall(b"#garbage!" * 30)
        assert closed_by_peer(connection)
        assert s.next(PacketsRefused).count == 30


def test_an_address_gets_only_so_many_connections():
    with station(limits=ListenerLimits(connections_per_address=1)) as s, s.connect() as first:
        first.sendall(GOOD)
        s.next(SensorReading)
        with s.connect() as second:
            assert closed_by_peer(second)
        first.sendall(GOOD)
        assert s.next(SensorReading).device == "1234"


def test_a_flood_is_slowed_down_without_a_loss():
    limits = ListenerLimits(packets_per_second=2000)
    with station(limits=limits) as s, s.connect() as connection:
        connection.sendall(GOOD * 3000)
        began = s.clock.mono()
        for _ in range(3000):
            s.next(SensorReading)
        assert s.clock.mono() - began > 0.2  # 2000 at once, the rest at 2000 a second


def test_a_congested_engine_holds_the_devices_back_and_loses_nothing():
    limits = ListenerLimits(packets_per_second=1_000_000)
    count = 400_000  # 19 MB: more than socket buffers hold
    with station(engine=False, limits=limits) as s, s.connect() as connection:
        sender = Thread(target=connection.sendall, args=(GOOD * count,))
        sender.start()
        end = s.clock.mono() + WAIT
        while not s.server.holding and s.clock.mono() < end:
            Event().wait(0.01)
        assert s.server.holding
        waiting = len(s.engine.mailbox)
        assert waiting < s.engine.mailbox.capacity  # held back, not piled up
        s.start(s.engine.run)
        for _ in range(count):
            s.next(SensorReading)
        sender.join(WAIT)
        assert s.engine.mailbox.high_water < s.engine.mailbox.capacity


def test_stopping_takes_less_than_a_second_with_open_connections():
    s = Station()
    s.start(s.server.run, s.engine.run)
    with s.connect() as connection:
        connection.sendall(GOOD)
        s.next(SensorReading)
        assert s.end(deadline=1.0)
    assert s.server.port is None
    assert not s.server.listening.is_set()


def test_changed_settings_hold_for_open_connections():
    with station() as s, s.connect() as connection:
        connection.sendall(GOOD)
        assert s.next(SensorReading).device == "1234"
        # Nobody registered the id of its packets, so its address decides; then its id does.
        by_address = Device(id="hall", name="Hall", address="127.0.0.1")
        by_id = Device(id="kiln", name="Kiln", location="1234")
        for device in (by_address, by_id):
            s.server.apply(s.section, [device])
            found = ""
            for _ in range(2000):
                connection.sendall(GOOD)
                found = s.next(SensorReading).device
                if found == device.id:
                    break
                Event().wait(0.005)
            assert found == device.id


def test_a_disabled_listener_closes_and_opens_again():
    with station() as s, s.connect() as connection:
        s.server.apply(s.section.model_copy(update={"enabled": False}), ())
        assert closed_by_peer(connection)
        s.server.apply(s.section, ())
        assert s.server.listening.wait(WAIT)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_half_duplex_device_is_calibrated_without_a_spoilt_frame(seed):
    with station() as s:
        assert s.server.listening.wait(WAIT)
        device = SimulatedDevice("77", rate=4.0, seed=seed, waits=True, half_duplex=True)
        simulator = DeviceSimulator("127.0.0.1", s.server.port, [device], s.clock)
        s.start(simulator.run)
        s.next(CalibrationTaken)
        while s.next(ThermalFrame).celsius is None:
            pass
        seen = list(s.arrived.queue)
        assert set(simulator.commands) == {b"PERIOD_ON", b"EEPROM1"}
        assert not [m for m in seen if isinstance(m, PacketsRefused)]
