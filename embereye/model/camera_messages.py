"""What people ask about cameras and their settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from embereye.model.ids import CameraId


@dataclass(frozen=True, slots=True)
class AddCameraAsked:
    """Put a camera on the wall.

    Attributes:
        values: Options of `[[cameras]]` by name, "id", "name" and "source" among them; plain
            values. Credentials inside the source go to the secret store; not in `repr`.
    """

    values: Mapping[str, object]
    actor: str

    def __repr__(self) -> str:
        return f"AddCameraAsked(id={self.values.get('id')!r}, actor={self.actor!r})"


@dataclass(frozen=True, slots=True)
class EditCameraAsked:
    """Change options of a camera.

    Attributes:
        values: The options that change, by name. None: back to the default. A source whose
            password reads "***" keeps the stored one.
    """

    camera: CameraId
    values: Mapping[str, object]
    actor: str

    def __repr__(self) -> str:
        return f"EditCameraAsked(camera={self.camera!r}, actor={self.actor!r})"


@dataclass(frozen=True, slots=True)
class RemoveCameraAsked:
    """Take a camera off the wall; what was recorded of it stays."""

    camera: CameraId
    actor: str


@dataclass(frozen=True, slots=True)
class MoveCameraAsked:
    """Another place in the order of the wall.

    Attributes:
        to: Number from 0; beyond the end: last.
    """

    camera: CameraId
    to: int
    actor: str


@dataclass(frozen=True, slots=True)
class ImportCamerasAsked:
    """Add and change many cameras in one step, or none when one row is wrong."""

    rows: tuple[Mapping[str, object], ...]
    actor: str

    def __repr__(self) -> str:
        return f"ImportCamerasAsked(rows={len(self.rows)}, actor={self.actor!r})"


@dataclass(frozen=True, slots=True)
class SnapshotSaved:
    """A picture of a camera left the program as a file.

    Attributes:
        utc: When the picture was taken, s.
        file: Its path.
        actor: Who saved it.
    """

    camera: CameraId
    utc: float
    file: str
    actor: str
