"""Everything that the pages of the main window may ask. `app` fills this port."""

from typing import Protocol

from embereye.ui.device_console import DeviceConsole
from embereye.ui.find_cameras import FinderConsole
from embereye.ui.trial_row import TrialConsole


class ProgramConsole(DeviceConsole, TrialConsole, FinderConsole, Protocol):
    """The program as the main window sees it. GUI thread; no method blocks."""
