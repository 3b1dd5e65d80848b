"""Several choices of few: one check box each."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

_COLUMNS = 3


class ChoiceBoxes(QWidget):
    """Check boxes in rows of three. GUI thread.

    Signals:
        edited: ()
    """

    edited = Signal()

    def __init__(self, name: str, choices: Sequence[str]) -> None:
        """`name`: what is chosen, for people who cannot see it."""
        super().__init__()
        self._boxes = {choice: QCheckBox(choice) for choice in choices}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for number, (choice, box) in enumerate(self._boxes.items()):
            box.setAccessibleName(f"{name}: {choice}")
            box.toggled.connect(self._edited)
            grid.addWidget(box, number // _COLUMNS, number % _COLUMNS)

    def choose(self, chosen: Iterable[object]) -> None:
        """Tick these and no others."""
        ticked = {str(choice) for choice in chosen}
        for choice, box in self._boxes.items():
            box.setChecked(choice in ticked)

    def chosen(self) -> tuple[str, ...]:
        """What is ticked, in the order shown."""
        return tuple(choice for choice, box in self._boxes.items() if box.isChecked())

    @Slot()
    def _edited(self) -> None:
        self.edited.emit()
