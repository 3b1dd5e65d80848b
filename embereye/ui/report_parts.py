"""What a report is made of; `ui.report_pdf` writes it."""

from collections.abc import Sequence
from dataclasses import dataclass

from embereye.ui.theme import Look


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with the shape of its severity before it."""

    text: str
    look: Look


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column.

    Attributes:
        share: Of the width, in relation to the other columns.
        right: Numbers stand at the right.
    """

    title: str
    share: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, one for each column.

    Attributes:
        empty: What is said where there are no rows.
    """

    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[str | Marked]]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A value with its unit, large, and what it is.

    Attributes:
        look: Its judgement: shape, colour and word; None without one.
    """

    caption: str
    value: str
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Key figures side by side, four in a row."""

    figures: Sequence[KeyFigure]


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph; line breaks in it are kept."""

    text: str
    muted: bool = False


Block = Words | Figures | Table


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a title."""

    title: str
    blocks: Sequence[Block]
