"""Measures how old a reading is when a slot of the GUI thread sees it."""

import os
from collections.abc import Callable
from threading import Event

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication

from embereye.model.ids import DeviceId
from embereye.model.reading import DeviceTable, SensorReading
from embereye.runtime.bus import Bus
from embereye.runtime.worker import PlainThreads
from embereye.ui.bridge import Bridge, BridgeWorker

_JOIN = 10.0  # s for the threads to end


def slot_latencies(
    bus: Bus,
    table: Callable[[], DeviceTable],
    age: Callable[[SensorReading], float],
    load: Callable[[], None],
) -> list[float]:
    """Seconds from `age` of each reading that the slot saw for the first time.

    Runs the Qt event loop in this thread (offscreen where there is no display) while `load`
    runs in another one; returns when that ends.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    bridge = Bridge(bus)
    watch = _Watch(table, age)
    bridge.devices_changed.connect(watch.look)
    stop = Event()
    threads = PlainThreads()
    carrier = threads.start("bridge", lambda: BridgeWorker(bridge).run(stop))
    watch.finished.connect(app.quit)
    loader = threads.start("load", lambda: watch.during(load))
    app.exec()
    stop.set()
    bridge.close()
    loader.join(_JOIN)
    carrier.join(_JOIN)
    return watch.ages


class _Watch(QObject):
    finished = Signal()

    def __init__(
        self, table: Callable[[], DeviceTable], age: Callable[[SensorReading], float]
    ) -> None:
        super().__init__()
        self._table = table
        self._age = age
        self._seen: dict[DeviceId, SensorReading] = {}
        self.ages: list[float] = []

    def during(self, load: Callable[[], None]) -> None:
        """Run `load` in this thread, then end the event loop of the other."""
        try:
            load()
        finally:
            self.finished.emit()

    @Slot()
    def look(self) -> None:
        for device in self._table().devices:
            reading = device.reading
            if reading is not None and self._seen.get(device.id) is not reading:
                self._seen[device.id] = reading
                self.ages.append(self._age(reading))
