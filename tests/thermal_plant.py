"""A plant of simulated imagers behind the real decoder, rules and alarms, on a clock of its own.

Unlike `thermal_scenes`, which asks the rules of one place, this one also has the settings, the
alarm list, the learned things of before and restarts: what an operator would see of a scene.
"""

from collections.abc import Callable

import numpy as np
from device_parts import MemoryStore
from fakes import FakeClock

from embereye.config.schema import Camera, Device, Place, Settings
from embereye.ingest.simulate_thermal import SimulatedImager, centi27_words
from embereye.ingest.thermal_decode import ThermalDecoder
from embereye.ingest.thermal_words import words_to_hex
from embereye.model.alarm import Alarm, AlarmKind, Cause
from embereye.model.ids import DeviceId
from embereye.model.messages import AcknowledgeAsked, AlarmChanged, ResetAsked
from embereye.model.reading import SensorReading, ThermalFrame
from embereye.rules.idle import Idle
from embereye.runtime.engine import Engine
from embereye.services.alarms import Alarms
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.services.thermal_background import ThermalBackgrounds
from embereye.storage.thermal_background import SavedBackground

D = DeviceId("d")
RATES = (0.1, 0.5, 4.085, 30.0)  # s between frames
_TICK = 0.5  # s, as the engine's own looks at ages
Scene = Callable[[float], np.ndarray]


def wall(celsius: float = 22.0) -> np.ndarray:
    """Bricks with a texture of 0.4 K and a steel beam 8 K colder down the middle."""
    rng = np.random.default_rng(5)
    scene = celsius + rng.normal(0.0, 0.4, (24, 32))
    scene[:, 16] -= 8.0
    return scene


def spots(scene: np.ndarray, celsius: float, *cells: tuple[int, int]) -> np.ndarray:
    """The scene with these cells hot, and nothing beside them: what no lens can show."""
    hot = scene.copy()
    for cell in cells:
        hot[cell] = celsius
    return hot


def glowing(
    scene: np.ndarray, celsius: float, row: float, column: float, size: float
) -> np.ndarray:
    """The scene with a hot square (`size` cells wide) as a lens shows it.

    Computed on a grid ten times as fine: Gaussian blur in radiance with a deviation of 0.42 cells.
    """
    fine = 10
    y = (np.arange(24 * fine) + 0.5) / fine
    x = (np.arange(32 * fine) + 0.5) / fine
    inside = [(np.abs(y - row) <= size / 2), (np.abs(x - column) <= size / 2)]
    shares = [_blurred(one.astype(float), 0.42 * fine).reshape(-1, fine).mean(axis=1)
              for one in inside]  # fmt: skip
    share = np.outer(*shares)
    mixed = share * (celsius + 273.15) ** 4 + (1 - share) * (scene + 273.15) ** 4
    return mixed**0.25 - 273.15


def _blurred(line: np.ndarray, deviation: float) -> np.ndarray:
    reach = int(4 * deviation)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    return np.convolve(np.pad(line, reach, mode="edge"), weights / weights.sum(), mode="valid")


def one_device(places: tuple[Place, ...] = (), cameras: tuple[Camera, ...] = (), **options):
    """Settings with one device."""
    device = Device(id="d", name="Head", **options)
    return Settings(places=places, cameras=cameras, devices=(device,))


class _Memory:
    """Learned backgrounds and cells, as the disk keeps them."""

    def __init__(self):
        self.rows = {}

    def save(self, device, learned, defects, at):
        self.rows[device, learned.hour] = learned, tuple(defects)

    def forget(self, device):
        self.rows = {key: row for key, row in self.rows.items() if key[0] != device}

    def load(self):
        found = {}
        for (device, _), (learned, defects) in self.rows.items():
            hours = found[device].hours if device in found else ()
            found[device] = SavedBackground((*hours, learned), defects)
        return found


