"""The whole way of an authenticated device: reference client, TCP, listener, database, and back."""

import queue
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from threading import Event

import pytest
from certificates import device_certificate
from hosting import hosted
from storage_parts import opened, running

from embereye.config.schema import Sensors
from embereye.config.sensor_options import ListenerLimits, Tls
from embereye.ingest import tls
from embereye.ingest.auth_client import ClientKey
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.simulate import DeviceSimulator, Encryption
from embereye.ingest.simulate_device import SimulatedDevice
from embereye.model.credential import DeviceKey, KeyRing, KeyState
from embereye.model.device_messages import DeviceAuthenticated, DeviceClock, PacketsMissed
from embereye.model.messages import CalibrationTaken, SecurityEvent
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.model.security import SecurityKind
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.storage.database import EVIDENCE_FILE, read_all

WAIT = 15.0  # s; generous, a loaded machine is slow
OLD = ClientKey("k1", bytes(range(32)))
NEW = ClientKey("k2", bytes(range(32, 64)))
DEVICE = SimulatedDevice("boiler", rate=20.0, key=OLD)
KINDS = (
    SensorReading,
    ThermalFrame,
    CalibrationTaken,
    DeviceAuthenticated,
    DeviceClock,
    PacketsMissed,
    SecurityEvent,
)


def ring(*keys, retiring=()):
    made = [
        DeviceKey(
            "boiler",
            key.kid,
            key.secret,
            KeyState.RETIRING if key in retiring else KeyState.ACTIVE,
            float(number),
        )
        for number, key in enumerate(keys)
    ]
    return KeyRing(made)


class Site:
    """A listener with a database, an engine, and all that arrives there."""

    def __init__(self, folder, keys, section):
        self.folder = folder
        self.storage = opened(folder)
        self.clock = SystemClock()
        self.engine = Engine(self.clock)
        self.arrived = {kind: queue.Queue() for kind in KINDS}
        for kind in KINDS:
            self.engine.on(kind, self.arrived[kind].put)
        self.server = SensorServer(
            self.engine,
            self.clock,
            section,
            inbox=self.storage.inbox,
            keys=keys,
            folder=folder,
        )

    def next(self, kind):
        return self.arrived[kind].get(timeout=WAIT)

    def count(self, kind):
        return self.arrived[kind].qsize()

    def rows(self):
        return [
            (row["boot"], row["seq"])
            for row in read_all(
                self.folder / EVIDENCE_FILE, "SELECT boot, seq FROM inbox ORDER BY boot, seq"
            )
        ]

    @property
    def progress(self):
        return self.storage.inbox.progress("boiler")

    def until_stored(self, count):
        until(lambda: self.progress.seq >= count)


def until(met):
    pause, clock = Event(), SystemClock()
    end = clock.mono() + WAIT
    while not met():
        assert clock.mono() < end
        pause.wait(0.02)


@contextmanager
def site(folder, keys=None, section=None):
    made = Site(folder, keys or ring(OLD), section or Sensors(port=0))
    with ExitStack() as stack:
        stack.enter_context(running(made.storage.evidence))
        stack.enter_context(hosted(made.engine.run, wait=WAIT))
        stack.callback(made.engine.mailbox.wake)
        stack.enter_context(hosted(made.server.run, wait=WAIT))
        assert made.server.listening.wait(WAIT)
        yield made


@contextmanager
def playing(made, device=DEVICE, port=None, encryption=None):
    simulator = DeviceSimulator(
        "127.0.0.1", port or made.server.port, [device], SystemClock(), encryption=encryption
    )
    with hosted(simulator.run, wait=WAIT):
        yield simulator


def test_values_arrive_and_acknowledgements_empty_the_queue(tmp_path):
    with site(tmp_path) as here, playing(here) as device:
        assert here.next(DeviceAuthenticated).firmware == "1.0.0"
        assert here.next(SensorReading).device == "boiler"
        here.until_stored(20)
        until(lambda: device.waiting <= 4)  # what is on its way now
        assert here.count(SecurityEvent) == here.count(PacketsMissed) == 0
    rows = here.rows()
    assert rows == [(1, seq) for seq in range(1, len(rows) + 1)]


def test_thermal_frames_are_calibrated_by_asking(tmp_path):
    with site(tmp_path) as here, playing(here) as device:
        assert here.next(CalibrationTaken).device == "boiler"
        until(lambda: here.next(ThermalFrame).celsius is not None)
        assert b"EEPROM1" in device.commands


def test_a_device_that_waits_is_started(tmp_path):
    with site(tmp_path) as here, playing(here, replace(DEVICE, waits=True)) as device:
        assert here.next(SensorReading).device == "boiler"
        assert b"PERIOD_ON" in device.commands


def test_everything_is_stored_once_over_restarts_of_the_listener(tmp_path):
    with site(tmp_path) as here:
        port = here.server.port
        section = Sensors(port=port)
        with playing(here, port=port) as device:
            here.until_stored(10)
            for _ in range(2):
                here.server.apply(section.model_copy(update={"enabled": False}), [])
                until(lambda: not here.server.listening.is_set())
                until(lambda: device.waiting >= 10)  # it goes on measuring
                before = here.progress.seq
                here.server.apply(section, [])
                here.until_stored(before + 20)
        assert here.count(PacketsMissed) == 0
    rows = here.rows()
    assert rows == [(1, seq) for seq in range(1, len(rows) + 1)]


