"""Options of cameras and of their capture."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from embereye.config.options import Id, Name, Section, checked_id, checked_reference, option
from embereye.config.zone_options import Line, Zone

_Fraction = Annotated[float, Field(ge=0.0, le=1.0)]


class PrivacyMask(Section):
    """A part of the picture that is blackened before anything is shown, kept or sent."""

    name: Name = option("private", "Name on the screen")
    points: tuple[tuple[_Fraction, _Fraction], ...] = option(
        ..., "Corners: fractions of the width and height", min_length=3, max_length=64
    )


class Camera(Section):
    """One camera of the wall."""

    id: Id = option(..., "Stable short name")
    name: Name = option(..., "Name on the screen")
    source: str = option(
        ...,
        "rtsp(s)://, http(s):// or whep(s):// address, a video file, or a USB camera; no password",
        min_length=1,
        max_length=2048,
    )
    sub_source: str = option(
        "",
        "Smaller stream of the same camera, for small tiles and detection; same user; empty: none",
        max_length=2048,
    )
    onvif: str = option(
        "",
        "Address of its ONVIF service for clock and moves, such as 10.1.2.3:8080, on the host of "
        "the source; no password; empty: asked only when an operator wants it",
        max_length=300,
    )
    place: str = option(
        "", "Place it watches; empty: a place of its own with the camera's id and name"
    )
    group: str = option("", "Camera group on the wall", max_length=60)
    enabled: bool = option(True, "Off: shown as disabled, not connected, counted as disabled")
    transport: Literal["tcp", "udp"] = option("tcp", "How RTSP video travels")
    hardware: Literal["off", "auto", "vaapi", "cuda", "d3d11va", "videotoolbox"] = option(
        "off", "Decoder chip; auto: what this machine offers; a failing one is left by itself"
    )
    user: str = option("", "User name; the password lies in the secret store", max_length=120)
    open_timeout: float = option(5.0, "Longest wait for a connection", unit="s", ge=1.0, le=30.0)
    read_timeout: float = option(
        4.0, "Longest wait for the next picture", unit="s", ge=1.0, le=30.0
    )
    upload_period: float = option(
        0.0,
        "Upload folders: a fault after this long without any upload; 0: never",
        unit="s",
        ge=0,
        le=604_800,
    )
    detect: bool = option(True, "Look for flame and smoke in this picture")
    models: str | None = option(
        None,
        "Models of this camera: as in detection.model, also remote for the detector on another "
        "machine; not set: those of detection.model",
        max_length=500,
    )
    flame_time: float = option(
        4.0, "A flame must be seen this long before it counts in full", unit="s", ge=2.0, le=16.0
    )
    smoke_time: float = option(
        8.0, "Smoke must be seen this long before it counts in full", unit="s", ge=5.0, le=30.0
    )
    zones: tuple[Zone, ...] = option((), "Areas of the picture", max_length=40)
    lines: tuple[Line, ...] = option((), "Lines in the picture", max_length=20)
    overlays: tuple[Literal["boxes", "contour", "trace", "zones"], ...] = option(
        ("boxes", "contour", "trace"),
        "What is drawn over its picture: boxes of what was found, the contour of smoke, the way of "
        "what moves, zones and lines",
        max_length=4,
    )
    inference_max_side: int = option(
        640, "Longest side of pictures given to detectors; 0: full size", unit="px", ge=0, le=4096
    )
    privacy: tuple[PrivacyMask, ...] = option(
        (), "Parts of the picture that nobody may see, kept or sent", max_length=20
    )
    picture_checks: bool = option(
        True,
        "Say when the picture is frozen, black, covered, blurred, moved or late; "
        "off for cameras that pan",
    )

    _id = field_validator("id")(checked_id)
    _place = field_validator("place")(checked_reference)

    @field_validator("onvif")
    @classmethod
    def _without_login(cls, text: str) -> str:
        if "@" in text:
            raise ValueError("enter no user name and password here: they stay with the source")
        return text.strip()

    @model_validator(mode="after")
    def _ids_once(self) -> "Camera":
        for title in ("zones", "lines"):
            ids = [item.id for item in getattr(self, title)]
            twice = sorted({i for i in ids if ids.count(i) > 1})
            if twice:
                raise ValueError(f"{title}: the id {', '.join(twice)} is used twice")
        return self


class Capture(Section):
    """How the pictures of many cameras are read."""

    processes: int = option(
        -1,
        "Processes that read cameras; 0: threads of the console; -1: none for few cameras, "
        "else one for ten cameras, at most one a core",
        ge=-1,
        le=32,
        restart=True,
    )
    clock_tolerance: float = option(
        60.0,
        "A camera clock that is further off is remarked at the camera; 0: never. A minute is what "
        "a time without seconds in the picture shows",
        unit="s",
        ge=0,
        le=86_400,
    )
    unseen: Literal["auto", "every picture", "key frames"] = option(
        "auto",
        "Of cameras that nobody looks at, detection gets this while nothing moves; auto: every "
        "picture, and key frames while the machine is overloaded",
    )
