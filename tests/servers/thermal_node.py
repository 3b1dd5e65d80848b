"""A headless program that records thermal frames until it is killed.

Usage: thermal_node.py FOLDER. Prints "T UTC" for each frame handed to the engine, and "S UTC" for
each new moment until which all is said to be stored. Its clock runs 100 times too fast:
a minute of the history lasts 0.6 s.
"""

import os
import sys
import time
from pathlib import Path
from threading import Event, Thread

import numpy as np

from embereye.model.ids import DeviceId
from embereye.model.reading import Profile, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine
from embereye.services.history import History
from embereye.storage.opening import open_storage

_HASTE = 100.0
_PERIOD = 4.0  # s of the fast clock
D = DeviceId("d1")


class _FastClock:
    def __init__(self) -> None:
        self._mono, self._utc = time.monotonic(), time.time()

    def mono(self) -> float:
        return (time.monotonic() - self._mono) * _HASTE

    def now(self) -> Stamp:
        mono = self.mono()
        return Stamp(mono, self._utc + mono)

    def boot(self) -> str:
        return ""


def main(folder: Path) -> None:
    clock = _FastClock()
    storage = open_storage(folder, clock, lambda message: None, reserve=0)
    engine = Engine(clock)
    history = History(engine, storage.readings, storage.detections, 30)
    stop = Event()
    for worker in (storage.telemetry, engine):
        Thread(target=worker.run, args=(stop,), daemon=True).start()
    rng, picture, told = np.random.default_rng(1), np.zeros((24, 32), np.float32), 0.0
    while True:
        at = clock.now()
        words = rng.integers(0, 100, 834).astype(">u2").tobytes()
        engine.post(ThermalFrame(D, at, Profile.RAW, None, picture, words=words))
        _say("T", at.utc)
        if history.stored_until(D) > told:
            told = history.stored_until(D)
            _say("S", told)
        time.sleep(_PERIOD / _HASTE)


def _say(kind: str, utc: float) -> None:
    os.write(1, f"{kind} {utc!r}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
