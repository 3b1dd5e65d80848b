"""What screens say of a walk test."""

from PySide6.QtCore import QCoreApplication

from embereye.model.walk_test import WalkTest
from embereye.ui.console import Console

_NAMED = 3  # places; more are counted


def places_text(test: WalkTest) -> str:
    """Where it is, in a few words."""
    shown = ", ".join(test.names[:_NAMED])
    rest = len(test.names) - _NAMED
    return _tr("{0} and {1} more").format(shown, rest) if rest > 0 else shown


def progress_text(test: WalkTest) -> str:
    """How many of those expected have raised a test alarm."""
    done = len(test.expected) - len(test.missing)
    return _tr("{0} of {1} tested").format(done, len(test.expected))


def source_name(console: Console, source: str) -> str:
    """What people call a "camera ID" or "device ID"."""
    kind, _, known = source.partition(" ")
    if kind == "camera":
        names = {str(camera.id): camera.name for camera in console.cameras().cameras}
        return _tr("{0} · camera").format(names.get(known, known))
    names = {str(device.id): device.name for device in console.devices().devices}
    return _tr("{0} · device").format(names.get(known) or known)


def _tr(text: str) -> str:
    return QCoreApplication.translate("walk_words", text)