class Plant:
    """One place with one imager."""

    def __init__(self, settings=None, encoding="mlx90640", seed=3, loss=0.0):
        self.clock = FakeClock()
        self.settings = settings or one_device()
        self.store, self.memory = MemoryStore(), _Memory()
        self.encoding, self.loss = encoding, loss
        self.rng = np.random.default_rng(seed)
        self.changes: list[tuple[float, AlarmChanged]] = []
        self.frames: list[float] = []
        self.told: list[Cause] = []  # by the rules, before the alarms made something of it
        self._due = -np.inf
        self._ticked = -np.inf
        self.exchange_sensor(seed)
        self._start()

    def exchange_sensor(self, seed):
        """A sensor with another calibration."""
        self.imager = SimulatedImager(seed)
        self.decoder = ThermalDecoder(D)
        self.decoder.calibrate(self.imager.eeprom.astype(">u2").tobytes())

    def restart(self, away=5.0):
        """Kill and start the program."""
        self.backgrounds.save()
        self.clock.advance(away)
        self._start()
        self.risk.restore(self.alarms.restore())

    def show(self, scene: Scene, seconds: float, period=4.085, flame=None):
        """Let the imager look at a scene, whose time begins now; False `flame`: PF packets too."""
        begin = self.clock.mono()
        while (now := self.clock.mono()) < begin + seconds - 1e-9:
            if now >= self._due - 1e-9:
                self._due = self._due + period if self._due > now - period else now + period
                if self.rng.random() >= self.loss:
                    self._send(scene(now - begin))
                if flame is not None:
                    self.pf(flame)
            step = min(period, _TICK, begin + seconds - now)
            self.clock.advance(step)
            if self.clock.mono() >= self._ticked + _TICK - 1e-9:
                self._ticked = self.clock.mono()
                self.engine.step()

    def silence(self, seconds):
        for _ in range(round(seconds / _TICK)):
            self.clock.advance(_TICK)
            self.engine.step()

    def pf(self, flame=False):
        self.engine.post(SensorReading(D, self.clock.now(), 270, 1310, 0, flame))
        self.engine.step()

    def assign(self, settings):
        self.settings = settings
        self.risk.assign(risk_site(settings))
        self.engine.step()

    def acknowledge(self):
        for alarm in self.open:
            self.engine.post(AcknowledgeAsked(alarm.id, "anna"))
        self.engine.step()

    def reset(self):
        for alarm in self.open:
            self.engine.post(ResetAsked(alarm.id, "anna"))
        self.engine.step()

    @property
    def open(self) -> tuple[Alarm, ...]:
        return self.alarms.current.alarms

    @property
    def fire(self) -> Alarm | None:
        return next((a for a in self.open if a.key.kind is AlarmKind.FIRE), None)

    @property
    def announced(self) -> list[Alarm]:
        """Those that were raised; what nobody acknowledges for long is announced to more people."""
        told = [change.alarm for _, change in self.changes if change.announced]
        return [alarm for alarm in told if alarm.escalation == 0]

    @property
    def doubts(self):
        self.silence(_TICK)
        return self.risk.current.doubts.get(D, ())

    def _start(self):
        self.engine = Engine(self.clock, on_bug=self._fail)
        self.alarms = Alarms(self.engine, self._note, self.store)
        self.backgrounds = ThermalBackgrounds(self.engine, self.memory, self.memory.load())
        self.risk = Risk(
            self.engine,
            risk_site(self.settings),
            self._report,
            {D: Idle(7.0, 32.0)},
            lambda *_: None,
            self.backgrounds,
        )

    def _send(self, scene):
        if self.encoding == "centi27":
            words = centi27_words(scene + self.rng.normal(0.0, 0.1, scene.shape), self.rng)
        else:
            words = self.imager.frame(scene)
        frame = self.decoder.decode(words_to_hex(words), self.clock.now())
        assert isinstance(frame, ThermalFrame), frame
        self.frames.append(self.clock.mono())
        self.engine.post(frame)
        self.engine.step()

    def _note(self, message):
        if isinstance(message, AlarmChanged) and message.alarm.key.kind is AlarmKind.FIRE:
            self.changes.append((self.clock.mono(), message))

    def _report(self, report):
        self.told.append(report.cause)
        self.alarms.report(report)

    def _fail(self, text):
        raise AssertionError(text)
