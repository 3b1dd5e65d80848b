"""Keys of one device: made, shown once, or revoked."""

from enum import Enum

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.device_messages import (
    DeviceEnrolled,
    DeviceRevoked,
    EnrolDeviceAsked,
    RevokeDeviceAsked,
    RotateKeyAsked,
)
from embereye.model.ids import DeviceId
from embereye.model.messages import RequestRefused
from embereye.services.key_writer import KeyWriter
from embereye.ui.beside import keep_in_sight
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console
from embereye.ui.key_view import KeyView

_WIDTH, _WIDE = 520, 760  # px; of the question, and of the text beside the QR code
_MARGIN = 24  # px, as in other dialogs
_PATIENCE = 15_000  # ms; a key ring may take 2 × 3 s, the disk 5 s


class KeyStep(Enum):
    """What the dialog does. The value is the request."""

    ENROL = EnrolDeviceAsked
    ROTATE = RotateKeyAsked
    REVOKE = RevokeDeviceAsked


class EnrolDialog(QDialog):
    """Asks once, waits for the answer, shows the new key. GUI thread.

    It cannot be left while the answer is on its way, nor before it is confirmed that the key is
    where it belongs: it is shown this once only.
    """

    def __init__(
        self,
        console: Console,
        bridge: Bridge,
        writer: KeyWriter,
        device: DeviceId,
        name: str,
        step: KeyStep,
        parent: QWidget | None = None,
    ) -> None:
        """`writer` is this dialog's own and ends with it."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._console, self._device, self._step = console, device, step
        self._actor = console.settings().operator
        self._called = name if name == device or not name else f"{name} ({device})"
        self._waiting = False
        self.setWindowTitle(self._title())
        self.setMinimumWidth(_WIDTH)
        self.question = _paragraph(self._question())
        self.problem = _paragraph("", "fire")
        self.problem.hide()
        self.view: KeyView | None = None  # once there is a key
        self._writer = writer
        self.confirm = QPushButton(self._verb())
        self.confirm.setProperty("role", "primary")
        self.confirm.setAutoDefault(False)
        self.leave = QPushButton(self.tr("Cancel"))
        self._lay_out()
        _fit(self.question, _WIDTH - 2 * _MARGIN)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE)
        self._patience.timeout.connect(self._gave_up)
        self.confirm.clicked.connect(self._ask)
        self.leave.clicked.connect(self.reject)
        bridge.enrolled.connect(self._answered)
        bridge.refused.connect(self._refused)
        self.leave.setFocus()  # a space or Enter must change nothing unread

    def reject(self) -> None:
        """Esc and the button at the right: only when nothing would be lost."""
        if self._may_leave():
            self._forget()
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_leave():
            self._forget()
            super().closeEvent(event)
        else:
            event.ignore()

    def _may_leave(self) -> bool:
        if self._waiting:
            return False
        if self.view is not None and not self.view.kept:
            self._tell(
                self.tr("Give the key to the device or keep the text, then tick the box above.")
            )
            return False
        return True

    @Slot()
    def _ask(self) -> None:
        self.problem.hide()
        self._wait(True)
        self._patience.start()
        self._console.ask(self._step.value(self._device, self._actor))

    @Slot(object)
    def _answered(self, message: DeviceEnrolled | DeviceRevoked) -> None:
        if not self._waiting or (message.device, message.actor) != (self._device, self._actor):
            return
        self._wait(False)
        self.confirm.hide()
        self.leave.setText(self.tr("Close"))
        if isinstance(message, DeviceEnrolled):
            self._show(message.text)
        else:
            self.question.setText(
                self.tr(
                    "All keys of {0} are void. Its data is refused until it is enrolled again."
                ).format(self._called)
            )
        self.leave.setFocus()
        self.adjustSize()
        keep_in_sight(self)

    def _show(self, text: str) -> None:
        self.question.hide()
        self.view = KeyView(self._writer)
        self.view.stored.toggled.connect(self.problem.hide)
        self.view.show_key(text)
        self._column.insertWidget(0, self.view)
        self.setMinimumWidth(_WIDE)

    def _forget(self) -> None:
        if self.view is not None:
            self.view.end()

    @Slot(object)
    def _refused(self, message: RequestRefused) -> None:
        if self._waiting and message.subject == f"device:{self._device}":
            self._wait(False)
            self._tell(message.text)

    @Slot()
    def _gave_up(self) -> None:
        self._wait(False)
        self._tell(
            self.tr("The program did not answer. Look at the log and try again in a moment.")
        )

    def _wait(self, waiting: bool) -> None:
        self._waiting = waiting
        self._patience.stop()
        self.confirm.setEnabled(not waiting)
        self.confirm.setText(self.tr("Please wait …") if waiting else self._verb())
        self.leave.setEnabled(not waiting)

    def _tell(self, text: str) -> None:
        self.problem.setText(text)
        _fit(self.problem, self.width() - 2 * _MARGIN)
        self.problem.show()

    def _title(self) -> str:
        return {
            KeyStep.ENROL: self.tr("Enrol {0}"),
            KeyStep.ROTATE: self.tr("New key for {0}"),
            KeyStep.REVOKE: self.tr("Revoke {0}"),
        }[self._step].format(self._called)

    def _verb(self) -> str:
        return {
            KeyStep.ENROL: self.tr("Make a key"),
            KeyStep.ROTATE: self.tr("Make a new key"),
            KeyStep.REVOKE: self.tr("Revoke the device"),
        }[self._step]

    def _question(self) -> str:
        return {
            KeyStep.ENROL: self.tr(
                "{0} gets a key with which it proves who it is. From then on nothing that comes in"
                " its name without this key is taken. Have the device at hand: the key is shown"
                " once, as text and QR code, and can be written over a serial port."
            ),
            KeyStep.ROTATE: self.tr(
                "{0} gets a new key. The present one stays valid for 7 days, so that nothing is"
                " lost until the device has the new one. The new key is shown once."
            ),
            KeyStep.REVOKE: self.tr(
                "All keys of {0} end at once and its connections are closed. Nothing that comes in"
                " its name is taken until it is enrolled again: what it protects is not watched by"
                " it meanwhile. Do this when the device or its key was lost or stolen."
            ),
        }[self._step].format(self._called)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.confirm)
        buttons.addWidget(self.leave)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column.setSpacing(16)
        column.addWidget(self.question)
        column.addStretch(1)
        column.addWidget(self.problem)
        column.addLayout(buttons)
        self.setTabOrder(self.confirm, self.leave)


def _paragraph(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    label.setProperty("role", role)
    return label


def _fit(label: QLabel, width: int) -> None:
    """Give a wrapped text the height that it needs at `width` px; it does not ask for it itself."""
    label.ensurePolished()
    label.setMinimumHeight(label.heightForWidth(width))
