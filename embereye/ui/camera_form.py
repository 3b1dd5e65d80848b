"""Adding a camera, or changing one: the options of the schema, the common ones first."""

from collections.abc import Container, Mapping
from typing import Protocol

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from embereye.config.schema import Camera
from embereye.model.camera_messages import AddCameraAsked, EditCameraAsked
from embereye.model.errors import ConfigError
from embereye.model.ids import CameraId
from embereye.runtime.worker import ThreadHost
from embereye.services.camera_configuration import ChangedCamera, changed_camera
from embereye.services.camera_finder import CameraDraft
from embereye.services.model_list import choices, listed
from embereye.ui.bridge import Bridge
from embereye.ui.model_console import ModelConsole
from embereye.ui.model_picker import ModelPicker
from embereye.ui.section_form import SectionForm
from embereye.ui.settings_form import SettingsForm, stacked, told_by_field
from embereye.ui.trial_row import TrialConsole, TrialRow


class FormConsole(TrialConsole, ModelConsole, Protocol):
    """What the form needs of the program."""


class CameraForm(SettingsForm):
    """Adds a camera, or changes one. GUI thread."""

    console: FormConsole

    def __init__(
        self,
        console: FormConsole,
        bridge: Bridge,
        threads: ThreadHost,
        camera: Camera | None,
        parent: QWidget | None = None,
        draft: CameraDraft | None = None,
    ) -> None:
        """`camera` None: a new one, `draft` proposes it."""
        super().__init__(console, bridge, parent)
        self._camera = camera
        self.setWindowTitle(self.tr("Add a camera") if camera is None else camera.name)
        self.basic = self._form(self._basic())
        self.advanced = self._form(self._advanced())
        self.detection = self._form(self._detection())
        self.models = self._picker()
        self.trial = TrialRow(threads)
        self.trial.asked.connect(self._try)
        self.lay_out(
            (self.basic, self.tr("Camera")),
            (stacked(self.models, self.detection, spacing=16), self.tr("Detection")),
            (self.advanced, self.tr("Advanced")),
            below=self.trial,
        )
        values: Mapping[str, object] = {} if camera is None else camera.model_dump()
        for form in self._forms:
            form.edited.connect(self.trial.clear)
            form.show_values(values)
        self.models.show_value(None if camera is None else camera.models)
        self._draft = draft
        if draft is not None:
            self.basic.propose(_part(draft.values, self._basic()))
            self.advanced.propose(_part(draft.values, self._advanced()))

    @Slot()
    def save(self) -> None:
        """Check everything, then ask."""
        values = self._values()
        if self._changed(values) is None:
            return
        if not values:
            self.accept()
            return
        actor = self.console.settings().operator
        if self._camera is None:
            self.send(AddCameraAsked(values, actor))
        else:
            self.send(EditCameraAsked(CameraId(self._camera.id), values, actor))

    @Slot()
    def _try(self) -> None:
        """Connect to the camera as it stands in the form."""
        row = self._changed(self._values())
        if row is not None:
            self.trial.begin(self.console.trial(row))

    def _values(self) -> dict[str, object]:
        values = self.models.changes()
        for form in self._forms:
            values |= form.changes()
        return values if self._draft is None else self._draft.completed(values)

    def _changed(self, values: Mapping[str, object]) -> ChangedCamera | None:
        """The camera with these values; None when something is wrong with them, which is told."""
        row: ChangedCamera | None = None
        before = {} if self._camera is None else self._camera.model_dump(exclude_defaults=True)
        problems = self.basic.problems({**before, **values})
        if not problems:
            try:
                row = changed_camera(self.console.settings(), self._camera, values)
            except ConfigError as error:
                problems = told_by_field(error)
        for form in self._forms:
            form.tell(problems)
        self.complain(problems)
        return row

    def _form(self, captions: dict[str, str]) -> SectionForm:
        none = ("", self.tr("a place of its own"))
        places = [none, *((p.id, p.name) for p in self.console.settings().places)]
        return SectionForm(Camera, list(captions), captions, {"place": places})

    @property
    def _forms(self) -> tuple[SectionForm, ...]:
        return self.basic, self.detection, self.advanced

    def _picker(self) -> ModelPicker:
        settings, table = self.console.settings(), self.console.models()
        rows = listed(table, self.console.model_work(), settings)
        return ModelPicker(settings.detection.model, choices(table, settings), rows)

    def _basic(self) -> dict[str, str]:
        captions = {"id": self.tr("Id"), "name": self.tr("Name")}
        if self._camera is not None:
            del captions["id"]
        return captions | {
            "source": self.tr("Source"),
            "sub_source": self.tr("Sub stream"),
            "place": self.tr("Place"),
            "group": self.tr("Group"),
            "enabled": self.tr("Enabled"),
            "detect": self.tr("Look for fire"),
        }

    def _advanced(self) -> dict[str, str]:
        return {
            "transport": self.tr("RTSP over"),
            "hardware": self.tr("Decoder chip"),
            "user": self.tr("User name"),
            "onvif": self.tr("ONVIF address"),
            "open_timeout": self.tr("Wait for a connection"),
            "read_timeout": self.tr("Wait for a picture"),
        }

    def _detection(self) -> dict[str, str]:
        return {
            "flame_time": self.tr("Verify a flame for"),
            "smoke_time": self.tr("Verify smoke for"),
            "inference_max_side": self.tr("Longest side for detection"),
        }


def _part(values: Mapping[str, object], names: Container[str]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name in names}
