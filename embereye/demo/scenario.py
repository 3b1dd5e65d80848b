"""What the demonstration shows: clips as cameras, simulated devices, all on free ports."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embereye.config.rule_options import AlarmRule, Condition, ConditionGroup
from embereye.config.schema import (
    Alarms,
    Camera,
    Detection,
    Device,
    Place,
    Sensors,
    ThermalRegion,
    ThermalRule,
)
from embereye.ingest.simulate_device import SimulatedDevice
from embereye.model.errors import SourceError
from embereye.runtime.resources import resource

_VIDEO = frozenset({".mp4", ".avi", ".mkv", ".mov", ".webm"})
_MOST_CLIPS = 100
_RATE = 2.0  # cycles/s of the simulated devices: eight times a real one, so that a trend shows soon

# The others speak the legacy protocol, as most of the installed base does, and are UNVERIFIED.
_AUTHENTICATED = frozenset({"4711", "1310"})
_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
_REGIONS = {
    "4711": (
        ThermalRegion(
            id="rack-b",
            name="Rack B",
            points=((10, 4), (24, 4), (24, 20), (10, 20)),
            rules=(ThermalRule(measure="unusual", pre_alarm=10.0),),
        ),
    ),
    "1310": (
        ThermalRegion(
            id="bearing-2",
            name="Bearing 2",
            points=((4, 6), (14, 6), (14, 16), (4, 16)),
            rules=(ThermalRule(measure="max", pre_alarm=70.0, alarm=90.0),),
        ),
        ThermalRegion(
            id="oil-line",
            name="Oil line",
            shape="line",
            points=((18, 4), (24, 12), (23, 21)),
            emissivity=0.8,
            rules=(ThermalRule(measure="rise", pre_alarm=10.0),),
        ),
    ),
}

# What a supervisor might write: the deck is idle in the demonstration, so it stays quiet.
_WARMING = AlarmRule(
    id="turbine-warming",
    name="Turbine deck warms up",
    place="turbine-deck",
    groups=(
        ConditionGroup(
            need="any",
            conditions=(
                Condition(input="thermal", limit=55.0, dead_band=3.0, on_delay=10.0),
                Condition(input="thermal", measure="rise", limit=5.0, dead_band=2.0, on_delay=30.0),
            ),
        ),
    ),
    guidance="Look at bearing 2 and the oil line. Reduce the load when the rise goes on.",
)

_GUIDANCE = {
    "boiler-house-2": "Isolate fuel valve V-201. Close the fire doors. Send nobody in alone.",
    "paint-store": "Solvents inside: evacuate hall 3, start the foam system.",
    "battery-room": "Switch off charger B. Do not use water. Ventilate.",
}
_PHONES = ("Fire desk 2-112", "Shift engineer 2-340")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One demonstration.

    Attributes:
        folder: Where the clips lie.
        settings: Sections to be saved into the settings.
        simulated: Devices to play.
        fire: Ids of cameras whose clip shows a fire, as far as is known.
        authenticated: Ids of simulated devices that prove who they are; they get a key first.
    """

    folder: Path
    settings: dict[str, Any]
    simulated: tuple[SimulatedDevice, ...]
    fire: frozenset[str]
    authenticated: frozenset[str] = _AUTHENTICATED


def embedded(session: Path | None) -> Scenario:
    """The clips that ship with the program."""
    folder = resource("demo")
    manifest = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    clips = manifest["clips"]
    cameras = [
        Camera(
            id=clip["place"],
            name=clip["name"],
            source=str(folder / clip["file"]),
            place=clip["place"],
            group=_group(clip["place"]),
        )
        for clip in clips
    ]
    names = {clip["place"]: clip["name"] for clip in clips}
    burning = frozenset(clip["place"] for clip in clips if clip["fire"])
    return _scenario(folder, cameras, names, burning, session)


def recordings(folder: Path, session: Path | None) -> Scenario:
    """One camera per video file of `folder`; SourceError when there is none."""
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise SourceError(f"{folder} is not a folder. Name a folder with video files.")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _VIDEO and p.is_file())
    if not files:
        raise SourceError(f"{folder} holds no video file ({', '.join(sorted(_VIDEO))}).")
    if len(files) > _MOST_CLIPS:
        raise SourceError(f"{folder} holds {len(files)} video files; {_MOST_CLIPS} are the most.")
    cameras: list[Camera] = []
    for file in files:
        ident = _unique(_slug(file.stem), {camera.id for camera in cameras})
        cameras.append(Camera(id=ident, name=file.stem, source=str(file)))
    return _scenario(folder, cameras, {}, frozenset(), session)


def _scenario(
    folder: Path,
    cameras: list[Camera],
    names: dict[str, str],
    fire: frozenset[str],
    session: Path | None,
) -> Scenario:
    devices, simulated = _devices({camera.id: camera for camera in cameras})
    names = {**names, "battery-room": "Battery room"}
    if session is not None:
        device, player = _recorded(session)
        devices.append(device)
        simulated.append(player)
    settings = {
        "cameras": tuple(cameras),
        "devices": tuple(devices),
        "places": tuple(
            Place(id=ident, name=name, guidance=_GUIDANCE.get(ident, ""), phones=_PHONES)
            for ident, name in names.items()
        ),
        "rules": (_WARMING,) if any(c.id == _WARMING.place for c in cameras) else (),
        "sensors": Sensors(port=0),
        "detection": Detection(processes=1),
        "alarms": Alarms(self_test=""),  # its fires are shown by the cameras; Health runs one
    }
    return Scenario(folder, settings, tuple(simulated), fire)


def _devices(cameras: dict[str, Camera]) -> tuple[list[Device], list[SimulatedDevice]]:
    """A room where a battery gets hot, and sensors beside some of the embedded cameras."""
    # The last number is the seed; with 20 the hot spot lies where the clip's fire burns.
    wanted = (
        ("4711", "Battery room thermal", "battery-room", "", "mlx90640", "fire", 1),
        ("1207", "Boiler house thermal", "", "boiler-house-2", "mlx90640", "fire", 20),
        ("1310", "Turbine deck thermal", "", "turbine-deck", "mlx90640", "idle", 3),
        ("2044", "Loading dock thermal", "", "loading-dock-a", "centi27", "idle", 4),
    )
    devices, simulated = [], []
    for ident, name, place, camera, profile, scenario, seed in wanted:
        if camera and camera not in cameras:
            continue
        devices.append(
            Device(
                id=ident,
                name=name,
                place=place,
                camera=camera,
                regions=_REGIONS.get(ident, ()),
                alignment=_WHOLE if camera else (),
            )
        )
        simulated.append(SimulatedDevice(ident, profile, scenario, _RATE, seed=seed))
    return devices, simulated


def _recorded(session: Path) -> tuple[Device, SimulatedDevice]:
    session = session.expanduser().resolve()
    if not session.is_file():
        raise SourceError(f"{session} is not a file. Name a recorded byte stream of a device.")
    device = Device(id="1234", name="Recorded device", place="recorded")
    return device, SimulatedDevice("1234", scenario=f"replay:{session}", rate=_RATE)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "clip"


def _unique(ident: str, taken: set[str]) -> str:
    number, wanted = 2, ident
    while wanted in taken:
        wanted, number = f"{ident}-{number}", number + 1
    return wanted


def _group(place: str) -> str:
    outside = ("yard", "gate", "dock", "roof")
    return "Outside" if any(word in place for word in outside) else "Halls"
