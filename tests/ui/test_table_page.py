"""What stays chosen, and where a table stands, while its rows come, go and move."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStyledItemDelegate

from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.table_page import RowChoice, filter_field


class Listed:
    """A table of words, each its own key."""

    def __init__(self, qtbot, first=True):
        self.model = Rows([Field("Word", str, 100)], lambda row: row)
        delegate = QStyledItemDelegate(self.model)
        self.table = rows_view(self.model, "Words", delegate, sortable=True)
        qtbot.addWidget(self.table)
        self.choice = RowChoice(self.table, self.model, first)
        self.moves = []
        self.choice.moved.connect(self.moves.append)


@pytest.fixture
def listed(qtbot):
    return Listed(qtbot)


def test_the_first_row_is_chosen_at_the_beginning(listed):
    listed.model.show(["a", "b"])

    assert listed.choice.row() == "a"
    assert listed.moves == ["a"]


def test_the_chosen_row_stays_chosen_where_it_moves_to(listed):
    listed.model.show(["a", "b", "c"])
    listed.choice.choose("b")

    listed.model.show(["x", "c", "b"])

    assert listed.choice.row() == "b"


def test_sorting_keeps_the_chosen_row(listed):
    listed.model.show(["a", "b", "c"])
    listed.choice.choose("a")

    listed.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)

    assert (listed.choice.row(), listed.table.currentIndex().row()) == ("a", 2)


def test_where_it_goes_the_first_takes_its_place(listed):
    listed.model.show(["a", "b"])
    listed.choice.choose("b")

    listed.model.show(["a", "c"])

    assert listed.choice.row() == "a"


def test_nothing_takes_its_place_where_that_could_mislead(qtbot):
    listed = Listed(qtbot, first=False)
    listed.model.show(["a", "b"])
    listed.choice.choose("b")

    listed.model.show(["a", "c"])

    assert listed.choice.row() is None


def test_a_row_that_comes_later_is_chosen_then(qtbot):
    listed = Listed(qtbot, first=False)
    listed.choice.choose("b")

    listed.model.show(["a", "b"])

    assert listed.choice.row() == "b"


def test_the_table_stays_scrolled_where_it_is(listed):
    words = [f"{number:03d}" for number in range(200)]
    listed.table.resize(200, 300)
    listed.table.show()
    listed.model.show(words)
    listed.table.verticalScrollBar().setValue(77)

    listed.model.show([*words, "more"])

    assert listed.table.verticalScrollBar().value() == 77


def test_a_filter_is_named_for_screen_readers(qtbot):
    field = filter_field("Filter: name …", "Filter words", 200)
    qtbot.addWidget(field)

    assert (field.accessibleName(), field.width()) == ("Filter words", 200)
