"""Checks that need no window: can this machine run the console?"""

import errno
import importlib
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import chain
from pathlib import Path
from threading import Event, Thread

import psutil

from embereye.config.schema import Settings
from embereye.model.alarm import (
    Alarm,
    AlarmAction,
    AlarmKey,
    AlarmKind,
    AlarmState,
    Cause,
    Priority,
)
from embereye.model.daily_test import Outcome as Stood
from embereye.model.errors import EmberEyeError, StorageError
from embereye.model.ids import PlaceId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock
from embereye.runtime.instance import owner_of
from embereye.runtime.resources import resource
from embereye.services.model_access import FOLDER
from embereye.services.model_use import REMOTE, models_of, names_in
from embereye.services.vision_files import FileDetection
from embereye.storage.daily_tests import last_self_test
from embereye.storage.database import EVIDENCE_FILE
from embereye.storage.opening import Storage, open_storage
from embereye.vision.registry import active_model

_DATABASE_WAIT = 5.0  # s; one commit takes milliseconds
_LOW_DISK = 500  # MiB; the default of storage.low_disk
_CLOCK_FROM = 1_735_689_600.0  # 2025-01-01 UTC: earlier means that nobody set the clock

_NEEDED = (
    "numpy", "cv2", "av", "onnxruntime", "pydantic", "tomlkit", "keyring", "cryptography", "psutil",
)  # fmt: skip


class Outcome(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the self-test.

    Attributes:
        text: What was found, and what to do when it is not ok.
    """

    name: str
    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to test.

    Attributes:
        run: Returns what it found; raises OSError, ImportError or EmberEyeError.
        optional: A machine may lack this: a warning unless the test is strict.
    """

    name: str
    run: Callable[[], str]
    optional: bool = False


def perform(checks: Iterable[Check], *, strict: bool) -> list[Item]:
    """Run all checks, one after the other; none stops the next."""
    return [_perform(check, strict=strict) for check in checks]


def machine_checks(folder: Path, host: str, port: int, clock: Clock) -> list[Check]:
    """Libraries, disk, sensor port and clock."""
    return [
        Check("libraries", _import_all),
        Check("disk", lambda: _free_space(folder)),
        Check("sensor port", lambda: _port(folder, host, port)),
        Check("clock", lambda: _clock(clock)),
    ]


def database_check(folder: Path, clock: Clock) -> Check:
    """Writes a row and reads it back, in databases of its own beside the real ones."""
    return Check("database write", lambda: _database(folder, clock))


def daily_test_check(folder: Path, clock: Clock) -> Check:
    """What the last daily self-test of the running console found; nothing is run."""
    return Check("daily self-test", lambda: _daily_test(folder, clock), optional=True)


def detector_check(folder: Path, settings: Settings, clock: Clock) -> Check:
    """Starts a detector process, loads every model that is chosen, and judges one picture."""
    return Check("detectors", lambda: _detect(folder / FOLDER, settings, clock))


def _database(folder: Path, clock: Clock) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".self-test-") as own:
        storage = open_storage(Path(own), clock, lambda _message: None)
        stop = Event()
        writer = Thread(target=storage.evidence.run, args=(stop,), name="self-test")
        writer.start()
        began = clock.mono()
        try:
            written = _save_alarm(storage, clock.now())
        finally:
            stop.set()
            writer.join(_DATABASE_WAIT)
        if not written or len(storage.alarms.load_open()) != 1:
            raise EmberEyeError(f"the disk at {folder} takes no data: check it")
        return f"written and read back in {1000 * (clock.mono() - began):.0f} ms"


