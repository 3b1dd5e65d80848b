"""The list of cameras tells what each one did, and the pane beside it shows its past."""

from dataclasses import replace
from time import perf_counter

import pytest
from consoles import camera
from figure_plant import Plant
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from embereye.model.camera import CameraState
from embereye.ui.figure_plot import rounded_up
from embereye.ui.theme import Tokens


def test_the_columns_tell_the_newest_figures(plant: Plant) -> None:
    plant.put(gate=15, yard=-1)
    plant.run(3)
    titles = ("Rate", "Bit rate", "Delay", "Reconnects", "Decoding", "Picture")
    told = [plant.cell("gate", title) for title in titles]
    assert told == ["15.0 fps", "60 kbit/s", "–", "0", "1.5 %", "640 × 480"]
    assert [plant.cell("yard", title) for title in titles[:5]] == ["0.0 fps", "–", "–", "0", "–"]


def test_nothing_is_claimed_before_the_first_figures(plant: Plant) -> None:
    plant.put(gate=15)
    plant.page.refresh()
    assert [plant.cell("gate", title) for title in ("Rate", "Bit rate", "Decoding")] == ["–"] * 3
    assert plant.page.detail.plots["rate"].shown.value == "–"


def test_figures_are_right_aligned_and_sorted_as_numbers(plant: Plant) -> None:
    plant.put(slow=9, fast=25, middle=10, off=-1)
    plant.run(3)
    plant.page.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert plant.names() == ["fast", "middle", "slow", "off"]
    index = plant.page.model.index(0, 3)
    side = plant.page.model.data(index, Qt.ItemDataRole.TextAlignmentRole)
    assert side & Qt.AlignmentFlag.AlignRight


def test_columns_whose_title_is_short_explain_themselves(plant: Plant) -> None:
    sideways, role = Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole
    assert "nobody looks" in plant.page.model.headerData(3, sideways, role)
    assert plant.page.model.headerData(0, sideways, role) is None


def test_sorting_keeps_the_selected_camera(plant: Plant) -> None:
    plant.put(slow=9, fast=25, middle=10)
    plant.run(3)
    plant.choose("middle")
    plant.page.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert plant.chosen() == "middle"
    plant.rates["middle"] = 30
    plant.run(1)
    assert (plant.names()[0], plant.chosen()) == ("middle", "middle")


def test_selection_and_scroll_survive_cameras_that_come(plant: Plant) -> None:
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


def test_the_filter_leaves_what_fits(plant: Plant) -> None:
    plant.put(gate=15, yard=15)
    plant.run(1)
    plant.page.search.setText("YAR")
    assert plant.names() == ["yard"]
    plant.page.search.setText("nowhere")
    assert plant.names() == []
    assert "none fits" in plant.page._summary.text()
    assert plant.page.detail.nothing.isVisible()


def test_the_pane_says_why_no_chip_decodes(plant: Plant) -> None:
    plant.put("h264 (software; no vaapi)", yard=10)
    plant.run(1)
    plant.choose("yard")
    assert "vaapi is not available" in plant.page.detail.decoder.toolTip()


def test_the_pane_shows_the_past_of_the_selected_camera(plant: Plant) -> None:
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


def test_how_a_camera_is_looked_at_is_told_in_the_list_and_the_pane(plant: Plant) -> None:
    plant.put(gate=15, yard=10)
    plant.detect("yard", 8.0, 200, 50, 750)
    plant.run(3)
    assert [plant.cell(name, "Detection") for name in ("yard", "gate")] == ["8.0 /s", "–"]
    plant.choose("yard")
    detail = plant.page.detail
    assert detail.detection.whole == "20 % looked at · 5 % same · 75 % still"
    assert [detail.plots[name].shown.value for name in ("looks", "verdict_ms")] == [
        "8.0 /s",
        "45.0 ms",
    ]
    plant.choose("gate")
    assert detail.detection.whole == "–"
    assert detail.plots["verdict_ms"].shown.value == "–"


def test_a_gap_stays_a_gap(plant: Plant, colours: Tokens) -> None:
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


def test_all_plots_are_drawn_with_no_data_and_with_all(plant: Plant) -> None:
    plant.put(gate=-1)
    plant.run(1)
    assert not plant.page.grab().isNull()
    plant.rates["gate"] = 15
    plant.run(400)
    assert not plant.page.grab().isNull()


def test_what_is_wrong_stands_in_the_pane(plant: Plant) -> None:
    text = "The camera does not answer at 10.1.2.3:554. Check its power."
    plant.rates["gate"] = -1
    status = camera("gate", plant.clock, CameraState.NO_SIGNAL, detail=text)
    plant.console.show_cameras(replace(status, name="<b>Gate</b>" * 20))
    plant.run(2)
    detail = plant.page.detail
    assert detail.state.text().startswith("△ No signal for")
    assert detail.remark.text() == text
    assert detail.width() == 360


def test_no_camera_says_what_to_do(plant: Plant) -> None:
    plant.page.refresh()
    assert "Add the first one" in plant.page._summary.text()
    assert plant.page.detail.nothing.isVisible()
    assert not plant.page.detail.clock_button.isVisible()


def test_in_a_narrow_window_what_the_pane_tells_too_gives_way(plant: Plant) -> None:
    plant.put(gate=15)
    plant.page.resize(1216, 640)
    QApplication.processEvents()
    titles = [field.title for field in plant.page.model.fields]
    hidden = [t for n, t in enumerate(titles) if plant.page.table.isColumnHidden(n)]
    assert hidden == ["Since", "Detection", "Picture", "Source"]
    assert plant.page.table.columnWidth(titles.index("Remarks")) > 80


def test_only_cells_that_changed_are_painted_again(plant: Plant) -> None:
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
def test_a_refresh_with_a_hundred_cameras_takes_little(plant: Plant) -> None:
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


def test_very_many_rows_are_all_painted_again(plant: Plant) -> None:
    """To compare thousands of cells would take longer than to paint those that are seen."""
    plant.put(**{f"c{number:03d}": 15 for number in range(501)})
    plant.page.refresh()
    told: list[tuple[int, int]] = []
    plant.page.model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    plant.page.refresh()
    assert told == [(0, 500)]
