"""Settings of the detector on another machine: its address, its key, and how long to wait."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.config.vision_options import RemoteDetector
from embereye.model.errors import ConfigError
from embereye.model.remote import EditRemoteDetectorAsked
from embereye.services.remote_configuration import changed_remote
from embereye.services.remote_setup import SLOW_HOST, warning_of
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console
from embereye.ui.key_field import CAPTION, KeyField
from embereye.ui.section_form import SectionForm
from embereye.ui.settings_form import SettingsForm, told_by_field


class RemoteForm(SettingsForm):
    """Changes the detector on another machine. GUI thread. A stored key is never shown."""

    def __init__(self, console: Console, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(console, bridge, parent)
        self._section = console.settings().detection.remote
        self.setWindowTitle(self.tr("Remote detector"))
        self.basic = _form(self._basic())
        self.times = _form(self._times())
        self.lay_out(
            (self.basic, self.tr("Detector")),
            (self.times, self.tr("Waiting times")),
            below=self._below(),
        )
        values = self._section.model_dump()
        self.basic.show_values(values)
        self.times.show_values(values)
        address = self.basic.editor("url")
        if isinstance(address, QLineEdit):
            address.setCursorPosition(0)  # the host says more than the end of the path
        self.basic.edited.connect(self._remark)
        self._remark()

    @Slot()
    def save(self) -> None:
        """Check everything, then ask."""
        values, key = self._values(), self._key.typed()
        problems = self._problems(values)
        self.basic.tell(problems)
        self.times.tell(problems)
        self.complain(problems)
        if problems:
            return
        if not values and key is None:
            self.accept()
            return
        self.send(EditRemoteDetectorAsked(values, self.console.settings().operator, key))

    @Slot()
    def slow_host(self) -> None:
        """Enter the waiting times for a machine that computes slowly."""
        self.times.propose(SLOW_HOST)

    @Slot()
    def usual(self) -> None:
        """Enter the default waiting times."""
        fields = RemoteDetector.model_fields
        self.times.propose({name: fields[name].default for name in self._times()})

    @Slot()
    def _remark(self) -> None:
        """Say what is unwise about the address as it stands in the form."""
        try:
            self.remark.setText(warning_of(changed_remote(self._section, self.basic.changes())))
        except ConfigError:
            self.remark.setText("")  # told when it is saved; half of an address is always wrong
        self.remark.setVisible(bool(self.remark.text()))

    def _values(self) -> dict[str, object]:
        return {**self.basic.changes(), **self.times.changes()}

    def _problems(self, values: dict[str, object]) -> dict[str, str]:
        if problem := self._key.problem():
            return {"": problem}
        try:
            changed_remote(self._section, values)
        except ConfigError as error:
            return told_by_field(error)
        return {}

    def _below(self) -> QWidget:
        """The key, the two sets of waiting times, and what is unwise."""
        self._key = KeyField()
        self.key, self.no_key = self._key.edit, self._key.none
        self.remark = QLabel()
        self.remark.setWordWrap(True)
        self.remark.setTextFormat(Qt.TextFormat.PlainText)
        self.remark.setProperty("role", "fault")
        usual, slow = QPushButton(self.tr("Usual times")), QPushButton(self.tr("Slow AI host"))
        usual.clicked.connect(self.usual)
        slow.clicked.connect(self.slow_host)
        slow.setToolTip(self.tr("30 s for a connection, 15 s for health, 180 s for files"))
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._key)
        column.addLayout(_row(QLabel(self.tr("Waiting times")), usual, slow))
        column.addWidget(self.remark)
        return whole

    def _basic(self) -> dict[str, str]:
        return {
            "enabled": self.tr("Enabled"),
            "url": self.tr("Address"),
            "require_https": self.tr("Refuse plain http"),
            "period": self.tr("A picture every"),
        }

    def _times(self) -> dict[str, str]:
        return {
            "live_deadline": self.tr("Live picture"),
            "connect_timeout": self.tr("Connection"),
            "health_timeout": self.tr("Health"),
            "read_timeout": self.tr("Picture of a file"),
        }


def _form(captions: dict[str, str]) -> SectionForm:
    return SectionForm(RemoteDetector, list(captions), captions)


def _row(caption: QLabel, *widgets: QWidget) -> QHBoxLayout:
    caption.setMinimumWidth(CAPTION)
    line = QHBoxLayout()
    line.setSpacing(8)
    line.addWidget(caption)
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch(1)
    return line