def _save_alarm(storage: Storage, now: Stamp) -> bool:
    key = AlarmKey(PlaceId("self-test"), AlarmKind.SYSTEM_FAULT, "self-test")
    state = AlarmState.UNACKNOWLEDGED
    alarm = Alarm(
        storage.alarms.next_id(), key, "Self-test", Priority.DIAGNOSTIC, state, Cause.ACTIVE,
        ("self-test",), now.utc, now.utc,
    )  # fmt: skip
    action = AlarmAction(alarm.id, "cause", "system", now, AlarmState.NORMAL, state)
    errors: list[StorageError | None] = []
    saved = Event()

    def done(error: StorageError | None) -> None:
        errors.append(error)
        saved.set()

    storage.alarms.save(alarm, action, done)
    return saved.wait(_DATABASE_WAIT) and errors == [None]


def _daily_test(folder: Path, clock: Clock) -> str:
    if not (folder / EVIDENCE_FILE).exists():
        return "the console has not run here yet"
    run = last_self_test(folder)
    if run is None:
        return "none was completed yet"
    missed = [
        f"{result.chain.value}: {stage.stage.value}"
        for result in run.chains
        for stage in result.stages
        if stage.outcome is Stood.MISSED
    ]
    hours = (clock.now().utc - run.ended_utc) / 3600.0
    if missed:
        raise EmberEyeError(f"{hours:.0f} h ago it missed {'; '.join(missed)}")
    return f"passed {hours:.0f} h ago"


def _detect(models: Path, settings: Settings, clock: Clock) -> str:
    watched = (camera for camera in settings.cameras if camera.enabled and camera.detect)
    chosen = (models_of(settings, camera) for camera in watched)
    names = dict.fromkeys(chain(names_in(settings.detection.model), *chosen))
    names.pop(REMOTE, None)  # asked over the network; it has a health of its own
    with FileDetection(", ".join(names), clock, partial(active_model, models)) as detection:
        (verdict,) = detection.judge(resource("icons", "embereye.png"), 0.0)
        return f"{detection.name}, one picture in {1000 * verdict.result.seconds:.1f} ms"


def _perform(check: Check, *, strict: bool) -> Item:
    bad = Outcome.WARNING if check.optional and not strict else Outcome.FAILURE
    try:
        return Item(check.name, Outcome.OK, check.run())
    except OSError as error:
        why = error.strerror or str(error)
        where = f"{error.filename} cannot be used: " if error.filename else ""
        return Item(check.name, bad, f"{where}{why}")
    except (ImportError, EmberEyeError) as error:
        return Item(check.name, bad, str(error))


def _import_all() -> str:
    for name in _NEEDED:
        importlib.import_module(name)
    return f"{len(_NEEDED)} libraries load"


def _free_space(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free // 2**20
    if free < _LOW_DISK:
        raise EmberEyeError(f"only {free} MiB are free at {folder}: make space")
    return f"{free} MiB free at {folder}"


def _port(folder: Path, host: str, port: int) -> str:
    try:
        socket.getaddrinfo(host, port)
        with socket.create_server((host, port)):
            return f"{host}:{port} can be listened on"
    except socket.gaierror as error:
        raise EmberEyeError(
            f"{host} is no address of this machine ({error.strerror}): correct sensors.host"
        ) from None
    except OSError as error:
        owner = owner_of(folder) if error.errno == errno.EADDRINUSE else None
        if owner is not None and _listens(owner, port):
            return f"{host}:{port} is in use by the running EmberEye itself"
        raise EmberEyeError(
            f"cannot listen on {host}:{port} ({error.strerror}): stop the other program, "
            "or choose another port in sensors.port"
        ) from None


def _listens(process: int, port: int) -> bool:
    try:
        connections = psutil.Process(process).net_connections("tcp")
    except psutil.Error:
        return True  # an owner that may not be looked at; it has a fault of its own if it is not
    return any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in connections)


def _clock(clock: Clock) -> str:
    first, second = clock.now(), clock.now()
    if first.utc < _CLOCK_FROM:
        raise EmberEyeError("the clock of this machine is wrong: set it, or switch on NTP")
    if second.mono < first.mono:
        raise EmberEyeError("the monotonic clock runs backwards: this machine cannot be trusted")
    return "plausible"
