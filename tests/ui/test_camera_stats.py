"""The list of cameras tells what each one did, and the pane beside it shows its past."""

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import pytest
from consoles import FakeConsole, camera
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from embereye.config.schema import Camera, Capture, Settings
from embereye.model.camera import CameraState, CameraStatus, CameraTable, CaptureCounters
from embereye.model.camera_clock import CheckClockAsked, ClockCheck, ClockTable
from embereye.model.ids import CameraId
from embereye.runtime.engine import Engine
from embereye.services.camera_history import PERIOD, CameraHistory
from embereye.ui.bridge import Bridge
from embereye.ui.camera_actions import CameraActions
from embereye.ui.cameras_page import CamerasPage
from embereye.ui.figure_plot import rounded_up
from embereye.ui.theme import Tokens

_GATE = CameraId("gate")


class _Plant:
    """Cameras whose figures the real history keeps, and the page that shows them."""

    def __init__(self, page: CamerasPage, console: FakeConsole, clock: FakeClock) -> None:
        self.page = page
        self.console = console
        self.clock = clock
        self.engine = Engine(clock)
        self.history = CameraHistory(self.engine, console.cameras)
        self.rates: dict[str, int] = {}

    def put(self, **rates: int) -> None:
        """Cameras that deliver so many pictures a second; a rate below 0: no signal."""
        self.rates |= rates
        states = {
            n: CameraState.LIVE if r >= 0 else CameraState.NO_SIGNAL for n, r in rates.items()
        }
        plain = CaptureCounters(width=640, height=480, decoder="h264")
        made = [camera(n, self.clock, state, counters=plain) for n, state in states.items()]
        self.console.show_cameras(*self.console.camera_table.cameras, *made)

    def run(self, looks: int) -> None:
        for _ in range(looks):
            at = self.clock.advance(PERIOD)
            cameras = [self._grown(c, at) for c in self.console.camera_table.cameras]
            self.console.camera_table = CameraTable(1, tuple(cameras))
            self.engine.step()
        self.console.pasts = dict(self.history.current)
        self.page.refresh()

    def _grown(self, status: CameraStatus, at: object) -> CameraStatus:
        rate = self.rates[status.id]
        if rate < 0:
            return status
        more, old = round(rate * PERIOD), status.counters
        grown = replace(
            old,
            due=old.due + more,
            delivered=old.delivered + more,
            decoded=old.decoded + more,
            received=old.received + rate * 1000,
            cpu=old.cpu + rate * 0.002,
            last_frame=at,  # type: ignore[arg-type]
        )
        return replace(status, counters=grown)

    def names(self) -> list[str]:
        model = self.page.model
        return [model.data(model.index(row, 0)) for row in range(model.rowCount())]

    def cell(self, name: str, title: str) -> str:
        column = [field.title for field in self.page.model.fields].index(title)
        index = self.page.model.index(self.names().index(name), column)
        return str(self.page.model.data(index))

    def choose(self, name: str) -> None:
        self.page.table.setCurrentIndex(self.page.model.index(self.names().index(name), 0))

    def chosen(self) -> str:
        selection = self.page.selection()
        return "" if selection is None else selection.name


@pytest.fixture
def plant(
    console: FakeConsole, clock: FakeClock, colours: Tokens, bridge: Bridge, qtbot: object
) -> Iterator[_Plant]:
    window = QWidget()
    qtbot.addWidget(window)  # type: ignore[attr-defined]
    page = CamerasPage(console, colours, CameraActions(console, bridge, window, colours))
    qtbot.addWidget(page)  # type: ignore[attr-defined]
    page.resize(1900, 900)
    page.show()
    yield _Plant(page, console, clock)
    window.close()


def test_the_columns_tell_the_newest_figures(plant: _Plant) -> None:
    plant.put(gate=15, yard=-1)
    plant.run(3)
    titles = ("Rate", "Bit rate", "Delay", "Reconnects", "Decoding", "Picture")
    told = [plant.cell("gate", title) for title in titles]
    assert told == ["15.0 fps", "60 kbit/s", "–", "0", "1.5 %", "640 × 480"]
    assert [plant.cell("yard", title) for title in titles[:5]] == ["0.0 fps", "–", "–", "0", "–"]


def test_nothing_is_claimed_before_the_first_figures(plant: _Plant) -> None:
    plant.put(gate=15)
    plant.page.refresh()
    assert [plant.cell("gate", title) for title in ("Rate", "Bit rate", "Decoding")] == ["–"] * 3
    assert plant.page.detail.plots["rate"].shown.value == "–"


def test_figures_are_right_aligned_and_sorted_as_numbers(plant: _Plant) -> None:
    plant.put(slow=9, fast=25, middle=10, off=-1)
    plant.run(3)
    plant.page.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert plant.names() == ["fast", "middle", "slow", "off"]
    index = plant.page.model.index(0, 3)
    side = plant.page.model.data(index, Qt.ItemDataRole.TextAlignmentRole)
    assert side & Qt.AlignmentFlag.AlignRight


