"""The device side of the program, on the real clock, while libfaketime moves that clock.

Arguments: data directory, the control file of libfaketime. Prints one line of JSON.
"""

import json
import sys
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import numpy as np

from embereye.config.schema import Device, Settings
from embereye.model.alarm import AlarmKind
from embereye.model.ids import DeviceId
from embereye.model.messages import AlarmChanged
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.services.alarms import Alarms
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.services.sensors import Sensors
from embereye.storage.opening import open_storage

JUMPS = ("+1d", "-1d", "+0", "-1d", "+1d", "+0")
SETTINGS = Settings(devices=tuple(Device(id=f"d{n}", name=f"D{n}") for n in range(len(JUMPS))))
_WAIT = 15.0  # s for one alarm; the delay of the limit is 2 s


class Node:
    """Engine, rules, register, alarms and databases."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        self.bugs: list[str] = []
        self.engine = Engine(self.clock, on_bug=self.bugs.append)
        self.storage = open_storage(folder, self.clock, lambda message: None)
        self.fires: Queue[str] = Queue()
        self.device_faults = 0
        self.alarms = Alarms(self.engine, self._publish, self.storage.alarms)
        Risk(self.engine, risk_site(SETTINGS), self.alarms.report, {}, lambda *_: None)
        Sensors(self.engine, self._publish, self.alarms.report, SETTINGS)

    def _publish(self, message: object) -> None:
        if isinstance(message, AlarmChanged) and message.announced:
            if message.alarm.key.kind is AlarmKind.FIRE:
                self.fires.put(str(message.alarm.key.place))
            elif message.alarm.key.kind is AlarmKind.DEVICE_FAULT:
                self.device_faults += 1

    def send(self, hot: set[str], number: int) -> None:
        """One packet of each kind of each device."""
        at = self.clock.now()
        cells = np.full((24, 32), 21.0, np.float32)
        for row in SETTINGS.devices:
            device, hottest = DeviceId(row.id), 120.0 if row.id in hot else 21.0
            self.engine.post(
                ThermalFrame(
                    device, at, Profile.CENTI27, cells, cells, hottest, 21.0, 21.0, (3, 3), 4,
                    words=number.to_bytes(4) * 384,
                )
            )  # fmt: skip
            self.engine.post(SensorReading(device, at, adc1=270 + number % 5))


def burn(node: Node, control: Path) -> dict[str, object]:
    """A fire at each place, the wall clock set by a day before each."""
    pause = Event()  # libfaketime 0.9.10 breaks time.sleep (clock_nanosleep until a deadline)
    hot: set[str] = set()
    announced, jumps, number = [], [], 0
    for row, jump in zip(SETTINGS.devices, JUMPS, strict=True):
        before = node.clock.now()
        control.write_text(f"{jump}\n")
        after = node.clock.now()
        jumps.append((after.utc - before.utc) - (after.mono - before.mono))
        hot.add(row.id)
        end = node.clock.mono() + _WAIT
        while node.fires.empty() and node.clock.mono() < end:
            node.send(hot, number)
            number += 1
            pause.wait(0.2)
        while not node.fires.empty():
            announced.append(node.fires.get())
    return {"announced": announced, "jumps": jumps, "burned": [row.id for row in SETTINGS.devices]}


def main() -> None:
    """Run the scenario and say what happened."""
    node = Node(Path(sys.argv[1]))
    stop = Event()
    workers = [worker for _, worker in node.storage.workers()]
    threads = [Thread(target=worker.run, args=(stop,)) for worker in (*workers, node.engine)]
    for thread in threads:
        thread.start()
    try:
        said = burn(node, Path(sys.argv[2]))
    finally:
        stop.set()
        node.engine.mailbox.wake()
        for thread in threads:
            thread.join(10.0)
    stored = sorted(node.storage.alarms.load_open(), key=lambda alarm: alarm.id)
    fires = [str(alarm.key.place) for alarm in stored if alarm.key.kind is AlarmKind.FIRE]
    said |= {"stored": fires, "device_faults": node.device_faults, "bugs": node.bugs}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
