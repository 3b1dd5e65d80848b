"""The past of a device is shown as the past, and the page never waits."""

import os
import time

import numpy as np
import pytest
from consoles import FakeConsole, FakePast, device, thermal
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from embereye.model.alarm import AlarmKind, Priority
from embereye.model.ids import AlarmId, DeviceId
from embereye.model.past import AlarmMark, ReelAsked, ReelRead, SpanAsked, SpanRead
from embereye.model.stamp import Stamp
from embereye.model.trend import Trend
from embereye.ui.local_time import local_day, midnight, same_time
from embereye.ui.playback_page import PlaybackPage

_HOUR = 3600.0


class PastConsole(FakePast, FakeConsole):
    """A console whose disk answers when the test says so."""

    def __init__(self, clock):
        FakeConsole.__init__(self, clock)
        FakePast.__init__(self)
        end = clock.now().utc
        self.stored = list(np.arange(end - _HOUR, end, 4.0))
        self.marks = (
            AlarmMark(AlarmId(7), end - 1800.0, AlarmKind.FIRE, Priority.EMERGENCY, "91 °C"),
        )
        self.problem = ""

    def reply(self, page, rounds=4):
        for _ in range(rounds):
            self.answer(self._made)
            page._answers.look()

    def _made(self, asked):
        if isinstance(asked, SpanAsked):
            return self._span(asked)
        assert isinstance(asked, ReelAsked)
        begin, end = asked.start, asked.start + 60.0
        frames = []
        for number, utc in enumerate(self.stored):
            if begin <= utc < end:
                frame = thermal("d1", self.clock, hottest=40.0 + number % 50)
                object.__setattr__(frame, "at", Stamp(utc, utc))
                frames.append(frame)
        earlier = max((u for u in self.stored if u < begin), default=None)
        later = min((u for u in self.stored if u >= end), default=None)
        return ReelRead(asked, tuple(frames), earlier, later)

    def _span(self, asked):
        utc = np.array([u for u in self.stored if asked.since <= u <= asked.until])
        curve = Trend("thermal max", "°C", utc, np.full(len(utc), 40.0))
        extent = (self.stored[0], self.stored[-1]) if self.stored else None
        if self.problem:
            return SpanRead(asked, None, curve, problem=self.problem)
        return SpanRead(asked, extent, curve, self.marks)


@pytest.fixture
def console(clock):
    made = PastConsole(clock)
    made.show_devices(device("d1", clock), device("d2", clock))
    return made


@pytest.fixture
def page(console, colours, qtbot):
    made = PlaybackPage(console, colours)
    qtbot.addWidget(made)
    made.resize(1216, 616)
    made.show()
    return made


@pytest.fixture
def loaded(page, console):
    console.reply(page)
    return page


def shown_utc(page):
    frame = page.picture.shown
    return None if frame is None else frame.at.utc


def test_it_begins_with_the_newest_frame(loaded, console):
    assert shown_utc(loaded) == console.stored[-1]
    assert loaded.facts.time.text() != "–"
    assert "UTC" in loaded.facts.time.toolTip()


def test_nothing_waits_for_the_disk(page):
    assert page._message() == "Loading …"
    assert page.picture.shown is None
    assert not page.transport.isEnabled()


def test_a_device_without_history_says_what_to_expect(page, console):
    console.stored = []
    console.reply(page)
    assert page._message().startswith("No thermal history of this device yet.")


def test_no_device_says_what_to_do(clock, colours, qtbot):
    page = PlaybackPage(PastConsole(clock), colours)
    qtbot.addWidget(page)
    page.show()
    assert "Add one on the devices page" in page._message()


def test_a_problem_of_the_disk_is_told(page, console):
    console.problem = "telemetry.db is damaged."
    console.reply(page)
    assert page._message() == "telemetry.db is damaged."


