"""A rule is tried against the record: asked for, followed, cancelled, shown side by side."""

import pytest
from consoles import FakeConsole
from fakes import FakeClock
from hosting import hosted
from PySide6.QtCore import QDateTime
from pytestqt.qtbot import QtBot
from replay_parts import SETTINGS, Life, LiveSite
from rule_parts import SITE

from embereye.config.load import check
from embereye.config.rule_options import AlarmRule, Condition, ConditionGroup
from embereye.model.alarm import AlarmKey, AlarmKind, Priority
from embereye.model.backtest import (
    BacktestProgress,
    BacktestResult,
    Compared,
    Gap,
    Occurrence,
    Outcome,
)
from embereye.model.ids import DeviceId, PlaceId
from embereye.services.backtest_desk import BacktestDesk
from embereye.ui.rule_history import RuleHistory
from embereye.ui.rule_history_rows import MomentAsked
from embereye.ui.theme import Tokens

DAY = 86_400.0
HOT = {
    "id": "hot",
    "name": "Hot rack",
    "place": "boiler",
    "groups": [{"conditions": [{"input": "thermal", "limit": 60.0}]}],
}
WARM = AlarmRule.model_validate(
    {**HOT, "groups": [{"conditions": [{"input": "thermal", "limit": 40.0}]}]}
)


@pytest.fixture
def view(console: FakeConsole, colours: Tokens, qtbot: QtBot) -> RuleHistory:
    console.configured = check({**SITE, "rules": [HOT]})
    made = RuleHistory(console, colours)
    qtbot.addWidget(made)
    made.resize(1216, 640)
    made.show()
    made.try_rule(WARM)
    return made


def occurrence(at: float, rule: str = "hot", priority: Priority = Priority.MEDIUM) -> Occurrence:
    key = AlarmKey(PlaceId("boiler"), AlarmKind.RULE, rule)
    why = ("thermal maximum 61.0 °C ≥ 60 °C, device Head",)
    return Occurrence(key, "Boiler house", at, at + 90.0, priority, why, ("device d1",))


def reply(console: FakeConsole, view: RuleHistory, *rows: Compared, **changes: object) -> None:
    """What the service answers to the newest question."""
    asked, answer = console.backtests[-1]
    number = len(console.backtests)
    answer(BacktestResult(number, asked.since, asked.until, False, rows, **changes))
    view.question.look()


def column(view: RuleHistory, number: int) -> list[str]:
    rows = [view.model.row(n) for n in range(view.model.rowCount())]
    return [view.model.fields[number].text(row) for row in rows]


def test_the_edited_rule_is_tried_in_the_place_of_the_present_one(view, console):
    view.start()
    (asked, _), now = console.backtests[0], console.clock.now().utc
    assert (asked.since, asked.until) == (now - DAY, now)
    assert asked.present is console.configured
    assert asked.tried.rules == (WARM,)
    assert asked.tried.cameras == console.configured.cameras


def test_a_rule_that_is_switched_off_is_tried_as_if_it_were_on(view, console):
    view.try_rule(WARM.model_copy(update={"enabled": False}))
    view.start()
    assert console.backtests[0][0].tried.rules[0].enabled


def test_the_stretch_of_time_is_chosen(view, console):
    now = console.clock.now().utc
    view.span.setCurrentIndex(1)
    view.start()
    assert console.backtests[-1][0].since == now - 7 * DAY
    view.cancel()
    view.span.setCurrentIndex(2)
    view.span.activated.emit(2)
    assert view.since.isVisible()
    view.since.setDateTime(QDateTime.fromSecsSinceEpoch(int(now - 3600)))
    view.start()
    assert console.backtests[-1][0].since == pytest.approx(now - 3600, abs=60)


def test_a_beginning_in_the_future_is_not_asked_for(view, console):
    view.span.setCurrentIndex(2)
    future = int(console.clock.now().utc + 3600)
    view.since.setDateTime(QDateTime.fromSecsSinceEpoch(future))
    view.start()
    assert console.backtests == []
    assert "future" in view.summary.text()


def test_progress_is_shown_with_the_time_that_is_left(view, console):
    view.start()
    asked, answer = console.backtests[0]
    console.clock.advance(30.0)
    answer(BacktestProgress(1, 0.25, asked.since + DAY / 4))
    view.question.look()
    assert view.progress.value() == 250
    assert "25 %" in view.summary.text()
    assert "about 1 min left" in view.summary.text()
    assert view.cancel_button.isVisible()
    assert not view.start_button.isVisible()


def test_cancelling_ends_it_and_its_late_answer_shows_nothing(view, console):
    view.start()
    view.cancel_button.click()
    assert console.asked == ["cancel the backtest"]
    reply(console, view, Compared(Outcome.ONLY_TRIED, None, occurrence(1.7e9)))
    assert view.model.rowCount() == 0
    assert view.start_button.isVisible()


