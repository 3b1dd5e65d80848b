"""Closed alarms, their time line and the export of lists: from the disk to screen and file."""

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from consoles import FakeConsole, alarm
from fakes import FakeClock
from hosting import hosted
from PySide6.QtCore import Qt
from PySide6.QtPdf import QPdfDocument
from PySide6.QtTest import QTest

from embereye.model.alarm import (
    Alarm,
    AlarmAction,
    AlarmKind,
    AlarmState,
    AlarmTable,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.alarm_past import HistoryAsked, HistoryRead, StoryAsked, StoryRead
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.stamp import Stamp
from embereye.services.alarm_csv import alarms_csv
from embereye.services.alarm_past import AlarmPastReader
from embereye.storage.alarms import store
from embereye.storage.chain import Chain, load_key
from embereye.storage.database import EVIDENCE_FILE, open_writer, transaction
from embereye.storage.migrations import migrate
from embereye.ui.alarm_listing import Listing
from embereye.ui.alarms_page import AlarmsPage
from embereye.ui.demands import Demands
from embereye.ui.theme import Tokens
from embereye.ui.wishes import Wishes


@pytest.fixture
def page(console: FakeConsole, colours: Tokens, qtbot: object) -> Iterator[AlarmsPage]:
    made = AlarmsPage(console, Demands(console, 25.0), colours, Wishes(console))
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(1600, 800)
    made.show()
    yield made
    made.close()


def closed(number: int, clock: FakeClock, **changes: object) -> Alarm:
    raised = clock.now().utc - 60 * number
    fields: dict[str, object] = {
        "state": AlarmState.NORMAL,
        "raised_utc": raised,
        "changed_utc": raised + 30,
    }
    return alarm(number, clock, **{**fields, **changes})


def write(folder: Path, clock: FakeClock, alarms: list[Alarm]) -> None:
    path = folder / EVIDENCE_FILE
    migrate(path, clock.now())
    chain = Chain(load_key(folder))
    with closing(open_writer(path, durable=False)) as connection, transaction(connection):
        for one in alarms:
            happened = AlarmAction(
                one.id, "cause", "system", clock.now(), one.state, one.state, one.reasons
            )
            store(connection, chain, one, happened)


@pytest.fixture
def disk(console: FakeConsole, tmp_path: Path) -> Iterator[Path]:
    """The reader of the program answers what pages ask; the folder of its database."""
    reader = AlarmPastReader(tmp_path)
    console.past.recall = reader.ask  # type: ignore[method-assign, assignment]
    with hosted(reader.run, wait=10.0):
        yield tmp_path


# --- history -------------------------------------------------------------------------------------


def test_pages_follow_each_other_while_the_list_is_scrolled(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock, disk: Path, qtbot: object
) -> None:
    write(disk, clock, [closed(n, clock) for n in range(1, 451)])
    page.tabs.setCurrentIndex(2)
    history = page.history
    qtbot.waitUntil(lambda: history.model.rowCount() == 200)  # type: ignore[attr-defined]
    history.table.choose(150)
    chosen = history.current()
    for count in (400, 450):
        history.table.scrollToBottom()
        qtbot.waitUntil(lambda count=count: history.model.rowCount() == count)  # type: ignore[attr-defined]
    ids = [history.model.row(row).id for row in range(450)]
    assert ids == list(range(1, 451))  # the newest has the lowest number here
    assert history.current() == chosen
    assert history._said.text() == "450 alarms"


def test_filters_ask_the_database(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock, disk: Path, qtbot: object
) -> None:
    gas = closed(2, clock, kind=AlarmKind.GAS, priority=Priority.HIGH, reasons=("CO 61 ppm",))
    write(disk, clock, [closed(1, clock), gas, closed(3, clock, raised_utc=clock.now().utc - 8e5)])
    page.tabs.setCurrentIndex(2)
    history = page.history

    def shown(*numbers: int) -> None:
        qtbot.waitUntil(  # type: ignore[attr-defined]
            lambda: (
                [a.id for a in map(history.model.row, range(history.model.rowCount()))]
                == list(numbers)
            )
        )

    shown(1, 2)  # the last 7 days
    history.filter.span.setCurrentIndex(history.filter.span.findText("All times"))
    shown(1, 2, 3)
    history.filter.kind.setCurrentIndex(history.filter.kind.findData(AlarmKind.GAS))
    shown(2)
    history.filter.kind.setCurrentIndex(0)
    QTest.keyClicks(history.filter.search, "PPM")
    QTest.keyClick(history.filter.search, Qt.Key.Key_Return)
    shown(2)
    history.filter.search.setText("nothing has this")
    qtbot.waitUntil(lambda: history._empty.isVisible())  # type: ignore[attr-defined]
    assert "No closed alarm" in history._empty.text()


def test_a_database_that_cannot_be_read_is_told_in_the_list(
    page: AlarmsPage, disk: Path, qtbot: object
) -> None:
    page.tabs.setCurrentIndex(2)
    qtbot.waitUntil(lambda: "There is no" in page.history._empty.text())  # type: ignore[attr-defined]


def test_an_answer_to_an_older_filter_is_not_shown(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    page.tabs.setCurrentIndex(2)
    ((asked, reply),) = console.past.questions
    page.history.filter.kind.setCurrentIndex(1)
    reply(HistoryRead(asked, (closed(1, clock),)))  # type: ignore[arg-type]
    page.history._answers.look()
    assert page.history.model.rowCount() == 0


def test_a_closed_alarm_offers_no_action(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    page.tabs.setCurrentIndex(2)
    console.past.answer(lambda asked: HistoryRead(asked, (closed(1, clock),)))  # type: ignore[arg-type]
    page.history._answers.look()
    page.history.table.choose(0)
    enabled = [b.text() for b in page.detail.buttons.buttons.values() if b.isEnabled()]
    assert enabled == ["Silence"]
    assert "closed" in page.detail._since.text()


# --- time line -----------------------------------------------------------------------------------


def tell(page: AlarmsPage, console: FakeConsole, *actions: AlarmAction) -> str:
    def answer(asked: object) -> StoryRead | HistoryRead:
        if isinstance(asked, StoryAsked):
            return StoryRead(asked, actions, earlier=3)
        assert isinstance(asked, HistoryAsked)
        return HistoryRead(asked, ())

    console.past.answer(answer)  # type: ignore[arg-type]
    page.detail.story._answers.look()
    return page.detail.story.lines.text()


def action(event: str, *reasons: str, actor: str = "Ann", **changes: AlarmState) -> AlarmAction:
    states = {"before": AlarmState.UNACKNOWLEDGED, "after": AlarmState.UNACKNOWLEDGED, **changes}
    return AlarmAction(
        AlarmId(1), event, actor, Stamp(0.0, 1_700_000_000.0), reasons=reasons, **states
    )


def test_the_time_line_tells_states_people_and_words(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    console.show_alarms(alarm(1, clock))
    page.select(AlarmId(1))
    page.refresh()
    text = tell(
        page,
        console,
        action("cause", "smoke", actor="system", before=AlarmState.NORMAL),
        action("acknowledge", "smoke", after=AlarmState.ACKNOWLEDGED),
        action("comment", "<b>it\nis</b> שלום"),
    )
    assert text.index("Comment") < text.index("Acknowledged") < text.index("Raised")
    assert "Acknowledged · Ann" in text
    assert text.count("smoke") == 1  # not again at the acknowledgement
    assert "&lt;b&gt;it<br>is&lt;/b&gt;" in text
    assert "and 3 earlier" in text


def test_a_comment_of_ten_thousand_characters_is_cut_until_somebody_asks(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    console.show_alarms(alarm(1, clock))
    page.select(AlarmId(1))
    page.refresh()
    text = tell(page, console, action("comment", "ж" * 10_000))
    assert text.count("ж") < 700
    assert "9,400 more characters" in text
    page.detail.story.all_button.click()
    assert page.detail.story.lines.text().count("ж") == 10_000
    assert not page.detail.story.all_button.isVisible()


def test_the_time_line_is_read_again_when_the_alarm_has_changed(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    one = alarm(1, clock)
    console.show_alarms(one)
    page.select(AlarmId(1))
    page.refresh()
    tell(page, console)
    console.show_alarms(replace(one, revision=2))
    page.refresh()
    asked = [a for a, _ in console.past.questions if isinstance(a, StoryAsked)]
    assert asked == [StoryAsked(AlarmId(1), 2)]


# --- export --------------------------------------------------------------------------------------


def cells(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t"])
def test_no_text_of_an_export_is_run_as_a_formula(clock: FakeClock, first: str) -> None:
    bad = f"{first}cmd|' /C calc'!A0"
    shelved = Overlay(OverlayKind.SHELVED, Scope(PlaceId("p")), bad, bad, 0.0, 1.0, Priority.LOW)
    one = alarm(
        1,
        clock,
        place=bad,
        reasons=(bad,),
        acknowledged_by=bad,
        assigned_to=bad,
        overlay=shelved,
    )
    (_, row) = cells(alarms_csv([one]))
    assert len([cell for cell in row if "calc" in cell]) >= 6
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_an_export_tells_times_in_local_and_in_utc(clock: FakeClock) -> None:
    one = alarm(1, clock, raised_utc=1_700_000_000.0, place="غرفة")
    titles, row = cells(alarms_csv([one]))
    told = dict(zip(titles, row, strict=True))
    assert told["raised (UTC)"] == "2023-11-14T22:13:20Z"
    assert told["raised (local)"].startswith("2023-11-1")
    assert told["raised (local)"][-6] in "+-"
    assert told["place"] == "غرفة"


def export(page: AlarmsPage, path: Path, qtbot: object) -> str:
    """Write what is listed now; what was said about it."""
    said: list[str] = []
    page.export.noticed.connect(said.append)
    page.export._listing = page._listing()
    page.export.write(str(path))
    assert page.export.isVisible()
    qtbot.waitUntil(lambda: bool(said), timeout=10_000)  # type: ignore[attr-defined]
    assert not page.export.isVisible()
    return said[0]


def test_the_csv_holds_what_passes_the_filter(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock, tmp_path: Path, qtbot: object
) -> None:
    console.show_alarms(*(alarm(n, clock, place=f"hall-{n}") for n in range(1, 30)))
    page.refresh()
    page.search.setText("hall-2")
    path = tmp_path / "a.csv"
    assert export(page, path, qtbot) == f"11 alarms written to {path}."
    rows = cells(path.read_bytes())
    assert [row[3] for row in rows[1:]] == ["hall-2", *(f"hall-{n}" for n in range(20, 30))]


def test_the_export_of_the_history_holds_more_than_what_was_read_so_far(
    page: AlarmsPage, clock: FakeClock, disk: Path, qtbot: object
) -> None:
    write(disk, clock, [closed(n, clock) for n in range(1, 1_101)])
    page.tabs.setCurrentIndex(2)
    path = disk / "h.csv"
    assert "1,100 alarms" in export(page, path, qtbot)
    assert [row[0] for row in cells(path.read_bytes())[1:]] == [str(n) for n in range(1, 1_101)]


def test_the_pdf_tells_what_is_kept_quiet_and_why(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock, tmp_path: Path, qtbot: object
) -> None:
    shelved = Overlay(
        OverlayKind.SHELVED, Scope(PlaceId("p")), "hot work", "Ann", 0.0, None, Priority.LOW
    )
    console.alarm_table = AlarmTable(1, (alarm(1, clock, place="Boiler", overlay=shelved),))
    page.refresh()
    page.tabs.setCurrentIndex(1)
    path = tmp_path / "a.pdf"
    export(page, path, qtbot)
    document = QPdfDocument()
    document.load(str(path))
    text = "".join(document.getAllText(0).text().split())
    document.close()
    assert [w for w in ("Shelvedalarms", "Boiler", "hotwork", "Page1of1") if w not in text] == []


def test_an_export_that_cannot_be_written_says_so(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock, tmp_path: Path, qtbot: object
) -> None:
    console.show_alarms(alarm(1, clock))
    page.refresh()
    said = export(page, tmp_path / "gone" / "a.csv", qtbot)
    assert said.startswith("The alarms could not be exported:")


def test_a_cancelled_export_writes_nothing(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock, tmp_path: Path, qtbot: object
) -> None:
    said: list[str] = []
    page.export.noticed.connect(said.append)
    page.export._listing = Listing("Closed alarms", "", None)
    page.export.write(str(tmp_path / "a.csv"))  # nobody answers yet what it asks
    page.export.cancel_button.click()
    qtbot.waitUntil(lambda: bool(console.past.questions))  # type: ignore[attr-defined]
    console.past.answer(lambda asked: HistoryRead(asked, (closed(1, clock),), more=True))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: bool(said))  # type: ignore[attr-defined]
    assert said == ["The export was cancelled; nothing was written."]
    assert list(tmp_path.iterdir()) == []
