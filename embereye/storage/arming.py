"""Which arming mode was chosen last, for the time after a restart."""

from dataclasses import dataclass
from pathlib import Path

from embereye.model.stamp import Stamp
from embereye.storage.audit import AuditStore
from embereye.storage.database import EVIDENCE_FILE, read_all

_KIND = "arming"  # of rows of the audit


@dataclass(frozen=True, slots=True)
class ChosenMode:
    """A mode, who chose it, and when (s UTC)."""

    mode: str
    by: str
    at_utc: float


class ArmingStore:
    """Keeps each change of the mode as a row of the audit.

    Args:
        folder: The data directory.
    """

    def __init__(self, folder: Path, audit: AuditStore) -> None:
        self._path = folder / EVIDENCE_FILE
        self._audit = audit

    def note(self, mode: str, before: str, actor: str, at: Stamp) -> None:
        """Keep that a mode was put in force. Any thread."""
        text = f"The arming mode is {mode}; it was {before}."
        self._audit.record(_KIND, mode, actor, text, at)

    def last(self) -> ChosenMode | None:
        """What was chosen last; None: nobody ever did.

        Raises:
            StorageError: The database cannot be read.
        """
        rows = read_all(
            self._path,
            "SELECT subject, actor, at_utc FROM audit WHERE kind = ? ORDER BY id DESC LIMIT 1",
            (_KIND,),
        )
        if not rows:
            return None
        return ChosenMode(str(rows[0]["subject"]), str(rows[0]["actor"]), float(rows[0]["at_utc"]))
