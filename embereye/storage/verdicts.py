"""Recorded inputs of the rules: verdicts of the detectors, and what comes seldom."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from embereye.model.detection import DetectionResult
from embereye.model.errors import StorageError
from embereye.model.ids import CameraId
from embereye.storage.database import Connection, read_all
from embereye.storage.verdict_codec import VerdictRun, encode, opened
from embereye.storage.writer import StorageWriter, Write

_LONGEST = 120.0  # s; a run is closed after 30 s (services.input_recording), the rest is for clocks
_PRUNE = 500  # rows of one transaction: verdicts of an hour of four cameras, some ms
_LARGEST = 16 * 2**20  # bytes of one unpacked row: twice the largest settings file


@dataclass(frozen=True, slots=True)
class RecordedInput:
    """Something that came seldom: a setting, a fault, a request of a person.

    Attributes:
        at_utc: When the engine took it, s.
        kind, text: As `services.input_codec` makes them; the text is JSON.
    """

    at_utc: float
    kind: str
    text: str


Made = Callable[[], RecordedInput]


class VerdictStore:
    """Keeps recorded inputs in the telemetry database. Any thread; writes return at once."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    def save_run(self, run: VerdictRun) -> None:
        """Store verdicts of one camera; they are compressed in the writer's thread."""
        self._writer.put_bulk(Write(lambda connection: _insert_run(connection, run)))

    def save_inputs(self, inputs: Sequence[RecordedInput | Made]) -> None:
        """Store inputs in one transaction.

        Those that take long to write down are given as what makes them, in the writer's thread.
        """
        given = tuple(inputs)

        def apply(connection: Connection) -> None:
            rows = [one if isinstance(one, RecordedInput) else one() for one in given]
            connection.executemany(
                "INSERT INTO recorded_inputs (at_utc, kind, body) VALUES (?, ?, ?)",
                [(row.at_utc, row.kind, zlib.compress(row.text.encode())) for row in rows],
            )

        self._writer.put_bulk(Write(apply))

    def prune(self, before: float) -> None:
        """Remove up to 500 rows of each table that are older than `before` (s UTC)."""

        def apply(connection: Connection) -> None:
            for table, column in (("verdict_chunks", "start_utc"), ("recorded_inputs", "at_utc")):
                connection.execute(
                    f"DELETE FROM {table} WHERE id IN "  # noqa: S608 - names from the line above
                    f"(SELECT id FROM {table} WHERE {column} < ? LIMIT ?)",
                    (before, _PRUNE),
                )

        self._writer.put_bulk(Write(apply))


# Gets a camera, arrivals (s UTC) and highest scores (infinite with objects) of verdicts in order;
# which of them are wanted, by number.
Choice = Callable[[CameraId, Sequence[float], Sequence[float]], Sequence[int]]


def read_verdicts(
    path: Path, since: float, until: float, choose: Choice | None = None
) -> list[DetectionResult]:
    """The verdicts of all cameras that arrived in [since, until) s UTC; not in order.

    Args:
        choose: Leaves some out before they are made, which takes most of the time.

    Raises:
        StorageError: The database cannot be read, or a chunk is damaged.
    """
    rows = read_all(
        path,
        "SELECT camera, start_utc, body FROM verdict_chunks "
        "WHERE start_utc >= ? AND start_utc < ? AND end_utc >= ? ORDER BY start_utc",
        (since - _LONGEST, until, since),
    )
    found: list[DetectionResult] = []
    for row in rows:
        camera = CameraId(row["camera"])
        run = opened(camera, row["start_utc"], row["body"])
        inside = [number for number, at in enumerate(run.at) if since <= at < until]
        if choose is not None:
            times, scores = run.at, run.highest
            kept = choose(camera, [times[n] for n in inside], [scores[n] for n in inside])
            inside = [inside[place] for place in kept]
        found += run.results(inside)
    return found


def read_inputs(path: Path, since: float, until: float) -> list[RecordedInput]:
    """What came seldom in [since, until) s UTC, in order.

    Raises:
        StorageError: The database cannot be read, or a row is damaged.
    """
    rows = read_all(
        path,
        "SELECT at_utc, kind, body FROM recorded_inputs WHERE at_utc >= ? AND at_utc < ? "
        "ORDER BY at_utc, id",
        (since, until),
    )
    return [RecordedInput(row["at_utc"], row["kind"], _text(row["body"])) for row in rows]


def next_record(path: Path, since: float) -> float | None:
    """When the next chunk or input begins at `since` (s UTC) or later; None: there is none.

    Raises:
        StorageError: The database cannot be read.
    """
    tables = ("readings", "start_utc"), ("thermal_chunks", "start_utc"), (
        "verdict_chunks", "start_utc",
    ), ("recorded_inputs", "at_utc")  # fmt: skip
    found = [
        read_all(
            path,
            f"SELECT min({column}) AS at FROM {table} WHERE {column} >= ?",  # noqa: S608 - see above
            (since,),
        )[0]["at"]
        for table, column in tables
    ]
    return min((float(at) for at in found if at is not None), default=None)


def newest_of(path: Path, kind: str, before: float) -> float | None:
    """When the newest input of a kind came at `before` (s UTC) or earlier; None: never.

    Raises:
        StorageError: The database cannot be read.
    """
    rows = read_all(
        path,
        "SELECT max(at_utc) AS at FROM recorded_inputs WHERE kind = ? AND at_utc <= ?",
        (kind, before),
    )
    return None if rows[0]["at"] is None else float(rows[0]["at"])


def _insert_run(connection: Connection, run: VerdictRun) -> None:
    times = [result.at.utc for result in run.results]
    connection.execute(
        "INSERT INTO verdict_chunks (camera, start_utc, end_utc, count, body) "
        "VALUES (?, ?, ?, ?, ?)",
        (str(run.camera), times[0], max(times), len(times), encode(run.results)),
    )


def _text(body: bytes) -> str:
    try:
        text = zlib.decompressobj().decompress(body, _LARGEST).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise StorageError(
            f"A recorded input is damaged ({error}). Run 'embereye db check'."
        ) from None
    return text
