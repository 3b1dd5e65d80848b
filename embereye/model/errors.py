"""Errors with a text that an operator can read."""


class EmberEyeError(Exception):
    """The root of every error this program raises on purpose; `str(error)` says what to do."""


class ConfigError(EmberEyeError):
    """Settings are wrong. `problems` holds one message per field."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class SourceError(EmberEyeError):
    """A camera source cannot be used as written."""


class CameraUnreachable(EmberEyeError):
    """The camera does not answer, or went silent."""


class CameraRefused(EmberEyeError):
    """The camera answered and rejected the user name or password."""


class CameraUnsupported(EmberEyeError):
    """The camera answers with something that cannot be decoded."""


class CalibrationError(EmberEyeError):
    """A calibration memory does not belong to a working sensor."""


class AlarmActionError(EmberEyeError):
    """The action is not allowed in the alarm's state."""


class StorageError(EmberEyeError):
    """The database cannot be used (locked, corrupt, full, unreadable)."""


class SchemaTooNew(StorageError):
    """The database was written by a newer version of the program."""


class DetectorError(EmberEyeError):
    """A detector or its model cannot be used."""


class PictureUnusable(EmberEyeError):
    """What should be a picture is none that a detector can look at; the next one may be."""


class ModelRefused(EmberEyeError):
    """A model cannot be imported, used or removed as asked.

    `families` holds what to choose from where the layout of its outputs could not be told.
    """

    def __init__(self, message: str, families: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.families = families


class AlreadyRunning(EmberEyeError):
    """Another process owns the data directory."""


class PortInUse(EmberEyeError):
    """A listener's port is taken by another program."""


class EnrolmentTextError(EmberEyeError):
    """A text that should give a device its key is none, or was mistyped."""


class SealBroken(EmberEyeError):
    """A stored device key cannot be decrypted, or the key that opens all of them is not there."""


class EnrolmentRefused(EmberEyeError):
    """Keys cannot be changed as asked. `problems` holds one message per line of a file."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class FirmwareError(EmberEyeError):
    """A firmware repository or image is not genuine, not new enough, or unreadable."""


class SerialEnrolmentError(EmberEyeError):
    """A key could not be written into a device over a serial line."""
