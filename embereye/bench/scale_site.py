"""The site of the benches `p0` … `p5`: the real program, with cameras and devices beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from embereye.app import Program, Site
from embereye.bench.clips import Recipe, make_clip
from embereye.bench.rtsp_load import Mount, RtspLoad
from embereye.bench.scale_plan import Group, Plan
from embereye.bench.sensor_chain import LIMITS
from embereye.bench.sensor_load import LoadProcess, age, paced
from embereye.config.load import Layers
from embereye.config.schema import Alarms, Camera, Capture, Device, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.reading import SensorReading
from embereye.runtime.clock import Clock
from embereye.runtime.histogram import Histogram
from embereye.runtime.process import Child
from embereye.runtime.worker import ThreadHost

LOAD = ("load server", "device load", "clips")  # parts that are not the program's

_DEVICE_RATE = 10.0  # packets/s each (requirement 1.57)
_ENCODED = 300.0  # s for the clips on a slow machine
_LISTEN = 10.0  # s until the sensor port is open
_FOR_EVER = 7 * 86_400.0  # s; the devices are ended with the program


@dataclass
class Arrivals:
    """Sensor packets as the engine handled them. Engine thread; read by any.

    Attributes:
        count: Packets so far.
        ages: Seconds from the sender's write to the engine.
    """

    clock: Clock
    count: int = 0
    ages: Histogram = field(default_factory=Histogram)

    def take(self, reading: SensorReading) -> None:
        """One packet; the third value is its send time."""
        self.count += 1
        if reading.adc3 is not None:
            self.ages.add(age(reading.adc3, self.clock.mono()))


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that runs."""

    plan: Plan
    program: Program
    load: RtspLoad
    arrivals: Arrivals


class Stage:
    """Cameras and devices of a plan, and the program for them. One thread; see `staged`."""

    def __init__(self, plan: Plan, folder: Path, load: RtspLoad, clock: Clock) -> None:
        self._plan, self._folder, self._load, self._clock = plan, folder, load, clock
        self._program: Program | None = None
        self._devices: LoadProcess | None = None
        self.scene: Scene | None = None

    def start(self, threads: ThreadHost) -> Program:
        """Start the program and its devices."""
        store = SettingsStore(Layers(self._folder / "settings.toml", environment={}))
        idents = [f"bench{number:03d}" for number in range(self._plan.devices)]
        store.save(_settings(self._plan, self._load, idents), 0)
        secrets = FileSecrets(self._folder)
        program = Program(Site(self._folder, store, secrets, threads, self._clock))
        arrivals = Arrivals(self._clock)
        program.engine.on(SensorReading, arrivals.take)
        self._program = program
        program.start()
        server = program.devices.server
        if not server.listening.wait(_LISTEN) or server.port is None:
            raise RuntimeError("the sensor port did not open")
        self._devices = LoadProcess(
            paced, server.port, idents, _DEVICE_RATE, _FOR_EVER, name="device load"
        )
        self.scene = Scene(self._plan, program, self._load, arrivals)
        return program

    def stop(self) -> None:
        """End both."""
        if self._devices is not None:
            self._devices.end()
        if self._program is not None:
            self._program.stop()


@contextmanager
def staged(plan: Plan, folder: Path, clock: Clock) -> Iterator[Stage]:
    """A stage whose cameras already send; the program is stopped when the block is left."""
    clips = _clips(plan, folder)
    mounts = [
        Mount(name, clips[recipe]) for group in plan.groups for name, recipe in _mounts(group)
    ]
    load = RtspLoad(mounts)
    stage = Stage(plan, folder, load, clock)
    try:
        yield stage
    finally:
        stage.stop()
        load.close()


def _settings(plan: Plan, load: RtspLoad, idents: list[str]) -> dict[str, object]:
    cameras = [
        Camera(
            id=name,
            name=name.replace("-", " ").title(),
            source=load.url(name),
            sub_source=load.url(f"{name}-sub") if group.sub else "",
            group=group.name,
            detect=group.detect,
        )
        for group in plan.groups
        for name in _names(group)
    ]
    return {
        "cameras": tuple(cameras),
        "capture": Capture(unseen=plan.unseen),
        "devices": tuple(Device(id=ident, name=ident) for ident in idents),
        "sensors": Sensors(port=0, limits=LIMITS),
        "alarms": Alarms(self_test=""),  # the first would come after two minutes
    }


def _names(group: Group) -> list[str]:
    return [f"{group.name}-{number:03d}" for number in range(group.count)]


def _mounts(group: Group) -> list[tuple[str, Recipe]]:
    found = [(name, group.recipe) for name in _names(group)]
    if group.sub is not None:
        found += [(f"{name}-sub", group.sub) for name in _names(group)]
    return found


def _clips(plan: Plan, folder: Path) -> dict[Recipe, Path]:
    """One clip of each kind, encoded elsewhere: what encoding takes is not the program's memory."""
    recipes = {recipe for group in plan.groups for recipe in (group.recipe, group.sub) if recipe}
    made: dict[Recipe, Path] = {}
    for number, recipe in enumerate(sorted(recipes, key=repr)):
        made[recipe] = folder / f"clip{number}.mp4"
    child = Child("clips", _encode, made)
    try:
        if child.receive(_ENCODED) != "done":
            raise RuntimeError("the clips could not be encoded in time")
    finally:
        child.close(_LISTEN)
    return made


def _encode(pipe: Connection, made: dict[Recipe, Path]) -> None:
    for recipe, path in made.items():
        make_clip(path, recipe)
    pipe.send("done")
