"""Every option: one row with type, unit, range, default and help.

Nothing else defines options. The models are frozen; code is given its own section, never the
whole tree. Secrets are not options: sources and passwords refer to the secret store by camera id.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from embereye.model.ids import is_id

SCHEMA_VERSION = 1


def _option(
    default: Any, help_text: str, *, unit: str = "", restart: bool = False, **limits: Any
) -> Any:
    """One option. `restart` marks what applies only after a restart of the program."""
    extra: dict[str, JsonValue] = {"unit": unit, "restart": restart}
    return Field(default, description=help_text, json_schema_extra=extra, **limits)


def _checked_id(text: str) -> str:
    if not is_id(text):
        raise ValueError("use 1–64 of A–Z a–z 0–9 . _ - and start with a letter or digit")
    return text


def _checked_reference(text: str) -> str:
    return text if text == "" else _checked_id(text)


Id = Annotated[str, Field(min_length=1, max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=120)]


class Section(BaseModel):
    """A frozen part of the settings; unknown fields are refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Place(Section):
    """The unit of risk: a room, a yard, a machine."""

    id: Id = _option(..., "Stable short name")
    name: Name = _option(..., "Name on the screen")
    guidance: str = _option(
        "", "What the operator should do, shown with each alarm", max_length=2000
    )
    phones: tuple[str, ...] = _option((), "Whom to call, in order", max_length=20)

    _id = field_validator("id")(_checked_id)


class Camera(Section):
    """One camera of the wall."""

    id: Id = _option(..., "Stable short name")
    name: Name = _option(..., "Name on the screen")
    source: str = _option(
        ...,
        "rtsp(s):// or http(s):// address, a video file, or a USB camera number; no password",
        min_length=1,
        max_length=2048,
    )
    place: str = _option(
        "", "Place it watches; empty: a place of its own with the camera's id and name"
    )
    group: str = _option("", "Camera group on the wall", max_length=60)
    enabled: bool = _option(True, "Off: shown as disabled, not connected, counted as disabled")
    transport: Literal["tcp", "udp"] = _option("tcp", "How RTSP video travels")
    user: str = _option("", "User name; the password lies in the secret store", max_length=120)
    open_timeout: float = _option(5.0, "Longest wait for a connection", unit="s", ge=1.0, le=30.0)
    read_timeout: float = _option(
        4.0, "Longest wait for the next picture", unit="s", ge=1.0, le=30.0
    )
    detect: bool = _option(True, "Look for flame and smoke in this picture")
    inference_max_side: int = _option(
        640, "Longest side of pictures given to detectors; 0: full size", unit="px", ge=0, le=4096
    )

    _id = field_validator("id")(_checked_id)
    _place = field_validator("place")(_checked_reference)


class DeviceLimits(Section):
    """When one device's values count as heat, flame, smoke or gas."""

    thermal_fire: float = _option(
        85.0, "Maximum temperature that is a fire", unit="°C", ge=30, le=500
    )
    thermal_high: float = _option(
        60.0, "Maximum temperature that is a pre-alarm", unit="°C", ge=25, le=400
    )
    thermal_delay: float = _option(2.0, "How long the temperature must last", unit="s", ge=0, le=60)
    dead_band: float = _option(
        3.0, "How far it must fall to count as over", unit="K", ge=0.5, le=30
    )
    rise_rate: float = _option(8.0, "Rate of rise that is a pre-alarm", unit="°C/min", ge=1, le=100)
    rise_span: float = _option(5.0, "Rise needed before the rate counts", unit="K", ge=1, le=50)
    flame_margin: float = _option(
        25.0, "Flame channel above its idle level", unit="points", ge=2, le=90
    )
    smoke_margin: float = _option(
        15.0, "Smoke channel above its idle level", unit="points", ge=2, le=90
    )
    gas_channel: Literal["", "ADC1", "ADC2", "ADC3"] = _option(
        "", "Channel of a gas sensor; empty: none"
    )
    gas: Literal["CO", "CO2", "NH3", "alcohol", "acetone", "toluene"] = _option("CO", "Which gas")
    gas_limit: float = _option(50.0, "Concentration that is an alarm", unit="ppm", ge=1, le=100_000)

    @model_validator(mode="after")
    def _ordered(self) -> "DeviceLimits":
        if self.thermal_high >= self.thermal_fire:
            raise ValueError("thermal_high must be below thermal_fire")
        return self


class Device(Section):
    """One sensor device."""

    id: Id = _option(..., "Identity of the device: its constant id, serial number or location")
    name: Name = _option(..., "Name on the screen")
    place: str = _option("", "Place it protects; empty: the place of its camera, else its own")
    camera: str = _option("", "Camera whose picture the thermal overlay belongs to")
    location: str = _option("", "Location (#locid) that means this device", max_length=64)
    address: str = _option("", "Fixed network address that means this device", max_length=64)
    enabled: bool = _option(True, "Off: counted as disabled, raises nothing")
    profile: Literal["auto", "mlx90640", "centi27", "raw"] = _option(
        "auto", "How it encodes temperatures"
    )
    emissivity: float = _option(0.95, "Emissivity of what it looks at", ge=0.1, le=1.0)
    mode: Literal["continuous", "on demand"] = _option(
        "continuous", "Streams by itself or is asked"
    )
    poll: float = _option(10.0, "How often it is asked in mode on demand", unit="s", ge=1, le=3600)
    terminator: Literal["", "CR", "LF", "CRLF"] = _option("", "What ends a command to it")
    limits: DeviceLimits = _option(DeviceLimits(), "Its limits")

    _id = field_validator("id")(_checked_id)
    _references = field_validator("place", "camera")(_checked_reference)


