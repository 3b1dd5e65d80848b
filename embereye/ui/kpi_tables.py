"""The tables below the key figures: most alarms, floods, stale alarms."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from embereye.model.kpi import BadActor, FloodPeriod, Standing
from embereye.runtime.clock import Clock
from embereye.ui import words
from embereye.ui.foreign_text import one_line
from embereye.ui.kpi_words import actor_words, flood_words, stale_words
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.theme import Look, Tokens, kind_look

T = TypeVar("T")


class TitledTable(QWidget, Generic[T]):
    """A table under its title, or words where it is empty. GUI thread."""

    def __init__(
        self,
        colours: Tokens,
        title: str,
        empty: str,
        fields: Sequence[Field[T]],
        key: Callable[[T], object],
    ) -> None:
        super().__init__()
        self.model: Rows[T] = Rows(fields, key, self)
        self.table = rows_view(self.model, title, RowDelegate(colours, self))
        head, nothing = QLabel(title), QLabel(empty)
        head.setProperty("role", "strong")
        nothing.setProperty("role", "muted")
        nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self.table)
        self._stack.addWidget(nothing)
        self._stack.setCurrentIndex(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(head)
        column.addWidget(body, 1)

    def show_rows(self, rows: Sequence[T]) -> None:
        """Show these; selection and scroll position stay where they can."""
        self.model.show(rows)
        self._stack.setCurrentIndex(0 if rows else 1)


def actor_table(colours: Tokens) -> TitledTable[BadActor]:
    """The sources of most alarms."""

    def look(row: BadActor) -> Look:
        return kind_look(colours, row.key.kind, row.priority)

    fields: list[Field[BadActor]] = [
        Field(
            _tr("Priority"),
            lambda row: words.priority_word(look(row).word),
            112,
            colour=lambda row: look(row).colour,
            look=look,
        ),
        Field(_tr("Place"), lambda row: one_line(row.place_name), 0),
        Field(_tr("Kind"), lambda row: one_line(actor_words(row)), 220),
        Field(_tr("Alarms"), lambda row: f"{row.count:,}", 80, right=True),
        Field(_tr("Share"), lambda row: f"{row.share:.0%}", 72, right=True),
        Field(_tr("Remark"), lambda row: _tr("chattering") if row.chattering else "", 112),
    ]
    empty = _tr("There was no alarm in this time.")
    return TitledTable(colours, _tr("Most alarms"), empty, fields, lambda row: row.key)


def flood_table(colours: Tokens) -> TitledTable[FloodPeriod]:
    """When alarms came faster than people can read."""
    fields: list[Field[FloodPeriod]] = [
        Field(_tr("Began"), lambda row: flood_words(row)[0], 0),
        Field(_tr("Lasted"), lambda row: flood_words(row)[1], 88, right=True),
        Field(_tr("Alarms"), lambda row: flood_words(row)[2], 80, right=True),
    ]
    empty = _tr("There was no flood: never ten alarms in ten minutes.")
    return TitledTable(colours, _tr("Floods"), empty, fields, lambda row: row.begin_utc)


def stale_table(colours: Tokens, clock: Clock) -> TitledTable[Standing]:
    """Alarms that stand for long."""

    def told(row: Standing) -> tuple[str, str, str]:
        return stale_words(row, clock.now().utc)

    fields: list[Field[Standing]] = [
        Field(_tr("Place"), lambda row: one_line(told(row)[0]), 0),
        Field(_tr("Kind"), lambda row: one_line(told(row)[1]), 140),
        Field(_tr("For"), lambda row: told(row)[2], 72, right=True),
    ]
    empty = _tr("No alarm stands for over 24 h.")
    return TitledTable(colours, _tr("Stale alarms"), empty, fields, lambda row: row.alarm)


def _tr(text: str) -> str:
    return QCoreApplication.translate("kpi_tables", text)