def test_columns_whose_title_is_short_explain_themselves(plant: _Plant) -> None:
    sideways, role = Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole
    assert "nobody looks" in plant.page.model.headerData(3, sideways, role)
    assert plant.page.model.headerData(0, sideways, role) is None


def test_sorting_keeps_the_selected_camera(plant: _Plant) -> None:
    plant.put(slow=9, fast=25, middle=10)
    plant.run(3)
    plant.choose("middle")
    plant.page.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert plant.chosen() == "middle"
    plant.rates["middle"] = 30
    plant.run(1)
    assert (plant.names()[0], plant.chosen()) == ("middle", "middle")


def test_selection_and_scroll_survive_cameras_that_come(plant: _Plant) -> None:
    plant.put(**{f"c{number:02d}": 5 for number in range(60)})
    plant.run(1)
    plant.page.resize(1200, 400)
    plant.choose("c40")
    bar = plant.page.table.verticalScrollBar()
    bar.setValue(bar.maximum())
    scrolled = bar.value()
    plant.put(late=5)
    plant.run(1)
    assert (plant.chosen(), bar.value()) == ("c40", scrolled)


def test_the_filter_leaves_what_fits(plant: _Plant) -> None:
    plant.put(gate=15, yard=15)
    plant.run(1)
    plant.page.search.setText("YAR")
    assert plant.names() == ["yard"]
    plant.page.search.setText("nowhere")
    assert plant.names() == []
    assert "none fits" in plant.page._summary.text()
    assert plant.page.detail.nothing.isVisible()


def test_the_pane_shows_the_past_of_the_selected_camera(plant: _Plant) -> None:
    plant.put(gate=15, yard=10)
    plant.run(5)
    plant.choose("yard")
    detail = plant.page.detail
    shown = detail.plots["rate"].shown
    assert shown.value == "10.0 fps"
    assert shown.trend is not None
    assert shown.trend.values[1:].tolist() == pytest.approx([10.0] * 4)
    assert detail.plots["decode_ms"].shown.value == "1.0 ms"
    assert "1.0 % of a core" in detail.decoder.text()
    assert "100 pictures, 0 missed" in detail.totals.text()
    plant.choose("gate")
    assert detail.plots["rate"].shown.value == "15.0 fps"


def test_a_gap_stays_a_gap(plant: _Plant, colours: Tokens) -> None:
    """The columns of the plot over the time without looks show nothing."""
    plant.put(gate=15)
    plant.run(100)
    plant.clock.advance(200)
    plant.run(100)
    plot = plant.page.detail.plots["rate"]
    image = plot.grab().toImage()
    inked = [
        any(image.pixelColor(x, y).lightness() > 128 for y in range(25, plot.height() - 9))
        for x in range(40, plot.width() - 8)
    ]
    first, last = inked.index(True), len(inked) - inked[::-1].index(True)
    assert 0.2 < inked[first:last].count(False) / (last - first) < 0.5


def test_all_plots_are_drawn_with_no_data_and_with_all(plant: _Plant) -> None:
    plant.put(gate=-1)
    plant.run(1)
    assert not plant.page.grab().isNull()
    plant.rates["gate"] = 15
    plant.run(400)
    assert not plant.page.grab().isNull()


def test_what_is_wrong_stands_in_the_pane(plant: _Plant) -> None:
    text = "The camera does not answer at 10.1.2.3:554. Check its power."
    plant.rates["gate"] = -1
    status = camera("gate", plant.clock, CameraState.NO_SIGNAL, detail=text)
    plant.console.show_cameras(replace(status, name="<b>Gate</b>" * 20))
    plant.run(2)
    detail = plant.page.detail
    assert detail.state.text().startswith("△ No signal for")
    assert detail.remark.text() == text
    assert detail.width() == 360


def test_no_camera_says_what_to_do(plant: _Plant) -> None:
    plant.page.refresh()
    assert "Add the first one" in plant.page._summary.text()
    assert plant.page.detail.nothing.isVisible()
    assert not plant.page.detail.clock_button.isVisible()


def test_in_a_narrow_window_what_the_pane_tells_too_gives_way(plant: _Plant) -> None:
    plant.put(gate=15)
    plant.page.resize(1216, 640)
    QApplication.processEvents()
    titles = [field.title for field in plant.page.model.fields]
    hidden = [t for n, t in enumerate(titles) if plant.page.table.isColumnHidden(n)]
    assert hidden == ["Since", "Picture", "Source"]
    assert plant.page.table.columnWidth(titles.index("Remarks")) > 80


# --- the clock -------------------------------------------------------------------------------


