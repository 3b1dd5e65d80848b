"""The only place where messages cross into the GUI thread."""

from threading import Event

from PySide6.QtCore import QObject, Signal

from embereye.model.device_messages import DeviceEnrolled, DeviceRevoked, DeviceTested
from embereye.model.messages import (
    AlarmChanged,
    RequestRefused,
    StorageChanged,
    TableChanged,
    WorkerFailed,
)
from embereye.runtime.bus import Bus
from embereye.runtime.mailbox import Full, Mailbox

_CAPACITY = 10_000  # messages; 20 s of an alarm flood of 500/s
_PAUSE = 0.010  # s; at most this long are changes gathered (architecture.md)
_IDLE = 0.5  # s between two looks at `stop`


class Bridge(QObject):
    """Signals for what happens in other threads. Lives in the GUI thread.

    Slots connected to it run in the GUI thread. `close` must be called, after the worker's
    thread has ended, before any connected object dies.

    Signals:
        alarm_changed: (AlarmChanged) each one, none is merged or lost
        alarms_changed, cameras_changed, devices_changed, detections_changed: () a snapshot was
            replaced; at most one signal each per 10 ms
        table_changed: (TableChanged) the newest message behind the four above, for latency
        refused: (RequestRefused)
        enrolled: (DeviceEnrolled or DeviceRevoked) the answer to a change of a device's keys
        device_tested: (DeviceTested)
        storage_changed: (StorageChanged)
        worker_failed: (WorkerFailed)
    """

    alarm_changed = Signal(object)
    alarms_changed = Signal()
    cameras_changed = Signal()
    devices_changed = Signal()
    detections_changed = Signal()
    table_changed = Signal(object)
    refused = Signal(object)
    enrolled = Signal(object)
    device_tested = Signal(object)
    storage_changed = Signal(object)
    worker_failed = Signal(object)

    def __init__(self, bus: Bus) -> None:
        super().__init__()
        self._bus = bus
        self.box: Mailbox[object] = Mailbox(_CAPACITY, Full.GROW)
        self._signals = {
            AlarmChanged: self.alarm_changed,
            RequestRefused: self.refused,
            DeviceEnrolled: self.enrolled,
            DeviceRevoked: self.enrolled,
            DeviceTested: self.device_tested,
            StorageChanged: self.storage_changed,
            WorkerFailed: self.worker_failed,
        }
        bus.subscribe(self.box, TableChanged, *self._signals)

    def close(self) -> None:
        """Take no more messages and emit nothing more."""
        self._bus.unsubscribe(self.box)
        self.box.wake()
        self.blockSignals(True)

    def deliver(self, messages: list[object]) -> None:
        """Emit these messages; tables that changed several times are told once. Any thread."""
        tables: dict[str, TableChanged] = {}
        for message in messages:
            if isinstance(message, TableChanged):
                tables[message.table] = message
            else:
                self._signals[type(message)].emit(message)
        for name, changed in tables.items():
            self._tell_table(name, changed)

    def _tell_table(self, name: str, changed: TableChanged) -> None:
        if name == "alarms":
            self.alarms_changed.emit()
        elif name == "cameras":
            self.cameras_changed.emit()
        elif name == "devices":
            self.devices_changed.emit()
        elif name == "detections":
            self.detections_changed.emit()
        self.table_changed.emit(changed)


class BridgeWorker:
    """Carries messages from the bus to the bridge. Runs in its own thread."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def run(self, stop: Event) -> None:
        """Deliver until `stop` is set. The first message goes at once, later ones are gathered."""
        box = self._bridge.box
        while not stop.is_set():
            messages = box.take_all(_IDLE)
            if messages:
                self._bridge.deliver(messages)
                stop.wait(_PAUSE)
