from multiprocessing import Pipe
from threading import enumerate as threads

from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy

from embereye.ui.sound_child import Ear, Prove, Quiet

DIRECT = Qt.ConnectionType.DirectConnection


def reading() -> bool:
    return "ear" in {thread.name for thread in threads()}


def test_commands_arrive_in_order_and_then_the_end(qtbot: object) -> None:
    near, far = Pipe()
    ear = Ear(far, "ear")
    heard: list[object] = []
    ear.commanded.connect(heard.append, DIRECT)
    ended = QSignalSpy(ear.ended)
    ear.start()
    near.send(Quiet())
    near.send(Prove())
    near.close()
    qtbot.waitUntil(lambda: ended.count() == 1)  # type: ignore[attr-defined]
    ear.stop()
    assert heard == [Quiet(), Prove()]
    far.close()


def test_no_thread_is_left_inside_a_signal_when_the_process_ends(qtbot: object) -> None:
    near, far = Pipe()
    ear = Ear(far, "ear")
    ear.start()
    near.close()  # it may be telling that just now
    ear.stop()
    assert not reading()
    far.close()


def test_it_stops_also_while_the_console_is_silent() -> None:
    near, far = Pipe()
    ear = Ear(far, "ear")
    ear.start()
    ear.stop()
    assert not reading()
    near.close()
    far.close()
