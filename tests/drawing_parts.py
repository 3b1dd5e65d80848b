"""What somebody does who draws on a picture."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from embereye.ui.drawing_dialog import DrawingDialog

LEFT = Qt.MouseButton.LeftButton


def at(editor: DrawingDialog, x: float, y: float) -> QPoint:  # type: ignore[type-arg]
    """The place of a point of the picture on the canvas."""
    return editor.canvas.field().at((x, y)).toPoint()


def click(editor: DrawingDialog, *places: tuple[float, float]) -> None:  # type: ignore[type-arg]
    for place in places:
        QTest.mouseClick(editor.canvas, LEFT, pos=at(editor, *place))


def drag(
    editor: DrawingDialog,  # type: ignore[type-arg]
    begin: tuple[float, float],
    end: tuple[float, float],
) -> None:
    QTest.mousePress(editor.canvas, LEFT, pos=at(editor, *begin))
    QTest.mouseMove(editor.canvas, at(editor, *end))
    QTest.mouseRelease(editor.canvas, LEFT, pos=at(editor, *end))


def press(editor: DrawingDialog, *keys: Qt.Key) -> None:  # type: ignore[type-arg]
    for key in keys:
        QTest.keyClick(editor.canvas, key)