def test_a_device_that_lost_its_counter_goes_on_with_the_next_boot(tmp_path):
    with site(tmp_path) as here:
        with playing(here):
            here.until_stored(5)
        with playing(here):  # again with boot 1
            until(lambda: here.progress.boot == 2 and here.progress.seq >= 5)
    assert {(1, 1), (2, 1), (2, 5)} <= set(here.rows())


def test_a_key_is_rotated_while_the_device_runs(tmp_path):
    kept = []
    with site(tmp_path) as here, playing(here, replace(DEVICE, on_memory=kept.append)):
        assert here.next(DeviceAuthenticated).kid == "k1"
        here.server.apply_keys(ring(OLD, NEW, retiring=[OLD]))
        assert here.next(DeviceAuthenticated).kid == "k2"
        stored = here.progress.seq
        here.until_stored(stored + 10)
        assert here.count(SecurityEvent) == 0
    assert [memory.keys for memory in kept] == [(OLD, NEW), (NEW,)]
    rows = here.rows()
    assert rows == [(1, seq) for seq in range(1, len(rows) + 1)]


def test_both_keys_are_good_during_a_rotation(tmp_path):
    keys, device = ring(OLD, NEW, retiring=[OLD]), replace(DEVICE, key=NEW)
    with site(tmp_path, keys) as here, playing(here, device):
        assert here.next(DeviceAuthenticated).kid == "k2"


def test_a_revoked_key_cuts_the_device_off(tmp_path):
    with site(tmp_path) as here, playing(here):
        here.until_stored(5)
        revoked = replace(ring(OLD).key("boiler", "k1"), state=KeyState.REVOKED)
        here.server.apply_keys(KeyRing([revoked]))
        assert here.next(SecurityEvent).kind is SecurityKind.REVOKED_KEY


@pytest.mark.parametrize("key", [replace(OLD, secret=bytes(32)), replace(OLD, kid="k9")])
def test_a_wrong_key_gets_nothing_in(tmp_path, key):
    with site(tmp_path) as here:
        with playing(here, replace(DEVICE, key=key)) as device:
            # The first connection has ended, or is refused.
            until(lambda: device.connections >= 2 or here.count(SecurityEvent))
            assert device.sent == 0
        events = [here.next(SecurityEvent).kind] if here.count(SecurityEvent) else []
        # Of a wrong secret the listener knows nothing: the device leaves at the challenge.
        assert events == ([] if key.kid == OLD.kid else [SecurityKind.UNKNOWN_KEY])
        assert here.count(SensorReading) == here.count(DeviceAuthenticated) == 0
    assert here.rows() == []


def test_a_wrong_clock_is_seen_and_set(tmp_path):
    with site(tmp_path) as here, playing(here, replace(DEVICE, clock_error=3600.0)):
        first = here.next(DeviceClock)
        assert not first.believed
        assert first.offset == pytest.approx(3600, abs=1)
        until(lambda: here.next(DeviceClock).believed)


def test_a_half_duplex_device_is_asked_without_a_spoilt_frame(tmp_path):
    device = replace(DEVICE, rate=4.0, waits=True, half_duplex=True)
    with site(tmp_path) as here, playing(here, device) as simulator:
        assert here.next(CalibrationTaken).device == "boiler"
        here.until_stored(10)
        assert simulator.spoilt == 0
        assert here.count(SecurityEvent) == here.count(PacketsMissed) == 0


def test_devices_come_over_tls_with_a_pinned_certificate(tmp_path):
    section = Sensors(port=0, tls=Tls(mode="self-signed", port=0))
    with site(tmp_path, section=section) as here:
        until(lambda: here.server.tls_port)
        pin = tls.fingerprint(tmp_path / "certs" / tls.CERTIFICATE)
        encryption = Encryption(tls.client_context(None, pin), pin)
        with playing(here, port=here.server.tls_port, encryption=encryption):
            here.until_stored(10)


def test_mutual_tls_lets_in_only_devices_with_their_certificate(tmp_path):
    own = device_certificate(tmp_path / "device")
    stranger = device_certificate(tmp_path / "stranger")
    section = Sensors(port=0, tls=Tls(mode="self-signed", port=0, client_ca=str(own.certificate)))
    with site(tmp_path, section=section) as here:
        until(lambda: here.server.tls_port)
        port = here.server.tls_port
        pin = tls.fingerprint(tmp_path / "certs" / tls.CERTIFICATE)
        refused = Encryption(tls.client_context(None, pin, stranger), pin)
        with playing(here, port=port, encryption=refused) as device:
            until(lambda: device.connections >= 2)
        assert here.progress.seq == 0
        known = Encryption(tls.client_context(None, pin, own), pin)
        with playing(here, port=port, encryption=known):
            here.until_stored(10)


def test_a_device_that_measures_faster_than_the_listener_takes_loses_nothing(tmp_path):
    limits = ListenerLimits(packets_per_second=50)
    device = replace(DEVICE, rate=60.0, profile="centi27")
    with site(tmp_path, section=Sensors(port=0, limits=limits)) as here:
        with playing(here, device) as simulator:
            until(lambda: simulator.waiting > 64)  # more than may be under way
            here.until_stored(100)
        assert here.count(SecurityEvent) == here.count(PacketsMissed) == 0
    rows = here.rows()
    assert rows == [(1, seq) for seq in range(1, len(rows) + 1)]
