"""A headless program that takes packets of authenticated devices until it is killed.

Reads lines "FOLDER VARIANT" from standard input. For each it forks a process that opens FOLDER
with the real storage, plays in what the last one left, runs the real listener with keys for the
devices r0 … r3, and prints {"pid": …} and {"port": …}. SIGTERM ends it in order. VARIANT "real", or
"eager": the broken one, which acknowledges before the commit, or "deaf": packets are stored but
never judged, as if the process were killed in between. Nothing is removed from the inbox, so that
every row ever stored can be counted.
"""

import hashlib
import json
import os
import signal
import sys
from pathlib import Path
from threading import Event, Thread, Timer

from embereye.config.schema import Device, Sensors, Settings
from embereye.ingest.device_state import DeviceStates
from embereye.ingest.sensor_tcp import SensorServer
from embereye.model.credential import DeviceKey, KeyRing, KeyState
from embereye.model.ids import DeviceId
from embereye.rules.idle import Idle
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.services.alarms import Alarms
from embereye.services.arrears import Arrears
from embereye.services.history import History
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.storage.opening import Storage, open_storage

DEVICES = tuple(DeviceId(f"r{number}") for number in range(4))
KID = "k1"
_EAGER_DELAY = 0.03  # s by which the broken variant stores after it has acknowledged


def secret(device: DeviceId) -> bytes:
    """The key of a test device."""
    return hashlib.sha256(device.encode()).digest()


class _EagerInbox:
    """The negative control: says "stored" first and stores afterwards."""

    def __init__(self, inbox) -> None:
        self._inbox = inbox
        self.progress = inbox.progress

    def put(self, packets, complete_to, done) -> None:
        done(True)
        timer = Timer(_EAGER_DELAY, self._inbox.put, (packets, complete_to, lambda stored: None))
        timer.daemon = True
        timer.start()


def _serve(folder: Path, variant: str) -> None:
    ended = Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    _tell({"pid": os.getpid()})
    clock = SystemClock()
    engine = Engine(clock)
    storage = open_storage(folder, clock, engine.post)
    _judge(engine, storage)
    history = History(engine, storage.readings, storage.detections, 30)
    Arrears(engine, storage, history, DeviceStates()).play()
    keys = KeyRing(
        DeviceKey(device, KID, secret(device), KeyState.ACTIVE, 0.0) for device in DEVICES
    )
    inbox = _EagerInbox(storage.inbox) if variant == "eager" else storage.inbox
    server = SensorServer(engine, clock, Sensors(port=0), keys=keys, inbox=inbox)
    writers = [_Thread(worker) for _, worker in storage.workers()]
    engine_thread = _Thread(engine if variant != "deaf" else _Deaf())
    server_thread = _Thread(server)
    server.listening.wait()
    _tell({"port": server.port})
    ended.wait()
    server_thread.end()
    engine_thread.end()
    history.flush()
    for writer in writers:
        writer.end()


def _judge(engine: Engine, storage: Storage) -> None:
    """The rules and alarms of the program, with its open alarms back."""
    settings = Settings(devices=tuple(Device(id=device, name=device) for device in DEVICES))
    alarms = Alarms(engine, lambda message: None, storage.alarms)
    idle = {device: Idle(7.0, 32.0) for device in DEVICES}
    risk = Risk(engine, risk_site(settings), alarms.report, idle, lambda *levels: None)
    risk.restore(alarms.restore())


class _Deaf:
    """Stands in for the engine and handles nothing."""

    def run(self, stop: Event) -> None:
        stop.wait()


class _Thread:
    def __init__(self, worker) -> None:
        self._stop = Event()
        self._thread = Thread(target=worker.run, args=(self._stop,))
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()


def _tell(document: dict) -> None:
    os.write(1, json.dumps(document).encode() + b"\n")


def main() -> None:
    for line in sys.stdin:
        folder, variant = line.rsplit(maxsplit=1)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                _serve(Path(folder), variant)
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        _tell({"ended": status})


if __name__ == "__main__":
    main()
