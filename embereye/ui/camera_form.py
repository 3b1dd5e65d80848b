"""Adding a camera, or changing one: the options of the schema, the common ones first."""

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from embereye.config.schema import Camera
from embereye.model.camera_messages import AddCameraAsked, EditCameraAsked
from embereye.model.errors import ConfigError
from embereye.model.ids import CameraId
from embereye.services.camera_configuration import changed_camera
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console
from embereye.ui.section_form import SectionForm
from embereye.ui.settings_form import SettingsForm


class CameraForm(SettingsForm):
    """Adds a camera, or changes one. GUI thread."""

    def __init__(
        self, console: Console, bridge: Bridge, camera: Camera | None, parent: QWidget | None = None
    ) -> None:
        """`camera` None: a new one."""
        super().__init__(console, bridge, parent)
        self._camera = camera
        self.setWindowTitle(self.tr("Add a camera") if camera is None else camera.name)
        self.basic = self._form(self._basic())
        self.advanced = self._form(self._advanced())
        self.lay_out((self.basic, self.tr("Camera")), (self.advanced, self.tr("Advanced")))
        values: Mapping[str, object] = {} if camera is None else camera.model_dump()
        self.basic.show_values(values)
        self.advanced.show_values(values)

    @Slot()
    def save(self) -> None:
        """Check everything, then ask."""
        values = {**self.basic.changes(), **self.advanced.changes()}
        problems = self._problems(values)
        self.basic.tell(problems)
        self.advanced.tell(problems)
        self.complain(problems)
        if problems:
            return
        if not values:
            self.accept()
            return
        actor = self.console.settings().operator
        if self._camera is None:
            self.send(AddCameraAsked(values, actor))
        else:
            self.send(EditCameraAsked(CameraId(self._camera.id), values, actor))

    def _problems(self, values: Mapping[str, object]) -> dict[str, str]:
        before = {} if self._camera is None else self._camera.model_dump(exclude_defaults=True)
        found = self.basic.problems({**before, **values})
        if found:
            return found
        try:
            changed_camera(self.console.settings(), self._camera, values)
        except ConfigError as error:
            pairs = [text.partition(": ") for text in error.problems or (str(error),)]
            return {name if rest else "": rest or name for name, _, rest in pairs}
        return {}

    def _form(self, captions: dict[str, str]) -> SectionForm:
        none = ("", self.tr("a place of its own"))
        places = [none, *((p.id, p.name) for p in self.console.settings().places)]
        return SectionForm(Camera, list(captions), captions, {"place": places})

    def _basic(self) -> dict[str, str]:
        captions = {"id": self.tr("Id"), "name": self.tr("Name")}
        if self._camera is not None:
            del captions["id"]
        return captions | {
            "source": self.tr("Source"),
            "place": self.tr("Place"),
            "group": self.tr("Group"),
            "enabled": self.tr("Enabled"),
            "detect": self.tr("Look for fire"),
        }

    def _advanced(self) -> dict[str, str]:
        return {
            "transport": self.tr("RTSP over"),
            "user": self.tr("User name"),
            "open_timeout": self.tr("Wait for a connection"),
            "read_timeout": self.tr("Wait for a picture"),
            "inference_max_side": self.tr("Longest side for detection"),
        }
