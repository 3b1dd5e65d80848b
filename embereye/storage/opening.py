"""Opens a data directory: migrates, brings in the journal, and makes writers and stores."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embereye.model.errors import StorageError
from embereye.model.messages import StorageChanged, WorkerFailed
from embereye.runtime.clock import Clock
from embereye.runtime.worker import Worker
from embereye.storage.alarms import AlarmStore, recover
from embereye.storage.audit import AuditStore
from embereye.storage.chain import Chain, Heads, load_key
from embereye.storage.database import (
    EVIDENCE_FILE,
    TELEMETRY_FILE,
    explained,
    open_writer,
    transaction,
)
from embereye.storage.detections import DetectionStore
from embereye.storage.device_keys import DeviceKeyStore
from embereye.storage.devices import DeviceStore
from embereye.storage.firmware_updates import FirmwareStore
from embereye.storage.inbox import InboxStore
from embereye.storage.incidents import IncidentStore
from embereye.storage.journal import BALLAST, Journal
from embereye.storage.migrations import migrate
from embereye.storage.outbox import OutboxStore
from embereye.storage.readings import ReadingStore
from embereye.storage.thermal_background import BackgroundStore
from embereye.storage.verdicts import VerdictStore
from embereye.storage.writer import Port, StorageWriter
from embereye.storage.zone_events import ZoneEventStore

_log = logging.getLogger(__name__)

# bytes that readings leave free: the ballast, two WAL files and many alarms
_RESERVE = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Storage:
    """An open data directory.

    Attributes:
        evidence, telemetry: The two writers; give each to the supervisor (`workers`).
    """

    folder: Path
    evidence: StorageWriter
    telemetry: StorageWriter
    alarms: AlarmStore
    audit: AuditStore
    devices: DeviceStore
    device_keys: DeviceKeyStore
    detections: DetectionStore
    readings: ReadingStore
    inbox: InboxStore
    firmware: FirmwareStore
    backgrounds: BackgroundStore
    zone_events: ZoneEventStore
    outbox: OutboxStore
    incidents: IncidentStore
    verdicts: VerdictStore

    def workers(self) -> tuple[tuple[str, Worker], ...]:
        """Names and workers, to be started before and stopped after everything that stores."""
        return ("alarm storage", self.evidence), ("history storage", self.telemetry)


def open_storage(
    folder: Path,
    clock: Clock,
    publish: Callable[[object], None],
    *,
    reserve: int = _RESERVE,
    ballast: int = BALLAST,
) -> Storage:
    """Open `folder`, making what is missing. One owner at a time (the data directory's lock).

    Args:
        publish: Gets `StorageChanged` (alarms), and `WorkerFailed` for history and WAL files,
            from the writers' threads.
        reserve: Bytes of free disk space below which readings are not stored.
        ballast: Bytes kept back for alarms on a full disk.

    Raises:
        SchemaTooNew: A newer version of the program wrote it.
        StorageError: It cannot be used; the text says what to do.
    """
    make_folder(folder)
    evidence_file, telemetry_file = folder / EVIDENCE_FILE, folder / TELEMETRY_FILE
    journal = Journal(folder, ballast)
    journal.make_room()
    for path in (evidence_file, telemetry_file):
        done = migrate(path, clock.now())
        if done:
            _log.info("%s: %s", path.name, ", ".join(done))
    chain, heads = Chain(load_key(folder)), Heads(folder)
    _bring_in(evidence_file, chain, journal)
    journal.ensure_ballast()
    evidence = StorageWriter(
        evidence_file, clock, _evidence_port(clock, publish, journal, heads), durable=True
    )
    telemetry = StorageWriter(
        telemetry_file, clock, _telemetry_port(clock, publish, reserve, evidence), durable=False
    )
    return Storage(
        folder=folder,
        evidence=evidence,
        telemetry=telemetry,
        alarms=AlarmStore(evidence_file, evidence, chain),
        audit=AuditStore(evidence, chain),
        devices=DeviceStore(evidence_file, evidence),
        device_keys=DeviceKeyStore(evidence_file, evidence),
        detections=DetectionStore(evidence),
        readings=ReadingStore(telemetry_file, telemetry, evidence),
        inbox=InboxStore(evidence_file, evidence, reserve),
        firmware=FirmwareStore(evidence_file, evidence),
        backgrounds=BackgroundStore(evidence_file, evidence),
        zone_events=ZoneEventStore(evidence),
        outbox=OutboxStore(evidence_file, evidence),
        incidents=IncidentStore(evidence_file, evidence),
        verdicts=VerdictStore(telemetry),
    )


def note_restore(folder: Path, backup: Path, actor: str, clock: Clock) -> None:
    """Put into the audit that `folder` was restored, and begin its heads anew from there.

    Raises:
        StorageError: With what to do.
    """
    path, at = folder / EVIDENCE_FILE, clock.now()
    migrate(path, at)
    chain = Chain(load_key(folder))
    connection = open_writer(path, durable=True)
    try:
        with explained(path):
            with transaction(connection):
                text = f"The database was restored from {backup.name}."
                chain.append(connection, "audit", (at.utc, "storage", path.name, actor, text))
            Heads(folder).save(connection)
    finally:
        connection.close()


def make_folder(folder: Path) -> None:
    """Make the data directory (mode 0700) and check that it can be written.

    Raises:
        StorageError: With what to do.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The data folder {folder} cannot be made ({error.strerror}). Name another with "
            "--data-dir."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(
            f"The data folder {folder} cannot be written. Give this user write permission, or "
            "name another with --data-dir."
        )


def _bring_in(path: Path, chain: Chain, journal: Journal) -> None:
    connection = open_writer(path, durable=True)
    try:
        with explained(path):
            recover(connection, chain, journal)
    finally:
        connection.close()


def _evidence_port(
    clock: Clock, publish: Callable[[object], None], journal: Journal, heads: Heads
) -> Port:
    return Port(
        usable=lambda usable, text: publish(StorageChanged(usable, text, clock.now())),
        wal=_fault("alarm storage upkeep", clock, publish),
        journal=journal,
        tidy=heads.save,
    )


def _telemetry_port(
    clock: Clock, publish: Callable[[object], None], reserve: int, after: StorageWriter
) -> Port:
    return Port(
        usable=_fault("history storage", clock, publish),
        wal=_fault("history storage upkeep", clock, publish),
        reserve=reserve,
        after=after,
    )


def _fault(
    name: str, clock: Clock, publish: Callable[[object], None]
) -> Callable[[bool, str], None]:
    def tell(usable: bool, text: str) -> None:
        publish(WorkerFailed(name, text, usable, clock.now()))

    return tell
