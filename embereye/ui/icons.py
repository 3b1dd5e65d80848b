"""The project's own line icons, coloured from the theme."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from embereye.runtime.resources import ResourceMissing, resource
from embereye.ui.theme import Tokens

_DRAWN_IN = "#E7EAED"  # every icon file uses this one colour
_SIZES = (24, 48, 72)  # px: scale factors 1, 2 and 3


@lru_cache(maxsize=64)
def icon(name: str, colours: Tokens) -> QIcon:
    """The icon `resources/icons/<name>.svg`: muted, and in text colour while checked.

    A missing or broken file gives an empty icon; the text beside it still says what it is.
    """
    made = QIcon()
    for colour, state in (
        (colours.muted, QIcon.State.Off),
        (colours.text, QIcon.State.On),
    ):
        for size in _SIZES:
            pixmap = _draw(name, colour, size)
            if pixmap is not None:
                made.addPixmap(pixmap, QIcon.Mode.Normal, state)
    return made


def _draw(name: str, colour: str, size: int) -> QPixmap | None:
    try:
        text = resource("icons", f"{name}.svg").read_text("utf-8")
    except (OSError, ResourceMissing):
        return None
    renderer = QSvgRenderer(QByteArray(text.replace(_DRAWN_IN, colour).encode()))
    if not renderer.isValid():
        return None
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
