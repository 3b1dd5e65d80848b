"""Drawing a curve whose gaps stay gaps."""

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPolygonF


def draw_runs(painter: QPainter, points: Iterable[tuple[float, float]]) -> None:
    """Join neighbours with the painter's pen; x, y in px, NaN in y is a gap.

    A value between two gaps is a point.
    """
    run: list[QPointF] = []
    for x, y in points:
        if np.isfinite(y):
            run.append(QPointF(x, y))
        else:
            _draw(painter, run)
            run = []
    _draw(painter, run)


def _draw(painter: QPainter, run: list[QPointF]) -> None:
    if len(run) == 1:
        painter.drawPoint(run[0])
    elif run:
        painter.drawPolyline(QPolygonF(run))
