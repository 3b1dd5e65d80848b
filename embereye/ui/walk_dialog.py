"""Asks where and how long technicians make devices alarm."""

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QListWidget, QListWidgetItem, QWidget

from embereye.model.ids import PlaceId
from embereye.ui import words
from embereye.ui.dialogs import Form
from embereye.ui.walk_console import WalkConsole
from embereye.ui.wishes import Wishes

_SPANS = (900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0)  # s; the service takes up to 8 h
_USUAL = 3600.0  # s
_ROW = 28  # px
_LIST_HEIGHT = 228  # px; eight places
_PLACE = Qt.ItemDataRole.UserRole


class WalkDialog(Form):
    """Starts a walk test at some places, or at all. GUI thread; show it with `show_beside`."""

    def __init__(self, console: WalkConsole, wishes: Wishes, parent: QWidget | None = None) -> None:
        super().__init__(
            self.tr("Walk test"),
            self.tr(
                "Alarms of these places are marked as TEST: one chime instead of the siren, no "
                "popup, notices only as test. Everything is recorded. What is still there at the "
                "end is announced as a real alarm. Other places alarm as ever."
            ),
            self.tr("Start walk test"),
            parent,
        )
        self._wishes = wishes
        self.search, self.places = self._search_field(), self._place_list(console)
        self.every = QCheckBox(self.tr("All places"))
        self.every.toggled.connect(self.places.setDisabled)
        self.span = _spans(self.tr("Duration"))
        self.add(self.tr("Places"), self.search)
        self.add("", self.places)
        self.add("", self.every)
        self.add(self.tr("Duration"), self.span)

    def chosen(self) -> tuple[PlaceId, ...]:
        """The places that are ticked; empty for all."""
        if self.every.isChecked():
            return ()
        rows = [self.places.item(number) for number in range(self.places.count())]
        ticked = [row for row in rows if row.checkState() is Qt.CheckState.Checked]
        return tuple(PlaceId(str(row.data(_PLACE))) for row in ticked)

    def problem(self) -> str:
        if not self.every.isChecked() and not self.chosen():
            return self.tr("Choose at least one place, or all of them.")
        return ""

    def send(self) -> None:
        self._wishes.begin_walk_test(self.chosen(), float(self.span.currentData()))

    @Slot(str)
    def _filter(self, text: str) -> None:
        for number in range(self.places.count()):
            row = self.places.item(number)
            row.setHidden(text.casefold() not in row.text().casefold())

    def _search_field(self) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText(self.tr("Find a place"))
        field.setAccessibleName(self.tr("Find a place"))
        field.textChanged.connect(self._filter)
        return field

    def _place_list(self, console: WalkConsole) -> QListWidget:
        rows = QListWidget()
        rows.setAccessibleName(self.tr("Places"))
        rows.setFixedHeight(_LIST_HEIGHT)
        rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for place, name in _places(console):
            row = QListWidgetItem(name, rows)
            row.setSizeHint(QSize(0, _ROW))
            row.setToolTip(words.tip(name))
            row.setData(_PLACE, place)
            row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            row.setCheckState(Qt.CheckState.Unchecked)
        return rows


def _spans(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for seconds in _SPANS:
        box.addItem(words.span(seconds), seconds)
    box.setCurrentIndex(_SPANS.index(_USUAL))
    return box


def _places(console: WalkConsole) -> list[tuple[str, str]]:
    """Id and name of each place that has something to test, or a name; sorted by name."""
    names: dict[str, str] = {place.id: place.name for place in console.settings().places}
    for camera in console.cameras().cameras:
        names.setdefault(camera.place, camera.name)
    for device in console.devices().devices:
        if device.assigned:
            names.setdefault(device.place, device.name)
    return sorted(names.items(), key=lambda row: row[1].casefold())
