"""Faults of the program itself: workers, disk, sound."""

from collections.abc import Callable

from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.ids import PlaceId
from embereye.model.messages import SoundChanged, StorageChanged, WorkerFailed
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine

_PLACE = PlaceId("system")
_PLACE_NAME = "This console"


class SystemFaults:
    """Turns what workers, disk and sound say about themselves into fault alarms. Engine thread."""

    def __init__(self, engine: Engine, report: Callable[[Report], None]) -> None:
        self._report = report
        engine.on(WorkerFailed, self._worker)
        engine.on(StorageChanged, self._storage)
        engine.on(SoundChanged, self._sound)

    def _worker(self, message: WorkerFailed) -> None:
        self._tell(f"worker {message.name}", message.recovered, message.text, message.at)

    def _storage(self, message: StorageChanged) -> None:
        self._tell("storage", message.usable, message.text, message.at)

    def _sound(self, message: SoundChanged) -> None:
        self._tell("sound", message.usable, message.text, message.at)

    def _tell(self, source: str, works: bool, text: str, at: Stamp) -> None:
        key = AlarmKey(_PLACE, AlarmKind.SYSTEM_FAULT, source)
        cause = Cause.CLEAR if works else Cause.ACTIVE
        reasons = () if works or not text else (text,)
        self._report(Report(key, cause, Priority.DIAGNOSTIC, reasons, at, _PLACE_NAME))
