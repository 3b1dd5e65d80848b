"""Reports as PDF: everything is there, on numbered pages, readable."""

import re
from pathlib import Path

import pytest
from PySide6.QtPdf import QPdfDocument

from embereye.model.alarm import AlarmKind, Priority
from embereye.ui.report_pdf import (
    Figures,
    KeyFigure,
    Marked,
    Report,
    Section,
    Table,
    TableColumn,
    Words,
    write_pdf,
)
from embereye.ui.theme import DARK, Tokens, kind_look

COLUMNS = (TableColumn("Place", 2), TableColumn("What", 4), TableColumn("Reports", 1, right=True))


def table(*rows: tuple[str, str, str], empty: str = "") -> Report:
    return Report("Alarms", (Section("Open", (Table(COLUMNS, rows, empty),)),))


def texts(path: Path) -> list[str]:
    """The letters of each page; where words end is a guess of whoever reads a PDF."""
    document = QPdfDocument()
    assert document.load(str(path)) == QPdfDocument.Error.None_
    pages = [
        "".join(document.getAllText(number).text().split())
        for number in range(document.pageCount())
    ]
    document.close()
    return pages


def test_each_page_has_the_head_of_the_table_and_its_number(
    colours: Tokens, tmp_path: Path
) -> None:
    path = tmp_path / "alarms.pdf"
    rows = [(f"hall {number}", "smoke", str(number)) for number in range(200)]
    count = write_pdf(path, table(*rows))
    pages = texts(path)
    assert len(pages) == count > 1
    for number, page in enumerate(pages, 1):
        assert page.endswith(f"Page{number}of{count}")
        assert "Reports" in page
    whole = "".join(pages)
    assert all(f"hall{number}smoke{number}" in whole for number in range(200))


def test_a_row_higher_than_a_page_goes_on_on_the_next_and_loses_nothing(
    colours: Tokens, tmp_path: Path
) -> None:
    path = tmp_path / "alarms.pdf"
    long = " ".join(f"w{number}e" for number in range(1_700))  # 10,000 characters
    write_pdf(path, table(("hall", "short", "1"), ("yard", long, "2"), ("gate", "after", "3")))
    pages = texts(path)
    assert len(pages) > 1
    assert re.findall(r"w\d+e", "".join(pages)) == long.split()
    assert "gateafter3" in pages[-1]


def test_a_word_without_a_break_stays_in_its_cell(colours: Tokens, tmp_path: Path) -> None:
    path = tmp_path / "alarms.pdf"
    write_pdf(path, table(("x" * 600, "beside", "1")))
    whole = "".join(texts(path))
    assert whole.count("x") == 600
    assert "beside" in whole


def test_right_to_left_and_control_characters_are_written(colours: Tokens, tmp_path: Path) -> None:
    path = tmp_path / "alarms.pdf"
    write_pdf(path, table(("קומה ב", "a\x00b\u202ec\nnext line", "7")))
    whole = "".join(texts(path))
    assert "קומה" in whole or "המוק" in whole
    assert "abc" in whole
    assert "\x00" not in whole


def test_an_empty_table_says_so(colours: Tokens, tmp_path: Path) -> None:
    path = tmp_path / "alarms.pdf"
    assert write_pdf(path, table(empty="No alarm is open.")) == 1
    assert "Noalarmisopen." in texts(path)[0]


def test_figures_words_and_marks_are_written(colours: Tokens, tmp_path: Path) -> None:
    path = tmp_path / "hand-over.pdf"
    look = kind_look(DARK, AlarmKind.FIRE, Priority.EMERGENCY)
    figures = Figures([KeyFigure(f"figure {n}", f"{n}.5", look if n else None) for n in range(5)])
    sections = (
        Section("Figures", (figures,)),
        Section("Notes", (Words("The gate sticks."), Words("quiet", muted=True))),
        Section("Open", (Table(COLUMNS[:1], [(Marked("FIRE", look),)]),)),
    )
    report = Report("Hand-over", sections, lines=("Shift B",), foot="Plant North")
    assert write_pdf(path, report) == 1
    page = texts(path)[0]
    said = ("Hand-over", "ShiftB", "4.5", "figure4·FIRE", "gatesticks", "PlantNorth")
    assert [text for text in said if text not in page] == []


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_stopped_work_writes_nothing(colours: Tokens, tmp_path: Path, share: float) -> None:
    path = tmp_path / "alarms.pdf"
    path.write_bytes(b"before")
    rows = [("hall", "smoke", "1")] * 500
    assert write_pdf(path, table(*rows), lambda done: done < share) == 0
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_gone_is_an_error(colours: Tokens, tmp_path: Path) -> None:
    path = tmp_path / "gone" / "alarms.pdf"
    with pytest.raises(OSError, match="gone") as told:
        write_pdf(path, table())
    assert told.value.filename == str(path)
