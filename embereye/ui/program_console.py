"""Everything that the pages of the main window may ask. `app` fills this port."""

from typing import Protocol

from embereye.ui.camera_actions import CameraConsole
from embereye.ui.camera_console import FiguresConsole
from embereye.ui.device_console import DeviceConsole
from embereye.ui.incident_console import IncidentConsole
from embereye.ui.notify_console import NotifyConsole
from embereye.ui.ptz_console import PtzConsole
from embereye.ui.rule_console import RuleConsole
from embereye.ui.self_test_console import SelfTestConsole
from embereye.ui.walk_console import WalkConsole


class ProgramConsole(
    DeviceConsole,
    CameraConsole,
    FiguresConsole,
    PtzConsole,
    IncidentConsole,
    WalkConsole,
    NotifyConsole,
    RuleConsole,
    SelfTestConsole,
    Protocol,
):
    """The program as the main window sees it. GUI thread; no method blocks."""
