"""The row of tools above the thermal picture of the editor."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QToolButton, QWidget

from embereye.ui.thermal_canvas import Tool


class RegionTools(QWidget):
    """Chooses what a click does. GUI thread.

    Signals:
        tool_chosen: (Tool)
        frozen: (bool)
    """

    tool_chosen = Signal(object)
    frozen = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.idClicked.connect(self._choose)
        self.whole_button = QPushButton(self.tr("Whole picture"))
        self.remove_button = QPushButton(self.tr("Remove"))
        self.freeze_button = QToolButton()
        self.freeze_button.setText(self.tr("Freeze"))
        self.freeze_button.setCheckable(True)
        self.freeze_button.toggled.connect(self.frozen)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for number, tool in enumerate(Tool):
            row.addWidget(self._tool(number, tool))
        row.addWidget(self.whole_button)
        row.addWidget(self.remove_button)
        row.addStretch(1)
        row.addWidget(self.freeze_button)

    def show_tool(self, tool: Tool) -> None:
        """Mark the tool that is in use; a finished shape leaves its tool."""
        self._group.button(tuple(Tool).index(tool)).setChecked(True)

    def chosen(self) -> Tool:
        """The tool that is marked."""
        return tuple(Tool)[self._group.checkedId()]

    @Slot(int)
    def _choose(self, number: int) -> None:
        self.tool_chosen.emit(tuple(Tool)[number])

    def _tool(self, number: int, tool: Tool) -> QToolButton:
        captions = {
            Tool.SELECT: self.tr("Select"),
            Tool.POINT: self.tr("Point"),
            Tool.LINE: self.tr("Line"),
            Tool.POLYGON: self.tr("Polygon"),
            Tool.MASK: self.tr("Mask"),
        }
        button = QToolButton()
        button.setText(captions[tool])
        button.setCheckable(True)
        button.setChecked(tool is Tool.SELECT)
        self._group.addButton(button, number)
        return button
