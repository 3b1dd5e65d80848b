"""The wall with its header: group, pages, layouts."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.camera import CameraState
from embereye.model.ids import CameraId
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.freshness import Remedy, RemedyAsked
from embereye.ui.icons import icon
from embereye.ui.theme import Tokens
from embereye.ui.tile_menu import TileMenu
from embereye.ui.wall import WallCanvas
from embereye.ui.wall_keys import WallKeys
from embereye.ui.wall_mouse import WallMouse
from embereye.ui.wall_order import ALL
from embereye.ui.wall_zoom import WallZoom

_LAYOUTS = (1, 2, 3, 4, 5, 6, 8, 10)  # tiles per row and column


class WallPage(QWidget):
    """Header and canvas. GUI thread.

    Signals:
        full_screen_asked: ()
        acknowledge_asked: () the alarm of the selected tile
        snapshot_asked: (CameraId) save what this camera shows
        masks_asked: (CameraId) draw its privacy masks
        zones_asked: (CameraId) draw its zones and lines
        ptz_asked: () move the selected camera, or no longer
    """

    full_screen_asked = Signal()
    acknowledge_asked = Signal()
    snapshot_asked = Signal(object)
    masks_asked = Signal(object)
    zones_asked = Signal(object)
    ptz_asked = Signal()

    def __init__(self, console: Console, demands: Demands, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self.canvas = WallCanvas(console, demands, colours)
        self.zoom = WallZoom(self.canvas)
        self._keys = WallKeys(self.canvas, self.zoom)
        self._mouse = WallMouse(self.canvas, self.zoom)
        self._keys.typed.connect(self._typed)
        self._title = QComboBox()
        self._title.setAccessibleName(self.tr("Camera group"))
        self._title.setMinimumWidth(160)
        self._title.activated.connect(self._choose_group)
        self._name = QLabel(self.tr("All cameras"))
        self._name.setProperty("role", "title")
        self._facts = QLabel()
        self._facts.setProperty("role", "muted")
        self._digits = QLabel()
        self._digits.setProperty("role", "strong")
        self._layouts = QButtonGroup(self)
        self._layouts.idClicked.connect(self.choose_layout)
        self._turns: list[QToolButton] = []
        self.header = self._make_header(colours)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 4)
        column.setSpacing(0)
        column.addWidget(self.header)
        self._body = QHBoxLayout()
        self._body.setSpacing(0)
        self._body.addWidget(self.canvas, 1)
        column.addLayout(self._body, 1)
        self.canvas.arranged.connect(self._refresh)
        self.canvas.menu_asked.connect(self._menu)
        self._refresh()

    @Slot(int)
    def choose_layout(self, layout: int) -> None:
        """Show `layout` × `layout` tiles; 0 fits all cameras on one page."""
        self.canvas.order.choose_layout(layout)
        self.canvas.rearrange()

    def turn(self, pages: int) -> None:
        """Go to another page of the wall."""
        self.canvas.order.turn(pages)
        self.canvas.rearrange()

    def put_beside(self, panel: QWidget) -> None:
        """Let `panel` stand at the left of the tiles: popups and drawer are at the right."""
        self._body.insertWidget(0, panel)

    @Slot()
    def _refresh(self) -> None:
        order = self.canvas.order
        count = len(order.cameras)
        self._facts.setText(
            self.tr("{0} cameras · page {1} of {2}").format(count, order.page + 1, order.pages)
            if count != 1
            else self.tr("1 camera")
        )
        groups = [ALL, *order.groups]
        if [self._title.itemData(i) for i in range(self._title.count())] != groups:
            self._title.clear()
            for group in groups:
                self._title.addItem(group or self.tr("All cameras"), group)
        self._title.setCurrentIndex(groups.index(order.group))
        self._title.setVisible(len(groups) > 1)
        self._name.setVisible(len(groups) <= 1)
        button = self._layouts.button(order.layout)
        if button is not None:
            button.setChecked(True)
        for turn in self._turns:
            turn.setVisible(order.pages > 1)

    @Slot(int)
    def _choose_group(self, index: int) -> None:
        self.canvas.order.choose_group(str(self._title.itemData(index)))
        self.canvas.rearrange()
        self.canvas.setFocus()

    @Slot(str)
    def _typed(self, digits: str) -> None:
        self._digits.setText(self.tr("Tile {0} ↵").format(digits) if digits else "")

    @Slot()
    def _next(self) -> None:
        self.turn(1)

    @Slot()
    def _previous(self) -> None:
        self.turn(-1)

    @Slot(object)
    def _menu(self, at: QPoint) -> None:
        menu = self.tile_menu()
        if menu is not None:
            self.follow(menu, menu.exec(at))
            menu.deleteLater()

    def tile_menu(self) -> TileMenu | None:
        """What the selected tile offers."""
        camera = self.canvas.selected
        rows, seen = self._console.settings().cameras, self._console.cameras().cameras
        row = next((row for row in rows if row.id == camera), None)
        if camera is None or row is None:
            return None
        status = next((c for c in seen if c.id == camera), None)
        return TileMenu(
            row,
            self,
            alarmed=self.canvas.alarmed(camera),
            zoomed=self.zoom.zoomed(camera),
            off=status is not None and status.state is CameraState.DISABLED,
        )

    def follow(self, menu: TileMenu, chosen: QAction | None) -> None:
        """Do what was chosen in the menu of the selected tile, and what was switched there."""
        switched = menu.overlays.request(self._console.settings().operator)
        if switched is not None:
            self._console.ask(switched)
        if chosen in menu.entries:
            self._do(menu.entries[chosen])

    def _do(self, chosen: str) -> None:
        canvas, camera = self.canvas, self.canvas.selected
        if camera is None:
            return
        plain: dict[str, Callable[[], object]] = {
            "acknowledge": self.acknowledge_asked.emit,
            "thermal": canvas.toggle_thermal,
            "boxes": canvas.toggle_boxes,
            "figures": canvas.toggle_figures,
            "ptz": self.ptz_asked.emit,
        }
        with_camera: dict[str, Callable[[CameraId], object]] = {
            "maximise": canvas.toggle_maximised,
            "freeze": canvas.toggle_frozen,
            "reset": self.zoom.reset,
            "snapshot": self.snapshot_asked.emit,
            "masks": self.masks_asked.emit,
            "zones": self.zones_asked.emit,
        }
        if chosen in Remedy.__members__:
            canvas.remedy_asked.emit(RemedyAsked(camera, Remedy[chosen]))
        elif chosen in plain:
            plain[chosen]()
        else:
            with_camera[chosen](camera)

    def _make_header(self, colours: Tokens) -> QFrame:
        header = QFrame()
        header.setObjectName("header")
        header.setFixedHeight(40)
        row = QHBoxLayout(header)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(self._title)
        row.addWidget(self._name)
        row.addSpacing(8)
        row.addWidget(self._facts)
        row.addSpacing(12)
        row.addWidget(self._digits)
        row.addStretch(1)
        for caption, layout in ((self.tr("Fit"), 0), *((str(n * n), n) for n in _LAYOUTS)):
            button = QToolButton()
            button.setText(caption)
            button.setMinimumSize(32, 28)
            button.setCheckable(True)
            button.setToolTip(
                self.tr("{0} × {0} tiles").format(layout)
                if layout
                else self.tr("All cameras on one page")
            )
            button.setAccessibleName(button.toolTip())
            self._layouts.addButton(button, layout)
            row.addWidget(button)
        row.addSpacing(8)
        for name, tip, slot in (
            ("page-previous", self.tr("Previous page (PageUp)"), self._previous),
            ("page-next", self.tr("Next page (PageDown)"), self._next),
            ("fullscreen", self.tr("Full screen (F11)"), self.full_screen_asked),
        ):
            button = QToolButton()
            button.setIcon(icon(name, colours))
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(slot)
            row.addWidget(button)
            self._turns.append(button)
        self._turns.pop()  # full screen is always offered
        return header
