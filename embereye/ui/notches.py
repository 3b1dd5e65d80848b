"""The wheel in whole notches."""

from PySide6.QtGui import QWheelEvent

_NOTCH = 120  # eighths of a degree (QWheelEvent.angleDelta); touch pads send parts of it


class Notches:
    """Gathers the turns of a wheel. GUI thread."""

    def __init__(self) -> None:
        self._rest = 0

    def turned(self, event: QWheelEvent) -> int:
        """Whole notches turned since the last one; above 0: away from the person."""
        delta = event.angleDelta().y()
        if delta * self._rest < 0:  # turned back: what was gathered one way is over
            self._rest = 0
        self._rest += delta
        whole = int(self._rest / _NOTCH)
        self._rest -= whole * _NOTCH
        return whole
