"""R4: a full disk hides no alarm of an authenticated device, however long it lasts.

A device with the real reference client says thousands of values, more than all queues on the way
hold, to the real listener, engine, rules and storage on a disk that is full; then it burns.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from servers.numbered_device import NumberedDevice
from small_disk import fill, small_disk

from embereye.config.schema import Device, ListenerLimits, Sensors, Settings
from embereye.ingest.auth_client import ClientKey
from embereye.ingest.sensor_tcp import SensorServer
from embereye.model.alarm import AlarmKind
from embereye.model.credential import DeviceKey, KeyRing, KeyState
from embereye.model.ids import DeviceId
from embereye.model.messages import StorageChanged
from embereye.model.reading import SensorReading
from embereye.rules.idle import Idle
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.worker import Worker
from embereye.services.alarms import Alarms
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.storage.database import EVIDENCE_FILE, read_all
from embereye.storage.opening import open_storage

_NAME = DeviceId("boiler")
_SECRET = bytes(range(32))
_IDLE = 5_000  # values; the device holds 256 and the listener 4,000
_MINUTES = 3.0  # that the disk is full before the fire …
_SECONDS = 12.0  # … in real time; the device's clock is faster by that factor
_AT_ONCE = 2.0  # s from the flame to the alarm on the screen, on a busy machine
_WAIT = 20.0  # s; generous
_LIMITS = ListenerLimits(packets_per_second=1_000_000)


class _Site:
    """Everything between the socket and the disk."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        self.engine = Engine(self.clock)
        self.storage = open_storage(folder, self.clock, self.engine.post, reserve=0, ballast=2**18)
        self.alarms = Alarms(self.engine, lambda message: None, self.storage.alarms)
        settings = Settings(devices=(Device(id=_NAME, name="Boiler"),))
        levels = {_NAME: Idle(7.0, 32.0)}
        Risk(self.engine, risk_site(settings), self.alarms.report, levels, lambda *levels: None)
        self.judged: Counter[tuple[int | None, int | None]] = Counter()
        self.usable: list[bool] = []
        self.engine.on(SensorReading, lambda r: self.judged.update([(r.adc2, r.adc3)]))
        self.engine.on(StorageChanged, lambda message: self.usable.append(message.usable))
        keys = KeyRing((DeviceKey(_NAME, "k1", _SECRET, KeyState.ACTIVE, 0.0),))
        self.server = SensorServer(
            self.engine,
            self.clock,
            Sensors(port=0, limits=_LIMITS),
            keys=keys,
            inbox=self.storage.inbox,
        )

    def burning(self) -> bool:
        return any(a.key.kind is AlarmKind.FIRE for a in self.alarms.current.alarms)

    def wait(self, condition: Callable[[], bool], timeout: float = _WAIT) -> bool:
        end = time.monotonic() + timeout
        while not condition() and time.monotonic() < end:
            time.sleep(0.01)
        return bool(condition())

    @contextmanager
    def running(self) -> Iterator[None]:
        workers: list[Worker] = [self.storage.evidence, self.engine, self.server]
        stops = [Event() for _ in workers]
        hosted = [
            Thread(target=worker.run, args=(stop,))
            for worker, stop in zip(workers, stops, strict=True)
        ]
        for thread in hosted:
            thread.start()
        try:
            assert self.server.listening.wait(_WAIT)
            yield
        finally:
            for thread, stop in reversed(list(zip(hosted, stops, strict=True))):
                stop.set()
                thread.join(_WAIT)


@contextmanager
def _device(site: _Site, bodies: list[bytes]) -> Iterator[NumberedDevice]:
    port, haste = site.server.port, _MINUTES * 60 / _SECONDS
    device = NumberedDevice(_NAME, ClientKey("k1", _SECRET), bodies, port, haste)
    device.start()
    try:
        yield device
    finally:
        device.end()


def _body(number: int, flame: int) -> bytes:
    return b"Sensor:ADC1=287,ADC2=%d,ADC3=%d,DIO=%d" % (1310 + number // 4096, number % 4096, flame)


def _stored(folder: Path) -> list[bytes]:
    rows = read_all(folder / EVIDENCE_FILE, "SELECT body FROM inbox ORDER BY boot, seq")
    return [row["body"] for row in rows]


def _is_recorded(site: _Site) -> bool:
    return all(alarm.recorded for alarm in site.alarms.current.alarms)


@pytest.mark.paced
def test_a_fire_after_minutes_of_a_full_disk_is_an_alarm_at_once(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "16m") as folder:
        site = _Site(folder)
        bodies = [_body(number, 0) for number in range(_IDLE)]
        with site.running(), _device(site, bodies) as device:
            filler = fill(folder)
            assert site.wait(lambda: site.usable == [False])
            assert site.wait(lambda: len(site.judged) == _IDLE)
            time.sleep(max(0.0, _SECONDS - 4.0))  # the minutes of the device; 4 s are over
            assert site.server.admission.stalled
            assert not site.burning()

            device.bodies.append(_body(_IDLE, 1))
            assert site.wait(site.burning, _AT_ONCE)
            assert not _is_recorded(site)
            assert device.client.trouble == ""
            kept = [kept.body for kept in device.client.queue.packets()]
            assert len(kept) >= 256

            filler.unlink()
            assert site.wait(lambda: len(device.client.queue) == 0)
            assert site.wait(lambda: _is_recorded(site))
        stored = _stored(folder)
        assert stored[-len(kept) :] == kept
        assert max(Counter(stored).values()) == 1
        assert set(site.judged.values()) == {1}
        assert len(site.judged) == _IDLE + 1


@pytest.mark.paced
def test_a_device_that_waits_for_the_disk_would_hide_the_fire(tmp_path: Path) -> None:
    """Negative control: without noticing that the disk fails nothing new is heard."""
    with small_disk(tmp_path / "disk", "16m") as folder:
        site = _Site(folder)
        site.server.admission.look = lambda now: None  # type: ignore[method-assign]
        bodies = [_body(number, 0) for number in range(_IDLE)]
        with site.running():
            filler = fill(folder)
            with _device(site, bodies) as device:
                assert site.wait(lambda: len(site.judged) >= 64)
                device.bodies.append(_body(_IDLE, 1))
                assert not site.wait(site.burning, _AT_ONCE)
                assert len(site.judged) == 64
            filler.unlink()
