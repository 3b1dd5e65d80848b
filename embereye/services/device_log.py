"""The newest log lines of every device, for the screen; all of them go to the disk."""

from collections.abc import Callable, Sequence
from typing import Protocol

from embereye.ingest.command_queue import public_text
from embereye.model.device_messages import CommandAsked, DeviceLogged, Direction
from embereye.model.ids import DeviceId
from embereye.model.messages import RequestRefused
from embereye.runtime.engine import Engine

_LINES = 200  # of one device in memory: half an hour of a busy one, years of a quiet one
_DEVICES = 400  # with a log in memory: the registered ones and as many strangers, twice over
_SAVE = 2.0  # s between two writes; a batch is one transaction
_MOST_WAITING = 5_000  # lines that wait for the disk; above it the oldest are not stored
_PRUNE = 600.0  # s between two looks for old lines; 10,000 are removed at once
_DAY = 86_400.0  # s
_LONGEST = 200  # characters of one line


class LogStore(Protocol):
    """What keeps the lines; `storage.device_log.DeviceLogStore`. Returns at once."""

    def save(self, lines: Sequence[DeviceLogged]) -> None:
        """Keep lines."""

    def prune(self, before: float) -> None:
        """Remove lines older than that, s UTC."""


class DeviceLog:
    """Collects `DeviceLogged` messages. Engine thread; `lines` any thread.

    Attributes:
        dropped: Lines that were shown but not stored, because too many waited.
    """

    def __init__(
        self,
        engine: Engine,
        store: LogStore | None = None,
        retention_days: int = 90,
        ask: Callable[[DeviceId, str], bool] | None = None,
        publish: Callable[[object], None] | None = None,
    ) -> None:
        """`ask` sends a command to a device (`SensorServer.ask`); False when it cannot."""
        self.dropped = 0
        self._engine = engine
        self._store = store
        self._retention = retention_days * _DAY
        self._ask = ask
        self._publish = publish or engine.post
        self._lines: dict[DeviceId, tuple[DeviceLogged, ...]] = {}
        self._unsaved: list[DeviceLogged] = []
        engine.on(DeviceLogged, self.add)
        engine.on(CommandAsked, self._take_request)
        engine.every(_SAVE, self.flush)
        engine.every(_PRUNE, self._prune)

    def lines(self, device: DeviceId) -> tuple[DeviceLogged, ...]:
        """The newest lines of a device, oldest first; frozen. Any thread."""
        return self._lines.get(device, ())

    def keep_for(self, days: int) -> None:
        """Another retention."""
        self._retention = days * _DAY

    def add(self, line: DeviceLogged) -> None:
        """Take a line; a long text is cut."""
        if len(line.text) > _LONGEST:
            text = line.text[: _LONGEST - 1] + "…"
            line = DeviceLogged(line.device, line.at, line.direction, text)
        # The device whose last line is oldest stands first and is forgotten first.
        before = self._lines.pop(line.device, ())
        if not before and len(self._lines) >= _DEVICES:
            del self._lines[next(iter(self._lines))]
        self._lines[line.device] = (*before[1 - _LINES :], line)
        if self._store is None:
            return
        if len(self._unsaved) >= _MOST_WAITING:
            self.dropped += 1
            return
        self._unsaved.append(line)

    def flush(self) -> None:
        """Write what waits; also called before the program ends."""
        if self._store is not None and self._unsaved:
            self._store.save(self._unsaved)
            self._unsaved = []

    def _take_request(self, asked: CommandAsked) -> None:
        command = public_text(asked.command)
        text = f"{asked.actor} asks for {command}"
        self.add(DeviceLogged(asked.device, self._engine.clock.now(), Direction.EVENT, text))
        if self._ask is None or not self._ask(asked.device, asked.command):
            text = f"{command} was not sent to {asked.device}: the sensor listener is off."
            self._publish(RequestRefused(text, asked.actor))

    def _prune(self) -> None:
        if self._store is not None:
            self._store.prune(self._engine.clock.now().utc - self._retention)
