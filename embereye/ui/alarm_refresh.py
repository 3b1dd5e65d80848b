"""Shows what alarms changed: the first at once, a flood of them together."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embereye.model.messages import AlarmChanged

_SETTLE = 50  # ms between two refreshes in a flood of 500 changes a second


class AlarmRefresh(QObject):
    """Calls `refresh` for a change at once, for further ones within 50 ms together. GUI thread.

    Signals:
        painted: (AlarmChanged) everything that shows it was refreshed
    """

    painted = Signal(object)

    def __init__(self, refresh: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._refresh = refresh
        self._stale = False
        self._unpainted: list[AlarmChanged] = []
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE)
        self._settle.timeout.connect(self._refresh_if_stale)

    @Slot(object)
    def alarm_changed(self, message: AlarmChanged) -> None:
        """One alarm changed; told by `painted` when it can be seen."""
        self._unpainted.append(message)
        self.alarms_changed()

    @Slot()
    def alarms_changed(self) -> None:
        """The table of alarms was replaced."""
        self._stale = True
        if not self._settle.isActive():
            self._refresh_if_stale()

    @Slot()
    def _refresh_if_stale(self) -> None:
        if not self._stale:
            return
        self._stale = False
        self._settle.start()
        self._refresh()
        shown, self._unpainted = self._unpainted, []
        for message in shown:
            self.painted.emit(message)
