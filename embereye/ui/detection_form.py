"""How all cameras are looked at: with which models, on what, and how sure they must be."""

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from embereye.config.vision_options import Detection
from embereye.model.errors import ConfigError
from embereye.model.vision_models import EditDetectionAsked
from embereye.services.detection_configuration import changed_detection
from embereye.services.model_list import choices, listed
from embereye.ui import model_words
from embereye.ui.bridge import Bridge
from embereye.ui.model_console import ModelConsole
from embereye.ui.model_picker import ModelPicker
from embereye.ui.section_form import SectionForm
from embereye.ui.settings_form import SettingsForm, told_by_field

_PROVIDERS = ("auto", "cpu", "cuda", "tensorrt", "directml", "openvino", "coreml")


class DetectionForm(SettingsForm):
    """Changes what holds for all cameras that have no models of their own. GUI thread."""

    console: ModelConsole

    def __init__(
        self, console: ModelConsole, bridge: Bridge, parent: QWidget | None = None
    ) -> None:
        super().__init__(console, bridge, parent)
        settings, table = console.settings(), console.models()
        self._section = settings.detection
        self.setWindowTitle(self.tr("Detection of all cameras"))
        rows = listed(table, console.model_work(), settings)
        self.models = ModelPicker(None, choices(table, settings), rows)
        self.runs = self._form({"provider": self.tr("Models run on")}, table.providers)
        self.limits = self._form(self._limits(), ())
        self.lay_out((self._first(), self.tr("Models")), (self.limits, self.tr("Rates and limits")))
        values = self._section.model_dump()
        for form in (self.runs, self.limits):
            form.show_values(values)
        self.models.show_value(self._section.model)

    @Slot()
    def save(self) -> None:
        """Check everything, then ask."""
        values = self._values()
        problems = self._problems(values)
        for form in (self.runs, self.limits):
            form.tell(problems)
        self.complain(problems)
        if problems:
            return
        if not values:
            self.accept()
            return
        self.send(EditDetectionAsked(values, self.console.settings().operator))

    def _values(self) -> dict[str, object]:
        values = {**self.runs.changes(), **self.limits.changes()}
        if self.models.changes():
            values["model"] = self.models.value()
        return values

    def _problems(self, values: Mapping[str, object]) -> dict[str, str]:
        try:
            changed_detection(self._section, values)
        except ConfigError as error:
            return told_by_field(error)
        return {}

    def _form(self, captions: dict[str, str], offered: tuple[str, ...]) -> SectionForm:
        chosen = [(word, self._provider(word, offered)) for word in _PROVIDERS]
        return SectionForm(Detection, list(captions), captions, {"provider": chosen})

    def _provider(self, word: str, offered: tuple[str, ...]) -> str:
        if word == "auto":
            return self.tr("what fits best")
        name = model_words.provider(word)
        there = not offered or word in offered
        return name if there else self.tr("{0} – not on this machine").format(name)

    def _limits(self) -> dict[str, str]:
        return {
            "fire_confidence": self.tr("Counts as fire from"),
            "smoke_confidence": self.tr("Counts as smoke from"),
            "confidence": self.tr("Other things from"),
            "rate": self.tr("Looks where it moves"),
            "floor_period": self.tr("Still pictures every"),
        }

    def _first(self) -> QWidget:
        """What to say around the models."""
        above = QLabel(self.tr("Cameras without models of their own are looked at by these:"))
        below = QLabel(
            self.tr(
                "Rules of colour and motion look for flame and smoke besides. Models change at"
                " once; what they run on changes with the next start of the program."
            )
        )
        for label in (above, below):
            label.setWordWrap(True)
        below.setProperty("role", "muted")
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for part in (above, self.models, self.runs, below):
            column.addWidget(part)
        return whole
