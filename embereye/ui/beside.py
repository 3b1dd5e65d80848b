"""Dialogs beside the window: whatever they ask, alarms are acknowledged and silenced meanwhile.

A modal dialog takes mouse and keys away from the window, and with them from its alarms. So no
dialog of this program is modal, none runs an event loop of its own, and files are chosen in Qt's
own dialog: the one of Windows switches the window off that it belongs to.
"""

from pathlib import Path

from PySide6.QtCore import QPoint, QStandardPaths, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QPushButton, QWidget

from embereye.ui import theme

_MARGIN = 8  # px between the alarm bar and a dialog
_LEFT = 72  # px: beside the rail, far from the popups at the right
_FRAME = 32  # px that the title of a dialog takes at most


def show_beside(dialog: QDialog, name: str = "") -> None:
    """Show a dialog below the alarm bar of its window, without blocking the window.

    Args:
        name: What it is about; `found` knows it by this while it is open.
    """
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    if name:
        dialog.setObjectName(name)
    keep_in_sight(dialog)
    dialog.show()
    dialog.activateWindow()


def found(parent: QWidget, name: str) -> bool:
    """Whether a dialog of this name is open; it comes to the front."""
    for dialog in parent.findChildren(QDialog, name):
        if dialog.isVisible():
            dialog.raise_()
            dialog.activateWindow()
            return True
    return False


class Question(QMessageBox):
    """Asks once. Only the button that names the deed does it: Enter and Esc change nothing.

    Signals:
        agreed: (object) the `subject` of this very question, whatever was chosen meanwhile
    """

    agreed = Signal(object)

    def __init__(
        self, title: str, text: str, verb: str, parent: QWidget, subject: object = None
    ) -> None:
        super().__init__(parent)
        self._subject = subject
        self.setWindowTitle(title)
        self.setIcon(QMessageBox.Icon.Question)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.verb: QPushButton = self.addButton(verb, QMessageBox.ButtonRole.AcceptRole)
        self.cancel: QPushButton = self.addButton(
            self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole
        )
        self.setDefaultButton(self.cancel)
        self.setEscapeButton(self.cancel)
        self.verb.clicked.connect(self._agree)

    @Slot()
    def _agree(self) -> None:
        self.agreed.emit(self._subject)


class Complaint(QMessageBox):
    """Says at length what was wrong."""

    def __init__(self, title: str, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.addButton(self.tr("Close"), QMessageBox.ButtonRole.RejectRole)


class FileChooser(QFileDialog):
    """Chooses a file to read, a file to write or a folder.

    Signals:
        chosen: (str) its path
    """

    chosen = Signal(str)

    def __init__(self, caption: str, parent: QWidget, pattern: str = "") -> None:
        """`pattern` as QFileDialog takes it, "*.csv"; without it a folder is chosen."""
        # The folder that the program was started in is nobody's: "/" for a service.
        home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.HomeLocation)
        super().__init__(parent, caption, home, pattern)
        self.setOption(QFileDialog.Option.DontUseNativeDialog)
        # Qt would warn in a modal box; `accept` asks beside the window.
        self.setOption(QFileDialog.Option.DontConfirmOverwrite)
        self.setFileMode(
            QFileDialog.FileMode.AnyFile if pattern else QFileDialog.FileMode.Directory
        )

    def to_write(self, name: str, ending: str) -> None:
        """Choose where to write; `name` is proposed."""
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self.setDefaultSuffix(ending)
        self.selectFile(name)

    def accept(self) -> None:
        chosen = self.selectedFiles()
        path = Path(chosen[0]) if chosen else None
        if path is None:
            return
        writing = self.acceptMode() is QFileDialog.AcceptMode.AcceptSave
        if writing and path.is_file():
            text = self.tr("{0} is there already. Replace it?").format(path.name)
            verb = self.tr("Replace")
            question = Question(self.windowTitle(), text, verb, self, str(path))
            question.agreed.connect(self._take)
            show_beside(question)
        elif writing and not path.is_dir():
            self._take(str(path))
        elif path.exists():
            self._take_existing(path)

    def _take_existing(self, path: Path) -> None:
        folder = self.fileMode() is QFileDialog.FileMode.Directory
        if path.is_dir() == folder:
            self._take(str(path))
        elif path.is_dir():
            self.setDirectory(str(path))

    @Slot(object)
    def _take(self, path: str) -> None:
        self.hide()
        self.chosen.emit(path)
        self.close()


def keep_in_sight(dialog: QDialog) -> None:
    """Place a dialog inside its window, below the alarm bar; call it also when it has grown."""
    parent = dialog.parentWidget()
    if parent is None:
        return
    window = parent.window()
    top = theme.BAR_HEIGHT + _FRAME + _MARGIN
    if not dialog.testAttribute(Qt.WidgetAttribute.WA_Resized):
        dialog.ensurePolished()
        dialog.adjustSize()
    room = window.height() - top - _MARGIN
    if dialog.height() > room > dialog.minimumSizeHint().height():
        dialog.resize(dialog.width(), room)
    down = (window.height() - dialog.height()) // 2
    across = max(_MARGIN, min(_LEFT, window.width() - dialog.width() - _MARGIN))
    dialog.move(window.mapToGlobal(QPoint(across, max(top, down))))
