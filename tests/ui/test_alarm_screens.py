"""From an alarm to what the operator sees, does, and sees then."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from consoles import FakeConsole, alarm, camera, device
from fakes import FakeClock
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication

from embereye.config.schema import Place, Settings
from embereye.model.alarm import AlarmKind, AlarmState, AlarmTable, Cause, Priority
from embereye.model.messages import (
    AcknowledgeAsked,
    AlarmChanged,
    RequestRefused,
    ResetAsked,
    SilenceAsked,
)
from embereye.ui import theme
from embereye.ui.bridge import Bridge
from embereye.ui.main_window import MainWindow
from embereye.ui.pages import Page

if TYPE_CHECKING:
    from tests.ui.conftest import SilentOutput


def announce(window: MainWindow, bridge: Bridge, console: FakeConsole, *alarms: object) -> None:
    """Replace the table and tell it, as the engine does; wait until it is on the screen."""
    console.show_alarms(*alarms)  # type: ignore[arg-type]
    now = console.clock.now()
    spy = QSignalSpy(window.alarm_painted)
    bridge.deliver([AlarmChanged(alarms[-1], True, now, now)])  # type: ignore[arg-type]
    assert spy.count() or spy.wait(2000)


class Paints(QObject):
    """Notes which of the watched widgets are painted."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[QObject] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.seen.append(watched)
        return False


def test_an_alarm_pops_up_at_once(
    window: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    announce(window, bridge, console, alarm(1, clock, place="boiler"))
    popups = window.popups.popups()
    assert [popup.alarm.id for popup in popups] == [1]
    assert popups[0].isVisible()


def test_a_popup_takes_neither_focus_nor_the_alarm_bar(
    active: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock
) -> None:
    active.show_page(Page.ALARMS)
    active.alarms.search.setFocus()
    announce(active, bridge, console, *[alarm(i, clock) for i in range(1, 9)])
    assert QApplication.focusWidget() is active.alarms.search
    for popup in active.popups.popups():
        assert popup.geometry().top() > theme.BAR_HEIGHT
        assert not popup.isWindow()
    QTest.mouseClick(active.popups.popups()[0].silence_button, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is active.alarms.search


@pytest.fixture
def active(window: MainWindow, qtbot: object) -> MainWindow:
    """The window on the screen with the keyboard."""
    with qtbot.waitActive(window):  # type: ignore[attr-defined]
        window.show()
        window.activateWindow()
    return window


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (3840, 2160)])
def test_popups_of_a_flood_stay_on_the_screen_and_sum_up_the_rest(
    window: MainWindow,
    bridge: Bridge,
    console: FakeConsole,
    clock: FakeClock,
    size: tuple[int, int],
) -> None:
    window.resize(*size)
    window.show()
    announce(window, bridge, console, *[alarm(i, clock) for i in range(1, 41)])
    popups = window.popups.popups()
    assert 2 <= len(popups) <= 4
    whole = window.centralWidget().rect()
    assert all(whole.contains(popup.geometry()) for popup in popups)
    for number, one in enumerate(popups):
        for other in popups[number + 1 :]:
            assert not one.geometry().intersects(other.geometry())


def test_the_worst_alarm_pops_up_though_an_older_one_waits(
    window: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock
) -> None:
    window.resize(1280, 720)
    window.show()
    older = alarm(1, clock, priority=Priority.HIGH)
    clock.advance(30)
    announce(window, bridge, console, alarm(2, clock), older)
    assert [popup.alarm.id for popup in window.popups.popups()] == [2, 1]


def test_one_click_on_the_popup_acknowledges_and_it_goes(
    window: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock, qtbot: object
) -> None:
    window.show()
    fire = alarm(1, clock)
    announce(window, bridge, console, fire)
    QTest.mouseClick(window.popups.popups()[0].acknowledge_button, Qt.MouseButton.LeftButton)
    assert console.asked[-1] == AcknowledgeAsked(fire.id, "operator")
    announce(window, bridge, console, replace(fire, state=AlarmState.ACKNOWLEDGED))
    qtbot.waitUntil(lambda: not window.popups.popups())  # type: ignore[attr-defined]


@pytest.mark.parametrize("seconds", [10.0, -86_400.0])
def test_a_hidden_popup_comes_back_when_the_alarm_is_announced_again(
    window: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock, seconds: float
) -> None:
    window.show()
    first = alarm(1, clock, priority=Priority.HIGH)
    announce(window, bridge, console, first)
    QTest.mouseClick(window.popups.popups()[0].close_button, Qt.MouseButton.LeftButton)
    assert window.popups.popups() == []
    again = first.changed_utc + seconds  # an announcement leaves `raised_utc` as it is
    fire = replace(first, priority=Priority.EMERGENCY, changed_utc=again)
    announce(window, bridge, console, fire)
    window.popups.refresh()
    assert [popup.alarm.id for popup in window.popups.popups()] == [1]


