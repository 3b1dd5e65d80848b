"""Trends: 15 min come from memory, longer ranges from the disk without blocking."""

import numpy as np
import pytest
from consoles import FakeConsole, FakePast, device
from fakes import FakeClock

from embereye.model.ids import DeviceId
from embereye.model.past import TrendAsked, TrendRead
from embereye.model.trend import Trend
from embereye.ui.theme import Tokens
from embereye.ui.trends_page import TrendsPage

_WEEK = 7 * 86_400


@pytest.fixture
def past() -> FakePast:
    return FakePast()


@pytest.fixture
def page(console: FakeConsole, clock: FakeClock, past: FakePast, colours: Tokens, qtbot):
    console.show_devices(device("d1", clock), device("d2", clock))
    made = TrendsPage(console, colours, past)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    return made


def choose(page: TrendsPage, seconds: int) -> None:
    page._ranges.button(seconds).click()


def read(asked: TrendAsked) -> TrendRead:
    points = 100 if asked.channel == "thermal max" else 0
    utc = 1.7e9 - np.linspace(asked.seconds, 0, points)
    return TrendRead(asked, Trend(asked.channel, "°C", utc, np.full(points, 21.0)))


def test_a_week_is_asked_for_and_drawn_when_it_comes(page, past) -> None:
    choose(page, _WEEK)
    assert {asked.channel for asked, _ in past.questions} >= {"thermal max", "smoke", "gas"}
    assert all(asked.seconds == _WEEK and asked.device == "d1" for asked, _ in past.questions)
    assert page._loading.text() == "Loading …"
    past.answer(read)
    page._answers.look()
    assert page._loading.text() == ""
    assert page._plots["°C"].widget.isVisibleTo(page)


def test_a_week_is_not_read_each_second(page, past, clock) -> None:
    choose(page, _WEEK)
    past.answer(read)
    page._answers.look()
    page.refresh()
    assert past.questions == []
    clock.advance(601.0)
    page.refresh()
    assert past.questions


def test_a_late_answer_about_another_device_is_not_drawn(page, past) -> None:
    choose(page, _WEEK)
    late, past.questions = past.questions, []
    page.show_device(DeviceId("d2"))
    for asked, reply in late:
        reply(read(asked))
    page._answers.look()
    assert page._loading.text() == "Loading …"
    assert not page._plots["°C"].widget.isVisibleTo(page)


def test_curves_of_a_device_go_when_another_is_chosen(page, past) -> None:
    choose(page, _WEEK)
    past.answer(read)
    page._answers.look()
    assert page._plots["°C"].widget.isVisibleTo(page)
    page.show_device(DeviceId("d2"))
    assert not page._plots["°C"].widget.isVisibleTo(page)
    assert page._plots["°C"].values_at(1.7e9 - 3600) == []


def test_a_problem_of_the_disk_is_told(page, past) -> None:
    choose(page, _WEEK)
    past.answer(lambda asked: TrendRead(asked, read(asked).trend, "telemetry.db is damaged."))
    page._answers.look()
    assert page._loading.text() == "telemetry.db is damaged."


def test_nothing_stored_is_told(page, past) -> None:
    choose(page, _WEEK)
    empty = np.empty(0)
    past.answer(lambda asked: TrendRead(asked, Trend(asked.channel, "", empty, empty)))
    page._answers.look()
    assert page._loading.text() == "No values were stored in this time."


def test_without_the_past_only_memory_is_offered(console, colours, qtbot) -> None:
    page = TrendsPage(console, colours)
    qtbot.addWidget(page)
    assert page._ranges.button(900) is not None
    assert page._ranges.button(3600) is None
