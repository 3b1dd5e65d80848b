"""Checks that need no window: can this machine run the console?"""

import importlib
import shutil
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from embereye.model.errors import EmberEyeError
from embereye.runtime.clock import Clock

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
        Check("sensor port", lambda: _port(host, port)),
        Check("clock", lambda: _clock(clock)),
    ]


def _perform(check: Check, *, strict: bool) -> Item:
    bad = Outcome.WARNING if check.optional and not strict else Outcome.FAILURE
    try:
        return Item(check.name, Outcome.OK, check.run())
    except (OSError, ImportError, EmberEyeError) as error:
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


def _port(host: str, port: int) -> str:
    try:
        with socket.create_server((host, port)):
            return f"{host}:{port} can be listened on"
    except OSError as error:
        raise EmberEyeError(
            f"cannot listen on {host}:{port} ({error.strerror}): stop the other program, "
            "or choose another port in sensors.port"
        ) from None


def _clock(clock: Clock) -> str:
    first, second = clock.now(), clock.now()
    if first.utc < _CLOCK_FROM:
        raise EmberEyeError("the clock of this machine is wrong: set it, or switch on NTP")
    if second.mono < first.mono:
        raise EmberEyeError("the monotonic clock runs backwards: this machine cannot be trusted")
    return "plausible"
