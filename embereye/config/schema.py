"""Every option: one row with type, unit, range, default and help.

Nothing else defines options. The models are frozen; code is given its own section, never the
whole tree. Secrets are not options: sources and passwords refer to the secret store by camera id.
"""

from typing import Literal

from pydantic import field_validator, model_validator

from embereye.config.camera_options import Camera, Capture, PrivacyMask
from embereye.config.device_options import (
    Device,
    DeviceLimits,
    ThermalArea,
    ThermalRegion,
    ThermalRule,
)
from embereye.config.incident_options import Incidents, LanguageModel
from embereye.config.notify_options import Notifications
from embereye.config.options import Id, Name, Section, checked_id, option
from embereye.config.rule_options import AlarmRule, Calendar, Suppression
from embereye.config.sensor_options import Firmware, ListenerLimits, Sensors, SerialPort, Tls
from embereye.config.upload_options import Ftp, Uploads
from embereye.config.vision_options import Detection, RemoteDetector
from embereye.config.zone_options import Line, Schedule, Zone, checked_time

SCHEMA_VERSION = 1

__all__ = [
    "SCHEMA_VERSION",
    "AlarmRule",
    "Alarms",
    "Calendar",
    "Camera",
    "Capture",
    "Detection",
    "Device",
    "DeviceLimits",
    "Firmware",
    "Ftp",
    "Incidents",
    "LanguageModel",
    "Line",
    "ListenerLimits",
    "Logging",
    "Notifications",
    "Place",
    "PrivacyMask",
    "RemoteDetector",
    "Schedule",
    "Section",
    "Sensors",
    "SerialPort",
    "Settings",
    "Sound",
    "Storage",
    "Suppression",
    "ThermalArea",
    "ThermalRegion",
    "ThermalRule",
    "Tls",
    "Uploads",
    "Wall",
    "Zone",
]


class Place(Section):
    """The unit of risk: a room, a yard, a machine."""

    id: Id = option(..., "Stable short name")
    name: Name = option(..., "Name on the screen")
    guidance: str = option(
        "", "What the operator should do, shown with each alarm", max_length=2000
    )
    phones: tuple[str, ...] = option((), "Whom to call, in order", max_length=20)

    _id = field_validator("id")(checked_id)


class Alarms(Section):
    """How alarms behave."""

    merge_window: float = option(
        90.0, "Reports of one cause closer than this are one alarm", unit="s", ge=1, le=3600
    )
    silence: float = option(120.0, "How long silence lasts", unit="s", ge=30, le=600)
    announce_deadline: float = option(
        0.05,
        "Longest wait for the disk before an alarm is shown as not recorded",
        unit="s",
        ge=0.01,
        le=1.0,
    )
    shelve: float = option(3600.0, "How long shelving lasts", unit="s", ge=60, le=43_200)
    shelve_most: float = option(
        43_200.0, "Longest shelving and out of service", unit="s", ge=60, le=604_800
    )
    escalate_after: float = option(
        30.0, "A fire that nobody acknowledged is announced again after", unit="s", ge=10, le=3600
    )
    escalate_again: float = option(
        60.0, "… and once more, counted from the first announcement", unit="s", ge=20, le=7200
    )
    shift_changes: tuple[str, ...] = option(
        (), "When shifts change, local time, such as 06:00; for shelving until then", max_length=24
    )
    self_test: str = option(
        "10:00", "When the daily self-test runs, local time, such as 10:00; empty: never"
    )
    self_test_sound: Literal["chime", "silent"] = option(
        "chime", "Whether the self-test chimes once, or proves the sound without being heard"
    )
    self_test_targets: tuple[Id, ...] = option(
        (), "Targets of notifications that get a test notice with each self-test", max_length=50
    )

    @field_validator("shift_changes")
    @classmethod
    def _times(cls, times: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checked_time(text) for text in times)

    @field_validator("self_test")
    @classmethod
    def _time(cls, time: str) -> str:
        return checked_time(time) if time else time


