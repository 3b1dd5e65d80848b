"""A change of the settings of a device or camera that was asked for, until it is in force."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embereye.model.camera_messages import AddCameraAsked, EditCameraAsked
from embereye.model.device_messages import AddDeviceAsked, EditDeviceAsked
from embereye.model.errors import ConfigError
from embereye.model.incident_messages import EditLanguageModelAsked
from embereye.model.messages import RequestRefused
from embereye.model.notice import EditTargetAsked
from embereye.model.remote import EditRemoteDetectorAsked
from embereye.model.rule_messages import SaveCalendarAsked, SaveRuleAsked, subject_of
from embereye.model.vision_models import EditDetectionAsked
from embereye.services.camera_configuration import changed_camera
from embereye.services.detection_configuration import SUBJECT as DETECTION
from embereye.services.detection_configuration import changed_detection
from embereye.services.device_configuration import changed
from embereye.services.llm_configuration import SUBJECT as LANGUAGE_MODEL
from embereye.services.llm_configuration import changed_model
from embereye.services.notify_configuration import SUBJECT as NOTIFICATIONS
from embereye.services.notify_configuration import in_force
from embereye.services.remote_configuration import SUBJECT, changed_remote
from embereye.services.rule_configuration import rules_in_force
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console

Asked = (
    AddDeviceAsked
    | EditDeviceAsked
    | AddCameraAsked
    | EditCameraAsked
    | EditDetectionAsked
    | EditRemoteDetectorAsked
    | EditLanguageModelAsked
    | EditTargetAsked
    | SaveRuleAsked
    | SaveCalendarAsked
)

_LOOK = 100  # ms between looks at the settings
_PATIENCE = 5000  # ms after which a request without an answer counts as lost


class Saving(QObject):
    """Asks, and watches what becomes of it. GUI thread.

    Signals:
        done: () it is in force
        failed: (str) it is not; why, for the operator
    """

    done = Signal()
    failed = Signal(str)

    def __init__(self, console: Console, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._console = console
        self._asked: Asked | None = None
        self._revision = 0
        self._reasons: list[str] = []
        self._look = QTimer(self)
        self._look.setInterval(_LOOK)
        self._look.timeout.connect(self._watch)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE)
        self._patience.timeout.connect(self._gave_up)
        bridge.refused.connect(self._refused)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._asked is not None

    def ask(self, request: Asked) -> None:
        """Send a request; one at a time."""
        self._asked, self._reasons = request, []
        self._revision = self._console.settings().revision
        self._console.ask(request)
        self._look.start()
        self._patience.start()

    @Slot()
    def _watch(self) -> None:
        if self._reasons:  # several wrong fields are refused one by one: tell them together
            self._end()
            self.failed.emit("\n".join(self._reasons))
        elif self._in_force():
            self._end()
            self.done.emit()

    def _in_force(self) -> bool:
        """Whether doing it once more would change nothing."""
        asked, settings = self._asked, self._console.settings()
        try:
            if isinstance(asked, AddCameraAsked | EditCameraAsked):
                camera = next((c for c in settings.cameras if c.id == self._named()), None)
                again = changed_camera(settings, camera, asked.values).camera
                return camera is not None and again == camera
            if isinstance(asked, EditDetectionAsked):
                return changed_detection(settings.detection, asked.values) == settings.detection
            if isinstance(asked, SaveRuleAsked | SaveCalendarAsked):
                return settings.revision != self._revision and rules_in_force(settings, asked)
            if isinstance(asked, EditTargetAsked):
                saved = settings.revision != self._revision
                return saved and in_force(settings.notifications, asked)
            if isinstance(asked, EditLanguageModelAsked):
                model = settings.incidents.language_model
                saved = settings.revision != self._revision
                return saved and changed_model(model, asked.values) == model
            if isinstance(asked, EditRemoteDetectorAsked):
                remote = settings.detection.remote
                # Of a key nothing is seen here but that something was saved.
                saved = settings.revision != self._revision
                return saved and changed_remote(remote, asked.values) == remote
            row = next((r for r in settings.devices if r.id == self._named()), None)
            return asked is not None and row is not None and changed(row, asked.values) == row
        except ConfigError:
            return False

    def _named(self) -> str:
        """The id of what is changed."""
        asked = self._asked
        if isinstance(asked, EditDeviceAsked):
            return str(asked.device)
        if isinstance(asked, EditCameraAsked):
            return str(asked.camera)
        return "" if asked is None else str(asked.values.get("id", ""))

    def _subject(self) -> str:
        """How a refusal names it."""
        if isinstance(self._asked, EditRemoteDetectorAsked):
            return SUBJECT
        if isinstance(self._asked, EditDetectionAsked):
            return DETECTION
        if isinstance(self._asked, EditLanguageModelAsked):
            return LANGUAGE_MODEL
        if isinstance(self._asked, SaveRuleAsked | SaveCalendarAsked):
            return subject_of(self._asked)
        if isinstance(self._asked, EditTargetAsked):
            return f"{NOTIFICATIONS}:{self._asked.target}"
        camera = isinstance(self._asked, AddCameraAsked | EditCameraAsked)
        return f"camera:{self._named()}" if camera else f"settings:{self._named()}"

    @Slot(object)
    def _refused(self, message: RequestRefused) -> None:
        if self._asked is not None and message.subject == self._subject():
            self._reasons.append(message.text)

    @Slot()
    def _gave_up(self) -> None:
        self._end()
        self.failed.emit(self.tr("No answer came: the disk may be slow. Try again."))

    def _end(self) -> None:
        self._asked = None
        self._look.stop()
        self._patience.stop()
