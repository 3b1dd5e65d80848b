"""A file that is there as a whole or not at all, and never in place of another one."""

import contextlib
import os
import re
from pathlib import Path
from uuid import uuid4

from embereye.model.errors import EmberEyeError

# Names that Windows keeps for devices, with any ending. Source: Microsoft, "Naming Files, Paths,
# and Namespaces".
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|\Z)", re.IGNORECASE)
_ODD = re.compile(r'[<>:"|?*\x00-\x1f]')


class FileNameError(EmberEyeError):
    """A file cannot have this name; says which one it may have."""


def write_whole(path: Path, content: bytes, *, replace: bool = False) -> None:
    """Write a file beside its place, then put it there in one step.

    Args:
        replace: Somebody agreed that the file of this name goes.

    Raises:
        FileNameError: The name means a device somewhere, or is taken and not to be replaced.
        OSError: The folder cannot be written to.
    """
    if _DEVICES.match(path.name) or _ODD.search(path.name) or path.name.endswith((".", " ")):
        raise FileNameError(f"{path.name} is no name for a file on Windows. Choose another name.")
    partial = _beside(path, content)
    try:
        if replace:
            os.replace(partial, path)
        else:
            _place(partial, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            partial.unlink()


def _beside(path: Path, content: bytes) -> Path:
    """The content in a file of another name, on the disk."""
    partial = path.with_name(f".{uuid4().hex}.part")
    try:
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        error.filename = str(path)  # nobody chose the other name
        raise
    return partial


def _place(partial: Path, path: Path) -> None:
    """Give the finished file its name unless another one has it by now."""
    try:
        os.link(partial, path)
    except FileExistsError:
        raise FileNameError(f"{path.name} is there already. Choose another name.") from None
    except OSError:  # no links on this disk, such as FAT: take the name first, then fill it
        try:
            path.open("xb").close()
        except FileExistsError:
            raise FileNameError(f"{path.name} is there already. Choose another name.") from None
        os.replace(partial, path)
