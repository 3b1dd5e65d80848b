"""Messages cross into the GUI thread complete, in order, and gathered."""

import ctypes
import sys
import time
from collections.abc import Iterator
from threading import Event

import pytest
from consoles import alarm
from fakes import FakeClock
from PySide6.QtCore import QObject, QThread, Signal, Slot
from PySide6.QtWidgets import QApplication

from embereye.model.messages import AlarmChanged, RequestRefused, TableChanged
from embereye.runtime.bus import Bus
from embereye.ui.bridge import Bridge, BridgeWorker
from embereye.ui.thread_host import QtThreads

EMITS = 20_000


class Ears(QObject):
    """Notes what arrives, and in which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.alarms: list[AlarmChanged] = []
        self.tables = 0
        self.refusals: list[str] = []
        self.threads: set[QThread] = set()

    @Slot(object)
    def alarm(self, message: AlarmChanged) -> None:
        self.alarms.append(message)
        self.threads.add(QThread.currentThread())

    @Slot()
    def table(self) -> None:
        self.tables += 1

    @Slot(object)
    def refusal(self, message: RequestRefused) -> None:
        self.refusals.append(message.text)


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def ears(bus: Bus, qapp: QApplication) -> Iterator[tuple[Bridge, Ears]]:
    bridge, ears = Bridge(bus), Ears()
    bridge.alarm_changed.connect(ears.alarm)
    bridge.devices_changed.connect(ears.table)
    bridge.refused.connect(ears.refusal)
    stop = Event()
    worker = BridgeWorker(bridge)
    hosted = QtThreads().start("bridge", lambda: worker.run(stop))
    yield bridge, ears
    stop.set()
    bridge.close()
    assert hosted.join(2.0)


def changed(number: int, clock: FakeClock) -> AlarmChanged:
    return AlarmChanged(alarm(number, clock), True, None, clock.now())


def test_every_alarm_arrives_in_order_in_the_gui_thread(
    bus: Bus, ears: tuple[Bridge, Ears], clock: FakeClock, qtbot: object
) -> None:
    for number in range(500):
        bus.publish(changed(number, clock))
    heard = ears[1]
    qtbot.waitUntil(lambda: len(heard.alarms) == 500)  # type: ignore[attr-defined]
    assert [message.alarm.id for message in heard.alarms] == list(range(500))
    assert heard.threads == {heard.thread()}


def test_a_table_that_changes_often_is_told_seldom(
    bus: Bus, ears: tuple[Bridge, Ears], clock: FakeClock, qtbot: object
) -> None:
    heard, told = ears[1], 0
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        bus.publish(TableChanged("devices", clock.now()))
        told += 1
        time.sleep(0.0005)  # lets the worker take each one by itself
    bus.publish(RequestRefused("last", "operator"))
    qtbot.waitUntil(lambda: heard.refusals == ["last"])  # type: ignore[attr-defined]
    assert told > 60
    assert 1 <= heard.tables <= 30  # one per 10 ms, and some at the edges


def test_a_closed_bridge_is_silent(bus: Bus, ears: tuple[Bridge, Ears], clock: FakeClock) -> None:
    bridge, heard = ears
    bridge.close()
    bus.publish(changed(1, clock))
    bridge.deliver([changed(2, clock)])
    QApplication.processEvents()
    assert heard.alarms == []
    assert len(bridge.box) == 0


class _Emitter(QObject):
    told = Signal(bool)

    @Slot(bool)
    def hear(self, value: bool) -> None:
        """Take it; the value goes through the binding both ways."""


def emit_many(leak: bool = False) -> int:
    """Emit True 20,000 times; the change of its reference count. `leak` is the broken binding."""
    emitter = _Emitter()
    emitter.told.connect(emitter.hear)
    before = sys.getrefcount(True)
    for _ in range(EMITS):
        emitter.told.emit(True)
        if leak:
            ctypes.pythonapi.Py_DecRef(ctypes.py_object(True))
    change = sys.getrefcount(True) - before
    if leak:
        for _ in range(EMITS):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(True))
    return change


def test_emitting_keeps_the_reference_count_of_true(qapp: QApplication) -> None:
    assert abs(emit_many()) <= 10


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True cannot lose references any more")
def test_a_binding_that_loses_a_reference_each_time_is_found(qapp: QApplication) -> None:
    for _ in range(2 * EMITS):  # lend True enough references that the broken variant survives
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(True))
    assert abs(emit_many(leak=True)) > 10


def test_the_bridge_keeps_the_reference_count_of_true(qapp: QApplication, clock: FakeClock) -> None:
    bridge, heard = Bridge(Bus()), Ears()
    bridge.alarm_changed.connect(heard.alarm)
    message = changed(1, clock)
    before = sys.getrefcount(True)
    for _ in range(EMITS):
        bridge.deliver([message])
    assert len(heard.alarms) == EMITS
    heard.alarms.clear()
    bridge.close()
    assert abs(sys.getrefcount(True) - before) <= 10
