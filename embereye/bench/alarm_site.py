"""The site of `bench alarm`: the whole program, with all that a site can have switched on."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from embereye.app import Program, Site
from embereye.bench.alarm_load import burning_camera
from embereye.bench.sensor_chain import LIMITS
from embereye.config.load import Layers
from embereye.config.rule_options import AlarmRule, Condition, ConditionGroup
from embereye.config.schema import (
    Alarms,
    Camera,
    Detection,
    Device,
    Sensors,
    Settings,
    Zone,
)
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.rules.risk_limits import RiskLimits
from embereye.runtime.clock import Clock
from embereye.runtime.resources import resource
from embereye.runtime.worker import PlainThreads
from embereye.services.self_test_site import tested_site

CAMERAS = 16
DEVICES = 100
RULES = 20
_LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


@dataclass(frozen=True, slots=True)
class _Lookout:
    """From now on verdicts on the cameras that burn count."""

    cameras: int


def device_names() -> list[str]:
    """Ids of the devices of the load."""
    return [f"d{number}" for number in range(DEVICES)]


def alarm_program(folder: Path, clock: Clock, *, loaded: bool) -> Program:
    """The program; idle it has rules, but neither cameras nor devices.

    The daily self-test is off: it would come in between.
    """
    store = SettingsStore(Layers(folder / "settings.toml", environment={}))
    clips = resource("demo")
    section = Sensors(port=0, limits=LIMITS)
    alarms = Alarms(self_test="")
    changes: dict[str, object] = {"sensors": section, "alarms": alarms}
    if loaded:
        changes |= {
            "cameras": _cameras(clips),
            "devices": tuple(Device(id=name, name=name.upper()) for name in device_names()),
            "rules": _rules(),
            "detection": Detection(processes=1),
        }
    store.save(changes, 0)
    program = Program(Site(folder, store, FileSecrets(folder), PlainThreads(), clock, (clips,)))
    program.engine.on(_Lookout, lambda message: _look_out(program, store.current, message))
    return program


def look_out(program: Program, cameras: int) -> None:
    """Let verdicts on so many cameras count that nobody captures. Any thread, once it runs."""
    program.engine.post(_Lookout(cameras))


def _look_out(program: Program, settings: Settings, message: _Lookout) -> None:
    site = tested_site(settings, testing=False)
    burning = {burning_camera(number): RiskLimits() for number in range(message.cameras)}
    program.devices.risk.assign(replace(site, cameras={**site.cameras, **burning}))


def _cameras(clips: Path) -> tuple[Camera, ...]:
    manifest = tomllib.loads((clips / "manifest.toml").read_text(encoding="utf-8"))["clips"]
    quiet = [str(clips / clip["file"]) for clip in manifest if not clip["fire"]]
    zone = Zone(id="left", name="Left", points=_LEFT, labels=("person",))
    return tuple(
        Camera(id=f"c{n}", name=f"C{n}", source=quiet[n % len(quiet)], zones=(zone,))
        for n in range(CAMERAS)
    )


def _rules() -> tuple[AlarmRule, ...]:
    """Half of them over labels of cameras, half over channels of devices; none ever holds."""
    found = []
    for number in range(RULES):
        if number % 2:
            name = f"c{number % CAMERAS}"
            one = Condition(sources=(name,), label="person", zone="left", limit=0.99)
            two = Condition(sources=(name,), label="vehicle", limit=0.99)
        else:
            source = (f"d{number}",)
            one = Condition(input="sensor", sources=source, channel="smoke", limit=99.0)
            two = Condition(input="sensor", sources=source, channel="flame", limit=99.0)
        group = ConditionGroup(need="any", conditions=(one, two))
        found.append(AlarmRule(id=f"r{number}", name=f"Rule {number}", place="p", groups=(group,)))
    return tuple(found)
