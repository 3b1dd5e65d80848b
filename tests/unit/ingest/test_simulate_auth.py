from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread

import pytest
from certificates import device_certificate
from scripted_listener import ScriptedListener

from embereye.config.sensor_options import Tls
from embereye.ingest import tls
from embereye.ingest.auth_client import ClientKey
from embereye.ingest.packet import EepromPacket, FramePacket, SensorPacket, parse
from embereye.ingest.simulate import DeviceSimulator, Encryption
from embereye.ingest.simulate_device import SimulatedDevice
from embereye.runtime.clock import SystemClock

KEY, NEW = ClientKey("k1", bytes(range(32))), ClientKey("k2", bytes(range(32, 64)))
DEVICE = SimulatedDevice("boiler-7", rate=40.0, key=KEY)
KEYS = {("boiler-7", "k1"): KEY.secret, ("boiler-7", "k2"): NEW.secret}


@contextmanager
def playing(listener, device=DEVICE, encryption=None):
    simulator = DeviceSimulator(
        "127.0.0.1", listener.port, [device], SystemClock(), encryption=encryption
    )
    stop = Event()
    thread = Thread(target=simulator.run, args=(stop,))
    thread.start()
    try:
        yield simulator
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive()


def kinds(server):
    return {type(parse(body)) for body in server.stored.values()}


def in_order(server):
    """Whether each boot's packets are stored from 1 on without a gap."""
    boots = {boot for boot, _ in server.stored}
    return all(
        sorted(seq for b, seq in server.stored if b == boot)
        == list(range(1, 1 + sum(b == boot for b, _ in server.stored)))
        for boot in boots
    )


def test_frames_and_sensor_values_are_stored():
    with ScriptedListener(KEYS) as listener, playing(listener):
        assert listener.until(lambda server: {FramePacket, SensorPacket} <= kinds(server))
        assert listener.server.said.firmware == "1.0.0"
        assert listener.server.bad == 0


def test_stamps_are_of_now_or_of_a_wrong_clock():
    now = SystemClock().now().utc * 1000
    with ScriptedListener(KEYS) as listener, playing(listener):
        assert listener.until(lambda server: server.stamps)
        assert abs(next(iter(listener.server.stamps.values())) - now) < 10_000
    with (
        ScriptedListener(KEYS) as listener,
        playing(listener, replace(DEVICE, clock_error=3600.0)),
    ):
        assert listener.until(lambda server: server.stamps)
        assert abs(next(iter(listener.server.stamps.values())) - now - 3_600_000) < 10_000


def test_a_device_without_a_clock_uses_that_of_the_server():
    device = replace(DEVICE, clock_error=None)
    with ScriptedListener(KEYS) as listener, playing(listener, device):
        assert listener.until(lambda server: server.stamps)
        assert abs(next(iter(listener.server.stamps.values())) - listener.server.ms) < 10_000


def test_what_was_not_acknowledged_is_sent_again_after_a_cut():
    with ScriptedListener(KEYS) as listener:
        listener.acknowledging = False
        with playing(listener) as simulator:
            assert listener.until(lambda server: server.seq >= 10)
            assert simulator.waiting >= 10
            listener.server.stored.clear()  # a crash before the commit
            listener.server.boot = listener.server.seq = 0
            listener.acknowledging = True
            listener.cut()
            assert listener.until(lambda server: server.seq >= 20)
            assert listener.connections == 2
            assert in_order(listener.server)


def test_commands_are_obeyed():
    device = replace(DEVICE, waits=True)
    with ScriptedListener(KEYS) as listener, playing(listener, device) as simulator:
        assert listener.until(lambda server: server.said)
        listener.tell(lambda server: server.command(b"EEPROM1") + server.command(b"REQUEST1"))
        assert listener.until(
            lambda server: {FramePacket, SensorPacket, EepromPacket} <= kinds(server)
        )
        assert simulator.commands == [b"EEPROM1", b"REQUEST1"]
        assert len([b for b in listener.server.stored.values() if b[:5] == b"frame"]) == 1


def test_commands_without_a_code_are_not_obeyed():
    device = replace(DEVICE, waits=True)
    with ScriptedListener(KEYS) as listener, playing(listener, device) as simulator:
        assert listener.until(lambda server: server.said)
        listener.tell(lambda server: b"REQUEST1 PERIOD_ON" + server.command(b"EEPROM9"))
        assert listener.until(lambda server: server.seq >= 1)
        assert simulator.commands in ([], [b"EEPROM9"])
        assert kinds(listener.server).isdisjoint({FramePacket, SensorPacket})


