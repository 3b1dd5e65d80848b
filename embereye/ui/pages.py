"""The pages of the window and their entries in the rail."""

from enum import IntEnum

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from embereye.model.ids import AlarmId, IncidentId
from embereye.model.reading import DeviceStatus, ThermalFrame
from embereye.runtime.worker import PlainThreads
from embereye.services.model_list import ListedModel
from embereye.ui.alarms_page import AlarmsPage
from embereye.ui.beside import found, show_beside
from embereye.ui.bridge import Bridge
from embereye.ui.camera_actions import CameraActions
from embereye.ui.camera_pictures import CameraPictures
from embereye.ui.cameras_page import CamerasPage
from embereye.ui.demands import Demands
from embereye.ui.detection_form import DetectionForm
from embereye.ui.device_actions import DeviceActions
from embereye.ui.devices_page import DevicesPage
from embereye.ui.health_page import HealthPage
from embereye.ui.heat import Toning
from embereye.ui.incidents_page import IncidentsPage
from embereye.ui.llm_form import LlmForm
from embereye.ui.models_page import ModelsPage
from embereye.ui.notify_dialog import NotifyDialog
from embereye.ui.playback_page import PlaybackPage
from embereye.ui.program_console import ProgramConsole
from embereye.ui.ptz_mode import PtzMode
from embereye.ui.rail import Entry
from embereye.ui.remote_form import RemoteForm
from embereye.ui.rule_history_rows import MomentAsked
from embereye.ui.rules_page import RulesPage
from embereye.ui.security_page import SecurityPage
from embereye.ui.shift_page import ShiftPage
from embereye.ui.theme import Tokens
from embereye.ui.thermal_editor import ThermalEditor
from embereye.ui.thermal_export import ThermalExport
from embereye.ui.trends_page import TrendsPage
from embereye.ui.try_model_dialog import TryModelDialog
from embereye.ui.wall_page import WallPage
from embereye.ui.wishes import Wishes


class Page(IntEnum):
    """The pages, in the order of the rail."""

    WALL = 0
    ALARMS = 1
    INCIDENTS = 2
    SHIFT = 3
    RULES = 4
    DEVICES = 5
    TRENDS = 6
    PLAYBACK = 7
    CAMERAS = 8
    MODELS = 9
    SECURITY = 10
    HEALTH = 11
    REGIONS = 12  # has no entry in the rail: it is opened from the devices


