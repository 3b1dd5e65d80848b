"""Which columns of a table are shown: by room, until somebody chooses."""

from collections.abc import Collection

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QTableView, QToolButton


class ColumnChoice(QObject):
    """A button with the columns of one table to tick; the same menu on the table's head.

    What was chosen is kept however wide the table becomes. GUI thread.

    Attributes:
        button: For the tools of the page.
    """

    def __init__(self, table: QTableView, roomy: int, late: Collection[int]) -> None:
        """Columns in `late` wait until the table is `roomy` px wide. The first is always shown."""
        super().__init__(table)
        self._table, self._roomy, self._late = table, roomy, frozenset(late)
        self._chosen: dict[int, bool] = {}
        self.button = QToolButton()
        self.button.setText(self.tr("Columns ▾"))
        self.button.setAccessibleName(self.tr("Choose columns"))
        self.button.setProperty("role", "day")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.button)
        self.button.setMenu(self._menu)
        model = table.model()
        for column in range(1, model.columnCount()):
            caption = model.headerData(column, Qt.Orientation.Horizontal)
            action = self._menu.addAction(str(caption))
            action.setCheckable(True)
            action.setChecked(True)
            action.setData(column)
        self._menu.triggered.connect(self._choose)
        header = table.horizontalHeader()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._offer)
        table.installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The table has another width now."""
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        roomy = self._table.width() >= self._roomy
        for action in self._menu.actions():
            column = action.data()
            shown = self._chosen.get(column, roomy or column not in self._late)
            action.setChecked(shown)
            self._table.setColumnHidden(column, not shown)

    @Slot(QAction)
    def _choose(self, action: QAction) -> None:
        self._chosen[action.data()] = action.isChecked()
        self._fit()

    @Slot(QPoint)
    def _offer(self, at: QPoint) -> None:
        self._menu.popup(self._table.horizontalHeader().mapToGlobal(at))
