"""Watches the list of alarms while it changes, for `embereye bench ui`."""

from collections.abc import Collection
from dataclasses import dataclass, field

from PySide6.QtCore import QItemSelectionModel, QObject, QTimer, Slot

from embereye.model.ids import AlarmId
from embereye.runtime.clock import Clock
from embereye.runtime.histogram import Histogram
from embereye.ui.active_view import ActiveView
from embereye.ui.alarms_page import AlarmsPage
from embereye.ui.stall import Beats, spin

_CHECK = 20  # ms between two looks at the list; it is refreshed each 100 ms
_ABOVE = 8  # rows above the first that is selected
_EDGE = 3  # rows at the lower end of which none is selected: what is not seen is not kept
_ROWS = QItemSelectionModel.SelectionFlag.Rows
_SETTLE = 0.5  # s after the list was arranged anew


@dataclass
class ListSeen:
    """What became of what an operator had marked.

    Attributes:
        late: By which the GUI thread's beats came late, seconds.
        busy: Processor seconds of the GUI thread between two of these beats.
        looks: How often the list was looked at.
        selection_lost: How often other alarms were selected than those chosen, or another was
            current.
        moved: How often the alarm that was looked at stood at another height.
        rows: Alarms in the list at the end.
    """

    late: Histogram = field(default_factory=Histogram)
    busy: Histogram = field(default_factory=Histogram)
    looks: int = 0
    selection_lost: int = 0
    moved: int = 0
    rows: int = 0


def watch_list(
    page: AlarmsPage, grouped: bool, steady: Collection[AlarmId], seconds: float, clock: Clock
) -> ListSeen:
    """Scroll into the midst of the list, select alarms there, and watch them. GUI thread.

    Args:
        steady: Alarms that do not change their place in the order; some are selected.
    """
    view = page.active
    view.grouped.setChecked(grouped)
    spin(_SETTLE)
    watch = _Watch(view, frozenset(steady))
    beats = Beats(clock)
    spin(seconds)
    beats.stop()
    watch.stop()
    watch.seen.late, watch.seen.busy = beats.late, beats.busy
    watch.seen.rows = len(view.model.alarms)
    return watch.seen


class _Watch(QObject):
    def __init__(self, view: ActiveView, steady: frozenset[AlarmId]) -> None:
        super().__init__(view)
        self.seen = ListSeen()
        self._view, self._table = view, view.table
        view.refresh()
        first = next(n for n, a in _alarms(view) if n > 100 and a in steady)
        self._table.verticalScrollBar().setValue(first - _ABOVE)
        inside = self._table.on_screen()[1:-_EDGE]
        self._chosen = [a for n, a in _alarms(view) if n in inside and a in steady]
        self._eye = self._chosen[-1]
        self._table.clearSelection()
        for alarm in self._chosen:
            index = view.model.index(view.model.row_of(alarm) or 0, 0)
            flags = QItemSelectionModel.SelectionFlag.Select | _ROWS
            self._table.selectionModel().setCurrentIndex(index, flags)
        self._height = self._where()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(_CHECK)

    def stop(self) -> None:
        self._timer.stop()

    @Slot()
    def _look(self) -> None:
        self.seen.looks += 1
        chosen = {alarm.id for alarm in self._view.chosen()}
        current = self._view.current()
        if chosen != set(self._chosen) or current is None or current.id != self._eye:
            self.seen.selection_lost += 1
        self.seen.moved += self._where() != self._height

    def _where(self) -> int:
        row = self._view.model.row_of(self._eye)
        return -1 if row is None else self._table.rowViewportPosition(row)


def _alarms(view: ActiveView) -> list[tuple[int, AlarmId]]:
    """Row number and id of all alarms in the list."""
    model = view.model
    found = ((number, model.alarm(number)) for number in range(model.rowCount()))
    return [(number, alarm.id) for number, alarm in found if alarm is not None]
