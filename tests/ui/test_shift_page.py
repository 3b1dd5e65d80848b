"""The shift page: figures of a span, the shift log, the hand-over and its report."""

from dataclasses import replace
from pathlib import Path

import pytest
from consoles import FakeConsole, alarm
from PySide6.QtCore import Qt
from PySide6.QtPdf import QPdfDocument
from pytestqt.qtbot import QtBot

from embereye.config.schema import Camera, Place, Settings
from embereye.model.alarm import (
    AlarmKey,
    AlarmKind,
    AlarmTable,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.alarm_messages import HandOverAsked
from embereye.model.alarm_past import FiguresAsked, FiguresRead, ShiftRead
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.kpi import AlarmLog, LogEvent, LogLine
from embereye.model.shift import ShiftEvent, ShiftLine, ShiftNoteAsked
from embereye.rules.kpi import figures
from embereye.runtime.clock import Clock
from embereye.runtime.worker import PlainThreads
from embereye.ui.hand_over import HandOver, hand_over_report
from embereye.ui.hand_over_dialog import HandOverDialog
from embereye.ui.report_pdf import write_pdf
from embereye.ui.shift_page import ShiftPage
from embereye.ui.theme import Tokens

NOW = 1_700_000_000.0


def _figures(count: int = 30, every: float = 5.0, priority: Priority = Priority.HIGH):
    key = AlarmKey(PlaceId("boiler"), AlarmKind.GAS)
    lines = tuple(
        LogLine(NOW - 3000 + every * n, LogEvent.ANNOUNCED, AlarmId(1), key, "Boiler", priority)
        for n in range(count)
    )
    return figures(AlarmLog(NOW - 3600, NOW, lines))


@pytest.fixture
def page(console: FakeConsole, colours: Tokens, qtbot: QtBot) -> ShiftPage:
    made = ShiftPage(console, colours, PlainThreads())
    qtbot.addWidget(made)
    made.resize(1216, 660)
    made.show()
    return made


def _answer(console: FakeConsole, page: ShiftPage, found=None, lines=(), problem="") -> None:
    def make(asked):
        if isinstance(asked, FiguresAsked):
            return FiguresRead(asked, found, problem)
        return ShiftRead(asked, tuple(lines))

    console.past.answer(make)
    page._answers.look()


def test_it_asks_for_the_span_that_was_chosen(console: FakeConsole, page: ShiftPage) -> None:
    page.choice.setCurrentIndex(page.choice.findData(86_400.0))
    asked = console.past.questions[-2][0]
    now = console.clock.now().utc
    assert (asked.since, asked.until) == (now - 86_400.0, now)


def test_a_figure_above_its_limit_says_so_in_shape_and_word(
    console: FakeConsole, page: ShiftPage
) -> None:
    _answer(console, page, _figures())
    said = [card.accessibleName() for card in page.cards]
    assert said[0].startswith("Alarms per hour, 30.0, too high")
    assert said[3].startswith("Chattering, 1, too high")
    assert page.actors.model.rowCount() == 1
    assert page.floods.model.rowCount() == 1


def test_an_hour_of_fires_does_not_read_as_one_without_alarms(
    console: FakeConsole, page: ShiftPage
) -> None:
    _answer(console, page, _figures(priority=Priority.EMERGENCY))
    assert "fire 100%" in page.cards[-1].accessibleName()
    assert "nothing was acknowledged" in page.cards[5].accessibleName()


def test_what_cannot_be_read_is_said_and_the_old_figures_stay(
    console: FakeConsole, page: ShiftPage
) -> None:
    _answer(console, page, _figures())
    page.refresh()
    _answer(console, page, None, problem="The disk is gone.")
    assert page._problem.text() == "The disk is gone."
    assert page.cards[0].accessibleName().startswith("Alarms per hour, 30.0")


def test_a_note_is_written_by_keyboard(console: FakeConsole, page: ShiftPage, qtbot: QtBot) -> None:
    assert not page.panel.write_button.isEnabled()
    page.panel.entry.setFocus()
    qtbot.keyClicks(page.panel.entry, "gate sticks")
    qtbot.keyClick(page.panel.entry, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert console.asked == [ShiftNoteAsked("gate sticks", "operator")]
    assert page.panel.entry.toPlainText() == ""


def test_a_selected_line_of_the_log_is_read_whole(console: FakeConsole, page: ShiftPage) -> None:
    long = "pump 2 " * 200
    lines = [
        ShiftLine(NOW - 60, ShiftEvent.NOTE, "anna", "", long.strip()),
        ShiftLine(NOW, ShiftEvent.HAND_OVER, "anna", "ben", ""),
    ]
    _answer(console, page, _figures(), lines)
    assert page.panel.model.data(page.panel.model.index(0, 2)) == "Handed over to ben."
    page.panel.table.setCurrentIndex(page.panel.model.index(1, 0))
    assert long.strip() in page.panel._whole.text()


@pytest.mark.parametrize(
    ("to", "problem"), [("", "Name who"), (" ", "Name who"), ("operator", "yourself")]
)
def test_a_shift_is_handed_over_to_somebody_else(
    console: FakeConsole, qtbot: QtBot, to: str, problem: str
) -> None:
    dialog = HandOverDialog(console)
    qtbot.addWidget(dialog)
    dialog.to.setText(to)
    assert problem in dialog.problem()


def test_the_hand_over_is_asked_with_its_note(console: FakeConsole, page: ShiftPage) -> None:
    page.ask_hand_over()
    dialog = page.findChild(HandOverDialog)
    dialog.to.setText("ben")
    dialog.note.setPlainText("valve 3 is shut")
    dialog.confirm.click()
    assert HandOverAsked("ben", "valve 3 is shut", "operator") in console.asked


def test_the_report_names_what_is_open_shelved_disabled_and_said(
    console: FakeConsole, colours: Tokens, tmp_path: Path, qtbot: QtBot
) -> None:
    told = HandOver(
        Settings(
            places=(Place(id="boiler", name="Boiler house"),),
            cameras=(Camera(id="c9", name="Old camera", source="0", enabled=False),),
        ),
        _table(console.clock),
        _figures(),
        (ShiftLine(NOW, ShiftEvent.COMMENT, "anna", "Boiler house", "שלום the gate"),),
        NOW,
    )
    path = tmp_path / "report.pdf"
    assert write_pdf(path, hand_over_report(colours, told)) >= 1
    text = _text(path)
    for wanted in (
        "thermal max 91.2", "cable broken", "known leak", "Old camera", "the gate", "Most alarms",
        "chattering", "Flood began",
    ):  # fmt: skip
        assert wanted in text


def test_the_report_is_written_to_the_chosen_file(
    console: FakeConsole, page: ShiftPage, tmp_path: Path, qtbot: QtBot
) -> None:
    _answer(console, page, _figures())
    page.export()
    with qtbot.waitSignal(page.noticed) as told:
        page.exports.write(str(tmp_path / "shift.pdf"))
    assert "pages written to" in told.args[0]
    assert "Key figures" in _text(tmp_path / "shift.pdf")


def _table(clock: Clock) -> AlarmTable:
    fire = replace(alarm(1, clock), reasons=("thermal max 91.2 °C ≥ 85 °C",))
    fault = replace(
        alarm(2, clock),
        key=AlarmKey(PlaceId("boiler"), AlarmKind.CAMERA_FAULT, "c1"),
        priority=Priority.DIAGNOSTIC,
        reasons=("cable broken",),
    )
    scope = Scope(PlaceId("boiler"), AlarmKind.GAS, "")
    shelf = Overlay(
        OverlayKind.SHELVED, scope, "known leak", "anna", NOW, NOW + 3600, Priority.HIGH
    )
    return AlarmTable(1, (fire, fault), overlays=(shelf,))


def _text(path: Path) -> str:
    document = QPdfDocument()
    document.load(str(path))
    text = " ".join(document.getAllText(page).text() for page in range(document.pageCount()))
    document.close()
    return " ".join(text.split())
