"""What the window tells the engine about itself."""

from dataclasses import dataclass

from embereye.model.stamp import Stamp


@dataclass(frozen=True, slots=True)
class WindowAlive:
    """The GUI thread has had a turn; once a second while the window is open."""

    at: Stamp


@dataclass(frozen=True, slots=True)
class WindowClosed:
    """The window was closed; its silence means nothing from now on."""
