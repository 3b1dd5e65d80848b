"""What a rule that is edited means, and what it would say now, source by source."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from embereye.model.rule_preview import ConditionPreview, RulePreview, SourcePreview, Standing
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.theme import ROW_HEIGHT, Look, Shape, Tokens
from embereye.ui.words import span

_WIDTH = 420  # px
_MARGIN = 16  # px
_SOURCES = 24  # of one condition that are listed; more do not fit on a screen
_ORDER = (Standing.HOLDS, Standing.UNKNOWN, Standing.NOT)


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One line: a condition, or below it one of its sources."""

    key: str
    text: str
    value: str = ""
    age: float | None = None
    state: Standing = Standing.UNKNOWN
    head: bool = False


class RulePreviewPane(QFrame):
    """Meaning, verdict, table, remarks. GUI thread."""

    def __init__(self, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.setFixedWidth(_WIDTH)
        self._colours = colours
        self.meaning, self.verdict, self.remarks = QLabel(), QLabel(), QLabel()
        for label in (self.meaning, self.verdict, self.remarks):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setProperty("role", "strong")
        self.remarks.setProperty("role", "fault")
        self.model: Rows[PreviewRow] = Rows(self._fields(), lambda row: row.key, self)
        name = self.tr("Values of the conditions now")
        self.table = rows_view(self.model, name, RowDelegate(colours, self))
        self.table.setWordWrap(True)
        self.table.verticalHeader().setMinimumSectionSize(ROW_HEIGHT)
        self._texts: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column.setSpacing(8)
        column.addWidget(_caption(self.tr("What it means")))
        column.addWidget(self.meaning)
        column.addWidget(_caption(self.tr("Now")))
        column.addWidget(self.verdict)
        column.addWidget(self.table, 1)
        column.addWidget(self.remarks)

    def explain(self, meaning: str, remarks: tuple[str, ...]) -> None:
        """Show what it means, and what is unwise about it."""
        self.meaning.setText(meaning)
        self.meaning.setAccessibleName(meaning)
        self.remarks.setText("\n".join(f"△ {text[:1].upper()}{text[1:]}" for text in remarks))
        self.remarks.setVisible(bool(remarks))

    def show_preview(self, preview: RulePreview, verdict: str) -> None:
        """Show the newest values; `verdict` sums them up."""
        self.verdict.setText(verdict)
        rows = list(_rows(preview))
        self.model.show(rows)
        texts = [row.text for row in rows]
        if texts != self._texts:
            # Not by itself after each value: the view would measure all rows for each that changed.
            self._texts = texts
            self.table.resizeRowsToContents()

    def show_words(self, verdict: str) -> None:
        """There are no values to show."""
        self.verdict.setText(verdict)
        self.model.show([])

    def _fields(self) -> list[Field[PreviewRow]]:
        return [
            Field(self.tr("Condition"), lambda row: row.text, 0, colour=self._ink),
            Field(self.tr("Value"), lambda row: row.value or "–", 76, right=True),
            Field(self.tr("Age"), _age, 52, right=True),
            Field(self.tr("Holds"), self._word, 100, look=self._look, colour=self._colour),
        ]

    def _ink(self, row: PreviewRow) -> str:
        return "" if row.head else self._colours.muted

    def _word(self, row: PreviewRow) -> str:
        return {
            Standing.HOLDS: self.tr("holds"),
            Standing.NOT: self.tr("no"),
            Standing.UNKNOWN: self.tr("unknown"),
        }[row.state]

    def _look(self, row: PreviewRow) -> Look | None:
        if row.state is Standing.HOLDS:
            return Look(self._colours.text, Shape.SQUARE, True, "")
        if row.state is Standing.UNKNOWN:
            return Look(self._colours.fault, Shape.TRIANGLE, False, "")
        return Look(self._colours.muted, Shape.CIRCLE, False, "")

    def _colour(self, row: PreviewRow) -> str:
        known = {Standing.UNKNOWN: self._colours.fault, Standing.NOT: self._colours.muted}
        return known.get(row.state, "")


def _rows(preview: RulePreview) -> Iterator[PreviewRow]:
    several = len(preview.groups) > 1
    for g, group in enumerate(preview.groups, 1):
        for c, condition in enumerate(group, 1):
            number = f"{g}.{c}" if several else f"{c}"
            yield from _condition(number, condition)


def _condition(number: str, condition: ConditionPreview) -> Iterator[PreviewRow]:
    sources = condition.sources
    if len(sources) == 1:
        yield _source(number, f"{number}  {sources[0].text}", sources[0], head=True)
        return
    text = f"{number}  any of {len(sources)} sources" if sources else f"{number}  nothing is there"
    yield PreviewRow(number, text, state=condition.state, head=True)
    shown = sources
    if len(sources) > _SOURCES:  # what holds must be seen, then what is not known
        shown = tuple(sorted(sources, key=lambda source: _ORDER.index(source.state))[:_SOURCES])
    for place, source in enumerate(shown):
        yield _source(f"{number} {place}", f"– {source.text}", source)
    if len(sources) > _SOURCES:
        text = f"– and {len(sources) - _SOURCES} more"
        yield PreviewRow(f"{number} more", text, state=condition.state)


def _source(key: str, text: str, source: SourcePreview, head: bool = False) -> PreviewRow:
    return PreviewRow(key, text, source.value, source.age, source.state, head)


def _age(row: PreviewRow) -> str:
    return "" if row.age is None else span(row.age)


def _caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label
