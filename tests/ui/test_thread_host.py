"""Workers in QThreads behave like workers in plain threads."""

import threading
from threading import Event

from fakes import FakeClock
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication

from embereye.runtime.supervisor import Supervisor
from embereye.ui.thread_host import QtThreads


class Waiter:
    def __init__(self) -> None:
        self.running = Event()
        self.thread: object = None

    def run(self, stop: Event) -> None:
        self.thread = QThread.currentThread().objectName()
        self.running.set()
        stop.wait(10)


def test_a_worker_runs_in_a_named_qthread_and_stops(qapp: QApplication, clock: FakeClock) -> None:
    supervisor = Supervisor(QtThreads(), clock, lambda _: None)
    waiter = Waiter()
    supervisor.start("camera gate", waiter)
    assert waiter.running.wait(5)
    assert waiter.thread == "camera gate"
    assert supervisor.stop("camera gate", 2.0)


def test_join_tells_when_a_thread_still_runs(qapp: QApplication) -> None:
    release = Event()
    hosted = QtThreads().start("slow", lambda: release.wait(10) and None)
    assert not hosted.join(0.05)
    release.set()
    assert hosted.join(2.0)


def test_many_short_threads_leave_nothing(qapp: QApplication) -> None:
    host = QtThreads()
    for _ in range(50):
        assert host.start("short", lambda: None).join(2.0)
    host.start("last", lambda: None).join(2.0)
    assert len(host._running) == 1


def test_the_log_names_a_thread_after_its_worker() -> None:
    names: list[str] = []
    QtThreads().start("engine", lambda: names.append(threading.current_thread().name)).join(5.0)
    assert names == ["engine"]
