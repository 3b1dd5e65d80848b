"""Popups at the lower right of the window, worst at the bottom, never over the alarm bar."""

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from embereye.model.alarm import Alarm, AlarmState
from embereye.model.ids import AlarmId
from embereye.rules import popup_choice
from embereye.rules.popup_choice import Popups
from embereye.ui import theme
from embereye.ui.alarm_popup import AlarmPopup
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.popup_summary import PopupSummary
from embereye.ui.theme import Tokens
from embereye.ui.wishes import Wishes

_MARGIN = 16  # px to the window's edges
_GAP = 8  # px between popups
_ROOM = 3  # popups at most, however tall the screen is: the wall must stay visible
_FULL = 1  # popups with pictures at most; the others are on the wall beside them
_TALL, _SLIM = 448, 150  # px; height of a full and of a slim popup with usual texts
_LOW = 900  # px of window height below which a full popup beside others has no trend …
_SHORT = 376  # px … and is this high
_PERIOD = 1000  # ms between two looks at ages


class PopupStack(QObject):
    """Owns the popups of one window. GUI thread; `refresh` when alarms changed.

    Which alarms pop up, and in which order, is decided by `rules.popup_choice`.

    Signals:
        list_asked: (AlarmId or None) show this alarm, or all, in the list
        shelve_asked: (Alarm) keep this alarm quiet for a while
    """

    list_asked = Signal(object)
    shelve_asked = Signal(object)

    def __init__(
        self,
        window: QWidget,
        console: Console,
        demands: Demands,
        colours: Tokens,
        wishes: Wishes,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._console = console
        self._demands = demands
        self._colours = colours
        self._wishes = wishes
        self._popups: dict[AlarmId, AlarmPopup] = {}
        self._order: list[AlarmId] = []
        self._raised: list[AlarmPopup] = []  # popups as they lie over each other
        self._hidden: dict[AlarmId, Alarm] = {}  # as each was when the operator put it aside
        self._opened: list[float] = []  # when popups opened lately, monotonic seconds
        self._summary = PopupSummary(window)
        self._summary.button.clicked.connect(self._ask_list)
        self._inset, self._top = 0, theme.BAR_HEIGHT
        self._slim = False
        self._waiting = False  # popups that may open with the next look
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self._age)
        self._timer.start()
        window.installEventFilter(self)

    def popups(self) -> list[AlarmPopup]:
        """The popups on the screen, worst first."""
        return [self._popups[alarm] for alarm in self._order if alarm in self._popups]

    def keep_clear(self, width: int, top: int) -> None:
        """Leave this many px at the right edge and at the top free, for a pane that must stay
        readable and for what is below the alarm bar."""
        if (width, top) != (self._inset, self._top):
            self._inset, self._top = width, top
            self._lay_out()

    def make_slim(self, slim: bool) -> None:
        """Show all of them without pictures: a page is being read that they must not cover."""
        if slim != self._slim:
            self._slim = slim
            self._lay_out()

    @Slot()
    def refresh(self) -> None:
        """Show what the present alarms call for."""
        now, table = self._console.clock.now(), self._console.alarms()
        if self._hidden:  # what calls no more and then calls again was announced again
            calling = {alarm.id for alarm in table.alarms if alarm.calling}
            self._hidden = {key: seen for key, seen in self._hidden.items() if key in calling}
        chosen = popup_choice.popups(table, now.utc, self._room())
        wanted = self._admitted(chosen, now.mono)
        for gone in self._popups.keys() - {alarm.id for alarm in wanted}:
            popup = self._popups.pop(gone)
            popup.hide()
            popup.deleteLater()
        for alarm in wanted:
            self._show_one(alarm, self._notes(chosen, alarm), now.mono)
        self._order = [alarm.id for alarm in wanted]
        self._summary.show_text(popup_choice.summary(chosen), chosen.flood)
        self._lay_out()

    def _admitted(self, chosen: Popups, now: float) -> list[Alarm]:
        """What may be on the screen now; the rest comes with one of the next looks."""
        self._opened = [at for at in self._opened if now - at < popup_choice.NEW_SPAN]
        wanted = [alarm for alarm in chosen.shown if not self._put_aside(alarm)]
        # One that was just acknowledged is as good as gone, and holds up nobody.
        before = [alarm for alarm in wanted if alarm.id in self._popups]
        may = popup_choice.admitted(wanted, before, self._opened, now)
        self._waiting = len(may) < len(wanted)
        return [alarm for alarm in wanted if alarm.id in may]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window's size changed: other popups may fit now."""
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self._lay_out()
            self.refresh()
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        right = self._window.width() - _MARGIN - self._inset
        bottom = self._window.height() - _MARGIN - 30  # the status line stays readable
        if not self._summary.isHidden():
            self._summary.adjustSize()
            self._summary.move(right - self._summary.width(), bottom - self._summary.height())
            bottom -= self._summary.height() + _GAP
        popups = self.popups()
        self._size(popups, bottom - self._top - _GAP)
        for popup in popups:
            popup.show()
            popup.move(right - popup.width(), bottom - popup.height())
            bottom -= popup.height() + _GAP
        if popups != self._raised:  # each raising paints what lies below anew
            self._raised = popups
            for popup in popups:
                popup.raise_()

    def _size(self, popups: list[AlarmPopup], free: int) -> None:
        """Show as many as possible in full, worst first, so that all fit into `free` px."""
        # Sizes are estimated first: trying them out would start and stop live pictures.
        low = len(popups) > 1 and self._window.height() < _LOW
        most = (free - len(popups) * (_SLIM + _GAP)) // ((_SHORT if low else _TALL) - _SLIM)
        most = 0 if self._slim else min(_FULL, len(popups), max(1, most))
        for full in range(most, -1, -1):
            for number, popup in enumerate(popups):
                popup.compact(number >= full, low)
            if sum(popup.height() + _GAP for popup in popups) <= free:
                return

    def _notes(self, chosen: Popups, alarm: Alarm) -> tuple[str, ...]:
        notes = []
        first = chosen.first_out
        if first is not None and first.id == alarm.id and len(chosen.shown) + chosen.more > 1:
            notes.append(self.tr("FIRST OUT"))
        beside = chosen.beside[chosen.shown.index(alarm)]
        if beside:
            notes.append(self.tr("{0} more here").format(beside))
        return tuple(notes)

    def _show_one(self, alarm: Alarm, notes: tuple[str, ...], now: float) -> None:
        popup = self._popups.get(alarm.id)
        if popup is not None:
            if popup.alarm is not alarm or popup.notes != notes:
                popup.show_alarm(alarm, notes)
            return
        self._opened.append(now)
        popup = AlarmPopup(
            self._window, self._console, self._demands, self._colours, self._wishes, alarm
        )
        popup.show_alarm(alarm, notes)
        popup.closed.connect(self._close)
        popup.list_asked.connect(self.list_asked)
        popup.shelve_asked.connect(self.shelve_asked)
        self._popups[alarm.id] = popup

    def _put_aside(self, alarm: Alarm) -> bool:
        """Whether the operator hid this occurrence; a new announcement shows it again."""
        hidden = self._hidden.get(alarm.id)
        # An announcement changes one of these. Moments are not compared: people set clocks.
        if hidden is None or (hidden.priority, hidden.escalation) != (
            alarm.priority,
            alarm.escalation,
        ):
            return False
        return alarm.state is AlarmState.RETURNED or hidden.changed_utc == alarm.changed_utc

    def _room(self) -> int:
        """How many popups fit below the bar: the worst in full, the others slim. At least two,
        so that the one that came first never takes the place of the worst."""
        free = self._window.height() - self._top - 30 - 2 * _MARGIN
        tall = _SHORT if self._window.height() < _LOW else _TALL
        return max(2, min(_ROOM, 1 + (free - tall) // _SLIM))

    @Slot(object)
    def _close(self, alarm: AlarmId) -> None:
        popup = self._popups.get(alarm)
        if popup is not None:
            self._hidden[alarm] = popup.alarm
        self.refresh()

    @Slot()
    def _ask_list(self) -> None:
        self.list_asked.emit(None)

    @Slot()
    def _age(self) -> None:
        for popup in self._popups.values():
            popup.age()
        if self._waiting:
            self.refresh()
