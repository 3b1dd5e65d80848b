"""The self-test on the screen: seen, heard and told, and never in the way of a real alarm."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from consoles import FakeConsole, alarm
from fakes import FakeClock
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel

from embereye.model.alarm import (
    Alarm,
    AlarmKey,
    AlarmKind,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.daily_test import (
    AUDIBLE,
    CAMERA_PLACE,
    QUIET,
    Chain,
    ChainResult,
    DailyTestAsked,
    Outcome,
    SelfTestRun,
    SelfTests,
    ShownInTest,
    Stage,
    StageResult,
)
from embereye.model.ids import PlaceId
from embereye.model.window import WindowAlive, WindowClosed
from embereye.ui.main_window import MainWindow
from embereye.ui.pages import Page
from embereye.ui.self_test_words import chain_text, self_test_line
from embereye.ui.sign_of_life import SignOfLife
from embereye.ui.sound_child import Heard, Proved

DEVICE_PLACE = PlaceId("unassigned:embereye-self-test")


def of_self_test(
    number: int, clock: FakeClock, place: PlaceId = DEVICE_PLACE, reason: str = AUDIBLE
) -> Alarm:
    now = clock.now().utc
    over = Overlay(
        OverlayKind.TEST, Scope(place), reason, "system", now, now + 60, Priority.EMERGENCY
    )
    key = AlarmKey(place, AlarmKind.FIRE)
    one = alarm(number, clock, priority=Priority.HIGH)
    return replace(one, key=key, place_name="Self-test", overlay=over, cause=Cause.ACTIVE)


@pytest.fixture
def shown(window: MainWindow) -> Iterator[MainWindow]:
    window.show()
    yield window
    window.hide()


def told(console: FakeConsole) -> list[ShownInTest]:
    return [message for message in console.asked if isinstance(message, ShownInTest)]


def painted(console: FakeConsole, qtbot: object) -> list[ShownInTest]:
    return [message for message in told(console) if message.stage is Stage.PAINTED]


def refresh(window: MainWindow) -> None:
    window._refresh_alarms()


def test_the_popup_says_test_and_its_paint_is_told_once(shown, console, clock, qtbot):
    console.show_alarms(of_self_test(1, clock))
    refresh(shown)
    qtbot.waitUntil(lambda: bool(painted(console, qtbot)), timeout=3000)
    popup = shown.self_test.popup
    words = " ".join(label.text() for label in popup.findChildren(QLabel))
    assert "TEST" in words
    assert "Self-test" in words
    assert [m.alarm for m in painted(console, qtbot)] == [1]
    assert shown.popups.popups() == [], "it takes no place of a real popup"
    popup.repaint()
    QCoreApplication.processEvents()
    assert len(painted(console, qtbot)) == 1


def test_a_popup_that_is_not_painted_tells_nothing(shown, console, clock, qtbot):
    shown.self_test._open = lambda _alarm: None
    console.show_alarms(of_self_test(1, clock))
    refresh(shown)
    QCoreApplication.processEvents()
    assert painted(console, qtbot) == []


def test_it_closes_by_itself(shown, console, clock):
    console.show_alarms(of_self_test(1, clock))
    refresh(shown)
    console.show_alarms(replace(of_self_test(1, clock), cause=Cause.CLEAR))
    refresh(shown)
    assert shown.self_test.popup is None


def test_a_minimised_window_is_told(window, console, clock):
    window.hide()
    console.show_alarms(of_self_test(1, clock))
    refresh(window)
    assert "minimised" in told(console)[0].problem


def test_the_chime_counts_when_the_sound_process_confirms_it(shown, console, clock, output):
    console.show_alarms(of_self_test(1, clock))
    refresh(shown)
    assert output.played == [("test", False)]
    sounded = [m for m in told(console) if m.stage is Stage.SOUNDED]
    assert sounded == [], "the order alone proves nothing"
    output.confirm(Proved("", clock.mono()))
    output.confirm(Heard("fault", clock.mono()))
    assert [m for m in told(console) if m.stage is Stage.SOUNDED] == []
    before = clock.mono()
    clock.advance(0.1)
    output.confirm(Heard("test", before))
    (sounded,) = (m for m in told(console) if m.stage is Stage.SOUNDED)
    assert (sounded.problem, sounded.at.mono) == ("", before)


def test_a_quiet_test_proves_the_sound_without_a_chime(shown, console, clock, output):
    console.show_alarms(of_self_test(1, clock, reason=QUIET))
    refresh(shown)
    assert output.played == []
    assert output.proofs == 1
    output.confirm(Proved("The sound device takes no sound.", clock.mono()))
    (sounded,) = (m for m in told(console) if m.stage is Stage.SOUNDED)
    assert sounded.problem == "The sound device takes no sound."


def test_pictures_ask_for_no_second_sound(shown, console, clock, output):
    console.show_alarms(of_self_test(1, clock, CAMERA_PLACE, QUIET))
    refresh(shown)
    assert output.played == []
    assert output.proofs == 0


def test_a_real_fire_pops_up_and_sounds_as_ever(shown, console, clock, output):
    console.show_alarms(of_self_test(1, clock))
    refresh(shown)
    real = alarm(2, clock)
    console.show_alarms(real, of_self_test(1, clock))
    refresh(shown)
    assert [popup.alarm.id for popup in shown.popups.popups()] == [2]
    assert output.played[-1] == ("fire", True)
    test, fire = shown.self_test.popup.geometry(), shown.popups.popups()[0].geometry()
    assert not test.intersects(fire)


def test_the_window_gives_signs_of_life_until_it_is_closed(console, qapp):
    sign = SignOfLife(console)
    assert [type(m) for m in console.asked] == [WindowAlive]
    assert sign._timer.interval() == 1000
    sign.close()
    assert type(console.asked[-1]) is WindowClosed
    assert not sign._timer.isActive()


def result(*stages: StageResult) -> ChainResult:
    return ChainResult(Chain.SENSOR, stages)


def test_stages_are_told_with_their_time_or_why_not():
    text = chain_text(
        result(
            StageResult(Stage.RECEIVED, Outcome.OK, 0.0031),
            StageResult(Stage.ALARMED, Outcome.OK, 0.042),
            StageResult(Stage.PAINTED, Outcome.MISSED, None, "It did not come within 25 s."),
            StageResult(Stage.SOUNDED, Outcome.OK, 0.2, "proved without being heard"),
        )
    )
    assert text == (
        "popup painted: MISSED. It did not come within 25 s. · packet received 3 ms · alarm "
        "raised 42 ms · sound started 200 ms (proved without being heard)"
    )


@pytest.mark.parametrize(
    ("outcome", "age", "good"),
    [(Outcome.OK, 3600.0, True), (Outcome.MISSED, 3600.0, False), (Outcome.OK, 30 * 3600.0, False)],
)
def test_a_missed_or_old_run_is_a_fault_on_the_health_page(outcome, age, good):
    run = SelfTestRun(0.0, 10.0, "system", (result(StageResult(Stage.RECEIVED, outcome)),))
    assert self_test_line(SelfTests(last=run, next_utc=90_000.0), 10.0 + age)[0] is good


def test_a_first_start_is_no_fault_on_the_health_page() -> None:
    good, text = self_test_line(SelfTests(next_utc=90_000.0), 10.0)
    assert good
    assert "some minutes after the start" in text


def test_the_health_page_shows_the_last_run_and_starts_another(shown, console, qtbot, clock):
    stages = (StageResult(Stage.RECEIVED, Outcome.OK, 0.003),)
    now = clock.now().utc
    run = SelfTestRun(now - 60, now - 50, "system", (result(*stages),))
    console.tests = SelfTests(last=run, next_utc=now + 3600)
    console.queues = {"engine": 3}
    shown.show_page(Page.HEALTH)
    model = shown.pages.health.model
    rows = {row.subject: row for row in map(model.row, range(model.rowCount()))}
    assert rows["Self-test: sensor"].text == "packet received 3 ms"
    assert rows["Self-test"].good
    assert "Next run" in rows["Self-test"].text
    assert rows["Waiting"].text == "engine: 3"
    shown.pages.health.test_button.click()
    assert console.asked[-1] == DailyTestAsked(console.settings().operator)
    console.tests = replace(console.tests, running=now)
    shown.pages.health.refresh()
    assert not shown.pages.health.test_button.isEnabled()


def test_the_popup_is_gone_with_its_event_filter(shown, console, clock, qapp):
    console.show_alarms(of_self_test(1, clock))
    refresh(shown)
    popup = shown.self_test.popup
    popup.closed.emit(1)
    assert shown.self_test.popup is None
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
