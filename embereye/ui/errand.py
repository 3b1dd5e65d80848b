"""Work that may wait for a disk or a network, done in a thread of its own."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embereye.model.errors import EmberEyeError
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.worker import ThreadHost

_LOOK = 50  # ms between looks at whether it is done


class Errand(QObject):
    """One piece of work; it goes on where nobody waits for it any more. GUI thread.

    The other thread touches a mailbox only, never this object, so it may die meanwhile.

    Signals:
        done: (object) what the work returned
        failed: (str) why it could not be done
    """

    done = Signal(object)
    failed = Signal(str)

    def __init__(self, threads: ThreadHost, parent: QObject) -> None:
        super().__init__(parent)
        self._threads = threads
        self._box: Mailbox[tuple[bool, object]] = Mailbox(1, Full.DROP_OLDEST)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self.look)

    def start(self, name: str, work: Callable[[], object]) -> None:
        """Do `work` in a thread called `name`; OSError and EmberEyeError are failures of it."""
        box = self._box
        self._threads.start(name, lambda: _do(work, box))
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Tell the result once it is there, and end."""
        for good, result in self._box.take_all(0.0):
            self._timer.stop()
            if good:
                self.done.emit(result)
            else:
                self.failed.emit(str(result))
            self.deleteLater()


def _do(work: Callable[[], object], box: Mailbox[tuple[bool, object]]) -> None:
    try:
        box.put((True, work()))
    except OSError as error:
        box.put((False, f"{error.filename}: {error.strerror or error}"))
    except EmberEyeError as error:
        problems = getattr(error, "problems", ())[:20]
        box.put((False, "\n".join((str(error), *problems))))
