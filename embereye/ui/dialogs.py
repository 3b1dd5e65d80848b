"""Small questions: a camera's password, its source, a device's place."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.camera import CameraState, CameraStatus
from embereye.model.ids import CameraId, PlaceId, is_id
from embereye.model.reading import DeviceStatus
from embereye.ui.console import Console
from embereye.ui.elided import keep_narrow
from embereye.ui.wishes import Wishes

_WIDTH = 460  # px


class Form(QDialog):
    """A titled form with an error line; Enter confirms, Esc leaves everything as it was."""

    def __init__(self, title: str, intro: str, confirm: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        words = QLabel(intro)
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setProperty("role", "muted")
        self.form = QFormLayout()
        self.form.setSpacing(8)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._error = QLabel()
        self._error.setWordWrap(True)
        self._error.setProperty("role", "fire")
        buttons = QDialogButtonBox()
        self.confirm = QPushButton(confirm)
        self.confirm.setProperty("role", "primary")
        buttons.addButton(self.confirm, QDialogButtonBox.ButtonRole.AcceptRole)
        cancel = QPushButton(self.tr("Cancel"))
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        self._cancel = cancel
        self._last: QWidget | None = None
        buttons.accepted.connect(self._confirmed)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addWidget(words)
        column.addLayout(self.form)
        column.addWidget(self._error)
        column.addWidget(buttons)

    def problem(self) -> str:
        """What is wrong with the input, in words; empty when it can be sent."""
        return ""

    def send(self) -> None:
        """Ask the engine."""

    @Slot()
    def _confirmed(self) -> None:
        problem = self.problem()
        self._error.setText(problem)
        if not problem:
            self.send()
            self.accept()

    def field(self, caption: str, text: str = "") -> QLineEdit:
        field = QLineEdit(text)
        field.setAccessibleName(caption)
        self.add(caption, field)
        return field

    def add(self, caption: str, field: QWidget) -> None:
        """One more row. The first has the keyboard: a space must not press a button unread."""
        self.form.addRow(caption, field)
        if self._last is None:
            field.setFocus()
        else:
            self.setTabOrder(self._last, field)
        self._last = field
        self.setTabOrder(field, self.confirm)
        self.setTabOrder(self.confirm, self._cancel)


class PasswordDialog(Form):
    """Asks for a camera's user name and password; both go to the secret store only."""

    def __init__(
        self, camera: CameraStatus, user: str, wishes: Wishes, parent: QWidget | None = None
    ) -> None:
        intro = self.tr("Name and password for {0}. Both go to the secret store only.")
        if camera.state is CameraState.WRONG_PASSWORD:
            intro = self.tr("The camera at {0} refused the user name or password.")
        super().__init__(
            self.tr("Password for {0}").format(camera.name),
            intro.format(camera.source),
            self.tr("Save and connect"),
            parent,
        )
        self._camera, self._wishes = camera.id, wishes
        self.user = self.field(self.tr("User name"), user)
        self.password = self.field(self.tr("Password"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        (self.password if user else self.user).setFocus()

    def problem(self) -> str:
        return "" if self.user.text().strip() else self.tr("Enter a user name.")

    def send(self) -> None:
        self._wishes.password(self._camera, self.user.text().strip(), self.password.text())


class AssignDialog(Form):
    """Gives a device its name, its place and its camera, or others than it has."""

    def __init__(
        self,
        console: Console,
        device: DeviceStatus,
        wishes: Wishes,
        parent: QWidget | None = None,
    ) -> None:
        intro = self.tr(
            "This device connected from {0} and belongs to no place yet. Its alarms are "
            "raised, but without a place's guidance."
        ).format(device.address or self.tr("an unknown address"))
        if device.assigned:
            intro = self.tr("Its alarms are raised for the place that is chosen here.")
        super().__init__(
            self.tr("Assign device {0}").format(device.id),
            intro,
            self.tr("Assign"),
            parent,
        )
        self._device, self._wishes = device.id, wishes
        self.name = self.field(self.tr("Name"), device.name or device.id)
        self.place = self._choice(self.tr("Place"))
        self.place.setEditable(True)
        self.place.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)  # Enter would add "None"
        for place in console.settings().places:
            self.place.addItem(place.name, place.id)
        known = {place.id for place in console.settings().places}
        self.camera = self._choice(self.tr("Camera"))
        self.camera.addItem(self.tr("none"), None)
        for camera in console.cameras().cameras:
            self.camera.addItem(camera.name, camera.id)
            if camera.place not in known:
                known.add(camera.place)
                self.place.addItem(camera.name, camera.place)
        self._choose_present(device)

    def problem(self) -> str:
        if not self.name.text().strip():
            return self.tr("Enter a name.")
        if not is_id(self._place()):
            return self.tr("Choose a place, or enter a short name of A–Z a–z 0–9 . _ -.")
        return ""

    def send(self) -> None:
        camera = self.camera.currentData()
        self._wishes.assign(
            self._device,
            self.name.text().strip(),
            PlaceId(self._place()),
            None if camera is None else CameraId(str(camera)),
        )

    def _choose_present(self, device: DeviceStatus) -> None:
        editor = self.place.lineEdit()
        if editor is not None:
            editor.setPlaceholderText(self.tr("Choose or enter a place"))
        # None is chosen at first: a fire must not be reported from a place nobody looked at.
        self.place.setCurrentIndex(-1)
        if device.assigned:
            self.place.setCurrentIndex(self.place.findData(device.place))
            if self.place.currentIndex() < 0:
                self.place.setEditText(device.place)
            self.camera.setCurrentIndex(max(0, self.camera.findData(device.camera)))

    def _place(self) -> str:
        text = self.place.currentText().strip()
        index = self.place.findText(text)
        return str(self.place.itemData(index)) if index >= 0 else text

    def _choice(self, caption: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(caption)
        keep_narrow(box, 24)  # long names are elided instead of widening the dialog
        self.add(caption, box)
        return box
