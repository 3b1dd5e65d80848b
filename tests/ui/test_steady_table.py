"""Rows that come, go and move: what was marked and looked at stays so."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from embereye.ui.rows import Field
from embereye.ui.steady_rows import SteadyFields
from embereye.ui.steady_table import SteadyTable
from embereye.ui.theme import Tokens

Row = tuple[int, str]
FIELDS: list[Field[Row]] = [
    Field("Number", lambda row: str(row[0]), 80),
    Field("Text", lambda row: row[1], 80),
]


def rows(*numbers: int, text: str = "") -> list[Row]:
    return [(number, text) for number in numbers]


@pytest.fixture
def model(colours: Tokens) -> SteadyFields[Row]:
    return SteadyFields(FIELDS, lambda row: row[0])


@pytest.fixture
def table(model: SteadyFields[Row], qtbot: object) -> Iterator[SteadyTable]:
    made = SteadyTable(model, "numbers")
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(300, 32 * 10 + made.horizontalHeader().height())
    made.show()
    yield made
    made.close()


def show(table: SteadyTable, model: SteadyFields[Row], new: list[Row]) -> None:
    with table.steady():
        model.replace(new)


def mark(table: SteadyTable, model: SteadyFields[Row], *numbers: int) -> None:
    """Select these keys, the last one current."""
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    table.clearSelection()
    for number in numbers:
        index = model.index(model.number_of(number) or 0, 0)
        table.selectionModel().setCurrentIndex(index, flags)


def marked(table: SteadyTable, model: SteadyFields[Row]) -> list[object]:
    return sorted(model.key(row) for row in table.chosen())  # type: ignore[type-var]


keys = st.lists(st.integers(0, 30), unique=True, max_size=25)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(keys, min_size=2, max_size=6))
def test_whatever_changes_each_mark_follows_its_key(
    model: SteadyFields[Row], steps: list[list[int]]
) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.replace([])
    for number, step in enumerate(steps):
        marks = {
            model.key(row): QPersistentModelIndex(model.index(row, 0))
            for row in range(model.rowCount())
        }
        new = rows(*step, text=str(number))
        model.replace(new)
        assert [model.row(row) for row in range(model.rowCount())] == new
        for key, index in marks.items():
            assert index.isValid() is (key in step)
            if index.isValid():
                assert model.key(index.row()) == key
                assert index.row() == model.number_of(key)
    assert tester.model() is model


def test_selection_and_current_row_follow_while_rows_come_go_and_move(
    table: SteadyTable, model: SteadyFields[Row]
) -> None:
    show(table, model, rows(*range(50)))
    mark(table, model, 3, 20, 21, 40)
    show(table, model, rows(*range(100, 130), *range(49, 10, -1), 3))
    assert marked(table, model) == [3, 20, 21, 40]
    assert model.key(table.currentIndex().row()) == 40


def test_rows_that_go_leave_the_selection_and_no_other_becomes_current(
    table: SteadyTable, model: SteadyFields[Row]
) -> None:
    show(table, model, rows(*range(50)))
    mark(table, model, 5, 6, 7)
    show(table, model, rows(*(n for n in range(50) if n not in (6, 7))))
    assert marked(table, model) == [5]
    assert not table.currentIndex().isValid()


def test_a_row_that_comes_back_is_not_selected_by_itself(
    table: SteadyTable, model: SteadyFields[Row]
) -> None:
    show(table, model, rows(1, 2, 3))
    mark(table, model, 2)
    show(table, model, rows(1, 3))
    show(table, model, rows(1, 2, 3))
    assert marked(table, model) == []


def test_a_selection_with_shift_goes_on_from_its_anchor_after_a_change(
    table: SteadyTable, model: SteadyFields[Row], qtbot: object
) -> None:
    show(table, model, rows(*range(20)))
    table.choose(5)
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    show(table, model, rows(-1, *range(20)))
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert marked(table, model) == [5, 6, 7]


def height(table: SteadyTable, model: SteadyFields[Row], key: int) -> int:
    return table.rowViewportPosition(model.number_of(key) or 0)


@pytest.mark.parametrize(
    "after",
    [
        rows(*range(200, 240), *range(100)),  # above
        rows(*range(20, 100)),  # gone above
        rows(*range(100), *range(200, 240)),  # below
        rows(*range(200, 203), *range(30), *range(35, 70), *range(90, 80, -1)),  # all over
        rows(50, *range(50), *range(51, 100)),  # one that was in sight moved away
    ],
)
def test_rows_in_sight_stay_at_their_height(
    table: SteadyTable, model: SteadyFields[Row], after: list[Row]
) -> None:
    show(table, model, rows(*range(100)))
    table.verticalScrollBar().setValue(44)
    before = height(table, model, 47)
    show(table, model, after)
    assert height(table, model, 47) == before


@pytest.mark.parametrize("gone", [(45,), (48, 49), (45, 46, 48, 52), (44, 45, 46)])
def test_the_current_row_stays_at_its_height_when_rows_around_it_go(
    table: SteadyTable, model: SteadyFields[Row], gone: tuple[int, ...]
) -> None:
    show(table, model, rows(*range(100)))
    table.verticalScrollBar().setValue(43)
    table.choose(47)
    before = height(table, model, 47)
    show(table, model, rows(*(number for number in range(100) if number not in gone)))
    assert height(table, model, 47) == before


def test_the_list_does_not_run_after_a_current_row_that_moves_far_away(
    table: SteadyTable, model: SteadyFields[Row]
) -> None:
    show(table, model, rows(*range(100)))
    table.verticalScrollBar().setValue(43)
    table.choose(47)
    before = height(table, model, 45)
    show(table, model, rows(*range(47), *range(48, 100), 47))
    assert height(table, model, 45) == before


def test_the_upper_end_stays_the_upper_end(table: SteadyTable, model: SteadyFields[Row]) -> None:
    show(table, model, rows(*range(100)))
    show(table, model, rows(200, *range(100)))
    assert height(table, model, 200) == 0


def test_nothing_in_sight_is_left_and_the_table_goes_on(
    table: SteadyTable, model: SteadyFields[Row]
) -> None:
    show(table, model, rows(*range(100)))
    table.verticalScrollBar().setValue(44)
    show(table, model, [])
    show(table, model, rows(*range(5)))
    assert list(table.on_screen()) == [0, 1, 2, 3, 4]


def test_bare_letters_are_left_to_the_page(
    table: SteadyTable, model: SteadyFields[Row], qtbot: object
) -> None:
    show(table, model, [(1, "a"), (2, "s")])
    table.choose(0)
    QTest.keyClick(table, Qt.Key.Key_S)
    assert table.currentIndex().row() == 0