def test_a_hidden_popup_stays_away_when_the_cause_only_ends(
    window: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    fire = alarm(1, clock)
    announce(window, bridge, console, fire)
    QTest.mouseClick(window.popups.popups()[0].close_button, Qt.MouseButton.LeftButton)
    later = fire.changed_utc + 10.0
    announce(window, bridge, console, replace(fire, state=AlarmState.RETURNED, changed_utc=later))
    window.popups.refresh()
    assert window.popups.popups() == []
    once_more = replace(fire, changed_utc=later + 10.0)
    announce(window, bridge, console, once_more)
    window.popups.refresh()
    assert len(window.popups.popups()) == 1


def test_the_popup_tells_guidance_and_phones(
    window: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock
) -> None:
    place = Place(id="boiler", name="Boiler", guidance="Close valve V-201.", phones=("2-112",))
    console.configured = Settings(places=(place,))
    window.show()
    announce(window, bridge, console, alarm(1, clock, place="boiler"))
    texts = window.popups.popups()[0].findChildren(type(window.alarms.detail._title))
    said = "\n".join(label.text() for label in texts)
    assert "Close valve V-201." in said
    assert "2-112" in said
    assert "91.2 °C ≥ 85 °C" in said


def test_an_alarm_that_is_not_written_says_so(
    window: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    announce(window, bridge, console, alarm(1, clock, recorded=False))
    assert "NOT BEING RECORDED" in window.popups.popups()[0]._reasons.text()
    assert window.bar._unrecorded.isVisible()


def test_the_bar_counts_and_names_the_worst(
    window: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    low = alarm(1, clock, priority=Priority.LOW, kind=AlarmKind.INTRUSION)
    fault = alarm(2, clock, priority=Priority.DIAGNOSTIC, kind=AlarmKind.DEVICE_FAULT)
    fire = alarm(3, clock, place_name="Boiler house 2")
    announce(window, bridge, console, fire, low, fault)
    numbers = [c.accessibleName() for c in window.bar._counters]
    assert numbers == ["FIRE 1", "ALARM 1", "FAULT 1", "DISABLED 0", "TEST 0"]
    assert window.bar.worst.alarm is fire


def test_acknowledge_silence_and_reset_are_three_things(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    latched = alarm(1, clock, state=AlarmState.LATCHED, cause=Cause.CLEAR)
    console.show_alarms(latched)
    window.show()
    window.show_alarm(latched.id)
    detail = window.alarms.detail
    assert not detail.acknowledge_button.isEnabled()
    QTest.mouseClick(detail.reset_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(detail.silence_button, Qt.MouseButton.LeftButton)
    assert console.asked[-2:] == [
        ResetAsked(latched.id, "operator"),
        SilenceAsked("operator", 120.0),
    ]


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        (AlarmState.LATCHED, Cause.ACTIVE),
        (AlarmState.LATCHED, Cause.UNKNOWN),
        (AlarmState.UNACKNOWLEDGED, Cause.CLEAR),
    ],
)
def test_reset_is_not_offered_while_it_would_be_refused(
    window: MainWindow, console: FakeConsole, clock: FakeClock, state: AlarmState, cause: Cause
) -> None:
    console.show_alarms(alarm(1, clock, state=state, cause=cause))
    window.show()
    window.show_page(Page.ALARMS)
    assert not window.alarms.detail.reset_button.isEnabled()


def test_keys_acknowledge_and_silence(
    active: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock, qtbot: object
) -> None:
    fires = [alarm(1, clock), alarm(2, clock)]
    announce(active, bridge, console, *fires)
    QTest.keyClick(active, Qt.Key.Key_A)
    assert console.asked[-1] == AcknowledgeAsked(fires[0].id, "operator")
    QTest.keyClick(active, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert console.asked[-2:] == [AcknowledgeAsked(f.id, "operator") for f in fires]
    QTest.keyClick(active, Qt.Key.Key_M)
    assert console.asked[-1] == SilenceAsked("operator", 120.0)


def test_a_key_pressed_twice_in_haste_does_not_take_the_next_alarm(
    active: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock, qtbot: object
) -> None:
    fires = [alarm(1, clock), alarm(2, clock)]
    announce(active, bridge, console, *fires)
    QTest.keyClick(active, Qt.Key.Key_A)
    announce(active, bridge, console, fires[1])
    clock.advance(0.3)
    QTest.keyClick(active, Qt.Key.Key_A)
    asked = [request for request in console.asked if isinstance(request, AcknowledgeAsked)]
    assert asked == [AcknowledgeAsked(fires[0].id, "operator")]
    clock.advance(1.0)
    QTest.keyClick(active, Qt.Key.Key_A)
    assert console.asked[-1] == AcknowledgeAsked(fires[1].id, "operator")


def test_bare_letters_belong_to_a_text_field_that_has_the_focus(
    active: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    console.show_alarms(alarm(1, clock))
    QTest.keyClick(active, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(active.alarms.search, "am")
    assert active.alarms.search.text() == "am"
    assert not [r for r in console.asked if isinstance(r, AcknowledgeAsked | SilenceAsked)]


def test_the_list_page_selects_the_worst_and_not_the_filter(
    active: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    console.show_alarms(alarm(1, clock), alarm(2, clock))
    QTest.keyClick(active, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    chosen = active.alarms.selection()
    assert chosen is not None
    assert chosen.id == 1
    assert QApplication.focusWidget() is active.alarms.table


def test_full_screen_keeps_the_alarm_bar(active: MainWindow) -> None:
    active.toggle_full_screen()
    assert active.bar.isVisible()
    assert not active.rail.isVisible()
    QTest.keyClick(active, Qt.Key.Key_Escape)
    assert active.rail.isVisible()


def test_a_refused_request_is_told(window: MainWindow, bridge: Bridge) -> None:
    window.show()
    bridge.deliver([RequestRefused("The cause is still present.", "operator")])
    assert window.status._notice.text() == "The cause is still present."


def test_the_drawer_lists_what_waits_and_folds_away(
    window: MainWindow, bridge: Bridge, console: FakeConsole, clock: FakeClock, qtbot: object
) -> None:
    window.show()
    assert not window.drawer.isVisible()
    announce(window, bridge, console, alarm(1, clock))
    assert window.drawer.isVisible()
    console.alarm_table = AlarmTable(99)
    bridge.alarms_changed.emit()
    qtbot.waitUntil(lambda: not window.drawer.isVisible())  # type: ignore[attr-defined]


def mute(
    window: MainWindow, output: "SilentOutput", problem: str = "There is no sound device."
) -> None:
    """As the sound path says it, so that its own timer does not say otherwise in between."""
    output.trouble = problem
    window.sounds.supervise()


def test_an_alarm_without_sound_does_not_move_the_page(
    window: MainWindow,
    output: "SilentOutput",
    bridge: Bridge,
    console: FakeConsole,
    clock: FakeClock,
) -> None:
    window.show()
    mute(window, output)
    QTest.qWait(0)
    before = window.wall.canvas.mapTo(window, QPoint(0, 0)).y()
    announce(window, bridge, console, alarm(1, clock))
    QTest.qWait(0)
    assert window.visual.isVisible()
    assert window.wall.canvas.mapTo(window, QPoint(0, 0)).y() == before


def test_without_sound_the_whole_window_warns(
    window: MainWindow,
    output: "SilentOutput",
    bridge: Bridge,
    console: FakeConsole,
    clock: FakeClock,
) -> None:
    window.show()
    announce(window, bridge, console, alarm(1, clock))
    assert not window.visual.isVisible()
    mute(window, output)
    assert window.visual.isVisible()
    assert window.visual.geometry().top() >= theme.BAR_HEIGHT
    mute(window, output, "")
    assert not window.visual.isVisible()


def test_the_warning_lies_over_a_popup_that_comes_later(
    window: MainWindow,
    output: "SilentOutput",
    bridge: Bridge,
    console: FakeConsole,
    clock: FakeClock,
) -> None:
    window.show()
    mute(window, output)
    announce(window, bridge, console, alarm(1, clock))
    announce(window, bridge, console, alarm(1, clock), alarm(2, clock, place="attic"))
    assert len(window.popups.popups()) == 2
    assert window.visual.parent().children()[-1] is window.visual


def test_what_did_not_change_is_not_painted_again(
    window: MainWindow,
    output: "SilentOutput",
    bridge: Bridge,
    console: FakeConsole,
    clock: FakeClock,
) -> None:
    window.show()
    mute(window, output)
    announce(window, bridge, console, alarm(1, clock))
    QTest.qWait(0)
    paints = Paints()
    for widget in (window.visual, window.wall.canvas):
        widget.installEventFilter(paints)
    window.popups.refresh()
    window.visual.refresh()
    QTest.qWait(0)
    assert paints.seen == []
    clock.advance(0.5)  # the other half of the flash
    window.visual.refresh()
    QTest.qWait(0)
    assert window.visual in paints.seen


def test_a_long_place_never_pushes_the_priority_off_the_warning(window: MainWindow) -> None:
    problem = "There is no sound device. Connect one; it is used at once."
    window.visual.sound_problem(problem)
    text = window.visual.text("FIRE", "Boiler house of the northern annex " * 4, 1264.0)
    assert text.startswith("FIRE · Boiler house")
    assert QFontMetricsF(theme.font(20, QFont.Weight.DemiBold)).horizontalAdvance(text) <= 1264.0
    assert problem in text


def test_every_page_shows_an_empty_and_a_full_plant(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    for page in Page:
        window.show_page(page)
        window.grab()
    console.show_cameras(*[camera(f"c{i}", clock) for i in range(3)])
    console.show_devices(device("d1", clock), device("d2", clock, assigned=False))
    for page in Page:
        window.show_page(page)
        window.grab()
    assert window.devices.model.rowCount() == 2
    assert window.pages.cameras.model.rowCount() == 3
