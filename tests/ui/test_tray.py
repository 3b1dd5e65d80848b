"""The icon in the notification area and messages of the desktop."""

from collections.abc import Callable

import pytest
from consoles import FakeConsole, alarm
from fakes import FakeClock
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QWidget

from embereye.config.schema import Desktop, Settings
from embereye.model.alarm import Alarm, AlarmState, Priority
from embereye.model.messages import AlarmChanged
from embereye.ui import tray
from embereye.ui.theme import DARK, Tokens
from embereye.ui.tray import Tray


class FakeIcon(QObject):
    """An icon of a desktop that notes what it is given."""

    activated = Signal(object)
    messageClicked = Signal()  # noqa: N815 - as Qt calls it

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[str] = []
        self.tips: list[str] = []
        self.messages: list[tuple[str, str]] = []
        self.visible = False

    def setIcon(self, icon: QIcon) -> None:
        middle = icon.pixmap(64, 64).toImage().pixelColor(32, 32)
        self.pictures.append(middle.name())

    def setToolTip(self, text: str) -> None:
        self.tips.append(text)

    def showMessage(self, title: str, text: str, icon: object, stays: int) -> None:
        self.messages.append((title, text))

    def show(self) -> None:
        self.visible = True

    def hide(self) -> None:
        self.visible = False


Make = Callable[[Alarm], None]


@pytest.fixture
def icon(qapp: object) -> FakeIcon:
    return FakeIcon()


@pytest.fixture
def window(qtbot: object) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    return made


@pytest.fixture
def shown(window: QWidget, console: FakeConsole, colours: Tokens, icon: FakeIcon) -> Tray:
    return Tray(window, console, colours, lambda: icon)  # type: ignore[arg-type, return-value]


def announce(shown: Tray, console: FakeConsole, *alarms: Alarm, announced: bool = True) -> None:
    console.show_alarms(*alarms)
    now = console.clock.now()
    shown.refresh()
    for one in alarms:
        shown.announced(AlarmChanged(one, announced, now, now))


def test_the_icon_is_of_the_worst_alarm_by_shape_and_word(
    shown: Tray, console: FakeConsole, clock: FakeClock, icon: FakeIcon
) -> None:
    announce(shown, console, alarm(1, clock, priority=Priority.LOW, place_name="Gate"))
    announce(shown, console, alarm(2, clock, place_name="Boiler house"))
    assert icon.pictures[1:] == [DARK.low.lower(), DARK.fire.lower()]
    assert QColor(icon.pictures[0]).hsvSaturation() < 60  # grey: only an alarm is red
    assert icon.tips == ["EmberEye: no alarm calls", "LOW · Gate", "FIRE · Boiler house"]


def test_an_announcement_is_told_while_nobody_looks(
    shown: Tray, console: FakeConsole, clock: FakeClock, icon: FakeIcon
) -> None:
    announce(shown, console, alarm(1, clock, place_name="Boiler house"))
    assert icon.messages == [("FIRE · Boiler house", "thermal maximum 91.2 °C ≥ 85 °C")]


def test_what_is_only_changed_is_not_told(
    shown: Tray, console: FakeConsole, clock: FakeClock, icon: FakeIcon
) -> None:
    announce(shown, console, alarm(1, clock), announced=False)
    assert icon.messages == []


def test_a_flood_is_told_in_one_more_message(
    shown: Tray, console: FakeConsole, clock: FakeClock, icon: FakeIcon
) -> None:
    announce(shown, console, *[alarm(number, clock) for number in range(1, 41)])
    assert len(icon.messages) == 1
    shown._tell()  # five seconds later
    assert len(icon.messages) == 2
    assert icon.messages[1][1].endswith("and 38 more alarms")


def test_what_was_acknowledged_meanwhile_is_not_told(
    shown: Tray, console: FakeConsole, clock: FakeClock, icon: FakeIcon
) -> None:
    announce(shown, console, alarm(1, clock), alarm(2, clock))
    console.show_alarms(alarm(1, clock), alarm(2, clock, state=AlarmState.ACKNOWLEDGED))
    shown._tell()
    assert len(icon.messages) == 1


def test_messages_can_be_switched_off(
    shown: Tray, console: FakeConsole, clock: FakeClock, icon: FakeIcon
) -> None:
    console.configured = Settings(desktop=Desktop(messages=False))
    announce(shown, console, alarm(1, clock))
    assert icon.messages == []
    assert icon.visible


def test_the_icon_goes_and_comes_with_its_option(
    shown: Tray, console: FakeConsole, icon: FakeIcon
) -> None:
    console.configured = Settings(desktop=Desktop(tray=False))
    shown.refresh()
    assert not icon.visible
    console.configured = Settings()
    shown.refresh()
    assert icon.visible


def test_a_click_brings_the_window_back(shown: Tray, window: QWidget, icon: FakeIcon) -> None:
    assert not window.isVisible()
    icon.messageClicked.emit()
    assert window.isVisible()


def test_markup_in_a_place_is_shown_as_text(
    shown: Tray, console: FakeConsole, clock: FakeClock, icon: FakeIcon
) -> None:
    announce(shown, console, alarm(1, clock, place_name="<b>Hall</b>\n2", reasons=("<img>",)))
    assert icon.messages == [("FIRE · ‹b›Hall‹/b› 2", "‹img›")]


def test_without_a_notification_area_nothing_happens(
    window: QWidget, console: FakeConsole, colours: Tokens, clock: FakeClock
) -> None:
    assert tray.system_icon() is None  # offscreen has none
    shown = Tray(window, console, colours)
    announce(shown, console, alarm(1, clock))
    shown.close()


def test_a_notification_area_that_comes_later_is_used(
    window: QWidget, console: FakeConsole, colours: Tokens, icon: FakeIcon
) -> None:
    there = [None, icon]
    shown = Tray(window, console, colours, lambda: there.pop(0))  # type: ignore[arg-type, return-value]
    assert not icon.visible
    shown.refresh()
    assert icon.visible
