"""The alarm list: what is shown, and that it never stalls."""

import time
from dataclasses import replace

import pytest
from consoles import FakeConsole, alarm
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from embereye.model.alarm import Alarm, AlarmState, AlarmTable, Priority
from embereye.model.ids import AlarmId
from embereye.runtime.metrics import percentile
from embereye.ui.alarm_model import AlarmModel, Column
from embereye.ui.alarms_page import AlarmsPage
from embereye.ui.demands import Demands
from embereye.ui.theme import Tokens
from embereye.ui.wishes import Wishes


@pytest.fixture
def model(clock: FakeClock, colours: Tokens) -> AlarmModel:
    return AlarmModel(clock, colours)


@pytest.fixture
def page(console: FakeConsole, colours: Tokens, qtbot: object) -> AlarmsPage:
    made = AlarmsPage(console, Demands(console, 25.0), colours, Wishes(console))
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(1600, 900)
    return made


def places(model: AlarmModel) -> list[str]:
    return [a.place_name for a in model.alarms]


def test_the_model_keeps_qts_contract(model: AlarmModel, clock: FakeClock) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    alarms = [alarm(i, clock) for i in range(20)]
    model.show(AlarmTable(1, tuple(alarms)))
    model.show(AlarmTable(2, tuple(alarms[3:])))
    model.sort(Column.PLACE)
    model.filter("place-1")
    model.age()
    assert tester.model() is model


def test_the_order_of_the_engine_is_kept_by_default(model: AlarmModel, clock: FakeClock) -> None:
    model.show(AlarmTable(1, tuple(alarm(i, clock, place=p) for i, p in enumerate("cab"))))
    assert places(model) == ["c", "a", "b"]


def test_columns_sort_both_ways(model: AlarmModel, clock: FakeClock) -> None:
    model.show(AlarmTable(1, tuple(alarm(i, clock, place=p) for i, p in enumerate("cab"))))
    model.sort(Column.PLACE)
    assert places(model) == ["a", "b", "c"]
    model.sort(Column.PLACE, Qt.SortOrder.DescendingOrder)
    assert places(model) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("boiler", ["Boiler"]),
        ("BOILER thermal", ["Boiler"]),
        ("thermal", ["Boiler", "Yard"]),
        ("emergency", ["Boiler", "Yard"]),
        ("nothing", []),
        ("  ", ["Boiler", "Yard"]),
    ],
)
def test_the_filter_wants_every_word(
    model: AlarmModel, clock: FakeClock, text: str, shown: list[str]
) -> None:
    model.show(AlarmTable(1, (alarm(1, clock, place="Boiler"), alarm(2, clock, place="Yard"))))
    model.filter(text)
    assert places(model) == shown


def test_severity_is_told_by_word_shape_and_colour(
    model: AlarmModel, clock: FakeClock, colours: Tokens
) -> None:
    model.show(AlarmTable(1, (alarm(1, clock),)))
    index = model.index(0, Column.PRIORITY)
    assert index.data() == "FIRE"
    assert not index.data(Qt.ItemDataRole.DecorationRole).isNull()
    assert index.data(Qt.ItemDataRole.ForegroundRole).name().upper() == colours.fire


def test_an_alarm_that_is_not_written_is_marked(model: AlarmModel, clock: FakeClock) -> None:
    model.show(AlarmTable(1, (alarm(1, clock, recorded=False),)))
    assert "not recorded" in model.index(0, Column.STATE).data()


def test_selection_and_scroll_survive_new_alarms(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    alarms = [alarm(i, clock) for i in range(1, 200)]
    console.show_alarms(*alarms)
    page.show()
    page.select(AlarmId(150))
    page.table.verticalScrollBar().setValue(140)
    row = page.active.model.row_of(AlarmId(150))
    height = page.table.rowViewportPosition(row)
    console.show_alarms(alarm(500, clock), alarm(501, clock), *alarms)
    page.refresh()
    chosen = page.selection()
    assert chosen is not None
    assert chosen.id == 150
    assert page.table.rowViewportPosition(row + 2) == height


def test_the_detail_follows_the_selected_alarm(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    first = alarm(1, clock)
    console.show_alarms(first)
    page.show()
    assert page.detail.acknowledge_button.isEnabled()
    console.show_alarms(replace(first, state=AlarmState.ACKNOWLEDGED, acknowledged_by="Ann"))
    page.refresh()
    assert not page.detail.acknowledge_button.isEnabled()


@pytest.mark.serial
def test_three_thousand_alarms_and_five_hundred_updates_a_second_do_not_stall(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    alarms: list[Alarm] = [
        alarm(i, clock, priority=Priority(i % 5), place=f"place {i % 97}") for i in range(3_000)
    ]
    console.show_alarms(*alarms)
    page.show()
    page.grab()
    stalls = []
    for step in range(100):  # 10 s of updates, 50 in each tenth of a second
        for number in range(50):
            row = (step * 50 + number) % len(alarms)
            alarms[row] = replace(alarms[row], reports=alarms[row].reports + 1)
        if step % 4 == 0:
            alarms.insert(0, alarm(10_000 + step, clock))
        console.show_alarms(*alarms)
        clock.advance(0.1)
        before = time.thread_time()
        page.refresh()
        page.table.viewport().repaint()
        stalls.append(time.thread_time() - before)
    assert (percentile(stalls, 99) or 0.0) < 0.050