def _told(plant: _Plant, check: ClockCheck, asking: bool = False) -> str:
    who = frozenset({_GATE}) if asking else frozenset()
    plant.console.clock_table = ClockTable({_GATE: check}, who)
    plant.page.refresh()
    return plant.page.detail.clock.text()


def test_the_clock_is_asked_for_by_its_button(plant: _Plant) -> None:
    plant.put(gate=15)
    plant.page.refresh()
    assert plant.page.detail.clock.text() == "not checked yet"
    QTest.mouseClick(plant.page.detail.clock_button, Qt.MouseButton.LeftButton)
    assert plant.console.asked == [CheckClockAsked(_GATE, "operator")]
    assert _told(plant, ClockCheck(plant.clock.now()), asking=True) == "asking …"
    assert not plant.page.detail.clock_button.isEnabled()


@pytest.mark.parametrize(
    ("offset", "ntp", "said", "remark"),
    [
        (0.4, True, "right · set by NTP · checked 0 s ago", ""),
        (8.2, False, "8 s fast · set by hand · checked 0 s ago", ""),
        (
            -190.0,
            False,
            "△ 3 min slow · set by hand · checked 0 s ago",
            "The camera's clock is 3 min slow. Set its time, or give it an NTP server.",
        ),
        (
            7300.0,
            True,
            "△ 2 h fast · set by NTP · checked 0 s ago",
            "The camera's clock is 2 h fast. Check whether it reaches its NTP server.",
        ),
    ],
)
def test_a_clock_is_told_in_words(
    plant: _Plant, offset: float, ntp: bool, said: str, remark: str
) -> None:
    plant.put(gate=15)
    assert _told(plant, ClockCheck(plant.clock.now(), offset, 0.5, ntp)) == said
    assert plant.cell("gate", "Remarks") == remark
    assert plant.page.detail.remark.text() == remark


def test_how_wrong_a_clock_may_be_is_a_setting(plant: _Plant) -> None:
    row = Camera(id="gate", name="Gate", source="0")
    plant.console.configured = Settings(cameras=(row,), capture=Capture(clock_tolerance=0))
    plant.put(gate=15)
    assert _told(plant, ClockCheck(plant.clock.now(), -190.0, 0.5)).startswith("3 min slow")
    assert plant.cell("gate", "Remarks") == ""


def test_what_is_wrong_with_the_picture_comes_before_the_clock(plant: _Plant) -> None:
    plant.rates["gate"] = 15
    plant.console.show_cameras(camera("gate", plant.clock, remark="The picture is black."))
    _told(plant, ClockCheck(plant.clock.now(), -190.0, 0.5))
    assert plant.cell("gate", "Remarks") == "The picture is black."


def test_a_camera_that_has_no_clock_says_so(plant: _Plant) -> None:
    plant.put(gate=15)
    problem = "This is no network camera: it has no clock of its own."
    assert _told(plant, ClockCheck(plant.clock.now(), problem=problem)) == problem
    assert plant.cell("gate", "Remarks") == ""


# --- cost ------------------------------------------------------------------------------------


def test_only_cells_that_changed_are_painted_again(plant: _Plant) -> None:
    plant.put(gate=15, yard=15)
    plant.run(3)
    told: list[tuple[int, int, int]] = []
    plant.page.model.dataChanged.connect(
        lambda first, last: told.append((first.row(), first.column(), last.column()))
    )
    plant.page.refresh()
    assert told == []
    plant.rates["yard"] = 12
    plant.run(1)
    fields = [field.title for field in plant.page.model.fields]
    since = {number for number, title in enumerate(fields) if title == "Since"}
    rows = [change for change in told if {change[1], change[2]} != since]
    assert rows
    assert {row for row, _, _ in rows} <= {0, 1}
    assert any(row == 1 for row, _, _ in rows)


@pytest.mark.serial
def test_a_refresh_with_a_hundred_cameras_takes_little(plant: _Plant) -> None:
    plant.put(**{f"c{number:02d}": 15 for number in range(100)})
    plant.run(310)
    took = []
    for _ in range(21):
        plant.clock.advance(0.5)
        begin = perf_counter()
        plant.page.refresh()
        took.append(perf_counter() - begin)
    assert sorted(took)[10] < 0.005


@pytest.mark.parametrize(
    ("value", "end"),
    [(0.011, 0.015), (1.0, 1.0), (1.01, 1.5), (25.0, 30.0), (7.0, 8.0), (9.0, 10.0), (2500, 3000)],
)
def test_a_scale_ends_at_a_round_number(value: float, end: float) -> None:
    assert rounded_up(value) == pytest.approx(end)


def test_very_many_rows_are_all_painted_again(plant: _Plant) -> None:
    """To compare thousands of cells would take longer than to paint those that are seen."""
    plant.put(**{f"c{number:03d}": 15 for number in range(501)})
    plant.page.refresh()
    told: list[tuple[int, int]] = []
    plant.page.model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    plant.page.refresh()
    assert told == [(0, 500)]
