"""A new device key on the screen: text, QR code, and the way over a serial port."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QPixmap, QTextCharFormat
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.services.enrolment_qr import qr_rows
from embereye.services.key_writer import KeyWriter, Writing

_CODE = 294  # px; six for each of the 49 modules of a short id with its quiet zone
_TEXT_HEIGHT = 84  # px; the longest text, 158 letters, in four lines
_TYPED = ("DejaVu Sans Mono", "Consolas", "Menlo", "monospace")  # 0 and O, 1 and l differ
_LOOK = 100  # ms between looks at the writer
_BLACK, _WHITE = 0, 255


class KeyView(QWidget):
    """Shows an enrolment text once and forgets it at the end. GUI thread."""

    def __init__(self, writer: KeyWriter) -> None:
        super().__init__()
        self._writer = writer
        self._text = ""
        self.code = QLabel()
        self.code.setFixedSize(_CODE, _CODE)
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.code.setAccessibleName(self.tr("QR code of the key"))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFixedHeight(_TEXT_HEIGHT)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("Text of the key"))
        self.copy = QPushButton(self.tr("Copy the text"))
        self.port = QComboBox()
        self.port.setEditable(True)
        self.port.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.port.setAccessibleName(self.tr("Serial port"))
        self.send = QPushButton(self.tr("Write over serial port"))
        self.progress = QLabel()
        self.progress.setWordWrap(True)
        self.progress.setTextFormat(Qt.TextFormat.PlainText)
        self.stored = QCheckBox(self.tr("The device has the key, or the text is in a safe place."))
        for button in (self.copy, self.send):
            button.setAutoDefault(False)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)
        self.copy.clicked.connect(self._copy)
        self.send.clicked.connect(self._send)

    @property
    def kept(self) -> bool:
        """Whether somebody confirmed that the key is where it belongs."""
        return self.stored.isChecked()

    def show_key(self, text: str) -> None:
        """Show this enrolment text."""
        self._text = text
        typed = QTextCharFormat()
        typed.setFontFamilies(_TYPED)
        self.text.clear()
        self.text.textCursor().insertText(text, typed)
        self.code.setPixmap(_picture(text))
        self._writer.look()
        self._timer.start()

    def end(self) -> None:
        """Forget the key, on the clipboard too, and end what is being written."""
        clipboard = QGuiApplication.clipboard()
        if self._text and clipboard.text() == self._text:
            clipboard.clear()
        self._timer.stop()
        self._writer.close()
        self._text = ""
        self.text.clear()
        self.code.clear()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self._say(self.tr("Copied. The clipboard is emptied when this window closes."), "muted")

    @Slot()
    def _send(self) -> None:
        port = self.port.currentText().strip()
        if not port:
            self._say(self.tr("Choose or enter a serial port."), "fire")
            return
        self.send.setEnabled(False)
        self._say(self.tr("Writing the key and waiting for the device, up to 5 s …"), "muted")
        self._writer.write(port, self._text)

    @Slot()
    def _look(self) -> None:
        state = self._writer.current
        if state.ports is not None and self.port.count() == 0 and state.ports:
            typed = self.port.currentText()
            self.port.addItems(state.ports)
            if typed:
                self.port.setEditText(typed)
        if self.send.isEnabled() or state.writing is Writing.RUNNING:
            return
        self.send.setEnabled(True)
        if state.writing is Writing.DONE:
            self.stored.setChecked(True)
            self._say(self.tr("The device has stored the key."), "strong")
        else:
            self._say(state.problem, "fire")

    def _say(self, text: str, role: str) -> None:
        self.progress.setProperty("role", role)
        self.progress.style().polish(self.progress)
        self.progress.setText(text)

    def _lay_out(self) -> None:
        editor = self.port.lineEdit()
        if editor is not None:
            editor.setPlaceholderText(self.tr("COM3, /dev/ttyUSB0, socket://…"))
        warning = QLabel(
            self.tr("This key is shown this once only. Scan it, copy it or write it now.")
        )
        warning.setProperty("role", "title")
        warning.setWordWrap(True)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(warning)
        right.addWidget(self.text)
        right.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.port, 1)
        line.addWidget(self.send)
        right.addLayout(line)
        right.addWidget(self.progress)
        right.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(24)
        top.addWidget(self.code, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addLayout(top)
        column.addWidget(self.stored)


def _picture(text: str) -> QPixmap:
    """The code, black on white, in whole pixels a module."""
    rows = qr_rows(text)
    side = len(rows)
    levels = b"".join(bytes(_BLACK if dark else _WHITE for dark in row) for row in rows)
    image = QImage(levels, side, side, side, QImage.Format.Format_Grayscale8)
    scale = max(1, _CODE // side)
    code = image.scaled(side * scale, side * scale)
    whole = QPixmap(_CODE, _CODE)
    whole.fill(Qt.GlobalColor.white)  # a scanner needs white around it
    painter = QPainter(whole)
    edge = (_CODE - side * scale) // 2
    painter.drawImage(edge, edge, code)
    painter.end()
    return whole