def test_the_answer_to_an_older_question_is_not_taken_for_this_one(view, console):
    view.start()
    view.cancel()
    view.start()
    asked, answer = console.backtests[0]
    answer(BacktestResult(1, asked.since, asked.until, problem="old"))
    view.question.look()
    assert view.question.waiting
    assert "old" not in view.summary.text()


def test_both_sides_stand_in_words_beside_each_occurrence(view, console):
    view.start()
    at = console.clock.now().utc - DAY / 2
    high = occurrence(at + 4000, priority=Priority.HIGH)
    reply(
        console,
        view,
        Compared(Outcome.SAME, occurrence(at), occurrence(at + 0.4)),
        Compared(Outcome.SAME, occurrence(at + 1000), occurrence(at + 988)),
        Compared(Outcome.ONLY_PRESENT, occurrence(at + 2000), None),
        Compared(Outcome.ONLY_TRIED, None, occurrence(at + 3000)),
        Compared(Outcome.SAME, high, occurrence(at + 4007)),
    )
    assert column(view, 1) == [
        "same",
        "12 s earlier",
        "only with the present",
        "only with the edited",
        "7 s later, other priority",
    ]
    assert column(view, 3)[-1] == "HIGH → MEDIUM"
    assert "alarm 4 times, with the edited rule 4 times: 3 in both" in view.summary.text()


def test_counts_are_told_for_each_day(view, console):
    view.start()
    at = console.clock.now().utc - 5 * DAY
    rows = [Compared(Outcome.ONLY_TRIED, None, occurrence(at + n * DAY)) for n in (0, 0, 2)]
    reply(console, view, *rows, Compared(Outcome.SAME, occurrence(at), occurrence(at)))
    days = [view.days.row(n) for n in range(view.days.rowCount())]
    assert [(day.present, day.tried) for day in days] == [(1, 3), (0, 1)]


def test_gaps_of_the_record_are_told_where_they_are(view, console):
    view.start()
    at = console.clock.now().utc - DAY / 2
    gap = Gap(at - 3600, at, "The program was not running.")
    rows = (Compared(Outcome.SAME, occurrence(at + 9), occurrence(at + 9)),)
    reply(console, view, *rows, gaps=(gap,), notes=("It begins amid a run.",))
    assert column(view, 1) == ["no record", "same"]
    assert column(view, 5)[0] == "The program was not running."
    assert "For 1 h in all nothing was recorded" in view.notes.text()
    assert "It begins amid a run." in view.notes.text()


def test_other_alarms_are_shown_when_asked_for(view, console):
    view.start()
    at = console.clock.now().utc - DAY / 2
    other = Compared(Outcome.ONLY_PRESENT, occurrence(at, rule="other"), None)
    reply(console, view, other)
    assert view.model.rowCount() == 0
    view.others.setChecked(True)
    assert column(view, 1) == ["only with the present"]


def test_a_failure_is_told_in_words(view, console):
    view.start()
    reply(console, view, problem="The record cannot be read.")
    assert "The record cannot be read." in view.summary.text()
    assert view.start_button.isVisible()


def test_an_occurrence_is_shown_in_playback(view, console, qtbot):
    view.start()
    at = console.clock.now().utc - DAY / 2
    reply(console, view, Compared(Outcome.ONLY_TRIED, None, occurrence(at)))
    with qtbot.waitSignal(view.moment_asked) as caught:
        view.play_button.click()
    assert caught.args == [MomentAsked(DeviceId("d1"), at)]


def test_the_record_of_a_site_is_really_played(colours, qtbot, tmp_path):
    site = LiveSite(tmp_path, SETTINGS, FakeClock())
    Life(site, 2).live(40.0)
    site.stop()
    real = FakeConsole(site.clock, SETTINGS)
    desk = BacktestDesk(tmp_path)
    real.backtest = desk.ask
    view = RuleHistory(real, colours)
    qtbot.addWidget(view)
    cold = Condition(input="thermal", measure="mean", limit=1.0)
    view.try_rule(SETTINGS.rules[1].model_copy(update={"groups": (_group(cold),)}))
    with hosted(desk.run, wait=10.0):
        view.start()
        qtbot.waitUntil(lambda: not view.question.waiting, timeout=20_000)
    gap, found = column(view, 1)
    assert gap == "no record"  # of the day before
    assert found.endswith("s earlier")  # it is never as cold as 1 °C there


def _group(*conditions: Condition) -> ConditionGroup:
    return ConditionGroup(conditions=conditions)


def test_another_rule_ends_the_test_of_the_one_before(view, console):
    view.start()
    view.try_rule(WARM.model_copy(update={"priority": "high"}))
    assert console.asked == ["cancel the backtest"]
    assert not view.question.waiting
    view.try_rule(WARM.model_copy(update={"priority": "high"}))
    assert console.asked == ["cancel the backtest"]
