"""Reports as PDF files, A4: a title, sections of words, key figures and tables, page numbers.

A report is made of values only, so that any page can make one:

    report = Report(
        title="Hand-over",
        lines=("Shift B, 2026-03-01 22:00–06:00", "operator 2 to operator 1"),
        sections=(
            Section("Figures", (Figures((KeyFigure("Alarms per hour", "4.2"),)),)),
            Section("Open alarms", (Table(columns, rows, empty="No alarm is open."),)),
            Section("Notes", (Words("The gate of hall 3 sticks."),)),
        ),
    )
    pages = write_pdf(Path("hand-over.pdf"), report)

Texts wrap, right-to-left ones run from the right, a row higher than a page goes on on the next
one, and the head of a table is repeated there. `ui.report_flow` lays the pages out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import (
    QBuffer,
    QCoreApplication,
    QIODevice,
    QMarginsF,
    QPointF,
    QRectF,
    QSizeF,
    Qt,
)
from PySide6.QtGui import QColor, QPageLayout, QPageSize, QPainter, QPdfWriter

from embereye.services.safe_file import write_whole
from embereye.ui.report_flow import GREY, Flow, Sheet
from embereye.ui.report_parts import Figures, KeyFigure, Marked, Section, Table, TableColumn, Words

__all__ = [
    "Figures",
    "KeyFigure",
    "Marked",
    "Report",
    "Section",
    "Table",
    "TableColumn",
    "Words",
    "write_pdf",
]

DPI = 300  # device pixels per inch that texts are placed by
_MARGIN = 15.0  # mm on all sides; printers leave up to 6.4 mm blank
_FOOT = 8.0  # mm below the text, for page numbers
_FOOT_TYPE = 8.0  # pt
_LAID_OUT = 0.8  # share of the work that is done before anything is painted (measured)

Going = Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class Report:
    """One document.

    Attributes:
        lines: Under the title: what it is about, its period, its author.
        foot: At the left of the foot of each page.
        landscape: Long edge across, for wide tables.
    """

    title: str
    sections: Sequence[Section]
    lines: Sequence[str] = ()
    foot: str = ""
    landscape: bool = False


def write_pdf(path: Path, report: Report, going: Going = lambda _share: True) -> int:
    """Write the report to `path`; the number of pages. Any thread; takes 1–2 ms a table row.

    Args:
        going: Told now and then which share (0–1) is done; False stops, then nothing is written.

    Returns:
        0 when it was stopped.

    Raises:
        OSError, FileNameError: The file cannot be written. One that was there stays as it was.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    pages = _paint(buffer, report, going)
    if pages:
        write_whole(path, bytes(buffer.data().data()), replace=True)
    return pages


def _paint(device: QIODevice, report: Report, going: Going) -> int:
    writer = QPdfWriter(device)
    writer.setResolution(DPI)
    writer.setTitle(report.title)
    writer.setCreator("EmberEye")
    writer.setPageLayout(_page(report.landscape))
    area = QRectF(writer.pageLayout().paintRectPixels(DPI))
    room = QRectF(0, 0, area.width(), area.height() - _FOOT * DPI / 25.4)
    sheet = Sheet(room, DPI)
    flow = Flow(sheet, lambda share: going(share * _LAID_OUT))
    flow.head(report.title, report.lines)
    for section in report.sections:
        if not flow.add(section):
            return 0
    pages = flow.pages
    painter = QPainter(writer)
    try:
        for number, page in enumerate(pages):
            if not going(_LAID_OUT + (1 - _LAID_OUT) * number / len(pages)):
                return 0
            if number:
                writer.newPage()
            for draw in page:
                draw(painter)
            painter.setFont(sheet.font(_FOOT_TYPE))
            _foot(painter, report, number + 1, len(pages), area.size())
    finally:
        painter.end()
    return len(pages)


def _page(landscape: bool) -> QPageLayout:
    way = QPageLayout.Orientation.Landscape if landscape else QPageLayout.Orientation.Portrait
    margins = QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    size = QPageSize(QPageSize.PageSizeId.A4)
    return QPageLayout(size, way, margins, QPageLayout.Unit.Millimeter)


def _foot(painter: QPainter, report: Report, number: int, count: int, size: QSizeF) -> None:
    width, height = size.width(), _FOOT / 2 * DPI / 25.4
    box = QRectF(0, size.height() - height, width, height)
    painter.setPen(QColor(GREY))
    painter.drawLine(QPointF(0, box.top() - 6), QPointF(width, box.top() - 6))
    middle = Qt.AlignmentFlag.AlignVCenter
    left = f"{report.title} · {report.foot}" if report.foot else report.title
    side = box.adjusted(0, 0, -width / 4, 0)
    words = painter.fontMetrics().elidedText(left, Qt.TextElideMode.ElideRight, round(side.width()))
    painter.drawText(side, Qt.AlignmentFlag.AlignLeft | middle, words)
    text = QCoreApplication.translate("report_pdf", "Page {0} of {1}").format(number, count)
    painter.drawText(box, Qt.AlignmentFlag.AlignRight | middle, text)
