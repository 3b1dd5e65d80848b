"""Overlays on disk: those in force, and those that ended, for history and shift reports."""

from typing import Any

from embereye.model.alarm import AlarmKind, Overlay, OverlayKind, Priority, Scope
from embereye.model.ids import PlaceId
from embereye.model.overlay_record import OverlayRecord
from embereye.storage.chain import Chain
from embereye.storage.database import Connection
from embereye.storage.texts import storable

_COLUMNS = (
    "id", "kind", "place", "alarm_kind", "source", "reason", "actor", "since_utc", "until_utc",
    "covers", "seconds", "boot", "until_mono", "ended", "ended_utc", "ended_by",
)  # fmt: skip
_INSERT = (
    f"INSERT INTO overlays ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "  # noqa: S608 - constants
    "ON CONFLICT (id) DO NOTHING"
)
_RESTATE = "UPDATE overlays SET until_utc = ?, boot = ?, until_mono = ? WHERE id = ? AND ended = ''"
_END = "UPDATE overlays SET ended = ?, ended_utc = ?, ended_by = ? WHERE id = ? AND ended = ''"


def store_overlay(connection: Connection, chain: Chain, record: OverlayRecord) -> None:
    """Write one version of an overlay, inside a transaction; twice is the same as once.

    Its begin and its end are rows of the audit. A version that a journal brings back after its
    end changes nothing.
    """
    document = overlay_document(record)
    overlay = record.overlay
    begun = {**document, "ended": "", "ended_utc": None, "ended_by": ""}
    if connection.execute(_INSERT, tuple(begun[name] for name in _COLUMNS)).rowcount == 1:
        until = "" if record.seconds is None else f" for {record.seconds:.0f} s"
        text = f"{overlay.kind.value}{until}: {document['reason']}"
        _audit(connection, chain, (overlay.since_utc, document, document["actor"], text))
    if record.end:
        ending = (record.end, record.ended_utc, document["ended_by"], record.number)
        if connection.execute(_END, ending).rowcount == 1:
            _audit(connection, chain, (record.ended_utc, document, ending[2], record.end))
    else:
        ends = (overlay.until_utc, record.boot, record.until_mono, record.number)
        connection.execute(_RESTATE, ends)


def overlay_of(row: dict[str, Any]) -> OverlayRecord:
    """The overlay in a row of the table `overlays`, or in a record of the journal."""
    kind = row["alarm_kind"]
    overlay = Overlay(
        kind=OverlayKind(row["kind"]),
        scope=Scope(
            PlaceId(row["place"]), None if kind is None else AlarmKind(kind), row["source"]
        ),
        reason=row["reason"],
        by=row["actor"],
        since_utc=row["since_utc"],
        until_utc=row["until_utc"],
        covers=Priority(row["covers"]),
    )
    return OverlayRecord(
        number=row["id"],
        overlay=overlay,
        seconds=row["seconds"],
        boot=row["boot"],
        until_mono=row["until_mono"],
        end=row["ended"],
        ended_utc=row["ended_utc"],
        ended_by=row["ended_by"],
    )


def overlay_document(record: OverlayRecord) -> dict[str, Any]:
    """An overlay as plain values, the columns of the table `overlays`."""
    overlay, scope = record.overlay, record.overlay.scope
    return {
        "id": record.number,
        "kind": overlay.kind.value,
        "place": storable(scope.place),
        "alarm_kind": None if scope.kind is None else scope.kind.value,
        "source": None if scope.source is None else storable(scope.source),
        "reason": storable(overlay.reason),
        "actor": storable(overlay.by),
        "since_utc": overlay.since_utc,
        "until_utc": overlay.until_utc,
        "covers": int(overlay.covers),
        "seconds": record.seconds,
        "boot": record.boot,
        "until_mono": record.until_mono,
        "ended": record.end,
        "ended_utc": record.ended_utc,
        "ended_by": storable(record.ended_by),
    }


def _audit(
    connection: Connection, chain: Chain, entry: tuple[float | None, dict[str, Any], str, str]
) -> None:
    at, document, actor, text = entry
    parts = (document["place"], document["alarm_kind"], document["source"])
    subject = "/".join("*" if part is None else part for part in parts)
    chain.append(connection, "audit", (at, "overlay", subject, actor, text))