class ListenerLimits(Section):
    """What one peer may do on the sensor port."""

    first_packet: float = _option(5.0, "Until the first valid packet", unit="s", ge=1, le=60)
    idle: float = _option(15.0, "Silence beyond the expected period", unit="s", ge=5, le=3600)
    bad_packets: int = _option(20, "Unusable packets that close a connection", ge=1, le=10_000)
    packets_per_second: int = _option(
        200, "Packets of one connection", unit="1/s", ge=1, le=1_000_000
    )
    connections_per_address: int = _option(50, "Connections of one address", ge=1, le=10_000)


class Sensors(Section):
    """The listener for sensor devices."""

    enabled: bool = _option(True, "Listen for devices")
    host: str = _option("127.0.0.1", "Interface to listen on; 0.0.0.0: all", restart=True)
    port: int = _option(9001, "TCP port; 0: any free one", ge=0, le=65535, restart=True)
    limits: ListenerLimits = _option(ListenerLimits(), "What one peer may do")


class Detection(Section):
    """Looking for flame and smoke in pictures."""

    enabled: bool = _option(True, "Look at all")
    processes: int = _option(
        0, "Detector processes; 0: one less than cores, at most 4", ge=0, le=16, restart=True
    )
    rate: float = _option(
        8.0, "Pictures per second and camera while something moves", unit="1/s", ge=1, le=25
    )
    floor_period: float = _option(
        2.0, "A still picture is looked at this often", unit="s", ge=0.2, le=10
    )
    fire_confidence: float = _option(0.70, "Score that counts as fire", ge=0.3, le=0.99)
    smoke_confidence: float = _option(0.70, "Score that counts as smoke", ge=0.3, le=0.99)
    model: str = _option(
        "", "ONNX model beside the heuristic; empty: none", max_length=500, restart=True
    )


class Alarms(Section):
    """How alarms behave."""

    merge_window: float = _option(
        90.0, "Reports of one cause closer than this are one alarm", unit="s", ge=1, le=3600
    )
    silence: float = _option(120.0, "How long silence lasts", unit="s", ge=30, le=600)
    announce_deadline: float = _option(
        0.05,
        "Longest wait for the disk before an alarm is shown as not recorded",
        unit="s",
        ge=0.01,
        le=1.0,
    )


class Wall(Section):
    """The camera wall."""

    layout: int = _option(
        0, "Tiles per row and column; 0: fits the cameras", ge=0, le=10, restart=True
    )
    rate: float = _option(25.0, "Repaints per second", unit="1/s", ge=1, le=60, restart=True)
    overlay_thermal: bool = _option(True, "Thermal picture over the camera picture", restart=True)
    overlay_boxes: bool = _option(True, "Boxes of detections", restart=True)
    palette: Literal["inferno", "iron", "white hot", "black hot"] = _option(
        "inferno", "Thermal colours", restart=True
    )
    theme: Literal["dark", "high contrast"] = _option(
        "dark", "Colours of the program", restart=True
    )


class Sound(Section):
    """Sirens."""

    enabled: bool = _option(True, "Play sounds; off is shown as a fault", restart=True)
    volume: float = _option(1.0, "Loudness", ge=0.1, le=1.0, restart=True)
    device: str = _option(
        "", "Output device; empty: the system's default", max_length=200, restart=True
    )


class Storage(Section):
    """What is kept."""

    retention_days: int = _option(30, "Readings are kept this long", unit="d", ge=1, le=365)
    low_disk: int = _option(500, "Free space that raises a fault", unit="MiB", ge=50, le=100_000)


class Logging(Section):
    """The log file."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _option(
        "INFO", "Least severity written", restart=True
    )
    megabytes: int = _option(
        10, "Size at which a log file is closed", unit="MiB", ge=1, le=1000, restart=True
    )
    files: int = _option(7, "Closed log files kept", ge=1, le=100, restart=True)


class Settings(Section):
    """Everything. Empty is valid and works."""

    version: int = _option(SCHEMA_VERSION, "Version of this file's form", ge=1)
    revision: int = _option(0, "Grows with each saved change", ge=0)
    operator: Name = _option("operator", "Name written beside actions until accounts are used")
    media_folders: tuple[str, ...] = _option(
        (), "Folders from which video files may be cameras", max_length=50
    )
    places: tuple[Place, ...] = _option((), "Places", max_length=2000)
    cameras: tuple[Camera, ...] = _option((), "Cameras", max_length=500)
    devices: tuple[Device, ...] = _option((), "Devices", max_length=2000)
    sensors: Sensors = _option(Sensors(), "Sensor listener")
    detection: Detection = _option(Detection(), "Detection")
    alarms: Alarms = _option(Alarms(), "Alarms")
    wall: Wall = _option(Wall(), "Wall")
    sound: Sound = _option(Sound(), "Sound")
    storage: Storage = _option(Storage(), "Storage")
    logging: Logging = _option(Logging(), "Log")

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        for title in ("places", "cameras", "devices"):
            ids = [item.id for item in getattr(self, title)]
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                raise ValueError(f"{title}: the id {', '.join(twice)} is used twice")
        return self
