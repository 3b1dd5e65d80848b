"""The rail fits the window, however many pages there are."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from embereye.ui.rail import Entry, Rail
from embereye.ui.theme import Tokens


@pytest.fixture
def rail(colours: Tokens, qtbot: object) -> Iterator[Rail]:
    box = QWidget()
    qtbot.addWidget(box)  # type: ignore[attr-defined]
    made = Rail([Entry("wall", f"Page {number}") for number in range(13)], colours)
    QHBoxLayout(box).addWidget(made)
    box.resize(200, 1000)
    box.show()
    yield made
    box.hide()


def test_a_long_rail_makes_no_window_higher_than_the_screen(rail: Rail) -> None:
    assert rail.window().minimumSizeHint().height() < 200


def test_captions_go_where_there_is_no_room_and_come_back(rail: Rail) -> None:
    buttons = rail.findChildren(QToolButton)
    captions = Qt.ToolButtonStyle.ToolButtonTextUnderIcon
    assert {button.toolButtonStyle() for button in buttons} == {captions}
    rail.window().resize(200, 620)
    assert {b.toolButtonStyle() for b in buttons} == {Qt.ToolButtonStyle.ToolButtonIconOnly}
    assert all(button.toolTip() == button.accessibleName() for button in buttons)
    rail.layout().activate()  # type: ignore[union-attr]
    assert buttons[-1].geometry().bottom() <= rail.height()
    rail.window().resize(200, 1000)
    assert {button.toolButtonStyle() for button in buttons} == {captions}