class Pages(QStackedWidget):
    """Builds the pages and shows one of them. GUI thread.

    Signals:
        page_asked: (int) a page wants another one shown
    """

    page_asked = Signal(int)

    def __init__(
        self,
        console: ProgramConsole,
        bridge: Bridge,
        demands: Demands,
        colours: Tokens,
        wishes: Wishes,
    ) -> None:
        super().__init__()
        self._console, self._bridge = console, bridge
        self._demands, self._colours = demands, colours
        self.camera_actions = CameraActions(console, bridge, self, colours)
        self.device_actions = DeviceActions(console, bridge, demands, colours, self)
        self.pictures = CameraPictures(console, bridge, demands, colours, self)
        self.wall = WallPage(console, demands, colours)
        self.wall.snapshot_asked.connect(self.pictures.save)
        self.wall.masks_asked.connect(self.pictures.mask)
        self.wall.zones_asked.connect(self.pictures.zone)
        self.ptz = PtzMode(console, self.wall)
        self.alarms = AlarmsPage(console, demands, colours, wishes)
        self.incidents = IncidentsPage(console, colours)
        self.incidents.alarm_asked.connect(self._show_alarm)
        self.alarms.detail.incident.incident_asked.connect(self._show_incident)
        self.incidents.model_asked.connect(self._set_up_llm)
        self.shift = ShiftPage(console, colours, PlainThreads())
        self.rules = RulesPage(console, bridge, colours)
        self.rules.moment_asked.connect(self._show_moment)
        self.devices = DevicesPage(console, colours, self.device_actions)
        self.trends = TrendsPage(console, colours, console)
        self.playback = PlaybackPage(console, colours)
        self.regions = ThermalEditor(console, bridge, colours)
        self.cameras = CamerasPage(console, colours, self.camera_actions)
        self.cameras.snapshot_asked.connect(self.pictures.save)
        self.cameras.masks_asked.connect(self.pictures.mask)
        self.cameras.zones_asked.connect(self.pictures.zone)
        self.models = ModelsPage(console, colours)
        self.models.common_asked.connect(self._choose_models)
        self.models.remote_asked.connect(self._set_up_remote)
        self.models.trial_asked.connect(self._try_model)
        self.security = SecurityPage(console, colours)
        self.health = HealthPage(console, colours)
        self.health.test_asked.connect(wishes.run_self_test)
        self.health.remote_asked.connect(self._set_up_remote)
        self.health.notify_asked.connect(self._set_up_notices)
        self.exports = ThermalExport(PlainThreads(), self)
        self.playback.export_asked.connect(self._export)
        self.playback.offer_export()
        bridge.device_tested.connect(self.devices.detail.take_result)
        self.devices.regions_asked.connect(self._edit_regions)
        self.regions.closed.connect(self._leave_regions)
        for _, page in sorted(self._numbered().items()):
            self.addWidget(page)

    @property
    def current(self) -> Page:
        """The page in front."""
        return Page(self.currentIndex())

    def pane_width(self) -> int:
        """Width of the detail pane at the right of the page in front, px; 0 without one.

        Beside the editor of rules popups rather lie over the preview than over form and buttons.
        """
        page = self.currentWidget()
        with_panes = (
            self.alarms,
            self.incidents,
            self.shift,
            self.devices,
            self.regions,
            self.cameras,
            self.models,
        )
        return page.pane_width() if page in with_panes else 0

    def entries(self) -> list[Entry]:
        """What the rail shows, one for each page."""
        return [
            Entry("wall", self.tr("Wall")),
            Entry("alarms", self.tr("Alarms")),
            Entry("incidents", self.tr("Incidents")),
            Entry("shift", self.tr("Shift")),
            Entry("rules", self.tr("Rules")),
            Entry("devices", self.tr("Devices")),
            Entry("trends", self.tr("Trends")),
            Entry("playback", self.tr("Playback")),
            Entry("settings", self.tr("Cameras")),
            Entry("models", self.tr("Models")),
            Entry("security", self.tr("Security")),
            Entry("health", self.tr("Health")),
        ]

    @Slot()
    def save_snapshot(self) -> None:
        """Save what the selected camera of the page in front shows."""
        chosen = self.cameras.selection() if self.current is Page.CAMERAS else None
        selected = self.wall.canvas.selected if self.current is Page.WALL else None
        self.pictures.save(selected if chosen is None else chosen.id)

    @Slot()
    def _set_up_remote(self) -> None:
        if not found(self, "remote detector"):
            form = RemoteForm(self._console, self._bridge, self)
            show_beside(form, "remote detector")

    @Slot()
    def _set_up_notices(self) -> None:
        if not found(self, "notifications"):
            dialog = NotifyDialog(self._console, self._bridge, self._colours, self)
            show_beside(dialog, "notifications")

    @Slot(object)
    def _show_incident(self, incident: IncidentId) -> None:
        self.incidents.select(incident)
        self.page_asked.emit(Page.INCIDENTS)

    @Slot()
    def _set_up_llm(self) -> None:
        if not found(self, "language model"):
            show_beside(LlmForm(self._console, self._bridge, self), "language model")

    @Slot()
    def _choose_models(self) -> None:
        if not found(self, "detection"):
            show_beside(DetectionForm(self._console, self._bridge, self), "detection")

    @Slot(object)
    def _try_model(self, row: ListedModel) -> None:
        if found(self, "try model"):
            return
        rows = (row, *(r for r in self.models.rows() if r.key != row.key))
        models = [(f"{r.title} {r.version}", r.facts.path) for r in rows if r.facts is not None]
        models.append((self.tr("rules of colour and motion alone"), ""))
        dialog = TryModelDialog(
            models, self._console, self._demands, PlainThreads(), self._colours, self
        )
        show_beside(dialog, "try model")

    @Slot(object)
    def _edit_regions(self, device: DeviceStatus) -> None:
        self.regions.edit(device.id)  # with a question first, when another is not saved
        self.page_asked.emit(Page.REGIONS)

    @Slot(object)
    def _export(self, frame: ThermalFrame) -> None:
        palette = self._console.settings().wall.palette
        self.exports.ask(frame, str(frame.device), Toning(palette))

    @Slot(object)
    def _show_alarm(self, alarm: AlarmId) -> None:
        self.alarms.select(alarm)
        self.page_asked.emit(Page.ALARMS)

    @Slot(object)
    def _show_moment(self, moment: MomentAsked) -> None:
        self.page_asked.emit(Page.PLAYBACK)
        self.playback.show_device(moment.device, moment.at_utc)

    @Slot()
    def _leave_regions(self) -> None:
        self.page_asked.emit(Page.DEVICES)

    def _numbered(self) -> dict[Page, QWidget]:
        return {
            Page.WALL: self.wall,
            Page.ALARMS: self.alarms,
            Page.INCIDENTS: self.incidents,
            Page.SHIFT: self.shift,
            Page.RULES: self.rules,
            Page.DEVICES: self.devices,
            Page.TRENDS: self.trends,
            Page.PLAYBACK: self.playback,
            Page.CAMERAS: self.cameras,
            Page.MODELS: self.models,
            Page.SECURITY: self.security,
            Page.HEALTH: self.health,
            Page.REGIONS: self.regions,
        }
