"""The actions on alarms, each with a button of its own."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from embereye.model.alarm import Alarm
from embereye.ui import words
from embereye.ui.alarm_permits import Action, Permits

_FIRST = (Action.ACKNOWLEDGE, Action.SILENCE, Action.RESET)  # always buttons
_SECOND = (Action.SHELVE, Action.OUT_OF_SERVICE, Action.COMMENT, Action.ASSIGN)
_REST = (Action.ESCALATE, *_SECOND)


class AlarmButtons(QWidget):
    """All buttons in a wide pane; three and "More" in a narrow one. GUI thread.

    A button that cannot be pressed says why in its tooltip.

    Signals:
        asked: (Action)
    """

    asked = Signal(object)

    def __init__(self, permits: Permits) -> None:
        super().__init__()
        self._permits = permits
        self._tips: dict[Action, str] = {
            Action.ACKNOWLEDGE: self.tr("Say that you have seen it (A)"),
            Action.SILENCE: self.tr("Sound off for a while; changes no alarm (M)"),
            Action.RESET: self.tr("Clear this alarm: its cause is gone. (R)"),
            Action.SHELVE: self.tr("Keep it quiet for a while, with a reason (S)"),
            Action.OUT_OF_SERVICE: self.tr("Keep all alarms of this kind there quiet: repairs"),
            Action.ESCALATE: self.tr("Announce it again, to more people (E)"),
            Action.COMMENT: self.tr("Put words beside it (C)"),
            Action.ASSIGN: self.tr("Name who takes care of it"),
        }
        captions = self._captions()
        self.buttons = {action: QPushButton(captions[action], self) for action in Action}
        self.buttons[Action.ACKNOWLEDGE].setProperty("role", "primary")
        self.more = QPushButton(self.tr("More actions"), self)
        menu = QMenu(self.more)
        menu.setToolTipsVisible(True)
        self.more.setMenu(menu)
        self._entries = {action: menu.addAction(captions[action]) for action in _REST}
        for action, entry in self._entries.items():
            entry.setData(action)
        menu.triggered.connect(self._choose)
        for action, button in self.buttons.items():
            button.setObjectName(action.name)
            button.clicked.connect(self._press)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._lines = (QHBoxLayout(), QHBoxLayout())
        for line in self._lines:
            line.setSpacing(8)
            column.addLayout(line)
        self._wide: bool | None = None
        self.fit(True)

    @property
    def order(self) -> tuple[QPushButton, ...]:
        """All of them in reading order."""
        first = [self.buttons[action] for action in (*_FIRST, *_REST)]
        return (*first, self.more)

    def show_for(self, alarms: Sequence[Alarm]) -> None:
        """What can be done to these now."""
        for action, button in self.buttons.items():
            obstacle = self._permits.obstacle(action, alarms)
            tip = words.tip(obstacle or self._tips[action])
            button.setEnabled(not obstacle)
            button.setToolTip(tip)
            if action in self._entries:
                self._entries[action].setEnabled(not obstacle)
                self._entries[action].setToolTip(tip)

    def fit(self, wide: bool) -> None:
        """Show all, or what a narrow pane has room for."""
        if wide == self._wide:
            return
        self._wide = wide
        all_of_them = (*self.buttons.values(), self.more)
        for button in all_of_them:
            for line in self._lines:
                line.removeWidget(button)
        press = self.buttons
        above = [press[action] for action in _FIRST]
        below = [press[action] for action in _SECOND]
        if wide:
            above.append(press[Action.ESCALATE])
        else:
            below = [self.more]
        for line, buttons in zip(self._lines, (above, below), strict=True):
            for button in buttons:
                line.addWidget(button)
        for button in all_of_them:
            button.setVisible(button in above or button in below)

    @Slot()
    def _press(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.asked.emit(Action[sender.objectName()])

    @Slot(QAction)
    def _choose(self, entry: QAction) -> None:
        self.asked.emit(entry.data())

    def _captions(self) -> dict[Action, str]:
        return {
            Action.ACKNOWLEDGE: self.tr("Acknowledge"),
            Action.SILENCE: self.tr("Silence"),
            Action.RESET: self.tr("Reset"),
            Action.SHELVE: self.tr("Shelve …"),
            Action.OUT_OF_SERVICE: self.tr("Out of service …"),
            Action.ESCALATE: self.tr("Escalate"),
            Action.COMMENT: self.tr("Comment …"),
            Action.ASSIGN: self.tr("Assign …"),
        }
