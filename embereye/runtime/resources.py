"""Where the files that ship beside the code lie: icons, sounds, fonts, clips."""

import sys
import sysconfig
from pathlib import Path

from embereye.model.errors import EmberEyeError


class ResourceMissing(EmberEyeError):
    """A file that ships with the program is not there."""


def resource(*parts: str) -> Path:
    """Path of a shipped file or folder, for example `resource("sounds", "fire.wav")`.

    Looks beside the frozen program, then in the source checkout, then under the `share/embereye`
    of the Python installation that the wheel went into.

    Raises:
        ResourceMissing: Nothing of that name exists; the text says how to repair it.
    """
    roots = _roots()
    for root in roots:
        path = root.joinpath(*parts)
        if path.exists():
            return path
    name = "/".join(parts) or "resources"
    places = ", ".join(str(root) for root in roots)
    raise ResourceMissing(
        f"The program's file {name} is missing (looked in {places}). Install EmberEye again."
    )


def _roots() -> tuple[Path, ...]:
    frozen = getattr(sys, "_MEIPASS", None)  # set by PyInstaller in the frozen program only
    if frozen is not None:
        return (Path(frozen) / "resources",)
    checkout = Path(__file__).resolve().parents[2] / "resources"
    return (checkout, Path(sysconfig.get_path("data")) / "share" / "embereye" / "resources")
