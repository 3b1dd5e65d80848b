"""All keys on one sheet."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QWidget


class KeySheet(QDialog):
    """Opened by F1, closed by Esc. GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keys"))
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 24, 24, 24)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(8)
        sheet = self._keys()
        half = -(-len(sheet) // 2)  # two columns: a list of all does not fit a small screen
        for number, (keys, meaning) in enumerate(sheet):
            name = QLabel(keys)
            name.setProperty("role", "strong")
            grid.addWidget(name, number % half, number // half * 2)
            grid.addWidget(QLabel(meaning), number % half, number // half * 2 + 1)

    def _keys(self) -> tuple[tuple[str, str], ...]:
        return (
            ("A", self.tr("Acknowledge the selected alarms")),
            ("Shift+A", self.tr("Acknowledge all visible alarms")),
            ("S, C", self.tr("Alarms: shelve …, comment … the selected")),
            ("R, E", self.tr("Alarms: reset, escalate the selected")),
            (self.tr("← →, Delete"), self.tr("Alarms: fold a place; end what is shelved")),
            ("M", self.tr("Silence the siren for a while")),
            ("Ctrl+E", self.tr("List of alarms")),
            ("Ctrl+F", self.tr("Find")),
            ("Ctrl+T", self.tr("Begin a walk test, or go to its end")),
            ("F11, Esc", self.tr("Full screen and back")),
            ("Ctrl+1 … 9", self.tr("Wall of 1 × 1 to 9 × 9 tiles")),
            (self.tr("Digits, Enter"), self.tr("Select a tile by its number")),
            (self.tr("Arrows"), self.tr("Move the selection")),
            ("Enter", self.tr("Maximise the selected tile and back")),
            (self.tr("+ −, wheel"), self.tr("Zoom into the selected picture, or out of it")),
            (self.tr("Shift+arrows"), self.tr("Look elsewhere in a zoomed picture")),
            ("0", self.tr("Whole picture again")),
            ("P", self.tr("PTZ: arrows move the selected camera; Esc ends")),
            (self.tr("Space"), self.tr("Freeze the selected picture and back")),
            ("S", self.tr("Save a snapshot of the selected camera")),
            ("PageUp, PageDown", self.tr("Pages of the wall")),
            ("T", self.tr("Thermal overlay on or off")),
            ("O", self.tr("Boxes, contours, traces, zones on or off")),
            ("F", self.tr("Rate and age of the pictures on or off")),
            (self.tr("Space, ← →"), self.tr("Playback: play or pause, step")),
            (self.tr("Tab, arrows, Delete"), self.tr("Regions: choose, move, remove")),
            (self.tr("Arrows, Space, Enter"), self.tr("Regions: set points, end the shape")),
            (self.tr("Tab, Space, Insert"), self.tr("Masks and zones: next, corner, add a corner")),
            ("F1", self.tr("This sheet")),
        )
