"""Builders for tests of the storage."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hosting import hosted

from embereye.model.alarm import (
    Alarm,
    AlarmAction,
    AlarmKey,
    AlarmKind,
    AlarmState,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.overlay_record import OverlayRecord
from embereye.model.stamp import Stamp
from embereye.runtime.clock import SystemClock
from embereye.storage.database import Connection, open_writer, read_all
from embereye.storage.opening import Storage, open_storage
from embereye.storage.writer import Port, StorageWriter, Write

AT = Stamp(1000.0, 1_700_000_000.0)


def alarm(
    number: int, *, revision: int = 1, state: AlarmState = AlarmState.UNACKNOWLEDGED
) -> Alarm:
    return Alarm(
        id=AlarmId(number),
        key=AlarmKey(PlaceId("boiler"), AlarmKind.FIRE),
        place_name="Boiler room",
        priority=Priority.EMERGENCY,
        state=state,
        cause=Cause.ACTIVE,
        reasons=("thermal max 91.2 °C ≥ 85 °C",),
        raised_utc=AT.utc + number,
        changed_utc=AT.utc + number,
        last_report_utc=AT.utc + number,
        cameras=("cam1", "cam2"),
        revision=revision,
    )


def action(of: Alarm, event: str = "cause", actor: str = "system") -> AlarmAction:
    at = AT.later(of.id + of.revision / 1000)
    return AlarmAction(of.id, event, actor, at, AlarmState.NORMAL, of.state, of.reasons)


def overlay_record(number: int, reason: str = "valve in repair") -> OverlayRecord:
    scope = Scope(PlaceId("boiler"), AlarmKind.GAS, "")
    since = AT.utc + number
    overlay = Overlay(
        OverlayKind.SHELVED, scope, reason, "anna", since, since + 3600.0, Priority.HIGH
    )
    return OverlayRecord(number, overlay, 3600.0, "boot", AT.mono + number + 3600.0)


@contextmanager
def running(*writers: StorageWriter) -> Iterator[None]:
    """Run writers in threads of their own until the end of the block."""
    with hosted(*(writer.run for writer in writers), wait=10.0):
        yield


class Outcomes:
    """Collects what `done` is told, in order."""

    def __init__(self) -> None:
        self.all: list[tuple[int, Exception | None]] = []
        self._changed = threading.Condition()

    def of(self, number: int) -> Callable[[Exception | None], None]:
        def done(error: Exception | None) -> None:
            with self._changed:
                self.all.append((number, error))
                self._changed.notify_all()

        return done

    def wait(self, count: int, timeout: float = 10.0) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.all) >= count, timeout)


class Voice:
    """Collects what a writer says."""

    def __init__(self) -> None:
        self.said: list[tuple[bool, str]] = []

    def __call__(self, usable: bool, text: str) -> None:
        self.said.append((usable, text))


def opened(folder: Path, published: list[object] | None = None) -> Storage:
    sink = published if published is not None else []
    return open_storage(folder, SystemClock(), sink.append, reserve=0)


def table_writer(folder: Path, **port: object) -> tuple[StorageWriter, Path]:
    """A writer on a database with one table `t (n INTEGER UNIQUE CHECK (n < 1000), pad)`."""
    path = folder / "t.db"
    connection = open_writer(path, durable=True)
    connection.execute("CREATE TABLE t (n INTEGER UNIQUE CHECK (n < 1000), pad BLOB)")
    connection.close()
    wiring = {"usable": Voice(), "wal": Voice(), **port}
    return StorageWriter(path, SystemClock(), Port(**wiring), durable=True), path  # type: ignore[arg-type]


def insert(number: int, outcomes: Outcomes | None = None, pad: int = 0) -> Write:
    def apply(connection: Connection) -> None:
        connection.execute("INSERT INTO t VALUES (?, zeroblob(?))", (number, pad))

    return Write(apply, outcomes.of(number) if outcomes else None, lambda: {"n": number})


def numbers(path: Path) -> list[int]:
    return [row["n"] for row in read_all(path, "SELECT n FROM t ORDER BY n")]