def test_arrows_step_and_space_plays(loaded, console, clock):
    QTest.keyClick(loaded.picture, Qt.Key.Key_Left)
    assert shown_utc(loaded) == console.stored[-2]
    QTest.keyClick(loaded.picture, Qt.Key.Key_Right)
    assert shown_utc(loaded) == console.stored[-1]
    loaded.seek(console.stored[300])
    console.reply(loaded)
    QTest.keyClick(loaded.picture, Qt.Key.Key_Space)
    assert loaded.transport.play.text() == "Pause"
    clock.advance(0.5)
    loaded._tick()
    assert shown_utc(loaded) == console.stored[301]
    QTest.keyClick(loaded.picture, Qt.Key.Key_Space)
    assert loaded.transport.play.text() == "Play"


def test_a_hidden_page_does_not_play(loaded, console):
    loaded.seek(console.stored[300])
    loaded.play(True)
    loaded.hide()
    assert not loaded._player.playing


def test_a_click_on_the_time_line_seeks_there_and_on_an_alarm_exactly(loaded, console):
    loaded._choose_zoom(3600)
    line, moment = loaded.timeline, console.stored[500]
    at = line.rect().center()
    at.setX(round(line.x_of(moment)))
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=at)
    assert loaded._player.position == pytest.approx(moment, abs=5.0)
    at.setX(round(line.x_of(console.marks[0].utc)) + 4)
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=at)
    assert loaded._player.position == console.marks[0].utc


def test_alarms_are_stepped_to_and_told(loaded, console):
    loaded.step_alarm(-1)
    assert loaded._player.position == console.marks[0].utc
    loaded.step_alarm(-1)
    assert loaded._player.position == console.marks[0].utc
    told = loaded.timeline._told_at(loaded.timeline.x_of(console.marks[0].utc))
    assert "Alarm 7" in told
    assert "91 °C" in told


def test_a_late_answer_about_another_device_is_not_shown(page, console):
    console.reply(page, rounds=1)  # the span; the newest minute is asked for now
    late, console.questions = console.questions, []
    assert [type(asked) for asked, _ in late] == [ReelAsked]
    page.show_device(DeviceId("d2"))
    console.reply(page, rounds=1)
    for asked, reply in late:
        reply(console._made(asked))
    page._answers.look()
    assert shown_utc(page) is None
    assert [asked.device for asked, _ in console.questions] == ["d2"]
    console.reply(page)
    assert shown_utc(page) == console.stored[-1]


def test_a_late_span_is_not_taken_for_another_day(loaded, console):
    loaded._choose_zoom(3600)
    late, console.questions = console.questions, []
    loaded._choose_zoom(600)
    console.reply(loaded)
    shown = loaded.timeline._curve
    for asked, reply in late:
        reply(console._made(asked))
    loaded._answers.look()
    assert loaded.timeline._curve is shown


def test_a_moment_without_frames_names_the_next_one(loaded, console):
    console.stored = [u for u in console.stored if not 400 < u - console.stored[0] < 900]
    loaded.seek(console.stored[0] + 700)
    console.reply(loaded)
    assert shown_utc(loaded) is None
    assert loaded._message().startswith("No frame was stored at this time. The next one is of 2")


def test_the_shown_frame_is_offered_for_export(loaded, qtbot):
    assert not loaded.transport.export.isVisibleTo(loaded)
    loaded.offer_export()
    with qtbot.waitSignal(loaded.export_asked) as asked:
        loaded.transport.export.click()
    assert asked.args == [loaded.picture.shown]


def test_a_recorded_picture_is_marked(loaded, colours):
    """The border and the label are part of the picture; a live view has neither."""
    image = loaded.picture.grab().toImage()
    area = loaded.picture._frames.area(1.0)
    assert image.pixelColor(area.center().x(), area.top()).name() == colours.action.lower()


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata"])
def test_days_are_local_even_where_clocks_change(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        spring = 1_711_846_800.0  # 2024-03-31 01:00 UTC: Europe goes over to summer time
        for utc in (spring - 3601, spring + 7200, spring + 40_000):
            begin = midnight(utc)
            assert 0 <= utc - begin < 86_400
            assert local_day(begin) == local_day(utc) != local_day(begin - 1)
        noon = midnight(spring) + 36_000
        assert local_day(same_time(noon, local_day(noon + 86_400 * 3))) == local_day(
            noon + 86_400 * 3
        )
    finally:
        monkeypatch.undo()
        os.environ.pop("TZ", None)
        time.tzset()
