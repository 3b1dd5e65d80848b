"""What the screens about notices may ask beside `Console`. `app` fills this port."""

from typing import Protocol

from embereye.model.notice import NoticeTable
from embereye.ui.console import Console


class NotifyConsole(Console, Protocol):
    """The program as the screens about notices see it. GUI thread; no method blocks."""

    def notifications(self) -> NoticeTable:
        """All targets, and what waits for them."""