def test_a_new_key_is_used_at_once_and_kept_for_the_next_start():
    kept = []
    device = replace(DEVICE, on_memory=kept.append)
    with ScriptedListener(KEYS) as listener, playing(listener, device):
        assert listener.until(lambda server: server.seq >= 3)
        listener.tell(lambda server: server.wrapped("k2", NEW.secret))
        assert listener.until(lambda server: server.said and server.said.kid == "k2")
        assert listener.until(lambda server: server.seq >= 8)
        assert in_order(listener.server)
    assert [memory.keys for memory in kept] == [(KEY, NEW), (NEW,)]


def test_a_device_that_forgot_how_often_it_was_started_goes_on_with_another_boot():
    with ScriptedListener(KEYS) as listener:
        listener.server.boot, listener.server.seq = 4, 100
        with playing(listener):
            assert listener.until(lambda server: (5, 3) in server.stored)


def test_a_server_without_the_key_gets_nothing_and_it_is_told_once(caplog):
    with ScriptedListener({("boiler-7", "k1"): bytes(32)}) as listener, playing(listener) as device:
        assert listener.until(lambda _: listener.connections >= 3)
        assert listener.server.stored == {}
        assert device.sent == 0
    told = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert told == ["device boiler-7: the server does not have the key"]


def test_commands_that_it_does_not_know_reach_those_who_taught_it_more():
    def update(body, speaker):
        speaker.say(b"FW:DONE")
        speaker.restart(body.removeprefix(b"FW:").decode())

    device = replace(DEVICE, on_command=update)
    with ScriptedListener(KEYS) as listener, playing(listener, device):
        assert listener.until(lambda server: server.seq >= 1)
        listener.tell(lambda server: server.command(b"FW:1.1.0"))
        assert listener.until(lambda server: server.said and server.said.firmware == "1.1.0")
        assert b"FW:DONE" in listener.server.stored.values()
        assert listener.until(lambda server: (2, 2) in server.stored)


def test_a_half_duplex_device_loses_nothing_to_acknowledgements():
    device = replace(DEVICE, rate=10.0, half_duplex=True)
    with ScriptedListener(KEYS) as listener, playing(listener, device) as simulator:
        assert listener.until(lambda server: server.seq >= 30)
        assert (simulator.spoilt, listener.server.bad, listener.server.duplicates) == (0, 0, 0)
        assert in_order(listener.server)


# --- encrypted ---


@pytest.fixture
def server_side(tmp_path):
    return tls.server_context(Tls(mode="self-signed"), tmp_path)


@pytest.fixture
def pin(server_side, tmp_path):
    return tls.fingerprint(tmp_path / "certs" / tls.CERTIFICATE)


def test_an_encrypted_device_that_knows_the_certificate_is_stored(server_side, pin):
    encryption = Encryption(tls.client_context(None, pin), pin)
    with ScriptedListener(KEYS, server_side) as listener, playing(listener, DEVICE, encryption):
        assert listener.until(lambda server: server.seq >= 6)


def test_nothing_is_said_to_a_listener_with_another_certificate(server_side, pin):
    other = pin.replace(pin[:2], "00" if pin[:2] != "00" else "11", 1)
    encryption = Encryption(tls.client_context(None, other), other)
    with ScriptedListener(KEYS, server_side) as listener, playing(listener, DEVICE, encryption):
        assert listener.until(lambda _: listener.connections >= 2)  # it has left and come back
        assert listener.server.said is None


def test_a_device_with_its_certificate_passes_mutual_tls(tmp_path, pin):
    own = device_certificate(tmp_path / "device")
    section = Tls(mode="self-signed", client_ca=str(own.certificate))
    context = tls.server_context(section, tmp_path)
    encryption = Encryption(tls.client_context(None, pin, own), pin)
    with ScriptedListener(KEYS, context) as listener, playing(listener, DEVICE, encryption):
        assert listener.until(lambda server: server.seq >= 6)


def test_a_device_that_gets_no_answer_says_what_to_check(caplog):
    with ScriptedListener(KEYS) as listener:
        listener.shut = True
        with playing(listener):
            assert listener.until(lambda _: listener.connections == 2)
    assert [record.levelname for record in caplog.records].count("WARNING") == 1
    assert "check that the device is enrolled there" in caplog.text