class Wall(Section):
    """The camera wall."""

    layout: int = option(
        0, "Tiles per row and column; 0: fits the cameras", ge=0, le=10, restart=True
    )
    rate: float = option(25.0, "Repaints per second", unit="1/s", ge=1, le=60, restart=True)
    overlay_thermal: bool = option(True, "Thermal picture over the camera picture", restart=True)
    overlay_boxes: bool = option(True, "Boxes of detections", restart=True)
    palette: Literal["inferno", "iron", "rainbow", "white hot", "black hot"] = option(
        "inferno", "Thermal colours", restart=True
    )
    theme: Literal["dark", "high contrast"] = option("dark", "Colours of the program", restart=True)


class Sound(Section):
    """Sirens."""

    enabled: bool = option(True, "Play sounds; off is shown as a fault", restart=True)
    volume: float = option(1.0, "Loudness", ge=0.1, le=1.0, restart=True)
    device: str = option(
        "", "Output device; empty: the system's default", max_length=200, restart=True
    )
    speech: bool = option(False, "Say priority and place of an alarm once, beside its sound")


class Desktop(Section):
    """The desktop around the window."""

    tray: bool = option(True, "Icon in the notification area, by the worst alarm")
    messages: bool = option(True, "Message of the desktop while the window is not in front")


class Storage(Section):
    """What is kept."""

    retention_days: int = option(30, "Readings are kept this long", unit="d", ge=1, le=365)
    low_disk: int = option(500, "Free space that raises a fault", unit="MiB", ge=50, le=100_000)


class Logging(Section):
    """The log file."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = option(
        "INFO", "Least severity written", restart=True
    )
    megabytes: int = option(
        10, "Size at which a log file is closed", unit="MiB", ge=1, le=1000, restart=True
    )
    files: int = option(7, "Closed log files kept", ge=1, le=100, restart=True)


class Settings(Section):
    """Everything. Empty is valid and works."""

    version: int = option(SCHEMA_VERSION, "Version of this file's form", ge=1)
    revision: int = option(0, "Grows with each saved change", ge=0)
    operator: Name = option("operator", "Name written beside actions until accounts are used")
    role: Literal["viewer", "operator", "supervisor", "administrator"] = option(
        "administrator", "What the operator of this console may do, until accounts are used"
    )
    media_folders: tuple[str, ...] = option(
        (), "Folders from which video files may be cameras", max_length=50
    )
    places: tuple[Place, ...] = option((), "Places", max_length=2000)
    cameras: tuple[Camera, ...] = option((), "Cameras", max_length=500)
    devices: tuple[Device, ...] = option((), "Devices", max_length=2000)
    sensors: Sensors = option(Sensors(), "Sensor listener")
    uploads: Uploads = option(Uploads(), "Upload folders")
    capture: Capture = option(Capture(), "Capture of pictures")
    detection: Detection = option(Detection(), "Detection")
    alarms: Alarms = option(Alarms(), "Alarms")
    incidents: Incidents = option(Incidents(), "Incidents")
    rules: tuple[AlarmRule, ...] = option((), "Alarm rules", max_length=500)
    suppressions: tuple[Suppression, ...] = option((), "Suppressions by design", max_length=200)
    calendar: Calendar = option(Calendar(), "Holidays and arming modes")
    notifications: Notifications = option(Notifications(), "Everything outgoing")
    wall: Wall = option(Wall(), "Wall")
    sound: Sound = option(Sound(), "Sound")
    desktop: Desktop = option(Desktop(), "Desktop")
    storage: Storage = option(Storage(), "Storage")
    logging: Logging = option(Logging(), "Log")

    @field_validator("operator")
    @classmethod
    def _is_person(cls, operator: str) -> str:
        if operator == "system":  # services.access.SYSTEM, which may do everything
            raise ValueError("this is what the program calls itself: write the name of a person")
        return operator

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        for title in ("places", "cameras", "devices", "rules", "suppressions"):
            ids = [item.id for item in getattr(self, title)]
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                raise ValueError(f"{title}: the id {', '.join(twice)} is used twice")
        return self
