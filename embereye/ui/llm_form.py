"""Settings of the language model that sums incidents up."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget

from embereye.config.incident_options import LanguageModel
from embereye.model.errors import ConfigError
from embereye.model.incident_messages import EditLanguageModelAsked
from embereye.services.llm_configuration import changed_model
from embereye.services.llm_setup import llm_setup
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console
from embereye.ui.key_field import KeyField
from embereye.ui.section_form import SectionForm
from embereye.ui.settings_form import SettingsForm, stacked, told_by_field


class LlmForm(SettingsForm):
    """Changes the language model. GUI thread. A stored key is never shown."""

    def __init__(self, console: Console, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(console, bridge, parent)
        self._section = console.settings().incidents.language_model
        self.setWindowTitle(self.tr("Language model"))
        captions = self._captions()
        self.basic = SectionForm(LanguageModel, list(captions), captions)
        self.key = KeyField()
        self.remark = QLabel()
        self.remark.setWordWrap(True)
        self.remark.setTextFormat(Qt.TextFormat.PlainText)
        self.remark.setProperty("role", "fault")
        self.lay_out((self.basic, self.tr("Language model")), below=self._below())
        self.basic.show_values(self._section.model_dump())
        self.basic.edited.connect(self._remark)
        self._remark()

    @Slot()
    def save(self) -> None:
        """Check everything, then ask."""
        values, key = self.basic.changes(), self.key.typed()
        problems = self._problems(values)
        self.basic.tell(problems)
        self.complain(problems)
        if problems:
            return
        if not values and key is None:
            self.accept()
            return
        self.send(EditLanguageModelAsked(values, self.console.settings().operator, key))

    @Slot()
    def _remark(self) -> None:
        """Say what is unwise about the address as it stands in the form."""
        try:
            self.remark.setText(
                llm_setup(changed_model(self._section, self.basic.changes())).warning
            )
        except ConfigError:
            self.remark.setText("")  # told when it is saved; half of an address is always wrong
        self.remark.setVisible(bool(self.remark.text()))

    def _problems(self, values: dict[str, object]) -> dict[str, str]:
        if problem := self.key.problem():
            return {"": problem}
        try:
            changed_model(self._section, values)
        except ConfigError as error:
            return told_by_field(error)
        return {}

    def _below(self) -> QWidget:
        what = QLabel(
            self.tr(
                "A llama.cpp server sums incidents up; an empty address switches it off. It is"
                " told alarms, detections and the names of places and cameras, never notes. Its"
                " summary and risk stand beside the rule score and change nothing else."
            )
        )
        what.setWordWrap(True)
        what.setProperty("role", "muted")
        return stacked(self.key, self.remark, what)

    def _captions(self) -> dict[str, str]:
        return {
            "url": self.tr("Address"),
            "require_https": self.tr("Refuse plain http"),
            "connect_timeout": self.tr("Connection"),
            "health_timeout": self.tr("Health"),
            "read_timeout": self.tr("Summary"),
            "longest_answer": self.tr("Longest answer"),
        }
