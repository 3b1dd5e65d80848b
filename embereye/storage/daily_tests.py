"""Results of the self-test: kept, and read back."""

import json
from pathlib import Path

from embereye.model.daily_test import Chain, ChainResult, Outcome, SelfTestRun, Stage, StageResult
from embereye.model.errors import StorageError
from embereye.model.ids import AlarmId
from embereye.storage.database import EVIDENCE_FILE, Connection, read_all
from embereye.storage.writer import StorageWriter, Write

_LAST = "SELECT began_utc, ended_utc, actor, chains FROM daily_tests ORDER BY id DESC LIMIT 1"
_INSERT = (
    "INSERT INTO daily_tests (began_utc, ended_utc, actor, missed, chains) VALUES (?, ?, ?, ?, ?)"
)
_KEPT = 1000  # rows; nearly three years of daily ones


class DailyTestStore:
    """Keeps completed self-tests. Any thread.

    Args:
        folder: The data directory.
    """

    def __init__(self, folder: Path, writer: StorageWriter) -> None:
        self._path = folder / EVIDENCE_FILE
        self._writer = writer

    def save(self, run: SelfTestRun) -> None:
        """Keep one; never blocks."""
        row = (run.began_utc, run.ended_utc, run.by, int(run.missed), _document(run))

        def apply(connection: Connection) -> None:
            connection.execute(_INSERT, row)
            connection.execute(
                "DELETE FROM daily_tests WHERE id <= (SELECT MAX(id) FROM daily_tests) - ?",
                (_KEPT,),
            )

        self._writer.put(Write(apply))

    def last(self) -> SelfTestRun | None:
        """The newest one; None before the first.

        Raises:
            StorageError: It cannot be read.
        """
        return last_self_test(self._path.parent)

    def holds(self, alarm: AlarmId) -> bool:
        """Whether the database holds an alarm, read from the file as another program would.

        Raises:
            StorageError: It cannot be read.
        """
        return bool(read_all(self._path, "SELECT id FROM alarms WHERE id = ?", (alarm,)))


def last_self_test(folder: Path) -> SelfTestRun | None:
    """The newest self-test of a data directory; None before the first. Any thread.

    Raises:
        StorageError: It cannot be read, or what was kept is damaged.
    """
    rows = read_all(folder / EVIDENCE_FILE, _LAST)
    if not rows:
        return None
    row = rows[0]
    try:
        chains = tuple(_chain(entry) for entry in json.loads(str(row["chains"])))
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(f"The last self-test cannot be read ({error}). Run another.") from error
    return SelfTestRun(float(row["began_utc"]), float(row["ended_utc"]), str(row["actor"]), chains)


def _document(run: SelfTestRun) -> str:
    chains = [
        {
            "chain": result.chain.value,
            "stages": [
                {
                    "stage": stage.stage.value,
                    "outcome": stage.outcome.value,
                    "seconds": stage.seconds,
                    "text": stage.text,
                }
                for stage in result.stages
            ],
        }
        for result in run.chains
    ]
    return json.dumps(chains, ensure_ascii=False)


def _chain(entry: dict[str, object]) -> ChainResult:
    stages = entry["stages"]
    if not isinstance(stages, list):
        raise TypeError("stages")
    return ChainResult(Chain(str(entry["chain"])), tuple(_stage(stage) for stage in stages))


def _stage(entry: dict[str, object]) -> StageResult:
    seconds = entry["seconds"]
    return StageResult(
        Stage(str(entry["stage"])),
        Outcome(str(entry["outcome"])),
        float(seconds) if isinstance(seconds, int | float) else None,
        str(entry["text"]),
    )
