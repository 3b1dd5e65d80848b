"""Firmware of the devices: whom to trust, what there is, how far the roll-out is."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.firmware import (
    DeviceUpdate,
    FirmwareImage,
    HaltRolloutAsked,
    ImportFirmwareAsked,
    Rollout,
    RolloutAsked,
    TrustMakerAsked,
    UpdateState,
)
from embereye.model.messages import RequestRefused
from embereye.model.security import SecurityKind
from embereye.ui.beside import FileChooser, Question, found, show_beside
from embereye.ui.bridge import Bridge
from embereye.ui.device_console import DeviceConsole
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.theme import Tokens
from embereye.ui.words import clock_time

_REFRESH = 500  # ms
_SIZE = (860, 620)  # px


class FirmwareDialog(QDialog):
    """Not modal: alarms go on beside it. GUI thread."""

    def __init__(
        self,
        console: DeviceConsole,
        bridge: Bridge,
        colours: Tokens,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Firmware of devices"))
        self.resize(*_SIZE)
        self._console = console
        self._colours = colours
        self.images: Rows[FirmwareImage] = Rows(self._image_fields(), lambda i: i.version, self)
        self.updates: Rows[DeviceUpdate] = Rows(self._update_fields(), lambda u: u.device, self)
        self._image_table = rows_view(self.images, self.tr("Images"), RowDelegate(colours, self))
        self._update_table = rows_view(self.updates, self.tr("Devices"), RowDelegate(colours, self))
        self._progress = QLabel()
        self._progress.setWordWrap(True)
        self._progress.setTextFormat(Qt.TextFormat.PlainText)
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setProperty("role", "fire")
        self._problem.hide()
        self._newest = QLabel()
        self._newest.setWordWrap(True)
        self._newest.setTextFormat(Qt.TextFormat.PlainText)
        self._newest.setProperty("role", "muted")
        self._empty = QLabel(
            self.tr(
                "No firmware yet. Trust the maker of the devices once (root.json), then import the"
                " folder that the maker gave you."
            )
        )
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self._buttons()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        bridge.refused.connect(self._refused)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the present state."""
        images, rollout = self._console.firmware_images(), self._console.rollout()
        if self.images.show(tuple(reversed(images))) and images:
            self._image_table.selectRow(0)
        self._empty.setVisible(not images)
        self.updates.show(rollout.updates)
        self._progress.setText(self.words(rollout))
        self._newest.setText(self._newest_words())
        self.roll_out_button.setEnabled(bool(images))
        goes_on = bool(rollout.version) and not rollout.halted and not rollout.finished
        self.halt_button.setEnabled(goes_on)

    def words(self, rollout: Rollout) -> str:
        """The roll-out in one line."""
        if not rollout.version:
            return self.tr("No roll-out has been begun.")
        done = sum(update.state is UpdateState.DONE for update in rollout.updates)
        total = len(rollout.updates) + rollout.remaining
        text = self.tr("Version {0}: {1} of {2} devices done, {3}.")
        stage = (
            self.tr("first one device"),
            self.tr("now a tenth of them"),
            self.tr("now all of them"),
        )[rollout.stage]
        if rollout.halted:
            stage = self.tr("△ HALTED: {0}").format(rollout.halted)
        elif done == total:
            stage = self.tr("finished")
        return text.format(rollout.version, done, total, stage)

    def _newest_words(self) -> str:
        """What became of the last request, or of the roll-out: it is noted as an event."""
        events = self._console.security().events
        newest = next((e for e in events if e.kind is SecurityKind.FIRMWARE), None)
        return "" if newest is None else f"{clock_time(newest.at.utc)}  {newest.text}"

    @Slot()
    def _trust(self) -> None:
        if not found(self, "root"):
            caption = self.tr("The maker's root.json")
            chooser = FileChooser(caption, self, "root.json (*.json)")
            chooser.chosen.connect(self._trust_file)
            show_beside(chooser, "root")

    @Slot(str)
    def _trust_file(self, path: str) -> None:
        self._ask(TrustMakerAsked(path, self._actor()))

    @Slot()
    def _import(self) -> None:
        if not found(self, "repository"):
            chooser = FileChooser(self.tr("Folder of the repository"), self)
            chooser.chosen.connect(self._import_folder)
            show_beside(chooser, "repository")

    @Slot(str)
    def _import_folder(self, path: str) -> None:
        self._ask(ImportFirmwareAsked(path, self._actor()))

    @Slot()
    def _roll_out(self) -> None:
        image = self.images.row(self._image_table.currentIndex().row())
        if image is None or found(self, "roll out"):
            return
        text = self.tr(
            "Bring version {0} to the devices? One device is updated first, then a tenth, then"
            " all. Each sends no values for some seconds. The first failure halts it."
        ).format(image.version)
        title = self.tr("Roll out firmware {0}").format(image.version)
        question = Question(title, text, self.tr("Roll out"), self, image.version)
        question.agreed.connect(self._agreed)
        show_beside(question, "roll out")

    @Slot(object)
    def _agreed(self, version: str) -> None:
        self._ask(RolloutAsked(version, self._actor()))

    @Slot(object)
    def _refused(self, message: RequestRefused) -> None:
        if message.subject == "firmware":
            self._problem.setText(message.text)
            self._problem.show()

    @Slot()
    def _halt(self) -> None:
        self._ask(HaltRolloutAsked(self._actor()))

    def _ask(self, request: object) -> None:
        self._problem.hide()
        self._console.ask(request)

    def _actor(self) -> str:
        return self._console.settings().operator

    def _image_fields(self) -> list[Field[FirmwareImage]]:
        return [
            Field(self.tr("Version"), lambda i: i.version, 110),
            Field(self.tr("Size"), lambda i: f"{i.size / 1024:.0f} KiB", 90, right=True),
            Field(self.tr("SHA-256"), lambda i: i.sha256, 0),
        ]

    def _update_fields(self) -> list[Field[DeviceUpdate]]:
        fault = self._colours.fault
        return [
            Field(self.tr("Device"), lambda u: u.device, 180),
            Field(
                self.tr("State"),
                self._state,
                130,
                colour=lambda u: fault if u.state is UpdateState.FAILED else "",
            ),
            Field(self.tr("Remarks"), lambda u: u.detail, 0),
        ]

    def _state(self, update: DeviceUpdate) -> str:
        return {
            UpdateState.RUNNING: self.tr("updating"),
            UpdateState.WATCHED: self.tr("being watched"),
            UpdateState.DONE: self.tr("done"),
            UpdateState.FAILED: self.tr("△ failed"),
        }[update.state]

    def _buttons(self) -> None:
        self.trust_button = QPushButton(self.tr("Trust maker …"))
        self.trust_button.clicked.connect(self._trust)
        self.import_button = QPushButton(self.tr("Import …"))
        self.import_button.clicked.connect(self._import)
        self.roll_out_button = QPushButton(self.tr("Roll out …"))
        self.roll_out_button.setProperty("role", "primary")
        self.roll_out_button.clicked.connect(self._roll_out)
        self.halt_button = QPushButton(self.tr("Halt"))
        self.halt_button.clicked.connect(self._halt)

    def _lay_out(self) -> None:
        above, below = QLabel(self.tr("Signed images")), QLabel(self.tr("Roll-out"))
        for label in (above, below):
            label.setProperty("role", "title")
        row = QHBoxLayout()
        for button in (self.trust_button, self.import_button):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.halt_button, self.roll_out_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(above)
        column.addWidget(self._empty)
        column.addWidget(self._image_table, 1)
        column.addWidget(below)
        column.addWidget(self._progress)
        column.addWidget(self._update_table, 2)
        column.addWidget(self._newest)
        column.addWidget(self._problem)
        column.addLayout(row)
