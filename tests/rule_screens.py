"""The page of rules over the real service that saves them."""

from pathlib import Path

import tomlkit
from consoles import FakeConsole
from fakes import FakeClock
from rule_parts import CELLS, SITE

from embereye.config.load import Layers
from embereye.config.schema import Settings
from embereye.config.store import SettingsStore
from embereye.model.detection import DetectionResult
from embereye.model.ids import CameraId, DeviceId
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.model.sighting import Followed, Sighting
from embereye.model.thermal_seen import ThermalSeen
from embereye.services.configuration import Configuration
from embereye.services.rule_inputs import LatestInputs
from embereye.ui.bridge import Bridge


class SavingConsole(FakeConsole):
    """Saves at once what the service of settings can save, in the thread of the test."""

    def __init__(self, folder: Path, bridge: Bridge, **changes: object) -> None:
        super().__init__(FakeClock(utc=1_700_000_000.0))
        self.file = folder / "settings.toml"
        self.file.write_text(tomlkit.dumps({**SITE, **changes}))
        self.store = SettingsStore(Layers(self.file, environment={}))
        self.audited: list[str] = []
        self._service = Configuration(
            self.store, None, lambda _: None, bridge.refused.emit, self._note
        )  # type: ignore[arg-type]
        self.configured = self.store.current

    def settings(self) -> Settings:
        return self.store.current

    def ask(self, request: object) -> None:
        super().ask(request)
        if type(request) in self._service.requests:
            self._service.ask(request)
            self._service.run(_Once())  # type: ignore[arg-type]
            self.configured = self.store.current

    # --- what the site sends -----------------------------------------------------------------

    def thermal(self, hottest: float, device: str = "d1") -> None:
        frame = ThermalFrame(
            DeviceId(device), self.clock.now(), Profile.CENTI27, CELLS, CELLS, hottest, 18.0, 22.0
        )
        self._show(pictures={DeviceId(device): ThermalSeen(frame, (), 0.1)})

    def smoke(self, percent: float) -> None:
        reading = SensorReading(DeviceId("d1"), self.clock.now(), round(percent * 40.95), 1310, 0)
        self._show(readings={DeviceId("d1"): reading})

    def nobody(self) -> None:
        at = self.clock.now()
        result = DetectionResult(CameraId("c1"), 1, at, at, (), 0.0, 0.0, True, "test", 0.01)
        people: tuple[Followed, ...] = ()
        self._show(sightings={CameraId("c1"): Sighting(result, result, people)})

    def _show(self, **changes: object) -> None:
        now = {name: getattr(self.latest, name) for name in ("readings", "pictures", "sightings")}
        self.latest = LatestInputs(**{**now, **changes, "mode": "armed"})  # type: ignore[arg-type]

    def _note(self, subject: str, actor: str, text: str) -> None:
        self.audited.append(f"{subject} {actor} {text}")


class _Once:
    """Lets the service work off what waits, then stops it."""

    def __init__(self) -> None:
        self._looks = 0

    def is_set(self) -> bool:
        self._looks += 1
        return self._looks > 1
