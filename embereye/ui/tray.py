"""The icon in the notification area, and messages of the desktop."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QSize, QTimer, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from embereye.model.alarm import Alarm
from embereye.model.messages import AlarmChanged
from embereye.rules.annunciation import urgency, worst
from embereye.rules.plain_text import clean_line
from embereye.runtime.resources import resource
from embereye.ui import words
from embereye.ui.console import Console
from embereye.ui.shapes import shape_pixmap
from embereye.ui.theme import Look, Tokens, alarm_look

_PACE = 5000  # ms between two messages; each covers a corner of somebody's other work
_STAYS = 10_000  # ms that a message is shown where the desktop leaves that to us
_SEARCH = 10_000  # ms between looks for a notification area; at login it may come after us
_SIZE = 64  # px of the icon
_LENGTH = 200  # characters of a message; desktops cut at about that
# Some desktops take these for markup.
_PLAIN = str.maketrans({"<": "‹", ">": "›", "&": "+"})


def system_icon() -> QSystemTrayIcon | None:
    """An icon of the desktop; None where there is no notification area (now)."""
    return QSystemTrayIcon() if QSystemTrayIcon.isSystemTrayAvailable() else None


class Tray(QObject):
    """Shows the worst alarm outside the window. GUI thread; works without a notification area.

    A click on the icon or on a message brings the window to the front.

    Args:
        make: Makes the icon, as `system_icon`; asked again while it gives none.
    """

    def __init__(
        self,
        window: QWidget,
        console: Console,
        colours: Tokens,
        make: Callable[[], QSystemTrayIcon | None] = system_icon,
    ) -> None:
        super().__init__(window)
        self._window, self._console, self._colours, self._make = window, console, colours, make
        self._icon: QSystemTrayIcon | None = None
        # Our own icon is red; only an alarm may be.
        grey = QIcon(str(resource("icons", "embereye.png"))).pixmap(
            QSize(_SIZE, _SIZE), QIcon.Mode.Disabled
        )
        self._quiet = QIcon(grey)
        self._shown: tuple[Look | None, str] | None = None
        self._held: dict[int, Alarm] = {}  # announced, and not told yet
        self._pace = QTimer(self)
        self._pace.setSingleShot(True)
        self._pace.setInterval(_PACE)
        self._pace.timeout.connect(self._tell)
        self._search = QTimer(self)
        self._search.setInterval(_SEARCH)
        self._search.timeout.connect(self.refresh)
        self._search.start()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the present alarms, or nothing where the settings do not want it."""
        icon = self._wanted_icon()
        if icon is None:
            return
        alarm = worst(self._console.alarms())
        look = None if alarm is None else alarm_look(self._colours, alarm)
        tip = self.tr("EmberEye: no alarm calls") if alarm is None else _title(self._colours, alarm)
        if (look, tip) != self._shown:
            self._shown = (look, tip)
            icon.setIcon(self._quiet if look is None else QIcon(shape_pixmap(look, _SIZE)))
            icon.setToolTip(tip)

    @Slot(object)
    def announced(self, message: AlarmChanged) -> None:
        """An alarm changed; an announced one is told while nobody looks at the window."""
        if not (message.announced and message.alarm.calling):
            return
        if self._window.isActiveWindow() or not self._console.settings().desktop.messages:
            return
        self._held[message.alarm.id] = message.alarm
        if not self._pace.isActive():
            self._tell()

    def close(self) -> None:
        """Take the icon away."""
        self._search.stop()
        self._pace.stop()
        icon, self._icon = self._icon, None
        if icon is not None:
            icon.hide()
            icon.deleteLater()

    def _wanted_icon(self) -> QSystemTrayIcon | None:
        """The icon, made or removed as the settings say."""
        if not self._console.settings().desktop.tray:
            if self._icon is not None:
                self._icon.hide()
            self._shown = None
            return None
        if self._icon is None:
            self._icon = self._make()
            if self._icon is None:
                return None
            self._icon.activated.connect(self._raise)
            self._icon.messageClicked.connect(self._raise)
        if self._shown is None:
            self._icon.show()
        return self._icon

    @Slot()
    def _tell(self) -> None:
        """One message for all that came meanwhile, the worst by name."""
        if self._icon is None:
            self._held = {}
            return
        calling = {alarm.id for alarm in self._console.alarms().alarms if alarm.calling}
        held = sorted((a for a in self._held.values() if a.id in calling), key=urgency)
        self._held = {}
        if not held or self._window.isActiveWindow():
            return
        lines = [" · ".join(held[0].reasons)]
        if len(held) > 1:
            lines.append(self.tr("and {0} more alarms").format(len(held) - 1))
        text = "\n".join(clean_line(line).translate(_PLAIN)[:_LENGTH] for line in lines)
        title = _title(self._colours, held[0])
        self._icon.showMessage(title, text, QSystemTrayIcon.MessageIcon.Warning, _STAYS)
        self._pace.start()

    @Slot()
    def _raise(self) -> None:
        if self._window.isMinimized():
            self._window.showNormal()
        else:
            self._window.show()
        self._window.raise_()
        self._window.activateWindow()


def _title(colours: Tokens, alarm: Alarm) -> str:
    word = words.priority_word(alarm_look(colours, alarm).word)
    return f"{word} · {clean_line(alarm.place_name).translate(_PLAIN)}"[:_LENGTH]
