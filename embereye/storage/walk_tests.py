"""What a walk test has found so far, for the case that the program is restarted meanwhile."""

from pathlib import Path

from embereye.model.stamp import Stamp
from embereye.storage.audit import AuditStore
from embereye.storage.database import EVIDENCE_FILE, read_all

_KIND = "walk test"  # of rows of the audit
_FOUND = "raised a test alarm"


class WalkTestStore:
    """Keeps the course of walk tests as rows of the audit.

    Args:
        folder: The data directory.
    """

    def __init__(self, folder: Path, audit: AuditStore) -> None:
        self._path = folder / EVIDENCE_FILE
        self._audit = audit

    def note(self, subject: str, actor: str, text: str, at: Stamp) -> None:
        """Keep that a walk test began or ended. Any thread."""
        self._audit.record(_KIND, subject, actor, text, at)

    def found(self, source: str, actor: str, at: Stamp) -> None:
        """Keep that a source raised a test alarm. Any thread."""
        self._audit.record(_KIND, source, actor, _FOUND, at)

    def found_since(self, utc: float) -> tuple[str, ...]:
        """The sources that raised a test alarm since then, in their order.

        Raises:
            StorageError: The database cannot be read.
        """
        rows = read_all(
            self._path,
            "SELECT subject FROM audit WHERE kind = ? AND text = ? AND at_utc >= ? ORDER BY id",
            (_KIND, _FOUND, utc),
        )
        return tuple(dict.fromkeys(str(row["subject"]) for row in rows))
